#include "runtime/weights.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/os.h"
#include "model/import.h"
#include "runtime/weights_file.h"
#include "tmo/common.h"

/* To be raised when the bytes of any layout change within one version of the library. */
enum { PACKING_VERSION = 2 };

enum {
    LARGE_BYTES = 32768, /* forms from this size on get a block of their own, unless all share one */
    BLOCK_BYTES = 65536, /* of a block that small forms share */
    BIG_MODEL_BYTES = 4 << 20,
    PAGE_ROOM = 4 * TMOI_ALIGNMENT /* of a large page, for what stands before a block */
};

/* The forms lie behind it. */
typedef struct block {
    struct block *next;
    size_t used, size;
} block;

/* A constant of the graph, whose hash is computed once. */
typedef struct constant {
    const void *data;
    size_t bytes;
    tmoi_hash hash;
    bool is_hashed;
} constant;

struct tmoi_weights {
    tmo_allocator allocator;
    const tmoi_graph *graph;
    tmoi_mutex *mutex;   /* for all below */
    constant *constants; /* [constant_count], sorted by address; NULL until first needed */
    size_t constant_count, constant_bytes;
    tmoi_form *forms;
    size_t form_count, form_capacity;
    size_t unnamed_count; /* the first forms, known by places of constants: no file can have them */
    uint32_t *slots;      /* [slot_count], a hash table: form + 1, or 0 */
    size_t slot_count;
    block *blocks; /* the first may have room left */
    size_t made_bytes, mapped_bytes;
    char *path; /* of the file; NULL: none */
    tmoi_hash identity;
    tmoi_weights_file file;
    bool is_unsaved;   /* forms were made since the last save */
    bool is_unsettled; /* constants were read since the last settle */
};

tmo_status tmoi_weights_make(tmoi_weights **out, const tmoi_graph *graph, tmoi_ctx *ctx)
{
    tmoi_weights *weights = NULL;
    *out = NULL;
    TMO_TRY(tmoi_new(ctx, &weights, 1));
    weights->allocator = ctx->allocator;
    weights->graph = graph;
    TMO_TRY(tmoi_mutex_make(&weights->mutex, ctx));
    *out = weights;
    return TMO_STATUS_OK;
fail:
    tmoi_weights_free(weights);
    return ctx->error.status;
}

/* ---- constants ---- */

static int compare_constants(const void *a, const void *b)
{
    const constant *x = a, *y = b;
    if (x->data != y->data) return (uintptr_t)x->data < (uintptr_t)y->data ? -1 : 1;
    return x->bytes < y->bytes ? -1 : x->bytes > y->bytes;
}

