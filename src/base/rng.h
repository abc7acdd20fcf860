/* Random numbers: PCG32 (O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms for Random
 * Number Generation", 2014): small, the same on every machine. */
#ifndef TMOI_BASE_RNG_H
#define TMOI_BASE_RNG_H

#include <stdint.h>

typedef struct tmoi_rng {
    uint64_t state;
    uint64_t increment;
} tmoi_rng;

tmoi_rng tmoi_rng_make(uint64_t seed, uint64_t stream);
uint32_t tmoi_rng_u32(tmoi_rng *rng);
/* Uniform in [0, bound), bound > 0, without bias. */
uint32_t tmoi_rng_below(tmoi_rng *rng, uint32_t bound);
/* Uniform in [0, 1). */
float tmoi_rng_uniform(tmoi_rng *rng);
/* Standard normal (Box-Muller). */
float tmoi_rng_normal(tmoi_rng *rng);

#endif
