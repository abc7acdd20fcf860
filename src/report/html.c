#include "report/html.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char style[] =
    "body{font:15px/1.5 system-ui,sans-serif;margin:2em auto;max-width:70em;padding:0 1em;color:#222}"
    "table{border-collapse:collapse;margin:1em 0}th,td{padding:.3em .8em;border-bottom:1px solid "
    "#ddd;text-align:right}"
    "th:first-child,td:first-child{text-align:left}.samples{display:flex;flex-wrap:wrap;gap:1em}"
    ".samples figure{margin:0;font-size:13px}.samples img{image-rendering:pixelated;display:block}"
    ".wrong{color:#b00020;font-weight:bold}svg text{font:12px system-ui,sans-serif}.note{color:#666}";

void tmoi_html_write(tmoi_html *html, const char *text, size_t length)
{
    if (html->ctx->error.status == TMO_STATUS_OK)
        (void)tmoi_file_writer_write(&html->writer, text, length, html->ctx);
}

void tmoi_html_raw(tmoi_html *html, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (length > 0)
        tmoi_html_write(html, text, (size_t)length < sizeof text ? (size_t)length : sizeof text - 1);
}

static const char *escape_of(char letter)
{
    switch (letter) {
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '&': return "&amp;";
    case '"': return "&quot;";
    default: return NULL;
    }
}

void tmoi_html_text(tmoi_html *html, const char *text)
{
    for (; *text; text++) {
        const char *escape = escape_of(*text);
        tmoi_html_write(html, escape ? escape : text, escape ? strlen(escape) : 1);
    }
}

tmo_status tmoi_html_open(tmoi_html *html, const char *path, const char *title, tmoi_ctx *ctx)
{
    *html = (tmoi_html){.ctx = ctx};
    TMO_TRY(tmoi_file_writer_open(&html->writer, path, ctx));
    tmoi_html_raw(html, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>");
    tmoi_html_text(html, title);
    tmoi_html_raw(html, "</title><style>");
    tmoi_html_write(html, style, sizeof style - 1);
    tmoi_html_raw(html, "</style></head><body>\n<h1>");
    tmoi_html_text(html, title);
    tmoi_html_raw(html, "</h1>\n");
fail:
    return ctx->error.status;
}

tmo_status tmoi_html_commit(tmoi_html *html)
{
    tmoi_html_raw(html, "</body></html>\n");
    if (html->ctx->error.status == TMO_STATUS_OK) (void)tmoi_file_writer_commit(&html->writer, html->ctx);
    return html->ctx->error.status;
}

void tmoi_html_close(tmoi_html *html)
{
    tmoi_file_writer_close(&html->writer);
}

/* ---- scatter ---- */

enum { WIDTH = 640, HEIGHT = 360, LEFT = 90, RIGHT = 120, TOP = 20, BOTTOM = 50 };

typedef struct axis {
    double low, high;
} axis;

/* From the points, a tenth wider on both sides. */
static axis axis_of(const tmoi_html_point *points, int32_t count, bool is_x)
{
    axis out = {INFINITY, -INFINITY};
    for (int32_t k = 0; k < count; k++) {
        double value = is_x ? points[k].x : points[k].y;
        if (!isfinite(value)) continue;
        out.low = fmin(out.low, value);
        out.high = fmax(out.high, value);
    }
    if (!(out.low <= out.high)) return (axis){0, 1};
    double room = out.high > out.low ? 0.1 * (out.high - out.low) : fmax(1e-6, 0.01 * fabs(out.high));
    return (axis){out.low - room, out.high + room};
}

static double place_x(const axis *x, double value)
{
    return LEFT + (value - x->low) / (x->high - x->low) * (WIDTH - LEFT - RIGHT);
}

static double place_y(const axis *y, double value)
{
    return HEIGHT - BOTTOM - (value - y->low) / (y->high - y->low) * (HEIGHT - TOP - BOTTOM);
}

static void draw_axes(tmoi_html *html, const axis *x, const axis *y, const char *x_title, const char *y_title)
{
    enum { TICKS = 4 };
    tmoi_html_raw(html, "<path d=\"M%d %dV%dH%d\" fill=\"none\" stroke=\"#888\"/>\n", LEFT, TOP,
                  HEIGHT - BOTTOM, WIDTH - RIGHT);
    for (int k = 0; k <= TICKS; k++) {
        double at_x = x->low + (x->high - x->low) * k / TICKS, at_y = y->low + (y->high - y->low) * k / TICKS;
        tmoi_html_raw(html, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.4g</text>\n",
                      place_x(x, at_x), HEIGHT - BOTTOM + 16, at_x);
        tmoi_html_raw(html, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.5g</text>\n", LEFT - 6,
                      place_y(y, at_y) + 4, at_y);
    }
    tmoi_html_raw(html, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>\n",
                  (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, x_title);
    tmoi_html_raw(html, "<text transform=\"translate(14 %d) rotate(-90)\" text-anchor=\"middle\">%s</text>\n",
                  (TOP + HEIGHT - BOTTOM) / 2, y_title);
}

void tmoi_html_scatter(tmoi_html *html, const tmoi_html_point *points, int32_t count, const char *x_title,
                       const char *y_title)
{
    axis x = axis_of(points, count, true), y = axis_of(points, count, false);
    tmoi_html_raw(html, "<svg width=\"%d\" height=\"%d\" role=\"img\">\n", WIDTH, HEIGHT);
    draw_axes(html, &x, &y, x_title, y_title);
    for (int32_t k = 0; k < count; k++) {
        if (!isfinite(points[k].x) || !isfinite(points[k].y)) continue;
        double px = place_x(&x, points[k].x), py = place_y(&y, points[k].y);
        tmoi_html_raw(html,
                      "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"5\" fill=\"hsl(%d 65%% 45%%)\"/><text x=\"%.1f\" "
                      "y=\"%.1f\">",
                      px, py, (int)(k * 67 % 360), px + 9, py + 4);
        tmoi_html_text(html, points[k].label);
        tmoi_html_raw(html, "</text>\n");
    }
    tmoi_html_raw(html, "</svg>\n");
}
