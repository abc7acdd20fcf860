/* Convolution2DTransposeBias, a custom operator of MediaPipe's models, is TRANSPOSE_CONV with a bias. Its custom options are
 * the C struct {padding, stride_width, stride_height} of 32-bit numbers with padding 1 SAME and 2 VALID. */
#include <string.h>

#include "rewrite/helpers.h"
#include "rewrite/rewrite.h"

typedef struct mediapipe_options {
    int32_t padding, stride_w, stride_h;
} mediapipe_options;

static bool read_options(const tmoi_op *op, mediapipe_options *out)
{
    if (op->code != TMOI_OP_CUSTOM || !op->custom_code ||
        strcmp(op->custom_code, "Convolution2DTransposeBias") != 0)
        return false;
    if (op->input_count != 3 || op->output_count != 1 || op->custom_options.count < sizeof *out) return false;
    memcpy(out, op->custom_options.data, sizeof *out);
    return (out->padding == 1 || out->padding == 2) && out->stride_w > 0 && out->stride_h > 0;
}

static tmo_status add_output_shape(tmoi_graph *graph, int32_t index, const tmoi_tensor *output, int32_t *out,
                                   tmoi_ctx *ctx)
{
    const tmoi_shape shape = {1, {output->shape.rank}};
    const tmoi_shape dims = output->shape;
    const char *name;
    TMO_TRY(tmoi_arena_format(graph->arena, &name, ctx, "%s_shape", output->name));
    TMO_TRY(tmoi_graph_add_tensor(graph, index, name, TMO_TYPE_INT32, &shape, out, ctx));
    TMO_TRY(tmoi_graph_set_data(graph, &graph->subgraphs[index].tensors[*out], dims.dims,
                                (size_t)dims.rank * sizeof(int32_t), ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status lower(tmoi_graph *graph, int32_t index, int32_t k, const mediapipe_options *from,
                        tmoi_ctx *ctx)
{
    tmoi_subgraph *subgraph = &graph->subgraphs[index];
    tmoi_op *op = &subgraph->ops[k];
    tmoi_fb_transpose_conv_options *options;
    int32_t *inputs, shape;
    TMO_TRY(add_output_shape(graph, index, tmoi_op_output(subgraph, op, 0), &shape, ctx));
    TMO_TRY(tmoi_arena_new(graph->arena, &inputs, 4, ctx));
    inputs[0] = shape;
    inputs[1] = op->inputs[1];
    inputs[2] = op->inputs[0];
    inputs[3] = op->inputs[2];
    op->inputs = inputs;
    op->input_count = 4;
    op->code = TMOI_OP_TRANSPOSE_CONV;
    op->version = 3;
    op->custom_code = NULL;
    op->custom_options = (tmoi_vec_u8){0};
    TMO_TRY(tmoi_graph_edit_options(graph, op, transpose_conv_options, &options, ctx));
    options->padding = from->padding == 1 ? TMOI_PADDING_SAME : TMOI_PADDING_VALID;
    options->stride_w = from->stride_w;
    options->stride_h = from->stride_h;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_lower_custom(tmoi_graph *graph, int32_t index, const tmoi_evaluator *evaluator,
                             int32_t *changes, tmoi_ctx *ctx)
{
    tmoi_subgraph *subgraph = &graph->subgraphs[index];
    (void)evaluator;
    for (int32_t k = 0; k < subgraph->op_count; k++) {
        mediapipe_options options;
        if (!read_options(&subgraph->ops[k], &options)) continue;
        const tmoi_tensor *output = tmoi_op_output(subgraph, &subgraph->ops[k], 0);
        if (!output || output->shape.rank != 4 || !tmoi_tensor_is_static(output)) continue;
        TMO_TRY(lower(graph, index, k, &options, ctx));
        ++*changes;
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
