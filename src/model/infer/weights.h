/* Checks that the operators with weights share. */
#ifndef TMOI_MODEL_INFER_WEIGHTS_H
#define TMOI_MODEL_INFER_WEIGHTS_H

#include "model/infer.h"

/* Fails unless the types of input, weights, bias and output belong together: float throughout (weights and
 * bias may be float16), float with integer weights (hybrid), or integer with an int32 or int64 bias.
 * `weights` is a sum of TMOI_T() of the integer types that the operator takes; `bias` may be NULL or not
 * present. */
tmo_status tmoi_infer_weight_types(const tmoi_infer_input *input, const tmoi_infer_input *weights,
                                   const tmoi_infer_input *bias, const tmoi_infer_output *output,
                                   uint32_t integer_weights, tmoi_ctx *ctx);
/* Fails unless the bias, if any, has `channels` elements. */
tmo_status tmoi_infer_bias(const tmoi_infer_input *bias, int32_t channels, tmoi_ctx *ctx);
/* Input k, or NULL when it is left out. */
static inline const tmoi_infer_input *tmoi_infer_optional(const tmoi_infer *infer, int32_t k)
{
    return k < infer->input_count && infer->inputs[k].present ? &infer->inputs[k] : NULL;
}

#endif
