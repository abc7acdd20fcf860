/* The size of a file after gzip -9, through zlib, without keeping the result. */
#include <zlib.h>

#include "base/os.h"
#include "report/inspect.h"

enum { CHUNK_BYTES = 16384, GZIP_WINDOW = 15 + 16 };

tmo_status tmoi_gzip_bytes(const void *data, size_t size_bytes, uint64_t *out, tmoi_ctx *ctx)
{
    unsigned char sink[CHUNK_BYTES];
    z_stream stream = {.next_in = (z_const Bytef *)(uintptr_t)data};
    size_t left = size_bytes;
    int result;
    *out = 0;
    if (deflateInit2(&stream, 9, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return tmoi_fail(ctx, TMO_STATUS_OUT_OF_MEMORY, "no memory to compress %zu bytes", size_bytes);
    do {
        uInt taken = left < 1u << 30 ? (uInt)left : 1u << 30;
        if (stream.avail_in == 0) {
            stream.avail_in = taken;
            left -= taken;
        }
        stream.next_out = sink;
        stream.avail_out = sizeof sink;
        result = deflate(&stream, left == 0 ? Z_FINISH : Z_NO_FLUSH);
        *out += sizeof sink - stream.avail_out;
    } while (result == Z_OK);
    (void)deflateEnd(&stream);
    return TMO_STATUS_OK;
}

tmo_status tmoi_file_sizes(const char *path, uint64_t *file_bytes, uint64_t *gzip_bytes, tmoi_ctx *ctx)
{
    tmoi_file_map map = {0};
    TMO_TRY(tmoi_file_map_open(&map, path, ctx));
    *file_bytes = map.size_bytes;
    TMO_TRY(tmoi_gzip_bytes(map.data, map.size_bytes, gzip_bytes, ctx));
fail:
    tmoi_file_map_close(&map);
    return ctx->error.status;
}
