/** @file
 * running a model.
 *
 * Threads: a session belongs to one thread at a time; several sessions may be made of one model and run at once, each in its
 * own thread. They share the model and its packed weights, and nothing else unless they are given one tmo_thread_pool.
 *
 * Memory: creating a session allocates everything; tmo_session_run() allocates nothing unless a tensor's shape depends on values.
 * The weights in the form that the kernels want are made with the first session that needs them, are shared by all sessions of the
 * model, and belong to the model: they are freed with it. docs/runtime.md tells more. */
#ifndef TMO_SESSION_H
#define TMO_SESSION_H

#include "tmo/model.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tmo_session tmo_session;

typedef enum tmo_arithmetic {
    TMO_ARITHMETIC_DEFAULT = 0,   /**< the fastest; integer results the same on every processor */
    TMO_ARITHMETIC_REFERENCE = 1, /**< the bits of TFLite's reference kernels for integer types */
    TMO_ARITHMETIC_FORCE_32_BITS = 0x7fffffff
} tmo_arithmetic;

/** A tensor of a session. `data` may be written (inputs) or read (outputs) until the next resize or run. */
typedef struct tmo_tensor_view {
    uint32_t struct_size;
    const char *name;
    tmo_type type;
    int32_t rank;
    int32_t shape[TMO_MAX_RANK];
    float scale; /**< 0 when not quantized per tensor */
    int32_t zero_point;
    void *data;
    uint64_t size_bytes;
} tmo_tensor_view;

/** A custom operator of the caller's, called for operators of that name. */
typedef struct tmo_custom_operator {
    uint32_t struct_size;
    const char *name;
    void *user;
    /** Sets rank and shape of each output from the inputs, whose data are NULL unless constant. NULL: the shapes of the file.
     * TMO_STATUS_OK, or what went wrong. Called when a session is made and after each resize. */
    tmo_status (*infer)(void *user, const void *options, size_t options_bytes, const tmo_tensor_view *inputs,
                        int32_t input_count, tmo_tensor_view *outputs, int32_t output_count);
    /** Computes the outputs' data. Must not keep pointers. */
    tmo_status (*run)(void *user, const void *options, size_t options_bytes, const tmo_tensor_view *inputs,
                      int32_t input_count, tmo_tensor_view *outputs, int32_t output_count);
} tmo_custom_operator;

/** Threads that several sessions may share. While one session computes with them, another that runs at the same time computes on
 * its own thread alone, so they never wait for each other. */
typedef struct tmo_thread_pool tmo_thread_pool;

/** threads: with the thread that calls tmo_session_run(), 1 to 1024; 0: one a physical core. They start with the first run that needs
 * them and sleep between runs. `allocator` may be NULL. */
TMO_API tmo_status tmo_thread_pool_create(tmo_thread_pool **out, int32_t threads,
                                          const tmo_allocator *allocator, tmo_error *error);
/** Sessions that use it must be freed before. Accepts NULL. */
TMO_API void tmo_thread_pool_free(tmo_thread_pool *pool);

/** A scheduler of the application's: calls task(argument, k) once for each k in [0, count), in any order, on any threads (its own,
 * the calling one, even all on one), and returns when all calls have returned. */
typedef void (*tmo_parallel_for)(void *user, int32_t count, void (*task)(void *argument, int32_t k),
                                 void *argument);

typedef struct tmo_session_options {
    uint32_t struct_size;
    int32_t threads;    /**< 1 to 1024; default: one a physical core */
    int32_t arithmetic; /**< a tmo_arithmetic */
    const char *
        isa; /**< the highest instruction set to use, as `tmo kernels` lists them; NULL: what this processor has */
    uint64_t max_arena_bytes; /**< of all activations; default 4 GiB */
    bool keep_all_tensors;    /**< every tensor can be read after a run; costs memory and speed */
    bool profile;             /**< measure the time of each operator */
    void *
        arena; /**< a block for the activations, aligned to 64 bytes, borrowed until the session is freed; or NULL */
    uint64_t
        arena_bytes; /**< of `arena`; tmo_session_arena_bytes() of a session with plan_only tells how much it needs */
    const tmo_custom_operator *custom_operators; /**< copied; their names and users are borrowed */
    int32_t custom_operator_count;
    tmo_allocator allocator;
    tmo_log_function log;
    void *log_user;
    uint64_t
        max_loop_steps; /**< of all loops (WHILE) in one run, against loops without an end; default a million */
    tmo_thread_pool *thread_pool; /**< borrowed until the session is freed; NULL: `threads` of its own */
    tmo_parallel_for
        parallel_for; /**< does the work in place of threads of our own, in up to `threads` tasks; or NULL */
    void *parallel_for_user;
    /** A file in which the weights are kept in the form that the kernels want, or a folder with a file for each model, so that the
     * next process starts without packing them; NULL: none. It is made from the model's weights, for this processor and this version
     * of the library, checked before use, and written anew when it is missing, damaged or of other origin; whether that works does not
     * matter to the session. The first session of a model that names a file decides which. The file must not be changed in place while
     * the model lives. */
    const char *weights_cache;
    /** Each operator of the model runs on its own, in the model's order, not fused with others. Implied by keep_all_tensors. */
    bool as_written;
    /** Plans, but takes no memory for the activations, so that tmo_session_arena_bytes() tells beforehand how much they need. The
     * session runs after tmo_session_set_arena(). */
    bool plan_only;
    /** Products of floats may round their operands on processors that multiply shorter ones faster: to bfloat16, eight bits of
     * precision (Intel AMX), or to float16, eleven bits (Arm's FEAT_FP16, as TFLite's allow_fp16_precision_for_fp32). A sum then differs
     * by up to 2^-7 of the sum of its products' sizes, which networks bear well as a rule, though not all; float16 also overflows where
     * values or sums of 64 products exceed 65504. Without such a processor, and with the reference arithmetic, nothing changes. */
    bool reduced_float;
} tmo_session_options;

