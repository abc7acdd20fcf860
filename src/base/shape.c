#include "base/shape.h"

#include <stdio.h>

static const struct {
    const char *name;
    uint32_t bits;
} types[] = {
    {"float32", 32}, {"float16", 16},      {"int32", 32},      {"uint8", 8},      {"int64", 64},
    {"string", 0},   {"bool", 8},          {"int16", 16},      {"complex64", 64}, {"int8", 8},
    {"float64", 64}, {"complex128", 128},  {"uint64", 64},     {"resource", 0},   {"variant", 0},
    {"uint32", 32},  {"uint16", 16},       {"int4", 4},        {"bfloat16", 16},  {"int2", 2},
    {"uint4", 4},    {"float8_e4m3fn", 8}, {"float8_e5m2", 8},
};

const char *tmo_type_name(tmo_type type)
{
    return (uint32_t)type < sizeof types / sizeof types[0] ? types[type].name : "unknown";
}

uint32_t tmo_type_bits(tmo_type type)
{
    return (uint32_t)type < sizeof types / sizeof types[0] ? types[type].bits : 0;
}

bool tmoi_shape_count_checked(const tmoi_shape *shape, int64_t *count)
{
    int64_t product = 1;
    bool is_empty = false;
    *count = 0;
    for (int32_t k = 0; k < shape->rank; k++) {
        int32_t dim = shape->dims[k];
        if (dim < 0 || (dim > 0 && product > ((int64_t)1 << 48) / dim)) return false;
        if (dim > 0) product *= dim;
        is_empty = is_empty || dim == 0;
    }
    *count = is_empty ? 0 : product;
    return true;
}

size_t tmoi_type_bytes(tmo_type type, int64_t count)
{
    if (type == TMO_TYPE_RESOURCE) return (size_t)count * sizeof(int32_t);
    return ((size_t)count * tmo_type_bits(type) + 7) / 8;
}

tmoi_shape_text tmoi_shape_format(const tmoi_shape *shape)
{
    tmoi_shape_text out = {"scalar"};
    size_t used = 0;
    for (int32_t k = 0; k < shape->rank && used < sizeof out.text; k++) {
        int written = snprintf(out.text + used, sizeof out.text - used, k ? "x%d" : "%d",
                               (int)shape->dims[k]);
        used += written > 0 ? (size_t)written : 0;
    }
    return out;
}

bool tmoi_shape_broadcast(const tmoi_shape *a, const tmoi_shape *b, tmoi_shape *out)
{
    out->rank = a->rank > b->rank ? a->rank : b->rank;
    for (int32_t k = 1; k <= out->rank; k++) {
        int32_t da = k <= a->rank ? a->dims[a->rank - k] : 1;
        int32_t db = k <= b->rank ? b->dims[b->rank - k] : 1;
        if (da != db && da != 1 && db != 1) return false;
        out->dims[out->rank - k] = da == 1 ? db : da;
    }
    return true;
}
