/* What the LSTM operators of both arithmetics share. */
#ifndef TMOI_RUNTIME_OPS_LSTM_H
#define TMOI_RUNTIME_OPS_LSTM_H

#include "runtime/op.h"

/* The options of LSTM and UNIDIRECTIONAL_SEQUENCE_LSTM, BIDIRECTIONAL_SEQUENCE_LSTM as one. */
typedef struct tmoi_lstm_options {
    int32_t activation;
    float cell_clip, projection_clip;
    bool time_major, asymmetric, merged;
} tmoi_lstm_options;
tmoi_lstm_options tmoi_lstm_options_of(const tmoi_op *op);

/* int8 activations ("8x8_16"): prepare and eval of LSTM and UNIDIRECTIONAL_SEQUENCE_LSTM. */
tmo_status tmoi_lstm_s8_prepare(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx);
tmo_status tmoi_lstm_s8_eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx);

#endif
