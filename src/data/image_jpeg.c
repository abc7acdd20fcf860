/* JPEG through libjpeg. Its errors jump back to decode(); nothing between a setjmp and its jump owns memory
 * that the decoder struct does not know. */
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

#include "data/image.h"

#define MAX_SCANS \
    200 /* a progressive file may repeat a whole pass over its coefficients for a few bytes each */

typedef struct decoder {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    const uint8_t *data;
    size_t size_bytes;
    uint64_t max_bytes;
    tmoi_image *image;
    const char *subject;
    tmoi_ctx *ctx;
    jmp_buf escape;
} decoder;

bool tmoi_is_jpeg(const uint8_t *data, size_t size_bytes)
{
    return size_bytes >= 3 && data[0] == 0xff && data[1] == 0xd8 && data[2] == 0xff;
}

/* An error that we raised ourselves is more telling, and stays. */
static _Noreturn void on_error(j_common_ptr common)
{
    decoder *d = common->client_data;
    char text[JMSG_LENGTH_MAX];
    if (d->ctx->error.status == TMO_STATUS_OK) {
        tmo_status status = common->err->msg_code == JERR_OUT_OF_MEMORY ? TMO_STATUS_OUT_OF_MEMORY
                                                                        : TMO_STATUS_INVALID_DATA;
        common->err->format_message(common, text);
        (void)tmoi_fail(d->ctx, status, "'%s': invalid JPEG file: %s", d->subject, text);
    }
    longjmp(d->escape, 1);
}

/* libjpeg warns, and makes pixels up, where data are broken or missing; for us that is an error. Other
 * warnings, such as bytes between two markers, tell of harmless habits of cameras. */
static void on_message(j_common_ptr common, int level)
{
    if (level >= 0) return;
    switch (common->err->msg_code) {
    case JWRN_ADOBE_XFORM:
    case JWRN_EXTRANEOUS_DATA:
    case JWRN_JFIF_MAJOR:
    case JWRN_TOO_MUCH_DATA: break;
    default: on_error(common);
    }
}

static void on_progress(j_common_ptr common)
{
    decoder *d = common->client_data;
    if (d->jpeg.input_scan_number <= MAX_SCANS) return;
    (void)tmoi_fail(d->ctx, TMO_STATUS_LIMIT, "'%s': more than %d scans", d->subject, MAX_SCANS);
    longjmp(d->escape, 1);
}

static void choose_colors(decoder *d)
{
    switch (d->jpeg.jpeg_color_space) {
    case JCS_GRAYSCALE: d->jpeg.out_color_space = JCS_GRAYSCALE; break;
    case JCS_YCbCr:
    case JCS_RGB: d->jpeg.out_color_space = JCS_RGB; break;
    default:
        (void)tmoi_fail(d->ctx, TMO_STATUS_UNSUPPORTED_DATA,
                        "'%s': a JPEG file of %d colour components; it must be grey or RGB", d->subject,
                        d->jpeg.num_components);
        longjmp(d->escape, 1);
    }
}

static void read_rows(decoder *d)
{
    size_t row_bytes = (size_t)d->image->width * (size_t)d->image->channels;
    while (d->jpeg.output_scanline < d->jpeg.output_height) {
        JSAMPROW row = d->image->pixels + (size_t)d->jpeg.output_scanline * row_bytes;
        (void)jpeg_read_scanlines(&d->jpeg, &row, 1);
    }
}

static void decode(decoder *d)
{
    if (setjmp(d->escape) != 0) return;
    jpeg_create_decompress(&d->jpeg);
    d->jpeg.client_data = d;
    d->progress.progress_monitor = on_progress;
    d->jpeg.progress = &d->progress;
    jpeg_mem_src(&d->jpeg, d->data, d->size_bytes);
    (void)jpeg_read_header(&d->jpeg, TRUE);
    choose_colors(d);
    d->jpeg.dct_method = JDCT_ISLOW;
    uint32_t channels = d->jpeg.out_color_space == JCS_GRAYSCALE ? 1 : 3;
    if (tmoi_image_make(d->image, d->jpeg.image_width, d->jpeg.image_height, channels, d->max_bytes,
                        d->subject, d->ctx) != TMO_STATUS_OK)
        longjmp(d->escape, 1);
    (void)jpeg_start_decompress(&d->jpeg);
    read_rows(d);
    (void)jpeg_finish_decompress(&d->jpeg);
}

tmo_status tmoi_jpeg_decode(tmoi_image *out, const uint8_t *data, size_t size_bytes, uint64_t max_bytes,
                            const char *subject, tmoi_ctx *ctx)
{
    decoder d = {.data = data,
                 .size_bytes = size_bytes,
                 .max_bytes = max_bytes,
                 .image = out,
                 .subject = subject,
                 .ctx = ctx};
    *out = (tmoi_image){0};
    d.jpeg.err = jpeg_std_error(&d.errors);
    d.jpeg.client_data = &d;
    d.errors.error_exit = on_error;
    d.errors.emit_message = on_message;
    decode(&d);
    jpeg_destroy_decompress(&d.jpeg);
    if (ctx->error.status != TMO_STATUS_OK) {
        tmoi_release(&ctx->allocator, out->pixels);
        *out = (tmoi_image){0};
    }
    return ctx->error.status;
}
