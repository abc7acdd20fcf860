/* CAST: each element's value in another type.
 *
 * Integers to narrower integers keep the low bits; floats to integers round toward zero and saturate, NaN becomes 0; any number
 * but 0 is true; complex numbers lose their imaginary part. Source: TFLite cast.cc, where what overflows is undefined. */
#ifndef TMOI_KERNELS_CAST_CAST_H
#define TMOI_KERNELS_CAST_CAST_H

#include <stdint.h>

#include "tmo/types.h"

/* From and to float16, bfloat16, float32, float64, complex64, bool and integers of 8 to 64 bits; from packed int4 too. */
void tmoi_cast(tmo_type from, tmo_type to, const void *in, void *out, int64_t count);

/* The family cast_rows: the same for pairs of types that models cast between, else NULL. Exact. */
typedef void (*tmoi_cast_function)(const void *in, void *out, int64_t count);
typedef tmoi_cast_function (*tmoi_cast_rows_function)(tmo_type from, tmo_type to);
tmoi_cast_function tmoi_cast_rows_c(tmo_type from, tmo_type to);
tmoi_cast_function tmoi_cast_rows_avx2(tmo_type from, tmo_type to);
tmoi_cast_function tmoi_cast_rows_neon(tmo_type from, tmo_type to);
tmoi_cast_function tmoi_cast_rows_simd128(tmo_type from, tmo_type to);

#endif
