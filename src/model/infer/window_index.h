/* The dimension numbers of STABLEHLO_GATHER and STABLEHLO_SCATTER, checked and put in one form: shared by shape inference and the
 * runtime. Names as in the StableHLO specification, "gather" and "scatter". */
#ifndef TMOI_MODEL_INFER_WINDOW_INDEX_H
#define TMOI_MODEL_INFER_WINDOW_INDEX_H

#include "model/infer/elements.h"

/* An index vector per batch entry points to a window of the operand; the windows side by side are a third tensor, the result of a
 * gather or the updates of a scatter. */
typedef struct tmoi_window_index {
    int32_t vector_dim, vector_size; /* of the indices: the dimension that holds the index vectors */
    int32_t operand_dim
        [TMO_MAX_RANK]; /* [vector_size]: the operand's dimension that an entry of the vector is for */
    int32_t window_size[TMO_MAX_RANK]; /* per operand dimension; 1 where it is not in the windows tensor */
    int32_t window_dim[TMO_MAX_RANK];  /* per operand dimension: its dimension in the windows tensor, or -1 */
    int32_t batch_rank;                /* dimensions of the indices but for the vector */
    int32_t batch_dim[TMO_MAX_RANK];   /* per batch dimension: its dimension in the windows tensor */
    tmoi_shape batch;                  /* their sizes */
} tmoi_window_index;

tmo_status tmoi_window_index_of_gather(const tmoi_fb_stablehlo_gather_options *options,
                                       const tmoi_shape *operand, const tmoi_shape *indices,
                                       tmoi_window_index *out, tmoi_shape *result, tmoi_ctx *ctx);
tmo_status tmoi_window_index_of_scatter(const tmoi_fb_stablehlo_scatter_options *options,
                                        const tmoi_shape *operand, const tmoi_shape *indices,
                                        const tmoi_shape *updates, tmoi_window_index *out, tmoi_ctx *ctx);

#endif
