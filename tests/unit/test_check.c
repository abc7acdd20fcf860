/* The rules of targets: against what compilers and runtimes do with the golden models, and one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "api/handle.h"
#include "model/version.h"
#include "oom/failing_allocator.h"
#include "tmo/check.h"

/* ---- helpers ---- */

typedef struct verdict {
    tmo_check_summary summary;
    int32_t fallbacks, errors;
    char first[400]; /* text of the first finding that is no note */
} verdict;

static verdict check(const tmo_model *model, tmo_target target)
{
    tmo_check_report *report;
    verdict out = {.summary = {.struct_size = sizeof out.summary}};
    assert_int_equal(tmo_check(&report, model, target, NULL), TMO_STATUS_OK);
    tmo_check_report_summary(report, &out.summary);
    for (int32_t k = 0; k < out.summary.finding_count; k++) {
        tmo_finding finding = {.struct_size = sizeof finding};
        assert_int_equal(tmo_check_report_finding(report, k, &finding, NULL), TMO_STATUS_OK);
        out.fallbacks += finding.severity == TMO_SEVERITY_FALLBACK;
        out.errors += finding.severity == TMO_SEVERITY_ERROR;
        if (finding.severity != TMO_SEVERITY_NOTE && !out.first[0])
            (void)snprintf(out.first, sizeof out.first, "%s", finding.text);
    }
    tmo_check_report_free(report);
    return out;
}

/* All bytes of a gzip file; the caller frees them. */
static unsigned char *read_gzip(const char *name, size_t *size)
{
    char path[1024];
    size_t capacity = 1 << 20;
    unsigned char *data = malloc(capacity);
    (void)snprintf(path, sizeof path, "%s/tests/goldens/%s", TMO_SOURCE_DIR, name);
    gzFile file = gzopen(path, "rb");
    assert_non_null(data);
    assert_non_null(file);
    for (*size = 0;;) {
        int got = gzread(file, data + *size, (unsigned)(capacity - *size));
        assert_true(got >= 0);
        if (got == 0) break;
        *size += (size_t)got;
        if (*size < capacity) continue;
        capacity *= 2;
        data = realloc(data, capacity);
        assert_non_null(data);
    }
    (void)gzclose(file);
    return data;
}

/* ---- placements of compilers and runtimes ---- */

typedef struct placements {
    char *text; /* lines of a name and four values, sorted by name */
    size_t size;
    int32_t compared, wrong;
} placements;

/* The four values behind a name, or NULL. */
static const char *find_placement(const placements *known, const char *name)
{
    char key[512];
    (void)snprintf(key, sizeof key, "\n%.500s ", name);
    const char *found = strstr(known->text, key);
    return found ? found + strlen(key) : NULL;
}

static void compare(placements *known, const char *name, const char *who, char expected, bool got)
{
    if (expected == '-') return;
    known->compared++;
    if (got == (expected == '1')) return;
    known->wrong++;
    print_message("%s: %s says %c, tmo says %d\n", name, who, expected, got);
}

static void compare_model(placements *known, const char *name, const void *data, size_t size)
{
    tmo_model *model;
    const char *values = find_placement(known, name);
    if (!values) return;
    assert_int_equal(tmo_model_load(&model, data, size, NULL, NULL), TMO_STATUS_OK);
    compare(known, name, "Vela for U55", values[0], check(model, TMO_TARGET_ETHOS_U).summary.runs_fully);
    compare(known, name, "Vela for U85", values[2], check(model, TMO_TARGET_ETHOS_U85).summary.runs_fully);
    verdict litert = check(model, TMO_TARGET_LITERT);
    assert_true(litert.summary.runs);
    compare(known, name, "XNNPACK", values[4], litert.summary.accelerated == 1);
    compare(known, name, "tflite-micro", values[6], check(model, TMO_TARGET_TFLM).summary.runs);
    tmo_model_free(model);
}

static uint32_t read_u32(const unsigned char **at)
{
    uint32_t value = (uint32_t)(*at)[0] | (uint32_t)(*at)[1] << 8 | (uint32_t)(*at)[2] << 16 |
                     (uint32_t)(*at)[3] << 24;
    *at += 4;
    return value;
}

static const unsigned char *read_block(const unsigned char **at, uint32_t *size)
{
    *size = read_u32(at);
    const unsigned char *data = *at;
    *at += (*size + 3) & ~3u;
    return data;
}

static void skip_tensors(const unsigned char **at)
{
    uint32_t size;
    for (uint32_t k = read_u32(at); k > 0; k--) {
        (void)read_u32(at);
        uint32_t rank = read_u32(at);
        *at += 4 * (size_t)rank;
        (void)read_block(at, &size);
    }
}

