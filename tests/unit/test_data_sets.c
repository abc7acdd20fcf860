/* Data sets of every kind, from spec to sample; splits, shuffles and the loader. */
#include "data_files.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/dataset.h"
#include "data/loader.h"
#include "data/npy.h"

static char log_text[4096];

static void take_log(void *user, tmo_log_level level, const char *text)
{
    (void)user;
    (void)level;
    (void)strncat(log_text, text, sizeof log_text - strlen(log_text) - 1);
    (void)strncat(log_text, "\n", sizeof log_text - strlen(log_text) - 1);
}

static tmoi_ctx ctx;

static tmo_status try_open(tmoi_dataset **set, const char *kind, const char *place,
                           const tmoi_dataset_options *options, const tmoi_data_input *inputs, int32_t count)
{
    char spec[1400];
    (void)snprintf(spec, sizeof spec, "%s:%s", kind, place);
    ctx = tmoi_ctx_make(NULL);
    ctx.log = take_log;
    log_text[0] = '\0';
    return tmoi_dataset_open(set, spec, options, inputs, count, &ctx);
}

static tmoi_dataset *open_one(const char *kind, const char *place, const tmoi_dataset_options *options,
                              const tmoi_data_input *input)
{
    tmoi_dataset *set;
    tmo_status status = try_open(&set, kind, place, options, input, 1);
    if (status != TMO_STATUS_OK) fail_msg("%s", ctx.error.message);
    return set;
}

static void expect_failure(const char *kind, const char *place, const tmoi_data_input *input,
                           tmo_status status, const char *message_part)
{
    tmoi_dataset *set;
    assert_int_equal(try_open(&set, kind, place, NULL, input, 1), status);
    assert_null(set);
    if (!strstr(ctx.error.message, message_part))
        fail_msg("'%s' lacks '%s'", ctx.error.message, message_part);
}

/* Reads a sample of one input into `out`; returns the label. */
static int32_t read_one(const tmoi_dataset *set, int64_t index, void *out)
{
    void *buffers[1] = {out};
    tmoi_sample sample = {.inputs = buffers};
    ctx = tmoi_ctx_make(NULL);
    if (tmoi_dataset_read(set, index, &sample, &ctx) != TMO_STATUS_OK) fail_msg("%s", ctx.error.message);
    assert_int_equal(sample.label, tmoi_dataset_label(set, index));
    return sample.label;
}

static const tmoi_data_input two_floats = {.name = "in", .type = TMO_TYPE_FLOAT32, .shape = {2, {1, 2}}};

/* ---- arrays ---- */

static const float ten[10] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
static const int64_t five_labels[5] = {0, 1, 2, 1, 0};

static void write_npz(const char *name, const tmoi_npy_source *sources, int32_t count)
{
    ctx = tmoi_ctx_make(NULL);
    assert_int_equal(tmoi_npz_write(temp_path(name), sources, count, &ctx), TMO_STATUS_OK);
}

static void npz_feeds_by_name(void **state)
{
    const int32_t ids[5] = {10, 11, 12, 13, 14};
    const tmoi_npy_source sources[] = {{"ids", TMO_TYPE_INT32, {1, {5}}, ids},
                                       {"y", TMO_TYPE_INT64, {1, {5}}, five_labels},
                                       {"serving_in:0", TMO_TYPE_FLOAT32, {2, {5, 2}}, ten}};
    const tmoi_data_input inputs[] = {
        {"serving_in:0", NULL, TMO_TYPE_FLOAT32, {2, {1, 2}}, 0, 0},
        {"serving_ids:0", "ids", TMO_TYPE_INT64, {2, {1, 1}}, 0, 0},
    };
    tmoi_dataset *set;
    float values[2];
    int64_t id;
    void *buffers[2] = {values, &id};
    tmoi_sample sample = {.inputs = buffers};
    (void)state;
    write_npz("named.npz", sources, 3);
    assert_int_equal(try_open(&set, "npz", temp_path("named.npz"), NULL, inputs, 2), TMO_STATUS_OK);
    assert_int_equal(tmoi_dataset_count(set), 5);
    assert_int_equal(tmoi_dataset_class_count(set), 3);
    assert_int_equal(tmoi_dataset_read(set, 3, &sample, &ctx), TMO_STATUS_OK);
    assert_true(values[0] == 6 && values[1] == 7 && id == 13 && sample.label == 1);
    assert_int_equal(tmoi_dataset_read(set, 5, &sample, &ctx), TMO_STATUS_INVALID_ARGUMENT);
    tmoi_dataset_free(set);
}

enum { LARGE_COUNT = 64, LARGE_ROW = 2048 };

static void check_large_row(const tmoi_dataset *set, int64_t index)
{
    static float row[LARGE_ROW];
    assert_int_equal(read_one(set, index, row), -1);
    for (int32_t k = 0; k < LARGE_ROW; k++) assert_true(row[k] == (float)(index * 3 + k % 7));
}

