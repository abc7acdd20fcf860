#include <string.h>

#include "kernels/quant_rows/quant_rows.h"
#include "kernels/quant_rows/quantize_avx2.h"
#include "kernels/quant_rows/quantize_value.h"

static inline __m128i pack(__m256i a, __m256i b)
{
    __m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(a, b), 0xd8);
    return _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
}

void tmoi_quantize_dynamic_avx2(bool asymmetric, const float *in, int64_t count, int8_t *out, float *scale,
                                int32_t *zero_point)
{
    float low, high, inverse, bound = asymmetric ? -128.0f : -127.0f;
    int64_t k = 0;
    tmoi_row_range_avx2(in, count, &low, &high);
    tmoi_row_scale(asymmetric, low, high, scale, &inverse, zero_point);
    if (low == high) {
        memset(out, 0, (size_t)count);
        return;
    }
    const __m256 by = _mm256_set1_ps(inverse), zero = _mm256_set1_ps((float)*zero_point),
                 least = _mm256_set1_ps(bound);
    for (; k + 16 <= count; k += 16) {
        __m256i a = tmoi_quantize_8_avx2(in + k, by, zero, least),
                b = tmoi_quantize_8_avx2(in + k + 8, by, zero, least);
        _mm_storeu_si128((__m128i *)(void *)(out + k), pack(a, b));
    }
    for (; k < count; k++) out[k] = (int8_t)tmoi_quantize_value(in[k], inverse, (float)*zero_point, bound);
}
