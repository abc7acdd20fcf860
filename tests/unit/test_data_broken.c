/* Broken files of every kind: each truncation and each change of one byte ends in an error that names the file or in
 * samples of finite numbers; and each allocation that fails ends in OUT_OF_MEMORY without a leak. */
#include "data_files.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/csv.h"
#include "data/dataset.h"
#include "data/gzip.h"
#include "data/idx.h"
#include "data/image.h"
#include "data/loader.h"
#include "data/npy.h"
#include "data/sound.h"
#include "oom/failing_allocator.h"

#define MAX_BYTES 100000u /* that a broken file may make us allocate at once */

/* Parses bytes and touches everything that came out. */
typedef tmo_status parser(const uint8_t *data, size_t size_bytes, tmoi_ctx *ctx);

static void touch(const tmoi_array *array)
{
    int64_t count = tmoi_array_count(array);
    float *values = malloc((size_t)count * sizeof *values + 1);
    assert_non_null(values);
    tmoi_array_load_f32(array, values);
    free(values);
}

static tmo_status parse_npy(const uint8_t *data, size_t size_bytes, tmoi_ctx *ctx)
{
    tmoi_array array;
    tmo_status status = tmoi_npy_parse(&array, data, size_bytes, "FILE", ctx);
    if (status == TMO_STATUS_OK) touch(&array);
    return status;
}

static tmo_status parse_idx(const uint8_t *data, size_t size_bytes, tmoi_ctx *ctx)
{
    tmoi_array array;
    tmo_status status = tmoi_idx_parse(&array, data, size_bytes, "FILE", ctx);
    if (status == TMO_STATUS_OK) touch(&array);
    return status;
}

static tmo_status parse_npz(const uint8_t *data, size_t size_bytes, tmoi_ctx *ctx)
{
    tmoi_arena arena;
    tmoi_npz_entry *entries;
    int32_t count = 0;
    tmoi_arena_init(&arena, &ctx->allocator);
    tmo_status status = tmoi_npz_parse(&entries, &count, data, size_bytes, "FILE", MAX_BYTES, &arena, ctx);
    for (int32_t k = 0; status == TMO_STATUS_OK && k < count; k++) touch(&entries[k].array);
    tmoi_arena_clear(&arena);
    return status;
}

static tmo_status parse_csv(const uint8_t *data, size_t size_bytes, tmoi_ctx *ctx)
{
    tmoi_arena arena;
    tmoi_csv csv;
    tmoi_arena_init(&arena, &ctx->allocator);
    tmo_status status = tmoi_csv_parse(&csv, (const char *)data, size_bytes, "FILE", &arena, ctx);
    tmoi_arena_clear(&arena);
    return status;
}

static tmo_status parse_gzip(const uint8_t *data, size_t size_bytes, tmoi_ctx *ctx)
{
    uint8_t *out = NULL;
    size_t bytes;
    tmo_status status = tmoi_gunzip(&out, &bytes, data, size_bytes, MAX_BYTES, "FILE", ctx);
    if (status == TMO_STATUS_OK) tmoi_release(&ctx->allocator, out);
    return status;
}

static tmo_status parse_image(const uint8_t *data, size_t size_bytes, tmoi_ctx *ctx)
{
    tmoi_image image;
    tmo_status status = tmoi_image_decode(&image, data, size_bytes, MAX_BYTES, "FILE", ctx);
    if (status == TMO_STATUS_OK) tmoi_release(&ctx->allocator, image.pixels);
    return status;
}

static tmo_status parse_sound(const uint8_t *data, size_t size_bytes, tmoi_ctx *ctx)
{
    float out[40];
    const tmoi_sound_info wanted = {20, 2, 0};
    return tmoi_sound_decode(out, &wanted, data, size_bytes, "FILE", ctx);
}

static bool is_fault_of_data(tmo_status status)
{
    return status == TMO_STATUS_INVALID_DATA || status == TMO_STATUS_UNSUPPORTED_DATA ||
           status == TMO_STATUS_LIMIT;
}

