/* Layer normalization. */
#include <math.h>

#include "harness.h"
#include "kernels/norm/norm.h"

static bool check_row(const kernel_test *test, const tmoi_layer_norm *norm, const float *in, const float *out,
                      int64_t at)
{
    double mean = 0, variance = 0, largest = 1e-30;
    for (int64_t k = 0; k < norm->depth; k++) {
        mean += (double)in[k] / (double)norm->depth;
        largest = fmax(largest, fabs((double)in[k]));
    }
    for (int64_t k = 0; k < norm->depth; k++)
        variance += ((double)in[k] - mean) * ((double)in[k] - mean) / (double)norm->depth;
    double scale = 1.0 / sqrt(variance + (double)norm->epsilon);
    for (int64_t k = 0; k < norm->depth; k++) {
        double gamma = norm->gamma ? (double)norm->gamma[k] : 1.0,
               beta = norm->beta ? (double)norm->beta[k] : 0.0;
        double want = ((double)in[k] - mean) * scale * gamma + beta;
        if (!near(out[k], want, largest * scale * fabs(gamma) + fabs(beta), 1e-5))
            return differs(test, at + k, (double)out[k], want);
    }
    return true;
}

static bool check_layer_norm_f32(kernel_test *test)
{
    static const int64_t depths[] = {1, 2, 15, 16, 17, 64, 100, 257};
    tmoi_layer_norm_f32_function run = (tmoi_layer_norm_f32_function)test->kernel->function;
    for (size_t d = 0; d < sizeof depths / sizeof depths[0]; d++) {
        for (int form = 0; form < 4; form++) {
            const int64_t rows = 3, depth = depths[d];
            new_case(test, "depth %d, form %d", (int)depth, form);
            const float *in = fill_f32(test, (size_t)(rows * depth), PATTERNS - 1);
            tmoi_layer_norm norm = {.depth = depth,
                                    .epsilon = 1e-3f,
                                    .gamma = form & 1 ? fill_f32(test, (size_t)depth, PATTERNS - 1) : NULL,
                                    .beta = form & 2 ? fill_f32(test, (size_t)depth, PATTERNS - 1) : NULL};
            float *out = guarded(test, (size_t)(rows * depth) * sizeof *out);
            run(&norm, in, out, rows);
            for (int64_t row = 0; row < rows; row++)
                if (!check_row(test, &norm, in + row * depth, out + row * depth, row * depth)) return false;
            if (!canary_intact(test, out)) return false;
        }
    }
    return true;
}

const family_entry norm_families[] = {
    {TMOI_FAMILY_layer_norm_f32, check_layer_norm_f32},
    {0, NULL},
};
