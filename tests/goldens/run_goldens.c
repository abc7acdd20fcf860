/* Runs the models of golden archives (README.md beside this file) and compares with the results that LiteRT's reference
 * kernels gave.
 *
 *     run_goldens [--filter TEXT] [--isa NAME] [--arithmetic default] [--keep-going] ARCHIVE…
 *
 * prints each difference and a summary; exits 1 when any case fails. Integers must be equal bit for bit with reference
 * arithmetic; with default arithmetic they may differ by one step, and the cases of
 * reference_only are left out. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive.h"
#include "tmo/runtime.h"

typedef struct golden_case {
    char name[256];
    void *model;
    uint32_t model_bytes;
    float rtol, atol;
    bool hybrid; /* a convolution with float activations and integer weights */
} golden_case;

typedef struct runner {
    const char *filter;
    tmo_session_options options;
    int passed, failed, skipped;
    double largest_input; /* of the step */
} runner;

/* ---- comparing ---- */

static bool close_enough(double got, double want, const golden_case *c)
{
    if (isnan(want)) return isnan(got);
    if (isinf(want)) return isinf(got) && (got > 0) == (want > 0);
    return fabs(got - want) <= (double)c->atol + (double)c->rtol * fabs(want);
}

static float half_to_float(uint16_t half)
{
    int exponent = (half >> 10) & 31, mantissa = half & 1023;
    float magnitude = exponent == 31 ? (mantissa ? NAN : INFINITY)
                      : exponent     ? ldexpf((float)(mantissa + 1024), exponent - 25)
                                     : ldexpf((float)mantissa, -24);
    return half & 0x8000 ? -magnitude : magnitude;
}

/* Data in an archive is aligned to 4 bytes only. */
static double double_at(const void *data, size_t k)
{
    double value;
    memcpy(&value, (const unsigned char *)data + k * sizeof value, sizeof value);
    return value;
}

static double element(uint32_t type, const void *data, size_t k)
{
    switch (type) {
    case TMO_TYPE_FLOAT32:
    case TMO_TYPE_COMPLEX64: return (double)((const float *)data)[k];
    case TMO_TYPE_FLOAT64: return double_at(data, k);
    case TMO_TYPE_FLOAT16: return (double)half_to_float(((const uint16_t *)data)[k]);
    case TMO_TYPE_INT8: return ((const int8_t *)data)[k];
    case TMO_TYPE_UINT8: return ((const uint8_t *)data)[k];
    case TMO_TYPE_INT16: return ((const int16_t *)data)[k];
    case TMO_TYPE_INT32: return ((const int32_t *)data)[k];
    default: return ((const unsigned char *)data)[k];
    }
}

static size_t element_bytes(uint32_t type)
{
    return type == TMO_TYPE_COMPLEX64          ? 4
           : tmo_type_bits((tmo_type)type) < 8 ? 1
                                               : tmo_type_bits((tmo_type)type) / 8;
}

static bool is_float(uint32_t type)
{
    return type == TMO_TYPE_FLOAT32 || type == TMO_TYPE_FLOAT64 || type == TMO_TYPE_FLOAT16 ||
           type == TMO_TYPE_COMPLEX64;
}

static double largest_of(const golden_tensor *t)
{
    double largest = 0.0;
    for (size_t i = 0; i < t->bytes / element_bytes(t->type); i++)
        largest = fmax(largest, fabs(element(t->type, t->data, i)));
    return largest;
}

/* LiteRT quantizes each image of a hybrid convolution to 8 bits; default arithmetic may compute with floats instead, or with a
 * finer scale for each row, and is then off by that rounding: four steps of an input with both signs, as it is not known
 * here what it is multiplied with. */
static double rounding_of_input(const runner *run)
{
    return 4.0 * 2.0 * run->largest_input / 255.0;
}

