#include "kernels/conv/conv_s8.h"

#include <string.h>

enum { ALIGN = 64, SLACK = TMOI_GEMM_S8_SLACK, NO_ROW = -1 };

/* The scratch memory of a thread. */
typedef struct ring {
    const tmoi_conv_s8 *conv;
    size_t elem_bytes, slot_bytes;
    int32_t slots, row_pixels; /* columns of the input that an output row reads */
    int32_t segments;
    int64_t image;        /* of the rows in the slots */
    int32_t *loaded;      /* [slots] which input row is there */
    const void **segment; /* [tile rows, segments] */
    char *outside;        /* a row of zeros */
    char *rows;           /* [slots, slot_bytes] */
    void *sums;
} ring;

static size_t align_up(size_t bytes)
{
    return (bytes + ALIGN - 1) / ALIGN * ALIGN;
}

static bool rows_are_segments(const tmoi_conv_shape *s)
{
    return s->filter_c == s->in_c && (s->dilation_w == 1 || s->filter_w == 1);
}

void tmoi_conv_s8_segments(const tmoi_conv_shape *s, int32_t *segments, int32_t *terms)
{
    bool rows = rows_are_segments(s);
    *segments = rows ? s->filter_h : s->filter_h * s->filter_w;
    *terms = rows ? s->filter_w * s->filter_c : s->filter_c;
}

int32_t tmoi_conv_s8_tile_rows(const tmoi_conv_shape *s)
{
    enum { PIXELS = 24 };
    int32_t rows = PIXELS / (s->out_w > 0 ? s->out_w : 1);
    return rows < 1 ? 1 : rows > s->out_h ? (s->out_h > 0 ? s->out_h : 1) : rows;
}

static ring ring_of(const tmoi_conv_s8 *conv)
{
    const tmoi_conv_shape *s = &conv->shape;
    ring r = {.conv = conv, .elem_bytes = tmoi_gemm_s8_elem_bytes(conv->product.kernel), .image = NO_ROW};
    r.slots = (tmoi_conv_s8_tile_rows(s) - 1) * s->stride_h + (s->filter_h - 1) * s->dilation_h + 1;
    r.row_pixels = (s->out_w - 1) * s->stride_w + (s->filter_w - 1) * s->dilation_w + 1;
    r.slot_bytes = align_up((size_t)r.row_pixels * (size_t)s->in_c * r.elem_bytes + SLACK);
    r.segments = conv->product.segments;
    return r;
}

static size_t pointers_of(const ring *r)
{
    return (size_t)tmoi_conv_s8_tile_rows(&r->conv->shape) * (size_t)r->segments;
}

size_t tmoi_conv_s8_scratch_bytes(const tmoi_conv_s8 *conv)
{
    const tmoi_conv_shape *s = &conv->shape;
    double slots = ((double)tmoi_conv_s8_tile_rows(s) - 1) * s->stride_h +
                   ((double)s->filter_h - 1) * s->dilation_h + 2;
    double pixels = ((double)s->out_w - 1) * s->stride_w + ((double)s->filter_w - 1) * s->dilation_w + 1;
    if (slots * (pixels * s->in_c * (double)sizeof(int16_t) + 2 * SLACK) > (double)(SIZE_MAX / 4) ||
        slots > INT32_MAX / 2 || pixels > INT32_MAX / 2)
        return 0;
    ring r = ring_of(conv);
    return align_up((size_t)r.slots * sizeof *r.loaded) + align_up(pointers_of(&r) * sizeof *r.segment) +
           ((size_t)r.slots + 1) * r.slot_bytes + tmoi_gemm_s8_scratch_bytes(&conv->product);
}

static void place(ring *r, void *scratch)
{
    char *at = scratch;
    r->loaded = scratch;
    at += align_up((size_t)r->slots * sizeof *r->loaded);
    r->segment = (const void **)(void *)at;
    at += align_up(pointers_of(r) * sizeof *r->segment);
    r->outside = at;
    r->rows = at + r->slot_bytes;
    r->sums = r->rows + (size_t)r->slots * r->slot_bytes;
}

static void fill_zeros(const ring *r, int32_t zero, size_t count, char *out)
{
    memset(out, r->elem_bytes == 1 ? (int)(uint8_t)zero : 0, count * r->elem_bytes);
}

static void start_image(ring *r, int64_t image)
{
    const tmoi_conv_s8 *conv = r->conv;
    tmoi_gemm_s8_source source = tmoi_gemm_s8_source_of(&conv->image, image);
    for (int32_t k = 0; k < r->slots; k++) r->loaded[k] = NO_ROW;
    fill_zeros(r, tmoi_gemm_s8_zero(conv->product.kernel, &source), r->slot_bytes / r->elem_bytes,
               r->outside);
    r->image = image;
}

