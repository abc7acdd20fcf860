#include "data/feed.h"

#include <math.h>
#include <string.h>

#include "base/fp16.h"

static bool is_float(tmo_type type)
{
    return type == TMO_TYPE_FLOAT32 || type == TMO_TYPE_FLOAT16 || type == TMO_TYPE_BFLOAT16 ||
           type == TMO_TYPE_FLOAT64;
}

bool tmoi_feed_is_float(const tmoi_feed *feed)
{
    return is_float(feed->type);
}

/* The range of an integer type, as far as int64 goes; false for other types. */
static bool integer_range(tmo_type type, int64_t *low, int64_t *high)
{
    *low = 0;
    switch (type) {
    case TMO_TYPE_BOOL: *high = 1; return true;
    case TMO_TYPE_UINT8: *high = UINT8_MAX; return true;
    case TMO_TYPE_UINT16: *high = UINT16_MAX; return true;
    case TMO_TYPE_UINT32: *high = UINT32_MAX; return true;
    case TMO_TYPE_UINT64: *high = INT64_MAX; return true;
    case TMO_TYPE_INT8:
        *low = INT8_MIN;
        *high = INT8_MAX;
        return true;
    case TMO_TYPE_INT16:
        *low = INT16_MIN;
        *high = INT16_MAX;
        return true;
    case TMO_TYPE_INT32:
        *low = INT32_MIN;
        *high = INT32_MAX;
        return true;
    case TMO_TYPE_INT64:
        *low = INT64_MIN;
        *high = INT64_MAX;
        return true;
    default: return false;
    }
}

