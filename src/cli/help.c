/* Everything that is printed from an option table: --help, manual page, completion, JSON. */
#include <ctype.h>
#include <string.h>

#include "cli/context.h"
#include "cli/opt.h"
#include "core/banned.h"
#include "core/json.h"

static void print_option(const rgq_opt *row, FILE *to)
{
    char left[64];

    if (rgq_opt_is_argument(row))
        (void)snprintf(left, sizeof left, "%s", row->name);
    else if (row->kind == RGQ_OPT_FLAG)
        (void)snprintf(left, sizeof left, "--%s", row->name);
    else if (row->kind == RGQ_OPT_CHOICE)
        (void)snprintf(left, sizeof left, "--%s WORD", row->name);
    else
        (void)snprintf(left, sizeof left, "--%s %s", row->name,
                       row->unit != NULL ? row->unit : "VALUE");
    fprintf(to, "  %-26s %s", left, row->help);
    if (row->kind == RGQ_OPT_CHOICE)
        fprintf(to, " (%s)", row->choices);
    if (row->deflt == NULL && !rgq_opt_is_argument(row))
        fputs(" (required)", to);
    else if (row->deflt != NULL && row->deflt[0] != '\0' && row->kind != RGQ_OPT_FLAG)
        fprintf(to, " [%s]", row->deflt);
    fputc('\n', to);
}

static const char *several(const rgq_opt *row)
{
    return row->kind == RGQ_ARGS ? " ..." : "";
}

static void print_usage(const rgq_command *command, FILE *to)
{
    fprintf(to, "usage: rgdquant %s", command->name);
    for (size_t i = 0; i < command->n_opts; i++)
        if (rgq_opt_is_argument(&command->opts[i]))
            fprintf(to, command->opts[i].deflt == NULL ? " %s%s" : " [%s%s]",
                    command->opts[i].name, several(&command->opts[i]));
    fputs(" [options]\n", to);
}

void rgq_opt_help(const rgq_command *command, FILE *to)
{
    print_usage(command, to);
    fprintf(to, "\n%s\n\n", command->description);
    for (size_t i = 0; i < command->n_opts; i++)
        print_option(&command->opts[i], to);
    fputs("\nshared by every command:\n", to);
    for (size_t i = 0; i < rgq_shared_n_rows; i++)
        print_option(&rgq_shared_rows[i], to);
    if (command->examples != NULL)
        fprintf(to, "\nexamples:\n%s\n", command->examples);
    if (command->cites != NULL) {
        fputs("\nreferences (rgdquant cite KEY):", to);
        for (size_t i = 0; command->cites[i] != NULL; i++)
            fprintf(to, " %s", command->cites[i]);
        fputc('\n', to);
    }
    fputs("\nResearch use only; not a medical device.\n", to);
}

/* A leading dot or quote would be a request to troff; a dash must be escaped to be typed. */
static void print_troff(const char *text, FILE *to)
{
    bool line_start = true;

    for (const char *c = text; *c != '\0'; c++) {
        if (line_start && (*c == '.' || *c == '\''))
            fputs("\\&", to);
        if (*c == '-')
            fputs("\\-", to);
        else if (*c == '\\')
            fputs("\\\\", to);
        else
            fputc(*c, to);
        line_start = *c == '\n';
    }
}

static void man_option(const rgq_opt *row, FILE *to)
{
    fprintf(to, ".TP\n.B %s", rgq_opt_is_argument(row) ? "" : "\\-\\-");
    print_troff(row->name, to);
    if (row->kind == RGQ_OPT_CHOICE)
        fprintf(to, " \\fR%s", row->choices);
    else if (!rgq_opt_is_argument(row) && row->kind != RGQ_OPT_FLAG)
        fprintf(to, " \\fI%s\\fR", row->unit != NULL ? row->unit : "VALUE");
    fputc('\n', to);
    print_troff(row->help, to);
    if (row->deflt != NULL && row->deflt[0] != '\0' && row->kind != RGQ_OPT_FLAG)
        fprintf(to, " Default: %s.", row->deflt);
    fputc('\n', to);
}

