/* os.h for Linux, Android, macOS, iOS and WebAssembly. */
#if !defined(_WIN32)
#define _POSIX_C_SOURCE 200809L
#if defined(__APPLE__)
#define _DARWIN_C_SOURCE
#elif defined(__linux__)
#define _GNU_SOURCE /* madvise, sched_getaffinity */
#endif
#include "base/os.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"

tmo_status tmoi_file_map_open(tmoi_file_map *out, const char *path, tmoi_ctx *ctx)
{
    struct stat info;
    *out = (tmoi_file_map){0};
    int file = open(path, O_RDONLY);
    TMO_FAIL_IF(file < 0, IO, ctx, "cannot open '%s': %s", path, strerror(errno));
    TMO_FAIL_IF(fstat(file, &info) != 0, IO, ctx, "cannot read '%s': %s", path, strerror(errno));
    TMO_FAIL_IF(!S_ISREG(info.st_mode), IO, ctx, "cannot read '%s': not a regular file", path);
    if (info.st_size > 0) {
        void *data = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, file, 0);
        TMO_FAIL_IF(data == MAP_FAILED, IO, ctx, "cannot map '%s': %s", path, strerror(errno));
        out->data = data;
        out->size_bytes = (size_t)info.st_size;
        out->handle = data;
    }
    (void)close(file);
    return TMO_STATUS_OK;
fail:
    if (file >= 0) (void)close(file);
    return ctx->error.status;
}

void tmoi_file_map_close(tmoi_file_map *map)
{
    if (map->handle) (void)munmap(map->handle, map->size_bytes);
    *map = (tmoi_file_map){0};
}

void tmoi_file_map_forget(const tmoi_file_map *map, size_t offset, size_t size_bytes)
{
#if defined(__linux__)
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t begin = tmoi_align_up(offset, page), end = (offset + size_bytes) / page * page;
    if (map->handle && begin < end)
        (void)madvise((unsigned char *)map->handle + begin, end - begin, MADV_DONTNEED);
#else
    (void)map;
    (void)offset;
    (void)size_bytes;
#endif
}

/* A new file beside `path`, under a name that nobody else has. */
static int create_beside(tmoi_file_writer *writer, size_t room)
{
    int file = -1;
    for (int attempt = 0; attempt < 100 && file < 0; attempt++) {
        (void)snprintf(writer->temporary, room, "%s.tmp-%012llx", writer->path,
                       (unsigned long long)tmoi_clock_ns() & 0xffffffffffffu);
        file = open(writer->temporary, O_WRONLY | O_CREAT | O_EXCL, 0666);
        if (file < 0 && errno != EEXIST) break;
    }
    if (file < 0) writer->temporary[0] = 0;
    return file;
}

tmo_status tmoi_file_writer_open(tmoi_file_writer *out, const char *path, tmoi_ctx *ctx)
{
    size_t length = strlen(path), room = length + 32;
    int file = -1;
    *out = (tmoi_file_writer){.allocator = ctx->allocator};
    TMO_TRY(tmoi_new(ctx, &out->path, length + 1));
    TMO_TRY(tmoi_new(ctx, &out->temporary, room));
    memcpy(out->path, path, length + 1);
    file = create_beside(out, room);
    TMO_FAIL_IF(file < 0, IO, ctx, "cannot create a file beside '%s': %s", path, strerror(errno));
    out->file = fdopen(file, "wb");
    TMO_FAIL_IF(!out->file, IO, ctx, "cannot write '%s': %s", path, strerror(errno));
    return TMO_STATUS_OK;
fail:
    if (file >= 0) (void)close(file);
    tmoi_file_writer_close(out);
    return ctx->error.status;
}

