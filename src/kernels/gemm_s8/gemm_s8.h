/* Integer matrix products with packed weights: convolutions, fully connected layers, batched products, recurrent cells.
 *
 *   sum[m,n] = start[n] + Σ_{s,k} a[s][m · row_stride + k] · w[n,s,k]
 *
 * Names: M rows, N columns, and K terms that lie in one or more segments, each contiguous in memory; so the rows of a
 * convolution's operand may overlap in the image, and no patches are copied. A kernel takes all rows of a tile times one panel
 * of `nr` columns, and finishes the sums while they are in registers.
 *
 * Rows are copied into scratch memory first, in the form that the kernel wants (`fill`): as int16 numbers less
 * their zero point, or as bytes. Taps outside the image are then zeros, or the zero point. With byte rows,
 *
 *   Σ (a − zero_point) · w = Σ byte · w − (zero_point + offset) · Σ w     byte = a + offset
 *
 * whose second part is in `start`, or known to the kernel when the zero point differs from row to row.
 *
 * Packed weights, int8:  [ceil(N / nr)][segments][terms / kr][nr][kr], zeros where there are none.
 *
 *                     column 0     column 1           column nr − 1
 *   terms 0 … kr−1    k0 … kr−1    k0 … kr−1    …     k0 … kr−1
 *   terms kr … 2kr−1  …
 *
 * A kernel may take a segment in equal pieces: its terms are then rounded up to that, too (tmoi_gemm_s8_terms()).
 *
 * Sums wrap modulo 2^32. Results are the same bits on every instruction set. */
#ifndef TMOI_KERNELS_GEMM_S8_GEMM_S8_H
#define TMOI_KERNELS_GEMM_S8_GEMM_S8_H

#include <stddef.h>

#include "kernels/requant/requant.h"

/* What becomes of the sums. After F32 come these steps, each where its pointer is not NULL:
 *
 *   x = min(sum_high, max(sum_low, x + residual[m,n]))
 *   x = x >= 0 ? x : x · slope[n] */
enum {
    TMOI_GEMM_S8_SUMS, /* int32_t, as they are */
    TMOI_GEMM_S8_X8,   /* int8 or uint8 by tmoi_requant's default arithmetic */
    TMOI_GEMM_S8_S16,  /* int16, the same */
    TMOI_GEMM_S8_F32 /* min(high, max(low, (float)(sum − (zero_point[m] + offset) · column_sum[n]) · (row_scale[m] · scale[n]) + bias[n])) */
};

/* The arrays have N elements rounded up to a multiple of nr. */
typedef struct tmoi_gemm_s8_finish {
    int32_t kind;
    const int32_t *start;
    const float *scale; /* not for SUMS */
    /* X8, S16 */
    const tmoi_requant *requant; /* type, zero_point, low and high */
    /* F32 */
    const float *bias;
    const int32_t *column_sums; /* read by kernels with byte rows only; Σ_k w[n,k] */
    float low, high;
    float sum_low, sum_high; /* with a residual */
    const float *slope;      /* or NULL */
} tmoi_gemm_s8_finish;

typedef struct tmoi_gemm_s8_tile {
    int32_t m, n;               /* n <= nr */
    int32_t segments, terms;    /* of a segment: tmoi_gemm_s8_terms() */
    const void *const *segment; /* where row 0 begins in each, */
    ptrdiff_t offset;           /* plus these bytes */
    ptrdiff_t row_stride;       /* bytes */
    const int8_t *panel;
    int32_t column;       /* of the panel's first column: where the arrays of `finish` are read */
    void *out;            /* row 0, column 0 of the tile */
    ptrdiff_t out_stride; /* bytes */
    /* F32: of row m at m · row_step, which is 0 or 1. */
    const float *row_scale;
    const int32_t *row_zero_point; /* byte rows only; of the numbers, without the offset */
    int32_t row_step;
    const float *residual; /* of row 0, column 0, rows out_stride apart; it may be `out`. Or NULL. */
} tmoi_gemm_s8_tile;

/* Where rows come from: numbers of `type` with their zero point (int16: 0), or floats that are quantized on the way,
 *   q = min(127, max(low, round(zero_point + x · inverse)))   halves away from zero. */
typedef struct tmoi_gemm_s8_source {
    tmo_type type; /* int8, uint8, int16 or float32 */
    int32_t zero_point;
    float inverse;
    int32_t low;
} tmoi_gemm_s8_source;

typedef struct tmoi_gemm_s8_kernel {
    int32_t mr, nr, kr;
    int32_t piece;  /* not 0: a segment is taken in equal pieces of at most so many terms, a multiple of kr */
    bool bytes;     /* rows are bytes; else int16 */
    int32_t offset; /* of bytes: 128 where the kernel wants unsigned ones, else 0 */
    /* All rows of the tile, which must be readable for all `terms`. */
    void (*run)(const tmoi_gemm_s8_tile *tile, const tmoi_gemm_s8_finish *finish);
    /* Copies `count` numbers into rows. */
    void (*fill)(const tmoi_gemm_s8_source *source, const void *in, int64_t count, void *out);
} tmoi_gemm_s8_kernel;

