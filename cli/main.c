/* The command line of tmo: a table of commands. */
#include <stdlib.h>
#include <string.h>

#include "commands.h"

static const cli_command commands[] = {
#define COMMAND(name, summary) {#name, cmd_##name, summary},
#include "commands.def"
#undef COMMAND
};

enum { COMMAND_COUNT = sizeof commands / sizeof commands[0] };

static const char *next_command(const void *list, size_t k)
{
    (void)list;
    return k < COMMAND_COUNT ? commands[k].name : NULL;
}

static void print_usage(FILE *stream)
{
    fprintf(stream, "usage: tmo COMMAND [arguments] [options]\n\n"
                    "TensorFlow Lite models made small and fast for phones.\n\ncommands:\n");
    for (size_t k = 0; k < COMMAND_COUNT; k++)
        fprintf(stream, "  %-10s %s\n", commands[k].name, commands[k].summary);
    fprintf(stream, "\n`tmo COMMAND --help` tells the options of a command; `tmo --version` the version.\n");
}

static const cli_command *find_command(const char *name)
{
    for (size_t k = 0; k < COMMAND_COUNT; k++)
        if (strcmp(commands[k].name, name) == 0) return &commands[k];
    return NULL;
}

static int fail_unknown(const cli_context *cli, const char *name)
{
    const char *near = cli_nearest(name, next_command, NULL);
    if (near) return cli_fail(cli, CLI_USAGE, "unknown command '%s', did you mean '%s'?", name, near);
    return cli_fail(cli, CLI_USAGE, "unknown command '%s', see `tmo --help`", name);
}

int main(int argc, char **argv)
{
    cli_context cli = {.program = "tmo"};
    cli_signals_init();
    if (argc < 2) {
        print_usage(stderr);
        return CLI_USAGE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("tmo %s\n", tmo_version());
        return cli_finish_output(&cli, CLI_DONE);
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        print_usage(stdout);
        return cli_finish_output(&cli, CLI_DONE);
    }
    const cli_command *command = find_command(argv[1]);
    if (!command) return fail_unknown(&cli, argv[1]);
    cli.command = command->name;
    cli.summary = command->summary;
    return cli_finish_output(&cli, command->run(&cli, argc - 2, argv + 2));
}
