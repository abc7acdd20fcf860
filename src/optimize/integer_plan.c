/* What becomes an integer, and with which scale and zero point. */
#include <string.h>

#include "optimize/integer.h"
#include "rewrite/helpers.h"

typedef struct planner {
    const tmoi_graph *graph;
    const tmoi_subgraph *subgraph;
    int32_t index;
    tmoi_subgraph_plan *plan;
    const tmoi_statistics *statistics;
    const tmoi_integer_config *config;
    int32_t bits;
    int32_t *parent; /* a tensor: tensors that share a scale, as a forest */
    bool *fixed;     /* a tensor at the root of its tree: the operator prescribes the parameters */
} planner;

/* ---- operators ---- */

static bool is_float(const tmoi_tensor *tensor)
{
    return tensor && tensor->type == TMO_TYPE_FLOAT32;
}

static bool is_activation(const tmoi_tensor *tensor)
{
    return is_float(tensor) && !tensor->data;
}

static bool touches_float(const tmoi_subgraph *subgraph, const tmoi_op *op)
{
    for (int32_t k = 0; k < op->input_count; k++)
        if (is_float(tmoi_op_input(subgraph, op, k))) return true;
    for (int32_t k = 0; k < op->output_count; k++)
        if (is_float(tmoi_op_output(subgraph, op, k))) return true;
    return false;
}

/* Why the activations of an operator cannot be quantized, or NULL. */
static const char *activation_obstacle(const planner *self, const tmoi_op *op)
{
    for (int32_t k = 0; k < op->input_count; k++) {
        const tmoi_tensor *tensor = tmoi_op_input(self->subgraph, op, k);
        if (!tensor) continue;
        if (tensor->is_variable) return "a variable tensor keeps its float type";
        if (is_activation(tensor) && !self->statistics[op->inputs[k]].seen) return "no sample reached it";
        if (tensor->type == TMO_TYPE_FLOAT16 || tensor->type == TMO_TYPE_FLOAT64)
            return "an input is not of type float32";
        if (tensor->type == TMO_TYPE_FLOAT32 && tensor->sparsity) return "a constant is sparse";
    }
    for (int32_t k = 0; k < op->output_count; k++) {
        const tmoi_tensor *tensor = tmoi_op_output(self->subgraph, op, k);
        if (is_activation(tensor) && !self->statistics[op->outputs[k]].seen) return "no sample reached it";
    }
    return NULL;
}

static const char *weight_obstacle(const planner *self, const tmoi_op *op)
{
    tmoi_weighted at;
    if (!tmoi_weighted_of(op, &at)) return "its inputs are not those of the format";
    const tmoi_tensor *weights = tmoi_op_input(self->subgraph, op, at.weights);
    const tmoi_tensor *bias = tmoi_op_input(self->subgraph, op, at.bias);
    if (!tmoi_is_float_constant(weights)) return "its weights are not constant";
    if (bias && !tmoi_is_float_constant(bias)) return "its bias is not constant";
    if (at.axis >= weights->shape.rank) return "its weights have too few dimensions";
    if (op->code == TMOI_OP_CONV_2D) {
        const tmoi_tensor *input = tmoi_op_input(self->subgraph, op, at.input);
        if (input->shape.rank == 4 && input->shape.dims[3] != weights->shape.dims[3] && self->bits == 16)
            return "a grouped convolution has no int16 kernel";
    }
    return NULL;
}

static bool has_broadcast_rank(const planner *self, const tmoi_op *op)
{
    const tmoi_tensor *a = tmoi_op_input(self->subgraph, op, 0), *b = tmoi_op_input(self->subgraph, op, 1);
    return a && b && !tmoi_shape_equal(&a->shape, &b->shape) && (a->shape.rank > 4 || b->shape.rank > 4);
}

/* Kernels whose integer form takes less than their float form does. */
static const char *kernel_obstacle(const planner *self, const tmoi_op *op)
{
    switch (op->code) {
    case TMOI_OP_ADD:
    case TMOI_OP_MUL:
        return has_broadcast_rank(self, op) ? "its integer kernel broadcasts at most four dimensions" : NULL;
    case TMOI_OP_SUM: return NULL;
    default: return NULL;
    }
}

static tmoi_op_plan decide(const planner *self, int32_t k)
{
    const tmoi_op *op = &self->subgraph->ops[k];
    const tmoi_op_rule *rule = tmoi_op_rule_find(op);
    const char *reason = NULL;
    bool in_float = touches_float(self->subgraph, op);
    if (rule->kind == TMOI_RULE_ANY || (!in_float && op->code != TMOI_OP_CUSTOM))
        return (tmoi_op_plan){TMOI_DECISION_PASS, NULL};
    if (!in_float) return (tmoi_op_plan){TMOI_DECISION_PASS, NULL};
    if (rule->kind == TMOI_RULE_FLOAT) reason = rule->reason;
    if (!reason && self->config->keep_float)
        reason = self->config->keep_float(self->config->keep_float_user, self->index, k);
    if (!reason && self->bits == 16 && !rule->int16) reason = "the operator has no int16 kernel";
    if (!reason) reason = activation_obstacle(self, op);
    if (!reason && rule->kind == TMOI_RULE_WEIGHTED) reason = weight_obstacle(self, op);
    if (!reason) reason = kernel_obstacle(self, op);
    return (tmoi_op_plan){reason ? TMOI_DECISION_FLOAT : TMOI_DECISION_QUANTIZE, reason};
}

