/* PAD of zeros before a VALID convolution becomes the convolution's SAME padding, where that pads the same. (Not before a
 * pool: an average there leaves padding out of its count, a maximum takes it for minus infinity.) */
#include "rewrite/helpers.h"
#include "rewrite/rewrite.h"

typedef struct window {
    int32_t stride[2], extent[2]; /* of height and width; extent: of the dilated filter */
    int8_t padding;
} window;

static bool window_of(const tmoi_subgraph *subgraph, const tmoi_op *op, window *out)
{
    const tmoi_tensor *weights = tmoi_op_input(subgraph, op, 1);
    int32_t dilation[2];
    if (op->code == TMOI_OP_CONV_2D) {
        const tmoi_fb_conv2d_options *options = tmoi_op_options(op, conv2d_options);
        *out = (window){{options->stride_h, options->stride_w}, {0, 0}, options->padding};
        dilation[0] = options->dilation_h_factor;
        dilation[1] = options->dilation_w_factor;
    } else if (op->code == TMOI_OP_DEPTHWISE_CONV_2D) {
        const tmoi_fb_depthwise_conv2d_options *options = tmoi_op_options(op, depthwise_conv2d_options);
        *out = (window){{options->stride_h, options->stride_w}, {0, 0}, options->padding};
        dilation[0] = options->dilation_h_factor;
        dilation[1] = options->dilation_w_factor;
    } else {
        return false;
    }
    if (!weights || weights->shape.rank != 4) return false;
    for (int32_t k = 0; k < 2; k++) {
        if (out->stride[k] < 1 || dilation[k] < 1) return false;
        out->extent[k] = (weights->shape.dims[1 + k] - 1) * dilation[k] + 1;
    }
    return true;
}

/* SAME padding of `size` elements: true when it is `before` and `after`. */
static bool is_same_padding(const window *w, int32_t k, int32_t size, int64_t before, int64_t after)
{
    int32_t out = (size + w->stride[k] - 1) / w->stride[k];
    int32_t total = (out - 1) * w->stride[k] + w->extent[k] - size;
    if (total < 0) total = 0;
    return before == total / 2 && before + after == total;
}

static bool pads_same(const tmoi_subgraph *subgraph, const tmoi_op *pad, const window *w)
{
    const tmoi_tensor *input = tmoi_op_input(subgraph, pad, 0), *amounts = tmoi_op_input(subgraph, pad, 1);
    if (!input || !tmoi_is_constant(amounts) || input->shape.rank != 4 || tmoi_tensor_count(amounts) != 8)
        return false;
    for (int32_t k = 0; k < 8; k++)
        if ((k < 2 || k > 5) && tmoi_int_constant(amounts, k) != 0) return false;
    for (uint32_t k = 0; k < input->shape_signature.count; k++)
        if (k > 0 && input->shape_signature.data[k] < 0) return false;
    for (int32_t k = 0; k < 2; k++)
        if (!is_same_padding(w, k, input->shape.dims[1 + k], tmoi_int_constant(amounts, 2 + 2 * k),
                             tmoi_int_constant(amounts, 3 + 2 * k)))
            return false;
    return true;
}

static tmo_status set_same(tmoi_graph *graph, tmoi_op *op, tmoi_ctx *ctx)
{
    if (op->code == TMOI_OP_CONV_2D) {
        tmoi_fb_conv2d_options *options;
        TMO_TRY(tmoi_graph_edit_options(graph, op, conv2d_options, &options, ctx));
        options->padding = TMOI_PADDING_SAME;
    } else {
        tmoi_fb_depthwise_conv2d_options *options;
        TMO_TRY(tmoi_graph_edit_options(graph, op, depthwise_conv2d_options, &options, ctx));
        options->padding = TMOI_PADDING_SAME;
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_fuse_pad(tmoi_graph *graph, int32_t index, const tmoi_evaluator *evaluator, int32_t *changes,
                         tmoi_ctx *ctx)
{
    tmoi_subgraph *subgraph = &graph->subgraphs[index];
    (void)evaluator;
    for (int32_t k = 0; k < subgraph->op_count; k++) {
        const tmoi_op *pad = &subgraph->ops[k];
        window w;
        if (pad->code != TMOI_OP_PAD || pad->input_count != 2 || pad->output_count != 1) continue;
        int32_t user = tmoi_subgraph_only_user(subgraph, pad->outputs[0]);
        if (user < 0 || subgraph->ops[user].inputs[0] != pad->outputs[0]) continue;
        tmoi_op *after = &subgraph->ops[user];
        if (!window_of(subgraph, after, &w) || w.padding != TMOI_PADDING_VALID ||
            !pads_same(subgraph, pad, &w))
            continue;
        TMO_TRY(set_same(graph, after, ctx));
        after->inputs[0] = pad->inputs[0];
        tmoi_subgraph_remove_op(subgraph, k--);
        ++*changes;
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
