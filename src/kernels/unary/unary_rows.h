/* Makes a tmoi_unary_function from an expression of x[k] and the params p; used in this folder only. */
#ifndef TMOI_KERNELS_UNARY_UNARY_ROWS_H
#define TMOI_KERNELS_UNARY_UNARY_ROWS_H

#include "base/compiler.h"
#include "kernels/unary/unary.h"

#define TMOI_UNARY_ROWS(name, type, apply)                                                      \
    static void name(const tmoi_unary_params *params, const void *in, void *out, int64_t count) \
    {                                                                                           \
        const type *x = in;                                                                     \
        type *y = out;                                                                          \
        const tmoi_unary_params p = *params;                                                    \
        (void)p;                                                                                \
        TMOI_INDEPENDENT_LOOP                                                                   \
        for (int64_t k = 0; k < count; k++) y[k] = (type)(apply);                               \
    }

#endif
