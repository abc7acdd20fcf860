/* Operators that run together in bands of rows: each computes the rows that the next one needs, and the values between lie in windows
 * of a few rows, which stay in the cache; they never lie in memory as a whole.
 *
 * The node's parts are its stages, in order. Input 0 of each is the result of the one before; a stage's posts may read the
 * results of earlier stages as well. The result of the last stage is the node's. */
#ifndef TMOI_RUNTIME_LOWER_BANDS_H
#define TMOI_RUNTIME_LOWER_BANDS_H

#include "runtime/op.h"

enum { TMOI_MAX_STAGES = 8, TMOI_MAX_STAGE_POSTS = 4, TMOI_MAX_STAGE_INPUTS = 4 };

/* What a stage gives to the next: its output 0, or that of its last post. */
static inline tmoi_value *tmoi_stage_result(const tmoi_node *stage)
{
    return (stage->post_count ? stage->posts[stage->post_count - 1] : stage)->outputs[0];
}

/* The way of rows through stages, as prepare and lowering see it. */
typedef struct tmoi_stage {
    const tmoi_node *node;
    tmoi_row_span span; /* of the result of the stage before; not of stage 0 */
    int32_t height;     /* of the result */
    size_t row_bytes;
    uint32_t post_readers; /* bit j: a post of stage j reads the result, row by row */
} tmoi_stage;

/* Fills in what follows from the nodes. False when a stage after the first says no span. */
bool tmoi_stages_find(const tmoi_exec *exec, const tmoi_node *const *nodes, int32_t count,
                      tmoi_stage *stages);

/* So many rows of `width` pixels that a band makes use of the weights, which pass for each. */
static inline int64_t tmoi_stages_useful_rows(int32_t width)
{
    enum { BAND_PIXELS = 64 };
    return (BAND_PIXELS + (int64_t)width - 1) / width;
}

/* The windows for bands of `rows` rows of the last result: rows of each result but the last. Returns the bytes of all. */
size_t tmoi_stages_windows(const tmoi_stage *stages, int32_t count, int64_t rows, int64_t *window_rows);

extern const tmoi_op_def tmoi_bands_def;

#endif