/* Samples of large arrays are read from the file, in any order. */
static void large_npz_is_read_in_any_order(void **state)
{
    static float values[LARGE_COUNT * LARGE_ROW];
    static uint8_t npy[sizeof values + 256];
    const char *header = "{'descr': '<f4', 'fortran_order': False, 'shape': (64, 2048), }\n";
    const tmoi_data_input input = {.name = "in", .type = TMO_TYPE_FLOAT32, .shape = {2, {1, LARGE_ROW}}};
    (void)state;
    for (int32_t k = 0; k < LARGE_COUNT * LARGE_ROW; k++)
        values[k] = (float)(k / LARGE_ROW * 3 + k % LARGE_ROW % 7);
    size_t size_bytes = make_npy(npy, header, values, sizeof values, 1);
    for (int is_deflated = 0; is_deflated < 2; is_deflated++) {
        write_zip(temp_path("large.npz"), "x.npy", npy, size_bytes, is_deflated);
        tmoi_dataset *set = open_one("npz", temp_path("large.npz"), NULL, &input);
        for (int64_t k = 0; k < LARGE_COUNT; k += 5) check_large_row(set, k);
        for (int64_t k = LARGE_COUNT - 1; k >= 0; k--) check_large_row(set, k);
        tmoi_dataset_free(set);
    }
}

