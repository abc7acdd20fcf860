/* Make a tmoi_binary_function from a function of one pair of elements; used in this folder's binary_*.c only. */
#ifndef TMOI_KERNELS_ELEMENTWISE_BINARY_ROWS_H
#define TMOI_KERNELS_ELEMENTWISE_BINARY_ROWS_H

#include "base/compiler.h"
#include "kernels/elementwise/elementwise.h"

/* `apply(params, left, right)` gives the output element. One loop for all steps: small, for kernels of single elements. */
#define TMOI_BINARY_ROWS(linkage, name, in_type, out_type, apply)                                     \
    linkage void name(const tmoi_binary_params *params, const void *a, int64_t step_a, const void *b, \
                      int64_t step_b, void *out, int64_t count)                                       \
    {                                                                                                 \
        const in_type *x = a, *y = b;                                                                 \
        out_type *z = out;                                                                            \
        const out_type *end = z + count;                                                              \
        for (; z < end; x += step_a, y += step_b) *z++ = apply(params, *x, *y);                       \
    }

/* The same for vectors. The three loops let the compiler keep a repeated input in a register; both steps are 0 only for a single
 * element, which the last loop serves. */
#define TMOI_BINARY_VECTOR_ROWS(linkage, name, in_type, out_type, apply)                              \
    linkage void name(const tmoi_binary_params *params, const void *a, int64_t step_a, const void *b, \
                      int64_t step_b, void *out, int64_t count)                                       \
    {                                                                                                 \
        const in_type *x = a, *y = b;                                                                 \
        out_type *z = out;                                                                            \
        const tmoi_binary_params p = *params;                                                         \
        if (step_a && step_b) {                                                                       \
            TMOI_INDEPENDENT_LOOP                                                                     \
            for (int64_t k = 0; k < count; k++) z[k] = apply(&p, x[k], y[k]);                         \
        } else if (step_b) {                                                                          \
            const in_type left = x[0];                                                                \
            TMOI_INDEPENDENT_LOOP                                                                     \
            for (int64_t k = 0; k < count; k++) z[k] = apply(&p, left, y[k]);                         \
        } else {                                                                                      \
            const in_type right = y[0];                                                               \
            TMOI_INDEPENDENT_LOOP                                                                     \
            for (int64_t k = 0; k < count; k++) z[k] = apply(&p, x[k], right);                        \
        }                                                                                             \
    }

#endif
