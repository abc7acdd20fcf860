#include "kernels/dwconv/dwconv_run.h"

#include <string.h>

enum { LANES = TMOI_DWCONV_LANES };

static int64_t at_most(int64_t value, int64_t limit)
{
    return value < limit ? value : limit;
}

/* Columns of the input that one output row reads. */
static int64_t row_pixels(const tmoi_conv_shape *s)
{
    return ((int64_t)s->out_w - 1) * s->stride_w + ((int64_t)s->filter_w - 1) * s->dilation_w + 1;
}

/* Input rows that one output row spans. */
static int64_t rows_spanned(const tmoi_conv_shape *s)
{
    return ((int64_t)s->filter_h - 1) * s->dilation_h + 1;
}

/* ---- the plan ---- */

/* The kernels for float and int8 have loops for filters 3 and 5 wide. */
static bool has_loop(const tmoi_conv_shape *s, tmo_type type)
{
    return (type == TMO_TYPE_FLOAT32 || type == TMO_TYPE_INT8) && (s->filter_w == 3 || s->filter_w == 5) &&
           s->dilation_w == 1 && s->stride_w <= 2 && s->out_c >= LANES;
}

static void find_inner_pixels(tmoi_dwconv_plan *plan)
{
    const tmoi_conv_shape *s = &plan->shape;
    const int64_t reach = ((int64_t)s->filter_w - 1) * s->dilation_w,
                  room = (int64_t)s->in_w - 1 - reach + s->pad_left;
    plan->first = (int32_t)at_most(((int64_t)s->pad_left + s->stride_w - 1) / s->stride_w, s->out_w);
    plan->last = room < 0 ? 0 : (int32_t)at_most(room / s->stride_w + 1, s->out_w);
    if (plan->last < plan->first) plan->first = plan->last = s->out_w;
}

/* Rows are copied where channels are repeated or are fewer than a vector has, and narrow ones where the image is padded: that
 * costs less than the pixels at the edges would. */
static bool copies_rows(const tmoi_dwconv_plan *plan)
{
    enum { NARROW_BYTES = 96 };
    const tmoi_conv_shape *s = &plan->shape;
    const bool has_edges = plan->first > 0 || plan->last < s->out_w;
    return s->in_c != s->out_c || s->out_c < LANES ||
           (has_edges && (size_t)row_pixels(s) * plan->elem_bytes <= NARROW_BYTES);
}

/* Slices of whole cache lines, of copied rows: they lie close together. */
static void find_slices(tmoi_dwconv_plan *plan)
{
    enum { LINE = 64, CACHE = 20480 };
    const tmoi_conv_shape *s = &plan->shape;
    plan->slice = s->out_c;
    plan->slices = 1;
    if (!plan->is_copied || s->in_c != s->out_c) return;
    const int64_t lines = CACHE / LINE / (s->filter_h * row_pixels(s)),
                  slice = (lines > 1 ? lines : 1) * (int64_t)(LINE / plan->elem_bytes);
    if (slice > s->out_c / 2) return;
    plan->slice = (int32_t)slice;
    plan->slices = s->out_c / plan->slice;
}

/* Channels of the largest slice. */
static int32_t most_channels(const tmoi_dwconv_plan *plan)
{
    return plan->shape.out_c - (plan->slices - 1) * plan->slice;
}

tmoi_dwconv_plan tmoi_dwconv_plan_of(const tmoi_conv_shape *s, tmo_type in_type)
{
    tmoi_dwconv_plan plan = {.shape = *s,
                             .paired = in_type != TMO_TYPE_FLOAT32,
                             .elem_bytes = in_type == TMO_TYPE_FLOAT32 ? 4
                                           : in_type == TMO_TYPE_INT16 ? 2
                                                                       : 1};
    tmoi_dwconv_grid *grid = &plan.grid;
    const int32_t columns = has_loop(s, in_type) ? s->filter_w : 1;
    find_inner_pixels(&plan);
    plan.is_copied = copies_rows(&plan);
    find_slices(&plan);
    if (plan.is_copied) plan.first = 0, plan.last = s->out_w;
    const ptrdiff_t pixel = plan.is_copied ? most_channels(&plan) : s->out_c;
    *grid = (tmoi_dwconv_grid){.channels = s->out_c,
                               .rows = columns > 1 ? s->filter_h : s->filter_h * s->filter_w,
                               .columns = columns,
                               .column_step = pixel,
                               .pixel_step = s->stride_w * pixel,
                               .out_step = s->out_c};
    plan.slots = plan.paired ? tmoi_dwconv_slots_integer(grid) : tmoi_dwconv_slots_f32(grid);
    return plan;
}

