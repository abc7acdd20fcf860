/* What the commands of the command line share: exit status, flags, messages, progress.
 *
 * The command line parses, calls the public API and prints; it computes nothing. Results go to standard output, everything else to
 * standard error. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdio.h>

#include "tmo/tmo.h"

enum {
    CLI_DONE = 0,
    CLI_GOAL_MISSED = 1, /* an accuracy gate, a comparison, a check */
    CLI_USAGE = 2,
    CLI_INVALID = 3,     /* the input is invalid */
    CLI_UNSUPPORTED = 4, /* the input is valid but not supported */
    CLI_SYSTEM = 5,      /* memory, disk, a file that is not there */
    CLI_INTERRUPTED = 130
};

/* The flags that every command knows. */
typedef struct cli_common {
    int32_t threads;
    uint64_t seed;
    const char *isa;
    bool is_quiet, is_json, is_help;
} cli_common;

typedef struct cli_context {
    const char *program; /* "tmo" */
    const char *command; /* "quantize" */
    const char *summary;
    cli_common common;
} cli_context;

/* ---- flags ---- */

/* Any number of texts, borrowed from argv. */
typedef struct cli_list {
    const char **items;
    size_t count;
} cli_list;
void cli_list_clear(cli_list *list);

typedef enum cli_flag_kind {
    CLI_FLAG_SWITCH, /* bool */
    CLI_FLAG_TEXT,   /* const char * */
    CLI_FLAG_NUMBER, /* double */
    CLI_FLAG_LIST    /* cli_list: takes every argument up to the next flag; may be repeated */
} cli_flag_kind;

/* A flag of one command that no option struct of the API has. */
typedef struct cli_flag {
    const char *name; /* without the dashes */
    char letter;      /* 'o' for -o, or 0 */
    cli_flag_kind kind;
    void *target;
    const char *value; /* what stands for the value in the help, such as "FILE" */
    const char *help;
} cli_flag;

/* The option struct of an API function and its descriptor table. A flag whose name stands in several groups sets all of them. */
typedef struct cli_group {
    const tmo_option *table;
    size_t count;
    void *options;
    const char *hidden; /* names that are no flags here, each with a space before and after; NULL: none */
} cli_group;

enum { CLI_MAX_GROUPS = 6 };

typedef struct cli_spec {
    const char *arguments; /* as in the usage line: "IN -o OUT" */
    const char *text;      /* more lines for the help, or NULL */
    const cli_flag *flags;
    size_t flag_count;
    cli_group groups[CLI_MAX_GROUPS]; /* the used ones first */
    int min_arguments, max_arguments;
} cli_spec;

/* Parses the arguments after the command's name. What is no flag moves to the front of argv, *argument_count of them. Returns a
 * negative number when the command may go on, else the exit status: after --help, or after a usage error (then reported). */
int cli_parse(cli_context *cli, const cli_spec *spec, int argc, char **argv, int *argument_count);

/* The name in a list that is nearest to `word`, or NULL when none is near. `next` gives the k-th name and NULL at the end. */
const char *cli_nearest(const char *word, const char *(*next)(const void *list, size_t k), const void *list);

/* ---- messages ---- */

/* One line on standard error, "tmo quantize: …". Returns `status`. */
int cli_fail(const cli_context *cli, int status, const char *format, ...);
/* The same for a failed API call: the library's message, with the file it was about (may be NULL) and the place in the model (may be
 * NULL) where the message itself names neither. Returns the exit status. */
int cli_fail_error(const cli_context *cli, const tmo_error *error, const char *path, const tmo_model *model);
int cli_exit_of(tmo_status status);
/* A line on standard error unless --quiet. */
void cli_note(const cli_context *cli, const char *format, ...);

/* ---- models ---- */

/* Loads a model; reports a failure and returns its exit status, else CLI_DONE. */
int cli_load(const cli_context *cli, tmo_model **out, const char *path);
/* What is wrong with a path that cannot be a model of this version (.keras, .h5, .onnx), or NULL. */
const char *cli_foreign_format(const char *path);
uint64_t cli_file_bytes(const char *path);

/* Opens a data set for a model; the same. `spec` NULL is a usage error: "--data is needed". */
int cli_open_data(const cli_context *cli, tmo_dataset **out, const char *spec, const tmo_model *model,
                  const tmo_dataset_options *options);

/* ---- progress ---- */

typedef struct cli_progress {
    const cli_context *cli;
    const char *phase;
    double start, last; /* seconds */
    bool is_drawn;
} cli_progress;

void cli_progress_start(cli_progress *progress, const cli_context *cli);
/* A tmo_progress_function: draws, and cancels after Ctrl-C. `user` is a cli_progress. */
int cli_progress_step(void *user, const tmo_progress *step);
/* Removes the bar. */
void cli_progress_end(cli_progress *progress);

/* ---- the terminal and the system (terminal.c) ---- */

bool cli_is_terminal(FILE *stream);
double cli_seconds(void);
/* Ctrl-C sets a flag, the second one ends the program; a broken pipe and a full disk become errors of the write. */
void cli_signals_init(void);
bool cli_is_interrupted(void);
/* Flushes standard output; CLI_SYSTEM and a message when it could not be written, else `status`. */
int cli_finish_output(const cli_context *cli, int status);

#endif
