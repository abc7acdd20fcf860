/* The parts of a FlatBuffers table that was verified. */
#ifndef TMOI_TFLITE_TABLE_H
#define TMOI_TFLITE_TABLE_H

#include "base/le.h"

/* Where the field `id` of the table at `table` lies, or 0 when it is absent. */
static inline size_t tmoi_fb_locate(const uint8_t *bytes, size_t table, uint32_t id)
{
    size_t vtable = table - (size_t)(int64_t)(int32_t)tmoi_le_u32(bytes + table);
    uint32_t entry = 4 + 2 * id;
    if (entry + 2 > tmoi_le_u16(bytes + vtable)) return 0;
    uint16_t place = tmoi_le_u16(bytes + vtable + entry);
    return place ? table + place : 0;
}

/* Where the offset stored at `at` leads. */
static inline size_t tmoi_fb_follow(const uint8_t *bytes, size_t at)
{
    return at + tmoi_le_u32(bytes + at);
}

#endif
