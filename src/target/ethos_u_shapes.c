/* What Vela asks of pooling, reductions, resizing and operators that move data. */
#include "target/ethos_u_constraints.h"

#include "target/constraints.h"

#define MAX_SOFTMAX_AREA    65536
#define MAX_ARG_MAX_DEPTH   127
#define MAX_MEAN_AXIS       4096
#define MAX_KERNEL_HEIGHT   256
#define MAX_KERNEL_AREA     (256 * 256)
#define MAX_SAME_POOL       8
#define MAX_COMPARED        2048
#define MAX_TRANSPOSE_PLANE 65536

/* ---- pooling and reductions ---- */

bool tmoi_ethos_pool_size(const tmoi_site *site, tmoi_why *why)
{
    tmoi_window window = tmoi_window_of(site);
    if (window.filter_h <= MAX_KERNEL_HEIGHT && (int64_t)window.filter_h * window.filter_w <= MAX_KERNEL_AREA)
        return true;
    return tmoi_why_not(why, "a %dx%d window, the limit is %d rows and %d values; pool in two steps",
                        (int)window.filter_h, (int)window.filter_w, MAX_KERNEL_HEIGHT, MAX_KERNEL_AREA);
}

bool tmoi_ethos_average_size(const tmoi_site *site, tmoi_why *why)
{
    tmoi_window window = tmoi_window_of(site);
    if (window.padding == TMOI_PADDING_VALID) return tmoi_ethos_pool_size(site, why);
    if (window.filter_h <= MAX_SAME_POOL && window.filter_w <= MAX_SAME_POOL) return true;
    return tmoi_why_not(why,
                        "a %dx%d window with SAME padding, the limit is %dx%d; use VALID padding or MEAN",
                        (int)window.filter_h, (int)window.filter_w, MAX_SAME_POOL, MAX_SAME_POOL);
}

/* How many values one tmoi_ethos_mean may take: 2^24 int8, 2^23 uint8, 2^16 int16. */
static int64_t mean_limit(tmo_type type)
{
    return type == TMO_TYPE_INT8 ? 1 << 24 : type == TMO_TYPE_UINT8 ? 1 << 23 : 1 << 16;
}

static bool mean_size(const tmoi_shape *shape, tmo_type type, uint32_t axes, tmoi_why *why)
{
    int64_t count = 1;
    for (int32_t k = 0; k < shape->rank; k++) {
        if (!(axes >> k & 1u)) continue;
        count *= shape->dims[k];
        if (shape->dims[k] > MAX_MEAN_AXIS)
            return tmoi_why_not(
                why, "the tmoi_ethos_mean over an axis of %d, the limit is %d; average in two steps",
                (int)shape->dims[k], MAX_MEAN_AXIS);
    }
    if (count <= mean_limit(type)) return true;
    return tmoi_why_not(why,
                        "the tmoi_ethos_mean of %lld values, the limit for %s is %lld; average in two steps",
                        (long long)count, tmo_type_name(type), (long long)mean_limit(type));
}

bool tmoi_ethos_mean(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *input = tmoi_site_input(site);
    uint32_t axes;
    if (!input || !tmoi_reduced_axes(site, &axes)) return true;
    tmoi_image in = tmoi_image_of(&input->shape);
    int32_t rank = input->shape.rank;
    if (rank >= 4 && input->shape.dims[rank - 4] > 1)
        return tmoi_why_not(why, "batch %d, it takes 1; run the samples one by one",
                            (int)input->shape.dims[rank - 4]);
    if (rank > 0 && axes >> (rank - 1) & 1u && in.h > 1 && in.w > 1 && in.c > 1)
        return tmoi_why_not(
            why,
            "the tmoi_ethos_mean over the channels of a %lldx%lld image; average over height and width "
            "only, or reshape first",
            (long long)in.h, (long long)in.w);
    return mean_size(&input->shape, input->type, axes, why);
}

bool tmoi_ethos_arg_max(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *input = tmoi_site_input(site);
    int64_t axis;
    if (!input || !tmoi_constant_value(tmoi_site_input_at(site, 1), 0, &axis)) return true;
    if (axis != -1 && axis != input->shape.rank - 1)
        return tmoi_why_not(why, "axis %lld, it takes only the last; tmoi_ethos_transpose before it",
                            (long long)axis);
    return true;
}