static void large_npz_is_checked_when_opened(void **state)
{
    static float values[LARGE_COUNT * LARGE_ROW];
    const tmoi_npy_source source = {"x", TMO_TYPE_FLOAT32, {2, {LARGE_COUNT, LARGE_ROW}}, values};
    const tmoi_data_input input = {.name = "in", .type = TMO_TYPE_FLOAT32, .shape = {2, {1, LARGE_ROW}}};
    tmoi_dataset *set;
    (void)state;
    write_npz("large.npz", &source, 1);
    FILE *file = fopen(temp_path("large.npz"), "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, sizeof values / 2, SEEK_SET), 0);
    assert_int_equal(fputc(1, file), 1);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(try_open(&set, "npz", temp_path("large.npz"), NULL, &input, 1), TMO_STATUS_INVALID_DATA);
}

static void npz_feeds_by_x_and_by_position(void **state)
{
    const float targets[6] = {1, 2, 3, 4, 5, 6};
    const tmoi_npy_source x[] = {{"other", TMO_TYPE_FLOAT32, {1, {1}}, ten},
                                 {"x", TMO_TYPE_FLOAT32, {2, {5, 2}}, ten}};
    const tmoi_npy_source positions[] = {{"arr_0", TMO_TYPE_FLOAT32, {2, {3, 2}}, ten},
                                         {"y", TMO_TYPE_FLOAT32, {2, {3, 2}}, targets},
                                         {"arr_1", TMO_TYPE_FLOAT32, {2, {3, 1}}, ten}};
    const tmoi_data_input inputs[] = {{"a", NULL, TMO_TYPE_FLOAT32, {2, {1, 2}}, 0, 0},
                                      {"b", NULL, TMO_TYPE_FLOAT32, {2, {1, 1}}, 0, 0}};
    tmoi_dataset *set;
    float a[2], b[1], target[2];
    void *buffers[2] = {a, b};
    tmoi_sample sample = {.inputs = buffers, .targets = target};
    (void)state;
    write_npz("x.npz", x, 2);
    set = open_one("npz", temp_path("x.npz"), NULL, &two_floats);
    assert_int_equal(read_one(set, 4, a), -1);
    assert_true(a[0] == 8 && a[1] == 9);
    tmoi_dataset_free(set);
    write_npz("positions.npz", positions, 3);
    assert_int_equal(try_open(&set, "npz", temp_path("positions.npz"), NULL, inputs, 2), TMO_STATUS_OK);
    assert_false(tmoi_dataset_has_labels(set));
    assert_int_equal(tmoi_dataset_target_count(set), 2);
    assert_int_equal(tmoi_dataset_read(set, 2, &sample, &ctx), TMO_STATUS_OK);
    assert_true(a[0] == 4 && a[1] == 5 && b[0] == 2 && target[0] == 5 && target[1] == 6 &&
                sample.label == -1);
    tmoi_dataset_free(set);
}

static void npz_mismatches_are_named(void **state)
{
    const tmoi_npy_source wrong = {"in", TMO_TYPE_FLOAT32, {2, {3, 3}}, ten};
    const tmoi_npy_source none = {"in", TMO_TYPE_FLOAT32, {2, {0, 2}}, ten};
    const tmoi_npy_source labels[] = {{"x", TMO_TYPE_FLOAT32, {2, {4, 2}}, ten},
                                      {"y", TMO_TYPE_INT64, {1, {5}}, five_labels}};
    const tmoi_npy_source strangers[] = {{"a", TMO_TYPE_FLOAT32, {2, {4, 2}}, ten},
                                         {"b", TMO_TYPE_FLOAT32, {2, {4, 2}}, ten}};
    (void)state;
    write_npz("bad.npz", &wrong, 1);
    expect_failure("npz", temp_path("bad.npz"), &two_floats, TMO_STATUS_INVALID_DATA,
                   "input 'in' takes shape 1x2; a sample of '");
    write_npz("bad.npz", &none, 1);
    expect_failure("npz", temp_path("bad.npz"), &two_floats, TMO_STATUS_INVALID_DATA, "no samples");
    write_npz("bad.npz", labels, 2);
    expect_failure("npz", temp_path("bad.npz"), &two_floats, TMO_STATUS_INVALID_DATA,
                   "labels of shape 5 for 4");
    write_npz("bad.npz", strangers, 2);
    expect_failure("npz", temp_path("bad.npz"), &two_floats, TMO_STATUS_INVALID_DATA,
                   "named after input 'in'");
    write_text(temp_path("bad.npz"), "no zip");
    expect_failure("npz", temp_path("bad.npz"), &two_floats, TMO_STATUS_INVALID_DATA, "bad.npz");
    expect_failure("npz", temp_path("missing.npz"), &two_floats, TMO_STATUS_IO, "missing.npz");
}

static void npy_takes_samples_and_labels(void **state)
{
    const tmoi_npy_source x = {"x", TMO_TYPE_FLOAT32, {2, {5, 2}}, ten},
                          y = {"y", TMO_TYPE_INT64, {2, {5, 1}}, five_labels};
    const tmoi_npy_source one = {"x", TMO_TYPE_FLOAT32, {1, {2}}, ten + 3};
    char place[600];
    float values[2];
    (void)state;
    ctx = tmoi_ctx_make(NULL);
    assert_int_equal(tmoi_npy_write(temp_path("x.npy"), &x, &ctx), TMO_STATUS_OK);
    assert_int_equal(tmoi_npy_write(temp_path("y.npy"), &y, &ctx), TMO_STATUS_OK);
    assert_int_equal(tmoi_npy_write(temp_path("one.npy"), &one, &ctx), TMO_STATUS_OK);
    (void)snprintf(place, sizeof place, "%s,%s", temp_path("x.npy"), temp_path("y.npy"));
    tmoi_dataset *set = open_one("npy", place, NULL, &two_floats);
    assert_int_equal(read_one(set, 2, values), 2);
    assert_true(values[0] == 4 && values[1] == 5);
    tmoi_dataset_free(set);
    set = open_one("npy", temp_path("one.npy"), NULL, &two_floats); /* a sample without a sample axis */
    assert_int_equal(tmoi_dataset_count(set), 1);
    assert_int_equal(read_one(set, 0, values), -1);
    assert_true(values[0] == 3 && values[1] == 4);
    tmoi_dataset_free(set);
}

static void not_finite_samples_are_named(void **state)
{
    float x[4] = {0, 1, 2, NAN};
    const tmoi_npy_source source = {"x", TMO_TYPE_FLOAT32, {2, {2, 2}}, x};
    float values[2];
    void *buffers[1] = {values};
    tmoi_sample sample = {.inputs = buffers};
    (void)state;
    write_npz("nan.npz", &source, 1);
    tmoi_dataset *set = open_one("npz", temp_path("nan.npz"), NULL, &two_floats);
    assert_int_equal(tmoi_dataset_read(set, 1, &sample, &ctx), TMO_STATUS_NOT_FINITE);
    assert_non_null(strstr(ctx.error.message, "nan.npz' sample 1: NaN at element 1 of input 'in'"));
    tmoi_dataset_free(set);
}

static const uint8_t idx_images[16 + 8] = {0, 0, 8, 3, 0, 0,   0,  2,   0, 0, 0, 2,
                                           0, 0, 0, 2, 0, 255, 51, 102, 1, 2, 3, 4};
static const uint8_t idx_labels[8 + 2] = {0, 0, 8, 1, 0, 0, 0, 2, 7, 3};

static void idx_gives_pictures_and_labels(void **state)
{
    const tmoi_data_input picture = {"in", NULL, TMO_TYPE_FLOAT32, {4, {1, 2, 2, 1}}, 0, 0};
    const tmoi_data_input flat = {"in", NULL, TMO_TYPE_INT8, {2, {1, 4}}, 1.0f / 255.0f, -128};
    const tmoi_data_input colour = {"in", NULL, TMO_TYPE_UINT8, {4, {1, 1, 1, 3}}, 0, 0};
    char place[600];
    float values[4];
    int8_t stored[4];
    uint8_t pixel[3];
    (void)state;
    write_bytes(temp_path("i.idx"), idx_images, sizeof idx_images);
    write_gzip(temp_path("l.idx.gz"), idx_labels, sizeof idx_labels);
    (void)snprintf(place, sizeof place, "%s,%s", temp_path("i.idx"), temp_path("l.idx.gz"));
    tmoi_dataset *set = open_one("idx", place, NULL, &picture);
    assert_int_equal(read_one(set, 0, values), 7);
    const float scale = 1.0f / 255.0f;
    assert_memory_equal(values, ((float[]){0, 255 * scale, 51 * scale, 102 * scale}), sizeof values);
    assert_int_equal(read_one(set, 1, values), 3);
    tmoi_dataset_free(set);
    set = open_one("idx", temp_path("i.idx"), NULL, &flat);
    assert_int_equal(read_one(set, 0, stored), -1);
    assert_memory_equal(stored, ((int8_t[]){-128, 127, -77, -26}), sizeof stored);
    tmoi_dataset_free(set);
    set = open_one("idx", temp_path("i.idx"), NULL, &colour); /* resized, made RGB, bytes as they are */
    assert_int_equal(read_one(set, 0, pixel), -1);
    assert_memory_equal(pixel, ((uint8_t[]){102, 102, 102}), sizeof pixel);
    tmoi_dataset_free(set);
}

static void the_demo_data_opens(void **state)
{
    const tmoi_data_input picture = {"in", NULL, TMO_TYPE_FLOAT32, {4, {1, 28, 28, 1}}, 0, 0};
    const char *folder = TMO_SOURCE_DIR "/data/handwriting";
    static float values[784];
    char place[1200];
    (void)state;
    (void)snprintf(place, sizeof place, "%s/t10k-images.idx3-ubyte.gz,%s/t10k-labels.idx1-ubyte.gz", folder,
                   folder);
    tmoi_dataset *set = open_one("idx", place, NULL, &picture);
    assert_int_equal(tmoi_dataset_count(set), 10000);
    assert_int_equal(tmoi_dataset_class_count(set), 10);
    assert_int_equal(read_one(set, 0, values), 7);
    tmoi_dataset_free(set);
}

/* ---- csv and random ---- */

static void csv_gives_features_and_labels(void **state)
{
    const tmoi_data_input inputs[] = {{"a", NULL, TMO_TYPE_FLOAT32, {2, {1, 2}}, 0, 0},
                                      {"b", NULL, TMO_TYPE_INT32, {2, {1, 1}}, 0, 0}};
    float values[2], target;
    int32_t number;
    void *buffers[2] = {values, &number};
    tmoi_sample sample = {.inputs = buffers, .targets = &target};
    tmoi_dataset *set;
    (void)state;
    write_text(temp_path("t.csv"), "p,label,q,n\n1,dog,2,3\n4,cat,5,6\n7,dog,8,9\n");
    assert_int_equal(try_open(&set, "csv", temp_path("t.csv"), NULL, inputs, 2), TMO_STATUS_OK);
    assert_int_equal(tmoi_dataset_class_count(set), 2);
    assert_string_equal(tmoi_dataset_class_name(set, 0), "cat");
    assert_string_equal(tmoi_dataset_class_name(set, 1), "dog");
    assert_null(tmoi_dataset_class_name(set, 2));
    assert_int_equal(tmoi_dataset_read(set, 1, &sample, &ctx), TMO_STATUS_OK);
    assert_true(values[0] == 4 && values[1] == 5 && number == 6 && sample.label == 0);
    tmoi_dataset_free(set);
    write_text(temp_path("n.csv"), "label,p,q\n3,1,2\n1,4,5\n");
    set = open_one("csv", temp_path("n.csv"), NULL, &two_floats);
    assert_int_equal(tmoi_dataset_class_count(set), 4);
    assert_null(tmoi_dataset_class_name(set, 3));
    assert_int_equal(read_one(set, 0, values), 3);
    tmoi_dataset_free(set);
    write_text(temp_path("r.csv"), "label,p,q\n0.5,1,2\n1,4,5\n");
    set = open_one("csv", temp_path("r.csv"), NULL, &two_floats);
    assert_int_equal(tmoi_dataset_target_count(set), 1);
    assert_int_equal(tmoi_dataset_read(set, 0, &sample, &ctx), TMO_STATUS_OK);
    assert_true(target == 0.5f && sample.label == -1);
    tmoi_dataset_free(set);
    write_text(temp_path("w.csv"), "p,q,r\n1,2,3\n");
    expect_failure("csv", temp_path("w.csv"), &two_floats, TMO_STATUS_INVALID_DATA, "takes shape 1x2");
    write_text(temp_path("w.csv"), "p,q\n");
    expect_failure("csv", temp_path("w.csv"), &two_floats, TMO_STATUS_INVALID_DATA, "0 samples");
}

static void random_samples_depend_on_the_seed_alone(void **state)
{
    const tmoi_data_input ids = {"in", NULL, TMO_TYPE_INT32, {2, {-1, 64}}, 0, 0};
    const tmoi_data_input floats = {"in", NULL, TMO_TYPE_FLOAT32, {2, {1, 64}}, 0, 0};
    tmoi_dataset_options options = {.seed = 5};
    float a[64], b[64], other[64];
    int32_t numbers[64];
    (void)state;
    tmoi_dataset *first = open_one("random", "10", &options, &floats),
                 *second = open_one("random", "5", &options, &floats);
    (void)read_one(first, 3, other);
    (void)read_one(first, 4, a);
    (void)read_one(second, 4, b);
    assert_memory_equal(a, b, sizeof a);
    assert_memory_not_equal(a, other, sizeof a);
    for (int k = 0; k < 64; k++) assert_true(a[k] >= 0 && a[k] < 1);
    tmoi_dataset_free(first);
    tmoi_dataset_free(second);
    first = open_one("random", "2", &options, &ids);
    (void)read_one(first, 1, numbers);
    for (int k = 0; k < 64; k++) assert_true(numbers[k] == 0 || numbers[k] == 1);
    tmoi_dataset_free(first);
    expect_failure("random", "0", &floats, TMO_STATUS_INVALID_ARGUMENT, "got '0'");
    expect_failure("random", "many", &floats, TMO_STATUS_INVALID_ARGUMENT, "got 'many'");
}

/* ---- pictures ---- */

static const uint8_t grey_pixels[4] = {0, 51, 102, 255};
static const tmoi_data_input grey_input = {"in", NULL, TMO_TYPE_FLOAT32, {4, {1, 2, 2, 1}}, 0, 0};
static const tmoi_data_input rgb_bytes = {"in", NULL, TMO_TYPE_UINT8, {4, {1, 2, 2, 3}}, 0, 0};

static void png_variants_are_read(void **state)
{
    const uint8_t rgba[16] = {1, 2, 3, 255, 4, 5, 6, 0, 7, 8, 9, 128, 10, 11, 12, 255};
    const uint8_t rgb[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, deep[8] = {1, 99, 2, 99, 3, 99, 4, 99};
    const uint8_t palette[2] = {0x10, 0xb0}; /* 2 bits a pixel: 0 1 / 2 3 */
    uint8_t out[12];
    static const struct {
        int color, depth;
        bool is_interlaced;
    } kinds[] = {{2, 8, false}, {2, 8, true}, {6, 8, false}, {0, 16, false}, {3, 2, false}};
    const uint8_t *const pixels[] = {rgb, rgb, rgba, deep, palette};
    static const uint8_t wanted[5][12] = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12},
                                          {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12},
                                          {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12},
                                          {1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4},
                                          {0, 0, 0, 85, 85, 85, 170, 170, 170, 255, 255, 255}};
    (void)state;
    for (int k = 0; k < 5; k++) {
        write_png(temp_path("v.png"), 2, 2, kinds[k].color, kinds[k].depth, kinds[k].is_interlaced,
                  pixels[k]);
        tmoi_dataset *set = open_one("images", temp_path("v.png"), NULL, &rgb_bytes);
        assert_int_equal(read_one(set, 0, out), -1);
        assert_memory_equal(out, wanted[k], sizeof out);
        tmoi_dataset_free(set);
    }
}

