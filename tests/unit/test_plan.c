/* The memory planner: no two blocks that live at once overlap, and the arena is close to the lower bound. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"
#include "runtime/plan.h"

enum { MAX_BLOCKS = 200, STEPS = 60 };

static size_t lower_bound(const tmoi_plan_block *blocks, int32_t count)
{
    size_t bound = 0;
    for (int32_t step = 0; step < STEPS; step++) {
        size_t alive = 0;
        for (int32_t k = 0; k < count; k++)
            if (blocks[k].first <= step && step <= blocks[k].last)
                alive += tmoi_align_up(blocks[k].bytes, TMOI_ALIGNMENT);
        if (alive > bound) bound = alive;
    }
    return bound;
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
        assert_true(arena_bytes <= lower_bound(blocks, count) * 3 / 2);
    }
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
        cmocka_unit_test(sizes_that_overflow_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
