/* The windows of REDUCE_WINDOW and STABLEHLO_REDUCE_WINDOW, as inference reads them; for the runtime too. */
#ifndef TMOI_MODEL_INFER_REDUCE_WINDOW_H
#define TMOI_MODEL_INFER_REDUCE_WINDOW_H

#include "model/infer.h"

/* One dimension: sizes of the input and the output, and see tmoi_window in kernels/reduce/window.h. */
typedef struct tmoi_infer_window_dim {
    int64_t in, out, size, stride, base, dilation, low;
} tmoi_infer_window_dim;

/* Fills dims[rank] from the options of STABLEHLO_REDUCE_WINDOW. */
tmo_status tmoi_infer_stablehlo_windows(const tmoi_op *op, const tmoi_shape *in, tmoi_infer_window_dim *dims,
                                        tmoi_ctx *ctx);
/* The same from the inputs 2 to 4 of REDUCE_WINDOW (int64: window, strides, dilations), each of in->rank elements. */
tmo_status tmoi_infer_input_windows(const int64_t *size, const int64_t *stride, const int64_t *dilation,
                                    const tmoi_shape *in, tmoi_infer_window_dim *dims, tmoi_ctx *ctx);

#endif
