/* Float products in the half floats of Arm, for sessions that allow it: both sides are rounded to float16, some products of a sum are
 * added up in float16, and these sums in float. What a few steps read is rounded just before, so panels are floats. */
#include <arm_neon.h>
#include <string.h>

#include "base/compiler.h"
#include "kernels/common/fixed_point.h"
#include "kernels/gemm_f32/gemm_f32.h"

enum {
    LANES = 8,
    BOTH = 2 * LANES, /* columns of a tile */
    ROWS = 8,         /* of a tile */
    BLOCK = 96,       /* rows for which panels are rounded once */
    TERMS = 256,      /* that are rounded at a time */
    SHORT = 64        /* products that are added up in float16 */
};

/* Some terms of a tile's rows and columns, filled up with zeros to a multiple of eight. */
typedef struct rounded {
    float16_t a[ROWS][TERMS];
    float16_t b[2][TERMS][LANES];
} rounded;

/* Which part of the result a block is. */
typedef struct part {
    int32_t row, rows, column, columns;
} part;

static float16x8_t round_eight(const float *in)
{
    return vcombine_f16(vcvt_f16_f32(vld1q_f32(in)), vcvt_f16_f32(vld1q_f32(in + 4)));
}

static void round_terms(const float *in, int32_t count, float16_t *out)
{
    int32_t k = 0;
    for (; k + 8 <= count; k += 8) vst1q_f16(out + k, round_eight(in + k));
    if (k == count) return;
    float last[8] = {0};
    memcpy(last, in + k, (size_t)(count - k) * sizeof *last);
    vst1q_f16(out + k, round_eight(last));
}

static void round_panel(const float *in, int32_t count, float16_t (*out)[LANES])
{
    int32_t k = 0;
    for (; k < count; k++) vst1q_f16(out[k], round_eight(in + k * LANES));
    for (; k % 8; k++) vst1q_f16(out[k], vdupq_n_f16(0));
}

/* One of eight terms: lane `which` of each row's. */
#define ADD_TERM(which)                                                                                \
    do {                                                                                               \
        TMOI_UNROLL                                                                                    \
        for (int p = 0; p < panels; p++) {                                                             \
            float16x8_t panel = vld1q_f16(terms->b[p][k + which]);                                     \
            TMOI_UNROLL                                                                                \
            for (int r = 0; r < rows; r++) sum[r][p] = vfmaq_laneq_f16(sum[r][p], panel, x[r], which); \
        }                                                                                              \
    } while (0)

/* Adds up to SHORT products; `rows` and `panels` are known when compiling. */
static TMOI_ALWAYS_INLINE void add_products(int rows, int panels, const rounded *terms, int32_t first,
                                            int32_t end, float (*sums)[BOTH])
{
    float16x8_t sum[ROWS][2], x[ROWS];
    TMOI_UNROLL
    for (int r = 0; r < rows; r++) sum[r][0] = sum[r][1] = vdupq_n_f16(0);
    for (int32_t k = first; k < end; k += 8) {
        TMOI_UNROLL
        for (int r = 0; r < rows; r++) x[r] = vld1q_f16(terms->a[r] + k);
        ADD_TERM(0);
        ADD_TERM(1);
        ADD_TERM(2);
        ADD_TERM(3);
        ADD_TERM(4);
        ADD_TERM(5);
        ADD_TERM(6);
        ADD_TERM(7);
    }
    TMOI_UNROLL
    for (int r = 0; r < rows; r++) {
        TMOI_UNROLL
        for (int p = 0; p < panels; p++) {
            float *to = sums[r] + p * LANES;
            vst1q_f32(to, vaddq_f32(vld1q_f32(to), vcvt_f32_f16(vget_low_f16(sum[r][p]))));
            vst1q_f32(to + 4, vaddq_f32(vld1q_f32(to + 4), vcvt_high_f32_f16(sum[r][p])));
        }
    }
}

