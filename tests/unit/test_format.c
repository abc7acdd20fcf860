/* The file format: what is read is written again, everything of it, and what the writer promises of its files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "model/export.h"
#include "model/import.h"
#include "model/version.h"
#include "tflite/read.h"
#include "tflite/verify.h"
#include "tflite/write.h"
#include "unit/compare_tables.h"
#include "unit/model_files.h"
#include "unit/tiny_model.h"

/* ---- files in memory ---- */

typedef struct memory_file {
    uint8_t *bytes;
    size_t size, done;
} memory_file;

static tmo_status start(void *user, uint64_t size_bytes, tmoi_ctx *ctx)
{
    memory_file *file = user;
    file->size = (size_t)size_bytes;
    return tmoi_alloc(ctx, (void **)&file->bytes, file->size, 1, 64);
}

static tmo_status append(void *user, const void *data, size_t bytes, tmoi_ctx *ctx)
{
    memory_file *file = user;
    (void)ctx;
    assert_true(bytes <= file->size - file->done);
    memcpy(file->bytes + file->done, data, bytes);
    file->done += bytes;
    return TMO_STATUS_OK;
}

static memory_file write_tables(const tmoi_fb_model *model, const tmoi_fb_write_options *options,
                                const char *name, tmoi_ctx *ctx)
{
    memory_file file = {0};
    tmoi_fb_sink sink = {start, append, &file};
    expect_ok(tmoi_fb_write(model, options, &sink, ctx), name, ctx);
    assert_int_equal(file.done, file.size);
    return file;
}

static const tmoi_fb_model *read_tables(const uint8_t *bytes, size_t size, tmoi_arena *arena,
                                        const char *name, tmoi_ctx *ctx)
{
    const tmoi_fb_model *model;
    expect_ok(tmoi_fb_verify(bytes, size, NULL, NULL, ctx), name, ctx);
    expect_ok(tmoi_fb_read(&model, bytes, size, arena, ctx), name, ctx);
    return model;
}

/* ---- every table and field survives ---- */

static void round_trip_tables(const char *name, const uint8_t *bytes, size_t size, bool outside)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    tmoi_arena arena;
    tmoi_fb_write_options options = {.buffers_outside = outside};
    char place[256] = "";
    tmoi_arena_init(&arena, &ctx.allocator);
    const tmoi_fb_model *model = read_tables(bytes, size, &arena, name, &ctx);
    memory_file file = write_tables(model, &options, name, &ctx);
    const tmoi_fb_model *again = read_tables(file.bytes, file.size, &arena, name, &ctx);
    if (!same_tables(&tmoi_fb_type_model, model, again, place, sizeof place))
        fail_msg("%s: %s differs", name, place);
    memory_file second = write_tables(again, &options, name, &ctx);
    assert_int_equal(second.size, file.size);
    assert_memory_equal(second.bytes, file.bytes, file.size);
    tmoi_release(&ctx.allocator, file.bytes);
    tmoi_release(&ctx.allocator, second.bytes);
    tmoi_arena_clear(&arena);
}

/* Through the graph: what is exported is a fixed point, and no larger for all that it may add. */
static void round_trip_graph(const char *name, const uint8_t *bytes, size_t size)
{
    enum { METADATA_MAY_ADD = 256 };
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    tmoi_graph *graph, *again;
    uint8_t *first, *second;
    size_t first_size, second_size;
    expect_ok(tmoi_graph_import(&graph, bytes, size, NULL, &ctx), name, &ctx);
    expect_ok(tmoi_graph_export_memory(graph, &first, &first_size, NULL, &ctx), name, &ctx);
    if (first_size > size + METADATA_MAY_ADD)
        fail_msg("%s: grew from %zu to %zu bytes", name, size, first_size);
    expect_ok(tmoi_graph_import(&again, first, first_size, NULL, &ctx), name, &ctx);
    expect_ok(tmoi_graph_export_memory(again, &second, &second_size, NULL, &ctx), name, &ctx);
    assert_int_equal(first_size, second_size);
    assert_memory_equal(first, second, first_size);
    tmoi_graph_free(again);
    tmoi_graph_free(graph);
    tmoi_release(&ctx.allocator, first);
    tmoi_release(&ctx.allocator, second);
}

