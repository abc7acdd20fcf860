#include "report/peaks/peaks.h"

#include <string.h>

#include "base/alloc.h"
#include "base/os.h"
#include "cpu/cpu.h"
#include "kernels/isa.h"
#include "report/peaks/loops.h"

typedef enum loop_kind { LOOP_f32, LOOP_s8 } loop_kind;

static const struct {
    loop_kind kind;
    uint32_t cpu;
    tmoi_peak_function run;
    int32_t macs; /* of one step of a chain */
} loops[] = {
#define TMOI_KERNEL(kind, features, function, macs) {LOOP_##kind, features, function, macs},
#include "report/peaks/peaks.def"
#undef TMOI_KERNEL
};

static const struct {
    uint32_t cpu;
    tmoi_peak_read_function run;
} reads[] = {
#define TMOI_KERNEL(kind, features, function, bytes) {features, function},
#include "report/peaks/peaks_read.def"
#undef TMOI_KERNEL
};

enum { REPEATS = 12 };

/* A sink that the compiler cannot see through. */
static volatile uint32_t used;

/* ---- the clock ---- */

/* A chain of additions and exclusive ors takes one cycle a step on every processor we know. */
static uint32_t one_cycle_steps(int64_t rounds)
{
    volatile uint32_t unknown = 0x9e3779b9u;
    uint32_t a = unknown, b = unknown, x = 1;
    for (int64_t r = 0; r < rounds; r++) {
        x = (x ^ a) + b;
        x = (x ^ b) + a;
        x = (x ^ a) + b;
        x = (x ^ b) + a;
    }
    return x;
}

static double fastest_seconds(tmoi_peak_function run, int64_t rounds)
{
    uint64_t least = UINT64_MAX;
    for (int k = 0; k < REPEATS; k++) {
        uint64_t start = tmoi_clock_ns();
        used = run(rounds);
        uint64_t time = tmoi_clock_ns() - start;
        if (time < least) least = time;
    }
    return 1e-9 * (double)(least ? least : 1);
}

static double clock_hz(void)
{
    enum { ROUNDS = 100000, STEPS = 8 };
    return (double)ROUNDS * STEPS / fastest_seconds(one_cycle_steps, ROUNDS);
}

/* ---- arithmetic ---- */

static double macs_per_second(loop_kind kind, uint32_t cpu)
{
    size_t k = 0;
    int64_t rounds = 1000;
    double seconds;
    while (loops[k].kind != kind || (loops[k].cpu & ~cpu)) k++;
    while ((seconds = fastest_seconds(loops[k].run, rounds)) < 3e-4) rounds *= 4;
    return (double)rounds * TMOI_PEAK_CHAINS * loops[k].macs / seconds;
}

/* ---- memory ---- */

static double read_per_second(const void *data, size_t bytes, uint32_t cpu)
{
    size_t k = 0, passes = bytes < (1u << 20) ? (4u << 20) / bytes : 1;
    uint64_t least = UINT64_MAX;
    while (reads[k].cpu & ~cpu) k++;
    for (int repeat = 0; repeat < REPEATS; repeat++) {
        uint64_t start = tmoi_clock_ns();
        for (size_t pass = 0; pass < passes; pass++) used = reads[k].run(data, bytes);
        uint64_t time = tmoi_clock_ns() - start;
        if (time < least) least = time;
    }
    return (double)passes * (double)bytes / (1e-9 * (double)(least ? least : 1));
}

tmo_status tmoi_peaks_measure(tmoi_peaks *out, uint32_t cpu, tmoi_ctx *ctx)
{
    unsigned char *block = NULL;
    *out = (tmoi_peaks){0};
    TMO_TRY(tmoi_new(ctx, &block, (size_t)TMOI_PEAK_MEMORY_BYTES + 64));
    memset(block, 1, (size_t)TMOI_PEAK_MEMORY_BYTES + 64);
    const unsigned char *data = block + (64 - (uintptr_t)block % 64) % 64;
    out->clock_hz = clock_hz();
    out->f32_macs = macs_per_second(LOOP_f32, cpu);
    out->s8_macs = macs_per_second(LOOP_s8, cpu);
    out->l1_bytes = read_per_second(data, TMOI_PEAK_L1_BYTES, cpu);
    out->l2_bytes = read_per_second(data, TMOI_PEAK_L2_BYTES, cpu);
    out->l3_bytes = read_per_second(data, TMOI_PEAK_L3_BYTES, cpu);
    out->memory_bytes = read_per_second(data, TMOI_PEAK_MEMORY_BYTES, cpu);
fail:
    tmoi_release(&ctx->allocator, block);
    return ctx->error.status;
}
