/* PNG through libpng. Its errors jump back to decode(); nothing between a setjmp and its jump owns memory
 * that the decoder struct does not know. */
#include <png.h>
#include <setjmp.h>
#include <string.h>

#include "data/image.h"

#define SIGNATURE_BYTES   8
#define DEFLATE_MAX_RATIO 1032u

typedef struct decoder {
    png_structp png;
    png_infop info;
    const uint8_t *data;
    size_t left;
    uint64_t max_bytes, file_bytes;
    tmoi_image *image;
    const char *subject;
    tmoi_ctx *ctx;
    jmp_buf escape;
} decoder;

bool tmoi_is_png(const uint8_t *data, size_t size_bytes)
{
    return size_bytes >= SIGNATURE_BYTES && png_sig_cmp(data, 0, SIGNATURE_BYTES) == 0;
}

/* libpng must not return from here. An error that we raised ourselves is more telling, and stays. */
static _Noreturn void on_error(png_structp png, png_const_charp text)
{
    decoder *d = png_get_error_ptr(png);
    if (d->ctx->error.status == TMO_STATUS_OK)
        (void)tmoi_fail(d->ctx, TMO_STATUS_INVALID_DATA, "'%s': invalid PNG file: %s", d->subject, text);
    longjmp(d->escape, 1);
}

static void on_warning(png_structp png, png_const_charp text)
{
    (void)png;
    (void)text;
}

static png_voidp png_take(png_structp png, png_alloc_size_t size)
{
    decoder *d = png_get_mem_ptr(png);
    void *memory = d->ctx->allocator.alloc(d->ctx->allocator.user, size ? size : 1, 16);
    if (!memory && d->ctx->error.status == TMO_STATUS_OK)
        (void)tmoi_fail(d->ctx, TMO_STATUS_OUT_OF_MEMORY, "'%s': cannot allocate %zu bytes", d->subject,
                        (size_t)size);
    return memory;
}

static void png_give(png_structp png, png_voidp memory)
{
    const decoder *d = png_get_mem_ptr(png);
    tmoi_release(&d->ctx->allocator, memory);
}

static void png_fill(png_structp png, png_bytep out, size_t size)
{
    decoder *d = png_get_io_ptr(png);
    if (size > d->left) png_error(png, "the file ends early");
    memcpy(out, d->data, size);
    d->data += size;
    d->left -= size;
}

/* Asks for 8-bit grey or RGB whatever the file holds. */
static void set_transformations(const decoder *d)
{
    int color = png_get_color_type(d->png, d->info);
    png_set_expand(d->png);
    png_set_strip_16(d->png);
    if (color & PNG_COLOR_MASK_ALPHA || png_get_valid(d->png, d->info, PNG_INFO_tRNS))
        png_set_strip_alpha(d->png);
    (void)png_set_interlace_handling(d->png);
}

/* Allocates the picture, after a check that the file can hold that much at all. */
static void make_picture(const decoder *d)
{
    uint32_t width = png_get_image_width(d->png, d->info), height = png_get_image_height(d->png, d->info);
    uint64_t raw = (uint64_t)height * png_get_rowbytes(d->png, d->info);
    if (raw / DEFLATE_MAX_RATIO > d->file_bytes)
        png_error(d->png, "the file is too short for its size in pixels");
    set_transformations(d);
    png_read_update_info(d->png, d->info);
    uint32_t channels = png_get_channels(d->png, d->info);
    if ((channels != 1 && channels != 3) || png_get_rowbytes(d->png, d->info) != (size_t)width * channels)
        png_error(d->png, "unexpected layout of a row");
    if (tmoi_image_make(d->image, width, height, channels, d->max_bytes, d->subject, d->ctx) != TMO_STATUS_OK)
        png_error(d->png, "no memory");
}

static void read_rows(const decoder *d, int passes)
{
    size_t row_bytes = (size_t)d->image->width * (size_t)d->image->channels;
    for (int pass = 0; pass < passes; pass++)
        for (int32_t y = 0; y < d->image->height; y++)
            png_read_row(d->png, d->image->pixels + (size_t)y * row_bytes, NULL);
    png_read_end(d->png, NULL);
}

static void decode(decoder *d)
{
    if (setjmp(d->escape) != 0) return;
    d->png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, d, on_error, on_warning, d, png_take, png_give);
    if (d->png) d->info = png_create_info_struct(d->png);
    if (!d->info) {
        if (d->ctx->error.status == TMO_STATUS_OK)
            (void)tmoi_fail(d->ctx, TMO_STATUS_OUT_OF_MEMORY, "'%s': cannot start libpng", d->subject);
        return;
    }
    png_set_read_fn(d->png, d, png_fill);
    png_set_user_limits(d->png, INT32_MAX, INT32_MAX);
    png_set_chunk_malloc_max(d->png, 8u << 20);
    png_read_info(d->png, d->info);
    make_picture(d);
    read_rows(d, png_get_interlace_type(d->png, d->info) == PNG_INTERLACE_ADAM7 ? 7 : 1);
}

tmo_status tmoi_png_decode(tmoi_image *out, const uint8_t *data, size_t size_bytes, uint64_t max_bytes,
                           const char *subject, tmoi_ctx *ctx)
{
    decoder d = {.data = data,
                 .left = size_bytes,
                 .max_bytes = max_bytes,
                 .file_bytes = size_bytes,
                 .image = out,
                 .subject = subject,
                 .ctx = ctx};
    *out = (tmoi_image){0};
    decode(&d);
    if (d.png) png_destroy_read_struct(&d.png, d.info ? &d.info : NULL, NULL);
    if (ctx->error.status != TMO_STATUS_OK) {
        tmoi_release(&ctx->allocator, out->pixels);
        *out = (tmoi_image){0};
    }
    return ctx->error.status;
}
