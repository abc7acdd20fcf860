/* memcpy() of runs that are often short: without a call where a few vectors do. */
#ifndef TMOI_KERNELS_MOVE_COPY_RUN_H
#define TMOI_KERNELS_MOVE_COPY_RUN_H

#include <stdint.h>
#include <string.h>

/* `width` bytes from each end, which may overlap. */
#define TMOI_COPY_ENDS(width)                       \
    do {                                            \
        uint8_t head[width], tail[width];           \
        memcpy(head, in, width);                    \
        memcpy(tail, in + bytes - (width), width);  \
        memcpy(out, head, width);                   \
        memcpy(out + bytes - (width), tail, width); \
    } while (0)

static inline void tmoi_copy_run(uint8_t *out, const uint8_t *in, size_t bytes)
{
    enum { VECTOR = 16, LONG = 256 };
    if (bytes > LONG) {
        memcpy(out, in, bytes);
    } else if (bytes >= VECTOR) {
        for (size_t k = 0; k + VECTOR <= bytes; k += VECTOR) memcpy(out + k, in + k, VECTOR);
        memcpy(out + bytes - VECTOR, in + bytes - VECTOR, VECTOR);
    } else if (bytes >= 8) {
        TMOI_COPY_ENDS(8);
    } else if (bytes >= 4) {
        TMOI_COPY_ENDS(4);
    } else {
        for (size_t k = 0; k < bytes; k++) out[k] = in[k];
    }
}

#endif
