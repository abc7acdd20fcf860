/* Sources: LiteRT's builtin resolver (register.cc: kernels and versions) and litert_types.def. */
#include "target/litert.h"

#include <string.h>

#define ANY      0u
#define F32      TMOI_T(FLOAT32)
#define F16      TMOI_T(FLOAT16)
#define BF16     TMOI_T(BFLOAT16)
#define F64      TMOI_T(FLOAT64)
#define E4M3     TMOI_T(FLOAT8_E4M3FN)
#define E5M2     TMOI_T(FLOAT8_E5M2)
#define I2       TMOI_T(INT2)
#define I4       TMOI_T(INT4)
#define U4       TMOI_T(UINT4)
#define I8       TMOI_T(INT8)
#define U8       TMOI_T(UINT8)
#define I16      TMOI_T(INT16)
#define U16      TMOI_T(UINT16)
#define I32      TMOI_T(INT32)
#define U32      TMOI_T(UINT32)
#define I64      TMOI_T(INT64)
#define U64      TMOI_T(UINT64)
#define BOOL     TMOI_T(BOOL)
#define C64      TMOI_T(COMPLEX64)
#define C128     TMOI_T(COMPLEX128)
#define STRING   TMOI_T(STRING)
#define RESOURCE TMOI_T(RESOURCE)

static const tmoi_rule typed[] = {
#define TMOI_LITERT(name, in, out)    {TMOI_OP_##name, in, out, {NULL}},
#define TMOI_LITERT_SAME(name, types) {TMOI_OP_##name, types, types, {NULL}},
#include "target/litert_types.def"
#undef TMOI_LITERT
#undef TMOI_LITERT_SAME
};
static const tmoi_rule_set typed_rules = {"LiteRT", "", typed, sizeof typed / sizeof *typed, false, NULL};

typedef struct version_range {
    int32_t code, min, max;
} version_range;

static const version_range registered[] = {
#define TMOI_BUILTIN(code, name, min_version, max_version, options_union, options_tag) \
    {code, min_version, max_version},
#include "tflite/builtins.def"
#undef TMOI_BUILTIN
};

/* Custom operators that the stock resolver registers. */
static const char *const registered_custom[] = {"NumericVerify", "Mfcc", "AudioSpectrogram",
                                                "TFLite_Detection_PostProcess", "aeq.hadamard_rotation"};
/* Custom operators that a compiler for one accelerator made. */
static const char *const compiled_custom[] = {"edgetpu-custom-op", "ethos-u", "DISPATCH_OP"};

static bool is_listed(const char *name, const char *const *list, size_t count)
{
    for (size_t k = 0; k < count; k++)
        if (strcmp(list[k], name) == 0) return true;
    return false;
}

static bool custom_runs(const char *name, tmoi_why *why)
{
    if (is_listed(name, registered_custom, sizeof registered_custom / sizeof *registered_custom)) return true;
    if (is_listed(name, compiled_custom, sizeof compiled_custom / sizeof *compiled_custom))
        return tmoi_why_not(why,
                            "'%.80s' was compiled for an accelerator and runs only there; check the model "
                            "from before the compiler",
                            name);
    if (strncmp(name, "Flex", 4) == 0)
        return tmoi_why_not(why,
                            "'%.80s' is a TensorFlow operator; link the select-TF library (Flex delegate), "
                            "or convert without SELECT_TF_OPS",
                            name);
    return tmoi_why_not(
        why, "custom operator '%.80s' is not in LiteRT; register a kernel for it before loading", name);
}

static bool version_runs(const tmoi_op *op, tmoi_why *why)
{
    for (size_t k = 0; k < sizeof registered / sizeof *registered; k++) {
        if (registered[k].code != op->code) continue;
        if (registered[k].max == 0)
            return tmoi_why_not(why,
                                "LiteRT has no kernel for this operator; convert the model again without it");
        if (op->version >= registered[k].min && op->version <= registered[k].max) return true;
        return tmoi_why_not(
            why, "version %d, LiteRT registers %d to %d; write the model with tmo convert or update LiteRT",
            (int)op->version, (int)registered[k].min, (int)registered[k].max);
    }
    return tmoi_why_not(why, "operator code %d is not in the format; update LiteRT", (int)op->code);
}

bool tmoi_litert_registers(const tmoi_site *site, tmoi_why *why)
{
    if (site->op->code == TMOI_OP_CUSTOM) return custom_runs(tmoi_op_name(site->op), why);
    return version_runs(site->op, why);
}

bool tmoi_litert_takes_types(const tmoi_site *site, tmoi_why *why)
{
    return !tmoi_rule_find(&typed_rules, site->op->code) || tmoi_rule_check(&typed_rules, site, why);
}
