/* Numbers from text, the same whatever the locale of the process. */
#ifndef TMOI_BASE_NUMBER_H
#define TMOI_BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A decimal number such as "-12", "0.5", "1e-3", "nan" or "inf" that fills all `length` bytes; false when the text is
 * anything else. Exact where digits and power of ten are exact doubles (15 digits, 22 powers), else within one step. */
bool tmoi_parse_number(const char *text, size_t length, double *out);
/* A decimal integer, with an optional sign, that fills all `length` bytes and fits in 64 bits. */
bool tmoi_parse_int(const char *text, size_t length, int64_t *out);

#endif
