/* The commands. Each parses its arguments, calls the public API and prints; it returns the exit status. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli.h"

typedef struct cli_command {
    const char *name;
    int (*run)(cli_context *cli, int argc, char **argv); /* the arguments after the command's name */
    const char *summary;
} cli_command;

#define COMMAND(name, summary) int cmd_##name(cli_context *cli, int argc, char **argv);
#include "commands.def"
#undef COMMAND

#endif
