#include <string.h>

#include "kernels/common/inverse_sqrt.h"
#include "kernels/common/widen.h"
#include "kernels/lstm/lstm.h"

static int16_t saturate_s16(int32_t x)
{
    return (int16_t)tmoi_clamp_i32(x, INT16_MIN, INT16_MAX);
}

static int32_t wrapping_add(int32_t a, int32_t b)
{
    return (int32_t)((uint32_t)a + (uint32_t)b);
}

/* gate += scale(weights · (x - zero_point) + bias), saturating. */
static void add_product(const tmoi_lstm_cell_s8 *cell, const tmoi_lstm_scratch_s8 *scratch, int32_t batch,
                        const int8_t *x, int32_t size, int32_t zero_point, const int8_t *weights,
                        const int32_t *bias, tmoi_multiplier scale, int16_t *gate)
{
    tmoi_dot_s8_shape shape = {
        .m = batch, .n = cell->cells, .k = size, .a_stride = size, .out_stride = cell->cells};
    tmoi_widen(TMO_TYPE_INT8, x, 0, (int64_t)batch * size, zero_point, scratch->widened);
    cell->dot_s8(&shape, scratch->widened, weights, scratch->sums);
    const int32_t *sum = scratch->sums;
    for (int32_t b = 0; b < batch; b++)
        for (int32_t k = 0; k < cell->cells; k++, gate++)
            *gate = saturate_s16(tmoi_multiply(wrapping_add(*sum++, bias ? bias[k] : 0), scale) + *gate);
}

static void add_peephole(const tmoi_lstm_cell_s8 *cell, const tmoi_lstm_gate_s8 *params, int32_t batch,
                         const int16_t *c_state, int16_t *gate)
{
    int32_t stride = cell->outputs <= cell->cells ? cell->outputs : cell->cells;
    for (int32_t b = 0; b < batch; b++)
        for (int32_t k = 0; k < stride; k++, gate++)
            *gate = saturate_s16(tmoi_multiply(params->peephole[k] * *c_state++, params->peephole_scale) +
                                 *gate);
}

/* Source: TFLite PortableApplyLayerNorm. */
static void normalize_row(const tmoi_lstm_gate_s8 *params, int32_t count, int16_t *gate)
{
    enum { TWO_TO_20 = 1 << 20 };
    int64_t sum = 0, squares = 0;
    for (int32_t k = 0; k < count; k++) {
        sum += gate[k];
        squares += gate[k] * gate[k];
    }
    int32_t mean = (int32_t)(sum * 1024 / count);
    int64_t variance = (squares * (TWO_TO_20 / count) - (int64_t)mean * mean) / TWO_TO_20;
    tmoi_multiplier inverse = tmoi_inverse_sqrt(variance < 1 ? params->variance_guard : (int32_t)variance);
    tmoi_multiplier scale = {params->norm_scale.value, params->norm_scale.shift + 12};
    for (int32_t k = 0; k < count; k++) {
        int32_t normal = tmoi_multiply(1024 * gate[k] - mean, inverse);
        int64_t weighted = (int32_t)((uint32_t)normal * (uint32_t)(int32_t)params->norm[k] +
                                     (uint32_t)params->bias[k]);
        int32_t rounded = (int32_t)((weighted > 0 ? weighted + 512 : weighted - 512) / 1024);
        gate[k] = saturate_s16(tmoi_multiply(rounded, scale));
    }
}

static void compute_gate(const tmoi_lstm_cell_s8 *cell, const tmoi_lstm_scratch_s8 *scratch, int32_t g,
                         int32_t batch, const int8_t *x, const int8_t *h_state, const int16_t *c_state)
{
    const tmoi_lstm_gate_s8 *params = &cell->gates[g];
    int16_t *gate = scratch->gates[g];
    int64_t count = (int64_t)batch * cell->cells;
    memset(gate, 0, (size_t)count * sizeof *gate);
    add_product(cell, scratch, batch, x, cell->inputs, cell->input_zero_point, params->input,
                params->norm ? NULL : params->bias, params->input_scale, gate);
    add_product(cell, scratch, batch, h_state, cell->outputs, cell->output_zero_point, params->recurrent,
                NULL, params->recurrent_scale, gate);
    if (params->peephole) add_peephole(cell, params, batch, c_state, gate);
    for (int32_t b = 0; b < batch && params->norm; b++)
        normalize_row(params, cell->cells, gate + (int64_t)b * cell->cells);
    for (int64_t k = 0; k < count; k++)
        gate[k] = g == TMOI_GATE_CELL ? tmoi_tanh_s16(gate[k], 3) : tmoi_logistic_s16(gate[k]);
}

