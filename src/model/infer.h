/* Shape inference: the types and shapes of an operator's outputs, from those of its inputs.
 *
 * One function per operator, listed in infer.def and found by tmoi_infer_find(). The runtime calls it when a session is
 * made, after a resize, and at run time for operators whose output shape depends on values; the rewrites and the quantizer
 * call it for the tensors that they make. It checks everything that a kernel may then assume about shapes, types and
 * option values (prepare validates, eval asserts). */
#ifndef TMOI_MODEL_INFER_H
#define TMOI_MODEL_INFER_H

#include "model/graph.h"

#define TMOI_INFER_MAX_INPUTS 4096

/* One input as far as it is known. */
typedef struct tmoi_infer_input {
    bool present; /* false: optional and left out */
    tmo_type type;
    tmoi_shape shape;
    const void *data; /* its bytes when they are known by now, or NULL */
    const tmoi_quant *quant;
} tmoi_infer_input;

typedef struct tmoi_infer_output {
    tmo_type type;    /* preset to the type that the graph declares; a function checks it */
    tmoi_shape shape; /* preset to the shape that the graph declares */
    bool dynamic;     /* set: the shape depends on input values that are not known yet */
    const tmoi_quant *quant;
} tmoi_infer_output;

typedef struct tmoi_infer {
    const tmoi_op *op;
    const tmoi_infer_input *inputs;
    int32_t input_count;
    tmoi_infer_output *outputs;
    int32_t output_count;
} tmoi_infer;

/* Fails with INVALID_MODEL (a shape or option makes no sense) or UNSUPPORTED_OPERATOR (types that we do not run). Messages
 * name the operator only by what is wrong ("axis 5 is out of range for rank 4"): the caller adds the operator's name. */
typedef tmo_status (*tmoi_infer_function)(tmoi_infer *infer, tmoi_ctx *ctx);

#define TMOI_INFER(name, function)        tmo_status function(tmoi_infer *infer, tmoi_ctx *ctx);
#define TMOI_INFER_CUSTOM(text, function) tmo_status function(tmoi_infer *infer, tmoi_ctx *ctx);
#include "model/infer.def"
#undef TMOI_INFER
#undef TMOI_INFER_CUSTOM

/* NULL when the operator is not known to us. */
tmoi_infer_function tmoi_infer_find(int32_t op_code);
/* For the custom operators that come with the library. */
tmoi_infer_function tmoi_infer_find_custom(const char *name);

/* Helpers for the functions. */

/* Fails unless the operator has between min and max inputs and exactly `outputs` outputs (-1: any), and the first
 * `required` inputs are present. */
tmo_status tmoi_infer_arity(const tmoi_infer *infer, int32_t min_inputs, int32_t max_inputs, int32_t required,
                            int32_t outputs, tmoi_ctx *ctx);
/* Fails unless the type is one of those in `mask`, a sum of TMOI_T(type). `what` names the tensor: "input", "filter". */
#define TMOI_T(name) (1u << TMO_TYPE_##name)
tmo_status tmoi_infer_type(tmo_type type, uint32_t mask, const char *what, tmoi_ctx *ctx);
/* Reads element k of an int32 or int64 (also int16) tensor whose data are known. */
int64_t tmoi_infer_value(const tmoi_infer_input *input, int64_t k);
/* The single output has the first input's type and shape. */
tmo_status tmoi_infer_same(tmoi_infer *infer, tmoi_ctx *ctx);
/* SAME or VALID: the output size of a window, and the padding before. False when the output would be empty or negative. */
bool tmoi_infer_window(int32_t padding, int32_t input, int32_t filter, int32_t stride, int32_t dilation,
                       int32_t *output, int32_t *before);

#endif
