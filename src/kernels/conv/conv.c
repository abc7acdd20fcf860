#include "kernels/conv/conv.h"

bool tmoi_conv_is_direct(const tmoi_conv_shape *s)
{
    return tmoi_conv_patch_size(s) == s->in_c && s->stride_d == 1 && s->stride_h == 1 && s->stride_w == 1 &&
           s->pad_front == 0 && s->pad_top == 0 && s->pad_left == 0 && s->out_d == s->in_d &&
           s->out_h == s->in_h && s->out_w == s->in_w;
}
