/* Measuring activations: runs samples through the float graph and keeps statistics of every float tensor that an operator makes,
 * never the tensors. Samples are shared between threads, each with a session of its own; the result does not depend on how. */
#ifndef TMOI_OPTIMIZE_CALIBRATE_H
#define TMOI_OPTIMIZE_CALIBRATE_H

#include "base/thread_pool.h"
#include "model/graph.h"
#include "optimize/ranges.h"

/* Where samples come from; see tmo_samples in tmo/quantize.h. */
typedef struct tmoi_sample_source {
    void *user;
    int64_t count;
    /* Writes sample `index` to the model's inputs. Called with rising indices by one thread at a time. */
    tmo_status (*read)(void *user, int64_t index, void *const *buffers, const size_t *sizes,
                       int32_t buffer_count, tmoi_ctx *ctx);
    const int32_t (*shapes)[TMO_MAX_RANK]; /* sizes of each input's dimensions; NULL: the model's */
    int32_t shape_count;
} tmoi_sample_source;

/* What is known of one tensor. Channels are the slices of the last dimension. */
typedef struct tmoi_statistics {
    bool seen;
    tmoi_range range, average;
    int32_t channels;
    double count; /* values a channel, over all samples */
    float *channel_min, *channel_max;
    double *channel_sum, *channel_squares;
    tmoi_histogram *histogram; /* NULL unless asked for */
} tmoi_statistics;

typedef struct tmoi_calibration {
    tmo_allocator allocator;
    tmoi_arena arena;
    int32_t subgraph_count;
    int32_t *tensor_counts;    /* [subgraph] of the graph as it was measured */
    tmoi_statistics **tensors; /* [subgraph][tensor] */
    int64_t samples;
} tmoi_calibration;

typedef struct tmoi_calibrate_config {
    int32_t threads; /* 0: one a physical core */
    int64_t samples; /* at most so many, spread evenly over the source */
    uint64_t seed;
    float momentum; /* of the moving average */
    bool histograms;
    const uint16_t *const *const
        *weights;      /* of values in histograms: [subgraph][tensor][channel]; NULL anywhere: 1 */
    const char *phase; /* for the progress */
    tmo_progress_function progress;
    void *progress_user;
} tmoi_calibrate_config;

/* Fails with INVALID_DATA when there are no samples, NOT_FINITE when a tensor gets NaN or infinity (naming it and its
 * operator), CANCELLED, or what reading or running gave. */
tmo_status tmoi_calibrate(tmoi_calibration **out, const tmoi_graph *graph, const tmoi_sample_source *source,
                          const tmoi_calibrate_config *config, tmoi_ctx *ctx);
/* Accepts NULL. */
void tmoi_calibration_free(tmoi_calibration *calibration);

#endif
