#include "optimize/op_rules.h"

static const tmoi_op_rule rules[] = {
#define TMOI_RULE(name, kind, int16, reason) {TMOI_OP_##name, TMOI_RULE_##kind, int16, reason},
#include "optimize/op_rules.def"
#undef TMOI_RULE
};

static const tmoi_op_rule unknown = {-1, TMOI_RULE_FLOAT, false, "the operator has no integer kernel"};
static const tmoi_op_rule custom = {-1, TMOI_RULE_FLOAT, false, "custom operators work in float"};

const tmoi_op_rule *tmoi_op_rule_find(const tmoi_op *op)
{
    if (op->code == TMOI_OP_CUSTOM) return &custom;
    for (size_t k = 0; k < sizeof rules / sizeof rules[0]; k++)
        if (rules[k].code == op->code) return &rules[k];
    return &unknown;
}

bool tmoi_rule_fixed_output(tmoi_rule_kind kind, int32_t bits, float *scale, int64_t *zero_point)
{
    bool wide = bits == 16;
    *zero_point = 0;
    switch (kind) {
    case TMOI_RULE_UNIT:
        *scale = wide ? 1.0f / 32768 : 1.0f / 256;
        if (!wide) *zero_point = -128;
        return true;
    case TMOI_RULE_SIGNED: *scale = wide ? 1.0f / 32768 : 1.0f / 128; return true;
    case TMOI_RULE_LOGARITHM:
        *scale = 16.0f / 256;
        *zero_point = 127;
        return true;
    default: return false;
    }
}