tmo_status tmoi_feed_check_type(const tmoi_feed *feed, tmoi_ctx *ctx)
{
    int64_t low, high;
    TMO_FAIL_IF(!is_float(feed->type) && !integer_range(feed->type, &low, &high), UNSUPPORTED_DATA, ctx,
                "input '%s': data sets cannot feed type %s", feed->name, tmo_type_name(feed->type));
    TMO_FAIL_IF(!isfinite(feed->scale) || feed->scale < 0.0f, INVALID_ARGUMENT, ctx,
                "input '%s': quantization scale must be a positive number, got %g", feed->name,
                (double)feed->scale);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* ---- matching shapes ---- */

tmo_status tmoi_feed_set_shape(tmoi_feed *feed, const tmoi_shape *shape, tmoi_ctx *ctx)
{
    int64_t count;
    TMO_FAIL_IF(!tmoi_shape_count_checked(shape, &count) || count < 1, INVALID_DATA, ctx,
                "input '%s': cannot feed shape %s", feed->name, tmoi_shape_format(shape).text);
    feed->shape = *shape;
    feed->elem_count = count;
    feed->size_bytes = tmoi_type_bytes(feed->type, count);
    feed->channel_count = shape->rank ? shape->dims[shape->rank - 1] : 1;
    feed->default_scale = 1.0f;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmoi_shape without_ones(const tmoi_shape *shape)
{
    tmoi_shape out = {0};
    for (int32_t k = 0; k < shape->rank; k++)
        if (shape->dims[k] != 1) out.dims[out.rank++] = shape->dims[k];
    return out;
}

static bool has_free_dim(const tmoi_shape *shape)
{
    for (int32_t k = 0; k < shape->rank; k++)
        if (shape->dims[k] < 0) return true;
    return false;
}

/* The model's shape with its free dimensions taken from an array, which may lack the leading batch; false
 * when they do not go together. */
static bool resolve(const tmoi_shape *model, const tmoi_shape *item, tmoi_shape *out)
{
    int32_t skipped = model->rank - item->rank;
    if (skipped < 0 || skipped > 1 || (skipped == 1 && model->dims[0] > 1)) return false;
    *out = *model;
    if (skipped) out->dims[0] = 1;
    for (int32_t k = 0; k < item->rank; k++) {
        if (model->dims[k + skipped] >= 0 && model->dims[k + skipped] != item->dims[k]) return false;
        out->dims[k + skipped] = item->dims[k];
    }
    return true;
}

/* A batch that is the only free dimension is 1. */
static tmoi_shape with_batch_of_one(const tmoi_shape *shape)
{
    tmoi_shape out = *shape;
    if (out.rank > 1 && out.dims[0] == -1) out.dims[0] = 1;
    return out;
}

static bool match(const tmoi_feed *feed, const tmoi_shape *item, tmoi_shape *out)
{
    *out = with_batch_of_one(&feed->model_shape);
    if (has_free_dim(out)) return resolve(&feed->model_shape, item, out);
    tmoi_shape a = without_ones(out), b = without_ones(item);
    if (tmoi_shape_equal(&a, &b)) return true;
    return (a.rank <= 1 || b.rank <= 1) && tmoi_shape_count(&a) == tmoi_shape_count(&b);
}

bool tmoi_feed_accepts(const tmoi_feed *feed, const tmoi_shape *item)
{
    tmoi_shape shape;
    return match(feed, item, &shape);
}

tmo_status tmoi_feed_match_array(tmoi_feed *feed, tmo_type type, const tmoi_shape *item, const char *subject,
                                 tmoi_ctx *ctx)
{
    tmoi_shape shape;
    TMO_FAIL_IF(!match(feed, item, &shape), INVALID_DATA, ctx,
                "input '%s' takes shape %s; a sample of '%s' has shape %s", feed->name,
                tmoi_shape_format(&feed->model_shape).text, subject, tmoi_shape_format(item).text);
    TMO_TRY(tmoi_feed_set_shape(feed, &shape, ctx));
    feed->is_picture = false;
    feed->is_stored = tmoi_feed_is_quantized(feed) && type == feed->type;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_feed_match_picture(tmoi_feed *feed, const tmoi_resize *resize, int32_t width, int32_t height,
                                   float default_scale, tmoi_ctx *ctx)
{
    tmoi_shape shape;
    tmoi_picture_format format;
    TMO_FAIL_IF(!tmoi_picture_format_of(&format, &shape, &feed->model_shape, resize, width, height),
                INVALID_DATA, ctx,
                resize->mode == TMOI_RESIZE_SIZE
                    ? "input '%s' of shape %s takes no picture of the given resize, or a larger one"
                    : "input '%s' of shape %s takes no picture; free sizes need a resize to WIDTHxHEIGHT",
                feed->name, tmoi_shape_format(&feed->model_shape).text);
    TMO_TRY(tmoi_feed_set_shape(feed, &shape, ctx));
    feed->is_picture = true;
    feed->picture = format;
    feed->channel_count = format.channels;
    feed->default_scale = is_float(feed->type) || tmoi_feed_is_quantized(feed) ? default_scale : 1.0f;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* ---- normalization ---- */

tmo_status tmoi_feed_check_normalization(const tmoi_feed *feed, const tmoi_normalization *how, tmoi_ctx *ctx)
{
    const char *const names[] = {"scale", "mean", "std"};
    const int32_t counts[] = {how->scale_count, how->mean_count, how->std_count};
    for (int32_t k = 0; k < 3; k++)
        TMO_FAIL_IF(counts[k] > 1 && counts[k] != feed->channel_count, INVALID_ARGUMENT, ctx,
                    "%s must have 1 number or the %d of the channels of input '%s', got %d", names[k],
                    (int)feed->channel_count, feed->name, (int)counts[k]);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static float pick(const float *list, int32_t count, int32_t channel, float fallback)
{
    return count == 0 ? fallback : list[count == 1 ? 0 : channel];
}

static void normalize(const tmoi_feed *feed, const tmoi_normalization *how, float *values)
{
    int64_t channels = feed->channel_count, outer = feed->elem_count / channels;
    bool is_planar = feed->is_picture && feed->picture.is_planar;
    int64_t step = is_planar ? 1 : channels, jump = is_planar ? outer : 1;
    for (int32_t c = 0; c < feed->channel_count; c++) {
        float scale = pick(how->scale, how->scale_count, c, feed->default_scale);
        float mean = pick(how->mean, how->mean_count, c, 0.0f), std = pick(how->std, how->std_count, c, 1.0f);
        if (scale == 1.0f && mean == 0.0f && std == 1.0f) continue;
        float *x = values + c * jump;
        for (int64_t k = 0; k < outer; k++) x[k * step] = (x[k * step] * scale - mean) / std;
    }
}

/* ---- storing ---- */

static void store_integer(void *out, int64_t k, tmo_type type, int64_t value)
{
    switch (type) {
    case TMO_TYPE_INT8: ((int8_t *)out)[k] = (int8_t)value; break;
    case TMO_TYPE_INT16: ((int16_t *)out)[k] = (int16_t)value; break;
    case TMO_TYPE_INT32: ((int32_t *)out)[k] = (int32_t)value; break;
    case TMO_TYPE_INT64: ((int64_t *)out)[k] = value; break;
    case TMO_TYPE_UINT16: ((uint16_t *)out)[k] = (uint16_t)value; break;
    case TMO_TYPE_UINT32: ((uint32_t *)out)[k] = (uint32_t)value; break;
    case TMO_TYPE_UINT64: ((uint64_t *)out)[k] = (uint64_t)value; break;
    default: ((uint8_t *)out)[k] = (uint8_t)value; break;
    }
}

static int64_t quantize(const tmoi_feed *feed, float value, int64_t low, int64_t high)
{
    float steps = roundf(value / feed->scale);
    if (!(steps > -0x1p62f)) return low;
    if (steps > 0x1p62f) return high;
    int64_t stored = (int64_t)steps + feed->zero_point;
    return stored < low ? low : stored > high ? high : stored;
}

static tmo_status store_floats(const tmoi_feed *feed, const float *values, const char *subject, void *out,
                               tmoi_ctx *ctx)
{
    for (int64_t k = 0; k < feed->elem_count; k++) {
        uint16_t half;
        switch (feed->type) {
        case TMO_TYPE_FLOAT64: ((double *)out)[k] = (double)values[k]; break;
        case TMO_TYPE_BFLOAT16: ((uint16_t *)out)[k] = tmoi_bf16_from_float(values[k]); break;
        default:
            half = tmoi_fp16_from_float(values[k]);
            TMO_FAIL_IF((half & 0x7c00u) == 0x7c00u, INVALID_DATA, ctx,
                        "%s: %g at element %lld of input '%s' is too large for float16", subject,
                        (double)values[k], (long long)k, feed->name);
            ((uint16_t *)out)[k] = half;
        }
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status store_integers(const tmoi_feed *feed, const float *values, const char *subject, void *out,
                                 tmoi_ctx *ctx)
{
    int64_t low = 0, high = 0;
    (void)integer_range(feed->type, &low, &high);
    for (int64_t k = 0; k < feed->elem_count; k++) {
        float rounded = roundf(values[k]);
        TMO_FAIL_IF((double)rounded < (double)low || (double)rounded > (double)high || rounded >= 0x1p63f,
                    INVALID_DATA, ctx, "%s: %g at element %lld does not fit input '%s' of type %s", subject,
                    (double)values[k], (long long)k, feed->name, tmo_type_name(feed->type));
        store_integer(out, k, feed->type, (int64_t)rounded);
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status store(const tmoi_feed *feed, const float *values, const char *subject, void *out,
                        tmoi_ctx *ctx)
{
    int64_t low, high;
    if (feed->type == TMO_TYPE_FLOAT32) return TMO_STATUS_OK;
    if (is_float(feed->type)) return store_floats(feed, values, subject, out, ctx);
    if (!tmoi_feed_is_quantized(feed)) return store_integers(feed, values, subject, out, ctx);
    (void)integer_range(feed->type, &low, &high);
    for (int64_t k = 0; k < feed->elem_count; k++)
        store_integer(out, k, feed->type, quantize(feed, values[k], low, high));
    return TMO_STATUS_OK;
}

/* ---- one sample ---- */

/* Integers that are no pictures pass without a detour over float. */
static tmo_status fill_exact(const tmoi_feed *feed, const tmoi_array *item, const char *subject, void *out,
                             tmoi_ctx *ctx)
{
    int64_t *values = NULL, low, high;
    (void)integer_range(feed->type, &low, &high);
    TMO_TRY(tmoi_new(ctx, &values, (size_t)feed->elem_count));
    int64_t bad = tmoi_array_load_i64(item, values);
    for (int64_t k = 0; k < feed->elem_count && bad < 0; k++) {
        if (values[k] < low || values[k] > high)
            bad = k;
        else
            store_integer(out, k, feed->type, values[k]);
    }
    TMO_FAIL_IF(bad >= 0, INVALID_DATA, ctx,
                "%s: element %lld is no number that input '%s' of type %s can hold", subject, (long long)bad,
                feed->name, tmo_type_name(feed->type));
fail:
    tmoi_release(&ctx->allocator, values);
    return ctx->error.status;
}

static tmo_status check_finite(const tmoi_feed *feed, const float *values, const char *subject, tmoi_ctx *ctx)
{
    for (int64_t k = 0; k < feed->elem_count; k++)
        TMO_FAIL_IF(!isfinite(values[k]), NOT_FINITE, ctx, "%s: %s at element %lld of input '%s'", subject,
                    isnan(values[k]) ? "NaN" : "infinity", (long long)k, feed->name);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_feed_fill(const tmoi_feed *feed, const tmoi_normalization *how, const tmoi_resize *resize,
                          const tmoi_array *item, const char *subject, void *out, tmoi_ctx *ctx)
{
    float *scratch = NULL, *values = out;
    bool is_plain_integer = !is_float(feed->type) && !tmoi_feed_is_quantized(feed);
    if (feed->is_stored) {
        tmoi_array_load_raw(item, out);
        return TMO_STATUS_OK;
    }
    if (is_plain_integer && !feed->is_picture) return fill_exact(feed, item, subject, out, ctx);
    if (feed->type != TMO_TYPE_FLOAT32) {
        TMO_TRY(tmoi_new(ctx, &scratch, (size_t)feed->elem_count));
        values = scratch;
    }
    if (feed->is_picture)
        TMO_TRY(tmoi_picture_fit(item, &feed->picture, resize, values, ctx));
    else
        tmoi_array_load_f32(item, values);
    TMO_TRY(check_finite(feed, values, subject, ctx));
    normalize(feed, how, values);
    TMO_TRY(check_finite(feed, values, subject, ctx));
    TMO_TRY(store(feed, values, subject, out, ctx));
fail:
    tmoi_release(&ctx->allocator, scratch);
    return ctx->error.status;
}