/* Runs on a copy whose end is the end of its allocation, so that a sanitizer sees every read beyond. */
static tmo_status run(parser *parse, const uint8_t *data, size_t size_bytes)
{
    failing_allocator counter = {.fail_at = 0};
    tmo_allocator allocator = failing_allocator_of(&counter);
    tmoi_ctx ctx = tmoi_ctx_make(&allocator);
    uint8_t *copy = malloc(size_bytes ? size_bytes : 1);
    assert_non_null(copy);
    memcpy(copy, data, size_bytes);
    tmo_status status = parse(copy, size_bytes, &ctx);
    free(copy);
    assert_true(status == TMO_STATUS_OK || is_fault_of_data(status));
    assert_int_equal(status, ctx.error.status);
    if (status != TMO_STATUS_OK) assert_non_null(strstr(ctx.error.message, "FILE"));
    assert_int_equal(counter.alive, 0);
    return status;
}

/* Tries every truncation and every change of one byte of a valid file; returns how many truncations were accepted. */
static int break_file(parser *parse, const char *path)
{
    static const uint8_t masks[] = {0x01, 0x10, 0x80, 0xff};
    size_t size;
    int accepted = 0;
    uint8_t *data = read_bytes(path, &size);
    assert_int_equal(run(parse, data, size), TMO_STATUS_OK);
    for (size_t length = 0; length < size; length++) accepted += run(parse, data, length) == TMO_STATUS_OK;
    for (size_t at = 0; at < size; at++) {
        for (size_t k = 0; k < sizeof masks; k++) {
            data[at] ^= masks[k];
            (void)run(parse, data, size);
            data[at] ^= masks[k];
        }
    }
    free(data);
    return accepted;
}

static const float numbers[6] = {1, 2, 3, 4, 5, 6};

static void write_arrays(void)
{
    const tmoi_npy_source sources[] = {{"x", TMO_TYPE_FLOAT32, {2, {3, 2}}, numbers},
                                       {"y", TMO_TYPE_FLOAT16, {1, {3}}, numbers}};
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    assert_int_equal(tmoi_npy_write(temp_path("a.npy"), &sources[0], &ctx), TMO_STATUS_OK);
    assert_int_equal(tmoi_npz_write(temp_path("a.npz"), sources, 2, &ctx), TMO_STATUS_OK);
}

static void broken_arrays(void **state)
{
    const uint8_t idx[] = {0, 0, 0x0d, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0x3f, 0x80, 0, 0, 0xc0, 0x20, 0, 0};
    uint8_t npy[256];
    (void)state;
    write_arrays();
    assert_int_equal(break_file(parse_npy, temp_path("a.npy")), 0);
    assert_int_equal(break_file(parse_npz, temp_path("a.npz")), 0);
    size_t bytes = make_npy(npy, "{'descr': '<f4', 'fortran_order': True, 'shape': (3, 2), }\n", numbers, 24,
                            1);
    write_zip(temp_path("d.npz"), "x.npy", npy, bytes, true);
    assert_int_equal(break_file(parse_npz, temp_path("d.npz")), 0);
    write_bytes(temp_path("a.idx"), idx, sizeof idx);
    assert_int_equal(break_file(parse_idx, temp_path("a.idx")), 0);
    write_gzip(temp_path("a.gz"), idx, sizeof idx);
    assert_int_equal(break_file(parse_gzip, temp_path("a.gz")), 0);
}

static void broken_tables(void **state)
{
    (void)state;
    write_text(temp_path("a.csv"), "a,\"b\",label\r\n1,2.5e1,\"x\"\"y\"\n-3,4,dog\n");
    (void)break_file(parse_csv, temp_path("a.csv")); /* some truncations are whole tables */
}

static void broken_pictures(void **state)
{
    uint8_t pixels[16 * 9 * 4];
    (void)state;
    for (size_t k = 0; k < sizeof pixels; k++) pixels[k] = (uint8_t)(k * 37);
    static const int kinds[][2] = {{0, 8}, {2, 8}, {6, 16}, {3, 2}};
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
        for (int is_interlaced = 0; is_interlaced < 2; is_interlaced++) {
            write_png(temp_path("a.png"), 8, 9, kinds[k][0], kinds[k][1], is_interlaced, pixels);
            assert_int_equal(break_file(parse_image, temp_path("a.png")), 0);
        }
    }
    for (int is_progressive = 0; is_progressive < 2; is_progressive++) {
        write_jpeg(temp_path("a.jpg"), 16, 9, 3, is_progressive, pixels);
        assert_int_equal(break_file(parse_image, temp_path("a.jpg")), 0);
        write_jpeg(temp_path("a.jpg"), 16, 9, 1, is_progressive, pixels);
        assert_int_equal(break_file(parse_image, temp_path("a.jpg")), 0);
    }
}

