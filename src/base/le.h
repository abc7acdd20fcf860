/* Little-endian numbers at any address, on any host. */
#ifndef TMOI_BASE_LE_H
#define TMOI_BASE_LE_H

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

#endif
