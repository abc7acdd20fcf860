/* A page of HTML, written part by part into a file. */
#ifndef TMOI_REPORT_HTML_H
#define TMOI_REPORT_HTML_H

#include "base/os.h"

typedef struct tmoi_html {
    tmoi_file_writer writer;
    tmoi_ctx *ctx; /* holds the first failure; later calls do nothing */
} tmoi_html;

/* Opens the page with its title and style. */
tmo_status tmoi_html_open(tmoi_html *html, const char *path, const char *title, tmoi_ctx *ctx);
/* Ends the page and puts the file in place. */
tmo_status tmoi_html_commit(tmoi_html *html);
/* Drops the page, unless committed. */
void tmoi_html_close(tmoi_html *html);

/* Text as it is: tags, and texts known to need no escaping. */
void tmoi_html_raw(tmoi_html *html, const char *format, ...) TMOI_PRINTF(2, 3);
/* Text with <, >, & and quotes escaped. */
void tmoi_html_text(tmoi_html *html, const char *text);
/* Bytes of any length. */
void tmoi_html_write(tmoi_html *html, const char *text, size_t length);

typedef struct tmoi_html_point {
    double x, y;
    const char *label;
} tmoi_html_point;

/* A picture (SVG) of points with their labels. */
void tmoi_html_scatter(tmoi_html *html, const tmoi_html_point *points, int32_t count, const char *x_title,
                       const char *y_title);

#endif
