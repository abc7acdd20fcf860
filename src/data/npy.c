#include "data/npy.h"

#include <stdio.h>
#include <string.h>

#include "base/os.h"

static const char magic[] = "\x93NUMPY";
#define MAGIC_BYTES (sizeof magic - 1)

static bool machine_is_big(void)
{
    const uint16_t one = 1;
    uint8_t first;
    memcpy(&first, &one, 1);
    return first == 0;
}

static const struct {
    char kind;
    uint32_t bytes;
    tmo_type type;
} dtypes[] = {
    {'f', 2, TMO_TYPE_FLOAT16},   {'f', 4, TMO_TYPE_FLOAT32},     {'f', 8, TMO_TYPE_FLOAT64},
    {'i', 1, TMO_TYPE_INT8},      {'i', 2, TMO_TYPE_INT16},       {'i', 4, TMO_TYPE_INT32},
    {'i', 8, TMO_TYPE_INT64},     {'u', 1, TMO_TYPE_UINT8},       {'u', 2, TMO_TYPE_UINT16},
    {'u', 4, TMO_TYPE_UINT32},    {'u', 8, TMO_TYPE_UINT64},      {'b', 1, TMO_TYPE_BOOL},
    {'c', 8, TMO_TYPE_COMPLEX64}, {'c', 16, TMO_TYPE_COMPLEX128},
};
#define DTYPE_COUNT (sizeof dtypes / sizeof dtypes[0])

/* The text of a header, which is a Python dictionary such as
 *     {'descr': '<f4', 'fortran_order': False, 'shape': (10, 28, 28), } */
typedef struct header {
    const char *at, *end;
    const char *subject;
    tmoi_ctx *ctx;
    char descr[16];
    bool is_fortran;
    tmoi_shape shape;
    uint32_t seen; /* bits of the keys read so far */
} header_scan;

static void skip_space(header_scan *h)
{
    while (h->at < h->end && (*h->at == ' ' || *h->at == '\t' || *h->at == '\n' || *h->at == '\r')) h->at++;
}

static bool take(header_scan *h, char c)
{
    skip_space(h);
    if (h->at == h->end || *h->at != c) return false;
    h->at++;
    return true;
}

static bool take_word(header_scan *h, const char *word)
{
    size_t length = strlen(word);
    skip_space(h);
    if ((size_t)(h->end - h->at) < length || memcmp(h->at, word, length) != 0) return false;
    h->at += length;
    return true;
}

/* A quoted text of fewer than `size` bytes. */
static bool take_text(header_scan *h, char *out, size_t size)
{
    size_t length = 0;
    char quote = take(h, '\'') ? '\'' : take(h, '"') ? '"' : '\0';
    if (!quote) return false;
    for (; h->at < h->end && *h->at != quote && length + 1 < size; h->at++) out[length++] = *h->at;
    out[length] = '\0';
    if (h->at == h->end || *h->at != quote) return false;
    h->at++;
    return true;
}

static bool take_dim(header_scan *h, int32_t *out)
{
    int64_t value = 0;
    skip_space(h);
    const char *start = h->at;
    for (; h->at < h->end && *h->at >= '0' && *h->at <= '9'; h->at++) {
        value = value * 10 + (*h->at - '0');
        if (value > INT32_MAX) return false;
    }
    *out = (int32_t)value;
    bool is_number = h->at > start;
    (void)take(h, 'L');
    return is_number;
}

