#include "cpu/cpu.h"

#include <stddef.h>
#include <string.h>

#include "base/compiler.h"

static const struct {
    uint32_t bit;
    const char *name;
} features[] = {
#define TMOI_CPU_FEATURE(name, bit, text) {TMOI_CPU_##name, text},
    TMOI_CPU_FEATURES(TMOI_CPU_FEATURE)
#undef TMOI_CPU_FEATURE
};
enum { FEATURE_COUNT = sizeof features / sizeof features[0] };

#if defined(TMOI_X86_HAS)
uint32_t tmoi_cpu_features(void)
{
    uint32_t set = TMOI_CPU_NONE;
    TMOI_X86_INIT();
    if (TMOI_X86_HAS("sse4.1")) set |= TMOI_CPU_SSE41;
    if (TMOI_X86_HAS("avx2") && TMOI_X86_HAS("fma") && TMOI_X86_HAS("bmi2")) set |= TMOI_CPU_AVX2;
    if (TMOI_X86_HAS("avx512f") && TMOI_X86_HAS("avx512bw") && TMOI_X86_HAS("avx512dq") &&
        TMOI_X86_HAS("avx512vl"))
        set |= TMOI_CPU_AVX512;
    if ((set & TMOI_CPU_AVX512) && TMOI_X86_HAS("avx512vnni")) set |= TMOI_CPU_AVX512VNNI;
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
