/* Packs the structs of schema.h into a .tflite file. */
#ifndef TMOI_TFLITE_WRITE_H
#define TMOI_TFLITE_WRITE_H

#include "base/os.h"
#include "tflite/schema.h"

/* Where the bytes go: start() gets the number of them, write() then each piece in order. Either may fail. */
typedef struct tmoi_fb_sink {
    tmo_status (*start)(void *user, uint64_t size_bytes, tmoi_ctx *ctx);
    tmo_status (*write)(void *user, const void *data, size_t bytes, tmoi_ctx *ctx);
    void *user;
} tmoi_fb_sink;

typedef struct tmoi_fb_write_options {
    bool buffers_outside; /* put payloads beyond the flatbuffer; done anyway where they make it exceed 2 GB */
    const void *suffix;   /* bytes to end the file with */
    size_t suffix_bytes;
} tmoi_fb_write_options;

/* Writes `model` to `sink`. The tables come first, then texts and vectors, then the payloads of buffers (aligned to 16), each
 * content once, however many tables name it. Scalars at their default are omitted. Equal models give equal bytes. Only the
 * tables are held in memory; payloads go from where they are to the sink. Payloads of buffers that metadata name always stay
 * inside, since stock readers look for them nowhere else. `options` may be NULL. */
tmo_status tmoi_fb_write(const tmoi_fb_model *model, const tmoi_fb_write_options *options,
                         const tmoi_fb_sink *sink, tmoi_ctx *ctx);

#endif
