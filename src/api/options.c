/* tmo/options.h: checking and setting the fields of option structs by their tables. */
#include "tmo/options.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"

static int32_t choice_count(const char *choices)
{
    int32_t count = 1;
    for (; *choices; choices++) count += *choices == '|';
    return count;
}

static tmo_status check_number(const tmo_option *option, double value, const char *subject, tmoi_ctx *ctx)
{
    TMO_FAIL_IF(!(value == 0 || (value >= option->min && value <= option->max)), INVALID_ARGUMENT, ctx,
                "%s: %s must be in [%.12g, %.12g], got %.12g", subject, option->name, option->min,
                option->max, value);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status check_field(const tmo_option *option, const void *field, const char *subject, tmoi_ctx *ctx)
{
    switch (option->kind) {
    case TMO_OPTION_INT32: return check_number(option, *(const int32_t *)field, subject, ctx);
    case TMO_OPTION_UINT64: return check_number(option, (double)*(const uint64_t *)field, subject, ctx);
    case TMO_OPTION_FLOAT: return check_number(option, (double)*(const float *)field, subject, ctx);
    case TMO_OPTION_CHOICE: {
        int32_t value = *(const int32_t *)field, count = choice_count(option->choices);
        if (value >= 0 && value < count) return TMO_STATUS_OK;
        return tmoi_fail(ctx, TMO_STATUS_INVALID_ARGUMENT, "%s: %s must be one of %s (0 to %d), got %d",
                         subject, option->name, option->choices, (int)count - 1, (int)value);
    }
    default: return TMO_STATUS_OK;
    }
}

tmo_status tmo_options_check(const tmo_option *table, size_t count, const void *options, const char *subject,
                             tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    for (size_t k = 0; k < count; k++)
        TMO_TRY(check_field(&table[k], (const char *)options + table[k].offset, subject, &ctx));
fail:
    return tmoi_ctx_finish(&ctx, error);
}

/* ---- from text ---- */

static tmo_status parse_choice(const tmo_option *option, const char *text, int32_t *out, tmoi_ctx *ctx)
{
    const char *at = option->choices;
    size_t length = strlen(text);
    for (int32_t value = 0;; value++) {
        size_t word = strcspn(at, "|");
        if (word == length && memcmp(at, text, length) == 0) {
            *out = value;
            return TMO_STATUS_OK;
        }
        if (!at[word]) break;
        at += word + 1;
    }
    return tmoi_fail(ctx, TMO_STATUS_INVALID_ARGUMENT, "%s must be one of %s, got '%s'", option->name,
                     option->choices, text);
}

static tmo_status parse_bool(const tmo_option *option, const char *text, bool *out, tmoi_ctx *ctx)
{
    *out = strcmp(text, "true") == 0;
    TMO_FAIL_IF(!*out && strcmp(text, "false") != 0, INVALID_ARGUMENT, ctx,
                "%s must be true or false, got '%s'", option->name, text);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status parse_number(const tmo_option *option, const char *text, double *out, tmoi_ctx *ctx)
{
    bool is_whole = option->kind != TMO_OPTION_FLOAT;
    TMO_FAIL_IF(!tmoi_parse_number(text, strlen(text), out) || !isfinite(*out) ||
                    (is_whole && *out != floor(*out)),
                INVALID_ARGUMENT, ctx, "%s must be a%s number in [%.12g, %.12g], got '%s'", option->name,
                is_whole ? " whole" : "", option->min, option->max, text);
    TMO_FAIL_IF(!(*out == 0 || (*out >= option->min && *out <= option->max)), INVALID_ARGUMENT, ctx,
                "%s must be in [%.12g, %.12g], got %s", option->name, option->min, option->max, text);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status set_field(const tmo_option *option, void *field, const char *text, tmoi_ctx *ctx)
{
    double number;
    if (option->kind == TMO_OPTION_CHOICE) return parse_choice(option, text, field, ctx);
    if (option->kind == TMO_OPTION_BOOL) return parse_bool(option, text, field, ctx);
    if (option->kind == TMO_OPTION_TEXT) {
        *(const char **)field = text;
        return TMO_STATUS_OK;
    }
    if (parse_number(option, text, &number, ctx) != TMO_STATUS_OK) return ctx->error.status;
    if (option->kind == TMO_OPTION_INT32)
        *(int32_t *)field = (int32_t)number;
    else if (option->kind == TMO_OPTION_UINT64)
        *(uint64_t *)field = (uint64_t)number;
    else
        *(float *)field = (float)number;
    return TMO_STATUS_OK;
}

tmo_status tmo_options_set(const tmo_option *table, size_t count, void *options, const char *name,
                           const char *text, tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    size_t k = 0;
    while (k < count && strcmp(table[k].name, name) != 0) k++;
    TMO_FAIL_IF(k == count, NOT_FOUND, &ctx, "there is no option '%s'", name);
    TMO_TRY(set_field(&table[k], (char *)options + table[k].offset, text, &ctx));
fail:
    return tmoi_ctx_finish(&ctx, error);
}
