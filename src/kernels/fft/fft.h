/* Fast Fourier transform of real images: radix 2, in double precision (Cooley and Tukey, "An Algorithm for the Machine Calculation
 * of Complex Fourier Series", 1965).
 *
 *   out[y,x] = Σ_{v,u} in[v,u] · exp(−2πi (v·y / height + u·x / width))      x in [0, width/2]
 */
#ifndef TMOI_KERNELS_FFT_FFT_H
#define TMOI_KERNELS_FFT_FFT_H

#include <stdint.h>

typedef struct tmoi_fft_shape {
    int64_t images;
    int32_t in_h, in_w;    /* what is missing to height x width is zero, what is more is left out */
    int32_t height, width; /* powers of two */
} tmoi_fft_shape;

/* Doubles of scratch memory that tmoi_rfft2d needs. */
int64_t tmoi_rfft2d_scratch(const tmoi_fft_shape *shape);
/* out: [images, height, width / 2 + 1] pairs of real and imaginary part. */
void tmoi_rfft2d(const tmoi_fft_shape *shape, const float *in, float *out, double *scratch);

#endif
