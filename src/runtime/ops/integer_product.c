#include "runtime/ops/integer_product.h"

#include <string.h>

#include "base/fp16.h"
#include "base/hash.h"
#include "runtime/activation.h"
#include "runtime/ops/conv_common.h"
#include "runtime/ops/multipliers.h"
#include "runtime/weights.h"

/* Behind the panels of all groups in a packed form. */
typedef struct form {
    size_t panels, absolute, sums, bytes; /* where they begin, and the size of all */
} form;

static int32_t channels_of(const tmoi_integer_request *r)
{
    return r->groups * r->columns;
}

/* Of the scales and the bias. */
static int32_t scales_of(const tmoi_integer_request *r)
{
    return r->common ? r->columns : channels_of(r);
}

static tmo_status measure(const tmoi_integer_product *p, size_t *group_bytes, form *out, tmoi_ctx *ctx)
{
    const tmoi_integer_request *r = &p->request;
    size_t columns = (size_t)channels_of(r);
    int32_t packed = r->columns + (p->product.ones_factor ? 1 : 0);
    *group_bytes = tmoi_gemm_s8_packed_bytes(p->product.kernel, packed, r->segments, r->segment_terms);
    bool empty = packed == 0 || r->segment_terms == 0;
    bool fits = tmoi_mul_size(*group_bytes, (size_t)r->groups, &out->absolute) && (*group_bytes || empty);
    TMO_FAIL_IF(!fits || out->absolute > SIZE_MAX / 4 || columns > SIZE_MAX / 64, LIMIT, ctx,
                "weights '%s' are too large", r->weights->tensor->name);
    out->panels = 0;
    out->absolute = tmoi_align_up(out->absolute, TMOI_ALIGNMENT);
    out->sums = out->absolute + columns * sizeof(int64_t);
    out->bytes = out->sums + (columns + (size_t)p->product.kernel->nr) * sizeof(int32_t);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmoi_gemm_s8_weights weights_of(const tmoi_integer_product *p, int32_t group)
{
    const tmoi_integer_request *r = &p->request;
    bool old = r->input->type == TMO_TYPE_FLOAT32 &&
               r->weights->type == TMO_TYPE_UINT8; /* int8 numbers in old models */
    tmoi_gemm_s8_weights out = {.type = old ? TMO_TYPE_INT8 : r->weights->type,
                                .data = r->weights->data,
                                .first = (int64_t)group * r->columns * r->segments * r->segment_terms,
                                .n = r->columns,
                                .segments = r->segments,
                                .segment_terms = r->segment_terms,
                                .ones = p->product.ones_factor != 0,
                                .transposed = r->transposed};
    if (r->taps) {
        out.first = 0;
        out.segments = r->taps->counts[group];
        out.taps = r->taps->which + (ptrdiff_t)group * r->segments;
        out.all_taps = r->taps->all;
    }
    return out;
}

static void fill_form(const void *user, void *out)
{
    const tmoi_integer_product *p = user;
    const tmoi_integer_request *r = &p->request;
    form at;
    size_t group_bytes;
    tmoi_ctx ignored = {0};
    (void)measure(p, &group_bytes, &at, &ignored);
    for (int32_t g = 0; g < r->groups; g++) {
        tmoi_gemm_s8_weights weights = weights_of(p, g);
        tmoi_gemm_s8_pack(p->product.kernel, &weights, (int8_t *)out + (size_t)g * group_bytes);
        tmoi_gemm_s8_column_sums(&weights,
                                 (int32_t *)(void *)((char *)out + at.sums) + (ptrdiff_t)g * r->columns,
                                 (int64_t *)(void *)((char *)out + at.absolute) + (ptrdiff_t)g * r->columns);
    }
}

/* int16 weights are multiplied as they lie. */
static bool is_packed(const tmoi_integer_request *r)
{
    return r->weights->type != TMO_TYPE_INT16;
}

static void choose_kernel(tmoi_exec *exec, tmoi_node *node, tmoi_integer_product *p)
{
    if (p->source.type == TMO_TYPE_INT16 || p->product.ones_factor || p->request.blockwise) {
        p->product.kernel = TMOI_KERNEL_OF(exec->kernels, gemm_s16x8)();
        node->kernel = TMOI_KERNEL_NAME(exec->kernels, gemm_s16x8);
    } else {
        p->product.kernel = TMOI_KERNEL_OF(exec->kernels, gemm_s8)();
        node->kernel = TMOI_KERNEL_NAME(exec->kernels, gemm_s8);
    }
}

static tmo_status channel_memory(tmoi_exec *exec, const tmoi_integer_product *p, size_t elem_bytes, void *out,
                                 tmoi_ctx *ctx)
{
    size_t count = (size_t)channels_of(&p->request) + (size_t)p->product.kernel->nr;
    void *memory;
    TMO_TRY(tmoi_node_memory(exec, &memory, count, elem_bytes, ctx));
    memcpy(out, &memory, sizeof memory);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* What decides the packed form besides weights and kernel. */
static uint64_t kind_of(const tmoi_integer_product *p)
{
    const tmoi_integer_request *r = &p->request;
    uint64_t kind = (uint64_t)(uint32_t)r->groups << 32 ^ (uint64_t)(uint32_t)r->segments << 1 ^
                    (uint64_t)(p->product.ones_factor != 0) ^
                    (uint64_t)(r->input->type == TMO_TYPE_FLOAT32) << 31 ^ (uint64_t)r->transposed << 30;
    if (!r->taps) return kind;
    size_t groups = (size_t)r->groups, segments = (size_t)r->segments;
    tmoi_hash hash = tmoi_hash_number(kind, (tmoi_hash){0});
    hash = tmoi_hash_bytes(r->taps->counts, groups * sizeof *r->taps->counts, hash);
    hash = tmoi_hash_bytes(r->taps->which, groups * segments * sizeof *r->taps->which, hash);
    return hash.low;
}

/* What all kinds share, when product.ones_factor and source are known. */
static tmo_status prepare_common(tmoi_exec *exec, tmoi_node *node, tmoi_integer_product *p,
                                 const void **packed, form *at, tmoi_ctx *ctx)
{
    const tmoi_integer_request *r = &p->request;
    choose_kernel(exec, node, p);
    p->product.n = r->columns;
    p->product.segments = r->segments;
    p->product.segment_terms = r->segment_terms;
    p->fixed = r->weights->is_constant && (!r->bias || r->bias->is_constant);
    *packed = NULL;
    TMO_TRY(measure(p, &p->group_bytes, at, ctx));
    if (!is_packed(r)) {
        *at = (form){0};
    } else if (r->weights->is_constant) {
        tmoi_packing packing = {.value = r->weights,
                                .layout = node->kernel,
                                .kind = kind_of(p),
                                .bytes = at->bytes,
                                .fill = fill_form,
                                .user = p};
        TMO_TRY(tmoi_weights_get(exec, &packing, packed, ctx));
        p->product.panels = *packed;
    } else {
        TMO_TRY(tmoi_node_scratch(node, at->bytes, &p->panels, ctx));
    }
    TMO_TRY(channel_memory(exec, p, sizeof(int32_t), &p->start, ctx));
    p->product.finish.start = p->start;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static int64_t bias_at(const tmoi_value *bias, int32_t channel)
{
    if (!bias) return 0;
    return bias->type == TMO_TYPE_INT64 ? ((const int64_t *)bias->data)[channel]
                                        : ((const int32_t *)bias->data)[channel];
}

static float float_bias_at(const tmoi_value *bias, int32_t channel)
{
    if (!bias) return 0.0f;
    return bias->type == TMO_TYPE_FLOAT16 ? tmoi_fp16_to_float(((const uint16_t *)bias->data)[channel])
                                          : ((const float *)bias->data)[channel];
}

/* Sets the arrays that depend on the values of weights and bias. */
static void set_arrays(tmoi_integer_product *p, const void *packed)
{
    const tmoi_integer_request *r = &p->request;
    tmoi_ctx ignored = {0};
    size_t group_bytes;
    form at;
    (void)measure(p, &group_bytes, &at, &ignored);
    if (!is_packed(r)) {
        p->product.wide_weights = r->weights->data;
        return;
    }
    p->product.panels = packed;
    const int32_t *sums = (const int32_t *)(const void *)((const char *)packed + at.sums);
    p->product.finish.column_sums = sums;
    bool second_stage = p->product.requant != NULL;
    uint32_t zero = p->bias ? 0 : (uint32_t)tmoi_gemm_s8_zero(p->product.kernel, &p->source);
    for (int32_t n = 0; n < channels_of(r); n++) {
        p->start[n] = (int32_t)(0 - zero * (uint32_t)sums[n]);
        if (!p->bias && !second_stage)
            p->start[n] = (int32_t)((uint32_t)p->start[n] + (uint32_t)bias_at(r->bias, n % scales_of(r)));
    }
    for (int32_t n = 0; p->bias && n < scales_of(r); n++) p->bias[n] = float_bias_at(r->bias, n);
}

/* Whether the sums of int16 rows and their bias surely fit in 32 bits. */
static bool fits_32_bits(const tmoi_integer_product *p, const void *packed, const form *at)
{
    const int64_t *absolute = (const int64_t *)(const void *)((const char *)packed + at->absolute);
    for (int32_t n = 0; n < channels_of(&p->request); n++) {
        int64_t bias = bias_at(p->request.bias, n % scales_of(&p->request));
        if (bias < INT32_MIN || bias > INT32_MAX ||
            absolute[n] * 32768 + (bias < 0 ? -bias : bias) > INT32_MAX)
            return false;
    }
    return true;
}

static size_t type_bytes(tmo_type type)
{
    return tmo_type_bits(type) / 8;
}

/* Sums that the kernel finishes. */
static void finish_at_once(tmoi_integer_product *p)
{
    p->product.requant = NULL;
    p->product.wide = false;
    p->product.finish.kind = p->request.output->type == TMO_TYPE_INT16 ? TMOI_GEMM_S8_S16 : TMOI_GEMM_S8_X8;
}

static tmo_status prepare_requant(tmoi_exec *exec, tmoi_integer_product *p, tmoi_ctx *ctx)
{
    const tmoi_integer_request *r = &p->request;
    tmoi_requant *requant = &p->requant;
    float *scale = NULL;
    requant->wide = r->input->type == TMO_TYPE_INT16 && !(r->bias && r->bias->type == TMO_TYPE_INT32);
    TMO_TRY(tmoi_requant_prepare(exec, r->input, r->weights, r->output, scales_of(r), r->scales, r->rounded,
                                 requant, ctx));
    TMO_TRY(tmoi_activation_range_quant(r->activation, r->output, &requant->low, &requant->high, ctx));
    if (requant->scale) {
        TMO_TRY(channel_memory(exec, p, sizeof *scale, &scale, ctx));
        memcpy(scale, requant->scale, (size_t)scales_of(r) * sizeof *scale);
    }
    p->product.finish.scale = scale;
    p->product.finish.requant = requant;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* How much the panels' int8 numbers are off the weights' real ones. */
static int32_t ones_factor_of(const tmoi_value *weights)
{
    if (weights->quant->count != 1) return 0;
    return tmoi_value_zero_point(weights) - (weights->type == TMO_TYPE_UINT8 ? 128 : 0);
}

tmo_status tmoi_integer_prepare(tmoi_exec *exec, tmoi_node *node, const tmoi_integer_request *request,
                                tmoi_integer_product *p, tmoi_ctx *ctx)
{
    const tmoi_value *input = request->input;
    const void *packed;
    form at;
    p->request = *request;
    p->source = (tmoi_gemm_s8_source){.type = input->type,
                                      .zero_point = request->raw ? 0 : tmoi_value_zero_point(input)};
    p->product.ones_factor = request->raw ? 0 : ones_factor_of(request->weights);
    p->product.out_bytes = type_bytes(request->output->type);
    TMO_TRY(prepare_common(exec, node, p, &packed, &at, ctx));
    if (request->raw) {
        if (p->fixed) set_arrays(p, packed);
        return TMO_STATUS_OK;
    }
    TMO_TRY(prepare_requant(exec, p, ctx));
    bool wide = input->type == TMO_TYPE_INT16;
    if (!exec->reference && !p->product.ones_factor &&
        (!wide || (is_packed(request) && p->fixed && fits_32_bits(p, packed, &at)))) {
        finish_at_once(p);
    } else {
        p->product.wide = wide;
        p->product.requant = &p->requant;
        TMO_TRY(tmoi_operand_prepare(exec, node, &p->wide_bias, request->bias, tmoi_operand_bias,
                                     sizeof(int64_t), 0, 0, ctx));
    }
    if (p->fixed) set_arrays(p, packed);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_hybrid_prepare(tmoi_exec *exec, tmoi_node *node, const tmoi_integer_request *request,
                               int64_t rows, bool asymmetric, tmoi_integer_product *p, tmoi_ctx *ctx)
{
    const void *packed;
    const float *scales;
    float *scale;
    form at;
    p->request = *request;
    p->rows = rows;
    p->asymmetric = asymmetric;
    p->range = TMOI_KERNEL_OF(exec->kernels, row_range);
    p->source = (tmoi_gemm_s8_source){.type = TMO_TYPE_FLOAT32, .low = asymmetric ? -128 : -127};
    p->product.out_bytes = sizeof(float);
    p->product.finish.kind = TMOI_GEMM_S8_F32;
    TMO_TRY(prepare_common(exec, node, p, &packed, &at, ctx));
    if (!request->blockwise) {
        TMO_TRY(tmoi_channel_scales(exec, request->weights, scales_of(request), &scales, ctx));
        TMO_TRY(channel_memory(exec, p, sizeof *scale, &scale, ctx));
        memcpy(scale, scales, (size_t)scales_of(request) * sizeof *scale);
        p->product.finish.scale = scale;
    }
    TMO_TRY(channel_memory(exec, p, sizeof *p->bias, &p->bias, ctx));
    p->product.finish.bias = p->bias;
    TMO_TRY(
        tmoi_activation_range_f32(request->activation, &p->product.finish.low, &p->product.finish.high, ctx));
    TMO_TRY(tmoi_node_scratch(node, (size_t)rows * sizeof(float), &p->row_scales, ctx));
    TMO_TRY(tmoi_node_scratch(node, (size_t)rows * sizeof(float), &p->row_inverses, ctx));
    TMO_TRY(tmoi_node_scratch(node, (size_t)rows * sizeof(int32_t), &p->row_zero_points, ctx));
    if (p->fixed) set_arrays(p, packed);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status check_integer(const tmoi_value *input, const tmoi_value *weights, const tmoi_value *output,
                                bool free_zero_point, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_value_require_quant(input, "input", ctx));
    TMO_TRY(tmoi_value_require_quant(output, "output", ctx));
    TMO_TRY(tmoi_weights_require_quant(weights, 0, free_zero_point, ctx));
    TMO_TRY(tmoi_conv_check_wide(input, output, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_product_prepare(tmoi_exec *exec, tmoi_node *node, const tmoi_integer_request *request,
                                bool free_zero_point, int64_t rows, bool asymmetric,
                                tmoi_integer_product *out, tmoi_ctx *ctx)
{
    if (request->input->type == TMO_TYPE_FLOAT32) {
        TMO_TRY(tmoi_weights_require_quant(request->weights, 0, false, ctx));
        return tmoi_hybrid_prepare(exec, node, request, rows, asymmetric, out, ctx);
    }
    TMO_TRY(check_integer(request->input, request->weights, request->output, free_zero_point, ctx));
    return tmoi_integer_prepare(exec, node, request, out, ctx);
fail:
    return ctx->error.status;
}

void tmoi_integer_find_scales(const tmoi_node *node, const tmoi_integer_product *p, const float *in,
                              int64_t row_begin, int64_t row_end)
{
    float *scales = node->scratch[p->row_scales], *inverses = node->scratch[p->row_inverses];
    int32_t *zero_points = node->scratch[p->row_zero_points];
    int64_t count = p->rows ? tmoi_shape_count(&p->request.input->shape) / p->rows : 0;
    for (int64_t r = row_begin; r < row_end; r++) {
        float low, high;
        p->range(in + r * count, count, &low, &high);
        tmoi_row_scale(p->asymmetric, low, high, &scales[r], &inverses[r], &zero_points[r]);
    }
}

static void set_scales(const tmoi_node *node, const tmoi_integer_product *p, tmoi_gemm_s8_matrix *matrix)
{
    matrix->scale = node->scratch[p->row_scales];
    matrix->inverse = node->scratch[p->row_inverses];
    matrix->zero_point = node->scratch[p->row_zero_points];
    matrix->rows_per_scale = 1;
    if (!p->request.late_scales) tmoi_integer_find_scales(node, p, matrix->data, 0, p->rows);
}

void tmoi_integer_begin(const tmoi_node *node, tmoi_integer_product *p, tmoi_gemm_s8_matrix *matrix)
{
    if (!p->fixed) {
        const void *packed = p->product.panels;
        if (!p->request.weights->is_constant && is_packed(&p->request)) {
            fill_form(p, node->scratch[p->panels]);
            packed = node->scratch[p->panels];
        }
        set_arrays(p, packed);
    }
    p->requant.bias = tmoi_operand_data(node, &p->wide_bias);
    *matrix = (tmoi_gemm_s8_matrix){.data = p->request.input->data, .source = p->source};
    if (p->bias) set_scales(node, p, matrix);
}

tmoi_gemm_s8_product tmoi_integer_group(const tmoi_integer_product *p, int32_t group)
{
    const tmoi_integer_request *r = &p->request;
    tmoi_gemm_s8_product out = p->product;
    if (is_packed(r)) {
        out.panels += (size_t)group * p->group_bytes;
        out.finish.start += (ptrdiff_t)group * r->columns;
        out.finish.column_sums += (ptrdiff_t)group * r->columns;
    } else {
        out.wide_weights += (ptrdiff_t)group * r->columns * r->segment_terms;
    }
    if (r->taps) out.segments = r->taps->counts[group];
    return out;
}
