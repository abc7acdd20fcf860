/* tmo inspect: what is in a model. */
#include <string.h>

#include "commands.h"
#include "print.h"

typedef struct inspection {
    cli_context *cli;
    const char *path;
    tmo_model *model;
    tmo_model_statistics statistics;
    uint64_t file_bytes, gzip_bytes;
    bool with_ops, with_tensors, with_weights;
} inspection;

static tmo_tensor_info tensor_of(const tmo_model *model, int32_t subgraph, int32_t tensor)
{
    tmo_tensor_info info = {.struct_size = sizeof info};
    (void)tmo_model_tensor(model, subgraph, tensor, &info, NULL);
    return info;
}

static tmo_operator_info operator_of(const tmo_model *model, int32_t subgraph, int32_t op)
{
    tmo_operator_info info = {.struct_size = sizeof info};
    (void)tmo_model_operator(model, subgraph, op, &info, NULL);
    return info;
}

static tmo_subgraph_info subgraph_of(const tmo_model *model, int32_t subgraph)
{
    tmo_subgraph_info info = {.struct_size = sizeof info};
    (void)tmo_model_subgraph(model, subgraph, &info, NULL);
    return info;
}

static bool is_float(const tmo_model *model, int32_t subgraph, int32_t op)
{
    bool result;
    return tmo_model_is_float_operator(model, subgraph, op, &result, NULL) == TMO_STATUS_OK && result;
}

/* Float operators are worth a word only where others are not. */
static bool is_mixed(const inspection *in)
{
    return in->statistics.integer_operators > 0 && in->statistics.float_operators > 0;
}

/* ---- JSON ---- */

static json_t *indices_json(const int32_t *indices, int32_t count)
{
    json_t *array = json_array();
    for (int32_t k = 0; k < count; k++) json_array_append_new(array, json_integer(indices[k]));
    return array;
}

static json_t *operator_json(const inspection *in, int32_t subgraph, int32_t k)
{
    tmo_operator_info op = operator_of(in->model, subgraph, k);
    return json_pack("{s:i,s:i,s:s,s:i,s:I,s:o,s:o,s:b}", "subgraph", (int)subgraph, "index", (int)k, "name",
                     op.name, "version", (int)op.version, "macs", (json_int_t)op.macs, "inputs",
                     indices_json(op.inputs, op.input_count), "outputs",
                     indices_json(op.outputs, op.output_count), "float", is_float(in->model, subgraph, k));
}

static json_t *quantization_json(const tmo_tensor_info *tensor)
{
    json_t *scales = json_array(), *zero_points = json_array();
    for (int32_t k = 0; k < tensor->quantization_count; k++) {
        json_array_append_new(scales, cli_json_number((double)tensor->scales[k]));
        json_array_append_new(zero_points, json_integer(tensor->zero_points[k]));
    }
    return json_pack("{s:i,s:o,s:o,s:i}", "axis", (int)tensor->quantization_axis, "scales", scales,
                     "zero_points", zero_points, "block_size", (int)tensor->block_size);
}

static json_t *tensor_json(const inspection *in, int32_t subgraph, int32_t k)
{
    tmo_tensor_info tensor = tensor_of(in->model, subgraph, k);
    tmo_tensor_statistics statistics = {.struct_size = sizeof statistics};
    bool has_statistics = tmo_model_tensor_statistics(in->model, subgraph, k, &statistics, NULL) ==
                          TMO_STATUS_OK;
    json_t *json = json_pack("{s:i,s:i,s:s,s:s,s:o,s:I}", "subgraph", (int)subgraph, "index", (int)k, "name",
                             tensor.name, "type", tmo_type_name(tensor.type), "shape",
                             cli_json_shape(tensor.shape, tensor.rank), "bytes",
                             (json_int_t)tensor.data_bytes);
    json_object_set_new(json, "constant", json_boolean(tensor.data != NULL));
    json_object_set_new(json, "sparsity",
                        has_statistics ? cli_json_number(statistics.sparsity) : json_null());
    json_object_set_new(json, "distinct",
                        has_statistics ? json_integer((json_int_t)statistics.distinct) : json_null());
    json_object_set_new(json, "min", has_statistics ? cli_json_number(statistics.min) : json_null());
    json_object_set_new(json, "max", has_statistics ? cli_json_number(statistics.max) : json_null());
    json_object_set_new(json, "quantization",
                        tensor.quantization_count ? quantization_json(&tensor) : json_null());
    return json;
}

