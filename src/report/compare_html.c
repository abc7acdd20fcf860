/* A comparison as a page of HTML. */
#include <math.h>

#include "report/compare.h"
#include "report/html.h"

static bool is_percentage(tmo_metric metric)
{
    return metric == TMO_METRIC_ACCURACY || metric == TMO_METRIC_TOP5 || metric == TMO_METRIC_AGREEMENT;
}

static void write_value(tmoi_html *html, tmo_metric metric, double value)
{
    if (is_percentage(metric))
        tmoi_html_raw(html, "%.2f %%", 100 * value);
    else
        tmoi_html_raw(html, "%.5g", value);
}

static void write_row(tmoi_html *html, const tmo_comparison *c, int32_t k)
{
    const tmo_comparison_result *r = &c->results[k], *first = &c->results[0];
    tmoi_html_raw(html, "<tr><td>");
    tmoi_html_text(html, r->name);
    tmoi_html_raw(html, "</td><td>%llu</td><td>%.3f</td><td>%llu</td><td>", (unsigned long long)r->file_bytes,
                  first->file_bytes ? (double)r->file_bytes / (double)first->file_bytes : 0,
                  (unsigned long long)r->gzip_bytes);
    write_value(html, c->metric, r->value);
    tmoi_html_raw(html, "</td><td>");
    if (k > 0) write_value(html, c->metric, r->difference);
    tmoi_html_raw(html, "</td><td>");
    if (k > 0) {
        write_value(html, c->metric, r->difference_low);
        tmoi_html_raw(html, " … ");
        write_value(html, c->metric, r->difference_high);
    }
    tmoi_html_raw(html, "</td><td>");
    if (isfinite(r->mcnemar_p)) tmoi_html_raw(html, "%.3g", r->mcnemar_p);
    tmoi_html_raw(html, "</td><td>%.1f</td><td>%llu</td><td>%s</td></tr>\n", r->median_us,
                  (unsigned long long)r->arena_bytes, tmo_verdict_name(r->verdict));
}

static void write_table(tmoi_html *html, const tmo_comparison *c)
{
    tmoi_html_raw(
        html,
        "<table><tr><th>model</th><th>bytes</th><th>ratio</th><th>gzip</th><th>%s</th><th>difference</"
        "th><th>95 %% "
        "interval</th><th>p (McNemar)</th><th>latency, µs</th><th>arena, bytes</th><th>verdict</th></tr>\n",
        tmo_metric_name(c->metric));
    for (int32_t k = 0; k < c->contender_count; k++) write_row(html, c, k);
    tmoi_html_raw(
        html,
        "</table>\n<p class=\"note\">%llu samples; latency: median of one thread on this machine.</p>\n",
        (unsigned long long)c->samples);
}

static tmo_status write_chart(tmoi_html *html, const tmo_comparison *c, tmoi_ctx *ctx)
{
    tmoi_html_point *points = NULL;
    bool is_percent = is_percentage(c->metric);
    TMO_TRY(tmoi_new(ctx, &points, (size_t)c->contender_count));
    for (int32_t k = 0; k < c->contender_count; k++) {
        const tmo_comparison_result *r = &c->results[k];
        points[k] = (tmoi_html_point){(double)r->file_bytes / 1024, is_percent ? 100 * r->value : r->value,
                                      r->name};
    }
    tmoi_html_raw(html, "<h2>Size and quality</h2>\n");
    tmoi_html_scatter(html, points, c->contender_count, "file size, KiB",
                      is_percent ? "right, %" : tmo_metric_name(c->metric));
fail:
    tmoi_release(&ctx->allocator, points);
    return ctx->error.status;
}

static void write_picture(tmoi_html *html, const tmo_comparison *c, const tmoi_shown_picture *picture)
{
    int32_t zoom = picture->width < 96 ? 96 / picture->width : 1;
    tmoi_html_raw(html, "<figure><img alt=\"sample\" width=\"%d\" height=\"%d\" src=\"data:image/png;base64,",
                  (int)(picture->width * zoom), (int)(picture->height * zoom));
    for (const char *at = picture->png; *at; at++) tmoi_html_write(html, at, 1);
    tmoi_html_raw(html, "\"><figcaption>");
    if (picture->label >= 0) tmoi_html_raw(html, "label %d<br>", (int)picture->label);
    for (int32_t m = 0; m < c->contender_count; m++) {
        int32_t wanted = picture->label >= 0 ? picture->label : picture->predicted[0];
        tmoi_html_raw(html, "<span%s>", picture->predicted[m] == wanted ? "" : " class=\"wrong\"");
        tmoi_html_text(html, c->results[m].name);
        tmoi_html_raw(html, ": %d</span><br>", (int)picture->predicted[m]);
    }
    tmoi_html_raw(html, "</figcaption></figure>\n");
}

static void write_pictures(tmoi_html *html, const tmo_comparison *c)
{
    if (c->picture_count == 0) return;
    tmoi_html_raw(
        html,
        "<h2>Samples</h2>\n<p class=\"note\">First those that a model gets wrong, in red, or where models "
        "disagree; then clear ones.</p>\n<div class=\"samples\">\n");
    for (int32_t k = 0; k < c->picture_count; k++) write_picture(html, c, &c->pictures[k]);
    tmoi_html_raw(html, "</div>\n");
}

static void write_layers(tmoi_html *html, const tmo_comparison *c)
{
    if (c->layer_count == 0) return;
    tmoi_html_raw(html,
                  "<h2>Error of each "
                  "layer</h2>\n<table><tr><th>tensor</th><th>model</th><th>type</th><th>signal to noise, "
                  "dB</th><th>mean error</th><th>largest</th></tr>\n");
    for (int32_t k = 0; k < c->layer_count; k++) {
        const tmo_layer_error *layer = &c->layers[k];
        tmoi_html_raw(html, "<tr><td>");
        tmoi_html_text(html, layer->name);
        tmoi_html_raw(html, "</td><td>");
        tmoi_html_text(html, c->results[layer->contender].name);
        tmoi_html_raw(html, "</td><td>%s</td><td>", layer->type);
        if (isfinite(layer->snr_db))
            tmoi_html_raw(html, "%.1f", layer->snr_db);
        else
            tmoi_html_raw(html, "equal");
        tmoi_html_raw(html, "</td><td>%.3g</td><td>%.3g</td></tr>\n", layer->mean_abs, layer->max_abs);
    }
    tmoi_html_raw(html, "</table>\n");
}

tmo_status tmoi_comparison_write_html(const tmo_comparison *comparison, const char *path, const char *title,
                                      tmoi_ctx *ctx)
{
    tmoi_html html;
    TMO_TRY(tmoi_html_open(&html, path, title, ctx));
    write_table(&html, comparison);
    TMO_TRY(write_chart(&html, comparison, ctx));
    write_pictures(&html, comparison);
    write_layers(&html, comparison);
    TMO_TRY(tmoi_html_commit(&html));
fail:
    tmoi_html_close(&html);
    return ctx->error.status;
}
