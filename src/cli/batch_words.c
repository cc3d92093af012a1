#include "cli/batch_words.h"

#include <string.h>

#include "cli/commands.h"
#include "cli/quantify_words.h"
#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"

/* By what the table of `quantify` calls the value. */
static rgq_word_kind kind_of(const rgq_opt *row)
{
    static const char *const files[] = {"FILE", "FILE.json", "MODEL.json", "LABELS", "MASK"};

    if (row->kind == RGQ_OPT_FLAG)
        return RGQ_WORD_FLAG;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        if (row->unit != NULL && strcmp(row->unit, files[i]) == 0)
            return RGQ_WORD_FILE;
    return RGQ_WORD_VALUE;
}

void rgq_batch_words_list(rgq_batch_words *out)
{
    const rgq_command *job = &rgq_cmd_quantify;

    out->count = 0;
    for (size_t i = 0; i < job->n_opts; i++) {
        const rgq_opt *row = &job->opts[i];
        if (rgq_opt_is_argument(row) || strcmp(row->name, "out") == 0 ||
            strcmp(row->name, "explain") == 0)
            continue;
        out->word[out->count++] = (rgq_case_word){row->name, kind_of(row)};
    }
}

rgq_status rgq_batch_words_template(rgq_study *study, const rgq_batch_words *words,
                                    const rgq_context *context, rgq_error *err)
{
    for (int k = 0; k < words->count; k++) {
        const char *name = words->word[k].name;
        const rgq_json *given = rgq_json_get(context->options, name);
        const char *value = rgq_json_text(rgq_json_get(given, "value"), NULL);
        if (rgq_context_given(context, name) && value != NULL)
            RGQ_PASS(err, rgq_study_template(study, name, value, err));
    }
    return rgq_study_template(study, "unit", "suvbw", err);
}

enum { WORDS_MAX = 2 * RGQ_OPTS_MAX };

static void check_case(const rgq_case *one, const rgq_context *context, char *last, size_t size,
                       rgq_problems *problems)
{
    rgq_text line = RGQ_TEXT_INIT;
    rgq_error why = RGQ_ERROR_INIT;
    char *argv[WORDS_MAX];
    size_t at[WORDS_MAX];
    int argc = 0;

    at[argc++] = 0;
    rgq_text_append(&line, "quantify", sizeof "quantify");
    for (int i = 0; i < one->n_options && argc + 4 < WORDS_MAX; i++) {
        at[argc++] = line.length;
        rgq_text_printf(&line, "--%s=%s", one->option[i].name, one->option[i].value);
        rgq_text_append(&line, "", 1);
    }
    at[argc++] = line.length;
    rgq_text_append(&line, "--out=x", sizeof "--out=x");
    if (context->shared.data_dir != NULL) {
        at[argc++] = line.length;
        rgq_text_printf(&line, "--data-dir=%s", context->shared.data_dir);
        rgq_text_append(&line, "", 1);
    }
    at[argc++] = line.length;
    rgq_text_append(&line, "x", sizeof "x"); /* the scan: looked for elsewhere */
    if (rgq_text_check(&line, &why) == RGQ_OK) {
        for (int i = 0; i < argc; i++)
            argv[i] = line.data + at[i];
        argv[argc] = NULL;
        (void)!rgq_quantify_words_check(argc, argv, &why);
    }
    if (why.status != RGQ_OK && strcmp(why.message, last) != 0)
        rgq_problem(problems, "case %s: %s", one->name, why.message);
    rgq_text_copy(last, size, why.message); /* a template's mistake is told once */
    rgq_text_release(&line);
}

void rgq_batch_words_check(const rgq_study *study, const rgq_context *context,
                           rgq_problems *problems)
{
    char last[RGQ_MESSAGE_MAX] = "";

    for (int i = 0; i < study->n_cases; i++)
        if (study->cases[i].refusal == NULL && !study->cases[i].idle &&
            rgq_case_get(&study->cases[i], "tracer") != NULL)
            check_case(&study->cases[i], context, last, sizeof last, problems);
}
