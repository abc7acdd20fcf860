/* Broken files: cut anywhere, changed anywhere, built to be endless, or read when memory runs out. Each ends in a clear error
 * or in a valid graph. The bytes lie in a block of exactly their size, so that the address sanitizer sees a read beyond. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/le.h"
#include "model/export.h"
#include "model/import.h"
#include "oom/failing_allocator.h"
#include "tflite/table.h"
#include "tflite/verify.h"
#include "unit/model_files.h"
#include "unit/tiny_model.h"

enum { TRUNCATED_STEP = 101, CHANGED_STEP = 149, EVERY_VALUE_BYTES = 700, LARGEST_BYTES = 4096 };

static void ignore(void *user, const char *text)
{
    (void)user;
    (void)text;
}

/* Imports, and goes through all of what came out. */
static void try_import(const uint8_t *bytes, size_t size)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    tmoi_graph *graph;
    uint8_t *written;
    size_t written_size;
    if (tmoi_graph_import(&graph, bytes, size, NULL, &ctx) != TMO_STATUS_OK) {
        assert_null(graph);
        assert_true(ctx.error.message[0] != 0);
        assert_true(ctx.error.file_offset <= (int64_t)size);
        return;
    }
    tmoi_graph_dump(graph, ignore, NULL);
    expect_ok(tmoi_graph_export_memory(graph, &written, &written_size, NULL, &ctx), "export", &ctx);
    tmoi_release(&ctx.allocator, written);
    tmoi_graph_free(graph);
}

static void truncate_everywhere(void *user, const char *name, const uint8_t *bytes, size_t size)
{
    (void)user;
    (void)name;
    if (size > LARGEST_BYTES) return;
    for (size_t cut = 0; cut < size; cut++) {
        uint8_t *copy = malloc(cut ? cut : 1);
        assert_non_null(copy);
        memcpy(copy, bytes, cut);
        try_import(copy, cut);
        free(copy);
    }
}

static void every_truncation(void **state)
{
    (void)state;
    assert_true(visit_golden_models(TRUNCATED_STEP, truncate_everywhere, NULL) > 10);
}

static void change_everywhere(void *user, const char *name, const uint8_t *bytes, size_t size)
{
    static const uint8_t flips[] = {0x01, 0x80, 0xff};
    (void)user;
    (void)name;
    if (size > LARGEST_BYTES) return;
    uint8_t *copy = malloc(size);
    assert_non_null(copy);
    memcpy(copy, bytes, size);
    for (size_t at = 0; at < size; at++) {
        size_t values = size <= EVERY_VALUE_BYTES ? 255 : sizeof flips;
        for (size_t k = 0; k < values; k++) {
            copy[at] = bytes[at] ^ (size <= EVERY_VALUE_BYTES ? (uint8_t)(k + 1) : flips[k]);
            try_import(copy, size);
        }
        copy[at] = bytes[at];
    }
    free(copy);
}

static void every_changed_byte(void **state)
{
    (void)state;
    assert_true(visit_golden_models(CHANGED_STEP, change_everywhere, NULL) > 10);
}

/* ---- single faults, and what is said of them ---- */

typedef struct tiny_file {
    uint8_t *bytes;
    size_t size;
    tmoi_ctx ctx;
} tiny_file;

static tiny_file make_tiny_file(tmo_type type)
{
    tiny_model tiny = make_tiny(type);
    tiny_file file = {.ctx = tiny.ctx};
    expect_ok(tmoi_graph_export_memory(tiny.graph, &file.bytes, &file.size, NULL, &file.ctx), "tiny",
              &file.ctx);
    tmoi_graph_free(tiny.graph);
    return file;
}

/* Where the vector of field `id` of the root starts. */
static size_t root_vector(const uint8_t *bytes, uint32_t id)
{
    return tmoi_fb_follow(bytes, tmoi_fb_locate(bytes, tmoi_fb_follow(bytes, 0), id));
}
enum { OPERATOR_CODES_ID = 1, SUBGRAPHS_ID = 2, BUFFERS_ID = 4 };

