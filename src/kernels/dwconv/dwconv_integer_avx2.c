#include <immintrin.h>

static inline __m256i add_products(__m256i sums, __m256i pairs, __m256i weights)
{
    return _mm256_add_epi32(sums, _mm256_madd_epi16(pairs, weights));
}

#define KERNEL(type) tmoi_dwconv_##type##_avx2
#include "kernels/dwconv/dwconv_integer_avx.h"
