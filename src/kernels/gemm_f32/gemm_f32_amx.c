/* Float products in the tile registers of AMX, for sessions that allow it: both sides are rounded to bfloat16, and TDPBF16PS adds up
 * pairs of their products in float. Blocks are two tiles high and two wide; what a few steps of them read is rounded just before, so
 * panels are the same as without AMX. */
#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#include "base/compiler.h"
#include "kernels/common/tiles_amx.h"
#include "kernels/gemm_f32/gemm_f32.h"

enum {
    LANES = TMOI_TILE_LANES,
    BOTH = 2 * LANES,
    ROWS = 2 * TMOI_TILE_ROWS,
    STEP = 32, /* terms of a tile */
    STEPS = 8  /* that are rounded at a time */
};

/* Some terms of a block, filled up with zeros to whole steps. A lane holds two of them. Rows behind the block's last are not
 * written: their sums are not used. */
typedef struct rounded {
    _Alignas(64) uint32_t a[STEPS][ROWS][STEP / 2];  /* terms side by side */
    _Alignas(64) uint32_t b[STEPS * STEP / 2][BOTH]; /* columns side by side */
} rounded;

typedef struct block_sums {
    _Alignas(64) float tile[2][2][TMOI_TILE_ROWS][LANES];
} block_sums;

/* Which part of the result a block is. */
typedef struct part {
    int32_t row, rows, column, columns;
} part;

static inline __mmask16 first_lanes(int32_t count)
{
    return (__mmask16)(count >= LANES ? 0xffff : count > 0 ? (1 << count) - 1 : 0);
}

/* bfloat16 numbers: of `low` in the lower half, of `high` in the upper. */
static inline __m512i round_two(__m512 high, __m512 low)
{
    __m512bh narrow = _mm512_cvtne2ps_pbh(high, low);
    __m512i out;
    memcpy(&out, &narrow, sizeof out);
    return out;
}

static void round_row(const float *a, int32_t count, int32_t row, rounded *out)
{
    for (int32_t k = 0; k < count; k += STEP) {
        __m512 low = _mm512_maskz_loadu_ps(first_lanes(count - k), a + k);
        __m512 high = _mm512_maskz_loadu_ps(first_lanes(count - k - LANES), a + k + LANES);
        _mm512_store_si512(out->a[k / STEP][row], round_two(high, low));
    }
}

/* The panel of a tile's columns, whose lanes begin at `lane`. */
static void round_panel(const float *b, int32_t count, int32_t lane, rounded *out)
{
    int16_t order[2 * LANES]; /* numbers of both halves by turns */
    for (int32_t k = 0; k < 2 * LANES; k++) order[k] = (int16_t)(k / 2 + k % 2 * LANES);
    const __m512i by_turns = _mm512_loadu_si512(order);
    int32_t all = (count + STEP - 1) / STEP * STEP;
    for (int32_t k = 0; k < all; k += 2) {
        __m512 low = k < count ? _mm512_loadu_ps(b + k * LANES) : _mm512_setzero_ps();
        __m512 high = k + 1 < count ? _mm512_loadu_ps(b + (k + 1) * LANES) : _mm512_setzero_ps();
        _mm512_store_si512(out->b[k / 2] + lane, _mm512_permutexvar_epi16(by_turns, round_two(high, low)));
    }
}

/* Both sides' terms [first, first + count) of a tap. */
static void round_terms(const tmoi_gemm_f32_block *block, const part *p, int32_t tap, int32_t first,
                        int32_t count, rounded *out)
{
    ptrdiff_t panel = (ptrdiff_t)block->taps * block->terms * LANES;
    const float *b = block->b + p->column / LANES * panel + ((ptrdiff_t)tap * block->terms + first) * LANES;
    for (int32_t r = 0; r < p->rows; r++)
        round_row(block->a[(ptrdiff_t)(p->row + r) * block->taps + tap] + first, count, r, out);
    round_panel(b, count, 0, out);
    if (p->columns > LANES) round_panel(b + panel, count, LANES, out);
}

