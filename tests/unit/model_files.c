#define _POSIX_C_SOURCE 200809L
#include "unit/model_files.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { PATH_BYTES = 1024, CHUNK = 1 << 20 };

static void require(bool condition, const char *what)
{
    if (condition) return;
    fprintf(stderr, "model_files: %s\n", what);
    exit(1);
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), end_length = strlen(end);
    return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

static uint8_t *aligned_copy(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = aligned_alloc(64, (size + 64) / 64 * 64);
    require(copy != NULL, "out of memory");
    memcpy(copy, bytes, size);
    return copy;
}

/* gzread() reads plain files too. */
static uint8_t *read_file(const char *path, size_t *size)
{
    uint8_t *bytes = NULL;
    gzFile file = gzopen(path, "rb");
    require(file != NULL, path);
    *size = 0;
    for (int got = 1; got > 0; *size += (size_t)got) {
        bytes = realloc(bytes, *size + CHUNK);
        require(bytes != NULL, "out of memory");
        got = gzread(file, bytes + *size, CHUNK);
        require(got >= 0, path);
    }
    gzclose(file);
    return bytes;
}

/* A place in an archive, in the layout of tests/goldens/README.md. */
typedef struct cursor {
    const uint8_t *bytes;
    size_t size, at;
} cursor;

static const uint8_t *take(cursor *c, size_t size)
{
    const uint8_t *bytes = c->bytes + c->at;
    require(size <= c->size - c->at, "golden archive is cut");
    c->at += size;
    return bytes;
}

static uint32_t take_u32(cursor *c)
{
    uint32_t value;
    memcpy(&value, take(c, 4), 4);
    return value;
}

static const uint8_t *take_block(cursor *c, size_t *size)
{
    *size = take_u32(c);
    return take(c, (*size + 3) / 4 * 4);
}

static void skip_tensors(cursor *c)
{
    size_t size;
    for (uint32_t count = take_u32(c); count > 0; count--) {
        (void)take_u32(c);
        (void)take(c, 4 * (size_t)take_u32(c));
        (void)take_block(c, &size);
    }
}

static int visit_archive(const char *path, int step, int *position, model_visitor visit, void *user)
{
    cursor c = {0};
    int visited = 0;
    uint8_t *bytes = read_file(path, &c.size);
    c.bytes = bytes;
    require(memcmp(take(&c, 4), "TMOG", 4) == 0 && take_u32(&c) == 1, path);
    for (uint32_t records = take_u32(&c); records > 0; records--) {
        size_t name_size, size;
        char name[256];
        const uint8_t *name_bytes = take_block(&c, &name_size);
        (void)snprintf(name, sizeof name, "%.*s", (int)name_size, (const char *)name_bytes);
        const uint8_t *model = take_block(&c, &size);
        if ((*position)++ % step == 0) {
            uint8_t *copy = aligned_copy(model, size);
            visit(user, name, copy, size);
            free(copy);
            visited++;
        }
        (void)take(&c, 8);
        for (uint32_t steps = take_u32(&c); steps > 0; steps--) {
            skip_tensors(&c);
            skip_tensors(&c);
        }
    }
    free(bytes);
    return visited;
}

int visit_golden_models(int step, model_visitor visit, void *user)
{
    static const char folder[] = TMO_SOURCE_DIR "/tests/goldens";
    int position = 0, visited = 0;
    DIR *dir = opendir(folder);
    require(dir != NULL, folder);
    for (struct dirent *entry; (entry = readdir(dir));) {
        char path[PATH_BYTES];
        if (!ends_with(entry->d_name, ".tmog.gz")) continue;
        (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        visited += visit_archive(path, step, &position, visit, user);
    }
    closedir(dir);
    return visited;
}

static void visit_file(const char *path, model_visitor visit, void *user)
{
    size_t size;
    uint8_t *bytes = read_file(path, &size);
    uint8_t *copy = aligned_copy(bytes, size);
    free(bytes);
    visit(user, path, copy, size);
    free(copy);
}

int visit_model_files(model_visitor visit, void *user)
{
    char folder[PATH_BYTES], path[2 * PATH_BYTES];
    const char *tmo = getenv("TMO_CACHE"), *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    int visited = 1;
    visit_file(TMO_SOURCE_DIR "/data/handwriting/digits.tflite", visit, user);
    if (tmo)
        (void)snprintf(folder, sizeof folder, "%s/models", tmo);
    else if (cache)
        (void)snprintf(folder, sizeof folder, "%s/tmo/models", cache);
    else
        (void)snprintf(folder, sizeof folder, "%s/.cache/tmo/models", home ? home : ".");
    DIR *dir = opendir(folder);
    if (!dir) return visited;
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (!ends_with(entry->d_name, ".tflite")) continue;
        (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        visit_file(path, visit, user);
        visited++;
    }
    closedir(dir);
    return visited;
}
