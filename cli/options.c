/* Flags: parsing, help and suggestions, all from the tables. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"

static const tmo_option common_table[] = {
    {"threads", TMO_OPTION_INT32, offsetof(cli_common, threads), 1, 1024, 0, NULL,
     "threads; default: one a physical core"},
    {"seed", TMO_OPTION_UINT64, offsetof(cli_common, seed), 0, 9e15, 0, NULL, "seed of everything random"},
    {"isa", TMO_OPTION_TEXT, offsetof(cli_common, isa), 0, 0, 0, NULL,
     "highest instruction set to use, as `tmo kernels` lists them"},
    {"quiet", TMO_OPTION_BOOL, offsetof(cli_common, is_quiet), 0, 1, 0, NULL, "no progress and no notes"},
    {"json", TMO_OPTION_BOOL, offsetof(cli_common, is_json), 0, 1, 0, NULL,
     "one JSON document on standard output, nothing else there"},
    {"help", TMO_OPTION_BOOL, offsetof(cli_common, is_help), 0, 1, 0, NULL, "print this"},
};

/* Everything that parsing needs at hand: the groups of the command and the common one. */
typedef struct parser {
    cli_context *cli;
    const cli_spec *spec;
    cli_group groups[CLI_MAX_GROUPS + 1];
    size_t group_count;
    int argc, at;
    char **argv;
} parser;

void cli_list_clear(cli_list *list)
{
    free((void *)list->items);
    *list = (cli_list){NULL, 0};
}

static bool list_append(cli_list *list, const char *item)
{
    const char **items = realloc((void *)list->items, (list->count + 1) * sizeof *items);
    if (!items) return false;
    items[list->count++] = item;
    list->items = items;
    return true;
}

static void parser_init(parser *p, cli_context *cli, const cli_spec *spec, int argc, char **argv)
{
    *p = (parser){.cli = cli, .spec = spec, .argc = argc, .argv = argv};
    while (p->group_count < CLI_MAX_GROUPS && spec->groups[p->group_count].table) {
        p->groups[p->group_count] = spec->groups[p->group_count];
        p->group_count++;
    }
    p->groups[p->group_count++] = (cli_group){common_table, sizeof common_table / sizeof common_table[0],
                                              &cli->common, NULL};
}

/* ---- tables ---- */

static bool is_hidden(const cli_group *group, const char *name)
{
    char word[80];
    (void)snprintf(word, sizeof word, " %s ", name);
    return group->hidden && strstr(group->hidden, word);
}

static const tmo_option *group_find(const cli_group *group, const char *name)
{
    for (size_t k = 0; k < group->count; k++)
        if (strcmp(group->table[k].name, name) == 0) return is_hidden(group, name) ? NULL : &group->table[k];
    return NULL;
}

static const tmo_option *find_option(const parser *p, const char *name)
{
    const tmo_option *found = NULL;
    for (size_t k = 0; k < p->group_count && !found; k++) found = group_find(&p->groups[k], name);
    return found;
}

static const cli_flag *find_flag(const cli_spec *spec, const char *name, char letter)
{
    for (size_t k = 0; k < spec->flag_count; k++) {
        const cli_flag *flag = &spec->flags[k];
        if (letter ? flag->letter == letter : strcmp(flag->name, name) == 0) return flag;
    }
    return NULL;
}

/* The k-th flag name of all tables. */
static const char *next_name(const void *list, size_t k)
{
    const parser *p = list;
    if (k < p->spec->flag_count) return p->spec->flags[k].name;
    k -= p->spec->flag_count;
    for (size_t g = 0; g < p->group_count; g++) {
        const cli_group *group = &p->groups[g];
        if (k < group->count) return is_hidden(group, group->table[k].name) ? "" : group->table[k].name;
        k -= group->count;
    }
    return NULL;
}

/* ---- suggestions ---- */

enum { MAX_WORD = 64 };

/* Levenshtein distance of two words of fewer than MAX_WORD letters. */
static size_t distance(const char *a, const char *b)
{
    size_t row[MAX_WORD + 1], length = strlen(b);
    for (size_t j = 0; j <= length; j++) row[j] = j;
    for (size_t i = 0; a[i]; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 1; j <= length; j++) {
            size_t best = diagonal + (a[i] != b[j - 1]);
            if (row[j] + 1 < best) best = row[j] + 1;
            if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
            diagonal = row[j];
            row[j] = best;
        }
    }
    return row[length];
}

