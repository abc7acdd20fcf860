/* The drivers: patches of a tile of pixels, one product a group, and the output stage. */
#include "kernels/conv/conv.h"

static void *output_at(const tmoi_conv_s16 *conv, int64_t pixel, int32_t channel)
{
    int64_t k = pixel * conv->shape.out_c + channel;
    if (conv->hybrid) return (float *)conv->out + k;
    if (conv->requant.type == TMO_TYPE_INT16) return (int16_t *)conv->out + k;
    return (uint8_t *)conv->out + k;
}

/* The sums of a pixel's `count` channels from `first` on. */
static void finish_pixel(const tmoi_conv_s16 *conv, int64_t pixel, int32_t first, int32_t count,
                         const void *sums)
{
    void *out = output_at(conv, pixel, first);
    if (conv->hybrid) {
        float image_scale = conv->image_scales[pixel / tmoi_conv_image_pixels(&conv->shape)];
        tmoi_scale_f32(count, sums, image_scale, conv->scales + first, conv->bias ? conv->bias + first : NULL,
                       conv->low, conv->high, out);
    } else if (conv->wide_sums) {
        tmoi_requant_s64(&conv->requant, first, count, sums, out);
    } else {
        tmoi_requant_s32(&conv->requant, first, count, sums, out);
    }
}

void tmoi_conv_s16_run(const tmoi_conv_s16 *conv, int64_t pixel_begin, int64_t pixel_end, int16_t *patches,
                       void *sums)
{
    const tmoi_conv_shape *s = &conv->shape;
    int32_t groups = tmoi_conv_groups(s), k = (int32_t)tmoi_conv_patch_size(s), columns = s->out_c / groups;
    tmoi_gemm_shape gemm = {.n = columns, .k = k, .a_stride = k, .b_stride = k, .out_stride = columns};
    for (int64_t pixel = pixel_begin; pixel < pixel_end; pixel += gemm.m) {
        gemm.m = pixel_end - pixel < conv->tile ? (int32_t)(pixel_end - pixel) : conv->tile;
        for (int32_t g = 0; g < groups; g++) {
            const int16_t *filter = conv->filter + (ptrdiff_t)g * columns * k;
            tmoi_conv_patches_s16(s, g, conv->in_type, conv->in, conv->zero_points, conv->hybrid, pixel,
                                  gemm.m, patches);
            if (conv->wide_sums)
                conv->gemm_wide(&gemm, TMOI_BYTE_TERMS, patches, filter, sums);
            else
                conv->gemm(&gemm, patches, filter, sums);
            size_t sum_bytes = conv->wide_sums ? sizeof(int64_t) : sizeof(int32_t);
            for (int32_t i = 0; i < gemm.m; i++)
                finish_pixel(conv, pixel + i, g * columns, columns,
                             (const char *)sums + (size_t)i * (size_t)columns * sum_bytes);
        }
    }
}
