/* Layer normalization, compiled once for each instruction set: TMOI_LAYER_NORM is the variant's name. */
#include <math.h>
#include <stddef.h>

#include "base/compiler.h"
#include "kernels/norm/norm.h"

enum { LANES = 16 };

static inline float row_sum(const float *in, int64_t depth)
{
    float lanes[LANES] = {0}, sum = 0.0f;
    int64_t k = 0;
    for (; k + LANES <= depth; k += LANES)
        for (int lane = 0; lane < LANES; lane++) lanes[lane] += in[k + lane];
    for (; k < depth; k++) sum += in[k];
    for (int lane = 0; lane < LANES; lane++) sum += lanes[lane];
    return sum;
}

static inline float row_deviation(const float *in, int64_t depth, float mean)
{
    float lanes[LANES] = {0}, sum = 0.0f;
    int64_t k = 0;
    for (; k + LANES <= depth; k += LANES)
        for (int lane = 0; lane < LANES; lane++) {
            const float difference = in[k + lane] - mean;
            lanes[lane] += difference * difference;
        }
    for (; k < depth; k++) sum += (in[k] - mean) * (in[k] - mean);
    for (int lane = 0; lane < LANES; lane++) sum += lanes[lane];
    return sum;
}

static inline void scale_row(const tmoi_layer_norm *norm, const float *in, float *out, float mean,
                             float scale)
{
    const float *gamma = norm->gamma, *beta = norm->beta;
    if (gamma && beta) {
        TMOI_INDEPENDENT_LOOP
        for (int64_t k = 0; k < norm->depth; k++) out[k] = (in[k] - mean) * scale * gamma[k] + beta[k];
        return;
    }
    for (int64_t k = 0; k < norm->depth; k++)
        out[k] = (in[k] - mean) * scale * (gamma ? gamma[k] : 1.0f) + (beta ? beta[k] : 0.0f);
}

void TMOI_LAYER_NORM(const tmoi_layer_norm *norm, const float *in, float *out, int64_t rows)
{
    const float count = (float)norm->depth;
    for (int64_t row = 0; row < rows; row++, in += norm->depth, out += norm->depth) {
        const float mean = row_sum(in, norm->depth) / count;
        const float variance = row_deviation(in, norm->depth, mean) / count;
        scale_row(norm, in, out, mean, 1.0f / sqrtf(variance + norm->epsilon));
    }
}