static void jpeg_variants_are_read(void **state)
{
    uint8_t grey[256], rgb[768], out[12];
    (void)state;
    memset(grey, 200, sizeof grey);
    memset(rgb, 128, sizeof rgb);
    for (int is_progressive = 0; is_progressive < 2; is_progressive++) {
        write_jpeg(temp_path("v.jpg"), 16, 16, 1, is_progressive, grey);
        tmoi_dataset *set = open_one("images", temp_path("v.jpg"), NULL, &rgb_bytes);
        (void)read_one(set, 0, out);
        for (int k = 0; k < 12; k++) assert_int_equal(out[k], 200);
        tmoi_dataset_free(set);
        write_jpeg(temp_path("v.JPEG"), 16, 16, 3, is_progressive, rgb);
        set = open_one("images", temp_path("v.JPEG"), NULL, &rgb_bytes);
        (void)read_one(set, 0, out);
        for (int k = 0; k < 12; k++) assert_int_equal(out[k], 128);
        tmoi_dataset_free(set);
    }
}

static void folders_give_classes(void **state)
{
    float values[4];
    (void)state;
    temp_subfolder("p");
    temp_subfolder("p/zebra");
    temp_subfolder("p/ant");
    temp_subfolder("p/empty");
    temp_subfolder("p/.cache");
    write_png(temp_path("p/zebra/1.png"), 2, 2, 0, 8, false, grey_pixels);
    write_png(temp_path("p/ant/b.png"), 2, 2, 0, 8, false, grey_pixels);
    write_png(temp_path("p/ant/a.PNG"), 1, 1, 0, 8, false, grey_pixels + 2);
    write_text(temp_path("p/ant/notes.txt"), "x");
    write_text(temp_path("p/readme.png"), "x");
    write_text(temp_path("p/.hidden.png"), "x");
    tmoi_dataset *set = open_one("images", temp_path("p"), NULL, &grey_input);
    assert_int_equal(tmoi_dataset_count(set), 3);
    assert_int_equal(tmoi_dataset_class_count(set), 3);
    assert_string_equal(tmoi_dataset_class_name(set, 0), "ant");
    assert_string_equal(tmoi_dataset_class_name(set, 1), "empty");
    assert_string_equal(tmoi_dataset_class_name(set, 2), "zebra");
    assert_non_null(strstr(log_text, "notes.txt"));
    assert_non_null(strstr(log_text, "readme.png': it is in no class"));
    assert_null(strstr(log_text, ".hidden"));
    assert_int_equal(read_one(set, 0, values), 0);
    for (int k = 0; k < 4; k++) assert_true(values[k] == 102 * (1.0f / 255.0f));
    assert_int_equal(read_one(set, 1, values), 0);
    assert_true(values[0] == 0 && values[3] == 255 * (1.0f / 255.0f));
    assert_int_equal(read_one(set, 2, values), 2);
    tmoi_dataset_free(set);
    set = open_one("images", temp_path("p/ant"), NULL, &grey_input);
    assert_int_equal(tmoi_dataset_count(set), 2);
    assert_false(tmoi_dataset_has_labels(set));
    tmoi_dataset_free(set);
    expect_failure("images", temp_path("p/empty"), &grey_input, TMO_STATUS_INVALID_DATA,
                   "holds no .png files");
    expect_failure("images", temp_path("p/none"), &grey_input, TMO_STATUS_IO, "no such file");
    expect_failure("images", temp_path("p/ant"), &two_floats, TMO_STATUS_INVALID_DATA, "takes no picture");
}

