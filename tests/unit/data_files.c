#define _XOPEN_SOURCE 700
#include "data_files.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jpeglib.h>
#include <png.h>
#include <zip.h>
#include <zlib.h>

static char folder[64];

const char *temp_folder(void)
{
    if (!folder[0]) {
        strcpy(folder, "/tmp/tmo-test-XXXXXX");
        assert_non_null(mkdtemp(folder));
    }
    return folder;
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *where)
{
    (void)info;
    (void)kind;
    (void)where;
    return remove(path);
}

void remove_temp_folder(void)
{
    if (folder[0]) (void)nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    folder[0] = '\0';
}

const char *temp_path(const char *name)
{
    static char paths[16][256];
    static int next;
    char *path = paths[next++ % 16];
    (void)snprintf(path, sizeof paths[0], "%s/%s", temp_folder(), name);
    return path;
}

void temp_subfolder(const char *name)
{
    (void)mkdir(temp_path(name), 0700);
}

void write_bytes(const char *path, const void *data, size_t size_bytes)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    if (size_bytes) assert_int_equal(fwrite(data, 1, size_bytes, file), size_bytes);
    assert_int_equal(fclose(file), 0);
}

void write_text(const char *path, const char *text)
{
    write_bytes(path, text, strlen(text));
}

uint8_t *read_bytes(const char *path, size_t *size_bytes)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    *size_bytes = (size_t)ftell(file);
    rewind(file);
    uint8_t *data = malloc(*size_bytes + 1);
    assert_non_null(data);
    assert_int_equal(fread(data, 1, *size_bytes, file), *size_bytes);
    (void)fclose(file);
    return data;
}

static void set_grey_palette(png_structp png, png_infop info)
{
    png_color palette[4];
    for (int k = 0; k < 4; k++) palette[k].red = palette[k].green = palette[k].blue = (png_byte)(k * 85);
    png_set_PLTE(png, info, palette, 4);
}

void write_png(const char *path, uint32_t width, uint32_t height, int color, int depth, bool is_interlaced,
               const uint8_t *pixels)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_init_io(png, file);
    png_set_IHDR(png, info, width, height, depth, color,
                 is_interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    if (color == PNG_COLOR_TYPE_PALETTE) set_grey_palette(png, info);
    png_write_info(png, info);
    size_t row_bytes = png_get_rowbytes(png, info);
    int passes = is_interlaced ? png_set_interlace_handling(png) : 1;
    for (int pass = 0; pass < passes; pass++)
        for (uint32_t y = 0; y < height; y++) png_write_row(png, pixels + y * row_bytes);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    (void)fclose(file);
}

void write_jpeg(const char *path, uint32_t width, uint32_t height, int channels, bool is_progressive,
                const uint8_t *pixels)
{
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    jpeg_stdio_dest(&jpeg, file);
    jpeg.image_width = width;
    jpeg.image_height = height;
    jpeg.input_components = channels;
    jpeg.in_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&jpeg);
    jpeg_set_quality(&jpeg, 100, TRUE);
    if (is_progressive) jpeg_simple_progression(&jpeg);
    jpeg_start_compress(&jpeg, TRUE);
    uint8_t *row = malloc((size_t)width * (size_t)channels);
    assert_non_null(row);
    while (jpeg.next_scanline < height) {
        memcpy(row, pixels + (size_t)jpeg.next_scanline * width * (size_t)channels,
               (size_t)width * (size_t)channels);
        (void)jpeg_write_scanlines(&jpeg, &row, 1);
    }
    free(row);
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    (void)fclose(file);
}

static void put32(uint8_t *at, uint32_t value)
{
    for (int k = 0; k < 4; k++) at[k] = (uint8_t)(value >> (8 * k));
}

static void put16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
}

static void write_riff(const char *path, const uint16_t format[4], uint32_t rate, const void *samples,
                       uint32_t bytes)
{
    uint8_t *file = calloc(1, 44 + bytes);
    uint16_t channels = format[1], bits = format[2], block = (uint16_t)(channels * bits / 8);
    assert_non_null(file);
    memcpy(file, "RIFF....WAVEfmt ", 16);
    put32(file + 4, 36 + bytes);
    put32(file + 16, 16);
    put16(file + 20, format[0]);
    put16(file + 22, channels);
    put32(file + 24, rate);
    put32(file + 28, rate * block);
    put16(file + 32, block);
    put16(file + 34, bits);
    memcpy(file + 36, "data", 4);
    put32(file + 40, bytes);
    memcpy(file + 44, samples, bytes);
    write_bytes(path, file, 44 + bytes);
    free(file);
}

void write_wav(const char *path, uint32_t rate, uint16_t channels, const int16_t *samples, uint32_t count)
{
    const uint16_t format[4] = {1, channels, 16, 0};
    write_riff(path, format, rate, samples, count * 2);
}

void write_wav_float(const char *path, uint32_t rate, const float *samples, uint32_t count)
{
    const uint16_t format[4] = {3, 1, 32, 0};
    write_riff(path, format, rate, samples, count * 4);
}

void write_gzip(const char *path, const void *data, size_t size_bytes)
{
    gzFile file = gzopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(gzwrite(file, data, (unsigned)size_bytes), size_bytes);
    assert_int_equal(gzclose(file), Z_OK);
}

void write_zip(const char *path, const char *member, const void *data, size_t size_bytes, bool is_deflated)
{
    int code;
    zip_t *archive = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &code);
    assert_non_null(archive);
    zip_source_t *source = zip_source_buffer(archive, data, size_bytes, 0);
    zip_int64_t index = zip_file_add(archive, member, source, 0);
    assert_true(index >= 0);
    (void)zip_set_file_compression(archive, (zip_uint64_t)index, is_deflated ? ZIP_CM_DEFLATE : ZIP_CM_STORE,
                                   0);
    assert_int_equal(zip_close(archive), 0);
}

size_t make_npy(uint8_t *out, const char *header, const void *data, size_t size_bytes, int version)
{
    size_t length = strlen(header), prefix = version == 1 ? 10 : 12;
    memcpy(out, "\x93NUMPY", 6);
    out[6] = (uint8_t)version;
    out[7] = 0;
    if (version == 1)
        put16(out + 8, (uint16_t)length);
    else
        put32(out + 8, (uint32_t)length);
    memcpy(out + prefix, header, length);
    memcpy(out + prefix + length, data, size_bytes);
    return prefix + length + size_bytes;
}