int64_t tmoi_dwconv_padding_size(const tmoi_dwconv_plan *plan)
{
    const tmoi_conv_shape *s = &plan->shape;
    int64_t pixels = plan->is_copied ? row_pixels(s) : s->in_w;
    return pixels > INT32_MAX ? -1 : pixels * plan->grid.column_step + LANES;
}

static size_t aligned(size_t bytes)
{
    return (bytes + 63) / 64 * 64;
}

/* Pointers to taps and to rows. */
static size_t pointer_bytes(const tmoi_dwconv_plan *plan)
{
    const int64_t rows = plan->shape.filter_h, taps = plan->slots > rows ? plan->slots : rows;
    return aligned((size_t)(taps + rows) * sizeof(void *));
}

static size_t held_bytes(const tmoi_dwconv_plan *plan)
{
    return aligned((size_t)rows_spanned(&plan->shape) * sizeof(int64_t));
}

static size_t copied_row_bytes(const tmoi_dwconv_plan *plan)
{
    return aligned((size_t)tmoi_dwconv_padding_size(plan) * plan->elem_bytes);
}

int64_t tmoi_dwconv_scratch_bytes(const tmoi_dwconv_plan *plan)
{
    const int64_t rows = rows_spanned(&plan->shape), row = tmoi_dwconv_padding_size(plan);
    if (row < 0) return -1;
    if (!plan->is_copied) return (int64_t)pointer_bytes(plan);
    const int64_t row_bytes = (int64_t)copied_row_bytes(plan);
    if (row_bytes > INT64_MAX / 2 / rows) return -1;
    return (int64_t)(pointer_bytes(plan) + held_bytes(plan)) + rows * row_bytes;
}

/* ---- copied rows ---- */

void tmoi_dwconv_begin(const tmoi_dwconv_plan *plan, int32_t slice, void *scratch, tmoi_dwconv_band *out)
{
    char *memory = scratch;
    const char **rows = scratch;
    const bool is_last = slice == plan->slices - 1;
    *out = (tmoi_dwconv_band){.first = slice * plan->slice,
                              .channels = is_last ? most_channels(plan) : plan->slice,
                              .rows = rows,
                              .taps = (const void **)(void *)(rows + plan->shape.filter_h)};
    if (!plan->is_copied) return;
    out->held = (int64_t *)(void *)(memory + pointer_bytes(plan));
    out->copies = memory + pointer_bytes(plan) + held_bytes(plan);
    for (int64_t k = 0; k < rows_spanned(&plan->shape); k++) out->held[k] = -1;
}

/* Writes whole vectors, the last of which reaches beyond the end. */
#define REPEAT(type)                                                                   \
    static void repeat_##type(const type *in, int64_t count, int32_t times, type *out) \
    {                                                                                  \
        for (int64_t k = 0; k < count; k++, out += times) {                            \
            const type value = in[k];                                                  \
            for (int32_t m = 0; m < times; m += LANES)                                 \
                for (int32_t l = 0; l < LANES; l++) out[m + l] = value;                \
        }                                                                              \
    }
REPEAT(uint8_t)
REPEAT(uint16_t)
REPEAT(uint32_t)

static void repeat(size_t elem_bytes, const void *in, int64_t count, int32_t times, void *out)
{
    if (elem_bytes == 1)
        repeat_uint8_t(in, count, times, out);
    else if (elem_bytes == 2)
        repeat_uint16_t(in, count, times, out);
    else
        repeat_uint32_t(in, count, times, out);
}