static void round_trip(void *user, const char *name, const uint8_t *bytes, size_t size)
{
    (void)user;
    round_trip_tables(name, bytes, size, false);
    round_trip_tables(name, bytes, size, true);
    round_trip_graph(name, bytes, size);
}

static void golden_models_survive(void **state)
{
    (void)state;
    assert_true(visit_golden_models(1, round_trip, NULL) > 1000);
}

static void real_models_survive(void **state)
{
    (void)state;
    assert_true(visit_model_files(round_trip, NULL) > 0);
}

/* ---- a model that has one of every table and field, filled with counted-up values ---- */

typedef struct filler {
    tmoi_arena *arena;
    tmoi_ctx *ctx;
    uint8_t tags[4]; /* which member of each union comes next */
    uint8_t next;    /* the value of the next byte */
} filler;

static void fill_table(filler *f, const tmoi_fb_type *type, uint8_t *out);

static void *new_table(filler *f, const tmoi_fb_type *type, size_t count)
{
    uint8_t *tables;
    expect_ok(tmoi_arena_alloc(f->arena, (void **)&tables, count, type->struct_bytes, 16, f->ctx), type->name,
              f->ctx);
    for (size_t k = 0; k < count; k++) fill_table(f, type, tables + k * type->struct_bytes);
    return tables;
}

static void fill_bytes(filler *f, uint8_t *out, size_t count)
{
    for (size_t k = 0; k < count; k++) out[k] = (uint8_t)(f->next++ | 1);
}

static tmoi_fb_span new_span(filler *f, const tmoi_fb_field *field)
{
    enum { ELEMENTS = 3 };
    uint8_t *elements;
    size_t bytes = ELEMENTS * (size_t)field->bytes;
    expect_ok(tmoi_arena_alloc(f->arena, (void **)&elements, bytes + 1, 1, 16, f->ctx),
              tmoi_fb_field_name(field), f->ctx);
    fill_bytes(f, elements, bytes);
    elements[bytes] = 0;
    return (tmoi_fb_span){elements, ELEMENTS};
}

static tmoi_fb_union new_union(filler *f, const tmoi_fb_field *field)
{
    uint8_t *tag = &f->tags[field->union_kind];
    if (!tmoi_fb_union_member(field->union_kind, ++*tag)) *tag = 1;
    const tmoi_fb_type *member = tmoi_fb_union_member(field->union_kind, *tag);
    return (tmoi_fb_union){*tag, new_table(f, member, 1)};
}

static void fill_table(filler *f, const tmoi_fb_type *type, uint8_t *out)
{
    if (type->field_count == 0) return;
    for (uint32_t k = 0; k < type->field_count; k++) {
        const tmoi_fb_field *field = &type->fields[k];
        bool is_operators = strcmp(tmoi_fb_field_name(field), "operators") == 0;
        size_t count = is_operators ? 130 : 3; /* one operator at least for each member of its unions */
        switch ((tmoi_fb_kind)field->kind) {
        case TMOI_FB_SCALAR: fill_bytes(f, out + field->offset, field->bytes); break;
        case TMOI_FB_BOOL: out[field->offset] = !((const uint8_t *)type->defaults)[field->offset]; break;
        case TMOI_FB_STRING:
        case TMOI_FB_VECTOR:
            tmoi_fb_set(out, field, &(tmoi_fb_span[]){new_span(f, field)}, sizeof(tmoi_fb_span));
            break;
        case TMOI_FB_SUBTABLE:
            tmoi_fb_set(out, field, &(void *[]){new_table(f, tmoi_fb_field_type(field), 1)}, sizeof(void *));
            break;
        case TMOI_FB_TABLES: {
            tmoi_fb_span span = {new_table(f, tmoi_fb_field_type(field), count), (uint32_t)count};
            tmoi_fb_set(out, field, &span, sizeof span);
            break;
        }
        case TMOI_FB_UNION:
            tmoi_fb_set(out, field, &(tmoi_fb_union[]){new_union(f, field)}, sizeof(tmoi_fb_union));
        }
    }
    if (type == &tmoi_fb_type_buffer) {
        ((tmoi_fb_buffer *)(void *)out)->offset = 0;
        ((tmoi_fb_buffer *)(void *)out)->size = 0;
    }
}