bool tmoi_ethos_arg_max_depth(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *input = tmoi_site_input(site);
    if (!input || tmoi_image_of(&input->shape).c <= MAX_ARG_MAX_DEPTH) return true;
    return tmoi_why_not(why, "%lld channels, the limit is %d; leave ARG_MAX to the application",
                        (long long)tmoi_image_of(&input->shape).c, MAX_ARG_MAX_DEPTH);
}

bool tmoi_ethos_softmax_area(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *input = tmoi_site_input(site);
    if (!input) return true;
    tmoi_image in = tmoi_image_of(&input->shape);
    if (in.h * in.w <= MAX_SOFTMAX_AREA) return true;
    return tmoi_why_not(why, "%lldx%lld rows, the limit is %d; split the tensor", (long long)in.h,
                        (long long)in.w, MAX_SOFTMAX_AREA);
}

/* ---- resizing ---- */

typedef struct resize {
    tmoi_image in, out;
    bool align_corners, half_pixel_centers;
} resize;

static bool read_resize(const tmoi_site *site, resize *out)
{
    const tmoi_tensor *input = tmoi_site_input(site), *output = tmoi_site_output(site);
    if (!input || !output) return false;
    out->in = tmoi_image_of(&input->shape);
    out->out = tmoi_image_of(&output->shape);
    if (site->op->code == TMOI_OP_RESIZE_BILINEAR) {
        const tmoi_fb_resize_bilinear_options *options = tmoi_op_options(site->op, resize_bilinear_options);
        out->align_corners = options->align_corners;
        out->half_pixel_centers = options->half_pixel_centers;
    } else {
        const tmoi_fb_resize_nearest_neighbor_options *options = tmoi_op_options(
            site->op, resize_nearest_neighbor_options);
        out->align_corners = options->align_corners;
        out->half_pixel_centers = options->half_pixel_centers;
    }
    return true;
}

static bool is_trivial_resize(const resize *r)
{
    return (r->in.h == 1 && r->in.w == 1) || (r->in.h == r->out.h && r->in.w == r->out.w);
}

/* The factor from `in` to `out` when it is whole, else 0. With aligned corners the factor is that of the gaps. */
static int64_t whole_factor(int64_t in, int64_t out, bool align_corners)
{
    if (align_corners) {
        in--;
        out--;
    }
    return in > 0 && out % in == 0 ? out / in : 0;
}

static bool resize_refused(const resize *r, const char *allowed, tmoi_why *why)
{
    return tmoi_why_not(why,
                        "from %lldx%lld to %lldx%lld%s%s, it takes a factor of %s in both directions; change "
                        "the size or use TRANSPOSE_CONV",
                        (long long)r->in.h, (long long)r->in.w, (long long)r->out.h, (long long)r->out.w,
                        r->align_corners ? " with aligned corners" : "",
                        r->half_pixel_centers ? " with half-pixel centers" : "", allowed);
}

/* With half-pixel centers only twice the size, in both directions, or a single pixel spread out. */
static bool half_pixel_factor(const resize *r, tmoi_why *why)
{
    bool doubles = r->out.h == 2 * r->in.h && r->out.w == 2 * r->in.w;
    return doubles || (r->in.h == 1 && r->in.w == 1) || resize_refused(r, "2", why);
}

bool tmoi_ethos_resize_factor(const tmoi_site *site, tmoi_why *why)
{
    resize r;
    if (!read_resize(site, &r)) return true;
    if (site->op->code == TMOI_OP_RESIZE_BILINEAR && r.half_pixel_centers) return half_pixel_factor(&r, why);
    if (is_trivial_resize(&r)) return true;
    int64_t h = whole_factor(r.in.h, r.out.h, r.align_corners),
            w = whole_factor(r.in.w, r.out.w, r.align_corners);
    if (r.out.h == 1 && r.in.h == 1) h = w;
    if (r.out.w == 1 && r.in.w == 1) w = h;
    return (h == w && (h == 2 || h == 4 || h == 8)) || resize_refused(&r, "2, 4 or 8", why);
}

static bool is_power_of_two(int64_t value)
{
    return value > 0 && (value & (value - 1)) == 0;
}

