/* A model input, and how a sample's raw array becomes the bytes that it takes. */
#ifndef TMOI_DATA_FEED_H
#define TMOI_DATA_FEED_H

#include "data/array.h"
#include "data/picture.h"

/* How numbers become what the model sees: (x * scale - mean) / std, each one number or one a channel. A
 * count of 0 stands for the default: the feed's default scale, a mean of 0, a std of 1. */
typedef struct tmoi_normalization {
    const float *scale, *mean, *std;
    int32_t scale_count, mean_count, std_count;
} tmoi_normalization;

typedef struct tmoi_feed {
    /* the model's side */
    const char *name, *alias; /* alias may be NULL */
    tmo_type type;
    tmoi_shape model_shape; /* -1: free */
    float scale;            /* of the quantization; 0: none */
    int64_t zero_point;
    /* the data's side, set by a match */
    tmoi_shape shape; /* what the model gets: no dimension is free */
    int64_t elem_count;
    size_t size_bytes;
    bool is_picture;
    bool is_stored;      /* the data already are the stored values of the input */
    float default_scale; /* unless the caller gives one */
    tmoi_picture_format picture;
    int32_t channel_count; /* of the innermost dimension, or of the picture */
} tmoi_feed;

/* True for a quantized integer input. */
static inline bool tmoi_feed_is_quantized(const tmoi_feed *feed)
{
    return feed->scale > 0.0f;
}

/* True for float16, bfloat16, float32 and float64. */
bool tmoi_feed_is_float(const tmoi_feed *feed);

/* Checks that samples of the feed's type can be made at all. */
tmo_status tmoi_feed_check_type(const tmoi_feed *feed, tmoi_ctx *ctx);

/* Matches arrays of `item` shape (without the sample axis): the same shape but for dimensions of 1, or the
 * same number of elements when either side is flat. A free dimension takes the array's. */
tmo_status tmoi_feed_match_array(tmoi_feed *feed, tmo_type type, const tmoi_shape *item, const char *subject,
                                 tmoi_ctx *ctx);
/* True when arrays of `item` shape would match. */
bool tmoi_feed_accepts(const tmoi_feed *feed, const tmoi_shape *item);
/* Matches pictures of the given size (0: any). default_scale: of their elements. */
tmo_status tmoi_feed_match_picture(tmoi_feed *feed, const tmoi_resize *resize, int32_t width, int32_t height,
                                   float default_scale, tmoi_ctx *ctx);
/* Sets the resolved shape. */
tmo_status tmoi_feed_set_shape(tmoi_feed *feed, const tmoi_shape *shape, tmoi_ctx *ctx);

/* Checks that the counts of a normalization fit the channels of a matched feed. */
tmo_status tmoi_feed_check_normalization(const tmoi_feed *feed, const tmoi_normalization *how, tmoi_ctx *ctx);

/* Writes the input's bytes for one raw array to out ([size_bytes]). Float inputs get (x * scale - mean) /
 * std; quantized inputs the same, then clamp(round(value / scale) + zero_point), halves rounded away from
 * zero as TFLite's QUANTIZE does; other integer inputs get the numbers as they are. Fails with NOT_FINITE on
 * NaN and infinity, with INVALID_DATA on numbers that an integer input cannot hold. `subject` names the
 * sample in messages. */
tmo_status tmoi_feed_fill(const tmoi_feed *feed, const tmoi_normalization *how, const tmoi_resize *resize,
                          const tmoi_array *item, const char *subject, void *out, tmoi_ctx *ctx);

#endif
