#include "target/rule.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool tmoi_why_not(tmoi_why *why, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(why->text, sizeof why->text, format, arguments);
    va_end(arguments);
    return false;
}

const tmoi_rule *tmoi_rule_find(const tmoi_rule_set *set, int32_t code)
{
    for (size_t k = 0; k < set->count; k++)
        if (set->rules[k].code == code) return &set->rules[k];
    return NULL;
}

bool tmoi_is_data_input(const tmoi_op *op, int32_t k)
{
    switch (op->code) {
    case TMOI_OP_CONCATENATION:
    case TMOI_OP_PACK:
    case TMOI_OP_ADD_N: return true;
    case TMOI_OP_ADD:
    case TMOI_OP_SUB:
    case TMOI_OP_MUL:
    case TMOI_OP_DIV:
    case TMOI_OP_MAXIMUM:
    case TMOI_OP_MINIMUM:
    case TMOI_OP_SQUARED_DIFFERENCE:
    case TMOI_OP_POW:
    case TMOI_OP_FLOOR_DIV:
    case TMOI_OP_FLOOR_MOD:
    case TMOI_OP_EQUAL:
    case TMOI_OP_NOT_EQUAL:
    case TMOI_OP_LESS:
    case TMOI_OP_LESS_EQUAL:
    case TMOI_OP_GREATER:
    case TMOI_OP_GREATER_EQUAL:
    case TMOI_OP_LOGICAL_AND:
    case TMOI_OP_LOGICAL_OR:
    case TMOI_OP_BATCH_MATMUL:
    case TMOI_OP_PRELU: return k < 2;
    case TMOI_OP_SELECT:
    case TMOI_OP_SELECT_V2: return k == 1 || k == 2;
    case TMOI_OP_SPLIT:
    case TMOI_OP_ASSIGN_VARIABLE:
    case TMOI_OP_SCATTER_ND:
    case TMOI_OP_FILL:
    case TMOI_OP_EMBEDDING_LOOKUP: return k == 1;
    case TMOI_OP_TRANSPOSE_CONV:
    case TMOI_OP_CONV_3D_TRANSPOSE: return k == 2;
    default: return k == 0;
    }
}

const tmoi_tensor *tmoi_site_input_at(const tmoi_site *site, int32_t k)
{
    return tmoi_op_input(site->subgraph, site->op, k);
}

const tmoi_tensor *tmoi_site_input(const tmoi_site *site)
{
    for (int32_t k = 0; k < site->op->input_count; k++)
        if (tmoi_is_data_input(site->op, k)) return tmoi_site_input_at(site, k);
    return NULL;
}

const tmoi_tensor *tmoi_site_output(const tmoi_site *site)
{
    return tmoi_op_output(site->subgraph, site->op, 0);
}

const char *tmoi_types_text(uint32_t mask, tmoi_why *buffer)
{
    size_t used = 0;
    buffer->text[0] = '\0';
    for (uint32_t type = 0; type < 32; type++) {
        if (!(mask >> type & 1u)) continue;
        const char *name = tmo_type_name((tmo_type)type);
        size_t left = sizeof buffer->text - used;
        int length = snprintf(buffer->text + used, left, "%s%s", used ? ", " : "", name);
        if (length < 0 || (size_t)length >= left) break;
        used += (size_t)length;
    }
    return buffer->text;
}

/* What to do about a type that is not in the mask; "" when there is no general answer. */
static const char *type_remedy(tmo_type type, uint32_t mask)
{
    if (type == TMO_TYPE_FLOAT32 && (mask & TMOI_T(INT8))) return "; quantize the model to int8";
    if (type == TMO_TYPE_INT8 && (mask & TMOI_T(FLOAT32))) return "; only a float model runs there";
    return "";
}

static bool type_allowed(const tmoi_tensor *tensor, uint32_t mask, const char *what, tmoi_why *why)
{
    tmoi_why types;
    if (!mask || !tensor || ((uint32_t)tensor->type < 32 && mask >> (uint32_t)tensor->type & 1u)) return true;
    return tmoi_why_not(why, "%s '%.80s' is %s, it takes %.100s%s", what, tensor->name,
                        tmo_type_name(tensor->type), tmoi_types_text(mask, &types),
                        type_remedy(tensor->type, mask));
}

static bool types_allowed(const tmoi_rule *rule, const tmoi_site *site, tmoi_why *why)
{
    for (int32_t k = 0; k < site->op->input_count; k++)
        if (tmoi_is_data_input(site->op, k) &&
            !type_allowed(tmoi_site_input_at(site, k), rule->inputs, "input", why))
            return false;
    for (int32_t k = 0; k < site->op->output_count; k++)
        if (!type_allowed(tmoi_op_output(site->subgraph, site->op, k), rule->outputs, "output", why))
            return false;
    return true;
}

/* Whether it converts the model's own input from float or its own output to float. */
static bool is_float_boundary(const tmoi_site *site)
{
    const tmoi_op *op = site->op;
    if (op->input_count != 1 || op->output_count != 1 || op->inputs[0] < 0 || op->outputs[0] < 0)
        return false;
    if (op->code == TMOI_OP_QUANTIZE)
        return site->subgraph->tensors[op->inputs[0]].type == TMO_TYPE_FLOAT32 &&
               tmoi_subgraph_is_input(site->subgraph, op->inputs[0]);
    return op->code == TMOI_OP_DEQUANTIZE && tmoi_subgraph_is_output(site->subgraph, op->outputs[0]);
}

static bool rule_met(const tmoi_rule_set *set, const tmoi_site *site, tmoi_why *why)
{
    const tmoi_rule *rule = tmoi_rule_find(set, site->op->code);
    if (!rule) return tmoi_why_not(why, "%s does not take this operator; %s", set->place, set->remedy);
    if (!types_allowed(rule, site, why)) return false;
    for (const tmoi_constraint *constraint = set->generic; constraint && *constraint; constraint++)
        if (!(*constraint)(site, why)) return false;
    for (size_t k = 0; k < TMOI_RULE_MAX_CONSTRAINTS && rule->constraints[k]; k++)
        if (!rule->constraints[k](site, why)) return false;
    return true;
}

bool tmoi_rule_check(const tmoi_rule_set *set, const tmoi_site *site, tmoi_why *why)
{
    if (rule_met(set, site, why)) return true;
    if (set->is_integer && is_float_boundary(site))
        return tmoi_why_not(why, "the model's %s is float32; quantize with --io int8",
                            site->op->code == TMOI_OP_QUANTIZE ? "input" : "output");
    return false;
}

tmo_status tmoi_report_add(tmoi_target_report *report, const tmoi_site *site, tmo_severity severity,
                           const char *text, tmoi_ctx *ctx)
{
    tmoi_finding finding = {-1, -1, "", severity, NULL};
    TMO_TRY(tmoi_arena_grow(&report->arena, (void **)&report->findings, &report->capacity, report->count + 1,
                            sizeof *report->findings, ctx));
    TMO_TRY(tmoi_arena_text(&report->arena, &finding.text, text, strlen(text), ctx));
    if (site) {
        const char *name = tmoi_op_name(site->op);
        finding.subgraph = site->subgraph_index;
        finding.op = site->op_index;
        TMO_TRY(tmoi_arena_text(&report->arena, &finding.name, name, strlen(name), ctx));
    }
    report->findings[report->count++] = finding;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
