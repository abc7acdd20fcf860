#include <immintrin.h>

#include "kernels/quant_rows/quant_rows.h"

/* vminps and vmaxps give their second operand when the first is NaN. */
void tmoi_row_range_avx2(const float *in, int64_t count, float *low, float *high)
{
    __m256 least[2] = {_mm256_setzero_ps(), _mm256_setzero_ps()}, most[2] = {least[0], least[0]};
    float lows[8], highs[8];
    int64_t k = 0;
    for (; k + 16 <= count; k += 16)
        for (int v = 0; v < 2; v++) {
            __m256 x = _mm256_loadu_ps(in + k + 8 * v);
            least[v] = _mm256_min_ps(x, least[v]);
            most[v] = _mm256_max_ps(x, most[v]);
        }
    _mm256_storeu_ps(lows, _mm256_min_ps(least[0], least[1]));
    _mm256_storeu_ps(highs, _mm256_max_ps(most[0], most[1]));
    tmoi_row_range_c(in + k, count - k, low, high);
    for (int v = 0; v < 8; v++) {
        *low = lows[v] < *low ? lows[v] : *low;
        *high = highs[v] > *high ? highs[v] : *high;
    }
}
