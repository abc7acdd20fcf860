/** @file
 * the quality of a model on a data set. */
#ifndef TMO_EVALUATE_H
#define TMO_EVALUATE_H

#include "tmo/dataset.h"
#include "tmo/session.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum tmo_metric {
    TMO_METRIC_AUTO = 0,     /**< accuracy with labels, mse with targets, else agreement with the reference */
    TMO_METRIC_ACCURACY = 1, /**< part of the samples whose largest value of output 0 stands at the label */
    TMO_METRIC_TOP5 = 2,     /**< the label is among the five largest */
    TMO_METRIC_MSE = 3, /**< mean square error against the targets, else against the reference's outputs */
    TMO_METRIC_MAE = 4, /**< mean absolute error, likewise */
    TMO_METRIC_AGREEMENT =
        5,              /**< part of the samples where the largest value stands where the reference's does */
    TMO_METRIC_SNR = 6, /**< signal to noise, in decibels, against targets or the reference's outputs */
    TMO_METRIC_FORCE_32_BITS = 0x7fffffff
} tmo_metric;

/** "accuracy" and so on; NULL for another number. Static storage. Thread-safe. */
TMO_API const char *tmo_metric_name(tmo_metric metric);
/** False for MSE and MAE. */
TMO_API bool tmo_metric_is_higher_better(tmo_metric metric);
/** The metric of that name, or TMO_STATUS_NOT_FOUND with the list of names in the error. */
TMO_API tmo_status tmo_metric_find(tmo_metric *out, const char *name, tmo_error *error);

/** Zero in a field means its default; tmo_evaluate_option_table() tells defaults and ranges. */
typedef struct tmo_evaluate_options {
    uint32_t struct_size;
    int32_t
        threads; /**< samples computed at once; default: one a physical core; results do not depend on it */
    int32_t arithmetic; /**< a tmo_arithmetic */
    const char *isa;    /**< the highest instruction set to use; NULL: what this processor has */
    uint64_t seed;      /**< of the bootstrap */
    const tmo_model
        *reference; /**< what AGREEMENT and, without targets, MSE, MAE and SNR compare with; or NULL */
    const tmo_dataset *
        reference_dataset; /**< the same samples opened for the reference; NULL: its inputs are the model's */
    tmo_progress_function progress; /**< may be NULL */
    void *progress_user;
    tmo_allocator allocator;
} tmo_evaluate_options;

#define TMO_EVALUATE_OPTIONS_INIT                             \
    {                                                         \
        sizeof(tmo_evaluate_options), 0, 0, 0, 0, 0, 0, 0, 0, \
        {                                                     \
            0, 0, 0                                           \
        }                                                     \
    }

/** The fields that text can set. Static storage. */
TMO_API const tmo_option *tmo_evaluate_option_table(size_t *count);

typedef struct tmo_evaluation {
    tmo_metric metric; /**< in: what to measure; AUTO is replaced by what it stood for */
    double value;
    double ci95_low,
        ci95_high; /**< 95 % confidence: Wilson for proportions, normal for means, bootstrap for SNR */
    uint64_t samples;
} tmo_evaluation;

/** Measures results[0 .. count-1].metric in one pass over the data. `dataset` must have been opened for `model`. Fails with
 * TMO_STATUS_INVALID_DATA when the data lack what a metric needs, with TMO_STATUS_CANCELLED, and as the runtime and the data set
 * do. Thread-safe: model and data set only are read. */
TMO_API tmo_status tmo_evaluate(tmo_evaluation *results, int32_t count, const tmo_model *model,
                                const tmo_dataset *dataset, const tmo_evaluate_options *options,
                                tmo_error *error);

#ifdef __cplusplus
}
#endif
#endif
