/* RESIZE_BILINEAR and RESIZE_NEAREST_NEIGHBOR. */
#include "kernels/resize/resize.h"

#include <string.h>

#include "runtime/value.h"

typedef struct resize_state {
    tmoi_resize_shape shape;
    void *rows, *columns; /* taps, of the kind that the type needs */
    int32_t *near_rows, *near_columns;
} resize_state;

static tmoi_resize_shape shape_of(const tmoi_node *node, bool align_corners, bool half_pixel_centers)
{
    const int32_t *in = node->inputs[0]->shape.dims, *out = node->outputs[0]->shape.dims;
    return (tmoi_resize_shape){.batch = in[0],
                               .channels = in[3],
                               .in_h = in[1],
                               .in_w = in[2],
                               .out_h = out[1],
                               .out_w = out[2],
                               .align_corners = align_corners,
                               .half_pixel_centers = half_pixel_centers};
}

static const char *kernel_name(const tmoi_exec *exec, tmo_type type)
{
    switch (type) {
    case TMO_TYPE_FLOAT32: return TMOI_KERNEL_NAME(exec->kernels, resize_bilinear_f32);
    case TMO_TYPE_UINT8: return TMOI_KERNEL_NAME(exec->kernels, resize_bilinear_u8);
    case TMO_TYPE_INT8: return TMOI_KERNEL_NAME(exec->kernels, resize_bilinear_s8);
    default: return TMOI_KERNEL_NAME(exec->kernels, resize_bilinear_s16);
    }
}

