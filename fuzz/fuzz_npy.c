/* .npy and .npz files. */
#include <stdlib.h>

#include "data/npy.h"

#define MAX_BYTES ((uint64_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void load(const tmoi_array *array)
{
    size_t count = (size_t)tmoi_array_count(array);
    float *values = malloc(count * sizeof *values + 1);
    int64_t *integers = malloc(count * sizeof *integers + 1);
    if (values) tmoi_array_load_f32(array, values);
    if (integers) (void)tmoi_array_load_i64(array, integers);
    free(values);
    free(integers);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    tmoi_array array;
    tmoi_arena arena;
    tmoi_npz_entry *entries;
    int32_t count = 0;
    if (tmoi_npy_parse(&array, data, size, "input", &ctx) == TMO_STATUS_OK) load(&array);
    ctx = tmoi_ctx_make(NULL);
    tmoi_arena_init(&arena, &ctx.allocator);
    if (tmoi_npz_parse(&entries, &count, data, size, "input", MAX_BYTES, &arena, &ctx) == TMO_STATUS_OK)
        for (int32_t k = 0; k < count; k++) load(&entries[k].array);
    tmoi_arena_clear(&arena);
    return 0;
}
