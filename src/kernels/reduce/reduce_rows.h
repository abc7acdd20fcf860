/* Makes tmoi_reduce_functions from one step; used in this folder only. */
#ifndef TMOI_KERNELS_REDUCE_REDUCE_ROWS_H
#define TMOI_KERNELS_REDUCE_REDUCE_ROWS_H

#include <float.h>

#include "base/compiler.h"
#include "kernels/reduce/reduce.h"

/* Walks over the rows (runs of the last dimension) of the input, with the output offset of each. */
typedef struct row_walk {
    int64_t index[TMO_MAX_RANK];
    int64_t out;
} row_walk;

static inline int64_t row_count(const tmoi_reduce_plan *plan)
{
    int64_t count = 1;
    for (int32_t k = 0; k < plan->rank - 1; k++) count *= plan->dims[k];
    return plan->dims[plan->rank - 1] ? count : 0;
}

static inline void next_row(const tmoi_reduce_plan *plan, row_walk *walk)
{
    for (int32_t k = plan->rank - 2; k >= 0; k--) {
        walk->out += plan->out_steps[k];
        if (++walk->index[k] < plan->dims[k]) return;
        walk->out -= plan->out_steps[k] * plan->dims[k];
        walk->index[k] = 0;
    }
}

/* A reduction: accumulators of type `accumulator` begin as `start`; `step` takes element x into acc. */
#define REDUCE(name, type, accumulator, start, step)                                   \
    static void name(const tmoi_reduce_plan *plan, const void *in, void *accumulators) \
    {                                                                                  \
        const int64_t rows = row_count(plan), width = plan->dims[plan->rank - 1];      \
        const type *row = in;                                                          \
        accumulator *out = accumulators;                                               \
        row_walk walk = {{0}, 0};                                                      \
        for (int64_t k = 0; k < plan->out_count; k++) out[k] = start;                  \
        for (int64_t r = 0; r < rows; r++, row += width, next_row(plan, &walk)) {      \
            if (plan->inner_reduced) {                                                 \
                accumulator acc = out[walk.out];                                       \
                for (int64_t k = 0; k < width; k++) {                                  \
                    const type x = row[k];                                             \
                    acc = (accumulator)(step);                                         \
                }                                                                      \
                out[walk.out] = acc;                                                   \
            } else {                                                                   \
                accumulator *to = out + walk.out;                                      \
                TMOI_INDEPENDENT_LOOP                                                  \
                for (int64_t k = 0; k < width; k++) {                                  \
                    const type x = row[k];                                             \
                    const accumulator acc = to[k];                                     \
                    to[k] = (accumulator)(step);                                       \
                }                                                                      \
            }                                                                          \
        }                                                                              \
    }

/* A reduction of floats to floats. A row that is reduced itself is taken in sixteen lanes: that vectorizes, loses fewer bits than
 * one running sum, and gives the same result on all instruction sets. */
#define REDUCE_F32(name, start, step)                                                                       \
    static inline float name##_pair(float acc, float x)                                                     \
    {                                                                                                       \
        return step;                                                                                        \
    }                                                                                                       \
    static inline float name##_row(const float *row, int64_t width)                                         \
    {                                                                                                       \
        enum { LANES = 16 };                                                                                \
        float lanes[LANES], acc = start;                                                                    \
        int64_t k = 0;                                                                                      \
        for (int lane = 0; lane < LANES; lane++) lanes[lane] = start;                                       \
        for (; k + LANES <= width; k += LANES)                                                              \
            for (int lane = 0; lane < LANES; lane++) lanes[lane] = name##_pair(lanes[lane], row[k + lane]); \
        for (; k < width; k++) acc = name##_pair(acc, row[k]);                                              \
        for (int lane = 0; lane < LANES && width >= LANES; lane++) acc = name##_pair(acc, lanes[lane]);     \
        return acc;                                                                                         \
    }                                                                                                       \
    static void name(const tmoi_reduce_plan *plan, const void *in, void *accumulators)                      \
    {                                                                                                       \
        const int64_t rows = row_count(plan), width = plan->dims[plan->rank - 1];                           \
        const float *row = in;                                                                              \
        float *out = accumulators;                                                                          \
        row_walk walk = {{0}, 0};                                                                           \
        for (int64_t k = 0; k < plan->out_count; k++) out[k] = start;                                       \
        for (int64_t r = 0; r < rows; r++, row += width, next_row(plan, &walk)) {                           \
            float *to = out + walk.out;                                                                     \
            if (plan->inner_reduced) {                                                                      \
                to[0] = name##_pair(to[0], name##_row(row, width));                                         \
                continue;                                                                                   \
            }                                                                                               \
            TMOI_INDEPENDENT_LOOP                                                                           \
            for (int64_t k = 0; k < width; k++) to[k] = name##_pair(to[k], row[k]);                         \
        }                                                                                                   \
    }

#define REDUCE_EXTREMES(suffix, type, lowest, highest)          \
    REDUCE(max_##suffix, type, type, lowest, acc > x ? acc : x) \
    REDUCE(min_##suffix, type, type, highest, acc < x ? acc : x)

/* What vector units do well. */
REDUCE_F32(sum_f32, 0.0f, acc + x)
REDUCE_F32(max_f32, -FLT_MAX, acc > x ? acc : x)
REDUCE_F32(min_f32, FLT_MAX, acc < x ? acc : x)
REDUCE_EXTREMES(s8, int8_t, INT8_MIN, INT8_MAX)
REDUCE_EXTREMES(u8, uint8_t, 0, UINT8_MAX)
REDUCE_EXTREMES(s16, int16_t, INT16_MIN, INT16_MAX)
REDUCE(sum_s8, int8_t, int32_t, 0, acc + x)
REDUCE(sum_u8, uint8_t, int32_t, 0, acc + x)
REDUCE(sum_s16, int16_t, int64_t, 0, acc + x)

#endif
