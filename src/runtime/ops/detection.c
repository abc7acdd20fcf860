/* TFLite_Detection_PostProcess: boxes from offsets to anchors, then non-maximum suppression. Source: TFLite
 * detection_postprocess.cc. */
#include <math.h>
#include <string.h>

#include "kernels/nms/nms.h"
#include "model/infer/detection.h"
#include "runtime/value.h"

typedef struct detection {
    float score;
    int32_t box, class;
} detection;

typedef struct detection_state {
    tmoi_detection_options options;
    int32_t box_count, score_columns, first_class; /* the first column may be the background */
    /* scratch blocks */
    int32_t boxes, scores, class_scores, order, spare, selected, found, merged;
} detection_state;

static tmo_status ask_scratch(tmoi_node *node, detection_state *s, tmoi_ctx *ctx)
{
    size_t boxes = (size_t)s->box_count, rows = (size_t)s->options.max_detections;
    TMO_TRY(tmoi_node_scratch(node, boxes * sizeof(tmoi_box), &s->boxes, ctx));
    TMO_TRY(tmoi_node_scratch(node, boxes * (size_t)s->score_columns * sizeof(float), &s->scores, ctx));
    TMO_TRY(tmoi_node_scratch(node, boxes * sizeof(float), &s->class_scores, ctx));
    TMO_TRY(tmoi_node_scratch(node, boxes * sizeof(int32_t), &s->order, ctx));
    TMO_TRY(tmoi_node_scratch(node, boxes * sizeof(int32_t), &s->spare, ctx));
    TMO_TRY(tmoi_node_scratch(node, rows * sizeof(int32_t), &s->selected, ctx));
    TMO_TRY(tmoi_node_scratch(node, rows * sizeof(detection), &s->found, ctx));
    TMO_TRY(tmoi_node_scratch(node, rows * sizeof(detection), &s->merged, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    static const char *const names[] = {"boxes", "scores", "anchors"};
    TMO_TRY(tmoi_node_state(exec, node, sizeof(detection_state), ctx));
    detection_state *s = node->state;
    TMO_TRY(tmoi_detection_options_read(node->op, &s->options, ctx));
    for (int32_t k = 0; k < 3; k++)
        if (node->inputs[k]->type == TMO_TYPE_UINT8)
            TMO_TRY(tmoi_value_require_quant(node->inputs[k], names[k], ctx));
    s->box_count = node->inputs[0]->shape.dims[1];
    s->score_columns = node->inputs[1]->shape.dims[2];
    s->first_class = s->score_columns - s->options.class_count;
    TMO_TRY(ask_scratch(node, s, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static float real_at(const tmoi_value *value, int64_t k)
{
    if (value->type == TMO_TYPE_FLOAT32) return ((const float *)value->data)[k];
    return ((float)((const uint8_t *)value->data)[k] - (float)tmoi_value_zero_point(value)) *
           tmoi_value_scale(value);
}

static float centre(float offset, float scale, float anchor_size, float anchor_centre)
{
    return (float)((double)offset / (double)scale * (double)anchor_size + (double)anchor_centre);
}

static float half_size(float offset, float scale, float anchor_size)
{
    return (float)(0.5 * exp((double)offset / (double)scale) * (double)anchor_size);
}

static tmo_status decode_boxes(const tmoi_node *node, tmoi_ctx *ctx)
{
    const detection_state *s = node->state;
    const float *scale = s->options.scale;
    tmoi_box *boxes = node->scratch[s->boxes];
    for (int64_t k = 0; k < s->box_count; k++) {
        float offset[4], anchor[4];
        for (int32_t i = 0; i < 4; i++) {
            offset[i] = real_at(node->inputs[0], k * node->inputs[0]->shape.dims[2] + i);
            anchor[i] = real_at(node->inputs[2], k * 4 + i);
        }
        float y = centre(offset[0], scale[0], anchor[2], anchor[0]),
              x = centre(offset[1], scale[1], anchor[3], anchor[1]);
        float height = half_size(offset[2], scale[2], anchor[2]),
              width = half_size(offset[3], scale[3], anchor[3]);
        boxes[k] = (tmoi_box){y - height, x - width, y + height, x + width};
        TMO_FAIL_IF(boxes[k].y1 > boxes[k].y2 || boxes[k].x1 > boxes[k].x2, INVALID_INPUT, ctx,
                    "box %lld has a negative size", (long long)k);
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static const float *real_scores(const tmoi_node *node)
{
    const detection_state *s = node->state;
    const tmoi_value *in = node->inputs[1];
    if (in->type == TMO_TYPE_FLOAT32) return in->data;
    float *scores = node->scratch[s->scores];
    for (int64_t k = 0; k < (int64_t)s->box_count * s->score_columns; k++) scores[k] = real_at(in, k);
    return scores;
}

static int32_t suppress(const tmoi_node *node, const float *scores, int32_t max_selected)
{
    const detection_state *s = node->state;
    tmoi_nms_hard params = {s->box_count, max_selected, s->options.iou_threshold, s->options.score_threshold};
    return tmoi_nms_select_hard(&params, node->scratch[s->boxes], scores, node->scratch[s->order],
                                node->scratch[s->spare], node->scratch[s->selected]);
}

static void write_detection(const tmoi_node *node, int64_t row, const detection *found)
{
    const detection_state *s = node->state;
    ((tmoi_box *)node->outputs[0]->data)[row] = ((const tmoi_box *)node->scratch[s->boxes])[found->box];
    ((float *)node->outputs[1]->data)[row] = (float)found->class;
    ((float *)node->outputs[2]->data)[row] = found->score;
}

/* ---- fast: one suppression over the best score of each box ---- */

/* The class with the highest score below (limit, limit_class) in the order of falling scores and rising classes; pass
 * limit_class -1 for the first. */
static int32_t next_class(const float *scores, int32_t count, float limit, int32_t limit_class)
{
    int32_t best = -1;
    for (int32_t k = 0; k < count; k++) {
        bool after = limit_class < 0 || scores[k] < limit || (scores[k] == limit && k > limit_class);
        if (after && (best < 0 || scores[k] > scores[best])) best = k;
    }
    return best < 0 ? 0 : best;
}

static int32_t detect_fast(const tmoi_node *node, const float *scores)
{
    const detection_state *s = node->state;
    int32_t classes = s->options.class_count, per_box = s->options.max_classes_per_detection;
    float *best = node->scratch[s->class_scores];
    const int32_t *selected = node->scratch[s->selected];
    for (int64_t k = 0; k < s->box_count; k++) {
        const float *row = scores + k * s->score_columns + s->first_class;
        best[k] = row[next_class(row, classes, 0.0f, -1)];
    }
    int32_t count = suppress(node, best, s->options.max_detections);
    for (int32_t k = 0; k < count; k++) {
        const float *row = scores + (int64_t)selected[k] * s->score_columns + s->first_class;
        int32_t class = -1;
        for (int32_t i = 0; i < per_box && i < classes; i++) {
            class = next_class(row, classes, class < 0 ? 0.0f : row[class], class);
            write_detection(node, (int64_t)k * per_box + i, &(detection){row[class], selected[k], class});
        }
    }
    return count;
}

/* ---- regular: a suppression for each class, then the best of all ---- */

/* Merges `count` new detections, which are sorted, into the `held` ones; the best max_detections stay. */
static int32_t merge(const tmoi_node *node, int32_t held, const float *class_scores, int32_t count,
                     int32_t class)
{
    const detection_state *s = node->state;
    const int32_t *selected = node->scratch[s->selected];
    detection *found = node->scratch[s->found], *merged = node->scratch[s->merged];
    int32_t old = 0, new = 0, total = 0;
    while (total < s->options.max_detections && (old < held || new < count)) {
        bool take_new = old == held || (new < count &&class_scores[selected[new]] > found[old].score);
        merged[total++] = take_new ? (detection){class_scores[selected[new]], selected[new], class}
                                   : found[old];
        *(take_new ? &new : &old) += 1;
    }
    memcpy(found, merged, (size_t)total * sizeof *found);
    return total;
}

static int32_t detect_regular(const tmoi_node *node, const float *scores)
{
    const detection_state *s = node->state;
    const tmoi_detection_options *options = &s->options;
    int32_t held = 0;
    int32_t per_class = options->detections_per_class < options->max_detections
                            ? options->detections_per_class
                            : options->max_detections;
    float *class_scores = node->scratch[s->class_scores];
    const detection *found = node->scratch[s->found];
    for (int32_t class = 0; class < options->class_count; class ++) {
        for (int64_t k = 0; k < s->box_count; k++)
            class_scores[k] = scores[k * s->score_columns + s->first_class + class];
        held = merge(node, held, class_scores, suppress(node, class_scores, per_class), class);
    }
    for (int32_t k = 0; k < held; k++) write_detection(node, k, &found[k]);
    return held;
}

static tmo_status eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const detection_state *s = node->state;
    (void)exec;
    for (int32_t k = 0; k < 4; k++) memset(node->outputs[k]->data, 0, node->outputs[k]->bytes);
    TMO_TRY(decode_boxes(node, ctx));
    const float *scores = real_scores(node);
    *(float *)node->outputs[3]->data = (float)(s->options.regular_nms ? detect_regular(node, scores)
                                                                      : detect_fast(node, scores));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

const tmoi_op_def tmoi_op_detection_postprocess = {.prepare = prepare, .eval = eval};
