/* dot_f32 in vectors: included once by the file of an instruction set, which defines first
 *
 *   vector, LANES             a vector of LANES floats
 *   load, load_part(x, count) the latter: `count` lanes, 0 < count < LANES, and zeros
 *   load_half                 LANES float16 numbers as floats
 *   zero()
 *   multiply_add(x, y, sum)   sum + x · y
 *   add, add_lanes            the sum of a vector's lanes
 *   DOT_ROWS                  rows of weights at a time, so that their sums hide the latency of multiply_add */
#include "kernels/common/fixed_point.h"

static TMOI_ALWAYS_INLINE vector weights(bool half, const void *w, ptrdiff_t at)
{
    return half ? load_half((const uint16_t *)w + at) : load((const float *)w + at);
}

static TMOI_ALWAYS_INLINE vector last_weights(bool half, const void *w, ptrdiff_t at, int32_t count)
{
    uint16_t lanes[LANES] = {0};
    if (!half) return load_part((const float *)w + at, count);
    memcpy(lanes, (const uint16_t *)w + at, (size_t)count * sizeof *lanes);
    return load_half(lanes);
}

/* The dot products of `a` with `rows` rows of w from element `first` on; `half` and `rows` are known when compiling. */
static TMOI_ALWAYS_INLINE void dots(bool half, int rows, const float *a, const void *w, ptrdiff_t first,
                                    ptrdiff_t w_stride, int32_t terms, float *out)
{
    vector even[DOT_ROWS], odd[DOT_ROWS];
    int32_t k = 0;
    TMOI_UNROLL
    for (int r = 0; r < rows; r++) even[r] = odd[r] = zero();
    for (; k + 2 * LANES <= terms; k += 2 * LANES) {
        vector x = load(a + k), y = load(a + k + LANES);
        TMOI_UNROLL
        for (int r = 0; r < rows; r++) {
            ptrdiff_t at = first + r * w_stride + k;
            even[r] = multiply_add(x, weights(half, w, at), even[r]);
            odd[r] = multiply_add(y, weights(half, w, at + LANES), odd[r]);
        }
    }
    if (k + LANES <= terms) {
        vector x = load(a + k);
        TMOI_UNROLL
        for (int r = 0; r < rows; r++)
            even[r] = multiply_add(x, weights(half, w, first + r * w_stride + k), even[r]);
        k += LANES;
    }
    if (k < terms) {
        vector x = load_part(a + k, terms - k);
        TMOI_UNROLL
        for (int r = 0; r < rows; r++)
            odd[r] = multiply_add(x, last_weights(half, w, first + r * w_stride + k, terms - k), odd[r]);
    }
    TMOI_UNROLL
    for (int r = 0; r < rows; r++) out[r] = add_lanes(add(even[r], odd[r]));
}

static void finish(const tmoi_dot_f32_block *s, int32_t m, int32_t n, int32_t count, const float *sums)
{
    float *out = s->out + m * s->out_stride + n;
    for (int32_t j = 0; j < count; j++) {
        float start = s->accumulate ? out[j] : s->bias ? s->bias[n + j] : 0.0f;
        out[j] = tmoi_clamp_f32(start + sums[j], s->low, s->high);
    }
}

static TMOI_ALWAYS_INLINE void run(const tmoi_dot_f32_block *s, bool half)
{
    float sums[DOT_ROWS];
    int32_t n = 0;
    for (; n + DOT_ROWS <= s->columns; n += DOT_ROWS)
        for (int32_t m = 0; m < s->rows; m++) {
            dots(half, DOT_ROWS, s->a + m * s->a_stride, s->w, n * s->w_stride, s->w_stride, s->terms, sums);
            finish(s, m, n, DOT_ROWS, sums);
        }
    for (; n < s->columns; n++)
        for (int32_t m = 0; m < s->rows; m++) {
            dots(half, 1, s->a + m * s->a_stride, s->w, n * s->w_stride, s->w_stride, s->terms, sums);
            finish(s, m, n, 1, sums);
        }
}
