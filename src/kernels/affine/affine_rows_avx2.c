#include <string.h>

#include "kernels/affine/affine.h"
#include "kernels/common/elements_avx2.h"

/* Blocks of 32 elements; the last, incomplete block goes through copies. */
enum { BLOCK = 32 };

typedef struct grid {
    __m256 scale, low, high;
    __m256i zero;
} grid;

static inline __m256i quantized(const grid *g, __m256 real)
{
    const __m256 sign = _mm256_set1_ps(-0.0f), below_half = _mm256_set1_ps(0.49999997f);
    __m256 value = _mm256_div_ps(real, g->scale);
    value = _mm256_add_ps(value, _mm256_or_ps(_mm256_and_ps(value, sign), below_half));
    value = _mm256_and_ps(value, _mm256_cmp_ps(value, value, _CMP_ORD_Q));
    value = _mm256_min_ps(_mm256_max_ps(value, g->low), g->high);
    return _mm256_add_epi32(_mm256_cvttps_epi32(value), g->zero);
}

#define QUANTIZE(suffix, type)                                                              \
    static inline void quantize_block_##suffix(const grid *g, const float *in, type *out)   \
    {                                                                                       \
        __m256i v[4];                                                                       \
        for (int k = 0; k < 4; k++) v[k] = quantized(g, _mm256_loadu_ps(in + 8 * k));       \
        tmoi_store_##suffix##_avx2(out, v);                                                 \
    }                                                                                       \
    static void quantize_##suffix(const grid *g, const float *in, type *out, int64_t count) \
    {                                                                                       \
        float rest[BLOCK] = {0};                                                            \
        type last[BLOCK];                                                                   \
        for (; count >= BLOCK; count -= BLOCK, in += BLOCK, out += BLOCK)                   \
            quantize_block_##suffix(g, in, out);                                            \
        if (count == 0) return;                                                             \
        memcpy(rest, in, (size_t)count * sizeof *in);                                       \
        quantize_block_##suffix(g, rest, last);                                             \
        memcpy(out, last, (size_t)count * sizeof *out);                                     \
    }
QUANTIZE(s8, int8_t)
QUANTIZE(u8, uint8_t)
QUANTIZE(s16, int16_t)

void tmoi_quantize_rows_avx2(tmo_type type, float scale, int32_t zero, const float *in, void *out,
                             int64_t count)
{
    const grid g = {_mm256_set1_ps(scale), _mm256_set1_ps((float)(tmoi_lowest(type) - zero)),
                    _mm256_set1_ps((float)(tmoi_highest(type) - zero)), _mm256_set1_epi32(zero)};
    switch (type) {
    case TMO_TYPE_INT8: quantize_s8(&g, in, out, count); return;
    case TMO_TYPE_UINT8: quantize_u8(&g, in, out, count); return;
    default: quantize_s16(&g, in, out, count);
    }
}

#define DEQUANTIZE(suffix, type)                                                                          \
    static void dequantize_##suffix(float scale, int32_t zero, const type *in, float *out, int64_t count) \
    {                                                                                                     \
        const __m256 step = _mm256_set1_ps(scale), origin = _mm256_set1_ps((float)zero);                  \
        for (; count >= 8; count -= 8, in += 8, out += 8) {                                               \
            __m256 value = _mm256_sub_ps(tmoi_load_##suffix##_avx2(in), origin);                          \
            _mm256_storeu_ps(out, _mm256_mul_ps(step, value));                                            \
        }                                                                                                 \
        for (int64_t k = 0; k < count; k++) out[k] = scale * (float)(in[k] - zero);                       \
    }
DEQUANTIZE(s8, int8_t)
DEQUANTIZE(u8, uint8_t)
DEQUANTIZE(s16, int16_t)

void tmoi_dequantize_rows_avx2(tmo_type type, float scale, int32_t zero, const void *in, float *out,
                               int64_t count)
{
    switch (type) {
    case TMO_TYPE_INT8: dequantize_s8(scale, zero, in, out, count); return;
    case TMO_TYPE_UINT8: dequantize_u8(scale, zero, in, out, count); return;
    default: dequantize_s16(scale, zero, in, out, count);
    }
}

typedef struct constants {
    __m256 zero_in, positive, negative, low, high;
    __m256i zero_out;
} constants;

static inline __m256i rescaled(const constants *c, __m256 stored)
{
    __m256 value = _mm256_sub_ps(stored, c->zero_in);
    value = _mm256_mul_ps(value, _mm256_blendv_ps(c->positive, c->negative, value));
    value = _mm256_min_ps(_mm256_max_ps(value, c->low), c->high);
    return _mm256_add_epi32(_mm256_cvtps_epi32(value), c->zero_out);
}

#define RESCALE(from, from_type, to, to_type)                                                               \
    static inline void rescale_block_##from##_##to(const constants *c, const from_type *in, to_type *out)   \
    {                                                                                                       \
        __m256i v[4];                                                                                       \
        for (int k = 0; k < 4; k++) v[k] = rescaled(c, tmoi_load_##from##_avx2(in + 8 * k));                \
        tmoi_store_##to##_avx2(out, v);                                                                     \
    }                                                                                                       \
    static void rescale_##from##_##to(const constants *c, const from_type *in, to_type *out, int64_t count) \
    {                                                                                                       \
        from_type rest[BLOCK] = {0};                                                                        \
        to_type last[BLOCK];                                                                                \
        for (; count >= BLOCK; count -= BLOCK, in += BLOCK, out += BLOCK)                                   \
            rescale_block_##from##_##to(c, in, out);                                                        \
        if (count == 0) return;                                                                             \
        memcpy(rest, in, (size_t)count * sizeof *in);                                                       \
        rescale_block_##from##_##to(c, rest, last);                                                         \
        memcpy(out, last, (size_t)count * sizeof *out);                                                     \
    }
#define RESCALE_FROM(from, from_type)                                                             \
    RESCALE(from, from_type, s8, int8_t)                                                          \
    RESCALE(from, from_type, u8, uint8_t)                                                         \
    RESCALE(from, from_type, s16, int16_t)                                                        \
    static void rescale_##from(const constants *c, tmo_type type, const from_type *in, void *out, \
                               int64_t count)                                                     \
    {                                                                                             \
        switch (type) {                                                                           \
        case TMO_TYPE_INT8: rescale_##from##_s8(c, in, out, count); return;                       \
        case TMO_TYPE_UINT8: rescale_##from##_u8(c, in, out, count); return;                      \
        default: rescale_##from##_s16(c, in, out, count);                                         \
        }                                                                                         \
    }
RESCALE_FROM(s8, int8_t)
RESCALE_FROM(u8, uint8_t)
RESCALE_FROM(s16, int16_t)

void tmoi_rescale_rows_avx2(const tmoi_rescale *r, const void *in, void *out, int64_t count)
{
    const constants c = {.zero_in = _mm256_set1_ps((float)r->zero_in),
                         .positive = _mm256_set1_ps(r->positive),
                         .negative = _mm256_set1_ps(r->negative),
                         .low = _mm256_set1_ps(r->low),
                         .high = _mm256_set1_ps(r->high),
                         .zero_out = _mm256_set1_epi32(r->zero_out)};
    switch (r->in_type) {
    case TMO_TYPE_INT8: rescale_s8(&c, r->out_type, in, out, count); return;
    case TMO_TYPE_UINT8: rescale_u8(&c, r->out_type, in, out, count); return;
    default: rescale_s16(&c, r->out_type, in, out, count);
    }
}
