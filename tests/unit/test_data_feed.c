/* How raw arrays become the inputs of a model: shapes, pictures, normalization, quantization. */
#include "data_files.h"

#include <math.h>
#include <string.h>

#include "base/fp16.h"
#include "data/feed.h"

static tmoi_feed feed_of(tmo_type type, tmoi_shape shape, float scale, int64_t zero_point)
{
    return (tmoi_feed){
        .name = "in", .type = type, .model_shape = shape, .scale = scale, .zero_point = zero_point};
}

static bool accepts(tmoi_shape model, tmoi_shape item)
{
    tmoi_feed feed = feed_of(TMO_TYPE_FLOAT32, model, 0, 0);
    return tmoi_feed_accepts(&feed, &item);
}

static void shapes_match(void **state)
{
    (void)state;
    assert_true(accepts((tmoi_shape){4, {1, 28, 28, 1}}, (tmoi_shape){2, {28, 28}}));
    assert_true(accepts((tmoi_shape){4, {1, 28, 28, 1}}, (tmoi_shape){3, {28, 28, 1}}));
    assert_true(accepts((tmoi_shape){2, {1, 784}}, (tmoi_shape){2, {28, 28}}));
    assert_true(accepts((tmoi_shape){4, {1, 28, 28, 1}}, (tmoi_shape){1, {784}}));
    assert_true(accepts((tmoi_shape){1, {5}}, (tmoi_shape){1, {5}}));
    assert_true(accepts((tmoi_shape){2, {1, 1}}, (tmoi_shape){0, {0}}));
    assert_true(accepts((tmoi_shape){2, {-1, 5}}, (tmoi_shape){1, {5}}));
    assert_true(accepts((tmoi_shape){3, {1, -1, 5}}, (tmoi_shape){2, {7, 5}}));
    assert_false(accepts((tmoi_shape){3, {1, -1, 5}}, (tmoi_shape){2, {7, 6}}));
    assert_false(accepts((tmoi_shape){4, {1, 28, 28, 1}}, (tmoi_shape){2, {28, 27}}));
    assert_false(accepts((tmoi_shape){4, {1, 28, 14, 2}}, (tmoi_shape){2, {28, 28}}));
    assert_false(accepts((tmoi_shape){2, {1, 4}}, (tmoi_shape){1, {5}}));
}

static void free_dimensions_take_the_arrays(void **state)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    tmoi_feed feed = feed_of(TMO_TYPE_FLOAT32, (tmoi_shape){3, {-1, -1, 5}}, 0, 0);
    const tmoi_shape item = {2, {7, 5}}, wrong = {2, {7, 6}};
    (void)state;
    assert_int_equal(tmoi_feed_match_array(&feed, TMO_TYPE_FLOAT32, &item, "x", &ctx), TMO_STATUS_OK);
    assert_true(tmoi_shape_equal(&feed.shape, &(tmoi_shape){3, {1, 7, 5}}));
    assert_int_equal(feed.size_bytes, 140);
    assert_int_equal(tmoi_feed_match_array(&feed, TMO_TYPE_FLOAT32, &wrong, "x", &ctx),
                     TMO_STATUS_INVALID_DATA);
    assert_string_equal(ctx.error.message, "input 'in' takes shape -1x-1x5; a sample of 'x' has shape 7x6");
}

static const tmoi_resize stretch = {TMOI_RESIZE_STRETCH, 0, 0};

static tmo_status fill(tmoi_feed *feed, const tmoi_normalization *how, tmoi_array array, void *out,
                       tmoi_ctx *ctx)
{
    static const tmoi_normalization none;
    *ctx = tmoi_ctx_make(NULL);
    assert_int_equal(tmoi_feed_match_array(feed, array.type, &array.shape, "x", ctx), TMO_STATUS_OK);
    return tmoi_feed_fill(feed, how ? how : &none, &stretch, &array, "'x' sample 3", out, ctx);
}