/* memcpy() would be called for each pixel. */
static void copy_bytes(const char *in, size_t bytes, char *out)
{
    enum { CHUNK = 32 };
    for (; bytes >= CHUNK; bytes -= CHUNK, in += CHUNK, out += CHUNK) memcpy(out, in, CHUNK);
    for (; bytes > 0; bytes--) *out++ = *in++;
}

/* Pixels of a slice of the channels. */
static void copy_pixels(const tmoi_dwconv_plan *plan, const tmoi_dwconv_band *band, const char *in,
                        int64_t pixels, char *out)
{
    const size_t in_step = (size_t)plan->shape.in_c * plan->elem_bytes,
                 out_step = (size_t)plan->grid.column_step * plan->elem_bytes,
                 bytes = (size_t)band->channels * plan->elem_bytes;
    in += (size_t)band->first * plan->elem_bytes;
    if (plan->slices == 1) {
        memcpy(out, in, (size_t)pixels * bytes);
        return;
    }
    for (int64_t p = 0; p < pixels; p++, in += in_step, out += out_step) copy_bytes(in, bytes, out);
}

/* An input row from column -pad_left on, padding outside the image, each channel M times. */
static void copy_row(const tmoi_dwconv_plan *plan, const tmoi_dwconv_band *band, const char *in,
                     const char *padding, char *out)
{
    const tmoi_conv_shape *s = &plan->shape;
    const int64_t pixels = row_pixels(s), before = at_most(s->pad_left, pixels),
                  inside = at_most(pixels - before, s->in_w);
    const size_t pixel = (size_t)plan->grid.column_step * plan->elem_bytes;
    memcpy(out, padding, (size_t)before * pixel);
    out += (size_t)before * pixel;
    if (s->in_c == s->out_c)
        copy_pixels(plan, band, in, inside, out);
    else
        repeat(plan->elem_bytes, in, inside * s->in_c, s->out_c / s->in_c, out);
    memcpy(out + (size_t)inside * pixel, padding,
           (size_t)(pixels - before - inside) * pixel + LANES * plan->elem_bytes);
}

/* ---- slices ---- */

static ptrdiff_t first_weight(const tmoi_dwconv_plan *plan, const tmoi_dwconv_band *band)
{
    return (ptrdiff_t)plan->slots * band->first;
}

void tmoi_dwconv_slice_f32(const tmoi_dwconv_plan *plan, const tmoi_dwconv_band *band, tmoi_dwconv_f32 *layer)
{
    layer->grid.channels = band->channels;
    layer->weights += first_weight(plan, band);
    layer->bias += band->first;
}

void tmoi_dwconv_slice_integer(const tmoi_dwconv_plan *plan, const tmoi_dwconv_band *band,
                               tmoi_dwconv_integer *layer)
{
    layer->grid.channels = band->channels;
    layer->weights += first_weight(plan, band);
    layer->start += band->first;
    if (layer->scale) layer->scale += band->first;
    if (layer->bias) layer->bias += band->first;
}

/* ---- taps ---- */

/* The places that one output row reads. */
typedef struct view {
    const tmoi_dwconv_plan *plan;
    const char *const *rows; /* under each row of the filter: from its first column on, or padding */
    const char *padding;
    const void **taps;
} view;

/* Input row y of an image from its first column on, or padding. */
static const char *input_row(const tmoi_dwconv_images *images, const tmoi_dwconv_band *band, int64_t image,
                             int64_t y, const char *padding)
{
    const tmoi_dwconv_plan *plan = images->plan;
    const tmoi_conv_shape *s = &plan->shape;
    if (y < 0 || y >= s->in_h) return padding;
    const int64_t number = image * s->in_h + y;
    const char *in = (const char *)images->in + (size_t)(number * s->in_w * s->in_c) * plan->elem_bytes;
    if (!plan->is_copied) return in + (size_t)band->first * plan->elem_bytes;
    const int64_t place = number % rows_spanned(s);
    char *row = band->copies + (size_t)place * copied_row_bytes(plan);
    if (band->held[place] != number) copy_row(plan, band, in, padding, row);
    band->held[place] = number;
    return row;
}

