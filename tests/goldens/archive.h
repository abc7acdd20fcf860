/* Reads a golden archive (README.md beside this file). */
#ifndef TMO_TESTS_GOLDENS_ARCHIVE_H
#define TMO_TESTS_GOLDENS_ARCHIVE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct reader {
    unsigned char *bytes;
    size_t size, at;
} reader;

typedef struct golden_tensor {
    uint32_t type, rank;
    const int32_t *dims;
    const void *data;
    uint32_t bytes;
} golden_tensor;

static void die(const char *what)
{
    fprintf(stderr, "goldens: %s\n", what);
    exit(2);
}

#if defined(__wasi__)
#define popen(command, mode) NULL /* no processes there: only archives that are not packed */
#define pclose(file)         (-1)
#endif

/* What ends in .gz goes through gzip, so that the program needs no library that a cross compiler would lack. */
static reader read_archive(const char *path)
{
    reader r = {NULL, 0, 0};
    size_t capacity = 0, got, length = strlen(path);
    bool packed = length > 3 && strcmp(path + length - 3, ".gz") == 0;
    char command[4096];
    snprintf(command, sizeof command, "gzip -dc '%s'", path);
    FILE *file = packed ? popen(command, "r") : fopen(path, "rb");
    if (!file) die(path);
    do {
        if (capacity - r.size < 1u << 20) {
            capacity += 4u << 20;
            r.bytes = realloc(r.bytes, capacity);
            if (!r.bytes) die("out of memory");
        }
        got = fread(r.bytes + r.size, 1, 1u << 20, file);
        r.size += got;
    } while (got);
    if ((packed ? pclose(file) : fclose(file)) != 0) die("damaged archive");
    return r;
}

static const void *take(reader *r, size_t bytes)
{
    const void *at = r->bytes + r->at;
    if (bytes > r->size - r->at) die("truncated archive");
    r->at += bytes;
    return at;
}

static uint32_t take_u32(reader *r)
{
    uint32_t value;
    memcpy(&value, take(r, 4), 4);
    return value;
}

static float take_f32(reader *r)
{
    float value;
    memcpy(&value, take(r, 4), 4);
    return value;
}

static const void *take_block(reader *r, uint32_t *bytes)
{
    *bytes = take_u32(r);
    const void *data = take(r, *bytes);
    (void)take(r, (4 - *bytes % 4) % 4);
    return data;
}

static golden_tensor take_tensor(reader *r)
{
    golden_tensor t;
    t.type = take_u32(r);
    t.rank = take_u32(r);
    t.dims = take(r, 4u * t.rank);
    t.data = take_block(r, &t.bytes);
    return t;
}

#endif
