/* Runs a fuzz target over files instead of under libFuzzer, so that every compiler can build the targets and the tests can
 * run what was found before:
 *
 *     fuzz_model [-runs=N] [FILE|FOLDER]...
 *
 * With -runs=N it also runs each file N times with random bytes changed, cut or repeated: a small fuzzer without coverage,
 * the same on every machine. */
#define _POSIX_C_SOURCE 200809L
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/rng.h"

enum { PATH_BYTES = 4096, MOST_BYTES = 1 << 24 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void die(const char *what, const char *path)
{
    fprintf(stderr, "%s '%s'\n", what, path);
    exit(2);
}

/* A block of exactly the input's size, so that a read beyond it shows. */
static void run_copy(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy) die("out of memory for", "an input");
    if (size) memcpy(copy, bytes, size);
    (void)LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static size_t mutate(uint8_t *bytes, size_t size, tmoi_rng *rng)
{
    static const uint32_t interesting[] = {0,    1,      4,          0x7f,       0x80,
                                           0xff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff};
    uint32_t count = 1 + tmoi_rng_below(rng, 4);
    if (size < 4) return size;
    for (uint32_t k = 0; k < count; k++) {
        size_t at = tmoi_rng_below(rng, (uint32_t)size - 3);
        const uint32_t *value = &interesting[tmoi_rng_below(rng, sizeof interesting / sizeof interesting[0])];
        switch (tmoi_rng_below(rng, 4)) {
        case 0: bytes[at] = (uint8_t)tmoi_rng_u32(rng); break;
        case 1: bytes[at] ^= (uint8_t)(1u << tmoi_rng_below(rng, 8)); break;
        case 2: memcpy(bytes + at / 4 * 4, value, 4); break;
        default: memcpy(bytes + at, bytes + tmoi_rng_below(rng, (uint32_t)size - 3), 4); break;
        }
    }
    return tmoi_rng_below(rng, 16) ? size : tmoi_rng_below(rng, (uint32_t)size);
}

static void run_file(const char *path, long runs)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = malloc(MOST_BYTES), *mutant = malloc(MOST_BYTES);
    tmoi_rng rng = tmoi_rng_make(1, 0);
    if (!file || !bytes || !mutant) die("cannot read", path);
    size_t size = fread(bytes, 1, MOST_BYTES, file);
    (void)fclose(file);
    run_copy(bytes, size);
    for (long k = 0; k < runs; k++) {
        memcpy(mutant, bytes, size);
        run_copy(mutant, mutate(mutant, size, &rng));
    }
    free(bytes);
    free(mutant);
}

static void run_path(const char *path, long runs)
{
    struct stat info;
    if (stat(path, &info) != 0) die("cannot read", path);
    if (!S_ISDIR(info.st_mode)) {
        run_file(path, runs);
        return;
    }
    DIR *dir = opendir(path);
    if (!dir) die("cannot read", path);
    for (struct dirent *entry; (entry = readdir(dir));) {
        char inner[PATH_BYTES];
        if (entry->d_name[0] == '.') continue;
        if (snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name) >= (int)sizeof inner)
            die("too long", path);
        run_path(inner, runs);
    }
    (void)closedir(dir);
}

int main(int argc, char **argv)
{
    long runs = 0;
    for (int k = 1; k < argc; k++) {
        if (strncmp(argv[k], "-runs=", 6) == 0)
            runs = strtol(argv[k] + 6, NULL, 10);
        else
            run_path(argv[k], runs);
    }
    return 0;
}
