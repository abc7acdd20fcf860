#include "optimize/calibrate.h"

#include <math.h>
#include <string.h>

#include "base/os.h"
#include "base/rng.h"
#include "runtime/session.h"

/* Samples are measured in rounds of so many for each thread, and at most so many. Within a round each sample has a
 * record of its own, which are then added up in the order of the samples, so that sums of floats do not depend on
 * which thread was faster. */
enum { ROUND_OF_THREAD = 4, MAX_ROUND = 16 };

/* The part of the statistics whose order matters, of one sample. */
typedef struct sample_record {
    tmoi_range **ranges; /* [subgraph][tensor]; empty ranges have min > max */
    double **sums;       /* [subgraph][first channel of the tensor + channel] */
    double **squares;    /* the same, of squares */
    double **counts;     /* [subgraph][tensor] */
} sample_record;

typedef struct worker {
    tmoi_ctx ctx;
    tmoi_session *session;
    struct calibrator *calibrator;
    tmoi_statistics **tensors; /* channel ranges and histograms only: their order does not matter. The first
                                  worker's are the result's. */
    sample_record *record;     /* of the sample that runs */
    int32_t bad_subgraph, bad_op, bad_tensor; /* where the first value that is not finite turned up */
    void **buffers;
    size_t *sizes;
} worker;

typedef struct calibrator {
    const tmoi_graph *graph;
    const tmoi_sample_source *source;
    const tmoi_calibrate_config *config;
    tmoi_calibration *result;
    tmoi_thread_pool *pool;
    int32_t worker_count;
    worker *workers;
    int32_t **first_channel; /* [subgraph][tensor] */
    int32_t *channel_total;  /* [subgraph] */
    sample_record records[MAX_ROUND];
    tmoi_arena arena; /* of all that goes when the measuring is done */
    tmoi_mutex *mutex;
    int64_t next, round_begin; /* samples handed out, and the first of this round */
    int64_t round;             /* samples of a round */
    int64_t failed_at;         /* the lowest sample that failed, or -1 */
    tmo_error failure;
} calibrator;

/* ---- setting up ---- */

static int32_t channel_count(const tmoi_tensor *tensor)
{
    return tensor->shape.rank ? tensor->shape.dims[tensor->shape.rank - 1] : 1;
}

static bool is_measured(const tmoi_tensor *tensor)
{
    return tensor->type == TMO_TYPE_FLOAT32 && !tensor->data;
}