static void expect_failure(tiny_file *file, const char *text)
{
    tmoi_graph *graph;
    assert_int_not_equal(tmoi_graph_import(&graph, file->bytes, file->size, NULL, &file->ctx), TMO_STATUS_OK);
    if (!strstr(file->ctx.error.message, text)) fail_msg("'%s' lacks '%s'", file->ctx.error.message, text);
    tmoi_release(&file->ctx.allocator, file->bytes);
}

static void too_long_vector_is_named(void **state)
{
    tiny_file file = make_tiny_file(TMO_TYPE_INT8);
    size_t vector = root_vector(file.bytes, BUFFERS_ID);
    (void)state;
    tmoi_le_put_u32(file.bytes + vector, 1073741825);
    expect_failure(&file, "vector of 1073741825 elements exceeds the file (");
    assert_int_equal(file.ctx.error.status, TMO_STATUS_INVALID_FILE);
    assert_int_equal(file.ctx.error.file_offset, vector);
}

static void other_files_are_refused(void **state)
{
    tiny_file file = make_tiny_file(TMO_TYPE_INT8);
    (void)state;
    file.bytes[4] = 'X';
    expect_failure(&file, "load: invalid model at byte 4: identifier is not 'TFL3'");
}

typedef struct findings {
    int faults, notes;
    size_t last_offset;
} findings;

static void count(void *user, tmoi_fb_severity severity, size_t offset, const char *text)
{
    findings *found = user;
    assert_true(text[0] != 0);
    found->last_offset = offset;
    if (severity == TMOI_FB_FAULT)
        found->faults++;
    else
        found->notes++;
}

static void all_faults_are_reported(void **state)
{
    tiny_file file = make_tiny_file(TMO_TYPE_INT8);
    findings found = {0};
    const tmoi_fb_reporter reporter = {count, &found};
    (void)state;
    file.bytes[4] = 'X';
    tmoi_le_put_u32(file.bytes + root_vector(file.bytes, OPERATOR_CODES_ID) + 4, 0x7ffffff0);
    tmoi_le_put_u32(file.bytes + root_vector(file.bytes, BUFFERS_ID), UINT32_MAX);
    assert_int_equal(tmoi_fb_verify(file.bytes, file.size, &reporter, NULL, &file.ctx),
                     TMO_STATUS_INVALID_FILE);
    assert_int_equal(found.faults, 3);
    assert_int_equal(file.ctx.error.file_offset, 4);
    tmoi_release(&file.ctx.allocator, file.bytes);
}

/* Many subgraphs that are all the same one: legal FlatBuffers, but quadratic to read. */
static void endless_sharing_is_refused(void **state)
{
    enum { MANY = 4000 };
    tiny_model tiny = make_tiny(TMO_TYPE_INT8);
    tiny_file file = {.ctx = tiny.ctx};
    tmoi_graph *graph = tiny.graph;
    tmoi_subgraph *many;
    (void)state;
    expect_ok(tmoi_arena_new(graph->arena, &many, MANY, &tiny.ctx), "many", &tiny.ctx);
    for (int32_t k = 0; k < MANY; k++) many[k] = (tmoi_subgraph){.name = "", .debug_metadata_index = -1};
    many[0] = graph->subgraphs[0];
    graph->subgraphs = many;
    graph->subgraph_count = MANY;
    for (int32_t k = 0; k < MANY; k++) {
        int32_t tensor;
        tmoi_shape shape = {1, {1}};
        expect_ok(tmoi_graph_add_tensor(graph, 0, "", TMO_TYPE_INT8, &shape, &tensor, &tiny.ctx), "many",
                  &tiny.ctx);
    }
    expect_ok(tmoi_graph_export_memory(graph, &file.bytes, &file.size, NULL, &tiny.ctx), "many", &tiny.ctx);
    tmoi_graph_free(graph);
    size_t vector = root_vector(file.bytes, SUBGRAPHS_ID), first = tmoi_fb_follow(file.bytes, vector + 4);
    for (size_t k = 1; k < MANY; k++) {
        size_t slot = vector + 4 + 4 * k;
        tmoi_le_put_u32(file.bytes + slot, (uint32_t)(first - slot));
    }
    expect_failure(&file, "shared so often");
}

