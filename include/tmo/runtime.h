/** @file
 * all of libtmo_runtime, the library for the device. */
#ifndef TMO_RUNTIME_H
#define TMO_RUNTIME_H

#include "tmo/common.h"
#include "tmo/model.h"
#include "tmo/options.h"
#include "tmo/session.h"
#include "tmo/types.h"

#endif
