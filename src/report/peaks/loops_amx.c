#include <immintrin.h>
#include <string.h>

#include "report/peaks/loops.h"

/* The layout that LDTILECFG reads: palette 1, eight tiles of 16 rows of 64 bytes. */
static void configure(void)
{
    struct {
        uint8_t palette, start_row, reserved[14];
        uint16_t columns[16];
        uint8_t rows[16];
    } config;
    memset(&config, 0, sizeof config);
    config.palette = 1;
    for (int k = 0; k < 8; k++) {
        config.columns[k] = 64;
        config.rows[k] = 16;
    }
    _tile_loadconfig(&config);
}

/* Five tiles accumulate, twice a round: ten chains as elsewhere. */
uint32_t tmoi_peak_s8_amx(int64_t rounds)
{
    int32_t corner[16 * 16];
    configure();
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    _tile_zero(4);
    _tile_zero(6);
    _tile_zero(7);
    for (int64_t r = 0; r < 2 * rounds; r++) {
        _tile_dpbssd(0, 6, 7);
        _tile_dpbssd(1, 6, 7);
        _tile_dpbssd(2, 6, 7);
        _tile_dpbssd(3, 6, 7);
        _tile_dpbssd(4, 6, 7);
    }
    _tile_stored(0, corner, 64);
    _tile_release();
    return (uint32_t)corner[0];
}
