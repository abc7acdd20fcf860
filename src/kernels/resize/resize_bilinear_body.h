/* Bilinear resizing, in C that compilers vectorize: the body of the kernels for each instruction set. The including file defines
 * RESIZE_NAME(types), the name of a kernel. */
#include <stddef.h>

#include "base/compiler.h"
#include "kernels/resize/resize.h"

enum { BLOCK = 16 }; /* channels at once; the last ones may overlap those before */

/* The weights of the four pixels around an output pixel, in the order of their places: upper and lower row, left and right. */
typedef struct weights_f32 {
    float upper_left, lower_left, upper_right, lower_right;
} weights_f32;

/* Of uint8, whose products are not to be taken in another order. */
typedef struct weights_apart {
    float near_y, y, near_x, x;
} weights_apart;

typedef struct weights_q20 {
    int32_t upper_left, lower_left, upper_right, lower_right;
} weights_q20;

static inline weights_f32 weigh_f32(const tmoi_resize_tap_f32 *row, const tmoi_resize_tap_f32 *column)
{
    const float y = row->upper_weight, x = column->upper_weight;
    return (weights_f32){(1 - y) * (1 - x), y * (1 - x), (1 - y) * x, y * x};
}

static inline weights_apart weigh_apart(const tmoi_resize_tap_f32 *row, const tmoi_resize_tap_f32 *column)
{
    return (weights_apart){1 - row->upper_weight, row->upper_weight, 1 - column->upper_weight,
                           column->upper_weight};
}

static inline weights_q20 weigh_q20(const tmoi_resize_tap_q10 *row, const tmoi_resize_tap_q10 *column)
{
    const int32_t y = row->upper_weight, x = column->upper_weight, near_y = row->lower_weight,
                  near_x = column->lower_weight;
    return (weights_q20){near_y * near_x, y * near_x, near_y * x, y * x};
}

/* Rounded half away from zero. The products of int8 fit 32 bits; those of int16 are whole numbers in a double. */
static inline int32_t rounded_s8(int32_t sum)
{
    return (sum + (sum > 0 ? 1 << 19 : -(1 << 19))) / (1 << 20);
}

static inline int32_t rounded_s16(double sum)
{
    return (int32_t)((sum + (sum > 0 ? 0x1p19 : -0x1p19)) * 0x1p-20);
}

/* name: of a type; `value`: the output element from a, b, c and d, the elements of the upper left, lower left, upper right and
 * lower right pixels, and w, the weights. */
#define RESIZE(types, ctype, number, tap, weights, weigh, value)                                            \
    static TMOI_ALWAYS_INLINE void channels_##types(const ctype *const *corner, weights w, int32_t channel, \
                                                    int32_t count, ctype *restrict out)                     \
    {                                                                                                       \
        for (int32_t k = channel; k < channel + count; k++) {                                               \
            const number a = (number)corner[0][k], b = (number)corner[1][k], c = (number)corner[2][k],      \
                         d = (number)corner[3][k];                                                          \
            out[k] = (ctype)(value);                                                                        \
        }                                                                                                   \
    }                                                                                                       \
    static void pixel_##types(int32_t channels, const ctype *const *corner, weights w, ctype *out)          \
    {                                                                                                       \
        if (channels < BLOCK) {                                                                             \
            for (int32_t c = 0; c < channels; c++) channels_##types(corner, w, c, 1, out);                  \
            return;                                                                                         \
        }                                                                                                   \
        for (int32_t c = 0; c < channels; c += BLOCK)                                                       \
            channels_##types(corner, w, c + BLOCK <= channels ? c : channels - BLOCK, BLOCK, out);          \
    }                                                                                                       \
    void RESIZE_NAME(types)(const tmoi_resize_shape *shape, const tap *rows, const tap *columns,            \
                            const ctype *in, ctype *out, int64_t row_begin, int64_t row_end)                \
    {                                                                                                       \
        const ptrdiff_t channels = shape->channels, row_size = shape->in_w * channels;                      \
        for (int64_t r = row_begin; r < row_end; r++) {                                                     \
            const ctype *image = in + r / shape->out_h * shape->in_h * row_size;                            \
            const tap *row = &rows[r % shape->out_h];                                                       \
            const ctype *upper = image + row->lower * row_size, *lower = image + row->upper * row_size;     \
            for (int32_t x = 0; x < shape->out_w; x++) {                                                    \
                const tap *column = &columns[x];                                                            \
                const ctype *const corner[4] = {                                                            \
                    upper + column->lower * channels, lower + column->lower * channels,                     \
                    upper + column->upper * channels, lower + column->upper * channels};                    \
                pixel_##types(shape->channels, corner, weigh(row, column),                                  \
                              out + (r * shape->out_w + x) * channels);                                     \
            }                                                                                               \
        }                                                                                                   \
    }

#define SUM (a * w.upper_left + b * w.lower_left + c * w.upper_right + d * w.lower_right)

#define SUM_APART (a * w.near_y * w.near_x + b * w.y * w.near_x + c * w.near_y * w.x + d * w.y * w.x)

RESIZE(f32, float, float, tmoi_resize_tap_f32, weights_f32, weigh_f32, SUM)
RESIZE(u8, uint8_t, float, tmoi_resize_tap_f32, weights_apart, weigh_apart, (int32_t)(SUM_APART + 0.5f))
RESIZE(s8, int8_t, int32_t, tmoi_resize_tap_q10, weights_q20, weigh_q20, rounded_s8(SUM))
RESIZE(s16, int16_t, double, tmoi_resize_tap_q10, weights_q20, weigh_q20, rounded_s16(SUM))
