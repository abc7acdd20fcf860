#include <string.h>

#include "kernels/dwconv/dwconv.h"

enum { LANES = TMOI_DWCONV_LANES };

static void add_tap(const float *in, const float *weight, float *sums)
{
    for (int32_t l = 0; l < LANES; l++) sums[l] += in[l] * weight[l];
}

/* One vector of channels of one pixel; `at`: its place behind the taps. */
static void compute(const tmoi_dwconv_f32 *layer, tmoi_dwconv_mode mode, const float *const *taps,
                    ptrdiff_t at, int32_t block, float *out)
{
    const tmoi_dwconv_grid *grid = &layer->grid;
    const int32_t channel = tmoi_dwconv_channel(grid, block);
    const float *weight = layer->weights + block * tmoi_dwconv_slots_f32(grid) * LANES;
    float sums[LANES];
    memcpy(sums, layer->bias + channel, sizeof sums);
    for (int32_t r = 0; r < grid->rows; r++)
        for (int32_t k = 0; k < grid->columns; k++, weight += LANES) {
            const float *in = mode == TMOI_DWCONV_ROWS ? taps[r] + k * grid->column_step
                                                       : taps[r * grid->columns + k];
            add_tap(in + at + channel, weight, sums);
        }
    for (int32_t l = 0; l < LANES && channel + l < grid->channels; l++)
        out[channel + l] = tmoi_clamp_f32(sums[l], layer->low, layer->high);
}

void tmoi_dwconv_f32_c(const tmoi_dwconv_f32 *layer, tmoi_dwconv_mode mode, const float *const *taps,
                       int32_t pixels, float *out)
{
    const tmoi_dwconv_grid *grid = &layer->grid;
    for (int32_t p = 0; p < pixels; p++, out += grid->out_step)
        for (int32_t block = 0; block < tmoi_dwconv_blocks(grid); block++)
            compute(layer, mode, taps, p * grid->pixel_step, block, out);
}
