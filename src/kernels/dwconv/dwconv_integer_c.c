#include <string.h>

#include "kernels/dwconv/dwconv.h"
#include "kernels/requant/requant_value.h"

enum { LANES = TMOI_DWCONV_LANES };

static void finish(const tmoi_dwconv_integer *layer, int32_t channel, int32_t count, const int32_t *sums,
                   ptrdiff_t at, void *out)
{
    const tmoi_requant_bounds bounds = tmoi_requant_bounds_of(&layer->requant);
    const float *scale = layer->scale + channel, *bias = layer->bias + channel;
    for (int32_t l = 0; l < count; l++) {
        switch (layer->out_type) {
        case TMO_TYPE_INT32: ((int32_t *)out)[at + l] = sums[l]; break;
        case TMO_TYPE_FLOAT32:
            ((float *)out)[at + l] = tmoi_clamp_f32((float)sums[l] * scale[l] + bias[l], layer->low,
                                                    layer->high);
            break;
        case TMO_TYPE_INT16:
            ((int16_t *)out)[at + l] = (int16_t)tmoi_requant_value(sums[l], scale[l], &bounds);
            break;
        default: ((uint8_t *)out)[at + l] = (uint8_t)tmoi_requant_value(sums[l], scale[l], &bounds); break;
        }
    }
}

/* The rows r and r + 1 of the grid; the latter has no taps when it is not there. */
#define DWCONV(name, type)                                                                                   \
    static void name##_add(const type *in, const int16_t *weights, int32_t place, int32_t *sums)             \
    {                                                                                                        \
        for (int32_t l = 0; l < LANES; l++)                                                                  \
            sums[l] = (int32_t)((uint32_t)sums[l] + (uint32_t)(in[l] * weights[2 * l + place]));             \
    }                                                                                                        \
    static void name##_block(const tmoi_dwconv_integer *layer, tmoi_dwconv_mode mode,                        \
                             const void *const *taps, ptrdiff_t at, int32_t channel, const int16_t *weights, \
                             int32_t *sums)                                                                  \
    {                                                                                                        \
        const tmoi_dwconv_grid *grid = &layer->grid;                                                         \
        for (int32_t r = 0; r < grid->rows; r++)                                                             \
            for (int32_t k = 0; k < grid->columns; k++) {                                                    \
                const int32_t pair = r / 2 * grid->columns + k, place = r % 2;                               \
                const type *in = mode == TMOI_DWCONV_ROWS ? (const type *)taps[r] + k * grid->column_step    \
                                                          : (const type *)taps[2 * pair + place];            \
                name##_add(in + at + channel, weights + pair * 2 * LANES, place, sums);                      \
            }                                                                                                \
    }                                                                                                        \
    void name(const tmoi_dwconv_integer *layer, tmoi_dwconv_mode mode, const void *const *taps,              \
              int32_t pixels, void *out)                                                                     \
    {                                                                                                        \
        const tmoi_dwconv_grid *grid = &layer->grid;                                                         \
        const int32_t count = grid->channels < LANES ? grid->channels : LANES;                               \
        for (int32_t p = 0; p < pixels; p++)                                                                 \
            for (int32_t block = 0; block < tmoi_dwconv_blocks(grid); block++) {                             \
                const int32_t channel = tmoi_dwconv_channel(grid, block);                                    \
                int32_t sums[LANES];                                                                         \
                memcpy(sums, layer->start + channel, sizeof sums);                                           \
                name##_block(layer, mode, taps, p * grid->pixel_step, channel,                               \
                             layer->weights + block * tmoi_dwconv_slots_integer(grid) * LANES, sums);        \
                finish(layer, channel, count, sums, p * grid->out_step + channel, out);                      \
            }                                                                                                \
    }

DWCONV(tmoi_dwconv_s8_c, int8_t)
DWCONV(tmoi_dwconv_u8_c, uint8_t)
DWCONV(tmoi_dwconv_s16_c, int16_t)
