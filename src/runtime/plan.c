#include "runtime/plan.h"

#include <stdlib.h>

typedef struct order {
    uint64_t first_key, key; /* larger ones go first */
    int32_t block;
} order;

static int larger_first(const void *a, const void *b)
{
    const order *x = a, *y = b;
    if (x->first_key != y->first_key) return x->first_key < y->first_key ? 1 : -1;
    if (x->key != y->key) return x->key < y->key ? 1 : -1;
    return x->block < y->block ? -1 : 1;
}

static bool overlap(const tmoi_plan_block *a, const tmoi_plan_block *b)
{
    return a->first <= b->last && b->first <= a->last;
}

/* ---- what is placed ---- */

enum {
    MAX_TRIED = 4096, /* blocks; with more of them, one order has to do */
    MAX_SPANS = 64,
    BLOCKS_PER_SPAN = 128,
    ALL = 0 /* the list of all placed blocks */
};

/* The steps are cut into spans of the same length. Placed blocks stand by rising offset in the list of all, and in that of each span in
 * which they are alive: a block that lives within one span, as most do, looks for a gap among those of its span only. */
typedef struct plan {
    tmoi_plan_block *blocks;
    int32_t count;
    int32_t low, steps, span_steps,
        spans;                   /* the first step; how many there are, and a span has; how many spans */
    int32_t *placed;             /* the lists, one after the other */
    size_t start[MAX_SPANS + 2]; /* of list k in `placed` */
    int32_t used[MAX_SPANS + 1];
    order *list;
    size_t *offsets; /* of the best plan so far */
    size_t *alive;   /* [steps + 1]: the memory alive at a step */
    size_t *breadth; /* per block: the most memory alive at a step in which it is alive */
    size_t bound;    /* no arena can be smaller */
} plan;

/* The list of the span that a step is in. */
static int32_t span_of(const plan *p, int32_t step)
{
    return 1 + (step - p->low) / p->span_steps;
}

static void cut_into_spans(plan *p)
{
    int32_t high = INT32_MIN;
    p->low = INT32_MAX;
    for (int32_t k = 0; k < p->count; k++) {
        if (p->blocks[k].first < p->low) p->low = p->blocks[k].first;
        if (p->blocks[k].last > high) high = p->blocks[k].last;
    }
    int32_t wanted = p->count / BLOCKS_PER_SPAN + 1;
    if (wanted > MAX_SPANS) wanted = MAX_SPANS;
    p->steps = high - p->low + 1;
    p->span_steps = (p->steps + wanted - 1) / wanted;
    p->spans = span_of(p, high);
}

/* How long each list gets, and so where it starts; returns the length of all together. */
static size_t lay_out_lists(plan *p)
{
    size_t at = (size_t)p->count;
    int32_t lengths[MAX_SPANS + 1] = {0};
    for (int32_t k = 0; k < p->count; k++)
        for (int32_t s = span_of(p, p->blocks[k].first); s <= span_of(p, p->blocks[k].last); s++)
            lengths[s]++;
    p->start[ALL] = 0;
    for (int32_t s = 1; s <= p->spans; s++) {
        p->start[s] = at;
        at += (size_t)lengths[s];
    }
    return at;
}

