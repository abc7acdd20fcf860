/* The headers of all families. */
#ifndef TMOI_KERNELS_FAMILY_HEADERS_H
#define TMOI_KERNELS_FAMILY_HEADERS_H

#include "kernels/conv/conv.h"
#include "kernels/move/move.h"
#include "kernels/resize/resize.h"

#endif
