#include "kernels/move/move.h"

void tmoi_move_unpack_bits(const uint8_t *in, uint8_t *out, int64_t count, uint32_t bits)
{
    uint32_t mask = (1u << bits) - 1, per_byte = 8 / bits;
    for (int64_t k = 0; k < count; k++)
        out[k] = (uint8_t)((uint32_t)in[k / per_byte] >> bits * (uint32_t)(k % per_byte) & mask);
}

void tmoi_move_pack_bits(const uint8_t *in, uint8_t *out, int64_t count, uint32_t bits)
{
    uint32_t mask = (1u << bits) - 1, per_byte = 8 / bits;
    for (int64_t k = 0; k < count; k++) {
        uint32_t shift = bits * (uint32_t)(k % per_byte);
        uint32_t kept = shift == 0 ? 0u : out[k / per_byte];
        out[k / per_byte] = (uint8_t)(kept | (in[k] & mask) << shift);
    }
}
