#include <arm_neon.h>

#include "kernels/unary/quantized.h"

/* The table in four pieces of 64 entries: an index beyond a piece leaves the result of the one before. */
void tmoi_lookup_x8_neon(const uint8_t table[256], const uint8_t *in, uint8_t *out, int64_t count)
{
    const uint8x16x4_t piece[4] = {vld1q_u8_x4(table), vld1q_u8_x4(table + 64), vld1q_u8_x4(table + 128),
                                   vld1q_u8_x4(table + 192)};
    const uint8x16_t step = vdupq_n_u8(64);
    int64_t k = 0;
    for (; k + 16 <= count; k += 16) {
        uint8x16_t x = vld1q_u8(in + k);
        uint8x16_t found = vqtbl4q_u8(piece[0], x);
        for (int p = 1; p < 4; p++) {
            x = vsubq_u8(x, step);
            found = vqtbx4q_u8(found, piece[p], x);
        }
        vst1q_u8(out + k, found);
    }
    for (; k < count; k++) out[k] = table[in[k]];
}
