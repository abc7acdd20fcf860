/* Runs a model on inputs that depend on nothing but a seed, and holds the outputs against those of another run: of another
 * processor, instruction set or number of threads.
 *
 * usage: run_model [--isa NAME] [--threads N] [--reference] [--within X] --write FILE | --compare FILE  MODEL
 *
 * Integer outputs must have the same bits; float ones agree within X (0: the same bits; default 1e-4) times the largest.
 * The file holds, for each output of each run, its size in bytes and its data. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tmo/runtime.h"

enum { RUNS = 3 };

typedef struct test {
    const char *model_path, *file_path;
    tmo_session_options options;
    bool is_compare;
    double within;
    FILE *file;
    tmo_model *model;
    tmo_session *session;
    uint32_t hash; /* FNV-1a of all outputs */
    double worst;  /* difference, as a part of the output's largest value */
} test;

static void stop(const char *what, const char *why)
{
    (void)fprintf(stderr, "run_model: %s: %s\n", what, why);
    exit(1);
}

static void check(tmo_status status, const test *t, const tmo_error *error)
{
    if (status != TMO_STATUS_OK) stop(t->model_path, error->message);
}

/* ---- inputs ---- */

/* xorshift32 (Marsaglia, "Xorshift RNGs", 2003) */
static uint32_t next_random(uint32_t *state)
{
    uint32_t x = *state;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return *state = x;
}

/* Floats in [-1, 1), quantized types over their whole range, 0 for what may be an index. */
static void fill(const tmo_tensor_view *view, uint32_t *state)
{
    float *floats = view->data;
    uint8_t *bytes = view->data;
    bool is_quantized = view->scale > 0;
    if (view->type == TMO_TYPE_FLOAT32)
        for (uint64_t k = 0; k < view->size_bytes / sizeof(float); k++)
            floats[k] = (float)(next_random(state) >> 8) * 0x1p-23f - 1.0f;
    else
        for (uint64_t k = 0; k < view->size_bytes; k++)
            bytes[k] = is_quantized ? (uint8_t)(next_random(state) >> 24) : 0;
}

static void fill_inputs(const test *t, int run)
{
    uint32_t state = 0x9e3779b9u + (uint32_t)run;
    tmo_error error = TMO_ERROR_INIT;
    for (int32_t k = 0; k < tmo_session_input_count(t->session); k++) {
        tmo_tensor_view view = {.struct_size = sizeof view};
        check(tmo_session_input(t->session, k, &view, &error), t, &error);
        fill(&view, &state);
    }
}

/* ---- outputs ---- */

static void hash_output(test *t, const tmo_tensor_view *view)
{
    const uint8_t *bytes = view->data;
    for (uint64_t k = 0; k < view->size_bytes; k++) t->hash = (t->hash ^ bytes[k]) * 16777619u;
}

static void write_output(const test *t, const tmo_tensor_view *view)
{
    if (fwrite(&view->size_bytes, sizeof view->size_bytes, 1, t->file) != 1 ||
        fwrite(view->data, 1, (size_t)view->size_bytes, t->file) != view->size_bytes)
        stop(t->file_path, "cannot write");
}

static double difference(const float *got, const float *want, uint64_t count)
{
    double largest = 0, worst = 0;
    for (uint64_t k = 0; k < count; k++) {
        double gap = fabs((double)got[k] - (double)want[k]);
        if (isnan(got[k]) != isnan(want[k])) return INFINITY;
        if (gap > worst) worst = gap;
        if (fabs((double)want[k]) > largest) largest = fabs((double)want[k]);
    }
    return largest > 0 ? worst / largest : worst;
}

static void compare_output(test *t, const tmo_tensor_view *view)
{
    uint64_t bytes = 0;
    if (fread(&bytes, sizeof bytes, 1, t->file) != 1 || bytes != view->size_bytes)
        stop(t->model_path, "the output has another size");
    size_t size = (size_t)bytes;
    void *want = malloc(size + 1);
    if (!want || fread(want, 1, size, t->file) != size) stop(t->file_path, "cannot read");
    bool is_same = memcmp(want, view->data, size) == 0;
    if (!is_same && (t->within == 0 || view->type != TMO_TYPE_FLOAT32)) stop(t->model_path, "other bits");
    if (!is_same) t->worst = fmax(t->worst, difference(view->data, want, bytes / sizeof(float)));
    free(want);
    if (t->worst > t->within) {
        printf("the difference is %.1e of the largest output\n", t->worst);
        stop(t->model_path, "differs by too much");
    }
}

static void take_outputs(test *t)
{
    tmo_error error = TMO_ERROR_INIT;
    for (int32_t k = 0; k < tmo_session_output_count(t->session); k++) {
        tmo_tensor_view view = {.struct_size = sizeof view};
        check(tmo_session_output(t->session, k, &view, &error), t, &error);
        hash_output(t, &view);
        if (t->is_compare)
            compare_output(t, &view);
        else
            write_output(t, &view);
    }
}

/* ---- the program ---- */

static void usage(void)
{
    (void)fprintf(stderr, "usage: run_model [--isa NAME] [--threads N] [--reference] [--within X] "
                          "--write FILE | --compare FILE  MODEL\n");
    exit(2);
}

static void parse(test *t, int argc, char **argv)
{
    for (int k = 1; k < argc; k++) {
        bool has_value = k + 1 < argc;
        if (strcmp(argv[k], "--reference") == 0)
            t->options.arithmetic = TMO_ARITHMETIC_REFERENCE;
        else if (strcmp(argv[k], "--isa") == 0 && has_value)
            t->options.isa = argv[++k];
        else if (strcmp(argv[k], "--within") == 0 && has_value)
            t->within = strtod(argv[++k], NULL);
        else if (strcmp(argv[k], "--threads") == 0 && has_value)
            t->options.threads = (int32_t)strtol(argv[++k], NULL, 10);
        else if ((strcmp(argv[k], "--write") == 0 || strcmp(argv[k], "--compare") == 0) && has_value) {
            t->is_compare = argv[k][2] == 'c';
            t->file_path = argv[++k];
        } else if (argv[k][0] != '-')
            t->model_path = argv[k];
        else
            usage();
    }
    if (!t->model_path || !t->file_path) usage();
}

int main(int argc, char **argv)
{
    test t = {.options = TMO_SESSION_OPTIONS_INIT, .hash = 2166136261u, .within = 1e-4};
    tmo_error error = TMO_ERROR_INIT;
    t.options.threads = 1;
    parse(&t, argc, argv);
    t.file = fopen(t.file_path, t.is_compare ? "rb" : "wb");
    if (!t.file) stop(t.file_path, "cannot open");
    check(tmo_model_load_file(&t.model, t.model_path, NULL, &error), &t, &error);
    check(tmo_session_create(&t.session, t.model, &t.options, &error), &t, &error);
    for (int run = 0; run < RUNS; run++) {
        fill_inputs(&t, run);
        check(tmo_session_run(t.session, &error), &t, &error);
        take_outputs(&t);
    }
    if (!t.is_compare)
        printf("%s: outputs %08x\n", t.model_path, (unsigned)t.hash);
    else if (t.worst > 0)
        printf("  within %.1e of the largest\n", t.worst);
    else
        printf("  the same bits\n");
    tmo_session_free(t.session);
    tmo_model_free(t.model);
    return fclose(t.file) == 0 ? 0 : 1;
}
