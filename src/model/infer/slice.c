/* Shapes of SLICE, STRIDED_SLICE and DYNAMIC_UPDATE_SLICE. */
#include "model/infer/slice.h"

tmo_status tmoi_slice_resolve(const tmoi_shape *in, const tmoi_infer_input *begin,
                              const tmoi_infer_input *size, tmoi_slice_spec *spec, tmoi_ctx *ctx)
{
    *spec = (tmoi_slice_spec){.rank = in->rank};
    for (int32_t k = 0; k < in->rank; k++) {
        int64_t first = tmoi_infer_value(begin, k), count = tmoi_infer_value(size, k), dim = in->dims[k];
        TMO_FAIL_IF(first < 0 || first > dim, INVALID_MODEL, ctx,
                    "begin %lld is out of range for dimension %d of size %d", (long long)first, (int)k,
                    (int)dim);
        if (count == -1) count = dim - first;
        TMO_FAIL_IF(count < 0 || count > dim - first, INVALID_MODEL, ctx,
                    "%lld elements from %lld are out of range for dimension %d of size %d", (long long)count,
                    (long long)first, (int)k, (int)dim);
        spec->begin[k] = (int32_t)first;
        spec->stride[k] = 1;
        spec->count[k] = (int32_t)count;
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_slice(tmoi_infer *infer, tmoi_ctx *ctx)
{
    tmoi_slice_spec spec;
    TMO_TRY(tmoi_infer_arity(infer, 3, 3, 3, 1, ctx));
    TMO_TRY(tmoi_infer_elements(infer, 0, TMOI_T_FIXED, ctx));
    const tmoi_shape *in = &infer->inputs[0].shape;
    TMO_TRY(tmoi_infer_index_vector(infer, 1, in->rank, "begin", ctx));
    TMO_TRY(tmoi_infer_index_vector(infer, 2, in->rank, "size", ctx));
    if (!tmoi_infer_is_known(&infer->inputs[1]) || !tmoi_infer_is_known(&infer->inputs[2])) {
        tmoi_infer_set_dynamic(infer);
        return TMO_STATUS_OK;
    }
    TMO_TRY(tmoi_slice_resolve(in, &infer->inputs[1], &infer->inputs[2], &spec, ctx));
    infer->outputs[0].shape.rank = in->rank;
    for (int32_t k = 0; k < in->rank; k++) infer->outputs[0].shape.dims[k] = spec.count[k];
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
    return value < low ? low : value > high ? high : value;
}

/* One entry of begin, end and stride. */
typedef struct range_entry {
    int64_t begin, end, stride;
    bool from_start, to_end, shrink, relative;
} range_entry;

static tmo_status resolve_range(const range_entry *entry, int32_t dim, int32_t size, tmoi_slice_spec *spec,
                                tmoi_ctx *ctx)
{
    bool forward = entry->stride > 0;
    int64_t low = forward ? 0 : -1, high = forward ? size : (int64_t)size - 1;
    TMO_FAIL_IF(entry->stride == 0 || entry->stride > INT32_MAX || entry->stride < -INT32_MAX, INVALID_MODEL,
                ctx, "stride %lld of dimension %d", (long long)entry->stride, (int)dim);
    int64_t begin = clamp(clamp(entry->begin, INT32_MIN, INT32_MAX) + (entry->begin < 0 ? size : 0), low,
                          high);
    if (entry->from_start) begin = forward ? 0 : high;
    int64_t end = clamp(entry->end, INT32_MIN, INT32_MAX) + (entry->relative ? begin : 0);
    end = clamp(end + (end < 0 ? size : 0), low, high);
    if (entry->to_end) end = forward ? high : low;
    if (entry->shrink) {
        TMO_FAIL_IF(!forward, INVALID_MODEL, ctx, "stride %lld of dimension %d, which goes away",
                    (long long)entry->stride, (int)dim);
        TMO_FAIL_IF(begin >= size, INVALID_MODEL, ctx,
                    "index %lld is out of range for dimension %d of size %d", (long long)entry->begin,
                    (int)dim, (int)size);
        end = begin + 1;
    }
    int64_t count = forward ? (end - begin + entry->stride - 1) / entry->stride
                            : (begin - end - entry->stride - 1) / -entry->stride;
    spec->begin[dim] = (int32_t)begin;
    spec->stride[dim] = (int32_t)entry->stride;
    spec->count[dim] = count < 0 ? 0 : (int32_t)count;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* The output's dimensions before it is known that their number is allowed. */
typedef struct dim_list {
    int32_t count, sizes[2 * TMO_MAX_RANK];
} dim_list;

static void whole_dim(int32_t dim, int32_t size, tmoi_slice_spec *spec, dim_list *out)
{
    spec->begin[dim] = 0;
    spec->stride[dim] = 1;
    spec->count[dim] = size;
    out->sizes[out->count++] = size;
}

/* How many input dimensions the entries name: all but new axes and the ellipsis. */
static int32_t named_dims(const tmoi_fb_strided_slice_options *options, int32_t entries)
{
    int32_t named = 0;
    for (int32_t k = 0; k < entries; k++)
        if (!((options->ellipsis_mask | options->new_axis_mask) >> k & 1)) named++;
    return named;
}

tmo_status tmoi_strided_slice_resolve(const tmoi_fb_strided_slice_options *options, const tmoi_shape *in,
                                      const tmoi_infer_input *begin, const tmoi_infer_input *end,
                                      const tmoi_infer_input *stride, tmoi_slice_spec *spec, tmoi_shape *out,
                                      tmoi_ctx *ctx)
{
    int32_t entries = begin->shape.dims[0], dim = 0;
    dim_list sizes = {0, {0}};
    TMO_FAIL_IF(entries > TMO_MAX_RANK, INVALID_MODEL, ctx, "%d entries, the highest rank is %d",
                (int)entries, TMO_MAX_RANK);
    int32_t open = in->rank - named_dims(options, entries);
    TMO_FAIL_IF(open < 0, INVALID_MODEL, ctx, "%d entries for rank %d", (int)entries, (int)in->rank);
    *spec = (tmoi_slice_spec){.rank = in->rank};
    for (int32_t k = 0; k < entries; k++) {
        if (options->ellipsis_mask >> k & 1) {
            for (; open > 0; open--, dim++) whole_dim(dim, in->dims[dim], spec, &sizes);
            continue;
        }
        if (options->new_axis_mask >> k & 1) {
            sizes.sizes[sizes.count++] = 1;
            continue;
        }
        range_entry entry = {tmoi_infer_value(begin, k),
                             tmoi_infer_value(end, k),
                             tmoi_infer_value(stride, k),
                             options->begin_mask >> k & 1,
                             options->end_mask >> k & 1,
                             options->shrink_axis_mask >> k & 1,
                             options->offset};
        TMO_TRY(resolve_range(&entry, dim, in->dims[dim], spec, ctx));
        if (!entry.shrink) sizes.sizes[sizes.count++] = spec->count[dim];
        dim++;
    }
    for (; dim < in->rank; dim++) whole_dim(dim, in->dims[dim], spec, &sizes);
    TMO_FAIL_IF(sizes.count > TMO_MAX_RANK, INVALID_MODEL, ctx,
                "an output of rank %d, the highest rank is %d", (int)sizes.count, TMO_MAX_RANK);
    out->rank = sizes.count;
    for (int32_t k = 0; k < sizes.count; k++) out->dims[k] = sizes.sizes[k];
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_strided_slice(tmoi_infer *infer, tmoi_ctx *ctx)
{
    const tmoi_fb_strided_slice_options *options = tmoi_op_options(infer->op, strided_slice_options);
    tmoi_slice_spec spec;
    TMO_TRY(tmoi_infer_arity(infer, 4, 4, 4, 1, ctx));
    TMO_TRY(tmoi_infer_elements(infer, 0, TMOI_T_FIXED, ctx));
    TMO_TRY(tmoi_infer_index_vector(infer, 1, -1, "begin", ctx));
    int32_t entries = infer->inputs[1].shape.dims[0];
    TMO_TRY(tmoi_infer_index_vector(infer, 2, entries, "end", ctx));
    TMO_TRY(tmoi_infer_index_vector(infer, 3, entries, "strides", ctx));
    for (int32_t k = 1; k < 4; k++) {
        if (tmoi_infer_is_known(&infer->inputs[k])) continue;
        tmoi_infer_set_dynamic(infer);
        return TMO_STATUS_OK;
    }
    TMO_TRY(tmoi_strided_slice_resolve(options, &infer->inputs[0].shape, &infer->inputs[1], &infer->inputs[2],
                                       &infer->inputs[3], &spec, &infer->outputs[0].shape, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_dynamic_update_slice(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 3, 3, 3, 1, ctx));
    TMO_TRY(tmoi_infer_elements(infer, 0, TMOI_T_BYTES, ctx));
    const tmoi_shape *in = &infer->inputs[0].shape, *update = &infer->inputs[1].shape;
    TMO_TRY(tmoi_infer_index_vector(infer, 2, in->rank, "start indices", ctx));
    bool fits = update->rank == in->rank && infer->inputs[1].type == infer->inputs[0].type;
    for (int32_t k = 0; fits && k < in->rank; k++) fits = update->dims[k] <= in->dims[k];
    TMO_FAIL_IF(!fits, INVALID_MODEL, ctx, "an update %s of type %s does not fit %s of type %s",
                tmoi_shape_format(update).text, tmo_type_name(infer->inputs[1].type),
                tmoi_shape_format(in).text, tmo_type_name(infer->inputs[0].type));
    infer->outputs[0].shape = *in;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
