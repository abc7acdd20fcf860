#include "runtime/ops/transpose_conv_float.h"

#include "runtime/ops/conv_common.h"

static void fill(const void *user, void *out)
{
    const tmoi_transpose_float *state = user;
    tmoi_gemm_f32_weights weights = {.data = state->weights->data,
                                     .type = state->weights->type,
                                     .k_stride = state->k_stride,
                                     .n_stride = state->n_stride};
    tmoi_transpose_conv_f32_pack(&state->conv, &weights, state->tap_stride, out);
}

/* What decides the packed bytes besides the weights: which taps belong together, in which order. */
static uint64_t kind_of(const tmoi_transpose_float *state)
{
    const tmoi_conv_shape *s = &state->conv.shape;
    const int64_t parts[] = {s->filter_d, s->filter_h,   s->filter_w,       s->stride_d,    s->stride_h,
                             s->stride_w, s->dilation_d, s->dilation_h,     s->dilation_w,  s->pad_front,
                             s->pad_top,  s->pad_left,   s->in_c,           s->out_c,       s->out_d,
                             s->out_h,    s->out_w,      state->tap_stride, state->k_stride};
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t k = 0; k < sizeof parts / sizeof parts[0]; k++)
        hash = (hash ^ (uint64_t)parts[k]) * 0x100000001b3u;
    return hash;
}

tmo_status tmoi_transpose_float_prepare(tmoi_exec *exec, tmoi_node *node, tmoi_transpose_float *state,
                                        const tmoi_value *bias, int32_t activation, tmoi_ctx *ctx)
{
    tmoi_transpose_conv_f32 *conv = &state->conv;
    size_t bytes;
    conv->gemm = TMOI_KERNEL_OF(exec->kernels, gemm_f32)();
    node->kernel = conv->gemm->name;
    tmoi_packing packing = {.value = state->weights,
                            .layout = conv->gemm->name,
                            .kind = kind_of(state),
                            .fill = fill,
                            .user = state};
    TMO_TRY(tmoi_require_dense(state->weights, ctx));
    TMO_TRY(tmoi_conv_check_patch(&conv->shape, ctx));
    TMO_TRY(tmoi_form_bytes(state->weights, tmoi_transpose_conv_f32_filter_size(conv), sizeof(float),
                            &packing.bytes, ctx));
    TMO_TRY(tmoi_form_prepare(exec, node, &state->filter, &packing, ctx));
    TMO_TRY(tmoi_operand_prepare_float(exec, node, &state->bias, bias, ctx));
    TMO_TRY(tmoi_float_range(exec, activation, &conv->low, &conv->high, ctx));
    TMO_FAIL_IF(!tmoi_transpose_conv_f32_scratch_bytes(conv, &bytes), LIMIT, ctx, "filter is too large");
    TMO_TRY(tmoi_thread_scratch_prepare(exec, node, bytes, 1, &state->scratch, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

typedef struct transpose_job {
    const tmoi_node *node;
    const tmoi_transpose_float *state;
} transpose_job;

static void run_rows(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    const transpose_job *job = argument;
    const tmoi_transpose_float *state = job->state;
    int64_t size = (int64_t)state->conv.shape.out_w * state->conv.shape.out_c;
    for (int64_t row = begin; row < end; row++) {
        tmoi_transpose_conv_f32_row(&state->conv, row,
                                    tmoi_thread_scratch_of(job->node, &state->scratch, thread));
        tmoi_node_post(job->node, row * size, (row + 1) * size);
    }
}

void tmoi_transpose_float_run(tmoi_exec *exec, const tmoi_node *node, tmoi_transpose_float *state)
{
    tmoi_transpose_conv_f32 *conv = &state->conv;
    const tmoi_conv_shape *s = &conv->shape;
    transpose_job job = {node, state};
    conv->in = state->input->data;
    conv->filter = tmoi_form_data(node, &state->filter);
    conv->bias = tmoi_operand_data(node, &state->bias);
    conv->out = node->outputs[0]->data;
    /* Each input pixel of a row meets the filter's rows that carry it there. */
    int64_t rows = (s->filter_h + (int64_t)s->stride_h - 1) / s->stride_h;
    int64_t operations = rows * s->filter_w * s->in_w * s->in_c * s->out_c;
    tmoi_parallel_for(exec->pool, (int64_t)s->batch * s->out_d * s->out_h, tmoi_grain(operations), run_rows,
                      &job);
}
