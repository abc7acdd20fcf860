/* Long short-term memory: one step of a cell, for a batch. Gates are numbered input, forget, cell, output.
 *
 *   gate_g = σ_g(W_g·x + A_g·aux + R_g·h + p_g∘c + b_g)   normalized: σ_g(n_g∘norm(W_g·x + …) + b_g)
 *   c = clip(gate_f∘c + gate_i∘gate_c)                   coupled (CIFG): gate_i = 1 − gate_f
 *   h = gate_o∘act(c)                                    projected: clip(P·(gate_o∘act(c)) + b_P)
 *
 * σ is the logistic function, for the cell gate the operator's activation; the output gate's peephole sees
 * the new c. Source: TFLite lstm_eval.cc. */
#ifndef TMOI_KERNELS_LSTM_LSTM_H
#define TMOI_KERNELS_LSTM_LSTM_H

#include "kernels/common/fixed_point.h"
#include "kernels/recurrent/recurrent.h"

enum { TMOI_GATE_INPUT, TMOI_GATE_FORGET, TMOI_GATE_CELL, TMOI_GATE_OUTPUT, TMOI_GATES };

/* Float and hybrid. */
typedef struct tmoi_lstm_cell {
    int32_t cells, outputs;
    bool coupled, peephole, normalized, projected;
    tmoi_recurrent_matrix input[TMOI_GATES], aux[TMOI_GATES], recurrent[TMOI_GATES], projection;
    const float *peepholes[TMOI_GATES]; /* [cells]; none for the cell gate */
    const float *norms[TMOI_GATES];     /* [cells] */
    const float *biases[TMOI_GATES];    /* [cells] */
    const float *projection_bias;       /* [outputs] or NULL */
    int32_t activation;
    float cell_clip, projection_clip; /* 0: none */
} tmoi_lstm_cell;

/* x and aux (NULL: none) as the matrices want them, quantized when they are hybrid. */
typedef struct tmoi_lstm_step {
    const tmoi_recurrent_tools *tools;
    const tmoi_recurrent_vectors *x, *aux;
    tmoi_recurrent_vectors *h;      /* over h_state */
    tmoi_recurrent_vectors *hidden; /* before projection; its f32 is `product` */
    float *h_state, *c_state;       /* [batch, outputs], [batch, cells] */
    float *gates[TMOI_GATES];       /* scratch, [batch, cells] each */
    float *product;                 /* scratch, [batch, cells] */
} tmoi_lstm_step;

void tmoi_lstm_step_run(const tmoi_lstm_cell *cell, const tmoi_lstm_step *step);

/* Integer: int8 activations and weights, int16 gates and cell state ("8x8_16"). */
typedef struct tmoi_lstm_gate_s8 {
    const int8_t *input, *recurrent; /* [cells, inputs], [cells, outputs] */
    const int16_t *peephole;         /* [cells] or NULL */
    const int16_t *norm;             /* [cells] or NULL */
    const int32_t *bias;             /* [cells]; applied after normalization if any */
    tmoi_multiplier input_scale, recurrent_scale, peephole_scale, norm_scale;
    int32_t variance_guard;
} tmoi_lstm_gate_s8;

typedef struct tmoi_lstm_cell_s8 {
    int32_t inputs, cells, outputs;
    bool coupled;
    tmoi_lstm_gate_s8 gates[TMOI_GATES];
    int32_t input_zero_point, output_zero_point;
    int32_t cell_exponent; /* the cell state's scale is 2^cell_exponent, in [-15, -9] */
    int16_t cell_clip;     /* 0: none */
    tmoi_multiplier hidden_scale;
    int32_t hidden_zero_point;
    const int8_t *projection; /* [outputs, cells] or NULL */
    const int32_t *projection_bias;
    tmoi_multiplier projection_scale;
    int8_t projection_clip; /* 0: none */
    tmoi_dot_s8_function dot_s8;
} tmoi_lstm_cell_s8;

typedef struct tmoi_lstm_scratch_s8 {
    int16_t *gates[TMOI_GATES]; /* [batch, cells] each */
    int16_t *widened;           /* [batch, the most of inputs, cells and outputs] */
    int32_t *sums;              /* [batch, the more of cells and outputs] */
} tmoi_lstm_scratch_s8;

/* x [batch, inputs], h_state [batch, outputs], c_state [batch, cells].
 * Result  bit-exact with TFLite's reference, including that peepholes walk the states with the stride
 *         `outputs`; where outputs > cells, which TFLite overruns, the stride is `cells`. */
void tmoi_lstm_step_s8(const tmoi_lstm_cell_s8 *cell, const tmoi_lstm_scratch_s8 *scratch, int32_t batch,
                       const int8_t *x, int8_t *h_state, int16_t *c_state);

/* logistic and tanh of 16-bit fixed-point numbers with `integer_bits` integer bits, to Q0.15; 3 bits for
 * the logistic, 0 to 6 for tanh. Source: gemmlowp fixedpoint.h. */
int16_t tmoi_logistic_s16(int16_t x);
int16_t tmoi_tanh_s16(int16_t x, int32_t integer_bits);

#endif
