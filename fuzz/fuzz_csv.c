/* CSV tables. */
#include "data/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    tmoi_arena arena;
    tmoi_csv csv;
    tmoi_arena_init(&arena, &ctx.allocator);
    (void)tmoi_csv_parse(&csv, (const char *)data, size, "input", &arena, &ctx);
    tmoi_arena_clear(&arena);
    return 0;
}
