/* The headers of all families. */
#ifndef TMOI_KERNELS_FAMILY_HEADERS_H
#define TMOI_KERNELS_FAMILY_HEADERS_H

#include "kernels/conv/conv.h"

#endif
