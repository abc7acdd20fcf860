/* Element-wise kernels and softmax, on activations that fit the first or the second level of the cache. Sizes: elements, or rows
 * and row length. */
#include <float.h>

#include "kernels/family_headers.h"
#include "report/kernel_times/kernel_times.h"

/* ---- one input ---- */

typedef struct unary_state {
    tmoi_unary_function call;
    tmoi_unary_params params;
    float *in, *out;
} unary_state;

/* size: elements, kind */
static tmo_status prepare_unary_f32(tmoi_kernel_work *work, tmoi_ctx *ctx)
{
    unary_state *state;
    TMO_TRY(tmoi_arena_new(work->arena, &state, 1, ctx));
    state->call = ((tmoi_unary_f32_function)work->kernel->function)((tmoi_unary_kind)work->test->size[1]);
    TMO_FAIL_IF(!state->call, INTERNAL, ctx, "%s lacks '%s'", work->kernel->name, work->test->shape);
    state->params = (tmoi_unary_params){.low = 0, .high = 6, .alpha = 0.1f};
    TMO_TRY(tmoi_work_floats(work, &state->in, work->test->size[0], ctx));
    TMO_TRY(tmoi_work_floats(work, &state->out, work->test->size[0], ctx));
    work->state = state;
    work->bytes = 8.0 * work->test->size[0];
fail:
    return ctx->error.status;
}

static void run_unary_f32(const tmoi_kernel_work *work)
{
    const unary_state *state = work->state;
    state->call(&state->params, state->in, state->out, work->test->size[0]);
}

typedef struct lookup_state {
    void *table, *in, *out;
} lookup_state;

/* size: elements */
static tmo_status prepare_lookup_x8(tmoi_kernel_work *work, tmoi_ctx *ctx)
{
    lookup_state *state;
    TMO_TRY(tmoi_arena_new(work->arena, &state, 1, ctx));
    TMO_TRY(tmoi_work_bytes(work, &state->table, 256, ctx));
    TMO_TRY(tmoi_work_bytes(work, &state->in, work->test->size[0], ctx));
    TMO_TRY(tmoi_work_bytes(work, &state->out, work->test->size[0], ctx));
    work->state = state;
    work->bytes = 2.0 * work->test->size[0];
fail:
    return ctx->error.status;
}

static void run_lookup_x8(const tmoi_kernel_work *work)
{
    const lookup_state *state = work->state;
    ((tmoi_lookup_x8_function)work->kernel->function)(state->table, state->in, state->out,
                                                      work->test->size[0]);
}

/* ---- two inputs ---- */

typedef struct binary_state {
    tmoi_binary_function call;
    tmoi_binary_params params;
    void *a, *b, *out;
} binary_state;

static tmo_status prepare_binary(tmoi_kernel_work *work, tmoi_binary_function call, int32_t elem_bytes,
                                 tmoi_ctx *ctx)
{
    int64_t bytes = (int64_t)elem_bytes * work->test->size[0];
    binary_state *state;
    TMO_TRY(tmoi_arena_new(work->arena, &state, 1, ctx));
    TMO_FAIL_IF(!call, INTERNAL, ctx, "%s lacks '%s'", work->kernel->name, work->test->shape);
    *state = (binary_state){
        .call = call,
        .params = {.low_f32 = -128, .high_f32 = 127, .weight_a = 0.5f, .weight_b = 0.25f, .weight_bias = 1}};
    TMO_TRY(tmoi_work_bytes(work, &state->a, bytes, ctx));
    TMO_TRY(tmoi_work_bytes(work, &state->b, bytes, ctx));
    TMO_TRY(tmoi_work_bytes(work, &state->out, bytes, ctx));
    work->state = state;
    work->bytes = 3.0 * (double)bytes;
fail:
    return ctx->error.status;
}

