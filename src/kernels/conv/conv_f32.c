#include "kernels/conv/conv_f32.h"

#include <string.h>

#include "base/alloc.h"
#include "kernels/move/copy_run.h"

/* Scratch memory of a thread: for a block of pixels, pointers to the taps of their patches. */
typedef struct patch_list {
    ptrdiff_t *steps;   /* [taps]: from the first tap to each other, inside an image */
    const float **taps; /* [block][taps] */
    float *zeros;       /* [terms]: what lies outside */
    float *widened;     /* [tmoi_gemm_f32_widened_size()] for a float16 filter */
    float *residual;    /* [block][out_c] with residual_channels */
    float *copies;      /* [block][taps][terms] when by_rows: rows that lie partly outside */
} patch_list;

/* A run of pixels of one output row. */
typedef struct pixel_run {
    int64_t image;
    int32_t z, y; /* where their patches begin, may lie outside */
    int32_t ox, count;
} pixel_run;

void tmoi_conv_f32_plan(tmoi_conv_f32 *conv)
{
    enum { FEW_CHANNELS = 16 };
    const tmoi_conv_shape *s = &conv->shape;
    conv->by_rows = s->filter_w > 1 && s->dilation_w == 1 && s->filter_c == s->in_c &&
                    s->in_c <= FEW_CHANNELS;
    conv->is_matrix = tmoi_conv_is_direct(s);
    conv->taps = s->filter_d * s->filter_h * (conv->by_rows ? 1 : s->filter_w);
    conv->terms = s->filter_c * (conv->by_rows ? s->filter_w : 1);
    conv->block = tmoi_gemm_f32_rows(conv->gemm, tmoi_conv_patch_size(s), conv->widen != NULL);
}

static size_t widened_bytes(const tmoi_conv_f32 *conv)
{
    int64_t k = (int64_t)conv->taps * conv->terms;
    size_t size = conv->widen ? (size_t)tmoi_gemm_f32_widened_size(conv->gemm, k) : 0;
    return tmoi_align_up(size * sizeof(float), TMOI_ALIGNMENT);
}

static size_t residual_bytes(const tmoi_conv_f32 *conv)
{
    size_t size = conv->residual_channels ? (size_t)conv->block * (size_t)conv->shape.out_c : 0;
    return tmoi_align_up(size * sizeof(float), TMOI_ALIGNMENT);
}

bool tmoi_conv_f32_scratch_bytes(const tmoi_conv_f32 *conv, size_t *bytes)
{
    size_t taps = (size_t)conv->taps, terms = (size_t)conv->terms, block = (size_t)conv->block;
    if (taps > SIZE_MAX / 64 / block || terms > SIZE_MAX / 64 / block / (taps ? taps : 1)) return false;
    *bytes = tmoi_align_up(taps * sizeof(ptrdiff_t), TMOI_ALIGNMENT) +
             tmoi_align_up(block * taps * sizeof(float *), TMOI_ALIGNMENT) +
             tmoi_align_up(terms * sizeof(float), TMOI_ALIGNMENT) + widened_bytes(conv) +
             residual_bytes(conv) + (conv->by_rows ? block * taps * terms * sizeof(float) : 0);
    return true;
}

static patch_list lay_out(const tmoi_conv_f32 *conv, void *scratch)
{
    const tmoi_conv_shape *s = &conv->shape;
    size_t taps = (size_t)conv->taps, terms = (size_t)conv->terms;
    char *at = scratch;
    patch_list list = {.steps = (ptrdiff_t *)scratch};
    at += tmoi_align_up(taps * sizeof(ptrdiff_t), TMOI_ALIGNMENT);
    list.taps = (const float **)(void *)at;
    at += tmoi_align_up((size_t)conv->block * taps * sizeof(float *), TMOI_ALIGNMENT);
    list.zeros = (float *)(void *)at;
    memset(list.zeros, 0, terms * sizeof(float));
    at += tmoi_align_up(terms * sizeof(float), TMOI_ALIGNMENT);
    list.widened = (float *)(void *)at;
    at += widened_bytes(conv);
    list.residual = (float *)(void *)at;
    list.copies = (float *)(void *)(at + residual_bytes(conv));
    ptrdiff_t *step = list.steps;
    for (int32_t kd = 0; kd < s->filter_d; kd++)
        for (int32_t ky = 0; ky < s->filter_h; ky++)
            for (int32_t kx = 0; kx < (conv->by_rows ? 1 : s->filter_w); kx++)
                *step++ = (((ptrdiff_t)kd * s->dilation_d * s->in_h + ky * s->dilation_h) * s->in_w +
                           kx * s->dilation_w) *
                          s->in_c;
    return list;
}

