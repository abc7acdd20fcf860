#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include "kernels/common/fixed_point.h"
#include "kernels/pool/pool.h"

enum { BLOCK = 64 }; /* channels whose accumulators stay in registers or the first cache */

/* The taps of one window inside the image. */
typedef struct window {
    int32_t y_begin, y_end, x_begin, x_end;
} window;

static int32_t larger(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

static int32_t smaller(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static window window_at(const tmoi_pool_params *p, int32_t out_y, int32_t out_x)
{
    int32_t y = out_y * p->stride_h - p->pad_top, x = out_x * p->stride_w - p->pad_left;
    return (window){larger(y, 0), (int32_t)(smaller(p->filter_h, p->in_h - y) + y), larger(x, 0),
                    (int32_t)(smaller(p->filter_w, p->in_w - x) + x)};
}

/* A pooling function: `first` starts an accumulator, `step` takes a tap into it, `last` makes the output element of it, all as
 * expressions of acc, x, n (the number of taps) and p. */
#define POOL(linkage, name, type, accumulator, first, step, last)                                     \
    static void name##_block(const tmoi_pool_params *p, const type *image, window w, int32_t channel, \
                             int32_t count, type *out)                                                \
    {                                                                                                 \
        accumulator sums[BLOCK];                                                                      \
        const int32_t n = (w.y_end - w.y_begin) * (w.x_end - w.x_begin);                              \
        (void)n;                                                                                      \
        for (int32_t c = 0; c < count; c++) sums[c] = first;                                          \
        for (int32_t y = w.y_begin; y < w.y_end; y++)                                                 \
            for (int32_t k = w.x_begin; k < w.x_end; k++) {                                           \
                const type *pixel = image + ((int64_t)y * p->in_w + k) * p->channels + channel;       \
                for (int32_t c = 0; c < count; c++) {                                                 \
                    accumulator acc = sums[c], x = (accumulator)pixel[c];                             \
                    sums[c] = step;                                                                   \
                }                                                                                     \
            }                                                                                         \
        for (int32_t c = 0; c < count; c++) {                                                         \
            accumulator acc = sums[c];                                                                \
            out[c] = (type)(last);                                                                    \
        }                                                                                             \
    }                                                                                                 \
    linkage void name(const tmoi_pool_params *p, const void *in, void *out, int64_t row_begin,        \
                      int64_t row_end)                                                                \
    {                                                                                                 \
        for (int64_t row = row_begin; row < row_end; row++) {                                         \
            const type *image = (const type *)in + row / p->out_h * p->in_h * p->in_w * p->channels;  \
            type *pixel = (type *)out + row * p->out_w * p->channels;                                 \
            for (int32_t x = 0; x < p->out_w; x++, pixel += p->channels) {                            \
                window w = window_at(p, (int32_t)(row % p->out_h), x);                                \
                for (int32_t c = 0; c < p->channels; c += BLOCK)                                      \
                    name##_block(p, image, w, c, smaller(BLOCK, p->channels - c), pixel + c);         \
            }                                                                                         \
        }                                                                                             \
    }

static inline int32_t average(int32_t sum, int32_t n, const tmoi_pool_params *p)
{
    return tmoi_clamp_i32((sum > 0 ? sum + n / 2 : sum - n / 2) / n, p->low, p->high);
}

#define CLAMPED_F32(value) tmoi_clamp_f32(value, p->low_f32, p->high_f32)
#define AVERAGE_INTEGER(linkage, name, type) \
    POOL(linkage, name, type, int32_t, 0, acc + x, average(acc, n, p))
#define MAX_INTEGER(linkage, name, type, lowest) \
    POOL(linkage, name, type, type, lowest, acc > x ? acc : x, tmoi_clamp_i32(acc, p->low, p->high))

POOL(, tmoi_average_pool_f32_c, float, float, 0.0f, acc + x, CLAMPED_F32(acc / (float)n))
POOL(, tmoi_max_pool_f32_c, float, float, -INFINITY, acc > x ? acc : x, CLAMPED_F32(acc))
POOL(static, l2_f32, float, float, 0.0f, acc + x * x, CLAMPED_F32(sqrtf(acc / (float)n)))
AVERAGE_INTEGER(, tmoi_average_pool_s8_c, int8_t)
AVERAGE_INTEGER(static, average_u8, uint8_t)
AVERAGE_INTEGER(static, average_s16, int16_t)
MAX_INTEGER(, tmoi_max_pool_s8_c, int8_t, INT8_MIN)
MAX_INTEGER(static, max_u8, uint8_t, 0)
MAX_INTEGER(static, max_s16, int16_t, INT16_MIN)

tmoi_pool_function tmoi_pool_find(tmoi_pool_kind kind, tmo_type type)
{
    bool average_kind = kind == TMOI_POOL_AVERAGE;
    if (kind == TMOI_POOL_L2) return type == TMO_TYPE_FLOAT32 ? l2_f32 : NULL;
    switch (type) {
    case TMO_TYPE_FLOAT32: return average_kind ? tmoi_average_pool_f32_c : tmoi_max_pool_f32_c;
    case TMO_TYPE_INT8: return average_kind ? tmoi_average_pool_s8_c : tmoi_max_pool_s8_c;
    case TMO_TYPE_UINT8: return average_kind ? average_u8 : max_u8;
    case TMO_TYPE_INT16: return average_kind ? average_s16 : max_s16;
    default: return NULL;
    }
}
