/* Guarded memory where pages cannot be forbidden and there are no signals: canaries on both sides, looked at when it is freed. What
 * is read past the end is not noticed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/harness.h"

enum { MAX_BLOCKS = 32, CANARY_BYTES = 64, CANARY = 0xa5 };

static struct block {
    unsigned char *start, *data;
    size_t bytes;
} blocks[MAX_BLOCKS];
static int block_count;

static bool is_canary(const unsigned char *bytes)
{
    for (int k = 0; k < CANARY_BYTES; k++)
        if (bytes[k] != CANARY) return false;
    return true;
}

/* As with forbidden pages, writing past the end ends the program. */
void free_guarded(void)
{
    for (int k = 0; k < block_count; k++) {
        if (!is_canary(blocks[k].data + blocks[k].bytes)) {
            printf("FAIL: bytes past the end of a block of %zu were written\n", blocks[k].bytes);
            exit(1);
        }
        free(blocks[k].start);
    }
    block_count = 0;
}

void *guarded(kernel_test *test, size_t bytes)
{
    enum { ALIGNMENT = 64 };
    (void)test;
    if (block_count == MAX_BLOCKS) abort();
    unsigned char *start = malloc(bytes + 2 * CANARY_BYTES + ALIGNMENT);
    if (!start) abort();
    /* The end is aligned, as that of a page is. */
    unsigned char *end = start + CANARY_BYTES + bytes;
    end += (ALIGNMENT - (uintptr_t)end % ALIGNMENT) % ALIGNMENT;
    unsigned char *data = end - bytes;
    memset(data - CANARY_BYTES, CANARY, CANARY_BYTES);
    memset(end, CANARY, CANARY_BYTES);
    blocks[block_count++] = (struct block){start, data, bytes};
    return data;
}

bool canary_intact(const kernel_test *test, const void *block)
{
    if (is_canary((const unsigned char *)block - CANARY_BYTES)) return true;
    printf("FAIL %s %s: wrote before the output\n", test->kernel->name, test->what);
    return false;
}

bool run_guarded(kernel_test *test, family_check check)
{
    return check(test);
}
