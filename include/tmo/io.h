/** @file
 * a session's inputs from files, and its outputs as plain numbers. */
#ifndef TMO_IO_H
#define TMO_IO_H

#include "tmo/dataset.h"
#include "tmo/session.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Fills input `k` from a file, by its ending:
 *  - .npy, .npz: an array of as many elements as the input has, in any numeric type; in a .npz the one named as the input or its
 *    signature entry, or the only one. Floats for a quantized input are quantized. An array of the input's rank changes the input's
 *    shape where the model leaves it open.
 *  - .png, .jpg, .jpeg, .wav: as images: and wav: of a data set, with `options` (may be NULL);
 *  - anything else: the input's bytes, as they are.
 * `model` is the session's. Fails with TMO_STATUS_IO, INVALID_DATA, UNSUPPORTED_DATA or NOT_FOUND (no such array in a .npz). */
TMO_API tmo_status tmo_session_read_input(tmo_session *session, const tmo_model *model, int32_t k,
                                          const char *path, const tmo_dataset_options *options,
                                          tmo_error *error);

/** The first `count` elements of output `k` as the numbers that they stand for: quantized ones are dequantized. Fails with
 * TMO_STATUS_INVALID_ARGUMENT when there are fewer, or they are no real numbers. */
TMO_API tmo_status tmo_session_output_values(const tmo_session *session, int32_t k, float *values,
                                             size_t count, tmo_error *error);

#ifdef __cplusplus
}
#endif
#endif
