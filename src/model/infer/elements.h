/* Helpers of the operators that move, repeat or select elements without looking at them. */
#ifndef TMOI_MODEL_INFER_ELEMENTS_H
#define TMOI_MODEL_INFER_ELEMENTS_H

#include "model/infer.h"

#define TMOI_T_INDEX (TMOI_T(INT32) | TMOI_T(INT64))
/* Every type whose elements have a fixed size. */
#define TMOI_T_FIXED (((1u << 23) - 1) & ~(TMOI_T(STRING) | TMOI_T(RESOURCE) | TMOI_T(VARIANT)))
/* Those that are whole bytes. */
#define TMOI_T_BYTES (TMOI_T_FIXED & ~(TMOI_T(INT4) | TMOI_T(INT2) | TMOI_T(UINT4)))

/* Fails unless input `input` has one of the types in `mask` and all outputs have the same type. */
tmo_status tmoi_infer_elements(const tmoi_infer *infer, int32_t input, uint32_t mask, tmoi_ctx *ctx);

/* Fails unless input `input` is an int32 or int64 vector of `count` elements (-1: any number). `what` names it. */
tmo_status tmoi_infer_index_vector(const tmoi_infer *infer, int32_t input, int64_t count, const char *what,
                                   tmoi_ctx *ctx);
/* Fails unless input `input` has exactly one element, of a type in `mask`. */
tmo_status tmoi_infer_single(const tmoi_infer *infer, int32_t input, uint32_t mask, const char *what,
                             tmoi_ctx *ctx);

/* True when the values of the input are known by now. */
bool tmoi_infer_is_known(const tmoi_infer_input *input);

/* Marks every output as dynamic. */
void tmoi_infer_set_dynamic(tmoi_infer *infer);

/* Sets one dimension from a computed value; fails unless it is in [0, INT32_MAX]. */
tmo_status tmoi_infer_set_dim(tmoi_shape *shape, int32_t dim, int64_t value, tmoi_ctx *ctx);
/* The shape that the values of a known vector spell. */
tmo_status tmoi_infer_shape_from(const tmoi_infer_input *vector, tmoi_shape *shape, tmoi_ctx *ctx);
/* A value turned into [0, rank) where it may count from the end. */
tmo_status tmoi_infer_axis(int64_t axis, int32_t rank, int32_t *out, tmoi_ctx *ctx);

#endif
