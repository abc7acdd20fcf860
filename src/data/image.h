/* Pictures: PNG through libpng, JPEG through libjpeg. Decoded to 8 bits a channel, grey or RGB; transparency
 * is dropped, 16 bits are cut to the upper 8. No colour management, and the orientation that a camera notes
 * is not applied. */
#ifndef TMOI_DATA_IMAGE_H
#define TMOI_DATA_IMAGE_H

#include "base/alloc.h"

typedef struct tmoi_image {
    int32_t width, height, channels; /* channels: 1 or 3 */
    uint8_t *pixels;                 /* [height, width, channels]; the owner releases it */
} tmoi_image;

/* True when the bytes start as a picture that we read does. */
bool tmoi_is_image(const uint8_t *data, size_t size_bytes);

/* Decodes a picture. Fails with LIMIT when its pixels take more than max_bytes, with INVALID_DATA when any
 * of it is broken or missing. `subject` names the file in messages. */
tmo_status tmoi_image_decode(tmoi_image *out, const uint8_t *data, size_t size_bytes, uint64_t max_bytes,
                             const char *subject, tmoi_ctx *ctx);

/* The formats; each decoder expects what its tmoi_is_ function accepts. */
bool tmoi_is_png(const uint8_t *data, size_t size_bytes);
tmo_status tmoi_png_decode(tmoi_image *out, const uint8_t *data, size_t size_bytes, uint64_t max_bytes,
                           const char *subject, tmoi_ctx *ctx);
bool tmoi_is_jpeg(const uint8_t *data, size_t size_bytes);
tmo_status tmoi_jpeg_decode(tmoi_image *out, const uint8_t *data, size_t size_bytes, uint64_t max_bytes,
                            const char *subject, tmoi_ctx *ctx);

/* Sets the size and allocates the pixels, within max_bytes. */
tmo_status tmoi_image_make(tmoi_image *out, uint32_t width, uint32_t height, uint32_t channels,
                           uint64_t max_bytes, const char *subject, tmoi_ctx *ctx);

#endif