static void every_field_survives(void **state)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    tmoi_arena arena;
    char place[256] = "";
    (void)state;
    tmoi_arena_init(&arena, &ctx.allocator);
    filler f = {.arena = &arena, .ctx = &ctx};
    tmoi_fb_model *model = new_table(&f, &tmoi_fb_type_model, 1);
    model->version = 3;
    memory_file file = write_tables(model, NULL, "every field", &ctx);
    const tmoi_fb_model *again = read_tables(file.bytes, file.size, &arena, "every field", &ctx);
    if (!same_tables(&tmoi_fb_type_model, model, again, place, sizeof place)) fail_msg("%s differs", place);
    tmoi_release(&ctx.allocator, file.bytes);
    tmoi_arena_clear(&arena);
}

/* ---- what the writer promises ---- */

static void equal_contents_are_written_once(void **state)
{
    tiny_model tiny = make_tiny(TMO_TYPE_FLOAT32);
    tmoi_arena arena;
    uint8_t *bytes;
    size_t size;
    (void)state;
    tmoi_arena_init(&arena, &tiny.ctx.allocator);
    expect_ok(tmoi_graph_export_memory(tiny.graph, &bytes, &size, NULL, &tiny.ctx), "tiny", &tiny.ctx);
    const tmoi_fb_model *model = read_tables(bytes, size, &arena, "tiny", &tiny.ctx);
    const tmoi_fb_tensor *tensors = model->subgraphs.data[0].tensors.data;
    assert_int_equal(model->buffers.count, 3); /* the empty one, the weights, the metadata */
    assert_null(model->buffers.data[0].data.data);
    assert_int_equal(tensors[1].buffer, tensors[2].buffer);
    assert_ptr_equal(tensors[0].shape.data, tensors[4].shape.data);
    assert_ptr_equal(tensors[0].quantization->scale.data, tensors[4].quantization->scale.data);
    for (uint32_t k = 1; k < model->buffers.count; k++)
        assert_int_equal((model->buffers.data[k].data.data - bytes) % 16, 0);
    tmoi_arena_clear(&arena);
    tmoi_graph_free(tiny.graph);
    tmoi_release(&tiny.ctx.allocator, bytes);
}

static void outside_buffers_end_with_zeros(void **state)
{
    tiny_model tiny = make_tiny(TMO_TYPE_FLOAT32);
    const tmoi_export_options options = {.buffers_outside = true};
    tmoi_arena arena;
    uint8_t *bytes;
    size_t size;
    (void)state;
    tmoi_arena_init(&arena, &tiny.ctx.allocator);
    expect_ok(tmoi_graph_export_memory(tiny.graph, &bytes, &size, &options, &tiny.ctx), "tiny", &tiny.ctx);
    const tmoi_fb_model *model = read_tables(bytes, size, &arena, "tiny", &tiny.ctx);
    const tmoi_fb_buffer *weights = &model->buffers.data[1], *metadata = &model->buffers.data[2];
    assert_int_equal(weights->offset % 16, 0);
    assert_int_equal(weights->size, 64);
    assert_int_equal(weights->offset + weights->size + 16, size);
    assert_int_equal(metadata->offset, 0);
    assert_int_equal(metadata->data.count, 16);
    tmoi_arena_clear(&arena);
    tmoi_graph_free(tiny.graph);
    tmoi_release(&tiny.ctx.allocator, bytes);
}

