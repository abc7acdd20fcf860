/* The intrinsics of AMX for processors without it, as Intel's "Architectures Software Developer's Manual" (volume 2, LDTILECFG
 * to TILEZERO) defines them: included behind avx512.h before every source of a build with TMO_EMULATE that uses tiles. What a
 * processor would answer with a fault ends the program, and so do numbers of tiles that no instruction can hold. The tiles
 * belong to a thread, and to the source: a function configures and releases them where it uses them. */
#ifndef TESTS_EMULATED_AMX_H
#define TESTS_EMULATED_AMX_H

#include <immintrin.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Palette 1: eight tiles of 16 rows of 64 bytes. */
enum { EMULATED_TILES = 8, EMULATED_ROWS = 16, EMULATED_ROW_BYTES = 64, EMULATED_CONFIG_BYTES = 64 };

typedef struct emulated_tile {
    int rows, bytes; /* 0: not configured */
    uint8_t data[EMULATED_ROWS][EMULATED_ROW_BYTES];
} emulated_tile;

static _Thread_local emulated_tile emulated_tiles[EMULATED_TILES];
static _Thread_local int emulated_palette;

static inline void emulated_check(int holds, const char *what)
{
    if (holds) return;
    fprintf(stderr, "amx.h: %s\n", what);
    abort();
}

static inline emulated_tile *emulated_configured(int number)
{
    emulated_check(emulated_palette == 1, "#UD: tiles are not configured");
    emulated_check(number >= 0 && number < EMULATED_TILES, "no such tile");
    emulated_check(emulated_tiles[number].rows > 0, "#UD: this tile is not configured");
    return &emulated_tiles[number];
}

/* ---- configuration ---- */

static inline void emulated_tile_release(void)
{
    memset(emulated_tiles, 0, sizeof emulated_tiles);
    emulated_palette = 0;
}

/* Bytes: 0 palette, 1 start row, 2 … 15 zeros, 16 … 47 sixteen row sizes of 16 bits, 48 … 63 sixteen numbers of rows. */
static inline void emulated_tile_loadconfig(const void *config)
{
    const uint8_t *at = config;
    emulated_tile_release();
    if (at[0] == 0) return;
    emulated_check(at[0] == 1, "#GP: the palette is not 1");
    emulated_check(at[1] < EMULATED_ROWS, "#GP: the start row is too high");
    for (int k = 2; k < 16; k++) emulated_check(at[k] == 0, "#GP: reserved bytes are not zero");
    for (int tile = 0; tile < 16; tile++) {
        int bytes = at[16 + 2 * tile] | at[17 + 2 * tile] << 8, rows = at[48 + tile];
        emulated_check(tile < EMULATED_TILES || (bytes == 0 && rows == 0), "#GP: more than eight tiles");
        emulated_check(bytes <= EMULATED_ROW_BYTES, "#GP: rows of more than 64 bytes");
        emulated_check(rows <= EMULATED_ROWS, "#GP: more than 16 rows");
        emulated_check((bytes == 0) == (rows == 0), "#GP: rows without bytes, or bytes without rows");
        if (tile >= EMULATED_TILES) continue;
        emulated_tiles[tile].rows = rows;
        emulated_tiles[tile].bytes = bytes;
    }
    emulated_check(at[1] == 0, "a start row is for the system, which returns to an interrupted load");
    emulated_palette = 1;
}

/* ---- moves ---- */

static inline void emulated_tile_zero(int number)
{
    memset(emulated_configured(number)->data, 0, sizeof emulated_tiles[0].data);
}

/* The stride is in bytes. Rows and bytes behind those of the configuration become zeros. */
static inline void emulated_tile_loadd(int number, const void *base, int64_t stride)
{
    emulated_tile *tile = emulated_configured(number);
    memset(tile->data, 0, sizeof tile->data);
    for (int row = 0; row < tile->rows; row++)
        memcpy(tile->data[row], (const uint8_t *)base + row * stride, (size_t)tile->bytes);
}

static inline void emulated_tile_stored(int number, void *base, int64_t stride)
{
    const emulated_tile *tile = emulated_configured(number);
    for (int row = 0; row < tile->rows; row++)
        memcpy((uint8_t *)base + row * stride, tile->data[row], (size_t)tile->bytes);
}

/* ---- products: c[m, n] += Σ_k a[m, k] · b[k, n], with a 32-bit lane of a and b in place of each number ---- */

typedef uint32_t (*emulated_lane)(uint32_t sum, uint32_t a, uint32_t b);

static inline uint32_t emulated_get(const emulated_tile *tile, int row, int lane)
{
    uint32_t value;
    memcpy(&value, tile->data[row] + 4 * lane, sizeof value);
    return value;
}

/* The tile of the sums, when all three fit each other. */
static inline emulated_tile *emulated_operands(int c_number, int a_number, int b_number)
{
    emulated_tile *c = emulated_configured(c_number);
    const emulated_tile *a = emulated_configured(a_number), *b = emulated_configured(b_number);
    emulated_check(c != a && c != b && a != b, "#UD: the same tile twice");
    emulated_check(c->bytes % 4 == 0 && a->bytes % 4 == 0 && b->bytes % 4 == 0, "#UD: parts of a lane");
    emulated_check(c->rows == a->rows, "#UD: sums and left side differ in rows");
    emulated_check(c->bytes == b->bytes, "#UD: sums and right side differ in columns");
    emulated_check(a->bytes / 4 == b->rows, "#UD: left and right side differ in terms");
    return c;
}

