#include "kernels/reduce/window.h"

/* Advances an index over the sizes that `dim` gives; false after the last. */
static bool next_output(const tmoi_window *window, int64_t *index)
{
    for (int32_t k = window->rank - 1; k >= 0; k--) {
        if (++index[k] < window->dims[k].out) return true;
        index[k] = 0;
    }
    return false;
}

static bool next_tap(const tmoi_window *window, int64_t *index)
{
    for (int32_t k = window->rank - 1; k >= 0; k--) {
        if (++index[k] < window->dims[k].size) return true;
        index[k] = 0;
    }
    return false;
}

/* The element of the input under a tap, or -1 for a hole or a place outside. */
static int64_t element_under(const tmoi_window *window, const int64_t *output, const int64_t *tap)
{
    int64_t element = 0;
    for (int32_t k = 0; k < window->rank; k++) {
        const tmoi_window_dim *dim = &window->dims[k];
        int64_t at = output[k] * dim->stride + tap[k] * dim->dilation - dim->low;
        if (at < 0 || at % dim->base != 0 || at / dim->base >= dim->in) return -1;
        element = element * dim->in + at / dim->base;
    }
    return element;
}

/* Windows of one type; `wide` is where its sums and products do not trap. */
#define WINDOWS(name, type, wide)                                                                            \
    static type name##_combine(tmoi_reduce_kind kind, type a, type b)                                        \
    {                                                                                                        \
        switch (kind) {                                                                                      \
        case TMOI_REDUCE_SUM: return (type)((wide)a + (wide)b);                                              \
        case TMOI_REDUCE_PROD: return (type)((wide)a * (wide)b);                                             \
        case TMOI_REDUCE_MAX: return a >= b ? a : b;                                                         \
        case TMOI_REDUCE_MIN: return a <= b ? a : b;                                                         \
        case TMOI_REDUCE_ANY: return (type)(a != 0 || b != 0);                                               \
        default: return (type)(a != 0 && b != 0);                                                            \
        }                                                                                                    \
    }                                                                                                        \
    static void name(const tmoi_window *window, tmoi_reduce_kind kind, const type *in, type init, type *out) \
    {                                                                                                        \
        int64_t output[TMO_MAX_RANK] = {0}, tap[TMO_MAX_RANK] = {0};                                         \
        do {                                                                                                 \
            type result = init;                                                                              \
            do {                                                                                             \
                int64_t element = element_under(window, output, tap);                                        \
                result = name##_combine(kind, result, element < 0 ? init : in[element]);                     \
            } while (next_tap(window, tap));                                                                 \
            *out++ = result;                                                                                 \
        } while (next_output(window, output));                                                               \
    }

WINDOWS(windows_f32, float, float)
WINDOWS(windows_f64, double, double)
WINDOWS(windows_s8, int8_t, uint32_t)
WINDOWS(windows_u8, uint8_t, uint32_t)
WINDOWS(windows_s16, int16_t, uint32_t)
WINDOWS(windows_u16, uint16_t, uint32_t)
WINDOWS(windows_s32, int32_t, uint32_t)
WINDOWS(windows_u32, uint32_t, uint32_t)
WINDOWS(windows_s64, int64_t, uint64_t)
WINDOWS(windows_u64, uint64_t, uint64_t)

static bool is_empty(const tmoi_window *window)
{
    for (int32_t k = 0; k < window->rank; k++)
        if (window->dims[k].out == 0) return true;
    return false;
}

bool tmoi_reduce_windows_has(tmoi_reduce_kind kind, tmo_type type)
{
    switch (type) {
    case TMO_TYPE_FLOAT32:
    case TMO_TYPE_FLOAT64:
    case TMO_TYPE_INT8:
    case TMO_TYPE_UINT8:
    case TMO_TYPE_INT16:
    case TMO_TYPE_UINT16:
    case TMO_TYPE_INT32:
    case TMO_TYPE_UINT32:
    case TMO_TYPE_INT64:
    case TMO_TYPE_UINT64: return true;
    case TMO_TYPE_BOOL: return kind == TMOI_REDUCE_ANY || kind == TMOI_REDUCE_ALL;
    default: return false;
    }
}

void tmoi_reduce_windows(const tmoi_window *window, tmoi_reduce_kind kind, tmo_type type, const void *in,
                         const void *init, void *out)
{
    if (is_empty(window)) return;
    switch (type) {
    case TMO_TYPE_FLOAT32: windows_f32(window, kind, in, *(const float *)init, out); break;
    case TMO_TYPE_FLOAT64: windows_f64(window, kind, in, *(const double *)init, out); break;
    case TMO_TYPE_INT8: windows_s8(window, kind, in, *(const int8_t *)init, out); break;
    case TMO_TYPE_INT16: windows_s16(window, kind, in, *(const int16_t *)init, out); break;
    case TMO_TYPE_UINT16: windows_u16(window, kind, in, *(const uint16_t *)init, out); break;
    case TMO_TYPE_INT32: windows_s32(window, kind, in, *(const int32_t *)init, out); break;
    case TMO_TYPE_UINT32: windows_u32(window, kind, in, *(const uint32_t *)init, out); break;
    case TMO_TYPE_INT64: windows_s64(window, kind, in, *(const int64_t *)init, out); break;
    case TMO_TYPE_UINT64: windows_u64(window, kind, in, *(const uint64_t *)init, out); break;
    default: windows_u8(window, kind, in, *(const uint8_t *)init, out);
    }
}