static void add_products(const rounded *terms, int32_t steps, bool two_high, bool two_wide)
{
    for (int32_t s = 0; s < steps; s++) {
        _tile_loadd(4, terms->a[s][0], TMOI_TILE_BYTES);
        _tile_loadd(6, terms->b[s * (STEP / 2)], 2 * TMOI_TILE_BYTES);
        _tile_dpbf16ps(0, 4, 6);
        if (two_high) {
            _tile_loadd(5, terms->a[s][TMOI_TILE_ROWS], TMOI_TILE_BYTES);
            _tile_dpbf16ps(2, 5, 6);
        }
        if (two_wide) {
            _tile_loadd(7, terms->b[s * (STEP / 2)] + LANES, 2 * TMOI_TILE_BYTES);
            _tile_dpbf16ps(1, 4, 7);
            if (two_high) _tile_dpbf16ps(3, 5, 7);
        }
    }
}

static void multiply(const tmoi_gemm_f32_block *block, const part *p, rounded *terms, block_sums *sums)
{
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    for (int32_t t = 0; t < block->taps; t++)
        for (int32_t first = 0; first < block->terms; first += STEPS * STEP) {
            int32_t left = block->terms - first, count = left < STEPS * STEP ? left : STEPS * STEP;
            round_terms(block, p, t, first, count, terms);
            TMOI_WRITTEN(terms);
            add_products(terms, (count + STEP - 1) / STEP, p->rows > TMOI_TILE_ROWS, p->columns > LANES);
        }
    _tile_stored(0, sums->tile[0][0], TMOI_TILE_BYTES);
    _tile_stored(1, sums->tile[0][1], TMOI_TILE_BYTES);
    _tile_stored(2, sums->tile[1][0], TMOI_TILE_BYTES);
    _tile_stored(3, sums->tile[1][1], TMOI_TILE_BYTES);
}

static inline __m512 clamp(__m512 x, float low, float high)
{
    return _mm512_min_ps(_mm512_set1_ps(high), _mm512_max_ps(_mm512_set1_ps(low), x));
}

/* Up to sixteen columns of a row. */
static void finish(const tmoi_gemm_f32_block *block, int32_t row, int32_t column, const float *sums)
{
    const tmoi_gemm_f32_tail *tail = &block->tail;
    const __mmask16 mask = first_lanes(block->columns - column);
    __m512 x = _mm512_load_ps(sums);
    if (block->bias) x = _mm512_add_ps(x, _mm512_maskz_loadu_ps(mask, block->bias + column));
    x = clamp(x, block->low, block->high);
    if (tail->residual) {
        x = _mm512_add_ps(x,
                          _mm512_maskz_loadu_ps(mask, tail->residual + row * tail->residual_stride + column));
        x = clamp(x, tail->low, tail->high);
    }
    if (tail->slope) {
        __mmask16 is_positive = _mm512_cmp_ps_mask(x, _mm512_setzero_ps(), _CMP_GE_OQ);
        __m512 scaled = _mm512_mul_ps(x, _mm512_maskz_loadu_ps(mask, tail->slope + column));
        x = _mm512_mask_blend_ps(is_positive, scaled, x);
    }
    _mm512_mask_storeu_ps(block->out + row * block->out_stride + column, mask, x);
}

static void run(const tmoi_gemm_f32_block *block)
{
    rounded terms;
    block_sums sums;
    part p;
    tmoi_tiles_load(TMOI_TILE_ROWS, TMOI_TILE_BYTES);
    for (p.column = 0; p.column < block->columns; p.column += BOTH) {
        p.columns = block->columns - p.column < BOTH ? block->columns - p.column : BOTH;
        for (p.row = 0; p.row < block->rows; p.row += ROWS) {
            p.rows = block->rows - p.row < ROWS ? block->rows - p.row : ROWS;
            multiply(block, &p, &terms, &sums);
            for (int32_t r = 0; r < p.rows; r++)
                for (int32_t v = 0; LANES * v < p.columns; v++)
                    finish(block, p.row + r, p.column + LANES * v,
                           sums.tile[r / TMOI_TILE_ROWS][v][r % TMOI_TILE_ROWS]);
        }
    }
    _tile_release();
}

const tmoi_gemm_f32_kernel *tmoi_gemm_f32_amx(void)
{
    static const tmoi_gemm_f32_kernel kernel = {"tmoi_gemm_f32_32x32_amx", LANES, ROWS, run};
    return &kernel;
}
