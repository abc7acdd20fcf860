/* Included once for each family, with CHOOSE, the name of the function to define, WANTED, the family's number, and PLAIN, whether only
 * its variant in plain C is built. */
#include "kernels/family_headers.h"
#include "kernels/isa.h"
#include "kernels/kernels.h"

const tmoi_kernel *CHOOSE(uint32_t cpu)
{
#define TMOI_KERNEL(family, features, function, is_exact)                                       \
    if (TMOI_FAMILY_##family == WANTED && !(PLAIN && (features)) && ((features) & ~cpu) == 0) { \
        static const tmoi_kernel chosen = {#function, #family,  TMOI_FAMILY_##family,           \
                                           features,  is_exact, (tmoi_any_function)function};   \
        return &chosen;                                                                         \
    }
#include "kernels/variants.def"
#undef TMOI_KERNEL
    return NULL;
}

#undef CHOOSE
#undef WANTED
#undef PLAIN
