/* The file of packed weights: a header, a table of forms sorted by key, and the forms, each at a multiple of 64 bytes. All
 * numbers are little-endian, as in the model's file.
 *
 *     offset  bytes
 *          0      8  magic
 *          8      4  version of this layout
 *         12      4  count of forms
 *         16      8  bytes of the file
 *         24     16  identity: hash of the model's constants, the library's version and the CPU features
 *         40     16  hash of the table
 *         56     16  hash of the 56 bytes before
 *         72         the table: key (16), hash of the form (16), offset (8), bytes (8) */
#ifndef TMOI_RUNTIME_WEIGHTS_FILE_H
#define TMOI_RUNTIME_WEIGHTS_FILE_H

#include "base/hash.h"
#include "base/os.h"

typedef struct tmoi_form {
    tmoi_hash key;
    const void *data;
    size_t bytes;
    bool is_mapped; /* part of an open file */
} tmoi_form;

typedef struct tmoi_weights_file {
    tmoi_file_map map; /* zero when there is no good file */
    uint32_t count;
} tmoi_weights_file;

/* Opens the file at `path`, if there is one whose header and table are sound and that has this identity. */
void tmoi_weights_file_open(tmoi_weights_file *out, const char *path, tmoi_hash identity,
                            const tmo_allocator *allocator);
/* Accepts one that was never opened (all zero). */
void tmoi_weights_file_close(tmoi_weights_file *file);

/* The form of that key and size, or NULL when the file has none or it is damaged. */
const void *tmoi_weights_file_find(const tmoi_weights_file *file, tmoi_hash key, size_t bytes);
/* Form k, or one of no data when it is damaged. */
tmoi_form tmoi_weights_file_form(const tmoi_weights_file *file, uint32_t k);

/* Writes the forms, no key twice; sorts them. */
tmo_status tmoi_weights_file_write(const char *path, tmoi_hash identity, tmoi_form *forms, uint32_t count,
                                   tmoi_ctx *ctx);

#endif
