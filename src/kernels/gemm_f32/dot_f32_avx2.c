#include <immintrin.h>
#include <string.h>

#include "base/compiler.h"
#include "kernels/gemm_f32/gemm_f32.h"

typedef __m256 vector;
enum { LANES = 8, DOT_ROWS = 4 };
#define load         _mm256_loadu_ps
#define zero         _mm256_setzero_ps
#define multiply_add _mm256_fmadd_ps
#define add          _mm256_add_ps

static inline __m256 load_part(const float *x, int32_t count)
{
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return _mm256_maskload_ps(x, _mm256_cmpgt_epi32(_mm256_set1_epi32(count), lane));
}

static inline __m256 load_half(const uint16_t *x)
{
    return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(const void *)x));
}

static inline float add_lanes(__m256 x)
{
    __m128 sum = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    sum = _mm_add_ps(sum, _mm_movehl_ps(sum, sum));
    return _mm_cvtss_f32(_mm_add_ss(sum, _mm_movehdup_ps(sum)));
}

#include "kernels/gemm_f32/dot_f32_body.h"

void tmoi_dot_f32_avx2(const tmoi_dot_f32_block *block)
{
    run(block, false);
}

void tmoi_dot_f16_avx2(const tmoi_dot_f32_block *block)
{
    run(block, true);
}
