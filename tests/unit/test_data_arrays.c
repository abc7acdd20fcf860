/* Arrays in files: npy, npz, IDX, gzip, CSV. */
#include "data_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/os.h"
#include "data/csv.h"
#include "data/gzip.h"
#include "data/idx.h"
#include "data/npy.h"

static uint8_t file[4096];

static tmoi_array parse(const char *header, const void *data, size_t size_bytes)
{
    tmoi_array array;
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    size_t bytes = make_npy(file, header, data, size_bytes, 1);
    assert_int_equal(tmoi_npy_parse(&array, file, bytes, "a.npy", &ctx), TMO_STATUS_OK);
    return array;
}

static tmo_status parse_fails(const char *header, size_t size_bytes, const char *message_part)
{
    static const uint8_t zeros[256];
    tmoi_array array;
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    size_t bytes = make_npy(file, header, zeros, size_bytes, 1);
    tmo_status status = tmoi_npy_parse(&array, file, bytes, "a.npy", &ctx);
    assert_non_null(strstr(ctx.error.message, message_part));
    return status;
}

static void npy_reads_every_type(void **state)
{
    static const struct {
        const char *descr;
        uint8_t bytes[16];
        size_t size;
        tmo_type type;
        float values[2];
    } cases[] = {
        {"<f2", {0x00, 0x3c, 0x00, 0xc1}, 4, TMO_TYPE_FLOAT16, {1.0f, -2.5f}},
        {">f2", {0x3c, 0x00, 0xc1, 0x00}, 4, TMO_TYPE_FLOAT16, {1.0f, -2.5f}},
        {"<f4", {0, 0, 0x80, 0x3f, 0, 0, 0x20, 0xc0}, 8, TMO_TYPE_FLOAT32, {1.0f, -2.5f}},
        {">f4", {0x3f, 0x80, 0, 0, 0xc0, 0x20, 0, 0}, 8, TMO_TYPE_FLOAT32, {1.0f, -2.5f}},
        {"<f8",
         {0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0, 0, 0, 0, 0, 0, 4, 0xc0},
         16,
         TMO_TYPE_FLOAT64,
         {1.0f, -2.5f}},
        {">f8",
         {0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 0xc0, 4, 0, 0, 0, 0, 0, 0},
         16,
         TMO_TYPE_FLOAT64,
         {1.0f, -2.5f}},
        {"|i1", {5, 0xff}, 2, TMO_TYPE_INT8, {5.0f, -1.0f}},
        {"|u1", {5, 0xff}, 2, TMO_TYPE_UINT8, {5.0f, 255.0f}},
        {"|b1", {0, 1}, 2, TMO_TYPE_BOOL, {0.0f, 1.0f}},
        {"<i2", {1, 2, 0xfe, 0xff}, 4, TMO_TYPE_INT16, {513.0f, -2.0f}},
        {">i2", {2, 1, 0xff, 0xfe}, 4, TMO_TYPE_INT16, {513.0f, -2.0f}},
        {"<u2", {1, 2, 0xfe, 0xff}, 4, TMO_TYPE_UINT16, {513.0f, 65534.0f}},
        {"<i4", {1, 2, 0, 0, 0xfe, 0xff, 0xff, 0xff}, 8, TMO_TYPE_INT32, {513.0f, -2.0f}},
        {">u4", {0, 0, 2, 1, 0x80, 0, 0, 0}, 8, TMO_TYPE_UINT32, {513.0f, 2147483648.0f}},
        {"<i8",
         {1, 2, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255},
         16,
         TMO_TYPE_INT64,
         {513.0f, -1.0f}},
        {"<u8", {1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80}, 16, TMO_TYPE_UINT64, {513.0f, 0x1p63f}},
    };
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        char header[128];
        float values[2];
        (void)snprintf(header, sizeof header, "{'descr': '%s', 'fortran_order': False, 'shape': (2,), }\n",
                       cases[k].descr);
        tmoi_array array = parse(header, cases[k].bytes, cases[k].size);
        assert_int_equal(array.type, cases[k].type);
        tmoi_array_load_f32(&array, values);
        assert_memory_equal(values, cases[k].values, sizeof values);
    }
}

static void npy_reads_orders_and_items(void **state)
{
    const uint8_t data[6] = {1, 2, 3, 4, 5, 6};
    float values[6];
    const float c_order[6] = {1, 2, 3, 4, 5, 6}, fortran_order[6] = {1, 3, 5, 2, 4, 6}, second[3] = {2, 4, 6};
    (void)state;
    tmoi_array c = parse("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }", data, 6);
    tmoi_array_load_f32(&c, values);
    assert_memory_equal(values, c_order, sizeof values);
    tmoi_array fortran = parse("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }", data, 6);
    tmoi_array_load_f32(&fortran, values);
    assert_memory_equal(values, fortran_order, sizeof values);
    tmoi_array item = tmoi_array_item(&fortran, 1);
    assert_int_equal(item.shape.rank, 1);
    tmoi_array_load_f32(&item, values);
    assert_memory_equal(values, second, sizeof second);
    uint8_t raw[3];
    tmoi_array_load_raw(&item, raw);
    assert_memory_equal(raw, ((uint8_t[]){2, 4, 6}), 3);
}

