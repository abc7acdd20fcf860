#include "report/score.h"

#include <math.h>

#include "base/os.h"
#include "report/values.h"

/* The outputs of one model for one sample, as real numbers, one output after the other. */
typedef struct outputs {
    float *values;
    size_t capacity; /* in elements */
    int64_t count, first_count;
} outputs;

/* One thread's sessions and memory. */
typedef struct lane_state {
    tmoi_session **sessions; /* [model_count] */
    outputs *outputs;        /* [model_count] */
    float *targets;
    tmoi_ctx ctx;
} lane_state;

typedef struct scoring {
    const tmoi_scored_model *models;
    int32_t model_count;
    const tmoi_score_config *config;
    tmoi_score *scores;
    int64_t sample_count, begin; /* `begin` of the part that is being scored */
    lane_state *lanes;
    int32_t lane_count;
    tmoi_thread_pool *pool;
} scoring;

/* ---- running ---- */

tmo_status tmoi_scored_session(tmoi_session **out, const tmoi_scored_model *model,
                               tmoi_session_config *config, tmoi_ctx *ctx)
{
    tmoi_session *session = NULL;
    config->threads = 1;
    *out = NULL;
    TMO_TRY(tmoi_session_make(&session, model->graph, config, ctx));
    for (int32_t k = 0; k < tmoi_session_input_count(session); k++)
        TMO_TRY(tmoi_session_set_shape(session, k, tmoi_dataset_shape(model->dataset, k), ctx));
    TMO_TRY(tmoi_session_plan(session, ctx));
    *out = session;
    return TMO_STATUS_OK;
fail:
    tmoi_session_free(session);
    return ctx->error.status;
}

tmo_status tmoi_scored_fill(tmoi_session *session, const tmoi_scored_model *model, int64_t index,
                            float *targets, int32_t *label, tmoi_ctx *ctx)
{
    enum { FEW = 16 };
    void *few[FEW], **inputs = few;
    int32_t count = tmoi_session_input_count(session);
    tmoi_sample sample = {.targets = targets};
    if (count > FEW) TMO_TRY(tmoi_new(ctx, &inputs, (size_t)count));
    for (int32_t k = 0; k < count; k++) {
        const tmoi_value *input = tmoi_session_input(session, k);
        TMO_FAIL_IF(input->bytes != tmoi_dataset_bytes(model->dataset, k), INVALID_DATA, ctx,
                    "samples of input '%s' have %zu bytes, the model takes %zu", input->tensor->name,
                    tmoi_dataset_bytes(model->dataset, k), input->bytes);
        inputs[k] = input->data;
    }
    sample.inputs = inputs;
    TMO_TRY(tmoi_dataset_read(model->dataset, index, &sample, ctx));
    *label = sample.label;
fail:
    if (inputs != few) tmoi_release(&ctx->allocator, inputs);
    return ctx->error.status;
}