static void limits_hold(void **state)
{
    static const struct {
        tmoi_import_limits limits;
        const char *text;
    } cases[] = {
        {{.max_bytes = 100}, "the limit is 100"},
        {{.max_tensors = 4}, "5 tensors, the limit is 4"},
        {{.max_ops = 1}, "2 operators, the limit is 1"},
        {{.max_rank = 1}, "'x' has 2 dimensions, the limit is 1"},
    };
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        tiny_file file = make_tiny_file(TMO_TYPE_INT8);
        tmoi_graph *graph;
        assert_int_not_equal(tmoi_graph_import(&graph, file.bytes, file.size, &cases[k].limits, &file.ctx),
                             TMO_STATUS_OK);
        if (!strstr(file.ctx.error.message, cases[k].text)) fail_msg("'%s'", file.ctx.error.message);
        tmoi_release(&file.ctx.allocator, file.bytes);
    }
}

/* ---- graphs that break a rule ---- */

static void constant_of_wrong_size(tmoi_graph *graph)
{
    graph->subgraphs[0].tensors[1].data_bytes = 15;
}

static void index_out_of_range(tmoi_graph *graph)
{
    graph->subgraphs[0].ops[0].inputs[1] = 5;
}

static void read_before_made(tmoi_graph *graph)
{
    graph->subgraphs[0].ops[0].inputs[1] = 4;
}

static void made_twice(tmoi_graph *graph)
{
    graph->subgraphs[0].ops[1].outputs[0] = 3;
}

static void made_constant(tmoi_graph *graph)
{
    graph->subgraphs[0].ops[0].outputs[0] = 1;
}

static void output_never_made(tmoi_graph *graph)
{
    graph->subgraphs[0].op_count = 1;
}

static void negative_dimension(tmoi_graph *graph)
{
    graph->subgraphs[0].tensors[0].shape.dims[1] = -1;
}

static void huge_shape(tmoi_graph *graph)
{
    graph->subgraphs[0].tensors[0].shape = (tmoi_shape){3, {1 << 30, 1 << 30, 1 << 30}};
}

static void scales_for_no_dimension(tmoi_graph *graph)
{
    static const float scales[3] = {1, 1, 1};
    static const int64_t zeros[3];
    graph->subgraphs[0].tensors[1].quant = (tmoi_quant){
        .count = 3, .dimension = 1, .scale = scales, .zero_point = zeros};
}

static void zero_point_out_of_range(tmoi_graph *graph)
{
    static const int64_t zero_point = 128;
    graph->subgraphs[0].tensors[0].quant.zero_point = &zero_point;
}

static void custom_without_name(tmoi_graph *graph)
{
    graph->subgraphs[0].ops[0].code = TMOI_OP_CUSTOM;
}

static void recursion(tmoi_graph *graph)
{
    static const tmoi_fb_if_options options = {0, 0};
    graph->subgraphs[0].ops[0].code = TMOI_OP_IF;
    graph->subgraphs[0].ops[0].options = (tmoi_fb_union){TMOI_TAG_if_options, &options};
}

static void sparse_order_is_no_permutation(tmoi_graph *graph)
{
    static const int32_t order[2] = {0, 0};
    static const tmoi_fb_dimension_metadata levels[2] = {{.dense_size = 1}, {.dense_size = 16}};
    static tmoi_fb_sparsity_parameters sparsity = {.traversal_order = {order, 2}};
    sparsity.dim_metadata.data = levels;
    sparsity.dim_metadata.count = 2;
    graph->subgraphs[0].tensors[1].sparsity = &sparsity;
}

static void sparse_index_out_of_range(tmoi_graph *graph)
{
    static const int32_t order[2] = {0, 1}, segments[2] = {0, 1}, indices[1] = {16};
    static const tmoi_fb_int32_vector segment_vector = {{segments, 2}}, index_vector = {{indices, 1}};
    static const tmoi_fb_dimension_metadata levels[2] = {
        {.dense_size = 1},
        {.format = TMOI_DIMENSION_SPARSE_CSR,
         .array_segments = {TMOI_TAG_int32_vector, &segment_vector},
         .array_indices = {TMOI_TAG_int32_vector, &index_vector}}};
    static tmoi_fb_sparsity_parameters sparsity = {.traversal_order = {order, 2}};
    sparsity.dim_metadata.data = levels;
    sparsity.dim_metadata.count = 2;
    graph->subgraphs[0].tensors[1].sparsity = &sparsity;
}