static void npy_reads_versions_and_scalars(void **state)
{
    tmoi_array array;
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    const uint8_t data[4] = {7, 0, 0, 0};
    int64_t value;
    (void)state;
    for (int version = 1; version <= 3; version++) {
        size_t bytes = make_npy(file, "{'shape':(),\"descr\":'<i4','fortran_order':False}", data, 4, version);
        assert_int_equal(tmoi_npy_parse(&array, file, bytes, "a.npy", &ctx), TMO_STATUS_OK);
        assert_int_equal(array.shape.rank, 0);
        assert_int_equal(tmoi_array_load_i64(&array, &value), -1);
        assert_int_equal(value, 7);
    }
    assert_int_equal(
        parse("{'descr': '<i4', 'fortran_order': False, 'shape': (1L,), }", data, 4).shape.dims[0], 1);
}

static void npy_names_what_is_wrong(void **state)
{
    (void)state;
    const tmo_status bad = TMO_STATUS_INVALID_DATA, other = TMO_STATUS_UNSUPPORTED_DATA;
    assert_int_equal(
        parse_fails("{'descr': '<f4', 'fortran_order': False, 'shape': (5,), }", 16, "need 20 bytes"), bad);
    assert_int_equal(parse_fails("{'descr': '<f4', 'shape': (2,), }", 8, "lacks"), bad);
    assert_int_equal(parse_fails("{'descr': '<f4', 'descr': '<f4', }", 8, "unexpected key"), bad);
    assert_int_equal(parse_fails("{'descr': '<f4', 'fortran_order': Maybe, 'shape': (2,), }", 8, "neither"),
                     bad);
    assert_int_equal(
        parse_fails("{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }", 8, "dimension"), bad);
    assert_int_equal(
        parse_fails("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999,), }", 8, "dim"), bad);
    assert_int_equal(
        parse_fails("{'descr': '<f4', 'fortran_order': False, 'shape': (2000000000, 2000000000), }", 8,
                    "large"),
        bad);
    assert_int_equal(parse_fails("{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", 8, "'<c8'"),
                     other);
    assert_int_equal(parse_fails("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", 8, "'|O'"),
                     other);
    assert_int_equal(
        parse_fails("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", 8, "struct"), other);
    assert_int_equal(
        parse_fails("{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1)}", 8, "8"), other);
    assert_int_equal(parse_fails("[]", 8, "dictionary"), bad);
}

static void npy_and_npz_write_what_they_read(void **state)
{
    const float a[6] = {1, 2, 3, 4, 5, 6};
    const int8_t b[3] = {-1, 0, 1};
    const tmoi_npy_source sources[] = {
        {"first/name;with signs", TMO_TYPE_FLOAT32, {2, {2, 3}}, a},
        {"b", TMO_TYPE_INT8, {1, {3}}, b},
        {"scalar", TMO_TYPE_FLOAT32, {0, {0}}, a},
        {"empty", TMO_TYPE_INT64, {2, {0, 4}}, NULL},
    };
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    tmoi_arena arena;
    tmoi_file_map map;
    tmoi_npz_entry *entries;
    int32_t count;
    float values[6];
    (void)state;
    assert_int_equal(tmoi_npz_write(temp_path("w.npz"), sources, 4, &ctx), TMO_STATUS_OK);
    assert_int_equal(tmoi_npz_write(temp_path("w2.npz"), sources, 4, &ctx), TMO_STATUS_OK);
    size_t bytes[2];
    uint8_t *copies[2] = {read_bytes(temp_path("w.npz"), &bytes[0]),
                          read_bytes(temp_path("w2.npz"), &bytes[1])};
    assert_int_equal(bytes[0], bytes[1]);
    assert_memory_equal(copies[0], copies[1], bytes[0]);
    free(copies[0]);
    free(copies[1]);
    tmoi_arena_init(&arena, &ctx.allocator);
    assert_int_equal(tmoi_file_map_open(&map, temp_path("w.npz"), &ctx), TMO_STATUS_OK);
    assert_int_equal(
        tmoi_npz_parse(&entries, &count, map.data, map.size_bytes, "w.npz", 1 << 20, &arena, &ctx),
        TMO_STATUS_OK);
    assert_int_equal(count, 4);
    for (int32_t k = 0; k < count; k++) {
        assert_string_equal(entries[k].name, sources[k].name);
        assert_int_equal(entries[k].array.type, sources[k].type);
        assert_true(tmoi_shape_equal(&entries[k].array.shape, &sources[k].shape));
    }
    tmoi_array_load_f32(&entries[0].array, values);
    assert_memory_equal(values, a, sizeof a);
    assert_int_equal(tmoi_npz_parse(&entries, &count, map.data, map.size_bytes, "w.npz", 200, &arena, &ctx),
                     TMO_STATUS_LIMIT);
    tmoi_arena_clear(&arena);
    tmoi_file_map_close(&map);
}

