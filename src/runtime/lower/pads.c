/* PAD of zeros around an image becomes the padding of the convolutions that read it, which need not be the same on both sides; PAD
 * of channels goes into the ADD that reads it, where a float convolution takes that. */
#include "runtime/lower/lower.h"
#include "runtime/value.h"

static bool is_valid_convolution(const tmoi_node *node)
{
    switch (node->op->code) {
    case TMOI_OP_CONV_2D:
        return tmoi_op_options(node->op, conv2d_options)->padding == TMOI_PADDING_VALID && !node->pad.given;
    case TMOI_OP_DEPTHWISE_CONV_2D:
        return tmoi_op_options(node->op, depthwise_conv2d_options)->padding == TMOI_PADDING_VALID &&
               !node->pad.given;
    default: return false;
    }
}

/* Every reader is a convolution that can pad by itself. */
static bool only_convolutions_read(const tmoi_lowering *l, const tmoi_value *value)
{
    int32_t found = 0;
    for (int32_t k = 0; k < l->graph->subgraph->op_count; k++) {
        const tmoi_node *node = &l->graph->nodes[k];
        if (!tmoi_lower_is_open(l, k) || node->input_count < 2 || node->inputs[0] != value) continue;
        if (!is_valid_convolution(node)) return false;
        found++;
    }
    return found > 0 && found == l->reads[tmoi_lower_number(l, value)];
}

/* PADV2 with what PAD fills with. */
static bool fills_with_zero(const tmoi_node *node)
{
    const tmoi_value *fill = node->inputs[2], *out = node->outputs[0];
    if (!fill->is_constant) return false;
    if (out->type == TMO_TYPE_FLOAT32) return *(const float *)fill->data == 0.0f;
    int64_t zero = out->quant->count == 1 ? out->quant->zero_point[0] : 0;
    if (out->type == TMO_TYPE_INT8) return *(const int8_t *)fill->data == zero;
    return out->type == TMO_TYPE_UINT8 && *(const uint8_t *)fill->data == zero;
}

static bool pads_an_image(const tmoi_node *node)
{
    const tmoi_value *in = node->inputs[0], *amounts = node->inputs[1];
    bool known = (node->op->code == TMOI_OP_PAD && node->input_count == 2) ||
                 (node->op->code == TMOI_OP_PADV2 && node->input_count == 3 && fills_with_zero(node));
    if (!known || in->shape.rank != 4 || !amounts->is_constant) return false;
    if (!tmoi_lower_same_quant(in, node->outputs[0]) || tmoi_value_count(in) == 0) return false;
    for (int32_t k = 0; k < 8; k++) {
        int64_t amount = tmoi_value_int(amounts, k);
        if (amount < 0 || ((k < 2 || k > 5) && amount != 0)) return false;
    }
    return true;
}

static void fuse(tmoi_lowering *l, int32_t pad)
{
    const tmoi_node *gone = &l->graph->nodes[pad];
    int32_t by = -1;
    for (int32_t k = 0; k < l->graph->subgraph->op_count; k++) {
        tmoi_node *node = &l->graph->nodes[k];
        if (!tmoi_lower_is_open(l, k) || node->input_count < 2 || node->inputs[0] != gone->outputs[0])
            continue;
        node->pad = (tmoi_node_pad){true, (int32_t)tmoi_value_int(gone->inputs[1], 2),
                                    (int32_t)tmoi_value_int(gone->inputs[1], 4)};
        tmoi_lower_set_input(l, k, 0, gone->inputs[0]);
        by = k;
    }
    tmoi_lower_drop(l, pad, by);
}

void tmoi_lower_pads(tmoi_lowering *l)
{
    for (int32_t k = 0; k < l->graph->subgraph->op_count; k++) {
        const tmoi_node *node = &l->graph->nodes[k];
        bool pads = node->op->code == TMOI_OP_PAD || node->op->code == TMOI_OP_PADV2;
        if (pads && tmoi_lower_is_open(l, k) && pads_an_image(node) &&
            only_convolutions_read(l, node->outputs[0]))
            fuse(l, k);
    }
}

/* ---- channels ---- */

/* PAD of zeros behind the channels of float images. */
static bool pads_channels(const tmoi_node *node)
{
    const tmoi_value *in = node->inputs[0], *amounts = node->inputs[1];
    if (node->op->code != TMOI_OP_PAD || node->input_count != 2 || in->type != TMO_TYPE_FLOAT32 ||
        in->shape.rank != 4 || in->tensor->is_variable || !amounts->is_constant || tmoi_value_count(in) == 0)
        return false;
    for (int32_t k = 0; k < 7; k++)
        if (tmoi_value_int(amounts, k) != 0) return false;
    return tmoi_value_int(amounts, 7) > 0;
}

static bool takes_narrow_add(const tmoi_lowering *l, int32_t host)
{
    const tmoi_node *node = &l->graph->nodes[host];
    return tmoi_lower_is_open(l, host) && node->def && node->def->pads_residual &&
           node->def->pads_residual(&l->graph->exec, node);
}

static void fuse_channels(tmoi_lowering *l, int32_t pad)
{
    tmoi_node *gone = &l->graph->nodes[pad];
    int32_t reader = tmoi_lower_only_reader(l, gone->outputs[0]);
    if (reader < 0) return;
    int32_t host = l->host[reader];
    tmoi_node *add = &l->graph->nodes[reader];
    if (host == reader || l->next_post[host] != reader || add->op->code != TMOI_OP_ADD ||
        add->part_count > 0 || add->inputs[1] != gone->outputs[0] ||
        !tmoi_shape_equal(&add->inputs[0]->shape, &gone->outputs[0]->shape) || !takes_narrow_add(l, host))
        return;
    add->pad.given = true;
    tmoi_lower_set_input(l, reader, 1, gone->inputs[0]);
    tmoi_lower_drop(l, pad, host);
}

void tmoi_lower_channel_pads(tmoi_lowering *l)
{
    for (int32_t k = 0; k < l->graph->subgraph->op_count; k++)
        if (tmoi_lower_is_open(l, k) && pads_channels(&l->graph->nodes[k])) fuse_channels(l, k);
}
