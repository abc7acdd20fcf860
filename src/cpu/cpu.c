#include "cpu/cpu.h"

#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

#include "base/compiler.h"
#include "cpu/system.h"

static const struct {
    uint32_t bit;
    const char *name;
} features[] = {
#define TMOI_CPU_FEATURE(name, bit, text) {TMOI_CPU_##name, text},
    TMOI_CPU_FEATURES(TMOI_CPU_FEATURE)
#undef TMOI_CPU_FEATURE
};
enum { FEATURE_COUNT = sizeof features / sizeof features[0] };

/* ---- detection ---- */

#if defined(TMOI_CPUID)
/* The words of CPUID that tell features (Intel, "Architectures Software Developer's Manual", volume 2, CPUID): leaf 1, leaf 7
 * and subleaf 1 of leaf 7, and palette 1 of the tiles in leaf 1DH; 0 where there is no such leaf. */
typedef struct cpuid_words {
    unsigned ecx1, ebx7, ecx7, edx7, eax71, ebx1d, ecx1d;
} cpuid_words;

static cpuid_words read_cpuid(void)
{
    cpuid_words words = {0, 0, 0, 0, 0, 0, 0};
    unsigned last, subleaves, a, b, c, d;
    TMOI_CPUID(0, 0, last, b, c, d);
    TMOI_CPUID(1, 0, a, b, words.ecx1, d);
    if (last < 7) return words;
    TMOI_CPUID(7, 0, subleaves, words.ebx7, words.ecx7, words.edx7);
    if (subleaves >= 1) TMOI_CPUID(7, 1, words.eax71, b, c, d);
    if (last >= 0x1d) TMOI_CPUID(0x1d, 1, a, words.ebx1d, words.ecx1d, d);
    return words;
}

static bool has(unsigned word, int bit)
{
    return word >> bit & 1;
}

/* What the system saves at a switch of threads: bits of XCR0. */
static unsigned saved_state(const cpuid_words *words)
{
    unsigned low = 0, high;
    if (has(words->ecx1, 27)) TMOI_XGETBV(low, high); /* OSXSAVE */
    return low;
}

static uint32_t detect_avx512(const cpuid_words *words)
{
    uint32_t set = TMOI_CPU_NONE;
    if (has(words->ebx7, 16) && has(words->ebx7, 17) && has(words->ebx7, 28) && has(words->ebx7, 30) &&
        has(words->ebx7, 31)) /* F, DQ, CD, BW, VL */
        set |= TMOI_CPU_AVX512;
    if (set && has(words->ecx7, 11)) set |= TMOI_CPU_AVX512VNNI;
    return set;
}

static uint32_t detect_amx(const cpuid_words *words)
{
    uint32_t set = TMOI_CPU_NONE;
    bool fits = (words->ebx1d & 0xffff) >= 64 && words->ebx1d >> 16 >= 8 &&
                (words->ecx1d & 0xffff) >= 16;                               /* bytes of a row, tiles, rows */
    if (!has(words->edx7, 24) || !fits || !has(words->eax71, 5)) return set; /* AMX-TILE, AVX512-BF16 */
    if (has(words->edx7, 25)) set |= TMOI_CPU_AMX_INT8;
    if (has(words->edx7, 22)) set |= TMOI_CPU_AMX_BF16;
    return set && tmoi_system_allow_amx() ? set : TMOI_CPU_NONE;
}

static uint32_t detect(void)
{
    enum { AVX_STATE = 0x6, AVX512_STATE = 0xe6, TILE_STATE = 0x60000 };
    const cpuid_words words = read_cpuid();
    unsigned saved = saved_state(&words);
    uint32_t set = has(words.ecx1, 19) ? TMOI_CPU_SSE41 : TMOI_CPU_NONE;
    if ((saved & AVX_STATE) == AVX_STATE && has(words.ecx1, 12) && has(words.ecx1, 29) &&
        has(words.ebx7, 5) && has(words.ebx7, 8)) /* FMA, F16C, AVX2, BMI2 */
        set |= TMOI_CPU_AVX2;
    if (!(set & TMOI_CPU_AVX2)) return set;
    if (has(words.eax71, 4)) set |= TMOI_CPU_AVXVNNI;
    if ((saved & AVX512_STATE) == AVX512_STATE) set |= detect_avx512(&words);
    if ((set & TMOI_CPU_AVX512VNNI) && (saved & TILE_STATE) == TILE_STATE) set |= detect_amx(&words);
    return set;
}
#elif defined(__aarch64__) || defined(_M_ARM64)
static uint32_t detect(void)
{
    const tmoi_arm_features has = tmoi_system_arm_features();
    uint32_t set = TMOI_CPU_NEON;
    if (has.dotprod) set |= TMOI_CPU_DOTPROD;
    if (has.i8mm) set |= TMOI_CPU_I8MM;
    if (has.fp16) set |= TMOI_CPU_FP16;
    if (has.sve2) set |= TMOI_CPU_SVE2;
    return set;
}
#elif defined(__wasm_simd128__)
static uint32_t detect(void)
{
    return TMOI_CPU_SIMD128;
}
#else
static uint32_t detect(void)
{
    return TMOI_CPU_NONE;
}
#endif

/* What tests/emulated adds to a processor. */
#ifdef TMO_EMULATE
enum {
    EMULATED = TMOI_CPU_AVXVNNI | TMOI_CPU_AVX512 | TMOI_CPU_AVX512VNNI | TMOI_CPU_AMX_INT8 |
               TMOI_CPU_AMX_BF16
};
#else
enum { EMULATED = TMOI_CPU_NONE };
#endif

/* Found once: CPUID is slow in a virtual machine. The highest bit says that it was. */
uint32_t tmoi_cpu_features(void)
{
    static _Atomic uint32_t known;
    const uint32_t is_known = UINT32_C(1) << 31;
    uint32_t set = atomic_load_explicit(&known, memory_order_relaxed);
    if (!set) {
        set = detect() | EMULATED | is_known;
        atomic_store_explicit(&known, set, memory_order_relaxed);
    }
    return set & ~is_known;
}

/* ---- names ---- */

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

const char *tmoi_cpu_feature(int32_t k, uint32_t *bit)
{
    if (k < 0 || k >= (int32_t)FEATURE_COUNT) return NULL;
    *bit = features[k].bit;
    return features[k].name;
}

const char *tmoi_cpu_name(uint32_t set)
{
    const char *name = "c";
    for (size_t k = 0; k < FEATURE_COUNT; k++)
        if (set & features[k].bit) name = features[k].name;
    return name;
}
