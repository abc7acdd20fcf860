/* Making a picture fit a model's input: size, colour channels, layout. */
#ifndef TMOI_DATA_PICTURE_H
#define TMOI_DATA_PICTURE_H

#include "data/array.h"

typedef enum tmoi_resize_mode {
    TMOI_RESIZE_STRETCH = 0, /* the whole picture fills the input */
    TMOI_RESIZE_CROP,        /* the largest centred part of the input's proportions fills it */
    TMOI_RESIZE_PAD,         /* the whole picture, in its own proportions, with black bars */
    TMOI_RESIZE_SIZE         /* stretched to width x height, of which the input takes the centre */
} tmoi_resize_mode;

typedef struct tmoi_resize {
    tmoi_resize_mode mode;
    int32_t width, height; /* for TMOI_RESIZE_SIZE, else 0 */
} tmoi_resize;

/* "stretch", "crop", "pad" or "WIDTHxHEIGHT"; NULL or empty: stretch. */
tmo_status tmoi_resize_parse(tmoi_resize *out, const char *text, tmoi_ctx *ctx);

typedef struct tmoi_picture_format {
    int32_t width, height, channels; /* channels: 1 or 3 */
    bool is_planar;                  /* [C, H, W] instead of [H, W, C] */
} tmoi_picture_format;

/* Reads `shape`, a model input's with -1 for free dimensions, as one picture: [1,H,W,C], [1,C,H,W], the same
 * without the leading 1, [1,H,W], or [H,W] with several rows (1 x N is a flat vector). Free sizes take those
 * of `resize`, else `own_width` and `own_height`, unless those are 0. *resolved gets the shape without free
 * dimensions. False when it is no picture, or a size stays unknown. */
bool tmoi_picture_format_of(tmoi_picture_format *out, tmoi_shape *resolved, const tmoi_shape *shape,
                            const tmoi_resize *resize, int32_t own_width, int32_t own_height);

/* Resamples `picture` ([H,W] or [H,W,C] with 1 or 3 channels, not empty) into out ([height,width,channels],
 * or planar).
 *
 * Bilinear with half-pixel centres: output i looks at c = x0 + (i + 0.5) * s of the input, where s is the
 * input's pixels an output pixel, and weighs input pixel j by max(0, 1 - |j + 0.5 - c| / max(1, s)), the
 * weights scaled to a sum of one. So enlarging is plain bilinear, and shrinking averages instead of skipping
 * pixels. Same size: copied. RGB to grey: 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601). Grey to RGB: repeated. */
tmo_status tmoi_picture_fit(const tmoi_array *picture, const tmoi_picture_format *format,
                            const tmoi_resize *resize, float *out, tmoi_ctx *ctx);

#endif
