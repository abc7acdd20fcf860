/* Resizing of images, NHWC. Sources: TFLite reference_ops::ResizeBilinear, ResizeBilinearInteger and
 * ResizeNearestNeighbor. */
#ifndef TMOI_KERNELS_RESIZE_RESIZE_H
#define TMOI_KERNELS_RESIZE_RESIZE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct tmoi_resize_shape {
    int32_t batch, channels;
    int32_t in_h, in_w, out_h, out_w; /* in_h, in_w >= 1 */
    bool align_corners;               /* the corner pixels' centres stay in place */
    bool half_pixel_centers;          /* a pixel's centre lies at + 0.5 */
} tmoi_resize_shape;

/* Where one output coordinate lies between two input coordinates. */
typedef struct tmoi_resize_tap_f32 {
    int32_t lower, upper;
    float upper_weight; /* in [0, 1) but for half-pixel borders; the lower weight is 1 - upper_weight */
} tmoi_resize_tap_f32;

typedef struct tmoi_resize_tap_q10 {
    int32_t lower, upper;
    int32_t upper_weight, lower_weight; /* in units of 2^-10 */
} tmoi_resize_tap_q10;

/* The taps of out_size coordinates of one axis. */
void tmoi_resize_taps_f32(tmoi_resize_tap_f32 *taps, int32_t in_size, int32_t out_size, bool align_corners,
                          bool half_pixel_centers);
void tmoi_resize_taps_q10(tmoi_resize_tap_q10 *taps, int32_t in_size, int32_t out_size, bool align_corners,
                          bool half_pixel_centers);
/* The nearest input coordinate of one output coordinate. */
int32_t tmoi_resize_nearest(int32_t k, int32_t in_size, int32_t out_size, bool align_corners,
                            bool half_pixel_centers);

/* Float and uint8 weigh in float (uint8 rounds by adding 0.5 and truncating); int8 and int16 weigh in 20-bit fixed point and
 * round half away from zero. Rows [row_begin, row_end) of batch * out_h; different ranges may run at the same time. */
#define TMOI_RESIZE_VARIANT(types, isa, ctype, tap)                                            \
    void tmoi_resize_bilinear_##types##_##isa(const tmoi_resize_shape *shape, const tap *rows, \
                                              const tap *columns, const ctype *in, ctype *out, \
                                              int64_t row_begin, int64_t row_end);
#define TMOI_RESIZE_BILINEAR(types, ctype, tap)                                                              \
    typedef void (*tmoi_resize_bilinear_##types##_function)(const tmoi_resize_shape *shape, const tap *rows, \
                                                            const tap *columns, const ctype *in, ctype *out, \
                                                            int64_t row_begin, int64_t row_end);             \
    TMOI_RESIZE_VARIANT(types, c, ctype, tap)                                                                \
    TMOI_RESIZE_VARIANT(types, avx2, ctype, tap)                                                             \
    TMOI_RESIZE_VARIANT(types, neon, ctype, tap)                                                             \
    TMOI_RESIZE_VARIANT(types, simd128, ctype, tap)
TMOI_RESIZE_BILINEAR(f32, float, tmoi_resize_tap_f32)
TMOI_RESIZE_BILINEAR(u8, uint8_t, tmoi_resize_tap_f32)
TMOI_RESIZE_BILINEAR(s8, int8_t, tmoi_resize_tap_q10)
TMOI_RESIZE_BILINEAR(s16, int16_t, tmoi_resize_tap_q10)
#undef TMOI_RESIZE_BILINEAR
#undef TMOI_RESIZE_VARIANT

#endif
