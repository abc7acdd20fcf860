/* Reads a map of numbers from a FlexBuffer, the form in which custom operators keep their options. Every access is checked
 * against the buffer. Source: the FlexBuffers format, flatbuffers.dev ("FlexBuffers"). */
#ifndef TMOI_BASE_FLEXMAP_H
#define TMOI_BASE_FLEXMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct tmoi_flexmap {
    const uint8_t *data;
    size_t size;
    size_t keys, values; /* where the two vectors start */
    size_t key_width, width;
    size_t count;
} tmoi_flexmap;

/* False when the buffer's root is not a well-formed map. `data` is borrowed. */
bool tmoi_flexmap_open(tmoi_flexmap *map, const uint8_t *data, size_t size);
/* The integer, float or bool of that key; false when there is none. */
bool tmoi_flexmap_number(const tmoi_flexmap *map, const char *key, double *out);

#endif
