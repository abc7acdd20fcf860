/* The kernel test: every variant of every family against an independent, slow statement of its contract.
 *
 * A check runs one variant on many shapes with data from the test's generator, the worst patterns first. Inputs end at a page
 * that may not be read, outputs at a page that may not be written and start behind a canary; a signal is a failed case, not
 * a crash. */
#ifndef TESTS_KERNELS_HARNESS_H
#define TESTS_KERNELS_HARNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rng.h"
#include "kernels/kernels.h"

typedef struct kernel_test {
    const tmoi_kernel *kernel;
    tmoi_rng rng;
    int cases;
    char what[160]; /* the case that runs, for the report */
} kernel_test;

/* Memory that ends at a forbidden page; freed after the case. */
void *guarded(kernel_test *test, size_t bytes);
void free_guarded(void);
/* Fails the case when the bytes before a guarded block have changed. */
bool canary_intact(const kernel_test *test, const void *block);
/* Starts a case: frees the blocks of the last one, names the new one. */
void new_case(kernel_test *test, const char *format, ...);
/* Prints the difference and returns false. */
bool differs(const kernel_test *test, int64_t index, double got, double want);

/* Filled blocks. pattern 0: all lowest; 1: all highest; 2: alternating extremes; from 3 on: random. */
enum { PATTERNS = 5 };
int8_t *fill_s8(kernel_test *test, size_t count, int pattern);
int16_t *fill_s16(kernel_test *test, size_t count, int pattern, int16_t low, int16_t high);
float *fill_f32(kernel_test *test, size_t count, int pattern);

/* |got - want| within `tolerance` relative to the larger of |want| and `scale`. */
bool near(float got, double want, double scale, double tolerance);

typedef bool (*family_check)(kernel_test *test);
/* Runs the check; a signal fails it. */
bool run_guarded(kernel_test *test, family_check check);

typedef struct family_entry {
    int32_t family;
    family_check check;
} family_entry;
extern const family_entry matrix_families[], dwconv_families[], element_families[], gemm_f32_families[],
    gemm_s8_families[], convert_families[], norm_families[]; /* each ends with a NULL check */

#endif
