#include "runtime/ops/panels.h"

#include "runtime/ops/multipliers.h"

/* Weights of a matrix that stay float16. Fewer take little memory, and widening them for each block much of its time. */
enum { LEAST_HALVES = 16 * 1024 };

static void fill(const void *user, void *out)
{
    const tmoi_panels *panels = user;
    int64_t size = panels->k * panels->n, count = tmoi_shape_count(&panels->value->shape);
    tmoi_gemm_f32_weights weights = {.data = panels->value->data,
                                     .type = panels->value->type,
                                     .k_stride = panels->transposed ? 1 : (ptrdiff_t)panels->n,
                                     .n_stride = panels->transposed ? (ptrdiff_t)panels->k : 1};
    for (int64_t matrix = 0; weights.first < count; weights.first += size, matrix++) {
        int64_t at = matrix * panels->step;
        if (panels->scales) weights.scale = panels->scales + matrix * panels->n;
        if (panels->widen)
            tmoi_gemm_f32_pack_half(&weights, panels->gemm->lanes, panels->k, panels->n, 0, panels->k,
                                    (uint16_t *)out + at);
        else
            tmoi_gemm_f32_pack(&weights, panels->gemm->lanes, panels->k, panels->n, 0, panels->k,
                               (float *)out + at);
    }
}

tmo_status tmoi_panels_prepare(tmoi_exec *exec, tmoi_node *node, tmoi_panels *panels, const tmoi_value *value,
                               int64_t k, int64_t n, bool transposed, tmoi_ctx *ctx)
{
    const tmoi_gemm_f32_kernel *gemm = TMOI_KERNEL_OF(exec->kernels, gemm_f32)();
    int64_t size = k * n, matrices = size ? tmoi_shape_count(&value->shape) / size : 0;
    *panels = (tmoi_panels){.gemm = gemm, .value = value, .k = k, .n = n, .transposed = transposed};
    if (value->type == TMO_TYPE_FLOAT16 && size >= LEAST_HALVES)
        panels->widen = TMOI_KERNEL_OF(exec->kernels, widen_fp16);
    size_t width = panels->widen ? sizeof(uint16_t) : sizeof(float);
    panels->step = tmoi_gemm_f32_packed_size(gemm->lanes, k, n);
    tmoi_packing packing = {.value = value,
                            .layout = gemm->name,
                            .kind = (uint64_t)k << 33 | (uint64_t)n << 1 | (transposed ? 1 : 0),
                            .fill = fill,
                            .user = panels};
    node->kernel = gemm->name;
    TMO_TRY(tmoi_float_scales(exec, value, (int32_t)(matrices * n), &panels->scales, ctx));
    TMO_TRY(tmoi_form_bytes(value, panels->step, (size_t)matrices * width, &packing.bytes, ctx));
    TMO_TRY(tmoi_form_prepare(exec, node, &panels->form, &packing, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* Rows of a block: fewer when there are several threads, so that each gets some. */
static int32_t rows_of_block(const tmoi_panels *panels, int64_t m, int64_t threads)
{
    const tmoi_gemm_f32_kernel *gemm = panels->gemm;
    int64_t rows = tmoi_gemm_f32_rows(gemm, panels->k, panels->widen != NULL);
    int64_t fair = (m + 4 * threads - 1) / (4 * threads);
    int64_t least = 2 * gemm->rows;
    if (threads == 1 || rows <= fair || rows <= least) return (int32_t)rows;
    if (fair < least) fair = least;
    return (int32_t)((fair + gemm->rows - 1) / gemm->rows * gemm->rows);
}

tmoi_product_split tmoi_split_product(const tmoi_exec *exec, const tmoi_panels *panels, int64_t m,
                                      bool split_columns)
{
    int32_t n = (int32_t)panels->n;
    int64_t threads = tmoi_thread_pool_size(exec->pool);
    tmoi_product_split split = {.m = m, .n = n, .rows = rows_of_block(panels, m, threads), .columns = n};
    int64_t blocks = (m + split.rows - 1) / split.rows, wanted = threads > 1 ? 2 * threads : 1;
    if (split_columns && blocks > 0 && blocks < wanted && n > 0) {
        int64_t parts = (wanted + blocks - 1) / blocks, unit = 2 * panels->gemm->lanes;
        int64_t units = (n + unit - 1) / unit;
        split.columns = (int32_t)((units + parts - 1) / parts * unit);
    }
    split.across = n > 0 ? (n + (int64_t)split.columns - 1) / split.columns : 0;
    split.pieces = blocks * split.across;
    split.grain = tmoi_grain(panels->k * split.rows * split.columns);
    return split;
}
