/* Integer matrix products in plain C. The loops over K are sums of products of 16-bit numbers, the form
 * that compilers turn into multiply-add instructions (pmaddwd, smlal). Sums are unsigned: they wrap, as
 * the reference's do in practice. */
#include "kernels/gemm/gemm.h"

static void dot_2x4(int32_t k, const int16_t *a0, const int16_t *a1, const int16_t *b, ptrdiff_t b_stride,
                    int32_t *c0, int32_t *c1)
{
    const int16_t *b0 = b, *b1 = b + b_stride, *b2 = b1 + b_stride, *b3 = b2 + b_stride;
    uint32_t s0 = 0, s1 = 0, s2 = 0, s3 = 0, t0 = 0, t1 = 0, t2 = 0, t3 = 0;
    for (int32_t p = 0; p < k; p++) {
        s0 += (uint32_t)(a0[p] * b0[p]);
        s1 += (uint32_t)(a0[p] * b1[p]);
        s2 += (uint32_t)(a0[p] * b2[p]);
        s3 += (uint32_t)(a0[p] * b3[p]);
        t0 += (uint32_t)(a1[p] * b0[p]);
        t1 += (uint32_t)(a1[p] * b1[p]);
        t2 += (uint32_t)(a1[p] * b2[p]);
        t3 += (uint32_t)(a1[p] * b3[p]);
    }
    c0[0] = (int32_t)s0, c0[1] = (int32_t)s1, c0[2] = (int32_t)s2, c0[3] = (int32_t)s3;
    c1[0] = (int32_t)t0, c1[1] = (int32_t)t1, c1[2] = (int32_t)t2, c1[3] = (int32_t)t3;
}

static void dot_1x4(int32_t k, const int16_t *a, const int16_t *b, ptrdiff_t b_stride, int32_t *c)
{
    const int16_t *b0 = b, *b1 = b + b_stride, *b2 = b1 + b_stride, *b3 = b2 + b_stride;
    uint32_t s0 = 0, s1 = 0, s2 = 0, s3 = 0;
    for (int32_t p = 0; p < k; p++) {
        s0 += (uint32_t)(a[p] * b0[p]);
        s1 += (uint32_t)(a[p] * b1[p]);
        s2 += (uint32_t)(a[p] * b2[p]);
        s3 += (uint32_t)(a[p] * b3[p]);
    }
    c[0] = (int32_t)s0, c[1] = (int32_t)s1, c[2] = (int32_t)s2, c[3] = (int32_t)s3;
}

static int32_t dot(int32_t k, const int16_t *a, const int16_t *b)
{
    uint32_t sum = 0;
    for (int32_t p = 0; p < k; p++) sum += (uint32_t)(a[p] * b[p]);
    return (int32_t)sum;
}

void tmoi_gemm_s16_c(const tmoi_gemm_shape *s, const int16_t *a, const int16_t *b, int32_t *out)
{
    int32_t j = 0;
    for (; j + 4 <= s->n; j += 4) {
        const int16_t *columns = b + j * s->b_stride;
        int32_t i = 0;
        for (; i + 2 <= s->m; i += 2) {
            const int16_t *row = a + i * s->a_stride;
            int32_t *c = out + i * s->out_stride + j;
            dot_2x4(s->k, row, row + s->a_stride, columns, s->b_stride, c, c + s->out_stride);
        }
        if (i < s->m) dot_1x4(s->k, a + i * s->a_stride, columns, s->b_stride, out + i * s->out_stride + j);
    }
    for (; j < s->n; j++)
        for (int32_t i = 0; i < s->m; i++)
            out[i * s->out_stride + j] = dot(s->k, a + i * s->a_stride, b + j * s->b_stride);
}

static int64_t dot_wide(int32_t k, int32_t terms, const int16_t *a, const int16_t *b)
{
    int64_t sum = 0;
    if (terms == 1) {
        for (int32_t p = 0; p < k; p++) sum += a[p] * b[p];
        return sum;
    }
    for (int32_t p = 0; p < k; p += terms) sum += dot(k - p < terms ? k - p : terms, a + p, b + p);
    return sum;
}

void tmoi_gemm_s16s64_c(const tmoi_gemm_shape *s, int32_t terms, const int16_t *a, const int16_t *b,
                        int64_t *out)
{
    for (int32_t j = 0; j < s->n; j++)
        for (int32_t i = 0; i < s->m; i++)
            out[i * s->out_stride + j] = dot_wide(s->k, terms, a + i * s->a_stride, b + j * s->b_stride);
}
