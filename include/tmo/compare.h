/** @file
 * models side by side on the same samples: quality with a paired test, size, latency, memory, error of each layer. */
#ifndef TMO_COMPARE_H
#define TMO_COMPARE_H

#include "tmo/evaluate.h"

#ifdef __cplusplus
extern "C" {
#endif

/** One of the models. All pointers are borrowed for the call. */
typedef struct tmo_contender {
    uint32_t struct_size;
    const char *name; /**< for the tables */
    const char *path; /**< its file, for the sizes; NULL: the sizes are 0 */
    const tmo_model *model;
    const tmo_dataset *dataset; /**< the same samples for all, opened for this model */
} tmo_contender;

typedef enum tmo_verdict {
    TMO_VERDICT_BASELINE = 0,     /**< the first model, that the others are compared with */
    TMO_VERDICT_BETTER = 1,       /**< the whole interval of the difference is on the good side of 0 */
    TMO_VERDICT_NOT_WORSE = 2,    /**< the whole interval is better than -margin */
    TMO_VERDICT_WORSE = 3,        /**< the whole interval is beyond -margin */
    TMO_VERDICT_INCONCLUSIVE = 4, /**< the interval holds -margin: more samples would tell */
    TMO_VERDICT_FORCE_32_BITS = 0x7fffffff
} tmo_verdict;

/** "not worse" and so on. Static storage. Thread-safe. */
TMO_API const char *tmo_verdict_name(tmo_verdict verdict);

/** Zero in a field means its default; tmo_compare_option_table() tells defaults and ranges. */
typedef struct tmo_compare_options {
    uint32_t struct_size;
    int32_t metric; /**< a tmo_metric; AUTO without labels and targets: agreement with the first model */
    float
        margin; /**< how much worse still counts as not worse, in units of the metric (0.01: one point of accuracy) */
    float seconds;         /**< to measure the latency of each model */
    int32_t layer_samples; /**< samples to measure the error of layers with */
    int32_t pictures;      /**< samples to show in the report, when inputs are pictures */
    int32_t threads;
    int32_t arithmetic;
    const char *isa;
    uint64_t seed;
    tmo_progress_function progress; /**< may be NULL */
    void *progress_user;
    tmo_allocator allocator;
} tmo_compare_options;

#define TMO_COMPARE_OPTIONS_INIT                                      \
    {                                                                 \
        sizeof(tmo_compare_options), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, \
        {                                                             \
            0, 0, 0                                                   \
        }                                                             \
    }

/** The fields that text can set. Static storage. */
TMO_API const tmo_option *tmo_compare_option_table(size_t *count);

typedef struct tmo_comparison_result {
    uint32_t struct_size;
    const char *name;
    uint64_t file_bytes, gzip_bytes, weight_bytes, arena_bytes;
    double median_us, p95_us, min_us;  /**< with one thread */
    double value, ci95_low, ci95_high; /**< of the metric */
    /** against the first model, value minus its value; 0 for the first itself */
    double difference, difference_low, difference_high;
    double mcnemar_p;                  /**< NaN for metrics that are no proportions */
    uint64_t only_baseline, only_this; /**< samples that just one of the two gets right */
    double agreement, snr_db;          /**< outputs against those of the first model */
    tmo_verdict verdict;
} tmo_comparison_result;

/** The error of one tensor that has the same name in both models. */
typedef struct tmo_layer_error {
    uint32_t struct_size;
    int32_t contender;
    const char *name;
    const char *type; /**< in the contender */
    double snr_db, max_abs, mean_abs;
} tmo_layer_error;

typedef struct tmo_comparison tmo_comparison;

/** Compares contenders[1 …] with contenders[0]; count is 2 to 64. Fails as tmo_evaluate() does. */
TMO_API tmo_status tmo_compare(tmo_comparison **out, const tmo_contender *contenders, int32_t count,
                               const tmo_compare_options *options, tmo_error *error);
/** Accepts NULL. */
TMO_API void tmo_comparison_free(tmo_comparison *comparison);

TMO_API tmo_metric tmo_comparison_metric(const tmo_comparison *comparison);
TMO_API uint64_t tmo_comparison_samples(const tmo_comparison *comparison);
/** Texts live as long as the comparison. */
TMO_API tmo_status tmo_comparison_get(const tmo_comparison *comparison, int32_t k,
                                      tmo_comparison_result *result, tmo_error *error);
TMO_API int32_t tmo_comparison_layer_count(const tmo_comparison *comparison);
TMO_API tmo_status tmo_comparison_layer(const tmo_comparison *comparison, int32_t k, tmo_layer_error *layer,
                                        tmo_error *error);

/** Writes one page of HTML that needs no other file: the table, size against quality as a picture, sample pictures with what each model
 * made of them, and the error of the layers. */
TMO_API tmo_status tmo_comparison_write_html(const tmo_comparison *comparison, const char *path,
                                             const char *title, tmo_error *error);

#ifdef __cplusplus
}
#endif
#endif
