/* The instruction sets of this processor, as a set: AVX-VNNI exists without AVX-512, and i8mm without SVE. A feature counts
 * only if the operating system saves its registers. */
#ifndef TMOI_CPU_CPU_H
#define TMOI_CPU_CPU_H

#include <stdbool.h>
#include <stdint.h>

/* TMOI_CPU_FEATURE(NAME, bit, "name") */
#define TMOI_CPU_FEATURES(X)                         \
    X(SSE41, 0, "sse4.1")                            \
    X(AVX2, 1, "avx2") /* with FMA, F16C and BMI2 */ \
    X(AVXVNNI, 2, "avxvnni")                         \
    X(AVX512, 3, "avx512") /* F, BW, CD, DQ, VL */   \
    X(AVX512VNNI, 4, "avx512vnni")                   \
    X(AMX_INT8, 5, "amx_int8")                       \
    X(AMX_BF16, 6, "amx_bf16")                       \
    X(NEON, 16, "neon")                              \
    X(DOTPROD, 17, "dotprod")                        \
    X(I8MM, 18, "i8mm")                              \
    X(FP16, 19, "fp16") /* arithmetic */             \
    X(SVE2, 20, "sve2")                              \
    X(SIMD128, 24, "simd128") /* WebAssembly */

enum {
    TMOI_CPU_NONE = 0, /* plain C */
#define TMOI_CPU_FEATURE(name, bit, text) TMOI_CPU_##name = 1 << bit,
    TMOI_CPU_FEATURES(TMOI_CPU_FEATURE)
#undef TMOI_CPU_FEATURE
};

/* Features for float kernels that round what they multiply: only where less precision is allowed. */
enum { TMOI_CPU_REDUCED_FLOAT = TMOI_CPU_AMX_BF16 | TMOI_CPU_FP16 };

/* What this processor has, a sum of TMOI_CPU_*. Thread-safe. */
uint32_t tmoi_cpu_features(void);

/* The features up to and including the named one ("c": none; "native": all), for capping with --isa; false when the name is
 * not known. */
bool tmoi_cpu_mask_of(const char *name, uint32_t *mask);

/* The k-th feature's name and bit, in the order of the masks; NULL behind the last. */
const char *tmoi_cpu_feature(int32_t k, uint32_t *bit);

/* "avx2", or "c" for TMOI_CPU_NONE: the name of the highest feature in a set. */
const char *tmoi_cpu_name(uint32_t features);

#endif
