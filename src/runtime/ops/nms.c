/* NON_MAX_SUPPRESSION_V4 and NON_MAX_SUPPRESSION_V5. */
#include "kernels/nms/nms.h"

#include <string.h>

#include "runtime/value.h"

static tmo_status prepare(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    int32_t heap;
    (void)exec;
    return tmoi_node_scratch(node, (size_t)node->inputs[0]->shape.dims[0] * sizeof(tmoi_nms_candidate), &heap,
                             ctx);
}

static float float_at(const tmoi_value *value)
{
    return *(const float *)value->data;
}

static tmo_status eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    bool with_scores = node->output_count == 3;
    tmoi_value *selected = node->outputs[0], *scores = with_scores ? node->outputs[1] : NULL;
    tmoi_nms_soft params = {.count = node->inputs[0]->shape.dims[0],
                            .max_selected = selected->shape.dims[0],
                            .iou_threshold = float_at(node->inputs[3]),
                            .score_threshold = float_at(node->inputs[4]),
                            .sigma = with_scores ? float_at(node->inputs[5]) : 0.0f};
    (void)exec;
    TMO_FAIL_IF(!(params.iou_threshold >= 0.0f && params.iou_threshold <= 1.0f), INVALID_INPUT, ctx,
                "IoU threshold %g is out of range [0, 1]", (double)params.iou_threshold);
    TMO_FAIL_IF(!(params.sigma >= 0.0f), INVALID_INPUT, ctx, "sigma %g is negative", (double)params.sigma);
    if (selected->bytes) memset(selected->data, 0, selected->bytes);
    if (scores && scores->bytes) memset(scores->data, 0, scores->bytes);
    *(int32_t *)node->outputs[node->output_count - 1]->data = tmoi_nms_select_soft(
        &params, node->inputs[0]->data, node->inputs[1]->data, node->scratch[0], selected->data,
        scores ? scores->data : NULL);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

const tmoi_op_def tmoi_op_non_max_suppression = {.prepare = prepare, .eval = eval};