/* Terms of a segment in packed weights and in rows: less than TMOI_GEMM_S8_SLACK more than it has. */
enum { TMOI_GEMM_S8_SLACK = 64 };
static inline int32_t tmoi_gemm_s8_terms(const tmoi_gemm_s8_kernel *kernel, int32_t segment_terms)
{
    int32_t kr = kernel->kr, steps = (segment_terms + kr - 1) / kr;
    if (kernel->piece == 0 || steps == 0) return steps * kr;
    int32_t most = kernel->piece / kr, pieces = (steps + most - 1) / most;
    return (steps + pieces - 1) / pieces * pieces * kr;
}

/* Bytes of an element of a row. */
static inline size_t tmoi_gemm_s8_elem_bytes(const tmoi_gemm_s8_kernel *kernel)
{
    return kernel->bytes ? sizeof(int8_t) : sizeof(int16_t);
}

/* What a tap outside the image is in a row: with byte rows, the number whose product with Σ w is taken off the sums. */
static inline int32_t tmoi_gemm_s8_zero(const tmoi_gemm_s8_kernel *kernel, const tmoi_gemm_s8_source *source)
{
    int32_t zero_point = source->type == TMO_TYPE_UINT8 ? source->zero_point - 128 : source->zero_point;
    return kernel->bytes ? zero_point + kernel->offset : 0;
}

/* int8 rows (or uint8 ones, or quantized floats). */
typedef const tmoi_gemm_s8_kernel *(*tmoi_gemm_s8_function)(void);
/* int16 rows: never `bytes`. The sums of more than TMOI_GEMM_S8_SAFE_TERMS products may wrap. */
typedef const tmoi_gemm_s8_kernel *(*tmoi_gemm_s16x8_function)(void);
enum { TMOI_GEMM_S8_SAFE_TERMS = 256 };

/* Weights as a model has them: [N, segments, segment_terms], int8, uint8 (as int8: less 128), int4 or int2. */
typedef struct tmoi_gemm_s8_weights {
    tmo_type type;
    const void *data;
    int64_t first; /* the element where they begin */
    int32_t n, segments, segment_terms;
    bool ones;       /* a column of ones follows the last: its sums are those of the rows */
    bool transposed; /* int8 in one segment, as [segment_terms, N] */
    /* Not NULL: the model has `all_taps` segments a column, and these are their numbers taps[segments]. */
    const int32_t *taps;
    int32_t all_taps;
} tmoi_gemm_s8_weights;

/* `columns` = n, plus 1 with `ones`. 0 when the size does not fit. */
size_t tmoi_gemm_s8_packed_bytes(const tmoi_gemm_s8_kernel *kernel, int32_t columns, int32_t segments,
                                 int32_t segment_terms);
void tmoi_gemm_s8_pack(const tmoi_gemm_s8_kernel *kernel, const tmoi_gemm_s8_weights *weights, int8_t *out);
/* column_sums[n] = Σ_{s,k} w[n,s,k], modulo 2^32; absolute[n], if not NULL, = Σ |w[n,s,k]|. */
void tmoi_gemm_s8_column_sums(const tmoi_gemm_s8_weights *weights, int32_t *column_sums, int64_t *absolute);

const tmoi_gemm_s8_kernel *tmoi_gemm_s8_1x8c2_c(void);
const tmoi_gemm_s8_kernel *tmoi_gemm_s16x8_1x8c2_c(void);
const tmoi_gemm_s8_kernel *tmoi_gemm_s8_6x16c2_avx2(void);
const tmoi_gemm_s8_kernel *tmoi_gemm_s8_6x16c4_avxvnni(void);
const tmoi_gemm_s8_kernel *tmoi_gemm_s8_8x32c2_avx512(void);
const tmoi_gemm_s8_kernel *tmoi_gemm_s8_8x32c4_avx512vnni(void);
const tmoi_gemm_s8_kernel *tmoi_gemm_s8_32x32c4_amx(void);
const tmoi_gemm_s8_kernel *tmoi_gemm_s8_4x16_neon(void);
const tmoi_gemm_s8_kernel *tmoi_gemm_s8_4x16c4_dotprod(void);
const tmoi_gemm_s8_kernel *tmoi_gemm_s8_4x16c8_i8mm(void);
const tmoi_gemm_s8_kernel *tmoi_gemm_s8_4x8c2_simd128(void);
const tmoi_gemm_s8_kernel *tmoi_gemm_s16x8_6x16c2_avx2(void);
const tmoi_gemm_s8_kernel *tmoi_gemm_s16x8_8x32c2_avx512(void);
const tmoi_gemm_s8_kernel *tmoi_gemm_s16x8_4x16_neon(void);
const tmoi_gemm_s8_kernel *tmoi_gemm_s16x8_4x8c2_simd128(void);

#endif
