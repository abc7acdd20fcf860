/* IEEE 754 half precision and bfloat16 to and from float. Rounds to nearest, ties to even; NaN stays NaN. */
#ifndef TMOI_BASE_FP16_H
#define TMOI_BASE_FP16_H

#include <stddef.h>
#include <stdint.h>

float tmoi_fp16_to_float(uint16_t half);
uint16_t tmoi_fp16_from_float(float value);
float tmoi_bf16_to_float(uint16_t bits);
uint16_t tmoi_bf16_from_float(float value);

#endif
