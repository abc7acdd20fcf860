/* Progress: a bar on a terminal, a line every few seconds without one, nothing with --quiet. */
#include <string.h>

#include "cli.h"

static const double seconds_between_lines = 5.0;
static const double seconds_between_frames = 0.1;

void cli_progress_start(cli_progress *progress, const cli_context *cli)
{
    *progress = (cli_progress){.cli = cli};
}

static void print_left(const tmo_progress *step, double elapsed)
{
    double rate = elapsed > 0 ? (double)step->done / elapsed : 0;
    if (rate <= 0) return;
    fprintf(stderr, "  %.1f/s", rate);
    if (step->total > step->done) fprintf(stderr, "  %.0f s left", (double)(step->total - step->done) / rate);
}

static void draw_bar(const tmo_progress *step, double elapsed)
{
    enum { WIDTH = 30 };
    char bar[WIDTH + 1];
    size_t filled = step->total ? (size_t)(step->done * WIDTH / step->total) : 0;
    if (filled > WIDTH) filled = WIDTH;
    memset(bar, '.', WIDTH);
    memset(bar, '#', filled);
    bar[WIDTH] = 0;
    fprintf(stderr, "\r\033[K%-12s [%s] %llu/%llu", step->phase, bar, (unsigned long long)step->done,
            (unsigned long long)step->total);
    print_left(step, elapsed);
    fflush(stderr);
}

static void print_progress_line(const tmo_progress *step, double elapsed)
{
    fprintf(stderr, "%s %llu/%llu", step->phase, (unsigned long long)step->done,
            (unsigned long long)step->total);
    print_left(step, elapsed);
    fputc('\n', stderr);
}

int cli_progress_step(void *user, const tmo_progress *step)
{
    cli_progress *progress = user;
    bool is_bar = cli_is_terminal(stderr);
    double now = cli_seconds();
    if (cli_is_interrupted()) return 1;
    if (progress->cli->common.is_quiet) return 0;
    if (!progress->phase || strcmp(progress->phase, step->phase) != 0) {
        progress->phase = step->phase;
        progress->start = now;
        progress->last = is_bar ? 0 : now;
    }
    if (now - progress->last < (is_bar ? seconds_between_frames : seconds_between_lines)) return 0;
    progress->last = now;
    progress->is_drawn = is_bar;
    if (is_bar)
        draw_bar(step, now - progress->start);
    else
        print_progress_line(step, now - progress->start);
    return 0;
}

void cli_progress_end(cli_progress *progress)
{
    if (progress->is_drawn) fprintf(stderr, "\r\033[K");
    progress->is_drawn = false;
    progress->phase = NULL;
}
