/* The comparison of several models on one data set. */
#ifndef TMOI_REPORT_COMPARE_H
#define TMOI_REPORT_COMPARE_H

#include "report/score.h"
#include "tmo/compare.h"

/* A sample of the data set as a picture, and what the models made of it. */
typedef struct tmoi_shown_picture {
    const char *png; /* base64 */
    int32_t width, height;
    int32_t label;            /* -1 without */
    const int32_t *predicted; /* [contender_count] */
} tmoi_shown_picture;

struct tmo_comparison {
    tmoi_arena arena; /* of all below */
    tmo_metric metric;
    float margin;
    uint64_t samples;
    int32_t contender_count;
    tmo_comparison_result *results; /* [contender_count] */
    tmo_layer_error *layers;
    int32_t layer_count, layer_capacity;
    tmoi_shown_picture *pictures;
    int32_t picture_count;
};

typedef struct tmoi_compare_config {
    const tmo_compare_options *options; /* with their defaults filled in */
    tmoi_score_config score;
    const tmoi_scored_model *models; /* [contender_count] */
} tmoi_compare_config;

/* Fills metric, samples, quality, differences, verdicts and pictures. results[k].name is set already. */
tmo_status tmoi_compare_quality(tmo_comparison *comparison, const tmoi_compare_config *config, tmoi_ctx *ctx);
/* Fills latency and memory. */
tmo_status tmoi_compare_speed(tmo_comparison *comparison, const tmoi_compare_config *config, tmoi_ctx *ctx);
/* Appends the errors of the layers of every contender. */
tmo_status tmoi_compare_layers(tmo_comparison *comparison, const tmoi_compare_config *config, tmoi_ctx *ctx);
/* Makes the pictures of some samples, first of those where a model is wrong or disagrees; none when inputs are no pictures. */
tmo_status tmoi_compare_pictures(tmo_comparison *comparison, const tmoi_compare_config *config,
                                 const tmoi_score *scores, tmoi_ctx *ctx);

tmo_status tmoi_comparison_write_html(const tmo_comparison *comparison, const char *path, const char *title,
                                      tmoi_ctx *ctx);

#endif
