#include "runtime/ops/hybrid.h"

#include "kernels/gemm_s8/gemm_s8.h"
#include "kernels/winograd/winograd.h"
#include "runtime/ops/conv_common.h"

enum {
    ELEMENT_COST = 20, /* in products of floats: to quantize an element of the input, or to scale a sum */
    MOST_WEIGHTS = 256 * 1024 /* that are kept as floats, which take four times the memory */
};

static bool can_be_float(const tmoi_exec *exec, const tmoi_node *node)
{
    const tmoi_value *weights = node->inputs[1];
    return !exec->reference && node->inputs[0]->type == TMO_TYPE_FLOAT32 && weights->type == TMO_TYPE_INT8 &&
           weights->is_constant && tmoi_shape_count(&weights->shape) <= MOST_WEIGHTS;
}

bool tmoi_hybrid_runs_in_float(const tmoi_exec *exec, const tmoi_node *node, const tmoi_conv_shape *shape)
{
    if (tmoi_weights_are_float(node)) return true;
    int64_t pixels = shape->batch * tmoi_conv_image_pixels(shape);
    if (!can_be_float(exec, node) || pixels == 1) return false;
    if (tmoi_winograd_pays(shape)) return true;
    /* A kernel multiplies kr terms in the place of one float. */
    double products = (double)pixels * (double)tmoi_conv_patch_size(shape) * shape->out_c;
    double inputs = (double)shape->stride_h * shape->stride_w * shape->in_c; /* of a pixel, padding or not */
    double elements = (double)pixels * (inputs + shape->out_c);
    return products <
           products / TMOI_KERNEL_OF(exec->kernels, gemm_s8)()->kr + (double)ELEMENT_COST * elements;
}
