/* PNG and JPEG pictures, decoded and brought to the input of a model. */
#include "data/image.h"
#include "data/picture.h"

#define MAX_BYTES ((uint64_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fit(const tmoi_image *image, tmoi_resize_mode mode, tmoi_ctx *ctx)
{
    static float out[5 * 7 * 3];
    const tmoi_picture_format format = {7, 5, 3, false};
    const tmoi_resize resize = {mode, 9, 8};
    const tmoi_shape shape = {3, {image->height, image->width, image->channels}};
    tmoi_array picture = tmoi_array_dense(TMO_TYPE_UINT8, &shape, image->pixels, false);
    (void)tmoi_picture_fit(&picture, &format, &resize, out, ctx);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    tmoi_image image;
    if (tmoi_image_decode(&image, data, size, MAX_BYTES, "input", &ctx) != TMO_STATUS_OK) return 0;
    for (int mode = TMOI_RESIZE_STRETCH; mode <= TMOI_RESIZE_SIZE; mode++)
        fit(&image, (tmoi_resize_mode)mode, &ctx);
    tmoi_release(&ctx.allocator, image.pixels);
    return 0;
}
