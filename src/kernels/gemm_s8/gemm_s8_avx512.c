/* int16 rows in AVX-512: vpmaddwd multiplies pairs of terms exactly; weights are sign extended on the way. */
#include <immintrin.h>
#include <stdint.h>

enum { KR = 2, ELEM_BYTES = 2, OFFSET = 0, STEP_BYTES = 4 };

static inline __m512i load_weights(const int8_t *panel)
{
    return _mm512_cvtepi8_epi16(_mm256_loadu_si256((const __m256i *)(const void *)panel));
}

static inline __m512i add_products(__m512i sum, __m512i a, __m512i w)
{
    return _mm512_add_epi32(sum, _mm512_madd_epi16(a, w));
}

#include "kernels/gemm_s8/gemm_s8_avx512_body.h"

static const tmoi_gemm_s8_kernel kernel = {.mr = MR, .nr = NR, .kr = KR, .run = run, .fill = fill_words};

const tmoi_gemm_s8_kernel *tmoi_gemm_s8_8x32c2_avx512(void)
{
    return &kernel;
}

const tmoi_gemm_s8_kernel *tmoi_gemm_s16x8_8x32c2_avx512(void)
{
    return &kernel;
}