static tmo_status prepare_bilinear(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_fb_resize_bilinear_options *options = tmoi_op_options(node->op, resize_bilinear_options);
    tmo_type type = node->inputs[0]->type;
    node->kernel = kernel_name(exec, type);
    if (tmoi_value_count(node->outputs[0]) == 0) return TMO_STATUS_OK;
    bool in_float = type == TMO_TYPE_FLOAT32 || type == TMO_TYPE_UINT8;
    size_t tap_bytes = in_float ? sizeof(tmoi_resize_tap_f32) : sizeof(tmoi_resize_tap_q10);
    TMO_TRY(tmoi_node_state(exec, node, sizeof(resize_state), ctx));
    resize_state *state = node->state;
    tmoi_resize_shape *s = &state->shape;
    *s = shape_of(node, options->align_corners, options->half_pixel_centers);
    TMO_TRY(tmoi_node_memory(exec, &state->rows, (size_t)s->out_h, tap_bytes, ctx));
    TMO_TRY(tmoi_node_memory(exec, &state->columns, (size_t)s->out_w, tap_bytes, ctx));
    if (in_float) {
        tmoi_resize_taps_f32(state->rows, s->in_h, s->out_h, s->align_corners, s->half_pixel_centers);
        tmoi_resize_taps_f32(state->columns, s->in_w, s->out_w, s->align_corners, s->half_pixel_centers);
    } else {
        tmoi_resize_taps_q10(state->rows, s->in_h, s->out_h, s->align_corners, s->half_pixel_centers);
        tmoi_resize_taps_q10(state->columns, s->in_w, s->out_w, s->align_corners, s->half_pixel_centers);
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

typedef struct resize_job {
    const tmoi_exec *exec;
    const tmoi_node *node;
} resize_job;

static void run_bilinear(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    const resize_job *job = argument;
    const resize_state *s = job->node->state;
    const tmoi_kernels *kernels = job->exec->kernels;
    const void *in = job->node->inputs[0]->data;
    void *out = job->node->outputs[0]->data;
    (void)thread;
    switch (job->node->inputs[0]->type) {
    case TMO_TYPE_FLOAT32:
        TMOI_KERNEL_OF(kernels, resize_bilinear_f32)(&s->shape, s->rows, s->columns, in, out, begin, end);
        break;
    case TMO_TYPE_UINT8:
        TMOI_KERNEL_OF(kernels, resize_bilinear_u8)(&s->shape, s->rows, s->columns, in, out, begin, end);
        break;
    case TMO_TYPE_INT8:
        TMOI_KERNEL_OF(kernels, resize_bilinear_s8)(&s->shape, s->rows, s->columns, in, out, begin, end);
        break;
    default:
        TMOI_KERNEL_OF(kernels, resize_bilinear_s16)(&s->shape, s->rows, s->columns, in, out, begin, end);
        break;
    }
}

static tmo_status eval_bilinear(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const resize_state *state = node->state;
    resize_job job = {exec, node};
    (void)ctx;
    if (tmoi_value_count(node->outputs[0]) == 0) return TMO_STATUS_OK;
    const tmoi_resize_shape *s = &state->shape;
    tmoi_parallel_for(exec->pool, (int64_t)s->batch * s->out_h,
                      tmoi_grain(4 * (int64_t)s->out_w * s->channels), run_bilinear, &job);
    return TMO_STATUS_OK;
}

static tmo_status prepare_nearest(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_fb_resize_nearest_neighbor_options *options = tmoi_op_options(node->op,
                                                                             resize_nearest_neighbor_options);
    if (tmoi_value_count(node->outputs[0]) == 0) return TMO_STATUS_OK;
    TMO_TRY(tmoi_node_state(exec, node, sizeof(resize_state), ctx));
    resize_state *state = node->state;
    tmoi_resize_shape *s = &state->shape;
    *s = shape_of(node, options->align_corners, options->half_pixel_centers);
    TMO_TRY(tmoi_node_memory(exec, (void **)&state->near_rows, (size_t)s->out_h, sizeof(int32_t), ctx));
    TMO_TRY(tmoi_node_memory(exec, (void **)&state->near_columns, (size_t)s->out_w, sizeof(int32_t), ctx));
    for (int32_t k = 0; k < s->out_h; k++)
        state->near_rows[k] = tmoi_resize_nearest(k, s->in_h, s->out_h, s->align_corners,
                                                  s->half_pixel_centers);
    for (int32_t k = 0; k < s->out_w; k++)
        state->near_columns[k] = tmoi_resize_nearest(k, s->in_w, s->out_w, s->align_corners,
                                                     s->half_pixel_centers);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* The pixels of one row; of fixed sizes without a call for each. */
static void copy_pixels(const uint8_t *in, const int32_t *columns, int32_t count, size_t pixel, uint8_t *out)
{
#define COPY(bytes)                                                                      \
    case bytes:                                                                          \
        for (int32_t x = 0; x < count; x++)                                              \
            memcpy(out + (size_t)x * (bytes), in + (size_t)columns[x] * (bytes), bytes); \
        break;
    switch (pixel) {
        COPY(1)
        COPY(2)
        COPY(3)
        COPY(4)
        COPY(8)
        COPY(12)
        COPY(16)
    default:
        for (int32_t x = 0; x < count; x++)
            memcpy(out + (size_t)x * pixel, in + (size_t)columns[x] * pixel, pixel);
        break;
    }
#undef COPY
}

/* Rows made of the same input row are copies of the first. */
static void run_nearest(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    const tmoi_node *node = argument;
    const resize_state *state = node->state;
    const tmoi_resize_shape *s = &state->shape;
    const size_t pixel = (size_t)s->channels * tmoi_value_elem_bytes(node->inputs[0]),
                 row_bytes = (size_t)s->out_w * pixel;
    uint8_t *out = (uint8_t *)node->outputs[0]->data + (size_t)begin * row_bytes;
    int64_t held = -1;
    (void)thread;
    for (int64_t row = begin; row < end; row++, out += row_bytes) {
        const int64_t in_row = row / s->out_h * s->in_h + state->near_rows[row % s->out_h];
        if (in_row == held)
            memcpy(out, out - row_bytes, row_bytes);
        else
            copy_pixels((const uint8_t *)node->inputs[0]->data + (size_t)(in_row * s->in_w) * pixel,
                        state->near_columns, s->out_w, pixel, out);
        held = in_row;
    }
}

static tmo_status eval_nearest(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const resize_state *state = node->state;
    (void)ctx;
    if (tmoi_value_count(node->outputs[0]) == 0) return TMO_STATUS_OK;
    const tmoi_resize_shape *s = &state->shape;
    tmoi_parallel_for(exec->pool, (int64_t)s->batch * s->out_h, tmoi_grain((int64_t)s->out_w * s->channels),
                      run_nearest, node);
    return TMO_STATUS_OK;
}

const tmoi_op_def tmoi_op_resize_bilinear = {.prepare = prepare_bilinear, .eval = eval_bilinear};
const tmoi_op_def tmoi_op_resize_nearest_neighbor = {.prepare = prepare_nearest, .eval = eval_nearest};
