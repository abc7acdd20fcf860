/* Results must not depend on how loops are split between threads: runs the models of golden archives with their inputs, and .tflite
 * files with random ones, once with one thread and then with each loop split in several ways, and compares the bits.
 *
 *     run_splits [--filter TEXT] [--isa NAME] ARCHIVE.tmog.gz | MODEL.tflite…
 *
 * The linker puts the functions below, __wrap_…, in place of the library's (--wrap), which makes a loop's smallest piece one
 * iteration, so that small models are split too. */
#include "archive.h"
#include "base/thread_pool.h"
#include "tmo/runtime.h"

enum { THREADS = 5, SINGLE = -1, POOL = -2 };

/* How loops are split: into so many even ranges, one after the other; into pieces of one to three grains, the last first; or as the
 * pool does, on its threads. */
static const int splits[] = {2, 3, 5, SINGLE, POOL};
static int split = POOL;

void __real_tmoi_parallel_for(tmoi_thread_pool *pool, int64_t count, int64_t grain,
                              void (*body)(void *argument, int64_t begin, int64_t end, int32_t thread),
                              void *argument);
void __wrap_tmoi_parallel_for(tmoi_thread_pool *pool, int64_t count, int64_t grain,
                              void (*body)(void *argument, int64_t begin, int64_t end, int32_t thread),
                              void *argument);
int64_t __wrap_tmoi_grain(int64_t operations);

