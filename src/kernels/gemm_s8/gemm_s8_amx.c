/* Unsigned byte rows in the tile registers of AMX: TDPBUSD multiplies 16 rows, 16 columns and up to 64 terms exactly. Blocks are
 * two tiles high and two wide. The panels are those of AVX512-VNNI, whose lanes of four terms are what a tile wants, so small
 * products run there. */
#include <stdint.h>

#include "base/compiler.h"
#include "kernels/common/tiles_amx.h"
#include "kernels/gemm_s8/fill_body.h"
#include "kernels/gemm_s8/gemm_s8.h"

enum { MR = 2 * TMOI_TILE_ROWS, NR = 2 * TMOI_TILE_LANES, KR = 4, ELEM_BYTES = 1, OFFSET = 128 };

#include "kernels/gemm_s8/gemm_s8_finish_avx512.h"

/* The sums of a block, as tiles [row of tiles][column of tiles][rows][columns]. */
typedef struct block_sums {
    _Alignas(64) int32_t tile[2][2][TMOI_TILE_ROWS][TMOI_TILE_LANES];
} block_sums;

/* The sums of one or two tiles of rows, which begin at first[], and of columns: constants where it is inlined. */
static TMOI_ALWAYS_INLINE void multiply(const tmoi_gemm_s8_tile *t, const int32_t first[2], int32_t piece,
                                        const bool two_high, const bool two_wide, block_sums *sums)
{
    const int8_t *panel = t->panel;
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    for (int32_t s = 0; s < t->segments; s++) {
        const char *a = (const char *)t->segment[s] + t->offset;
        for (int32_t k = 0; k < t->terms; k += piece, panel += (ptrdiff_t)NR * piece) {
            _tile_loadd(6, panel, NR * KR);
            _tile_loadd(4, a + first[0] * t->row_stride + k, t->row_stride);
            _tile_dpbusd(0, 4, 6);
            if (two_high) {
                _tile_loadd(5, a + first[1] * t->row_stride + k, t->row_stride);
                _tile_dpbusd(2, 5, 6);
            }
            if (two_wide) {
                _tile_loadd(7, panel + TMOI_TILE_BYTES, NR * KR);
                _tile_dpbusd(1, 4, 7);
                if (two_high) _tile_dpbusd(3, 5, 7);
            }
        }
    }
    _tile_stored(0, sums->tile[0][0], TMOI_TILE_BYTES);
    if (two_wide) _tile_stored(1, sums->tile[0][1], TMOI_TILE_BYTES);
    if (two_high) _tile_stored(2, sums->tile[1][0], TMOI_TILE_BYTES);
    if (two_high && two_wide) _tile_stored(3, sums->tile[1][1], TMOI_TILE_BYTES);
}

static void multiply_block(const tmoi_gemm_s8_tile *t, const int32_t first[2], int32_t piece, bool two_high,
                           block_sums *sums)
{
    bool two_wide = t->n > TMOI_TILE_LANES;
    if (two_high && two_wide)
        multiply(t, first, piece, true, true, sums);
    else if (two_high)
        multiply(t, first, piece, true, false, sums);
    else if (two_wide)
        multiply(t, first, piece, false, true, sums);
    else
        multiply(t, first, piece, false, false, sums);
}

/* `rows` rows of tiles, from row `first` on. */
static void finish(const tmoi_gemm_s8_tile *t, const tmoi_gemm_s8_finish *f, const tmoi_requant_avx512 *q,
                   int32_t first, int32_t rows, int32_t tiles[2][TMOI_TILE_ROWS][TMOI_TILE_LANES])
{
    for (int32_t v = 0; TMOI_TILE_LANES * v < t->n; v++) {
        __m512i start = _mm512_loadu_si512(f->start + t->column + TMOI_TILE_LANES * v);
        for (int32_t i = 0; i < rows; i++)
            finish_vector(t, f, q, first + i, TMOI_TILE_LANES * v,
                          _mm512_add_epi32(_mm512_load_si512(tiles[v][i]), start));
    }
}

/* All tiles have the same number of rows, so that one configuration serves: the last begins earlier, and repeats some. */
static void run_tiles(const tmoi_gemm_s8_tile *t, const tmoi_gemm_s8_finish *f)
{
    const tmoi_requant_avx512 q = start_finish(f);
    const int32_t tiles = (t->m + TMOI_TILE_ROWS - 1) / TMOI_TILE_ROWS, rows = (t->m + tiles - 1) / tiles;
    const int32_t pieces = (t->terms + TMOI_TILE_BYTES - 1) / TMOI_TILE_BYTES, piece = t->terms / pieces;
    block_sums sums;
    tmoi_tiles_load(rows, piece);
    for (int32_t tile = 0; tile < tiles; tile += 2) {
        bool two_high = tile + 1 < tiles;
        int32_t first[2] = {tile * rows, (tile + 1) * rows};
        for (int32_t i = 0; i < 2; i++) first[i] = first[i] + rows > t->m ? t->m - rows : first[i];
        multiply_block(t, first, piece, two_high, &sums);
        finish(t, f, &q, first[0], rows, sums.tile[0]);
        if (two_high) finish(t, f, &q, first[1], rows, sums.tile[1]);
    }
    _tile_release();
}

/* Loading the configuration takes about 200 cycles, and a tile of few rows waits for itself (Intel's "Optimization Reference
 * Manual", chapter on AMX): from this size on, tiles should be faster. */
static bool is_worth_tiles(const tmoi_gemm_s8_tile *t)
{
    enum { LEAST_ROWS = 8, LEAST_PRODUCTS = 4096 }; /* of one column */
    return t->m >= LEAST_ROWS && (int64_t)t->m * t->segments * t->terms >= LEAST_PRODUCTS;
}

static void run(const tmoi_gemm_s8_tile *t, const tmoi_gemm_s8_finish *f)
{
    if (is_worth_tiles(t))
        run_tiles(t, f);
    else
        tmoi_gemm_s8_8x32c4_avx512vnni()->run(t, f);
}

static const tmoi_gemm_s8_kernel kernel = {.mr = MR,
                                           .nr = NR,
                                           .kr = KR,
                                           .piece = TMOI_TILE_BYTES,
                                           .bytes = true,
                                           .offset = OFFSET,
                                           .run = run,
                                           .fill = fill_unsigned_bytes};

const tmoi_gemm_s8_kernel *tmoi_gemm_s8_32x32c4_amx(void)
{
    return &kernel;
}
