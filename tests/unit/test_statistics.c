/* Confidence intervals and tests of report/statistics.h, against values worked out by hand or from published tables. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/graph.h"
#include "report/statistics.h"
#include "report/values.h"

static void assert_near(double got, double wanted, double tolerance)
{
    if (!(fabs(got - wanted) <= tolerance)) fail_msg("got %.12g, not %.12g", got, wanted);
}

/* 10 of 20: 0.2993 to 0.7007 (Newcombe 1998 gives such a table); nothing of n ends at z2 / (n + z2). */
static void test_wilson(void **state)
{
    (void)state;
    tmoi_interval half = tmoi_wilson(10, 20), none = tmoi_wilson(0, 10), all = tmoi_wilson(10, 10);
    assert_near(half.low, 0.2993, 1e-4);
    assert_near(half.high, 0.7007, 1e-4);
    assert_near(none.low, 0, 0);
    assert_near(none.high, 3.841458820694 / 13.841458820694, 1e-9);
    assert_near(all.low, 1 - none.high, 1e-12);
    assert_near(all.high, 1, 0);
    assert_near(tmoi_wilson(0, 0).high, 1, 0);
}

/* 1 against 5: 2 * (1 + 6) / 64. */
static void test_mcnemar(void **state)
{
    (void)state;
    assert_near(tmoi_mcnemar(&(tmoi_paired){90, 1, 5, 4}), 14.0 / 64, 1e-12);
    assert_near(tmoi_mcnemar(&(tmoi_paired){90, 5, 1, 4}), 14.0 / 64, 1e-12);
    assert_near(tmoi_mcnemar(&(tmoi_paired){90, 3, 3, 4}), 1, 0);
    assert_near(tmoi_mcnemar(&(tmoi_paired){90, 0, 0, 10}), 1, 0);
    /* (|7000 - 8000| - 1)^2 / 15000 = 66.5: far out */
    assert_true(tmoi_mcnemar(&(tmoi_paired){0, 7000, 8000, 0}) < 1e-14);
}

static void test_paired_difference(void **state)
{
    (void)state;
    tmoi_interval interval;
    assert_near(tmoi_paired_difference(&(tmoi_paired){90, 2, 6, 2}, &interval), 0.04, 1e-12);
    assert_true(interval.low < 0.04 && interval.high > 0.04 && interval.low < 0);
    assert_near(tmoi_paired_difference(&(tmoi_paired){100, 0, 0, 0}, &interval), 0, 0);
    assert_near(interval.low, -interval.high, 1e-12);
    assert_true(interval.high > 0); /* equal results on 100 samples are no proof of equality */
}

static void test_mean(void **state)
{
    (void)state;
    const double values[] = {1, 2, 3, 4};
    tmoi_interval interval;
    assert_near(tmoi_mean(values, 4, &interval), 2.5, 1e-12);
    assert_near(interval.high - 2.5, 1.959963984540054 * sqrt(5.0 / 3 / 4), 1e-9);
    assert_near(tmoi_mean(values, 0, &interval), 0, 0);
}

static void test_quantile(void **state)
{
    (void)state;
    double values[] = {5, 1, 4, 2, 3};
    assert_near(tmoi_quantile(values, 5, 0.5), 3, 0);
    assert_near(tmoi_quantile(values, 5, 0.95), 5, 0);
    assert_near(tmoi_quantile(values, 5, 0), 1, 0);
}

static void test_snr(void **state)
{
    (void)state;
    const double signal[] = {50, 50}, noise[] = {0.5, 0.5}, silence[] = {0, 0};
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    tmoi_interval interval;
    assert_near(tmoi_snr_db(signal, noise, 2), 20, 1e-12);
    assert_true(isinf(tmoi_snr_db(signal, silence, 2)));
    assert_int_equal(tmoi_snr_interval(signal, noise, 2, 1, &interval, &ctx), TMO_STATUS_OK);
    assert_near(interval.low, 20, 1e-9);
    assert_near(interval.high, 20, 1e-9);
}

static void test_values(void **state)
{
    (void)state;
    const uint8_t int4[] = {0x8F, 0x07}; /* -1, -8, 7 */
    const int8_t stored[] = {-128, 0, 127, 1};
    const float scales[] = {0.5f, 2.0f};
    const int64_t zero_points[] = {-128, 1};
    const tmoi_shape shape = {2, {2, 2}};
    const tmoi_quant quant = {.count = 2, .dimension = 0, .scale = scales, .zero_point = zero_points};
    float real[4];
    int8_t back[2];
    assert_near(tmoi_stored_value(TMO_TYPE_INT4, int4, 0), -1, 0);
    assert_near(tmoi_stored_value(TMO_TYPE_INT4, int4, 1), -8, 0);
    assert_near(tmoi_stored_value(TMO_TYPE_INT4, int4, 2), 7, 0);
    tmoi_real_values(&(tmoi_elements){TMO_TYPE_INT8, stored, &shape, &quant}, 0, 4, real);
    assert_near((double)real[0], 0, 0);
    assert_near((double)real[1], 64, 0);
    assert_near((double)real[2], 252, 0);
    assert_near((double)real[3], 0, 0);
    const tmoi_quant one = {.count = 1, .scale = scales, .zero_point = zero_points};
    const float values[] = {1.0f, 1000.0f};
    tmoi_store_values(values, 2, TMO_TYPE_INT8, &one, back, 0);
    assert_int_equal(back[0], -126);
    assert_int_equal(back[1], 127);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wilson),
        cmocka_unit_test(test_mcnemar),
        cmocka_unit_test(test_paired_difference),
        cmocka_unit_test(test_mean),
        cmocka_unit_test(test_quantile),
        cmocka_unit_test(test_snr),
        cmocka_unit_test(test_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
