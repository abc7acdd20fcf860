#include "data/loader.h"

#include "base/alloc.h"
#include "base/os.h"

#define MAX_THREADS         64
#define DEFAULT_MAX_THREADS 8

typedef enum slot_state { SLOT_EMPTY = 0, SLOT_BUSY, SLOT_READY } slot_state;

typedef struct slot {
    tmoi_sample sample;
    void **buffers;  /* what sample.inputs points to */
    tmo_error error; /* of reading the sample; status OK when it was read */
    slot_state state;
} slot;

struct tmoi_loader {
    const tmoi_dataset *dataset;
    const int64_t *order;
    tmo_allocator allocator;
    slot *slots;
    int32_t slot_count, thread_count;
    tmoi_thread *threads[MAX_THREADS];
    tmoi_mutex *mutex; /* guards all below, and the states of the slots */
    tmoi_condition *changed;
    int64_t count;
    int64_t next_read; /* the next sample for a thread to read, into slot next_read % slot_count */
    int64_t next_take; /* the next sample for the caller */
    bool is_taken;     /* the caller holds sample next_take - 1 */
    bool is_stopped;
};

static slot *slot_of(tmoi_loader *loader, int64_t index)
{
    return &loader->slots[index % loader->slot_count];
}

/* Waits until a slot is free for the next sample; NULL when there is no more to do. */
static slot *claim(tmoi_loader *loader, int64_t *index)
{
    slot *claimed = NULL;
    tmoi_mutex_lock(loader->mutex);
    while (!loader->is_stopped && loader->next_read < loader->count &&
           slot_of(loader, loader->next_read)->state != SLOT_EMPTY)
        tmoi_condition_wait(loader->changed, loader->mutex);
    if (!loader->is_stopped && loader->next_read < loader->count) {
        *index = loader->next_read++;
        claimed = slot_of(loader, *index);
        claimed->state = SLOT_BUSY;
    }
    tmoi_mutex_unlock(loader->mutex);
    return claimed;
}

static void work(void *argument)
{
    tmoi_loader *loader = argument;
    int64_t index = 0;
    for (slot *s = claim(loader, &index); s; s = claim(loader, &index)) {
        tmoi_ctx ctx = tmoi_ctx_make(&loader->allocator);
        int64_t sample = loader->order ? loader->order[index] : index;
        (void)tmoi_dataset_read(loader->dataset, sample, &s->sample, &ctx);
        tmoi_mutex_lock(loader->mutex);
        s->error = ctx.error;
        s->state = SLOT_READY;
        if (ctx.error.status != TMO_STATUS_OK)
            loader->count = index + 1 < loader->count ? index + 1 : loader->count;
        tmoi_condition_wake_all(loader->changed);
        tmoi_mutex_unlock(loader->mutex);
    }
}