static bool same_values(const runner *run, const golden_case *c, const golden_tensor *want,
                        const tmo_tensor_view *got, int k)
{
    bool exact = !is_float(want->type) || (c->rtol == 0.0f && c->atol == 0.0f);
    bool hybrid = c->hybrid && is_float(want->type) && run->options.arithmetic != TMO_ARITHMETIC_REFERENCE;
    size_t size = want->type == TMO_TYPE_STRING ? 1 : element_bytes(want->type);
    for (size_t i = 0; i < want->bytes / size; i++) {
        double a = element(want->type, got->data, i), b = element(want->type, want->data, i);
        bool same = exact ? memcmp((const char *)got->data + i * size, (const char *)want->data + i * size,
                                   size) == 0
                          : close_enough(a, b, c);
        if (!same && hybrid) same = fabs(a - b) <= rounding_of_input(run);
        if (!same && exact && run->options.arithmetic != TMO_ARITHMETIC_REFERENCE && !is_float(want->type))
            same = fabs(a - b) <= 1.0;
        if (same || (is_float(want->type) && isnan(a) && isnan(b))) continue;
        printf("FAIL %s: output %d element %zu: got %.9g, want %.9g\n", c->name, k, i, a, b);
        return false;
    }
    return true;
}

static bool same_output(const runner *run, const golden_case *c, const golden_tensor *want,
                        const tmo_tensor_view *got, int k)
{
    if ((uint32_t)got->type != want->type || (uint32_t)got->rank != want->rank ||
        memcmp(got->shape, want->dims, 4u * want->rank) != 0 || got->size_bytes != want->bytes) {
        printf("FAIL %s: output %d has type %s, rank %d, %zu bytes; want %s, rank %u, %u bytes\n", c->name, k,
               tmo_type_name(got->type), (int)got->rank, (size_t)got->size_bytes,
               tmo_type_name((tmo_type)want->type), want->rank, want->bytes);
        return false;
    }
    return want->bytes == 0 || same_values(run, c, want, got, k);
}

/* ---- running ---- */

static bool fail(const golden_case *c, const char *what, const tmo_error *error)
{
    printf("FAIL %s: %s: %s\n", c->name, what, error->message);
    return false;
}

static bool feed(tmo_session *session, const golden_case *c, const golden_tensor *in, int32_t k,
                 tmo_error *error)
{
    tmo_tensor_view view = {.struct_size = sizeof view};
    if (tmo_session_resize_input(session, k, in->dims, (int32_t)in->rank, error))
        return fail(c, "resize", error);
    if (tmo_session_input(session, k, &view, error)) return fail(c, "input", error);
    if (in->type == TMO_TYPE_STRING) return true;
    if (view.size_bytes != in->bytes) {
        printf("FAIL %s: input %d has %zu bytes, the golden %u\n", c->name, (int)k, (size_t)view.size_bytes,
               in->bytes);
        return false;
    }
    return true;
}

static bool run_step(runner *run, tmo_session *session, const golden_case *c, reader *r, bool alive)
{
    tmo_error error = TMO_ERROR_INIT;
    uint32_t inputs = take_u32(r);
    reader start = *r;
    for (uint32_t k = 0; k < inputs; k++) {
        golden_tensor in = take_tensor(r);
        alive = alive && feed(session, c, &in, (int32_t)k, &error);
        if (k == 0 && in.type == TMO_TYPE_FLOAT32) run->largest_input = largest_of(&in);
    }
    for (uint32_t k = 0; k < inputs; k++) {
        golden_tensor in = take_tensor(&start);
        tmo_tensor_view view = {.struct_size = sizeof view};
        if (alive && in.type == TMO_TYPE_STRING)
            alive = !tmo_session_set_texts(session, (int32_t)k, in.data, in.bytes, &error) ||
                    fail(c, "texts", &error);
        else if (alive && !tmo_session_input(session, (int32_t)k, &view, NULL) && in.bytes)
            memcpy(view.data, in.data, in.bytes);
    }
    if (alive && tmo_session_run(session, &error)) alive = fail(c, "run", &error);
    uint32_t outputs = take_u32(r);
    for (uint32_t k = 0; k < outputs; k++) {
        golden_tensor want = take_tensor(r);
        tmo_tensor_view view = {.struct_size = sizeof view};
        if (!alive) continue;
        if (tmo_session_output(session, (int32_t)k, &view, &error))
            alive = fail(c, "output", &error);
        else
            alive = same_output(run, c, &want, &view, (int)k);
    }
    return alive;
}

