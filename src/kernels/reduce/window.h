/* Reduction of the windows of a tensor, in any number of dimensions.
 *
 *   out[o] = init ∘ x(p₁) ∘ x(p₂) ∘ …,  p = o·stride + w·dilation - low for w in the window
 *
 * x is the input with base - 1 holes between its elements; holes and what lies outside hold init.
 * Source: TFLite stablehlo_reduce_window.cc, reduce_window.cc. */
#ifndef TMOI_KERNELS_REDUCE_WINDOW_H
#define TMOI_KERNELS_REDUCE_WINDOW_H

#include "kernels/reduce/reduce.h"

typedef struct tmoi_window_dim {
    int64_t in, out;  /* sizes */
    int64_t size;     /* of the window, in elements */
    int64_t stride;   /* between windows */
    int64_t base;     /* distance of neighbours in the input, with its holes */
    int64_t dilation; /* distance of neighbours in the window */
    int64_t low;      /* padding before; negative: crops */
} tmoi_window_dim;

typedef struct tmoi_window {
    int32_t rank;
    tmoi_window_dim dims[TMO_MAX_RANK]; /* outermost first */
} tmoi_window;

/* True when there is such a reduction of the type. */
bool tmoi_reduce_windows_has(tmoi_reduce_kind kind, tmo_type type);
/* `init` is one element. */
void tmoi_reduce_windows(const tmoi_window *window, tmoi_reduce_kind kind, tmo_type type, const void *in,
                         const void *init, void *out);

#endif