/* The file's format is in tests/goldens/README.md. */
static void compare_group(placements *known, const char *group)
{
    char file[64], name[300];
    size_t size;
    uint32_t name_size, model_size;
    (void)snprintf(file, sizeof file, "%s.tmog.gz", group);
    unsigned char *data = read_gzip(file, &size);
    const unsigned char *at = data + 8;
    for (uint32_t k = read_u32(&at); k > 0; k--) {
        const unsigned char *text = read_block(&at, &name_size), *model = read_block(&at, &model_size);
        (void)snprintf(name, sizeof name, "%s.%.*s", group, (int)name_size, (const char *)text);
        void *copy = aligned_alloc(16, (model_size + 15) & ~(size_t)15);
        assert_non_null(copy);
        memcpy(copy, model, model_size);
        compare_model(known, name, copy, model_size);
        free(copy);
        at += 8;
        for (uint32_t step = read_u32(&at); step > 0; step--) {
            skip_tensors(&at);
            skip_tensors(&at);
        }
    }
    free(data);
}

static void golden_models_are_placed_as_their_compilers_do(void **state)
{
    static const char *const groups[] = {"activation",  "control",         "conv",     "data_movement",
                                         "elementwise", "fully_connected", "matmul",   "pool_reduce",
                                         "quantize",    "sequence",        "stablehlo"};
    placements known = {0};
    (void)state;
    unsigned char *text = read_gzip("placements.txt.gz", &known.size);
    known.text = malloc(known.size + 2);
    assert_non_null(known.text);
    known.text[0] = '\n';
    memcpy(known.text + 1, text, known.size);
    known.text[known.size + 1] = '\0';
    free(text);
    for (size_t k = 0; k < sizeof groups / sizeof *groups; k++) compare_group(&known, groups[k]);
    free(known.text);
    assert_true(known.compared > 14000);
    assert_int_equal(known.wrong, 0);
}

/* ---- a real model ---- */

static void float_model(void **state)
{
    tmo_model *model;
    (void)state;
    assert_int_equal(
        tmo_model_load_file(&model, TMO_SOURCE_DIR "/data/handwriting/digits.tflite", NULL, NULL),
        TMO_STATUS_OK);
    verdict litert = check(model, TMO_TARGET_LITERT), npu = check(model, TMO_TARGET_ETHOS_U);
    assert_true(litert.summary.runs_fully);
    assert_int_equal(litert.summary.accelerated, litert.summary.operators);
    assert_true(npu.summary.runs && !npu.summary.runs_fully);
    assert_int_equal(npu.fallbacks, npu.summary.operators);
    assert_int_equal(npu.summary.accelerated, 0);
    assert_non_null(strstr(npu.first, "quantize the model to int8"));
    assert_true(check(model, TMO_TARGET_TFLM).summary.runs_fully);
    assert_true(check(model, TMO_TARGET_ANDROID).summary.runs_fully);
    assert_true(check(model, TMO_TARGET_IOS).summary.runs_fully);
    tmo_model_free(model);
}

/* ---- made models ---- */

/* A chain of operators over one shape: each reads the tensor before it and makes the next. */
typedef struct chain {
    tmoi_graph *graph;
    tmo_model model;
    tmoi_ctx ctx;
    int32_t last;
} chain;

static void chain_tensor(chain *c, tmo_type type, const tmoi_shape *shape)
{
    const float scale = 0.5f;
    const int64_t zero = 0;
    assert_int_equal(tmoi_graph_add_tensor(c->graph, 0, "t", type, shape, &c->last, &c->ctx), TMO_STATUS_OK);
    if (type == TMO_TYPE_INT8 || type == TMO_TYPE_UINT8)
        assert_int_equal(tmoi_graph_set_quant(c->graph, &c->graph->subgraphs[0].tensors[c->last], 1, 0,
                                              &scale, &zero, &c->ctx),
                         TMO_STATUS_OK);
}

static void chain_init(chain *c, tmo_type type, const tmoi_shape *shape)
{
    memset(c, 0, sizeof *c);
    c->ctx = tmoi_ctx_make(NULL);
    assert_int_equal(tmoi_graph_make(&c->graph, &c->ctx), TMO_STATUS_OK);
    c->graph->subgraphs = calloc(1, sizeof *c->graph->subgraphs);
    assert_non_null(c->graph->subgraphs);
    c->graph->subgraphs[0].name = "main";
    c->graph->subgraph_count = 1;
    c->model = (tmo_model){.allocator = c->ctx.allocator, .graph = c->graph};
    chain_tensor(c, type, shape);
}

