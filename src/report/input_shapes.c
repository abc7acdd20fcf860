/* Shapes of inputs from text. */
#include <string.h>

#include "base/number.h"
#include "report/bench.h"

/* One of the pieces between separators. */
typedef struct piece {
    const char *text;
    size_t length;
} piece;

/* The piece at *at, up to `separator` or `end`; *at moves behind it, to NULL after the last one. */
static piece next_piece(const char **at, const char *end, char separator)
{
    const char *start = *at, *found = memchr(start, separator, (size_t)(end - start));
    *at = found ? found + 1 : NULL;
    return (piece){start, (size_t)((found ? found : end) - start)};
}

static tmo_status parse_shape(tmoi_shape *shape, piece text, tmoi_ctx *ctx)
{
    const char *at = text.text, *end = text.text + text.length;
    *shape = (tmoi_shape){.rank = 0};
    while (at) {
        int64_t size;
        piece number = next_piece(&at, end, 'x');
        TMO_FAIL_IF(!tmoi_parse_int(number.text, number.length, &size) || size < 1 || size > INT32_MAX ||
                        shape->rank == TMO_MAX_RANK,
                    INVALID_ARGUMENT, ctx, "'%.*s' is not a shape such as 1x160x160x3", (int)text.length,
                    text.text);
        shape->dims[shape->rank++] = (int32_t)size;
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status find_input(int32_t *out, const tmoi_subgraph *subgraph, piece name, tmoi_ctx *ctx)
{
    for (*out = 0; *out < subgraph->input_count; ++*out) {
        const char *text = subgraph->tensors[subgraph->inputs[*out]].name;
        if (text && strlen(text) == name.length && memcmp(text, name.text, name.length) == 0)
            return TMO_STATUS_OK;
    }
    return tmoi_fail(ctx, TMO_STATUS_INVALID_ARGUMENT, "the model has no input '%.*s'", (int)name.length,
                     name.text);
}

/* NAME=SHAPE or SHAPE; the name may have any sign in it, so the last '=' counts. */
static tmo_status resize_one(tmoi_session *session, const tmoi_subgraph *subgraph, piece text, tmoi_ctx *ctx)
{
    piece size = text;
    int32_t input = 0;
    tmoi_shape shape;
    for (size_t k = 0; k < text.length; k++)
        if (text.text[k] == '=') size = (piece){text.text + k + 1, text.length - k - 1};
    if (size.text != text.text)
        TMO_TRY(find_input(&input, subgraph, (piece){text.text, (size_t)(size.text - text.text) - 1}, ctx));
    TMO_FAIL_IF(subgraph->input_count == 0, INVALID_ARGUMENT, ctx, "the model has no input");
    TMO_TRY(parse_shape(&shape, size, ctx));
    TMO_TRY(tmoi_session_set_shape(session, input, &shape, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_resize_inputs(tmoi_session *session, const tmoi_subgraph *subgraph, const char *shapes,
                              tmoi_ctx *ctx)
{
    const char *at = shapes, *end = shapes + strlen(shapes);
    while (at) TMO_TRY(resize_one(session, subgraph, next_piece(&at, end, ','), ctx));
    return tmoi_session_plan(session, ctx);
fail:
    return ctx->error.status;
}
