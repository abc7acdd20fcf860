#include "kernels/nms/nms.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

static float smaller(float a, float b)
{
    return b < a ? b : a;
}

static float larger(float a, float b)
{
    return a < b ? b : a;
}

/* With y1 <= y2 and x1 <= x2. */
static tmoi_box upright(const tmoi_box *box)
{
    return (tmoi_box){smaller(box->y1, box->y2), smaller(box->x1, box->x2), larger(box->y1, box->y2),
                      larger(box->x1, box->x2)};
}

float tmoi_box_iou(const tmoi_box *first, const tmoi_box *second)
{
    tmoi_box a = upright(first), b = upright(second);
    float area_a = (a.y2 - a.y1) * (a.x2 - a.x1), area_b = (b.y2 - b.y1) * (b.x2 - b.x1);
    if (area_a <= 0.0f || area_b <= 0.0f) return 0.0f;
    float height = larger(smaller(a.y2, b.y2) - larger(a.y1, b.y1), 0.0f);
    float width = larger(smaller(a.x2, b.x2) - larger(a.x1, b.x1), 0.0f);
    float both = height * width, either = area_a + area_b - both;
    return either == 0.0f ? 0.0f : both / either;
}

/* ---- soft: a heap with the highest score at the root ---- */

static bool ranks_before(const tmoi_nms_candidate *a, const tmoi_nms_candidate *b)
{
    return a->score > b->score || (a->score == b->score && a->index < b->index);
}

static void swap(tmoi_nms_candidate *a, tmoi_nms_candidate *b)
{
    tmoi_nms_candidate kept = *a;
    *a = *b;
    *b = kept;
}

static void push(tmoi_nms_candidate *heap, int32_t *size, tmoi_nms_candidate candidate)
{
    int32_t k = (*size)++;
    heap[k] = candidate;
    for (; k > 0 && ranks_before(&heap[k], &heap[(k - 1) / 2]); k = (k - 1) / 2)
        swap(&heap[k], &heap[(k - 1) / 2]);
}

static tmoi_nms_candidate pop(tmoi_nms_candidate *heap, int32_t *size)
{
    tmoi_nms_candidate top = heap[0];
    heap[0] = heap[--*size];
    for (int32_t k = 0;;) {
        int32_t best = k;
        for (int32_t child = 2 * k + 1; child <= 2 * k + 2 && child < *size; child++)
            if (ranks_before(&heap[child], &heap[best])) best = child;
        if (best == k) return top;
        swap(&heap[k], &heap[best]);
        k = best;
    }
}

/* Compares a candidate with the boxes selected since it was last looked at, the newest first; true when one suppresses it. */
static bool decay(const tmoi_nms_soft *params, const tmoi_box *boxes, const int32_t *selected, int32_t count,
                  tmoi_nms_candidate *candidate)
{
    float scale = params->sigma > 0.0f ? -0.5f / params->sigma : 0.0f;
    for (int32_t k = count - 1; k >= candidate->compared; k--) {
        float iou = tmoi_box_iou(&boxes[candidate->index], &boxes[selected[k]]);
        if (iou >= params->iou_threshold) return true;
        if (params->sigma > 0.0f) candidate->score *= expf(scale * iou * iou);
        if (candidate->score <= params->score_threshold) break;
    }
    candidate->compared = count;
    return false;
}

int32_t tmoi_nms_select_soft(const tmoi_nms_soft *params, const tmoi_box *boxes, const float *scores,
                             tmoi_nms_candidate *heap, int32_t *selected, float *selected_scores)
{
    int32_t size = 0, found = 0;
    for (int32_t k = 0; k < params->count; k++)
        if (scores[k] > params->score_threshold) push(heap, &size, (tmoi_nms_candidate){scores[k], k, 0});
    int32_t wanted = size < params->max_selected ? size : params->max_selected;
    while (found < wanted && size > 0) {
        tmoi_nms_candidate candidate = pop(heap, &size);
        float score = candidate.score;
        if (decay(params, boxes, selected, found, &candidate)) continue;
        if (candidate.score == score) {
            selected[found] = candidate.index;
            if (selected_scores) selected_scores[found] = score;
            found++;
        }
        /* A selected box goes back too: it then meets itself. That is what TFLite does, and it shows for boxes without area. */
        if (candidate.score > params->score_threshold) push(heap, &size, candidate);
    }
    return found;
}

/* ---- hard ---- */

/* Merges two runs of falling scores; equal scores keep their order. */
static void merge(const float *scores, const int32_t *in, int32_t begin, int32_t middle, int32_t end,
                  int32_t *out)
{
    int32_t left = begin, right = middle;
    for (int32_t k = begin; k < end; k++) {
        bool from_right = left == middle || (right < end && scores[in[right]] > scores[in[left]]);
        out[k] = in[from_right ? right++ : left++];
    }
}

/* Merge sort by falling scores, stable. */
static void sort(const float *scores, int32_t *order, int32_t *spare, int32_t count)
{
    for (int64_t run = 1; run < count; run *= 2) {
        for (int64_t begin = 0; begin < count; begin += 2 * run) {
            int64_t middle = begin + run < count ? begin + run : count,
                    end = middle + run < count ? middle + run : count;
            merge(scores, order, (int32_t)begin, (int32_t)middle, (int32_t)end, spare);
        }
        memcpy(order, spare, (size_t)count * sizeof *order);
    }
}

static bool overlaps(const tmoi_nms_hard *params, const tmoi_box *boxes, int32_t box, const int32_t *selected,
                     int32_t found)
{
    for (int32_t k = 0; k < found; k++)
        if (tmoi_box_iou(&boxes[selected[k]], &boxes[box]) > params->iou_threshold) return true;
    return false;
}

int32_t tmoi_nms_select_hard(const tmoi_nms_hard *params, const tmoi_box *boxes, const float *scores,
                             int32_t *order, int32_t *spare, int32_t *selected)
{
    int32_t kept = 0, found = 0;
    for (int32_t k = 0; k < params->count; k++)
        if (scores[k] >= params->score_threshold) order[kept++] = k;
    sort(scores, order, spare, kept);
    for (int32_t k = 0; k < kept && found < params->max_selected; k++)
        if (!overlaps(params, boxes, order[k], selected, found)) selected[found++] = order[k];
    return found;
}
