#include "report/kernel_times/kernel_times.h"

#include <string.h>

#include "base/os.h"
#include "base/rng.h"

enum { MAX_FEATURE_SETS = 16, REPEATS = 15 };

/* The peaks of each set of features that some variant needs: a variant is held against its own instruction set. */
typedef struct known_peaks {
    uint32_t cpu[MAX_FEATURE_SETS];
    tmoi_peaks peaks[MAX_FEATURE_SETS];
    int32_t count;
} known_peaks;

static tmo_status find_peaks(const tmoi_peaks **out, known_peaks *known, uint32_t cpu, tmoi_ctx *ctx)
{
    int32_t k = 0;
    while (k < known->count && known->cpu[k] != cpu) k++;
    TMO_FAIL_IF(k == MAX_FEATURE_SETS, INTERNAL, ctx, "kernels of too many instruction sets");
    *out = &known->peaks[k];
    if (k < known->count) return TMO_STATUS_OK;
    TMO_TRY(tmoi_peaks_measure(&known->peaks[k], cpu, ctx));
    known->cpu[k] = cpu;
    known->count++;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* ---- arguments ---- */

tmo_status tmoi_work_floats(tmoi_kernel_work *work, float **out, int64_t count, tmoi_ctx *ctx)
{
    tmoi_rng rng = tmoi_rng_make(1, (uint64_t)count);
    TMO_TRY(tmoi_arena_alloc(work->arena, (void **)out, (size_t)count, sizeof **out, 64, ctx));
    for (int64_t k = 0; k < count; k++) (*out)[k] = 2 * tmoi_rng_uniform(&rng) - 1;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_work_bytes(tmoi_kernel_work *work, void **out, int64_t bytes, tmoi_ctx *ctx)
{
    tmoi_rng rng = tmoi_rng_make(2, (uint64_t)bytes);
    uint8_t *data;
    TMO_TRY(tmoi_arena_alloc(work->arena, (void **)&data, (size_t)bytes, 1, 64, ctx));
    for (int64_t k = 0; k < bytes; k++) data[k] = (uint8_t)tmoi_rng_u32(&rng);
    *out = data;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* ---- time ---- */

static double timed_calls(const tmoi_kernel_work *work, int64_t calls)
{
    uint64_t start = tmoi_clock_ns();
    for (int64_t k = 0; k < calls; k++) work->test->run(work);
    return 1e-9 * (double)(tmoi_clock_ns() - start);
}

/* The least of many short measurements: what else runs on the machine can only add. */
static double seconds_of_call(const tmoi_kernel_work *work)
{
    const double long_enough = 2e-4;
    int64_t calls = 1;
    double least = timed_calls(work, calls);
    while (least < long_enough) {
        calls *= least < long_enough / 16 ? 8 : 2;
        least = timed_calls(work, calls);
    }
    for (int k = 1; k < REPEATS; k++) {
        double seconds = timed_calls(work, calls);
        if (seconds < least) least = seconds;
    }
    return least / (double)calls;
}

static double best_seconds(const tmoi_peaks *peaks, const tmoi_kernel_work *work)
{
    switch (work->test->unit) {
    case TMOI_WORK_F32: return work->macs / peaks->f32_macs;
    case TMOI_WORK_S8: return work->macs / peaks->s8_macs;
    case TMOI_WORK_BYTES: break;
    }
    return work->bytes / (work->bytes <= TMOI_PEAK_L1_BYTES       ? peaks->l1_bytes
                          : work->bytes <= TMOI_PEAK_L2_BYTES     ? peaks->l2_bytes
                          : work->bytes <= 2 * TMOI_PEAK_L3_BYTES ? peaks->l3_bytes
                                                                  : peaks->memory_bytes);
}

static tmo_status measure(tmoi_kernel_time *out, const tmoi_kernel *kernel, const tmoi_kernel_case *test,
                          known_peaks *known, tmoi_ctx *ctx)
{
    const tmoi_peaks *peaks;
    tmoi_arena arena;
    tmoi_kernel_work work = {.test = test, .kernel = kernel, .arena = &arena};
    tmoi_arena_init(&arena, &ctx->allocator);
    TMO_TRY(find_peaks(&peaks, known, kernel->cpu, ctx));
    TMO_TRY(test->prepare(&work, ctx));
    *out = (tmoi_kernel_time){.kernel = kernel, .test = test, .macs = work.macs, .bytes = work.bytes};
    out->seconds = seconds_of_call(&work);
    out->share = best_seconds(peaks, &work) / out->seconds;
    out->clock_hz = peaks->clock_hz;
fail:
    tmoi_arena_clear(&arena);
    return ctx->error.status;
}

/* ---- all of them ---- */

typedef struct walk {
    const tmoi_kernel_times_config *config;
    tmoi_kernel_time *times; /* NULL: only count */
    int32_t count, total;
    known_peaks *known;
} walk;

static bool is_wanted(const tmoi_kernel_times_config *config, const tmoi_kernel *kernel)
{
    return (kernel->cpu & ~config->cpu) == 0 && (!config->family || strstr(kernel->family, config->family));
}

static tmo_status visit(walk *self, const tmoi_kernel *kernel, const tmoi_kernel_case *test, tmoi_ctx *ctx)
{
    const tmoi_kernel_times_config *config = self->config;
    TMO_FAIL_IF(config->is_cancelled && config->is_cancelled(config->user, self->count, self->total),
                CANCELLED, ctx, "kernels: cancelled");
    if (self->times) TMO_TRY(measure(&self->times[self->count], kernel, test, self->known, ctx));
    self->count++;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status visit_all(walk *self, tmoi_ctx *ctx)
{
    static const tmoi_kernel_case *const lists[] = {tmoi_matrix_cases, tmoi_image_cases, tmoi_element_cases};
    int32_t kernel_count;
    const tmoi_kernel *kernels = tmoi_kernels_list(&kernel_count);
    self->count = 0;
    for (size_t l = 0; l < sizeof lists / sizeof lists[0]; l++)
        for (const tmoi_kernel_case *test = lists[l]; test->prepare; test++)
            for (int32_t k = 0; k < kernel_count; k++)
                if (kernels[k].family_index == test->family && is_wanted(self->config, &kernels[k]))
                    TMO_TRY(visit(self, &kernels[k], test, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_kernel_times_measure(tmoi_kernel_time **out, int32_t *count, tmoi_peaks *peaks,
                                     const tmoi_kernel_times_config *config, tmoi_arena *arena, tmoi_ctx *ctx)
{
    known_peaks *known;
    walk self = {.config = config};
    *out = NULL;
    *count = 0;
    TMO_TRY(tmoi_arena_new(arena, &known, 1, ctx));
    self.known = known;
    TMO_TRY(tmoi_peaks_measure(peaks, config->cpu, ctx));
    TMO_TRY(visit_all(&self, ctx));
    self.total = self.count;
    TMO_TRY(tmoi_arena_new(arena, &self.times, (size_t)self.total + 1, ctx));
    TMO_TRY(visit_all(&self, ctx));
    *out = self.times;
    *count = self.count;
fail:
    return ctx->error.status;
}
