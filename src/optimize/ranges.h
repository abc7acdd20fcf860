/* From what was measured of an activation to the range that its quantization covers. */
#ifndef TMOI_OPTIMIZE_RANGES_H
#define TMOI_OPTIMIZE_RANGES_H

#include "optimize/histogram.h"
#include "tmo/quantize.h"

typedef struct tmoi_range {
    float min, max;
} tmoi_range;

typedef struct tmoi_range_rule {
    int32_t method; /* a tmo_quantize_range */
    float percentile;
    int32_t bits;   /* 8 or 16 */
    bool symmetric; /* the grid is symmetric around zero */
} tmoi_range_rule;

/* What was measured of one tensor. */
typedef struct tmoi_measured_range {
    tmoi_range seen;                 /* over all samples */
    tmoi_range average;              /* moving average of the samples' ranges */
    const tmoi_histogram *histogram; /* NULL unless the method needs one */
} tmoi_measured_range;

bool tmoi_range_needs_histogram(int32_t method);

/* The range to cover; it always holds zero, and lies within `seen`. */
tmoi_range tmoi_range_choose(const tmoi_measured_range *measured, const tmoi_range_rule *rule);

#endif
