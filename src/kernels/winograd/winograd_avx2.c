#include <immintrin.h>

#include "base/compiler.h"
#include "kernels/winograd/winograd.h"

typedef __m256 vector;
enum { LANES = 8 };
#define load         _mm256_loadu_ps
#define store        _mm256_storeu_ps
#define broadcast    _mm256_set1_ps
#define add          _mm256_add_ps
#define subtract     _mm256_sub_ps
#define maximum      _mm256_max_ps
#define minimum      _mm256_min_ps
#define multiply_add _mm256_fmadd_ps

static inline __m256i mask_of(int32_t count)
{
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

static inline __m256 load_part(const float *x, int32_t count)
{
    return _mm256_maskload_ps(x, mask_of(count));
}

static inline void store_part(float *out, __m256 x, int32_t count)
{
    _mm256_maskstore_ps(out, mask_of(count), x);
}

#include "kernels/winograd/winograd_body.h"

const tmoi_winograd_kernel *tmoi_winograd_f32_avx2(void)
{
    static const tmoi_winograd_kernel kernel = {forward, back};
    return &kernel;
}
