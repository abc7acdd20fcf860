/** @file
 * what the weights of a model are like, and what it would weigh in a package. */
#ifndef TMO_INSPECT_H
#define TMO_INSPECT_H

#include "tmo/model.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Of a constant tensor. Values are counted as stored: an int8 weight of zero is one that equals its zero point. */
typedef struct tmo_tensor_statistics {
    uint32_t struct_size;
    uint64_t elements;
    uint64_t zeros;    /**< elements that stand for 0 */
    double sparsity;   /**< zeros / elements; 0 without elements */
    uint64_t distinct; /**< different values */
    double min, max;   /**< of the real values, NaN apart; 0 without elements */
    uint64_t not_finite;
} tmo_tensor_statistics;

/** Fails with INVALID_ARGUMENT for a tensor that is not constant or whose elements are no numbers (strings). Weights stored sparse are
 * expanded. Thread-safe. */
TMO_API tmo_status tmo_model_tensor_statistics(const tmo_model *model, int32_t subgraph, int32_t tensor,
                                               tmo_tensor_statistics *out, tmo_error *error);

typedef struct tmo_model_statistics {
    uint32_t struct_size;
    int32_t operators;         /**< in all subgraphs */
    int32_t float_operators;   /**< see tmo_model_is_float_operator() */
    int32_t integer_operators; /**< operators that compute with quantized tensors */
    uint64_t macs;             /**< of all operators, each counted once */
    uint64_t weight_bytes;     /**< constants; one that several tensors share counts once */
    uint64_t weights;          /**< elements of constants, shared ones once */
    uint64_t zero_weights;
} tmo_model_statistics;

TMO_API tmo_status tmo_model_get_statistics(const tmo_model *model, tmo_model_statistics *out,
                                            tmo_error *error);

/** True when the operator computes in floating point: a float tensor goes in or comes out. QUANTIZE and DEQUANTIZE, which only
 * translate, do not count. */
TMO_API tmo_status tmo_model_is_float_operator(const tmo_model *model, int32_t subgraph, int32_t op,
                                               bool *out, tmo_error *error);

/** Bytes of the file, and of the file after gzip -9, which is what a package with it grows by. */
TMO_API tmo_status tmo_file_sizes(const char *path, uint64_t *file_bytes, uint64_t *gzip_bytes,
                                  tmo_error *error);

#ifdef __cplusplus
}
#endif
#endif
