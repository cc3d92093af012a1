/* A study as a job array of Slurm. */
#include <errno.h>
#include <math.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/text.h"
#include "rgdquant/study.h"
#include "study/result.h"

enum { WORDS_MAX = 384, ANSWER_MAX = 1024, SPARE_MIN = 2 };

extern char **environ;

/* ---- words of a command ---- */

typedef struct words {
    char *word[WORDS_MAX + 1];
    int count;
} words;

static rgq_status add(words *to, const char *first, const char *rest, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_text text = RGQ_TEXT_INIT;

    if (to->count >= WORDS_MAX)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "more than %d words for sbatch", WORDS_MAX);
    rgq_text_printf(&text, "%s%s", first, rest);
    RGQ_TRY(err, rgq_text_check(&text, err));
    to->word[to->count++] = text.data;
    return RGQ_OK;
out:
    rgq_text_release(&text);
    return st;
}

static void release(words *w)
{
    for (int i = 0; i < w->count; i++)
        rgq_free(w->word[i]);
}

static rgq_status add_site_words(words *to, const char *site, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    char *copy = NULL;
    char *rest = NULL;

    if (site == NULL)
        return RGQ_OK;
    RGQ_PASS(err, rgq_strdup(&copy, site, err));
    for (char *w = strtok_r(copy, " \t\n", &rest); w != NULL;
         w = strtok_r(NULL, " \t\n", &rest))
        RGQ_TRY(err, add(to, w, "", err));
out:
    rgq_free(copy);
    return st;
}

/* Where tasks write what they say; sbatch has own meanings for % in it. */
static rgq_status add_log(words *to, const char *out_dir, const char *name, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_text text = RGQ_TEXT_INIT;

    for (const char *c = out_dir; *c != '\0'; c++)
        rgq_text_append(&text, *c == '%' ? "%%" : c, *c == '%' ? 2 : 1);
    rgq_text_printf(&text, "/logs/%s", name);
    RGQ_TRY(err, rgq_text_check(&text, err));
    RGQ_TRY(err, add(to, "--output=", text.data, err));
out:
    rgq_text_release(&text);
    return st;
}

/* Numbers of the cases that were chosen, as sbatch reads them: 1-4,7. */
static rgq_status add_array(words *to, int *n_tasks, const rgq_study *study, int at_a_time,
                            rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_text text = RGQ_TEXT_INIT;

    *n_tasks = 0;
    for (int i = 0, end = 0; i < study->n_cases; i = end + 1) {
        for (end = i; end < study->n_cases && !study->cases[end].idle;)
            end++;
        if (end == i)
            continue;
        rgq_text_printf(&text, *n_tasks > 0 ? ",%d" : "%d", i + 1);
        if (end - i > 1)
            rgq_text_printf(&text, "-%d", end);
        *n_tasks += end - i;
    }
    if (at_a_time > 0)
        rgq_text_printf(&text, "%%%d", at_a_time);
    RGQ_TRY(err, rgq_text_check(&text, err));
    if (*n_tasks == 0)
        RGQ_TRY(err, RGQ_RAISE(err, RGQ_E_ARGUMENT, "there is no case to submit"));
    RGQ_TRY(err, add(to, "--array=", text.data, err));
out:
    rgq_text_release(&text);
    return st;
}

static rgq_status add_number(words *to, const char *name, double value, rgq_error *err)
{
    char text[32];
    (void)snprintf(text, sizeof text, "%.0f", value);
    return add(to, name, text, err);
}

/* ---- running sbatch ---- */

static rgq_status find_sbatch(char out[RGQ_PATH_MAX], rgq_error *err)
{
    const char *path = getenv("PATH");

    for (const char *at = path != NULL ? path : ""; *at != '\0';) {
        const int length = (int)strcspn(at, ":");
        (void)snprintf(out, RGQ_PATH_MAX, "%.*s/sbatch", length, at);
        if (length > 0 && access(out, X_OK) == 0)
            return RGQ_OK;
        at += length + (at[length] == ':');
    }
    return RGQ_RAISE(err, RGQ_E_NOTFOUND,
                     "sbatch is in no folder of PATH: this is no machine that hands jobs to "
                     "Slurm; log in to one, or leave --submit out to run here");
}

