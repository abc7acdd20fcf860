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

static int64_t out_size(const tmoi_pad *pad, int32_t dim)
{
    return pad->before[dim] + pad->size[dim] + pad->after[dim];
}

/* Appends dimension k of `old`, or makes the last one longer when neither has margins. */
static void take_dim(tmoi_pad *pad, const tmoi_pad *old, int32_t k)
{
    int32_t last = pad->rank - 1;
    if (last >= 0 && !has_margin(pad, last) && !has_margin(old, k)) {
        pad->size[last] *= old->size[k];
        return;
    }
    if (last >= 0 && !has_margin(pad, last) && pad->size[last] == 1) pad->rank--;
    tmoi_pad_add_dim(pad, old->size[k], old->before[k], old->after[k]);
}

void tmoi_pad_end(tmoi_pad *pad, size_t elem_bytes)
{
    tmoi_pad old = *pad;
    int32_t last = old.rank - 1;
    pad->elem_bytes = elem_bytes;
    for (; last > 0 && !has_margin(&old, last); last--) pad->elem_bytes *= (size_t)old.size[last];
    pad->rank = 0;
    for (int32_t k = 0; k <= last; k++) take_dim(pad, &old, k);
    size_t in_step = pad->elem_bytes, out_step = pad->elem_bytes;
    for (int32_t k = pad->rank - 1; k >= 0; k--) {
        pad->in_step[k] = in_step;
        pad->out_step[k] = out_step;
        in_step *= (size_t)pad->size[k];
        out_step *= (size_t)out_size(pad, k);
    }
}

void tmoi_pad_fill(tmoi_pad *pad, const void *elem, size_t elem_bytes)
{
    tmoi_move_fill(pad->margin, elem, elem_bytes, TMOI_PAD_MARGIN / (int64_t)elem_bytes);
}

int64_t tmoi_pad_slices(const tmoi_pad *pad)
{
    return out_size(pad, 0);
}

static inline uint8_t *fill_margin(const tmoi_pad *pad, uint8_t *out, size_t bytes)
{
    for (; bytes > TMOI_PAD_MARGIN; bytes -= TMOI_PAD_MARGIN, out += TMOI_PAD_MARGIN)
        memcpy(out, pad->margin, TMOI_PAD_MARGIN);
    tmoi_copy_run(out, pad->margin, bytes);
    return out + bytes;
}

/* All of the innermost dimension, for each of the `count` input indices of the one around it. */
static uint8_t *pad_rows(const tmoi_pad *pad, const uint8_t *in, uint8_t *out, int64_t count)
{
    const int32_t last = pad->rank - 1;
    const size_t before = (size_t)pad->before[last] * pad->elem_bytes;
    const size_t own = (size_t)pad->size[last] * pad->elem_bytes;
    const size_t after = (size_t)pad->after[last] * pad->elem_bytes;
    for (int64_t k = 0; k < count; k++, in += own) {
        out = fill_margin(pad, out, before);
        tmoi_copy_run(out, in, own);
        out = fill_margin(pad, out + own, after);
    }
    return out;
}

/* All of dimension `dim`, not the innermost one. Returns where what follows goes. */
static uint8_t *pad_dim(const tmoi_pad *pad, int32_t dim, const uint8_t *in, uint8_t *out)
{
    out = fill_margin(pad, out, (size_t)pad->before[dim] * pad->out_step[dim]);
    if (dim + 2 == pad->rank)
        out = pad_rows(pad, in, out, pad->size[dim]);
    else
        for (int64_t k = 0; k < pad->size[dim]; k++, in += pad->in_step[dim])
            out = pad_dim(pad, dim + 1, in, out);
    return fill_margin(pad, out, (size_t)pad->after[dim] * pad->out_step[dim]);
}

void tmoi_pad_run(const tmoi_pad *pad, const void *in, void *out, int64_t begin, int64_t end)
{
    for (int64_t k = begin; k < end; k++) {
        uint8_t *to = (uint8_t *)out + (size_t)k * pad->out_step[0];
        if (k < pad->before[0] || k >= pad->before[0] + pad->size[0]) {
            (void)fill_margin(pad, to, pad->out_step[0]);
            continue;
        }
        const uint8_t *from = (const uint8_t *)in + (size_t)(k - pad->before[0]) * pad->in_step[0];
        if (pad->rank == 1)
            tmoi_copy_run(to, from, pad->elem_bytes);
        else if (pad->rank == 2)
            (void)pad_rows(pad, from, to, 1);
        else
            (void)pad_dim(pad, 1, from, to);
    }
}
