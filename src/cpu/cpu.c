#include "cpu/cpu.h"

#include <stddef.h>
#include <string.h>

static const struct {
    uint32_t bit;
    const char *name;
} features[] = {
#define TMOI_CPU_FEATURE(name, bit, text) {TMOI_CPU_##name, text},
    TMOI_CPU_FEATURES(TMOI_CPU_FEATURE)
#undef TMOI_CPU_FEATURE
};
enum { FEATURE_COUNT = sizeof features / sizeof features[0] };

#if defined(__x86_64__) && defined(__GNUC__)
/* The compiler's own detection reads CPUID and XCR0, so a feature whose registers are not saved does not count. */
uint32_t tmoi_cpu_features(void)
{
    uint32_t set = TMOI_CPU_NONE;
    __builtin_cpu_init();
    if (__builtin_cpu_supports("sse4.1")) set |= TMOI_CPU_SSE41;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2"))
        set |= TMOI_CPU_AVX2;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
        set |= TMOI_CPU_AVX512;
    if ((set & TMOI_CPU_AVX512) && __builtin_cpu_supports("avx512vnni")) set |= TMOI_CPU_AVX512VNNI;
    return set;
}
#elif defined(__aarch64__)
uint32_t tmoi_cpu_features(void)
{
    return TMOI_CPU_NEON;
}
#else
uint32_t tmoi_cpu_features(void)
{
    return TMOI_CPU_NONE;
}
#endif

bool tmoi_cpu_mask_of(const char *name, uint32_t *mask)
{
    *mask = TMOI_CPU_NONE;
    if (strcmp(name, "c") == 0) return true;
    for (size_t k = 0; k < FEATURE_COUNT; k++) {
        *mask |= features[k].bit;
        if (strcmp(name, features[k].name) == 0) return true;
    }
    return strcmp(name, "native") == 0;
}

const char *tmoi_cpu_name(uint32_t set)
{
    const char *name = "c";
    for (size_t k = 0; k < FEATURE_COUNT; k++)
        if (set & features[k].bit) name = features[k].name;
    return name;
}
