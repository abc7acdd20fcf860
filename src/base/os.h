/* The operating system: files, clock, threads. Implemented in os_posix.c or os_win32.c and nowhere else. */
#ifndef TMOI_BASE_OS_H
#define TMOI_BASE_OS_H

#include "base/arena.h"
#include "base/error.h"

/* A whole file in memory, read-only; memory-mapped where the system can. */
typedef struct tmoi_file_map {
    const uint8_t *data;
    size_t size_bytes;
    void *handle; /* private */
} tmoi_file_map;

tmo_status tmoi_file_map_open(tmoi_file_map *out, const char *path, tmoi_ctx *ctx);
/* Accepts a map that was never opened (all zero). */
void tmoi_file_map_close(tmoi_file_map *map);
/* Lets the system take back the memory of a part of an open map; it is read from the file again when it is needed. */
void tmoi_file_map_forget(const tmoi_file_map *map, size_t offset, size_t size_bytes);

/* A file written under a temporary name in the same folder and renamed to `path` by commit; so a failure or an
 * interruption leaves the old file as it was. */
typedef struct tmoi_file_writer {
    void *file;
    char *path, *temporary; /* private */
    uint64_t size_bytes;
    tmo_allocator allocator;
} tmoi_file_writer;

tmo_status tmoi_file_writer_open(tmoi_file_writer *out, const char *path, tmoi_ctx *ctx);
tmo_status tmoi_file_writer_write(tmoi_file_writer *writer, const void *data, size_t size_bytes,
                                  tmoi_ctx *ctx);
tmo_status tmoi_file_writer_commit(tmoi_file_writer *writer, tmoi_ctx *ctx);
/* Drops what was written, unless committed. Accepts a writer that was never opened (all zero). */
void tmoi_file_writer_close(tmoi_file_writer *writer);

typedef enum tmoi_path_kind {
    TMOI_PATH_NONE = 0, /* nothing of that name, or not to be seen by this process */
    TMOI_PATH_FILE,
    TMOI_PATH_FOLDER,
    TMOI_PATH_OTHER
} tmoi_path_kind;

/* What `path` leads to, links followed. */
tmoi_path_kind tmoi_path_look(const char *path);
/* The names in a folder but "." and "..", sorted by their bytes; the list and the names live in `arena`. */
tmo_status tmoi_folder_list(tmoi_arena *arena, const char *path, const char ***names, int32_t *count,
                            tmoi_ctx *ctx);

/* Zeroed memory straight from the system, which gives it when it is first touched, in large pages (TMOI_LARGE_PAGE bytes) where it
 * can: a tenth of the time that small ones take. NULL when there is none. For blocks of more than half a large page. */
#define TMOI_LARGE_PAGE ((size_t)2 << 20)
void *tmoi_pages_take(size_t size_bytes);
/* Gives them back; the size is that of the call that took them. */
void tmoi_pages_give(void *pages, size_t size_bytes);

/* Nanoseconds of a clock that never goes back. */
uint64_t tmoi_clock_ns(void);
/* Resident memory of this process in bytes, now and at its peak; 0 where the system does not tell. */
uint64_t tmoi_rss_bytes(void);
uint64_t tmoi_peak_rss_bytes(void);
/* Physical cores available to this process, at least 1. */
int32_t tmoi_core_count(void);

/* Threads, for base/thread_pool.c and the data loaders. A thread runs from tmoi_thread_start() on, which allocates nothing of
 * ours and is false when the system has no thread to give. */
typedef struct tmoi_thread tmoi_thread;
typedef struct tmoi_mutex tmoi_mutex;
typedef struct tmoi_condition tmoi_condition;

tmo_status tmoi_thread_make(tmoi_thread **out, void (*run)(void *), void *argument, tmoi_ctx *ctx);
bool tmoi_thread_start(tmoi_thread *thread);
/* Waits for the thread to end, if it was started, and frees it. Accepts NULL. */
void tmoi_thread_free(tmoi_thread *thread);
tmo_status tmoi_mutex_make(tmoi_mutex **out, tmoi_ctx *ctx);
void tmoi_mutex_free(tmoi_mutex *mutex);
void tmoi_mutex_lock(tmoi_mutex *mutex);
void tmoi_mutex_unlock(tmoi_mutex *mutex);
tmo_status tmoi_condition_make(tmoi_condition **out, tmoi_ctx *ctx);
void tmoi_condition_free(tmoi_condition *condition);
void tmoi_condition_wait(tmoi_condition *condition, tmoi_mutex *mutex);
void tmoi_condition_wake_one(tmoi_condition *condition);
void tmoi_condition_wake_all(tmoi_condition *condition);

#endif
