/** @file
 * post-training quantization.
 *
 * tmo_quantize() prepares the graph (folds constants and batch-norm leftovers, fuses activations and pads, float16 and sparse
 * weights back to float32), measures activations on samples where the scheme needs that, and gives a new model that the stock
 * TFLite/LiteRT runtime runs. Names of inputs and outputs and signatures stay. */
#ifndef TMO_QUANTIZE_H
#define TMO_QUANTIZE_H

#include "tmo/model.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum tmo_quantize_scheme {
    TMO_QUANTIZE_SCHEME_INT8 = 0,    /**< int8 weights and activations; needs samples */
    TMO_QUANTIZE_SCHEME_INT16X8 = 1, /**< int8 weights, int16 activations; needs samples */
    TMO_QUANTIZE_SCHEME_DYNAMIC = 2, /**< int8 weights; activations are quantized while the model runs */
    TMO_QUANTIZE_SCHEME_FLOAT16 = 3, /**< float16 weights, float32 activations */
    TMO_QUANTIZE_SCHEME_WEIGHTS = 4, /**< int8 or int4 weights, float32 activations */
    TMO_QUANTIZE_SCHEME_FORCE_32_BITS = 0x7fffffff
} tmo_quantize_scheme;

typedef enum tmo_quantize_io {
    TMO_QUANTIZE_IO_FLOAT = 0,   /**< as in the model given; QUANTIZE and DEQUANTIZE at the border */
    TMO_QUANTIZE_IO_INTEGER = 1, /**< the scheme's own type: int8, or int16 for int16x8 */
    TMO_QUANTIZE_IO_UINT8 = 2,   /**< scheme int8 only */
    TMO_QUANTIZE_IO_FORCE_32_BITS = 0x7fffffff
} tmo_quantize_io;

/** How the range of an activation follows from what the samples gave. */
typedef enum tmo_quantize_range {
    TMO_QUANTIZE_RANGE_PERCENTILE = 0, /**< all but the outermost values, by how much their channel matters */
    TMO_QUANTIZE_RANGE_MINMAX = 1,     /**< all that was seen */
    TMO_QUANTIZE_RANGE_MOVING_AVERAGE = 2, /**< of each sample's smallest and largest value */
    TMO_QUANTIZE_RANGE_MSE = 3,            /**< the range with the least mean square error */
    TMO_QUANTIZE_RANGE_ENTROPY = 4,        /**< the range with the least Kullback-Leibler divergence */
    TMO_QUANTIZE_RANGE_FORCE_32_BITS = 0x7fffffff
} tmo_quantize_range;

typedef enum tmo_quantize_weight_range {
    TMO_QUANTIZE_WEIGHT_RANGE_AUTO = 0,   /**< the largest magnitude for 8 bits, the least error for 4 */
    TMO_QUANTIZE_WEIGHT_RANGE_MINMAX = 1, /**< the largest magnitude */
    TMO_QUANTIZE_WEIGHT_RANGE_MSE = 2,    /**< the scale with the least square error */
    TMO_QUANTIZE_WEIGHT_RANGE_FORCE_32_BITS = 0x7fffffff
} tmo_quantize_weight_range;

typedef enum tmo_quantize_switch {
    TMO_QUANTIZE_SWITCH_ON = 0,
    TMO_QUANTIZE_SWITCH_OFF = 1,
    TMO_QUANTIZE_SWITCH_FORCE_32_BITS = 0x7fffffff
} tmo_quantize_switch;

/** Zero in a field means its default; tmo_quantize_option_table() tells defaults and ranges. */
typedef struct tmo_quantize_options {
    uint32_t struct_size;
    int32_t scheme;       /**< a tmo_quantize_scheme */
    int32_t io;           /**< a tmo_quantize_io; of the integer schemes */
    int32_t range;        /**< a tmo_quantize_range; of the integer schemes */
    int32_t weight_range; /**< a tmo_quantize_weight_range */
    float percentile;     /**< of RANGE_PERCENTILE, in percent */
    float momentum;       /**< of RANGE_MOVING_AVERAGE */
    bool per_tensor;      /**< one scale a weight tensor instead of one an output channel */
    int32_t weight_bits;  /**< 8 or 4; 4 for the scheme WEIGHTS */
    int32_t
        block_size; /**< of scheme WEIGHTS with 4 bits: weights that share a scale; 0: an output channel */
    int32_t min_weight_elements; /**< smaller weights stay float in the schemes DYNAMIC and WEIGHTS */
    int32_t equalize;            /**< a tmo_quantize_switch: even out the ranges of channels first */
    int32_t
        bias_correction; /**< a tmo_quantize_switch: take the mean error of rounded weights out of the biases */
    const char *
        keep_float; /**< operators to leave in float, separated by commas: names of operators ("SOFTMAX") or of their
                                    output tensors, "#12" for an index in the model given, or extended regular expressions that are
                                    searched in the output tensors' names; borrowed for the call */
    int32_t samples;                /**< how many samples to measure, spread over the data */
    uint64_t seed;                  /**< which ones */
    int32_t threads;                /**< default: one a physical core; results do not depend on it */
    tmo_progress_function progress; /**< may be NULL */
    void *progress_user;
    tmo_log_function log; /**< may be NULL */
    void *log_user;
    tmo_allocator allocator; /**< of the new model and all work; all zero: malloc and free */
} tmo_quantize_options;

