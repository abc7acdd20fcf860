/* The IDX format of the MNIST files: two zero bytes, a byte for the type of the elements, a byte for the
 * number of dimensions, the dimensions as big-endian 32-bit numbers, the elements, big-endian. */
#ifndef TMOI_DATA_IDX_H
#define TMOI_DATA_IDX_H

#include "data/array.h"

/* The array that the bytes of an IDX file hold; a view of `data`. `subject` names the file in messages. */
tmo_status tmoi_idx_parse(tmoi_array *out, const uint8_t *data, size_t size_bytes, const char *subject,
                          tmoi_ctx *ctx);

#endif