static tmoi_array floats(const float *values, int32_t count)
{
    return tmoi_array_dense(TMO_TYPE_FLOAT32, &(tmoi_shape){1, {count}}, values, false);
}

static void floats_are_normalized(void **state)
{
    const float x[4] = {1, 2, 3, 4}, two[2] = {2, 10}, mean[1] = {1}, std[2] = {4, 0.5f};
    float out[4];
    tmoi_ctx ctx;
    const tmoi_normalization how = {two, mean, std, 2, 1, 2}, wrong = {.scale = x, .scale_count = 3};
    tmoi_feed feed = feed_of(TMO_TYPE_FLOAT32, (tmoi_shape){3, {1, 2, 2}}, 0, 0);
    (void)state;
    assert_int_equal(fill(&feed, NULL, floats(x, 4), out, &ctx), TMO_STATUS_OK);
    assert_memory_equal(out, x, sizeof x);
    assert_int_equal(fill(&feed, &how, floats(x, 4), out, &ctx), TMO_STATUS_OK);
    assert_memory_equal(out, ((float[]){0.25f, 38, 1.25f, 78}), sizeof out);
    assert_int_equal(tmoi_feed_check_normalization(&feed, &how, &ctx), TMO_STATUS_OK);
    assert_int_equal(tmoi_feed_check_normalization(&feed, &wrong, &ctx), TMO_STATUS_INVALID_ARGUMENT);
}

static void other_float_types_are_stored(void **state)
{
    const float x[2] = {1, -2.5f}, large[2] = {1, 70000};
    uint16_t half[2];
    double wide[2];
    tmoi_ctx ctx;
    tmoi_feed f16 = feed_of(TMO_TYPE_FLOAT16, (tmoi_shape){1, {2}}, 0, 0);
    tmoi_feed bf16 = feed_of(TMO_TYPE_BFLOAT16, (tmoi_shape){1, {2}}, 0, 0);
    tmoi_feed f64 = feed_of(TMO_TYPE_FLOAT64, (tmoi_shape){1, {2}}, 0, 0);
    (void)state;
    assert_int_equal(fill(&f16, NULL, floats(x, 2), half, &ctx), TMO_STATUS_OK);
    assert_true(tmoi_fp16_to_float(half[0]) == 1 && tmoi_fp16_to_float(half[1]) == -2.5f);
    assert_int_equal(fill(&f16, NULL, floats(large, 2), half, &ctx), TMO_STATUS_INVALID_DATA);
    assert_int_equal(fill(&bf16, NULL, floats(x, 2), half, &ctx), TMO_STATUS_OK);
    assert_true(tmoi_bf16_to_float(half[1]) == -2.5f);
    assert_int_equal(fill(&f64, NULL, floats(x, 2), wide, &ctx), TMO_STATUS_OK);
    assert_true(wide[0] == 1 && wide[1] == -2.5);
}

static void quantized_inputs_are_rounded_and_clamped(void **state)
{
    const float x[6] = {0, 0.25f, -0.25f, 100, -100, 0.7f};
    int8_t s8[6];
    uint8_t u8[6];
    int16_t s16[6];
    tmoi_ctx ctx;
    tmoi_feed a = feed_of(TMO_TYPE_INT8, (tmoi_shape){1, {6}}, 0.5f, -3);
    tmoi_feed b = feed_of(TMO_TYPE_UINT8, (tmoi_shape){1, {6}}, 0.5f, 128);
    tmoi_feed c = feed_of(TMO_TYPE_INT16, (tmoi_shape){1, {6}}, 0.001f, 0);
    (void)state;
    assert_int_equal(fill(&a, NULL, floats(x, 6), s8, &ctx), TMO_STATUS_OK);
    assert_memory_equal(s8, ((int8_t[]){-3, -2, -4, 127, -128, -2}), 6);
    assert_int_equal(fill(&b, NULL, floats(x, 6), u8, &ctx), TMO_STATUS_OK);
    assert_memory_equal(u8, ((uint8_t[]){128, 129, 127, 255, 0, 129}), 6);
    assert_int_equal(fill(&c, NULL, floats(x, 6), s16, &ctx), TMO_STATUS_OK);
    assert_memory_equal(s16, ((int16_t[]){0, 250, -250, 32767, -32768, 700}), 12);
}