static tmo_status make_slots(tmoi_loader *loader, tmoi_ctx *ctx)
{
    int32_t inputs = tmoi_dataset_input_count(loader->dataset);
    int64_t targets = tmoi_dataset_target_count(loader->dataset);
    TMO_TRY(tmoi_new(ctx, &loader->slots, (size_t)loader->slot_count));
    for (int32_t k = 0; k < loader->slot_count; k++) {
        slot *s = &loader->slots[k];
        TMO_TRY(tmoi_new(ctx, &s->buffers, (size_t)inputs));
        s->sample.inputs = s->buffers;
        for (int32_t input = 0; input < inputs; input++)
            TMO_TRY(tmoi_alloc(ctx, &s->buffers[input], tmoi_dataset_bytes(loader->dataset, input), 1,
                               TMOI_ALIGNMENT));
        if (targets > 0) TMO_TRY(tmoi_new(ctx, &s->sample.targets, (size_t)targets));
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static void free_slots(tmoi_loader *loader)
{
    int32_t inputs = tmoi_dataset_input_count(loader->dataset);
    for (int32_t k = 0; loader->slots && k < loader->slot_count; k++) {
        slot *s = &loader->slots[k];
        for (int32_t input = 0; s->buffers && input < inputs; input++)
            tmoi_release(&loader->allocator, s->buffers[input]);
        tmoi_release(&loader->allocator, s->buffers);
        tmoi_release(&loader->allocator, s->sample.targets);
    }
    tmoi_release(&loader->allocator, loader->slots);
}

static int32_t default_threads(void)
{
    int32_t cores = tmoi_core_count();
    return cores > DEFAULT_MAX_THREADS ? DEFAULT_MAX_THREADS : cores;
}

static tmo_status configure(tmoi_loader *loader, const tmoi_loader_options *options, tmoi_ctx *ctx)
{
    int32_t threads = options->threads ? options->threads : default_threads();
    int64_t all = tmoi_dataset_count(loader->dataset);
    TMO_FAIL_IF(threads < 1 || threads > MAX_THREADS, INVALID_ARGUMENT, ctx,
                "threads must be in [1, %d], got %d", MAX_THREADS, (int)threads);
    TMO_FAIL_IF(options->count < 0 || (!options->order && options->count > all) ||
                    (options->order && !options->count),
                INVALID_ARGUMENT, ctx, "cannot load %lld of %lld samples", (long long)options->count,
                (long long)all);
    loader->count = options->count ? options->count : all;
    loader->order = options->order;
    loader->slot_count = options->slots ? options->slots : 2 * threads + 1;
    TMO_FAIL_IF(loader->slot_count < 2, INVALID_ARGUMENT, ctx, "slots must be at least 2, got %d",
                (int)loader->slot_count);
    loader->thread_count = threads;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_loader_start(tmoi_loader **out, const tmoi_dataset *dataset,
                             const tmoi_loader_options *options, tmoi_ctx *ctx)
{
    static const tmoi_loader_options defaults = {0};
    tmoi_loader *loader = NULL;
    *out = NULL;
    TMO_TRY(tmoi_new(ctx, &loader, 1));
    loader->dataset = dataset;
    loader->allocator = ctx->allocator;
    TMO_TRY(configure(loader, options ? options : &defaults, ctx));
    TMO_TRY(make_slots(loader, ctx));
    TMO_TRY(tmoi_mutex_make(&loader->mutex, ctx));
    TMO_TRY(tmoi_condition_make(&loader->changed, ctx));
    for (int32_t k = 0; k < loader->thread_count; k++) {
        TMO_TRY(tmoi_thread_make(&loader->threads[k], work, loader, ctx));
        TMO_FAIL_IF(!tmoi_thread_start(loader->threads[k]), OUT_OF_MEMORY, ctx, "cannot start a thread");
    }
    *out = loader;
    return TMO_STATUS_OK;
fail:
    tmoi_loader_free(loader);
    return ctx->error.status;
}

tmo_status tmoi_loader_next(tmoi_loader *loader, const tmoi_sample **out, tmoi_ctx *ctx)
{
    *out = NULL;
    tmoi_mutex_lock(loader->mutex);
    if (loader->is_taken) {
        slot_of(loader, loader->next_take - 1)->state = SLOT_EMPTY;
        loader->is_taken = false;
        tmoi_condition_wake_all(loader->changed);
    }
    while (loader->next_take < loader->count && slot_of(loader, loader->next_take)->state != SLOT_READY)
        tmoi_condition_wait(loader->changed, loader->mutex);
    if (loader->next_take < loader->count) {
        slot *s = slot_of(loader, loader->next_take);
        if (s->error.status == TMO_STATUS_OK) {
            loader->is_taken = true;
            loader->next_take++;
            *out = &s->sample;
        } else {
            ctx->error = s->error;
            loader->count = loader->next_take;
        }
    }
    tmoi_mutex_unlock(loader->mutex);
    return ctx->error.status;
}

void tmoi_loader_free(tmoi_loader *loader)
{
    if (!loader) return;
    if (loader->changed) {
        tmoi_mutex_lock(loader->mutex);
        loader->is_stopped = true;
        tmoi_condition_wake_all(loader->changed);
        tmoi_mutex_unlock(loader->mutex);
    }
    for (int32_t k = 0; k < MAX_THREADS; k++) tmoi_thread_free(loader->threads[k]);
    free_slots(loader);
    tmoi_condition_free(loader->changed);
    tmoi_mutex_free(loader->mutex);
    tmo_allocator allocator = loader->allocator;
    tmoi_release(&allocator, loader);
}
