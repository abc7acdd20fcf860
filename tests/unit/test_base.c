/* The base room: half floats, shapes, random numbers, arenas, files, threads. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/fp16.h"
#include "base/os.h"
#include "base/rng.h"
#include "base/shape.h"

static void half_floats_round_trip(void **state)
{
    (void)state;
    for (uint32_t bits = 0; bits < 65536; bits++) {
        float value = tmoi_fp16_to_float((uint16_t)bits);
        uint16_t back = tmoi_fp16_from_float(value);
        if (isnan(value))
            assert_true((back & 0x7c00) == 0x7c00 && (back & 0x3ff) != 0);
        else
            assert_int_equal(back, bits);
    }
}

static void half_floats_round_to_nearest_even(void **state)
{
    (void)state;
    for (uint32_t bits = 0; bits < 0x7bff; bits++) { /* every pair of neighbours below infinity */
        float low = tmoi_fp16_to_float((uint16_t)bits), high = tmoi_fp16_to_float((uint16_t)(bits + 1));
        float middle = (low + high) / 2;
        uint16_t even = (uint16_t)(bits & 1 ? bits + 1 : bits);
        assert_int_equal(tmoi_fp16_from_float(middle), even);
        assert_int_equal(tmoi_fp16_from_float(nextafterf(middle, INFINITY)), bits + 1);
        assert_int_equal(tmoi_fp16_from_float(nextafterf(middle, -INFINITY)), bits);
    }
    assert_int_equal(tmoi_fp16_from_float(65519.996f), 0x7bff);
    assert_int_equal(tmoi_fp16_from_float(65520.0f), 0x7c00);
    assert_int_equal(tmoi_fp16_from_float(-INFINITY), 0xfc00);
}

static void bfloat16_rounds_to_nearest_even(void **state)
{
    (void)state;
    assert_int_equal(tmoi_bf16_from_float(1.0f), 0x3f80);
    assert_int_equal(tmoi_bf16_from_float(1.00390625f), 0x3f80); /* a tie, to even */
    assert_int_equal(tmoi_bf16_from_float(1.01171875f), 0x3f82); /* a tie, to even */
    assert_true(isnan(tmoi_bf16_to_float(tmoi_bf16_from_float(NAN))));
    assert_true(tmoi_bf16_to_float(0x3f81) == 1.0078125f);
}

static void shapes_broadcast(void **state)
{
    tmoi_shape a = {3, {4, 1, 3}}, b = {2, {5, 1}}, c = {1, {2}}, out;
    (void)state;
    assert_true(tmoi_shape_broadcast(&a, &b, &out));
    assert_string_equal(tmoi_shape_format(&out).text, "4x5x3");
    assert_false(tmoi_shape_broadcast(&a, &c, &out));
}

static void shapes_that_overflow_are_refused(void **state)
{
    tmoi_shape huge = {4, {65536, 65536, 65536, 65536}}, negative = {2, {3, -1}}, empty = {3, {5, 0, 7}};
    tmoi_shape huge_but_empty = {3, {2147483647, 0, 2147483647}}; /* its parts overflow */
    int64_t count;
    (void)state;
    assert_false(tmoi_shape_count_checked(&huge, &count));
    assert_false(tmoi_shape_count_checked(&negative, &count));
    assert_false(tmoi_shape_count_checked(&huge_but_empty, &count));
    assert_true(tmoi_shape_count_checked(&empty, &count));
    assert_int_equal(count, 0);
}

static void packed_types_round_up(void **state)
{
    (void)state;
    assert_int_equal(tmoi_type_bytes(TMO_TYPE_INT4, 3), 2);
    assert_int_equal(tmoi_type_bytes(TMO_TYPE_INT2, 5), 2);
    assert_int_equal(tmoi_type_bytes(TMO_TYPE_FLOAT32, 3), 12);
    assert_int_equal(tmoi_type_bytes(TMO_TYPE_STRING, 3), 0);
}