bool tmoi_ethos_resize_factor_u85(const tmoi_site *site, tmoi_why *why)
{
    resize r;
    if (!read_resize(site, &r)) return true;
    if (r.align_corners && r.half_pixel_centers)
        return tmoi_why_not(why, "it has both aligned corners and half-pixel centers; choose one");
    if (is_trivial_resize(&r)) return true;
    int64_t limit = r.align_corners ? 2048 : 1024;
    int64_t h = whole_factor(r.in.h, r.out.h, r.align_corners),
            w = whole_factor(r.in.w, r.out.w, r.align_corners);
    bool bilinear = site->op->code == TMOI_OP_RESIZE_BILINEAR;
    if (r.align_corners && ((r.out.h == 1 && r.in.h > 1) || (r.out.w == 1 && r.in.w > 1)))
        return resize_refused(&r, "1 or more", why);
    if (h > limit || w > limit)
        return resize_refused(&r, r.align_corners ? "at most 2048" : "at most 1024", why);
    if (bilinear && !(is_power_of_two(h) && is_power_of_two(w)))
        return resize_refused(&r, "a power of two", why);
    return true;
}

/* ---- moving data ---- */

bool tmoi_ethos_split_count(const tmoi_site *site, tmoi_why *why)
{
    int32_t wanted = site->op->code == TMOI_OP_SPLIT ? tmoi_op_options(site->op, split_options)->num_splits
                                                     : tmoi_op_options(site->op, split_v_options)->num_splits;
    if (wanted == site->op->output_count) return true;
    return tmoi_why_not(why, "num_splits is %d but there are %d outputs", (int)wanted,
                        (int)site->op->output_count);
}

bool tmoi_ethos_positive_strides(const tmoi_site *site, tmoi_why *why)
{
    int64_t stride;
    for (int64_t k = 0; tmoi_constant_value(tmoi_site_input_at(site, 3), k, &stride); k++)
        if (stride < 1)
            return tmoi_why_not(why, "stride %lld, it takes positive strides only", (long long)stride);
    return true;
}

bool tmoi_ethos_slice_is_volume(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *output = tmoi_site_output(site);
    if (!tmoi_ethos_positive_strides(site, why)) return false;
    if (!output || tmoi_shape_count(&output->shape) > 0) return true;
    return tmoi_why_not(why, "the slice is empty; remove it");
}

/* Steps larger than one only from row to row and from column to column. */
bool tmoi_ethos_steps_in_image(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *input = tmoi_site_input(site);
    int64_t stride;
    for (int64_t k = 0; input && tmoi_constant_value(tmoi_site_input_at(site, 3), k, &stride); k++) {
        int64_t from_end = input->shape.rank - k;
        if (stride > 1 && from_end != 2 && from_end != 3)
            return tmoi_why_not(why,
                                "stride %lld on dimension %lld, it takes strides on height and width only; "
                                "tmoi_ethos_transpose before it",
                                (long long)stride, (long long)k);
    }
    return true;
}

bool tmoi_ethos_no_reversal(const tmoi_site *site, tmoi_why *why)
{
    (void)site;
    return tmoi_why_not(why, "the NPU cannot reverse an axis; reverse the weights or the input instead");
}

bool tmoi_ethos_transpose_rank(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *input = tmoi_site_input(site);
    if (!input || input->shape.rank <= 8) return true;
    return tmoi_why_not(why, "rank %d, the limit is 8", (int)input->shape.rank);
}

/* Where each of the four dimensions of an image comes from: missing leading dimensions stay. False when it is not known. */
static bool image_permutation(const tmoi_site *site, const tmoi_shape *shape, int32_t out[4])
{
    int64_t value;
    int32_t shift = 4 - shape->rank;
    for (int32_t k = 0; k < 4; k++) {
        if (k < shift) {
            out[k] = k;
            continue;
        }
        if (!tmoi_constant_value(tmoi_site_input_at(site, 1), k - shift, &value)) return false;
        out[k] = (int32_t)(value < 0 ? value + shape->rank : value) + shift;
    }
    return true;
}

static bool is_permutation(const int32_t permutation[4], int32_t a, int32_t b, int32_t c, int32_t d)
{
    return permutation[0] == a && permutation[1] == b && permutation[2] == c && permutation[3] == d;
}