/* size: elements, kind */
static tmo_status prepare_binary_f32(tmoi_kernel_work *work, tmoi_ctx *ctx)
{
    tmoi_binary_f32_function find = (tmoi_binary_f32_function)work->kernel->function;
    float *a, *b;
    TMO_TRY(prepare_binary(work, find((tmoi_binary_kind)work->test->size[1]), sizeof(float), ctx));
    binary_state *state = work->state;
    TMO_TRY(tmoi_work_floats(work, &a, work->test->size[0], ctx));
    TMO_TRY(tmoi_work_floats(work, &b, work->test->size[0], ctx));
    state->a = a;
    state->b = b;
fail:
    return ctx->error.status;
}

static tmo_status prepare_binary_requant(tmoi_kernel_work *work, tmoi_ctx *ctx)
{
    tmoi_binary_requant_function find = (tmoi_binary_requant_function)work->kernel->function;
    return prepare_binary(work, find((tmoi_binary_kind)work->test->size[1], TMO_TYPE_INT8), 1, ctx);
}

static void run_binary(const tmoi_kernel_work *work)
{
    const binary_state *state = work->state;
    state->call(&state->params, state->a, 1, state->b, 1, state->out, work->test->size[0]);
}

/* ---- softmax ---- */

typedef struct softmax_state {
    float *in, *out;
} softmax_state;

/* size: rows, depth */
static tmo_status prepare_softmax_f32(tmoi_kernel_work *work, tmoi_ctx *ctx)
{
    int64_t count = (int64_t)work->test->size[0] * work->test->size[1];
    softmax_state *state;
    TMO_TRY(tmoi_arena_new(work->arena, &state, 1, ctx));
    TMO_TRY(tmoi_work_floats(work, &state->in, count, ctx));
    TMO_TRY(tmoi_work_floats(work, &state->out, count, ctx));
    work->state = state;
    work->bytes = 8.0 * (double)count;
fail:
    return ctx->error.status;
}

static void run_softmax_f32(const tmoi_kernel_work *work)
{
    const softmax_state *state = work->state;
    ((tmoi_softmax_f32_function)work->kernel->function)(state->in, state->out, work->test->size[0],
                                                        work->test->size[1], 1.0f);
}

#define UNARY(kind, name, count)                                                                     \
    {                                                                                                \
        TMOI_FAMILY_unary_f32, name, TMOI_WORK_BYTES, {count, TMOI_UNARY_##kind}, prepare_unary_f32, \
            run_unary_f32                                                                            \
    }
#define BINARY(family, kind, name, count)                                                           \
    {                                                                                               \
        TMOI_FAMILY_##family, name, TMOI_WORK_BYTES, {count, TMOI_BINARY_##kind}, prepare_##family, \
            run_binary                                                                              \
    }

const tmoi_kernel_case tmoi_element_cases[] = {
    BINARY(binary_f32, ADD, "ADD 1024", 1024),
    BINARY(binary_f32, ADD, "ADD 14x14x96", 14 * 14 * 96),
    BINARY(binary_f32, MUL, "MUL 1024", 1024),
    BINARY(binary_f32, PRELU, "PRELU 1024", 1024),
    BINARY(binary_requant, ADD, "int8 ADD 4096", 4096),
    BINARY(binary_requant, ADD, "int8 ADD 28x28x96", 28 * 28 * 96),
    BINARY(binary_requant, MUL, "int8 MUL 4096", 4096),
    UNARY(CLAMP, "RELU6 2048", 2048),
    UNARY(HARD_SWISH, "HARD_SWISH 2048", 2048),
    UNARY(LOGISTIC, "LOGISTIC 2048", 2048),
    UNARY(TANH, "TANH 2048", 2048),
    UNARY(GELU, "GELU 2048", 2048),
    {TMOI_FAMILY_lookup_x8, "4096", TMOI_WORK_BYTES, {4096}, prepare_lookup_x8, run_lookup_x8},
    {TMOI_FAMILY_softmax_f32, "1x1001", TMOI_WORK_BYTES, {1, 1001}, prepare_softmax_f32, run_softmax_f32},
    {TMOI_FAMILY_softmax_f32, "128x128", TMOI_WORK_BYTES, {128, 128}, prepare_softmax_f32, run_softmax_f32},
    {0, NULL, TMOI_WORK_BYTES, {0}, NULL, NULL}};
