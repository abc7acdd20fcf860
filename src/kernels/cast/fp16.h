/* The families of float16 conversions: `count` elements from or to float32, rounded to nearest, ties to even (base/fp16.h). Exact
 * but for the payload of NaN. */
#ifndef TMOI_KERNELS_CAST_FP16_H
#define TMOI_KERNELS_CAST_FP16_H

#include <stdint.h>

typedef void (*tmoi_widen_fp16_function)(const uint16_t *in, float *out, int64_t count);
typedef void (*tmoi_narrow_fp16_function)(const float *in, uint16_t *out, int64_t count);

void tmoi_widen_fp16_c(const uint16_t *in, float *out, int64_t count);
void tmoi_widen_fp16_avx2(const uint16_t *in, float *out, int64_t count);
void tmoi_widen_fp16_neon(const uint16_t *in, float *out, int64_t count);
void tmoi_narrow_fp16_c(const float *in, uint16_t *out, int64_t count);
void tmoi_narrow_fp16_avx2(const float *in, uint16_t *out, int64_t count);
void tmoi_narrow_fp16_neon(const float *in, uint16_t *out, int64_t count);

#endif
