/* Reductions over any set of dimensions, arg min/max, cumulative sums and the largest elements of rows.
 * Sources: TFLite reference/reduce.h, arg_min_max.h, cumsum.h, topk_v2.cc. */
#ifndef TMOI_KERNELS_REDUCE_REDUCE_H
#define TMOI_KERNELS_REDUCE_REDUCE_H

#include "base/shape.h"
#include "kernels/common/fixed_point.h"

/* The input's dimensions, outermost first, with neighbours merged that are both reduced or both kept. */
typedef struct tmoi_reduce_plan {
    int32_t rank; /* at least 1 */
    int64_t dims[TMO_MAX_RANK];
    int64_t out_steps[TMO_MAX_RANK]; /* elements of the output between neighbours; 0: reduced */
    bool inner_reduced;              /* the last dimension is */
    int64_t out_count;               /* elements of the output */
    int64_t group;                   /* elements of the input for one of the output */
} tmoi_reduce_plan;

/* Bit k of `axes` stands for dimension k. */
void tmoi_reduce_plan_init(tmoi_reduce_plan *plan, const tmoi_shape *in, uint32_t axes);
/* Whether the outermost dimension is kept: then a plan may be run in parts, each with dims[0] and out_count of its own. */
static inline bool tmoi_reduce_plan_splits(const tmoi_reduce_plan *plan)
{
    return plan->out_steps[0] != 0;
}

typedef enum tmoi_reduce_kind {
    TMOI_REDUCE_SUM,
    TMOI_REDUCE_PROD,
    TMOI_REDUCE_MAX,
    TMOI_REDUCE_MIN,
    TMOI_REDUCE_ANY,
    TMOI_REDUCE_ALL
} tmoi_reduce_kind;

/* Writes plan->out_count accumulators. Their type is the input's, but float32 for half precision, and for SUM int32 of 8-bit
 * inputs (up to 2^23 in a group) and int64 of other integers. Integers wrap. */
typedef void (*tmoi_reduce_function)(const tmoi_reduce_plan *plan, const void *in, void *accumulators);
/* The family reduce_rows: NULL when there is none; the C variant has all there are, others at least SUM, MAX and MIN of float32, int8,
 * uint8 and int16. Exact. */
typedef tmoi_reduce_function (*tmoi_reduce_rows_function)(tmoi_reduce_kind kind, tmo_type type);
tmoi_reduce_function tmoi_reduce_rows_c(tmoi_reduce_kind kind, tmo_type type);
tmoi_reduce_function tmoi_reduce_rows_avx2(tmoi_reduce_kind kind, tmo_type type);
tmoi_reduce_function tmoi_reduce_rows_neon(tmoi_reduce_kind kind, tmo_type type);
tmoi_reduce_function tmoi_reduce_rows_simd128(tmoi_reduce_kind kind, tmo_type type);
tmo_type tmoi_reduce_accumulator_type(tmoi_reduce_kind kind, tmo_type type);

/* Product of the real values of int8 or int16 elements, rescaled after each factor so that it stays in range; 32-bit
 * accumulators. Source: reference_ops::QuantizedReduceProd. */
void tmoi_reduce_prod_quantized(const tmoi_reduce_plan *plan, tmo_type type, int32_t zero_in,
                                tmoi_multiplier scale, const void *in, int32_t *accumulators);

/* Index of the largest (or smallest) element along the middle dimension of [outer, axis, inner]; the first of equals.
 * `wide`: int64 results, else int32. False when the type is not supported. */
bool tmoi_arg_reduce(tmo_type type, bool largest, bool wide, int64_t outer, int64_t axis, int64_t inner,
                     const void *in, void *out);

/* Running sums along the middle dimension, of float32, int32 or int64. `out` is not `in`. */
void tmoi_cumulative_sum(tmo_type type, bool exclusive, bool reverse, int64_t outer, int64_t axis,
                         int64_t inner, const void *in, void *out);

/* The k largest of each row of `depth`, in falling order, equal ones in rising order of index; k <= depth. `keys` has room for
 * `depth`, `heap` for k elements. `narrow_index`: int16 indices, else int32. */
typedef struct tmoi_top_k {
    tmo_type type;
    int64_t rows, depth;
    int32_t k;
    bool narrow_index;
    int64_t *keys;
    int32_t *heap;
} tmoi_top_k;
void tmoi_top_k_run(const tmoi_top_k *top, const void *in, void *values, void *indices);

#endif
