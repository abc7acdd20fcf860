/* Float weights in the panels of gemm_f32. */
#ifndef TMOI_RUNTIME_OPS_PANELS_H
#define TMOI_RUNTIME_OPS_PANELS_H

#include "kernels/gemm_f32/gemm_f32.h"
#include "runtime/ops/form.h"

typedef struct tmoi_panels {
    const tmoi_gemm_f32_kernel *gemm;
    const tmoi_value *value;        /* float32, float16, or integers with a scale for each column: */
    const float *scales;            /* [matrices, n], or NULL */
    tmoi_widen_fp16_function widen; /* of panels of float16; NULL: of floats */
    int64_t k, n;
    int64_t step; /* elements from matrix to matrix */
    bool transposed;
    tmoi_form form;
} tmoi_panels;

/* The value holds matrices [K, N], or [N, K] when transposed. Sets the node's kernel. */
tmo_status tmoi_panels_prepare(tmoi_exec *exec, tmoi_node *node, tmoi_panels *panels, const tmoi_value *value,
                               int64_t k, int64_t n, bool transposed, tmoi_ctx *ctx);
static inline const void *tmoi_panels_data(const tmoi_node *node, const tmoi_panels *panels)
{
    return tmoi_form_data(node, &panels->form);
}

/* How a product of M rows with panels is split among threads: into blocks of rows, and where these are too few and it
 * may be, also of columns. */
typedef struct tmoi_product_split {
    int64_t m;
    int32_t n;
    int32_t rows, columns;  /* of a piece */
    int64_t across, pieces; /* pieces side by side, and all */
    int64_t grain;
} tmoi_product_split;
tmoi_product_split tmoi_split_product(const tmoi_exec *exec, const tmoi_panels *panels, int64_t m,
                                      bool split_columns);

#endif
