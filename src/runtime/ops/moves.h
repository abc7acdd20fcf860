/* Operators that are nothing but strided copies: a list of them, made in prepare, run in eval.
 *
 *     TMO_TRY(tmoi_moves_begin(exec, node, 1, ctx));
 *     tmoi_move *move = tmoi_moves_add(node, 0, 0);
 *     … tmoi_move_add_dim(move, …) …
 *     TMO_TRY(tmoi_moves_end(exec, node, ctx));
 *
 * Types of less than a byte work too: their elements are unpacked to a byte each and packed again. */
#ifndef TMOI_RUNTIME_OPS_MOVES_H
#define TMOI_RUNTIME_OPS_MOVES_H

#include "kernels/move/move.h"
#include "runtime/value.h"

enum { TMOI_MOVE_FROM_OUTPUT = -1 }; /* a step that copies within an output what an earlier step wrote */

/* Room for `count` steps in node->state. */
tmo_status tmoi_moves_begin(tmoi_exec *exec, tmoi_node *node, int32_t count, tmoi_ctx *ctx);
/* The next step, from an input (or TMOI_MOVE_FROM_OUTPUT) to an output: elem_bytes is set, and there are no dimensions. */
tmoi_move *tmoi_moves_add(tmoi_node *node, int32_t input, int32_t output);
/* Fills output 0 with one element (of elem_bytes bytes, unpacked) before the first step. */
void tmoi_moves_fill(tmoi_node *node, const void *elem);
/* No more steps. */
tmo_status tmoi_moves_end(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx);

tmo_status tmoi_moves_eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx);

#endif
