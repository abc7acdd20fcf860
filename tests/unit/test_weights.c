/* The store of packed weights and its file: each form once, shared, kept; damaged and foreign files are harmless. */
#include "unit/graph_builder.h"

#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "oom/failing_allocator.h"
#include "runtime/weights.h"
#include "runtime/weights_file.h"

enum { CONSTANTS = 3, FORM_BYTES = 100, CPU = 5 };

/* A graph of small constants, and the forms that are asked for: each byte is that of the constant, plus the kind. */
typedef struct fixture {
    builder b;
    tmoi_value values[CONSTANTS];
    atomic_int fills;
    uint64_t kind;
} fixture;

typedef struct filling {
    fixture *owner;
    const tmoi_value *value;
} filling;

static uint8_t byte_of_form(const fixture *f, const tmoi_value *value, size_t k)
{
    return (uint8_t)(((const uint8_t *)value->data)[k % value->bytes] + f->kind);
}

static void fill(const void *user, void *out)
{
    const filling *self = user;
    uint8_t *bytes = out;
    for (size_t k = 0; k < FORM_BYTES; k++) bytes[k] = byte_of_form(self->owner, self->value, k);
    atomic_fetch_add(&self->owner->fills, 1);
}

static void start(fixture *f, uint64_t seed)
{
    *f = (fixture){.b = build_start()};
    f->b.rng = tmoi_rng_make(seed, 7);
    for (int32_t k = 0; k < CONSTANTS; k++) (void)build_floats(&f->b, "constant", SHAPE(4, 1 + k), 1, 0);
    for (int32_t k = 0; k < CONSTANTS; k++) {
        tmoi_tensor *tensor = &f->b.graph->subgraphs[0].tensors[k];
        f->values[k] = (tmoi_value){.type = tensor->type,
                                    .shape = tensor->shape,
                                    .bytes = tensor->data_bytes,
                                    .quant = &tensor->quant,
                                    .tensor = tensor,
                                    .is_constant = true};
        memcpy(&f->values[k].data, &tensor->data, sizeof tensor->data);
    }
}

static tmoi_weights *make_store(fixture *f)
{
    tmoi_weights *weights;
    assert_int_equal(tmoi_weights_make(&weights, f->b.graph, &f->b.ctx), TMO_STATUS_OK);
    return weights;
}

static tmo_status get(fixture *f, tmoi_weights *weights, const tmoi_value *value, const char *layout,
                      const void **out, tmoi_ctx *ctx)
{
    const filling user = {f, value};
    const tmoi_packing packing = {value, layout, f->kind, FORM_BYTES, fill, &user};
    tmoi_exec exec = {.weights = weights};
    return tmoi_weights_get(&exec, &packing, out, ctx);
}

/* Asks for the form of each constant and checks its bytes. */
static void get_all(fixture *f, tmoi_weights *weights)
{
    for (int k = 0; k < CONSTANTS; k++) {
        const void *form;
        assert_int_equal(get(f, weights, &f->values[k], "layout", &form, &f->b.ctx), TMO_STATUS_OK);
        assert_int_equal((uintptr_t)form % 64, 0);
        for (size_t i = 0; i < FORM_BYTES; i++)
            assert_int_equal(((const uint8_t *)form)[i], byte_of_form(f, &f->values[k], i));
    }
}

/* ---- in memory ---- */

static void each_form_is_made_once(void **state)
{
    fixture f;
    const void *first, *again, *other;
    size_t made, mapped;
    (void)state;
    start(&f, 1);
    tmoi_weights *weights = make_store(&f);
    assert_int_equal(get(&f, weights, &f.values[0], "a", &first, &f.b.ctx), TMO_STATUS_OK);
    assert_int_equal(get(&f, weights, &f.values[0], "a", &again, &f.b.ctx), TMO_STATUS_OK);
    assert_ptr_equal(first, again);
    assert_int_equal(atomic_load(&f.fills), 1);
    assert_int_equal(get(&f, weights, &f.values[0], "b", &other, &f.b.ctx), TMO_STATUS_OK);
    assert_ptr_not_equal(first, other);
    f.kind = 9;
    assert_int_equal(get(&f, weights, &f.values[0], "a", &other, &f.b.ctx), TMO_STATUS_OK);
    assert_ptr_not_equal(first, other);
    f.kind = 0;
    tmoi_value turned = f.values[0]; /* the same bytes in another shape */
    turned.shape = SHAPE(1, 4);
    assert_int_equal(get(&f, weights, &turned, "a", &other, &f.b.ctx), TMO_STATUS_OK);
    assert_ptr_not_equal(first, other);
    assert_int_equal(atomic_load(&f.fills), 4);
    tmoi_weights_bytes(weights, &made, &mapped);
    assert_int_equal(made, 4 * FORM_BYTES);
    assert_int_equal(mapped, 0);
    tmoi_weights_free(weights);
    build_end(&f.b);
}

