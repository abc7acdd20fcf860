/** @file
 * how fast the kernels are on this machine, beside what it can do at best. */
#ifndef TMO_KERNELS_H
#define TMO_KERNELS_H

#include "tmo/session.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Zero in a field means its default; tmo_kernel_bench_option_table() tells defaults and ranges. */
typedef struct tmo_kernel_bench_options {
    uint32_t struct_size;
    const char *isa;                /**< the highest instruction set to use; NULL: what this processor has */
    const char *family;             /**< only families whose name contains this; NULL: all */
    tmo_progress_function progress; /**< may be NULL */
    void *progress_user;
    tmo_allocator allocator;
} tmo_kernel_bench_options;

#define TMO_KERNEL_BENCH_OPTIONS_INIT                 \
    {                                                 \
        sizeof(tmo_kernel_bench_options), 0, 0, 0, 0, \
        {                                             \
            0, 0, 0                                   \
        }                                             \
    }

/** The fields that text can set. Static storage. */
TMO_API const tmo_option *tmo_kernel_bench_option_table(size_t *count);

/** The names that `isa` options take, lowest first: the k-th, and whether this processor has it; NULL behind the last. */
TMO_API const char *tmo_isa_name(int32_t k, bool *is_present);

/** What one thread of this machine reaches in loops that do nothing else. Giga is 10^9. */
typedef struct tmo_kernel_peaks {
    uint32_t struct_size;
    char isa[24];     /**< of the loops */
    double clock_ghz; /**< measured, under load */
    double f32_gmacs; /**< float multiply-accumulates a second, in registers */
    double s8_gmacs;  /**< int8 ones, with whichever instructions are fastest */
    double l1_gb_s, l2_gb_s, l3_gb_s,
        memory_gb_s; /**< reading 16 KiB, 256 KiB, 4 MiB, 64 MiB again and again */
} tmo_kernel_peaks;

/** One variant on one shape. Texts are static. */
typedef struct tmo_kernel_time {
    uint32_t struct_size;
    const char *family, *name, *isa; /**< as in tmo_kernel_info */
    const char *shape;
    double ns, cycles; /**< of a call: the least of many */
    double gmacs;      /**< multiply-accumulates a second; 0 for kernels that only move data */
    double gb_s;       /**< bytes read and written */
    double share;      /**< of the peak that limits it, for the kernel's own instruction set */
} tmo_kernel_time;

typedef struct tmo_kernel_bench tmo_kernel_bench;

/** Times every kernel that this processor can run; takes some seconds. Fails with TMO_STATUS_CANCELLED, TMO_STATUS_OUT_OF_MEMORY, or
 * TMO_STATUS_INVALID_ARGUMENT for an unknown instruction set. */
TMO_API tmo_status tmo_kernel_bench_run(tmo_kernel_bench **out, const tmo_kernel_bench_options *options,
                                        tmo_error *error);
/** Accepts NULL. */
TMO_API void tmo_kernel_bench_free(tmo_kernel_bench *bench);
TMO_API void tmo_kernel_bench_peaks(const tmo_kernel_bench *bench, tmo_kernel_peaks *peaks);
TMO_API int32_t tmo_kernel_bench_count(const tmo_kernel_bench *bench);
TMO_API tmo_status tmo_kernel_bench_time(const tmo_kernel_bench *bench, int32_t k, tmo_kernel_time *time,
                                         tmo_error *error);

#ifdef __cplusplus
}
#endif
#endif
