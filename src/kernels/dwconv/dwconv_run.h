/* Whole images for the kernels of dwconv.h: packed weights, edges and padding. */
#ifndef TMOI_KERNELS_DWCONV_DWCONV_RUN_H
#define TMOI_KERNELS_DWCONV_DWCONV_RUN_H

#include "kernels/conv/conv.h"
#include "kernels/dwconv/dwconv.h"

/* How an operator runs. So that the rows under a filter stay in the first cache, the channels are done in slices. */
typedef struct tmoi_dwconv_plan {
    tmoi_conv_shape shape; /* its depth is 1 */
    tmoi_dwconv_grid grid; /* of all channels */
    bool paired;           /* the weights' rows are in pairs: integers */
    size_t elem_bytes;     /* of the input */
    int64_t slots;         /* pointers in a list of taps */
    bool is_copied; /* input rows are copied, with their padding, each channel as often as it has outputs */
    int32_t first, last; /* the pixels of a row with all taps inside */
    int32_t slice,
        slices; /* channels of a slice, and how many there are; the last one also has what is left */
} tmoi_dwconv_plan;

/* in_type: float32, int8, uint8 or int16. */
tmoi_dwconv_plan tmoi_dwconv_plan_of(const tmoi_conv_shape *shape, tmo_type in_type);

/* Packed weights have tmoi_dwconv_packed_size() elements, which is -1 when that is too many.
 * filter [filter_h, filter_w, out_c] */
int64_t tmoi_dwconv_packed_size(const tmoi_dwconv_plan *plan);
/* float32 or float16; or integers of 2 to 16 bits, each times its channel's scale: scale [channels]. */
void tmoi_dwconv_pack_f32(const tmoi_dwconv_plan *plan, tmo_type type, const void *filter, const float *scale,
                          float *out);
/* Integers of 4 to 16 bits; also the sum of each channel's weights: sums [channels], at least 8. */
void tmoi_dwconv_pack_integer(const tmoi_dwconv_plan *plan, tmo_type type, const void *filter,
                              int32_t zero_point, int16_t *out, int32_t *sums);

/* Elements of a row of padding, and bytes of scratch memory for a thread; -1: too large. */
int64_t tmoi_dwconv_padding_size(const tmoi_dwconv_plan *plan);
int64_t tmoi_dwconv_scratch_bytes(const tmoi_dwconv_plan *plan);

typedef struct tmoi_dwconv_images {
    const tmoi_dwconv_plan *plan;
    const void *in;       /* [batch, in_h, in_w, in_c] */
    const void *padding;  /* a row of what stands for zero; for all images, or one for each */
    size_t padding_bytes; /* from one image's to the next; or 0 */
} tmoi_dwconv_images;

/* What a thread keeps from row to row. */
typedef struct tmoi_dwconv_band {
    int32_t first, channels; /* of the slice */
    const char **rows;       /* [filter_h] */
    const void **taps;       /* [max(slots, filter_h)] */
    int64_t *held; /* copied rows: which input row is in each place, of the batch · in_h; -1 none */
    char *copies;
} tmoi_dwconv_band;

/* Computes `pixels` pixels of the row from x on. */
typedef void (*tmoi_dwconv_compute)(const void *user, int32_t x, tmoi_dwconv_mode mode,
                                    const void *const *taps, int32_t pixels);

/* A band of rows of a slice of channels begins. Aligned memory. */
void tmoi_dwconv_begin(const tmoi_dwconv_plan *plan, int32_t slice, void *scratch, tmoi_dwconv_band *out);
/* The parts of a layer that are of the band's slice. */
void tmoi_dwconv_slice_f32(const tmoi_dwconv_plan *plan, const tmoi_dwconv_band *band,
                           tmoi_dwconv_f32 *layer);
void tmoi_dwconv_slice_integer(const tmoi_dwconv_plan *plan, const tmoi_dwconv_band *band,
                               tmoi_dwconv_integer *layer);
/* The slice of one output row, 0 <= row < batch · out_h. */
void tmoi_dwconv_row(const tmoi_dwconv_images *images, const tmoi_dwconv_band *band, int64_t row,
                     tmoi_dwconv_compute compute, const void *user);

#endif
