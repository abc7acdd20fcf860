#include <immintrin.h>

#include "base/fp16.h"
#include "kernels/cast/fp16.h"

void tmoi_widen_fp16_avx2(const uint16_t *in, float *out, int64_t count)
{
    int64_t k = 0;
    for (; k + 8 <= count; k += 8)
        _mm256_storeu_ps(out + k, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(const void *)(in + k))));
    for (; k < count; k++) out[k] = tmoi_fp16_to_float(in[k]);
}

void tmoi_narrow_fp16_avx2(const float *in, uint16_t *out, int64_t count)
{
    int64_t k = 0;
    for (; k + 8 <= count; k += 8) {
        __m128i half = _mm256_cvtps_ph(_mm256_loadu_ps(in + k), _MM_FROUND_TO_NEAREST_INT);
        _mm_storeu_si128((__m128i *)(void *)(out + k), half);
    }
    for (; k < count; k++) out[k] = tmoi_fp16_from_float(in[k]);
}
