/* How long each variant of each family of kernels takes on shapes of real models, beside what the machine can do at best. */
#ifndef TMOI_REPORT_KERNEL_TIMES_KERNEL_TIMES_H
#define TMOI_REPORT_KERNEL_TIMES_KERNEL_TIMES_H

#include "base/arena.h"
#include "kernels/kernels.h"
#include "report/peaks/peaks.h"

typedef enum tmoi_work_unit { TMOI_WORK_BYTES, TMOI_WORK_F32, TMOI_WORK_S8 } tmoi_work_unit;

/* One call of a kernel: its arguments, made by a case's prepare, and how much it does. */
typedef struct tmoi_kernel_work {
    const struct tmoi_kernel_case *test;
    const tmoi_kernel *kernel;
    tmoi_arena *arena;
    void *state;        /* prepare's own */
    double macs, bytes; /* multiply-accumulates; bytes read and written */
} tmoi_kernel_work;

typedef struct tmoi_kernel_case {
    int32_t family;
    const char *shape;   /* as people read it */
    tmoi_work_unit unit; /* which peak the kernel is held against */
    int32_t size[8];
    tmo_status (*prepare)(tmoi_kernel_work *work, tmoi_ctx *ctx);
    void (*run)(const tmoi_kernel_work *work);
} tmoi_kernel_case;

/* Each list ends with a NULL prepare. */
extern const tmoi_kernel_case tmoi_element_cases[], tmoi_image_cases[], tmoi_matrix_cases[];

/* 64-byte aligned elements: float and int8 of small random values. */
tmo_status tmoi_work_floats(tmoi_kernel_work *work, float **out, int64_t count, tmoi_ctx *ctx);
tmo_status tmoi_work_bytes(tmoi_kernel_work *work, void **out, int64_t bytes, tmoi_ctx *ctx);

typedef struct tmoi_kernel_time {
    const tmoi_kernel *kernel;
    const tmoi_kernel_case *test;
    double seconds, macs, bytes; /* of a call; macs and bytes 0 where they say nothing */
    double share;                /* of the peak that limits the call */
    double clock_hz;
} tmoi_kernel_time;

typedef struct tmoi_kernel_times_config {
    uint32_t cpu;       /* variants that need more are left out */
    const char *family; /* only families whose name contains this; NULL: all */
    bool (*is_cancelled)(void *user, int32_t done, int32_t total);
    void *user;
} tmoi_kernel_times_config;

/* Times all variants; `*out` lives in the arena. `peaks` are those of config->cpu. */
tmo_status tmoi_kernel_times_measure(tmoi_kernel_time **out, int32_t *count, tmoi_peaks *peaks,
                                     const tmoi_kernel_times_config *config, tmoi_arena *arena,
                                     tmoi_ctx *ctx);

#endif
