/* os.h for Windows. */
#if defined(_WIN32)
#define WIN32_LEAN_AND_MEAN
#include "base/os.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <windows.h>

#include <psapi.h>

#include "base/alloc.h"

static tmo_status fail_last(tmoi_ctx *ctx, const char *what, const char *path)
{
    return tmoi_fail(ctx, TMO_STATUS_IO, "cannot %s '%s': system error %lu", what, path,
                     (unsigned long)GetLastError());
}

/* Paths are UTF-8 in our API and UTF-16 in the system's. */
static tmo_status wide_path(wchar_t **out, const char *path, tmoi_ctx *ctx)
{
    int length = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, path, -1, NULL, 0);
    *out = NULL;
    TMO_FAIL_IF(length <= 0, INVALID_ARGUMENT, ctx, "path '%s' is not UTF-8", path);
    TMO_TRY(tmoi_new(ctx, out, (size_t)length));
    (void)MultiByteToWideChar(CP_UTF8, 0, path, -1, *out, length);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_file_map_open(tmoi_file_map *out, const char *path, tmoi_ctx *ctx)
{
    HANDLE file = INVALID_HANDLE_VALUE, mapping = NULL;
    LARGE_INTEGER size;
    wchar_t *wide = NULL;
    *out = (tmoi_file_map){0};
    TMO_TRY(wide_path(&wide, path, ctx));
    file = CreateFileW(wide, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, NULL);
    if (file == INVALID_HANDLE_VALUE || !GetFileSizeEx(file, &size)) {
        (void)fail_last(ctx, "open", path);
        goto fail;
    }
    if (size.QuadPart > 0) {
        mapping = CreateFileMappingW(file, NULL, PAGE_READONLY, 0, 0, NULL);
        out->handle = mapping ? MapViewOfFile(mapping, FILE_MAP_READ, 0, 0, 0) : NULL;
        if (!out->handle) {
            (void)fail_last(ctx, "map", path);
            goto fail;
        }
        out->data = out->handle;
        out->size_bytes = (size_t)size.QuadPart;
        (void)CloseHandle(mapping); /* the view keeps it */
    }
    (void)CloseHandle(file);
    tmoi_release(&ctx->allocator, wide);
    return TMO_STATUS_OK;
fail:
    if (mapping) (void)CloseHandle(mapping);
    if (file != INVALID_HANDLE_VALUE) (void)CloseHandle(file);
    tmoi_release(&ctx->allocator, wide);
    return ctx->error.status;
}

void tmoi_file_map_close(tmoi_file_map *map)
{
    if (map->handle) (void)UnmapViewOfFile(map->handle);
    *map = (tmoi_file_map){0};
}

/* Unlocking pages that are not locked takes them out of the working set. */
void tmoi_file_map_forget(const tmoi_file_map *map, size_t offset, size_t size_bytes)
{
    if (map->handle) (void)VirtualUnlock((unsigned char *)map->handle + offset, size_bytes);
}

tmo_status tmoi_file_writer_open(tmoi_file_writer *out, const char *path, tmoi_ctx *ctx)
{
    size_t length = strlen(path), room = length + 32;
    wchar_t *wide = NULL;
    *out = (tmoi_file_writer){.allocator = ctx->allocator};
    TMO_TRY(tmoi_new(ctx, &out->path, length + 1));
    TMO_TRY(tmoi_new(ctx, &out->temporary, room));
    memcpy(out->path, path, length + 1);
    (void)snprintf(out->temporary, room, "%s.tmp-%lu", path, (unsigned long)GetCurrentProcessId());
    TMO_TRY(wide_path(&wide, out->temporary, ctx));
    out->file = _wfopen(wide, L"wbx");
    if (!out->file) out->temporary[0] = 0;
    TMO_FAIL_IF(!out->file, IO, ctx, "cannot create a file beside '%s': %s", path, strerror(errno));
    tmoi_release(&ctx->allocator, wide);
    return TMO_STATUS_OK;
fail:
    tmoi_release(&ctx->allocator, wide);
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
    wchar_t *from = NULL, *to = NULL;
    writer->file = NULL;
    TMO_FAIL_IF(fclose(file) != 0, IO, ctx, "cannot write '%s': %s", writer->path, strerror(errno));
    TMO_TRY(wide_path(&from, writer->temporary, ctx));
    TMO_TRY(wide_path(&to, writer->path, ctx));
    if (!MoveFileExW(from, to, MOVEFILE_REPLACE_EXISTING)) {
        (void)fail_last(ctx, "replace", writer->path);
        goto fail;
    }
    writer->temporary[0] = 0;
    tmoi_release(&ctx->allocator, from);
    tmoi_release(&ctx->allocator, to);
    return TMO_STATUS_OK;
fail:
    tmoi_release(&ctx->allocator, from);
    tmoi_release(&ctx->allocator, to);
    return ctx->error.status;
}

