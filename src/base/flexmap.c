#include "base/flexmap.h"

#include <string.h>

#include "base/fp16.h"

enum { FLEX_INT = 1, FLEX_UINT = 2, FLEX_FLOAT = 3, FLEX_INDIRECT_FLOAT = 8, FLEX_MAP = 9, FLEX_BOOL = 26 };

static bool read_uint(const tmoi_flexmap *map, size_t at, size_t width, uint64_t *out)
{
    *out = 0;
    if (width != 1 && width != 2 && width != 4 && width != 8) return false;
    if (at > map->size || map->size - at < width) return false;
    for (size_t k = 0; k < width; k++) *out |= (uint64_t)map->data[at + k] << (8 * k);
    return true;
}

/* Follows an offset, which counts backwards from where it stands. */
static bool follow(const tmoi_flexmap *map, size_t at, size_t width, size_t *out)
{
    uint64_t offset;
    if (!read_uint(map, at, width, &offset) || offset > at) return false;
    *out = at - (size_t)offset;
    return true;
}

bool tmoi_flexmap_open(tmoi_flexmap *map, const uint8_t *data, size_t size)
{
    uint64_t count, key_width;
    *map = (tmoi_flexmap){.data = data, .size = size};
    if (size < 3) return false;
    size_t root_width = data[size - 1];
    uint8_t type = data[size - 2];
    map->width = (size_t)1 << (type & 3);
    if (type >> 2 != FLEX_MAP || size < 2 + root_width ||
        !follow(map, size - 2 - root_width, root_width, &map->values))
        return false;
    if (map->values < 3 * map->width || !follow(map, map->values - 3 * map->width, map->width, &map->keys))
        return false;
    if (!read_uint(map, map->values - 2 * map->width, map->width, &key_width)) return false;
    if (!read_uint(map, map->values - map->width, map->width, &count)) return false;
    if (count > size || key_width > 8) return false;
    map->key_width = (size_t)key_width;
    map->count = (size_t)count;
    return map->count * (map->width + 1) <= size - map->values;
}

static bool key_equals(const tmoi_flexmap *map, size_t k, const char *key)
{
    size_t at, length = strlen(key) + 1;
    if (!follow(map, map->keys + k * map->key_width, map->key_width, &at)) return false;
    return map->size - at >= length && memcmp(map->data + at, key, length) == 0;
}

static bool read_float(const tmoi_flexmap *map, size_t at, size_t width, double *out)
{
    uint64_t bits;
    if (!read_uint(map, at, width, &bits)) return false;
    uint32_t low = (uint32_t)bits;
    float single;
    switch (width) {
    case 2: *out = (double)tmoi_fp16_to_float((uint16_t)bits); return true;
    case 4:
        memcpy(&single, &low, sizeof single);
        *out = (double)single;
        return true;
    case 8: memcpy(out, &bits, sizeof *out); return true;
    default: return false;
    }
}

static bool read_number(const tmoi_flexmap *map, size_t at, uint8_t type, double *out)
{
    uint64_t bits;
    if (type >> 2 == FLEX_FLOAT) return read_float(map, at, map->width, out);
    if (type >> 2 == FLEX_INDIRECT_FLOAT)
        return follow(map, at, map->width, &at) && read_float(map, at, (size_t)1 << (type & 3), out);
    if (!read_uint(map, at, map->width, &bits)) return false;
    if (type >> 2 == FLEX_INT) {
        uint32_t unused = 64 - 8 * (uint32_t)map->width;
        *out = (double)((int64_t)(bits << unused) >> unused);
        return true;
    }
    *out = (double)bits;
    return type >> 2 == FLEX_UINT || type >> 2 == FLEX_BOOL;
}

bool tmoi_flexmap_number(const tmoi_flexmap *map, const char *key, double *out)
{
    for (size_t k = 0; k < map->count; k++)
        if (key_equals(map, k, key))
            return read_number(map, map->values + k * map->width,
                               map->data[map->values + map->count * map->width + k], out);
    return false;
}
