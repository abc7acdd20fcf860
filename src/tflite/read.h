/* Unpacks a verified file into the structs of schema.h. */
#ifndef TMOI_TFLITE_READ_H
#define TMOI_TFLITE_READ_H

#include "base/arena.h"
#include "tflite/schema.h"

/* Reads a file that tmoi_fb_verify() accepted. The structs come from `arena`. Texts and vectors point into `bytes`; a vector
 * is copied where its elements are not aligned for the host or have another byte order. Buffers beyond the flatbuffer get their
 * address in `data.data` (see tmoi_fb_buffer_bytes()), custom options there get theirs in `custom_options`. Fails with
 * INVALID_FILE when these leave the file. */
tmo_status tmoi_fb_read(const tmoi_fb_model **out, const uint8_t *bytes, size_t size, tmoi_arena *arena,
                        tmoi_ctx *ctx);

/* Bytes of a buffer's payload at `data.data`: buffers beyond the flatbuffer count them in `size`, since those may exceed
 * what a vector can hold. */
static inline uint64_t tmoi_fb_buffer_bytes(const tmoi_fb_buffer *buffer)
{
    return buffer->offset > 1 ? buffer->size : buffer->data.count;
}

#endif
