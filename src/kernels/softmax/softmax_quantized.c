#include <math.h>

#include "kernels/common/exp.h"
#include "kernels/common/inverse_sqrt.h"
#include "kernels/softmax/softmax.h"
#include "kernels/unary/quantized.h"

static int32_t load_x8(tmo_type type, const void *in, int64_t k)
{
    return type == TMO_TYPE_INT8 ? ((const int8_t *)in)[k] : ((const uint8_t *)in)[k];
}

static void store(tmo_type type, void *out, int64_t k, int32_t value)
{
    if (type == TMO_TYPE_INT8)
        ((int8_t *)out)[k] = (int8_t)value;
    else if (type == TMO_TYPE_UINT8)
        ((uint8_t *)out)[k] = (uint8_t)value;
    else
        ((int16_t *)out)[k] = (int16_t)value;
}

/* exp of each element relative to the largest, Q0.31, and their sum in Q12.19. */
static int32_t row_exps(const tmoi_softmax_params *params, const void *in, int64_t begin, int64_t depth,
                        int32_t *exps)
{
    int32_t max = INT32_MIN;
    uint32_t sum = 0;
    for (int64_t k = 0; k < depth; k++) {
        int32_t x = load_x8(params->in_type, in, begin + k);
        max = x > max ? x : max;
    }
    for (int64_t k = 0; k < depth; k++) {
        int32_t difference = load_x8(params->in_type, in, begin + k) - max;
        exps[k] = difference < params->diff_min ? 0
                                                : tmoi_exp_negative(tmoi_multiply(difference, params->scale));
        sum += (uint32_t)tmoi_rounding_shift_right(exps[k], 12);
    }
    return sum > INT32_MAX ? INT32_MAX : (int32_t)sum;
}

void tmoi_softmax_x8(const tmoi_softmax_params *params, const void *in, void *out, int64_t rows,
                     int64_t depth, int32_t *exps)
{
    int32_t bits = params->out_type == TMO_TYPE_INT16 ? 16 : 8;
    int32_t low = params->out_type == TMO_TYPE_UINT8 ? 0 : -(1 << (bits - 1)), high = low + (1 << bits) - 1;
    for (int64_t row = 0; row < rows; row++) {
        int32_t bits_over_unit;
        int32_t sum = row_exps(params, in, row * depth, depth, exps);
        int32_t scale = tmoi_reciprocal(sum, 12, &bits_over_unit), right = bits_over_unit + 31 - bits;
        for (int64_t k = 0; k < depth; k++) {
            int32_t value = low;
            if (exps[k])
                value += right > 31 ? 0 : tmoi_rounding_shift_right(tmoi_high_mul(scale, exps[k]), right);
            store(params->out_type, out, row * depth + k, tmoi_clamp_i32(value, low, high));
        }
    }
}

static int32_t row_max_x8(tmo_type type, const void *in, int64_t begin, int64_t depth)
{
    int32_t max = INT32_MIN;
    for (int64_t k = 0; k < depth; k++) {
        int32_t x = load_x8(type, in, begin + k);
        max = x > max ? x : max;
    }
    return max;
}

static inline int32_t rounded(float x)
{
    const float to_integer = 12582912.0f; /* 1.5 · 2^23: adding it rounds to even, to the low bits */
    return (int32_t)(tmoi_bits_of_f32(x + to_integer) - 0x4b400000u);
}

void tmoi_softmax_by_table(const tmoi_softmax_table *table, const void *in, void *out, int64_t rows,
                           int64_t depth, float *scratch)
{
    int32_t low = table->zero_out, high = table->out_type == TMO_TYPE_INT16 ? INT16_MAX : low + 255;
    for (int64_t row = 0; row < rows; row++) {
        int32_t max = row_max_x8(table->in_type, in, row * depth, depth);
        float sum = 0.0f;
        for (int64_t k = 0; k < depth; k++) {
            scratch[k] = table->exps[max - load_x8(table->in_type, in, row * depth + k)];
            sum += scratch[k];
        }
        float scale = table->unit / sum;
        for (int64_t k = 0; k < depth; k++) {
            int32_t value = rounded(scratch[k] * scale) + table->zero_out;
            store(table->out_type, out, row * depth + k, tmoi_clamp_i32(value, low, high));
        }
    }
}

