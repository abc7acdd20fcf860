#include "data/gzip.h"

#include <limits.h>

#define ZLIB_CONST
#include <zlib.h>

#define WINDOW_BITS_GZIP (15 + 16)
#define FIRST_BYTES      65536u

bool tmoi_is_gzip(const uint8_t *data, size_t size_bytes)
{
    return size_bytes >= 2 && data[0] == 0x1f && data[1] == 0x8b;
}

static voidpf zlib_alloc(voidpf user, uInt items, uInt size)
{
    const tmo_allocator *allocator = user;
    size_t bytes;
    if (!tmoi_mul_size(items, size, &bytes)) return Z_NULL;
    return allocator->alloc(allocator->user, bytes ? bytes : 1, 16);
}

static void zlib_release(voidpf user, voidpf memory)
{
    tmoi_release(user, memory);
}

typedef struct inflation {
    z_stream stream;
    const uint8_t *in;
    size_t in_left;
    uint8_t *out;
    size_t used, capacity;
    uint64_t max_bytes;
    const char *subject;
} inflation;

static uInt chunk(size_t bytes)
{
    return bytes > UINT_MAX / 2 ? UINT_MAX / 2 : (uInt)bytes;
}

static tmo_status make_room(inflation *z, tmoi_ctx *ctx)
{
    void *out = z->out;
    if (z->used < z->capacity) return TMO_STATUS_OK;
    TMO_FAIL_IF(z->used >= z->max_bytes, LIMIT, ctx, "'%s': inflates to more than the limit of %llu bytes",
                z->subject, (unsigned long long)z->max_bytes);
    TMO_TRY(tmoi_grow(ctx, &out, &z->capacity, z->used ? z->used + 1 : FIRST_BYTES, 1));
    z->out = out;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* One call of inflate(); *is_end is set at the end of the last member. */
static tmo_status inflate_some(inflation *z, bool *is_end, tmoi_ctx *ctx)
{
    z_stream *stream = &z->stream;
    TMO_TRY(make_room(z, ctx));
    uInt in = chunk(z->in_left), out = chunk(z->capacity - z->used);
    stream->next_in = z->in;
    stream->avail_in = in;
    stream->next_out = z->out + z->used;
    stream->avail_out = out;
    int code = inflate(stream, Z_NO_FLUSH);
    z->in += in - stream->avail_in;
    z->in_left -= in - stream->avail_in;
    z->used += out - stream->avail_out;
    TMO_FAIL_IF(code == Z_MEM_ERROR, OUT_OF_MEMORY, ctx, "'%s': cannot allocate memory to inflate it",
                z->subject);
    TMO_FAIL_IF(code == Z_BUF_ERROR || (code == Z_OK && z->in_left == 0 && stream->avail_out > 0),
                INVALID_DATA, ctx, "'%s': the gzip stream ends early", z->subject);
    TMO_FAIL_IF(code != Z_OK && code != Z_STREAM_END, INVALID_DATA, ctx, "'%s': invalid gzip stream: %s",
                z->subject, stream->msg ? stream->msg : "broken data");
    *is_end = code == Z_STREAM_END && z->in_left == 0;
    if (code == Z_STREAM_END && !*is_end) (void)inflateReset(stream);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_gunzip(uint8_t **out, size_t *out_bytes, const uint8_t *data, size_t size_bytes,
                       uint64_t max_bytes, const char *subject, tmoi_ctx *ctx)
{
    inflation z = {.in = data, .in_left = size_bytes, .max_bytes = max_bytes, .subject = subject};
    tmo_allocator allocator = ctx->allocator;
    bool is_open = false, is_end = false;
    z.stream.zalloc = zlib_alloc;
    z.stream.zfree = zlib_release;
    z.stream.opaque = &allocator;
    TMO_FAIL_IF(inflateInit2(&z.stream, WINDOW_BITS_GZIP) != Z_OK, OUT_OF_MEMORY, ctx,
                "'%s': cannot allocate memory to inflate it", subject);
    is_open = true;
    while (!is_end) TMO_TRY(inflate_some(&z, &is_end, ctx));
    TMO_FAIL_IF(z.used > max_bytes, LIMIT, ctx, "'%s': inflates to more than the limit of %llu bytes",
                subject, (unsigned long long)max_bytes);
    (void)inflateEnd(&z.stream);
    *out = z.out;
    *out_bytes = z.used;
    return TMO_STATUS_OK;
fail:
    if (is_open) (void)inflateEnd(&z.stream);
    tmoi_release(&ctx->allocator, z.out);
    return ctx->error.status;
}