static void stored_values_pass_unchanged(void **state)
{
    const int8_t stored[3] = {-128, 5, 127};
    int8_t out[3];
    tmoi_ctx ctx;
    tmoi_feed feed = feed_of(TMO_TYPE_INT8, (tmoi_shape){1, {3}}, 0.5f, -3);
    (void)state;
    tmoi_array array = tmoi_array_dense(TMO_TYPE_INT8, &(tmoi_shape){1, {3}}, stored, false);
    assert_int_equal(fill(&feed, NULL, array, out, &ctx), TMO_STATUS_OK);
    assert_memory_equal(out, stored, 3);
}

static void plain_integers_pass_as_they_are(void **state)
{
    const int64_t big[2] = {INT64_MAX, INT64_MIN};
    const float x[2] = {3, -7}, scale[1] = {10};
    int64_t s64[2];
    int32_t s32[2];
    bool flag[2];
    tmoi_ctx ctx;
    const tmoi_normalization how = {.scale = scale, .scale_count = 1};
    tmoi_feed a = feed_of(TMO_TYPE_INT64, (tmoi_shape){1, {2}}, 0, 0);
    tmoi_feed b = feed_of(TMO_TYPE_INT32, (tmoi_shape){1, {2}}, 0, 0);
    tmoi_feed c = feed_of(TMO_TYPE_BOOL, (tmoi_shape){1, {2}}, 0, 0);
    tmoi_array array = tmoi_array_dense(TMO_TYPE_INT64, &(tmoi_shape){1, {2}}, big, false);
    (void)state;
    assert_int_equal(fill(&a, &how, array, s64, &ctx), TMO_STATUS_OK);
    assert_memory_equal(s64, big, sizeof big);
    assert_int_equal(fill(&b, &how, floats(x, 2), s32, &ctx), TMO_STATUS_OK);
    assert_memory_equal(s32, ((int32_t[]){3, -7}), sizeof s32);
    assert_int_equal(fill(&b, NULL, array, s32, &ctx), TMO_STATUS_INVALID_DATA);
    assert_string_equal(ctx.error.message,
                        "'x' sample 3: element 0 is no number that input 'in' of type int32 can hold");
    assert_int_equal(fill(&c, NULL, floats(x, 2), flag, &ctx), TMO_STATUS_INVALID_DATA);
}

static void not_finite_values_are_named(void **state)
{
    const float nans[2] = {0, NAN}, infinite[2] = {-INFINITY, 0}, huge[1] = {3e38f}, x[2] = {1, 1e30f};
    float out[2];
    int8_t s8[2];
    tmoi_ctx ctx;
    tmoi_feed a = feed_of(TMO_TYPE_FLOAT32, (tmoi_shape){1, {2}}, 0, 0);
    tmoi_feed b = feed_of(TMO_TYPE_INT8, (tmoi_shape){1, {2}}, 1, 0);
    const tmoi_normalization how = {.scale = huge, .scale_count = 1};
    (void)state;
    assert_int_equal(fill(&a, NULL, floats(nans, 2), out, &ctx), TMO_STATUS_NOT_FINITE);
    assert_string_equal(ctx.error.message, "'x' sample 3: NaN at element 1 of input 'in'");
    assert_int_equal(fill(&b, NULL, floats(infinite, 2), s8, &ctx), TMO_STATUS_NOT_FINITE);
    assert_string_equal(ctx.error.message, "'x' sample 3: infinity at element 0 of input 'in'");
    assert_int_equal(fill(&a, &how, floats(x, 2), out, &ctx), TMO_STATUS_NOT_FINITE);
}

/* ---- pictures ---- */

