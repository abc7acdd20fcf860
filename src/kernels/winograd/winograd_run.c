#include <assert.h>
#include <math.h>
#include <string.h>

#include "kernels/common/widen.h"
#include "kernels/winograd/winograd.h"

static int32_t points_of(int32_t filter)
{
    return filter == 3 ? TMOI_WINOGRAD_IN : 1;
}

/* Outputs of a tile along an axis with so many points. */
static int32_t outputs_of(int32_t points)
{
    return points > 1 ? TMOI_WINOGRAD_OUT : 1;
}

static int32_t tiles_of(int32_t out, int32_t points)
{
    int32_t outputs = outputs_of(points);
    return (int32_t)(((int64_t)out + outputs - 1) / outputs);
}

static int64_t padded(int32_t channels)
{
    return ((int64_t)channels + TMOI_WINOGRAD_PAD - 1) / TMOI_WINOGRAD_PAD * TMOI_WINOGRAD_PAD;
}

static bool is_possible(const tmoi_conv_shape *s)
{
    return s->filter_d == 1 && s->in_d == 1 && s->filter_c == s->in_c && s->stride_h == 1 &&
           s->stride_w == 1 && s->dilation_h == 1 && s->dilation_w == 1 &&
           (s->filter_h == 3 || s->filter_h == 1) && (s->filter_w == 3 || s->filter_w == 1) &&
           s->filter_h * s->filter_w > 1;
}

/* What it costs to read so many weights, in multiply-adds: little from a cache. */
static double reading_cost(double weights)
{
    const double cached = 256 * 1024, from_memory = 12;
    return weights > cached ? weights * from_memory : weights;
}

bool tmoi_winograd_pays(const tmoi_conv_shape *s)
{
    const double transform = 12; /* multiply-adds that a point of a channel takes */
    if (!is_possible(s)) return false;
    int32_t points_h = points_of(s->filter_h), points_w = points_of(s->filter_w);
    double points = points_h * points_w, c = s->in_c, n = s->out_c, taps = s->filter_h * s->filter_w;
    double tiles = (double)s->batch * tiles_of(s->out_h, points_h) * tiles_of(s->out_w, points_w);
    double pixels = (double)s->batch * s->out_h * s->out_w;
    double plain = pixels * taps * c * n + reading_cost(taps * c * n);
    return tiles * points * (c * n + transform * (c + n)) + reading_cost(points * c * n) < 0.85 * plain;
}

void tmoi_winograd_plan(tmoi_winograd_conv *conv)
{
    enum { CACHED = 64 * 1024 }; /* numbers of a block's points */
    const tmoi_conv_shape *s = &conv->shape;
    int32_t rows = conv->gemm->rows;
    conv->points_h = points_of(s->filter_h);
    conv->points_w = points_of(s->filter_w);
    conv->tiles_h = tiles_of(s->out_h, conv->points_h);
    conv->tiles_w = tiles_of(s->out_w, conv->points_w);
    int64_t block = CACHED / (conv->points_h * conv->points_w * (padded(s->in_c) + padded(s->out_c)));
    block = block > TMOI_GEMM_F32_MOST_ROWS ? TMOI_GEMM_F32_MOST_ROWS : block < rows ? rows : block;
    conv->block = (int32_t)(block / rows * rows);
}

/* ---- the filter ---- */

enum { MOST_LANES = 16 };
typedef struct panel_lanes { /* a number for each column of a panel */
    double lane[MOST_LANES];
} panel_lanes;

/* G g; elements lie `step` and `out_step` apart. */
static void transform_weights(const panel_lanes *g, int step, panel_lanes *out, int out_step)
{
    for (int j = 0; j < MOST_LANES; j++) {
        double first = g[0].lane[j], middle = g[step].lane[j], last = g[2 * step].lane[j];
        double outer = first + last, far_outer = first / 24 + last / 6;
        out[0].lane[j] = first / 4;
        out[out_step].lane[j] = -(outer + middle) / 6;
        out[2 * out_step].lane[j] = -(outer - middle) / 6;
        out[3 * out_step].lane[j] = far_outer + middle / 12;
        out[4 * out_step].lane[j] = far_outer - middle / 12;
        out[5 * out_step].lane[j] = last;
    }
}

/* Filters of h x w to their points. */
static void transform_filters(int h, int w, const panel_lanes *g, panel_lanes *points)
{
    panel_lanes rows[3 * TMOI_WINOGRAD_IN];
    int points_w = points_of(w);
    for (int y = 0; y < h; y++) {
        if (w == 3)
            transform_weights(g + y * w, 1, rows + y * points_w, 1);
        else
            rows[y] = g[y];
    }
    for (int x = 0; x < points_w; x++) {
        if (h == 3)
            transform_weights(rows + x, points_w, points + x, points_w);
        else
            points[x] = rows[x];
    }
}

static int64_t point_size(const tmoi_winograd_conv *conv)
{
    return tmoi_gemm_f32_packed_size(conv->gemm->lanes, conv->shape.in_c, conv->shape.out_c);
}

