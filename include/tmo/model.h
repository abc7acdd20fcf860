/** @file
 * loading, looking into and saving a .tflite model.
 *
 * What a tmo_model says never changes after it was made: many threads and sessions may share it. Functions that change a model
 * (quantization and so on) give a new one; the two share the weights that did not change. */
#ifndef TMO_MODEL_H
#define TMO_MODEL_H

#include "tmo/options.h"
#include "tmo/types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tmo_model tmo_model;

/** What a file may ask for. Zero in a field means its default. */
typedef struct tmo_load_options {
    uint32_t struct_size;
    int32_t max_tensors;     /**< in all subgraphs; default 1,048,576 */
    int32_t max_operators;   /**< in all subgraphs; default 1,048,576 */
    int32_t max_subgraphs;   /**< default 4,096 */
    int32_t max_nesting;     /**< of subgraphs that call each other; default 64 */
    uint64_t max_bytes;      /**< of the file; default 1 TiB */
    tmo_allocator allocator; /**< of the model; all zero: malloc and free */
    tmo_log_function log;    /**< may be NULL */
    void *log_user;
} tmo_load_options;

#define TMO_LOAD_OPTIONS_INIT                                    \
    {                                                            \
        sizeof(tmo_load_options), 0, 0, 0, 0, 0, {0, 0, 0}, 0, 0 \
    }

/** Maps the file at `path` and loads the model in it; weights are used where they are in the file, which must not change while
 * the model lives. The file is checked whole: TMO_STATUS_INVALID_FILE with the byte offset, TMO_STATUS_INVALID_MODEL with the
 * place in the graph, TMO_STATUS_LIMIT, TMO_STATUS_IO or TMO_STATUS_OUT_OF_MEMORY when it fails. Operators that the runtime
 * does not know are no error here. Thread-safe. */
TMO_API tmo_status tmo_model_load_file(tmo_model **out, const char *path, const tmo_load_options *options,
                                       tmo_error *error);

/** The same for a model in memory: `data` (16-byte aligned for the best speed) is borrowed until the model and all models made
 * from it are freed. */
TMO_API tmo_status tmo_model_load(tmo_model **out, const void *data, size_t size_bytes,
                                  const tmo_load_options *options, tmo_error *error);

/** Frees the model and the packed weights of its sessions. The sessions must be freed before. Accepts NULL. */
TMO_API void tmo_model_free(tmo_model *model);

/** Bytes of weights that the model's sessions so far have had packed into the form that their kernels want, all of them together: in
 * memory, and in the file of tmo_session_options.weights_cache. Thread-safe. */
TMO_API void tmo_model_packed_bytes(const tmo_model *model, uint64_t *in_memory, uint64_t *in_file);

/** Checks a file without loading it and reports every fault with its byte offset (-1: not at one place). `report` may be NULL.
 * TMO_STATUS_OK when there is none; else the first fault is the error. */
TMO_API tmo_status tmo_model_verify_file(const char *path,
                                         void (*report)(void *user, int64_t offset, const char *fault),
                                         void *user, tmo_error *error);

/* ---- looking in. Texts and arrays live as long as the model. Indices out of range fail with INVALID_ARGUMENT. ---- */

typedef struct tmo_tensor_info {
    uint32_t struct_size;
    const char *name;
    tmo_type type;
    int32_t rank;
    int32_t shape[TMO_MAX_RANK];
    int32_t shape_signature[TMO_MAX_RANK]; /**< -1 where the size is not fixed */
    int32_t quantization_count; /**< 0: not quantized; 1: per tensor; else per slice of quantization_axis */
    int32_t quantization_axis;
    const float *scales;        /**< [quantization_count] */
    const int64_t *zero_points; /**< [quantization_count] */
    int32_t block_size;         /**< of blockwise quantization, else 0 */
    const void *data;           /**< constant bytes as the file has them, or NULL */
    uint64_t data_bytes;
    bool is_variable;
    bool is_sparse;
} tmo_tensor_info;

typedef struct tmo_operator_info {
    uint32_t struct_size;
    int32_t code;     /**< BuiltinOperator of the .tflite schema; 32 for a custom operator */
    const char *name; /**< "CONV_2D", or a custom operator's name */
    int32_t version;
    const int32_t *inputs; /**< tensor indices, -1 for an optional input left out */
    int32_t input_count;
    const int32_t *outputs;
    int32_t output_count;
    uint64_t macs; /**< multiply-accumulates for the shapes in the file */
} tmo_operator_info;

typedef struct tmo_subgraph_info {
    uint32_t struct_size;
    const char *name;
    int32_t tensor_count;
    int32_t operator_count;
    const int32_t *inputs;
    int32_t input_count;
    const int32_t *outputs;
    int32_t output_count;
} tmo_subgraph_info;

typedef struct tmo_signature_info {
    uint32_t struct_size;
    const char *key;
    int32_t subgraph;
    int32_t input_count;
    int32_t output_count;
} tmo_signature_info;

TMO_API int32_t tmo_model_subgraph_count(const tmo_model *model);
/** Each `info` is filled up to the caller's struct_size. */
TMO_API tmo_status tmo_model_subgraph(const tmo_model *model, int32_t subgraph, tmo_subgraph_info *info,
                                      tmo_error *error);
TMO_API tmo_status tmo_model_tensor(const tmo_model *model, int32_t subgraph, int32_t tensor,
                                    tmo_tensor_info *info, tmo_error *error);
TMO_API tmo_status tmo_model_operator(const tmo_model *model, int32_t subgraph, int32_t op,
                                      tmo_operator_info *info, tmo_error *error);
TMO_API int32_t tmo_model_signature_count(const tmo_model *model);
TMO_API tmo_status tmo_model_signature(const tmo_model *model, int32_t signature, tmo_signature_info *info,
                                       tmo_error *error);
/** The name and tensor of a signature's input or output k. */
TMO_API tmo_status tmo_model_signature_input(const tmo_model *model, int32_t signature, int32_t k,
                                             const char **name, int32_t *tensor, tmo_error *error);
TMO_API tmo_status tmo_model_signature_output(const tmo_model *model, int32_t signature, int32_t k,
                                              const char **name, int32_t *tensor, tmo_error *error);
/** May be NULL. */
TMO_API const char *tmo_model_description(const tmo_model *model);
TMO_API int32_t tmo_model_metadata_count(const tmo_model *model);
TMO_API tmo_status tmo_model_metadata(const tmo_model *model, int32_t k, const char **name, const void **data,
                                      uint64_t *size_bytes, tmo_error *error);

/* ---- in libtmo only: a device has no use for these ---- */

/** Writes a .tflite file under a temporary name beside `path` and renames it, so a failure leaves an old file as it was.
 * Operator versions and the metadata entry min_runtime_version are set by what the operators need. Thread-safe. */
TMO_API tmo_status tmo_model_save_file(const tmo_model *model, const char *path, tmo_error *error);

/** The same into memory that the caller frees with tmo_memory_free(). */
TMO_API tmo_status tmo_model_save(const tmo_model *model, void **out_data, size_t *out_size_bytes,
                                  tmo_error *error);
TMO_API void tmo_memory_free(void *memory);

/** Writes the graph as text, a line a tensor and an operator. `text` is borrowed for each call. */
TMO_API void tmo_model_dump(const tmo_model *model, void (*write)(void *user, const char *text), void *user);

#ifdef __cplusplus
}
#endif
#endif