void tmoi_file_writer_close(tmoi_file_writer *writer)
{
    tmoi_ctx ctx = tmoi_ctx_make(&writer->allocator);
    wchar_t *wide;
    if (writer->file) (void)fclose(writer->file);
    if (writer->temporary && writer->temporary[0] &&
        wide_path(&wide, writer->temporary, &ctx) == TMO_STATUS_OK) {
        (void)DeleteFileW(wide);
        tmoi_release(&ctx.allocator, wide);
    }
    tmoi_release(&writer->allocator, writer->path);
    tmoi_release(&writer->allocator, writer->temporary);
    *writer = (tmoi_file_writer){0};
}

tmoi_path_kind tmoi_path_look(const char *path)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    wchar_t *wide = NULL;
    if (wide_path(&wide, path, &ctx) != TMO_STATUS_OK) return TMOI_PATH_NONE;
    DWORD attributes = GetFileAttributesW(wide);
    tmoi_release(&ctx.allocator, wide);
    if (attributes == INVALID_FILE_ATTRIBUTES) return TMOI_PATH_NONE;
    if (attributes & FILE_ATTRIBUTE_DIRECTORY) return TMOI_PATH_FOLDER;
    return attributes & FILE_ATTRIBUTE_DEVICE ? TMOI_PATH_OTHER : TMOI_PATH_FILE;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

tmo_status tmoi_folder_list(tmoi_arena *arena, const char *path, const char ***names, int32_t *count,
                            tmoi_ctx *ctx)
{
    char name[MAX_PATH * 4];
    const char *pattern = NULL;
    wchar_t *wide = NULL;
    WIN32_FIND_DATAW entry;
    HANDLE search = INVALID_HANDLE_VALUE;
    int32_t capacity = 0;
    *names = NULL;
    *count = 0;
    TMO_TRY(tmoi_arena_format(arena, &pattern, ctx, "%s/*", path));
    TMO_TRY(wide_path(&wide, pattern, ctx));
    search = FindFirstFileW(wide, &entry);
    if (search == INVALID_HANDLE_VALUE) {
        (void)fail_last(ctx, "open the folder", path);
        goto fail;
    }
    do {
        int length = WideCharToMultiByte(CP_UTF8, 0, entry.cFileName, -1, name, (int)sizeof name, NULL, NULL);
        if (length <= 0 || strcmp(name, ".") == 0 || strcmp(name, "..") == 0) continue;
        TMO_TRY(tmoi_arena_grow(arena, (void **)names, &capacity, *count + 1, sizeof **names, ctx));
        TMO_TRY(tmoi_arena_text(arena, &(*names)[*count], name, strlen(name), ctx));
        (*count)++;
    } while (FindNextFileW(search, &entry));
    if (*count > 1) qsort(*names, (size_t)*count, sizeof **names, compare_texts);
fail:
    if (search != INVALID_HANDLE_VALUE) (void)FindClose(search);
    tmoi_release(&ctx->allocator, wide);
    return ctx->error.status;
}