int64_t tmoi_winograd_filter_size(const tmoi_winograd_conv *conv)
{
    return conv->points_h * conv->points_w * point_size(conv);
}

void tmoi_winograd_pack(const tmoi_winograd_conv *conv, tmo_type type, const void *filter, const float *scale,
                        float *out)
{
    const tmoi_conv_shape *s = &conv->shape;
    int32_t lanes = conv->gemm->lanes, taps = s->filter_h * s->filter_w,
            points = conv->points_h * conv->points_w;
    int64_t step = point_size(conv);
    panel_lanes g[9] = {{{0}}}, transformed[TMOI_WINOGRAD_POINTS];
    assert(lanes <= MOST_LANES);
    for (int64_t column = 0; column < s->out_c; column += lanes) {
        int32_t columns = s->out_c - column < lanes ? (int32_t)(s->out_c - column) : lanes;
        for (int64_t c = 0; c < s->in_c; c++) {
            for (int32_t t = 0; t < taps; t++) {
                float weights[MOST_LANES];
                tmoi_widen_f32(type, filter, (column * taps + t) * s->in_c + c, (ptrdiff_t)taps * s->in_c,
                               columns, 1.0f, weights);
                for (int32_t j = 0; j < columns; j++)
                    g[t].lane[j] = (double)(scale ? weights[j] * scale[column + j] : weights[j]);
            }
            transform_filters(s->filter_h, s->filter_w, g, transformed);
            float *to = out + column * s->in_c + c * lanes;
            for (int32_t p = 0; p < points; p++)
                for (int32_t j = 0; j < columns; j++) to[p * step + j] = (float)transformed[p].lane[j];
        }
    }
}

/* ---- a run ---- */

/* Scratch memory of a thread. */
typedef struct block_memory {
    float *in, *out; /* points: [points][block][padded channels] */
    float *zeros;    /* a pixel outside the image */
    float *unused;   /* results outside the output */
} block_memory;

bool tmoi_winograd_scratch_bytes(const tmoi_winograd_conv *conv, size_t *bytes)
{
    int64_t in = padded(conv->shape.in_c), out = padded(conv->shape.out_c);
    int64_t rows = (int64_t)conv->points_h * conv->points_w * conv->block + 1;
    if (in + out > INT64_MAX / 8 / rows || (uint64_t)(in + out) * (uint64_t)rows > SIZE_MAX / sizeof(float))
        return false;
    *bytes = (size_t)((in + out) * rows) * sizeof(float);
    return true;
}

static block_memory lay_out(const tmoi_winograd_conv *conv, void *scratch)
{
    int64_t in = padded(conv->shape.in_c), out = padded(conv->shape.out_c);
    int64_t rows = (int64_t)conv->points_h * conv->points_w * conv->block;
    block_memory memory = {.in = scratch};
    memory.out = memory.in + rows * in;
    memory.zeros = memory.out + rows * out;
    memory.unused = memory.zeros + in;
    memset(memory.zeros, 0, (size_t)in * sizeof(float));
    return memory;
}

typedef struct tile_place {
    int64_t image;
    int32_t y, x; /* the first output */
} tile_place;

static tile_place place_of(const tmoi_winograd_conv *conv, int64_t tile)
{
    int64_t row = tile / conv->tiles_w;
    return (tile_place){row / conv->tiles_h, (int32_t)(row % conv->tiles_h) * outputs_of(conv->points_h),
                        (int32_t)(tile % conv->tiles_w) * outputs_of(conv->points_w)};
}

/* The tile after one at `at`. */
static void next_place(const tmoi_winograd_conv *conv, tile_place *at)
{
    at->x += outputs_of(conv->points_w);
    if (at->x < conv->shape.out_w) return;
    at->x = 0;
    at->y += outputs_of(conv->points_h);
    if (at->y < conv->shape.out_h) return;
    at->y = 0;
    at->image++;
}

static void transform_tile(const tmoi_winograd_conv *conv, const block_memory *memory, const tile_place *at,
                           int32_t row)
{
    const tmoi_conv_shape *s = &conv->shape;
    const float *in[TMOI_WINOGRAD_POINTS], *image = conv->in + at->image * s->in_h * s->in_w * s->in_c;
    for (int32_t h = 0; h < conv->points_h; h++)
        for (int32_t w = 0; w < conv->points_w; w++) {
            int32_t y = at->y + h - s->pad_top, x = at->x + w - s->pad_left;
            bool inside = y >= 0 && y < s->in_h && x >= 0 && x < s->in_w;
            in[h * conv->points_w + w] = inside ? image + ((ptrdiff_t)y * s->in_w + x) * s->in_c
                                                : memory->zeros;
        }
    int64_t channels = padded(s->in_c);
    conv->transforms->forward(&(tmoi_winograd_tile){.points_h = conv->points_h,
                                                    .points_w = conv->points_w,
                                                    .channels = s->in_c,
                                                    .in = in,
                                                    .points = memory->in + row * channels,
                                                    .point_step = (ptrdiff_t)(conv->block * channels)});
}

