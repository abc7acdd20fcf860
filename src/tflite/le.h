/* Little-endian numbers at any address, on any host. */
#ifndef TMOI_TFLITE_LE_H
#define TMOI_TFLITE_LE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline bool tmoi_host_is_little_endian(void)
{
    const uint16_t one = 1;
    uint8_t first;
    memcpy(&first, &one, 1);
    return first == 1;
}

static inline uint16_t tmoi_le_u16(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static inline uint32_t tmoi_le_u32(const uint8_t *bytes)
{
    return (uint32_t)tmoi_le_u16(bytes) | (uint32_t)tmoi_le_u16(bytes + 2) << 16;
}

static inline void tmoi_le_put_u16(uint8_t *bytes, uint16_t value)
{
    bytes[0] = (uint8_t)value;
    bytes[1] = (uint8_t)(value >> 8);
}

static inline void tmoi_le_put_u32(uint8_t *bytes, uint32_t value)
{
    tmoi_le_put_u16(bytes, (uint16_t)value);
    tmoi_le_put_u16(bytes + 2, (uint16_t)(value >> 16));
}

/* Copies `count` numbers of `bytes` bytes each between the file's order and the host's: the same either way. */
static inline void tmoi_le_copy(void *to, const void *from, size_t count, size_t bytes)
{
    if (count == 0) return;
    if (bytes == 1 || tmoi_host_is_little_endian()) {
        memcpy(to, from, count * bytes);
        return;
    }
    for (size_t k = 0; k < count; k++)
        for (size_t i = 0; i < bytes; i++)
            ((uint8_t *)to)[k * bytes + i] = ((const uint8_t *)from)[k * bytes + bytes - 1 - i];
}

/* ---- the parts of a FlatBuffers table that was verified ---- */

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