/* The offset of the smallest gap that holds `block`. */
static size_t best_gap(const plan *p, const tmoi_plan_block *block)
{
    size_t end = 0, best = SIZE_MAX, best_bytes = SIZE_MAX;
    int32_t first = span_of(p, block->first), from = first == span_of(p, block->last) ? first : ALL;
    const int32_t *placed = p->placed + p->start[from];
    for (int32_t k = 0; k < p->used[from]; k++) {
        const tmoi_plan_block *other = &p->blocks[placed[k]];
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

static void insert_by_offset(plan *p, int32_t into, int32_t block)
{
    int32_t *placed = p->placed + p->start[into], at = p->used[into]++;
    while (at > 0 && p->blocks[placed[at - 1]].offset > p->blocks[block].offset) {
        placed[at] = placed[at - 1];
        at--;
    }
    placed[at] = block;
}

static void insert(plan *p, int32_t block)
{
    insert_by_offset(p, ALL, block);
    for (int32_t s = span_of(p, p->blocks[block].first); s <= span_of(p, p->blocks[block].last); s++)
        insert_by_offset(p, s, block);
}

/* ---- orders ---- */

static void measure_breadth(plan *p)
{
    size_t alive = 0;
    for (int32_t k = 0; k < p->count; k++) {
        size_t bytes = tmoi_align_up(p->blocks[k].bytes, TMOI_ALIGNMENT);
        p->alive[p->blocks[k].first - p->low] += bytes;
        p->alive[p->blocks[k].last - p->low + 1] -= bytes; /* may wrap around: the sums do not */
    }
    for (int32_t step = 0; step < p->steps; step++) {
        alive += p->alive[step];
        p->alive[step] = alive;
        if (alive > p->bound) p->bound = alive;
    }
    for (int32_t k = 0; k < p->count; k++)
        for (int32_t step = p->blocks[k].first - p->low; step <= p->blocks[k].last - p->low; step++)
            if (p->alive[step] > p->breadth[k]) p->breadth[k] = p->alive[step];
}

static uint64_t lifetime(const tmoi_plan_block *block)
{
    return (uint64_t)((int64_t)block->last - block->first + 1);
}

static void order_by_size(const plan *p, int32_t k)
{
    p->list[k] = (order){p->blocks[k].bytes, 0, k};
}

static void order_by_area(const plan *p, int32_t k)
{
    p->list[k] = (order){p->blocks[k].bytes / 64 * lifetime(&p->blocks[k]), p->blocks[k].bytes, k};
}

static void order_by_breadth(const plan *p, int32_t k)
{
    p->list[k] = (order){p->breadth[k], p->blocks[k].bytes, k};
}

static void order_by_lifetime(const plan *p, int32_t k)
{
    p->list[k] = (order){lifetime(&p->blocks[k]), p->blocks[k].bytes, k};
}

/* The sum of all sizes fits, so every end does. */
static size_t place_in_order(plan *p)
{
    size_t arena_bytes = 0;
    for (int32_t s = 0; s <= p->spans; s++) p->used[s] = 0;
    qsort(p->list, (size_t)p->count, sizeof *p->list, larger_first);
    for (int32_t k = 0; k < p->count; k++) {
        tmoi_plan_block *block = &p->blocks[p->list[k].block];
        block->offset = best_gap(p, block);
        insert(p, p->list[k].block);
        size_t end = block->offset + tmoi_align_up(block->bytes, TMOI_ALIGNMENT);
        if (end > arena_bytes) arena_bytes = end;
    }
    return arena_bytes;
}

static size_t try_orders(plan *p)
{
    static void (*const orders[])(const plan *p, int32_t k) = {order_by_size, order_by_breadth, order_by_area,
                                                               order_by_lifetime};
    size_t tried = p->count <= MAX_TRIED ? sizeof orders / sizeof orders[0] : 1, best = SIZE_MAX;
    if (tried > 1) measure_breadth(p);
    for (size_t o = 0; o < tried && best > p->bound; o++) {
        for (int32_t k = 0; k < p->count; k++) orders[o](p, k);
        size_t bytes = place_in_order(p);
        if (bytes >= best) continue;
        best = bytes;
        for (int32_t k = 0; k < p->count; k++) p->offsets[k] = p->blocks[k].offset;
    }
    for (int32_t k = 0; k < p->count; k++) p->blocks[k].offset = p->offsets[k];
    return best;
}

static tmo_status check_sizes(const plan *p, tmoi_ctx *ctx)
{
    size_t sum = 0;
    for (int32_t k = 0; k < p->count; k++)
        TMO_FAIL_IF(p->blocks[k].bytes > SIZE_MAX / 2 ||
                        !tmoi_add_size(sum, tmoi_align_up(p->blocks[k].bytes, TMOI_ALIGNMENT), &sum),
                    LIMIT, ctx, "the activations need more memory than can be addressed");
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static void release(const plan *p, const tmoi_ctx *ctx)
{
    tmoi_release(&ctx->allocator, p->list);
    tmoi_release(&ctx->allocator, p->placed);
    tmoi_release(&ctx->allocator, p->offsets);
    tmoi_release(&ctx->allocator, p->alive);
    tmoi_release(&ctx->allocator, p->breadth);
}

tmo_status tmoi_plan_place(tmoi_plan_block *blocks, int32_t count, size_t *arena_bytes, tmoi_ctx *ctx)
{
    plan p = {.blocks = blocks, .count = count};
    *arena_bytes = 0;
    if (count == 0) return TMO_STATUS_OK;
    TMO_TRY(check_sizes(&p, ctx));
    TMO_TRY(tmoi_new(ctx, &p.list, (size_t)count));
    cut_into_spans(&p);
    TMO_TRY(tmoi_new(ctx, &p.placed, lay_out_lists(&p)));
    TMO_TRY(tmoi_new(ctx, &p.offsets, (size_t)count));
    TMO_TRY(tmoi_new(ctx, &p.alive, (size_t)p.steps + 1));
    TMO_TRY(tmoi_new(ctx, &p.breadth, (size_t)count));
    *arena_bytes = try_orders(&p);
    release(&p, ctx);
    return TMO_STATUS_OK;
fail:
    release(&p, ctx);
    return ctx->error.status;
}
