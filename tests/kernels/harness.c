#include "kernels/harness.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void new_case(kernel_test *test, const char *format, ...)
{
    va_list arguments;
    free_guarded();
    va_start(arguments, format);
    (void)vsnprintf(test->what, sizeof test->what, format, arguments);
    va_end(arguments);
    test->cases++;
}

bool differs(const kernel_test *test, int64_t index, double got, double want)
{
    printf("FAIL %s %s: element %lld is %.9g, want %.9g\n", test->kernel->name, test->what, (long long)index,
           got, want);
    return false;
}

int16_t *fill_s16(kernel_test *test, size_t count, int pattern, int16_t low, int16_t high)
{
    int16_t *out = guarded(test, count * sizeof *out);
    uint32_t span = (uint32_t)(high - low) + 1;
    for (size_t k = 0; k < count; k++)
        out[k] = pattern == 0   ? low
                 : pattern == 1 ? high
                 : pattern == 2 ? (k & 1 ? low : high)
                                : (int16_t)(low + (int32_t)tmoi_rng_below(&test->rng, span));
    return out;
}

int8_t *fill_s8(kernel_test *test, size_t count, int pattern)
{
    int8_t *out = guarded(test, count);
    for (size_t k = 0; k < count; k++)
        out[k] = (int8_t)(pattern == 0   ? -128
                          : pattern == 1 ? 127
                          : pattern == 2 ? (k & 1 ? -128 : 127)
                                         : (int)tmoi_rng_below(&test->rng, 256) - 128);
    return out;
}

float *fill_f32(kernel_test *test, size_t count, int pattern)
{
    float *out = guarded(test, count * sizeof *out);
    for (size_t k = 0; k < count; k++)
        out[k] = pattern == 0   ? -3.0f
                 : pattern == 1 ? 3.0f
                 : pattern == 2 ? (k & 1 ? -50.0f : 50.0f)
                                : 2.0f * tmoi_rng_normal(&test->rng);
    return out;
}

bool near(float got, double want, double scale, double tolerance)
{
    double size = fabs(want) > scale ? fabs(want) : scale;
    return isnan(want) ? isnan(got) : fabs((double)got - want) <= tolerance * size;
}

/* ---- the program ---- */

static family_check find_check(int32_t family)
{
    const family_entry *lists[] = {matrix_families,  dwconv_families,  element_families, gemm_f32_families,
                                   gemm_s8_families, convert_families, norm_families};
    for (size_t l = 0; l < sizeof lists / sizeof lists[0]; l++)
        for (const family_entry *entry = lists[l]; entry->check; entry++)
            if (entry->family == family) return entry->check;
    return NULL;
}

static void usage(void)
{
    fprintf(stderr, "usage: run_kernels [--list] [--kernel TEXT] [--seed N] [--repeat N] [--require ISA]\n");
    exit(2);
}

int main(int argc, char **argv)
{
    const char *filter = "", *require = NULL;
    unsigned long seed = 1, repeat = 1;
    int failed = 0, passed = 0, required = 0;
    int32_t count;
    const tmoi_kernel *list = tmoi_kernels_list(&count);
    for (int k = 1; k < argc; k++) {
        if (strcmp(argv[k], "--list") == 0) {
            for (int32_t i = 0; i < count; i++)
                printf("%s %s %s\n", list[i].family, list[i].name, tmoi_cpu_name(list[i].cpu));
            return 0;
        }
        if (k + 1 == argc) usage();
        if (strcmp(argv[k], "--kernel") == 0)
            filter = argv[++k];
        else if (strcmp(argv[k], "--seed") == 0)
            seed = strtoul(argv[++k], NULL, 10);
        else if (strcmp(argv[k], "--repeat") == 0)
            repeat = strtoul(argv[++k], NULL, 10);
        else if (strcmp(argv[k], "--require") == 0)
            require = argv[++k];
        else
            usage();
    }
    for (unsigned long round = 0; round < repeat; round++)
        for (int32_t k = 0; k < count; k++) {
            if (!strstr(list[k].name, filter) || (list[k].cpu & ~tmoi_cpu_features())) continue;
            kernel_test test = {.kernel = &list[k], .rng = tmoi_rng_make(seed + round, (uint64_t)k)};
            family_check check = find_check(list[k].family_index);
            if (!check) printf("FAIL %s: family %s has no test\n", list[k].name, list[k].family);
            bool good = check && run_guarded(&test, check);
            free_guarded();
            if (require && strcmp(tmoi_cpu_name(list[k].cpu), require) == 0) required++;
            printf("%-36s %s, %d cases\n", list[k].name, good ? "ok" : "FAILED", test.cases);
            *(good ? &passed : &failed) += 1;
        }
    if (require && !required) printf("FAIL: no kernel for %s was run on this processor\n", require);
    printf("%d passed, %d failed\n", passed, failed);
    return failed || (require && !required) || passed == 0;
}
