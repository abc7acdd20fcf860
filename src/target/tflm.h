/* TensorFlow Lite for Microcontrollers: it has a kernel for an operator and its types, or the model does not run. */
#ifndef TMOI_TARGET_TFLM_H
#define TMOI_TARGET_TFLM_H

#include "target/rule.h"

/* Custom operators included. */
bool tmoi_tflm_runs(const tmoi_site *site, tmoi_why *why);

#endif
