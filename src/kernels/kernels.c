#include "kernels/kernels.h"

#include <assert.h>
#include <stddef.h>

#include "kernels/family_headers.h"
#include "kernels/isa.h"

/* A typed pointer for each variant: the compiler checks the signature here, before the cast below hides it. */
#define TMOI_KERNEL(family, features, function, is_exact)        \
    extern const tmoi_##family##_function tmoi_check_##function; \
    const tmoi_##family##_function tmoi_check_##function = function;
#include "kernels/variants.def"
#undef TMOI_KERNEL

static const tmoi_kernel variants[] = {
#define TMOI_KERNEL(family, features, function, is_exact) \
    {#function, #family, TMOI_FAMILY_##family, features, is_exact, (tmoi_any_function)function},
#include "kernels/variants.def"
#undef TMOI_KERNEL
};
enum { VARIANT_COUNT = sizeof variants / sizeof variants[0] };

void tmoi_kernels_init(tmoi_kernels *kernels, uint32_t cpu)
{
    *kernels = (tmoi_kernels){.cpu = cpu};
    for (size_t k = 0; k < VARIANT_COUNT; k++) {
        const tmoi_kernel **choice = &kernels->choice[variants[k].family_index];
        if (!*choice && (variants[k].cpu & ~cpu) == 0) *choice = &variants[k];
    }
    for (size_t k = 0; k < TMOI_FAMILY_COUNT; k++) assert(kernels->choice[k]);
}

const tmoi_kernel *tmoi_kernels_list(int32_t *count)
{
    *count = VARIANT_COUNT;
    return variants;
}