static void broken_pictures_fail_when_read(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {{"\x89PNG\r\n\x1a\n", "invalid PNG file: the file ends early"},
                 {"GIF89a", "neither a PNG nor a JPEG file"},
                 {"\xff\xd8\xff\xd9", "invalid JPEG file"},
                 {"", "neither a PNG nor a JPEG file"}};
    float values[4];
    void *buffers[1] = {values};
    tmoi_sample sample = {.inputs = buffers};
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        write_text(temp_path("broken.png"), cases[k].text);
        tmoi_dataset *set = open_one("images", temp_path("broken.png"), NULL, &grey_input);
        ctx = tmoi_ctx_make(NULL);
        assert_int_equal(tmoi_dataset_read(set, 0, &sample, &ctx), TMO_STATUS_INVALID_DATA);
        if (!strstr(ctx.error.message, cases[k].message)) fail_msg("%s", ctx.error.message);
        assert_non_null(strstr(ctx.error.message, "broken.png"));
        tmoi_dataset_free(set);
    }
}

static void large_pictures_meet_the_limit(void **state)
{
    static uint8_t pixels[64 * 64];
    const tmoi_dataset_options options = {.max_bytes = 64 * 64 - 1};
    float values[4];
    void *buffers[1] = {values};
    tmoi_sample sample = {.inputs = buffers};
    (void)state;
    write_png(temp_path("large.png"), 64, 64, 0, 8, false, pixels);
    write_jpeg(temp_path("large.jpg"), 64, 64, 1, false, pixels);
    const char *const names[] = {"large.png", "large.jpg"};
    for (int k = 0; k < 2; k++) {
        tmoi_dataset *set = open_one("images", temp_path(names[k]), &options, &grey_input);
        ctx = tmoi_ctx_make(NULL);
        assert_int_equal(tmoi_dataset_read(set, 0, &sample, &ctx), TMO_STATUS_LIMIT);
        tmoi_dataset_free(set);
    }
}