/* Whether row y of a tile is asked for. */
static bool is_wanted(const tmoi_conv_shape *s, const tmoi_winograd_part *part, const tile_place *at,
                      int32_t y)
{
    int64_t row = at->image * s->out_h + at->y + y;
    return at->y + y < s->out_h && row >= part->row_begin && row < part->row_end;
}

static void finish_tile(const tmoi_winograd_conv *conv, const tmoi_winograd_part *part,
                        const block_memory *memory, const tile_place *at, int32_t row)
{
    const tmoi_conv_shape *s = &conv->shape;
    int32_t h = outputs_of(conv->points_h), w = outputs_of(conv->points_w);
    float *out[TMOI_WINOGRAD_OUT * TMOI_WINOGRAD_OUT],
        *image = conv->out + at->image * s->out_h * s->out_w * s->out_c;
    for (int32_t y = 0; y < h; y++)
        for (int32_t x = 0; x < w; x++) {
            bool inside = is_wanted(s, part, at, y) && at->x + x < s->out_w;
            ptrdiff_t pixel = (ptrdiff_t)(at->y + y) * s->out_w + at->x + x;
            out[y * w + x] = inside ? image + pixel * s->out_c : memory->unused;
        }
    int64_t channels = padded(s->out_c);
    conv->transforms->back(&(tmoi_winograd_tile){.points_h = conv->points_h,
                                                 .points_w = conv->points_w,
                                                 .channels = s->out_c,
                                                 .points = memory->out + row * channels,
                                                 .point_step = (ptrdiff_t)(conv->block * channels),
                                                 .out = out,
                                                 .bias = conv->bias,
                                                 .low = conv->low,
                                                 .high = conv->high});
}

static void multiply(const tmoi_winograd_conv *conv, const block_memory *memory, int32_t tiles)
{
    const tmoi_conv_shape *s = &conv->shape;
    ptrdiff_t in = (ptrdiff_t)padded(s->in_c), out = (ptrdiff_t)padded(s->out_c);
    int64_t step = point_size(conv);
    tmoi_gemm_f32_block block = {.rows = tiles,
                                 .columns = s->out_c,
                                 .taps = 1,
                                 .terms = s->in_c,
                                 .low = -INFINITY,
                                 .high = INFINITY,
                                 .out_stride = out};
    for (int32_t p = 0; p < conv->points_h * conv->points_w; p++) {
        block.b = conv->filter + p * step;
        block.out = memory->out + p * conv->block * out;
        tmoi_gemm_f32_matrix(conv->gemm, &block, memory->in + p * conv->block * in, in);
    }
}

/* Tells of the outputs of tiles side by side: the first at `at`, the last before column `end`. */
static void tell(const tmoi_winograd_conv *conv, const tmoi_winograd_part *part, const tile_place *at,
                 int32_t end)
{
    const tmoi_conv_shape *s = &conv->shape;
    if (end > s->out_w) end = s->out_w;
    for (int32_t y = 0; y < outputs_of(conv->points_h); y++) {
        int64_t row = (at->image * s->out_h + at->y + y) * s->out_w;
        if (is_wanted(s, part, at, y)) part->done(part->user, row + at->x, row + end);
    }
}

void tmoi_winograd_tiles_of_rows(const tmoi_winograd_conv *conv, int64_t row_begin, int64_t row_end,
                                 int64_t *begin, int64_t *end)
{
    int32_t out_h = conv->shape.out_h, height = outputs_of(conv->points_h);
    int64_t last = row_end - 1;
    *begin = *end = 0;
    if (row_begin >= row_end) return;
    *begin = (row_begin / out_h * conv->tiles_h + row_begin % out_h / height) * conv->tiles_w;
    *end = (last / out_h * conv->tiles_h + last % out_h / height + 1) * conv->tiles_w;
}

void tmoi_winograd_run(const tmoi_winograd_conv *conv, const tmoi_winograd_part *part, void *scratch)
{
    block_memory memory = lay_out(conv, scratch);
    int32_t width = outputs_of(conv->points_w);
    tile_place at = place_of(conv, part->begin), result = at;
    for (int64_t tile = part->begin; tile < part->end; tile += conv->block) {
        int32_t count = part->end - tile < conv->block ? (int32_t)(part->end - tile) : conv->block;
        for (int32_t k = 0; k < count; k++, next_place(conv, &at)) transform_tile(conv, &memory, &at, k);
        multiply(conv, &memory, count);
        tile_place first = result;
        for (int32_t k = 0; k < count; k++) {
            finish_tile(conv, part, &memory, &result, k);
            int32_t right = result.x + width;
            next_place(conv, &result);
            if (k + 1 < count && result.x != 0) continue;
            tell(conv, part, &first, right);
            first = result;
        }
    }
}