/* Appends an operator of `inputs` inputs, all the chain's last tensor. */
static tmoi_op *chain_add(chain *c, int32_t code, int32_t inputs, tmo_type type, const tmoi_shape *shape)
{
    tmoi_op *op;
    int32_t from = c->last, at = c->graph->subgraphs[0].op_count;
    chain_tensor(c, type, shape);
    assert_int_equal(tmoi_graph_insert_op(c->graph, 0, at, code, inputs, 1, &op, &c->ctx), TMO_STATUS_OK);
    for (int32_t k = 0; k < inputs; k++) op->inputs[k] = from;
    op->outputs[0] = c->last;
    return op;
}

static void chain_free(chain *c)
{
    free(c->graph->subgraphs);
    tmoi_graph_free(c->graph);
}

static void edge_tpu_makes_one_partition(void **state)
{
    const tmoi_shape shape = {4, {1, 8, 8, 4}};
    chain c;
    (void)state;
    chain_init(&c, TMO_TYPE_INT8, &shape);
    chain_add(&c, TMOI_OP_ADD, 2, TMO_TYPE_INT8, &shape);
    chain_add(&c, TMOI_OP_RELU, 1, TMO_TYPE_INT8, &shape);
    chain_add(&c, TMOI_OP_GELU, 1, TMO_TYPE_INT8, &shape);
    chain_add(&c, TMOI_OP_ADD, 2, TMO_TYPE_INT8, &shape);
    verdict v = check(&c.model, TMO_TARGET_EDGETPU);
    assert_int_equal(v.summary.operators, 4);
    assert_int_equal(v.summary.accelerated, 2);
    assert_int_equal(v.fallbacks, 2);
    chain_free(&c);
}

static void edge_tpu_starts_after_the_host(void **state)
{
    const tmoi_shape shape = {4, {1, 8, 8, 4}};
    chain c;
    (void)state;
    chain_init(&c, TMO_TYPE_FLOAT32, &shape);
    chain_add(&c, TMOI_OP_QUANTIZE, 1, TMO_TYPE_INT8, &shape);
    chain_add(&c, TMOI_OP_RELU, 1, TMO_TYPE_INT8, &shape);
    verdict v = check(&c.model, TMO_TARGET_EDGETPU);
    assert_int_equal(v.summary.accelerated, 1);
    assert_int_equal(v.fallbacks, 1);
    chain_free(&c);
}

static verdict check_one(int32_t code, tmo_type type, const tmoi_shape *shape, tmo_target target)
{
    chain c;
    chain_init(&c, type, shape);
    chain_add(&c, code, 1, type, shape);
    verdict v = check(&c.model, target);
    chain_free(&c);
    return v;
}

static void edge_tpu_limits(void **state)
{
    const tmoi_shape fits = {2, {1, 16000}}, long_row = {2, {1, 16001}}, rows = {2, {2, 10}},
                     batch = {4, {2, 4, 4, 3}};
    (void)state;
    assert_true(check_one(TMOI_OP_SOFTMAX, TMO_TYPE_INT8, &fits, TMO_TARGET_EDGETPU).summary.runs_fully);
    assert_false(check_one(TMOI_OP_SOFTMAX, TMO_TYPE_INT8, &long_row, TMO_TARGET_EDGETPU).summary.runs_fully);
    assert_false(check_one(TMOI_OP_SOFTMAX, TMO_TYPE_INT8, &rows, TMO_TARGET_EDGETPU).summary.runs_fully);
    verdict v = check_one(TMOI_OP_RELU, TMO_TYPE_INT8, &batch, TMO_TARGET_EDGETPU);
    assert_int_equal(v.fallbacks, 1);
    assert_non_null(strstr(v.first, "2x4x4x3"));
}

