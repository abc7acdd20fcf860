#include <float.h>
#include <math.h>

#include "kernels/common/exp.h"
#include "kernels/softmax/softmax.h"

/* Row maxima and sums are taken in eight lanes, which the compiler keeps in vector registers. */
static float row_max(const float *in, int64_t depth)
{
    float lanes[8], max = -FLT_MAX;
    int64_t k = 0;
    for (int lane = 0; lane < 8; lane++) lanes[lane] = max;
    for (; k + 8 <= depth; k += 8)
        for (int lane = 0; lane < 8; lane++)
            lanes[lane] = in[k + lane] > lanes[lane] ? in[k + lane] : lanes[lane];
    for (; k < depth; k++) max = in[k] > max ? in[k] : max;
    for (int lane = 0; lane < 8; lane++) max = lanes[lane] > max ? lanes[lane] : max;
    return max;
}

static float row_sum(const float *in, int64_t depth)
{
    float lanes[8] = {0}, sum = 0.0f;
    int64_t k = 0;
    for (; k + 8 <= depth; k += 8)
        for (int lane = 0; lane < 8; lane++) lanes[lane] += in[k + lane];
    for (; k < depth; k++) sum += in[k];
    for (int lane = 0; lane < 8; lane++) sum += lanes[lane];
    return sum;
}

void tmoi_softmax_f32_c(const float *in, float *out, int64_t rows, int64_t depth, float beta)
{
    for (int64_t row = 0; row < rows; row++, in += depth, out += depth) {
        float max = row_max(in, depth);
        for (int64_t k = 0; k < depth; k++) out[k] = tmoi_exp_f32((in[k] - max) * beta);
        float scale = 1.0f / row_sum(out, depth);
        for (int64_t k = 0; k < depth; k++) out[k] *= scale;
    }
}

void tmoi_log_softmax_f32(const float *in, float *out, int64_t rows, int64_t depth)
{
    for (int64_t row = 0; row < rows; row++, in += depth, out += depth) {
        float max = row_max(in, depth), sum = 0.0f;
        for (int64_t k = 0; k < depth; k++) sum += tmoi_exp_f32(in[k] - max);
        float log_sum = logf(sum);
        for (int64_t k = 0; k < depth; k++) out[k] = in[k] - max - log_sum;
    }
}

void tmoi_l2_norm_f32(const float *in, float *out, int64_t rows, int64_t depth)
{
    for (int64_t row = 0; row < rows; row++, in += depth, out += depth) {
        float sum = 0.0f;
        for (int64_t k = 0; k < depth; k++) sum += in[k] * in[k];
        float norm = sqrtf(sum);
        norm = norm < 1e-6f ? 1e-6f : norm;
        for (int64_t k = 0; k < depth; k++) out[k] = in[k] / norm;
    }
}
