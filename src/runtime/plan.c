#include "runtime/plan.h"

#include <stdlib.h>

typedef struct order {
    size_t bytes;
    int32_t block;
} order;

static int larger_first(const void *a, const void *b)
{
    const order *x = a, *y = b;
    if (x->bytes != y->bytes) return x->bytes < y->bytes ? 1 : -1;
    return x->block < y->block ? -1 : 1;
}

static bool overlap(const tmoi_plan_block *a, const tmoi_plan_block *b)
{
    return a->first <= b->last && b->first <= a->last;
}

/* The offset of the smallest gap that holds `block`; `placed` lists the placed blocks by rising offset. */
static size_t best_gap(const tmoi_plan_block *blocks, const int32_t *placed, int32_t count,
                       const tmoi_plan_block *block)
{
    size_t end = 0, best = SIZE_MAX, best_bytes = SIZE_MAX;
    for (int32_t k = 0; k < count; k++) {
        const tmoi_plan_block *other = &blocks[placed[k]];
        if (!overlap(other, block)) continue;
        if (other->offset > end) {
            size_t gap = other->offset - end;
            if (gap >= block->bytes && gap < best_bytes) {
                best = end;
                best_bytes = gap;
            }
        }
        size_t other_end = other->offset + tmoi_align_up(other->bytes, TMOI_ALIGNMENT);
        if (other_end > end) end = other_end;
    }
    return best == SIZE_MAX ? end : best;
}

static void insert_by_offset(const tmoi_plan_block *blocks, int32_t *placed, int32_t count, int32_t block)
{
    int32_t at = count;
    while (at > 0 && blocks[placed[at - 1]].offset > blocks[block].offset) {
        placed[at] = placed[at - 1];
        at--;
    }
    placed[at] = block;
}

tmo_status tmoi_plan_place(tmoi_plan_block *blocks, int32_t count, size_t *arena_bytes, tmoi_ctx *ctx)
{
    order *by_size = NULL;
    int32_t *placed = NULL;
    *arena_bytes = 0;
    TMO_TRY(tmoi_new(ctx, &by_size, (size_t)count));
    TMO_TRY(tmoi_new(ctx, &placed, (size_t)count));
    for (int32_t k = 0; k < count; k++) by_size[k] = (order){blocks[k].bytes, k};
    qsort(by_size, (size_t)count, sizeof *by_size, larger_first);
    for (int32_t k = 0; k < count; k++) {
        tmoi_plan_block *block = &blocks[by_size[k].block];
        size_t end;
        block->offset = best_gap(blocks, placed, k, block);
        TMO_FAIL_IF(block->bytes > SIZE_MAX / 2 ||
                        !tmoi_add_size(block->offset, tmoi_align_up(block->bytes, TMOI_ALIGNMENT), &end),
                    LIMIT, ctx, "the activations need more memory than can be addressed");
        insert_by_offset(blocks, placed, k, by_size[k].block);
        if (end > *arena_bytes) *arena_bytes = end;
    }
    tmoi_release(&ctx->allocator, by_size);
    tmoi_release(&ctx->allocator, placed);
    return TMO_STATUS_OK;
fail:
    tmoi_release(&ctx->allocator, by_size);
    tmoi_release(&ctx->allocator, placed);
    return ctx->error.status;
}
