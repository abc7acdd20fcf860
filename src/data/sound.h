/* Sound files (.wav) through libsndfile, as floats in [-1, 1]. */
#ifndef TMOI_DATA_SOUND_H
#define TMOI_DATA_SOUND_H

#include "base/alloc.h"

typedef struct tmoi_sound_info {
    int64_t frames; /* samples a channel, as the file's header says */
    int32_t channels, rate;
} tmoi_sound_info;

tmo_status tmoi_sound_look(tmoi_sound_info *out, const uint8_t *data, size_t size_bytes, const char *subject,
                           tmoi_ctx *ctx);

/* Fills out ([frames, channels] of `wanted`, interleaved) from the start of the file, with zeros after its
 * end. A file with more channels is mixed to their mean when one is wanted, and a file with one is repeated
 * when more are. A file of another rate than the wanted one (0: any) fails. `subject` names the file in
 * messages. */
tmo_status tmoi_sound_decode(float *out, const tmoi_sound_info *wanted, const uint8_t *data,
                             size_t size_bytes, const char *subject, tmoi_ctx *ctx);

#endif
