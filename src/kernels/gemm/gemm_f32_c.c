/* Float matrix product in plain C: four rows of `a` and four terms at a time update a strip of the result,
 * so that each element of `b` that is loaded serves 16 products, and the innermost loop runs over
 * contiguous columns. */
#include "kernels/common/fixed_point.h"
#include "kernels/gemm/gemm.h"

enum { ROWS = 4, TERMS = 4, STRIP = 256 };

static void update_4x4(int32_t n, const float *a, ptrdiff_t a_stride, const float *b, ptrdiff_t b_stride,
                       float *restrict c0, float *restrict c1, float *restrict c2, float *restrict c3)
{
    const float *r0 = a, *r1 = a + a_stride, *r2 = r1 + a_stride, *r3 = r2 + a_stride;
    const float *b0 = b, *b1 = b + b_stride, *b2 = b1 + b_stride, *b3 = b2 + b_stride;
    float x0 = r0[0], x1 = r0[1], x2 = r0[2], x3 = r0[3], y0 = r1[0], y1 = r1[1], y2 = r1[2], y3 = r1[3];
    float z0 = r2[0], z1 = r2[1], z2 = r2[2], z3 = r2[3], w0 = r3[0], w1 = r3[1], w2 = r3[2], w3 = r3[3];
    for (int32_t j = 0; j < n; j++) {
        float p0 = b0[j], p1 = b1[j], p2 = b2[j], p3 = b3[j];
        c0[j] += x0 * p0 + x1 * p1 + x2 * p2 + x3 * p3;
        c1[j] += y0 * p0 + y1 * p1 + y2 * p2 + y3 * p3;
        c2[j] += z0 * p0 + z1 * p1 + z2 * p2 + z3 * p3;
        c3[j] += w0 * p0 + w1 * p1 + w2 * p2 + w3 * p3;
    }
}

static void update_1x4(int32_t n, const float *a, const float *b, ptrdiff_t b_stride, float *restrict c)
{
    const float *b0 = b, *b1 = b + b_stride, *b2 = b1 + b_stride, *b3 = b2 + b_stride;
    float x0 = a[0], x1 = a[1], x2 = a[2], x3 = a[3];
    for (int32_t j = 0; j < n; j++) c[j] += x0 * b0[j] + x1 * b1[j] + x2 * b2[j] + x3 * b3[j];
}

static void update_1x1(int32_t n, float a, const float *b, float *restrict c)
{
    for (int32_t j = 0; j < n; j++) c[j] += a * b[j];
}

static void start_row(int32_t n, const float *bias, float *restrict c)
{
    for (int32_t j = 0; j < n; j++) c[j] = bias ? bias[j] : 0.0f;
}

static void finish_row(int32_t n, float low, float high, float *c)
{
    for (int32_t j = 0; j < n; j++) c[j] = tmoi_clamp_f32(c[j], low, high);
}

static void one_row(const tmoi_gemm_shape *s, int32_t n, const float *a, const float *b, float *c)
{
    int32_t p = 0;
    for (; p + TERMS <= s->k; p += TERMS) update_1x4(n, a + p, b + p * s->b_stride, s->b_stride, c);
    for (; p < s->k; p++) update_1x1(n, a[p], b + p * s->b_stride, c);
}

static void four_rows(const tmoi_gemm_shape *s, int32_t n, const float *a, const float *b, float *c)
{
    int32_t p = 0;
    float *c1 = c + s->out_stride, *c2 = c1 + s->out_stride, *c3 = c2 + s->out_stride;
    for (; p + TERMS <= s->k; p += TERMS)
        update_4x4(n, a + p, s->a_stride, b + p * s->b_stride, s->b_stride, c, c1, c2, c3);
    for (; p < s->k; p++)
        for (int32_t i = 0; i < ROWS; i++)
            update_1x1(n, a[i * s->a_stride + p], b + p * s->b_stride, c + i * s->out_stride);
}

void tmoi_gemm_f32_c(const tmoi_gemm_shape *s, const float *a, const float *b, const float *bias, float low,
                     float high, float *out)
{
    for (int32_t j = 0; j < s->n; j += STRIP) {
        int32_t n = s->n - j < STRIP ? s->n - j : STRIP;
        for (int32_t i = 0; i < s->m && !s->accumulate; i++)
            start_row(n, bias ? bias + j : NULL, out + i * s->out_stride + j);
        int32_t i = 0;
        for (; i + ROWS <= s->m; i += ROWS)
            four_rows(s, n, a + i * s->a_stride, b + j, out + i * s->out_stride + j);
        for (; i < s->m; i++) one_row(s, n, a + i * s->a_stride, b + j, out + i * s->out_stride + j);
        for (i = 0; i < s->m; i++) finish_row(n, low, high, out + i * s->out_stride + j);
    }
}

void tmoi_transpose_f32(const float *in, int64_t rows, int64_t columns, float *out)
{
    for (int64_t r = 0; r < rows; r++)
        for (int64_t c = 0; c < columns; c++) out[c * rows + r] = in[r * columns + c];
}
