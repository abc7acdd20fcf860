#include "data/idx.h"

#include <string.h>

static const struct {
    uint8_t code;
    tmo_type type;
} types[] = {
    {0x08, TMO_TYPE_UINT8}, {0x09, TMO_TYPE_INT8},    {0x0b, TMO_TYPE_INT16},
    {0x0c, TMO_TYPE_INT32}, {0x0d, TMO_TYPE_FLOAT32}, {0x0e, TMO_TYPE_FLOAT64},
};
#define TYPE_COUNT (sizeof types / sizeof types[0])

static bool machine_is_little(void)
{
    const uint16_t one = 1;
    uint8_t first;
    memcpy(&first, &one, 1);
    return first == 1;
}

static uint32_t read_be32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | (uint32_t)at[3];
}

static tmo_status parse_dims(tmoi_shape *shape, const uint8_t *data, size_t size_bytes, const char *subject,
                             tmoi_ctx *ctx)
{
    shape->rank = data[3];
    TMO_FAIL_IF(shape->rank < 1 || shape->rank > TMO_MAX_RANK, UNSUPPORTED_DATA, ctx,
                "'%s': %d dimensions; an IDX file must have 1 to %d", subject, (int)shape->rank,
                TMO_MAX_RANK);
    TMO_FAIL_IF(size_bytes < 4 + 4 * (size_t)shape->rank, INVALID_DATA, ctx, "'%s': ends in the IDX header",
                subject);
    for (int32_t k = 0; k < shape->rank; k++) {
        uint32_t dim = read_be32(data + 4 + 4 * k);
        TMO_FAIL_IF(dim > INT32_MAX, INVALID_DATA, ctx, "'%s': dimension %d is %u, at most %d is allowed",
                    subject, (int)k, (unsigned)dim, INT32_MAX);
        shape->dims[k] = (int32_t)dim;
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_idx_parse(tmoi_array *out, const uint8_t *data, size_t size_bytes, const char *subject,
                          tmoi_ctx *ctx)
{
    tmoi_shape shape = {0};
    size_t k = 0;
    int64_t count;
    *out = (tmoi_array){0};
    TMO_FAIL_IF(size_bytes < 4 || data[0] != 0 || data[1] != 0, INVALID_DATA, ctx, "'%s': not an IDX file",
                subject);
    while (k < TYPE_COUNT && types[k].code != data[2]) k++;
    TMO_FAIL_IF(k == TYPE_COUNT, UNSUPPORTED_DATA, ctx, "'%s': unknown IDX element type 0x%02x", subject,
                (unsigned)data[2]);
    TMO_TRY(parse_dims(&shape, data, size_bytes, subject, ctx));
    size_t start = 4 + 4 * (size_t)shape.rank;
    TMO_FAIL_IF(!tmoi_shape_count_checked(&shape, &count) ||
                    tmoi_type_bytes(types[k].type, count) != size_bytes - start,
                INVALID_DATA, ctx, "'%s': %s elements of type %s do not fill the %zu bytes after the header",
                subject, tmoi_shape_format(&shape).text, tmo_type_name(types[k].type), size_bytes - start);
    *out = tmoi_array_dense(types[k].type, &shape, data + start, false);
    out->is_swapped = machine_is_little() && tmo_type_bits(types[k].type) > 8;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
