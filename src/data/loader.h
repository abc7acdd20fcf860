/* Reads a data set ahead of its use: threads fill a ring of sample slots, the caller takes them in order.
 * Memory is bounded by the slots. */
#ifndef TMOI_DATA_LOADER_H
#define TMOI_DATA_LOADER_H

#include "data/dataset.h"

typedef struct tmoi_loader tmoi_loader;

/* Zero in a field means its default. */
typedef struct tmoi_loader_options {
    int32_t threads; /* default: one a physical core, at most 8 */
    int32_t slots;   /* samples in memory; default: two a thread and one for the caller */
    const int64_t
        *order; /* [count] indices into the data set, which must outlive the loader; NULL: 0 .. count - 1 */
    int64_t count; /* default: all of the data set; needed with `order` */
} tmoi_loader_options;

/* Starts reading. `dataset` must outlive the loader. The allocator of `ctx` serves all threads; its log is
 * not used. */
tmo_status tmoi_loader_start(tmoi_loader **out, const tmoi_dataset *dataset,
                             const tmoi_loader_options *options, tmoi_ctx *ctx);

/* The next sample in *out, valid until the next call; NULL after the last one. A sample that cannot be read
 * fails here, in its turn; the loader then stays at its end. One thread at a time. */
tmo_status tmoi_loader_next(tmoi_loader *loader, const tmoi_sample **out, tmoi_ctx *ctx);

/* Stops the threads, after the samples that they are at, and frees everything. Accepts NULL. */
void tmoi_loader_free(tmoi_loader *loader);

#endif
