#include <math.h>
#include <string.h>
#include <wasm_simd128.h>

#include "base/compiler.h"
#include "kernels/gemm_f32/gemm_f32.h"

typedef v128_t vector;
enum { LANES = 4 };
#define ROWS_1            8
#define ROWS_2            5
#define ROWS_3            4
#define load              wasm_v128_load
#define store             wasm_v128_store
#define broadcast         wasm_f32x4_splat
#define plus              wasm_f32x4_add
/* x < limit ? limit : x, and the other way round. */
#define maximum(limit, x) wasm_f32x4_pmax(x, limit)
#define minimum(limit, x) wasm_f32x4_pmin(x, limit)

static inline v128_t load_part(const float *in, int32_t count)
{
    return wasm_f32x4_make(in[0], count > 1 ? in[1] : 0.0f, count > 2 ? in[2] : 0.0f, 0.0f);
}

static inline v128_t leak(v128_t x, v128_t slope)
{
    v128_t is_positive = wasm_f32x4_ge(x, wasm_f32x4_splat(0.0f));
    return wasm_v128_bitselect(x, wasm_f32x4_mul(x, slope), is_positive);
}

static inline void store_part(float *out, v128_t x, int32_t count)
{
    out[0] = wasm_f32x4_extract_lane(x, 0);
    if (count > 1) out[1] = wasm_f32x4_extract_lane(x, 1);
    if (count > 2) out[2] = wasm_f32x4_extract_lane(x, 2);
}

/* sum[r][p] += Σ_k row[r][k] · b[p][k] */
static TMOI_ALWAYS_INLINE void tile_sums(int rows, int panels, const float *const *row, int32_t terms,
                                         const float *b, ptrdiff_t b_step, v128_t (*sum)[3])
{
    for (int32_t k = 0; k < terms; k++, b += LANES) {
        v128_t panel[3];
        TMOI_UNROLL
        for (int p = 0; p < panels; p++) panel[p] = load(b + p * b_step);
        TMOI_UNROLL
        for (int r = 0; r < rows; r++) {
            v128_t x = wasm_v128_load32_splat(row[r] + k);
            TMOI_UNROLL
            for (int p = 0; p < panels; p++)
                sum[r][p] = wasm_f32x4_add(sum[r][p], wasm_f32x4_mul(x, panel[p]));
        }
    }
}

#include "kernels/gemm_f32/gemm_f32_body.h"

const tmoi_gemm_f32_kernel *tmoi_gemm_f32_simd128(void)
{
    static const tmoi_gemm_f32_kernel kernel = {"tmoi_gemm_f32_5x8_simd128", LANES, 20, run};
    return &kernel;
}
