/* What this machine can do at best, one thread: multiply-accumulates in registers, and reading from each level of the memory.
 *
 * A loop of each instruction set does nothing else: peaks.def lists them. They are the roofs that kernels are held against. */
#ifndef TMOI_REPORT_PEAKS_PEAKS_H
#define TMOI_REPORT_PEAKS_PEAKS_H

#include "base/error.h"

/* `rounds` rounds of multiply-accumulates in chains that depend on nothing but themselves; the result is to be used, so that no
 * compiler drops the loop. */
typedef uint32_t (*tmoi_peak_function)(int64_t rounds);
/* Reads `bytes` bytes, a multiple of 2048, from a 64-byte boundary on. */
typedef uint32_t (*tmoi_peak_read_function)(const void *data, size_t bytes);

typedef struct tmoi_peaks {
    double clock_hz;
    double f32_macs, s8_macs;                          /* a second */
    double l1_bytes, l2_bytes, l3_bytes, memory_bytes; /* a second */
} tmoi_peaks;

/* How much data counts as held by each level of the cache: less than what common processors have. Without a third level its peak is
 * that of the memory. */
enum {
    TMOI_PEAK_L1_BYTES = 16 << 10,
    TMOI_PEAK_L2_BYTES = 256 << 10,
    TMOI_PEAK_L3_BYTES = 4 << 20,
    TMOI_PEAK_MEMORY_BYTES = 64 << 20
};

/* Measures with the best loops for the features in `cpu`; takes about a tenth of a second. */
tmo_status tmoi_peaks_measure(tmoi_peaks *out, uint32_t cpu, tmoi_ctx *ctx);

#endif
