/* rgdquant cite [COMMAND|KEY] */
#include <string.h>

#include "cli/commands.h"
#include "core/alloc.h"
#include "core/banned.h"
#include "core/references.h"
#include "core/text.h"

typedef struct cite_opts {
    const char *what;
} cite_opts;

static const rgq_opt rows[] = {
    RGQ_ARGUMENT(cite_opts, what, "COMMAND|KEY", "",
                 "a command, for the works behind it, or a key; without it all are listed"),
};

/* Add one entry to what will be printed, in both forms. */
static rgq_status add_entry(rgq_text *text, rgq_json *root, const rgq_json *references,
                            const char *key, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const rgq_json *entry = rgq_json_get(references, key);
    char *line = NULL;

    if (entry == NULL)
        return RGQ_RAISE(err, RGQ_E_NOTFOUND, "the key '%s' is not in the references", key);
    RGQ_TRY(err, rgq_reference_format(&line, entry, err));
    rgq_text_printf(text, "%s: %s\n", key, line);
    RGQ_TRY(err, rgq_json_set_copy(root, key, entry, err));
out:
    rgq_free(line);
    return st;
}

static rgq_status unknown(rgq_context *context, const rgq_json *references, const char *what,
                          rgq_error *err)
{
    const char *nearest = rgq_command_nearest(what);

    for (size_t i = 0; i < rgq_json_count(references); i++) {
        const char *key = NULL;
        (void)rgq_json_member(references, i, &key);
        if (rgq_text_distance(key, what) < rgq_text_distance(nearest, what))
            nearest = key;
    }
    context->exit_code = 2;
    return RGQ_RAISE(err, RGQ_E_NOTFOUND,
                     "'%.60s' is neither a command nor a key; did you mean '%s'? 'rgdquant "
                     "cite' lists all keys",
                     what, nearest);
}

static rgq_status collect(rgq_text *text, rgq_json *root, rgq_context *context,
                          const rgq_json *references, const char *what, rgq_error *err)
{
    const rgq_command *command = what != NULL ? rgq_command_find(what) : NULL;

    if (what == NULL) {
        for (size_t i = 0; i < rgq_json_count(references); i++) {
            const char *key = NULL;
            (void)rgq_json_member(references, i, &key);
            RGQ_PASS(err, add_entry(text, root, references, key, err));
        }
        return RGQ_OK;
    }
    if (command == NULL && rgq_json_get(references, what) != NULL)
        return add_entry(text, root, references, what, err);
    if (command == NULL)
        return unknown(context, references, what, err);
    for (size_t i = 0; command->cites != NULL && command->cites[i] != NULL; i++)
        RGQ_PASS(err, add_entry(text, root, references, command->cites[i], err));
    if (rgq_json_count(root) == 0)
        rgq_text_printf(text, "%s rests on no published work that is listed\n", what);
    return RGQ_OK;
}

static rgq_status run(rgq_context *context, const void *opts, rgq_error *err)
{
    const cite_opts *o = opts;
    rgq_status st = RGQ_OK;
    rgq_json *references = NULL;
    rgq_json *root = NULL;
    rgq_text text = RGQ_TEXT_INIT;
    char *json = NULL;

    RGQ_TRY(err, rgq_references_load(&references, err));
    RGQ_TRY(err, rgq_json_object(&root, err));
    RGQ_TRY(err, collect(&text, root, context, references, o->what, err));
    RGQ_TRY(err, rgq_text_check(&text, err));
    if (context->shared.json)
        RGQ_TRY(err, rgq_json_dump(&json, root, err));
    fputs(context->shared.json ? json : text.data, context->out);
out:
    rgq_free(json);
    rgq_text_release(&text);
    rgq_json_free(root);
    rgq_json_free(references);
    return st;
}

const rgq_command rgq_cmd_cite = {
    .name = "cite",
    .group = "About",
    .summary = "the works behind a command or a number",
    .description =
        "Prints the references behind a command, one reference by its key, or all of\n"
        "them. Keys stand beside the numbers of 'rgdquant tracer show' and in the\n"
        "results.",
    .examples = "rgdquant cite McParland2008\nrgdquant cite measure --json",
    .opts = rows,
    .n_opts = RGQ_ROWS(rows),
    .opts_size = sizeof(cite_opts),
    .run = run,
};
