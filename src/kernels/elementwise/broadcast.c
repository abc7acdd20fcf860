#include "kernels/elementwise/broadcast.h"

/* Step of a dimension: 0 where the input's size is 1 and the output's is not. */
static int64_t dimension_step(const tmoi_shape *shape, int32_t from_end, int64_t dim, int64_t step)
{
    if (from_end > shape->rank) return 0;
    return shape->dims[shape->rank - from_end] == 1 && dim != 1 ? 0 : step;
}

static int64_t dimension_size(const tmoi_shape *shape, int32_t from_end)
{
    return from_end <= shape->rank ? shape->dims[shape->rank - from_end] : 1;
}

/* Extends dimension `last` outwards by one of size `dim` if both inputs go on in it as they would in one dimension. */
static bool merge(tmoi_broadcast *loop, int32_t last, int64_t dim, int64_t step_a, int64_t step_b)
{
    bool same_a = step_a == loop->step_a[last] * loop->dims[last];
    bool same_b = step_b == loop->step_b[last] * loop->dims[last];
    if (!same_a || !same_b) return false;
    loop->dims[last] *= dim;
    return true;
}

static void reverse(int64_t *values, int32_t count)
{
    for (int32_t k = 0; k < count / 2; k++) {
        int64_t value = values[k];
        values[k] = values[count - 1 - k];
        values[count - 1 - k] = value;
    }
}

void tmoi_broadcast_init(tmoi_broadcast *loop, const tmoi_shape *a, const tmoi_shape *b,
                         const tmoi_shape *out)
{
    int64_t step_a = 1, step_b = 1;
    *loop = (tmoi_broadcast){.count = tmoi_shape_count(out)};
    for (int32_t k = 1; k <= out->rank; k++) {
        int64_t dim = out->dims[out->rank - k];
        int64_t here_a = dimension_step(a, k, dim, step_a), here_b = dimension_step(b, k, dim, step_b);
        step_a *= dimension_size(a, k);
        step_b *= dimension_size(b, k);
        if (dim == 1) continue;
        if (loop->rank && merge(loop, loop->rank - 1, dim, here_a, here_b)) continue;
        loop->dims[loop->rank] = dim;
        loop->step_a[loop->rank] = here_a;
        loop->step_b[loop->rank] = here_b;
        loop->rank++;
    }
    if (!loop->rank)
        *loop = (tmoi_broadcast){.rank = 1, .dims = {1}, .step_a = {1}, .step_b = {1}, .count = 1};
    reverse(loop->dims, loop->rank);
    reverse(loop->step_a, loop->rank);
    reverse(loop->step_b, loop->rank);
}

tmoi_broadcast_run tmoi_broadcast_at(const tmoi_broadcast *loop, int64_t index)
{
    const int32_t last = loop->rank - 1;
    tmoi_broadcast_run run = {.a = 0};
    for (int32_t k = last; k > 0; k--) {
        run.index[k] = index % loop->dims[k];
        index /= loop->dims[k];
    }
    run.index[0] = index;
    for (int32_t k = 0; k <= last; k++) {
        run.a += run.index[k] * loop->step_a[k];
        run.b += run.index[k] * loop->step_b[k];
    }
    run.count = loop->dims[last] - run.index[last];
    return run;
}

void tmoi_broadcast_next(const tmoi_broadcast *loop, tmoi_broadcast_run *run)
{
    const int32_t last = loop->rank - 1;
    run->a -= run->index[last] * loop->step_a[last];
    run->b -= run->index[last] * loop->step_b[last];
    run->index[last] = 0;
    run->count = loop->dims[last];
    for (int32_t k = last - 1; k >= 0; k--) {
        run->a += loop->step_a[k];
        run->b += loop->step_b[k];
        if (++run->index[k] < loop->dims[k]) return;
        run->a -= loop->step_a[k] * loop->dims[k];
        run->b -= loop->step_b[k] * loop->dims[k];
        run->index[k] = 0;
    }
}