static inline void emulated_tile_dp(int c_number, int a_number, int b_number, emulated_lane dot)
{
    emulated_tile *c = emulated_operands(c_number, a_number, b_number);
    const emulated_tile *a = &emulated_tiles[a_number], *b = &emulated_tiles[b_number];
    for (int m = 0; m < c->rows; m++)
        for (int k = 0; k < b->rows; k++)
            for (int n = 0; n < c->bytes / 4; n++) {
                uint32_t sum = dot(emulated_get(c, m, n), emulated_get(a, m, k), emulated_get(b, k, n));
                memcpy(c->data[m] + 4 * n, &sum, sizeof sum);
            }
}

static inline uint32_t emulated_dpbssd(uint32_t sum, uint32_t a, uint32_t b)
{
    for (int i = 0; i < 4; i++) sum += (uint32_t)((int8_t)(a >> 8 * i) * (int8_t)(b >> 8 * i));
    return sum;
}

static inline uint32_t emulated_dpbusd(uint32_t sum, uint32_t a, uint32_t b)
{
    for (int i = 0; i < 4; i++) sum += (uint32_t)((uint8_t)(a >> 8 * i) * (int8_t)(b >> 8 * i));
    return sum;
}

/* Numbers of tiles are part of the instruction; GCC even makes text of them. */
#define EMULATED_CONSTANT(number) ((void)sizeof(char[(number) >= 0 && (number) < EMULATED_TILES ? 1 : -1]))
/* bfloat16 numbers of odd and of even places add up apart, and are added to the sum at the end; numbers below the least normal
 * one count as zeros. */
static inline float emulated_flush(float x)
{
    return fpclassify(x) == FP_SUBNORMAL ? copysignf(0.0f, x) : x;
}

static inline float emulated_float(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return emulated_flush(x);
}

static inline void emulated_tile_dpbf16ps(int c_number, int a_number, int b_number)
{
    emulated_tile *c = emulated_operands(c_number, a_number, b_number);
    const emulated_tile *a = &emulated_tiles[a_number], *b = &emulated_tiles[b_number];
    for (int m = 0; m < c->rows; m++)
        for (int n = 0; n < c->bytes / 4; n++) {
            float even = 0.0f, odd = 0.0f;
            for (int k = 0; k < b->rows; k++) {
                uint32_t x = emulated_get(a, m, k), y = emulated_get(b, k, n);
                even = emulated_flush(fmaf(emulated_float(x << 16), emulated_float(y << 16), even));
                odd = emulated_flush(
                    fmaf(emulated_float(x & 0xffff0000u), emulated_float(y & 0xffff0000u), odd));
            }
            float sum = emulated_float(emulated_get(c, m, n));
            sum = emulated_flush(sum + emulated_flush(even + odd));
            memcpy(c->data[m] + 4 * n, &sum, sizeof sum);
        }
}

/* Two vectors of floats to bfloat16, to the nearest, halves to even; low's numbers first. */
static inline uint16_t emulated_bf16(float x)
{
    uint32_t bits;
    x = emulated_flush(x);
    memcpy(&bits, &x, sizeof bits);
    if (x != x) return (uint16_t)(bits >> 16 | 0x40);
    return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

static inline simde__m512i emulated_cvtne2ps_pbh(simde__m512 high, simde__m512 low)
{
    EMULATED_LANES(float, 16, first, low);
    EMULATED_LANES(float, 16, second, high);
    uint16_t out[32];
    for (int k = 0; k < 32; k++) out[k] = emulated_bf16(k < 16 ? first[k] : second[k - 16]);
    return emulated_m512i(out);
}

#define EMULATED_CONSTANTS(a, b, c)    EMULATED_CONSTANT(a), EMULATED_CONSTANT(b), EMULATED_CONSTANT(c)
#define EMULATED_PRODUCT(c, a, b, dot) (EMULATED_CONSTANTS(c, a, b), emulated_tile_dp(c, a, b, dot))

#undef _tile_loadd
#undef _tile_stored
#undef _tile_zero
#undef _tile_dpbssd
#undef _tile_dpbusd
#undef _tile_dpbf16ps
#define __m512bh                         simde__m512i
#define _mm512_cvtne2ps_pbh              emulated_cvtne2ps_pbh
#define _tile_loadconfig                 emulated_tile_loadconfig
#define _tile_release                    emulated_tile_release
#define _tile_zero(tile)                 (EMULATED_CONSTANT(tile), emulated_tile_zero(tile))
#define _tile_loadd(tile, base, stride)  (EMULATED_CONSTANT(tile), emulated_tile_loadd(tile, base, stride))
#define _tile_stored(tile, base, stride) (EMULATED_CONSTANT(tile), emulated_tile_stored(tile, base, stride))
#define _tile_dpbssd(c, a, b)            EMULATED_PRODUCT(c, a, b, emulated_dpbssd)
#define _tile_dpbusd(c, a, b)            EMULATED_PRODUCT(c, a, b, emulated_dpbusd)
#define _tile_dpbf16ps(c, a, b)          (EMULATED_CONSTANTS(c, a, b), emulated_tile_dpbf16ps(c, a, b))

#endif
