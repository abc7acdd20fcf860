/* IDX files, plain and gzipped. */
#include <stdlib.h>

#include "data/gzip.h"
#include "data/idx.h"

#define MAX_BYTES ((uint64_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void parse(const uint8_t *data, size_t size)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    tmoi_array array;
    if (tmoi_idx_parse(&array, data, size, "input", &ctx) != TMO_STATUS_OK) return;
    float *values = malloc((size_t)tmoi_array_count(&array) * sizeof *values + 1);
    if (values) tmoi_array_load_f32(&array, values);
    free(values);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    uint8_t *inflated = NULL;
    size_t inflated_bytes = 0;
    parse(data, size);
    if (tmoi_gunzip(&inflated, &inflated_bytes, data, size, MAX_BYTES, "input", &ctx) != TMO_STATUS_OK)
        return 0;
    parse(inflated, inflated_bytes);
    tmoi_release(&ctx.allocator, inflated);
    return 0;
}
