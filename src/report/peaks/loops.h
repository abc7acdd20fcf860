/* The loops, by instruction set; see peaks.h. The chains are variables, not an array, so that they stay in registers. */
#ifndef TMOI_REPORT_PEAKS_LOOPS_H
#define TMOI_REPORT_PEAKS_LOOPS_H

#include "report/peaks/peaks.h"

/* Chains enough to hide the latency of a multiply-add (4 to 5 cycles, two a cycle), and few enough for 16 registers with
 * room for what a step needs beside its chain. */
enum { TMOI_PEAK_CHAINS = 10 };

/* first(k): the start of chain k; step(x): its next value; add(a, b); low(x): the first lane. */
#define TMOI_PEAK_LOOP(name, vector, first, step, add, low)                          \
    uint32_t name(int64_t rounds)                                                    \
    {                                                                                \
        vector a = first(0), b = first(1), c = first(2), d = first(3), e = first(4); \
        vector f = first(5), g = first(6), h = first(7), i = first(8), j = first(9); \
        for (int64_t r = 0; r < rounds; r++) {                                       \
            a = step(a), b = step(b), c = step(c), d = step(d), e = step(e);         \
            f = step(f), g = step(g), h = step(h), i = step(i), j = step(j);         \
        }                                                                            \
        a = add(add(add(a, b), add(c, d)), e);                                       \
        f = add(add(add(f, g), add(h, i)), j);                                       \
        return (uint32_t)low(add(a, f));                                             \
    }

/* load(p): a vector from memory; mix(a, b): of two; `zero` and low(x) as above. Eight loads a round. */
#define TMOI_PEAK_READ_LOOP(name, vector, zero, load, mix, low)                                \
    uint32_t name(const void *data, size_t bytes)                                              \
    {                                                                                          \
        const unsigned char *p = data;                                                         \
        const size_t step = sizeof(vector);                                                    \
        vector a = zero, b = zero, c = zero, d = zero, e = zero, f = zero, g = zero, h = zero; \
        for (const unsigned char *end = p + bytes; p < end; p += 8 * step) {                   \
            a = mix(a, load(p)), b = mix(b, load(p + step));                                   \
            c = mix(c, load(p + 2 * step)), d = mix(d, load(p + 3 * step));                    \
            e = mix(e, load(p + 4 * step)), f = mix(f, load(p + 5 * step));                    \
            g = mix(g, load(p + 6 * step)), h = mix(h, load(p + 7 * step));                    \
        }                                                                                      \
        return (uint32_t)low(mix(mix(mix(a, b), mix(c, d)), mix(mix(e, f), mix(g, h))));       \
    }

#define TMOI_PEAK_F32(isa)  uint32_t tmoi_peak_f32_##isa(int64_t rounds);
#define TMOI_PEAK_S8(isa)   uint32_t tmoi_peak_s8_##isa(int64_t rounds);
#define TMOI_PEAK_READ(isa) uint32_t tmoi_peak_read_##isa(const void *data, size_t bytes);
TMOI_PEAK_F32(c)
TMOI_PEAK_F32(avx2)
TMOI_PEAK_F32(avx512)
TMOI_PEAK_F32(neon)
TMOI_PEAK_F32(simd128)
TMOI_PEAK_S8(c)
TMOI_PEAK_S8(avx2)
TMOI_PEAK_S8(avxvnni)
TMOI_PEAK_S8(avx512)
TMOI_PEAK_S8(avx512vnni)
TMOI_PEAK_S8(amx)
TMOI_PEAK_S8(neon)
TMOI_PEAK_S8(dotprod)
TMOI_PEAK_S8(i8mm)
TMOI_PEAK_S8(simd128)
TMOI_PEAK_READ(c)
TMOI_PEAK_READ(avx2)
TMOI_PEAK_READ(avx512)
TMOI_PEAK_READ(neon)
TMOI_PEAK_READ(simd128)
#undef TMOI_PEAK_F32
#undef TMOI_PEAK_S8
#undef TMOI_PEAK_READ

#endif
