#include "runtime/ops/winograd_float.h"

#include "runtime/ops/multipliers.h"

static void fill(const void *user, void *out)
{
    const tmoi_winograd_float *state = user;
    tmoi_winograd_pack(&state->conv, state->weights->type, state->weights->data, state->scales, out);
}

bool tmoi_winograd_float_applies(const tmoi_exec *exec, const tmoi_node *node, const tmoi_conv_shape *shape)
{
    return !exec->reference && node->inputs[1]->is_constant && tmoi_winograd_pays(shape);
}

tmo_status tmoi_winograd_float_prepare(tmoi_exec *exec, tmoi_node *node, tmoi_winograd_float *state,
                                       tmoi_ctx *ctx)
{
    tmoi_winograd_conv *conv = &state->conv;
    size_t bytes;
    conv->transforms = TMOI_KERNEL_OF(exec->kernels, winograd_f32)();
    const tmoi_kernels precise = {exec->kernels->cpu & ~(uint32_t)TMOI_CPU_REDUCED_FLOAT};
    conv->gemm = TMOI_KERNEL_OF(&precise, gemm_f32)(); /* the transforms make rounding errors larger */
    node->kernel = TMOI_KERNEL_NAME(exec->kernels, winograd_f32);
    tmoi_winograd_plan(conv);
    state->weights = node->inputs[1];
    TMO_TRY(tmoi_float_scales(exec, state->weights, conv->shape.out_c, &state->scales, ctx));
    tmoi_packing packing = {.value = state->weights,
                            .layout = "winograd",
                            .kind = (uint64_t)conv->gemm->lanes,
                            .fill = fill,
                            .user = state};
    TMO_TRY(
        tmoi_form_bytes(state->weights, tmoi_winograd_filter_size(conv), sizeof(float), &packing.bytes, ctx));
    TMO_TRY(tmoi_form_prepare(exec, node, &state->filter, &packing, ctx));
    TMO_FAIL_IF(!tmoi_winograd_scratch_bytes(conv, &bytes), LIMIT, ctx,
                "convolution of %d to %d channels is too large", (int)conv->shape.in_c,
                (int)conv->shape.out_c);
    TMO_TRY(tmoi_thread_scratch_prepare(exec, node, bytes, 1, &state->scratch, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

void tmoi_winograd_float_begin(const tmoi_node *node, tmoi_winograd_float *state, const float *bias)
{
    state->conv.filter = tmoi_form_data(node, &state->filter);
    state->conv.bias = bias;
}

static void post(const void *user, int64_t pixel_begin, int64_t pixel_end)
{
    const tmoi_node *node = user;
    int64_t channels = node->outputs[0]->shape.dims[3];
    tmoi_node_post(node, pixel_begin * channels, pixel_end * channels);
}

static void run_part(const tmoi_node *node, const tmoi_winograd_float *state, tmoi_winograd_part part,
                     int32_t thread)
{
    tmoi_winograd_conv conv = state->conv;
    conv.in = node->inputs[0]->data;
    conv.out = node->outputs[0]->data;
    part.done = post;
    part.user = node;
    tmoi_winograd_run(&conv, &part, tmoi_thread_scratch_of(node, &state->scratch, thread));
}

typedef struct winograd_job {
    const tmoi_node *node;
    const tmoi_winograd_float *state;
} winograd_job;

static int64_t rows_of(const tmoi_winograd_float *state)
{
    return (int64_t)state->conv.shape.batch * state->conv.shape.out_h;
}

static void run_tiles(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    const winograd_job *job = argument;
    tmoi_winograd_part part = {.begin = begin, .end = end, .row_end = rows_of(job->state)};
    run_part(job->node, job->state, part, thread);
}

void tmoi_winograd_float_run(tmoi_exec *exec, tmoi_node *node, const tmoi_winograd_float *state)
{
    const tmoi_winograd_conv *conv = &state->conv;
    winograd_job job = {node, state};
    int64_t tiles = (int64_t)conv->shape.batch * conv->tiles_h * conv->tiles_w;
    int64_t operations = (int64_t)conv->points_h * conv->points_w * conv->shape.in_c * conv->shape.out_c;
    int64_t grain = tmoi_grain(operations), threads = tmoi_thread_pool_size(exec->pool);
    int64_t fair = (tiles + 2 * threads - 1) / (2 * threads), block = conv->block < fair ? conv->block : fair;
    tmoi_parallel_for(exec->pool, tiles, grain > block ? grain : block, run_tiles, &job);
}

void tmoi_winograd_float_rows(const tmoi_node *node, const tmoi_winograd_float *state, int64_t row_begin,
                              int64_t row_end, int32_t thread)
{
    tmoi_winograd_part part = {.row_begin = row_begin, .row_end = row_end};
    tmoi_winograd_tiles_of_rows(&state->conv, row_begin, row_end, &part.begin, &part.end);
    run_part(node, state, part, thread);
}
