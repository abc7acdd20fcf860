/** @file
 * how fast a model runs on this machine, and in how much memory. */
#ifndef TMO_BENCH_H
#define TMO_BENCH_H

#include "tmo/session.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Zero in a field means its default; tmo_bench_option_table() tells defaults and ranges. */
typedef struct tmo_bench_options {
    uint32_t struct_size;
    int32_t threads;    /**< of the session; default: one a physical core */
    int32_t arithmetic; /**< a tmo_arithmetic */
    const char *isa;    /**< the highest instruction set to use; NULL: what this processor has */
    float seconds;      /**< how long to measure */
    int32_t warmup;     /**< runs before the measurement */
    int32_t max_runs;   /**< stop after so many runs, however short */
    bool profile;       /**< measure each operator; costs a little time */
    uint64_t seed;      /**< of the random inputs */
    const tmo_custom_operator *custom_operators;
    int32_t custom_operator_count;
    tmo_progress_function progress; /**< may be NULL */
    void *progress_user;
    tmo_allocator allocator;
    const char *weights_cache; /**< as in tmo_session_options */
    bool as_written;           /**< as in tmo_session_options */
    /** Of inputs: "NAME=1x160x160x3", several separated by commas; without "NAME=" that of the first input. */
    const char *shapes;
    bool reduced_float; /**< as in tmo_session_options */
} tmo_bench_options;

#define TMO_BENCH_OPTIONS_INIT                                                                           \
    {                                                                                                    \
        sizeof(tmo_bench_options), 0, 0, 0, 0, 0, 0, false, 0, 0, 0, 0, 0, {0, 0, 0}, 0, false, 0, false \
    }

/** The fields that text can set. Static storage. */
TMO_API const tmo_option *tmo_bench_option_table(size_t *count);

/** Times in microseconds of a monotonic clock; inputs are random numbers of the inputs' ranges. */
typedef struct tmo_bench_result {
    uint32_t struct_size;
    double median_us, p95_us, min_us, mean_us; /**< of the measured runs */
    uint64_t runs;
    double load_us;   /**< map, check and load the file */
    double create_us; /**< make the session: plan, allocate, pack weights */
    double first_us;  /**< the first run */
    uint64_t arena_bytes, session_bytes, weight_bytes;
    uint64_t peak_rss_bytes; /**< of the whole process, 0 where the system does not tell */
    int32_t threads;         /**< as used */
    char isa[24];            /**< the highest instruction set used */
    uint64_t packed_bytes;   /**< of weights in the form that the kernels want, in memory */
    uint64_t mapped_bytes;   /**< the same, in a file (weights_cache) */
    /** What loading, making the session and the first run added to the resident memory of the process, pages of mapped files
     * included; 0 where the system does not tell. */
    uint64_t resident_bytes;
} tmo_bench_result;

typedef struct tmo_bench tmo_bench;

/** Loads the file, makes a session and runs it. Fails as tmo_model_load_file() and tmo_session_create() do, and with
 * TMO_STATUS_CANCELLED. */
TMO_API tmo_status tmo_bench_file(tmo_bench **out, const char *path, const tmo_bench_options *options,
                                  tmo_error *error);
/** Accepts NULL. */
TMO_API void tmo_bench_free(tmo_bench *bench);

TMO_API void tmo_bench_get_result(const tmo_bench *bench, tmo_bench_result *result);
/** With options.profile: operators that ran, in order; times are of all measured runs. Texts live as long as the bench. */
TMO_API int32_t tmo_bench_profile_count(const tmo_bench *bench);
TMO_API tmo_status tmo_bench_profile(const tmo_bench *bench, int32_t k, tmo_profile_entry *entry,
                                     tmo_error *error);

#ifdef __cplusplus
}
#endif
#endif
