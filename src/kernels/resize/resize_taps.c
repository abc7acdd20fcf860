#include <math.h>

#include "kernels/resize/resize.h"

static int32_t clamp_index(int64_t index, int32_t size)
{
    return index < 0 ? 0 : index >= size ? size - 1 : (int32_t)index;
}

void tmoi_resize_taps_f32(tmoi_resize_tap_f32 *taps, int32_t in_size, int32_t out_size, bool align_corners,
                          bool half_pixel_centers)
{
    float scale = (float)in_size / (float)out_size;
    if (align_corners && out_size > 1) scale = (float)(in_size - 1) / (float)(out_size - 1);
    for (int32_t k = 0; k < out_size; k++) {
        float place = half_pixel_centers ? ((float)k + 0.5f) * scale - 0.5f : (float)k * scale;
        taps[k].lower = clamp_index((int64_t)floorf(place), in_size);
        taps[k].upper = clamp_index((int64_t)ceilf(place), in_size);
        taps[k].upper_weight = place - (float)taps[k].lower;
    }
}

void tmoi_resize_taps_q10(tmoi_resize_tap_q10 *taps, int32_t in_size, int32_t out_size, bool align_corners,
                          bool half_pixel_centers)
{
    int64_t scale = ((int64_t)in_size * 1024 + out_size / 2) / out_size;
    if (align_corners && out_size > 1)
        scale = ((int64_t)(in_size - 1) * 1024 + (out_size - 1) / 2) / (out_size - 1);
    for (int32_t k = 0; k < out_size; k++) {
        int64_t place = half_pixel_centers ? k * scale + scale / 2 - 512 : k * scale;
        taps[k].lower = clamp_index(place / 1024, in_size);
        taps[k].upper = clamp_index((place + 1023) / 1024, in_size);
        taps[k].upper_weight = (int32_t)(place - (int64_t)taps[k].lower * 1024);
        taps[k].lower_weight = 1024 - taps[k].upper_weight;
    }
}

int32_t tmoi_resize_nearest(int32_t k, int32_t in_size, int32_t out_size, bool align_corners,
                            bool half_pixel_centers)
{
    bool align = align_corners && out_size > 1;
    float scale = align ? (float)(in_size - 1) / (float)(out_size - 1) : (float)in_size / (float)out_size;
    float place = ((float)k + (half_pixel_centers ? 0.5f : 0.0f)) * scale;
    return clamp_index((int64_t)(align_corners ? roundf(place) : floorf(place)), in_size);
}
