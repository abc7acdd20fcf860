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

/* The families: one for each kind and type. */
#define TMOI_POOL_FAMILIES(X) \
    X(average_pool_f32)       \
    X(average_pool_s16)       \
    X(average_pool_s8)        \
    X(average_pool_u8) X(l2_pool_f32) X(max_pool_f32) X(max_pool_s16) X(max_pool_s8) X(max_pool_u8)

#define TMOI_POOL_VARIANT(family, isa)                                                                       \
    void tmoi_##family##_##isa(const tmoi_pool_params *params, const void *in, void *out, int64_t row_begin, \
                               int64_t row_end);
#define TMOI_POOL_FAMILY(family)                         \
    typedef tmoi_pool_function tmoi_##family##_function; \
    TMOI_POOL_VARIANT(family, c)                         \
    TMOI_POOL_VARIANT(family, avx2)                      \
    TMOI_POOL_VARIANT(family, neon)                      \
    TMOI_POOL_VARIANT(family, simd128)
TMOI_POOL_FAMILIES(TMOI_POOL_FAMILY)
#undef TMOI_POOL_FAMILY
#undef TMOI_POOL_VARIANT

#endif
