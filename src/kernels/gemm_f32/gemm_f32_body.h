/* gemm_f32 in vectors: included once by the file of an instruction set, which defines first
 *
 *   vector, LANES               a vector of LANES floats
 *   load, store                 of a vector, at any address
 *   load_part(in, count)        the first `count` lanes and zeros, 0 < count < LANES
 *   store_part(out, x, count)   the first `count` lanes
 *   broadcast, plus, maximum, minimum, the latter two giving the second operand when either is NaN
 *   leak(x, slope)              x >= 0 ? x : x · slope
 *   tile_sums()                 see below
 *   ROWS_1, ROWS_2, ROWS_3      rows of a tile that is 1, 2, 3 panels wide: its sums fill the registers
 *
 * Columns are taken two panels at a time; a number that is odd takes three at first. */

enum { MAX_PANELS = 3, MAX_ROWS = 8 };

/* A group of columns. */
typedef struct column_group {
    int32_t taps, terms;
    const float *b;
    ptrdiff_t b_step;                /* from panel to panel */
    float start[MAX_PANELS * LANES]; /* the sums begin here: the bias, or zeros */
    bool clamps, clamps_tail;        /* else low and high are infinite */
    vector low, high;
    float *out;
    ptrdiff_t out_stride;
    int32_t last; /* columns of the last panel */
    bool adds, leaks;
    const float *residual; /* `out` when nothing is added */
    ptrdiff_t residual_stride;
    vector tail_low, tail_high;
    float slope[MAX_PANELS * LANES];
} column_group;

static TMOI_ALWAYS_INLINE void clamp(int rows, int panels, vector low, vector high, vector (*sum)[MAX_PANELS])
{
    TMOI_UNROLL
    for (int r = 0; r < rows; r++) {
        TMOI_UNROLL
        for (int p = 0; p < panels; p++) sum[r][p] = minimum(high, maximum(low, sum[r][p]));
    }
}

static TMOI_ALWAYS_INLINE void add(int rows, int panels, const column_group *g, const float *residual,
                                   vector (*sum)[MAX_PANELS])
{
    bool whole = g->last == LANES;
    TMOI_UNROLL
    for (int r = 0; r < rows; r++, residual += g->residual_stride) {
        TMOI_UNROLL
        for (int p = 0; p < panels - 1; p++) sum[r][p] = plus(sum[r][p], load(residual + p * LANES));
        const float *last = residual + (panels - 1) * LANES;
        sum[r][panels - 1] = plus(sum[r][panels - 1], whole ? load(last) : load_part(last, g->last));
    }
}

static TMOI_ALWAYS_INLINE void run_tail(int rows, int panels, const column_group *g, const float *residual,
                                        vector (*sum)[MAX_PANELS])
{
    if (g->adds) add(rows, panels, g, residual, sum);
    if (g->clamps_tail) clamp(rows, panels, g->tail_low, g->tail_high, sum);
    if (!g->leaks) return;
    TMOI_UNROLL
    for (int p = 0; p < panels; p++) {
        vector slope = load(g->slope + p * LANES);
        TMOI_UNROLL
        for (int r = 0; r < rows; r++) sum[r][p] = leak(sum[r][p], slope);
    }
}

/* A tile of `rows` x `panels`, both known when compiling. */
static TMOI_ALWAYS_INLINE void tile(int rows, int panels, const column_group *g, const float *const *a,
                                    const float *residual, float *out)
{
    vector sum[MAX_ROWS][MAX_PANELS];
    TMOI_UNROLL
    for (int r = 0; r < rows; r++) {
        TMOI_UNROLL
        for (int p = 0; p < panels; p++) sum[r][p] = load(g->start + p * LANES);
    }
    const float *b = g->b;
    for (int32_t t = 0; t < g->taps; t++, b += (ptrdiff_t)g->terms * LANES) {
        const float *row[MAX_ROWS];
        TMOI_UNROLL
        for (int r = 0; r < rows; r++) row[r] = a[(ptrdiff_t)r * g->taps + t];
        tile_sums(rows, panels, row, g->terms, b, g->b_step, sum);
    }
    if (g->clamps) clamp(rows, panels, g->low, g->high, sum);
    if (g->adds || g->leaks) run_tail(rows, panels, g, residual, sum);
    float *last = out + (panels - 1) * LANES, edge[MAX_ROWS * LANES];
    bool whole = g->last == LANES;
    ptrdiff_t stride = g->out_stride, last_stride = whole ? stride : LANES;
    float *to = whole ? last : edge;
    TMOI_UNROLL
    for (int r = 0; r < rows; r++) {
        TMOI_UNROLL
        for (int p = 0; p < panels - 1; p++) store(out + r * stride + p * LANES, sum[r][p]);
        store(to + r * last_stride, sum[r][panels - 1]);
    }
    if (whole) return;
    TMOI_UNROLL
    for (int r = 0; r < rows; r++) store_part(last + r * stride, load(edge + r * LANES), g->last);
}

