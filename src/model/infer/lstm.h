/* Where the tensors of an LSTM cell stand among an operator's inputs, and what inference has checked of
 * them. */
#ifndef TMOI_MODEL_INFER_LSTM_H
#define TMOI_MODEL_INFER_LSTM_H

#include "model/infer.h"

/* Offsets from a layout's `weights`. Gates stand in the order input, forget, cell, output; there is no
 * peephole of the cell gate. */
enum {
    TMOI_LSTM_INPUT = 0,
    TMOI_LSTM_RECURRENT = 4,
    TMOI_LSTM_PEEPHOLE = 8,
    TMOI_LSTM_BIAS = 11,
    TMOI_LSTM_PROJECTION = 15,
    TMOI_LSTM_PROJECTION_BIAS = 16
};

/* Indices of inputs; -1: the operator has none. */
typedef struct tmoi_lstm_layout {
    int32_t weights, output_state, cell_state, norm, aux_weights;
} tmoi_lstm_layout;

extern const tmoi_lstm_layout tmoi_lstm_layout_one;     /* LSTM, UNIDIRECTIONAL_SEQUENCE_LSTM */
extern const tmoi_lstm_layout tmoi_lstm_layout_forward; /* BIDIRECTIONAL_SEQUENCE_LSTM */
extern const tmoi_lstm_layout tmoi_lstm_layout_backward;
enum { TMOI_LSTM_AUX_INPUT = 39 }; /* of BIDIRECTIONAL_SEQUENCE_LSTM */

#endif
