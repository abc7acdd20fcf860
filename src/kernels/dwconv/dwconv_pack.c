#include <string.h>

#include "kernels/dwconv/dwconv_run.h"
#include "kernels/common/widen.h"

enum { LANES = TMOI_DWCONV_LANES };

int64_t tmoi_dwconv_packed_size(const tmoi_dwconv_plan *plan)
{
    const int64_t block = plan->slots * LANES, blocks = tmoi_dwconv_blocks(&plan->grid);
    return block > INT32_MAX ? -1 : block * blocks;
}

/* The filter's tap in a slot; -1 for the partner that is missing. */
static int64_t tap_of(const tmoi_dwconv_plan *plan, int64_t slot)
{
    const tmoi_dwconv_grid *grid = &plan->grid;
    if (!plan->paired) return slot;
    const int64_t pair = slot / 2, row = pair / grid->columns * 2 + slot % 2;
    return row < grid->rows ? row * grid->columns + pair % grid->columns : -1;
}

/* Channels of one tap; zeros where there are none. */
static void floats_of(const tmoi_dwconv_plan *plan, tmo_type type, const void *filter, const float *scale,
                      int64_t tap, int32_t channel, float *out)
{
    const int32_t left = plan->grid.channels - channel, count = left < LANES ? left : LANES;
    memset(out, 0, LANES * sizeof *out);
    tmoi_widen_f32(type, filter, tap * plan->grid.channels + channel, 1, count, 1.0f, out);
    for (int32_t l = 0; scale && l < count; l++) out[l] *= scale[channel + l];
}

void tmoi_dwconv_pack_f32(const tmoi_dwconv_plan *plan, tmo_type type, const void *filter, const float *scale,
                          float *out)
{
    for (int32_t block = 0; block < tmoi_dwconv_blocks(&plan->grid); block++) {
        const int32_t channel = tmoi_dwconv_channel(&plan->grid, block);
        for (int64_t slot = 0; slot < plan->slots; slot++, out += LANES)
            floats_of(plan, type, filter, scale, slot, channel, out);
    }
}

/* Eight channels of one tap, without the zero point; zeros where there are none. */
static void widen(const tmoi_dwconv_plan *plan, tmo_type type, const void *filter, int32_t zero_point,
                  int64_t tap, int32_t channel, int16_t *out)
{
    const int32_t left = plan->grid.channels - channel;
    memset(out, 0, LANES * sizeof *out);
    if (tap >= 0)
        tmoi_widen(type, filter, tap * plan->grid.channels + channel, left < LANES ? left : LANES, zero_point,
                   out);
}

void tmoi_dwconv_pack_integer(const tmoi_dwconv_plan *plan, tmo_type type, const void *filter,
                              int32_t zero_point, int16_t *out, int32_t *sums)
{
    for (int32_t block = 0; block < tmoi_dwconv_blocks(&plan->grid); block++) {
        const int32_t channel = tmoi_dwconv_channel(&plan->grid, block);
        memset(sums + channel, 0, LANES * sizeof *sums);
        for (int64_t slot = 0; slot < plan->slots; slot += 2, out += 2 * LANES) {
            int16_t upper[LANES], lower[LANES];
            widen(plan, type, filter, zero_point, tap_of(plan, slot), channel, upper);
            widen(plan, type, filter, zero_point, tap_of(plan, slot + 1), channel, lower);
            for (int32_t l = 0; l < LANES; l++) {
                out[2 * l] = upper[l];
                out[2 * l + 1] = lower[l];
                sums[channel + l] += upper[l] + lower[l];
            }
        }
    }
}