/* What a session computes may come to lie where something else lay before: the contents tell. */
static void equal_contents_share_a_form_and_others_do_not(void **state)
{
    fixture f;
    const void *first, *copied, *changed;
    uint8_t copy[256], other[256];
    (void)state;
    start(&f, 1);
    tmoi_weights *weights = make_store(&f);
    tmoi_value elsewhere = f.values[1];
    memcpy(copy, f.values[1].data, f.values[1].bytes);
    memcpy(other, copy, f.values[1].bytes);
    elsewhere.data = other;
    assert_int_equal(get(&f, weights, &elsewhere, "a", &first, &f.b.ctx), TMO_STATUS_OK);
    elsewhere.data = copy;
    assert_int_equal(get(&f, weights, &elsewhere, "a", &copied, &f.b.ctx), TMO_STATUS_OK);
    assert_ptr_equal(first, copied);
    copy[0] ^= 1;
    assert_int_equal(get(&f, weights, &elsewhere, "a", &changed, &f.b.ctx), TMO_STATUS_OK);
    assert_ptr_not_equal(first, changed);
    assert_int_equal(((const uint8_t *)changed)[0], copy[0]);
    tmoi_weights_free(weights);
    build_end(&f.b);
}

typedef struct getter {
    fixture *f;
    tmoi_weights *weights;
    const void *forms[CONSTANTS];
} getter;

static void *get_in_thread(void *argument)
{
    getter *self = argument;
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    for (int k = 0; k < CONSTANTS; k++)
        if (get(self->f, self->weights, &self->f->values[k], "a", &self->forms[k], &ctx) != TMO_STATUS_OK)
            return self;
    return NULL;
}

static void threads_share_forms(void **state)
{
    enum { THREADS = 4 };
    fixture f;
    getter getters[THREADS];
    pthread_t threads[THREADS];
    (void)state;
    start(&f, 1);
    tmoi_weights *weights = make_store(&f);
    for (int k = 0; k < THREADS; k++) {
        getters[k] = (getter){.f = &f, .weights = weights};
        assert_int_equal(pthread_create(&threads[k], NULL, get_in_thread, &getters[k]), 0);
    }
    for (int k = 0; k < THREADS; k++) {
        void *fault;
        assert_int_equal(pthread_join(threads[k], &fault), 0);
        assert_null(fault);
        assert_memory_equal(getters[k].forms, getters[0].forms, sizeof getters[k].forms);
    }
    assert_int_equal(atomic_load(&f.fills), CONSTANTS);
    tmoi_weights_free(weights);
    build_end(&f.b);
}

static void many_forms_are_found_again(void **state)
{
    fixture f;
    (void)state;
    start(&f, 1);
    tmoi_weights *weights = make_store(&f);
    for (int round = 0; round < 2; round++)
        for (f.kind = 0; f.kind < 200; f.kind++) get_all(&f, weights);
    assert_int_equal(atomic_load(&f.fills), 200 * CONSTANTS);
    tmoi_weights_free(weights);
    build_end(&f.b);
}

/* ---- in a file ---- */

static char folder[64], path[96];

static int make_folder(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/tmo-weights-XXXXXX");
    if (!mkdtemp(folder)) return -1;
    (void)snprintf(path, sizeof path, "%s/file", folder);
    return 0;
}

/* Nothing but `path`, or what a test names, may be left in the folder: no temporary files above all. */
static int remove_folder(void **state)
{
    (void)state;
    (void)unlink(path);
    return rmdir(folder);
}

/* A store of its own, as in a new process; returns how many forms it had to make. */
static int start_anew(fixture *f, uint32_t cpu)
{
    tmoi_weights *weights = make_store(f);
    atomic_store(&f->fills, 0);
    assert_int_equal(tmoi_weights_use_file(weights, path, cpu, &f->b.ctx), TMO_STATUS_OK);
    get_all(f, weights);
    tmoi_weights_settle(weights, &f->b.ctx);
    tmoi_weights_free(weights);
    return atomic_load(&f->fills);
}