const char *cli_nearest(const char *word, const char *(*next)(const void *list, size_t k), const void *list)
{
    const char *nearest = NULL, *name;
    size_t limit = strlen(word) / 2 + 1, best = limit < 4 ? limit : 4;
    if (strlen(word) >= MAX_WORD) return NULL;
    for (size_t k = 0; (name = next(list, k)); k++) {
        size_t far = strlen(name) < MAX_WORD ? distance(word, name) : best;
        bool is_prefix = *name && strncmp(word, name, strlen(word)) == 0;
        if (is_prefix) far = 1;
        if (far < best) {
            best = far;
            nearest = name;
        }
    }
    return nearest;
}

/* ---- help ---- */

static void print_line(const char *flag, const char *help, const char *range)
{
    enum { COLUMN = 30 };
    if (strlen(flag) < COLUMN - 2)
        printf("  %-*s%s%s\n", COLUMN - 2, flag, help, range);
    else
        printf("  %s\n  %*s%s%s\n", flag, COLUMN - 2, "", help, range);
}

static void print_flag(const cli_flag *flag)
{
    char name[80], letter[8] = "";
    if (flag->letter) (void)snprintf(letter, sizeof letter, "-%c, ", flag->letter);
    (void)snprintf(name, sizeof name, "%s--%s%s%s%s", letter, flag->name, flag->value ? " " : "",
                   flag->value ? flag->value : "", flag->kind == CLI_FLAG_LIST ? "..." : "");
    print_line(name, flag->help, "");
}

static const char *value_name(const tmo_option *option)
{
    switch (option->kind) {
    case TMO_OPTION_CHOICE: return option->choices;
    case TMO_OPTION_TEXT: return "TEXT";
    case TMO_OPTION_FLOAT: return "X";
    case TMO_OPTION_INT32:
    case TMO_OPTION_UINT64: return "N";
    default: return NULL;
    }
}

static void print_option(const tmo_option *option)
{
    char name[160], range[120] = "";
    const char *value = value_name(option);
    (void)snprintf(name, sizeof name, "--%s%s%s", option->name, value ? " " : "", value ? value : "");
    if (option->kind == TMO_OPTION_CHOICE)
        (void)snprintf(range, sizeof range, " (default %.*s)", (int)strcspn(option->choices, "|"),
                       option->choices);
    else if (value && option->kind != TMO_OPTION_TEXT)
        (void)snprintf(range, sizeof range, " (%.12g to %.12g; default %.12g)", option->min, option->max,
                       option->initial);
    print_line(name, option->help, range);
}

/* True when a group before `g` or the command's own flags have that name already. */
static bool is_listed(const parser *p, size_t g, const char *name)
{
    for (size_t k = 0; k < g; k++)
        if (group_find(&p->groups[k], name)) return true;
    return find_flag(p->spec, name, 0) != NULL;
}

static void print_help(const parser *p)
{
    const cli_spec *spec = p->spec;
    printf("usage: %s %s %s [options]\n\n%s.\n", p->cli->program, p->cli->command, spec->arguments,
           p->cli->summary);
    if (spec->text) printf("%s", spec->text);
    printf("\noptions:\n");
    for (size_t k = 0; k < spec->flag_count; k++) print_flag(&spec->flags[k]);
    for (size_t g = 0; g < p->group_count; g++)
        for (size_t k = 0; k < p->groups[g].count; k++) {
            const tmo_option *option = &p->groups[g].table[k];
            if (!is_hidden(&p->groups[g], option->name) && !is_listed(p, g, option->name))
                print_option(option);
        }
    printf("\nexit status: 0 done, 1 a goal was not met, 2 usage, 3 invalid input, 4 not supported, 5 system "
           "failure, "
           "130 interrupted\n");
}

/* ---- parsing ---- */

static int fail_unknown(const parser *p, const char *name)
{
    const char *near = cli_nearest(name, next_name, p);
    if (near) return cli_fail(p->cli, CLI_USAGE, "unknown option '--%s', did you mean '--%s'?", name, near);
    return cli_fail(p->cli, CLI_USAGE, "unknown option '--%s', see `%s %s --help`", name, p->cli->program,
                    p->cli->command);
}

/* The value of a flag: after '=', or the next argument. NULL when there is none. */
static const char *take_value(parser *p, const char *inline_value)
{
    if (inline_value) return inline_value;
    return p->at + 1 < p->argc ? p->argv[++p->at] : NULL;
}

/* A lone "-" and negative numbers are values. */
static bool is_flag(const char *text)
{
    return text[0] == '-' && text[1] && !(text[1] >= '0' && text[1] <= '9') && text[1] != '.';
}

static bool take_list(parser *p, cli_list *list, const char *inline_value)
{
    if (inline_value) return list_append(list, inline_value);
    while (p->at + 1 < p->argc && !is_flag(p->argv[p->at + 1]))
        if (!list_append(list, p->argv[++p->at])) return false;
    return true;
}

