#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "base/compiler.h"
#include "kernels/gemm_f32/gemm_f32.h"

typedef __m256 vector;
enum { LANES = 8 };
#define ROWS_1    8
#define ROWS_2    6
#define ROWS_3    4
#define load      _mm256_loadu_ps
#define store     _mm256_storeu_ps
#define broadcast _mm256_set1_ps
#define plus      _mm256_add_ps
#define maximum   _mm256_max_ps
#define minimum   _mm256_min_ps

static inline __m256 load_part(const float *in, int32_t count)
{
    static const int32_t masks[2 * LANES] = {-1, -1, -1, -1, -1, -1, -1, -1};
    return _mm256_maskload_ps(in, _mm256_loadu_si256((const __m256i *)(const void *)(masks + LANES - count)));
}

static inline __m256 leak(__m256 x, __m256 slope)
{
    __m256 is_positive = _mm256_cmp_ps(x, _mm256_setzero_ps(), _CMP_GE_OQ);
    return _mm256_blendv_ps(_mm256_mul_ps(x, slope), x, is_positive);
}

/* Masked stores are slow on some processors. */
static inline void store_part(float *out, __m256 x, int32_t count)
{
    __m128 part = _mm256_castps256_ps128(x);
    if (count & 4) {
        _mm_storeu_ps(out, part);
        part = _mm256_extractf128_ps(x, 1);
        out += 4;
    }
    if (count & 2) {
        _mm_storel_pi((__m64 *)(void *)out, part);
        part = _mm_movehl_ps(part, part);
        out += 2;
    }
    if (count & 1) _mm_store_ss(out, part);
}

/* sum[r][p] += Σ_k row[r][k] · b[p][k] */
static TMOI_ALWAYS_INLINE void tile_sums(int rows, int panels, const float *const *row, int32_t terms,
                                         const float *b, ptrdiff_t b_step, __m256 (*sum)[3])
{
    for (int32_t k = 0; k < terms; k++, b += LANES) {
        __m256 panel[3];
        TMOI_UNROLL
        for (int p = 0; p < panels; p++) panel[p] = load(b + p * b_step);
        TMOI_UNROLL
        for (int r = 0; r < rows; r++) {
            __m256 x = _mm256_broadcast_ss(row[r] + k);
            TMOI_UNROLL
            for (int p = 0; p < panels; p++) sum[r][p] = _mm256_fmadd_ps(x, panel[p], sum[r][p]);
        }
    }
}

#include "kernels/gemm_f32/gemm_f32_body.h"

const tmoi_gemm_f32_kernel *tmoi_gemm_f32_avx2(void)
{
    static const tmoi_gemm_f32_kernel kernel = {"tmoi_gemm_f32_6x16_avx2", LANES, 12, run};
    return &kernel;
}
