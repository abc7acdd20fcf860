/* HASHTABLE, HASHTABLE_IMPORT, HASHTABLE_FIND, HASHTABLE_SIZE: from int64 to string and from string to int64. */
#include <stdio.h>
#include <string.h>

#include "runtime/strings.h"
#include "runtime/value.h"

/* One side of an entry: a number, or a text. */
typedef struct atom {
    int64_t number;
    tmoi_text text;
} atom;

typedef struct entry {
    atom key, value;
} entry;

/* Open addressing; made by one import, never changed after. The texts lie in `memory` too. */
typedef struct table {
    bool is_filled;
    tmo_type key_type, value_type;
    int64_t count;
    size_t slots;    /* a power of two */
    int32_t *places; /* [slots]: index of an entry + 1, or 0 */
    entry *entries;  /* [count] */
    void *memory;
} table;

static void release_table(const tmo_allocator *allocator, void *object)
{
    tmoi_release(allocator, ((table *)object)->memory);
}

static atom atom_at(const tmoi_value *value, int64_t k)
{
    atom out = {0, {NULL, 0}};
    if (value->type == TMO_TYPE_STRING)
        out.text = tmoi_strings_at(value, k);
    else
        out.number = tmoi_value_int(value, k);
    return out;
}

/* FNV-1a. */
static uint64_t hash_atom(const atom *a)
{
    uint64_t hash = 14695981039346656037u;
    const unsigned char *bytes = a->text.data ? (const unsigned char *)a->text.data
                                              : (const unsigned char *)&a->number;
    size_t size = a->text.data ? a->text.size : sizeof a->number;
    for (size_t k = 0; k < size; k++) hash = (hash ^ bytes[k]) * 1099511628211u;
    return hash ^ hash >> 32;
}

static bool equal_atoms(const atom *a, const atom *b)
{
    return a->number == b->number && a->text.size == b->text.size &&
           (a->text.size == 0 || memcmp(a->text.data, b->text.data, a->text.size) == 0);
}

/* The slot of a key, or the free one where it would be. */
static size_t slot_of(const table *t, const atom *key)
{
    size_t slot = (size_t)hash_atom(key) & (t->slots - 1);
    while (t->places[slot] && !equal_atoms(&t->entries[t->places[slot] - 1].key, key))
        slot = (slot + 1) & (t->slots - 1);
    return slot;
}