tmo_status tmoi_file_writer_write(tmoi_file_writer *writer, const void *data, size_t size_bytes,
                                  tmoi_ctx *ctx)
{
    TMO_FAIL_IF(size_bytes && fwrite(data, 1, size_bytes, writer->file) != size_bytes, IO, ctx,
                "cannot write '%s': %s", writer->path, strerror(errno));
    writer->size_bytes += size_bytes;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_file_writer_commit(tmoi_file_writer *writer, tmoi_ctx *ctx)
{
    FILE *file = writer->file;
    writer->file = NULL;
    TMO_FAIL_IF(fclose(file) != 0, IO, ctx, "cannot write '%s': %s", writer->path, strerror(errno));
    TMO_FAIL_IF(rename(writer->temporary, writer->path) != 0, IO, ctx, "cannot replace '%s': %s",
                writer->path, strerror(errno));
    writer->temporary[0] = 0;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

void tmoi_file_writer_close(tmoi_file_writer *writer)
{
    if (writer->file) (void)fclose(writer->file);
    if (writer->temporary && writer->temporary[0]) (void)unlink(writer->temporary);
    tmoi_release(&writer->allocator, writer->path);
    tmoi_release(&writer->allocator, writer->temporary);
    *writer = (tmoi_file_writer){0};
}

tmoi_path_kind tmoi_path_look(const char *path)
{
    struct stat info;
    if (stat(path, &info) != 0) return TMOI_PATH_NONE;
    return S_ISREG(info.st_mode)   ? TMOI_PATH_FILE
           : S_ISDIR(info.st_mode) ? TMOI_PATH_FOLDER
                                   : TMOI_PATH_OTHER;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

tmo_status tmoi_folder_list(tmoi_arena *arena, const char *path, const char ***names, int32_t *count,
                            tmoi_ctx *ctx)
{
    int32_t capacity = 0;
    struct dirent *entry;
    *names = NULL;
    *count = 0;
    DIR *folder = opendir(path);
    TMO_FAIL_IF(!folder, IO, ctx, "cannot open the folder '%s': %s", path, strerror(errno));
    errno = 0;
    while ((entry = readdir(folder)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        TMO_TRY(tmoi_arena_grow(arena, (void **)names, &capacity, *count + 1, sizeof **names, ctx));
        TMO_TRY(tmoi_arena_text(arena, &(*names)[*count], entry->d_name, strlen(entry->d_name), ctx));
        (*count)++;
        errno = 0;
    }
    TMO_FAIL_IF(errno != 0, IO, ctx, "cannot read the folder '%s': %s", path, strerror(errno));
    (void)closedir(folder);
    if (*count > 1) qsort(*names, (size_t)*count, sizeof **names, compare_texts);
    return TMO_STATUS_OK;
fail:
    if (folder) (void)closedir(folder);
    return ctx->error.status;
}

#if defined(MAP_ANONYMOUS) && !defined(__wasi__)
/* The last part becomes a large page too when it fills more than half of one. */
static size_t pages_bytes(size_t size_bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), tail = size_bytes % TMOI_LARGE_PAGE;
    return tmoi_align_up(size_bytes, tail > TMOI_LARGE_PAGE / 2 ? TMOI_LARGE_PAGE : page);
}

/* Large pages lie at multiples of their size: what the system gives before the first and after the last goes back. */
void *tmoi_pages_take(size_t size_bytes)
{
    size_t bytes = pages_bytes(size_bytes), all;
    if (size_bytes > SIZE_MAX / 2 || !tmoi_add_size(bytes, TMOI_LARGE_PAGE, &all)) return NULL;
    unsigned char *start = mmap(NULL, all, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED) return NULL;
    size_t before = tmoi_align_up((uintptr_t)start, TMOI_LARGE_PAGE) - (uintptr_t)start;
    if (before) (void)munmap(start, before);
    if (before < TMOI_LARGE_PAGE) (void)munmap(start + before + bytes, TMOI_LARGE_PAGE - before);
#if defined(MADV_HUGEPAGE)
    (void)madvise(start + before, bytes, MADV_HUGEPAGE);
#endif
    return start + before;
}

void tmoi_pages_give(void *pages, size_t size_bytes)
{
    (void)munmap(pages, pages_bytes(size_bytes));
}
#else
void *tmoi_pages_take(size_t size_bytes)
{
    return calloc(1, size_bytes);
}

void tmoi_pages_give(void *pages, size_t size_bytes)
{
    (void)size_bytes;
    free(pages);
}
#endif

uint64_t tmoi_clock_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Up to `count` whole numbers from the start of a small file of the system's; returns how many there were. */
static int read_numbers(const char *path, long long *numbers, int count)
{
    char text[256];
    int file = open(path, O_RDONLY), found = 0;
    if (file < 0) return 0;
    ssize_t bytes = read(file, text, sizeof text - 1);
    (void)close(file);
    text[bytes > 0 ? bytes : 0] = 0;
    for (char *at = text, *end; found < count; at = end + (*end != 0)) {
        long long number = strtoll(at, &end, 10);
        if (end == at) break;
        numbers[found++] = number;
    }
    return found;
}

uint64_t tmoi_rss_bytes(void)
{
    long long pages[2]; /* the whole, and what is resident */
    return read_numbers("/proc/self/statm", pages, 2) == 2
               ? (uint64_t)pages[1] * (uint64_t)sysconf(_SC_PAGESIZE)
               : 0;
}

uint64_t tmoi_peak_rss_bytes(void)
{
#if defined(__wasi__)
    return 0;
#else
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) != 0) return 0;
#if defined(__APPLE__)
    return (uint64_t)usage.ru_maxrss;
#else
    return (uint64_t)usage.ru_maxrss * 1024u;
#endif
#endif
}

#if defined(__linux__)
/* The cores behind the processors that this process may use. Threads of one core share a list such as "0,64" or "0-1"; the
 * first processor's tells how the others pair up. */
static long allowed_cores(void)
{
    char path[96];
    long long siblings[2] = {0, 0};
    cpu_set_t allowed;
    int first = 0;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return sysconf(_SC_NPROCESSORS_ONLN);
    while (first < CPU_SETSIZE - 1 && !CPU_ISSET((size_t)first, &allowed)) first++;
    (void)snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", first);
    int found = read_numbers(path, siblings, 2);
    long long other = siblings[0] == first ? siblings[1] : siblings[0];
    bool are_paired = found == 2 && other < CPU_SETSIZE && CPU_ISSET((size_t)other, &allowed);
    return are_paired ? (CPU_COUNT(&allowed) + 1) / 2 : CPU_COUNT(&allowed);
}

/* Whole processors that the control group grants, or `cores` when it sets no limit. */
static long granted_cores(long cores)
{
    long long quota[2];
    if (read_numbers("/sys/fs/cgroup/cpu.max", quota, 2) != 2 || quota[0] <= 0 || quota[1] <= 0) return cores;
    long long granted = (quota[0] + quota[1] - 1) / quota[1];
    return granted < cores ? (long)granted : cores;
}

int32_t tmoi_core_count(void)
{
    long cores = granted_cores(allowed_cores());
    return cores < 1 ? 1 : cores > 1024 ? 1024 : (int32_t)cores;
}
#else
int32_t tmoi_core_count(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores < 1 ? 1 : cores > 1024 ? 1024 : (int32_t)cores;
}
#endif

struct tmoi_thread {
    pthread_t thread;
    bool is_started;
    tmo_allocator allocator;
    void (*run)(void *);
    void *argument;
};

static void *thread_main(void *argument)
{
    tmoi_thread *thread = argument;
    thread->run(thread->argument);
    return NULL;
}

tmo_status tmoi_thread_make(tmoi_thread **out, void (*run)(void *), void *argument, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_new(ctx, out, 1));
    **out = (tmoi_thread){.allocator = ctx->allocator, .run = run, .argument = argument};
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

bool tmoi_thread_start(tmoi_thread *thread)
{
    thread->is_started = pthread_create(&thread->thread, NULL, thread_main, thread) == 0;
    return thread->is_started;
}

void tmoi_thread_free(tmoi_thread *thread)
{
    if (!thread) return;
    tmo_allocator allocator = thread->allocator;
    if (thread->is_started) (void)pthread_join(thread->thread, NULL);
    tmoi_release(&allocator, thread);
}

struct tmoi_mutex {
    pthread_mutex_t mutex;
    tmo_allocator allocator;
};

tmo_status tmoi_mutex_make(tmoi_mutex **out, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_new(ctx, out, 1));
    (*out)->allocator = ctx->allocator;
    (void)pthread_mutex_init(&(*out)->mutex, NULL);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

void tmoi_mutex_free(tmoi_mutex *mutex)
{
    if (!mutex) return;
    tmo_allocator allocator = mutex->allocator;
    (void)pthread_mutex_destroy(&mutex->mutex);
    tmoi_release(&allocator, mutex);
}

void tmoi_mutex_lock(tmoi_mutex *mutex)
{
    (void)pthread_mutex_lock(&mutex->mutex);
}

void tmoi_mutex_unlock(tmoi_mutex *mutex)
{
    (void)pthread_mutex_unlock(&mutex->mutex);
}

struct tmoi_condition {
    pthread_cond_t condition;
    tmo_allocator allocator;
};

tmo_status tmoi_condition_make(tmoi_condition **out, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_new(ctx, out, 1));
    (*out)->allocator = ctx->allocator;
    (void)pthread_cond_init(&(*out)->condition, NULL);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

void tmoi_condition_free(tmoi_condition *condition)
{
    if (!condition) return;
    tmo_allocator allocator = condition->allocator;
    (void)pthread_cond_destroy(&condition->condition);
    tmoi_release(&allocator, condition);
}

void tmoi_condition_wait(tmoi_condition *condition, tmoi_mutex *mutex)
{
    (void)pthread_cond_wait(&condition->condition, &mutex->mutex);
}

void tmoi_condition_wake_one(tmoi_condition *condition)
{
    (void)pthread_cond_signal(&condition->condition);
}

void tmoi_condition_wake_all(tmoi_condition *condition)
{
    (void)pthread_cond_broadcast(&condition->condition);
}

#else
typedef int tmoi_os_posix_is_empty;
#endif
