/* Layer normalization over the last dimension, in the two ways that converters write it:
 *
 *   x·s + (β − m·s) with s = γ·RSQRT(v + ε)    and    (x − m) / SQRT(v + ε), or times RSQRT(v + ε)
 *
 * where m is the MEAN of x and v that of (x − m)². What scales and shifts the second form are element-wise operators after it. */
#include "kernels/norm/norm.h"
#include "model/fused_activation.h"
#include "runtime/lower/lower.h"
#include "runtime/value.h"

enum { X, GAMMA, BETA, EPSILON, INPUTS }; /* of the fused node; GAMMA and BETA may be left out */

typedef struct norm_state {
    tmoi_layer_norm norm;
    tmoi_layer_norm_f32_function run;
    int64_t rows;
} norm_state;

/* ---- running ---- */

static tmo_status prepare(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_node_state(exec, node, sizeof(norm_state), ctx));
    norm_state *state = node->state;
    const tmoi_shape *shape = &node->outputs[0]->shape;
    state->run = TMOI_KERNEL_OF(exec->kernels, layer_norm_f32);
    node->kernel = TMOI_KERNEL_NAME(exec->kernels, layer_norm_f32);
    state->rows = tmoi_shape_product(shape, 0, shape->rank - 1);
    state->norm = (tmoi_layer_norm){.depth = shape->dims[shape->rank - 1],
                                    .epsilon = *(const float *)node->inputs[EPSILON]->data,
                                    .gamma = node->inputs[GAMMA] ? node->inputs[GAMMA]->data : NULL,
                                    .beta = node->inputs[BETA] ? node->inputs[BETA]->data : NULL};
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static void run_rows(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    const tmoi_node *node = argument;
    const norm_state *state = node->state;
    int64_t depth = state->norm.depth;
    (void)thread;
    for (int64_t row = begin; row < end; row++) {
        state->run(&state->norm, (const float *)node->inputs[0]->data + row * depth,
                   (float *)node->outputs[0]->data + row * depth, 1);
        tmoi_node_post(node, row * depth, (row + 1) * depth);
    }
}

static tmo_status eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const norm_state *state = node->state;
    (void)ctx;
    tmoi_parallel_for(exec->pool, state->rows, tmoi_grain(4 * state->norm.depth), run_rows, node);
    return TMO_STATUS_OK;
}

static const tmoi_op_def norm_def = {
    .prepare = prepare, .eval = eval, .flags = TMOI_OP_INPLACE | TMOI_OP_POSTS};

/* ---- finding ---- */

typedef struct finding {
    tmoi_lowering *l;
    tmoi_value *inputs[INPUTS];
    const tmoi_value *mean;
} finding;

/* The value is the mean of *of over the last dimension, which stays as one of size 1. */
static bool is_mean(const finding *f, const tmoi_value *value, tmoi_value **of)
{
    const tmoi_node *node = tmoi_lower_row_reduction(f->l, value, TMOI_OP_MEAN);
    if (node) *of = node->inputs[0];
    return node != NULL;
}

/* The value is x - m, which f->inputs[X] and f->mean become. */
static bool is_centred(finding *f, const tmoi_value *value)
{
    const tmoi_node *node = tmoi_lower_made_by(f->l, value, TMOI_OP_SUB, 2);
    if (!node || !is_mean(f, node->inputs[1], &f->inputs[X]) || f->inputs[X] != node->inputs[0]) return false;
    f->mean = node->inputs[1];
    return true;
}

/* The value is (x - m)². */
static bool is_square(finding *f, const tmoi_value *value)
{
    const tmoi_node *node = tmoi_lower_made_by(f->l, value, TMOI_OP_SQUARED_DIFFERENCE, 2);
    for (int32_t k = 0; node && k < 2; k++)
        if (is_mean(f, node->inputs[k], &f->inputs[X]) && f->inputs[X] == node->inputs[1 - k]) {
            f->mean = node->inputs[k];
            return true;
        }
    node = tmoi_lower_made_by(f->l, value, TMOI_OP_SQUARE, 1);
    if (node) return is_centred(f, node->inputs[0]);
    node = tmoi_lower_made_by(f->l, value, TMOI_OP_MUL, 2);
    if (node) return node->inputs[0] == node->inputs[1] && is_centred(f, node->inputs[0]);
    node = tmoi_lower_made_by(f->l, value, TMOI_OP_POW, 2);
    return node && tmoi_lower_is_float_constant(node->inputs[1], 1) &&
           *(const float *)node->inputs[1]->data == 2.0f && is_centred(f, node->inputs[0]);
}

/* The value is v + ε. */
static bool is_variance(finding *f, const tmoi_value *value)
{
    const tmoi_node *node = tmoi_lower_made_by(f->l, value, TMOI_OP_ADD, 2);
    tmoi_value *squares;
    for (int32_t k = 0; node && k < 2; k++)
        if (tmoi_lower_is_float_constant(node->inputs[k], 1) && is_mean(f, node->inputs[1 - k], &squares) &&
            is_square(f, squares)) {
            f->inputs[EPSILON] = node->inputs[k];
            return true;
        }
    return false;
}