static tmo_status take_shape(header_scan *h)
{
    tmoi_ctx *ctx = h->ctx;
    TMO_FAIL_IF(!take(h, '('), INVALID_DATA, ctx, "'%s': the .npy header has no tuple as its shape",
                h->subject);
    while (!take(h, ')')) {
        TMO_FAIL_IF(h->shape.rank == TMO_MAX_RANK, UNSUPPORTED_DATA, ctx, "'%s': more than %d dimensions",
                    h->subject, TMO_MAX_RANK);
        TMO_FAIL_IF(!take_dim(h, &h->shape.dims[h->shape.rank]), INVALID_DATA, ctx,
                    "'%s': the .npy header has a dimension that is no number in [0, %d]", h->subject,
                    INT32_MAX);
        h->shape.rank++;
        if (take(h, ',')) continue;
        TMO_FAIL_IF(!take(h, ')'), INVALID_DATA, ctx, "'%s': the shape in the .npy header does not end",
                    h->subject);
        break;
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

enum { KEY_DESCR = 1, KEY_ORDER = 2, KEY_SHAPE = 4, KEY_ALL = 7 };

static tmo_status take_entry(header_scan *h)
{
    char key[16];
    tmoi_ctx *ctx = h->ctx;
    TMO_FAIL_IF(!take_text(h, key, sizeof key) || !take(h, ':'), INVALID_DATA, ctx,
                "'%s': the .npy header is not a dictionary", h->subject);
    uint32_t bit = strcmp(key, "descr") == 0           ? KEY_DESCR
                   : strcmp(key, "fortran_order") == 0 ? KEY_ORDER
                   : strcmp(key, "shape") == 0         ? KEY_SHAPE
                                                       : 0;
    TMO_FAIL_IF(!bit || (h->seen & bit), INVALID_DATA, ctx, "'%s': unexpected key '%s' in the .npy header",
                h->subject, key);
    h->seen |= bit;
    if (bit == KEY_SHAPE) return take_shape(h);
    if (bit == KEY_ORDER) {
        h->is_fortran = take_word(h, "True");
        TMO_FAIL_IF(!h->is_fortran && !take_word(h, "False"), INVALID_DATA, ctx,
                    "'%s': fortran_order in the .npy header is neither True nor False", h->subject);
        return TMO_STATUS_OK;
    }
    TMO_FAIL_IF(take(h, '['), UNSUPPORTED_DATA, ctx, "'%s': structured arrays are not supported", h->subject);
    TMO_FAIL_IF(!take_text(h, h->descr, sizeof h->descr), INVALID_DATA, ctx,
                "'%s': descr in the .npy header is not a text", h->subject);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status parse_header(header_scan *h)
{
    tmoi_ctx *ctx = h->ctx;
    bool more = true;
    TMO_FAIL_IF(!take(h, '{'), INVALID_DATA, ctx, "'%s': the .npy header is not a dictionary", h->subject);
    while (more && !take(h, '}')) {
        TMO_TRY(take_entry(h));
        more = take(h, ',');
        TMO_FAIL_IF(!more && !take(h, '}'), INVALID_DATA, ctx, "'%s': the .npy header does not end",
                    h->subject);
    }
    skip_space(h);
    TMO_FAIL_IF(h->at != h->end || h->seen != KEY_ALL, INVALID_DATA, ctx,
                "'%s': the .npy header lacks one of descr, fortran_order and shape", h->subject);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status find_dtype(const header_scan *h, tmo_type *type, bool *is_swapped)
{
    tmoi_ctx *ctx = h->ctx;
    const char *text = h->descr;
    bool is_big = machine_is_big();
    if (*text == '<' || *text == '>' || *text == '|' || *text == '=') {
        is_big = *text == '>' || (*text != '<' && is_big);
        text++;
    }
    for (size_t k = 0; k < DTYPE_COUNT; k++) {
        char name[8];
        (void)snprintf(name, sizeof name, "%c%u", dtypes[k].kind, (unsigned)dtypes[k].bytes);
        if (dtypes[k].kind == 'c' || strcmp(name, text) != 0) continue;
        *type = dtypes[k].type;
        *is_swapped = dtypes[k].bytes > 1 && is_big != machine_is_big();
        return TMO_STATUS_OK;
    }
    return tmoi_fail(
        ctx, TMO_STATUS_UNSUPPORTED_DATA,
        "'%s': element type '%s' is not supported; it must be f2, f4, f8, i1 to i8, u1 to u8 or b1",
        h->subject, h->descr);
}

/* Finds the text of the header and where the elements start. */
static tmo_status find_header(header_scan *h, const uint8_t *data, size_t size_bytes, size_t *start)
{
    tmoi_ctx *ctx = h->ctx;
    TMO_FAIL_IF(size_bytes < MAGIC_BYTES + 4 || memcmp(data, magic, MAGIC_BYTES) != 0, INVALID_DATA, ctx,
                "'%s': not a .npy file", h->subject);
    uint32_t version = data[6];
    TMO_FAIL_IF(version < 1 || version > 3 || data[7] != 0, UNSUPPORTED_DATA, ctx,
                "'%s': .npy format version %u.%u is not supported; it must be 1.0, 2.0 or 3.0", h->subject,
                (unsigned)version, (unsigned)data[7]);
    size_t prefix = version == 1 ? 10 : 12;
    TMO_FAIL_IF(size_bytes < prefix, INVALID_DATA, ctx, "'%s': ends in the .npy header", h->subject);
    size_t length = (size_t)data[8] | (size_t)data[9] << 8;
    if (version > 1) length |= (size_t)data[10] << 16 | (size_t)data[11] << 24;
    TMO_FAIL_IF(length > size_bytes - prefix, INVALID_DATA, ctx,
                "'%s': the .npy header of %zu bytes does not fit in %zu bytes", h->subject, length,
                size_bytes);
    h->at = (const char *)data + prefix;
    h->end = h->at + length;
    *start = prefix + length;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_npy_layout(tmoi_array *out, size_t *start, const uint8_t *head, size_t head_bytes,
                           size_t size_bytes, const char *subject, tmoi_ctx *ctx)
{
    header_scan h = {.subject = subject, .ctx = ctx};
    tmo_type type = TMO_TYPE_FLOAT32;
    bool is_swapped = false;
    int64_t count;
    *out = (tmoi_array){0};
    TMO_TRY(find_header(&h, head, head_bytes, start));
    TMO_TRY(parse_header(&h));
    TMO_TRY(find_dtype(&h, &type, &is_swapped));
    TMO_FAIL_IF(!tmoi_shape_count_checked(&h.shape, &count), INVALID_DATA, ctx, "'%s': shape %s is too large",
                subject, tmoi_shape_format(&h.shape).text);
    TMO_FAIL_IF(tmoi_type_bytes(type, count) > size_bytes - *start, INVALID_DATA, ctx,
                "'%s': %s elements of type %s need %zu bytes, the file holds %zu", subject,
                tmoi_shape_format(&h.shape).text, tmo_type_name(type), tmoi_type_bytes(type, count),
                size_bytes - *start);
    *out = tmoi_array_dense(type, &h.shape, NULL, h.is_fortran);
    out->is_swapped = is_swapped;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_npy_parse(tmoi_array *out, const uint8_t *data, size_t size_bytes, const char *subject,
                          tmoi_ctx *ctx)
{
    size_t start = 0;
    TMO_TRY(tmoi_npy_layout(out, &start, data, size_bytes, size_bytes, subject, ctx));
    out->data = data + start;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* The inside of a tuple: "", "3,", "3, 4". */
static void format_shape(char *out, size_t size, const tmoi_shape *shape)
{
    size_t used = 0;
    out[0] = '\0';
    for (int32_t k = 0; k < shape->rank && used < size; k++) {
        int written = snprintf(out + used, size - used, "%s%d%s", k ? " " : "", (int)shape->dims[k],
                               k == 0 || k + 1 < shape->rank ? "," : "");
        used += written > 0 ? (size_t)written : 0;
    }
}

tmo_status tmoi_npy_header(char header[TMOI_NPY_HEADER_BYTES], size_t *size_bytes,
                           const tmoi_npy_source *source, tmoi_ctx *ctx)
{
    char shape[TMO_MAX_RANK * 13 + 1];
    size_t k = 0;
    while (k < DTYPE_COUNT && dtypes[k].type != source->type) k++;
    TMO_FAIL_IF(k == DTYPE_COUNT, UNSUPPORTED_DATA, ctx, "array '%s': .npy has no element type %s",
                source->name ? source->name : "", tmo_type_name(source->type));
    format_shape(shape, sizeof shape, &source->shape);
    memset(header, ' ', TMOI_NPY_HEADER_BYTES);
    char order = dtypes[k].bytes == 1 ? '|' : machine_is_big() ? '>' : '<';
    int length = snprintf(header + 10, TMOI_NPY_HEADER_BYTES - 10,
                          "{'descr': '%c%c%u', 'fortran_order': False, 'shape': (%s), }", order,
                          dtypes[k].kind, (unsigned)dtypes[k].bytes, shape);
    TMO_FAIL_IF(length < 0 || length > TMOI_NPY_HEADER_BYTES - 12, INTERNAL, ctx,
                "the .npy header does not fit");
    *size_bytes = tmoi_align_up((size_t)length + 11, 64);
    header[10 + length] = ' ';
    header[*size_bytes - 1] = '\n';
    memcpy(header, magic, MAGIC_BYTES);
    header[6] = 1;
    header[7] = 0;
    header[8] = (char)((*size_bytes - 10) & 0xff);
    header[9] = (char)((*size_bytes - 10) >> 8);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_npy_write(const char *path, const tmoi_npy_source *source, tmoi_ctx *ctx)
{
    char header[TMOI_NPY_HEADER_BYTES];
    size_t header_bytes = 0;
    tmoi_file_writer writer = {0};
    TMO_TRY(tmoi_npy_header(header, &header_bytes, source, ctx));
    TMO_TRY(tmoi_file_writer_open(&writer, path, ctx));
    TMO_TRY(tmoi_file_writer_write(&writer, header, header_bytes, ctx));
    TMO_TRY(tmoi_file_writer_write(&writer, source->data,
                                   tmoi_type_bytes(source->type, tmoi_shape_count(&source->shape)), ctx));
    TMO_TRY(tmoi_file_writer_commit(&writer, ctx));
    tmoi_file_writer_close(&writer);
    return TMO_STATUS_OK;
fail:
    tmoi_file_writer_close(&writer);
    return ctx->error.status;
}
