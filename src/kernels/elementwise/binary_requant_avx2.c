#include <string.h>

#include "kernels/common/elements_avx2.h"
#include "kernels/elementwise/elementwise.h"

typedef struct constants {
    __m256 weight_a, weight_b, weight_bias, zero_a, zero_b, low, high;
    __m256i zero_out;
    /* The 16-bit forms: sum_a and sum_b in pairs, or alone; zero points; the range. */
    __m256i pair, short_a, short_b, short_zero_a, short_zero_b, short_low, short_high, bias;
    __m128i shift;
} constants;

static inline constants constants_of(const tmoi_binary_params *p)
{
    return (constants){
        .weight_a = _mm256_set1_ps(p->weight_a),
        .weight_b = _mm256_set1_ps(p->weight_b),
        .weight_bias = _mm256_set1_ps(p->weight_bias),
        .zero_a = _mm256_set1_ps((float)p->zero_a),
        .zero_b = _mm256_set1_ps((float)p->zero_b),
        .low = _mm256_set1_ps(p->low_f32),
        .high = _mm256_set1_ps(p->high_f32),
        .zero_out = _mm256_set1_epi32(p->zero_out),
        .pair = _mm256_set1_epi32((int32_t)((uint32_t)p->sum_b << 16 | ((uint32_t)p->sum_a & 0xffff))),
        .short_a = _mm256_set1_epi16((int16_t)p->sum_a),
        .short_b = _mm256_set1_epi16((int16_t)p->sum_b),
        .short_zero_a = _mm256_set1_epi16((int16_t)p->zero_a),
        .short_zero_b = _mm256_set1_epi16((int16_t)p->zero_b),
        .short_low = _mm256_set1_epi16((int16_t)p->low),
        .short_high = _mm256_set1_epi16((int16_t)p->high),
        .bias = _mm256_set1_epi32(p->sum_bias),
        .shift = _mm_cvtsi32_si128(p->sum_shift)};
}

/* Sixteen results of 32 bits in range. Unpacking and packing both work in halves of the register, so that the order stays. */
static inline __m256i short_finish(const constants *c, __m256i low, __m256i high)
{
    low = _mm256_sra_epi32(_mm256_add_epi32(low, c->bias), c->shift);
    high = _mm256_sra_epi32(_mm256_add_epi32(high, c->bias), c->shift);
    __m256i both = _mm256_packs_epi32(low, high);
    return _mm256_min_epi16(_mm256_max_epi16(both, c->short_low), c->short_high);
}

static inline __m256i short_sum(const constants *c, __m256i x, __m256i y)
{
    return short_finish(c, _mm256_madd_epi16(_mm256_unpacklo_epi16(x, y), c->pair),
                        _mm256_madd_epi16(_mm256_unpackhi_epi16(x, y), c->pair));
}

static inline __m256i short_prelu(const constants *c, __m256i x, __m256i slope)
{
    __m256i value = _mm256_sub_epi16(x, c->short_zero_a);
    __m256i factor = _mm256_slli_epi16(_mm256_sub_epi16(slope, c->short_zero_b), 7);
    factor = _mm256_mulhrs_epi16(factor, c->short_b);
    factor = _mm256_blendv_epi8(c->short_a, factor, _mm256_srai_epi16(value, 15));
    __m256i low = _mm256_mullo_epi16(value, factor), high = _mm256_mulhi_epi16(value, factor);
    return short_finish(c, _mm256_unpacklo_epi16(low, high), _mm256_unpackhi_epi16(low, high));
}

static inline __m256 sum(const constants *c, __m256 x, __m256 y)
{
    __m256 both = _mm256_add_ps(_mm256_mul_ps(x, c->weight_a), _mm256_mul_ps(y, c->weight_b));
    return _mm256_add_ps(both, c->weight_bias);
}

static inline __m256 product(const constants *c, __m256 x, __m256 y)
{
    __m256 exact = _mm256_mul_ps(_mm256_sub_ps(x, c->zero_a), _mm256_sub_ps(y, c->zero_b));
    return _mm256_mul_ps(exact, c->weight_a);
}

static inline __m256 squared_difference(const constants *c, __m256 x, __m256 y)
{
    __m256 difference = sum(c, x, y);
    return _mm256_mul_ps(difference, difference);
}

static inline __m256i finish(const constants *c, __m256 value)
{
    __m256 clamped = _mm256_min_ps(_mm256_max_ps(value, c->low), c->high);
    return _mm256_add_epi32(_mm256_cvtps_epi32(clamped), c->zero_out);
}

/* Blocks of 32 elements. An input that does not advance is a block of equal elements; the last, incomplete block goes through
 * copies. */
enum { BLOCK = 32 };

