/* The graph made anew as a plan says: integer operators, and QUANTIZE and DEQUANTIZE where they meet float ones. */
#include <string.h>

#include "optimize/integer_private.h"
#include "rewrite/helpers.h"

static tmoi_subgraph *subgraph_of(const tmoi_emitter *self)
{
    return &self->graph->subgraphs[self->index];
}

static tmo_type integer_type(const tmoi_emitter *self)
{
    return self->plan->bits == 16 ? TMO_TYPE_INT16 : TMO_TYPE_INT8;
}

static bool same_affine(const tmoi_affine *a, const tmoi_affine *b)
{
    return a->scale == b->scale && a->zero_point == b->zero_point;
}

/* ---- tensors ---- */

static tmo_status retype(const tmoi_emitter *self, int32_t tensor, tmo_type type, const tmoi_affine *params,
                         tmoi_ctx *ctx)
{
    tmoi_tensor *target = &subgraph_of(self)->tensors[tensor];
    target->type = type;
    return tmoi_graph_set_quant(self->graph, target, 1, 0, &params->scale, &params->zero_point, ctx);
}

/* A tensor like `model`, without data, with a name of its own. */
static tmo_status add_like(const tmoi_emitter *self, int32_t model, const char *suffix, tmo_type type,
                           int32_t *out, tmoi_ctx *ctx)
{
    const tmoi_tensor like = subgraph_of(self)->tensors[model];
    const char *name;
    TMO_TRY(tmoi_arena_format(self->graph->arena, &name, ctx, "%s%s", like.name, suffix));
    TMO_TRY(tmoi_graph_add_tensor(self->graph, self->index, name, type, &like.shape, out, ctx));
    subgraph_of(self)->tensors[*out].shape_signature = like.shape_signature;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status append_conversion(const tmoi_emitter *self, int32_t code, int32_t from, int32_t to,
                                    tmoi_ctx *ctx)
{
    tmoi_op *op;
    TMO_TRY(
        tmoi_graph_insert_op(self->graph, self->index, subgraph_of(self)->op_count, code, 1, 1, &op, ctx));
    op->inputs[0] = from;
    op->outputs[0] = to;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* The integer form of an activation with the wanted parameters, made by a QUANTIZE where it is not there yet. */
static tmo_status integer_form(const tmoi_emitter *self, int32_t tensor, const tmoi_affine *wanted,
                               int32_t *out, tmoi_ctx *ctx)
{
    const tmoi_affine *params = &self->subgraph_plan->params[tensor];
    if (self->integer_of[tensor] < 0) {
        int32_t made;
        TMO_TRY(add_like(self, tensor, "_quantized", integer_type(self), &made, ctx));
        TMO_TRY(retype(self, made, integer_type(self), params, ctx));
        TMO_TRY(append_conversion(self, TMOI_OP_QUANTIZE, self->float_of[tensor], made, ctx));
        self->integer_of[tensor] = made;
    }
    *out = self->integer_of[tensor];
    if (!same_affine(params, wanted)) {
        TMO_TRY(add_like(self, tensor, "_requantized", integer_type(self), out, ctx));
        TMO_TRY(retype(self, *out, integer_type(self), wanted, ctx));
        TMO_TRY(append_conversion(self, TMOI_OP_QUANTIZE, self->integer_of[tensor], *out, ctx));
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status float_form(const tmoi_emitter *self, int32_t tensor, int32_t *out, tmoi_ctx *ctx)
{
    if (self->float_of[tensor] < 0) {
        int32_t made;
        TMO_TRY(add_like(self, tensor, "_dequantized", TMO_TYPE_FLOAT32, &made, ctx));
        TMO_TRY(append_conversion(self, TMOI_OP_DEQUANTIZE, self->integer_of[tensor], made, ctx));
        self->float_of[tensor] = made;
    }
    *out = self->float_of[tensor];
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* An integer copy of a float constant; `shared`: the parameters to use, or NULL for its own. */
static tmo_status integer_constant(const tmoi_emitter *self, int32_t tensor, const tmoi_affine *shared,
                                   int32_t *out, tmoi_ctx *ctx)
{
    const tmoi_tensor constant = subgraph_of(self)->tensors[tensor];
    const tmoi_affine params = shared ? *shared
                                      : tmoi_affine_of(tmoi_range_of_constant(&constant), self->plan->bits);
    const float *values = constant.data;
    int32_t bits = self->plan->bits;
    void *data;
    TMO_TRY(tmoi_graph_add_tensor(self->graph, self->index, constant.name, integer_type(self),
                                  &constant.shape, out, ctx));
    TMO_TRY(retype(self, *out, integer_type(self), &params, ctx));
    TMO_TRY(tmoi_graph_new_data(self->graph, &subgraph_of(self)->tensors[*out],
                                (size_t)tmoi_tensor_count(&constant) * (size_t)bits / 8, &data, ctx));
    for (int64_t k = 0; k < tmoi_tensor_count(&constant); k++) {
        int32_t stored = tmoi_affine_quantize(&params, bits, values[k]);
        if (bits == 16)
            ((int16_t *)data)[k] = (int16_t)stored;
        else
            ((int8_t *)data)[k] = (int8_t)stored;
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* ---- operators ---- */

static tmo_status append_op(const tmoi_emitter *self, const tmoi_op *op, int32_t *inputs, int32_t *outputs,
                            tmoi_op **out, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_graph_insert_op(self->graph, self->index, subgraph_of(self)->op_count, op->code, 0, 0, out,
                                 ctx));
    **out = *op;
    (*out)->inputs = inputs;
    (*out)->outputs = outputs;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status copy_list(const tmoi_emitter *self, int32_t **out, const int32_t *list, int32_t count,
                            tmoi_ctx *ctx)
{
    return tmoi_arena_copy(self->graph->arena, (void **)out, list, (size_t)count * sizeof *list, ctx);
}

/* The parameters that all float tensors of a same-scale operator have: those of its first float output. */
static const tmoi_affine *shared_params(const tmoi_emitter *self, const tmoi_op *op)
{
    bool shares = tmoi_op_rule_find(op)->kind == TMOI_RULE_SAME ||
                  (op->code == TMOI_OP_SUM && self->plan->bits == 16);
    for (int32_t k = 0; shares && k < op->output_count; k++)
        if (op->outputs[k] >= 0 && self->subgraph_plan->has_params[op->outputs[k]])
            return &self->subgraph_plan->params[op->outputs[k]];
    return NULL;
}

static tmo_status integer_inputs(const tmoi_emitter *self, const tmoi_op *op, int32_t *inputs, tmoi_ctx *ctx)
{
    const tmoi_affine *shared = shared_params(self, op);
    tmoi_weighted at;
    bool weighted = tmoi_op_rule_find(op)->kind == TMOI_RULE_WEIGHTED && tmoi_weighted_of(op, &at);
    for (int32_t k = 0; k < op->input_count; k++) {
        int32_t tensor = op->inputs[k];
        if (tensor < 0) continue;
        if (weighted && (k == at.weights || k == at.bias)) continue;
        if (self->subgraph_plan->has_params[tensor]) {
            TMO_TRY(integer_form(self, tensor, shared ? shared : &self->subgraph_plan->params[tensor],
                                 &inputs[k], ctx));
        } else if (tmoi_is_float_constant(&subgraph_of(self)->tensors[tensor])) {
            TMO_TRY(integer_constant(self, tensor, shared, &inputs[k], ctx));
        }
    }
    if (weighted) TMO_TRY(tmoi_emit_weights(self, op, inputs, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* An output that a caller takes as float keeps its name for the float form. */
static bool stays_float(const tmoi_emitter *self, int32_t tensor)
{
    bool is_border = tmoi_subgraph_is_output(subgraph_of(self), tensor) ||
                     tmoi_subgraph_is_input(subgraph_of(self), tensor);
    return is_border && (!self->is_entry || self->config->io != TMO_QUANTIZE_IO_INTEGER);
}

/* Gives the outputs integer forms; those whose own tensor stays as it was get a new one. */
static tmo_status integer_outputs(const tmoi_emitter *self, const tmoi_op *op, int32_t *outputs,
                                  tmoi_ctx *ctx)
{
    for (int32_t k = 0; k < op->output_count; k++) {
        int32_t tensor = op->outputs[k];
        if (tensor < 0 || !self->subgraph_plan->has_params[tensor]) continue;
        if (stays_float(self, tensor))
            TMO_TRY(add_like(self, tensor, "_quantized", integer_type(self), &outputs[k], ctx));
        TMO_TRY(retype(self, outputs[k], integer_type(self), &self->subgraph_plan->params[tensor], ctx));
        self->integer_of[tensor] = outputs[k];
        self->float_of[tensor] = -1;
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* What a caller takes: float again, or uint8. */
static tmo_status finish_outputs(const tmoi_emitter *self, const tmoi_op *op, tmoi_ctx *ctx)
{
    for (int32_t k = 0; k < op->output_count; k++) {
        int32_t tensor = op->outputs[k];
        if (tensor < 0 || !self->subgraph_plan->has_params[tensor] || !stays_float(self, tensor)) continue;
        if (self->is_entry && self->config->io == TMO_QUANTIZE_IO_UINT8) {
            tmoi_affine params = self->subgraph_plan->params[tensor];
            params.zero_point += 128;
            TMO_TRY(retype(self, tensor, TMO_TYPE_UINT8, &params, ctx));
            TMO_TRY(append_conversion(self, TMOI_OP_QUANTIZE, self->integer_of[tensor], tensor, ctx));
        } else {
            TMO_TRY(append_conversion(self, TMOI_OP_DEQUANTIZE, self->integer_of[tensor], tensor, ctx));
            self->float_of[tensor] = tensor;
        }
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* int16 sums take scales that are no powers of two. */
static tmo_status set_int16_options(const tmoi_emitter *self, tmoi_op *op, tmoi_ctx *ctx)
{
    if (self->plan->bits != 16) return TMO_STATUS_OK;
    if (op->code == TMOI_OP_ADD) {
        tmoi_fb_add_options *options;
        TMO_TRY(tmoi_graph_edit_options(self->graph, op, add_options, &options, ctx));
        options->pot_scale_int16 = false;
    } else if (op->code == TMOI_OP_SUB) {
        tmoi_fb_sub_options *options;
        TMO_TRY(tmoi_graph_edit_options(self->graph, op, sub_options, &options, ctx));
        options->pot_scale_int16 = false;
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status emit_integer(const tmoi_emitter *self, const tmoi_op *op, tmoi_ctx *ctx)
{
    int32_t *inputs, *outputs;
    tmoi_op *made;
    TMO_TRY(copy_list(self, &inputs, op->inputs, op->input_count, ctx));
    TMO_TRY(copy_list(self, &outputs, op->outputs, op->output_count, ctx));
    TMO_TRY(integer_inputs(self, op, inputs, ctx));
    TMO_TRY(integer_outputs(self, op, outputs, ctx));
    TMO_TRY(append_op(self, op, inputs, outputs, &made, ctx));
    TMO_TRY(set_int16_options(self, made, ctx));
    TMO_TRY(finish_outputs(self, op, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status emit_float(const tmoi_emitter *self, const tmoi_op *op, tmoi_ctx *ctx)
{
    bool any_form = tmoi_op_rule_find(op)->kind == TMOI_RULE_ANY;
    int32_t *inputs;
    tmoi_op *made;
    TMO_TRY(copy_list(self, &inputs, op->inputs, op->input_count, ctx));
    for (int32_t k = 0; k < op->input_count; k++) {
        int32_t tensor = op->inputs[k];
        if (tensor < 0 || !self->subgraph_plan->has_params[tensor]) continue;
        if (any_form && self->integer_of[tensor] >= 0)
            inputs[k] = self->integer_of[tensor];
        else
            TMO_TRY(float_form(self, tensor, &inputs[k], ctx));
    }
    TMO_TRY(append_op(self, op, inputs, op->outputs, &made, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* ---- subgraphs ---- */

/* Inputs that come as integers. */
static tmo_status emit_inputs(const tmoi_emitter *self, tmoi_ctx *ctx)
{
    if (!self->is_entry || self->config->io == TMO_QUANTIZE_IO_FLOAT) return TMO_STATUS_OK;
    for (int32_t k = 0; k < subgraph_of(self)->input_count; k++) {
        int32_t tensor = subgraph_of(self)->inputs[k];
        if (!self->subgraph_plan->has_params[tensor]) continue;
        tmoi_affine params = self->subgraph_plan->params[tensor];
        self->float_of[tensor] = -1;
        if (self->config->io == TMO_QUANTIZE_IO_INTEGER) {
            TMO_TRY(retype(self, tensor, integer_type(self), &params, ctx));
            self->integer_of[tensor] = tensor;
        } else {
            int32_t made;
            TMO_TRY(add_like(self, tensor, "_int8", TMO_TYPE_INT8, &made, ctx));
            TMO_TRY(retype(self, made, TMO_TYPE_INT8, &params, ctx));
            params.zero_point += 128;
            TMO_TRY(retype(self, tensor, TMO_TYPE_UINT8, &params, ctx));
            TMO_TRY(append_conversion(self, TMOI_OP_QUANTIZE, tensor, made, ctx));
            self->integer_of[tensor] = made;
        }
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status emit_subgraph(tmoi_emitter *self, const tmoi_float_report *report, tmoi_ctx *ctx)
{
    tmoi_subgraph *subgraph = subgraph_of(self);
    const tmoi_op *ops = subgraph->ops;
    int32_t op_count = subgraph->op_count, tensor_count = subgraph->tensor_count;
    TMO_TRY(tmoi_arena_new(self->graph->arena, &self->integer_of, (size_t)tensor_count, ctx));
    TMO_TRY(tmoi_arena_new(self->graph->arena, &self->float_of, (size_t)tensor_count, ctx));
    for (int32_t k = 0; k < tensor_count; k++) {
        self->integer_of[k] = -1;
        self->float_of[k] = k;
    }
    subgraph->ops = NULL;
    subgraph->op_count = subgraph->op_capacity = 0;
    TMO_TRY(emit_inputs(self, ctx));
    for (int32_t k = 0; k < op_count; k++) {
        const tmoi_op_plan *plan = &self->subgraph_plan->ops[k];
        if (plan->decision == TMOI_DECISION_QUANTIZE) {
            TMO_TRY(emit_integer(self, &ops[k], ctx));
            continue;
        }
        TMO_TRY(emit_float(self, &ops[k], ctx));
        if (plan->decision == TMOI_DECISION_FLOAT)
            TMO_TRY(report->add(report->user, self->index, subgraph->op_count - 1, plan->reason, ctx));
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* True when no operator of another subgraph runs this one, so that callers outside decide its types. */
static bool is_entry(const tmoi_graph *graph, int32_t subgraph)
{
    if (subgraph == 0) return true;
    for (int32_t k = 0; k < graph->signature_count; k++)
        if (graph->signatures[k].subgraph == subgraph) return true;
    return false;
}

tmo_status tmoi_integer_apply(tmoi_graph *graph, const tmoi_integer_plan *plan,
                              const tmoi_calibration *calibration, const tmoi_integer_config *config,
                              const tmoi_float_report *report, tmoi_ctx *ctx)
{
    for (int32_t s = 0; s < graph->subgraph_count; s++) {
        tmoi_emitter self = {.graph = graph,
                             .index = s,
                             .plan = plan,
                             .subgraph_plan = &plan->subgraphs[s],
                             .statistics = calibration->tensors[s],
                             .config = config,
                             .is_entry = is_entry(graph, s)};
        TMO_TRY(emit_subgraph(&self, report, ctx));
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
