/* The pooling functions, in C that compilers vectorize: the body of the kernels for each instruction set. The including file
 * defines POOL_NAME(family), the name of a kernel. */
#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"
#include "kernels/common/fixed_point.h"
#include "kernels/pool/pool.h"

enum { BLOCK = 16 }; /* channels at once; the last ones may overlap those before */

/* The taps of one window inside the image. */
typedef struct window {
    int32_t y_begin, y_end, x_begin, x_end;
} window;

static inline int32_t larger(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

static inline int32_t smaller(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static inline window window_at(const tmoi_pool_params *p, int32_t out_y, int32_t out_x)
{
    int32_t y = out_y * p->stride_h - p->pad_top, x = out_x * p->stride_w - p->pad_left;
    return (window){larger(y, 0), smaller(p->filter_h, p->in_h - y) + y, larger(x, 0),
                    smaller(p->filter_w, p->in_w - x) + x};
}

/* A pooling function: `first` starts an accumulator, `step` takes a tap into it, `last` makes the output element of it, all as
 * expressions of acc, x, n (the number of taps) and p. name##_channels: `count` channels from one on, of a window of any size;
 * name##_square: the same of a window of two by two. */
#define POOL(name, type, accumulator, first, step, last)                                                   \
    static inline accumulator name##_step(accumulator acc, accumulator x)                                  \
    {                                                                                                      \
        return step;                                                                                       \
    }                                                                                                      \
    static TMOI_ALWAYS_INLINE void name##_channels(const tmoi_pool_params *p, const type *image, window w, \
                                                   int32_t channel, int32_t count, type *restrict out)     \
    {                                                                                                      \
        accumulator sums[BLOCK];                                                                           \
        const int32_t n = (w.y_end - w.y_begin) * (w.x_end - w.x_begin);                                   \
        (void)n;                                                                                           \
        for (int32_t c = 0; c < count; c++) sums[c] = first;                                               \
        for (int32_t y = w.y_begin; y < w.y_end; y++)                                                      \
            for (int32_t k = w.x_begin; k < w.x_end; k++) {                                                \
                const type *pixel = image + ((int64_t)y * p->in_w + k) * p->channels + channel;            \
                for (int32_t c = 0; c < count; c++) sums[c] = name##_step(sums[c], (accumulator)pixel[c]); \
            }                                                                                              \
        for (int32_t c = 0; c < count; c++) {                                                              \
            const accumulator acc = sums[c];                                                               \
            out[channel + c] = (type)(last);                                                               \
        }                                                                                                  \
    }                                                                                                      \
    static TMOI_ALWAYS_INLINE void name##_square(const tmoi_pool_params *p, const type *image, window w,   \
                                                 int32_t channel, int32_t count, type *restrict out)       \
    {                                                                                                      \
        const type *upper = image + ((int64_t)w.y_begin * p->in_w + w.x_begin) * p->channels + channel,    \
                   *lower = upper + (int64_t)p->in_w * p->channels;                                        \
        const int32_t n = 4, next = p->channels;                                                           \
        (void)n;                                                                                           \
        for (int32_t c = 0; c < count; c++) {                                                              \
            accumulator acc = name##_step(first, (accumulator)upper[c]);                                   \
            acc = name##_step(acc, (accumulator)upper[c + next]);                                          \
            acc = name##_step(acc, (accumulator)lower[c]);                                                 \
            acc = name##_step(acc, (accumulator)lower[c + next]);                                          \
            out[channel + c] = (type)(last);                                                               \
        }                                                                                                  \
    }                                                                                                      \
    static void name##_window(const tmoi_pool_params *p, const type *image, window w, type *out)           \
    {                                                                                                      \
        const int32_t channels = p->channels;                                                              \
        const bool is_square = w.y_end - w.y_begin == 2 && w.x_end - w.x_begin == 2;                       \
        if (channels < BLOCK) {                                                                            \
            for (int32_t c = 0; c < channels; c++) name##_channels(p, image, w, c, 1, out);                \
            return;                                                                                        \
        }                                                                                                  \
        for (int32_t c = 0; c < channels; c += BLOCK) {                                                    \
            const int32_t channel = smaller(c, channels - BLOCK);                                          \
            if (is_square)                                                                                 \
                name##_square(p, image, w, channel, BLOCK, out);                                           \
            else                                                                                           \
                name##_channels(p, image, w, channel, BLOCK, out);                                         \
        }                                                                                                  \
    }                                                                                                      \
    void POOL_NAME(name)(const tmoi_pool_params *p, const void *in, void *out, int64_t row_begin,          \
                         int64_t row_end)                                                                  \
    {                                                                                                      \
        for (int64_t row = row_begin; row < row_end; row++) {                                              \
            const type *image = (const type *)in + row / p->out_h * p->in_h * p->in_w * p->channels;       \
            type *pixel = (type *)out + row * p->out_w * p->channels;                                      \
            for (int32_t x = 0; x < p->out_w; x++, pixel += p->channels)                                   \
                name##_window(p, image, window_at(p, (int32_t)(row % p->out_h), x), pixel);                \
        }                                                                                                  \
    }

static inline int32_t average_exact(int32_t sum, int32_t n, const tmoi_pool_params *p)
{
    return tmoi_clamp_i32((sum > 0 ? sum + n / 2 : sum - n / 2) / n, p->low, p->high);
}

/* The same for sums of n bytes: a division of floats is exact after truncation as long as the numbers are below 2^23. */
static inline int32_t average(int32_t sum, int32_t n, const tmoi_pool_params *p)
{
    enum { MOST = 1 << 14 };
    if (n > MOST) return average_exact(sum, n, p);
    const int32_t size = (sum < 0 ? -sum : sum) + n / 2, quotient = (int32_t)((float)size / (float)n);
    return tmoi_clamp_i32(sum < 0 ? -quotient : quotient, p->low, p->high);
}

#define CLAMPED_F32(value)    tmoi_clamp_f32(value, p->low_f32, p->high_f32)
#define AVERAGE_8(name, type) POOL(name, type, int32_t, 0, acc + x, average(acc, n, p))
#define MAX_INTEGER(name, type, lowest) \
    POOL(name, type, type, lowest, acc > x ? acc : x, tmoi_clamp_i32(acc, p->low, p->high))

POOL(average_pool_f32, float, float, 0.0f, acc + x, CLAMPED_F32(acc / (float)n))
POOL(l2_pool_f32, float, float, 0.0f, acc + x * x, CLAMPED_F32(sqrtf(acc / (float)n)))
POOL(max_pool_f32, float, float, -INFINITY, acc > x ? acc : x, CLAMPED_F32(acc))
AVERAGE_8(average_pool_s8, int8_t)
AVERAGE_8(average_pool_u8, uint8_t)
POOL(average_pool_s16, int16_t, int32_t, 0, acc + x, average_exact(acc, n, p))
MAX_INTEGER(max_pool_s8, int8_t, INT8_MIN)
MAX_INTEGER(max_pool_u8, uint8_t, 0)
MAX_INTEGER(max_pool_s16, int16_t, INT16_MIN)
