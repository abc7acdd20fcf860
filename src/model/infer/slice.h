/* What SLICE and STRIDED_SLICE take, resolved: shared by shape inference and the runtime. */
#ifndef TMOI_MODEL_INFER_SLICE_H
#define TMOI_MODEL_INFER_SLICE_H

#include "model/infer/elements.h"

/* Of input dimension k: the elements begin[k], begin[k] + stride[k], …, count[k] of them, all inside the input. */
typedef struct tmoi_slice_spec {
    int32_t rank; /* of the input */
    int32_t begin[TMO_MAX_RANK], stride[TMO_MAX_RANK], count[TMO_MAX_RANK];
} tmoi_slice_spec;

/* begin and size are known vectors with one element a dimension. */
tmo_status tmoi_slice_resolve(const tmoi_shape *in, const tmoi_infer_input *begin,
                              const tmoi_infer_input *size, tmoi_slice_spec *spec, tmoi_ctx *ctx);

/* begin, end and stride are known vectors of equal length; *out gets the output's shape. Source of the rules: TFLite
 * strided_slice.cc and internal/strided_slice_logic.h. */
tmo_status tmoi_strided_slice_resolve(const tmoi_fb_strided_slice_options *options, const tmoi_shape *in,
                                      const tmoi_infer_input *begin, const tmoi_infer_input *end,
                                      const tmoi_infer_input *stride, tmoi_slice_spec *spec, tmoi_shape *out,
                                      tmoi_ctx *ctx);

#endif