static int print_json(const inspection *in)
{
    json_t *operators = json_array(), *tensors = json_array(), *floats = json_array();
    for (int32_t s = 0; s < tmo_model_subgraph_count(in->model); s++) {
        tmo_subgraph_info subgraph = subgraph_of(in->model, s);
        for (int32_t k = 0; k < subgraph.operator_count; k++) {
            json_array_append_new(operators, operator_json(in, s, k));
            if (is_mixed(in) && is_float(in->model, s, k))
                json_array_append_new(floats, operator_json(in, s, k));
        }
        for (int32_t k = 0; k < subgraph.tensor_count; k++)
            json_array_append_new(tensors, tensor_json(in, s, k));
    }
    json_t *document = json_pack(
        "{s:s,s:I,s:I,s:I,s:I,s:I,s:I}", "file", in->path, "file_bytes", (json_int_t)in->file_bytes,
        "gzip_bytes", (json_int_t)in->gzip_bytes, "macs", (json_int_t)in->statistics.macs, "weight_bytes",
        (json_int_t)in->statistics.weight_bytes, "weights", (json_int_t)in->statistics.weights,
        "zero_weights", (json_int_t)in->statistics.zero_weights);
    const tmo_subgraph_info main_graph = subgraph_of(in->model, 0);
    const char *description = tmo_model_description(in->model);
    json_object_set_new(document, "description", description ? json_string(description) : json_null());
    json_object_set_new(document, "inputs", indices_json(main_graph.inputs, main_graph.input_count));
    json_object_set_new(document, "outputs", indices_json(main_graph.outputs, main_graph.output_count));
    json_object_set_new(document, "operators", operators);
    json_object_set_new(document, "tensors", tensors);
    json_object_set_new(document, "float_operators", floats);
    return cli_json_print(in->cli, document, CLI_DONE);
}

/* ---- text ---- */

static const char *quantization_text(const tmo_tensor_info *tensor, char *text, size_t size)
{
    if (tensor->quantization_count == 0) return "";
    if (tensor->quantization_count > 1)
        (void)snprintf(text, size, "%d scales on axis %d", (int)tensor->quantization_count,
                       (int)tensor->quantization_axis);
    else
        (void)snprintf(text, size, "%g (q %+lld)", (double)tensor->scales[0],
                       -(long long)tensor->zero_points[0]);
    return text;
}

static void print_interface(const inspection *in, const char *what, const int32_t *tensors, int32_t count)
{
    for (int32_t k = 0; k < count; k++) {
        char text[80];
        tmo_tensor_info tensor = tensor_of(in->model, 0, tensors[k]);
        const char *quantization = quantization_text(&tensor, text, sizeof text);
        printf("  %-7s %s  %s %s%s%s\n", what, tensor.name, tmo_type_name(tensor.type),
               cli_shape(tensor.shape_signature, tensor.rank), *quantization ? "  " : "", quantization);
    }
}

typedef struct op_count {
    const char *name;
    int count, floats;
    uint64_t macs;
} op_count;

enum { MAX_KINDS = 256 };