static bool transpose_32_bit(const tmoi_site *site, const tmoi_shape *shape, tmoi_why *why)
{
    int32_t permutation[4];
    tmoi_image in = tmoi_image_of(shape);
    if (shape->rank > 4)
        return tmoi_why_not(why, "an int32 tensor of rank %d, the limit is 4", (int)shape->rank);
    if (!image_permutation(site, shape, permutation)) return true;
    bool ok = (is_permutation(permutation, 0, 1, 2, 3) && in.c <= MAX_TRANSPOSE_PLANE) ||
              (is_permutation(permutation, 0, 2, 1, 3) && in.n == 1 && in.h <= MAX_TRANSPOSE_PLANE &&
               in.w <= MAX_TRANSPOSE_PLANE && in.c <= MAX_TRANSPOSE_PLANE / 4) ||
              (is_permutation(permutation, 0, 1, 3, 2) && in.n * in.h <= MAX_TRANSPOSE_PLANE &&
               in.w <= MAX_TRANSPOSE_PLANE && in.c <= MAX_TRANSPOSE_PLANE);
    return ok || tmoi_why_not(why,
                              "an int32 tmoi_ethos_transpose of %s that moves more than neighbouring "
                              "dimensions; quantize it to int8",
                              tmoi_shape_format(shape).text);
}

/* Whether the product of the dimensions without any two of them stays below the limit. */
static bool planes_fit(const tmoi_shape *shape)
{
    for (int32_t a = 0; a < shape->rank; a++) {
        for (int32_t b = a + 1; b < shape->rank; b++) {
            int64_t product = 1;
            for (int32_t k = 0; k < shape->rank; k++)
                if (k != a && k != b) product *= shape->dims[k];
            if (product > MAX_TRANSPOSE_PLANE) return false;
        }
    }
    return true;
}

bool tmoi_ethos_transpose(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *input = tmoi_site_input(site);
    int32_t permutation[4];
    if (!input) return true;
    const tmoi_shape *shape = &input->shape;
    if (input->type == TMO_TYPE_INT32) return transpose_32_bit(site, shape, why);
    tmoi_image in = tmoi_image_of(shape);
    if (shape->rank <= 4 && image_permutation(site, shape, permutation) &&
        is_permutation(permutation, 0, 1, 2, 3))
        return true;
    if (in.n == 1)
        return (in.h <= MAX_TRANSPOSE_PLANE && in.w <= MAX_TRANSPOSE_PLANE && in.c <= MAX_TRANSPOSE_PLANE) ||
               tmoi_why_not(why, "a tmoi_ethos_transpose of %s, the limit of a side is %d; split the tensor",
                            tmoi_shape_format(shape).text, MAX_TRANSPOSE_PLANE);
    return planes_fit(shape) ||
           tmoi_why_not(why,
                        "a tmoi_ethos_transpose of %s, whose planes are larger than %d; split the tensor",
                        tmoi_shape_format(shape).text, MAX_TRANSPOSE_PLANE);
}

bool tmoi_ethos_gather_axis(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_fb_gather_options *options = tmoi_op_options(site->op, gather_options);
    if (options->axis == options->batch_dims) return true;
    return tmoi_why_not(why, "axis %d and batch_dims %d, they must be equal; tmoi_ethos_transpose before it",
                        (int)options->axis, (int)options->batch_dims);
}

bool tmoi_ethos_constant_indices(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *indices = tmoi_site_input_at(site, 0);
    if (!indices || !indices->data)
        return tmoi_why_not(why, "the indices are computed at run time; make them a constant");
    if (tmoi_image_of(&indices->shape).c != 1)
        return tmoi_why_not(why, "indices of shape %s, the last dimension must be 1",
                            tmoi_shape_format(&indices->shape).text);
    return true;
}

/* Compares the first indices only, so that a hostile file cannot make it slow. */
bool tmoi_ethos_unique_indices(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *indices = tmoi_site_input_at(site, 0);
    int64_t a, b;
    for (int64_t i = 0; i < MAX_COMPARED && tmoi_constant_value(indices, i, &a); i++)
        for (int64_t k = 0; k < i && tmoi_constant_value(indices, k, &b); k++)
            if (a == b)
                return tmoi_why_not(why, "index %lld is there twice; scatter to each place once",
                                    (long long)a);
    return true;
}
