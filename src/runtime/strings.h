/* String tensors: int32 count, int32 offsets[count + 1] from the tensor's first byte, then the texts. */
#ifndef TMOI_RUNTIME_STRINGS_H
#define TMOI_RUNTIME_STRINGS_H

#include "runtime/session.h"

typedef struct tmoi_text {
    const char *data; /* not NUL-terminated */
    size_t size;
} tmoi_text;

/* Checks the layout of a string value: that it has as many texts as its shape says, all within its bytes. */
tmo_status tmoi_strings_check(const tmoi_value *value, tmoi_ctx *ctx);
/* Text k of a checked value. */
tmoi_text tmoi_strings_at(const tmoi_value *value, int64_t k);

/* Makes a dynamic value of `shape` with texts of text_bytes bytes in sum, and no text yet. */
tmo_status tmoi_strings_begin(tmoi_exec *exec, tmoi_value *value, const tmoi_shape *shape, size_t text_bytes,
                              tmoi_ctx *ctx);
/* Appends text k; in order, starting from 0. */
void tmoi_strings_add(tmoi_value *value, int64_t k, tmoi_text text);
/* Makes text k, the last one added, longer. */
void tmoi_strings_extend(tmoi_value *value, int64_t k, tmoi_text text);

#endif