static void a_file_keeps_the_forms(void **state)
{
    fixture f;
    size_t made, mapped;
    (void)state;
    start(&f, 1);
    assert_int_equal(start_anew(&f, CPU), CONSTANTS);
    assert_int_equal(start_anew(&f, CPU), 0);
    tmoi_weights *weights = make_store(&f);
    assert_int_equal(tmoi_weights_use_file(weights, path, CPU, &f.b.ctx), TMO_STATUS_OK);
    get_all(&f, weights);
    tmoi_weights_bytes(weights, &made, &mapped);
    assert_int_equal(made, 0);
    assert_int_equal(mapped, CONSTANTS * FORM_BYTES);
    f.kind = 3; /* forms that the file lacks are added to it */
    get_all(&f, weights);
    tmoi_weights_free(weights);
    assert_int_equal(start_anew(&f, CPU), 0);
    f.kind = 0;
    assert_int_equal(start_anew(&f, CPU), 0);
    build_end(&f.b);
}

static void a_file_of_other_origin_is_replaced(void **state)
{
    fixture f, other;
    (void)state;
    start(&f, 1);
    start(&other, 2);
    assert_int_equal(start_anew(&f, CPU), CONSTANTS);
    assert_int_equal(start_anew(&f, CPU + 1), CONSTANTS);
    assert_int_equal(start_anew(&f, CPU + 1), 0);
    assert_int_equal(start_anew(&other, CPU + 1), CONSTANTS);
    assert_int_equal(start_anew(&other, CPU + 1), 0);
    assert_int_equal(start_anew(&f, CPU + 1), CONSTANTS);
    build_end(&f.b);
    build_end(&other.b);
}

static size_t read_file(uint8_t *bytes, size_t room)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t count = fread(bytes, 1, room, file);
    assert_true(count < room);
    (void)fclose(file);
    return count;
}

static void write_file(const uint8_t *bytes, size_t count)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, count, file), count);
    (void)fclose(file);
}

static void damage_is_found_and_repaired(void **state)
{
    fixture f;
    uint8_t good[4096], bad[4096], now[4096];
    (void)state;
    start(&f, 1);
    assert_int_equal(start_anew(&f, CPU), CONSTANTS);
    size_t count = read_file(good, sizeof good);
    for (size_t k = 0; k < count; k++) {
        memcpy(bad, good, count);
        bad[k] ^= (uint8_t)(1u << k % 8);
        write_file(bad, count);
        int made = start_anew(&f, CPU); /* and checks every form; padding between forms does not matter */
        assert_int_equal(read_file(now, sizeof now), count);
        if (made > 0)
            assert_memory_equal(now, good, count);
        else
            assert_memory_equal(now, bad, count);
    }
    for (size_t k = 0; k < count; k++) {
        write_file(good, k);
        assert_true(start_anew(&f, CPU) > 0);
    }
    memset(bad, 0, sizeof bad);
    memcpy(bad, good, count);
    write_file(bad, count + 1);
    assert_int_equal(start_anew(&f, CPU), CONSTANTS);
    build_end(&f.b);
}

/* ---- files made by somebody who knows the checksums ---- */

static void put(uint8_t *bytes, uint64_t value)
{
    for (int k = 0; k < 8; k++) bytes[k] = (uint8_t)(value >> 8 * k);
}

static void sign(uint8_t *bytes, uint64_t table_bytes)
{
    const tmoi_hash none = {0, 0};
    tmoi_hash table = tmoi_hash_bytes(bytes + 72, table_bytes, none);
    put(bytes + 40, table.low);
    put(bytes + 48, table.high);
    tmoi_hash header = tmoi_hash_bytes(bytes, 56, none);
    put(bytes + 56, header.low);
    put(bytes + 64, header.high);
}

static void forged_tables_are_refused(void **state)
{
    static const uint64_t offsets[] = {0, 64, 100, 4096, 1u << 20, UINT64_MAX - 63, UINT64_C(1) << 63};
    static const uint64_t sizes[] = {0, 1, 101, 4096, UINT64_MAX, UINT64_MAX - 300};
    fixture f;
    uint8_t good[4096], bad[4096];
    (void)state;
    start(&f, 1);
    assert_int_equal(start_anew(&f, CPU), CONSTANTS);
    size_t count = read_file(good, sizeof good);
    for (int entry = 0; entry < CONSTANTS; entry++) {
        for (size_t k = 0; k < sizeof offsets / sizeof offsets[0] + sizeof sizes / sizeof sizes[0]; k++) {
            bool is_offset = k < sizeof offsets / sizeof offsets[0];
            memcpy(bad, good, count);
            put(bad + 72 + 48 * entry + (is_offset ? 32 : 40),
                is_offset ? offsets[k] : sizes[k - sizeof offsets / sizeof offsets[0]]);
            sign(bad, 48 * CONSTANTS);
            write_file(bad, count);
            assert_true(start_anew(&f, CPU) > 0);
        }
    }
    memcpy(bad, good, count); /* two entries of one key */
    memcpy(bad + 72, bad + 72 + 48, 16);
    sign(bad, 48 * CONSTANTS);
    write_file(bad, count);
    assert_int_equal(start_anew(&f, CPU), CONSTANTS);
    memcpy(bad, good, count); /* more entries than the file holds */
    put(bad + 8, 1 | UINT64_C(0xffffffff) << 32);
    sign(bad, 0);
    write_file(bad, count);
    assert_int_equal(start_anew(&f, CPU), CONSTANTS);
    build_end(&f.b);
}