static void npy_header_is_numpys(void **state)
{
    const float a[6] = {1, 2, 3, 4, 5, 6};
    const tmoi_npy_source source = {"a", TMO_TYPE_FLOAT32, {2, {2, 3}}, a};
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    size_t bytes;
    (void)state;
    assert_int_equal(tmoi_npy_write(temp_path("w.npy"), &source, &ctx), TMO_STATUS_OK);
    uint8_t *written = read_bytes(temp_path("w.npy"), &bytes);
    const char *header =
        "\x93NUMPY\x01\x00\x76\x00{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
    assert_int_equal(bytes, 128 + sizeof a);
    assert_memory_equal(written, header, 10 + strlen(header + 10));
    assert_int_equal(written[127], '\n');
    assert_memory_equal(written + 128, a, sizeof a);
    free(written);
    tmoi_npy_source other = source;
    other.type = TMO_TYPE_BFLOAT16;
    assert_int_equal(tmoi_npy_write(temp_path("w.npy"), &other, &ctx), TMO_STATUS_UNSUPPORTED_DATA);
}

static void npz_reads_deflated_members(void **state)
{
    static float values[600];
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    tmoi_arena arena;
    tmoi_npz_entry *entries;
    int32_t count;
    size_t bytes;
    (void)state;
    for (int k = 0; k < 600; k++) values[k] = (float)(k / 7);
    size_t npy = make_npy(file, "{'descr': '<f4', 'fortran_order': False, 'shape': (600,), }\n", values, 2400,
                          1);
    for (int is_deflated = 0; is_deflated < 2; is_deflated++) {
        float back[600];
        write_zip(temp_path("d.npz"), "x.npy", file, npy, is_deflated);
        uint8_t *data = read_bytes(temp_path("d.npz"), &bytes);
        tmoi_arena_init(&arena, &ctx.allocator);
        assert_int_equal(tmoi_npz_parse(&entries, &count, data, bytes, "d.npz", 1 << 20, &arena, &ctx),
                         TMO_STATUS_OK);
        assert_int_equal(count, 1);
        tmoi_array_load_f32(&entries[0].array, back);
        assert_memory_equal(back, values, sizeof back);
        tmoi_arena_clear(&arena);
        free(data);
    }
}

static void idx_reads_every_type(void **state)
{
    static const struct {
        uint8_t bytes[24];
        size_t size;
        float values[2];
    } cases[] = {
        {{0, 0, 0x08, 1, 0, 0, 0, 2, 1, 255}, 10, {1, 255}},
        {{0, 0, 0x09, 1, 0, 0, 0, 2, 1, 255}, 10, {1, -1}},
        {{0, 0, 0x0b, 1, 0, 0, 0, 2, 1, 2, 255, 254}, 12, {258, -2}},
        {{0, 0, 0x0c, 1, 0, 0, 0, 2, 0, 0, 1, 2, 255, 255, 255, 254}, 16, {258, -2}},
        {{0, 0, 0x0d, 1, 0, 0, 0, 2, 0x3f, 0x80, 0, 0, 0xc0, 0x20, 0, 0}, 16, {1, -2.5f}},
        {{0, 0, 0x0e, 1, 0, 0, 0, 2, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 0xc0, 4, 0, 0, 0, 0, 0, 0},
         24,
         {1, -2.5f}},
    };
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        tmoi_array array;
        float values[2];
        assert_int_equal(tmoi_idx_parse(&array, cases[k].bytes, cases[k].size, "i", &ctx), TMO_STATUS_OK);
        tmoi_array_load_f32(&array, values);
        assert_memory_equal(values, cases[k].values, sizeof values);
    }
}

