/* Matrix products and depthwise convolutions. Sizes of products: rows, columns, terms; of depthwise ones: height, width, channels of
 * the input under a 3x3 filter without padding. The shapes are those of MobileNet-like models. */
#include <float.h>

#include "kernels/family_headers.h"
#include "kernels/gemm_s8/dot_s8.h"
#include "report/kernel_times/kernel_times.h"

static void count_product(tmoi_kernel_work *work, double a_bytes, double b_bytes, double out_bytes)
{
    const int32_t *size = work->test->size;
    double m = size[0], n = size[1], k = size[2];
    work->macs = m * n * k;
    work->bytes = m * k * a_bytes + k * n * b_bytes + m * n * out_bytes;
}

/* ---- float ---- */

typedef struct gemm_f32_state {
    const tmoi_gemm_f32_kernel *kernel;
    tmoi_gemm_f32_block block;
    float *a;
} gemm_f32_state;

static tmo_status prepare_gemm_f32(tmoi_kernel_work *work, tmoi_ctx *ctx)
{
    const int32_t *size = work->test->size;
    int64_t m = size[0], n = size[1], k = size[2];
    gemm_f32_state *state;
    float *b, *packed, *bias, *out;
    TMO_TRY(tmoi_arena_new(work->arena, &state, 1, ctx));
    state->kernel = ((tmoi_gemm_f32_function)work->kernel->function)();
    TMO_TRY(tmoi_work_floats(work, &state->a, m * k, ctx));
    TMO_TRY(tmoi_work_floats(work, &b, k * n, ctx));
    TMO_TRY(tmoi_work_floats(work, &bias, n, ctx));
    TMO_TRY(tmoi_work_floats(work, &out, m * n, ctx));
    TMO_TRY(tmoi_work_floats(work, &packed, tmoi_gemm_f32_packed_size(state->kernel->lanes, k, n), ctx));
    const tmoi_gemm_f32_weights weights = {.data = b, .k_stride = n, .n_stride = 1};
    tmoi_gemm_f32_pack(&weights, state->kernel->lanes, k, n, 0, k, packed);
    state->block = (tmoi_gemm_f32_block){.rows = size[0],
                                         .columns = size[1],
                                         .taps = 1,
                                         .terms = size[2],
                                         .b = packed,
                                         .bias = bias,
                                         .low = -FLT_MAX,
                                         .high = FLT_MAX,
                                         .out = out,
                                         .out_stride = size[1]};
    work->state = state;
    count_product(work, 4, 4, 4);
fail:
    return ctx->error.status;
}

static void run_gemm_f32(const tmoi_kernel_work *work)
{
    const gemm_f32_state *state = work->state;
    tmoi_gemm_f32_matrix(state->kernel, &state->block, state->a, work->test->size[2]);
}

static tmo_status prepare_dot_f32(tmoi_kernel_work *work, tmoi_ctx *ctx)
{
    const int32_t *size = work->test->size;
    int64_t m = size[0], n = size[1], k = size[2];
    tmoi_dot_f32_block *block;
    float *a, *w, *bias, *out;
    TMO_TRY(tmoi_arena_new(work->arena, &block, 1, ctx));
    TMO_TRY(tmoi_work_floats(work, &a, m * k, ctx));
    TMO_TRY(tmoi_work_floats(work, &w, n * k, ctx));
    TMO_TRY(tmoi_work_floats(work, &bias, n, ctx));
    TMO_TRY(tmoi_work_floats(work, &out, m * n, ctx));
    *block = (tmoi_dot_f32_block){.rows = size[0],
                                  .columns = size[1],
                                  .terms = size[2],
                                  .a = a,
                                  .w = w,
                                  .a_stride = size[2],
                                  .w_stride = size[2],
                                  .out_stride = size[1],
                                  .bias = bias,
                                  .low = -FLT_MAX,
                                  .high = FLT_MAX,
                                  .out = out};
    work->state = block;
    count_product(work, 4, 4, 4);
fail:
    return ctx->error.status;
}

static void run_dot_f32(const tmoi_kernel_work *work)
{
    ((tmoi_dot_f32_function)work->kernel->function)(work->state);
}

/* ---- integers ---- */

typedef struct gemm_s8_state {
    const tmoi_gemm_s8_kernel *kernel;
    tmoi_gemm_s8_tile tile; /* the first */
    tmoi_gemm_s8_finish finish;
    tmoi_requant requant;
    const void *rows;
    int8_t *out;
    size_t panel_bytes;
} gemm_s8_state;

