/* A graph to test with, and the assertion that most of its uses need. */
#ifndef TESTS_UNIT_TINY_MODEL_H
#define TESTS_UNIT_TINY_MODEL_H

#include "model/graph.h"

typedef struct tiny_model {
    tmoi_graph *graph;
    tmoi_ctx ctx;
} tiny_model;

/* out = x * w + b: tensors 0 x, 1 w, 2 b, 3 the product, 4 out, all 1x16 with scale 0.5; w and b are equal constants. */
tiny_model make_tiny(tmo_type type);

/* Fails the test with the error's text unless `status` is OK. */
void expect_ok(tmo_status status, const char *name, const tmoi_ctx *ctx);

#endif
