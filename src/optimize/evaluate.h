/* Runs one operator on constants, for the rewrites. */
#ifndef TMOI_OPTIMIZE_EVALUATE_H
#define TMOI_OPTIMIZE_EVALUATE_H

#include "rewrite/rewrite.h"

/* Needs no user data; may be used from any thread on a graph of its own. */
extern const tmoi_evaluator tmoi_runtime_evaluator;

#endif
