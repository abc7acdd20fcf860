#ifndef TMOI_KERNELS_COMMON_WIDEN_H
#define TMOI_KERNELS_COMMON_WIDEN_H

#include <stddef.h>
#include <stdint.h>

#include "tmo/types.h"

/* out[k] = in[first + k] − zero_point, from int8, uint8, int16, int4 or int2 elements (the latter two
 * packed, low bits first). The difference fits in 16 bits for all these types; int16 elements have zero point 0. */
void tmoi_widen(tmo_type type, const void *in, int64_t first, int64_t count, int32_t zero_point,
                int16_t *out);

/* out[k] = in[first + k · stride] as a float, from float32 or float16 elements, or times `scale` from those above but int16. */
void tmoi_widen_f32(tmo_type type, const void *in, int64_t first, ptrdiff_t stride, int64_t count,
                    float scale, float *out);

#endif