/* ---- places ---- */

static void a_folder_holds_a_file_a_model(void **state)
{
    fixture f, other;
    struct dirent *entry;
    int files = 0;
    (void)state;
    start(&f, 1);
    start(&other, 2);
    memcpy(path, folder, sizeof folder);
    assert_int_equal(start_anew(&f, CPU), CONSTANTS);
    assert_int_equal(start_anew(&other, CPU), CONSTANTS);
    assert_int_equal(start_anew(&f, CPU), 0);
    assert_int_equal(start_anew(&other, CPU), 0);
    DIR *list = opendir(folder);
    assert_non_null(list);
    while ((entry = readdir(list)) != NULL) {
        if (entry->d_name[0] == '.') continue;
        (void)snprintf(path, sizeof path, "%.40s/%.50s", folder, entry->d_name);
        assert_int_equal(unlink(path), 0);
        files++;
    }
    (void)closedir(list);
    assert_int_equal(files, 2);
    build_end(&f.b);
    build_end(&other.b);
}

static void a_place_that_cannot_be_written_does_no_harm(void **state)
{
    fixture f;
    (void)state;
    start(&f, 1);
    (void)snprintf(path, sizeof path, "%s/missing/file", folder);
    assert_int_equal(start_anew(&f, CPU), CONSTANTS);
    assert_int_equal(start_anew(&f, CPU), CONSTANTS);
    build_end(&f.b);
}

static void *write_often(void *argument)
{
    fixture f;
    start(&f, *(const uint64_t *)argument);
    for (int round = 0; round < 40; round++) (void)start_anew(&f, CPU);
    build_end(&f.b);
    return NULL;
}

static void writers_do_not_disturb_each_other(void **state)
{
    enum { THREADS = 4 };
    pthread_t threads[THREADS];
    static uint64_t seeds[THREADS] = {1, 2, 1, 2};
    fixture f;
    (void)state;
    for (int k = 0; k < THREADS; k++)
        assert_int_equal(pthread_create(&threads[k], NULL, write_often, &seeds[k]), 0);
    for (int k = 0; k < THREADS; k++) assert_int_equal(pthread_join(threads[k], NULL), 0);
    start(&f, 1);
    (void)start_anew(&f, CPU);
    assert_int_equal(start_anew(&f, CPU), 0);
    build_end(&f.b);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    for (long n = 1;; n++) {
        fixture f;
        failing_allocator failing = {0, 0, n};
        tmo_allocator allocator = failing_allocator_of(&failing);
        tmoi_ctx ctx = tmoi_ctx_make(&allocator);
        tmoi_weights *weights;
        const void *form;
        start(&f, 1);
        tmo_status status = tmoi_weights_make(&weights, f.b.graph, &ctx);
        if (status == TMO_STATUS_OK) status = tmoi_weights_use_file(weights, path, CPU, &ctx);
        for (int k = 0; k < CONSTANTS && status == TMO_STATUS_OK; k++)
            status = get(&f, weights, &f.values[k], "layout", &form, &ctx);
        if (weights) tmoi_weights_settle(weights, &ctx);
        tmoi_weights_free(weights);
        build_end(&f.b);
        assert_int_equal(atomic_load(&failing.alive), 0);
        (void)unlink(path);
        if (atomic_load(&failing.calls) < n) {
            assert_int_equal(status, TMO_STATUS_OK);
            return;
        }
        assert_true(status == TMO_STATUS_OK || status == TMO_STATUS_OUT_OF_MEMORY);
    }
}

#define FILE_TEST(function) cmocka_unit_test_setup_teardown(function, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_form_is_made_once),
        cmocka_unit_test(equal_contents_share_a_form_and_others_do_not),
        cmocka_unit_test(threads_share_forms),
        cmocka_unit_test(many_forms_are_found_again),
        FILE_TEST(a_file_keeps_the_forms),
        FILE_TEST(a_file_of_other_origin_is_replaced),
        FILE_TEST(damage_is_found_and_repaired),
        FILE_TEST(forged_tables_are_refused),
        FILE_TEST(a_folder_holds_a_file_a_model),
        FILE_TEST(a_place_that_cannot_be_written_does_no_harm),
        FILE_TEST(writers_do_not_disturb_each_other),
        FILE_TEST(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
