#include "base/number.h"

#include <math.h>

typedef struct scan {
    const char *at, *end;
} scan;

static bool is_digit(const scan *s)
{
    return s->at < s->end && *s->at >= '0' && *s->at <= '9';
}

static bool skip(scan *s, char c)
{
    if (s->at == s->end || *s->at != c) return false;
    s->at++;
    return true;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* `word` is in lower case and must be all that is left. */
static bool is_word(const scan *s, const char *word)
{
    const char *at = s->at;
    while (at < s->end && *word && lower(*at) == *word) at++, word++;
    return at == s->end && !*word;
}

/* Appends digits to *mantissa while it is exact in 64 bits; returns how many further digits were left out. */
static int32_t take_digits(scan *s, uint64_t *mantissa, int32_t *digits)
{
    int32_t dropped = 0;
    for (; is_digit(s); s->at++) {
        if (*digits < INT32_MAX / 2) (*digits)++;
        if (*mantissa < UINT64_MAX / 10 - 1)
            *mantissa = *mantissa * 10 + (uint64_t)(*s->at - '0');
        else if (dropped < INT32_MAX / 2)
            dropped++;
    }
    return dropped;
}

static bool take_exponent(scan *s, int32_t *exponent)
{
    int32_t value = 0;
    if (!skip(s, 'e') && !skip(s, 'E')) return true;
    bool negative = skip(s, '-');
    if (!negative) (void)skip(s, '+');
    if (!is_digit(s)) return false;
    for (; is_digit(s); s->at++)
        if (value < 100000) value = value * 10 + (*s->at - '0');
    *exponent += negative ? -value : value;
    return true;
}

static double scale_by_ten(double value, int32_t exponent)
{
    if (value == 0.0 || exponent == 0) return value;
    if (exponent > 0) return value * pow(10.0, exponent);
    if (exponent >= -300) return value / pow(10.0, -exponent);
    return value / 1e300 / pow(10.0, -exponent - 300);
}

bool tmoi_parse_number(const char *text, size_t length, double *out)
{
    scan s = {text, text + length};
    uint64_t mantissa = 0;
    int32_t digits = 0, fraction_digits = 0;
    bool negative = skip(&s, '-');
    if (!negative) (void)skip(&s, '+');
    if (is_word(&s, "nan") || is_word(&s, "inf") || is_word(&s, "infinity")) {
        *out = lower(*s.at) == 'n' ? (double)NAN : negative ? -(double)INFINITY : (double)INFINITY;
        return true;
    }
    int32_t exponent = take_digits(&s, &mantissa, &digits);
    if (skip(&s, '.')) {
        int32_t dropped = take_digits(&s, &mantissa, &fraction_digits);
        exponent -= fraction_digits - dropped;
    }
    if (digits + fraction_digits == 0 || !take_exponent(&s, &exponent) || s.at != s.end) return false;
    double value = scale_by_ten((double)mantissa, exponent);
    *out = negative ? -value : value;
    return true;
}

bool tmoi_parse_int(const char *text, size_t length, int64_t *out)
{
    scan s = {text, text + length};
    uint64_t value = 0;
    bool negative = skip(&s, '-');
    if (!negative) (void)skip(&s, '+');
    uint64_t limit = (uint64_t)INT64_MAX + (negative ? 1 : 0);
    if (!is_digit(&s)) return false;
    for (; is_digit(&s); s.at++) {
        uint64_t digit = (uint64_t)(*s.at - '0');
        if (value > (limit - digit) / 10) return false;
        value = value * 10 + digit;
    }
    *out = negative ? (value > (uint64_t)INT64_MAX ? INT64_MIN : -(int64_t)value) : (int64_t)value;
    return s.at == s.end;
}
