/* Runs models side by side over a data set, in threads, and notes for each sample how well each did. */
#ifndef TMOI_REPORT_SCORE_H
#define TMOI_REPORT_SCORE_H

#include "data/dataset.h"
#include "runtime/session.h"

typedef struct tmoi_scored_model {
    const tmoi_graph *graph;
    const tmoi_dataset
        *dataset; /* opened for this graph's inputs; all models' data sets hold the same samples */
} tmoi_scored_model;

/* What one model gave for one sample. */
typedef struct tmoi_score {
    int32_t label;     /* -1 without labels */
    int32_t predicted; /* position of the largest value of the first output; -1 when all are NaN */
    bool is_right, is_right_top5;
    bool agrees; /* predicts what the reference model predicts */
    double squared_error,
        absolute_error;   /* mean over the elements, against targets, else against the reference's outputs */
    double signal, noise; /* sums of squares: of what was wanted, and of the difference from it */
} tmoi_score;

typedef struct tmoi_score_config {
    int32_t threads; /* sessions of one thread each; 0: one a physical core */
    uint32_t cpu;    /* as in tmoi_session_config */
    bool is_reference_arithmetic;
    int32_t reference; /* index of the model whose outputs the others are measured against, or -1 */
    const tmoi_custom_op *custom_ops;
    int32_t custom_op_count;
    tmo_progress_function progress; /* may be NULL; called on the calling thread */
    void *progress_user;
} tmoi_score_config;

/* scores[m * samples + k] is model m's for sample k, where samples = tmoi_dataset_count(models[0].dataset). Fails with INVALID_DATA
 * when the data sets differ in length, a label exceeds the number of outputs, or targets or the reference's outputs differ in number
 * from a model's; with CANCELLED; and as the runtime and the data set do. */
tmo_status tmoi_score_models(tmoi_score *scores, const tmoi_scored_model *models, int32_t model_count,
                             const tmoi_score_config *config, tmoi_ctx *ctx);

/* A session with one thread, ready for the samples of the model's data set. */
tmo_status tmoi_scored_session(tmoi_session **out, const tmoi_scored_model *model,
                               tmoi_session_config *config, tmoi_ctx *ctx);
/* Reads sample `index` straight into the session's inputs. `targets` may be NULL. */
tmo_status tmoi_scored_fill(tmoi_session *session, const tmoi_scored_model *model, int64_t index,
                            float *targets, int32_t *label, tmoi_ctx *ctx);
/* The same, and runs it from its first state. */
tmo_status tmoi_scored_run(tmoi_session *session, const tmoi_scored_model *model, int64_t index,
                           float *targets, int32_t *label, tmoi_ctx *ctx);

#endif
