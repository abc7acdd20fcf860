#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "model/graph.h"
#include "tflite/descriptor.h"

enum { LIST_SHOWN = 8 /* elements of a vector of options */ };

typedef struct printer {
    void (*write)(void *user, const char *text);
    void *user;
} printer;

static TMOI_PRINTF(2, 3) void print(const printer *p, const char *format, ...)
{
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    p->write(p->user, text);
}

/* A text of any length. */
static void print_quoted(const printer *p, const char *text)
{
    p->write(p->user, "'");
    p->write(p->user, text);
    p->write(p->user, "'");
}

static void print_list(const printer *p, const int32_t *list, int32_t count)
{
    for (int32_t k = 0; k < count; k++) {
        if (list[k] < 0)
            print(p, "%s-", k ? ", " : "");
        else
            print(p, "%s%%%d", k ? ", " : "", (int)list[k]);
    }
}

/* ---- tensors ---- */

static void print_shape(const printer *p, const tmoi_tensor *tensor)
{
    print(p, " %s %s", tmo_type_name(tensor->type), tmoi_shape_format(&tensor->shape).text);
    if (tmoi_tensor_is_static(tensor)) return;
    p->write(p->user, " (");
    for (uint32_t k = 0; k < tensor->shape_signature.count; k++) {
        int32_t dimension = tensor->shape_signature.data[k];
        if (k) p->write(p->user, "x");
        if (dimension < 0)
            p->write(p->user, "?");
        else
            print(p, "%d", (int)dimension);
    }
    p->write(p->user, ")");
}

static void print_quant(const printer *p, const tmoi_quant *quant)
{
    if (quant->count == 1) {
        print(p, ", scale %.9g zero point %" PRId64, (double)quant->scale[0], quant->zero_point[0]);
    } else if (quant->count > 1) {
        print(p, ", %d scales of dimension %d", (int)quant->count, (int)quant->dimension);
    }
    if (!quant->details.value) return;
    if (quant->details.tag == TMOI_TAG_blockwise_quantization) {
        const tmoi_fb_blockwise_quantization *blockwise = quant->details.value;
        print(p, ", blocks of %d with scales %%%d", (int)blockwise->block_size, (int)blockwise->scales);
    } else {
        print(p, ", quantization details of kind %u", quant->details.tag);
    }
}

static void print_tensor(const printer *p, const tmoi_subgraph *subgraph, int32_t index)
{
    const tmoi_tensor *tensor = &subgraph->tensors[index];
    print(p, "  %%%d", (int)index);
    print_shape(p, tensor);
    print_quant(p, &tensor->quant);
    if (tensor->data) print(p, ", constant of %zu bytes", tensor->data_bytes);
    if (tensor->external_buffer) print(p, ", external buffer %u", tensor->external_buffer);
    if (tensor->sparsity) p->write(p->user, ", sparse");
    if (tensor->is_variable) p->write(p->user, ", variable");
    p->write(p->user, " ");
    print_quoted(p, tensor->name);
    p->write(p->user, "\n");
}

/* ---- operators ---- */

static void print_number(const printer *p, const tmoi_fb_field *field, const void *at)
{
    float real;
    int64_t wide;
    int32_t number;
    switch (field->bytes) {
    case 8:
        memcpy(&wide, at, sizeof wide);
        print(p, "%" PRId64, wide);
        break;
    case 4:
        memcpy(&real, at, sizeof real);
        memcpy(&number, at, sizeof number);
        if (field->is_float)
            print(p, "%.9g", (double)real);
        else
            print(p, "%d", (int)number);
        break;
    default: print(p, "%d", *(const int8_t *)at);
    }
}

static void print_elements(const printer *p, const tmoi_fb_field *field, tmoi_fb_span span)
{
    p->write(p->user, "[");
    for (uint32_t k = 0; k < span.count && k < LIST_SHOWN; k++) {
        if (k) p->write(p->user, " ");
        print_number(p, field, (const uint8_t *)span.data + (size_t)k * field->bytes);
    }
    if (span.count > LIST_SHOWN) print(p, " ... %u in all", span.count);
    p->write(p->user, "]");
}

