/* NumPy's .npy files (format versions 1.0, 2.0 and 3.0, see numpy.lib.format): reader and writer; and .npz
 * archives of them. Structured, complex, text and object arrays are not read. */
#ifndef TMOI_DATA_NPY_H
#define TMOI_DATA_NPY_H

#include "base/arena.h"
#include "data/array.h"

/* The array that the bytes of a .npy file hold; a view of `data`. `subject` names the file in messages. */
tmo_status tmoi_npy_parse(tmoi_array *out, const uint8_t *data, size_t size_bytes, const char *subject,
                          tmoi_ctx *ctx);

/* The same without the elements: a view of nothing, which start at byte *start of a file of size_bytes bytes.
 * `head` is the beginning of the file and must hold the header. */
tmo_status tmoi_npy_layout(tmoi_array *out, size_t *start, const uint8_t *head, size_t head_bytes,
                           size_t size_bytes, const char *subject, tmoi_ctx *ctx);

typedef struct tmoi_npz_entry {
    const char *name; /* without ".npy" */
    tmoi_array array;
} tmoi_npz_entry;

/* The arrays of a .npz archive, in the order of the file; all memory is the arena's. Members that are not
 * .npy files are left out; an archive without arrays fails. Fails with LIMIT when the arrays take more than
 * max_bytes together. */
tmo_status tmoi_npz_parse(tmoi_npz_entry **out, int32_t *count, const uint8_t *data, size_t size_bytes,
                          const char *subject, uint64_t max_bytes, tmoi_arena *arena, tmoi_ctx *ctx);

/* A .npz archive in a file, whose arrays stay there until they are asked for. */
typedef struct tmoi_npz tmoi_npz;

/* Checks every array, its sum included, and keeps none: the entries are views of nothing. Fails like
 * tmoi_npz_parse. */
tmo_status tmoi_npz_open(tmoi_npz **out, const char *path, uint64_t max_bytes, tmoi_ctx *ctx);
/* Accepts NULL. */
void tmoi_npz_close(tmoi_npz *npz);
const tmoi_npz_entry *tmoi_npz_entries(const tmoi_npz *npz, int32_t *count);
/* Reads all of an array; from then on its entry is a view of it. */
tmo_status tmoi_npz_load(tmoi_npz *npz, int32_t entry, tmoi_ctx *ctx);
/* Reads item `item` along the first dimension of an array in C order; `out` owns it. Thread-safe. Items in
 * rising order are fastest; a compressed array that is read in another order is soon held in memory. */
tmo_status tmoi_npz_read_item(tmoi_npz *npz, int32_t entry, int64_t item, tmoi_array *out, tmoi_ctx *ctx);

/* What to write: elements dense in row-major order, bytes in the order of this machine. */
typedef struct tmoi_npy_source {
    const char *name; /* of the array in a .npz */
    tmo_type type;    /* float16, 32 and 64, bool, integers of whole bytes, and complex */
    tmoi_shape shape;
    const void *data;
} tmoi_npy_source;

/* Writes one array as a .npy file, or several as a .npz (stored). Bytes depend on the arrays alone. A
 * failure leaves an old file as it was. */
tmo_status tmoi_npy_write(const char *path, const tmoi_npy_source *source, tmoi_ctx *ctx);
tmo_status tmoi_npz_write(const char *path, const tmoi_npy_source *sources, int32_t count, tmoi_ctx *ctx);

#define TMOI_NPY_HEADER_BYTES 256
/* The header of a .npy file for `source`; *size_bytes is a multiple of 64. */
tmo_status tmoi_npy_header(char header[TMOI_NPY_HEADER_BYTES], size_t *size_bytes,
                           const tmoi_npy_source *source, tmoi_ctx *ctx);

#endif
