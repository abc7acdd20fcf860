#include <immintrin.h>

#include "base/compiler.h"
#include "kernels/winograd/winograd.h"

typedef __m512 vector;
enum { LANES = 16 };
#define load         _mm512_loadu_ps
#define store        _mm512_storeu_ps
#define broadcast    _mm512_set1_ps
#define add          _mm512_add_ps
#define subtract     _mm512_sub_ps
#define maximum      _mm512_max_ps
#define minimum      _mm512_min_ps
#define multiply_add _mm512_fmadd_ps

static inline __m512 load_part(const float *x, int32_t count)
{
    return _mm512_maskz_loadu_ps((__mmask16)((1u << count) - 1), x);
}

static inline void store_part(float *out, __m512 x, int32_t count)
{
    _mm512_mask_storeu_ps(out, (__mmask16)((1u << count) - 1), x);
}

#include "kernels/winograd/winograd_body.h"

const tmoi_winograd_kernel *tmoi_winograd_f32_avx512(void)
{
    static const tmoi_winograd_kernel kernel = {forward, back};
    return &kernel;
}
