/* Operands that kernels want in another form than the model has: matrices transposed, biases widened. The form of a
 * constant is made once, in prepare; that of a value known only at run time at each
 * eval, in scratch memory. */
#ifndef TMOI_RUNTIME_OPS_OPERAND_H
#define TMOI_RUNTIME_OPS_OPERAND_H

#include "runtime/op.h"

typedef struct tmoi_operand {
    const tmoi_value *value; /* NULL: left out, and so is the operand */
    /* Writes the form of value->data. NULL: the data are used as they are. */
    void (*fill)(const struct tmoi_operand *operand, void *out);
    int64_t rows, columns; /* for fill: what the functions below say */
    void *data;            /* of a constant */
    int32_t scratch;       /* index of the scratch block otherwise, */
    size_t offset;         /* or offset in a shared one */
} tmoi_operand;

/* Fill functions. */

/* float32 or float16 matrices [count / (rows · columns), rows, columns] as float32, each transposed. */
void tmoi_operand_transpose(const tmoi_operand *operand, void *out);
/* [count] float16 (or float32) elements as float32. */
void tmoi_operand_float(const tmoi_operand *operand, void *out);
/* [count] int32 or int64 elements as int64. */
void tmoi_operand_bias(const tmoi_operand *operand, void *out);

/* Sets the operand up, `elem_bytes` for each element of the value. */
tmo_status tmoi_operand_prepare(tmoi_exec *exec, tmoi_node *node, tmoi_operand *operand,
                                const tmoi_value *value, void (*fill)(const tmoi_operand *operand, void *out),
                                size_t elem_bytes, int64_t rows, int64_t columns, tmoi_ctx *ctx);
/* A float bias, or none: as it is, or from float16. */
tmo_status tmoi_operand_prepare_float(tmoi_exec *exec, tmoi_node *node, tmoi_operand *operand,
                                      const tmoi_value *value, tmoi_ctx *ctx);
/* In eval, once a run and before the work is split: the form's data, NULL when left out. */
const void *tmoi_operand_data(const tmoi_node *node, const tmoi_operand *operand);

/* For operators with many operands, which share one scratch block: adds the bytes that the operand needs
 * there to *used, and is given the block in eval. */
tmo_status tmoi_operand_prepare_shared(tmoi_exec *exec, tmoi_operand *operand, const tmoi_value *value,
                                       void (*fill)(const tmoi_operand *operand, void *out),
                                       size_t elem_bytes, int64_t rows, int64_t columns, size_t *used,
                                       tmoi_ctx *ctx);
const void *tmoi_operand_data_shared(const tmoi_operand *operand, void *block);

/* Scratch of `bytes` for each thread of the pool. */
typedef struct tmoi_thread_scratch {
    int32_t index;
    size_t stride;
} tmoi_thread_scratch;
tmo_status tmoi_thread_scratch_prepare(const tmoi_exec *exec, tmoi_node *node, size_t count,
                                       size_t elem_bytes, tmoi_thread_scratch *out, tmoi_ctx *ctx);
static inline void *tmoi_thread_scratch_of(const tmoi_node *node, const tmoi_thread_scratch *scratch,
                                           int32_t thread)
{
    return (char *)node->scratch[scratch->index] + (size_t)thread * scratch->stride;
}

#endif
