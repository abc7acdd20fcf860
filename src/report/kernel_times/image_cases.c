/* Pooling, resizing, moving and choosing. */
#include <float.h>

#include "kernels/family_headers.h"
#include "report/kernel_times/kernel_times.h"

/* ---- pooling; size: height, width, channels, window, stride ---- */

typedef struct pool_state {
    tmoi_pool_params params;
    void *in, *out;
} pool_state;

static tmo_status prepare_pool(tmoi_kernel_work *work, tmoi_ctx *ctx)
{
    const int32_t *size = work->test->size;
    int32_t out_h = (size[0] - size[3]) / size[4] + 1, out_w = (size[1] - size[3]) / size[4] + 1;
    int64_t elem_bytes = size[5], in_count = (int64_t)size[0] * size[1] * size[2],
            out_count = (int64_t)out_h * out_w * size[2];
    pool_state *state;
    TMO_TRY(tmoi_arena_new(work->arena, &state, 1, ctx));
    state->params = (tmoi_pool_params){.in_h = size[0],
                                       .in_w = size[1],
                                       .channels = size[2],
                                       .out_h = out_h,
                                       .out_w = out_w,
                                       .filter_h = size[3],
                                       .filter_w = size[3],
                                       .stride_h = size[4],
                                       .stride_w = size[4],
                                       .low_f32 = -FLT_MAX,
                                       .high_f32 = FLT_MAX,
                                       .low = -128,
                                       .high = 127};
    if (elem_bytes == 1)
        TMO_TRY(tmoi_work_bytes(work, &state->in, in_count, ctx));
    else
        TMO_TRY(tmoi_work_floats(work, (float **)&state->in, in_count, ctx));
    TMO_TRY(tmoi_work_bytes(work, &state->out, elem_bytes * out_count, ctx));
    work->state = state;
    work->bytes = (double)(elem_bytes * (in_count + out_count));
fail:
    return ctx->error.status;
}

static void run_pool(const tmoi_kernel_work *work)
{
    const pool_state *state = work->state;
    ((tmoi_pool_function)work->kernel->function)(&state->params, state->in, state->out, 0,
                                                 state->params.out_h);
}

/* ---- resizing to twice the size; size: height, width, channels ---- */

typedef struct resize_state {
    tmoi_resize_shape shape;
    void *rows, *columns, *in, *out;
} resize_state;

static tmo_status prepare_resize(tmoi_kernel_work *work, int64_t elem_bytes, tmoi_ctx *ctx)
{
    const int32_t *size = work->test->size;
    int64_t count = (int64_t)size[0] * size[1] * size[2];
    resize_state *state;
    TMO_TRY(tmoi_arena_new(work->arena, &state, 1, ctx));
    state->shape = (tmoi_resize_shape){.batch = 1,
                                       .channels = size[2],
                                       .in_h = size[0],
                                       .in_w = size[1],
                                       .out_h = 2 * size[0],
                                       .out_w = 2 * size[1],
                                       .half_pixel_centers = true};
    TMO_TRY(tmoi_work_bytes(work, &state->out, 4 * elem_bytes * count, ctx));
    work->state = state;
    work->bytes = 5.0 * (double)(elem_bytes * count);
fail:
    return ctx->error.status;
}

static tmo_status prepare_resize_f32(tmoi_kernel_work *work, tmoi_ctx *ctx)
{
    const int32_t *size = work->test->size;
    tmoi_resize_tap_f32 *rows, *columns;
    float *in;
    TMO_TRY(prepare_resize(work, sizeof(float), ctx));
    resize_state *state = work->state;
    TMO_TRY(tmoi_arena_new(work->arena, &rows, (size_t)state->shape.out_h, ctx));
    TMO_TRY(tmoi_arena_new(work->arena, &columns, (size_t)state->shape.out_w, ctx));
    TMO_TRY(tmoi_work_floats(work, &in, (int64_t)size[0] * size[1] * size[2], ctx));
    tmoi_resize_taps_f32(rows, size[0], state->shape.out_h, false, true);
    tmoi_resize_taps_f32(columns, size[1], state->shape.out_w, false, true);
    state->rows = rows;
    state->columns = columns;
    state->in = in;
fail:
    return ctx->error.status;
}

static tmo_status prepare_resize_s8(tmoi_kernel_work *work, tmoi_ctx *ctx)
{
    const int32_t *size = work->test->size;
    tmoi_resize_tap_q10 *rows, *columns;
    TMO_TRY(prepare_resize(work, 1, ctx));
    resize_state *state = work->state;
    TMO_TRY(tmoi_arena_new(work->arena, &rows, (size_t)state->shape.out_h, ctx));
    TMO_TRY(tmoi_arena_new(work->arena, &columns, (size_t)state->shape.out_w, ctx));
    TMO_TRY(tmoi_work_bytes(work, &state->in, (int64_t)size[0] * size[1] * size[2], ctx));
    tmoi_resize_taps_q10(rows, size[0], state->shape.out_h, false, true);
    tmoi_resize_taps_q10(columns, size[1], state->shape.out_w, false, true);
    state->rows = rows;
    state->columns = columns;
fail:
    return ctx->error.status;
}

