/* Unsigned byte rows in AVX-512 VNNI: vpdpbusd multiplies and adds four terms exactly. */
#include <immintrin.h>
#include <stdint.h>

enum { KR = 4, ELEM_BYTES = 1, OFFSET = 128, STEP_BYTES = 4 };

static inline __m512i load_weights(const int8_t *panel)
{
    return _mm512_loadu_si512(panel);
}

static inline __m512i add_products(__m512i sum, __m512i a, __m512i w)
{
    return _mm512_dpbusd_epi32(sum, a, w);
}

#include "kernels/gemm_s8/gemm_s8_avx512_body.h"

static const tmoi_gemm_s8_kernel kernel = {
    .mr = MR, .nr = NR, .kr = KR, .bytes = true, .offset = OFFSET, .run = run, .fill = fill_unsigned_bytes};

const tmoi_gemm_s8_kernel *tmoi_gemm_s8_8x32c4_avx512vnni(void)
{
    return &kernel;
}
