/* The product of an integer or hybrid operator with weights: packed weights, what starts and finishes the sums, and the scales of
 * rows that are quantized at run time. */
#ifndef TMOI_RUNTIME_OPS_INTEGER_PRODUCT_H
#define TMOI_RUNTIME_OPS_INTEGER_PRODUCT_H

#include "kernels/gemm_s8/product.h"
#include "kernels/quant_rows/quant_rows.h"
#include "runtime/ops/operand.h"

/* Segments that the groups have in common: group g has counts[g] of them, whose numbers are which[g · segments …]. */
typedef struct tmoi_integer_taps {
    int32_t all;
    const int32_t *counts, *which;
} tmoi_integer_taps;

/* What an operator asks for. The weights are [groups][columns, segments, segment_terms]; the types and, but for
 * tmoi_product_prepare(), the quantization of the values have been checked. */
typedef struct tmoi_integer_request {
    const tmoi_value *input, *weights, *bias, *output; /* bias may be NULL */
    int32_t groups, columns, segments, segment_terms;
    int32_t activation;
    int32_t scales;   /* TMOI_SCALES_… */
    bool rounded;     /* reference arithmetic of FULLY_CONNECTED */
    bool blockwise;   /* hybrid: the segments have scales of their own, the weights none; int16 rows */
    bool transposed;  /* the weights are [groups][segment_terms, columns], of 8 bits in one segment */
    bool common;      /* all groups have the same [columns] scales and bias; see tmoi_integer_group() */
    bool late_scales; /* hybrid: the operator finds the scales of rows as it goes */
    bool raw;         /* the output is the int32 sums of the numbers as stored; no bias */
    const tmoi_integer_taps *taps; /* NULL, or: the weights are [columns, taps->all, segment_terms] */
} tmoi_integer_request;

typedef struct tmoi_integer_product {
    tmoi_gemm_s8_product product; /* of one group */
    tmoi_gemm_s8_source source;   /* of the input's rows */
    tmoi_requant requant;
    tmoi_integer_request request;
    size_t group_bytes;     /* of panels */
    tmoi_operand wide_bias; /* as int64, for the second stage */
    int32_t *start;         /* NULL: always zeros, in product.finish */
    float *bias;            /* hybrid: [columns] floats, zeros where there is none */
    bool fixed;             /* weights and bias are constant: everything is made in prepare */
    int32_t panels;         /* scratch block of weights that are not constant */
    /* Hybrid: rows of floats with their own scales, whose number is rows; scratch blocks. */
    int64_t rows;
    bool asymmetric;
    tmoi_row_range_function range;
    int32_t row_scales, row_inverses, row_zero_points;
} tmoi_integer_product;

tmo_status tmoi_integer_prepare(tmoi_exec *exec, tmoi_node *node, const tmoi_integer_request *request,
                                tmoi_integer_product *out, tmoi_ctx *ctx);
/* Hybrid: float input in `rows` rows that are quantized each with its own scale. Of request, output, scales and rounded are not
 * used. */
tmo_status tmoi_hybrid_prepare(tmoi_exec *exec, tmoi_node *node, const tmoi_integer_request *request,
                               int64_t rows, bool asymmetric, tmoi_integer_product *out, tmoi_ctx *ctx);

/* The checks and the preparation of one or the other: hybrid where the input is float. Integer weights with one scale may have
 * a zero point when it is free. */
tmo_status tmoi_product_prepare(tmoi_exec *exec, tmoi_node *node, const tmoi_integer_request *request,
                                bool free_zero_point, int64_t rows, bool asymmetric,
                                tmoi_integer_product *out, tmoi_ctx *ctx);

/* In eval, before the work is split: sets what the run needs, and for hybrid operators finds the scales of the rows, unless
 * late_scales. The matrix has all fields but rows_per_scale, which is 1. */
void tmoi_integer_begin(const tmoi_node *node, tmoi_integer_product *product, tmoi_gemm_s8_matrix *matrix);
/* With late_scales, in eval: finds those of the rows [row_begin, row_end); row 0 is at `in`. */
void tmoi_integer_find_scales(const tmoi_node *node, const tmoi_integer_product *product, const float *in,
                              int64_t row_begin, int64_t row_end);

/* The product of one group with `common` scales, to be used with column 0. After tmoi_integer_begin(). */
tmoi_gemm_s8_product tmoi_integer_group(const tmoi_integer_product *product, int32_t group);

#endif