static int count_operators(const inspection *in, op_count *kinds)
{
    int used = 0;
    for (int32_t s = 0; s < tmo_model_subgraph_count(in->model); s++)
        for (int32_t k = 0; k < subgraph_of(in->model, s).operator_count; k++) {
            tmo_operator_info op = operator_of(in->model, s, k);
            int at = 0;
            while (at < used && strcmp(kinds[at].name, op.name) != 0) at++;
            if (at == MAX_KINDS) continue;
            if (at == used) kinds[used++] = (op_count){op.name, 0, 0, 0};
            kinds[at].count++;
            kinds[at].floats += is_float(in->model, s, k);
            kinds[at].macs += op.macs;
        }
    return used;
}

static void print_kinds(const inspection *in)
{
    static const char *const header[] = {"operator", ">count", ">float", ">MACs", NULL};
    op_count kinds[MAX_KINDS];
    int used = count_operators(in, kinds);
    cli_table table;
    cli_table_init(&table, header);
    for (int k = 0; k < used; k++) {
        cli_table_add(&table, "%s", kinds[k].name);
        cli_table_add(&table, "%d", kinds[k].count);
        cli_table_add(&table, "%d", kinds[k].floats);
        cli_table_add(&table, "%s", kinds[k].macs ? cli_grouped(kinds[k].macs) : "");
    }
    printf("\n");
    cli_table_print(&table, 2);
}

static void print_summary(const inspection *in)
{
    const tmo_model_statistics *all = &in->statistics;
    const tmo_subgraph_info main_graph = subgraph_of(in->model, 0);
    printf("%s: %s bytes, gzip %s\n", in->path, cli_grouped(in->file_bytes), cli_grouped(in->gzip_bytes));
    print_interface(in, "input", main_graph.inputs, main_graph.input_count);
    print_interface(in, "output", main_graph.outputs, main_graph.output_count);
    printf("  weights %s in %s bytes, %.1f %% zero; %s MACs; %d operators", cli_grouped(all->weights),
           cli_grouped(all->weight_bytes),
           all->weights ? 100.0 * (double)all->zero_weights / (double)all->weights : 0.0,
           cli_grouped(all->macs), (int)all->operators);
    if (tmo_model_subgraph_count(in->model) > 1)
        printf(" in %d subgraphs", (int)tmo_model_subgraph_count(in->model));
    printf("\n");
    print_kinds(in);
}

static void print_floats(const inspection *in)
{
    if (!is_mixed(in)) return;
    printf("\n  operators in float beside integer ones:\n");
    for (int32_t s = 0; s < tmo_model_subgraph_count(in->model); s++)
        for (int32_t k = 0; k < subgraph_of(in->model, s).operator_count; k++)
            if (is_float(in->model, s, k)) printf("    %d %s\n", (int)k, operator_of(in->model, s, k).name);
}

