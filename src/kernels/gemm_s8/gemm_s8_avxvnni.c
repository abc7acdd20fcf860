/* Unsigned byte rows in AVX-VNNI: vpdpbusd multiplies and adds four terms exactly. */
#include <immintrin.h>
#include <stdint.h>

enum { KR = 4, ELEM_BYTES = 1, OFFSET = 128, STEP_BYTES = 4 };

static inline __m256i load_weights(const int8_t *panel)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)panel);
}

static inline __m256i add_products(__m256i sum, __m256i a, __m256i w)
{
    return _mm256_dpbusd_avx_epi32(sum, a, w);
}

#include "kernels/gemm_s8/gemm_s8_avx_body.h"

static const tmoi_gemm_s8_kernel kernel = {
    .mr = MR, .nr = NR, .kr = KR, .bytes = true, .offset = OFFSET, .run = run, .fill = fill_unsigned_bytes};

const tmoi_gemm_s8_kernel *tmoi_gemm_s8_6x16c4_avxvnni(void)
{
    return &kernel;
}