static double inverse_of_one_plus(double x)
{
    return 1.0 / (1.0 + x);
}

void tmoi_softmax_points_s16(int16_t *exp_points, int16_t *inverse_points)
{
    tmoi_table_points_f64(exp, -10.0, 0.0, -1.0, 1.0, exp_points);
    tmoi_table_points_f64(inverse_of_one_plus, 0.0, 1.0, -1.0, 1.0, inverse_points);
}

/* exp of the elements relative to the largest into out, Q0.15, and their sum. */
static int32_t row_exps_s16(tmoi_multiplier scale, const int16_t *exp_points, const int16_t *in, int16_t *out,
                            int64_t depth)
{
    int32_t max = INT16_MIN;
    int64_t sum = 0;
    for (int64_t k = 0; k < depth; k++) max = in[k] > max ? in[k] : max;
    for (int64_t k = 0; k < depth; k++) {
        int32_t centred = tmoi_multiply(in[k] - max, scale) + INT16_MAX;
        out[k] = tmoi_table_lookup_s16((int16_t)tmoi_clamp_i32(centred, INT16_MIN, INT16_MAX), exp_points);
        sum += out[k];
    }
    return sum > INT32_MAX ? INT32_MAX : (int32_t)sum;
}

void tmoi_softmax_s16(tmoi_multiplier scale, const int16_t *exp_points, const int16_t *inverse_points,
                      const int16_t *in, int16_t *out, int64_t rows, int64_t depth)
{
    for (int64_t row = 0; row < rows; row++, in += depth, out += depth) {
        int32_t sum = row_exps_s16(scale, exp_points, in, out, depth);
        int32_t zeros = tmoi_leading_zeros((uint32_t)sum), right = 31 - zeros;
        /* the sum as 1 + x with x in [0, 1), as the inverse's table wants it: spread over int16 */
        int32_t normalized = (int32_t)((((int64_t)sum << (zeros - 1)) + (1 << 13)) >> 14);
        int32_t centred = tmoi_clamp_i32(normalized - (1 << 15) - (1 << 16), INT16_MIN, INT16_MAX);
        int64_t inverse = tmoi_table_lookup_s16((int16_t)centred, inverse_points);
        int64_t round = right > 0 ? (int64_t)1 << (right - 1) : 0;
        for (int64_t k = 0; k < depth; k++)
            out[k] = (int16_t)tmoi_clamp_i32((int32_t)((out[k] * inverse + round) >> right), 0, INT16_MAX);
    }
}

/* log(x) for x >= 1 in Q12.19, as Q5.26: x = 2^n·r with r near 2^(-1/4), log r by a rational function of it. */
static int32_t log_q12(int32_t x)
{
    const int32_t log_2 = 1488522236, root_root_half = 1805811301, root_half = 1518500250,
                  quarter = 536870912;
    const int32_t alpha_n = 117049297, alpha_d = 127690142, alpha_i = 1057819769, alpha_f = 638450708;
    const int32_t integer_bits = 12, whole = 25; /* fraction bits of Q6.25, the sums' format */
    int32_t shifted_quarter = tmoi_rounding_shift_right(quarter, 6);
    int32_t zeros_a = tmoi_leading_zeros((uint32_t)x);
    int32_t normal_a = tmoi_saturating_shift_left(x, zeros_a - 1);
    int32_t r_a = tmoi_saturating_shift_left(tmoi_high_mul(normal_a, root_half), 1);
    int32_t power_a = tmoi_saturating_shift_left(integer_bits - zeros_a, whole) + shifted_quarter;
    int32_t z_b = tmoi_high_mul(x, root_half);
    int32_t headroom_b = tmoi_leading_zeros((uint32_t)z_b) - 1;
    int32_t r_b = tmoi_saturating_shift_left(x, headroom_b);
    int32_t power_b = tmoi_saturating_shift_left(integer_bits - headroom_b, whole) - shifted_quarter;
    int32_t r = r_a < r_b ? r_a : r_b, power = power_a > power_b ? power_a : power_b;
    int32_t p = tmoi_rounding_half_sum(r, root_root_half), q = (r - root_root_half) * 2;
    int32_t square = tmoi_high_mul(q, q);
    int32_t numerator = tmoi_high_mul(q, r) + tmoi_high_mul(tmoi_high_mul(q, square), alpha_n);
    int32_t denominator = tmoi_high_mul(p, alpha_i + q + tmoi_high_mul(alpha_d, square)) +
                          tmoi_high_mul(alpha_f, q);
    int32_t quotient = tmoi_high_mul(tmoi_rounding_shift_right(numerator, 6),
                                     tmoi_one_over_one_plus(denominator));
    return tmoi_saturating_shift_left(tmoi_high_mul(power, log_2) + quotient, 1);
}

