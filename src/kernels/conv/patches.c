#include <string.h>

#include "kernels/conv/conv.h"

/* Where a pixel's patch begins in the image; may lie outside. */
typedef struct tmoi_conv_position {
    ptrdiff_t image;
    int32_t z, y, x;
    int32_t od, oy, ox; /* the output pixel */
} tmoi_conv_position;

static void place(const tmoi_conv_shape *s, tmoi_conv_position *at)
{
    at->z = at->od * s->stride_d - s->pad_front;
    at->y = at->oy * s->stride_h - s->pad_top;
    at->x = at->ox * s->stride_w - s->pad_left;
}

static tmoi_conv_position first_position(const tmoi_conv_shape *s, int64_t pixel)
{
    int64_t row = pixel / s->out_w, plane = row / s->out_h;
    tmoi_conv_position at = {.image = (ptrdiff_t)(plane / s->out_d),
                             .od = (int32_t)(plane % s->out_d),
                             .oy = (int32_t)(row % s->out_h),
                             .ox = (int32_t)(pixel % s->out_w)};
    place(s, &at);
    return at;
}

static void next_position(const tmoi_conv_shape *s, tmoi_conv_position *at)
{
    if (++at->ox == s->out_w) {
        at->ox = 0;
        if (++at->oy == s->out_h) {
            at->oy = 0;
            if (++at->od == s->out_d) {
                at->od = 0;
                at->image++;
            }
        }
    }
    place(s, at);
}

#define SAME_VALUE(value, offset)  (value)
#define LESS_OFFSET(value, offset) (int16_t)((value) - (offset))

#define OUT            int16_t
#define NAME(function) function##_s8
#define IN             int8_t
#define CONVERT        LESS_OFFSET
#include "kernels/conv/patch_body.h"
#undef NAME
#undef IN

#define NAME(function) function##_u8
#define IN             uint8_t
#include "kernels/conv/patch_body.h"
#undef NAME
#undef IN
#undef CONVERT

#define NAME(function) function##_s16
#define IN             int16_t
#define CONVERT        SAME_VALUE
#include "kernels/conv/patch_body.h"

int32_t tmoi_conv_tile(const tmoi_conv_shape *s, size_t elem_bytes, size_t sum_bytes)
{
    enum { CACHE_BYTES = 24 * 1024, SMALLEST = 4, LARGEST = 64 };
    size_t bytes = (size_t)tmoi_conv_patch_size(s) * elem_bytes +
                   (size_t)(s->out_c / tmoi_conv_groups(s)) * sum_bytes;
    size_t pixels = CACHE_BYTES / (bytes ? bytes : 1);
    return pixels < SMALLEST ? SMALLEST : pixels > LARGEST ? LARGEST : (int32_t)(pixels & ~(size_t)3);
}

bool tmoi_conv_is_direct(const tmoi_conv_shape *s)
{
    return tmoi_conv_patch_size(s) == s->in_c && s->stride_d == 1 && s->stride_h == 1 && s->stride_w == 1 &&
           s->pad_front == 0 && s->pad_top == 0 && s->pad_left == 0 && s->out_d == s->in_d &&
           s->out_h == s->in_h && s->out_w == s->in_w;
}

void tmoi_conv_patches_s16(const tmoi_conv_shape *s, int32_t group, tmo_type type, const void *in,
                           const int32_t *zero_points, bool per_image, int64_t pixel, int32_t count,
                           int16_t *out)
{
    int64_t size = tmoi_conv_patch_size(s);
    if (tmoi_conv_is_direct(s) && !per_image) {
        tmoi_widen(type, in, pixel * size, count * size, zero_points[0], out);
        return;
    }
    tmoi_conv_position at = first_position(s, pixel);
    for (int32_t k = 0; k < count; k++, out += size, next_position(s, &at)) {
        int32_t offset = zero_points[per_image ? at.image : 0];
        if (type == TMO_TYPE_INT8)
            copy_patch_s8(s, group, in, offset, &at, out);
        else if (type == TMO_TYPE_UINT8)
            copy_patch_u8(s, group, in, offset, &at, out);
        else
            copy_patch_s16(s, group, in, offset, &at, out);
    }
}
