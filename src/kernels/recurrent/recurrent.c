#include "kernels/recurrent/recurrent.h"

#include <math.h>
#include <string.h>

#include "kernels/common/exp.h"
#include "kernels/common/fixed_point.h"
#include "kernels/common/widen.h"
#include "kernels/quant_rows/quant_rows.h"

static void clamp(float low, float high, int64_t count, float *x)
{
    for (int64_t k = 0; k < count; k++) x[k] = tmoi_clamp_f32(x[k], low, high);
}

void tmoi_recurrent_activate(int32_t activation, int64_t count, float *x)
{
    switch (activation) {
    case TMOI_RECURRENT_RELU: clamp(0.0f, INFINITY, count, x); break;
    case TMOI_RECURRENT_RELU_N1_TO_1: clamp(-1.0f, 1.0f, count, x); break;
    case TMOI_RECURRENT_RELU6: clamp(0.0f, 6.0f, count, x); break;
    case TMOI_RECURRENT_TANH:
        for (int64_t k = 0; k < count; k++) x[k] = tmoi_tanh_f32(x[k]);
        break;
    case TMOI_RECURRENT_SIGN_BIT:
        for (int64_t k = 0; k < count; k++) x[k] = signbit(x[k]) ? 1.0f : 0.0f;
        break;
    case TMOI_RECURRENT_SIGMOID:
        for (int64_t k = 0; k < count; k++) x[k] = tmoi_logistic_f32(x[k]);
        break;
    default: assert(activation == TMOI_RECURRENT_NONE); break;
    }
}

void tmoi_recurrent_quantize(const tmoi_recurrent_tools *tools, tmoi_recurrent_vectors *vectors)
{
    for (int32_t b = 0; b < vectors->batch; b++) {
        const float *row = vectors->f32 + (int64_t)b * vectors->size;
        int32_t zero_point;
        tools->quantize(tools->asymmetric, row, vectors->size, tools->quantized, &vectors->scales[b],
                        &zero_point);
        tmoi_widen(TMO_TYPE_INT8, tools->quantized, 0, vectors->size, zero_point,
                   vectors->s16 + (int64_t)b * vectors->size);
    }
}

static void add_diagonal(const tmoi_recurrent_matrix *matrix, const tmoi_recurrent_vectors *vectors,
                         float *out)
{
    for (int32_t b = 0; b < vectors->batch; b++)
        for (int32_t r = 0; r < matrix->rows; r++)
            out[(int64_t)b * matrix->rows + r] += matrix->diagonal[r] *
                                                  vectors->f32[(int64_t)b * vectors->size + r];
}

static void add_hybrid(const tmoi_recurrent_tools *tools, const tmoi_recurrent_matrix *matrix,
                       const tmoi_recurrent_vectors *vectors, float *out)
{
    tmoi_dot_s8_shape shape = {.m = vectors->batch,
                               .n = matrix->rows,
                               .k = matrix->columns,
                               .a_stride = vectors->size,
                               .out_stride = matrix->rows};
    tools->dot_s8(&shape, vectors->s16, matrix->s8, tools->sums);
    const int32_t *sum = tools->sums;
    for (int32_t b = 0; b < vectors->batch; b++) {
        float scale = vectors->scales[b] * matrix->scale;
        for (int32_t r = 0; r < matrix->rows; r++) *out++ += (float)*sum++ * scale;
    }
}

void tmoi_recurrent_add_product(const tmoi_recurrent_tools *tools, const tmoi_recurrent_matrix *matrix,
                                const tmoi_recurrent_vectors *vectors, float *out)
{
    if (matrix->diagonal) {
        add_diagonal(matrix, vectors, out);
    } else if (matrix->s8) {
        add_hybrid(tools, matrix, vectors, out);
    } else {
        tools->dot_f32(&(tmoi_dot_f32_block){.rows = vectors->batch,
                                             .columns = matrix->rows,
                                             .terms = matrix->columns,
                                             .a = vectors->f32,
                                             .w = matrix->f32,
                                             .a_stride = vectors->size,
                                             .w_stride = matrix->columns,
                                             .out_stride = matrix->rows,
                                             .accumulate = true,
                                             .low = -INFINITY,
                                             .high = INFINITY,
                                             .out = out});
    }
}

void tmoi_recurrent_start(const float *bias, int32_t batch, int32_t rows, float *out)
{
    for (int32_t b = 0; b < batch; b++)
        for (int32_t r = 0; r < rows; r++) *out++ = bias ? bias[r] : 0.0f;
}

void tmoi_rnn_step(const tmoi_recurrent_tools *tools, const tmoi_rnn_cell *cell,
                   const tmoi_recurrent_vectors *x, const tmoi_recurrent_vectors *aux,
                   tmoi_recurrent_vectors *hidden, float *state, float *sums, float *out, int64_t out_stride)
{
    int32_t units = cell->recurrent.rows;
    if (cell->recurrent.s8) tmoi_recurrent_quantize(tools, hidden);
    tmoi_recurrent_start(cell->bias, x->batch, units, sums);
    tmoi_recurrent_add_product(tools, &cell->input, x, sums);
    if (aux) tmoi_recurrent_add_product(tools, &cell->aux, aux, sums);
    tmoi_recurrent_add_product(tools, &cell->recurrent, hidden, sums);
    tmoi_recurrent_activate(cell->activation, (int64_t)x->batch * units, sums);
    memcpy(state, sums, (size_t)x->batch * (size_t)units * sizeof *state);
    for (int32_t b = 0; b < x->batch; b++)
        memcpy(out + b * out_stride, sums + (int64_t)b * units, (size_t)units * sizeof *out);
}
