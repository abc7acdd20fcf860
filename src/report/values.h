/* Tensor elements of any numeric type as the real numbers that they stand for. */
#ifndef TMOI_REPORT_VALUES_H
#define TMOI_REPORT_VALUES_H

#include "model/graph.h"

/* False for strings, resources, variants, complex numbers and 8-bit floats. */
bool tmoi_type_is_real(tmo_type type);
bool tmoi_type_is_float(tmo_type type);

/* Element k of an array of a real type as it is stored, without scale and zero point. */
double tmoi_stored_value(tmo_type type, const void *data, int64_t k);

/* A typed array and what its elements mean. `quant` may have count 0, and then values are meant as stored. */
typedef struct tmoi_elements {
    tmo_type type;
    const void *data;
    const tmoi_shape *shape;
    const tmoi_quant *quant;
} tmoi_elements;

/* out[0 .. count-1] = the real values of elements begin … begin + count - 1. */
void tmoi_real_values(const tmoi_elements *elements, int64_t begin, int64_t count, float *out);

/* Stores `count` real values as elements begin … of `data`, in the given type: divided by scale and shifted when quantized per tensor,
 * rounded to nearest and clamped for integer types. `quant` may be NULL. */
void tmoi_store_values(const float *values, int64_t count, tmo_type type, const tmoi_quant *quant, void *data,
                       int64_t begin);

#endif
