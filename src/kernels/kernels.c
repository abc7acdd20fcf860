#include "kernels/kernels.h"

#include <stddef.h>

#include "kernels/family_headers.h"
#include "kernels/isa.h"

/* A typed pointer for each variant: the compiler checks the signature here, before the cast below hides it. */
#define TMOI_KERNEL(family, features, function, is_exact)        \
    extern const tmoi_##family##_function tmoi_check_##function; \
    const tmoi_##family##_function tmoi_check_##function = function;
#include "kernels/variants.def"
#undef TMOI_KERNEL

#ifndef TMO_SELECTED
static const tmoi_kernel variants[] = {
#define TMOI_KERNEL(family, features, function, is_exact) \
    {#function, #family, TMOI_FAMILY_##family, features, is_exact, (tmoi_any_function)function},
#include "kernels/variants.def"
#undef TMOI_KERNEL
};

const tmoi_kernel *tmoi_kernels_list(int32_t *count)
{
    *count = sizeof variants / sizeof variants[0];
    return variants;
}
#else
const tmoi_kernel *tmoi_kernels_list(int32_t *count)
{
    *count = 0;
    return NULL;
}
#endif