/* ---- islands: data movement between operators in float gains nothing from integers ---- */

static bool made_in_float(const planner *self, int32_t tensor)
{
    int32_t producer = tmoi_subgraph_producer(self->subgraph, tensor);
    return producer >= 0 && self->plan->ops[producer].decision != TMOI_DECISION_QUANTIZE;
}

static bool read_in_float_only(const planner *self, int32_t tensor)
{
    for (int32_t k = 0; k < self->subgraph->op_count; k++) {
        const tmoi_op *op = &self->subgraph->ops[k];
        for (int32_t i = 0; i < op->input_count; i++)
            if (op->inputs[i] == tensor && self->plan->ops[k].decision == TMOI_DECISION_QUANTIZE)
                return false;
    }
    return true;
}

static bool is_island(const planner *self, int32_t k)
{
    const tmoi_op *op = &self->subgraph->ops[k];
    if (self->plan->ops[k].decision != TMOI_DECISION_QUANTIZE ||
        tmoi_op_rule_find(op)->kind != TMOI_RULE_SAME)
        return false;
    for (int32_t i = 0; i < op->input_count; i++)
        if (is_activation(tmoi_op_input(self->subgraph, op, i)) && !made_in_float(self, op->inputs[i]))
            return false;
    for (int32_t i = 0; i < op->output_count; i++)
        if (is_activation(tmoi_op_output(self->subgraph, op, i)) && !read_in_float_only(self, op->outputs[i]))
            return false;
    return true;
}

static void drop_islands(const planner *self)
{
    bool changed;
    do {
        changed = false;
        for (int32_t k = 0; k < self->subgraph->op_count; k++) {
            if (!is_island(self, k)) continue;
            self->plan->ops[k] = (tmoi_op_plan){TMOI_DECISION_FLOAT, "it lies between operators in float"};
            changed = true;
        }
    } while (changed);
}

/* ---- ranges of tensors ---- */

static int32_t root_of(planner *self, int32_t tensor)
{
    while (self->parent[tensor] != tensor) {
        self->parent[tensor] = self->parent[self->parent[tensor]];
        tensor = self->parent[tensor];
    }
    return tensor;
}

static void include(tmoi_range *range, tmoi_range other)
{
    if (other.min < range->min) range->min = other.min;
    if (other.max > range->max) range->max = other.max;
}

static void give_range(planner *self, int32_t tensor)
{
    const tmoi_statistics *statistics = &self->statistics[tensor];
    const tmoi_measured_range measured = {statistics->range, statistics->average, statistics->histogram};
    if (self->plan->has_params[tensor]) return;
    self->plan->has_params[tensor] = true;
    self->plan->ranges[tensor] = tmoi_range_choose(&measured, &self->config->range);
}

static void give_ranges(planner *self, const tmoi_op *op)
{
    for (int32_t k = 0; k < op->input_count; k++)
        if (is_activation(tmoi_op_input(self->subgraph, op, k))) give_range(self, op->inputs[k]);
    for (int32_t k = 0; k < op->output_count; k++)
        if (is_activation(tmoi_op_output(self->subgraph, op, k))) give_range(self, op->outputs[k]);
}

static void fix_output(planner *self, const tmoi_op *op)
{
    int32_t output = op->outputs[0];
    tmoi_affine *params = &self->plan->params[output];
    if (!tmoi_rule_fixed_output(tmoi_op_rule_find(op)->kind, self->bits, &params->scale, &params->zero_point))
        return;
    self->fixed[output] = true;
    self->plan->ranges[output] = tmoi_affine_range(params, self->bits);
}

/* ---- shared scales ---- */

static bool lies_within(tmoi_range inner, tmoi_range outer, float slack)
{
    return inner.min >= outer.min - slack && inner.max <= outer.max + slack;
}

/* Makes two tensors share a scale, unless a prescribed one would not do for both; then the operator's input is requantized. */
static void join(planner *self, int32_t a, int32_t b)
{
    a = root_of(self, a);
    b = root_of(self, b);
    if (a == b) return;
    if (self->fixed[a] && self->fixed[b]) {
        const tmoi_affine *p = &self->plan->params[a], *q = &self->plan->params[b];
        if (p->scale != q->scale || p->zero_point != q->zero_point) return;
    }
    if (self->fixed[b]) {
        int32_t swap = a;
        a = b;
        b = swap;
    }
    if (self->fixed[a] &&
        !lies_within(self->plan->ranges[b], self->plan->ranges[a], self->plan->params[a].scale))
        return;
    if (!self->fixed[a]) include(&self->plan->ranges[a], self->plan->ranges[b]);
    self->parent[b] = a;
}

