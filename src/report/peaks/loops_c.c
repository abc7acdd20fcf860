#include "report/peaks/loops.h"

/* An array of chains that the compiler makes vectors of. */
uint32_t tmoi_peak_f32_c(int64_t rounds)
{
    enum { LANES = 4, COUNT = TMOI_PEAK_CHAINS * LANES };
    float chains[COUNT], sum = 0;
    for (int k = 0; k < COUNT; k++) chains[k] = 1e-3f * (float)k;
    for (int64_t r = 0; r < rounds; r++)
        for (int k = 0; k < COUNT; k++) chains[k] = chains[k] * 0.5f + 0.5f;
    for (int k = 0; k < COUNT; k++) sum += chains[k];
    return (uint32_t)sum;
}

static inline uint32_t first_u32(int k)
{
    return (uint32_t)k;
}

static inline uint32_t step_s8(uint32_t x)
{
    return x * 3u + 7u;
}

static inline uint64_t load(const void *p)
{
    return *(const uint64_t *)p;
}

#define ADD(a, b) ((a) + (b))
#define MIX(a, b) ((a) ^ (b))
TMOI_PEAK_LOOP(tmoi_peak_s8_c, uint32_t, first_u32, step_s8, ADD, (uint32_t))
TMOI_PEAK_READ_LOOP(tmoi_peak_read_c, uint64_t, 0, load, MIX, (uint32_t))