/* The value is RSQRT(v + ε), or that times γ. */
static bool is_scale(finding *f, const tmoi_value *value)
{
    const tmoi_node *node = tmoi_lower_made_by(f->l, value, TMOI_OP_MUL, 2);
    for (int32_t k = 0; node && k < 2; k++)
        if (node->inputs[k]->is_constant) {
            f->inputs[GAMMA] = node->inputs[k];
            value = node->inputs[1 - k];
        }
    node = tmoi_lower_made_by(f->l, value, TMOI_OP_RSQRT, 1);
    return node && is_variance(f, node->inputs[0]);
}

/* The value is `factor` times another, *other. */
static bool is_product(const finding *f, const tmoi_value *value, const tmoi_value *factor,
                       tmoi_value **other)
{
    const tmoi_node *node = tmoi_lower_made_by(f->l, value, TMOI_OP_MUL, 2);
    if (!node || (node->inputs[0] != factor && node->inputs[1] != factor)) return false;
    *other = node->inputs[node->inputs[0] == factor ? 1 : 0];
    return true;
}

/* x·s + (β − m·s) */
static bool match_shifted(finding *f, const tmoi_node *root)
{
    if (root->op->code != TMOI_OP_ADD || root->input_count != 2) return false;
    for (int32_t k = 0; k < 2; k++) {
        const tmoi_node *shift = tmoi_lower_made_by(f->l, root->inputs[k], TMOI_OP_SUB, 2),
                        *scaled = tmoi_lower_made_by(f->l, root->inputs[1 - k], TMOI_OP_MUL, 2);
        if (!shift || !scaled) continue;
        for (int32_t i = 0; i < 2; i++) {
            tmoi_value *mean;
            f->inputs[GAMMA] = NULL;
            if (!is_scale(f, scaled->inputs[i]) || scaled->inputs[1 - i] != f->inputs[X] ||
                !is_product(f, shift->inputs[1], scaled->inputs[i], &mean) || mean != f->mean)
                continue;
            f->inputs[BETA] = shift->inputs[0];
            return true;
        }
    }
    return false;
}

/* (x − m) / SQRT(v + ε), or times RSQRT(v + ε) */
static bool match_centred(finding *f, const tmoi_node *root)
{
    bool divides = root->op->code == TMOI_OP_DIV;
    if ((!divides && root->op->code != TMOI_OP_MUL) || root->input_count != 2) return false;
    for (int32_t k = divides ? 1 : 0; k < 2; k++) {
        const tmoi_node *deviation = tmoi_lower_made_by(f->l, root->inputs[k],
                                                        divides ? TMOI_OP_SQRT : TMOI_OP_RSQRT, 1);
        if (!deviation || !is_variance(f, deviation->inputs[0])) continue;
        const tmoi_value *x = f->inputs[X];
        if (is_centred(f, root->inputs[1 - k]) && f->inputs[X] == x) return true;
    }
    return false;
}

static bool fits(const finding *f, const tmoi_value *out)
{
    const tmoi_value *x = f->inputs[X];
    int64_t depth = x->shape.dims[x->shape.rank - 1];
    for (int32_t k = GAMMA; k <= BETA; k++)
        if (f->inputs[k] && !tmoi_lower_is_float_constant(f->inputs[k], depth)) return false;
    return tmoi_shape_equal(&x->shape, &out->shape) && *(const float *)f->inputs[EPSILON]->data > 0.0f;
}

static bool match(finding *f, int32_t k)
{
    const tmoi_node *root = &f->l->graph->nodes[k];
    if (!tmoi_lower_is_open(f->l, k) || root->outputs[0]->type != TMO_TYPE_FLOAT32) return false;
    const int8_t *activation = tmoi_fused_activation(root->op);
    if (!activation || *activation != TMOI_ACTIVATION_NONE) return false;
    return (match_shifted(f, root) || match_centred(f, root)) && fits(f, root->outputs[0]);
}

/* ---- joining ---- */

static tmo_status join(finding *f, int32_t k, tmoi_ctx *ctx)
{
    tmoi_node *node = &f->l->graph->nodes[k];
    const tmoi_node old = *node;
    tmoi_value **inputs;
    TMO_TRY(tmoi_arena_new(&f->l->graph->prepared_memory, &inputs, INPUTS, ctx));
    for (int32_t i = 0; i < INPUTS; i++) {
        inputs[i] = f->inputs[i];
        tmoi_lower_add_read(f->l, inputs[i], k);
    }
    node->def = &norm_def;
    node->inputs = inputs;
    node->input_count = INPUTS;
    for (int32_t i = 0; i < old.input_count; i++) tmoi_lower_release(f->l, old.inputs[i], k, k);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_lower_norms(tmoi_lowering *l, tmoi_ctx *ctx)
{
    for (int32_t k = 0; k < l->graph->subgraph->op_count; k++) {
        finding f = {.l = l};
        if (l->graph->nodes[k].output_count == 1 && match(&f, k)) TMO_TRY(join(&f, k, ctx));
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
