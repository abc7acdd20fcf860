/* Values that lie in the memory of others: views, parts of a concatenation, results computed in place.
 *
 * Values with memory in common form a block, as large as its base, the largest of them. A value joins another only as a whole
 * block, so that two values of a block overlap only where one is a part of the other. */
#ifndef TMOI_RUNTIME_PLACES_H
#define TMOI_RUNTIME_PLACES_H

#include "runtime/session_private.h"

/* True for values that the memory plan places: not constants, variables, or values of unknown size. */
bool tmoi_is_planned(const tmoi_value *value);
/* Each value in a block of its own. */
void tmoi_places_start(tmoi_session_graph *graph);
/* Whether `value` can lie `offset` bytes into `into`: one of the two is all of its block, and neither would a result of the
 * graph share memory with its inputs nor an input or result lose its alignment. */
bool tmoi_places_fit(const tmoi_session_graph *graph, int32_t value, int32_t into, size_t offset);
/* Whether a result of the graph lies in the block of `value`. */
bool tmoi_places_hold_result(const tmoi_session_graph *graph, int32_t value);
/* Puts `value` there. */
void tmoi_places_put(tmoi_session_graph *graph, int32_t value, int32_t into, size_t offset);

#endif
