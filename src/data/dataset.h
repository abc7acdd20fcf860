/* Data sets: samples for a model's inputs, from files of many kinds.
 *
 * A data set is named by a spec, KIND:PLACE:
 *     npz:FILE              arrays named after the model's inputs, or x; labels in y; the first axis counts samples
 *     npy:X[,Y]             the same in one file each
 *     idx:IMAGES[,LABELS]   the format of MNIST, also gzipped
 *     images:FOLDER         PNG and JPEG; a subfolder is a class, classes are numbered in sorted order; also one file
 *     wav:FOLDER            the same for sound
 *     csv:FILE              a line of column names, then numbers; a column "label" holds numbers or names of classes
 *     random:N              N samples of numbers in [0, 1), or of 0 and 1 for plain integer inputs
 * A sample comes out in the types and shapes of the model's inputs. Arrays that have the type of a quantized
 * input already are taken as its stored values.
 *
 * Memory: arrays are mapped, read sample by sample (npz) or held once, folders are lists of names; a picture or sound is decoded when it
 * is read. */
#ifndef TMOI_DATA_DATASET_H
#define TMOI_DATA_DATASET_H

#include "base/error.h"
#include "base/shape.h"

typedef struct tmoi_dataset tmoi_dataset;

/* One input of the model. */
typedef struct tmoi_data_input {
    const char *name;
    const char *alias; /* a second name, such as the signature's, or NULL */
    tmo_type type;
    tmoi_shape shape; /* with the batch in front, if the model has one; -1: free */
    float scale;      /* per-tensor quantization; 0: none */
    int64_t zero_point;
} tmoi_data_input;

/* All zero: defaults. Texts are borrowed for the call. */
typedef struct tmoi_dataset_options {
    const char
        *scale; /* one number or one a channel, separated by commas. Default: 1/255 for pictures, else 1 */
    const char *mean;   /* the same; default 0 */
    const char *std;    /* the same; default 1: inputs get (x * scale - mean) / std */
    const char *resize; /* "stretch" (default), "crop", "pad" or "WIDTHxHEIGHT" (see data/picture.h) */
    const char *
        split; /* "A:B", either may be left out: fractions when one has a decimal point, else positions; from A up
                           to but not including B, after the shuffle */
    uint64_t limit;     /* at most so many samples, after the split; 0: all */
    bool shuffle;       /* in an order that `seed` fixes */
    uint64_t seed;      /* of the shuffle and of random: */
    uint64_t max_bytes; /* that one file or sample may take in memory; 0: 4 GiB */
} tmoi_dataset_options;

/* Opens a data set for a model with the given inputs (copied). Files are checked as far as that needs no
 * decoding of pictures and sound; skipped files go to the log. */
tmo_status tmoi_dataset_open(tmoi_dataset **out, const char *spec, const tmoi_dataset_options *options,
                             const tmoi_data_input *inputs, int32_t input_count, tmoi_ctx *ctx);
/* Accepts NULL. */
void tmoi_dataset_free(tmoi_dataset *dataset);

/* Samples, at least 1. */
int64_t tmoi_dataset_count(const tmoi_dataset *dataset);
int32_t tmoi_dataset_input_count(const tmoi_dataset *dataset);
/* The shape that samples have for an input: the model's, free dimensions filled in. */
const tmoi_shape *tmoi_dataset_shape(const tmoi_dataset *dataset, int32_t input);
size_t tmoi_dataset_bytes(const tmoi_dataset *dataset, int32_t input);

/* Labels and targets: a data set has one kind or neither. */
bool tmoi_dataset_has_labels(const tmoi_dataset *dataset);
/* Highest label + 1, or the number of names; 0 without labels. */
int32_t tmoi_dataset_class_count(const tmoi_dataset *dataset);
/* The name of a class, or NULL where classes have none. */
const char *tmoi_dataset_class_name(const tmoi_dataset *dataset, int32_t label);
/* Numbers to predict a sample, 0 without. */
int64_t tmoi_dataset_target_count(const tmoi_dataset *dataset);
/* The label of a sample, or -1. Reads no file. */
int32_t tmoi_dataset_label(const tmoi_dataset *dataset, int64_t index);

typedef struct tmoi_sample {
    void *const *inputs; /* [input_count] buffers of tmoi_dataset_bytes() each, aligned for their type */
    float *targets;      /* [target_count], or NULL when they are not wanted */
    int32_t label;       /* out: -1 without labels */
} tmoi_sample;

/* Reads sample `index`. Thread-safe: a data set never changes. Errors name the file and the sample. */
tmo_status tmoi_dataset_read(const tmoi_dataset *dataset, int64_t index, tmoi_sample *sample, tmoi_ctx *ctx);

#endif