void *tmoi_pages_take(size_t size_bytes)
{
    return VirtualAlloc(NULL, size_bytes, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
}

void tmoi_pages_give(void *pages, size_t size_bytes)
{
    (void)size_bytes;
    (void)VirtualFree(pages, 0, MEM_RELEASE);
}

uint64_t tmoi_clock_ns(void)
{
    LARGE_INTEGER now, rate;
    (void)QueryPerformanceCounter(&now);
    (void)QueryPerformanceFrequency(&rate);
    uint64_t ticks = (uint64_t)now.QuadPart, hertz = (uint64_t)rate.QuadPart;
    return ticks / hertz * 1000000000u + ticks % hertz * 1000000000u / hertz;
}

uint64_t tmoi_rss_bytes(void)
{
    PROCESS_MEMORY_COUNTERS counters;
    return GetProcessMemoryInfo(GetCurrentProcess(), &counters, sizeof counters) ? counters.WorkingSetSize
                                                                                 : 0;
}

uint64_t tmoi_peak_rss_bytes(void)
{
    PROCESS_MEMORY_COUNTERS counters;
    return GetProcessMemoryInfo(GetCurrentProcess(), &counters, sizeof counters) ? counters.PeakWorkingSetSize
                                                                                 : 0;
}

/* Of the processors in this process's group, each core once. */
static int32_t count_cores(void)
{
    SYSTEM_LOGICAL_PROCESSOR_INFORMATION list[256];
    DWORD bytes = sizeof list;
    DWORD_PTR allowed, all;
    int32_t cores = 0;
    if (!GetLogicalProcessorInformation(list, &bytes) ||
        !GetProcessAffinityMask(GetCurrentProcess(), &allowed, &all))
        return 0;
    for (DWORD k = 0; k < bytes / sizeof list[0]; k++)
        cores += list[k].Relationship == RelationProcessorCore && (list[k].ProcessorMask & allowed) != 0;
    return cores;
}

int32_t tmoi_core_count(void)
{
    SYSTEM_INFO info;
    int32_t cores = count_cores();
    GetSystemInfo(&info);
    if (cores < 1) cores = (int32_t)info.dwNumberOfProcessors;
    return cores < 1 ? 1 : cores > 1024 ? 1024 : cores;
}

struct tmoi_thread {
    HANDLE handle; /* NULL until started */
    tmo_allocator allocator;
    void (*run)(void *);
    void *argument;
};

static DWORD WINAPI thread_main(void *argument)
{
    tmoi_thread *thread = argument;
    thread->run(thread->argument);
    return 0;
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
    thread->handle = CreateThread(NULL, 0, thread_main, thread, 0, NULL);
    return thread->handle != NULL;
}

void tmoi_thread_free(tmoi_thread *thread)
{
    if (!thread) return;
    tmo_allocator allocator = thread->allocator;
    if (thread->handle) {
        (void)WaitForSingleObject(thread->handle, INFINITE);
        (void)CloseHandle(thread->handle);
    }
    tmoi_release(&allocator, thread);
}

struct tmoi_mutex {
    SRWLOCK lock;
    tmo_allocator allocator;
};

tmo_status tmoi_mutex_make(tmoi_mutex **out, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_new(ctx, out, 1));
    (*out)->allocator = ctx->allocator;
    InitializeSRWLock(&(*out)->lock);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

void tmoi_mutex_free(tmoi_mutex *mutex)
{
    if (!mutex) return;
    tmo_allocator allocator = mutex->allocator;
    tmoi_release(&allocator, mutex);
}

void tmoi_mutex_lock(tmoi_mutex *mutex)
{
    AcquireSRWLockExclusive(&mutex->lock);
}

void tmoi_mutex_unlock(tmoi_mutex *mutex)
{
    ReleaseSRWLockExclusive(&mutex->lock);
}

struct tmoi_condition {
    CONDITION_VARIABLE variable;
    tmo_allocator allocator;
};

tmo_status tmoi_condition_make(tmoi_condition **out, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_new(ctx, out, 1));
    (*out)->allocator = ctx->allocator;
    InitializeConditionVariable(&(*out)->variable);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

void tmoi_condition_free(tmoi_condition *condition)
{
    if (!condition) return;
    tmo_allocator allocator = condition->allocator;
    tmoi_release(&allocator, condition);
}

void tmoi_condition_wait(tmoi_condition *condition, tmoi_mutex *mutex)
{
    (void)SleepConditionVariableSRW(&condition->variable, &mutex->lock, INFINITE, 0);
}

void tmoi_condition_wake_one(tmoi_condition *condition)
{
    WakeConditionVariable(&condition->variable);
}

void tmoi_condition_wake_all(tmoi_condition *condition)
{
    WakeAllConditionVariable(&condition->variable);
}

#else
typedef int tmoi_os_win32_is_empty;
#endif
