#include <math.h>
#include <string.h>

#include "kernels/lstm/lstm.h"

/* Each row to mean 0 and standard deviation 1. Source: TFLite PortableMeanStddevNormalization. */
static void normalize(int32_t batch, int32_t count, float *x)
{
    for (int32_t b = 0; b < batch; b++, x += count) {
        float sum = 0.0f, squares = 0.0f;
        for (int32_t k = 0; k < count; k++) sum += x[k];
        float mean = sum / (float)count;
        for (int32_t k = 0; k < count; k++) squares += (x[k] - mean) * (x[k] - mean);
        float scale = 1.0f / sqrtf(squares / (float)count + 1e-8f);
        for (int32_t k = 0; k < count; k++) x[k] = (x[k] - mean) * scale;
    }
}

static void compute_gate(const tmoi_lstm_cell *cell, const tmoi_lstm_step *step, int32_t g)
{
    int32_t batch = step->x->batch, cells = cell->cells;
    float *gate = step->gates[g];
    tmoi_recurrent_start(cell->normalized ? NULL : cell->biases[g], batch, cells, gate);
    tmoi_recurrent_add_product(step->tools, &cell->input[g], step->x, gate);
    if (step->aux) tmoi_recurrent_add_product(step->tools, &cell->aux[g], step->aux, gate);
    tmoi_recurrent_add_product(step->tools, &cell->recurrent[g], step->h, gate);
    if (cell->peephole && g != TMOI_GATE_CELL)
        for (int32_t b = 0; b < batch; b++)
            for (int32_t k = 0; k < cells; k++)
                gate[(int64_t)b * cells + k] += cell->peepholes[g][k] * step->c_state[(int64_t)b * cells + k];
    if (cell->normalized) {
        normalize(batch, cells, gate);
        for (int32_t b = 0; b < batch; b++)
            for (int32_t k = 0; k < cells; k++)
                gate[(int64_t)b * cells + k] = gate[(int64_t)b * cells + k] * cell->norms[g][k] +
                                               cell->biases[g][k];
    }
    tmoi_recurrent_activate(g == TMOI_GATE_CELL ? cell->activation : TMOI_RECURRENT_SIGMOID,
                            (int64_t)batch * cells, gate);
}

static void clip(float limit, int64_t count, float *x)
{
    if (limit <= 0.0f) return;
    for (int64_t k = 0; k < count; k++) x[k] = tmoi_clamp_f32(x[k], -limit, limit);
}

static void update_cell(const tmoi_lstm_cell *cell, const tmoi_lstm_step *step)
{
    int64_t count = (int64_t)step->x->batch * cell->cells;
    const float *input = step->gates[TMOI_GATE_INPUT], *forget = step->gates[TMOI_GATE_FORGET];
    const float *new = step->gates[TMOI_GATE_CELL];
    float *c = step->c_state;
    for (int64_t k = 0; k < count; k++)
        c[k] = forget[k] * c[k] + new[k] * (cell->coupled ? 1.0f - forget[k] : input[k]);
    clip(cell->cell_clip, count, c);
}

static void update_output(const tmoi_lstm_cell *cell, const tmoi_lstm_step *step)
{
    int32_t batch = step->x->batch;
    int64_t count = (int64_t)batch * cell->cells, outputs = (int64_t)batch * cell->outputs;
    const float *gate = step->gates[TMOI_GATE_OUTPUT];
    memcpy(step->product, step->c_state, (size_t)count * sizeof(float));
    tmoi_recurrent_activate(cell->activation, count, step->product);
    for (int64_t k = 0; k < count; k++) step->product[k] *= gate[k];
    if (!cell->projected) {
        memcpy(step->h_state, step->product, (size_t)count * sizeof(float));
        return;
    }
    if (cell->projection.s8) tmoi_recurrent_quantize(step->tools, step->hidden);
    tmoi_recurrent_start(cell->projection_bias, batch, cell->outputs, step->h_state);
    tmoi_recurrent_add_product(step->tools, &cell->projection, step->hidden, step->h_state);
    clip(cell->projection_clip, outputs, step->h_state);
}

void tmoi_lstm_step_run(const tmoi_lstm_cell *cell, const tmoi_lstm_step *step)
{
    if (step->h->s16) tmoi_recurrent_quantize(step->tools, step->h);
    if (!cell->coupled) compute_gate(cell, step, TMOI_GATE_INPUT);
    compute_gate(cell, step, TMOI_GATE_FORGET);
    compute_gate(cell, step, TMOI_GATE_CELL);
    update_cell(cell, step);
    compute_gate(cell, step, TMOI_GATE_OUTPUT);
    update_output(cell, step);
}
