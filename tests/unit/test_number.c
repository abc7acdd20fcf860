/* base/number.h: numbers from text. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/number.h"
#include "base/rng.h"

static void numbers_are_read(void **state)
{
    static const struct {
        const char *text;
        double value;
    } cases[] = {
        {"0", 0},
        {"-0", 0},
        {"12", 12},
        {"+7", 7},
        {"-3.5", -3.5},
        {".5", .5},
        {"5.", 5},
        {"1e3", 1000},
        {"1.5E-3", 1.5e-3},
        {"0.1", 0.1},
        {"123456789012345", 123456789012345},
        {"0.000001", 1e-6},
        {"1e22", 1e22},
        {"-1e-22", -1e-22},
        {"0e99999999999", 0},
        {"1e-400", 0},
        {"18446744073709551616", 18446744073709551616.0},
        {"100000000000000000000000", 1e23},
        {"4.9e-324", 5e-324},
    };
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        double value = -1;
        assert_true(tmoi_parse_number(cases[k].text, strlen(cases[k].text), &value));
        assert_true(fabs(value - cases[k].value) <= fabs(cases[k].value) * DBL_EPSILON);
    }
}

static void special_numbers_are_read(void **state)
{
    double value;
    (void)state;
    assert_true(tmoi_parse_number("NaN", 3, &value) && isnan(value));
    assert_true(tmoi_parse_number("-inf", 4, &value) && value < 0 && isinf(value));
    assert_true(tmoi_parse_number("Infinity", 8, &value) && value > 0 && isinf(value));
    assert_true(tmoi_parse_number("1e999", 5, &value) && isinf(value));
}

static void other_texts_are_no_numbers(void **state)
{
    static const char *const texts[] = {"",   " ",   "-",    ".",     "1e",  "1e+",  "e5", "1 ",
                                        " 1", "1,5", "0x10", "1.2.3", "--1", "nano", "in", "1f"};
    (void)state;
    for (size_t k = 0; k < sizeof texts / sizeof texts[0]; k++) {
        double value;
        assert_false(tmoi_parse_number(texts[k], strlen(texts[k]), &value));
    }
}

static void printed_doubles_come_back(void **state)
{
    tmoi_rng rng = tmoi_rng_make(1, 1);
    (void)state;
    for (int k = 0; k < 100000; k++) {
        char text[64];
        double value, wanted = ldexp((double)tmoi_rng_normal(&rng), (int)tmoi_rng_below(&rng, 400) - 200);
        (void)snprintf(text, sizeof text, "%.17g", wanted);
        assert_true(tmoi_parse_number(text, strlen(text), &value));
        assert_true(fabs(value - wanted) <= 2 * fabs(wanted) * DBL_EPSILON);
        float single = (float)wanted; /* what files hold as a rule: 9 digits give the float back */
        (void)snprintf(text, sizeof text, "%.9g", (double)single);
        assert_true(tmoi_parse_number(text, strlen(text), &value) && (float)value == single);
    }
}

static void integers_are_read(void **state)
{
    int64_t value;
    (void)state;
    assert_true(tmoi_parse_int("-9223372036854775808", 20, &value) && value == INT64_MIN);
    assert_true(tmoi_parse_int("9223372036854775807", 19, &value) && value == INT64_MAX);
    assert_true(tmoi_parse_int("+12", 3, &value) && value == 12);
    assert_false(tmoi_parse_int("9223372036854775808", 19, &value));
    assert_false(tmoi_parse_int("-9223372036854775809", 20, &value));
    assert_false(tmoi_parse_int("", 0, &value));
    assert_false(tmoi_parse_int("1.0", 3, &value));
    assert_false(tmoi_parse_int("99999999999999999999999", 23, &value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_read),           cmocka_unit_test(special_numbers_are_read),
        cmocka_unit_test(other_texts_are_no_numbers), cmocka_unit_test(printed_doubles_come_back),
        cmocka_unit_test(integers_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
