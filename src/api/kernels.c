/* tmo/kernels.h */
#include "tmo/kernels.h"

#include <string.h>

#include "api/handle.h"
#include "base/arena.h"
#include "report/kernel_times/kernel_times.h"

struct tmo_kernel_bench {
    tmo_allocator allocator;
    tmoi_arena arena;
    tmo_kernel_bench_options options;
    tmo_kernel_peaks peaks;
    tmoi_kernel_time *times;
    int32_t count;
};

static const tmo_option kernel_bench_table[] = {
    {"isa", TMO_OPTION_TEXT, offsetof(tmo_kernel_bench_options, isa), 0, 0, 0, NULL,
     "the highest instruction set to use, such as c or avx2"},
    {"family", TMO_OPTION_TEXT, offsetof(tmo_kernel_bench_options, family), 0, 0, 0, NULL,
     "only families whose name contains this"},
};

const tmo_option *tmo_kernel_bench_option_table(size_t *count)
{
    *count = sizeof kernel_bench_table / sizeof kernel_bench_table[0];
    return kernel_bench_table;
}

const char *tmo_isa_name(int32_t k, bool *is_present)
{
    uint32_t bit = 0;
    const char *name = k == 0 ? "c" : tmoi_cpu_feature(k - 1, &bit);
    *is_present = name && (tmoi_cpu_features() & bit) == bit;
    return name;
}

static bool is_cancelled(void *user, int32_t done, int32_t total)
{
    const tmo_kernel_bench_options *options = user;
    tmo_progress step = {"kernels", (uint64_t)done, (uint64_t)total};
    return options->progress && options->progress(options->progress_user, &step) != 0;
}

static void fill_peaks(tmo_kernel_peaks *out, const tmoi_peaks *peaks, uint32_t cpu)
{
    const char *isa = tmoi_cpu_name(cpu);
    *out = (tmo_kernel_peaks){.clock_ghz = 1e-9 * peaks->clock_hz,
                              .f32_gmacs = 1e-9 * peaks->f32_macs,
                              .s8_gmacs = 1e-9 * peaks->s8_macs,
                              .l1_gb_s = 1e-9 * peaks->l1_bytes,
                              .l2_gb_s = 1e-9 * peaks->l2_bytes,
                              .l3_gb_s = 1e-9 * peaks->l3_bytes,
                              .memory_gb_s = 1e-9 * peaks->memory_bytes};
    memcpy(out->isa, isa, strlen(isa) + 1);
}

static tmo_status measure(tmo_kernel_bench *bench, tmoi_ctx *ctx)
{
    tmoi_kernel_times_config config = {
        .family = bench->options.family, .is_cancelled = is_cancelled, .user = &bench->options};
    tmoi_peaks peaks;
    TMO_TRY(tmoi_cpu_of_isa(&config.cpu, bench->options.isa, ctx));
    TMO_TRY(tmoi_kernel_times_measure(&bench->times, &bench->count, &peaks, &config, &bench->arena, ctx));
    fill_peaks(&bench->peaks, &peaks, config.cpu);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmo_kernel_bench_run(tmo_kernel_bench **out, const tmo_kernel_bench_options *options,
                                tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    tmo_kernel_bench_options settings;
    tmo_kernel_bench *bench = NULL;
    *out = NULL;
    TMO_TRY(tmoi_options_copy(&settings, sizeof settings, options, "kernel bench", &ctx));
    ctx = tmoi_ctx_make(&settings.allocator);
    TMO_TRY(tmoi_new(&ctx, &bench, 1));
    bench->allocator = ctx.allocator;
    bench->options = settings;
    tmoi_arena_init(&bench->arena, &bench->allocator);
    TMO_TRY(measure(bench, &ctx));
    *out = bench;
    return TMO_STATUS_OK;
fail:
    tmo_kernel_bench_free(bench);
    return tmoi_ctx_finish(&ctx, error);
}

void tmo_kernel_bench_free(tmo_kernel_bench *bench)
{
    if (!bench) return;
    tmo_allocator allocator = bench->allocator;
    tmoi_arena_clear(&bench->arena);
    tmoi_release(&allocator, bench);
}

void tmo_kernel_bench_peaks(const tmo_kernel_bench *bench, tmo_kernel_peaks *peaks)
{
    tmoi_info_copy(peaks, &bench->peaks, sizeof bench->peaks);
}

int32_t tmo_kernel_bench_count(const tmo_kernel_bench *bench)
{
    return bench->count;
}

tmo_status tmo_kernel_bench_time(const tmo_kernel_bench *bench, int32_t k, tmo_kernel_time *time,
                                 tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    TMO_FAIL_IF(k < 0 || k >= bench->count, INVALID_ARGUMENT, &ctx, "kernel time %d is out of range", (int)k);
    const tmoi_kernel_time *found = &bench->times[k];
    tmo_kernel_time full = {.family = found->kernel->family,
                            .name = found->kernel->name,
                            .isa = tmoi_cpu_name(found->kernel->cpu),
                            .shape = found->test->shape,
                            .ns = 1e9 * found->seconds,
                            .cycles = found->seconds * found->clock_hz,
                            .gmacs = 1e-9 * found->macs / found->seconds,
                            .gb_s = 1e-9 * found->bytes / found->seconds,
                            .share = found->share};
    tmoi_info_copy(time, &full, sizeof full);
fail:
    return tmoi_ctx_finish(&ctx, error);
}
