/* Where samples come from: one file a kind of data set. A source hands out raw arrays; data/feed.h makes
 * them fit the model's inputs. */
#ifndef TMOI_DATA_SOURCE_H
#define TMOI_DATA_SOURCE_H

#include "base/arena.h"
#include "data/feed.h"

typedef struct tmoi_data_source tmoi_data_source;

struct tmoi_data_source {
    /* The array of `item` for input `input`: of the shape that the feed was matched to. Thread-safe. The
     * caller releases it with the allocator of its context. */
    tmo_status (*read)(const tmoi_data_source *source, int64_t item, int32_t input, tmoi_array *out,
                       tmoi_ctx *ctx);
    /* Frees what does not lie in the arena; NULL when there is nothing. */
    void (*close)(tmoi_data_source *source);
    tmoi_arena arena;         /* holds the source's lists; the source itself does not lie in it */
    const char *name;         /* the file or folder, for messages */
    const char *const *files; /* [count] the file of each item, or NULL when `name` holds all */
    int64_t count;            /* of items, at least 1 once open */
    const int32_t *labels;    /* [count], or NULL without labels */
    const char **class_names; /* [class_count], or NULL when classes have no names */
    int32_t class_count;      /* highest label + 1, or 0 without labels */
    tmoi_array
        targets; /* [count, ...] numbers to predict, when targets.data is set; then there are no labels */
};

/* What a source is opened for. */
typedef struct tmoi_source_request {
    const char *place; /* the spec after its kind and colon */
    tmoi_feed *feeds;  /* the model's inputs; opening matches each of them */
    int32_t feed_count;
    tmoi_resize resize;
    uint64_t seed;
    uint64_t max_bytes;
} tmoi_source_request;

/* Each makes a source of its kind; *out is NULL on failure. */
typedef tmo_status tmoi_source_open(tmoi_data_source **out, const tmoi_source_request *request,
                                    tmoi_ctx *ctx);
tmoi_source_open tmoi_source_open_npz, tmoi_source_open_npy, tmoi_source_open_idx, tmoi_source_open_images,
    tmoi_source_open_wav, tmoi_source_open_csv, tmoi_source_open_random;

/* Accepts NULL. */
void tmoi_source_free(tmoi_data_source *source);

/* A zeroed source of `size` bytes, whose first member is a tmoi_data_source, with its arena ready. */
tmo_status tmoi_source_make(void **out, size_t size, tmoi_ctx *ctx);

/* Takes what is to be predicted, [count] or [count, ...]: one integer a sample is a label, anything else
 * targets. The array must live as long as the source. */
tmo_status tmoi_source_set_answers(tmoi_data_source *source, const tmoi_array *answers, const char *subject,
                                   tmoi_ctx *ctx);

/* Fails unless the model has one input; `kind` is the kind of data set. */
tmo_status tmoi_source_need_one_input(const tmoi_source_request *request, const char *kind, tmoi_ctx *ctx);

/* The files of a folder of samples: FOLDER/CLASS/FILE, or FOLDER/FILE without classes, or a single file.
 * Sets files, count, labels and class_names, all sorted. Files without one of the `extensions` (NULL at the
 * end) are skipped with a line in the log; names that start with a dot are skipped silently. */
tmo_status tmoi_source_list_files(tmoi_data_source *source, const char *path, const char *const *extensions,
                                  tmoi_ctx *ctx);

#endif