/* What becomes of the sums: int8 (rows of int16: int16), by one scale. */
static tmo_status set_finish(tmoi_kernel_work *work, gemm_s8_state *state, int64_t columns, bool wide,
                             tmoi_ctx *ctx)
{
    int32_t *start;
    float *scale;
    TMO_TRY(tmoi_arena_new(work->arena, &start, (size_t)columns, ctx));
    TMO_TRY(tmoi_arena_new(work->arena, &scale, (size_t)columns, ctx));
    for (int64_t k = 0; k < columns; k++) scale[k] = wide ? 1e-3f : 1e-4f;
    state->requant = (tmoi_requant){.type = wide ? TMO_TYPE_INT16 : TMO_TYPE_INT8,
                                    .scale = scale,
                                    .low = wide ? -32768 : -128,
                                    .high = wide ? 32767 : 127};
    state->finish = (tmoi_gemm_s8_finish){.kind = wide ? TMOI_GEMM_S8_S16 : TMOI_GEMM_S8_X8,
                                          .start = start,
                                          .scale = scale,
                                          .requant = &state->requant};
fail:
    return ctx->error.status;
}

static tmo_status prepare_product(tmoi_kernel_work *work, const tmoi_gemm_s8_kernel *kernel, bool wide,
                                  tmoi_ctx *ctx)
{
    const int32_t *size = work->test->size;
    int64_t m = size[0], n = size[1], k = size[2], terms = tmoi_gemm_s8_terms(kernel, size[2]),
            columns = (n + kernel->nr - 1) / kernel->nr * kernel->nr, out_bytes = wide ? 2 : 1;
    size_t row_bytes = (size_t)terms * tmoi_gemm_s8_elem_bytes(kernel);
    gemm_s8_state *state;
    void *rows, *weights, *packed, *out;
    const void **segment;
    TMO_TRY(tmoi_arena_new(work->arena, &state, 1, ctx));
    TMO_TRY(tmoi_arena_new(work->arena, &segment, 1, ctx));
    TMO_TRY(tmoi_work_bytes(work, &rows, m * (int64_t)row_bytes, ctx));
    TMO_TRY(tmoi_work_bytes(work, &weights, n * k, ctx));
    TMO_TRY(tmoi_work_bytes(work, &packed, columns * terms, ctx));
    TMO_TRY(tmoi_work_bytes(work, &out, m * columns * out_bytes, ctx));
    TMO_TRY(set_finish(work, state, columns, wide, ctx));
    const tmoi_gemm_s8_weights source = {
        .type = TMO_TYPE_INT8, .data = weights, .n = size[1], .segments = 1, .segment_terms = size[2]};
    tmoi_gemm_s8_pack(kernel, &source, packed);
    *segment = rows;
    state->kernel = kernel;
    state->out = out;
    state->panel_bytes = (size_t)(terms * kernel->nr);
    state->tile = (tmoi_gemm_s8_tile){.segments = 1,
                                      .terms = (int32_t)terms,
                                      .segment = segment,
                                      .row_stride = (ptrdiff_t)row_bytes,
                                      .panel = packed,
                                      .out_stride = (ptrdiff_t)(n * out_bytes)};
    work->state = state;
    count_product(work, (double)tmoi_gemm_s8_elem_bytes(kernel), 1, (double)out_bytes);
fail:
    return ctx->error.status;
}

static tmo_status prepare_gemm_s8(tmoi_kernel_work *work, tmoi_ctx *ctx)
{
    return prepare_product(work, ((tmoi_gemm_s8_function)work->kernel->function)(), false, ctx);
}

static tmo_status prepare_gemm_s16x8(tmoi_kernel_work *work, tmoi_ctx *ctx)
{
    return prepare_product(work, ((tmoi_gemm_s16x8_function)work->kernel->function)(), true, ctx);
}

/* All panels for the rows of a tile, then the next rows. */
static void run_product(const tmoi_kernel_work *work)
{
    const gemm_s8_state *state = work->state;
    const tmoi_gemm_s8_kernel *kernel = state->kernel;
    int32_t m = work->test->size[0], n = work->test->size[1];
    tmoi_gemm_s8_tile tile = state->tile;
    ptrdiff_t out_bytes = tile.out_stride / n;
    for (int32_t row = 0; row < m; row += kernel->mr)
        for (int32_t column = 0; column < n; column += kernel->nr) {
            tile.m = m - row < kernel->mr ? m - row : kernel->mr;
            tile.n = n - column < kernel->nr ? n - column : kernel->nr;
            tile.offset = row * tile.row_stride;
            tile.panel = state->tile.panel + (size_t)(column / kernel->nr) * state->panel_bytes;
            tile.column = column;
            tile.out = state->out + row * tile.out_stride + column * out_bytes;
            kernel->run(&tile, &state->finish);
        }
}

