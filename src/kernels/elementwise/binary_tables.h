/* The parts of tmoi_binary_plain(). */
#ifndef TMOI_KERNELS_ELEMENTWISE_BINARY_TABLES_H
#define TMOI_KERNELS_ELEMENTWISE_BINARY_TABLES_H

#include <stddef.h>

#include "kernels/elementwise/elementwise.h"

tmoi_binary_function tmoi_binary_float(tmoi_binary_kind kind, tmo_type type);
tmoi_binary_function tmoi_binary_compare(tmoi_binary_kind kind, tmo_type type);
/* int8 and uint8 elements compared by their real values. */
tmoi_binary_function tmoi_binary_compare_scaled(tmoi_binary_kind kind, tmo_type type);

#endif