static void run_resize_f32(const tmoi_kernel_work *work)
{
    const resize_state *state = work->state;
    ((tmoi_resize_bilinear_f32_function)work->kernel->function)(&state->shape, state->rows, state->columns,
                                                                state->in, state->out, 0, state->shape.out_h);
}

static void run_resize_s8(const tmoi_kernel_work *work)
{
    const resize_state *state = work->state;
    ((tmoi_resize_bilinear_s8_function)work->kernel->function)(&state->shape, state->rows, state->columns,
                                                               state->in, state->out, 0, state->shape.out_h);
}

/* ---- moving; size: rows, columns, element bytes: a transpose ---- */

typedef struct move_state {
    tmoi_move move;
    void *in, *out;
} move_state;

static tmo_status prepare_move(tmoi_kernel_work *work, tmoi_ctx *ctx)
{
    const int32_t *size = work->test->size;
    int64_t bytes = (int64_t)size[0] * size[1] * size[2];
    move_state *state;
    TMO_TRY(tmoi_arena_new(work->arena, &state, 1, ctx));
    state->move.elem_bytes = (size_t)size[2];
    tmoi_move_add_dim(&state->move, size[1], size[2], (int64_t)size[0] * size[2]);
    tmoi_move_add_dim(&state->move, size[0], (int64_t)size[1] * size[2], size[2]);
    TMO_TRY(tmoi_work_bytes(work, &state->in, bytes, ctx));
    TMO_TRY(tmoi_work_bytes(work, &state->out, bytes, ctx));
    work->state = state;
    work->bytes = 2.0 * (double)bytes;
fail:
    return ctx->error.status;
}

static void run_move(const tmoi_kernel_work *work)
{
    const move_state *state = work->state;
    ((tmoi_move_function)work->kernel->function)(&state->move, state->in, state->out);
}

/* ---- choosing; size: elements of 4 bytes ---- */

typedef struct select_state {
    tmoi_select_shape shape;
    void *condition, *a, *b, *out;
} select_state;

static tmo_status prepare_select(tmoi_kernel_work *work, tmoi_ctx *ctx)
{
    int64_t count = work->test->size[0];
    select_state *state;
    TMO_TRY(tmoi_arena_new(work->arena, &state, 1, ctx));
    state->shape = (tmoi_select_shape){.rank = 1,
                                       .dims = {count},
                                       .condition_stride = {1},
                                       .a_stride = {4},
                                       .b_stride = {4},
                                       .elem_bytes = 4};
    TMO_TRY(tmoi_work_bytes(work, &state->condition, count, ctx));
    TMO_TRY(tmoi_work_bytes(work, &state->a, 4 * count, ctx));
    TMO_TRY(tmoi_work_bytes(work, &state->b, 4 * count, ctx));
    TMO_TRY(tmoi_work_bytes(work, &state->out, 4 * count, ctx));
    work->state = state;
    work->bytes = 13.0 * (double)count;
fail:
    return ctx->error.status;
}

static void run_select(const tmoi_kernel_work *work)
{
    const select_state *state = work->state;
    ((tmoi_select_function)work->kernel->function)(&state->shape, state->condition, state->a, state->b,
                                                   state->out);
}

#define POOL(family, name, elem_bytes, ...)                                                            \
    {                                                                                                  \
        TMOI_FAMILY_##family, name, TMOI_WORK_BYTES, {__VA_ARGS__, elem_bytes}, prepare_pool, run_pool \
    }

const tmoi_kernel_case tmoi_image_cases[] = {
    POOL(average_pool_f32, "7x7x576 to 1x1", 4, 7, 7, 576, 7, 1),
    POOL(average_pool_s8, "7x7x576 to 1x1", 1, 7, 7, 576, 7, 1),
    POOL(max_pool_f32, "48x48x32, 2x2", 4, 48, 48, 32, 2, 2),
    POOL(max_pool_s8, "48x48x32, 2x2", 1, 48, 48, 32, 2, 2),
    {TMOI_FAMILY_resize_bilinear_f32,
     "16x16x64 doubled",
     TMOI_WORK_BYTES,
     {16, 16, 64},
     prepare_resize_f32,
     run_resize_f32},
    {TMOI_FAMILY_resize_bilinear_s8,
     "16x16x64 doubled",
     TMOI_WORK_BYTES,
     {16, 16, 64},
     prepare_resize_s8,
     run_resize_s8},
    {TMOI_FAMILY_move, "float 196x64 transposed", TMOI_WORK_BYTES, {196, 64, 4}, prepare_move, run_move},
    {TMOI_FAMILY_move, "int8 196x64 transposed", TMOI_WORK_BYTES, {196, 64, 1}, prepare_move, run_move},
    {TMOI_FAMILY_select, "1024", TMOI_WORK_BYTES, {1024}, prepare_select, run_select},
    {0, NULL, TMOI_WORK_BYTES, {0}, NULL, NULL}};