static tmo_status make_statistics(tmoi_arena *arena, const tmoi_graph *graph, bool histograms,
                                  tmoi_statistics ***out, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_arena_new(arena, out, (size_t)graph->subgraph_count, ctx));
    for (int32_t s = 0; s < graph->subgraph_count; s++) {
        const tmoi_subgraph *subgraph = &graph->subgraphs[s];
        TMO_TRY(tmoi_arena_new(arena, &(*out)[s], (size_t)subgraph->tensor_count, ctx));
        for (int32_t k = 0; k < subgraph->tensor_count; k++) {
            tmoi_statistics *statistics = &(*out)[s][k];
            if (!is_measured(&subgraph->tensors[k])) continue;
            statistics->channels = channel_count(&subgraph->tensors[k]);
            size_t channels = (size_t)statistics->channels;
            TMO_TRY(tmoi_arena_new(arena, &statistics->channel_min, channels, ctx));
            TMO_TRY(tmoi_arena_new(arena, &statistics->channel_max, channels, ctx));
            TMO_TRY(tmoi_arena_new(arena, &statistics->channel_sum, channels, ctx));
            TMO_TRY(tmoi_arena_new(arena, &statistics->channel_squares, channels, ctx));
            for (size_t c = 0; c < channels; c++) {
                statistics->channel_min[c] = INFINITY;
                statistics->channel_max[c] = -INFINITY;
            }
            statistics->range = (tmoi_range){INFINITY, -INFINITY};
            if (histograms) TMO_TRY(tmoi_arena_new(arena, &statistics->histogram, 1, ctx));
        }
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status number_channels(calibrator *self, tmoi_ctx *ctx)
{
    const tmoi_graph *graph = self->graph;
    TMO_TRY(tmoi_arena_new(&self->arena, &self->first_channel, (size_t)graph->subgraph_count, ctx));
    TMO_TRY(tmoi_arena_new(&self->arena, &self->channel_total, (size_t)graph->subgraph_count, ctx));
    for (int32_t s = 0; s < graph->subgraph_count; s++) {
        const tmoi_subgraph *subgraph = &graph->subgraphs[s];
        TMO_TRY(tmoi_arena_new(&self->arena, &self->first_channel[s], (size_t)subgraph->tensor_count, ctx));
        for (int32_t k = 0; k < subgraph->tensor_count; k++) {
            self->first_channel[s][k] = self->channel_total[s];
            if (is_measured(&subgraph->tensors[k]))
                self->channel_total[s] += channel_count(&subgraph->tensors[k]);
        }
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status make_record(calibrator *self, sample_record *record, tmoi_ctx *ctx)
{
    const tmoi_graph *graph = self->graph;
    size_t subgraphs = (size_t)graph->subgraph_count;
    TMO_TRY(tmoi_arena_new(&self->arena, &record->ranges, subgraphs, ctx));
    TMO_TRY(tmoi_arena_new(&self->arena, &record->sums, subgraphs, ctx));
    TMO_TRY(tmoi_arena_new(&self->arena, &record->squares, subgraphs, ctx));
    TMO_TRY(tmoi_arena_new(&self->arena, &record->counts, subgraphs, ctx));
    for (size_t s = 0; s < subgraphs; s++) {
        size_t tensors = (size_t)graph->subgraphs[s].tensor_count;
        TMO_TRY(tmoi_arena_new(&self->arena, &record->ranges[s], tensors, ctx));
        TMO_TRY(tmoi_arena_new(&self->arena, &record->counts[s], tensors, ctx));
        TMO_TRY(tmoi_arena_new(&self->arena, &record->sums[s], (size_t)self->channel_total[s], ctx));
        TMO_TRY(tmoi_arena_new(&self->arena, &record->squares[s], (size_t)self->channel_total[s], ctx));
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static void clear_record(const calibrator *self, sample_record *record)
{
    for (int32_t s = 0; s < self->graph->subgraph_count; s++) {
        for (int32_t k = 0; k < self->graph->subgraphs[s].tensor_count; k++) {
            record->ranges[s][k] = (tmoi_range){INFINITY, -INFINITY};
            record->counts[s][k] = 0;
        }
        memset(record->sums[s], 0, (size_t)self->channel_total[s] * sizeof(double));
        memset(record->squares[s], 0, (size_t)self->channel_total[s] * sizeof(double));
    }
}

/* ---- measuring one tensor ---- */

/* What is gathered of the channels of a tensor. */
typedef struct channel_sums {
    float *low, *high;
    double *sum, *squares;
} channel_sums;

/* Adds the rows of a tensor to its channels' extremes and sums. */
static void measure_channels(const float *values, int64_t rows, int32_t channels, const channel_sums *into)
{
    float *low = into->low, *high = into->high;
    double *sum = into->sum, *squares = into->squares;
    for (int64_t row = 0; row < rows; row++, values += channels)
        for (int32_t c = 0; c < channels; c++) {
            float x = values[c];
            low[c] = x < low[c] ? x : low[c];
            high[c] = x > high[c] ? x : high[c];
            sum[c] += (double)x;
            squares[c] += (double)x * (double)x;
        }
}

/* One channel has no neighbours to work on at once: several lanes instead. */
static void measure_plain(const float *values, int64_t count, const channel_sums *into)
{
    enum { LANES = 8 };
    float lows[LANES], highs[LANES];
    double sums[LANES] = {0}, squares[LANES] = {0};
    const channel_sums lanes = {lows, highs, sums, squares};
    int64_t k = 0;
    for (int32_t lane = 0; lane < LANES; lane++) lows[lane] = highs[lane] = values[0];
    for (; k + LANES <= count; k += LANES) measure_channels(values + k, 1, LANES, &lanes);
    for (; k < count; k++) measure_channels(values + k, 1, 1, &lanes);
    for (int32_t lane = 0; lane < LANES; lane++) {
        *into->low = fminf(*into->low, lows[lane]);
        *into->high = fmaxf(*into->high, highs[lane]);
        *into->sum += sums[lane];
        *into->squares += squares[lane];
    }
}

static void widen_range(tmoi_range *range, const float *values, int64_t count)
{
    enum { LANES = 8 };
    float lows[LANES], highs[LANES];
    int64_t k = 0;
    for (int32_t lane = 0; lane < LANES; lane++) lows[lane] = range->min;
    for (int32_t lane = 0; lane < LANES; lane++) highs[lane] = range->max;
    for (; k + LANES <= count; k += LANES)
        for (int32_t lane = 0; lane < LANES; lane++) {
            float x = values[k + lane];
            lows[lane] = x < lows[lane] ? x : lows[lane];
            highs[lane] = x > highs[lane] ? x : highs[lane];
        }
    for (; k < count; k++) {
        lows[0] = values[k] < lows[0] ? values[k] : lows[0];
        highs[0] = values[k] > highs[0] ? values[k] : highs[0];
    }
    for (int32_t lane = 0; lane < LANES; lane++) {
        range->min = lows[lane] < range->min ? lows[lane] : range->min;
        range->max = highs[lane] > range->max ? highs[lane] : range->max;
    }
}

static bool note_if_not_finite(worker *self, int32_t s, int32_t op, int32_t tensor, const double *squares,
                               int32_t channels)
{
    double check = 0;
    for (int32_t c = 0; c < channels; c++) check += squares[c];
    if (isfinite(check)) return false;
    if (self->bad_op == -1) {
        self->bad_subgraph = s;
        self->bad_op = op;
        self->bad_tensor = tensor;
    }
    return true;
}

static void measure(worker *self, int32_t s, int32_t op, int32_t tensor, const float *values, int64_t count)
{
    const calibrator *all = self->calibrator;
    tmoi_statistics *statistics = &self->tensors[s][tensor];
    sample_record *record = self->record;
    int32_t channels = statistics->channels, first = all->first_channel[s][tensor];
    const channel_sums into = {statistics->channel_min, statistics->channel_max, &record->sums[s][first],
                               &record->squares[s][first]};
    if (count == 0 || channels < 1 || count % channels != 0) return;
    if (channels == 1)
        measure_plain(values, count, &into);
    else
        measure_channels(values, count / channels, channels, &into);
    record->counts[s][tensor] += (double)(count / channels);
    if (note_if_not_finite(self, s, op, tensor, into.squares, channels)) return;
    tmoi_range *range = &record->ranges[s][tensor];
    widen_range(range, values, count);
    if (!statistics->histogram) return;
    const uint16_t *weights = all->config->weights && all->config->weights[s]
                                  ? all->config->weights[s][tensor]
                                  : NULL;
    tmoi_histogram_add(statistics->histogram, values, count, weights, channels,
                       fmaxf(fabsf(range->min), fabsf(range->max)));
}

static void observe(void *user, int32_t subgraph, int32_t op, const tmoi_node *node, uint64_t time_us)
{
    worker *self = user;
    (void)time_us;
    for (int32_t k = 0; k < node->output_count; k++) {
        const tmoi_value *value = node->outputs[k];
        if (value && value->type == TMO_TYPE_FLOAT32 && value->data && is_measured(value->tensor))
            measure(self, subgraph, op, node->op->outputs[k], value->data, tmoi_shape_count(&value->shape));
    }
}

/* ---- running samples ---- */

enum { BAD_INPUT = -2 };

static void keep_failure(calibrator *self, int64_t sample, const tmo_error *error)
{
    tmoi_mutex_lock(self->mutex);
    if (self->failed_at < 0 || sample < self->failed_at) {
        self->failed_at = sample;
        self->failure = *error;
    }
    tmoi_mutex_unlock(self->mutex);
}

/* The k-th of `wanted` samples out of `count`: one from each of `wanted` equal stretches. */
static int64_t sample_index(const calibrator *self, int64_t k)
{
    int64_t count = self->source->count, wanted = self->result->samples;
    if (wanted >= count) return k;
    tmoi_rng rng = tmoi_rng_make(self->config->seed, (uint64_t)k);
    double place = ((double)k + (double)tmoi_rng_uniform(&rng)) * (double)count / (double)wanted;
    int64_t index = (int64_t)place, last = (k + 1) * count / wanted - 1;
    return index > last ? last : index;
}

/* Takes the next sample; false when the round is over or something failed. */
static bool take_sample(worker *self, int64_t *sample)
{
    calibrator *all = self->calibrator;
    bool taken = false;
    tmoi_mutex_lock(all->mutex);
    if (all->failed_at < 0) {
        *sample = all->next++;
        taken = all->source->read(all->source->user, sample_index(all, *sample), self->buffers, self->sizes,
                                  tmoi_session_input_count(self->session), &self->ctx) == TMO_STATUS_OK;
        if (!taken) {
            all->failed_at = *sample;
            all->failure = self->ctx.error;
        }
    }
    tmoi_mutex_unlock(all->mutex);
    return taken;
}

static void observe_inputs(worker *self)
{
    const tmoi_subgraph *subgraph = &self->calibrator->graph->subgraphs[0];
    for (int32_t k = 0; k < subgraph->input_count; k++) {
        const tmoi_value *value = tmoi_session_input(self->session, k);
        if (value->type == TMO_TYPE_FLOAT32)
            measure(self, 0, BAD_INPUT, subgraph->inputs[k], value->data, tmoi_shape_count(&value->shape));
    }
}

static tmo_status check_finite(worker *self)
{
    const tmoi_subgraph *subgraph;
    tmoi_ctx *ctx = &self->ctx;
    if (self->bad_op == -1) return TMO_STATUS_OK;
    subgraph = &self->calibrator->graph->subgraphs[self->bad_subgraph];
    ctx->error.tensor = self->bad_tensor;
    ctx->error.subgraph = self->bad_subgraph;
    TMO_FAIL_IF(self->bad_op == BAD_INPUT, NOT_FINITE, ctx,
                "calibrate: a sample has NaN or infinity in input '%s'",
                subgraph->tensors[self->bad_tensor].name);
    ctx->error.op = self->bad_op;
    TMO_FAIL_IF(true, NOT_FINITE, ctx, "calibrate: operator %d (%s) gives NaN or infinity in tensor '%s'",
                (int)self->bad_op, tmoi_op_name(&subgraph->ops[self->bad_op]),
                subgraph->tensors[self->bad_tensor].name);
fail:
    return ctx->error.status;
}

static void run_sample(worker *self, int64_t sample)
{
    calibrator *all = self->calibrator;
    tmo_error error;
    self->record = &all->records[sample - all->round_begin];
    clear_record(all, self->record);
    self->bad_op = -1;
    observe_inputs(self);
    tmoi_session_reset(self->session);
    if (tmoi_session_run(self->session, &self->ctx) == TMO_STATUS_OK && check_finite(self) == TMO_STATUS_OK)
        return;
    error = self->ctx.error;
    keep_failure(all, sample, &error);
}

static void run_samples(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    calibrator *all = argument;
    worker *self = &all->workers[thread];
    for (int64_t k = begin; k < end; k++) {
        int64_t sample;
        if (take_sample(self, &sample)) run_sample(self, sample);
    }
}

/* ---- adding up ---- */

static void fold_tensor(calibrator *self, const sample_record *record, int32_t s, int32_t k)
{
    tmoi_statistics *into = &self->result->tensors[s][k];
    const tmoi_range *range = &record->ranges[s][k];
    const double *sums = &record->sums[s][self->first_channel[s][k]];
    const double *squares = &record->squares[s][self->first_channel[s][k]];
    float momentum = self->config->momentum;
    if (range->min > range->max) return;
    if (!into->seen) {
        into->seen = true;
        into->average = *range;
    } else {
        into->average.min = momentum * into->average.min + (1 - momentum) * range->min;
        into->average.max = momentum * into->average.max + (1 - momentum) * range->max;
    }
    into->range.min = fminf(into->range.min, range->min);
    into->range.max = fmaxf(into->range.max, range->max);
    into->count += record->counts[s][k];
    for (int32_t c = 0; c < into->channels; c++) {
        into->channel_sum[c] += sums[c];
        into->channel_squares[c] += squares[c];
    }
}

static void fold_record(calibrator *self, const sample_record *record)
{
    for (int32_t s = 0; s < self->graph->subgraph_count; s++)
        for (int32_t k = 0; k < self->graph->subgraphs[s].tensor_count; k++)
            if (self->result->tensors[s][k].channels) fold_tensor(self, record, s, k);
}

static void fold_worker(calibrator *self, const worker *from)
{
    for (int32_t s = 0; s < self->graph->subgraph_count; s++)
        for (int32_t k = 0; k < self->graph->subgraphs[s].tensor_count; k++) {
            tmoi_statistics *into = &self->result->tensors[s][k];
            const tmoi_statistics *part = &from->tensors[s][k];
            for (int32_t c = 0; c < into->channels; c++) {
                into->channel_min[c] = fminf(into->channel_min[c], part->channel_min[c]);
                into->channel_max[c] = fmaxf(into->channel_max[c], part->channel_max[c]);
            }
            if (into->histogram) tmoi_histogram_merge(into->histogram, part->histogram);
        }
}

static tmo_status report_progress(const calibrator *self, int64_t done, tmoi_ctx *ctx)
{
    const tmo_progress progress = {self->config->phase, (uint64_t)done, (uint64_t)self->result->samples};
    if (!self->config->progress) return TMO_STATUS_OK;
    TMO_FAIL_IF(self->config->progress(self->config->progress_user, &progress) != 0, CANCELLED, ctx,
                "%s: cancelled", self->config->phase);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status run_rounds(calibrator *self, tmoi_ctx *ctx)
{
    int64_t total = self->result->samples;
    TMO_TRY(report_progress(self, 0, ctx));
    for (int64_t begin = 0; begin < total; begin += self->round) {
        int64_t count = total - begin < self->round ? total - begin : self->round;
        self->round_begin = begin;
        tmoi_parallel_for(self->pool, count, 0, run_samples, self);
        if (self->failed_at >= 0) {
            ctx->error = self->failure;
            return ctx->error.status;
        }
        for (int64_t k = 0; k < count; k++) fold_record(self, &self->records[k]);
        TMO_TRY(report_progress(self, begin + count, ctx));
    }
    for (int32_t k = 1; k < self->worker_count; k++) fold_worker(self, &self->workers[k]);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* ---- life ---- */

/* Gives the inputs the samples' shapes. */
static tmo_status resize_inputs(const calibrator *all, tmoi_session *session, tmoi_ctx *ctx)
{
    int32_t inputs = tmoi_session_input_count(session);
    if (!all->source->shapes) return TMO_STATUS_OK;
    TMO_FAIL_IF(all->source->shape_count != inputs, INVALID_ARGUMENT, ctx,
                "calibrate: the samples have %d shapes, the model %d inputs", (int)all->source->shape_count,
                (int)inputs);
    for (int32_t k = 0; k < inputs; k++) {
        tmoi_shape shape = tmoi_session_input(session, k)->shape;
        for (int32_t d = 0; d < shape.rank; d++) shape.dims[d] = all->source->shapes[k][d];
        TMO_TRY(tmoi_session_set_shape(session, k, &shape, ctx));
    }
    return tmoi_session_plan(session, ctx);
fail:
    return ctx->error.status;
}

static tmo_status start_worker(calibrator *all, worker *self, tmoi_ctx *ctx)
{
    tmoi_session_config config = {.threads = 1,
                                  .cpu = tmoi_cpu_features(),
                                  .as_written = true,
                                  .observe = observe,
                                  .observe_user = self};
    self->calibrator = all;
    self->ctx = tmoi_ctx_make(&ctx->allocator);
    if (self == all->workers)
        self->tensors = all->result->tensors;
    else
        TMO_TRY(make_statistics(&all->arena, all->graph, all->config->histograms, &self->tensors, ctx));
    TMO_TRY(tmoi_session_make(&self->session, all->graph, &config, ctx));
    TMO_TRY(resize_inputs(all, self->session, ctx));
    int32_t inputs = tmoi_session_input_count(self->session);
    TMO_TRY(tmoi_arena_new(&all->arena, &self->buffers, (size_t)inputs, ctx));
    TMO_TRY(tmoi_arena_new(&all->arena, &self->sizes, (size_t)inputs, ctx));
    for (int32_t k = 0; k < inputs; k++) {
        self->buffers[k] = tmoi_session_input(self->session, k)->data;
        self->sizes[k] = tmoi_session_input(self->session, k)->bytes;
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status start(calibrator *self, tmoi_ctx *ctx)
{
    int64_t samples = self->result->samples;
    TMO_TRY(tmoi_mutex_make(&self->mutex, ctx));
    TMO_TRY(tmoi_thread_pool_make(&self->pool, self->config->threads, NULL, ctx));
    self->worker_count = tmoi_thread_pool_size(self->pool);
    TMO_TRY(number_channels(self, ctx));
    self->round = self->worker_count < MAX_ROUND / ROUND_OF_THREAD ? self->worker_count * ROUND_OF_THREAD
                                                                   : MAX_ROUND;
    for (int64_t k = 0; k < self->round && k < samples; k++)
        TMO_TRY(make_record(self, &self->records[k], ctx));
    TMO_TRY(tmoi_arena_new(&self->arena, &self->workers, (size_t)self->worker_count, ctx));
    for (int32_t k = 0; k < self->worker_count; k++) TMO_TRY(start_worker(self, &self->workers[k], ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static void stop(calibrator *self)
{
    for (int32_t k = 0; self->workers && k < self->worker_count; k++)
        tmoi_session_free(self->workers[k].session);
    tmoi_thread_pool_free(self->pool);
    tmoi_mutex_free(self->mutex);
    tmoi_arena_clear(&self->arena);
}

static tmo_status make_result(calibrator *self, tmoi_ctx *ctx)
{
    tmoi_calibration *result;
    int64_t available = self->source->count, wanted = self->config->samples;
    TMO_FAIL_IF(available < 1, INVALID_DATA, ctx, "calibrate: the data set has no samples");
    TMO_TRY(tmoi_new(ctx, &result, 1));
    self->result = result;
    result->allocator = ctx->allocator;
    result->subgraph_count = self->graph->subgraph_count;
    result->samples = wanted > 0 && wanted < available ? wanted : available;
    tmoi_arena_init(&result->arena, &ctx->allocator);
    TMO_TRY(tmoi_arena_new(&result->arena, &result->tensor_counts, (size_t)result->subgraph_count, ctx));
    for (int32_t s = 0; s < result->subgraph_count; s++)
        result->tensor_counts[s] = self->graph->subgraphs[s].tensor_count;
    TMO_TRY(make_statistics(&result->arena, self->graph, self->config->histograms, &result->tensors, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_calibrate(tmoi_calibration **out, const tmoi_graph *graph, const tmoi_sample_source *source,
                          const tmoi_calibrate_config *config, tmoi_ctx *ctx)
{
    calibrator self = {.graph = graph, .source = source, .config = config, .failed_at = -1};
    *out = NULL;
    tmoi_arena_init(&self.arena, &ctx->allocator);
    TMO_TRY(make_result(&self, ctx));
    TMO_TRY(start(&self, ctx));
    TMO_TRY(run_rounds(&self, ctx));
    stop(&self);
    *out = self.result;
    return TMO_STATUS_OK;
fail:
    stop(&self);
    tmoi_calibration_free(self.result);
    return ctx->error.status;
}

void tmoi_calibration_free(tmoi_calibration *calibration)
{
    if (!calibration) return;
    tmo_allocator allocator = calibration->allocator;
    tmoi_arena_clear(&calibration->arena);
    tmoi_release(&allocator, calibration);
}