static void add_indices(cli_table *table, const int32_t *indices, int32_t count)
{
    char text[256] = "";
    size_t used = 0;
    for (int32_t k = 0; k < count && used < sizeof text - 16; k++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%d", k ? " " : "", (int)indices[k]);
    cli_table_add(table, "%s", text);
}

static void print_operators(const inspection *in, int32_t s)
{
    static const char *const header[] = {">#",      "operator", ">version", ">MACs", "inputs",
                                         "outputs", "type",     "shape",    NULL};
    cli_table table;
    cli_table_init(&table, header);
    for (int32_t k = 0; k < subgraph_of(in->model, s).operator_count; k++) {
        tmo_operator_info op = operator_of(in->model, s, k);
        tmo_tensor_info out = {.rank = 0};
        if (op.output_count > 0) out = tensor_of(in->model, s, op.outputs[0]);
        cli_table_add(&table, "%d", (int)k);
        cli_table_add(&table, "%s", op.name);
        cli_table_add(&table, "%d", (int)op.version);
        cli_table_add(&table, "%s", op.macs ? cli_grouped(op.macs) : "");
        add_indices(&table, op.inputs, op.input_count);
        add_indices(&table, op.outputs, op.output_count);
        cli_table_add(&table, "%s", op.output_count > 0 ? tmo_type_name(out.type) : "");
        cli_table_add(&table, "%s", op.output_count > 0 ? cli_shape(out.shape, out.rank) : "");
    }
    printf("\n");
    cli_table_print(&table, 2);
}

/* All tensors, or the constants with what their values are like. */
static void print_tensors(const inspection *in, int32_t s, bool with_statistics)
{
    static const char *const plain[] = {">#", "tensor", "type", "shape", ">bytes", "quantization", NULL};
    static const char *const full[] = {">#",    "weights",   "type", "shape", ">bytes", "quantization",
                                       ">zero", ">distinct", ">min", ">max",  NULL};
    cli_table table;
    cli_table_init(&table, with_statistics ? full : plain);
    for (int32_t k = 0; k < subgraph_of(in->model, s).tensor_count; k++) {
        char text[80];
        tmo_tensor_statistics statistics = {.struct_size = sizeof statistics};
        tmo_tensor_info tensor = tensor_of(in->model, s, k);
        if (with_statistics &&
            tmo_model_tensor_statistics(in->model, s, k, &statistics, NULL) != TMO_STATUS_OK)
            continue;
        cli_table_add(&table, "%d", (int)k);
        cli_table_add(&table, "%s", tensor.name);
        cli_table_add(&table, "%s%s", tmo_type_name(tensor.type), tensor.is_sparse ? " sparse" : "");
        cli_table_add(&table, "%s", cli_shape(tensor.shape_signature, tensor.rank));
        cli_table_add(&table, "%s",
                      tensor.data          ? cli_grouped(tensor.data_bytes)
                      : tensor.is_variable ? "variable"
                                           : "");
        cli_table_add(&table, "%s", quantization_text(&tensor, text, sizeof text));
        if (!with_statistics) continue;
        cli_table_add(&table, "%.1f %%", 100 * statistics.sparsity);
        cli_table_add(&table, "%s", cli_grouped(statistics.distinct));
        cli_table_add(&table, "%.6g", statistics.min);
        cli_table_add(&table, "%.6g", statistics.max);
    }
    printf("\n");
    cli_table_print(&table, 2);
}

static int print_text(const inspection *in)
{
    print_summary(in);
    print_floats(in);
    for (int32_t s = 0; s < tmo_model_subgraph_count(in->model); s++) {
        if (in->with_ops) print_operators(in, s);
        if (in->with_tensors) print_tensors(in, s, false);
        if (in->with_weights) print_tensors(in, s, true);
    }
    return CLI_DONE;
}

int cmd_inspect(cli_context *cli, int argc, char **argv)
{
    inspection in = {.cli = cli, .statistics = {.struct_size = sizeof in.statistics}};
    tmo_error error = TMO_ERROR_INIT;
    const cli_flag flags[] = {
        {"ops", 0, CLI_FLAG_SWITCH, &in.with_ops, NULL, "list the operators"},
        {"tensors", 0, CLI_FLAG_SWITCH, &in.with_tensors, NULL, "list the tensors"},
        {"weights", 0, CLI_FLAG_SWITCH, &in.with_weights, NULL,
         "list the constants: zeros, distinct values, range"},
    };
    const cli_spec spec = {.arguments = "MODEL",
                           .flags = flags,
                           .flag_count = sizeof flags / sizeof flags[0],
                           .min_arguments = 1,
                           .max_arguments = 1};
    int count, status = cli_parse(cli, &spec, argc, argv, &count);
    if (status >= 0) return status;
    in.path = argv[0];
    status = cli_load(cli, &in.model, in.path);
    if (status != CLI_DONE) return status;
    if (tmo_file_sizes(in.path, &in.file_bytes, &in.gzip_bytes, &error) != TMO_STATUS_OK ||
        tmo_model_get_statistics(in.model, &in.statistics, &error) != TMO_STATUS_OK)
        status = cli_fail_error(cli, &error, in.path, in.model);
    else
        status = cli->common.is_json ? print_json(&in) : print_text(&in);
    tmo_model_free(in.model);
    return status;
}
