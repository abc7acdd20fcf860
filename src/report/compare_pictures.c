/* Samples of the data set as small PNG pictures in base64, for a page of HTML. */
#include <string.h>
#include <zlib.h>

#include "report/compare.h"
#include "report/values.h"

/* ---- PNG (ISO/IEC 15948): signature, IHDR, one IDAT, IEND ---- */

static void put_be32(uint8_t *out, uint32_t value)
{
    for (int k = 0; k < 4; k++) out[k] = (uint8_t)(value >> (24 - 8 * k));
}

/* Writes one chunk; returns its end. */
static uint8_t *put_chunk(uint8_t *out, const char *type, const uint8_t *data, uint32_t bytes)
{
    put_be32(out, bytes);
    memcpy(out + 4, type, 4);
    if (bytes) memcpy(out + 8, data, bytes);
    put_be32(out + 8 + bytes, (uint32_t)crc32(0, out + 4, bytes + 4));
    return out + 12 + bytes;
}

/* `rows` holds height rows of 1 + width * channels bytes, the first one 0 (no filter). */
static tmo_status encode_png(uint8_t **out, size_t *out_bytes, const uint8_t *rows,
                             const tmoi_shown_picture *picture, int32_t channels, tmoi_ctx *ctx)
{
    static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    uLong raw_bytes = (uLong)picture->height * ((uLong)picture->width * (uLong)channels + 1);
    uLong packed_bytes = compressBound(raw_bytes);
    uint8_t header[13] = {0}, *packed = NULL, *at;
    *out = NULL;
    TMO_TRY(tmoi_new(ctx, &packed, packed_bytes));
    TMO_TRY(tmoi_new(ctx, out, packed_bytes + 64));
    TMO_FAIL_IF(compress2(packed, &packed_bytes, rows, raw_bytes, 9) != Z_OK, OUT_OF_MEMORY, ctx,
                "no memory to compress a picture");
    put_be32(header, (uint32_t)picture->width);
    put_be32(header + 4, (uint32_t)picture->height);
    header[8] = 8;
    header[9] = channels == 3 ? 2 : 0;
    memcpy(*out, signature, sizeof signature);
    at = put_chunk(*out + sizeof signature, "IHDR", header, sizeof header);
    at = put_chunk(at, "IDAT", packed, (uint32_t)packed_bytes);
    at = put_chunk(at, "IEND", NULL, 0);
    *out_bytes = (size_t)(at - *out);
fail:
    tmoi_release(&ctx->allocator, packed);
    return ctx->error.status;
}

static void encode_base64(char *out, const uint8_t *data, size_t bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t k = 0; k < bytes; k += 3) {
        uint32_t group = (uint32_t)data[k] << 16;
        if (k + 1 < bytes) group |= (uint32_t)data[k + 1] << 8;
        if (k + 2 < bytes) group |= data[k + 2];
        *out++ = digits[group >> 18];
        *out++ = digits[group >> 12 & 63];
        *out++ = k + 1 < bytes ? digits[group >> 6 & 63] : '=';
        *out++ = k + 2 < bytes ? digits[group & 63] : '=';
    }
    *out = 0;
}

/* ---- choosing and drawing ---- */

enum { MAX_SIDE = 512 };

/* Height, width and 1 or 3 channels of an input [1,H,W,C], [H,W,C], [1,H,W] or [H,W]. */
static bool picture_size(const tmoi_shape *shape, int32_t *height, int32_t *width, int32_t *channels)
{
    int32_t begin = shape->rank > 2 && shape->dims[0] == 1, rank = shape->rank - begin;
    if (rank < 2 || rank > 3) return false;
    *height = shape->dims[begin];
    *width = shape->dims[begin + 1];
    *channels = rank == 3 ? shape->dims[begin + 2] : 1;
    return *height > 1 && *width > 1 && *height <= MAX_SIDE && *width <= MAX_SIDE &&
           (*channels == 1 || *channels == 3);
}

/* Stretches the values to 0 … 255, in rows as PNG has them. */
static void draw(uint8_t *rows, const float *values, int32_t height, int32_t row_values)
{
    int64_t count = (int64_t)height * row_values;
    float low = values[0], high = values[0];
    for (int64_t k = 0; k < count; k++) {
        if (values[k] < low) low = values[k];
        if (values[k] > high) high = values[k];
    }
    float scale = high > low ? 255.0f / (high - low) : 0.0f;
    for (int32_t y = 0; y < height; y++) {
        uint8_t *row = rows + (size_t)y * ((size_t)row_values + 1);
        for (int32_t x = 0; x < row_values; x++)
            row[1 + x] = (uint8_t)(scale * (values[(int64_t)y * row_values + x] - low) + 0.5f);
    }
}