/* ---- sound ---- */

static void wav_gives_floats_cut_or_padded(void **state)
{
    const int16_t mono[4] = {0, 16384, -32768, 32767}, stereo[4] = {16384, -16384, 8192, 0};
    const tmoi_data_input three = {"in", NULL, TMO_TYPE_FLOAT32, {2, {1, 3}}, 0, 0};
    const tmoi_data_input six = {"in", NULL, TMO_TYPE_FLOAT32, {1, {6}}, 0, 0};
    const tmoi_data_input open_length = {"in", NULL, TMO_TYPE_FLOAT32, {1, {-1}}, 0, 0};
    const tmoi_data_input two_channels = {"in", NULL, TMO_TYPE_FLOAT32, {3, {1, 2, 2}}, 0, 0};
    float out[6];
    (void)state;
    temp_subfolder("w");
    write_wav(temp_path("w/m.wav"), 16000, 1, mono, 4);
    tmoi_dataset *set = open_one("wav", temp_path("w"), NULL, &three);
    (void)read_one(set, 0, out);
    assert_memory_equal(out, ((float[]){0, 0.5f, -1}), 12);
    tmoi_dataset_free(set);
    set = open_one("wav", temp_path("w/m.wav"), NULL, &six);
    (void)read_one(set, 0, out);
    assert_memory_equal(out, ((float[]){0, 0.5f, -1, 32767 / 32768.0f, 0, 0}), 24);
    tmoi_dataset_free(set);
    set = open_one("wav", temp_path("w/m.wav"), NULL, &open_length);
    assert_int_equal(tmoi_dataset_shape(set, 0)->dims[0], 4);
    tmoi_dataset_free(set);
    write_wav(temp_path("s.wav"), 16000, 2, stereo, 4);
    set = open_one("wav", temp_path("s.wav"), NULL, &three);
    (void)read_one(set, 0, out);
    assert_memory_equal(out, ((float[]){0, 0.125f, 0}), 12);
    tmoi_dataset_free(set);
    set = open_one("wav", temp_path("s.wav"), NULL, &two_channels);
    (void)read_one(set, 0, out);
    assert_memory_equal(out, ((float[]){0.5f, -0.5f, 0.25f, 0}), 16);
    tmoi_dataset_free(set);
}

static void wav_faults_are_named(void **state)
{
    const int16_t samples[2] = {1, 2};
    const float nans[2] = {0, NAN};
    float values[2];
    void *buffers[1] = {values};
    tmoi_sample sample = {.inputs = buffers};
    (void)state;
    temp_subfolder("r");
    write_wav(temp_path("r/a.wav"), 16000, 1, samples, 2);
    write_wav(temp_path("r/b.wav"), 44100, 1, samples, 2);
    write_wav_float(temp_path("r/c.wav"), 16000, nans, 2);
    write_text(temp_path("r/d.wav"), "RIFF");
    tmoi_dataset *set = open_one("wav", temp_path("r"), NULL, &two_floats);
    assert_int_equal(tmoi_dataset_read(set, 1, &sample, &ctx), TMO_STATUS_INVALID_DATA);
    assert_non_null(strstr(ctx.error.message, "b.wav': 44100 samples a second; the data set has 16000"));
    ctx = tmoi_ctx_make(NULL);
    assert_int_equal(tmoi_dataset_read(set, 2, &sample, &ctx), TMO_STATUS_NOT_FINITE);
    assert_non_null(strstr(ctx.error.message, "c.wav': NaN at element 1"));
    ctx = tmoi_ctx_make(NULL);
    assert_int_equal(tmoi_dataset_read(set, 3, &sample, &ctx), TMO_STATUS_INVALID_DATA);
    assert_non_null(strstr(ctx.error.message, "d.wav': not a .wav file"));
    tmoi_dataset_free(set);
}