/* A row of the filter that lies partly outside, columns from x on, copied with zeros around it. */
static void copy_row(const tmoi_conv_shape *s, const float *row, int32_t x, float *out)
{
    int32_t before = x < 0 ? -x : 0, after = x + s->filter_w > s->in_w ? x + s->filter_w - s->in_w : 0;
    if (before > s->filter_w) before = s->filter_w;
    if (after > s->filter_w - before) after = s->filter_w - before;
    size_t c = (size_t)s->in_c, inside = (size_t)(s->filter_w - before - after);
    memset(out, 0, (size_t)before * c * sizeof *out);
    if (inside)
        memcpy(out + (size_t)before * c, row + (ptrdiff_t)(x + before) * s->in_c, inside * c * sizeof *out);
    memset(out + ((size_t)before + inside) * c, 0, (size_t)after * c * sizeof *out);
}

/* The taps along x of one row of a patch. */
static void point_along_x(const tmoi_conv_f32 *conv, const patch_list *list, const float *row, int32_t x,
                          int64_t index)
{
    const tmoi_conv_shape *s = &conv->shape;
    if (conv->by_rows) {
        bool inside = x >= 0 && x <= s->in_w - s->filter_w;
        float *copy = list->copies + index * conv->terms;
        if (!inside) copy_row(s, row, x, copy);
        list->taps[index] = inside ? row + (ptrdiff_t)x * s->in_c : copy;
        return;
    }
    for (int32_t kx = 0; kx < s->filter_w; kx++, x += s->dilation_w)
        list->taps[index + kx] = x >= 0 && x < s->in_w ? row + (ptrdiff_t)x * s->in_c : list->zeros;
}

/* The taps of a patch that begins at column x and is not wholly inside the image. */
static void point_at_border(const tmoi_conv_f32 *conv, const patch_list *list, const float *image,
                            const pixel_run *run, int32_t x, int64_t index)
{
    const tmoi_conv_shape *s = &conv->shape;
    int32_t across = conv->by_rows ? 1 : s->filter_w;
    for (int32_t kd = 0; kd < s->filter_d; kd++)
        for (int32_t ky = 0; ky < s->filter_h; ky++, index += across) {
            int32_t z = run->z + kd * s->dilation_d, y = run->y + ky * s->dilation_h;
            if (z >= 0 && z < s->in_d && y >= 0 && y < s->in_h)
                point_along_x(conv, list, image + ((ptrdiff_t)z * s->in_h + y) * s->in_w * s->in_c, x, index);
            else
                for (int32_t kx = 0; kx < across; kx++) list->taps[index + kx] = list->zeros;
        }
}

static bool is_inside(int32_t at, int32_t size, int32_t taps, int32_t dilation)
{
    return at >= 0 && at + (int64_t)(taps - 1) * dilation < size;
}

/* Patches that lie wholly inside the image: the first begins at `first`, each next one `stride` elements further on. */
static void point_inside(const tmoi_conv_f32 *conv, const patch_list *list, const float *first,
                         ptrdiff_t stride, int32_t count, int64_t index)
{
    const float **out = list->taps + index;
    for (int32_t k = 0; k < count; k++, first += stride, out += conv->taps)
        for (int32_t t = 0; t < conv->taps; t++) out[t] = first + list->steps[t];
}

/* How many of the pixels from column `ox` on have patches that begin left of column `limit`, at most `most`. */
static int32_t pixels_before(const tmoi_conv_shape *s, int32_t ox, int64_t limit, int32_t most)
{
    int64_t distance = limit - ((int64_t)ox * s->stride_w - s->pad_left);
    int64_t count = distance <= 0 ? 0 : (distance + s->stride_w - 1) / s->stride_w;
    return count < most ? (int32_t)count : most;
}

static void point_run(const tmoi_conv_f32 *conv, const patch_list *list, int32_t group, const pixel_run *run,
                      int64_t index)
{
    const tmoi_conv_shape *s = &conv->shape;
    const float *image = conv->in + run->image * s->in_d * s->in_h * s->in_w * s->in_c +
                         (ptrdiff_t)group * s->filter_c;
    bool rows_inside = is_inside(run->z, s->in_d, s->filter_d, s->dilation_d) &&
                       is_inside(run->y, s->in_h, s->filter_h, s->dilation_h);
    int64_t span = (int64_t)(s->filter_w - 1) * s->dilation_w;
    int32_t begin = pixels_before(s, run->ox, 0, run->count);
    int32_t end = pixels_before(s, run->ox, s->in_w - span, run->count);
    if (!rows_inside || end < begin) end = begin;
    int32_t x = run->ox * s->stride_w - s->pad_left;
    ptrdiff_t row = ((ptrdiff_t)run->z * s->in_h + run->y) * s->in_w,
              stride = (ptrdiff_t)s->stride_w * s->in_c;
    for (int32_t k = 0; k < begin; k++)
        point_at_border(conv, list, image, run, x + k * s->stride_w, index + (int64_t)k * conv->taps);
    if (begin < end)
        point_inside(conv, list, image + (row + x) * s->in_c + begin * stride, stride, end - begin,
                     index + (int64_t)begin * conv->taps);
    for (int32_t k = end; k < run->count; k++)
        point_at_border(conv, list, image, run, x + k * s->stride_w, index + (int64_t)k * conv->taps);
}

