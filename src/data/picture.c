#include "data/picture.h"

#include <string.h>

#include "base/number.h"

#define MAX_LINE_ELEMS ((size_t)1 << 28) /* of the picture between the two passes of a resampling */

static bool parse_side(const char *text, size_t length, int32_t *out)
{
    int64_t value;
    if (!tmoi_parse_int(text, length, &value) || value < 1 || value > 65536) return false;
    *out = (int32_t)value;
    return true;
}

tmo_status tmoi_resize_parse(tmoi_resize *out, const char *text, tmoi_ctx *ctx)
{
    static const char *const words[] = {"stretch", "crop", "pad"};
    *out = (tmoi_resize){TMOI_RESIZE_STRETCH, 0, 0};
    if (!text || !*text) return TMO_STATUS_OK;
    for (int32_t k = 0; k < 3; k++) {
        if (strcmp(text, words[k]) != 0) continue;
        out->mode = (tmoi_resize_mode)k;
        return TMO_STATUS_OK;
    }
    const char *cross = strchr(text, 'x');
    TMO_FAIL_IF(!cross || !parse_side(text, (size_t)(cross - text), &out->width) ||
                    !parse_side(cross + 1, strlen(cross + 1), &out->height),
                INVALID_ARGUMENT, ctx,
                "resize must be stretch, crop, pad or WIDTHxHEIGHT with sides in [1, 65536], got '%s'", text);
    out->mode = TMOI_RESIZE_SIZE;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static bool is_channels(int32_t dim)
{
    return dim == 1 || dim == 3 || dim == -1;
}

/* Finds the dimensions of a shape that are height, width and channels (-1: has none). */
static bool find_axes(const tmoi_shape *shape, int32_t *height, int32_t *width, int32_t *channels)
{
    int32_t first = 0, rank = shape->rank;
    bool is_batch_like = rank > 0 && (shape->dims[0] == 1 || shape->dims[0] == -1);
    if (rank == 4) {
        if (!is_batch_like) return false;
        first = 1;
        rank = 3;
    }
    const int32_t *dims = shape->dims + first;
    *channels = -1;
    *height = first;
    *width = first + 1;
    if (rank == 2) return !is_batch_like;
    if (rank != 3) return false;
    if (is_channels(dims[2])) {
        *channels = first + 2;
        return true;
    }
    if (!is_channels(dims[0])) return false;
    *height = first + 1;
    *width = first + 2;
    if (first == 1 || !is_batch_like) *channels = first;
    return true;
}

bool tmoi_picture_format_of(tmoi_picture_format *out, tmoi_shape *resolved, const tmoi_shape *shape,
                            const tmoi_resize *resize, int32_t own_width, int32_t own_height)
{
    int32_t height, width, channels;
    if (!find_axes(shape, &height, &width, &channels)) return false;
    *resolved = *shape;
    int32_t *dims = resolved->dims;
    bool has_size = resize->mode == TMOI_RESIZE_SIZE;
    if (dims[width] < 0) dims[width] = has_size ? resize->width : own_width;
    if (dims[height] < 0) dims[height] = has_size ? resize->height : own_height;
    if (channels >= 0 && dims[channels] < 0) dims[channels] = 3;
    if (dims[0] < 0) dims[0] = 1;
    *out = (tmoi_picture_format){.width = dims[width], .height = dims[height], .channels = 1};
    if (channels >= 0) {
        out->channels = dims[channels];
        out->is_planar = channels < width;
    }
    bool fits = !has_size || (out->width <= resize->width && out->height <= resize->height);
    return fits && out->width > 0 && out->height > 0;
}

/* How the outputs of one axis look at the inputs: output i (of `count`, starting at `first` of the whole
 * line) at start + (i + 0.5) * step. */
typedef struct axis {
    double start, step;
    int32_t first, count, in_count;
} axis;

/* The weights of one axis: output i sums weights[i * taps + k] * in[begin[i] + k] over k < length[i]. */
typedef struct filter {
    int32_t taps;
    int32_t *begin, *length;
    float *weights;
} filter;

static void filter_release(filter *f, const tmo_allocator *allocator)
{
    tmoi_release(allocator, f->begin);
    tmoi_release(allocator, f->length);
    tmoi_release(allocator, f->weights);
}

/* Fills the weights of one output; returns how many there are. */
static int32_t weigh(const axis *a, double center, double support, int32_t *begin, float *weights)
{
    double sum = 0.0;
    int32_t low = center - support + 0.5 > 0.0 ? (int32_t)(center - support + 0.5) : 0;
    int32_t high = center + support + 0.5 < (double)a->in_count ? (int32_t)(center + support + 0.5)
                                                                : a->in_count;
    if (low > a->in_count - 1) low = a->in_count - 1;
    if (high <= low) high = low + 1;
    for (int32_t j = low; j < high; j++) {
        double distance = ((double)j + 0.5 - center) / support;
        double weight = 1.0 - (distance < 0.0 ? -distance : distance);
        weights[j - low] = weight > 0.0 ? (float)weight : 0.0f;
        sum += weight > 0.0 ? weight : 0.0;
    }
    if (sum <= 0.0) weights[0] = 1.0f;
    for (int32_t j = low; j < high && sum > 0.0; j++)
        weights[j - low] = (float)((double)weights[j - low] / sum);
    *begin = low;
    return high - low;
}

static tmo_status filter_make(filter *f, const axis *a, tmoi_ctx *ctx)
{
    double support = a->step > 1.0 ? a->step : 1.0;
    size_t weights;
    f->taps = (int32_t)(2.0 * support + 3.0);
    TMO_FAIL_IF(!tmoi_mul_size((size_t)f->taps, (size_t)a->count, &weights), LIMIT, ctx,
                "the picture is too large");
    TMO_TRY(tmoi_new(ctx, &f->begin, (size_t)a->count));
    TMO_TRY(tmoi_new(ctx, &f->length, (size_t)a->count));
    TMO_TRY(tmoi_new(ctx, &f->weights, weights));
    for (int32_t i = 0; i < a->count; i++) {
        double center = a->start + ((double)i + 0.5) * a->step;
        f->length[i] = weigh(a, center, support, &f->begin[i], f->weights + (ptrdiff_t)i * f->taps);
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* Where the `out` outputs along one axis lie in the `in` inputs. size: of the axis, for TMOI_RESIZE_SIZE;
 * zoom: input pixels an output pixel that both axes share, for crop and pad. */
static axis make_axis(const tmoi_resize *resize, int32_t in, int32_t out, int32_t size, double zoom)
{
    axis a = {.step = (double)in / (double)out, .count = out, .in_count = in};
    if (resize->mode == TMOI_RESIZE_SIZE) {
        a.step = (double)in / (double)size;
        a.start = (double)((size - out) / 2) * a.step;
    } else if (resize->mode == TMOI_RESIZE_CROP) {
        a.step = zoom;
        a.start = ((double)in - (double)out * zoom) / 2.0;
    } else if (resize->mode == TMOI_RESIZE_PAD) {
        int32_t used = (int32_t)((double)in / zoom + 0.5);
        a.count = used < 1 ? 1 : used > out ? out : used;
        a.first = (out - a.count) / 2;
        a.step = (double)in / (double)a.count;
    }
    return a;
}

typedef struct resampling {
    const tmoi_array *picture;
    int32_t in_w, in_h, in_c;
    axis x, y;
    filter fx, fy;
    float *row;   /* one input row: [in_w, max(in_c, channels)] */
    float *lines; /* input rows after the horizontal pass: [in_h, x.count, channels] */
} resampling;

/* Input row `y` as floats with `channels` channels. */
static void load_row(const resampling *r, int32_t y, int32_t channels, float *out)
{
    tmoi_array row = tmoi_array_item(r->picture, y);
    tmoi_array_load_f32(&row, out);
    if (channels == r->in_c) return;
    if (channels == 1) {
        for (int32_t x = 0; x < r->in_w; x++)
            out[x] = 0.299f * out[3 * x] + 0.587f * out[3 * x + 1] + 0.114f * out[3 * x + 2];
        return;
    }
    for (int32_t x = r->in_w - 1; x >= 0; x--) out[3 * x] = out[3 * x + 1] = out[3 * x + 2] = out[x];
}

static void filter_row(const resampling *r, int32_t channels, float *out)
{
    const filter *f = &r->fx;
    for (int32_t i = 0; i < r->x.count; i++) {
        const float *weights = f->weights + (ptrdiff_t)i * f->taps;
        for (int32_t c = 0; c < channels; c++) {
            const float *in = r->row + (ptrdiff_t)f->begin[i] * channels + c;
            float sum = 0.0f;
            for (int32_t k = 0; k < f->length[i]; k++) sum += weights[k] * in[(ptrdiff_t)k * channels];
            out[(ptrdiff_t)i * channels + c] = sum;
        }
    }
}

/* Output element (y, x, c) of a picture. */
static float *place(const tmoi_picture_format *f, float *out, int32_t y, int32_t x, int32_t c)
{
    if (f->is_planar) return out + ((ptrdiff_t)c * f->height + y) * f->width + x;
    return out + ((ptrdiff_t)y * f->width + x) * f->channels + c;
}

static void filter_columns(const resampling *r, const tmoi_picture_format *format, float *out)
{
    const filter *f = &r->fy;
    int32_t channels = format->channels;
    ptrdiff_t line = (ptrdiff_t)r->x.count * channels;
    for (int32_t i = 0; i < r->y.count; i++) {
        const float *weights = f->weights + (ptrdiff_t)i * f->taps;
        const float *top = r->lines + (ptrdiff_t)f->begin[i] * line;
        for (int32_t at = 0; at < line; at++) {
            float sum = 0.0f;
            for (int32_t k = 0; k < f->length[i]; k++) sum += weights[k] * top[k * line + at];
            *place(format, out, r->y.first + i, r->x.first + at / channels, at % channels) = sum;
        }
    }
}

static void copy_rows(const resampling *r, const tmoi_picture_format *format, float *out)
{
    for (int32_t y = 0; y < r->in_h; y++) {
        load_row(r, y, format->channels, r->row);
        for (int32_t x = 0; x < r->in_w; x++)
            for (int32_t c = 0; c < format->channels; c++)
                *place(format, out, y, x, c) = r->row[(ptrdiff_t)x * format->channels + c];
    }
}

static tmo_status resample(resampling *r, const tmoi_picture_format *format, float *out, tmoi_ctx *ctx)
{
    size_t line = (size_t)r->x.count * (size_t)format->channels, elems;
    TMO_FAIL_IF(!tmoi_mul_size(line, (size_t)r->in_h, &elems) || elems > MAX_LINE_ELEMS, LIMIT, ctx,
                "a picture of %dx%d pixels is too large to resample", (int)r->in_w, (int)r->in_h);
    TMO_TRY(filter_make(&r->fx, &r->x, ctx));
    TMO_TRY(filter_make(&r->fy, &r->y, ctx));
    TMO_TRY(tmoi_new(ctx, &r->lines, elems));
    int32_t last = r->y.count - 1;
    for (int32_t y = r->fy.begin[0]; y < r->fy.begin[last] + r->fy.length[last]; y++) {
        load_row(r, y, format->channels, r->row);
        filter_row(r, format->channels, r->lines + (size_t)y * line);
    }
    if (r->y.count < format->height || r->x.count < format->width)
        memset(out, 0,
               (size_t)format->width * (size_t)format->height * (size_t)format->channels * sizeof *out);
    filter_columns(r, format, out);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_picture_fit(const tmoi_array *picture, const tmoi_picture_format *format,
                            const tmoi_resize *resize, float *out, tmoi_ctx *ctx)
{
    const int32_t *dims = picture->shape.dims;
    resampling r = {.picture = picture, .in_h = dims[0], .in_w = dims[1], .in_c = 1};
    if (picture->shape.rank == 3) r.in_c = dims[2];
    int32_t row_channels = r.in_c > format->channels ? r.in_c : format->channels;
    double zoom_x = (double)r.in_w / (double)format->width, zoom_y = (double)r.in_h / (double)format->height;
    double zoom = (zoom_x < zoom_y) == (resize->mode == TMOI_RESIZE_CROP) ? zoom_x : zoom_y;
    r.x = make_axis(resize, r.in_w, format->width, resize->width, zoom);
    r.y = make_axis(resize, r.in_h, format->height, resize->height, zoom);
    bool is_same = r.in_w == format->width && r.in_h == format->height && r.x.step == 1.0 && r.y.step == 1.0;
    TMO_TRY(tmoi_new(ctx, &r.row, (size_t)r.in_w * (size_t)row_channels));
    if (is_same)
        copy_rows(&r, format, out);
    else
        TMO_TRY(resample(&r, format, out, ctx));
fail:
    filter_release(&r.fx, &ctx->allocator);
    filter_release(&r.fy, &ctx->allocator);
    tmoi_release(&ctx->allocator, r.row);
    tmoi_release(&ctx->allocator, r.lines);
    return ctx->error.status;
}