static void broken_sounds(void **state)
{
    const int16_t samples[24] = {1, -2, 3, -4, 5, -6};
    const float floats[24] = {0.1f, -0.2f};
    (void)state;
    write_wav(temp_path("a.wav"), 16000, 2, samples, 24);
    (void)break_file(parse_sound, temp_path("a.wav")); /* a shorter file is shorter sound */
    write_wav_float(temp_path("a.wav"), 16000, floats, 24);
    (void)break_file(parse_sound, temp_path("a.wav"));
}

/* A header may promise much; nothing near it may be allocated. */
static void promises_are_not_believed(void **state)
{
    uint8_t png[] = {0x89, 'P',  'N',  'G', 13, 10,   26,   10, 0, 0, 0, 13, 'I', 'H', 'D', 'R', 0,
                     0,    0x7f, 0xff, 0,   0,  0x7f, 0xff, 8,  2, 0, 0, 0,  0,   0,   0,   0};
    const uint8_t idx[] = {0,    0,    8,    3,    0x7f, 0xff, 0xff, 0xff,
                           0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff};
    const uint8_t empty[] = {0,    0,    8,    4,    0,    0,    0,    0,    0x7f, 0xff,
                             0xff, 0xff, 0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff};
    const uint8_t npy[] = "\x93NUMPY\x02\x00\xff\xff\xff\xff{";
    (void)state;
    assert_true(is_fault_of_data(run(parse_image, png, sizeof png)));
    assert_true(is_fault_of_data(run(parse_idx, idx, sizeof idx)));
    assert_true(is_fault_of_data(run(parse_idx, empty, sizeof empty)));
    assert_true(is_fault_of_data(run(parse_npy, npy, sizeof npy - 1)));
}

/* ---- memory ---- */

typedef struct memory_case {
    const char *kind, *place;
    tmoi_data_input input;
} memory_case;

/* Opens a data set, reads all of it directly and through a loader. */
static tmo_status use(const memory_case *how, tmoi_ctx *ctx)
{
    static const tmoi_dataset_options options = {.shuffle = true, .mean = "0.5", .scale = "1"};
    static const tmoi_loader_options one_thread = {.threads = 1};
    char spec[1400];
    float values[64], targets[8];
    void *buffers[1] = {values};
    tmoi_sample sample = {.inputs = buffers, .targets = targets};
    const tmoi_sample *next = NULL;
    tmoi_dataset *set = NULL;
    tmoi_loader *loader = NULL;
    (void)snprintf(spec, sizeof spec, "%s:%s", how->kind, how->place);
    TMO_TRY(tmoi_dataset_open(&set, spec, &options, &how->input, 1, ctx));
    for (int64_t k = 0; k < tmoi_dataset_count(set); k++) TMO_TRY(tmoi_dataset_read(set, k, &sample, ctx));
    TMO_TRY(tmoi_loader_start(&loader, set, &one_thread, ctx));
    do {
        TMO_TRY(tmoi_loader_next(loader, &next, ctx));
    } while (next);
fail:
    tmoi_loader_free(loader);
    tmoi_dataset_free(set);
    return ctx->error.status;
}

static void fail_each_allocation(const memory_case *how)
{
    for (long fail_at = 1;; fail_at++) {
        failing_allocator state = {.fail_at = fail_at};
        tmo_allocator allocator = failing_allocator_of(&state);
        tmoi_ctx ctx = tmoi_ctx_make(&allocator);
        tmo_status status = use(how, &ctx);
        assert_int_equal(state.alive, 0);
        if (state.calls < fail_at) {
            if (status != TMO_STATUS_OK) fail_msg("%s: %s", how->kind, ctx.error.message);
            break;
        }
        if (status != TMO_STATUS_OUT_OF_MEMORY)
            fail_msg("%s, allocation %ld: %d %s", how->kind, fail_at, (int)status, ctx.error.message);
    }
}

