#include "kernels/move/pad.h"

#include <stdbool.h>

#include "kernels/move/copy_run.h"
#include "kernels/move/move.h"

void tmoi_pad_add_dim(tmoi_pad *pad, int64_t size, int64_t before, int64_t after)
{
    pad->size[pad->rank] = size;
    pad->before[pad->rank] = before;
    pad->after[pad->rank] = after;
    pad->rank++;
}

static bool has_margin(const tmoi_pad *pad, int32_t dim)
{
    return pad->before[dim] || pad->after[dim];
}

void tmoi_pad_simplify(tmoi_pad *pad)
{
    tmoi_pad old = *pad;
    int32_t last = old.rank - 1;
    for (; last > 0 && !has_margin(&old, last); last--) pad->elem_bytes *= (size_t)old.size[last];
    pad->rank = 0;
    for (int32_t k = 0; k <= last; k++) {
        int32_t outer = pad->rank - 1;
        if (outer >= 0 && !has_margin(pad, outer) && !has_margin(&old, k))
            pad->size[outer] *= old.size[k];
        else if (outer >= 0 && !has_margin(pad, outer) && pad->size[outer] == 1) {
            pad->rank--;
            tmoi_pad_add_dim(pad, old.size[k], old.before[k], old.after[k]);
        } else
            tmoi_pad_add_dim(pad, old.size[k], old.before[k], old.after[k]);
    }
}

static size_t in_bytes(const tmoi_pad *pad, int32_t dim)
{
    size_t bytes = pad->elem_bytes;
    for (int32_t k = pad->rank - 1; k > dim; k--) bytes *= (size_t)pad->size[k];
    return bytes;
}

static size_t out_bytes(const tmoi_pad *pad, int32_t dim)
{
    size_t bytes = pad->elem_bytes;
    for (int32_t k = pad->rank - 1; k > dim; k--)
        bytes *= (size_t)(pad->before[k] + pad->size[k] + pad->after[k]);
    return bytes;
}

size_t tmoi_pad_slice_bytes(const tmoi_pad *pad)
{
    return out_bytes(pad, 0);
}

int64_t tmoi_pad_slices(const tmoi_pad *pad)
{
    return pad->before[0] + pad->size[0] + pad->after[0];
}

static uint8_t *fill_margin(const tmoi_pad *pad, uint8_t *out, size_t bytes)
{
    tmoi_move_fill(out, pad->fill, pad->fill_bytes, (int64_t)(bytes / pad->fill_bytes));
    return out + bytes;
}

/* One index of dimension `dim` − 1. Returns where the next one goes. */
static uint8_t *pad_dim(const tmoi_pad *pad, int32_t dim, const uint8_t *in, uint8_t *out)
{
    size_t in_step = in_bytes(pad, dim), out_step = out_bytes(pad, dim);
    out = fill_margin(pad, out, (size_t)pad->before[dim] * out_step);
    if (dim == pad->rank - 1) {
        tmoi_copy_run(out, in, (size_t)pad->size[dim] * in_step);
        out += (size_t)pad->size[dim] * in_step;
    } else {
        for (int64_t k = 0; k < pad->size[dim]; k++, in += in_step) out = pad_dim(pad, dim + 1, in, out);
    }
    return fill_margin(pad, out, (size_t)pad->after[dim] * out_step);
}

void tmoi_pad_run(const tmoi_pad *pad, const void *in, void *out, int64_t begin, int64_t end)
{
    size_t in_step = in_bytes(pad, 0), out_step = out_bytes(pad, 0);
    for (int64_t k = begin; k < end; k++) {
        uint8_t *to = (uint8_t *)out + (size_t)k * out_step;
        int64_t at = k - pad->before[0];
        if (at < 0 || at >= pad->size[0])
            (void)fill_margin(pad, to, out_step);
        else if (pad->rank > 1)
            (void)pad_dim(pad, 1, (const uint8_t *)in + (size_t)at * in_step, to);
        else
            tmoi_copy_run(to, (const uint8_t *)in + (size_t)at * in_step, in_step);
    }
}
