#include <immintrin.h>

typedef __m256 lanes_f32;
#define load_lanes  _mm256_loadu_ps
#define store_lanes _mm256_storeu_ps

static inline __m256 add_product(__m256 sum, __m256 x, __m256 weight)
{
    return _mm256_fmadd_ps(x, weight, sum);
}

static inline __m256 clamp_lanes(__m256 x, float low, float high)
{
    return _mm256_min_ps(_mm256_max_ps(x, _mm256_set1_ps(low)), _mm256_set1_ps(high));
}

#define WIDE_TILE 8
#define KERNEL    tmoi_dwconv_f32_avx2
#include "kernels/dwconv/dwconv_f32_body.h"
