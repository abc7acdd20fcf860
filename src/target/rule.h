/* Rules: how the published constraints of a target are written down.
 *
 * A rule set is a table, a row an operator: the element types of the data that go in and come out, and a list of constraint
 * functions. A constraint answers whether the operator at a site meets it; if not, it says why and, after a semicolon, what
 * to change. An operator without a row is one that the target does not take. */
#ifndef TMOI_TARGET_RULE_H
#define TMOI_TARGET_RULE_H

#include "base/compiler.h"
#include "model/infer.h"
#include "target/target.h"

#define TMOI_RULE_MAX_CONSTRAINTS 12

/* An operator in its place. */
typedef struct tmoi_site {
    const tmoi_graph *graph;
    const tmoi_subgraph *subgraph;
    const tmoi_op *op;
    int32_t subgraph_index, op_index;
    const int32_t *producers; /* of each tensor of the subgraph: the operator that makes it, or -1 */
} tmoi_site;

typedef struct tmoi_why {
    char text[320];
} tmoi_why;

/* Writes the reason; returns false, for `return tmoi_why_not(why, ...)`. */
TMOI_COLD bool tmoi_why_not(tmoi_why *why, const char *format, ...) TMOI_PRINTF(2, 3);

typedef bool (*tmoi_constraint)(const tmoi_site *site, tmoi_why *why);

typedef struct tmoi_rule {
    int32_t code;             /* tmoi_op_code */
    uint32_t inputs, outputs; /* types of the data, a sum of TMOI_T(type); 0: any */
    tmoi_constraint constraints[TMOI_RULE_MAX_CONSTRAINTS];
} tmoi_rule;

typedef struct tmoi_rule_set {
    const char *place;  /* where the operators run: "XNNPACK", "the NPU" */
    const char *remedy; /* for an operator without a rule: "replace it, or let it run on the CPU" */
    const tmoi_rule *rules;
    size_t count;
    bool is_integer;                /* it takes quantized models only */
    const tmoi_constraint *generic; /* for every operator, ended by NULL; or NULL */
} tmoi_rule_set;

/* The row of an operator, or NULL. */
const tmoi_rule *tmoi_rule_find(const tmoi_rule_set *set, int32_t code);
/* Whether the operator at the site meets the set; the first reason if not. */
bool tmoi_rule_check(const tmoi_rule_set *set, const tmoi_site *site, tmoi_why *why);

/* Whether input k of the operator carries data, as opposed to weights and parameters such as axes and sizes. */
bool tmoi_is_data_input(const tmoi_op *op, int32_t k);
/* The first input that carries data, or NULL. */
const tmoi_tensor *tmoi_site_input(const tmoi_site *site);
/* Input k, or NULL. */
const tmoi_tensor *tmoi_site_input_at(const tmoi_site *site, int32_t k);
/* The first output, or NULL. */
const tmoi_tensor *tmoi_site_output(const tmoi_site *site);
/* The types of the mask as "int8, int16". */
const char *tmoi_types_text(uint32_t mask, tmoi_why *buffer);

/* Adds a finding about the operator at the site; site NULL: about the model. */
tmo_status tmoi_report_add(tmoi_target_report *report, const tmoi_site *site, tmo_severity severity,
                           const char *text, tmoi_ctx *ctx);

#endif