#define TMO_SESSION_OPTIONS_INIT                                                                           \
    {                                                                                                      \
        sizeof(tmo_session_options), 0, 0, 0, 0, false, false, 0, 0, 0, 0, {0, 0, 0}, 0, 0, 0, 0, 0, 0, 0, \
            false, false, false                                                                            \
    }

/** The fields that text can set, for the command line and bindings. Static storage. */
TMO_API const tmo_option *tmo_session_option_table(size_t *count);

/** `model` is borrowed until the session is freed. Fails with TMO_STATUS_UNSUPPORTED_OPERATOR and the operator's place,
 * INVALID_MODEL (shapes or quantization that an operator cannot work with), LIMIT or OUT_OF_MEMORY. */
TMO_API tmo_status tmo_session_create(tmo_session **out, const tmo_model *model,
                                      const tmo_session_options *options, tmo_error *error);
/** Accepts NULL. */
TMO_API void tmo_session_free(tmo_session *session);

/** Chooses the signature whose subgraph runs; without a call it is subgraph 0. */
TMO_API tmo_status tmo_session_select_signature(tmo_session *session, const char *key, tmo_error *error);

TMO_API int32_t tmo_session_input_count(const tmo_session *session);
TMO_API int32_t tmo_session_output_count(const tmo_session *session);
/** Fills `view` up to its struct_size. After a resize, asking for an input plans the session anew, and fails if the shapes do not
 * fit the model. An output has no data before the first run. */
TMO_API tmo_status tmo_session_input(tmo_session *session, int32_t k, tmo_tensor_view *view,
                                     tmo_error *error);
/** Gives an input of strings its texts, which are copied: int32 count, int32 offsets[count + 1] from the first byte, then the texts,
 * as in a .tflite file. The count is the number of elements of the input's shape. To be called again after any resize. */
TMO_API tmo_status tmo_session_set_texts(tmo_session *session, int32_t k, const void *data,
                                         uint64_t size_bytes, tmo_error *error);
TMO_API tmo_status tmo_session_output(const tmo_session *session, int32_t k, tmo_tensor_view *view,
                                      tmo_error *error);
/** Any tensor of the running subgraph; data only with keep_all_tensors or for constants. */
TMO_API tmo_status tmo_session_tensor(const tmo_session *session, int32_t tensor, tmo_tensor_view *view,
                                      tmo_error *error);

/** Gives input k another shape. All views become stale; ask for them again before writing inputs. Several inputs may be resized
 * before the session is planned anew, which the next tmo_session_input() or tmo_session_run() does and which may allocate. A
 * session of a model with unknown dimensions may need this before its first run. */
TMO_API tmo_status tmo_session_resize_input(tmo_session *session, int32_t k, const int32_t *shape,
                                            int32_t rank, tmo_error *error);

/** Gives the activations another block: `arena` of `arena_bytes`, aligned to 64 bytes, borrowed until the session is freed or this is
 * called again; NULL: memory of the session's own. Plans anew: views become stale and variables start over. Fails with
 * TMO_STATUS_OUT_OF_MEMORY when the block is too small. */
TMO_API tmo_status tmo_session_set_arena(tmo_session *session, void *arena, uint64_t arena_bytes,
                                         tmo_error *error);

/** Computes the outputs from the inputs. */
TMO_API tmo_status tmo_session_run(tmo_session *session, tmo_error *error);

/** Sets variable tensors, resource variables and hash tables back to their first state. */
TMO_API void tmo_session_reset(tmo_session *session);

/** Bytes of the arena of activations for the shapes that the session was last planned for. */
TMO_API uint64_t tmo_session_arena_bytes(const tmo_session *session);
/** Bytes of everything that the session allocated; packed weights, which belong to the model, are not among them. */
TMO_API uint64_t tmo_session_memory_bytes(const tmo_session *session);

/** One line of a profile. */
typedef struct tmo_profile_entry {
    uint32_t struct_size;
    int32_t subgraph;
    int32_t op;
    const char *name;   /**< of the operator */
    const char *kernel; /**< the kernel that ran, or ""; "gemm + PRELU" for operators that run as one */
    uint64_t calls;
    uint64_t time_ns; /**< in all calls; control flow includes what it calls */
    uint64_t macs;    /**< of a call, for the shapes that the file declares; 0 where none are counted */
} tmo_profile_entry;

/** With options.profile: the number of operators that ran, those that run as one counted once, and one of them. */
TMO_API int32_t tmo_session_profile_count(const tmo_session *session);
TMO_API tmo_status tmo_session_profile(const tmo_session *session, int32_t k, tmo_profile_entry *entry,
                                       tmo_error *error);
/** Sets all times back to zero. */
TMO_API void tmo_session_profile_reset(tmo_session *session);

/* ---- kernels ---- */

typedef struct tmo_kernel_info {
    uint32_t struct_size;
    const char *family; /**< such as "conv_f32" */
    const char *name;
    const char *isa; /**< what it needs, such as "avx2"; "c" for plain C */
    bool is_exact;   /**< the same bits as the plain C kernel */
    bool is_chosen;  /**< on this processor */
} tmo_kernel_info;

TMO_API int32_t tmo_kernel_count(void);
TMO_API tmo_status tmo_kernel(int32_t k, tmo_kernel_info *info, tmo_error *error);

#ifdef __cplusplus
}
#endif
#endif
