#include "base/rng.h"

#include <math.h>

tmoi_rng tmoi_rng_make(uint64_t seed, uint64_t stream)
{
    tmoi_rng rng = {0, (stream << 1) | 1};
    (void)tmoi_rng_u32(&rng);
    rng.state += seed;
    (void)tmoi_rng_u32(&rng);
    return rng;
}

uint32_t tmoi_rng_u32(tmoi_rng *rng)
{
    uint64_t old = rng->state;
    rng->state = old * 6364136223846793005u + rng->increment;
    uint32_t shifted = (uint32_t)(((old >> 18) ^ old) >> 27);
    uint32_t rotation = (uint32_t)(old >> 59);
    return (shifted >> rotation) | (shifted << ((32 - rotation) & 31));
}

uint32_t tmoi_rng_below(tmoi_rng *rng, uint32_t bound)
{
    uint32_t threshold = (0u - bound) % bound, value;
    do {
        value = tmoi_rng_u32(rng);
    } while (value < threshold);
    return value % bound;
}

float tmoi_rng_uniform(tmoi_rng *rng)
{
    return (float)(tmoi_rng_u32(rng) >> 8) * 0x1p-24f;
}

float tmoi_rng_normal(tmoi_rng *rng)
{
    double radius = sqrt(-2.0 * log(1.0 - (double)tmoi_rng_uniform(rng)));
    return (float)(radius * cos(6.283185307179586 * (double)tmoi_rng_uniform(rng)));
}
