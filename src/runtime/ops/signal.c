/* RFFT2D, and the parts of complex numbers: REAL, IMAG, COMPLEX_ABS. */
#include <math.h>

#include "kernels/fft/fft.h"
#include "runtime/op.h"

typedef struct rfft_state {
    tmoi_fft_shape shape;
    int32_t scratch;
} rfft_state;

static tmo_status rfft2d_prepare(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_shape *in = &node->inputs[0]->shape;
    const int32_t *length = node->inputs[1]->data;
    TMO_TRY(tmoi_node_state(exec, node, sizeof(rfft_state), ctx));
    rfft_state *state = node->state;
    state->shape = (tmoi_fft_shape){tmoi_shape_product(in, 0, in->rank - 2), in->dims[in->rank - 2],
                                    in->dims[in->rank - 1], length[0], length[1]};
    TMO_TRY(tmoi_node_scratch(node, (size_t)tmoi_rfft2d_scratch(&state->shape) * sizeof(double),
                              &state->scratch, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status rfft2d_eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const rfft_state *state = node->state;
    (void)exec;
    (void)ctx;
    tmoi_rfft2d(&state->shape, node->inputs[0]->data, node->outputs[0]->data, node->scratch[state->scratch]);
    return TMO_STATUS_OK;
}

const tmoi_op_def tmoi_op_rfft2d = {.prepare = rfft2d_prepare, .eval = rfft2d_eval};

static tmo_status part_eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const float *in = node->inputs[0]->data;
    float *out = node->outputs[0]->data;
    int64_t count = tmoi_shape_count(&node->outputs[0]->shape);
    (void)exec;
    (void)ctx;
    for (int64_t k = 0; k < count; k++, in += 2)
        out[k] = node->op->code == TMOI_OP_REAL   ? in[0]
                 : node->op->code == TMOI_OP_IMAG ? in[1]
                                                  : hypotf(in[0], in[1]);
    return TMO_STATUS_OK;
}

const tmoi_op_def tmoi_op_complex_part = {.eval = part_eval};
