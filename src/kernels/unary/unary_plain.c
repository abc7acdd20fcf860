#include <stddef.h>

#include "base/fp16.h"
#include "kernels/unary/unary_f32_elements.h"
#include "kernels/unary/unary_rows.h"

#define OTHER_ROWS(kind, expression) TMOI_UNARY_ROWS(kind##_f32, float, kind##_element(p, x[k]))
#define FP16_ROWS(kind, expression) \
    TMOI_UNARY_ROWS(kind##_fp16, uint16_t, tmoi_fp16_from_float(kind##_element(p, tmoi_fp16_to_float(x[k]))))
#define BF16_ROWS(kind, expression) \
    TMOI_UNARY_ROWS(kind##_bf16, uint16_t, tmoi_bf16_from_float(kind##_element(p, tmoi_bf16_to_float(x[k]))))
TMOI_UNARY_OTHER_KINDS(OTHER_ROWS)
TMOI_UNARY_VECTOR_KINDS(FP16_ROWS)
TMOI_UNARY_EXP_KINDS(FP16_ROWS)
TMOI_UNARY_OTHER_KINDS(FP16_ROWS)
TMOI_UNARY_VECTOR_KINDS(BF16_ROWS)
TMOI_UNARY_EXP_KINDS(BF16_ROWS)
TMOI_UNARY_OTHER_KINDS(BF16_ROWS)

static tmoi_unary_function find_f32(tmoi_unary_kind kind)
{
    return kind == TMOI_UNARY_SIN ? SIN_f32 : kind == TMOI_UNARY_COS ? COS_f32 : tmoi_unary_f32_c(kind);
}

#define FP16_ENTRY(kind, expression) [TMOI_UNARY_##kind] = kind##_fp16,
#define BF16_ENTRY(kind, expression) [TMOI_UNARY_##kind] = kind##_bf16,
static const tmoi_unary_function table_fp16[TMOI_UNARY_KIND_COUNT] = {
    TMOI_UNARY_VECTOR_KINDS(FP16_ENTRY) TMOI_UNARY_EXP_KINDS(FP16_ENTRY) TMOI_UNARY_OTHER_KINDS(FP16_ENTRY)};
static const tmoi_unary_function table_bf16[TMOI_UNARY_KIND_COUNT] = {
    TMOI_UNARY_VECTOR_KINDS(BF16_ENTRY) TMOI_UNARY_EXP_KINDS(BF16_ENTRY) TMOI_UNARY_OTHER_KINDS(BF16_ENTRY)};

/* Negation and magnitude of the smallest integer wrap to itself. */
TMOI_UNARY_ROWS(neg_s8, int8_t, -x[k])
TMOI_UNARY_ROWS(neg_s16, int16_t, -x[k])
TMOI_UNARY_ROWS(neg_s32, int32_t, 0 - (uint32_t)x[k])
TMOI_UNARY_ROWS(neg_s64, int64_t, 0 - (uint64_t)x[k])
TMOI_UNARY_ROWS(abs_s8, int8_t, x[k] < 0 ? -x[k] : x[k])
TMOI_UNARY_ROWS(abs_s16, int16_t, x[k] < 0 ? -x[k] : x[k])
TMOI_UNARY_ROWS(abs_s32, int32_t, x[k] < 0 ? 0 - (uint32_t)x[k] : (uint32_t)x[k])
TMOI_UNARY_ROWS(abs_s64, int64_t, x[k] < 0 ? 0 - (uint64_t)x[k] : (uint64_t)x[k])
TMOI_UNARY_ROWS(sign_s32, int32_t, (x[k] > 0) - (x[k] < 0))
TMOI_UNARY_ROWS(sign_f64, double, (double)((x[k] > 0.0) - (x[k] < 0.0)))
TMOI_UNARY_ROWS(not_bool, uint8_t, !x[k])

tmoi_unary_function tmoi_unary_plain(tmoi_unary_kind kind, tmo_type type)
{
    bool neg = kind == TMOI_UNARY_NEG, abs = kind == TMOI_UNARY_ABS, sign = kind == TMOI_UNARY_SIGN;
    switch (type) {
    case TMO_TYPE_FLOAT32: return find_f32(kind);
    case TMO_TYPE_FLOAT16: return table_fp16[kind];
    case TMO_TYPE_BFLOAT16: return table_bf16[kind];
    case TMO_TYPE_FLOAT64: return sign ? sign_f64 : NULL;
    case TMO_TYPE_INT8: return neg ? neg_s8 : abs ? abs_s8 : NULL;
    case TMO_TYPE_INT16: return neg ? neg_s16 : abs ? abs_s16 : NULL;
    case TMO_TYPE_INT32: return neg ? neg_s32 : abs ? abs_s32 : sign ? sign_s32 : NULL;
    case TMO_TYPE_INT64: return neg ? neg_s64 : abs ? abs_s64 : NULL;
    case TMO_TYPE_BOOL: return kind == TMOI_UNARY_NOT ? not_bool : NULL;
    default: return NULL;
    }
}
