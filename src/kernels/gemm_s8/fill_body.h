/* Copying numbers into the rows of a kernel, in C that compilers vectorize: included by each kernel's file, so that it is
 * compiled for its instruction set. fill_words() makes int16 rows, fill_bytes() int8 ones and fill_unsigned_bytes() uint8 ones. */
#ifndef TMOI_KERNELS_GEMM_S8_FILL_BODY_H
#define TMOI_KERNELS_GEMM_S8_FILL_BODY_H

#include <string.h>

#include "base/compiler.h"
#include "kernels/gemm_s8/gemm_s8.h"
#include "kernels/quant_rows/quantize_value.h"

static inline TMOI_UNUSED void fill_words(const tmoi_gemm_s8_source *source, const void *in, int64_t count,
                                          void *out)
{
    int16_t *restrict to = out;
    const int32_t zero_point = source->zero_point;
    const float inverse = source->inverse, zero = (float)zero_point, low = (float)source->low;
    const int8_t *s8 = in;
    const uint8_t *u8 = in;
    const float *f32 = in;
    switch (source->type) {
    case TMO_TYPE_INT8:
        for (int64_t k = 0; k < count; k++) to[k] = (int16_t)(s8[k] - zero_point);
        break;
    case TMO_TYPE_UINT8:
        for (int64_t k = 0; k < count; k++) to[k] = (int16_t)(u8[k] - zero_point);
        break;
    case TMO_TYPE_FLOAT32:
        for (int64_t k = 0; k < count; k++)
            to[k] = (int16_t)(tmoi_quantize_value(f32[k], inverse, zero, low) - zero_point);
        break;
    default: memcpy(to, in, (size_t)count * sizeof *to); break;
    }
}

static TMOI_ALWAYS_INLINE void fill_any_bytes(const tmoi_gemm_s8_source *source, const void *in,
                                              int64_t count, void *out, const uint8_t offset)
{
    uint8_t *restrict to = out;
    const uint8_t flip = (uint8_t)((source->type == TMO_TYPE_UINT8 ? 128 : 0) ^ offset);
    const float inverse = source->inverse, zero = (float)source->zero_point, low = (float)source->low;
    const uint8_t *u8 = in;
    const float *f32 = in;
    if (source->type == TMO_TYPE_FLOAT32)
        for (int64_t k = 0; k < count; k++)
            to[k] = (uint8_t)(tmoi_quantize_value(f32[k], inverse, zero, low) + offset);
    else if (flip)
        for (int64_t k = 0; k < count; k++) to[k] = (uint8_t)(u8[k] ^ 128);
    else
        memcpy(to, in, (size_t)count);
}

static inline TMOI_UNUSED void fill_bytes(const tmoi_gemm_s8_source *source, const void *in, int64_t count,
                                          void *out)
{
    fill_any_bytes(source, in, count, out, 0);
}

static inline TMOI_UNUSED void fill_unsigned_bytes(const tmoi_gemm_s8_source *source, const void *in,
                                                   int64_t count, void *out)
{
    fill_any_bytes(source, in, count, out, 128);
}

#endif