static void add_tile(int32_t rows, int32_t panels, const rounded *terms, int32_t count, float (*sums)[BOTH])
{
    for (int32_t first = 0; first < count; first += SHORT) {
        int32_t end = count - first < SHORT ? count : first + SHORT;
        if (panels == 1)
            add_products(ROWS, 1, terms, first, end, sums);
        else if (rows > ROWS / 2)
            add_products(ROWS, 2, terms, first, end, sums);
        else
            add_products(ROWS / 2, 2, terms, first, end, sums);
    }
}

/* Adds the terms [first, first + count) of a tap to the sums of a part. Rows of a tile past the last repeat it. */
static void add_terms(const tmoi_gemm_f32_block *block, const part *p, int32_t tap, int32_t first,
                      int32_t count, float (*sums)[BOTH])
{
    rounded terms;
    ptrdiff_t panel = (ptrdiff_t)block->taps * block->terms * LANES;
    const float *b = block->b + p->column / LANES * panel + ((ptrdiff_t)tap * block->terms + first) * LANES;
    int32_t panels = p->columns > LANES ? 2 : 1;
    for (int32_t k = 0; k < panels; k++) round_panel(b + k * panel, count, terms.b[k]);
    for (int32_t i = 0; i < p->rows; i += ROWS) {
        int32_t rows = p->rows - i < ROWS ? p->rows - i : ROWS;
        for (int32_t r = 0; r < ROWS; r++) {
            ptrdiff_t row = p->row + i + (r < rows ? r : rows - 1);
            round_terms(block->a[row * block->taps + tap] + first, count, terms.a[r]);
        }
        add_tile(rows, panels, &terms, count, sums + i);
    }
}

static void clamp(float *x, int32_t count, float low, float high)
{
    for (int32_t j = 0; j < count; j++) x[j] = tmoi_clamp_f32(x[j], low, high);
}

static void finish(const tmoi_gemm_f32_block *block, int32_t row, const part *p, float *x)
{
    const tmoi_gemm_f32_tail *tail = &block->tail;
    int32_t count = p->columns;
    for (int32_t j = 0; block->bias && j < count; j++) x[j] += block->bias[p->column + j];
    clamp(x, count, block->low, block->high);
    if (tail->residual) {
        const float *residual = tail->residual + row * tail->residual_stride + p->column;
        for (int32_t j = 0; j < count; j++) x[j] += residual[j];
        clamp(x, count, tail->low, tail->high);
    }
    for (int32_t j = 0; tail->slope && j < count; j++)
        x[j] = x[j] >= 0.0f ? x[j] : x[j] * tail->slope[p->column + j];
    memcpy(block->out + row * block->out_stride + p->column, x, (size_t)count * sizeof *x);
}

static void run_part(const tmoi_gemm_f32_block *block, const part *p)
{
    float sums[BLOCK][BOTH];
    memset(sums, 0, (size_t)(p->rows + ROWS - 1) / ROWS * ROWS * sizeof *sums);
    for (int32_t t = 0; t < block->taps; t++)
        for (int32_t first = 0; first < block->terms; first += TERMS) {
            int32_t left = block->terms - first;
            add_terms(block, p, t, first, left < TERMS ? left : TERMS, sums);
        }
    for (int32_t r = 0; r < p->rows; r++) finish(block, p->row + r, p, sums[r]);
}

static void run(const tmoi_gemm_f32_block *block)
{
    part p;
    for (p.row = 0; p.row < block->rows; p.row += BLOCK) {
        p.rows = block->rows - p.row < BLOCK ? block->rows - p.row : BLOCK;
        for (p.column = 0; p.column < block->columns; p.column += BOTH) {
            p.columns = block->columns - p.column < BOTH ? block->columns - p.column : BOTH;
            run_part(block, &p);
        }
    }
}

const tmoi_gemm_f32_kernel *tmoi_gemm_f32_fp16(void)
{
    static const tmoi_gemm_f32_kernel kernel = {"tmoi_gemm_f32_8x16_fp16", LANES, BLOCK / 2, run};
    return &kernel;
}
