/* The options of MediaPipe's Convolution2DTransposeBias: a transposed convolution with bias whose output
 * shape follows from its input. Source: mediapipe/util/tflite/operations/transpose_conv_bias.cc. */
#ifndef TMOI_MODEL_INFER_TRANSPOSE_CONV_H
#define TMOI_MODEL_INFER_TRANSPOSE_CONV_H

#include "model/graph.h"

enum { TMOI_TRANSPOSE_BIAS_SAME = 1, TMOI_TRANSPOSE_BIAS_VALID = 2 };

/* As the custom options hold it, little-endian: the head of TfLiteTransposeConvParams. */
typedef struct tmoi_transpose_bias_options {
    int32_t padding; /* TMOI_TRANSPOSE_BIAS_* */
    int32_t stride_w, stride_h;
} tmoi_transpose_bias_options;

tmo_status tmoi_transpose_bias_options_read(const tmoi_op *op, tmoi_transpose_bias_options *out,
                                            tmoi_ctx *ctx);
/* Output size and padding before, along one dimension; false when the image is empty or the output too
 * large. */
bool tmoi_transpose_bias_window(const tmoi_transpose_bias_options *options, int32_t stride, int32_t in,
                                int32_t filter, int32_t *out, int32_t *before);

#endif
