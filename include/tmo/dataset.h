/** @file
 * Data sets: samples for calibration, evaluation and training, from files.
 *
 * A data set is named by a spec, KIND:PLACE:
 *     npz:FILE              arrays named after the model's inputs, or x; labels in y; the first axis counts samples
 *     npy:X[,Y]             the same in one file each
 *     idx:IMAGES[,LABELS]   the format of MNIST, also gzipped
 *     images:FOLDER         PNG and JPEG; a subfolder is a class, and classes are numbered in sorted order; also one file
 *     wav:FOLDER            the same for sound, cut or padded to the length of the input
 *     csv:FILE              a line of column names, then numbers; a column "label" holds numbers or names of classes
 *     random:N              N samples of numbers in [0, 1), or of 0 and 1 for plain integer inputs
 *
 * Samples come in the types and shapes of the model's inputs:
 *  - float inputs get (x * scale - mean) / std;
 *  - quantized integer inputs get the same number, quantized with the scale and zero point of the input.
 *    Arrays (npz, npy) that have the type of such an input already are taken as its stored values;
 *  - other integer inputs get the numbers as they are.
 * The default scale is 1/255 for images: and for bytes of idx:, so that pixels lie in [0, 1], and 1 for
 * everything else; wav: gives [-1, 1]. Shapes must agree but for dimensions of 1, or be flat on one side;
 * pictures are resized, and turned to grey or RGB.
 *
 * NaN and infinity in the data fail with TMO_STATUS_NOT_FINITE. Orders and random numbers depend on the seed
 * alone. */
#ifndef TMO_DATASET_H
#define TMO_DATASET_H

#include "tmo/model.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tmo_dataset tmo_dataset;

/** Zero in a field means its default. Texts are borrowed for the call that opens the data set. */
typedef struct tmo_dataset_options {
    uint32_t struct_size;
    const char *scale; /**< one number, or one a channel separated by commas */
    const char *mean;  /**< the same; default 0 */
    const char *std;   /**< the same; default 1 */
    /** How a picture of another size fills the input: "stretch" (default); "crop": its centre; "pad": whole,
     * with black bars; "WIDTHxHEIGHT": stretched to that size, of which the input takes the centre. */
    const char *resize;
    /** "A:B": samples from A up to but not including B, of the shuffled order. With a decimal point in it, A
     * and B are fractions ("0:0.8", "0.8:"), else positions ("0:100"). */
    const char *split;
    uint64_t limit; /**< at most so many samples of the split; default: all */
    bool shuffle;   /**< bring the samples into a random order */
    uint64_t seed;  /**< of the shuffle and of random: */
    /** That one file or sample may take in memory; default 4 GiB. A picture: at most 512 MiB. */
    uint64_t max_bytes;
    tmo_allocator allocator;
    tmo_log_function log; /**< is told of files that are skipped; may be NULL */
    void *log_user;
} tmo_dataset_options;

#define TMO_DATASET_OPTIONS_INIT                                                    \
    {                                                                               \
        sizeof(tmo_dataset_options), 0, 0, 0, 0, 0, 0, false, 0, 0, {0, 0, 0}, 0, 0 \
    }

/** Fills the struct with zeros and its size. */
TMO_API void tmo_dataset_options_init(tmo_dataset_options *options);
/** The fields that text can set. Static storage. */
TMO_API const tmo_option *tmo_dataset_option_table(size_t *count);

/** An input that samples are made for. */
typedef struct tmo_dataset_input {
    uint32_t struct_size;
    const char *name;
    tmo_type type;
    int32_t rank;
    int32_t shape[TMO_MAX_RANK]; /**< with the batch, 1, in front, if there is one; -1: as the data have it */
    float scale;                 /**< of per-tensor quantization; 0: none */
    int64_t zero_point;
} tmo_dataset_input;

/** Opens a data set for the inputs of the model's subgraph 0, by their tensors' names or those of a
 * signature. The model may be freed afterwards. Fails with
 *  - TMO_STATUS_INVALID_ARGUMENT: the spec or an option does not parse,
 *  - TMO_STATUS_IO: a file or folder cannot be read,
 *  - TMO_STATUS_INVALID_DATA: a malformed file, no samples, or shapes that do not fit the model,
 *  - TMO_STATUS_UNSUPPORTED_DATA: element types or variants of a format that are not read,
 *  - TMO_STATUS_LIMIT, TMO_STATUS_OUT_OF_MEMORY. */
TMO_API tmo_status tmo_dataset_open(tmo_dataset **out, const char *spec, const tmo_model *model,
                                    const tmo_dataset_options *options, tmo_error *error);
