/* Normalizations of float32 rows, compiled once for each instruction set. Before: TMOI_SOFTMAX(name), the variant's name, and
 * exponentials(), which makes x[k] its exponential for k in [0, count).
 *
 * Maxima and sums are taken in sixteen lanes, which the compiler keeps in vector registers. */
#include <float.h>
#include <math.h>

#include "base/compiler.h"
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

static void block_exponentials(const float *in, float *out, int64_t rows, int64_t depth, float beta)
{
    for (int64_t row = 0; row < rows; row++) {
        const float *x = in + row * depth;
        float *y = out + row * depth, max = row_max(x, depth);
        TMOI_INDEPENDENT_LOOP
        for (int64_t k = 0; k < depth; k++) y[k] = (x[k] - max) * beta;
    }
    exponentials(out, rows * depth);
}

void TMOI_SOFTMAX(softmax_f32)(const float *in, float *out, int64_t rows, int64_t depth, float beta)
{
    while (rows > 0) {
        int64_t some = block_rows(rows, depth);
        block_exponentials(in, out, some, depth, beta);
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
    enum { BLOCK = 256 };
    float block[BLOCK];
    for (int64_t row = 0; row < rows; row++, in += depth, out += depth) {
        float max = row_max(in, depth), sum = 0.0f;
        for (int64_t at = 0; at < depth; at += BLOCK) {
            int64_t some = depth - at < BLOCK ? depth - at : BLOCK;
            for (int64_t k = 0; k < some; k++) block[k] = in[at + k] - max;
            exponentials(block, some);
            sum += row_sum(block, some);
        }
        float log_sum = logf(sum);
        TMOI_INDEPENDENT_LOOP
        for (int64_t k = 0; k < depth; k++) out[k] = in[k] - max - log_sum;
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
