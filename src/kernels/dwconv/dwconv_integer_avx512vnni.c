#include <immintrin.h>

static inline __m256i add_products(__m256i sums, __m256i pairs, __m256i weights)
{
    return _mm256_dpwssd_epi32(sums, pairs, weights);
}

#define KERNEL(type) tmoi_dwconv_##type##_avx512vnni
#include "kernels/dwconv/dwconv_integer_avx.h"
