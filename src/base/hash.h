/* A fast hash of 128 bits, to tell contents apart and to find damage; no protection against forgery. The same on every
 * machine. */
#ifndef TMOI_BASE_HASH_H
#define TMOI_BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct tmoi_hash {
    uint64_t low, high;
} tmoi_hash;

/* The hash of `bytes` bytes and their number, mixed with `seed`: chain several pieces by giving each the hash before. */
tmoi_hash tmoi_hash_bytes(const void *data, size_t bytes, tmoi_hash seed);
/* The same for a text and its end. */
tmoi_hash tmoi_hash_text(const char *text, tmoi_hash seed);
/* The same for one number. */
tmoi_hash tmoi_hash_number(uint64_t number, tmoi_hash seed);

static inline bool tmoi_hash_equal(tmoi_hash a, tmoi_hash b)
{
    return a.low == b.low && a.high == b.high;
}

#endif