/* The rows of a block in tiles of ROWS, and what is left over. */
#define COLUMNS(name, PANELS, ROWS)                                              \
    static void name(const column_group *g, int32_t rows, const float *const *a) \
    {                                                                            \
        const float *residual = g->residual;                                     \
        float *out = g->out;                                                     \
        for (; rows >= ROWS; rows -= ROWS, a += (ptrdiff_t)ROWS * g->taps) {     \
            tile(ROWS, PANELS, g, a, residual, out);                             \
            residual += ROWS * g->residual_stride;                               \
            out += ROWS * g->out_stride;                                         \
        }                                                                        \
        switch (rows) {                                                          \
        case 7: tile(ROWS > 7 ? 7 : 1, PANELS, g, a, residual, out); break;      \
        case 6: tile(ROWS > 6 ? 6 : 1, PANELS, g, a, residual, out); break;      \
        case 5: tile(ROWS > 5 ? 5 : 1, PANELS, g, a, residual, out); break;      \
        case 4: tile(ROWS > 4 ? 4 : 1, PANELS, g, a, residual, out); break;      \
        case 3: tile(3, PANELS, g, a, residual, out); break;                     \
        case 2: tile(2, PANELS, g, a, residual, out); break;                     \
        case 1: tile(1, PANELS, g, a, residual, out); break;                     \
        default: break;                                                          \
        }                                                                        \
    }
COLUMNS(columns_1, 1, ROWS_1)
COLUMNS(columns_2, 2, ROWS_2)
COLUMNS(columns_3, 3, ROWS_3)
#undef COLUMNS

static void start_sum(column_group *g, const tmoi_gemm_f32_tail *tail)
{
    g->residual_stride = tail->residual_stride;
    g->clamps_tail = tail->low > -INFINITY || tail->high < INFINITY;
    g->tail_low = broadcast(tail->low);
    g->tail_high = broadcast(tail->high);
}

static void run(const tmoi_gemm_f32_block *block)
{
    column_group g = {.taps = block->taps,
                      .terms = block->terms,
                      .b = block->b,
                      .b_step = (ptrdiff_t)block->taps * block->terms * LANES,
                      .clamps = block->low > -INFINITY || block->high < INFINITY,
                      .low = broadcast(block->low),
                      .high = broadcast(block->high),
                      .out_stride = block->out_stride,
                      .adds = block->tail.residual != NULL,
                      .leaks = block->tail.slope != NULL,
                      .residual_stride = block->out_stride};
    if (g.adds) start_sum(&g, &block->tail);
    int32_t panels = (int32_t)(((int64_t)block->columns + LANES - 1) / LANES), first = 0;
    while (first < panels) {
        int32_t count = panels == 1 ? 1 : (panels - first) % 2 ? 3 : 2, column = first * LANES;
        int32_t columns = block->columns - column < count * LANES ? block->columns - column : count * LANES;
        g.out = block->out + column;
        g.last = columns - (count - 1) * LANES;
        g.residual = g.adds ? block->tail.residual + column : g.out;
        memset(g.start, 0, sizeof g.start);
        if (block->bias) memcpy(g.start, block->bias + column, (size_t)columns * sizeof *g.start);
        if (g.leaks) memcpy(g.slope, block->tail.slope + column, (size_t)columns * sizeof *g.slope);
        (count == 1 ? columns_1 : count == 2 ? columns_2 : columns_3)(&g, block->rows, block->a);
        first += count;
        g.b += count * g.b_step;
    }
}
