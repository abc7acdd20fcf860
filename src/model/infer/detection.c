/* Shapes of NON_MAX_SUPPRESSION_V4, NON_MAX_SUPPRESSION_V5 and TFLite_Detection_PostProcess. */
#include "model/infer/detection.h"

#include <math.h>

#include "base/flexmap.h"
#include "model/infer/elements.h"

/* Both versions: `scores` tells whether there is an output of scores. */
static tmo_status suppressed(tmoi_infer *infer, int32_t inputs, bool scores, tmoi_ctx *ctx)
{
    static const char *const names[] = {"", "", "", "IoU threshold", "score threshold", "sigma"};
    TMO_TRY(tmoi_infer_arity(infer, inputs, inputs, inputs, scores ? 3 : 2, ctx));
    TMO_TRY(tmoi_infer_type(infer->inputs[0].type, TMOI_T(FLOAT32), "boxes", ctx));
    TMO_TRY(tmoi_infer_type(infer->inputs[1].type, TMOI_T(FLOAT32), "scores", ctx));
    TMO_TRY(tmoi_infer_single(infer, 2, TMOI_T(INT32), "output size", ctx));
    for (int32_t k = 3; k < inputs; k++) TMO_TRY(tmoi_infer_single(infer, k, TMOI_T(FLOAT32), names[k], ctx));
    const tmoi_shape *boxes = &infer->inputs[0].shape, *box_scores = &infer->inputs[1].shape;
    TMO_FAIL_IF(boxes->rank != 2 || boxes->dims[1] != 4 || box_scores->rank != 1 ||
                    box_scores->dims[0] != boxes->dims[0],
                INVALID_MODEL, ctx, "boxes of shape %s with scores of shape %s",
                tmoi_shape_format(boxes).text, tmoi_shape_format(box_scores).text);
    int32_t last = scores ? 2 : 1;
    TMO_TRY(tmoi_infer_type(infer->outputs[0].type, TMOI_T(INT32), "output", ctx));
    TMO_TRY(tmoi_infer_type(infer->outputs[last].type, TMOI_T(INT32), "count", ctx));
    if (scores) TMO_TRY(tmoi_infer_type(infer->outputs[1].type, TMOI_T(FLOAT32), "output scores", ctx));
    if (!tmoi_infer_is_known(&infer->inputs[2])) {
        tmoi_infer_set_dynamic(infer);
        return TMO_STATUS_OK;
    }
    for (int32_t k = 0; k < last; k++) {
        infer->outputs[k].shape.rank = 1;
        TMO_TRY(tmoi_infer_set_dim(&infer->outputs[k].shape, 0, tmoi_infer_value(&infer->inputs[2], 0), ctx));
    }
    infer->outputs[last].shape = (tmoi_shape){0, {0}};
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_non_max_suppression_v4(tmoi_infer *infer, tmoi_ctx *ctx)
{
    return suppressed(infer, 5, false, ctx);
}

tmo_status tmoi_infer_non_max_suppression_v5(tmoi_infer *infer, tmoi_ctx *ctx)
{
    return suppressed(infer, 6, true, ctx);
}

/* ---- TFLite_Detection_PostProcess ---- */

static tmo_status read_int(const tmoi_flexmap *map, const char *key, int32_t low, int32_t fallback,
                           int32_t *out, tmoi_ctx *ctx)
{
    double value = fallback;
    (void)tmoi_flexmap_number(map, key, &value);
    TMO_FAIL_IF(!(value >= low && value <= 1 << 20), INVALID_MODEL, ctx,
                "option '%s' is %g, out of range [%d, %d]", key, value, (int)low, 1 << 20);
    *out = (int32_t)value;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status read_float(const tmoi_flexmap *map, const char *key, float *out, tmoi_ctx *ctx)
{
    double value;
    TMO_FAIL_IF(!tmoi_flexmap_number(map, key, &value) || !isfinite(value), INVALID_MODEL, ctx,
                "option '%s' is not a number", key);
    *out = (float)value;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_detection_options_read(const tmoi_op *op, tmoi_detection_options *out, tmoi_ctx *ctx)
{
    static const char *const scales[] = {"y_scale", "x_scale", "h_scale", "w_scale"};
    tmoi_flexmap map;
    int32_t regular;
    TMO_FAIL_IF(!op->custom_options.data ||
                    !tmoi_flexmap_open(&map, op->custom_options.data, op->custom_options.count),
                INVALID_MODEL, ctx, "the options are not a map");
    TMO_TRY(read_int(&map, "max_detections", 1, 0, &out->max_detections, ctx));
    TMO_TRY(read_int(&map, "max_classes_per_detection", 1, 0, &out->max_classes_per_detection, ctx));
    TMO_TRY(read_int(&map, "detections_per_class", 1, 100, &out->detections_per_class, ctx));
    TMO_TRY(read_int(&map, "num_classes", 1, 0, &out->class_count, ctx));
    TMO_TRY(read_int(&map, "use_regular_nms", 0, 0, &regular, ctx));
    out->regular_nms = regular != 0;
    TMO_TRY(read_float(&map, "nms_score_threshold", &out->score_threshold, ctx));
    TMO_TRY(read_float(&map, "nms_iou_threshold", &out->iou_threshold, ctx));
    TMO_FAIL_IF(!(out->iou_threshold > 0.0f && out->iou_threshold <= 1.0f), INVALID_MODEL, ctx,
                "option 'nms_iou_threshold' is %g, out of range (0, 1]", (double)out->iou_threshold);
    for (int32_t k = 0; k < 4; k++) {
        TMO_TRY(read_float(&map, scales[k], &out->scale[k], ctx));
        TMO_FAIL_IF(out->scale[k] == 0.0f, INVALID_MODEL, ctx, "option '%s' is 0", scales[k]);
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status detection_inputs(const tmoi_infer *infer, const tmoi_detection_options *options,
                                   tmoi_ctx *ctx)
{
    const tmoi_shape *boxes = &infer->inputs[0].shape, *scores = &infer->inputs[1].shape,
                     *anchors = &infer->inputs[2].shape;
    uint32_t types = TMOI_T(FLOAT32) | TMOI_T(UINT8);
    TMO_TRY(tmoi_infer_type(infer->inputs[0].type, types, "boxes", ctx));
    TMO_TRY(tmoi_infer_type(infer->inputs[1].type, types, "scores", ctx));
    TMO_TRY(tmoi_infer_type(infer->inputs[2].type, 1u << infer->inputs[0].type, "anchors", ctx));
    TMO_FAIL_IF(boxes->rank != 3 || boxes->dims[0] != 1 || boxes->dims[2] < 4, INVALID_MODEL, ctx,
                "boxes of shape %s, expected 1xNx4", tmoi_shape_format(boxes).text);
    TMO_FAIL_IF(scores->rank != 3 || scores->dims[0] != 1 || scores->dims[1] != boxes->dims[1] ||
                    (scores->dims[2] != options->class_count && scores->dims[2] != options->class_count + 1),
                INVALID_MODEL, ctx, "scores of shape %s for %d boxes and %d classes",
                tmoi_shape_format(scores).text, (int)boxes->dims[1], (int)options->class_count);
    TMO_FAIL_IF(anchors->rank != 2 || anchors->dims[0] < boxes->dims[1] || anchors->dims[1] != 4,
                INVALID_MODEL, ctx, "anchors of shape %s, expected %dx4", tmoi_shape_format(anchors).text,
                (int)boxes->dims[1]);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_detection_postprocess(tmoi_infer *infer, tmoi_ctx *ctx)
{
    tmoi_detection_options options;
    TMO_TRY(tmoi_infer_arity(infer, 3, 3, 3, 4, ctx));
    TMO_TRY(tmoi_detection_options_read(infer->op, &options, ctx));
    TMO_TRY(detection_inputs(infer, &options, ctx));
    int64_t rows = (int64_t)options.max_detections * options.max_classes_per_detection;
    TMO_FAIL_IF(rows > 1 << 24, LIMIT, ctx, "%lld detections are too many", (long long)rows);
    for (int32_t k = 0; k < 4; k++) infer->outputs[k].type = TMO_TYPE_FLOAT32;
    infer->outputs[0].shape = (tmoi_shape){3, {1, (int32_t)rows, 4}};
    infer->outputs[1].shape = infer->outputs[2].shape = (tmoi_shape){2, {1, (int32_t)rows}};
    infer->outputs[3].shape = (tmoi_shape){1, {1}};
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
