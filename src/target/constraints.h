/* Constraints and readings that several targets share. */
#ifndef TMOI_TARGET_CONSTRAINTS_H
#define TMOI_TARGET_CONSTRAINTS_H

#include "target/rule.h"

/* ---- readings ---- */

/* A shape as an image: missing leading dimensions are 1, those beyond four are multiplied into n. */
typedef struct tmoi_image {
    int64_t n, h, w, c;
} tmoi_image;
tmoi_image tmoi_image_of(const tmoi_shape *shape);

/* The fused activation of any operator that has one, else TMOI_ACTIVATION_NONE. */
int32_t tmoi_site_activation(const tmoi_op *op);
/* Calls `test` for each data input and each output, until one fails. */
bool tmoi_each_data_tensor(const tmoi_site *site, tmoi_why *why,
                           bool (*test)(const tmoi_site *, const tmoi_tensor *, tmoi_why *));

/* Strides and dilations of a convolution, and strides of a pooling; padding is TMOI_PADDING_*. */
typedef struct tmoi_window {
    int32_t stride_h, stride_w, dilation_h, dilation_w, filter_h, filter_w, padding;
} tmoi_window;
/* Of CONV_2D, DEPTHWISE_CONV_2D, TRANSPOSE_CONV, AVERAGE_POOL_2D or MAX_POOL_2D; all ones for others. */
tmoi_window tmoi_window_of(const tmoi_site *site);

/* Element k of a constant int32 or int64 tensor; false when it is neither or k is out of range. */
bool tmoi_constant_value(const tmoi_tensor *tensor, int64_t k, int64_t *out);
/* The axes of a reduction (input 1) as a bit mask over the dimensions of input 0; false when they are not constant. */
bool tmoi_reduced_axes(const tmoi_site *site, uint32_t *axes);
/* Whether the tensor has a scale for each of several slices. */
bool tmoi_is_per_channel(const tmoi_tensor *tensor);
bool tmoi_same_quant(const tmoi_tensor *a, const tmoi_tensor *b);

/* Whether the tensor is a constant, or comes from one through DEQUANTIZE and DENSIFY, which delegates unpack once. */
bool tmoi_is_static(const tmoi_site *site, int32_t tensor);

/* ---- constraints ---- */

/* Every dimension of every tensor is fixed. */
bool tmoi_static_shapes(const tmoi_site *site, tmoi_why *why);
/* Axes, sizes, paddings and permutations, as opposed to data, are constants. */
bool tmoi_constant_parameters(const tmoi_site *site, tmoi_why *why);
/* Weights and bias are static (see tmoi_is_static). */
bool tmoi_constant_weights(const tmoi_site *site, tmoi_why *why);
bool tmoi_no_fused_activation(const tmoi_site *site, tmoi_why *why);
/* The first data input and the first output have the same type. */
bool tmoi_same_types(const tmoi_site *site, tmoi_why *why);

#endif