/* ---- specs and options ---- */

static void bad_specs_and_options_are_named(void **state)
{
    static const struct {
        tmoi_dataset_options options;
        const char *message;
    } cases[] = {
        {{.scale = "1,x"}, "scale must be numbers separated by commas, got '1,x'"},
        {{.mean = "nan"}, "mean must be"},
        {{.std = "0"}, "std must not be 0"},
        {{.scale = "1,2,3"}, "scale must have 1 number or the 2 of the channels of input 'in', got 3"},
        {{.resize = "big"}, "resize must be"},
        {{.split = "0.5"}, "split must be A:B"},
        {{.split = "0:1.5"}, "split must be A:B"},
        {{.split = "-1:2"}, "split must be A:B"},
    };
    tmoi_dataset *set;
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        assert_int_equal(try_open(&set, "random", "4", &cases[k].options, &two_floats, 1),
                         TMO_STATUS_INVALID_ARGUMENT);
        if (!strstr(ctx.error.message, cases[k].message)) fail_msg("%s", ctx.error.message);
    }
    const tmoi_dataset_options nothing_left = {.split = "3:3"};
    assert_int_equal(try_open(&set, "random", "4", &nothing_left, &two_floats, 1), TMO_STATUS_INVALID_DATA);
    expect_failure("video", "x", &two_floats, TMO_STATUS_INVALID_ARGUMENT, "must start with npz:");
    expect_failure("npz", "", &two_floats, TMO_STATUS_INVALID_ARGUMENT, "nothing after the colon");
    const tmoi_data_input text = {"in", NULL, TMO_TYPE_STRING, {1, {1}}, 0, 0};
    expect_failure("random", "1", &text, TMO_STATUS_UNSUPPORTED_DATA, "cannot feed type string");
    const tmoi_data_input pair[] = {two_floats, two_floats};
    assert_int_equal(try_open(&set, "images", "x", NULL, pair, 2), TMO_STATUS_INVALID_DATA);
}

static const tmoi_data_input one_float = {"in", NULL, TMO_TYPE_FLOAT32, {1, {1}}, 0, 0};

/* The samples of 0 .. 9 under some options, as digits. */
static void order_of(const tmoi_dataset_options *options, char out[11])
{
    const tmoi_npy_source x = {"x", TMO_TYPE_FLOAT32, {2, {10, 1}}, ten};
    write_npz("ten.npz", &x, 1);
    tmoi_dataset *set = open_one("npz", temp_path("ten.npz"), options, &one_float);
    memset(out, 0, 11);
    for (int64_t k = 0; k < tmoi_dataset_count(set); k++) {
        float value;
        (void)read_one(set, k, &value);
        out[k] = (char)('0' + (int)value);
    }
    tmoi_dataset_free(set);
}

static void splits_and_limits_select(void **state)
{
    static const struct {
        tmoi_dataset_options options;
        const char *order;
    } cases[] = {
        {{.split = "0:0.8"}, "01234567"}, {{.split = "0.8:"}, "89"},   {{.split = "0.8:1"}, "89"},
        {{.split = ":3"}, "012"},         {{.split = "7:100"}, "789"}, {{.split = "1:2"}, "1"},
        {{.split = ":"}, "0123456789"},   {{.limit = 4}, "0123"},      {{.limit = 2, .split = "5:"}, "56"},
        {{.limit = 99}, "0123456789"},
    };
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        char order[11];
        order_of(&cases[k].options, order);
        assert_string_equal(order, cases[k].order);
    }
}

static void shuffles_are_permutations_that_split_cleanly(void **state)
{
    char all[11], again[11], other[11], head[11], tail[11];
    (void)state;
    order_of(&(tmoi_dataset_options){.shuffle = true, .seed = 1}, all);
    order_of(&(tmoi_dataset_options){.shuffle = true, .seed = 1}, again);
    order_of(&(tmoi_dataset_options){.shuffle = true, .seed = 2}, other);
    order_of(&(tmoi_dataset_options){.shuffle = true, .seed = 1, .split = "0:0.7"}, head);
    order_of(&(tmoi_dataset_options){.shuffle = true, .seed = 1, .split = "0.7:"}, tail);
    assert_string_equal(all, again);
    assert_string_not_equal(all, other);
    assert_int_equal(strlen(head), 7);
    assert_memory_equal(all, head, 7);
    assert_string_equal(all + 7, tail);
    for (char digit = '0'; digit <= '9'; digit++) assert_non_null(strchr(all, digit));
}

/* ---- the loader ---- */

