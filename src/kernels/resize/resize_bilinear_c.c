#include <stddef.h>

#include "kernels/resize/resize.h"

/* The four pixels around an output pixel, named by row and column. */
#define CORNERS(ctype, shape, image, row, column)                                                      \
    const ctype *upper_left = (image) + ((ptrdiff_t)(row)->lower * (shape)->in_w + (column)->lower) *  \
                                            (shape)->channels;                                         \
    const ctype *upper_right = (image) + ((ptrdiff_t)(row)->lower * (shape)->in_w + (column)->upper) * \
                                             (shape)->channels;                                        \
    const ctype *lower_left = (image) + ((ptrdiff_t)(row)->upper * (shape)->in_w + (column)->lower) *  \
                                            (shape)->channels;                                         \
    const ctype *lower_right = (image) + ((ptrdiff_t)(row)->upper * (shape)->in_w + (column)->upper) * \
                                             (shape)->channels

#define PIXEL_FLOAT(types, ctype, rounding)                                                                  \
    static void pixel_##types(const tmoi_resize_shape *shape, const ctype *image,                            \
                              const tmoi_resize_tap_f32 *row, const tmoi_resize_tap_f32 *column, ctype *out) \
    {                                                                                                        \
        float y = row->upper_weight, x = column->upper_weight;                                               \
        CORNERS(ctype, shape, image, row, column);                                                           \
        for (int32_t c = 0; c < shape->channels; c++)                                                        \
            out[c] = (ctype)((float)upper_left[c] * (1 - y) * (1 - x) + (float)lower_left[c] * y * (1 - x) + \
                             (float)upper_right[c] * (1 - y) * x + (float)lower_right[c] * y * x +           \
                             (rounding));                                                                    \
    }

#define PIXEL_FIXED(types, ctype)                                                                            \
    static void pixel_##types(const tmoi_resize_shape *shape, const ctype *image,                            \
                              const tmoi_resize_tap_q10 *row, const tmoi_resize_tap_q10 *column, ctype *out) \
    {                                                                                                        \
        int64_t y = row->upper_weight, x = column->upper_weight;                                             \
        int64_t near_y = row->lower_weight, near_x = column->lower_weight;                                   \
        CORNERS(ctype, shape, image, row, column);                                                           \
        for (int32_t c = 0; c < shape->channels; c++) {                                                      \
            int64_t sum = upper_left[c] * near_y * near_x + lower_left[c] * y * near_x +                     \
                          upper_right[c] * near_y * x + lower_right[c] * y * x;                              \
            out[c] = (ctype)((sum + (sum > 0 ? 1 << 19 : -(1 << 19))) / (1 << 20));                          \
        }                                                                                                    \
    }

#define ROWS(types, ctype, tap)                                                            \
    void tmoi_resize_bilinear_##types##_c(const tmoi_resize_shape *shape, const tap *rows, \
                                          const tap *columns, const ctype *in, ctype *out, \
                                          int64_t row_begin, int64_t row_end)              \
    {                                                                                      \
        ptrdiff_t image_size = (ptrdiff_t)shape->in_h * shape->in_w * shape->channels;     \
        for (int64_t row = row_begin; row < row_end; row++) {                              \
            const ctype *image = in + row / shape->out_h * image_size;                     \
            for (int32_t x = 0; x < shape->out_w; x++)                                     \
                pixel_##types(shape, image, &rows[row % shape->out_h], &columns[x],        \
                              out + (row * shape->out_w + x) * shape->channels);           \
        }                                                                                  \
    }

PIXEL_FLOAT(f32, float, 0.0f)
PIXEL_FLOAT(u8, uint8_t, 0.5f)
PIXEL_FIXED(s8, int8_t)
PIXEL_FIXED(s16, int16_t)
ROWS(f32, float, tmoi_resize_tap_f32)
ROWS(u8, uint8_t, tmoi_resize_tap_f32)
ROWS(s8, int8_t, tmoi_resize_tap_q10)
ROWS(s16, int16_t, tmoi_resize_tap_q10)