typedef struct dot_s8_state {
    tmoi_dot_s8_shape shape;
    void *a, *w, *out;
} dot_s8_state;

static tmo_status prepare_dot_s8(tmoi_kernel_work *work, tmoi_ctx *ctx)
{
    const int32_t *size = work->test->size;
    int64_t m = size[0], n = size[1], k = size[2];
    dot_s8_state *state;
    TMO_TRY(tmoi_arena_new(work->arena, &state, 1, ctx));
    state->shape = (tmoi_dot_s8_shape){
        .m = size[0], .n = size[1], .k = size[2], .a_stride = k, .out_stride = n};
    TMO_TRY(tmoi_work_bytes(work, &state->a, 2 * m * k, ctx));
    TMO_TRY(tmoi_work_bytes(work, &state->w, n * k, ctx));
    TMO_TRY(tmoi_work_bytes(work, &state->out, 4 * m * n, ctx));
    work->state = state;
    count_product(work, 2, 1, 4);
fail:
    return ctx->error.status;
}

static void run_dot_s8(const tmoi_kernel_work *work)
{
    const dot_s8_state *state = work->state;
    ((tmoi_dot_s8_function)work->kernel->function)(&state->shape, state->a, state->w, state->out);
}

/* ---- depthwise ---- */

typedef struct dwconv_state {
    tmoi_dwconv_f32 f32;
    tmoi_dwconv_integer integer;
    void *in, *out;
    int32_t out_h, out_w;
} dwconv_state;

static tmo_status prepare_dwconv(tmoi_kernel_work *work, dwconv_state **out, int64_t elem_bytes,
                                 tmoi_ctx *ctx)
{
    const int32_t *size = work->test->size;
    int64_t in_count = (int64_t)size[0] * size[1] * size[2];
    dwconv_state *state;
    TMO_TRY(tmoi_arena_new(work->arena, &state, 1, ctx));
    state->out_h = size[0] - 2;
    state->out_w = size[1] - 2;
    int64_t out_count = (int64_t)state->out_h * state->out_w * size[2];
    TMO_TRY(tmoi_work_bytes(work, &state->in, elem_bytes * in_count, ctx));
    TMO_TRY(tmoi_work_bytes(work, &state->out, elem_bytes * out_count, ctx));
    work->state = state;
    work->macs = 9.0 * (double)out_count;
    work->bytes = (double)(elem_bytes * (in_count + out_count));
    *out = state;
fail:
    return ctx->error.status;
}

static tmoi_dwconv_grid grid_of(const tmoi_kernel_work *work)
{
    int32_t channels = work->test->size[2];
    return (tmoi_dwconv_grid){
        .channels = channels, .rows = 3, .columns = 3, .column_step = channels, .pixel_step = channels};
}

static tmo_status prepare_dwconv_f32(tmoi_kernel_work *work, tmoi_ctx *ctx)
{
    const int32_t *size = work->test->size;
    tmoi_dwconv_grid grid = grid_of(work);
    dwconv_state *state;
    float *weights, *bias, *in;
    TMO_TRY(prepare_dwconv(work, &state, sizeof(float), ctx));
    TMO_TRY(tmoi_work_floats(work, &in, (int64_t)size[0] * size[1] * size[2], ctx));
    TMO_TRY(tmoi_work_floats(
        work, &weights, tmoi_dwconv_blocks(&grid) * tmoi_dwconv_slots_f32(&grid) * TMOI_DWCONV_LANES, ctx));
    TMO_TRY(tmoi_work_floats(work, &bias, size[2], ctx));
    state->in = in;
    state->f32 = (tmoi_dwconv_f32){
        .grid = grid, .weights = weights, .bias = bias, .low = -FLT_MAX, .high = FLT_MAX};
fail:
    return ctx->error.status;
}

static void run_dwconv_f32(const tmoi_kernel_work *work)
{
    const dwconv_state *state = work->state;
    const int32_t *size = work->test->size;
    const float *in = state->in;
    float *out = state->out;
    int64_t in_row = (int64_t)size[1] * size[2], out_row = (int64_t)state->out_w * size[2];
    for (int32_t y = 0; y < state->out_h; y++) {
        const float *const taps[3] = {in + y * in_row, in + (y + 1) * in_row, in + (y + 2) * in_row};
        ((tmoi_dwconv_f32_function)work->kernel->function)(&state->f32, TMOI_DWCONV_ROWS, taps, state->out_w,
                                                           out + y * out_row);
    }
}