static void fit(const uint8_t *pixels, tmoi_shape shape, tmoi_picture_format format, const char *resize,
                float *out)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    tmoi_resize how;
    tmoi_array picture = tmoi_array_dense(TMO_TYPE_UINT8, &shape, pixels, false);
    assert_int_equal(tmoi_resize_parse(&how, resize, &ctx), TMO_STATUS_OK);
    assert_int_equal(tmoi_picture_fit(&picture, &format, &how, out, &ctx), TMO_STATUS_OK);
}

static void pictures_are_enlarged_bilinearly(void **state)
{
    const uint8_t row[2] = {0, 100}, column[2] = {0, 100};
    float out[16];
    (void)state;
    fit(row, (tmoi_shape){2, {1, 2}}, (tmoi_picture_format){4, 1, 1, false}, NULL, out);
    assert_memory_equal(out, ((float[]){0, 25, 75, 100}), 16);
    fit(column, (tmoi_shape){2, {2, 1}}, (tmoi_picture_format){1, 4, 1, false}, NULL, out);
    assert_memory_equal(out, ((float[]){0, 25, 75, 100}), 16);
}

static void pictures_are_shrunk_by_averaging(void **state)
{
    const uint8_t row[8] = {0, 0, 0, 0, 80, 80, 80, 80};
    float out[4];
    (void)state;
    fit(row, (tmoi_shape){2, {1, 8}}, (tmoi_picture_format){4, 1, 1, false}, NULL, out);
    /* A tent two pixels wide on either side: weights 1, 3, 3, 1 of 8, cut and scaled at the borders. */
    assert_memory_equal(out, ((float[]){0, 10, 70, 80}), sizeof out);
}

static void pictures_are_cropped_and_padded(void **state)
{
    const uint8_t wide[8] = {1, 2, 3, 4, 5, 6, 7, 8}; /* 4x2 */
    float out[16];
    (void)state;
    fit(wide, (tmoi_shape){2, {2, 4}}, (tmoi_picture_format){2, 2, 1, false}, "crop", out);
    assert_memory_equal(out, ((float[]){2, 3, 6, 7}), 16);
    fit(wide, (tmoi_shape){2, {2, 4}}, (tmoi_picture_format){4, 4, 1, false}, "pad", out);
    assert_memory_equal(out, ((float[]){0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0}), sizeof out);
    fit(wide, (tmoi_shape){2, {2, 4}}, (tmoi_picture_format){2, 1, 1, false}, "4x2", out);
    assert_memory_equal(out, ((float[]){2, 3}), 8);
    fit(wide, (tmoi_shape){2, {2, 4}}, (tmoi_picture_format){4, 2, 1, false}, "crop", out);
    assert_memory_equal(out, ((float[]){1, 2, 3, 4, 5, 6, 7, 8}), 32);
}

static void channels_and_layouts_are_brought_to_the_inputs(void **state)
{
    const uint8_t rgb[6] = {10, 20, 30, 100, 200, 0}, grey[2] = {7, 9};
    float out[6];
    (void)state;
    fit(rgb, (tmoi_shape){3, {1, 2, 3}}, (tmoi_picture_format){2, 1, 3, false}, NULL, out);
    assert_memory_equal(out, ((float[]){10, 20, 30, 100, 200, 0}), sizeof out);
    fit(rgb, (tmoi_shape){3, {1, 2, 3}}, (tmoi_picture_format){2, 1, 3, true}, NULL, out);
    assert_memory_equal(out, ((float[]){10, 100, 20, 200, 30, 0}), sizeof out);
    fit(rgb, (tmoi_shape){3, {1, 2, 3}}, (tmoi_picture_format){2, 1, 1, false}, NULL, out);
    assert_true(out[0] == 0.299f * 10 + 0.587f * 20 + 0.114f * 30 && out[1] == 0.299f * 100 + 0.587f * 200);
    fit(grey, (tmoi_shape){2, {1, 2}}, (tmoi_picture_format){2, 1, 3, false}, NULL, out);
    assert_memory_equal(out, ((float[]){7, 7, 7, 9, 9, 9}), sizeof out);
}

