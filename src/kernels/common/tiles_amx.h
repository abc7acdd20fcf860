/* The configuration of AMX's tile registers, which each thread loads before it uses them and gives up at the end (Intel,
 * "Architectures Software Developer's Manual", volume 1, chapter "Programming with Intel AMX"; volume 2, LDTILECFG).
 *
 * Eight registers tmm0 … tmm7 hold up to 16 rows of up to 64 bytes. A product C += A · B takes A [rows, bytes] with numbers side
 * by side, C [rows, columns] of 32 bits, and B [bytes / 4, columns]: in each of its 32-bit lanes lie the numbers of one column
 * that meet the same four bytes of a row of A. */
#ifndef TMOI_KERNELS_COMMON_TILES_AMX_H
#define TMOI_KERNELS_COMMON_TILES_AMX_H

#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#include "base/compiler.h"

enum {
    TMOI_TILE_ROWS = 16,
    TMOI_TILE_BYTES = 64, /* of a row */
    TMOI_TILES = 8,
    TMOI_TILE_LANES = 16 /* of 32 bits in a row */
};

/* What LDTILECFG reads: 64 bytes. */
typedef struct tmoi_tile_config {
    uint8_t palette, start_row, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
} tmoi_tile_config;

/* tmm0 … tmm3 for sums, tmm4 and tmm5 for A, tmm6 and tmm7 for B: `rows` of A and C, whose rows have `bytes`, a multiple of
 * four, in A; all 16 columns in B and C. */
static inline void tmoi_tiles_load(int32_t rows, int32_t bytes)
{
    tmoi_tile_config config;
    memset(&config, 0, sizeof config);
    config.palette = 1;
    for (int32_t tile = 0; tile < TMOI_TILES; tile++) {
        config.row_bytes[tile] = (uint16_t)(tile == 4 || tile == 5 ? bytes : TMOI_TILE_BYTES);
        config.rows[tile] = (uint8_t)(tile < 6 ? rows : bytes / 4);
    }
    TMOI_WRITTEN(&config); /* GCC says of the intrinsic that it reads eight bytes */
    _tile_loadconfig(&config);
}

#endif