/** The same for inputs that the caller describes; they are copied. */
TMO_API tmo_status tmo_dataset_open_inputs(tmo_dataset **out, const char *spec,
                                           const tmo_dataset_input *inputs, int32_t input_count,
                                           const tmo_dataset_options *options, tmo_error *error);
/** Accepts NULL. */
TMO_API void tmo_dataset_free(tmo_dataset *dataset);

/** Samples, at least 1. Thread-safe, as all functions below. */
TMO_API uint64_t tmo_dataset_count(const tmo_dataset *dataset);
TMO_API int32_t tmo_dataset_input_count(const tmo_dataset *dataset);
/** Fills `info`, up to its struct_size, with an input as samples have it: no dimension is -1. The name lives
 * as long as the data set. */
TMO_API tmo_status tmo_dataset_input_info(const tmo_dataset *dataset, int32_t input, tmo_dataset_input *info,
                                          tmo_error *error);
/** Bytes of one sample for an input, or 0 when there is no such input. */
TMO_API size_t tmo_dataset_input_bytes(const tmo_dataset *dataset, int32_t input);

/** A data set has labels, or targets (numbers to predict), or neither. */
TMO_API bool tmo_dataset_has_labels(const tmo_dataset *dataset);
/** Number of class names, or highest label + 1; 0 without labels. */
TMO_API int32_t tmo_dataset_class_count(const tmo_dataset *dataset);
/** The name of a class, or NULL where classes have none. Lives as long as the data set. */
TMO_API const char *tmo_dataset_class_name(const tmo_dataset *dataset, int32_t label);
/** The label of a sample, or -1. */
TMO_API int32_t tmo_dataset_label(const tmo_dataset *dataset, uint64_t index);
/** Target numbers a sample, 0 without. */
TMO_API uint64_t tmo_dataset_target_count(const tmo_dataset *dataset);

/** Writes sample `index` to buffers[k], of sizes[k] = tmo_dataset_input_bytes(k) bytes, for each input k;
 * `targets`, of tmo_dataset_target_count() floats, may be NULL. The error names the file and the sample. */
TMO_API tmo_status tmo_dataset_read(const tmo_dataset *dataset, uint64_t index, void *const *buffers,
                                    const size_t *sizes, int32_t buffer_count, float *targets,
                                    tmo_error *error);

/* ---- reading ahead ---- */

/** Threads decode samples ahead of their use, a bounded number of them; they come out in order. */
typedef struct tmo_loader tmo_loader;

typedef struct tmo_loader_options {
    uint32_t struct_size;
    int32_t threads;       /**< 1 to 64; default: one a physical core, at most 8 */
    const uint64_t *order; /**< [count] the samples to read, copied; NULL: 0 .. count - 1 */
    uint64_t count;        /**< default: all; needed with `order` */
    tmo_allocator allocator;
} tmo_loader_options;

#define TMO_LOADER_OPTIONS_INIT              \
    {                                        \
        sizeof(tmo_loader_options), 0, 0, 0, \
        {                                    \
            0, 0, 0                          \
        }                                    \
    }

/** A sample, valid until the next call of tmo_loader_next(). */
typedef struct tmo_sample {
    uint32_t struct_size;
    int32_t label;             /**< -1 without labels */
    uint64_t index;            /**< in the data set */
    const void *const *inputs; /**< [tmo_dataset_input_count()] aligned to 64 bytes */
    const float *targets;      /**< [tmo_dataset_target_count()], or NULL without */
} tmo_sample;

/** `dataset` is borrowed until the loader is freed. */
TMO_API tmo_status tmo_loader_create(tmo_loader **out, const tmo_dataset *dataset,
                                     const tmo_loader_options *options, tmo_error *error);
/** Fills `sample`, up to its struct_size, with the next sample; *has_sample is false after the last one. A
 * sample that cannot be read fails in its turn and is the last. One thread at a time. */
TMO_API tmo_status tmo_loader_next(tmo_loader *loader, tmo_sample *sample, bool *has_sample,
                                   tmo_error *error);
/** Stops reading. Accepts NULL. */
TMO_API void tmo_loader_free(tmo_loader *loader);

/* ---- writing arrays ---- */

typedef struct tmo_named_array {
    uint32_t struct_size;
    const char *name;
    tmo_type type; /**< float16, float32, float64, bool, complex, or integers of whole bytes */
    int32_t rank;
    int32_t shape[TMO_MAX_RANK];
    const void *data;
    size_t size_bytes;
} tmo_named_array;

/** Writes arrays as NumPy reads them: one as .npy when `path` ends so, else all into a .npz. A failure leaves
 * an old file as it was. */
TMO_API tmo_status tmo_arrays_write(const char *path, const tmo_named_array *arrays, int32_t count,
                                    tmo_error *error);

#ifdef __cplusplus
}
#endif
#endif
