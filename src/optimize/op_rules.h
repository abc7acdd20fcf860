/* The table of op_rules.def. */
#ifndef TMOI_OPTIMIZE_OP_RULES_H
#define TMOI_OPTIMIZE_OP_RULES_H

#include "model/graph.h"

typedef enum tmoi_rule_kind {
    TMOI_RULE_WEIGHTED,
    TMOI_RULE_FREE,
    TMOI_RULE_SAME,
    TMOI_RULE_UNIT,
    TMOI_RULE_SIGNED,
    TMOI_RULE_LOGARITHM,
    TMOI_RULE_INPUTS,
    TMOI_RULE_ANY,
    TMOI_RULE_FLOAT
} tmoi_rule_kind;

typedef struct tmoi_op_rule {
    int32_t code;
    tmoi_rule_kind kind;
    bool int16;
    const char *reason; /* of TMOI_RULE_FLOAT */
} tmoi_op_rule;

/* Never NULL: an operator without a row has the kind FLOAT and says so. */
const tmoi_op_rule *tmoi_op_rule_find(const tmoi_op *op);

/* Scale and zero point of the kinds with a fixed output; false for the others. `bits` is 8 or 16. */
bool tmoi_rule_fixed_output(tmoi_rule_kind kind, int32_t bits, float *scale, int64_t *zero_point);

#endif
