/* What the shell scripts of the command line's tests cannot do themselves:
 *   cli_helper json FILE PATH...               FILE is one JSON document; prints the values at the paths
 *   cli_helper record ARCHIVE NAME OUT         the model of a golden record
 *   cli_helper digit IMAGES K OUT              image K of a packed IDX file, as .png or else as float32 values from 0 to 1 */
#include <png.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include <jansson.h>

static int fail(const char *what, const char *name)
{
    fprintf(stderr, "cli_helper: %s '%s'\n", what, name);
    return 1;
}

/* ---- json ---- */

/* The value at "a.b[2].c", or NULL. */
static const json_t *find_value(const json_t *value, const char *path, size_t length)
{
    for (size_t at = 0; at < length && value;) {
        char key[64];
        if (path[at] == '[') {
            value = json_array_get(value, strtoul(path + at + 1, NULL, 10));
            at += strcspn(path + at, "]") + 1;
            continue;
        }
        at += path[at] == '.';
        size_t size = strcspn(path + at, ".[?#");
        if (size >= sizeof key) return NULL;
        memcpy(key, path + at, size);
        key[size] = 0;
        value = json_object_get(value, key);
        at += size;
    }
    return value;
}

static const char *type_name(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT: return "object";
    case JSON_ARRAY: return "array";
    case JSON_STRING: return "string";
    case JSON_INTEGER: return "integer";
    case JSON_REAL: return "real";
    case JSON_NULL: return "null";
    default: return "boolean";
    }
}

static void print_value(const json_t *document, const char *path)
{
    size_t length = strcspn(path, "?#");
    const json_t *value = find_value(document, path, length);
    printf("%s: ", path);
    if (!value) {
        printf("missing\n");
    } else if (path[length] == '?') {
        printf("%s\n", type_name(value));
    } else if (path[length] == '#') {
        printf("%zu\n", json_array_size(value));
    } else {
        json_dumpf(value, stdout, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(6));
        printf("\n");
    }
}

static int print_json(int count, char **arguments)
{
    json_error_t error;
    json_t *document = json_load_file(arguments[0], JSON_REJECT_DUPLICATES, &error);
    if (!document) return fail("not one JSON document:", error.text);
    for (int k = 1; k < count; k++) print_value(document, arguments[k]);
    json_decref(document);
    return 0;
}

/* ---- packed files ---- */

static bool skip(gzFile file, unsigned size)
{
    return gzseek(file, (z_off_t)size, SEEK_CUR) >= 0;
}

static bool read_u32(gzFile file, uint32_t *value)
{
    unsigned char bytes[4];
    if (gzread(file, bytes, 4) != 4) return false;
    *value = bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
    return true;
}

/* A block: its size, its bytes, zeros up to a multiple of 4. The caller frees it. */
static char *read_block(gzFile file, uint32_t *size)
{
    if (!read_u32(file, size) || *size > 1u << 30) return NULL;
    char *bytes = calloc((size_t)*size + 4, 1);
    unsigned padded = (*size + 3) / 4 * 4;
    if (bytes && gzread(file, bytes, padded) == (int)padded) return bytes;
    free(bytes);
    return NULL;
}

static bool skip_tensors(gzFile file)
{
    uint32_t count, type, rank, size;
    if (!read_u32(file, &count)) return false;
    for (uint32_t k = 0; k < count; k++) {
        if (!read_u32(file, &type) || !read_u32(file, &rank) || !skip(file, 4 * rank)) return false;
        if (!read_u32(file, &size) || !skip(file, (size + 3) / 4 * 4)) return false;
    }
    return true;
}

static bool skip_steps(gzFile file)
{
    uint32_t steps;
    if (!skip(file, 8) || !read_u32(file, &steps)) return false;
    for (uint32_t k = 0; k < steps; k++)
        if (!skip_tensors(file) || !skip_tensors(file)) return false;
    return true;
}

static int write_file(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    if (!file) return fail("cannot write", path);
    bool is_written = fwrite(bytes, 1, size, file) == size;
    is_written &= fclose(file) == 0;
    return is_written ? 0 : fail("cannot write", path);
}

/* 1: found and written, 0: another record, -1: broken. */
static int try_record(gzFile file, const char *name, const char *path)
{
    uint32_t name_size, model_size;
    char *found = read_block(file, &name_size), *model = found ? read_block(file, &model_size) : NULL;
    int result = model ? 0 : -1;
    if (model && strcmp(found, name) == 0)
        result = write_file(path, model, model_size) == 0 ? 1 : -1;
    else if (model && !skip_steps(file))
        result = -1;
    free(found);
    free(model);
    return result;
}

static int extract_record(const char *archive, const char *name, const char *path)
{
    gzFile file = gzopen(archive, "rb");
    uint32_t count = 0;
    int result = 0;
    if (!file) return fail("cannot open", archive);
    if (!skip(file, 8) || !read_u32(file, &count)) result = -1;
    for (uint32_t k = 0; k < count && result == 0; k++) result = try_record(file, name, path);
    gzclose(file);
    return result == 1 ? 0 : fail(result ? "broken archive for" : "no record", name);
}

/* ---- digits ---- */

enum { SIDE = 28, PIXELS = SIDE * SIDE, IDX_HEADER = 16 };

static int write_png(const char *path, const unsigned char *pixels)
{
    png_image image = {
        .version = PNG_IMAGE_VERSION, .width = SIDE, .height = SIDE, .format = PNG_FORMAT_GRAY};
    return png_image_write_to_file(&image, path, 0, pixels, SIDE, NULL) ? 0 : fail("cannot write", path);
}

static int write_floats(const char *path, const unsigned char *pixels)
{
    float values[PIXELS];
    for (size_t k = 0; k < PIXELS; k++) values[k] = (float)pixels[k] / 255.0f;
    return write_file(path, values, sizeof values);
}

static int extract_digit(const char *archive, const char *index, const char *path)
{
    unsigned char pixels[PIXELS];
    size_t length = strlen(path);
    gzFile file = gzopen(archive, "rb");
    if (!file) return fail("cannot open", archive);
    unsigned offset = IDX_HEADER + PIXELS * (unsigned)strtoul(index, NULL, 10);
    bool is_read = skip(file, offset) && gzread(file, pixels, PIXELS) == PIXELS;
    gzclose(file);
    if (!is_read) return fail("no such image in", archive);
    return length > 4 && strcmp(path + length - 4, ".png") == 0 ? write_png(path, pixels)
                                                                : write_floats(path, pixels);
}

int main(int argc, char **argv)
{
    if (argc >= 3 && strcmp(argv[1], "json") == 0) return print_json(argc - 2, argv + 2);
    if (argc == 5 && strcmp(argv[1], "record") == 0) return extract_record(argv[2], argv[3], argv[4]);
    if (argc == 5 && strcmp(argv[1], "digit") == 0) return extract_digit(argv[2], argv[3], argv[4]);
    return fail("usage: cli_helper json|record|digit arguments, not", argc > 1 ? argv[1] : "");
}
