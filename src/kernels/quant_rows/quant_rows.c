#include "kernels/quant_rows/quant_rows.h"

#include <math.h>
#include <string.h>

#include "kernels/quant_rows/quantize_value.h"

void tmoi_row_range_c(const float *in, int64_t count, float *low, float *high)
{
    float least = 0.0f, most = 0.0f;
    for (int64_t k = 0; k < count; k++) {
        least = in[k] < least ? in[k] : least;
        most = in[k] > most ? in[k] : most;
    }
    *low = least;
    *high = most;
}

static int32_t choose_zero_point(double low, double high, double scale)
{
    double from_low = -128.0 - low / scale, from_high = 127.0 - high / scale;
    double zero_point = 128.0 + fabs(low / scale) < 127.0 + fabs(high / scale) ? from_low : from_high;
    return zero_point >= 127.0 ? 127 : zero_point > -128.0 ? (int32_t)round(zero_point) : -128;
}

void tmoi_row_scale(bool asymmetric, float low, float high, float *scale, float *inverse, int32_t *zero_point)
{
    *scale = 1.0f;
    *inverse = 0.0f;
    *zero_point = 0;
    if (low == high) return;
    if (asymmetric) {
        double step = ((double)high - (double)low) / 255.0;
        *zero_point = choose_zero_point(low, high, step);
        *scale = (float)step;
        *inverse = 1.0f / *scale;
    } else {
        float largest = -low > high ? -low : high;
        *scale = largest / 127.0f;
        *inverse = 127.0f / largest;
    }
}

void tmoi_quantize_dynamic_c(bool asymmetric, const float *in, int64_t count, int8_t *out, float *scale,
                             int32_t *zero_point)
{
    float low, high, inverse, bound = asymmetric ? -128.0f : -127.0f;
    tmoi_row_range_c(in, count, &low, &high);
    tmoi_row_scale(asymmetric, low, high, scale, &inverse, zero_point);
    if (low == high) {
        memset(out, 0, (size_t)count);
        return;
    }
    for (int64_t k = 0; k < count; k++)
        out[k] = (int8_t)tmoi_quantize_value(in[k], inverse, (float)*zero_point, bound);
}

void tmoi_quantize_rows(tmoi_quantize_dynamic_function quantize, bool asymmetric, const float *in,
                        int64_t rows, int64_t count, int8_t *out, float *scales, int32_t *zero_points)
{
    for (int64_t r = 0; r < rows; r++)
        quantize(asymmetric, in + r * count, count, out + r * count, &scales[r], &zero_points[r]);
}
