#include <string.h>

#include "kernels/common/elements_avx2.h"
#include "kernels/elementwise/elementwise.h"

typedef struct constants {
    __m256 weight_a, weight_b, weight_bias, zero_a, zero_b, low, high;
    __m256i zero_out;
} constants;

static inline constants constants_of(const tmoi_binary_params *p)
{
    return (constants){.weight_a = _mm256_set1_ps(p->weight_a),
                       .weight_b = _mm256_set1_ps(p->weight_b),
                       .weight_bias = _mm256_set1_ps(p->weight_bias),
                       .zero_a = _mm256_set1_ps((float)p->zero_a),
                       .zero_b = _mm256_set1_ps((float)p->zero_b),
                       .low = _mm256_set1_ps(p->low_f32),
                       .high = _mm256_set1_ps(p->high_f32),
                       .zero_out = _mm256_set1_epi32(p->zero_out)};
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

static inline __m256 prelu(const constants *c, __m256 x, __m256 slope)
{
    __m256 value = _mm256_sub_ps(x, c->zero_a);
    __m256 factor = _mm256_mul_ps(_mm256_sub_ps(slope, c->zero_b), c->weight_b);
    return _mm256_mul_ps(value, _mm256_blendv_ps(c->weight_a, factor, value));
}

static inline __m256i finish(const constants *c, __m256 value)
{
    __m256 clamped = _mm256_min_ps(_mm256_max_ps(value, c->low), c->high);
    return _mm256_add_epi32(_mm256_cvtps_epi32(clamped), c->zero_out);
}

/* Blocks of 32 elements. An input that does not advance is a block of equal elements; the last, incomplete block goes through
 * copies. */
enum { BLOCK = 32 };

#define REQUANT_ROWS(name, suffix, type, apply)                                                           \
    static inline void name##_block(const constants *c, const type *x, const type *y, type *z)            \
    {                                                                                                     \
        __m256i v[4];                                                                                     \
        for (int k = 0; k < 4; k++)                                                                       \
            v[k] = finish(                                                                                \
                c, apply(c, tmoi_load_##suffix##_avx2(x + 8 * k), tmoi_load_##suffix##_avx2(y + 8 * k))); \
        tmoi_store_##suffix##_avx2(z, v);                                                                 \
    }                                                                                                     \
    static void name(const tmoi_binary_params *params, const void *a, int64_t step_a, const void *b,      \
                     int64_t step_b, void *out, int64_t count)                                            \
    {                                                                                                     \
        const constants c = constants_of(params);                                                         \
        const type *x = a, *y = b;                                                                        \
        type *z = out, left[BLOCK] = {0}, right[BLOCK] = {0}, last[BLOCK];                                \
        if (count <= 0) return;                                                                           \
        for (int k = 0; k < BLOCK && !step_a; k++) left[k] = x[0];                                        \
        for (int k = 0; k < BLOCK && !step_b; k++) right[k] = y[0];                                       \
        x = step_a ? x : left;                                                                            \
        y = step_b ? y : right;                                                                           \
        for (; count >= BLOCK; count -= BLOCK, x += step_a * BLOCK, y += step_b * BLOCK, z += BLOCK)      \
            name##_block(&c, x, y, z);                                                                    \
        if (count == 0) return;                                                                           \
        if (step_a) memcpy(left, x, (size_t)count * sizeof *x);                                           \
        if (step_b) memcpy(right, y, (size_t)count * sizeof *y);                                          \
        name##_block(&c, left, right, last);                                                              \
        memcpy(z, last, (size_t)count * sizeof *z);                                                       \
    }

#define REQUANT_KINDS(suffix, type)                                  \
    REQUANT_ROWS(sum_##suffix, suffix, type, sum)                    \
    REQUANT_ROWS(product_##suffix, suffix, type, product)            \
    REQUANT_ROWS(square_##suffix, suffix, type, squared_difference)  \
    REQUANT_ROWS(prelu_##suffix, suffix, type, prelu)                \
    static tmoi_binary_function find_##suffix(tmoi_binary_kind kind) \
    {                                                                \
        switch (kind) {                                              \
        case TMOI_BINARY_ADD:                                        \
        case TMOI_BINARY_SUB: return sum_##suffix;                   \
        case TMOI_BINARY_MUL: return product_##suffix;               \
        case TMOI_BINARY_SQUARED_DIFFERENCE: return square_##suffix; \
        case TMOI_BINARY_PRELU: return prelu_##suffix;               \
        default: return NULL;                                        \
        }                                                            \
    }

REQUANT_KINDS(s8, int8_t)
REQUANT_KINDS(u8, uint8_t)
REQUANT_KINDS(s16, int16_t)

tmoi_binary_function tmoi_binary_requant_avx2(tmoi_binary_kind kind, tmo_type type)
{
    switch (type) {
    case TMO_TYPE_INT8: return find_s8(kind);
    case TMO_TYPE_UINT8: return find_u8(kind);
    case TMO_TYPE_INT16: return find_s16(kind);
    default: return NULL;
    }
}