static void listen(char answer[ANSWER_MAX], int pipe_end)
{
    size_t used = 0;

    for (;;) {
        char lost[256];
        const bool full = used + 1 >= ANSWER_MAX;
        const ssize_t got = full ? read(pipe_end, lost, sizeof lost)
                                 : read(pipe_end, answer + used, ANSWER_MAX - 1 - used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        used += full ? 0 : (size_t)got;
    }
    answer[used] = '\0';
}

static int spawn(pid_t *pid, char *const *argv, char *const *environment, int talk, int other)
{
    posix_spawn_file_actions_t actions;
    int why = posix_spawn_file_actions_init(&actions);

    if (why != 0)
        return why;
    why = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", 0, 0);
    why = why != 0 ? why : posix_spawn_file_actions_adddup2(&actions, talk, STDOUT_FILENO);
    why = why != 0 ? why : posix_spawn_file_actions_adddup2(&actions, talk, STDERR_FILENO);
    why = why != 0 ? why : posix_spawn_file_actions_addclose(&actions, talk);
    why = why != 0 ? why : posix_spawn_file_actions_addclose(&actions, other);
    why = why != 0 ? why : posix_spawn(pid, argv[0], &actions, NULL, argv, environment);
    (void)posix_spawn_file_actions_destroy(&actions);
    return why;
}

/* What it says, and whether it succeeded. */
static rgq_status call(char answer[ANSWER_MAX], bool *good, char *const *argv,
                       char *const *environment, rgq_error *err)
{
    int ends[2] = {-1, -1};
    int how = 0;
    pid_t pid = 0;

    if (pipe(ends) != 0)
        return RGQ_RAISE(err, RGQ_E_IO, "no pipe for sbatch: %s", strerror(errno));
    const int why = spawn(&pid, argv, environment, ends[1], ends[0]);
    (void)close(ends[1]);
    if (why == 0)
        listen(answer, ends[0]);
    (void)close(ends[0]);
    if (why != 0)
        return RGQ_RAISE(err, RGQ_E_IO, "%s could not be started: %s", argv[0], strerror(why));
    pid_t ended = 0;
    do
        ended = waitpid(pid, &how, 0);
    while (ended < 0 && errno == EINTR);
    *good = ended == pid && WIFEXITED(how) && WEXITSTATUS(how) == 0;
    return RGQ_OK;
}

/* "123" or "123;cluster", on the last line; warnings of the site may stand before it. */
static bool read_job(char job[32], char *answer)
{
    size_t length = strlen(answer);

    while (length > 0 && (answer[length - 1] == '\n' || answer[length - 1] == '\r'))
        answer[--length] = '\0';
    const char *last = strrchr(answer, '\n');
    last = last != NULL ? last + 1 : answer;
    const size_t digits = strspn(last, "0123456789");
    if (digits == 0 || digits >= 32 || (last[digits] != '\0' && last[digits] != ';'))
        return false;
    memcpy(job, last, digits);
    job[digits] = '\0';
    return true;
}

static rgq_status submit(char job[32], words *w, char *const *environment, rgq_error *err)
{
    char answer[ANSWER_MAX] = "";
    bool good = false;

    w->word[w->count] = NULL;
    RGQ_PASS(err, call(answer, &good, w->word, environment, err));
    if (good && read_job(job, answer))
        return RGQ_OK;
    for (char *c = answer; *c != '\0'; c++)
        if (*c == '\n' || *c == '\r')
            *c = ' ';
    return RGQ_RAISE(err, RGQ_E_IO, "sbatch gave no job number: %.400s",
                     answer[0] != '\0' ? answer : "it said nothing");
}

/* ---- the two jobs ---- */

static rgq_status build_array(words *w, int *n_tasks, const rgq_study *study,
                              const rgq_submit_opts *opts, rgq_error *err)
{
    RGQ_PASS(err, add_array(w, n_tasks, study, opts->at_a_time, err));
    RGQ_PASS(err, add_log(w, opts->out_dir, "slurm-%A_%a.log", err));
    RGQ_PASS(err, add_number(w, "--cpus-per-task=", opts->threads, err));
    if (opts->mem_mb > 0.0)
        RGQ_PASS(err, add_number(w, "--mem=", ceil(opts->mem_mb), err));
    if (opts->time_s > 0.0)
        RGQ_PASS(err, add_number(w, "--time=", ceil(opts->time_s / 60.0) + SPARE_MIN, err));
    RGQ_PASS(err, add_site_words(w, opts->site_words, err));
    RGQ_PASS(err, add(w, opts->array_script, "", err));
    for (const char *const *word = opts->words; word != NULL && *word != NULL; word++)
        RGQ_PASS(err, add(w, *word, "", err));
    return RGQ_OK;
}

static rgq_status build_group(words *w, const char *array_job, const rgq_submit_opts *opts,
                              rgq_error *err)
{
    RGQ_PASS(err, add(w, "--dependency=afterany:", array_job, err));
    RGQ_PASS(err, add_log(w, opts->out_dir, "slurm-%j_group.log", err));
    RGQ_PASS(err, add_site_words(w, opts->site_words, err));
    RGQ_PASS(err, add(w, opts->group_script, "", err));
    return add(w, opts->out_dir, "", err);
}

static rgq_status add_program(words *environment, const char *program, rgq_error *err)
{
    char self[RGQ_PATH_MAX];

    if (program == NULL) {
        const ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
        if (length <= 0)
            return RGQ_RAISE(err, RGQ_E_IO,
                             "/proc/self/exe does not say which program this is");
        self[length] = '\0';
    }
    return add(environment, "RGDQUANT=", program != NULL ? program : self, err);
}

/* The environment with RGDQUANT, the program, in it. Borrows what it takes over. */
static rgq_status build_environment(char ***out, words *own, const char *program,
                                    rgq_error *err)
{
    size_t n = 0;
    size_t used = 0;

    RGQ_PASS(err, add_program(own, program, err));
    while (environ != NULL && environ[n] != NULL)
        n++;
    RGQ_PASS(err, rgq_alloc(out, n + 2, sizeof **out, err));
    for (size_t i = 0; i < n; i++)
        if (strncmp(environ[i], "RGDQUANT=", 9) != 0)
            (*out)[used++] = environ[i];
    (*out)[used++] = own->word[0];
    (*out)[used] = NULL;
    return RGQ_OK;
}

rgq_status rgq_study_submit(rgq_submitted *out, const rgq_study *study,
                            const rgq_submit_opts *opts, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    words array = {.count = 0};
    words group = {.count = 0};
    words own = {.count = 0};
    char **environment = NULL;
    char sbatch[RGQ_PATH_MAX];
    rgq_error why = RGQ_ERROR_INIT;

    *out = (rgq_submitted){.tasks = 0};
    RGQ_TRY(err, find_sbatch(sbatch, err));
    RGQ_TRY(err, build_environment(&environment, &own, opts->program, err));
    for (int k = 0; k < 2; k++) {
        words *w = k == 0 ? &array : &group;
        RGQ_TRY(err, add(w, sbatch, "", err));
        RGQ_TRY(err, add(w, "--parsable", "", err));
        RGQ_TRY(err, add(w, "--export=ALL", "", err));
    }
    RGQ_TRY(err, build_array(&array, &out->tasks, study, opts, err));
    RGQ_TRY(err, rgq_folders_make(opts->out_dir, "logs", true, err));
    RGQ_TRY(err, submit(out->array_job, &array, environment, err));
    st = build_group(&group, out->array_job, opts, &why);
    if (st == RGQ_OK)
        st = submit(out->group_job, &group, environment, &why);
    if (st != RGQ_OK)
        st = RGQ_RAISE(err, st, "the cases are job %s, but merging them is no job: %.300s",
                       out->array_job, why.message);
out:
    release(&array);
    release(&group);
    release(&own);
    rgq_free(environment);
    return st;
}
