/* Checks that the recurrent operators share. */
#ifndef TMOI_MODEL_INFER_RECURRENT_H
#define TMOI_MODEL_INFER_RECURRENT_H

#include "model/infer.h"

/* Whether input k is there. */
static inline bool tmoi_infer_has(const tmoi_infer *infer, int32_t k)
{
    return k >= 0 && k < infer->input_count && infer->inputs[k].present;
}

/* Fails unless input k is there and has the given shape. */
tmo_status tmoi_infer_matrix(const tmoi_infer *infer, int32_t k, int32_t rows, int32_t columns,
                             const char *what, tmoi_ctx *ctx);
tmo_status tmoi_infer_vector(const tmoi_infer *infer, int32_t k, int32_t count, const char *what,
                             tmoi_ctx *ctx);
/* A state: any shape of rows * columns elements. */
tmo_status tmoi_infer_state(const tmoi_infer *infer, int32_t k, int64_t rows, int64_t columns,
                            const char *what, tmoi_ctx *ctx);

#endif
