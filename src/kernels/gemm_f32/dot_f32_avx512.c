#include <immintrin.h>
#include <string.h>

#include "base/compiler.h"
#include "kernels/gemm_f32/gemm_f32.h"

typedef __m512 vector;
enum { LANES = 16, DOT_ROWS = 4 };
#define load         _mm512_loadu_ps
#define zero         _mm512_setzero_ps
#define multiply_add _mm512_fmadd_ps
#define add          _mm512_add_ps

static inline __m512 load_part(const float *x, int32_t count)
{
    return _mm512_maskz_loadu_ps((__mmask16)((1u << count) - 1), x);
}

static inline __m512 load_half(const uint16_t *x)
{
    return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(const void *)x));
}

static inline float add_lanes(__m512 x)
{
    __m256 half = _mm256_add_ps(_mm512_castps512_ps256(x), _mm512_extractf32x8_ps(x, 1));
    __m128 sum = _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
    sum = _mm_add_ps(sum, _mm_movehl_ps(sum, sum));
    return _mm_cvtss_f32(_mm_add_ss(sum, _mm_movehdup_ps(sum)));
}

#include "kernels/gemm_f32/dot_f32_body.h"

void tmoi_dot_f32_avx512(const tmoi_dot_f32_block *block)
{
    run(block, false);
}

void tmoi_dot_f16_avx512(const tmoi_dot_f32_block *block)
{
    run(block, true);
}
