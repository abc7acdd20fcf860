#include "kernels/fft/fft.h"

#include <math.h>
#include <string.h>

/* Sorts `n` complex numbers by their bit-reversed index. */
static void reverse_bits(double *x, int32_t n)
{
    for (int32_t i = 1, j = 0; i < n; i++) {
        int32_t bit = n >> 1;
        for (; j & bit; bit >>= 1) j ^= bit;
        j ^= bit;
        if (i >= j) continue;
        double re = x[2 * i], im = x[2 * i + 1];
        x[2 * i] = x[2 * j];
        x[2 * i + 1] = x[2 * j + 1];
        x[2 * j] = re;
        x[2 * j + 1] = im;
    }
}

/* roots: cos and sin of −2πk/n for k in [0, n/2). */
static void transform(double *x, int32_t n, const double *roots)
{
    reverse_bits(x, n);
    for (int32_t half = 1; half < n; half *= 2)
        for (int32_t k = 0; k < half; k++) {
            double cosine = roots[2 * (k * (n / half / 2))], sine = roots[2 * (k * (n / half / 2)) + 1];
            for (int32_t i = k; i < n; i += 2 * half) {
                double *a = x + 2 * i, *b = x + 2 * (i + half);
                double re = b[0] * cosine - b[1] * sine, im = b[0] * sine + b[1] * cosine;
                b[0] = a[0] - re;
                b[1] = a[1] - im;
                a[0] += re;
                a[1] += im;
            }
        }
}

static void fill_roots(double *roots, int32_t n)
{
    for (int32_t k = 0; k < n / 2; k++) {
        double angle = -6.283185307179586476925 * k / n;
        roots[2 * k] = cos(angle);
        roots[2 * k + 1] = sin(angle);
    }
}

static int32_t larger(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

/* Scratch: the spectrum of all rows, one line of the longer side, the roots of both sides. */
int64_t tmoi_rfft2d_scratch(const tmoi_fft_shape *s)
{
    int64_t columns = s->width / 2 + 1;
    return 2 * columns * s->height + 2 * larger(s->width, s->height) + s->width + s->height + 2;
}

static void transform_image(const tmoi_fft_shape *s, const float *in, float *out, double *spectrum,
                            double *line, const double *row_roots, const double *column_roots)
{
    int32_t columns = s->width / 2 + 1;
    for (int32_t y = 0; y < s->height; y++) {
        memset(line, 0, 2 * (size_t)s->width * sizeof *line);
        for (int32_t x = 0; y < s->in_h && x < s->width && x < s->in_w; x++)
            line[2 * x] = (double)in[(int64_t)y * s->in_w + x];
        transform(line, s->width, row_roots);
        memcpy(spectrum + 2 * (int64_t)y * columns, line, 2 * (size_t)columns * sizeof *line);
    }
    for (int32_t x = 0; x < columns; x++) {
        for (int32_t y = 0; y < s->height; y++)
            memcpy(line + 2 * y, spectrum + 2 * ((int64_t)y * columns + x), 2 * sizeof *line);
        transform(line, s->height, column_roots);
        for (int32_t y = 0; y < s->height; y++) {
            out[2 * ((int64_t)y * columns + x)] = (float)line[2 * y];
            out[2 * ((int64_t)y * columns + x) + 1] = (float)line[2 * y + 1];
        }
    }
}

void tmoi_rfft2d(const tmoi_fft_shape *s, const float *in, float *out, double *scratch)
{
    int64_t columns = s->width / 2 + 1;
    double *spectrum = scratch, *line = spectrum + 2 * columns * s->height;
    double *row_roots = line + 2 * larger(s->width, s->height), *column_roots = row_roots + s->width + 1;
    fill_roots(row_roots, s->width);
    fill_roots(column_roots, s->height);
    for (int64_t n = 0; n < s->images; n++)
        transform_image(s, in + n * s->in_h * s->in_w, out + 2 * n * s->height * columns, spectrum, line,
                        row_roots, column_roots);
}