int64_t __wrap_tmoi_grain(int64_t operations)
{
    (void)operations;
    return 1;
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

void __wrap_tmoi_parallel_for(tmoi_thread_pool *pool, int64_t count, int64_t grain,
                              void (*body)(void *argument, int64_t begin, int64_t end, int32_t thread),
                              void *argument)
{
    if (split == POOL || grain <= 0 || tmoi_thread_pool_size(pool) == 1) {
        __real_tmoi_parallel_for(pool, count, grain, body, argument);
        return;
    }
    int64_t pieces = (count + grain - 1) / grain;
    for (int64_t end = pieces, k = 0; split == SINGLE && end > 0; k++) {
        int64_t begin = end > 1 + k % 3 ? end - 1 - k % 3 : 0;
        body(argument, begin * grain, smaller(end * grain, count), (int32_t)(k % THREADS));
        end = begin;
    }
    for (int32_t k = 0; k < split; k++) {
        int64_t begin = pieces * k / split, end = pieces * (k + 1) / split;
        if (begin < end) body(argument, begin * grain, smaller(end * grain, count), k);
    }
}

/* ---- one model ---- */

typedef struct job {
    const char *name;
    const void *model;
    size_t model_bytes;
    tmo_arithmetic arithmetic;
    const reader *steps; /* of an archive, or NULL: random inputs */
    uint32_t step_count;
} job;

typedef struct results {
    unsigned char *bytes;
    size_t size;
} results;

static const char *isa;
static int passed, failed;

static void keep(results *out, const void *data, size_t bytes)
{
    out->bytes = realloc(out->bytes, out->size + bytes + 1);
    if (!out->bytes) die("out of memory");
    if (bytes) memcpy(out->bytes + out->size, data, bytes);
    out->size += bytes;
}

static void fill(const tmo_tensor_view *view, uint32_t *state)
{
    for (uint64_t k = 0; k < view->size_bytes / (view->type == TMO_TYPE_FLOAT32 ? 4 : 1); k++) {
        *state = *state * 1664525u + 1013904223u;
        if (view->type == TMO_TYPE_FLOAT32)
            ((float *)view->data)[k] = (float)(*state >> 8) * 0x1p-23f - 1.0f;
        else
            ((uint8_t *)view->data)[k] = view->scale > 0 ? (uint8_t)(*state >> 24) : 0;
    }
}

static tmo_status set_random(tmo_session *session, uint32_t seed, tmo_error *error)
{
    tmo_status status = TMO_STATUS_OK;
    for (int32_t k = 0; !status && k < tmo_session_input_count(session); k++) {
        tmo_tensor_view view = {.struct_size = sizeof view};
        status = tmo_session_input(session, k, &view, error);
        if (!status && view.type != TMO_TYPE_STRING) fill(&view, &seed);
    }
    return status;
}

static tmo_status set_inputs(tmo_session *session, reader *r, tmo_error *error)
{
    tmo_status status = TMO_STATUS_OK;
    uint32_t count = take_u32(r);
    reader again = *r;
    for (uint32_t k = 0; k < count; k++) {
        golden_tensor in = take_tensor(r);
        if (!status) status = tmo_session_resize_input(session, (int32_t)k, in.dims, (int32_t)in.rank, error);
    }
    for (uint32_t k = 0; !status && k < count; k++) {
        golden_tensor in = take_tensor(&again);
        tmo_tensor_view view = {.struct_size = sizeof view};
        if (in.type == TMO_TYPE_STRING)
            status = tmo_session_set_texts(session, (int32_t)k, in.data, in.bytes, error);
        else if (!(status = tmo_session_input(session, (int32_t)k, &view, error)) && in.bytes)
            memcpy(view.data, in.data, in.bytes);
    }
    return status;
}

static tmo_status run_steps(const job *j, tmo_session *session, results *out, tmo_error *error)
{
    tmo_status status = TMO_STATUS_OK;
    reader r = j->steps ? *j->steps : (reader){0};
    for (uint32_t step = 0; !status && step < j->step_count; step++) {
        status = j->steps ? set_inputs(session, &r, error) : set_random(session, step, error);
        if (!status) status = tmo_session_run(session, error);
        for (uint32_t k = j->steps ? take_u32(&r) : 0; k > 0; k--) (void)take_tensor(&r);
        for (int32_t k = 0; !status && k < tmo_session_output_count(session); k++) {
            tmo_tensor_view view = {.struct_size = sizeof view};
            status = tmo_session_output(session, k, &view, error);
            if (!status) keep(out, view.data, view.size_bytes);
        }
    }
    return status;
}

static tmo_status run_once(const job *j, int32_t threads, int how, results *out, tmo_error *error)
{
    tmo_model *model = NULL;
    tmo_session *session = NULL;
    tmo_session_options options = TMO_SESSION_OPTIONS_INIT;
    options.threads = threads;
    options.arithmetic = j->arithmetic;
    options.isa = isa;
    split = how;
    tmo_status status = tmo_model_load(&model, j->model, j->model_bytes, NULL, error);
    if (!status) status = tmo_session_create(&session, model, &options, error);
    if (!status) status = run_steps(j, session, out, error);
    tmo_session_free(session);
    tmo_model_free(model);
    split = POOL;
    return status;
}

static void run_job(const job *j)
{
    tmo_error error = TMO_ERROR_INIT;
    results want = {NULL, 0};
    bool alive = run_once(j, 1, POOL, &want, &error) == TMO_STATUS_OK;
    for (size_t k = 0; alive && k < sizeof splits / sizeof splits[0]; k++) {
        results got = {NULL, 0};
        alive = run_once(j, THREADS, splits[k], &got, &error) == TMO_STATUS_OK;
        bool same = alive && got.size == want.size &&
                    (!want.size || !memcmp(got.bytes, want.bytes, want.size));
        if (alive && !same) printf("FAIL %s: other bits when split as %d\n", j->name, splits[k]);
        alive = alive && same;
        free(got.bytes);
    }
    if (error.status) printf("FAIL %s: %s\n", j->name, error.message);
    *(alive ? &passed : &failed) += 1;
    free(want.bytes);
}

/* ---- files ---- */

static void run_case(reader *r, const char *filter)
{
    uint32_t bytes, model_bytes;
    char name[256];
    const char *text = take_block(r, &bytes);
    snprintf(name, sizeof name, "%.*s", (int)bytes, text);
    const void *data = take_block(r, &model_bytes);
    (void)take_f32(r);
    (void)take_f32(r);
    uint32_t steps = take_u32(r);
    reader start = *r;
    for (uint32_t step = 0; step < steps; step++)
        for (int half = 0; half < 2; half++)
            for (uint32_t k = take_u32(r); k > 0; k--) (void)take_tensor(r);
    if (filter && !strstr(name, filter)) return;
    void *model = aligned_alloc(64, (model_bytes + 63u) & ~63u);
    if (!model) die("out of memory");
    memcpy(model, data, model_bytes);
    run_job(&(job){name, model, model_bytes, TMO_ARITHMETIC_DEFAULT, &start, steps});
    run_job(&(job){name, model, model_bytes, TMO_ARITHMETIC_REFERENCE, &start, steps});
    free(model);
}

static void run_file(const char *path, const char *filter)
{
    reader r = read_archive(path);
    if (r.size >= 8 && memcmp(r.bytes, "TMOG", 4) == 0) {
        (void)take(&r, 8);
        for (uint32_t k = take_u32(&r); k > 0; k--) run_case(&r, filter);
    } else {
        run_job(&(job){path, r.bytes, r.size, TMO_ARITHMETIC_DEFAULT, NULL, 2});
    }
    free(r.bytes);
}

int main(int argc, char **argv)
{
    const char *filter = NULL;
    for (int k = 1; k < argc; k++)
        if (strcmp(argv[k], "--filter") == 0 && k + 1 < argc)
            filter = argv[++k];
        else if (strcmp(argv[k], "--isa") == 0 && k + 1 < argc)
            isa = argv[++k];
        else
            run_file(argv[k], filter);
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0 || passed == 0;
}