/* The operator's output stands for the group: constants widen it, activations join it. */
static void join_operator(planner *self, const tmoi_op *op)
{
    int32_t first = -1;
    for (int32_t k = 0; k < op->output_count; k++) {
        if (!is_activation(tmoi_op_output(self->subgraph, op, k))) continue;
        if (first < 0)
            first = op->outputs[k];
        else
            join(self, first, op->outputs[k]);
    }
    for (int32_t k = 0; k < op->input_count; k++) {
        const tmoi_tensor *input = tmoi_op_input(self->subgraph, op, k);
        if (!is_float(input)) continue;
        if (!input->data) {
            if (first < 0)
                first = op->inputs[k];
            else
                join(self, first, op->inputs[k]);
        } else if (first >= 0 && !self->fixed[root_of(self, first)]) {
            include(&self->plan->ranges[root_of(self, first)], tmoi_range_of_constant(input));
        }
    }
}

static bool shares_scale(const planner *self, const tmoi_op *op)
{
    if (op->code == TMOI_OP_SUM && self->bits == 16) return true;
    return tmoi_op_rule_find(op)->kind == TMOI_RULE_SAME;
}

static void plan_ranges(planner *self)
{
    const tmoi_subgraph *subgraph = self->subgraph;
    for (int32_t k = 0; k < subgraph->op_count; k++)
        if (self->plan->ops[k].decision == TMOI_DECISION_QUANTIZE) give_ranges(self, &subgraph->ops[k]);
    for (int32_t k = 0; k < subgraph->op_count; k++)
        if (self->plan->ops[k].decision == TMOI_DECISION_QUANTIZE) fix_output(self, &subgraph->ops[k]);
    for (int32_t k = 0; k < subgraph->op_count; k++)
        if (self->plan->ops[k].decision == TMOI_DECISION_QUANTIZE && shares_scale(self, &subgraph->ops[k]))
            join_operator(self, &subgraph->ops[k]);
    for (int32_t k = 0; k < subgraph->tensor_count; k++) {
        int32_t root = root_of(self, k);
        if (!self->plan->has_params[k]) continue;
        if (root == k && !self->fixed[k])
            self->plan->params[k] = tmoi_affine_of(self->plan->ranges[k], self->bits);
    }
    for (int32_t k = 0; k < subgraph->tensor_count; k++) {
        int32_t root = root_of(self, k);
        self->plan->params[k] = self->plan->params[root];
        self->plan->ranges[k] = self->plan->ranges[root];
    }
}

static tmo_status plan_subgraph(planner *self, tmoi_arena *arena, tmoi_ctx *ctx)
{
    size_t tensors = (size_t)self->subgraph->tensor_count, ops = (size_t)self->subgraph->op_count;
    TMO_TRY(tmoi_arena_new(arena, &self->plan->ops, ops, ctx));
    TMO_TRY(tmoi_arena_new(arena, &self->plan->has_params, tensors, ctx));
    TMO_TRY(tmoi_arena_new(arena, &self->plan->params, tensors, ctx));
    TMO_TRY(tmoi_arena_new(arena, &self->plan->ranges, tensors, ctx));
    TMO_TRY(tmoi_arena_new(arena, &self->parent, tensors, ctx));
    TMO_TRY(tmoi_arena_new(arena, &self->fixed, tensors, ctx));
    for (int32_t k = 0; k < self->subgraph->tensor_count; k++) self->parent[k] = k;
    for (int32_t k = 0; k < self->subgraph->op_count; k++) self->plan->ops[k] = decide(self, k);
    drop_islands(self);
    plan_ranges(self);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_integer_plan_make(tmoi_integer_plan *out, const tmoi_graph *graph,
                                  const tmoi_calibration *calibration, const tmoi_integer_config *config,
                                  tmoi_arena *arena, tmoi_ctx *ctx)
{
    *out = (tmoi_integer_plan){.bits = config->range.bits};
    TMO_TRY(tmoi_arena_new(arena, &out->subgraphs, (size_t)graph->subgraph_count, ctx));
    for (int32_t s = 0; s < graph->subgraph_count; s++) {
        planner self = {.graph = graph,
                        .subgraph = &graph->subgraphs[s],
                        .index = s,
                        .plan = &out->subgraphs[s],
                        .statistics = calibration->tensors[s],
                        .config = config,
                        .bits = out->bits};
        TMO_TRY(plan_subgraph(&self, arena, ctx));
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
