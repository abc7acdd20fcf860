/* Non-maximum suppression: of boxes that overlap, those with the highest scores stay. A box is {y1, x1, y2, x2}, two opposite
 * corners. Sources: TFLite reference_ops::NonMaxSuppression, detection_postprocess.cc. */
#ifndef TMOI_KERNELS_NMS_NMS_H
#define TMOI_KERNELS_NMS_NMS_H

#include <stdint.h>

typedef struct tmoi_box {
    float y1, x1, y2, x2;
} tmoi_box;

/* Intersection over union; 0 for a box without area. */
float tmoi_box_iou(const tmoi_box *a, const tmoi_box *b);

typedef struct tmoi_nms_candidate {
    float score;
    int32_t index;
    int32_t compared; /* how many of the selected boxes it has been compared with */
} tmoi_nms_candidate;

typedef struct tmoi_nms_soft {
    int32_t count, max_selected;
    float iou_threshold, score_threshold;
    float sigma; /* of the Gaussian that lowers the scores of overlapping boxes; 0: none */
} tmoi_nms_soft;

/* Soft NMS (Bodla et al., "Soft-NMS: Improving Object Detection With One Line of Code", 2017): boxes [count], scores [count] →
 * selected [max_selected], selected_scores [max_selected] or NULL. Returns how many were selected. heap: [count]. */
int32_t tmoi_nms_select_soft(const tmoi_nms_soft *params, const tmoi_box *boxes, const float *scores,
                             tmoi_nms_candidate *heap, int32_t *selected, float *selected_scores);

typedef struct tmoi_nms_hard {
    int32_t count, max_selected;
    float iou_threshold, score_threshold;
} tmoi_nms_hard;

/* Greedy NMS in the order of falling scores, equal scores in the order of their index; keeps scores >= score_threshold and drops
 * overlaps > iou_threshold. order and spare: [count] each; selected: [max_selected]. Returns how many were selected. */
int32_t tmoi_nms_select_hard(const tmoi_nms_hard *params, const tmoi_box *boxes, const float *scores,
                             int32_t *order, int32_t *spare, int32_t *selected);

#endif
