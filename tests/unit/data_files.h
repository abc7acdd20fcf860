/* Small files for the tests of data sets. */
#ifndef TESTS_DATA_FILES_H
#define TESTS_DATA_FILES_H

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>

#include <cmocka.h>

/* A fresh folder, and its removal with all in it. */
const char *temp_folder(void);
void remove_temp_folder(void);
/* FOLDER/name; the text lives until the 16th next call. */
const char *temp_path(const char *name);
void temp_subfolder(const char *name);

void write_bytes(const char *path, const void *data, size_t size_bytes);
void write_text(const char *path, const char *text);
/* The bytes of a file, which the caller frees. */
uint8_t *read_bytes(const char *path, size_t *size_bytes);

/* color: 0 grey, 2 RGB, 3 palette of 4 greys, 6 RGBA; depth in bits; pixels as a PNG row holds them. */
void write_png(const char *path, uint32_t width, uint32_t height, int color, int depth, bool is_interlaced,
               const uint8_t *pixels);
/* Quality 100. channels: 1 or 3. */
void write_jpeg(const char *path, uint32_t width, uint32_t height, int channels, bool is_progressive,
                const uint8_t *pixels);
/* 16-bit PCM. */
void write_wav(const char *path, uint32_t rate, uint16_t channels, const int16_t *samples, uint32_t count);
/* 32-bit float. */
void write_wav_float(const char *path, uint32_t rate, const float *samples, uint32_t count);
/* A gzip file of the bytes. */
void write_gzip(const char *path, const void *data, size_t size_bytes);
/* A zip archive of one member. */
void write_zip(const char *path, const char *member, const void *data, size_t size_bytes, bool is_deflated);
/* A .npy file in memory: header as given, of format version 1 (or 2); returns its bytes in `out`. */
size_t make_npy(uint8_t *out, const char *header, const void *data, size_t size_bytes, int version);

#endif
