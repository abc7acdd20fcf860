/** @file
 * a model as a clean one, with equal results. */
#ifndef TMO_CONVERT_H
#define TMO_CONVERT_H

#include "tmo/model.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Zero in a field means its default; tmo_convert_option_table() tells them. */
typedef struct tmo_convert_options {
    uint32_t struct_size;
    bool float32; /**< float16, sparse and quantized weights of float operators become plain float32 */
    bool
        simplify; /**< fold constants and batch normalization, fuse activations and pads, drop operators that change nothing */
    tmo_allocator allocator;
} tmo_convert_options;

#define TMO_CONVERT_OPTIONS_INIT                   \
    {                                              \
        sizeof(tmo_convert_options), false, false, \
        {                                          \
            0, 0, 0                                \
        }                                          \
    }

/** The fields that text can set. Static storage. */
TMO_API const tmo_option *tmo_convert_option_table(size_t *count);

/** One kind of change. */
typedef struct tmo_convert_change {
    const char *name; /**< "expand_weights", static storage */
    int32_t count;
} tmo_convert_change;

#define TMO_CONVERT_MAX_CHANGES 16

typedef struct tmo_convert_report {
    uint32_t struct_size;
    int32_t operators_before, operators_after;
    int32_t tensors_before, tensors_after;
    int32_t change_count;
    tmo_convert_change changes[TMO_CONVERT_MAX_CHANGES]; /**< those that happened */
} tmo_convert_report;

/** Gives a new model: operators whose results nobody reads and tensors that nobody names are gone, in every case. `report` may be NULL.
 * Fails with TMO_STATUS_OUT_OF_MEMORY or INVALID_ARGUMENT. Thread-safe. */
TMO_API tmo_status tmo_convert(tmo_model **out, const tmo_model *model, const tmo_convert_options *options,
                               tmo_convert_report *report, tmo_error *error);

#ifdef __cplusplus
}
#endif
#endif