void tmoi_log_softmax_s8(const tmoi_log_softmax_params *params, const int8_t *in, int8_t *out, int64_t rows,
                         int64_t depth)
{
    for (int64_t row = 0; row < rows; row++, in += depth, out += depth) {
        int32_t max = INT8_MIN;
        uint32_t sum = 0;
        for (int64_t k = 0; k < depth; k++) max = in[k] > max ? in[k] : max;
        for (int64_t k = 0; k < depth; k++) {
            if (in[k] - max < params->diff_min) continue;
            int32_t e = tmoi_exp_negative(tmoi_multiply(in[k] - max, params->scale));
            sum += (uint32_t)tmoi_rounding_shift_right(e, 12);
        }
        int32_t log_sum = log_q12(sum > INT32_MAX ? INT32_MAX : (int32_t)sum);
        int32_t lowest = tmoi_multiply(log_sum + INT32_MIN, params->inverse);
        lowest = lowest > params->diff_min - 1 ? lowest : params->diff_min - 1;
        for (int64_t k = 0; k < depth; k++) {
            int32_t difference = in[k] - max, value = INT8_MIN;
            if (difference > lowest)
                value = tmoi_rounding_shift_right(tmoi_multiply(difference, params->scale) - log_sum, 22) +
                        INT8_MAX;
            out[k] = (int8_t)tmoi_clamp_i32(value, INT8_MIN, INT8_MAX);
        }
    }
}

void tmoi_log_softmax_u8(const float exp_table[256], float scale_in, float scale_out, int32_t zero_out,
                         const uint8_t *in, uint8_t *out, int64_t rows, int64_t depth)
{
    for (int64_t row = 0; row < rows; row++, in += depth, out += depth) {
        int32_t max = 0;
        float sum = 0.0f;
        for (int64_t k = 0; k < depth; k++) max = in[k] > max ? in[k] : max;
        for (int64_t k = 0; k < depth; k++) sum += exp_table[255 - max + in[k]];
        float log_sum = logf(sum), inverse = 1.0f / scale_out, scale = scale_in * inverse;
        float offset = (scale_in * (float)max + log_sum) * inverse;
        for (int64_t k = 0; k < depth; k++) {
            int32_t value = (int32_t)roundf(scale * (float)in[k] - offset) + zero_out;
            out[k] = (uint8_t)tmoi_clamp_i32(value, 0, UINT8_MAX);
        }
    }
}

void tmoi_l2_norm_x8(tmo_type type, int32_t zero_in, const void *in, void *out, int64_t rows, int64_t depth)
{
    int32_t low = type == TMO_TYPE_INT8 ? INT8_MIN : 0, zero_out = type == TMO_TYPE_INT8 ? 0 : 128;
    for (int64_t row = 0; row < rows; row++) {
        int64_t sum = 0;
        for (int64_t k = 0; k < depth; k++) {
            int32_t x = load_x8(type, in, row * depth + k) - zero_in;
            sum += (int64_t)x * x;
        }
        tmoi_multiplier inverse = tmoi_inverse_sqrt(sum > INT32_MAX ? INT32_MAX : (int32_t)sum);
        /* int8 gains the output's 7 fraction bits in the multiplier, uint8 in the input: their roundings differ */
        int32_t input_gain = type == TMO_TYPE_INT8 ? 1 : 128;
        if (type == TMO_TYPE_INT8) inverse.shift += 7;
        for (int64_t k = 0; k < depth; k++) {
            int32_t x = load_x8(type, in, row * depth + k) - zero_in;
            store(type, out, row * depth + k,
                  tmoi_clamp_i32(tmoi_multiply(x * input_gain, inverse) + zero_out, low, low + 255));
        }
    }
}