/* Draws what lies in the session's first input. */
static tmo_status take_picture(tmoi_shown_picture *picture, tmo_comparison *comparison,
                               const tmoi_value *value, tmoi_ctx *ctx)
{
    int32_t channels = 1;
    uint8_t *rows = NULL, *png = NULL;
    float *values = NULL;
    char *text;
    size_t png_bytes;
    (void)picture_size(&value->shape, &picture->height, &picture->width, &channels);
    int64_t count = tmoi_shape_count(&value->shape);
    TMO_TRY(tmoi_new(ctx, &values, (size_t)count));
    TMO_TRY(tmoi_new(ctx, &rows, (size_t)(count + picture->height)));
    tmoi_real_values(&(tmoi_elements){value->type, value->data, &value->shape, value->quant}, 0, count,
                     values);
    draw(rows, values, picture->height, picture->width * channels);
    TMO_TRY(encode_png(&png, &png_bytes, rows, picture, channels, ctx));
    TMO_TRY(tmoi_arena_new(&comparison->arena, &text, png_bytes / 3 * 4 + 8, ctx));
    encode_base64(text, png, png_bytes);
    picture->png = text;
fail:
    tmoi_release(&ctx->allocator, values);
    tmoi_release(&ctx->allocator, rows);
    tmoi_release(&ctx->allocator, png);
    return ctx->error.status;
}

/* True when all models predict the same, and the label if there is one. */
static bool is_clear(const tmo_comparison *comparison, const tmoi_score *scores, uint64_t sample)
{
    const tmoi_score *first = &scores[sample];
    if (first->label >= 0 && !first->is_right) return false;
    for (int32_t m = 1; m < comparison->contender_count; m++)
        if (scores[(uint64_t)m * comparison->samples + sample].predicted != first->predicted) return false;
    return true;
}

/* Half of the pictures, at most, are unclear ones; `chosen` has room for `wanted`. */
static int32_t choose(const tmo_comparison *comparison, const tmoi_score *scores, int32_t wanted,
                      uint64_t *chosen)
{
    int32_t count = 0;
    for (uint64_t k = 0; k < comparison->samples && count < wanted / 2; k++)
        if (!is_clear(comparison, scores, k)) chosen[count++] = k;
    for (uint64_t k = 0; k < comparison->samples && count < wanted; k++)
        if (is_clear(comparison, scores, k)) chosen[count++] = k;
    return count;
}

static tmo_status note_predictions(tmoi_shown_picture *picture, tmo_comparison *comparison,
                                   const tmoi_score *scores, uint64_t sample, tmoi_ctx *ctx)
{
    int32_t *predicted;
    TMO_TRY(tmoi_arena_new(&comparison->arena, &predicted, (size_t)comparison->contender_count, ctx));
    for (int32_t m = 0; m < comparison->contender_count; m++)
        predicted[m] = scores[(uint64_t)m * comparison->samples + sample].predicted;
    picture->label = scores[sample].label;
    picture->predicted = predicted;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_compare_pictures(tmo_comparison *comparison, const tmoi_compare_config *config,
                                 const tmoi_score *scores, tmoi_ctx *ctx)
{
    tmoi_session_config session_config = {.cpu = config->score.cpu};
    tmoi_session *session = NULL;
    uint64_t *chosen = NULL;
    int32_t height, width, channels, label, wanted = config->options->pictures;
    const tmoi_scored_model *model = &config->models[0];
    if (tmoi_dataset_input_count(model->dataset) != 1 || wanted <= 0 ||
        !picture_size(tmoi_dataset_shape(model->dataset, 0), &height, &width, &channels))
        return TMO_STATUS_OK;
    TMO_TRY(tmoi_new(ctx, &chosen, (size_t)wanted));
    TMO_TRY(tmoi_arena_new(&comparison->arena, &comparison->pictures, (size_t)wanted, ctx));
    TMO_TRY(tmoi_scored_session(&session, model, &session_config, ctx));
    int32_t count = choose(comparison, scores, wanted, chosen);
    for (int32_t k = 0; k < count; k++) {
        tmoi_shown_picture *picture = &comparison->pictures[k];
        TMO_TRY(tmoi_scored_fill(session, model, (int64_t)chosen[k], NULL, &label, ctx));
        TMO_TRY(take_picture(picture, comparison, tmoi_session_input(session, 0), ctx));
        TMO_TRY(note_predictions(picture, comparison, scores, chosen[k], ctx));
        comparison->picture_count++;
    }
fail:
    tmoi_session_free(session);
    tmoi_release(&ctx->allocator, chosen);
    return ctx->error.status;
}
