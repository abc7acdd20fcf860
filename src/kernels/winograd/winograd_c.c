#include "base/compiler.h"
#include "kernels/winograd/winograd.h"

typedef float vector;
enum { LANES = 1 };

static inline float load(const float *x)
{
    return *x;
}

static inline void store(float *out, float x)
{
    *out = x;
}

#define load_part(x, count)       load(x)
#define store_part(out, x, count) store(out, x)
#define broadcast(x)              (x)
#define add(x, y)                 ((x) + (y))
#define subtract(x, y)            ((x) - (y))
#define maximum(limit, x)         ((x) < (limit) ? (limit) : (x))
#define minimum(limit, x)         ((limit) < (x) ? (limit) : (x))
#define multiply_add(x, y, sum)   ((sum) + (x) * (y))

#include "kernels/winograd/winograd_body.h"

const tmoi_winograd_kernel *tmoi_winograd_f32_c(void)
{
    static const tmoi_winograd_kernel kernel = {forward, back};
    return &kernel;
}
