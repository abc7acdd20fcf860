/* Requantization, quantized rows and 16-bit fixed point: what every integer operator with weights ends in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "kernels/lstm/lstm.h"
#include "kernels/quant_rows/quant_rows.h"
#include "kernels/requant/requant.h"

enum { CHANNELS = 37, ROUNDS = 5000 };

/* Sums around ties, powers of two and the ends of the range, where rounding goes wrong first. */
static int32_t next_sum(tmoi_rng *rng)
{
    int32_t power = (int32_t)(1u << tmoi_rng_below(rng, 31)), near = (int32_t)tmoi_rng_below(rng, 3) - 1;
    switch (tmoi_rng_below(rng, 5)) {
    case 0: return power + near;
    case 1: return near - power;
    case 2: return tmoi_rng_below(rng, 2) ? INT32_MIN : INT32_MAX;
    case 3: return (int32_t)tmoi_rng_below(rng, 100000) - 50000;
    default: return (int32_t)tmoi_rng_u32(rng);
    }
}

static tmoi_multiplier next_multiplier(tmoi_rng *rng)
{
    tmoi_multiplier m = {1 << 30, -(int32_t)(1 + tmoi_rng_below(rng, 31))};
    if (tmoi_rng_below(rng, 4)) m.value += (int32_t)tmoi_rng_below(rng, 1u << 30);
    return m;
}

/* The lanes give the bits of tmoi_multiply(), which the golden results hold. */
static void test_lanes(void **state)
{
    (void)state;
    static tmoi_multiplier multiplier[CHANNELS];
    static int64_t bias[CHANNELS];
    static int32_t sums[CHANNELS];
    static uint32_t memory[3 * CHANNELS];
    static int8_t got[CHANNELS], want[CHANNELS];
    tmoi_rng rng = tmoi_rng_make(7, 0);

    for (int round = 0; round < ROUNDS; round++) {
        for (int k = 0; k < CHANNELS; k++) {
            multiplier[k] = next_multiplier(&rng);
            sums[k] = next_sum(&rng);
            bias[k] = round % 2 ? next_sum(&rng) : 0;
        }
        tmoi_requant requant = {.type = TMO_TYPE_INT8,
                                .multiplier = multiplier,
                                .bias = round % 3 ? bias : NULL,
                                .zero_point = round % 256 - 128,
                                .low = -128,
                                .high = 127};
        tmoi_requant_s32(&requant, 0, CHANNELS, sums, want);
        assert_true(tmoi_requant_fill_lanes(CHANNELS, multiplier, memory, &requant.lanes));
        tmoi_requant_s32(&requant, 0, CHANNELS, sums, got);
        assert_memory_equal(got, want, CHANNELS);
    }
}

static void test_lanes_refuse_left_shifts(void **state)
{
    (void)state;
    const tmoi_multiplier multiplier[2] = {{1 << 30, -1}, {1 << 30, 0}};
    uint32_t memory[6];
    tmoi_requant_lanes lanes;
    assert_false(tmoi_requant_fill_lanes(2, multiplier, memory, &lanes));
    assert_null(lanes.value);
}

static void test_rows(void **state)
{
    (void)state;
    const float row[4] = {-1.0f, 0.0f, 0.5f, 3.0f}, zeros[4] = {0};
    int8_t q[4];
    float scale;
    int32_t zero_point;
    tmoi_quantize_dynamic_c(false, row, 4, q, &scale, &zero_point);
    assert_int_equal(q[3], 127);
    assert_int_equal(q[1], 0);
    assert_int_equal(zero_point, 0);
    tmoi_quantize_dynamic_c(true, row, 4, q, &scale, &zero_point);
    assert_int_equal(q[0], -128);
    assert_int_equal(q[3], 127);
    assert_int_equal(q[1], zero_point);
    tmoi_quantize_dynamic_c(true, zeros, 4, q, &scale, &zero_point);
    assert_int_equal(q[2], 0);
    assert_true(scale == 1.0f);
}

/* Rows that are not finite still give numbers in range. */
static void test_rows_not_finite(void **state)
{
    (void)state;
    const float rows[3][2] = {{NAN, 1.0f}, {INFINITY, -1.0f}, {-INFINITY, INFINITY}};
    int8_t q[2];
    float scale;
    int32_t zero_point;
    for (int k = 0; k < 6; k++) {
        tmoi_quantize_dynamic_c(k % 2, rows[k / 2], 2, q, &scale, &zero_point);
        assert_in_range(zero_point + 128, 0, 255);
    }
}

/* Within a few steps of the true functions, and with their symmetry. */
static void test_fixed_point(void **state)
{
    (void)state;
    for (int32_t x = INT16_MIN; x <= INT16_MAX; x += 7) {
        double logistic = 32768.0 / (1.0 + exp(-x / 4096.0));
        assert_true(fabs(logistic - tmoi_logistic_s16((int16_t)x)) < 8.0);
        for (int32_t bits = 0; bits <= 6; bits++) {
            double tangent = 32768.0 * tanh((double)x / (1 << (15 - bits)));
            assert_true(fabs(tangent - tmoi_tanh_s16((int16_t)x, bits)) < 14.0);
        }
    }
    assert_int_equal(tmoi_logistic_s16(0), 1 << 14);
    assert_int_equal(tmoi_tanh_s16(0, 3), 0);
    assert_int_equal(tmoi_tanh_s16(-1000, 3), -tmoi_tanh_s16(1000, 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lanes),       cmocka_unit_test(test_lanes_refuse_left_shifts),
        cmocka_unit_test(test_rows),        cmocka_unit_test(test_rows_not_finite),
        cmocka_unit_test(test_fixed_point),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
