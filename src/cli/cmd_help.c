/* rgdquant help [COMMAND] */
#include "cli/commands.h"
#include "core/banned.h"
#include "core/json.h"

typedef struct help_opts {
    const char *command;
    bool names;
} help_opts;

static const rgq_opt rows[] = {
    RGQ_ARGUMENT(help_opts, command, "COMMAND", "", "the command to explain"),
    RGQ_FLAG(help_opts, names, "names", "the names alone, one a line (for scripts)"),
};

static rgq_status print_json(FILE *to, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *root = NULL;
    rgq_json *list = NULL;

    RGQ_TRY(err, rgq_json_object(&root, err));
    RGQ_TRY(err, rgq_json_add_array(&list, root, "commands", err));
    for (size_t i = 0; rgq_command_at(i) != NULL; i++) {
        const rgq_command *command = rgq_command_at(i);
        rgq_json *entry = NULL;
        RGQ_TRY(err, rgq_json_add_object(&entry, list, NULL, err));
        RGQ_TRY(err, rgq_json_set_text(entry, "name", command->name, err));
        RGQ_TRY(err, rgq_json_set_text(entry, "group", command->group, err));
        RGQ_TRY(err, rgq_json_set_text(entry, "summary", command->summary, err));
    }
    RGQ_TRY(err, rgq_json_print(to, root, err));
out:
    rgq_json_free(root);
    return st;
}

static rgq_status run(rgq_context *context, const void *opts, rgq_error *err)
{
    const help_opts *o = opts;

    if (o->names) {
        for (size_t i = 0; rgq_command_at(i) != NULL; i++)
            fprintf(context->out, "%s\n", rgq_command_at(i)->name);
        return RGQ_OK;
    }
    if (o->command == NULL && context->shared.json)
        return print_json(context->out, err);
    if (o->command == NULL) {
        rgq_commands_print(context->out);
        return RGQ_OK;
    }
    const rgq_command *command = rgq_command_find(o->command);
    if (command == NULL) {
        context->exit_code = 2;
        return RGQ_RAISE(err, RGQ_E_NOTFOUND, "there is no command '%.60s'; did you mean '%s'?",
                         o->command, rgq_command_nearest(o->command));
    }
    if (context->shared.json)
        return rgq_opt_help_json(command, context->out, err);
    rgq_opt_help(command, context->out);
    return RGQ_OK;
}

const rgq_command rgq_cmd_help = {
    .name = "help",
    .group = "About",
    .summary = "list the commands, or explain one",
    .description = "Without an argument the commands are listed; with one it is explained,\n"
                   "as by rgdquant COMMAND --help.",
    .opts = rows,
    .n_opts = RGQ_ROWS(rows),
    .opts_size = sizeof(help_opts),
    .run = run,
};