/* Copies row y of the image, with what is left and right of it. */
static void load_row(ring *r, int32_t y, char *out)
{
    const tmoi_conv_s8 *conv = r->conv;
    const tmoi_conv_shape *s = &conv->shape;
    tmoi_gemm_s8_source source = tmoi_gemm_s8_source_of(&conv->image, r->image);
    size_t pixel = (size_t)s->in_c * r->elem_bytes, all = (size_t)r->row_pixels;
    size_t left = (size_t)s->pad_left < all ? (size_t)s->pad_left : all;
    size_t inside = all - left < (size_t)s->in_w ? all - left : (size_t)s->in_w;
    size_t first = ((size_t)r->image * (size_t)s->in_h + (size_t)y) * (size_t)s->in_w * (size_t)s->in_c;
    int32_t zero = tmoi_gemm_s8_zero(conv->product.kernel, &source);
    fill_zeros(r, zero, left * (size_t)s->in_c, out);
    conv->product.kernel->fill(&source,
                               (const char *)conv->image.data + first * (tmo_type_bits(source.type) / 8),
                               (int64_t)inside * s->in_c, out + left * pixel);
    out += (left + inside) * pixel;
    fill_zeros(r, zero, (all - left - inside) * (size_t)s->in_c + SLACK / r->elem_bytes, out);
}

static const char *row_at(ring *r, int32_t y)
{
    if (y < 0 || y >= r->conv->shape.in_h) return r->outside;
    int32_t slot = y % r->slots;
    char *row = r->rows + (size_t)slot * r->slot_bytes;
    if (r->loaded[slot] != y) {
        load_row(r, y, row);
        r->loaded[slot] = y;
    }
    return row;
}

/* The segments of output row oy in group 0. */
static void point_at(ring *r, int32_t oy, const void **segment)
{
    const tmoi_conv_shape *s = &r->conv->shape;
    int32_t taps = r->segments / s->filter_h;
    ptrdiff_t tap_bytes = (ptrdiff_t)((size_t)s->dilation_w * (size_t)s->in_c * r->elem_bytes);
    for (int32_t ky = 0; ky < s->filter_h; ky++) {
        const char *row = row_at(r, oy * s->stride_h - s->pad_top + ky * s->dilation_h);
        for (int32_t t = 0; t < taps; t++) *segment++ = row + t * tap_bytes;
    }
}

static void multiply_row(ring *r, int64_t row, const void *const *segment, int32_t group, int32_t panel_begin,
                         int32_t panel_end)
{
    const tmoi_conv_s8 *conv = r->conv;
    const tmoi_conv_shape *s = &conv->shape;
    int32_t columns = conv->product.n;
    tmoi_gemm_s8_product product = conv->product;
    ptrdiff_t out_stride = (ptrdiff_t)((size_t)s->out_c * product.out_bytes);
    tmoi_gemm_s8_rows rows = {.m = s->out_w,
                              .segment = segment,
                              .offset = (ptrdiff_t)((size_t)group * (size_t)s->filter_c * r->elem_bytes),
                              .stride = (ptrdiff_t)((size_t)s->stride_w * (size_t)s->in_c * r->elem_bytes),
                              .scale = conv->image.scale ? conv->image.scale + r->image : NULL,
                              .zero_point = conv->image.zero_point ? conv->image.zero_point + r->image
                                                                   : NULL};
    product.panels += (size_t)group * tmoi_gemm_s8_packed_bytes(product.kernel,
                                                                columns + (product.ones_factor ? 1 : 0),
                                                                product.segments, product.segment_terms);
    tmoi_gemm_s8_multiply(&product, &rows, panel_begin, panel_end, group * columns,
                          (char *)conv->out + row * s->out_w * out_stride +
                              (size_t)(group * columns) * product.out_bytes,
                          out_stride, r->sums);
}

/* `count` output rows of one image: a panel serves them all before the next is read. */
static void multiply_rows(ring *r, int64_t row, int32_t count)
{
    const tmoi_conv_shape *s = &r->conv->shape;
    int32_t panels = tmoi_gemm_s8_panels(&r->conv->product), step = r->conv->product.requant ? panels : 1;
    for (int32_t k = 0; k < count; k++)
        point_at(r, (int32_t)((row + k) % s->out_h), r->segment + (ptrdiff_t)k * r->segments);
    for (int32_t g = 0; g < tmoi_conv_groups(s); g++)
        for (int32_t p = 0; p < panels; p += step)
            for (int32_t k = 0; k < count; k++)
                multiply_row(r, row + k, r->segment + (ptrdiff_t)k * r->segments, g, p, p + step);
}

void tmoi_conv_s8_rows(const tmoi_conv_s8 *conv, int64_t row_begin, int64_t row_end, void *scratch,
                       void (*finished)(const void *user, int64_t pixel_begin, int64_t pixel_end),
                       const void *user)
{
    const tmoi_conv_shape *s = &conv->shape;
    ring r = ring_of(conv);
    int32_t tile = tmoi_conv_s8_tile_rows(s);
    place(&r, scratch);
    for (int64_t row = row_begin, next; row < row_end; row = next) {
        int64_t image = row / s->out_h, image_end = (image + 1) * s->out_h;
        if (image != r.image) start_image(&r, image);
        next = row + tile < row_end ? row + tile : row_end;
        next = next < image_end ? next : image_end;
        multiply_rows(&r, row, (int32_t)(next - row));
        if (finished) finished(user, row * s->out_w, next * s->out_w);
    }
}
