/* memcpy() of runs that are often short: without a call where a few vectors do. */
#ifndef TMOI_KERNELS_MOVE_COPY_RUN_H
#define TMOI_KERNELS_MOVE_COPY_RUN_H

#include <stdint.h>
#include <string.h>

static inline void tmoi_copy_run(uint8_t *out, const uint8_t *in, size_t bytes)
{
    enum { VECTOR = 16, LONG = 256 };
    if (bytes < VECTOR || bytes > LONG) {
        memcpy(out, in, bytes);
        return;
    }
    for (size_t k = 0; k + VECTOR <= bytes; k += VECTOR) memcpy(out + k, in + k, VECTOR);
    memcpy(out + bytes - VECTOR, in + bytes - VECTOR, VECTOR);
}

#endif
