/* int16 rows in AVX2: vpmaddwd multiplies pairs of terms exactly; weights are sign extended on the way. */
#include <immintrin.h>
#include <stdint.h>

enum { KR = 2, ELEM_BYTES = 2, OFFSET = 0, STEP_BYTES = 4 };

static inline __m256i load_weights(const int8_t *panel)
{
    return _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(const void *)panel));
}

static inline __m256i add_products(__m256i sum, __m256i a, __m256i w)
{
    return _mm256_add_epi32(sum, _mm256_madd_epi16(a, w));
}

#include "kernels/gemm_s8/gemm_s8_avx_body.h"
#include "kernels/quant_rows/quantize_avx2.h"

/* Numbers less the zero point, for eight floats. */
static inline __m256i quantize_8(const float *in, __m256 inverse, __m256 zero_point, __m256 low)
{
    return _mm256_sub_epi32(tmoi_quantize_8_avx2(in, inverse, zero_point, low),
                            _mm256_cvtps_epi32(zero_point));
}

static void fill(const tmoi_gemm_s8_source *source, const void *in, int64_t count, void *out)
{
    if (source->type != TMO_TYPE_FLOAT32) {
        fill_words(source, in, count, out);
        return;
    }
    const __m256 inverse = _mm256_set1_ps(source->inverse),
                 zero_point = _mm256_set1_ps((float)source->zero_point);
    const __m256 low = _mm256_set1_ps((float)source->low);
    const float *from = in;
    int16_t *to = out;
    int64_t k = 0;
    for (; k + 16 <= count; k += 16) {
        __m256i a = quantize_8(from + k, inverse, zero_point, low),
                b = quantize_8(from + k + 8, inverse, zero_point, low);
        _mm256_storeu_si256((__m256i *)(void *)(to + k), tmoi_requant_pack_s16_avx2(a, b));
    }
    fill_words(source, from + k, count - k, to + k);
}

static const tmoi_gemm_s8_kernel kernel = {.mr = MR, .nr = NR, .kr = KR, .run = run, .fill = fill};

const tmoi_gemm_s8_kernel *tmoi_gemm_s8_6x16c2_avx2(void)
{
    return &kernel;
}

const tmoi_gemm_s8_kernel *tmoi_gemm_s16x8_6x16c2_avx2(void)
{
    return &kernel;
}
