/* Normalizations of float32 rows, compiled once for each instruction set: TMOI_SOFTMAX(name) is the variant's name.
 *
 * Maxima and sums are taken in sixteen lanes, which the compiler keeps in vector registers, and which make a result the same for
 * all instruction sets. */
#include <float.h>
#include <math.h>

#include "base/compiler.h"
#include "kernels/common/exp.h"
#include "kernels/softmax/softmax.h"

enum { LANES = 16 };

static inline float row_max(const float *in, int64_t depth)
{
    float lanes[LANES], max = -FLT_MAX;
    int64_t k = 0;
    for (int lane = 0; lane < LANES; lane++) lanes[lane] = max;
    for (; k + LANES <= depth; k += LANES)
        for (int lane = 0; lane < LANES; lane++)
            lanes[lane] = in[k + lane] > lanes[lane] ? in[k + lane] : lanes[lane];
    for (; k < depth; k++) max = in[k] > max ? in[k] : max;
    for (int lane = 0; lane < LANES && depth >= LANES; lane++) max = lanes[lane] > max ? lanes[lane] : max;
    return max;
}

#define ROW_SUM(name, term)                                                            \
    static inline float name(const float *in, int64_t depth)                           \
    {                                                                                  \
        float lanes[LANES] = {0}, sum = 0.0f;                                          \
        int64_t k = 0;                                                                 \
        for (; k + LANES <= depth; k += LANES)                                         \
            for (int lane = 0; lane < LANES; lane++) {                                 \
                const float x = in[k + lane];                                          \
                lanes[lane] += term;                                                   \
            }                                                                          \
        for (; k < depth; k++) {                                                       \
            const float x = in[k];                                                     \
            sum += term;                                                               \
        }                                                                              \
        for (int lane = 0; lane < LANES && depth >= LANES; lane++) sum += lanes[lane]; \
        return sum;                                                                    \
    }
ROW_SUM(row_sum, x)
ROW_SUM(row_sum_of_squares, x *x)

/* Rows are taken in blocks, so that the exponentials of short ones run over more than a row at once. */
static int64_t block_rows(int64_t rows, int64_t depth)
{
    enum { BLOCK = 1024 };
    int64_t some = depth >= BLOCK ? 1 : BLOCK / depth;
    return rows < some ? rows : some;
}

static void exponentials(const float *in, float *out, int64_t rows, int64_t depth, float beta)
{
    for (int64_t row = 0; row < rows; row++) {
        const float *x = in + row * depth;
        float *y = out + row * depth, max = row_max(x, depth);
        TMOI_INDEPENDENT_LOOP
        for (int64_t k = 0; k < depth; k++) y[k] = (x[k] - max) * beta;
    }
    TMOI_INDEPENDENT_LOOP
    for (int64_t k = 0; k < rows * depth; k++) out[k] = tmoi_exp_f32(out[k]);
}

void TMOI_SOFTMAX(softmax_f32)(const float *in, float *out, int64_t rows, int64_t depth, float beta)
{
    while (rows > 0) {
        int64_t some = block_rows(rows, depth);
        exponentials(in, out, some, depth, beta);
        for (int64_t row = 0; row < some; row++, out += depth) {
            float scale = 1.0f / row_sum(out, depth);
            TMOI_INDEPENDENT_LOOP
            for (int64_t k = 0; k < depth; k++) out[k] *= scale;
        }
        in += some * depth;
        rows -= some;
    }
}

void TMOI_SOFTMAX(log_softmax_f32)(const float *in, float *out, int64_t rows, int64_t depth)
{
    for (int64_t row = 0; row < rows; row++, in += depth, out += depth) {
        float lanes[LANES] = {0}, max = row_max(in, depth), sum = 0.0f;
        int64_t k = 0;
        for (; k + LANES <= depth; k += LANES)
            for (int lane = 0; lane < LANES; lane++) lanes[lane] += tmoi_exp_f32(in[k + lane] - max);
        for (; k < depth; k++) sum += tmoi_exp_f32(in[k] - max);
        for (int lane = 0; lane < LANES && depth >= LANES; lane++) sum += lanes[lane];
        float log_sum = logf(sum);
        TMOI_INDEPENDENT_LOOP
        for (int64_t j = 0; j < depth; j++) out[j] = in[j] - max - log_sum;
    }
}

void TMOI_SOFTMAX(l2_norm_f32)(const float *in, float *out, int64_t rows, int64_t depth)
{
    for (int64_t row = 0; row < rows; row++, in += depth, out += depth) {
        float norm = sqrtf(row_sum_of_squares(in, depth));
        norm = norm < 1e-6f ? 1e-6f : norm;
        TMOI_INDEPENDENT_LOOP
        for (int64_t k = 0; k < depth; k++) out[k] = in[k] / norm;
    }
}
