/* What the recurrent operators (RNN, LSTM, SVDF; float and hybrid) are made of: batches of vectors,
 * matrices of weights, and the activation functions of gates. */
#ifndef TMOI_KERNELS_RECURRENT_RECURRENT_H
#define TMOI_KERNELS_RECURRENT_RECURRENT_H

#include <stdbool.h>

#include "kernels/gemm_s8/dot_s8.h"
#include "kernels/quant_rows/quant_rows.h"
#include "kernels/gemm_f32/gemm_f32.h"

/* The activations of a recurrent cell, with the numbers of the schema's ActivationFunctionType; SIGMOID is
 * ours, for gates. */
enum {
    TMOI_RECURRENT_NONE = 0,
    TMOI_RECURRENT_RELU = 1,
    TMOI_RECURRENT_RELU_N1_TO_1 = 2,
    TMOI_RECURRENT_RELU6 = 3,
    TMOI_RECURRENT_TANH = 4,
    TMOI_RECURRENT_SIGN_BIT = 5,
    TMOI_RECURRENT_SIGMOID = 6
};

/* x[k] = activation(x[k]). */
void tmoi_recurrent_activate(int32_t activation, int64_t count, float *x);

/* Weights [rows, columns]; exactly one of f32, s8 and diagonal is set. */
typedef struct tmoi_recurrent_matrix {
    int32_t rows, columns;
    const float *f32;      /* [rows, columns] */
    const int8_t *s8;      /* hybrid: [rows, columns] integers, times `scale` */
    const float *diagonal; /* [rows]: a diagonal matrix */
    float scale;
} tmoi_recurrent_matrix;

/* `batch` vectors of `size` floats. For hybrid weights they are also quantized, once for all matrices that
 * they meet. */
typedef struct tmoi_recurrent_vectors {
    const float *f32;
    int32_t batch, size;
    int16_t *s16;  /* hybrid: [batch, size], zero points subtracted */
    float *scales; /* hybrid: [batch] */
} tmoi_recurrent_vectors;

/* Memory and kernels for a step. */
typedef struct tmoi_recurrent_tools {
    tmoi_dot_f32_function dot_f32;
    tmoi_dot_s8_function dot_s8;
    tmoi_quantize_dynamic_function quantize;
    bool asymmetric;   /* hybrid: how vectors are quantized */
    int8_t *quantized; /* hybrid: the longest vector */
    int32_t *sums;     /* hybrid: batch · the most rows */
} tmoi_recurrent_tools;

/* Fills vectors->s16 and ->scales from vectors->f32. */
void tmoi_recurrent_quantize(const tmoi_recurrent_tools *tools, tmoi_recurrent_vectors *vectors);

/* out[b,r] += Σ_c matrix[r,c] · vectors[b,c]; out [batch, rows]. */
void tmoi_recurrent_add_product(const tmoi_recurrent_tools *tools, const tmoi_recurrent_matrix *matrix,
                                const tmoi_recurrent_vectors *vectors, float *out);

/* out[b,r] = bias[r], or 0 where bias is NULL. */
void tmoi_recurrent_start(const float *bias, int32_t batch, int32_t rows, float *out);

/* One step of an RNN cell: hidden = out = activation(bias + W·x + A·aux + R·hidden). `aux` may be NULL.
 * Rows of `out` lie out_stride apart. vectors of hidden: hidden->f32 is `state`. Source: TFLite
 * kernel_utils::RnnBatchStep. */
typedef struct tmoi_rnn_cell {
    tmoi_recurrent_matrix input, aux, recurrent;
    const float *bias;
    int32_t activation;
} tmoi_rnn_cell;
void tmoi_rnn_step(const tmoi_recurrent_tools *tools, const tmoi_rnn_cell *cell,
                   const tmoi_recurrent_vectors *x, const tmoi_recurrent_vectors *aux,
                   tmoi_recurrent_vectors *hidden, float *state, float *sums, float *out, int64_t out_stride);

#endif