static tmo_status eval_handle(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_fb_hashtable_options *options = tmoi_op_options(node->op, hashtable_options);
    tmoi_resource *resource;
    char name[16];
    (void)snprintf(name, sizeof name, "%d", (int)options->table_id);
    TMO_TRY(tmoi_session_resource(exec, "hashtable", name, sizeof(table), release_table, &resource, ctx));
    table *t = resource->object;
    t->key_type = (tmo_type)options->key_dtype;
    t->value_type = (tmo_type)options->value_dtype;
    *(int32_t *)node->outputs[0]->data = resource->id;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status find_table(tmoi_exec *exec, const tmoi_node *node, table **out, tmoi_ctx *ctx)
{
    const tmoi_resource *resource = tmoi_session_resource_by_id(exec,
                                                                *(const int32_t *)node->inputs[0]->data);
    TMO_FAIL_IF(!resource || strcmp(resource->kind, "hashtable") != 0, INVALID_MODEL, ctx,
                "the handle is not one of a hash table");
    *out = resource->object;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status check_side(const tmoi_value *value, tmo_type type, const char *what, tmoi_ctx *ctx)
{
    TMO_FAIL_IF(value->type != type, INVALID_MODEL, ctx, "%s of type %s for a table of %s", what,
                tmo_type_name(value->type), tmo_type_name(type));
    if (type == TMO_TYPE_STRING) TMO_TRY(tmoi_strings_check(value, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static size_t text_bytes(const tmoi_value *value)
{
    return value->type == TMO_TYPE_STRING ? value->bytes : 0;
}

/* A copy of the atom whose text lies at *texts, which moves on. */
static atom keep_atom(atom a, char **texts)
{
    if (!a.text.data) return a;
    if (a.text.size) memcpy(*texts, a.text.data, a.text.size);
    a.text.data = *texts;
    *texts += a.text.size;
    return a;
}

static tmo_status fill_table(table *t, const tmoi_value *keys, const tmoi_value *values, tmoi_ctx *ctx)
{
    size_t count = (size_t)tmoi_value_count(keys), slots = 4;
    while (slots < 2 * count) slots *= 2;
    size_t entry_bytes = tmoi_align_up(count * sizeof(entry), 16), place_bytes = slots * sizeof(int32_t);
    size_t total = entry_bytes + place_bytes + text_bytes(keys) + text_bytes(values);
    TMO_TRY(tmoi_alloc(ctx, &t->memory, total, 1, 16));
    t->entries = t->memory;
    t->places = (int32_t *)(void *)((char *)t->memory + entry_bytes);
    t->slots = slots;
    char *texts = (char *)t->memory + entry_bytes + place_bytes;
    for (size_t k = 0; k < count; k++) {
        atom key = atom_at(keys, (int64_t)k);
        size_t slot = slot_of(t, &key);
        if (t->places[slot]) continue;
        t->entries[t->count] = (entry){keep_atom(key, &texts),
                                       keep_atom(atom_at(values, (int64_t)k), &texts)};
        t->places[slot] = (int32_t)++t->count;
    }
    t->is_filled = true;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* A second import does nothing, as in TFLite. */
static tmo_status eval_import(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    table *t;
    TMO_TRY(find_table(exec, node, &t, ctx));
    if (t->is_filled) return TMO_STATUS_OK;
    TMO_TRY(check_side(node->inputs[1], t->key_type, "keys", ctx));
    TMO_TRY(check_side(node->inputs[2], t->value_type, "values", ctx));
    TMO_FAIL_IF(tmoi_value_count(node->inputs[1]) > INT32_MAX / 4, LIMIT, ctx, "too many keys");
    TMO_TRY(fill_table(t, node->inputs[1], node->inputs[2], ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static atom look_up(const table *t, const tmoi_node *node, int64_t k)
{
    atom key = atom_at(node->inputs[1], k);
    int32_t place = t->is_filled ? t->places[slot_of(t, &key)] : 0;
    return place ? t->entries[place - 1].value : atom_at(node->inputs[2], 0);
}

static tmo_status eval_find(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    tmoi_value *out = node->outputs[0];
    table *t;
    size_t bytes = 0;
    TMO_TRY(find_table(exec, node, &t, ctx));
    TMO_TRY(check_side(node->inputs[1], t->key_type, "keys", ctx));
    TMO_TRY(check_side(node->inputs[2], t->value_type, "default value", ctx));
    int64_t count = tmoi_value_count(node->inputs[1]);
    if (out->type == TMO_TYPE_INT64) {
        TMO_TRY(tmoi_value_resize(exec, out, &node->inputs[1]->shape, ctx));
        for (int64_t k = 0; k < count; k++) ((int64_t *)out->data)[k] = look_up(t, node, k).number;
        return TMO_STATUS_OK;
    }
    for (int64_t k = 0; k < count; k++) bytes += look_up(t, node, k).text.size;
    TMO_TRY(tmoi_strings_begin(exec, out, &node->inputs[1]->shape, bytes, ctx));
    for (int64_t k = 0; k < count; k++) tmoi_strings_add(out, k, look_up(t, node, k).text);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status eval_size(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    table *t;
    TMO_TRY(find_table(exec, node, &t, ctx));
    *(int64_t *)node->outputs[0]->data = t->count;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

const tmoi_op_def tmoi_op_hashtable = {.eval = eval_handle, .flags = TMOI_OP_SIDE_EFFECT};
const tmoi_op_def tmoi_op_hashtable_import = {.eval = eval_import, .flags = TMOI_OP_SIDE_EFFECT};
const tmoi_op_def tmoi_op_hashtable_find = {.eval = eval_find, .flags = TMOI_OP_SIDE_EFFECT};
const tmoi_op_def tmoi_op_hashtable_size = {.eval = eval_size, .flags = TMOI_OP_SIDE_EFFECT};
