#include "data/image.h"

bool tmoi_is_image(const uint8_t *data, size_t size_bytes)
{
    return tmoi_is_png(data, size_bytes) || tmoi_is_jpeg(data, size_bytes);
}

tmo_status tmoi_image_decode(tmoi_image *out, const uint8_t *data, size_t size_bytes, uint64_t max_bytes,
                             const char *subject, tmoi_ctx *ctx)
{
    *out = (tmoi_image){0};
    if (tmoi_is_png(data, size_bytes)) return tmoi_png_decode(out, data, size_bytes, max_bytes, subject, ctx);
    if (tmoi_is_jpeg(data, size_bytes))
        return tmoi_jpeg_decode(out, data, size_bytes, max_bytes, subject, ctx);
    return tmoi_fail(ctx, TMO_STATUS_INVALID_DATA, "'%s': neither a PNG nor a JPEG file", subject);
}

tmo_status tmoi_image_make(tmoi_image *out, uint32_t width, uint32_t height, uint32_t channels,
                           uint64_t max_bytes, const char *subject, tmoi_ctx *ctx)
{
    uint64_t pixels = (uint64_t)width * height;
    TMO_FAIL_IF(pixels == 0 || width > INT32_MAX || height > INT32_MAX, INVALID_DATA, ctx,
                "'%s': a picture of %ux%u pixels", subject, (unsigned)width, (unsigned)height);
    TMO_FAIL_IF(pixels > max_bytes / channels || pixels > SIZE_MAX / channels, LIMIT, ctx,
                "'%s': %ux%u pixels of %u bytes exceed the limit of %llu bytes", subject, (unsigned)width,
                (unsigned)height, (unsigned)channels, (unsigned long long)max_bytes);
    TMO_TRY(tmoi_new(ctx, &out->pixels, (size_t)pixels * channels));
    out->width = (int32_t)width;
    out->height = (int32_t)height;
    out->channels = (int32_t)channels;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
