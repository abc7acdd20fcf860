#include "data/sound.h"

#include <sndfile.h>
#include <stdio.h>
#include <string.h>

#define MAX_CHANNELS 64
#define CHUNK_FRAMES 4096

/* A file in memory, for libsndfile's virtual files. */
typedef struct memory_file {
    const uint8_t *data;
    sf_count_t size, at;
} memory_file;

static sf_count_t memory_size(void *user)
{
    const memory_file *file = user;
    return file->size;
}

static sf_count_t memory_seek(sf_count_t offset, int whence, void *user)
{
    memory_file *file = user;
    sf_count_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? file->at : file->size;
    if (offset < -base || offset > file->size - base) return -1;
    file->at = base + offset;
    return file->at;
}

static sf_count_t memory_read(void *out, sf_count_t count, void *user)
{
    memory_file *file = user;
    if (count > file->size - file->at) count = file->size - file->at;
    if (count <= 0) return 0;
    memcpy(out, file->data + file->at, (size_t)count);
    file->at += count;
    return count;
}

static sf_count_t memory_write(const void *data, sf_count_t count, void *user)
{
    (void)data;
    (void)count;
    (void)user;
    return 0;
}

static sf_count_t memory_tell(void *user)
{
    const memory_file *file = user;
    return file->at;
}

typedef struct sound_file {
    memory_file memory;
    SNDFILE *handle;
    SF_INFO info;
} sound_file;

/* libsndfile reads many formats and their old decoders; only RIFF files are let through. */
static bool is_riff(const uint8_t *data, size_t size_bytes)
{
    if (size_bytes < 12 || memcmp(data + 8, "WAVE", 4) != 0) return false;
    return memcmp(data, "RIFF", 4) == 0 || memcmp(data, "RIFX", 4) == 0 || memcmp(data, "RF64", 4) == 0;
}

static tmo_status open_sound(sound_file *file, const uint8_t *data, size_t size_bytes, const char *subject,
                             tmoi_ctx *ctx)
{
    SF_VIRTUAL_IO io = {memory_size, memory_seek, memory_read, memory_write, memory_tell};
    *file = (sound_file){.memory = {data, (sf_count_t)size_bytes, 0}};
    TMO_FAIL_IF(!is_riff(data, size_bytes), INVALID_DATA, ctx, "'%s': not a .wav file", subject);
    file->handle = sf_open_virtual(&io, SFM_READ, &file->info, &file->memory);
    TMO_FAIL_IF(!file->handle, INVALID_DATA, ctx, "'%s': invalid .wav file: %s", subject, sf_strerror(NULL));
    TMO_FAIL_IF(file->info.channels < 1 || file->info.channels > MAX_CHANNELS, INVALID_DATA, ctx,
                "'%s': %d channels; 1 to %d are allowed", subject, file->info.channels, MAX_CHANNELS);
    TMO_FAIL_IF(file->info.frames < 1, INVALID_DATA, ctx, "'%s': no sound in the file", subject);
    return TMO_STATUS_OK;
fail:
    if (file->handle) (void)sf_close(file->handle);
    file->handle = NULL;
    return ctx->error.status;
}

tmo_status tmoi_sound_look(tmoi_sound_info *out, const uint8_t *data, size_t size_bytes, const char *subject,
                           tmoi_ctx *ctx)
{
    sound_file file;
    TMO_TRY(open_sound(&file, data, size_bytes, subject, ctx));
    *out = (tmoi_sound_info){file.info.frames, file.info.channels, file.info.samplerate};
    (void)sf_close(file.handle);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static void mix(float *out, int32_t out_channels, const float *in, int32_t in_channels, int64_t frames)
{
    for (int64_t t = 0; t < frames; t++, in += in_channels, out += out_channels) {
        float sum = 0.0f;
        for (int32_t c = 0; c < in_channels; c++) sum += in[c];
        for (int32_t c = 0; c < out_channels; c++)
            out[c] = in_channels == out_channels ? in[c] : sum / (float)in_channels;
    }
}

static tmo_status read_frames(sound_file *file, float *out, const tmoi_sound_info *wanted,
                              const char *subject, tmoi_ctx *ctx)
{
    float *chunk = NULL;
    int64_t frames = file->info.frames < wanted->frames ? file->info.frames : wanted->frames, done = 0;
    TMO_TRY(tmoi_new(ctx, &chunk, (size_t)CHUNK_FRAMES * (size_t)file->info.channels));
    while (done < frames) {
        sf_count_t step = frames - done < CHUNK_FRAMES ? frames - done : CHUNK_FRAMES;
        sf_count_t got = sf_readf_float(file->handle, chunk, step);
        TMO_FAIL_IF(got != step, INVALID_DATA, ctx, "'%s': ends at frame %lld of %lld", subject,
                    (long long)(done + (got > 0 ? got : 0)), (long long)file->info.frames);
        mix(out + done * wanted->channels, wanted->channels, chunk, file->info.channels, step);
        done += step;
    }
    size_t missing = (size_t)(wanted->frames - frames) * (size_t)wanted->channels;
    if (missing) memset(out + frames * wanted->channels, 0, missing * sizeof *out);
fail:
    tmoi_release(&ctx->allocator, chunk);
    return ctx->error.status;
}

tmo_status tmoi_sound_decode(float *out, const tmoi_sound_info *wanted, const uint8_t *data,
                             size_t size_bytes, const char *subject, tmoi_ctx *ctx)
{
    sound_file file = {.handle = NULL};
    TMO_TRY(open_sound(&file, data, size_bytes, subject, ctx));
    TMO_FAIL_IF(wanted->rate > 0 && file.info.samplerate != wanted->rate, INVALID_DATA, ctx,
                "'%s': %d samples a second; the data set has %d", subject, file.info.samplerate,
                (int)wanted->rate);
    TMO_FAIL_IF(wanted->channels > 1 && file.info.channels > 1 && file.info.channels != wanted->channels,
                INVALID_DATA, ctx, "'%s': %d channels; the model takes %d", subject, file.info.channels,
                (int)wanted->channels);
    TMO_TRY(read_frames(&file, out, wanted, subject, ctx));
fail:
    if (file.handle) (void)sf_close(file.handle);
    return ctx->error.status;
}
