#include "base/intern.h"

#include <stdint.h>
#include <string.h>

enum { FIRST_SLOTS = 64 };

/* Multiply and fold, eight bytes a step; for tables, not against attackers: a collision costs a comparison. */
static uint64_t hash_bytes(const void *data, size_t bytes, uint32_t kind)
{
    const uint64_t odd = UINT64_C(0x9e3779b97f4a7c15);
    const unsigned char *p = data;
    uint64_t hash = (bytes ^ (uint64_t)kind << 32) * odd, word;
    for (; bytes >= sizeof word; bytes -= sizeof word, p += sizeof word) {
        memcpy(&word, p, sizeof word);
        hash = (hash ^ word) * odd;
        hash ^= hash >> 29;
    }
    word = 0;
    if (bytes) memcpy(&word, p, bytes);
    hash = (hash ^ word) * odd;
    return hash ^ hash >> 32;
}

static tmo_status grow_slots(tmoi_intern *intern, tmoi_ctx *ctx)
{
    size_t slot_count = intern->slot_count ? intern->slot_count * 2 : FIRST_SLOTS;
    uint32_t *slots;
    TMO_TRY(tmoi_new(ctx, &slots, slot_count));
    for (size_t k = 0; k < intern->count; k++) {
        size_t slot = intern->entries[k].hash & (slot_count - 1);
        while (slots[slot]) slot = (slot + 1) & (slot_count - 1);
        slots[slot] = (uint32_t)k + 1;
    }
    tmoi_release(&ctx->allocator, intern->slots);
    intern->slots = slots;
    intern->slot_count = slot_count;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static bool same(const tmoi_intern_entry *a, const tmoi_intern_entry *b)
{
    return a->hash == b->hash && a->kind == b->kind && a->bytes == b->bytes &&
           (a->data == b->data || memcmp(a->data, b->data, a->bytes) == 0);
}

tmo_status tmoi_intern_add(tmoi_intern *intern, const void *data, size_t bytes, uint32_t kind, size_t *index,
                           tmoi_ctx *ctx)
{
    tmoi_intern_entry entry = {bytes ? data : "", bytes, hash_bytes(data, bytes, kind), kind};
    if (intern->count * 2 >= intern->slot_count) TMO_TRY(grow_slots(intern, ctx));
    size_t slot = entry.hash & (intern->slot_count - 1);
    for (; intern->slots[slot]; slot = (slot + 1) & (intern->slot_count - 1)) {
        *index = intern->slots[slot] - 1;
        if (same(&intern->entries[*index], &entry)) return TMO_STATUS_OK;
    }
    TMO_FAIL_IF(intern->count >= UINT32_MAX - 1, LIMIT, ctx, "more than %u distinct pieces", UINT32_MAX - 1);
    TMO_TRY(tmoi_grow(ctx, (void **)&intern->entries, &intern->capacity, intern->count + 1, sizeof entry));
    *index = intern->count;
    intern->entries[intern->count++] = entry;
    intern->slots[slot] = (uint32_t)intern->count;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

void tmoi_intern_clear(tmoi_intern *intern, const tmo_allocator *allocator)
{
    tmoi_release(allocator, intern->entries);
    tmoi_release(allocator, intern->slots);
    *intern = (tmoi_intern){0};
}
