/* Eight lanes of 64 bits take a stripe of 64 bytes at a time: lane k adds the product of the two halves of its word, after
 * the word was mixed with a key that differs from stripe to stripe, and the word of its neighbour as it is, so that no single
 * change cancels out. The idea of products of halves is that of XXH3 (Yann Collet, github.com/Cyan4973/xxHash). */
#include "base/hash.h"

#include <string.h>

#include "base/le.h"

enum { LANES = 8, STRIPE = LANES * 8, STRIPES_PER_BLOCK = 32 };

/* Odd constants: the first 64 bits of the fractions of square roots of primes, as in SHA-512. */
static const uint64_t keys[LANES] = {0x6a09e667f3bcc909, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b,
                                     0xa54ff53a5f1d36f1, 0x510e527fade682d1, 0x9b05688c2b3e6c1f,
                                     0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};
#define STEP UINT64_C(0x9e3779b97f4a7c15) /* 2^64 over the golden ratio */

static void add_stripe(uint64_t *lanes, const uint8_t *data, uint64_t step)
{
    uint64_t words[LANES];
    tmoi_le_copy(words, data, LANES, 8);
    for (int k = 0; k < LANES; k++) {
        uint64_t mixed = words[k] ^ (keys[k] + step);
        lanes[k] += (mixed & UINT32_MAX) * (mixed >> 32) + words[k ^ 1];
    }
}

static uint64_t spread(uint64_t x)
{
    x = (x ^ x >> 32) * UINT64_C(0xd6e8feb86659fd93);
    x = (x ^ x >> 32) * UINT64_C(0xd6e8feb86659fd93);
    return x ^ x >> 32;
}

/* So that high bits come down, and blocks cannot change places. */
static void stir(uint64_t *lanes)
{
    for (int k = 0; k < LANES; k++) lanes[k] = (lanes[k] ^ lanes[k] >> 47) * keys[k];
}

static uint64_t fold(const uint64_t *lanes, uint64_t start, int shift)
{
    for (int k = 0; k < LANES; k++) start = spread(start ^ lanes[(k + shift) % LANES]) + keys[k];
    return spread(start);
}

tmoi_hash tmoi_hash_bytes(const void *data, size_t bytes, tmoi_hash seed)
{
    const uint8_t *at = data;
    uint64_t lanes[LANES], step = 0;
    size_t left = bytes;
    for (int k = 0; k < LANES; k++) lanes[k] = keys[k] ^ (k % 2 ? seed.high : seed.low);
    for (; left >= STRIPE; at += STRIPE, left -= STRIPE) {
        add_stripe(lanes, at, step);
        step += STEP;
        if (step == STEP * STRIPES_PER_BLOCK) {
            stir(lanes);
            step = 0;
        }
    }
    if (left) {
        uint8_t last[STRIPE] = {0};
        memcpy(last, at, left);
        add_stripe(lanes, last, step);
    }
    return (tmoi_hash){fold(lanes, bytes ^ seed.low, 0), fold(lanes, bytes + seed.high, 3)};
}

tmoi_hash tmoi_hash_text(const char *text, tmoi_hash seed)
{
    return tmoi_hash_bytes(text, strlen(text), seed);
}

tmoi_hash tmoi_hash_number(uint64_t number, tmoi_hash seed)
{
    return (tmoi_hash){spread(seed.low ^ number), spread(seed.high + number * STEP)};
}