/* Under filter row ky of input column `column`, which counts from the padding on when rows are copied. */
static inline const char *tap_at(const view *v, int32_t ky, int64_t column)
{
    const char *row = v->rows[ky];
    if (row == v->padding || column < 0 || (column >= v->plan->shape.in_w && !v->plan->is_copied))
        return v->padding;
    return row + (size_t)(column * v->plan->grid.column_step) * v->plan->elem_bytes;
}

static int64_t first_column(const tmoi_dwconv_plan *plan, int32_t x)
{
    return (int64_t)x * plan->shape.stride_w - (plan->is_copied ? 0 : plan->shape.pad_left);
}

/* One column of taps, and two rows for each pair of them. */
static void list_column(const view *v, int64_t column)
{
    const tmoi_conv_shape *s = &v->plan->shape;
    const void **taps = v->taps;
    for (int32_t ky = 0; ky < s->filter_h; ky++)
        for (int32_t kx = 0; kx < s->filter_w; kx++)
            *taps++ = tap_at(v, ky, column + (int64_t)kx * s->dilation_w);
    if (v->plan->paired && v->plan->grid.rows % 2) *taps = taps[-1];
}

static void list_grid(const view *v, int64_t column)
{
    const tmoi_dwconv_grid *grid = &v->plan->grid;
    const int32_t pair = v->plan->paired ? 2 : 1;
    const void **taps = v->taps;
    for (int32_t r = 0; r < grid->rows; r += pair)
        for (int32_t k = 0; k < grid->columns; k++) {
            *taps++ = tap_at(v, r, column + k);
            if (pair > 1) *taps++ = tap_at(v, r + 1 < grid->rows ? r + 1 : r, column + k);
        }
}

static void list_taps(const view *v, int32_t x)
{
    const int64_t column = first_column(v->plan, x);
    if (v->plan->grid.columns > 1)
        list_grid(v, column);
    else
        list_column(v, column);
}

static void compute_list(const view *v, int32_t x, int32_t pixels, tmoi_dwconv_compute compute,
                         const void *user)
{
    list_taps(v, x);
    compute(user, x, TMOI_DWCONV_LIST, v->taps, pixels);
}

static void compute_inner(const view *v, tmoi_dwconv_compute compute, const void *user)
{
    const tmoi_dwconv_plan *plan = v->plan;
    const int32_t pixels = plan->last - plan->first;
    if (plan->grid.columns == 1 || pixels < TMOI_DWCONV_TILE) {
        if (pixels > 0) compute_list(v, plan->first, pixels, compute, user);
        return;
    }
    const int64_t column = first_column(plan, plan->first);
    for (int32_t r = 0; r < plan->grid.rows; r++) v->taps[r] = tap_at(v, r, column);
    compute(user, plan->first, TMOI_DWCONV_ROWS, v->taps, pixels);
}

void tmoi_dwconv_row(const tmoi_dwconv_images *images, const tmoi_dwconv_band *band, int64_t row,
                     tmoi_dwconv_compute compute, const void *user)
{
    const tmoi_dwconv_plan *plan = images->plan;
    const tmoi_conv_shape *s = &plan->shape;
    const int64_t image = row / s->out_h, top = row % s->out_h * s->stride_h - s->pad_top;
    const char *padding = (const char *)images->padding + (size_t)image * images->padding_bytes;
    for (int32_t ky = 0; ky < s->filter_h; ky++)
        band->rows[ky] = input_row(images, band, image, top + (int64_t)ky * s->dilation_h, padding);
    const view v = {plan, band->rows, padding, band->taps};
    for (int32_t x = 0; x < plan->first; x++) compute_list(&v, x, 1, compute, user);
    compute_inner(&v, compute, user);
    for (int32_t x = plan->last; x < s->out_w; x++) compute_list(&v, x, 1, compute, user);
}