static void litert_errors(void **state)
{
    const tmoi_shape shape = {2, {1, 4}};
    static const char *const custom[] = {"FlexErf", "MyOperator", "edgetpu-custom-op"};
    chain c;
    (void)state;
    for (size_t k = 0; k < sizeof custom / sizeof *custom; k++) {
        chain_init(&c, TMO_TYPE_FLOAT32, &shape);
        chain_add(&c, TMOI_OP_CUSTOM, 1, TMO_TYPE_FLOAT32, &shape)->custom_code = custom[k];
        verdict v = check(&c.model, TMO_TARGET_LITERT);
        assert_false(v.summary.runs);
        assert_non_null(strstr(v.first, custom[k]));
        chain_free(&c);
    }
    chain_init(&c, TMO_TYPE_FLOAT32, &shape);
    chain_add(&c, TMOI_OP_RELU, 1, TMO_TYPE_FLOAT32, &shape)->version = 99;
    assert_int_equal(check(&c.model, TMO_TARGET_LITERT).errors, 1);
    chain_free(&c);
    assert_false(check_one(TMOI_OP_CEIL, TMO_TYPE_INT32, &shape, TMO_TARGET_LITERT).summary.runs);
    assert_false(check_one(TMOI_OP_STABLEHLO_TANH, TMO_TYPE_FLOAT32, &shape, TMO_TARGET_LITERT).summary.runs);
}

static void releases(void **state)
{
    (void)state;
    assert_true(tmoi_release_before("1.9.0", "1.13.0"));
    assert_false(tmoi_release_before("2.10.0", "2.9.0"));
    assert_false(tmoi_release_before("2.3.0", "2.3.0"));
    assert_true(tmoi_release_before("2.3", "2.3.1"));
    assert_true(tmoi_release_before("", "1.5.0"));
}

/* ---- the API ---- */

static void targets_have_names(void **state)
{
    tmo_target target;
    tmo_error error = TMO_ERROR_INIT;
    int32_t count = 0;
    (void)state;
    for (; tmo_target_name((tmo_target)count); count++) {
        assert_int_equal(tmo_target_find(&target, tmo_target_name((tmo_target)count), NULL), TMO_STATUS_OK);
        assert_int_equal(target, count);
    }
    assert_int_equal(count, 7);
    assert_int_equal(tmo_target_find(&target, "toaster", &error), TMO_STATUS_NOT_FOUND);
    assert_non_null(strstr(error.message, "toaster"));
    assert_string_equal(tmo_severity_name(TMO_SEVERITY_FALLBACK), "fallback");
}

static void wrong_arguments(void **state)
{
    const tmoi_shape shape = {2, {1, 4}};
    tmo_check_report *report;
    tmo_error error = TMO_ERROR_INIT;
    tmo_finding finding = {.struct_size = sizeof finding};
    chain c;
    (void)state;
    chain_init(&c, TMO_TYPE_FLOAT32, &shape);
    assert_int_equal(tmo_check(&report, &c.model, (tmo_target)99, &error), TMO_STATUS_INVALID_ARGUMENT);
    assert_null(report);
    assert_int_equal(tmo_check(&report, &c.model, TMO_TARGET_TFLM, &error), TMO_STATUS_OK);
    assert_int_equal(tmo_check_report_finding(report, 0, &finding, &error), TMO_STATUS_INVALID_ARGUMENT);
    tmo_check_report_free(report);
    tmo_check_report_free(NULL);
    chain_free(&c);
}

static void every_allocation_fails_in_turn(void **state)
{
    const tmoi_shape shape = {4, {1, 8, 8, 4}};
    failing_allocator memory = {0};
    tmo_check_report *report;
    tmo_error error = TMO_ERROR_INIT;
    chain c;
    (void)state;
    chain_init(&c, TMO_TYPE_INT8, &shape);
    chain_add(&c, TMOI_OP_GELU, 1, TMO_TYPE_INT8, &shape);
    chain_add(&c, TMOI_OP_RELU, 1, TMO_TYPE_INT8, &shape);
    c.model.allocator = failing_allocator_of(&memory);
    for (int32_t target = 0; tmo_target_name((tmo_target)target); target++) {
        tmo_status status = TMO_STATUS_OUT_OF_MEMORY;
        for (memory.fail_at = 1; status != TMO_STATUS_OK; memory.fail_at++) {
            memory.calls = 0;
            status = tmo_check(&report, &c.model, (tmo_target)target, &error);
            if (status != TMO_STATUS_OK) assert_int_equal(status, TMO_STATUS_OUT_OF_MEMORY);
            tmo_check_report_free(report);
            assert_int_equal(memory.alive, 0);
        }
        assert_true(memory.fail_at > 2);
    }
    chain_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_models_are_placed_as_their_compilers_do),
        cmocka_unit_test(float_model),
        cmocka_unit_test(edge_tpu_makes_one_partition),
        cmocka_unit_test(edge_tpu_starts_after_the_host),
        cmocka_unit_test(edge_tpu_limits),
        cmocka_unit_test(litert_errors),
        cmocka_unit_test(releases),
        cmocka_unit_test(targets_have_names),
        cmocka_unit_test(wrong_arguments),
        cmocka_unit_test(every_allocation_fails_in_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
