#include "cli/batch_submit.h"

#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"

typedef struct dropped {
    const char *name;
    bool has_value;
} dropped;

/* What is said of the submission, not of a task; a task resumes anyway. */
static const dropped not_for_tasks[] = {
    {"--submit", true},  {"--sbatch", true}, {"--jobs", true},   {"--threads", true},
    {"--resume", false}, {"--json", false},  {"--quiet", false},
};

/* How many words from `at` on are not for tasks. */
static int count_dropped(char *const *argv, int at)
{
    for (size_t k = 0; k < sizeof not_for_tasks / sizeof not_for_tasks[0]; k++) {
        const size_t length = strlen(not_for_tasks[k].name);
        if (strncmp(argv[at], not_for_tasks[k].name, length) != 0)
            continue;
        if (argv[at][length] == '=')
            return 1;
        if (argv[at][length] == '\0')
            return not_for_tasks[k].has_value ? 2 : 1;
    }
    return 0;
}

/* Options go in front, so that a "--" of the line ends them for the task, too. */
static rgq_status list_words(const char ***out, char *threads_word, const rgq_context *context,
                             rgq_error *err)
{
    int n = 0;
    bool options = true;

    RGQ_PASS(err, rgq_alloc(out, (size_t)context->argc + 2, sizeof **out, err));
    (*out)[n++] = threads_word;
    for (int i = 2; i < context->argc; i++) { /* 0 and 1: rgdquant batch */
        const int drop = options ? count_dropped(context->argv, i) : 0;
        options = options && strcmp(context->argv[i], "--") != 0;
        if (drop > 0)
            i += drop - 1;
        else
            (*out)[n++] = context->argv[i];
    }
    (*out)[n] = NULL;
    return RGQ_OK;
}

/* A data folder of the user's own need not hold the scripts: those of the program then. */
static rgq_status find_scripts(char array[RGQ_PATH_MAX], char group[RGQ_PATH_MAX],
                               const rgq_context *context, rgq_error *err)
{
    char folder[RGQ_PATH_MAX];
    rgq_context shipped = *context;

    shipped.shared.data_dir = NULL;
    if (context->shared.data_dir == NULL ||
        rgq_context_data_path(folder, sizeof folder, context, "slurm", NULL) != RGQ_OK)
        RGQ_PASS(err, rgq_context_data_path(folder, sizeof folder, &shipped, "slurm", err));
    RGQ_PASS(err, rgq_path_join(array, folder, "rgdquant-array.sbatch", err));
    return rgq_path_join(group, folder, "rgdquant-group.sbatch", err);
}

static rgq_status say(const rgq_context *context, const rgq_submitted *jobs,
                      const char *out_dir, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *root = NULL;

    if (!context->shared.json) {
        fprintf(context->out,
                "%d cases are job %s, merging them is job %s (squeue -j %s,%s); results: "
                "cases.tsv, group.html in %s\n",
                jobs->tasks, jobs->array_job, jobs->group_job, jobs->array_job, jobs->group_job,
                out_dir);
        return RGQ_OK;
    }
    RGQ_TRY(err, rgq_json_object(&root, err));
    RGQ_TRY(err, rgq_json_set_int(root, "cases", jobs->tasks, err));
    RGQ_TRY(err, rgq_json_set_text(root, "array_job", jobs->array_job, err));
    RGQ_TRY(err, rgq_json_set_text(root, "group_job", jobs->group_job, err));
    RGQ_TRY(err, rgq_json_print(context->out, root, err));
out:
    rgq_json_free(root);
    return st;
}

rgq_status rgq_batch_submit(rgq_context *context, const rgq_study *study, rgq_submit_opts *how,
                            rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_submitted jobs;
    const char **words = NULL;
    char array[RGQ_PATH_MAX];
    char group[RGQ_PATH_MAX];
    char threads_word[32];

    if (context->shared.force)
        return rgq_context_word(
            context, RGQ_RAISE(err, RGQ_E_ARGUMENT,
                               "--submit keeps what is up to date, --force replaces it: give "
                               "one, or another OUT_DIR"));
    how->threads = context->shared.threads > 0 ? context->shared.threads : 1;
    (void)snprintf(threads_word, sizeof threads_word, "--threads=%d", how->threads);
    RGQ_TRY(err, find_scripts(array, group, context, err));
    RGQ_TRY(err, list_words(&words, threads_word, context, err));
    how->array_script = array;
    how->group_script = group;
    how->words = words;
    RGQ_TRY(err, rgq_study_submit(&jobs, study, how, err));
    RGQ_TRY(err, say(context, &jobs, how->out_dir, err));
out:
    rgq_free(words);
    return st;
}
