/* The memory planner: offsets in one arena for blocks with known lifetimes.
 *
 * Blocks are placed one after the other, each at the best-fitting gap among those already placed whose lifetimes overlap its own. The
 * order decides: largest first, largest times lifetime first, and by the steps with the most memory alive are tried, and the smallest
 * arena is kept; the search ends early where one is as small as the most memory alive at any step.
 * Source: Pisarchyk and Lee, "Efficient Memory Management for Deep Neural Net Inference", 2020, algorithms 2 and 3 ("greedy by
 * breadth" and "greedy by size for offset calculation"). */
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