static void loaders_deliver_in_order(void **state)
{
    const tmoi_data_input input = {"in", NULL, TMO_TYPE_FLOAT32, {2, {1, 100}}, 0, 0};
    const int64_t order[6] = {5, 5, 0, 99, 7, 1};
    float wanted[100];
    const tmoi_sample *sample;
    (void)state;
    tmoi_dataset *set = open_one("random", "100", NULL, &input);
    for (int32_t threads = 1; threads <= 8; threads += 3) {
        for (int32_t is_ordered = 0; is_ordered < 2; is_ordered++) {
            tmoi_loader *loader;
            tmoi_loader_options options = {.threads = threads, .slots = threads == 4 ? 2 : 0};
            if (is_ordered) options.order = order, options.count = 6;
            assert_int_equal(tmoi_loader_start(&loader, set, &options, &ctx), TMO_STATUS_OK);
            for (int64_t k = 0; k < (is_ordered ? 6 : 100); k++) {
                assert_int_equal(tmoi_loader_next(loader, &sample, &ctx), TMO_STATUS_OK);
                assert_non_null(sample);
                (void)read_one(set, is_ordered ? order[k] : k, wanted);
                assert_memory_equal(sample->inputs[0], wanted, sizeof wanted);
            }
            for (int k = 0; k < 2; k++) {
                assert_int_equal(tmoi_loader_next(loader, &sample, &ctx), TMO_STATUS_OK);
                assert_null(sample);
            }
            tmoi_loader_free(loader);
        }
    }
    tmoi_dataset_free(set);
}

static void loaders_stop_early(void **state)
{
    const tmoi_sample *sample;
    (void)state;
    tmoi_dataset *set = open_one("random", "1000", NULL, &two_floats);
    for (int taken = 0; taken < 5; taken++) {
        tmoi_loader *loader;
        assert_int_equal(tmoi_loader_start(&loader, set, NULL, &ctx), TMO_STATUS_OK);
        for (int k = 0; k < taken; k++)
            assert_int_equal(tmoi_loader_next(loader, &sample, &ctx), TMO_STATUS_OK);
        tmoi_loader_free(loader);
    }
    tmoi_dataset_free(set);
}

static void loaders_fail_in_turn(void **state)
{
    float x[10] = {0, 1, 2, 3, 4, 5, NAN, 7, 8, NAN};
    const tmoi_npy_source source = {"x", TMO_TYPE_FLOAT32, {2, {10, 1}}, x};
    const tmoi_loader_options options = {.threads = 3};
    tmoi_loader *loader;
    const tmoi_sample *sample;
    (void)state;
    write_npz("turn.npz", &source, 1);
    tmoi_dataset *set = open_one("npz", temp_path("turn.npz"), NULL, &one_float);
    assert_int_equal(tmoi_loader_start(&loader, set, &options, &ctx), TMO_STATUS_OK);
    for (int k = 0; k < 6; k++) {
        assert_int_equal(tmoi_loader_next(loader, &sample, &ctx), TMO_STATUS_OK);
        assert_true(*(const float *)sample->inputs[0] == x[k]);
    }
    assert_int_equal(tmoi_loader_next(loader, &sample, &ctx), TMO_STATUS_NOT_FINITE);
    assert_non_null(strstr(ctx.error.message, "sample 6"));
    ctx = tmoi_ctx_make(NULL);
    assert_int_equal(tmoi_loader_next(loader, &sample, &ctx), TMO_STATUS_OK);
    assert_null(sample);
    tmoi_loader_free(loader);
    const tmoi_loader_options bad[] = {{.threads = 65}, {.threads = -1}, {.slots = 1}, {.count = 11}};
    for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++) {
        ctx = tmoi_ctx_make(NULL);
        assert_int_equal(tmoi_loader_start(&loader, set, &bad[k], &ctx), TMO_STATUS_INVALID_ARGUMENT);
        assert_null(loader);
    }
    tmoi_dataset_free(set);
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
        cmocka_unit_test(npz_feeds_by_name),
        cmocka_unit_test(large_npz_is_read_in_any_order),
        cmocka_unit_test(large_npz_is_checked_when_opened),
        cmocka_unit_test(npz_feeds_by_x_and_by_position),
        cmocka_unit_test(npz_mismatches_are_named),
        cmocka_unit_test(npy_takes_samples_and_labels),
        cmocka_unit_test(not_finite_samples_are_named),
        cmocka_unit_test(idx_gives_pictures_and_labels),
        cmocka_unit_test(the_demo_data_opens),
        cmocka_unit_test(csv_gives_features_and_labels),
        cmocka_unit_test(random_samples_depend_on_the_seed_alone),
        cmocka_unit_test(png_variants_are_read),
        cmocka_unit_test(jpeg_variants_are_read),
        cmocka_unit_test(folders_give_classes),
        cmocka_unit_test(broken_pictures_fail_when_read),
        cmocka_unit_test(large_pictures_meet_the_limit),
        cmocka_unit_test(wav_gives_floats_cut_or_padded),
        cmocka_unit_test(wav_faults_are_named),
        cmocka_unit_test(bad_specs_and_options_are_named),
        cmocka_unit_test(splits_and_limits_select),
        cmocka_unit_test(shuffles_are_permutations_that_split_cleanly),
        cmocka_unit_test(loaders_deliver_in_order),
        cmocka_unit_test(loaders_stop_early),
        cmocka_unit_test(loaders_fail_in_turn),
    };
    return cmocka_run_group_tests(tests, NULL, clean_up);
}