static void every_allocation_may_fail(void **state)
{
    const uint8_t images[] = {0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, 0, 255, 51, 102, 1, 2, 3, 4};
    const uint8_t labels[] = {0, 0, 8, 1, 0, 0, 0, 2, 7, 3};
    const int16_t sound[4] = {1, 2, 3, 4};
    uint8_t pixels[192];
    char idx[600], npy[600];
    const tmoi_data_input flat = {"in", NULL, TMO_TYPE_INT8, {2, {1, 2}}, 0.1f, 0};
    const tmoi_data_input picture = {"in", NULL, TMO_TYPE_FLOAT32, {4, {1, 3, 3, 3}}, 0, 0};
    const tmoi_data_input integers = {"in", NULL, TMO_TYPE_INT32, {2, {1, 2}}, 0, 0};
    (void)state;
    memset(pixels, 77, sizeof pixels);
    write_arrays();
    write_bytes(temp_path("i.idx"), images, sizeof images);
    write_gzip(temp_path("l.idx"), labels, sizeof labels);
    write_text(temp_path("c.csv"), "a,b,label\n1,2,cat\n3,4,dog\n");
    temp_subfolder("pictures");
    temp_subfolder("pictures/one");
    write_png(temp_path("pictures/one/a.png"), 8, 8, 2, 8, true, pixels);
    write_jpeg(temp_path("pictures/one/b.jpg"), 8, 8, 3, true, pixels);
    write_wav(temp_path("s.wav"), 16000, 1, sound, 4);
    (void)snprintf(idx, sizeof idx, "%s,%s", temp_path("i.idx"), temp_path("l.idx"));
    (void)snprintf(npy, sizeof npy, "%s,%s", temp_path("a.npy"), temp_path("a.npy"));
    const memory_case cases[] = {
        {"npz", temp_path("a.npz"), flat},
        {"npy", npy, flat},
        {"idx", idx, picture},
        {"csv", temp_path("c.csv"), integers},
        {"images", temp_path("pictures"), picture},
        {"wav", temp_path("s.wav"), flat},
        {"random", "3", flat},
    };
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) fail_each_allocation(&cases[k]);
}

static void writing_may_fail_and_keeps_the_old_file(void **state)
{
    const tmoi_npy_source source = {"x", TMO_TYPE_FLOAT32, {2, {3, 2}}, numbers};
    (void)state;
    for (int is_npz = 0; is_npz < 2; is_npz++) {
        const char *path = temp_path("kept");
        bool is_done = false;
        write_text(path, "old");
        for (long fail_at = 1; !is_done; fail_at++) {
            size_t size;
            failing_allocator counter = {.fail_at = fail_at};
            tmo_allocator allocator = failing_allocator_of(&counter);
            tmoi_ctx ctx = tmoi_ctx_make(&allocator);
            tmo_status status = is_npz ? tmoi_npz_write(path, &source, 1, &ctx)
                                       : tmoi_npy_write(path, &source, &ctx);
            assert_int_equal(counter.alive, 0);
            is_done = counter.calls < fail_at;
            assert_int_equal(status, is_done ? TMO_STATUS_OK : TMO_STATUS_OUT_OF_MEMORY);
            uint8_t *data = read_bytes(path, &size);
            assert_int_equal(size == 3, !is_done);
            free(data);
        }
        tmoi_ctx ctx = tmoi_ctx_make(NULL);
        const char *nowhere = temp_path("no/such/folder.npz");
        assert_int_equal(is_npz ? tmoi_npz_write(nowhere, &source, 1, &ctx)
                                : tmoi_npy_write(nowhere, &source, &ctx),
                         TMO_STATUS_IO);
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
        cmocka_unit_test(broken_arrays),
        cmocka_unit_test(broken_tables),
        cmocka_unit_test(broken_pictures),
        cmocka_unit_test(broken_sounds),
        cmocka_unit_test(promises_are_not_believed),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(writing_may_fail_and_keeps_the_old_file),
    };
    return cmocka_run_group_tests(tests, NULL, clean_up);
}
