/* The memory planner: offsets in one arena for blocks with known lifetimes.
 *
 * Greedy by size: the largest block first, each at the best-fitting gap among the blocks already placed whose lifetimes
 * overlap its own. Source: Pisarchyk and Lee, "Efficient Memory Management for Deep Neural Net Inference", 2020,
 * algorithm 3 ("greedy by size for offset calculation"). */
#ifndef TMOI_RUNTIME_PLAN_H
#define TMOI_RUNTIME_PLAN_H

#include "base/alloc.h"

typedef struct tmoi_plan_block {
    size_t bytes;
    int32_t first, last; /* the steps in which it is alive, both included */
    size_t offset;       /* out: a multiple of TMOI_ALIGNMENT */
} tmoi_plan_block;

/* Places the blocks; *arena_bytes is the size of the arena. */
tmo_status tmoi_plan_place(tmoi_plan_block *blocks, int32_t count, size_t *arena_bytes, tmoi_ctx *ctx);

#endif