void rgq_opt_man(const rgq_command *command, FILE *to)
{
    fputs(".TH RGDQUANT\\-", to);
    for (const char *c = command->name; *c != '\0'; c++)
        fputc(toupper((unsigned char)*c), to);
    fprintf(to, " 1\n.SH NAME\nrgdquant\\-%s \\- ", command->name);
    print_troff(command->summary, to);
    fprintf(to, "\n.SH SYNOPSIS\n.B rgdquant %s\n", command->name);
    for (size_t i = 0; i < command->n_opts; i++)
        if (rgq_opt_is_argument(&command->opts[i]))
            fprintf(to, "\\fI%s\\fR%s ", command->opts[i].name, several(&command->opts[i]));
    fputs("[\\fIoptions\\fR]\n.SH DESCRIPTION\n", to);
    print_troff(command->description, to);
    fputs("\n.SH OPTIONS\n", to);
    for (size_t i = 0; i < command->n_opts; i++)
        man_option(&command->opts[i], to);
    for (size_t i = 0; i < rgq_shared_n_rows; i++)
        man_option(&rgq_shared_rows[i], to);
    if (command->examples != NULL) {
        fputs(".SH EXAMPLES\n.nf\n", to);
        print_troff(command->examples, to);
        fputs("\n.fi\n", to);
    }
    fputs(".SH NOTES\nResearch use only; not a medical device.\n", to);
}

void rgq_opt_complete(const rgq_command *command, FILE *to)
{
    for (size_t i = 0; i < command->n_opts; i++)
        if (!rgq_opt_is_argument(&command->opts[i]))
            fprintf(to, "--%s\n", command->opts[i].name);
    for (size_t i = 0; i < rgq_shared_n_rows; i++)
        fprintf(to, "--%s\n", rgq_shared_rows[i].name);
}

static rgq_status json_option(rgq_json *list, const rgq_opt *row, rgq_error *err)
{
    static const char *const kinds[] = {"flag", "int",    "real",     "reals",    "text",
                                        "time", "choice", "argument", "arguments"};
    rgq_json *entry = NULL;

    RGQ_PASS(err, rgq_json_add_object(&entry, list, NULL, err));
    RGQ_PASS(err, rgq_json_set_text(entry, "name", row->name, err));
    RGQ_PASS(err, rgq_json_set_text(entry, "kind", kinds[row->kind], err));
    if (row->unit != NULL)
        RGQ_PASS(err, rgq_json_set_text(entry, "unit", row->unit, err));
    if (row->choices != NULL)
        RGQ_PASS(err, rgq_json_set_text(entry, "choices", row->choices, err));
    RGQ_PASS(err, rgq_json_set_bool(entry, "required", row->deflt == NULL, err));
    if (row->deflt != NULL && row->deflt[0] != '\0')
        RGQ_PASS(err, rgq_json_set_text(entry, "default", row->deflt, err));
    return rgq_json_set_text(entry, "help", row->help, err);
}

rgq_status rgq_opt_help_json(const rgq_command *command, FILE *to, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *root = NULL;
    rgq_json *list = NULL;

    RGQ_TRY(err, rgq_json_object(&root, err));
    RGQ_TRY(err, rgq_json_set_text(root, "command", command->name, err));
    RGQ_TRY(err, rgq_json_set_text(root, "summary", command->summary, err));
    RGQ_TRY(err, rgq_json_set_text(root, "description", command->description, err));
    RGQ_TRY(err, rgq_json_add_array(&list, root, "options", err));
    for (size_t i = 0; i < command->n_opts; i++)
        RGQ_TRY(err, json_option(list, &command->opts[i], err));
    for (size_t i = 0; i < rgq_shared_n_rows; i++)
        RGQ_TRY(err, json_option(list, &rgq_shared_rows[i], err));
    RGQ_TRY(err, rgq_json_print(to, root, err));
out:
    rgq_json_free(root);
    return st;
}