static void broken_graphs_are_named(void **state)
{
    static const struct {
        void (*damage)(tmoi_graph *graph);
        const char *text;
    } cases[] = {
        {constant_of_wrong_size, "tensor 'w': 15 bytes of data, expected 16 for int8 1x16"},
        {index_out_of_range, "input 1 is tensor 5 of 5"},
        {read_before_made, "MUL reads tensor 4 'out' before any operator makes it"},
        {made_twice, "ADD makes tensor 3 'product', which already has a value"},
        {made_constant, "MUL makes tensor 1 'w', which already has a value"},
        {output_never_made, "no operator makes output 0 'out'"},
        {negative_dimension, "tensor 'x': dimension 1 is -1"},
        {huge_shape, "tensor 'x': shape 1073741824x1073741824x1073741824 is too large"},
        {scales_for_no_dimension, "tensor 'w': 3 scales for the 16 slices of dimension 1"},
        {zero_point_out_of_range, "tensor 'x': zero point 128 is outside [-128, 127]"},
        {custom_without_name, "a custom operator has no name"},
        {recursion, "IF calls subgraph 0 recursively"},
        {sparse_order_is_no_permutation, "sparse tensor 'w': the traversal order is not a permutation"},
        {sparse_index_out_of_range, "sparse tensor 'w': index 16 outside [0, 16)"},
    };
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        tiny_model tiny = make_tiny(TMO_TYPE_INT8);
        cases[k].damage(tiny.graph);
        assert_int_equal(tmoi_graph_validate(tiny.graph, &tiny.ctx), TMO_STATUS_INVALID_MODEL);
        if (!strstr(tiny.ctx.error.message, cases[k].text))
            fail_msg("'%s' lacks '%s'", tiny.ctx.error.message, cases[k].text);
        tmoi_graph_free(tiny.graph);
    }
}

/* ---- memory runs out ---- */

static tmo_status import_and_export(const tiny_file *file, tmoi_ctx *ctx)
{
    tmoi_graph *graph = NULL, *clone = NULL;
    uint8_t *bytes = NULL;
    size_t size;
    TMO_TRY(tmoi_graph_import(&graph, file->bytes, file->size, NULL, ctx));
    TMO_TRY(tmoi_graph_clone(&clone, graph, ctx));
    TMO_TRY(tmoi_graph_export_memory(clone, &bytes, &size, NULL, ctx));
fail:
    tmoi_release(&ctx->allocator, bytes);
    tmoi_graph_free(clone);
    tmoi_graph_free(graph);
    return ctx->error.status;
}

static void every_allocation_fails(void **state)
{
    tiny_file file = make_tiny_file(TMO_TYPE_INT8);
    tmo_status status = TMO_STATUS_OUT_OF_MEMORY;
    long n = 0;
    (void)state;
    for (n = 1; status != TMO_STATUS_OK; n++) {
        failing_allocator failing = {0, 0, n};
        tmo_allocator allocator = failing_allocator_of(&failing);
        tmoi_ctx ctx = tmoi_ctx_make(&allocator);
        status = import_and_export(&file, &ctx);
        assert_true(status == TMO_STATUS_OK || status == TMO_STATUS_OUT_OF_MEMORY);
        assert_int_equal(atomic_load(&failing.alive), 0);
    }
    assert_true(n > 10);
    tmoi_release(&file.ctx.allocator, file.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(too_long_vector_is_named),
        cmocka_unit_test(other_files_are_refused),
        cmocka_unit_test(all_faults_are_reported),
        cmocka_unit_test(endless_sharing_is_refused),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(broken_graphs_are_named),
        cmocka_unit_test(every_allocation_fails),
        cmocka_unit_test(every_truncation),
        cmocka_unit_test(every_changed_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