tmo_status tmoi_scored_run(tmoi_session *session, const tmoi_scored_model *model, int64_t index,
                           float *targets, int32_t *label, tmoi_ctx *ctx)
{
    tmoi_session_reset(session);
    TMO_TRY(tmoi_scored_fill(session, model, index, targets, label, ctx));
    TMO_TRY(tmoi_session_run(session, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status collect_outputs(outputs *out, tmoi_session *session, tmoi_ctx *ctx)
{
    out->count = out->first_count = 0;
    for (int32_t k = 0; k < tmoi_session_output_count(session); k++) {
        const tmoi_value *value = tmoi_session_output(session, k);
        const tmoi_elements elements = {value->type, value->data, &value->shape, value->quant};
        int64_t count = tmoi_shape_count(&value->shape);
        TMO_FAIL_IF(!tmoi_type_is_real(value->type), UNSUPPORTED_SHAPE, ctx,
                    "output '%s' of type %s cannot be compared", value->tensor->name,
                    tmo_type_name(value->type));
        TMO_TRY(tmoi_grow(ctx, (void **)&out->values, &out->capacity, (size_t)(out->count + count),
                          sizeof *out->values));
        tmoi_real_values(&elements, 0, count, out->values + out->count);
        out->count += count;
        if (k == 0) out->first_count = count;
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* ---- scoring ---- */

static int32_t largest(const float *values, int64_t count)
{
    int64_t best = -1;
    for (int64_t k = 0; k < count; k++)
        if (!isnan(values[k]) && (best < 0 || values[k] > values[best])) best = k;
    return (int32_t)best;
}

/* How many values come before position `at` when they are sorted, the largest first. */
static int64_t rank_of(const float *values, int64_t count, int64_t at)
{
    int64_t rank = 0;
    for (int64_t k = 0; k < count; k++) rank += values[k] > values[at] || (values[k] == values[at] && k < at);
    return isnan(values[at]) ? count : rank;
}

static tmo_status score_label(tmoi_score *score, const outputs *got, int32_t label, int64_t index,
                              tmoi_ctx *ctx)
{
    score->label = label;
    score->predicted = largest(got->values, got->first_count);
    if (label < 0) return TMO_STATUS_OK;
    TMO_FAIL_IF(label >= got->first_count, INVALID_DATA, ctx,
                "label %d of sample %lld exceeds the %lld outputs of the model", (int)label, (long long)index,
                (long long)got->first_count);
    score->is_right = score->predicted == label;
    score->is_right_top5 = rank_of(got->values, got->first_count, label) < 5;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static void score_distance(tmoi_score *score, const float *got, const float *wanted, int64_t count)
{
    double squares = 0, magnitudes = 0;
    for (int64_t k = 0; k < count; k++) {
        double difference = (double)got[k] - (double)wanted[k];
        squares += difference * difference;
        magnitudes += fabs(difference);
        score->signal += (double)wanted[k] * (double)wanted[k];
    }
    score->noise = squares;
    score->squared_error = count ? squares / (double)count : 0;
    score->absolute_error = count ? magnitudes / (double)count : 0;
}

static tmo_status score_sample(scoring *s, lane_state *lane, int64_t index, int32_t m, int32_t label,
                               tmoi_ctx *ctx)
{
    const outputs *got = &lane->outputs[m];
    int64_t targets = tmoi_dataset_target_count(s->models[m].dataset);
    tmoi_score *score = &s->scores[m * s->sample_count + index];
    *score = (tmoi_score){.label = -1};
    TMO_TRY(score_label(score, got, label, index, ctx));
    if (s->config->reference >= 0) {
        const outputs *wanted = &lane->outputs[s->config->reference];
        TMO_FAIL_IF(got->count != wanted->count, INVALID_DATA, ctx,
                    "the models give different outputs: %lld and %lld numbers", (long long)wanted->count,
                    (long long)got->count);
        score->agrees = score->predicted == largest(wanted->values, wanted->first_count);
        if (targets == 0) score_distance(score, got->values, wanted->values, got->count);
    }
    if (targets > 0) {
        TMO_FAIL_IF(targets != got->first_count, INVALID_DATA, ctx,
                    "the data have %lld targets a sample, the model %lld outputs", (long long)targets,
                    (long long)got->first_count);
        score_distance(score, got->values, lane->targets, targets);
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status run_sample(scoring *s, lane_state *lane, int64_t index)
{
    tmoi_ctx *ctx = &lane->ctx;
    int32_t label = -1;
    for (int32_t m = 0; m < s->model_count; m++) {
        TMO_TRY(tmoi_scored_run(lane->sessions[m], &s->models[m], index, lane->targets, &label, ctx));
        TMO_TRY(collect_outputs(&lane->outputs[m], lane->sessions[m], ctx));
    }
    for (int32_t m = 0; m < s->model_count; m++) TMO_TRY(score_sample(s, lane, index, m, label, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static void run_range(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    scoring *s = argument;
    lane_state *lane = &s->lanes[thread];
    for (int64_t k = begin; k < end && lane->ctx.error.status == TMO_STATUS_OK; k++)
        (void)run_sample(s, lane, s->begin + k);
}

/* ---- threads ---- */

static tmo_status make_lane(lane_state *lane, const scoring *s, tmoi_ctx *ctx)
{
    tmoi_session_config config = {.cpu = s->config->cpu,
                                  .reference = s->config->is_reference_arithmetic,
                                  .custom_ops = s->config->custom_ops,
                                  .custom_op_count = s->config->custom_op_count};
    int64_t targets = tmoi_dataset_target_count(s->models[0].dataset);
    lane->ctx = tmoi_ctx_make(&ctx->allocator);
    TMO_TRY(tmoi_new(ctx, &lane->sessions, (size_t)s->model_count));
    TMO_TRY(tmoi_new(ctx, &lane->outputs, (size_t)s->model_count));
    if (targets > 0) TMO_TRY(tmoi_new(ctx, &lane->targets, (size_t)targets));
    for (int32_t m = 0; m < s->model_count; m++)
        TMO_TRY(tmoi_scored_session(&lane->sessions[m], &s->models[m], &config, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static void free_lanes(scoring *s, const tmo_allocator *allocator)
{
    for (int32_t t = 0; s->lanes && t < s->lane_count; t++) {
        lane_state *lane = &s->lanes[t];
        for (int32_t m = 0; lane->sessions && m < s->model_count; m++) tmoi_session_free(lane->sessions[m]);
        for (int32_t m = 0; lane->outputs && m < s->model_count; m++)
            tmoi_release(allocator, lane->outputs[m].values);
        tmoi_release(allocator, lane->sessions);
        tmoi_release(allocator, lane->outputs);
        tmoi_release(allocator, lane->targets);
    }
    tmoi_release(allocator, s->lanes);
    tmoi_thread_pool_free(s->pool);
}

static tmo_status make_lanes(scoring *s, tmoi_ctx *ctx)
{
    int32_t threads = s->config->threads > 0 ? s->config->threads : tmoi_core_count();
    if (threads > s->sample_count) threads = (int32_t)s->sample_count;
    TMO_TRY(tmoi_thread_pool_make(&s->pool, threads, NULL, ctx));
    s->lane_count = tmoi_thread_pool_size(s->pool);
    TMO_TRY(tmoi_new(ctx, &s->lanes, (size_t)s->lane_count));
    for (int32_t t = 0; t < s->lane_count; t++) TMO_TRY(make_lane(&s->lanes[t], s, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status lane_failure(const scoring *s, tmoi_ctx *ctx)
{
    for (int32_t t = 0; t < s->lane_count; t++) {
        if (s->lanes[t].ctx.error.status == TMO_STATUS_OK) continue;
        ctx->error = s->lanes[t].ctx.error;
        return ctx->error.status;
    }
    return TMO_STATUS_OK;
}

static tmo_status report_progress(const scoring *s, tmoi_ctx *ctx)
{
    tmo_progress step = {"evaluate", (uint64_t)s->begin, (uint64_t)s->sample_count};
    if (!s->config->progress || s->config->progress(s->config->progress_user, &step) == 0)
        return TMO_STATUS_OK;
    return tmoi_fail(ctx, TMO_STATUS_CANCELLED, "evaluate: cancelled after %lld samples",
                     (long long)s->begin);
}

/* Scores part after part, each about as long as the time between two calls of the progress function. */
static tmo_status run_all(scoring *s, tmoi_ctx *ctx)
{
    const uint64_t part_ns = 50000000;
    int64_t part = s->lane_count;
    while (s->begin < s->sample_count) {
        uint64_t start = tmoi_clock_ns();
        if (part > s->sample_count - s->begin) part = s->sample_count - s->begin;
        tmoi_parallel_for(s->pool, part, 0, run_range, s);
        TMO_TRY(lane_failure(s, ctx));
        s->begin += part;
        TMO_TRY(report_progress(s, ctx));
        if (tmoi_clock_ns() - start < part_ns) part *= 2;
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_score_models(tmoi_score *scores, const tmoi_scored_model *models, int32_t model_count,
                             const tmoi_score_config *config, tmoi_ctx *ctx)
{
    scoring s = {.models = models,
                 .model_count = model_count,
                 .config = config,
                 .scores = scores,
                 .sample_count = tmoi_dataset_count(models[0].dataset)};
    for (int32_t m = 1; m < model_count; m++)
        TMO_FAIL_IF(tmoi_dataset_count(models[m].dataset) != s.sample_count, INVALID_DATA, ctx,
                    "the data sets of the models have %lld and %lld samples", (long long)s.sample_count,
                    (long long)tmoi_dataset_count(models[m].dataset));
    TMO_TRY(make_lanes(&s, ctx));
    TMO_TRY(run_all(&s, ctx));
fail:
    free_lanes(&s, &ctx->allocator);
    return ctx->error.status;
}
