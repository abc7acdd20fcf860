#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "base/compiler.h"
#include "kernels/gemm_f32/gemm_f32.h"

typedef __m512 vector;
enum { LANES = 16 };
#define ROWS_1    8
#define ROWS_2    8
#define ROWS_3    8
#define load      _mm512_loadu_ps
#define store     _mm512_storeu_ps
#define broadcast _mm512_set1_ps
#define plus      _mm512_add_ps
#define maximum   _mm512_max_ps
#define minimum   _mm512_min_ps

static inline __m512 load_part(const float *in, int32_t count)
{
    return _mm512_maskz_loadu_ps((__mmask16)((1u << count) - 1), in);
}

static inline __m512 leak(__m512 x, __m512 slope)
{
    __mmask16 is_positive = _mm512_cmp_ps_mask(x, _mm512_setzero_ps(), _CMP_GE_OQ);
    return _mm512_mask_blend_ps(is_positive, _mm512_mul_ps(x, slope), x);
}

static inline void store_part(float *out, __m512 x, int32_t count)
{
    _mm512_mask_storeu_ps(out, (__mmask16)((1u << count) - 1), x);
}

/* sum[r][p] += Σ_k row[r][k] · b[p][k] */
static TMOI_ALWAYS_INLINE void tile_sums(int rows, int panels, const float *const *row, int32_t terms,
                                         const float *b, ptrdiff_t b_step, __m512 (*sum)[3])
{
    for (int32_t k = 0; k < terms; k++, b += LANES) {
        __m512 panel[3];
        TMOI_UNROLL
        for (int p = 0; p < panels; p++) panel[p] = load(b + p * b_step);
        TMOI_UNROLL
        for (int r = 0; r < rows; r++) {
            __m512 x = _mm512_set1_ps(row[r][k]);
            TMOI_UNROLL
            for (int p = 0; p < panels; p++) sum[r][p] = _mm512_fmadd_ps(x, panel[p], sum[r][p]);
        }
    }
}

#include "kernels/gemm_f32/gemm_f32_body.h"

const tmoi_gemm_f32_kernel *tmoi_gemm_f32_avx512(void)
{
    static const tmoi_gemm_f32_kernel kernel = {"tmoi_gemm_f32_8x32_avx512", LANES, 8, run};
    return &kernel;
}
