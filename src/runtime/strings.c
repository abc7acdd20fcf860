#include "runtime/strings.h"

#include <string.h>

static int32_t word_at(const tmoi_value *value, int64_t k)
{
    int32_t word;
    memcpy(&word, (const unsigned char *)value->data + (size_t)k * sizeof word, sizeof word);
    return word;
}

static void set_word(tmoi_value *value, int64_t k, int32_t word)
{
    memcpy((unsigned char *)value->data + (size_t)k * sizeof word, &word, sizeof word);
}

tmo_status tmoi_strings_check(const tmoi_value *value, tmoi_ctx *ctx)
{
    int64_t count = tmoi_shape_count(&value->shape), header = (count + 2) * (int64_t)sizeof(int32_t);
    if (count == 0 && value->bytes == 0) return TMO_STATUS_OK;
    TMO_FAIL_IF((int64_t)value->bytes < header || word_at(value, 0) != count, INVALID_INPUT, ctx,
                "string tensor '%s' of %lld elements has a wrong count", value->tensor->name,
                (long long)count);
    int64_t end = header;
    for (int64_t k = 0; k <= count; k++) {
        int32_t offset = word_at(value, k + 1);
        TMO_FAIL_IF(offset < end || (size_t)offset > value->bytes, INVALID_INPUT, ctx,
                    "string tensor '%s': text %lld is out of its bytes", value->tensor->name, (long long)k);
        end = offset;
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmoi_text tmoi_strings_at(const tmoi_value *value, int64_t k)
{
    int32_t begin = word_at(value, k + 1), end = word_at(value, k + 2);
    return (tmoi_text){(const char *)value->data + begin, (size_t)(end - begin)};
}

tmo_status tmoi_strings_begin(tmoi_exec *exec, tmoi_value *value, const tmoi_shape *shape, size_t text_bytes,
                              tmoi_ctx *ctx)
{
    int64_t count = tmoi_shape_count(shape);
    size_t header = (size_t)(count + 2) * sizeof(int32_t);
    TMO_FAIL_IF(text_bytes > INT32_MAX || header + text_bytes > INT32_MAX, LIMIT, ctx,
                "%lld texts of %zu bytes are too large", (long long)count, text_bytes);
    TMO_TRY(tmoi_value_resize_bytes(exec, value, shape, header + text_bytes, ctx));
    set_word(value, 0, (int32_t)count);
    set_word(value, 1, (int32_t)header);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

void tmoi_strings_add(tmoi_value *value, int64_t k, tmoi_text text)
{
    int32_t begin = word_at(value, k + 1);
    if (text.size) memcpy((char *)value->data + begin, text.data, text.size);
    set_word(value, k + 2, begin + (int32_t)text.size);
}

void tmoi_strings_extend(tmoi_value *value, int64_t k, tmoi_text text)
{
    int32_t end = word_at(value, k + 2);
    if (text.size) memcpy((char *)value->data + end, text.data, text.size);
    set_word(value, k + 2, end + (int32_t)text.size);
}
