/* The one place for compiler extensions; everything else is standard C11. */
#ifndef TMOI_BASE_COMPILER_H
#define TMOI_BASE_COMPILER_H

#if defined(__GNUC__)
#define TMOI_PRINTF(format_index, first_index) __attribute__((format(printf, format_index, first_index)))
#define TMOI_UNUSED                            __attribute__((unused))
#define TMOI_COLD                              __attribute__((cold, noinline))
#define TMOI_LIKELY(x)                         __builtin_expect(!!(x), 1)
#define TMOI_ALWAYS_INLINE                     inline __attribute__((always_inline))
#define TMOI_NOINLINE                          __attribute__((noinline))
#else
#define TMOI_PRINTF(format_index, first_index)
#define TMOI_UNUSED
#define TMOI_COLD
#define TMOI_LIKELY(x)     (x)
#define TMOI_ALWAYS_INLINE inline
#define TMOI_NOINLINE
#endif

/* Before a loop whose iterations are independent although its pointers may be equal, as those of an operator that works
 * in place. */
#if defined(__clang__)
#define TMOI_INDEPENDENT_LOOP _Pragma("clang loop vectorize(assume_safety)")
#elif defined(__GNUC__)
#define TMOI_INDEPENDENT_LOOP _Pragma("GCC ivdep")
#else
#define TMOI_INDEPENDENT_LOOP
#endif

/* Before a loop over registers, with few iterations, their number known when compiling: written out in full. */
#if defined(__clang__)
#define TMOI_UNROLL _Pragma("clang loop unroll(full)")
#elif defined(__GNUC__)
#define TMOI_UNROLL _Pragma("GCC unroll 16")
#else
#define TMOI_UNROLL
#endif

/* Set where every block must come from malloc, which then watches its ends. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TMOI_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define TMOI_SANITIZED 1
#endif
#endif
#if !defined(TMOI_SANITIZED)
#define TMOI_SANITIZED 0
#endif

/* Memory behind the pointer is written here, whatever follows may read it: for intrinsics that do not say what they read. */
#if defined(__GNUC__)
#define TMOI_WRITTEN(pointer) __asm__ volatile("" : : "r"(pointer) : "memory")
#else
#define TMOI_WRITTEN(pointer) ((void)(pointer))
#endif

/* In a loop that waits for another thread: leaves the core to others for a moment. */
#if defined(__x86_64__) && defined(__GNUC__)
#define TMOI_PAUSE() __builtin_ia32_pause()
#elif defined(__aarch64__) && defined(__GNUC__)
#define TMOI_PAUSE() __asm__ volatile("isb")
#else
#define TMOI_PAUSE() ((void)0)
#endif

/* TMOI_CPUID: eax, ebx, ecx and edx of a leaf of an x86 processor; TMOI_XGETBV: which registers the system saves (XCR0). All are
 * unsigned ints. */
#if defined(__x86_64__) && defined(__GNUC__)
#define TMOI_CPUID(leaf, subleaf, a, b, c, d) \
    __asm__ volatile("cpuid" : "=a"(a), "=b"(b), "=c"(c), "=d"(d) : "0"(leaf), "2"(subleaf))
#define TMOI_XGETBV(low, high) __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0))
#endif

#endif