static void gzip_inflates_members_within_the_limit(void **state)
{
    static uint8_t data[100000];
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    uint8_t *out;
    size_t bytes, size;
    (void)state;
    for (size_t k = 0; k < sizeof data; k++) data[k] = (uint8_t)(k * k >> 7);
    write_gzip(temp_path("a.gz"), data, sizeof data);
    uint8_t *packed = read_bytes(temp_path("a.gz"), &bytes);
    assert_true(tmoi_is_gzip(packed, bytes));
    assert_int_equal(tmoi_gunzip(&out, &size, packed, bytes, sizeof data, "a.gz", &ctx), TMO_STATUS_OK);
    assert_int_equal(size, sizeof data);
    assert_memory_equal(out, data, size);
    tmoi_release(&ctx.allocator, out);
    assert_int_equal(tmoi_gunzip(&out, &size, packed, bytes, sizeof data - 1, "a.gz", &ctx),
                     TMO_STATUS_LIMIT);
    ctx = tmoi_ctx_make(NULL);
    uint8_t *twice = malloc(2 * bytes); /* two members, one after the other */
    assert_non_null(twice);
    memcpy(twice, packed, bytes);
    memcpy(twice + bytes, packed, bytes);
    assert_int_equal(tmoi_gunzip(&out, &size, twice, 2 * bytes, 1 << 20, "a.gz", &ctx), TMO_STATUS_OK);
    assert_int_equal(size, 2 * sizeof data);
    assert_memory_equal(out + sizeof data, data, sizeof data);
    tmoi_release(&ctx.allocator, out);
    free(twice);
    free(packed);
}

static tmo_status parse_csv(tmoi_csv *csv, const char *text, tmoi_arena *arena, tmoi_ctx *ctx)
{
    *ctx = tmoi_ctx_make(NULL);
    return tmoi_csv_parse(csv, text, strlen(text), "t.csv", arena, ctx);
}

static void csv_reads_tables(void **state)
{
    tmoi_csv csv;
    tmoi_arena arena;
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    (void)state;
    tmoi_arena_init(&arena, &ctx.allocator);
    const char *text = "\xef\xbb\xbf\r\na, \"b\"\"x\",label,\"c,d\"\r\n1,2.5,cat,3\r\n\r\n-1,\"4\", dog ,1e2";
    assert_int_equal(parse_csv(&csv, text, &arena, &ctx), TMO_STATUS_OK);
    assert_int_equal(csv.column_count, 3);
    assert_int_equal(csv.row_count, 2);
    assert_string_equal(csv.columns[0], "a");
    assert_string_equal(csv.columns[2], "c,d");
    assert_memory_equal(csv.values, ((double[]){1, 2.5, 3, -1, 4, 100}), 6 * sizeof(double));
    assert_string_equal(csv.label_text[0], "cat");
    assert_string_equal(csv.label_text[1], "dog");
    assert_int_equal(parse_csv(&csv, "x\n\"1\"\n2\n\n", &arena, &ctx), TMO_STATUS_OK);
    assert_int_equal(csv.row_count, 2);
    assert_null(csv.label_text);
    tmoi_arena_clear(&arena);
}

static void csv_names_line_and_column(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "empty"},
        {"\n\n", "empty"},
        {"a,b\n1,x\n", "'t.csv' line 2, column 'b': 'x' is not a number"},
        {"a,b\n1,2\n\n3\n", "line 4: fewer cells"},
        {"a,b\n1,2\n3,4,5\n", "line 3: more cells"},
        {"a,b\n1,\n", "column 'b': '' is not a number"},
        {"1,2\n3,4\n", "must name the columns"},
        {"label\n1\n", "no column but 'label'"},
        {"label,a,label\n1,2,3\n", "two columns"},
        {"a\n\"1\n", "line 2: the quoted cell does not end"},
        {"a\n\"1\"2\n", "closing quote"},
        {"a\n1\"2\n", "unexpected quote"},
    };
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        tmoi_csv csv;
        tmoi_arena arena;
        tmoi_ctx ctx = tmoi_ctx_make(NULL);
        tmoi_arena_init(&arena, &ctx.allocator);
        assert_int_equal(parse_csv(&csv, cases[k].text, &arena, &ctx), TMO_STATUS_INVALID_DATA);
        assert_non_null(strstr(ctx.error.message, cases[k].message));
        tmoi_arena_clear(&arena);
    }
}

static int clean_up(void **state)
{
    (void)state;
    remove_temp_folder();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(npy_reads_every_type),
        cmocka_unit_test(npy_reads_orders_and_items),
        cmocka_unit_test(npy_reads_versions_and_scalars),
        cmocka_unit_test(npy_names_what_is_wrong),
        cmocka_unit_test(npy_and_npz_write_what_they_read),
        cmocka_unit_test(npy_header_is_numpys),
        cmocka_unit_test(npz_reads_deflated_members),
        cmocka_unit_test(idx_reads_every_type),
        cmocka_unit_test(gzip_inflates_members_within_the_limit),
        cmocka_unit_test(csv_reads_tables),
        cmocka_unit_test(csv_names_line_and_column),
    };
    return cmocka_run_group_tests(tests, NULL, clean_up);
}