#define REQUANT_BLOCK(name, suffix, type, apply)                                                          \
    static inline void name##_block(const constants *c, const type *x, const type *y, type *z)            \
    {                                                                                                     \
        __m256i v[4];                                                                                     \
        for (int k = 0; k < 4; k++)                                                                       \
            v[k] = finish(                                                                                \
                c, apply(c, tmoi_load_##suffix##_avx2(x + 8 * k), tmoi_load_##suffix##_avx2(y + 8 * k))); \
        tmoi_store_##suffix##_avx2(z, v);                                                                 \
    }
#define SHORT_BLOCK(name, suffix, type, apply, pack)                                                     \
    static inline void name##_block(const constants *c, const type *x, const type *y, type *z)           \
    {                                                                                                    \
        __m256i low = apply(c, tmoi_widen_##suffix##_avx2(x), tmoi_widen_##suffix##_avx2(y));            \
        __m256i high = apply(c, tmoi_widen_##suffix##_avx2(x + 16), tmoi_widen_##suffix##_avx2(y + 16)); \
        _mm256_storeu_si256((__m256i *)(void *)z, _mm256_permute4x64_epi64(pack(low, high), 0xd8));      \
    }
#define REQUANT_ROWS(name, type)                                                                     \
    static void name(const tmoi_binary_params *params, const void *a, int64_t step_a, const void *b, \
                     int64_t step_b, void *out, int64_t count)                                       \
    {                                                                                                \
        const constants c = constants_of(params);                                                    \
        const type *x = a, *y = b;                                                                   \
        type *z = out, left[BLOCK] = {0}, right[BLOCK] = {0}, last[BLOCK];                           \
        if (count <= 0) return;                                                                      \
        for (int k = 0; k < BLOCK && !step_a; k++) left[k] = x[0];                                   \
        for (int k = 0; k < BLOCK && !step_b; k++) right[k] = y[0];                                  \
        x = step_a ? x : left;                                                                       \
        y = step_b ? y : right;                                                                      \
        for (; count >= BLOCK; count -= BLOCK, x += step_a * BLOCK, y += step_b * BLOCK, z += BLOCK) \
            name##_block(&c, x, y, z);                                                               \
        if (count == 0) return;                                                                      \
        if (step_a) memcpy(left, x, (size_t)count * sizeof *x);                                      \
        if (step_b) memcpy(right, y, (size_t)count * sizeof *y);                                     \
        name##_block(&c, left, right, last);                                                         \
        memcpy(z, last, (size_t)count * sizeof *z);                                                  \
    }

#define REQUANT_KINDS(suffix, type)                                  \
    REQUANT_BLOCK(product_##suffix, suffix, type, product)           \
    REQUANT_BLOCK(square_##suffix, suffix, type, squared_difference) \
    REQUANT_ROWS(sum_##suffix, type)                                 \
    REQUANT_ROWS(product_##suffix, type)                             \
    REQUANT_ROWS(square_##suffix, type)                              \
    static tmoi_binary_function find_##suffix(tmoi_binary_kind kind) \
    {                                                                \
        switch (kind) {                                              \
        case TMOI_BINARY_ADD:                                        \
        case TMOI_BINARY_SUB: return sum_##suffix;                   \
        case TMOI_BINARY_MUL: return product_##suffix;               \
        case TMOI_BINARY_SQUARED_DIFFERENCE: return square_##suffix; \
        default: return NULL;                                        \
        }                                                            \
    }

SHORT_BLOCK(sum_s8, s8, int8_t, short_sum, _mm256_packs_epi16)
SHORT_BLOCK(sum_u8, u8, uint8_t, short_sum, _mm256_packus_epi16)
REQUANT_BLOCK(sum_s16, s16, int16_t, sum)
REQUANT_KINDS(s8, int8_t)
REQUANT_KINDS(u8, uint8_t)
REQUANT_KINDS(s16, int16_t)
SHORT_BLOCK(prelu_s8, s8, int8_t, short_prelu, _mm256_packs_epi16)
SHORT_BLOCK(prelu_u8, u8, uint8_t, short_prelu, _mm256_packus_epi16)
REQUANT_ROWS(prelu_s8, int8_t)
REQUANT_ROWS(prelu_u8, uint8_t)

tmoi_binary_function tmoi_binary_requant_avx2(tmoi_binary_kind kind, tmo_type type)
{
    bool prelu = kind == TMOI_BINARY_PRELU;
    switch (type) {
    case TMO_TYPE_INT8: return prelu ? prelu_s8 : find_s8(kind);
    case TMO_TYPE_UINT8: return prelu ? prelu_u8 : find_u8(kind);
    case TMO_TYPE_INT16: return find_s16(kind);
    default: return NULL;
    }
}
