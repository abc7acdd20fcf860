/* 2-D pooling, NHWC: a function of the taps of a window that lie inside the image.
 *
 *   AVERAGE  Σ x / n, for integers rounded half away from zero
 *   MAX      max x
 *   L2       √(Σ x² / n)
 *
 * then clamped to [low, high]. Source: TFLite reference_ops and reference_integer_ops pooling.h. */
#ifndef TMOI_KERNELS_POOL_POOL_H
#define TMOI_KERNELS_POOL_POOL_H

#include <stdint.h>

#include "tmo/types.h"

typedef struct tmoi_pool_params {
    int32_t in_h, in_w, channels, out_h, out_w;
    int32_t filter_h, filter_w, stride_h, stride_w, pad_top, pad_left;
    float low_f32, high_f32;
    int32_t low, high; /* of integer types */
} tmoi_pool_params;

/* in [batch, in_h, in_w, channels], out [batch, out_h, out_w, channels]. Computes the output rows [row_begin, row_end) of
 * batch * out_h; different ranges may run at the same time. Every window has at least one tap inside the image. */
typedef void (*tmoi_pool_function)(const tmoi_pool_params *params, const void *in, void *out,
                                   int64_t row_begin, int64_t row_end);

typedef enum tmoi_pool_kind { TMOI_POOL_AVERAGE, TMOI_POOL_MAX, TMOI_POOL_L2 } tmoi_pool_kind;

/* NULL when there is none for the type. */
tmoi_pool_function tmoi_pool_find(tmoi_pool_kind kind, tmo_type type);

typedef tmoi_pool_function tmoi_average_pool_f32_function;
typedef tmoi_pool_function tmoi_average_pool_s8_function;
typedef tmoi_pool_function tmoi_max_pool_f32_function;
typedef tmoi_pool_function tmoi_max_pool_s8_function;

void tmoi_average_pool_f32_c(const tmoi_pool_params *params, const void *in, void *out, int64_t row_begin,
                             int64_t row_end);
void tmoi_average_pool_s8_c(const tmoi_pool_params *params, const void *in, void *out, int64_t row_begin,
                            int64_t row_end);
void tmoi_max_pool_f32_c(const tmoi_pool_params *params, const void *in, void *out, int64_t row_begin,
                         int64_t row_end);
void tmoi_max_pool_s8_c(const tmoi_pool_params *params, const void *in, void *out, int64_t row_begin,
                        int64_t row_end);

#endif