static tmo_status prepare_dwconv_s8(tmoi_kernel_work *work, tmoi_ctx *ctx)
{
    int32_t channels = work->test->size[2];
    tmoi_dwconv_grid grid = grid_of(work);
    int64_t count = tmoi_dwconv_blocks(&grid) * tmoi_dwconv_slots_integer(&grid) * TMOI_DWCONV_LANES;
    dwconv_state *state;
    int16_t *weights;
    int32_t *start;
    float *scale;
    TMO_TRY(prepare_dwconv(work, &state, 1, ctx));
    TMO_TRY(tmoi_arena_new(work->arena, &weights, (size_t)count, ctx));
    TMO_TRY(tmoi_arena_new(work->arena, &start, (size_t)channels, ctx));
    TMO_TRY(tmoi_arena_new(work->arena, &scale, (size_t)channels, ctx));
    for (int64_t k = 0; k < count; k++) weights[k] = (int16_t)(k % 255 - 127);
    for (int32_t k = 0; k < channels; k++) scale[k] = 1e-2f;
    state->integer = (tmoi_dwconv_integer){
        .grid = grid,
        .weights = weights,
        .start = start,
        .scale = scale,
        .out_type = TMO_TYPE_INT8,
        .requant = {.type = TMO_TYPE_INT8, .scale = scale, .low = -128, .high = 127}};
fail:
    return ctx->error.status;
}

/* Four rows of taps, of which the last has weights of 0. */
static void run_dwconv_s8(const tmoi_kernel_work *work)
{
    const dwconv_state *state = work->state;
    const int32_t *size = work->test->size;
    const int8_t *in = state->in;
    int8_t *out = state->out;
    int64_t in_row = (int64_t)size[1] * size[2], out_row = (int64_t)state->out_w * size[2];
    for (int32_t y = 0; y < state->out_h; y++) {
        const int8_t *row = in + y * in_row;
        const void *const taps[4] = {row, row + in_row, row + 2 * in_row, row + 2 * in_row};
        ((tmoi_dwconv_s8_function)work->kernel->function)(&state->integer, TMOI_DWCONV_ROWS, taps,
                                                          state->out_w, out + y * out_row);
    }
}

#define CASE(family, unit, name, prepare, run, ...)                               \
    {                                                                             \
        TMOI_FAMILY_##family, name, TMOI_WORK_##unit, {__VA_ARGS__}, prepare, run \
    }
#define GEMM(family, unit, prepare, run)                              \
    CASE(family, unit, "3136x32x16", prepare, run, 3136, 32, 16),     \
        CASE(family, unit, "784x144x24", prepare, run, 784, 144, 24), \
        CASE(family, unit, "196x64x384", prepare, run, 196, 64, 384), \
        CASE(family, unit, "196x576x96", prepare, run, 196, 576, 96), \
        CASE(family, unit, "49x320x960", prepare, run, 49, 320, 960)

const tmoi_kernel_case tmoi_matrix_cases[] = {
    GEMM(gemm_f32, F32, prepare_gemm_f32, run_gemm_f32),
    GEMM(gemm_s8, S8, prepare_gemm_s8, run_product),
    GEMM(gemm_s16x8, S8, prepare_gemm_s16x8, run_product),
    CASE(dot_f32, BYTES, "1x128x256", prepare_dot_f32, run_dot_f32, 1, 128, 256),
    CASE(dot_f32, BYTES, "1x1001x1280", prepare_dot_f32, run_dot_f32, 1, 1001, 1280),
    CASE(dot_s8, BYTES, "1x128x256", prepare_dot_s8, run_dot_s8, 1, 128, 256),
    CASE(dot_s8, BYTES, "1x1001x1280", prepare_dot_s8, run_dot_s8, 1, 1001, 1280),
    CASE(dwconv_f32, F32, "3x3 on 58x58x32", prepare_dwconv_f32, run_dwconv_f32, 58, 58, 32),
    CASE(dwconv_f32, F32, "3x3 on 16x16x144", prepare_dwconv_f32, run_dwconv_f32, 16, 16, 144),
    CASE(dwconv_s8, S8, "3x3 on 58x58x32", prepare_dwconv_s8, run_dwconv_s8, 58, 58, 32),
    CASE(dwconv_s8, S8, "3x3 on 16x16x144", prepare_dwconv_s8, run_dwconv_s8, 16, 16, 144),
    {0, NULL, TMOI_WORK_BYTES, {0}, NULL, NULL}};
