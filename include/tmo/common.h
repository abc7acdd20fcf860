/** @file
 * what every other header of tmo stands on: version, status, error, allocator, log and progress.
 *
 * Conventions that hold for the whole API:
 *  - Functions that can fail return a tmo_status; the object made comes back through the first parameter and is NULL on
 *    failure. The last parameter is an optional, caller-owned tmo_error.
 *  - The library never prints, aborts or exits, whatever the input.
 *  - Every `..._free` accepts NULL. Every pointer parameter is borrowed for the call unless its comment says otherwise.
 *  - Option structs start with `struct_size`; zero in a field means its default, and a NULL pointer means all defaults.
 *  - Texts are UTF-8.
 */
#ifndef TMO_COMMON_H
#define TMO_COMMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(_WIN32) && defined(TMO_SHARED)
#ifdef TMO_BUILDING
#define TMO_API __declspec(dllexport)
#else
#define TMO_API __declspec(dllimport)
#endif
#elif defined(__GNUC__)
#define TMO_API __attribute__((visibility("default")))
#else
#define TMO_API
#endif

#define TMO_VERSION_MAJOR 0
#define TMO_VERSION_MINOR 1
#define TMO_VERSION_PATCH 0

/** The version of the library that runs, as "major.minor.patch". Static storage. Thread-safe. */
TMO_API const char *tmo_version(void);

typedef enum tmo_status {
#define TMO_STATUS(name, value, text) TMO_STATUS_##name = value,
#include "tmo/status.def"
#undef TMO_STATUS
    TMO_STATUS_FORCE_32_BITS = 0x7fffffff
} tmo_status;

/** One short English text for a status, or "unknown status". Static storage. Thread-safe. */
TMO_API const char *tmo_status_text(tmo_status status);
/** The name of a status as in status.def, such as "INVALID_FILE". Static storage. Thread-safe. */
TMO_API const char *tmo_status_name(tmo_status status);

#define TMO_ERROR_MESSAGE_BYTES 512

/** What went wrong and where. The caller owns it and sets struct_size (TMO_ERROR_INIT does); a function writes it only
 * when it fails. Places that are not known are -1. */
typedef struct tmo_error {
    uint32_t struct_size;
    tmo_status status;
    int32_t subgraph;    /**< index of the subgraph, or -1 */
    int32_t op;          /**< index of the operator in it, or -1 */
    int32_t tensor;      /**< index of the tensor in it, or -1 */
    int64_t file_offset; /**< byte offset in the file, or -1 */
    char message[TMO_ERROR_MESSAGE_BYTES];
} tmo_error;

#define TMO_ERROR_INIT                                    \
    {                                                     \
        sizeof(tmo_error), TMO_STATUS_OK, -1, -1, -1, -1, \
        {                                                 \
            0                                             \
        }                                                 \
    }

/** An allocator for everything that an object allocates. `alloc` returns memory of at least `size_bytes` (never 0),
 * aligned to `alignment` (a power of two of at most 64), or NULL. `release` gets what `alloc` returned. Both may be
 * called from any thread that the object uses. All zero means malloc and free. */
typedef struct tmo_allocator {
    void *user;
    void *(*alloc)(void *user, size_t size_bytes, size_t alignment);
    void (*release)(void *user, void *memory);
} tmo_allocator;

typedef enum tmo_log_level {
    TMO_LOG_LEVEL_INFO = 0,
    TMO_LOG_LEVEL_WARNING = 1,
    TMO_LOG_LEVEL_FORCE_32_BITS = 0x7fffffff
} tmo_log_level;

/** Receives one formatted line without a newline. `text` is borrowed for the call. */
typedef void (*tmo_log_function)(void *user, tmo_log_level level, const char *text);

typedef struct tmo_progress {
    const char *phase; /**< what is being done, such as "calibrate"; static storage */
    uint64_t done;     /**< steps done */
    uint64_t total;    /**< steps in all, or 0 when unknown */
} tmo_progress;

/** Called on the thread that made the call, at most about 20 times a second. Non-zero cancels: the function then fails
 * with TMO_STATUS_CANCELLED. `progress` is borrowed for the call. */
typedef int (*tmo_progress_function)(void *user, const tmo_progress *progress);

#ifdef __cplusplus
}
#endif
#endif