static int set_flag(parser *p, const cli_flag *flag, const char *inline_value)
{
    const char *text;
    char *end;
    if (flag->kind == CLI_FLAG_SWITCH) {
        if (inline_value) return cli_fail(p->cli, CLI_USAGE, "option '--%s' takes no value", flag->name);
        *(bool *)flag->target = true;
        return CLI_DONE;
    }
    if (flag->kind == CLI_FLAG_LIST) {
        size_t before = ((cli_list *)flag->target)->count;
        if (!take_list(p, flag->target, inline_value)) return cli_fail(p->cli, CLI_SYSTEM, "out of memory");
        if (((cli_list *)flag->target)->count > before) return CLI_DONE;
        return cli_fail(p->cli, CLI_USAGE, "option '--%s' needs a value: %s", flag->name, flag->value);
    }
    text = take_value(p, inline_value);
    if (!text || !*text)
        return cli_fail(p->cli, CLI_USAGE, "option '--%s' needs a value: %s", flag->name, flag->value);
    if (flag->kind == CLI_FLAG_TEXT) {
        *(const char **)flag->target = text;
        return CLI_DONE;
    }
    *(double *)flag->target = strtod(text, &end);
    if (*end) return cli_fail(p->cli, CLI_USAGE, "option '--%s' needs a number, got '%s'", flag->name, text);
    return CLI_DONE;
}

static int set_option(parser *p, const tmo_option *option, const char *inline_value)
{
    const char *value = inline_value;
    if (option->kind == TMO_OPTION_BOOL && !value) value = "true";
    if (!value) value = take_value(p, NULL);
    if (!value) return cli_fail(p->cli, CLI_USAGE, "option '--%s' needs a value", option->name);
    for (size_t k = 0; k < p->group_count; k++) {
        const cli_group *group = &p->groups[k];
        tmo_error error = TMO_ERROR_INIT;
        if (!group_find(group, option->name)) continue;
        if (tmo_options_set(group->table, group->count, group->options, option->name, value, &error) !=
            TMO_STATUS_OK)
            return cli_fail(p->cli, CLI_USAGE, "%s", error.message);
    }
    return CLI_DONE;
}

static int parse_long(parser *p, const char *text)
{
    char name[MAX_WORD];
    size_t length = strcspn(text, "=");
    const char *inline_value = text[length] ? text + length + 1 : NULL;
    if (length >= sizeof name) return cli_fail(p->cli, CLI_USAGE, "unknown option '--%s'", text);
    memcpy(name, text, length);
    name[length] = 0;
    const cli_flag *flag = find_flag(p->spec, name, 0);
    if (flag) return set_flag(p, flag, inline_value);
    const tmo_option *option = find_option(p, name);
    return option ? set_option(p, option, inline_value) : fail_unknown(p, name);
}

static int parse_short(parser *p, const char *text)
{
    const cli_flag *flag = find_flag(p->spec, "", text[0]);
    if (text[0] == 'h' && !text[1]) {
        p->cli->common.is_help = true;
        return CLI_DONE;
    }
    if (!flag)
        return cli_fail(p->cli, CLI_USAGE, "unknown option '-%s', see `%s %s --help`", text, p->cli->program,
                        p->cli->command);
    return set_flag(p, flag, text[1] ? text + 1 : NULL);
}

static int check_count(const parser *p, int count)
{
    const cli_spec *spec = p->spec;
    if (count > spec->max_arguments)
        return cli_fail(p->cli, CLI_USAGE, "unexpected argument '%s'; usage: %s %s %s",
                        p->argv[spec->max_arguments], p->cli->program, p->cli->command, spec->arguments);
    if (count < spec->min_arguments)
        return cli_fail(p->cli, CLI_USAGE, "too few arguments; usage: %s %s %s", p->cli->program,
                        p->cli->command, spec->arguments);
    return -1;
}

int cli_parse(cli_context *cli, const cli_spec *spec, int argc, char **argv, int *argument_count)
{
    parser p;
    bool is_flags_end = false;
    *argument_count = 0;
    parser_init(&p, cli, spec, argc, argv);
    for (; p.at < argc; p.at++) {
        char *text = argv[p.at];
        int status = CLI_DONE;
        if (is_flags_end || !is_flag(text))
            argv[(*argument_count)++] = text;
        else if (strcmp(text, "--") == 0)
            is_flags_end = true;
        else
            status = text[1] == '-' ? parse_long(&p, text + 2) : parse_short(&p, text + 1);
        if (status != CLI_DONE) return status;
    }
    if (cli->common.is_help) {
        print_help(&p);
        return CLI_DONE;
    }
    return check_count(&p, *argument_count);
}