#define TMO_QUANTIZE_OPTIONS_INIT                                                                 \
    {                                                                                             \
        sizeof(tmo_quantize_options), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, \
        {                                                                                         \
            0, 0, 0                                                                               \
        }                                                                                         \
    }

/** Fills the struct with zeros and its size. */
TMO_API void tmo_quantize_options_init(tmo_quantize_options *options);

/** The rows for the fields above, for tmo_options_check(), tmo_options_set(), help texts and bindings. Static storage. */
TMO_API const tmo_option *tmo_quantize_option_table(size_t *count);

/** Samples to measure activations with. */
typedef struct tmo_samples {
    uint32_t struct_size;
    void *user;
    uint64_t count;
    /** Writes sample `index` to buffers[k], of sizes[k] bytes, for each input k of the model's subgraph 0, in the input's own type
     * and shape. Called with rising indices, by one thread at a time, but not always the same one. Anything but TMO_STATUS_OK ends
     * the call with that status. */
    tmo_status (*read)(void *user, uint64_t index, void *const *buffers, const size_t *sizes,
                       int32_t buffer_count);
    /** Shapes of the samples for a model with unknown dimensions: `shape_count` rows of TMO_MAX_RANK sizes, one an input, of
     * which as many count as the input has dimensions. NULL: the shapes in the model. */
    const int32_t (*shapes)[TMO_MAX_RANK];
    int32_t shape_count;
} tmo_samples;

/** An operator that is not quantized, and why. Indices are those of the new model. */
typedef struct tmo_quantize_operator {
    int32_t subgraph, op;
    const char *name;   /**< "FULLY_CONNECTED" */
    const char *output; /**< name of its first output tensor, or "" */
    const char *reason;
} tmo_quantize_operator;

typedef struct tmo_quantize_report {
    uint32_t struct_size;
    int32_t operators;           /**< of the new model, without QUANTIZE and DEQUANTIZE */
    int32_t quantized_operators; /**< of these */
    int32_t float_operator_count;
    const tmo_quantize_operator *float_operators; /**< the operators left in float; owned by the report */
    uint64_t samples;                             /**< measured */
    void *owned;                                  /**< private */
} tmo_quantize_report;

#define TMO_QUANTIZE_REPORT_INIT                      \
    {                                                 \
        sizeof(tmo_quantize_report), 0, 0, 0, 0, 0, 0 \
    }

/** Frees what the report owns and zeroes it. */
TMO_API void tmo_quantize_report_clear(tmo_quantize_report *report);

/** Makes a quantized model of a float one. `samples` may be NULL for the schemes that need none. `report` (may be NULL) is filled on
 * success, to be cleared by the caller. Fails with
 *  - TMO_STATUS_INVALID_ARGUMENT: an option out of range, an entry of keep_float that names no operator,
 *  - TMO_STATUS_INVALID_DATA: no samples where the scheme needs them,
 *  - TMO_STATUS_NOT_FINITE: NaN or infinity in weights or activations; the error names the tensor and the operator,
 *  - TMO_STATUS_UNSUPPORTED_OPERATOR: an operator that the runtime cannot run, so that nothing can be measured behind it,
 *  - TMO_STATUS_CANCELLED, TMO_STATUS_OUT_OF_MEMORY, or what `samples` returned. */
TMO_API tmo_status tmo_quantize(tmo_model **out, const tmo_model *model, const tmo_samples *samples,
                                const tmo_quantize_options *options, tmo_quantize_report *report,
                                tmo_error *error);

#ifdef __cplusplus
}
#endif
#endif