static void random_numbers_repeat_and_spread(void **state)
{
    tmoi_rng a = tmoi_rng_make(42, 1), b = tmoi_rng_make(42, 1), c = tmoi_rng_make(42, 2);
    int counts[6] = {0}, differ = 0;
    double sum = 0, squares = 0;
    (void)state;
    for (int k = 0; k < 1000; k++) {
        uint32_t x = tmoi_rng_u32(&a);
        assert_int_equal(x, tmoi_rng_u32(&b));
        differ += x != tmoi_rng_u32(&c);
    }
    assert_true(differ > 990);
    for (int k = 0; k < 60000; k++) counts[tmoi_rng_below(&a, 6)]++;
    for (int k = 0; k < 6; k++) assert_in_range(counts[k], 9600, 10400);
    for (int k = 0; k < 100000; k++) {
        double x = (double)tmoi_rng_normal(&a);
        sum += x;
        squares += x * x;
    }
    assert_true(fabs(sum / 100000) < 0.02 && fabs(squares / 100000 - 1) < 0.02);
}

static void arenas_align_and_zero(void **state)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    tmoi_arena arena;
    (void)state;
    tmoi_arena_init(&arena, &ctx.allocator);
    for (size_t k = 1; k < 3000; k++) {
        unsigned char *block;
        assert_int_equal(tmoi_arena_alloc(&arena, (void **)&block, k % 97, 1, 64, &ctx), TMO_STATUS_OK);
        assert_int_equal((uintptr_t)block % 64, 0);
        for (size_t i = 0; i < k % 97; i++) assert_int_equal(block[i], 0);
        memset(block, 0xff, k % 97);
    }
    void *unused;
    assert_int_equal(tmoi_arena_alloc(&arena, &unused, SIZE_MAX / 2, 3, 16, &ctx), TMO_STATUS_OUT_OF_MEMORY);
    tmoi_arena_clear(&arena);
}

static void file_writers_keep_the_old_file_until_commit(void **state)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    char folder[] = "/tmp/tmo-test-XXXXXX", path[64];
    tmoi_file_writer writer;
    tmoi_file_map map;
    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/file", folder);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(tmoi_file_writer_open(&writer, path, &ctx), TMO_STATUS_OK);
        assert_int_equal(tmoi_file_writer_write(&writer, round ? "second" : "first", round ? 6 : 5, &ctx),
                         TMO_STATUS_OK);
        if (round == 0) assert_int_equal(tmoi_file_writer_commit(&writer, &ctx), TMO_STATUS_OK);
        tmoi_file_writer_close(&writer); /* the second is dropped */
    }
    assert_int_equal(tmoi_file_map_open(&map, path, &ctx), TMO_STATUS_OK);
    assert_int_equal(map.size_bytes, 5);
    assert_memory_equal(map.data, "first", 5);
    tmoi_file_map_close(&map);
    assert_int_equal(tmoi_file_map_open(&map, folder, &ctx), TMO_STATUS_IO);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0); /* nothing temporary is left in it */
}

static void errors_keep_the_callers_struct_size(void **state)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    tmo_error error = TMO_ERROR_INIT;
    (void)state;
    error.struct_size = offsetof(tmo_error, file_offset); /* an older caller */
    error.file_offset = 7;
    (void)tmoi_fail(&ctx, TMO_STATUS_IO, "no");
    ctx.error.file_offset = 99;
    assert_int_equal(tmoi_ctx_finish(&ctx, &error), TMO_STATUS_IO);
    assert_int_equal(error.status, TMO_STATUS_IO);
    assert_int_equal(error.file_offset, 7);
    assert_string_equal(tmo_status_name(TMO_STATUS_IO), "IO");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(half_floats_round_trip),
        cmocka_unit_test(half_floats_round_to_nearest_even),
        cmocka_unit_test(bfloat16_rounds_to_nearest_even),
        cmocka_unit_test(shapes_broadcast),
        cmocka_unit_test(shapes_that_overflow_are_refused),
        cmocka_unit_test(packed_types_round_up),
        cmocka_unit_test(random_numbers_repeat_and_spread),
        cmocka_unit_test(arenas_align_and_zero),
        cmocka_unit_test(file_writers_keep_the_old_file_until_commit),
        cmocka_unit_test(errors_keep_the_callers_struct_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
