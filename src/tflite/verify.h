/* Is this a well-formed .tflite file? The one place where bytes of a file are not trusted: what the verifier accepted can be
 * read without further checks of bounds. */
#ifndef TMOI_TFLITE_VERIFY_H
#define TMOI_TFLITE_VERIFY_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef enum tmoi_fb_severity {
    TMOI_FB_NOTE, /* unusual but harmless: a field newer than our schema, an unaligned number */
    TMOI_FB_FAULT /* breaks the format */
} tmoi_fb_severity;

/* Receives every finding with its byte offset. `text` is borrowed for the call. */
typedef struct tmoi_fb_reporter {
    void (*report)(void *user, tmoi_fb_severity severity, size_t offset, const char *text);
    void *user;
} tmoi_fb_reporter;

/* Verifies the FlatBuffers structure of `size` bytes: bounds, alignment, vtables, texts, unions, identifier and version
 * (FlatBuffers internals, "Verifying"; schema version 3). Takes time and stack linear in `size` at most: a file that shares its
 * tables so often that a walk would take longer is refused. The schema is not recursive, so depth is bounded by it.
 *
 * Without a reporter it stops at the first fault; with one it reports all. The first fault is the error (INVALID_FILE).
 * *end, if not NULL, becomes the first byte after everything that was reached; what follows is a suffix. */
tmo_status tmoi_fb_verify(const uint8_t *bytes, size_t size, const tmoi_fb_reporter *reporter, size_t *end,
                          tmoi_ctx *ctx);

#endif
