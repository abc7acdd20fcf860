#include "kernels/gemm_f32/gemm_f32.h"

enum { WIDENED = 2048 }; /* numbers that stay in the first cache beside rows */

/* An even number, as kernels take two panels at a time. */
static int64_t panels_at_a_time(const tmoi_gemm_f32_kernel *kernel, int64_t k)
{
    int64_t panels = WIDENED / kernel->lanes / (k ? k : 1);
    return panels < 2 ? 2 : panels / 2 * 2;
}

int64_t tmoi_gemm_f32_widened_size(const tmoi_gemm_f32_kernel *kernel, int64_t k)
{
    return (panels_at_a_time(kernel, k) + 1) * kernel->lanes * k;
}

void tmoi_gemm_f32_run(const tmoi_gemm_f32_kernel *kernel, const tmoi_gemm_f32_block *block)
{
    const tmoi_gemm_f32_halves *halves = &block->halves;
    if (!halves->b) {
        kernel->run(block);
        return;
    }
    int64_t k = (int64_t)block->taps * block->terms, most = panels_at_a_time(kernel, k);
    int64_t left = ((int64_t)block->columns + kernel->lanes - 1) / kernel->lanes;
    const uint16_t *b = halves->b;
    tmoi_gemm_f32_block part = *block;
    part.b = halves->widened;
    for (int64_t column = 0; column < block->columns; column += part.columns) {
        int64_t panels = left <= most + 1 ? left : most, count = panels * kernel->lanes;
        halves->widen(b, halves->widened, count * k);
        part.columns = block->columns - column < count ? (int32_t)(block->columns - column) : (int32_t)count;
        part.out = block->out + column;
        if (block->bias) part.bias = block->bias + column;
        if (block->tail.residual) part.tail.residual = block->tail.residual + column;
        if (block->tail.slope) part.tail.slope = block->tail.slope + column;
        kernel->run(&part);
        b += count * k;
        left -= panels;
    }
}