static void update_cell(const tmoi_lstm_cell_s8 *cell, const tmoi_lstm_scratch_s8 *scratch, int32_t batch,
                        int16_t *c_state)
{
    const int16_t *input = scratch->gates[TMOI_GATE_INPUT], *forget = scratch->gates[TMOI_GATE_FORGET];
    const int16_t *new = scratch->gates[TMOI_GATE_CELL];
    for (int64_t k = 0; k < (int64_t)batch * cell->cells; k++) {
        int32_t gate = cell->coupled ? INT16_MAX - forget[k] : input[k];
        int16_t kept = (int16_t)tmoi_rounding_shift_right(forget[k] * c_state[k], 15);
        int16_t added = (int16_t)tmoi_rounding_shift_right((int16_t)gate * new[k], 30 + cell->cell_exponent);
        c_state[k] = saturate_s16(kept + added);
        if (cell->cell_clip > 0)
            c_state[k] = (int16_t)tmoi_clamp_i32(c_state[k], -cell->cell_clip, cell->cell_clip);
    }
}

static int8_t saturate_s8(int32_t x)
{
    return (int8_t)tmoi_clamp_i32(x, INT8_MIN, INT8_MAX);
}

/* gate_o ∘ tanh(c), requantized. */
static int8_t hidden_value(const tmoi_lstm_cell_s8 *cell, int16_t gate, int16_t c, int32_t zero_point)
{
    int32_t product = gate * tmoi_tanh_s16(c, 15 + cell->cell_exponent);
    return saturate_s8(tmoi_multiply(product, cell->hidden_scale) + zero_point);
}

static void project(const tmoi_lstm_cell_s8 *cell, const tmoi_lstm_scratch_s8 *scratch, int32_t batch,
                    const int16_t *c_state, int8_t *h_state)
{
    const int16_t *gate = scratch->gates[TMOI_GATE_OUTPUT];
    tmoi_dot_s8_shape shape = {.m = batch,
                               .n = cell->outputs,
                               .k = cell->cells,
                               .a_stride = cell->cells,
                               .out_stride = cell->outputs};
    for (int64_t k = 0; k < (int64_t)batch * cell->cells; k++)
        scratch->widened[k] = (int16_t)(hidden_value(cell, gate[k], c_state[k], -cell->hidden_zero_point) +
                                        cell->hidden_zero_point);
    cell->dot_s8(&shape, scratch->widened, cell->projection, scratch->sums);
    const int32_t *sum = scratch->sums;
    for (int32_t b = 0; b < batch; b++)
        for (int32_t r = 0; r < cell->outputs; r++, h_state++) {
            int32_t biased = wrapping_add(*sum++, cell->projection_bias ? cell->projection_bias[r] : 0);
            *h_state = saturate_s8(tmoi_multiply(biased, cell->projection_scale) + cell->output_zero_point);
            if (cell->projection_clip > 0)
                *h_state = (int8_t)tmoi_clamp_i32(*h_state, -cell->projection_clip, cell->projection_clip);
        }
}

void tmoi_lstm_step_s8(const tmoi_lstm_cell_s8 *cell, const tmoi_lstm_scratch_s8 *scratch, int32_t batch,
                       const int8_t *x, int8_t *h_state, int16_t *c_state)
{
    const int16_t *gate = scratch->gates[TMOI_GATE_OUTPUT];
    if (!cell->coupled) compute_gate(cell, scratch, TMOI_GATE_INPUT, batch, x, h_state, c_state);
    compute_gate(cell, scratch, TMOI_GATE_FORGET, batch, x, h_state, c_state);
    compute_gate(cell, scratch, TMOI_GATE_CELL, batch, x, h_state, c_state);
    update_cell(cell, scratch, batch, c_state);
    compute_gate(cell, scratch, TMOI_GATE_OUTPUT, batch, x, h_state, c_state);
    if (cell->projection) {
        project(cell, scratch, batch, c_state, h_state);
        return;
    }
    for (int64_t k = 0; k < (int64_t)batch * cell->cells; k++)
        h_state[k] = hidden_value(cell, gate[k], c_state[k], cell->hidden_zero_point);
}
