/* Sound files. */
#include "data/sound.h"

#define FRAMES 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static float out[2 * FRAMES];
    tmoi_sound_info info;
    for (int32_t channels = 1; channels <= 2; channels++) {
        tmoi_ctx ctx = tmoi_ctx_make(NULL);
        const tmoi_sound_info wanted = {FRAMES, channels, 0};
        (void)tmoi_sound_look(&info, data, size, "input", &ctx);
        ctx = tmoi_ctx_make(NULL);
        (void)tmoi_sound_decode(out, &wanted, data, size, "input", &ctx);
    }
    return 0;
}
