/** @file
 * all of libtmo, the library for the workstation. */
#ifndef TMO_TMO_H
#define TMO_TMO_H

#include "tmo/bench.h"
#include "tmo/check.h"
#include "tmo/compare.h"
#include "tmo/convert.h"
#include "tmo/dataset.h"
#include "tmo/evaluate.h"
#include "tmo/inspect.h"
#include "tmo/io.h"
#include "tmo/kernels.h"
#include "tmo/quantize.h"
#include "tmo/runtime.h"

#endif
