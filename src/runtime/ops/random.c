/* RANDOM_UNIFORM, RANDOM_STANDARD_NORMAL, MULTINOMIAL: the distributions of TFLite's operators, not their numbers. */
#include <math.h>
#include <stdio.h>

#include "base/rng.h"
#include "runtime/session.h"
#include "runtime/value.h"

typedef struct generator {
    bool is_seeded;
    tmoi_rng rng;
} generator;

/* The operator's generator goes on from run to run; resetting the session starts it again. */
static tmo_status find_generator(tmoi_exec *exec, const tmoi_node *node, tmoi_rng **out, tmoi_ctx *ctx)
{
    const tmoi_fb_random_options *options = tmoi_op_options(node->op, random_options);
    tmoi_resource *resource;
    char name[32];
    (void)snprintf(name, sizeof name, "%p", (const void *)node->op);
    TMO_TRY(tmoi_session_resource(exec, "random", name, sizeof(generator), NULL, &resource, ctx));
    generator *g = resource->object;
    if (!g->is_seeded) g->rng = tmoi_rng_make((uint64_t)options->seed, (uint64_t)options->seed2);
    g->is_seeded = true;
    *out = &g->rng;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status fill(tmoi_exec *exec, tmoi_node *node, float (*draw)(tmoi_rng *), tmoi_ctx *ctx)
{
    float *out = node->outputs[0]->data;
    tmoi_rng *rng;
    TMO_TRY(find_generator(exec, node, &rng, ctx));
    for (int64_t k = 0; k < tmoi_value_count(node->outputs[0]); k++) out[k] = draw(rng);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status eval_uniform(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    return fill(exec, node, tmoi_rng_uniform, ctx);
}

static tmo_status eval_normal(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    return fill(exec, node, tmoi_rng_normal, ctx);
}

/* A class with probability exp(logit) / Σ exp(logits). */
static int32_t draw_class(tmoi_rng *rng, const float *logits, int32_t count)
{
    float highest = logits[0];
    double total = 0.0, sum = 0.0;
    for (int32_t k = 1; k < count; k++)
        if (logits[k] > highest) highest = logits[k];
    for (int32_t k = 0; k < count; k++) total += exp((double)(logits[k] - highest));
    double wanted = (double)tmoi_rng_uniform(rng) * total;
    for (int32_t k = 0; k < count; k++) {
        sum += exp((double)(logits[k] - highest));
        if (sum > wanted) return k;
    }
    return count - 1;
}

static tmo_status eval_multinomial(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_value *logits = node->inputs[0];
    tmoi_value *out = node->outputs[0];
    int32_t classes = logits->shape.dims[1], samples = out->shape.dims[1];
    tmoi_rng *rng;
    TMO_TRY(find_generator(exec, node, &rng, ctx));
    for (int64_t k = 0; k < tmoi_value_count(out); k++) {
        int32_t class = draw_class(rng, (const float *)logits->data + k / samples * classes, classes);
        if (out->type == TMO_TYPE_INT64)
            ((int64_t *)out->data)[k] = class;
        else
            ((int32_t *)out->data)[k] = class;
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

const tmoi_op_def tmoi_op_random_uniform = {.eval = eval_uniform, .flags = TMOI_OP_SIDE_EFFECT};
const tmoi_op_def tmoi_op_random_standard_normal = {.eval = eval_normal, .flags = TMOI_OP_SIDE_EFFECT};
const tmoi_op_def tmoi_op_multinomial = {.eval = eval_multinomial, .flags = TMOI_OP_SIDE_EFFECT};
