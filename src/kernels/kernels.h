/* The dispatch table of kernels.
 *
 * A family is one operation on fixed types, such as conv_f32: families.def lists them. Each has at least one variant, the
 * plain C one that defines the result; the folder's variants.def lists its variants, best first, and is the one place where
 * a kernel is registered: it drives declaration, dispatch, the differential test, the micro-benchmark and `tmo kernels`.
 *
 * A table is a set of CPU features, so a test can make one per set; sessions own theirs. */
#ifndef TMOI_KERNELS_KERNELS_H
#define TMOI_KERNELS_KERNELS_H

#include <stdbool.h>
#include <stdint.h>

#include "cpu/cpu.h"

typedef void (*tmoi_any_function)(void);

enum tmoi_kernel_family {
#define TMOI_FAMILY(name) TMOI_FAMILY_##name,
#include "kernels/families.def"
#undef TMOI_FAMILY
    TMOI_FAMILY_COUNT
};

typedef struct tmoi_kernel {
    const char *name;   /* the C function's name */
    const char *family; /* such as "conv_f32" */
    int32_t family_index;
    uint32_t cpu;               /* the features it needs, a sum of TMOI_CPU_* */
    bool exact;                 /* the same bits as the C variant; else within the family's tolerance */
    tmoi_any_function function; /* cast to the family's function type before the call */
} tmoi_kernel;

typedef struct tmoi_kernels {
    uint32_t cpu; /* features that may be used */
} tmoi_kernels;

/* The best variant of a family that needs no other features than those in `cpu`: one function a family, so that a build for some
 * operators (TMO_OPERATORS) holds the kernels that these name, and no others. Made by src/CMakeLists.txt from families.def. */
#define TMOI_FAMILY(name) const tmoi_kernel *tmoi_choose_##name(uint32_t cpu);
#include "kernels/families.def"
#undef TMOI_FAMILY

/* Every variant of every family, in the order of preference; none in a build for some operators. */
const tmoi_kernel *tmoi_kernels_list(int32_t *count);

/* The chosen function of a family, with its type: TMOI_KERNEL_OF(kernels, conv_f32)(params, …). */
#define TMOI_KERNEL_OF(kernels, family) \
    ((tmoi_##family##_function)tmoi_choose_##family((kernels)->cpu)->function)
#define TMOI_KERNEL_NAME(kernels, family) (tmoi_choose_##family((kernels)->cpu)->name)

#endif
