/* Gzip streams in memory, through zlib. */
#ifndef TMOI_DATA_GZIP_H
#define TMOI_DATA_GZIP_H

#include "base/alloc.h"

/* True when the bytes start as a gzip stream does. */
bool tmoi_is_gzip(const uint8_t *data, size_t size_bytes);

/* The inflated bytes in *out, which the caller releases. Fails with LIMIT when they are more than max_bytes.
 * `subject` names the file in messages. */
tmo_status tmoi_gunzip(uint8_t **out, size_t *out_bytes, const uint8_t *data, size_t size_bytes,
                       uint64_t max_bytes, const char *subject, tmoi_ctx *ctx);

#endif