/* The patches of `count` pixels. */
static void point_patches(const tmoi_conv_f32 *conv, const patch_list *list, int32_t group, int64_t pixel,
                          int32_t count)
{
    const tmoi_conv_shape *s = &conv->shape;
    if (conv->is_matrix) {
        for (int32_t k = 0; k < count; k++) list->taps[k] = conv->in + (pixel + k) * s->in_c;
        return;
    }
    for (int32_t done = 0; done < count;) {
        int64_t row = (pixel + done) / s->out_w, plane = row / s->out_h;
        pixel_run run = {.image = plane / s->out_d, .ox = (int32_t)((pixel + done) % s->out_w)};
        run.z = (int32_t)(plane % s->out_d) * s->stride_d - s->pad_front;
        run.y = (int32_t)(row % s->out_h) * s->stride_h - s->pad_top;
        run.count = s->out_w - run.ox < count - done ? s->out_w - run.ox : count - done;
        point_run(conv, list, group, &run, (int64_t)done * conv->taps);
        done += run.count;
    }
}

/* The residual of `rows` pixels from the target's pixel `done` on, of the channels asked for, with zeros for those it has not. */
static void widen_residual(const tmoi_conv_f32 *conv, const tmoi_conv_f32_target *target, int64_t done,
                           int32_t rows, float *out)
{
    ptrdiff_t stride = conv->residual_channels, own = stride - target->first;
    own = own < 0 ? 0 : own < target->count ? own : target->count;
    const float *in = target->tail.residual + done * stride + target->first;
    memset(out, 0, (size_t)rows * (size_t)target->count * sizeof *out);
    for (int32_t r = 0; own > 0 && r < rows; r++, in += stride, out += target->count)
        tmoi_copy_run((uint8_t *)out, (const uint8_t *)in, (size_t)own * sizeof *out);
}

void tmoi_conv_f32_run(const tmoi_conv_f32 *conv, int64_t pixel, int64_t count,
                       const tmoi_conv_f32_target *target, void *scratch)
{
    const tmoi_conv_shape *s = &conv->shape;
    int32_t groups = tmoi_conv_groups(s), columns = groups == 1 ? target->count : s->out_c / groups;
    ptrdiff_t k = (ptrdiff_t)conv->taps * conv->terms,
              group_size = (ptrdiff_t)tmoi_gemm_f32_packed_size(conv->gemm->lanes, k, s->out_c / groups);
    patch_list list = lay_out(conv, scratch);
    tmoi_gemm_f32_block block = {.columns = columns,
                                 .taps = conv->taps,
                                 .terms = conv->terms,
                                 .a = list.taps,
                                 .low = conv->low,
                                 .high = conv->high,
                                 .out_stride = target->stride,
                                 .tail = target->tail,
                                 .halves = {NULL, conv->widen, list.widened}};
    for (int64_t done = 0; done < count; done += block.rows) {
        block.rows = count - done < conv->block ? (int32_t)(count - done) : conv->block;
        if (conv->residual_channels) {
            widen_residual(conv, target, done, block.rows, list.residual);
            block.tail.residual = list.residual;
            block.tail.residual_stride = target->count;
        }
        for (int32_t g = 0; g < groups; g++) {
            int32_t first = target->first + g * columns;
            point_patches(conv, &list, g, pixel + done, block.rows);
            ptrdiff_t at = g * group_size + target->first * k;
            if (conv->widen)
                block.halves.b = (const uint16_t *)conv->filter + at;
            else
                block.b = (const float *)conv->filter + at;
            block.bias = conv->bias ? conv->bias + first : NULL;
            block.out = target->out + done * target->stride + (ptrdiff_t)g * columns;
            if (target->tail.residual && !conv->residual_channels)
                block.tail.residual = target->tail.residual + done * target->tail.residual_stride +
                                      (ptrdiff_t)g * columns;
            if (target->tail.slope) block.tail.slope = target->tail.slope + first;
            tmoi_gemm_f32_run(conv->gemm, &block);
        }
    }
}