static bool format_of(tmoi_shape shape, const char *resize, tmoi_picture_format *format, tmoi_shape *resolved)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    tmoi_resize how;
    assert_int_equal(tmoi_resize_parse(&how, resize, &ctx), TMO_STATUS_OK);
    return tmoi_picture_format_of(format, resolved, &shape, &how, 0, 0);
}

static void layouts_are_recognized(void **state)
{
    static const struct {
        tmoi_shape shape;
        const char *resize;
        tmoi_picture_format format;
    } cases[] = {
        {{4, {1, 5, 7, 3}}, NULL, {7, 5, 3, false}},     {{4, {-1, 5, 7, 1}}, NULL, {7, 5, 1, false}},
        {{4, {1, 3, 5, 7}}, NULL, {7, 5, 3, true}},      {{4, {1, 1, 5, 7}}, NULL, {7, 5, 1, true}},
        {{3, {5, 7, 3}}, NULL, {7, 5, 3, false}},        {{3, {1, 5, 7}}, NULL, {7, 5, 1, false}},
        {{3, {3, 5, 7}}, NULL, {7, 5, 3, true}},         {{2, {5, 7}}, NULL, {7, 5, 1, false}},
        {{4, {-1, -1, -1, 3}}, "8x6", {8, 6, 3, false}}, {{4, {1, -1, -1, -1}}, "8x6", {8, 6, 3, false}},
    };
    tmoi_picture_format format;
    tmoi_shape resolved;
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        assert_true(format_of(cases[k].shape, cases[k].resize, &format, &resolved));
        assert_int_equal(format.width, cases[k].format.width);
        assert_int_equal(format.height, cases[k].format.height);
        assert_int_equal(format.channels, cases[k].format.channels);
        assert_int_equal(format.is_planar, cases[k].format.is_planar);
        for (int32_t d = 0; d < resolved.rank; d++) assert_true(resolved.dims[d] > 0);
    }
    assert_false(format_of((tmoi_shape){4, {2, 5, 7, 3}}, NULL, &format, &resolved));
    assert_false(format_of((tmoi_shape){4, {1, 5, 7, 4}}, NULL, &format, &resolved));
    assert_false(format_of((tmoi_shape){1, {35}}, NULL, &format, &resolved));
    assert_false(format_of((tmoi_shape){4, {1, -1, -1, 3}}, NULL, &format, &resolved));
    assert_false(format_of((tmoi_shape){4, {1, 9, 9, 3}}, "8x6", &format, &resolved));
}

static void resize_texts_are_checked(void **state)
{
    static const char *const texts[] = {"fill", "0x5", "5x", "x", "5", "5x5x5", "70000x5", "-1x5", " crop"};
    (void)state;
    for (size_t k = 0; k < sizeof texts / sizeof texts[0]; k++) {
        tmoi_ctx ctx = tmoi_ctx_make(NULL);
        tmoi_resize how;
        assert_int_equal(tmoi_resize_parse(&how, texts[k], &ctx), TMO_STATUS_INVALID_ARGUMENT);
        assert_non_null(strstr(ctx.error.message, texts[k]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes_match),
        cmocka_unit_test(free_dimensions_take_the_arrays),
        cmocka_unit_test(floats_are_normalized),
        cmocka_unit_test(other_float_types_are_stored),
        cmocka_unit_test(quantized_inputs_are_rounded_and_clamped),
        cmocka_unit_test(stored_values_pass_unchanged),
        cmocka_unit_test(plain_integers_pass_as_they_are),
        cmocka_unit_test(not_finite_values_are_named),
        cmocka_unit_test(pictures_are_enlarged_bilinearly),
        cmocka_unit_test(pictures_are_shrunk_by_averaging),
        cmocka_unit_test(pictures_are_cropped_and_padded),
        cmocka_unit_test(channels_and_layouts_are_brought_to_the_inputs),
        cmocka_unit_test(layouts_are_recognized),
        cmocka_unit_test(resize_texts_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
