#include <math.h>
#include <stddef.h>

#include "base/fp16.h"
#include "kernels/reduce/reduce_rows.h"

void tmoi_reduce_plan_init(tmoi_reduce_plan *plan, const tmoi_shape *in, uint32_t axes)
{
    *plan = (tmoi_reduce_plan){.out_count = 1, .group = 1};
    bool last_reduced = false;
    for (int32_t k = 0; k < in->rank; k++) {
        bool reduced = axes >> k & 1;
        if (in->dims[k] == 1) continue;
        if (plan->rank && reduced == last_reduced) {
            plan->dims[plan->rank - 1] *= in->dims[k];
        } else {
            plan->dims[plan->rank] = in->dims[k];
            plan->out_steps[plan->rank] = reduced ? 0 : 1;
            plan->rank++;
        }
        last_reduced = reduced;
    }
    if (!plan->rank) {
        plan->rank = 1;
        plan->dims[0] = plan->out_steps[0] = 1;
    }
    for (int32_t k = plan->rank - 1; k >= 0; k--) {
        if (!plan->out_steps[k]) {
            plan->group *= plan->dims[k];
            continue;
        }
        plan->out_steps[k] = plan->out_count;
        plan->out_count *= plan->dims[k];
    }
    plan->inner_reduced = plan->out_steps[plan->rank - 1] == 0;
}

REDUCE_EXTREMES(s32, int32_t, INT32_MIN, INT32_MAX)
REDUCE_EXTREMES(s64, int64_t, INT64_MIN, INT64_MAX)
REDUCE(max_fp16, uint16_t, float, -FLT_MAX, fmaxf(acc, tmoi_fp16_to_float(x)))
REDUCE(min_fp16, uint16_t, float, FLT_MAX, fminf(acc, tmoi_fp16_to_float(x)))
REDUCE(max_bf16, uint16_t, float, -FLT_MAX, fmaxf(acc, tmoi_bf16_to_float(x)))
REDUCE(min_bf16, uint16_t, float, FLT_MAX, fminf(acc, tmoi_bf16_to_float(x)))

REDUCE(sum_fp16, uint16_t, float, 0.0f, acc + tmoi_fp16_to_float(x))
REDUCE(sum_bf16, uint16_t, float, 0.0f, acc + tmoi_bf16_to_float(x))
REDUCE(sum_s32, int32_t, int64_t, 0, acc + x)
REDUCE(sum_s64, int64_t, int64_t, 0, (uint64_t)acc + (uint64_t)x)

REDUCE(prod_f32, float, float, 1.0f, acc *x)
REDUCE(prod_fp16, uint16_t, float, 1.0f, acc *tmoi_fp16_to_float(x))
REDUCE(prod_bf16, uint16_t, float, 1.0f, acc *tmoi_bf16_to_float(x))
REDUCE(prod_s8, int8_t, int8_t, 1, acc *x)
REDUCE(prod_u8, uint8_t, uint8_t, 1, acc *x)
REDUCE(prod_s16, int16_t, int16_t, 1, acc *x)
REDUCE(prod_s32, int32_t, int32_t, 1, (uint32_t)acc *(uint32_t)x)
REDUCE(prod_s64, int64_t, int64_t, 1, (uint64_t)acc *(uint64_t)x)

REDUCE(any_bool, uint8_t, uint8_t, 0, acc | (x != 0))
REDUCE(all_bool, uint8_t, uint8_t, 1, acc &(x != 0))

#define KINDS(sum, prod, max, min)                                                                           \
    {                                                                                                        \
        [TMOI_REDUCE_SUM] = sum, [TMOI_REDUCE_PROD] = prod, [TMOI_REDUCE_MAX] = max, [TMOI_REDUCE_MIN] = min \
    }

static const tmoi_reduce_function table_f32[] = KINDS(sum_f32, prod_f32, max_f32, min_f32);
static const tmoi_reduce_function table_fp16[] = KINDS(sum_fp16, prod_fp16, max_fp16, min_fp16);
static const tmoi_reduce_function table_bf16[] = KINDS(sum_bf16, prod_bf16, max_bf16, min_bf16);
static const tmoi_reduce_function table_s8[] = KINDS(sum_s8, prod_s8, max_s8, min_s8);
static const tmoi_reduce_function table_u8[] = KINDS(sum_u8, prod_u8, max_u8, min_u8);
static const tmoi_reduce_function table_s16[] = KINDS(sum_s16, prod_s16, max_s16, min_s16);
static const tmoi_reduce_function table_s32[] = KINDS(sum_s32, prod_s32, max_s32, min_s32);
static const tmoi_reduce_function table_s64[] = KINDS(sum_s64, prod_s64, max_s64, min_s64);

tmoi_reduce_function tmoi_reduce_rows_c(tmoi_reduce_kind kind, tmo_type type)
{
    if (kind == TMOI_REDUCE_ANY) return type == TMO_TYPE_BOOL ? any_bool : NULL;
    if (kind == TMOI_REDUCE_ALL) return type == TMO_TYPE_BOOL ? all_bool : NULL;
    switch (type) {
    case TMO_TYPE_FLOAT32: return table_f32[kind];
    case TMO_TYPE_FLOAT16: return table_fp16[kind];
    case TMO_TYPE_BFLOAT16: return table_bf16[kind];
    case TMO_TYPE_INT8: return table_s8[kind];
    case TMO_TYPE_UINT8: return table_u8[kind];
    case TMO_TYPE_INT16: return table_s16[kind];
    case TMO_TYPE_INT32: return table_s32[kind];
    case TMO_TYPE_INT64: return table_s64[kind];
    default: return NULL;
    }
}

tmo_type tmoi_reduce_accumulator_type(tmoi_reduce_kind kind, tmo_type type)
{
    if (type == TMO_TYPE_FLOAT16 || type == TMO_TYPE_BFLOAT16) return TMO_TYPE_FLOAT32;
    if (kind != TMOI_REDUCE_SUM || type == TMO_TYPE_FLOAT32) return type;
    return type == TMO_TYPE_INT8 || type == TMO_TYPE_UINT8 ? TMO_TYPE_INT32 : TMO_TYPE_INT64;
}

/* Whether the row holds the first elements of its groups: all reduced indices are 0. */
static bool first_of_group(const tmoi_reduce_plan *plan, const row_walk *walk)
{
    for (int32_t k = 0; k < plan->rank - 1; k++)
        if (plan->out_steps[k] == 0 && walk->index[k] != 0) return false;
    return true;
}

void tmoi_reduce_prod_quantized(const tmoi_reduce_plan *plan, tmo_type type, int32_t zero_in,
                                tmoi_multiplier scale, const void *in, int32_t *accumulators)
{
    const int64_t rows = row_count(plan), width = plan->dims[plan->rank - 1];
    row_walk walk = {{0}, 0};
    for (int64_t r = 0; r < rows; r++, next_row(plan, &walk)) {
        bool first_row = first_of_group(plan, &walk);
        for (int64_t k = 0; k < width; k++) {
            int64_t at = r * width + k;
            int32_t x = (type == TMO_TYPE_INT8 ? ((const int8_t *)in)[at] : ((const int16_t *)in)[at]) -
                        zero_in;
            int32_t *acc = &accumulators[walk.out + (plan->inner_reduced ? 0 : k)];
            bool first = first_row && (!plan->inner_reduced || k == 0);
            *acc = first ? x : tmoi_multiply_64((int64_t)*acc * x, scale);
        }
    }
}
