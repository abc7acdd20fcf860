/* Deep comparison of two structs of the format, through their descriptors. */
#ifndef TESTS_UNIT_COMPARE_TABLES_H
#define TESTS_UNIT_COMPARE_TABLES_H

#include <stdbool.h>

#include "tflite/descriptor.h"

/* True when both say the same; else `place` (of `place_bytes`) names the first field that differs. Buffers are compared by
 * payload, wherever it lies. */
bool same_tables(const tmoi_fb_type *type, const void *a, const void *b, char *place, size_t place_bytes);

#endif
