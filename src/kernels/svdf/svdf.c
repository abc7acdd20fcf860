#include "kernels/svdf/svdf.h"

#include <string.h>

void tmoi_svdf_f32(const tmoi_svdf_shape *s, const float *products, const float *time, const float *bias,
                   int32_t activation, float *state, float *out)
{
    int32_t units = s->filters / s->rank;
    for (int32_t b = 0; b < s->batch; b++, out += units) {
        for (int32_t u = 0; u < units; u++) out[u] = bias ? bias[u] : 0.0f;
        for (int32_t f = 0; f < s->filters; f++, state += s->memory) {
            const float *weights = time + (int64_t)f * s->memory;
            float sum = 0.0f;
            memmove(state, state + 1, (size_t)(s->memory - 1) * sizeof *state);
            state[s->memory - 1] = *products++;
            for (int32_t t = 0; t < s->memory; t++) sum += weights[t] * state[t];
            out[f / s->rank] += sum;
        }
        tmoi_recurrent_activate(activation, units, out);
    }
}

static uint32_t filter_sum(const tmoi_svdf_shape *s, const int16_t *weights, const int16_t *state)
{
    uint32_t sum = 0;
    for (int32_t t = 0; t < s->memory; t++) sum += (uint32_t)(weights[t] * state[t]);
    return sum;
}

void tmoi_svdf_s8_step(const tmoi_svdf_s8 *svdf, const int32_t *products, int16_t *state, int8_t *out)
{
    const tmoi_svdf_shape *s = &svdf->shape;
    int32_t units = s->filters / s->rank;
    for (int32_t b = 0; b < s->batch; b++)
        for (int32_t u = 0; u < units; u++) {
            uint32_t sum = svdf->bias ? (uint32_t)svdf->bias[u] : 0;
            for (int32_t r = 0; r < s->rank; r++, state += s->memory) {
                memmove(state, state + 1, (size_t)(s->memory - 1) * sizeof *state);
                state[s->memory - 1] = (int16_t)tmoi_clamp_i32(tmoi_multiply(*products++, svdf->state_scale),
                                                               INT16_MIN, INT16_MAX);
                sum += filter_sum(s, svdf->time + ((int64_t)u * s->rank + r) * s->memory, state);
            }
            int64_t stored = (int64_t)tmoi_multiply((int32_t)sum, svdf->output_scale) +
                             svdf->output_zero_point;
            *out++ = (int8_t)(stored < INT8_MIN ? INT8_MIN : stored > INT8_MAX ? INT8_MAX : stored);
        }
}
