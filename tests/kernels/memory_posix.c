/* Guarded memory with forbidden pages, and signals as failed cases. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kernels/harness.h"

enum { MAX_BLOCKS = 32, CANARY_BYTES = 64, CANARY = 0xa5 };

static struct block {
    unsigned char *map;
    size_t map_bytes;
    unsigned char *data;
} blocks[MAX_BLOCKS];
static int block_count;
static sigjmp_buf escape;

static void on_signal(int number)
{
    siglongjmp(escape, number);
}

void free_guarded(void)
{
    for (int k = 0; k < block_count; k++) (void)munmap(blocks[k].map, blocks[k].map_bytes);
    block_count = 0;
}

void *guarded(kernel_test *test, size_t bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), room = (bytes + CANARY_BYTES + page - 1) / page * page;
    (void)test;
    if (block_count == MAX_BLOCKS) abort();
    unsigned char *map = mmap(NULL, room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED || mprotect(map + room, page, PROT_NONE) != 0) abort();
    unsigned char *data = map + room - bytes;
    memset(data - CANARY_BYTES, CANARY, CANARY_BYTES);
    blocks[block_count++] = (struct block){map, room + page, data};
    return data;
}

bool canary_intact(const kernel_test *test, const void *block)
{
    const unsigned char *data = block;
    for (int k = 1; k <= CANARY_BYTES; k++)
        if (data[-k] != CANARY) {
            printf("FAIL %s %s: wrote %d bytes before the output\n", test->kernel->name, test->what, k);
            return false;
        }
    return true;
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE};
    for (size_t k = 0; k < sizeof signals / sizeof signals[0]; k++)
        (void)sigaction(signals[k], &action, NULL);
}

bool run_guarded(kernel_test *test, family_check check)
{
    catch_signals();
    int number = sigsetjmp(escape, 1);
    if (number == 0) return check(test);
    printf("FAIL %s %s: %s\n", test->kernel->name, test->what, strsignal(number));
    return false;
}