static tmo_status list_constants(tmoi_weights *weights, tmoi_ctx *ctx)
{
    const tmoi_graph *graph = weights->graph;
    size_t count = 0;
    if (weights->constants) return TMO_STATUS_OK;
    for (int32_t s = 0; s < graph->subgraph_count; s++) count += (size_t)graph->subgraphs[s].tensor_count;
    TMO_TRY(tmoi_new(ctx, &weights->constants, count));
    for (int32_t s = 0; s < graph->subgraph_count; s++) {
        for (int32_t k = 0; k < graph->subgraphs[s].tensor_count; k++) {
            const tmoi_tensor *tensor = &graph->subgraphs[s].tensors[k];
            if (!tensor->data || !tensor->data_bytes) continue;
            weights->constants[weights->constant_count++] = (constant){.data = tensor->data,
                                                                       .bytes = tensor->data_bytes};
            weights->constant_bytes += tensor->data_bytes;
        }
    }
    qsort(weights->constants, weights->constant_count, sizeof(constant), compare_constants);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static constant *find_constant(const tmoi_weights *weights, const void *data, size_t bytes)
{
    const constant wanted = {.data = data, .bytes = bytes};
    return bsearch(&wanted, weights->constants, weights->constant_count, sizeof(constant), compare_constants);
}

/* Of what a session computed ahead the store keeps no record: its memory goes with the session. */
static tmoi_hash hash_of_contents(tmoi_weights *weights, const void *data, size_t bytes)
{
    constant *found = find_constant(weights, data, bytes);
    if (found && found->is_hashed) return found->hash;
    tmoi_hash hash = tmoi_hash_bytes(data, bytes, (tmoi_hash){0, 0});
    if (found) {
        found->hash = hash;
        found->is_hashed = weights->is_unsettled = true;
    }
    return hash;
}

/* Without a file, the place of a constant stands for its contents, which nobody changes: hashing them would take time. */
static tmoi_hash name_of(tmoi_weights *weights, const void *data, size_t bytes)
{
    if (weights->path || !find_constant(weights, data, bytes)) return hash_of_contents(weights, data, bytes);
    return tmoi_hash_number(bytes, tmoi_hash_number((uintptr_t)data, (tmoi_hash){1, 0}));
}

static tmoi_hash key_of(tmoi_weights *weights, const tmoi_packing *packing)
{
    const tmoi_value *value = packing->value;
    const tmoi_quant *quant = value->quant;
    size_t count = (size_t)quant->count;
    tmoi_hash key = name_of(weights, value->data, value->bytes);
    key = tmoi_hash_number((uint64_t)value->type, key);
    key = tmoi_hash_bytes(value->shape.dims, (size_t)value->shape.rank * sizeof value->shape.dims[0], key);
    key = tmoi_hash_bytes(quant->scale, count * sizeof *quant->scale, key);
    key = tmoi_hash_bytes(quant->zero_point, count * sizeof *quant->zero_point, key);
    key = tmoi_hash_text(packing->layout, key);
    key = tmoi_hash_number(packing->kind, key);
    return tmoi_hash_number(packing->bytes, key);
}

/* ---- forms ---- */

static void put_in_slot(tmoi_weights *weights, uint32_t form)
{
    size_t at = weights->forms[form].key.low & (weights->slot_count - 1);
    while (weights->slots[at]) at = (at + 1) & (weights->slot_count - 1);
    weights->slots[at] = form + 1;
}

static const tmoi_form *find_form(const tmoi_weights *weights, tmoi_hash key, size_t bytes)
{
    if (weights->slot_count == 0) return NULL;
    for (size_t at = key.low & (weights->slot_count - 1); weights->slots[at];
         at = (at + 1) & (weights->slot_count - 1)) {
        const tmoi_form *form = &weights->forms[weights->slots[at] - 1];
        if (tmoi_hash_equal(form->key, key) && form->bytes == bytes) return form;
    }
    return NULL;
}

/* Room for one more form, so that adding it cannot fail. At most half of the slots are taken. */
static tmo_status make_room(tmoi_weights *weights, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_grow(ctx, (void **)&weights->forms, &weights->form_capacity, weights->form_count + 1,
                      sizeof *weights->forms));
    if (weights->form_count < weights->slot_count / 2) return TMO_STATUS_OK;
    size_t slot_count = weights->slot_count ? weights->slot_count * 2 : 32;
    uint32_t *slots;
    TMO_FAIL_IF(weights->form_count >= UINT32_MAX / 2, LIMIT, ctx, "too many forms of weights");
    TMO_TRY(tmoi_new(ctx, &slots, slot_count));
    tmoi_release(&weights->allocator, weights->slots);
    weights->slots = slots;
    weights->slot_count = slot_count;
    for (size_t k = 0; k < weights->form_count; k++) put_in_slot(weights, (uint32_t)k);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static void add_form(tmoi_weights *weights, const tmoi_form *form)
{
    weights->forms[weights->form_count] = *form;
    put_in_slot(weights, (uint32_t)weights->form_count++);
    if (form->is_mapped)
        weights->mapped_bytes += form->bytes;
    else
        weights->made_bytes += form->bytes;
}

/* One block for all forms of a big model, somewhat larger than its constants, where it costs nothing until it is used; that of a
 * smaller one fills a large page. */
static size_t block_bytes(const tmoi_weights *weights, size_t needed)
{
    size_t constants = weights->constant_bytes, bytes = weights->blocks ? constants / 4 : constants / 8 * 9;
    if (constants < BIG_MODEL_BYTES)
        bytes = weights->blocks || constants < TMOI_LARGE_PAGE ? 0 : TMOI_LARGE_PAGE - PAGE_ROOM;
    if (!tmoi_is_untouched(&weights->allocator, bytes)) bytes = needed < LARGE_BYTES ? BLOCK_BYTES : needed;
    return bytes > needed ? bytes : needed;
}

static tmo_status take_memory(tmoi_weights *weights, size_t bytes, void **out, tmoi_ctx *ctx)
{
    block *from = weights->blocks;
    bytes = tmoi_align_up(bytes, TMOI_ALIGNMENT);
    if (!from || from->size - from->used < bytes) {
        size_t size = block_bytes(weights, bytes);
        TMO_TRY(tmoi_alloc(ctx, (void **)&from, size + TMOI_ALIGNMENT, 1, TMOI_ALIGNMENT));
        block **place = weights->blocks && size == bytes ? &weights->blocks->next : &weights->blocks;
        *from = (block){*place, 0, size};
        *place = from;
    }
    *out = (unsigned char *)from + TMOI_ALIGNMENT + from->used;
    from->used += bytes;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status make_form(tmoi_weights *weights, const tmoi_packing *packing, tmoi_hash key, tmoi_ctx *ctx)
{
    void *data;
    TMO_FAIL_IF(packing->bytes > SIZE_MAX / 4, OUT_OF_MEMORY, ctx, "cannot allocate %zu bytes",
                packing->bytes);
    TMO_TRY(take_memory(weights, packing->bytes, &data, ctx));
    packing->fill(packing->user, data);
    add_form(weights, &(tmoi_form){.key = key, .data = data, .bytes = packing->bytes});
    weights->is_unsaved = weights->is_unsettled = true;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status get_locked(tmoi_weights *weights, const tmoi_packing *packing, const void **out,
                             tmoi_ctx *ctx)
{
    TMO_TRY(list_constants(weights, ctx));
    tmoi_hash key = key_of(weights, packing);
    const tmoi_form *form = find_form(weights, key, packing->bytes);
    if (!form) {
        TMO_TRY(make_room(weights, ctx));
        const void *mapped = tmoi_weights_file_find(&weights->file, key, packing->bytes);
        if (mapped)
            add_form(weights, &(tmoi_form){key, mapped, packing->bytes, true});
        else
            TMO_TRY(make_form(weights, packing, key, ctx));
        form = &weights->forms[weights->form_count - 1];
    }
    *out = form->data;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_weights_get(tmoi_exec *exec, const tmoi_packing *packing, const void **out, tmoi_ctx *ctx)
{
    tmoi_weights *weights = exec->weights;
    tmoi_ctx own = tmoi_ctx_make(&weights->allocator);
    *out = NULL;
    tmoi_mutex_lock(weights->mutex);
    tmo_status status = get_locked(weights, packing, out, &own);
    tmoi_mutex_unlock(weights->mutex);
    if (status != TMO_STATUS_OK) ctx->error = own.error;
    return status;
}

void tmoi_weights_bytes(const tmoi_weights *weights, size_t *made, size_t *mapped)
{
    tmoi_mutex_lock(weights->mutex);
    *made = weights->made_bytes;
    *mapped = weights->mapped_bytes;
    tmoi_mutex_unlock(weights->mutex);
}

/* ---- the file ---- */

/* What a file of forms stands for. */
static tmoi_hash identity_of(tmoi_weights *weights, uint32_t cpu)
{
    tmoi_hash hash = tmoi_hash_text(tmo_version(), (tmoi_hash){0, 0});
    hash = tmoi_hash_number(PACKING_VERSION, hash);
    hash = tmoi_hash_number(cpu, hash);
    for (int32_t s = 0; s < weights->graph->subgraph_count; s++) {
        const tmoi_subgraph *subgraph = &weights->graph->subgraphs[s];
        for (int32_t k = 0; k < subgraph->tensor_count; k++) {
            const tmoi_tensor *tensor = &subgraph->tensors[k];
            if (!tensor->data || !tensor->data_bytes) continue;
            tmoi_hash contents = hash_of_contents(weights, tensor->data, tensor->data_bytes);
            hash = tmoi_hash_bytes(&contents, sizeof contents, hash);
        }
    }
    return hash;
}

static tmo_status choose_path(tmoi_weights *weights, const char *path, tmoi_ctx *ctx)
{
    size_t room = strlen(path) + 64;
    TMO_TRY(tmoi_new(ctx, &weights->path, room));
    if (tmoi_path_look(path) == TMOI_PATH_FOLDER)
        (void)snprintf(weights->path, room, "%s/%016llx%016llx.tmopack", path,
                       (unsigned long long)weights->identity.high, (unsigned long long)weights->identity.low);
    else
        (void)snprintf(weights->path, room, "%s", path);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status use_file_locked(tmoi_weights *weights, const char *path, uint32_t cpu, tmoi_ctx *ctx)
{
    if (weights->path) return TMO_STATUS_OK;
    TMO_TRY(list_constants(weights, ctx));
    weights->identity = identity_of(weights, cpu);
    TMO_TRY(choose_path(weights, path, ctx));
    tmoi_weights_file_open(&weights->file, weights->path, weights->identity, &weights->allocator);
    weights->unnamed_count = weights->form_count;
    weights->is_unsaved = false;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_weights_use_file(tmoi_weights *weights, const char *path, uint32_t cpu, tmoi_ctx *ctx)
{
    tmoi_ctx own = tmoi_ctx_make(&weights->allocator);
    tmoi_mutex_lock(weights->mutex);
    tmo_status status = use_file_locked(weights, path, cpu, &own);
    tmoi_mutex_unlock(weights->mutex);
    if (status != TMO_STATUS_OK) ctx->error = own.error;
    return status;
}

/* All forms that the store has made since there is a file, and those of the file that nobody asked for yet. */
static tmo_status save(tmoi_weights *weights, tmoi_ctx *ctx)
{
    tmoi_form *all = NULL;
    size_t count = weights->form_count - weights->unnamed_count;
    TMO_TRY(tmoi_new(ctx, &all, count + weights->file.count));
    if (count) memcpy(all, weights->forms + weights->unnamed_count, count * sizeof *all);
    for (uint32_t k = 0; k < weights->file.count; k++) {
        tmoi_form form = tmoi_weights_file_form(&weights->file, k);
        if (form.data && !find_form(weights, form.key, form.bytes)) all[count++] = form;
    }
    TMO_FAIL_IF(count > UINT32_MAX, LIMIT, ctx, "too many forms of weights");
    TMO_TRY(tmoi_weights_file_write(weights->path, weights->identity, all, (uint32_t)count, ctx));
fail:
    tmoi_release(&ctx->allocator, all);
    return ctx->error.status;
}

static void save_if_needed(tmoi_weights *weights, tmoi_ctx *log)
{
    tmoi_ctx own = tmoi_ctx_make(&weights->allocator);
    if (!weights->path || !weights->is_unsaved) return;
    weights->is_unsaved = false;
    if (save(weights, &own) != TMO_STATUS_OK && log)
        tmoi_log(log, TMO_LOG_LEVEL_WARNING, "the packed weights are not kept: %s", own.error.message);
}

void tmoi_weights_settle(tmoi_weights *weights, tmoi_ctx *ctx)
{
    tmoi_mutex_lock(weights->mutex);
    save_if_needed(weights, ctx);
    if (weights->is_unsettled) tmoi_graph_forget(weights->graph);
    weights->is_unsettled = false;
    tmoi_mutex_unlock(weights->mutex);
}

void tmoi_weights_free(tmoi_weights *weights)
{
    if (!weights) return;
    tmo_allocator allocator = weights->allocator;
    save_if_needed(weights, NULL);
    for (block *one = weights->blocks, *next; one; one = next) {
        next = one->next;
        tmoi_release(&allocator, one);
    }
    tmoi_weights_file_close(&weights->file);
    tmoi_release(&allocator, weights->forms);
    tmoi_release(&allocator, weights->slots);
    tmoi_release(&allocator, weights->constants);
    tmoi_release(&allocator, weights->path);
    tmoi_mutex_free(weights->mutex);
    tmoi_release(&allocator, weights);
}