/* Cases whose results are errors of LiteRT's kernels that only reference arithmetic repeats: rows scaled by the parameters of
 * other rows (several batch dimensions), and time-major sequences that are run several times over. */
static const char *const reference_only[] = {"matmul_hybrid_4d_", "matmul_hybrid_asym_4d_",
                                             "bidi_rnn_hybrid_10", "bidi_rnn_hybrid_asym_10"};

static bool is_wanted(const runner *run, const golden_case *c)
{
    enum { COUNT = sizeof reference_only / sizeof reference_only[0] };
    if (run->filter && !strstr(c->name, run->filter)) return false;
    for (int k = 0; run->options.arithmetic != TMO_ARITHMETIC_REFERENCE && k < COUNT; k++)
        if (strncmp(c->name, reference_only[k], strlen(reference_only[k])) == 0) return false;
    return true;
}

static void run_case(runner *run, reader *r)
{
    golden_case c;
    tmo_error error = TMO_ERROR_INIT;
    tmo_model *model = NULL;
    tmo_session *session = NULL;
    uint32_t bytes;
    const char *name = take_block(r, &bytes);
    snprintf(c.name, sizeof c.name, "%.*s", (int)bytes, name);
    c.hybrid = strstr(c.name, "hybrid") &&
               (strncmp(c.name, "dw_", 3) == 0 || strncmp(c.name, "depthwise_", 10) == 0 ||
                strncmp(c.name, "conv_", 5) == 0);
    const void *data = take_block(r, &c.model_bytes);
    c.rtol = take_f32(r);
    c.atol = take_f32(r);
    uint32_t steps = take_u32(r);
    bool wanted = is_wanted(run, &c), alive = wanted;
    c.model = aligned_alloc(64, (c.model_bytes + 63u) & ~63u);
    if (!c.model) die("out of memory");
    memcpy(c.model, data, c.model_bytes);
    if (alive && tmo_model_load(&model, c.model, c.model_bytes, NULL, &error))
        alive = fail(&c, "load", &error);
    if (alive && tmo_session_create(&session, model, &run->options, &error))
        alive = fail(&c, "session", &error);
    for (uint32_t k = 0; k < steps; k++) alive = run_step(run, session, &c, r, alive) && alive;
    tmo_session_free(session);
    tmo_model_free(model);
    free(c.model);
    if (!wanted)
        run->skipped++;
    else if (alive)
        run->passed++;
    else
        run->failed++;
}

static void run_archive(runner *run, const char *path)
{
    reader r = read_archive(path);
    int failed = run->failed, passed = run->passed;
    if (memcmp(take(&r, 4), "TMOG", 4) != 0 || take_u32(&r) != 1) die("not a golden archive");
    uint32_t count = take_u32(&r);
    for (uint32_t k = 0; k < count; k++) run_case(run, &r);
    printf("%s: %d passed, %d failed\n", path, run->passed - passed, run->failed - failed);
    free(r.bytes);
}

int main(int argc, char **argv)
{
    runner run = {.options = TMO_SESSION_OPTIONS_INIT};
    run.options.threads = 1;
    run.options.arithmetic = TMO_ARITHMETIC_REFERENCE;
    for (int k = 1; k < argc; k++) {
        if (strcmp(argv[k], "--filter") == 0 && k + 1 < argc)
            run.filter = argv[++k];
        else if (strcmp(argv[k], "--isa") == 0 && k + 1 < argc)
            run.options.isa = argv[++k];
        else if (strcmp(argv[k], "--arithmetic") == 0 && k + 1 < argc)
            run.options.arithmetic = strcmp(argv[++k], "default") == 0 ? TMO_ARITHMETIC_DEFAULT
                                                                       : TMO_ARITHMETIC_REFERENCE;
        else
            run_archive(&run, argv[k]);
    }
    printf("%d passed, %d failed\n", run.passed, run.failed);
    return run.failed != 0 || run.passed == 0;
}
