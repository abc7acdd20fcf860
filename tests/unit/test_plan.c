/* The memory planner: no two blocks that live at once overlap, and the arena is close to the lower bound. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "base/rng.h"
#include "runtime/plan.h"

enum { MAX_BLOCKS = 200, STEPS = 60 };

static size_t most_alive(const tmoi_plan_block *blocks, int32_t count, int32_t steps)
{
    size_t bound = 0, alive = 0, *starts = calloc((size_t)steps + 2, sizeof *starts);
    assert_non_null(starts);
    for (int32_t k = 0; k < count; k++) {
        starts[blocks[k].first + 1] += tmoi_align_up(blocks[k].bytes, TMOI_ALIGNMENT);
        if (blocks[k].last < steps)
            starts[blocks[k].last + 2] -= tmoi_align_up(blocks[k].bytes, TMOI_ALIGNMENT);
    }
    for (int32_t step = 0; step <= steps; step++) {
        alive += starts[step];
        if (alive > bound) bound = alive;
    }
    free(starts);
    return bound;
}

/* Each with those that begin while it lives; the blocks begin in the order of the list. */
static void check_neighbours(const tmoi_plan_block *blocks, int32_t count, size_t arena_bytes)
{
    for (int32_t a = 0; a < count; a++) {
        assert_int_equal(blocks[a].offset % TMOI_ALIGNMENT, 0);
        assert_true(blocks[a].offset + blocks[a].bytes <= arena_bytes);
        for (int32_t b = a + 1; b < count && blocks[b].first <= blocks[a].last; b++)
            assert_true(blocks[a].offset + blocks[a].bytes <= blocks[b].offset ||
                        blocks[b].offset + blocks[b].bytes <= blocks[a].offset);
    }
}

static void check_plan(const tmoi_plan_block *blocks, int32_t count, size_t arena_bytes)
{
    for (int32_t a = 0; a < count; a++) {
        assert_int_equal(blocks[a].offset % TMOI_ALIGNMENT, 0);
        assert_true(blocks[a].offset + blocks[a].bytes <= arena_bytes);
        for (int32_t b = 0; b < a; b++) {
            bool together = blocks[a].first <= blocks[b].last && blocks[b].first <= blocks[a].last;
            bool apart = blocks[a].offset + blocks[a].bytes <= blocks[b].offset ||
                         blocks[b].offset + blocks[b].bytes <= blocks[a].offset;
            assert_true(!together || apart || blocks[a].bytes == 0 || blocks[b].bytes == 0);
        }
    }
}

static void random_plans_are_valid_and_tight(void **state)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    tmoi_rng rng = tmoi_rng_make(7, 0);
    (void)state;
    for (int round = 0; round < 100; round++) {
        tmoi_plan_block blocks[MAX_BLOCKS];
        int32_t count = 1 + (int32_t)tmoi_rng_below(&rng, MAX_BLOCKS - 1);
        size_t arena_bytes;
        for (int32_t k = 0; k < count; k++) {
            int32_t first = (int32_t)tmoi_rng_below(&rng, STEPS - 4);
            blocks[k] = (tmoi_plan_block){tmoi_rng_below(&rng, 5000), first,
                                          first + (int32_t)tmoi_rng_below(&rng, 4), 0};
        }
        assert_int_equal(tmoi_plan_place(blocks, count, &arena_bytes, &ctx), TMO_STATUS_OK);
        check_plan(blocks, count, arena_bytes);
        assert_true(arena_bytes <= most_alive(blocks, count, STEPS) * 3 / 2);
    }
}

/* As many as a very large model has: most live for a few steps, some for long. The limit is some ten times what it takes. */
static void many_blocks_take_little_time(void **state)
{
    enum { COUNT = 20000 };
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    tmoi_rng rng = tmoi_rng_make(9, 0);
    tmoi_plan_block *blocks = malloc(COUNT * sizeof *blocks);
    (void)state;
    assert_non_null(blocks);
    for (int32_t count = COUNT / 4; count <= COUNT; count *= 4) {
        size_t arena_bytes;
        for (int32_t k = 0; k < count; k++) {
            int32_t length = (int32_t)tmoi_rng_below(&rng, k % 100 ? 4 : 400);
            blocks[k] = (tmoi_plan_block){1 + tmoi_rng_below(&rng, 5000), k - 1, k + length, 0};
        }
        clock_t start = clock();
        assert_int_equal(tmoi_plan_place(blocks, count, &arena_bytes, &ctx), TMO_STATUS_OK);
        assert_true(clock() - start < 2 * CLOCKS_PER_SEC);
        check_neighbours(blocks, count, arena_bytes);
        assert_true(arena_bytes < 2 * most_alive(blocks, count, count + 400));
    }
    free(blocks);
}

static void sizes_that_overflow_are_refused(void **state)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    tmoi_plan_block blocks[2] = {{SIZE_MAX - 10, 0, 1, 0}, {100, 0, 1, 0}};
    size_t arena_bytes;
    (void)state;
    assert_int_equal(tmoi_plan_place(blocks, 2, &arena_bytes, &ctx), TMO_STATUS_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_plans_are_valid_and_tight),
        cmocka_unit_test(many_blocks_take_little_time),
        cmocka_unit_test(sizes_that_overflow_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
