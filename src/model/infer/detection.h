/* The options of the custom operator TFLite_Detection_PostProcess. */
#ifndef TMOI_MODEL_INFER_DETECTION_H
#define TMOI_MODEL_INFER_DETECTION_H

#include "model/infer.h"

typedef struct tmoi_detection_options {
    int32_t max_detections, max_classes_per_detection, detections_per_class, class_count;
    bool regular_nms; /* suppress within each class; else on each box's best class only */
    float score_threshold, iou_threshold;
    float scale[4]; /* of y, x, height, width */
} tmoi_detection_options;

/* Fails with INVALID_MODEL when a value is missing or makes no sense. */
tmo_status tmoi_detection_options_read(const tmoi_op *op, tmoi_detection_options *out, tmoi_ctx *ctx);

#endif
