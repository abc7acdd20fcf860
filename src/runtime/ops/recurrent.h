/* What the recurrent operators share: operands for the matrices and vectors of a cell, and the walk over a
 * sequence. */
#ifndef TMOI_RUNTIME_OPS_RECURRENT_H
#define TMOI_RUNTIME_OPS_RECURRENT_H

#include "kernels/recurrent/recurrent.h"
#include "runtime/ops/operand.h"

/* Input k, or NULL when it is left out (also for k < 0). */
static inline tmoi_value *tmoi_optional_input(const tmoi_node *node, int32_t k)
{
    return k >= 0 && k < node->input_count ? node->inputs[k] : NULL;
}

/* The state at input k, which must be a variable tensor. */
tmo_status tmoi_state_of(const tmoi_node *node, int32_t k, const char *what, tmoi_value **out, tmoi_ctx *ctx);

/* Weights [rows, columns] (float, hybrid or diagonal), or none when value is NULL. */
tmo_status tmoi_matrix_prepare(tmoi_exec *exec, tmoi_operand *operand, const tmoi_value *value, size_t *used,
                               tmoi_ctx *ctx);
tmoi_recurrent_matrix tmoi_recurrent_matrix_of(const tmoi_operand *operand, void *block);
static inline bool tmoi_matrix_is_hybrid(const tmoi_operand *operand)
{
    return operand->value &&
           (operand->value->type == TMO_TYPE_INT8 || operand->value->type == TMO_TYPE_UINT8);
}

/* A vector of floats: float32 as it is, float16 and int8 (times its scale) converted. */
tmo_status tmoi_vector_prepare(tmoi_exec *exec, tmoi_operand *operand, const tmoi_value *value, size_t *used,
                               tmoi_ctx *ctx);

/* A sequence [time, batch, depth] runs all of a step's batch at once; one that is [batch, time, depth],
 * row after row of the batch ("series"). A 2-D input is one step. */
typedef struct tmoi_sequence {
    int32_t steps, batch, series;
} tmoi_sequence;
tmoi_sequence tmoi_sequence_of(const tmoi_shape *input, bool time_major);
/* The number of the first row of step t of a series; rows of a step are contiguous. */
static inline int64_t tmoi_sequence_row(const tmoi_sequence *s, int32_t series, int32_t t)
{
    return (int64_t)series * s->steps + (int64_t)t * s->batch;
}

/* Takes pieces of a block in turn. With base NULL it only counts. */
typedef struct tmoi_carver {
    char *base;
    size_t used;
} tmoi_carver;
void *tmoi_carve(tmoi_carver *carver, int64_t count, size_t elem_bytes);

/* Vectors of a hybrid operator: memory for the quantized form. */
void tmoi_carve_vectors(tmoi_carver *carver, tmoi_recurrent_vectors *vectors, int32_t batch, int32_t size,
                        bool hybrid);

#endif