/* One field of an option struct, if it is not at its default. No option struct has tables inside. */
static void print_option(const printer *p, const tmoi_fb_type *type, const tmoi_fb_field *field,
                         const void *options)
{
    const uint8_t *value = (const uint8_t *)options + field->offset;
    bool is_number = field->kind == TMOI_FB_SCALAR || field->kind == TMOI_FB_BOOL;
    if (is_number && memcmp(value, (const uint8_t *)type->defaults + field->offset, field->bytes) == 0)
        return;
    tmoi_fb_span span = is_number ? (tmoi_fb_span){value, 1} : tmoi_fb_get_span(options, field);
    if (!span.data) return;
    print(p, " %s ", tmoi_fb_field_name(field));
    if (is_number)
        print_number(p, field, value);
    else if (field->kind == TMOI_FB_STRING)
        print_quoted(p, span.data);
    else
        print_elements(p, field, span);
}

static void print_options(const printer *p, uint8_t union_kind, const tmoi_fb_union *options)
{
    const tmoi_fb_type *type = tmoi_fb_union_member(union_kind, options->tag);
    if (!type || !options->value) return;
    for (uint32_t k = 0; k < type->field_count; k++) print_option(p, type, &type->fields[k], options->value);
}

static void print_op(const printer *p, const tmoi_subgraph *subgraph, int32_t index)
{
    const tmoi_op *op = &subgraph->ops[index];
    print(p, "  %d: ", (int)index);
    print_list(p, op->outputs, op->output_count);
    p->write(p->user, " = ");
    p->write(p->user, tmoi_op_name(op));
    print(p, "%s version %d (", op->code == TMOI_OP_CUSTOM ? " custom" : "", (int)op->version);
    print_list(p, op->inputs, op->input_count);
    p->write(p->user, ")");
    print_options(p, TMOI_FB_UNION_builtin_options, &op->options);
    print_options(p, TMOI_FB_UNION_builtin_options2, &op->options_2);
    if (op->custom_options.count) print(p, " custom options of %u bytes", op->custom_options.count);
    p->write(p->user, "\n");
}

/* ---- the whole ---- */

static void print_subgraph(const printer *p, const tmoi_graph *graph, int32_t index)
{
    const tmoi_subgraph *subgraph = &graph->subgraphs[index];
    print(p, "subgraph %d ", (int)index);
    print_quoted(p, subgraph->name);
    p->write(p->user, " (");
    print_list(p, subgraph->inputs, subgraph->input_count);
    p->write(p->user, ") -> (");
    print_list(p, subgraph->outputs, subgraph->output_count);
    p->write(p->user, ")\n");
    for (int32_t k = 0; k < subgraph->tensor_count; k++) print_tensor(p, subgraph, k);
    for (int32_t k = 0; k < subgraph->op_count; k++) print_op(p, subgraph, k);
}

static void print_entries(const printer *p, const tmoi_signature_entry *entries, int32_t count)
{
    for (int32_t k = 0; k < count; k++) {
        p->write(p->user, k ? ", " : "");
        print_quoted(p, entries[k].name);
        print(p, " %%%d", (int)entries[k].tensor);
    }
}

static void print_signature(const printer *p, const tmoi_signature *signature)
{
    p->write(p->user, "signature ");
    print_quoted(p, signature->key);
    print(p, " of subgraph %d (", (int)signature->subgraph);
    print_entries(p, signature->inputs, signature->input_count);
    p->write(p->user, ") -> (");
    print_entries(p, signature->outputs, signature->output_count);
    p->write(p->user, ")\n");
}

void tmoi_graph_dump(const tmoi_graph *graph, void (*write)(void *user, const char *text), void *user)
{
    const printer p = {write, user};
    if (graph->description) {
        p.write(user, "description ");
        print_quoted(&p, graph->description);
        p.write(user, "\n");
    }
    for (int32_t k = 0; k < graph->subgraph_count; k++) print_subgraph(&p, graph, k);
    for (int32_t k = 0; k < graph->signature_count; k++) print_signature(&p, &graph->signatures[k]);
    for (int32_t k = 0; k < graph->metadata_count; k++) {
        p.write(user, "metadata ");
        print_quoted(&p, graph->metadata[k].name);
        print(&p, " of %zu bytes\n", graph->metadata[k].data_bytes);
    }
}
