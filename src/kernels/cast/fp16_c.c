#include "base/fp16.h"

#include "kernels/cast/fp16.h"

void tmoi_widen_fp16_c(const uint16_t *in, float *out, int64_t count)
{
    for (int64_t k = 0; k < count; k++) out[k] = tmoi_fp16_to_float(in[k]);
}

void tmoi_narrow_fp16_c(const float *in, uint16_t *out, int64_t count)
{
    for (int64_t k = 0; k < count; k++) out[k] = tmoi_fp16_from_float(in[k]);
}
