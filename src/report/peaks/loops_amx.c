#include <immintrin.h>

#include "kernels/common/tiles_amx.h"
#include "report/peaks/loops.h"

/* Five tiles accumulate, twice a round: ten chains as elsewhere. */
uint32_t tmoi_peak_s8_amx(int64_t rounds)
{
    int32_t corner[16 * 16];
    tmoi_tiles_load(TMOI_TILE_ROWS, TMOI_TILE_BYTES);
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