static void versions_follow_the_types(void **state)
{
    static const struct {
        tmo_type type;
        int32_t mul, add;
        const char *runtime;
    } cases[] = {
        {TMO_TYPE_FLOAT32, 1, 1, "1.5.0"},
        {TMO_TYPE_INT8, 2, 2, "1.14.0"},
        {TMO_TYPE_INT64, 5, 4, "2.6.0"},
        {TMO_TYPE_FLOAT16, 8, 6, "2.23.0"},
    };
    static const float eighth = 0.125f, half = 0.5f;
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        tiny_model tiny = make_tiny(TMO_TYPE_FLOAT32);
        tmoi_subgraph *subgraph = tiny.graph->subgraphs;
        for (int32_t i = 0; i < subgraph->tensor_count; i++) {
            subgraph->tensors[i].type = cases[k].type;
            subgraph->tensors[i].quant.scale = &eighth;
        }
        subgraph->tensors[3].quant.scale = &half;
        assert_int_equal(tmoi_op_needed_version(subgraph, &subgraph->ops[0]), cases[k].mul);
        assert_int_equal(tmoi_op_needed_version(subgraph, &subgraph->ops[1]), cases[k].add);
        assert_string_equal(tmoi_graph_min_runtime(tiny.graph), cases[k].runtime);
        subgraph->ops[0].version = 7;
        assert_int_equal(tmoi_op_needed_version(subgraph, &subgraph->ops[0]),
                         cases[k].mul > 7 ? cases[k].mul : 7);
        tmoi_graph_free(tiny.graph);
    }
}

static void suffix_and_metadata_survive(void **state)
{
    tiny_model tiny = make_tiny(TMO_TYPE_INT8);
    static const char suffix[] = "PK\003\004 labels", note[] = "a note";
    tmoi_metadata metadata[] = {{"note", note, sizeof note}};
    tmoi_graph *again;
    uint8_t *bytes;
    size_t size;
    (void)state;
    tiny.graph->suffix = suffix;
    tiny.graph->suffix_bytes = sizeof suffix;
    tiny.graph->metadata = tiny.graph->nameless_metadata = metadata;
    tiny.graph->metadata_count = tiny.graph->nameless_metadata_count = 1;
    expect_ok(tmoi_graph_export_memory(tiny.graph, &bytes, &size, NULL, &tiny.ctx), "tiny", &tiny.ctx);
    expect_ok(tmoi_graph_import(&again, bytes, size, NULL, &tiny.ctx), "tiny", &tiny.ctx);
    assert_int_equal(again->suffix_bytes, sizeof suffix);
    assert_memory_equal(again->suffix, suffix, sizeof suffix);
    assert_int_equal(again->metadata_count, 2);
    assert_string_equal(again->metadata[0].name, "note");
    assert_memory_equal(again->metadata[0].data, note, sizeof note);
    assert_string_equal(again->metadata[1].data, "1.14.0");
    assert_int_equal(again->nameless_metadata_count, 1);
    assert_memory_equal(again->nameless_metadata[0].data, note, sizeof note);
    tmoi_graph_free(again);
    tmoi_graph_free(tiny.graph);
    tmoi_release(&tiny.ctx.allocator, bytes);
}

/* ---- dump ---- */

static void gather(void *user, const char *text)
{
    char *all = user;
    assert_true(strlen(all) + strlen(text) < 2048);
    strcat(all, text);
}

static void dump_is_readable(void **state)
{
    tiny_model tiny = make_tiny(TMO_TYPE_INT8);
    char text[2048] = "";
    (void)state;
    tmoi_graph_dump(tiny.graph, gather, text);
    assert_non_null(strstr(text, "subgraph 0 'main' (%0) -> (%4)\n"));
    assert_non_null(strstr(text, "  %1 int8 1x16, scale 0.5 zero point 0, constant of 16 bytes 'w'\n"));
    assert_non_null(strstr(text, "  1: %4 = ADD version 1 (%3, %2)\n"));
    tmoi_graph_free(tiny.graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_survives),           cmocka_unit_test(equal_contents_are_written_once),
        cmocka_unit_test(outside_buffers_end_with_zeros), cmocka_unit_test(versions_follow_the_types),
        cmocka_unit_test(suffix_and_metadata_survive),    cmocka_unit_test(dump_is_readable),
        cmocka_unit_test(golden_models_survive),          cmocka_unit_test(real_models_survive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
