/* The cases of a study, some at a time. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/text.h"
#include "pipeline/redact.h"
#include "rgdquant/study.h"
#include "study/ledger.h"
#include "study/result.h"
#include "study/worker.h"

enum { WORDS_MAX = 256, POLL_MS = 250, LOCK_TRIES = 50 };

typedef struct batch {
    const rgq_study *study;
    const rgq_study_opts *opts;
    const rgq_log *log;
    rgq_case_outcome *outcome;
    bool *wanted;         /* to be run */
    rgq_worker *worker;   /* opts->jobs of them */
    struct pollfd *watch; /* one for each */
    int lock;             /* held by the workers, too */
    int next;             /* first case that may not have been started */
    int n_wanted, n_running, n_ended, n_bad;
    double began_s;
} batch;

/* ---- preparing ---- */

/* Workers inherit the lock: who comes after a batch that was killed waits for them, too. */
static rgq_status take_lock(batch *b, rgq_error *err)
{
    char path[RGQ_PATH_MAX];

    RGQ_PASS(err, rgq_path_join(path, b->opts->out_dir, "logs/.lock", err));
    b->lock = open(path, O_RDWR | O_CREAT, 0666);
    if (b->lock < 0)
        return RGQ_RAISE(err, RGQ_E_IO, "cannot write %s: %s", path, strerror(errno));
    for (int i = 0; i < LOCK_TRIES; i++) {
        if (flock(b->lock, (b->opts->only < 0 ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0)
            return RGQ_OK;
        if (errno != EWOULDBLOCK) {
            RGQ_WARN(b->log,
                     "%s cannot be locked (%s): see to it that no other batch works here", path,
                     strerror(errno));
            return RGQ_OK;
        }
        (void)poll(NULL, 0, 100);
    }
    return RGQ_RAISE(err, RGQ_E_IO,
                     "another batch works in %s; wait for its end, or take another folder",
                     b->opts->out_dir);
}

static bool is_chosen(const batch *b, int i)
{
    return (b->opts->only < 0 || b->opts->only == i) && !b->study->cases[i].idle;
}

static rgq_status refuse_results(const batch *b, rgq_error *err)
{
    int standing = 0;
    const char *first = NULL;

    for (int i = 0; i < b->study->n_cases; i++)
        if (is_chosen(b, i) && rgq_result_stands(&b->study->cases[i], b->opts->out_dir)) {
            first = first != NULL ? first : b->study->cases[i].output;
            standing++;
        }
    if (standing == 0 || b->opts->resume || b->opts->force)
        return RGQ_OK;
    return RGQ_RAISE(
        err, RGQ_E_IO,
        "%s holds results of %d of %d cases (%s, ...); --resume keeps those that are "
        "up to date, --force makes all anew",
        b->opts->out_dir, standing, b->study->n_cases, first);
}

/* An earlier run's row of a result that is kept may be lost; the result is there all the same.
 */
static void keep(rgq_case_outcome *outcome)
{
    if (outcome->status == RGQ_CASE_DONE)
        return;
    *outcome = (rgq_case_outcome){
        .status = RGQ_CASE_DONE, .seconds = (double)NAN, .peak_mb = (double)NAN};
}

static void choose(batch *b)
{
    rgq_ledger_read(b->outcome, b->study, b->opts->out_dir);
    for (int i = 0; i < b->study->n_cases; i++) {
        const rgq_case *one = &b->study->cases[i];
        const char *why = NULL;
        if (!is_chosen(b, i))
            continue;
        rgq_log_progress(b->log, "looking for what has changed",
                         (double)i / (double)b->study->n_cases);
        if (b->opts->resume && rgq_result_is_current(one, b->opts, &why)) {
            keep(&b->outcome[i]);
            continue;
        }
        if (why != NULL)
            RGQ_DEBUG(b->log, "case %s: %s", one->name, why);
        b->wanted[i] = true;
        b->n_wanted++;
        b->outcome[i] = (rgq_case_outcome){.status = RGQ_CASE_SKIPPED,
                                           .reason = "not run yet",
                                           .seconds = (double)NAN,
                                           .peak_mb = (double)NAN};
    }
    rgq_log_progress(b->log, "looking for what has changed", 1.0);
}

static rgq_status prepare(batch *b, rgq_error *err)
{
    const size_t jobs = (size_t)b->opts->jobs;

    RGQ_PASS(err, rgq_alloc(&b->wanted, (size_t)b->study->n_cases, sizeof *b->wanted, err));
    RGQ_PASS(err, rgq_alloc(&b->worker, jobs, sizeof *b->worker, err));
    RGQ_PASS(err, rgq_alloc(&b->watch, jobs, sizeof *b->watch, err));
    RGQ_PASS(err, rgq_folders_make(b->opts->out_dir, "logs", true, err));
    RGQ_PASS(err, take_lock(b, err));
    RGQ_PASS(err, refuse_results(b, err));
    if (b->opts->only < 0)
        rgq_results_sweep(b->study, b->opts->out_dir);
    choose(b);
    return RGQ_OK;
}

/* ---- the ledger, and what a person reads ---- */

static rgq_status write_ledger(batch *b, int at, rgq_error *err)
{
    return b->opts->only < 0
               ? rgq_ledger_write(b->outcome, b->study, b->opts->out_dir, err)
               : rgq_ledger_write_one(b->outcome, at, b->study, b->opts->out_dir, err);
}

static void say_time_left(char *out, size_t size, const batch *b)
{
    const double spent_s = rgq_worker_now_s() - b->began_s;
    const int left = b->n_wanted - b->n_ended;
    const double left_s = b->n_ended > 0 ? spent_s * left / b->n_ended : (double)NAN;

    out[0] = '\0';
    if (left > 0 && left_s >= 5400.0)
        (void)snprintf(out, size, ", about %.1f h left", left_s / 3600.0);
    else if (left > 0 && left_s >= 90.0)
        (void)snprintf(out, size, ", about %.0f min left", left_s / 60.0);
    else if (left > 0 && isfinite(left_s))
        (void)snprintf(out, size, ", about %.0f s left", left_s);
}

static void show_progress(const batch *b)
{
    char left[48];
    char task[160];

    say_time_left(left, sizeof left, b);
    (void)snprintf(task, sizeof task, "%d done, %d failed, %d running of %d%s",
                   b->n_ended - b->n_bad, b->n_bad, b->n_running, b->n_wanted, left);
    rgq_log_progress(b->log, task,
                     b->n_wanted > 0 ? fmin(0.999, (double)b->n_ended / b->n_wanted) : 0.0);
}

static void tell(const batch *b, int at)
{
    const rgq_case_outcome *how = &b->outcome[at];
    char left[48];

    say_time_left(left, sizeof left, b);
    RGQ_INFO(b->log, "%d of %d: %s %s, %.1f s, %.0f MB%s%s%s", b->n_ended, b->n_wanted,
             b->study->cases[at].name, rgq_case_status_name(how->status), how->seconds,
             how->peak_mb, how->reason[0] != '\0' ? ": " : "", how->reason, left);
}

/* "out/.rgq-a1B2c3/regions.nii.gz" -> "regions.nii.gz": the folder was a temporary one. */
static void drop_temporary(char *reason)
{
    for (char *at = strstr(reason, ".rgq-"); at != NULL; at = strstr(reason, ".rgq-")) {
        char *end = at + strcspn(at, "/ ");
        while (at > reason && at[-1] != ' ')
            at--;
        end += *end == '/';
        (void)memmove(at, end, strlen(end) + 1);
    }
}

/* Paths and dates do not belong in a table that is handed on; the log of the case has them. */
static void redact(rgq_case_outcome *outcome, const rgq_case *one, const rgq_study_opts *opts)
{
    rgq_redactor *redactor = NULL;
    char *clean = NULL;
    char label[80];

    drop_temporary(outcome->reason);
    if (outcome->reason[0] == '\0' || rgq_redactor_create(&redactor, NULL) != RGQ_OK)
        return;
    bool good = rgq_redactor_add(redactor, one->scan, "<scan>", NULL) == RGQ_OK;
    for (int i = 0; i < one->n_options; i++)
        for (int k = 0; k < opts->n_known; k++)
            if (opts->known[k].kind == RGQ_WORD_FILE &&
                strcmp(opts->known[k].name, one->option[i].name) == 0) {
                (void)snprintf(label, sizeof label, "<%s>", opts->known[k].name);
                good = good &&
                       rgq_redactor_add(redactor, one->option[i].value, label, NULL) == RGQ_OK;
            }
    if (good && rgq_redact_text(&clean, redactor, outcome->reason, NULL) == RGQ_OK)
        rgq_text_copy(outcome->reason, sizeof outcome->reason, clean);
    rgq_free(clean);
    rgq_redactor_free(redactor);
}

/* First the table, which then names no result that is about to go; and all that is out of date
 * goes before the first case starts, so that old and new numbers never stand together. */
static rgq_status begin(batch *b, rgq_error *err)
{
    RGQ_PASS(err, write_ledger(b, b->opts->only, err));
    for (int i = 0; i < b->study->n_cases; i++)
        if (b->wanted[i])
            RGQ_PASS(err, rgq_result_remove(&b->study->cases[i], b->opts->out_dir, err));
    return RGQ_OK;
}

/* ---- one case ---- */

typedef struct words {
    char *word[WORDS_MAX];
    int count;
} words;

static rgq_status add_word(words *w, const char *name, const char *value, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_text text = RGQ_TEXT_INIT;

    if (w->count + 2 > WORDS_MAX)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "more than %d words for a case", WORDS_MAX);
    rgq_text_printf(&text, "%s%s", name, value);
    RGQ_TRY(err, rgq_text_check(&text, err));
    w->word[w->count++] = text.data;
    return RGQ_OK;
out:
    rgq_text_release(&text);
    return st;
}

static rgq_status build_words(words *w, const batch *b, const rgq_case *one, rgq_error *err)
{
    char output[RGQ_PATH_MAX];
    char text[96];

    RGQ_PASS(err, add_word(w, "rgdquant", "", err));
    RGQ_PASS(err, add_word(w, "quantify", "", err));
    for (int i = 0; i < one->n_options; i++) {
        (void)snprintf(text, sizeof text, "--%.80s=", one->option[i].name);
        RGQ_PASS(err, add_word(w, text, one->option[i].value, err));
    }
    for (const char *const *c = b->opts->common; c != NULL && *c != NULL; c++)
        RGQ_PASS(err, add_word(w, *c, "", err));
    (void)snprintf(text, sizeof text, "--threads=%d", b->opts->threads);
    RGQ_PASS(err, add_word(w, text, "", err));
    RGQ_PASS(err, rgq_path_join(output, b->opts->out_dir, one->output, err));
    RGQ_PASS(err, add_word(w, "--out=", output, err));
    RGQ_PASS(err, add_word(w, "--", "", err));
    return add_word(w, one->scan, "", err);
}

static rgq_status start(batch *b, rgq_worker *worker, int at, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    words w = {.count = 0};
    char name[256];
    char logs[RGQ_PATH_MAX];
    char path[RGQ_PATH_MAX];
    const rgq_case *one = &b->study->cases[at];

    (void)snprintf(name, sizeof name, "%s.log", one->name);
    RGQ_TRY(err, rgq_path_join(logs, b->opts->out_dir, "logs", err));
    RGQ_TRY(err, rgq_path_join(path, logs, name, err));
    RGQ_TRY(err, rgq_folders_make(b->opts->out_dir, one->output, false, err));
    RGQ_TRY(err, rgq_result_note_options(one, b->opts, err));
    RGQ_TRY(err, build_words(&w, b, one, err));
    RGQ_TRY(err, rgq_worker_start(worker, w.word, b->opts, path, err));
    worker->at = at;
out:
    for (int i = 0; i < w.count; i++)
        rgq_free(w.word[i]);
    return st;
}

/* Counted, told, written; a table that cannot be written now is written after the next case. */
static void finish(batch *b, int at)
{
    rgq_error why = RGQ_ERROR_INIT;

    redact(&b->outcome[at], &b->study->cases[at], b->opts);
    b->n_ended++;
    b->n_bad += b->outcome[at].status != RGQ_CASE_DONE;
    tell(b, at);
    if (write_ledger(b, at, &why) != RGQ_OK)
        RGQ_WARN(b->log, "%s", why.message);
}

/* A case that cannot even be started (no room for its log, no process) is a row, too. */
static void start_next(batch *b, rgq_worker *worker)
{
    while (b->next < b->study->n_cases && worker->pid == 0) {
        const int at = b->next++;
        rgq_error why = RGQ_ERROR_INIT;
        if (!b->wanted[at])
            continue;
        const char *refusal = b->study->cases[at].refusal;
        if (refusal == NULL && start(b, worker, at, &why) == RGQ_OK) {
            b->n_running++;
            return;
        }
        b->outcome[at] = (rgq_case_outcome){
            .status = RGQ_CASE_FAILED, .ran = true, .seconds = 0.0, .peak_mb = (double)NAN};
        rgq_text_copy(b->outcome[at].reason, sizeof b->outcome[at].reason,
                      refusal != NULL ? refusal : why.message);
        finish(b, at);
    }
}

/* Slurm may run a task twice: the other one's result is as good, if it is whole. */
static void accept_other(batch *b, int at)
{
    const char *why = NULL;

    if (b->opts->only >= 0 && b->outcome[at].status != RGQ_CASE_DONE &&
        rgq_result_is_current(&b->study->cases[at], b->opts, &why)) {
        b->outcome[at].status = RGQ_CASE_DONE;
        b->outcome[at].reason[0] = '\0';
    }
}

static void attend(batch *b, rgq_worker *worker, bool has_news)
{
    const double now_s = rgq_worker_now_s();
    const int at = worker->at;

    if (has_news && worker->pipe >= 0)
        rgq_worker_listen(worker);
    if (b->opts->time_s > 0.0 && now_s - worker->began_s > b->opts->time_s) {
        worker->timed_out = true;
        rgq_worker_stop(worker, now_s);
    }
    if (!rgq_worker_ended(worker, &b->outcome[at], b->opts->time_s, b->opts->mem_mb))
        return;
    b->n_running--;
    accept_other(b, at);
    finish(b, at);
}

static void run_all(batch *b)
{
    for (;;) {
        bool closing = false;
        for (int w = 0; w < b->opts->jobs; w++) {
            if (b->worker[w].pid == 0)
                start_next(b, &b->worker[w]);
            const bool open = b->worker[w].pid != 0 && b->worker[w].pipe >= 0;
            closing = closing || (b->worker[w].pid != 0 && !open);
            b->watch[w] =
                (struct pollfd){.fd = open ? b->worker[w].pipe : -1, .events = POLLIN};
        }
        if (b->n_running == 0)
            return;
        show_progress(b);
        (void)poll(b->watch, (nfds_t)b->opts->jobs, closing ? 1 : POLL_MS);
        for (int w = 0; w < b->opts->jobs; w++)
            if (b->worker[w].pid != 0)
                attend(b, &b->worker[w], b->watch[w].fd >= 0 && b->watch[w].revents != 0);
    }
}

rgq_status rgq_study_run(rgq_case_outcome *outcome, const rgq_study *study,
                         const rgq_study_opts *opts, const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    batch b = {.study = study,
               .opts = opts,
               .log = log,
               .outcome = outcome,
               .lock = -1,
               .began_s = rgq_worker_now_s()};

    if (study->n_cases < 1 || opts->jobs < 1 || opts->only >= study->n_cases)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "%d cases, %d jobs, case %d alone: no such batch",
                         study->n_cases, opts->jobs, opts->only);
    RGQ_TRY(err, prepare(&b, err));
    RGQ_TRY(err, begin(&b, err));
    if (b.n_wanted < study->n_cases && opts->only < 0)
        RGQ_INFO(log, "%d of %d cases are up to date", study->n_cases - b.n_wanted,
                 study->n_cases);
    run_all(&b);
    rgq_log_progress(log, "", 1.0);
    if (opts->only < 0)
        rgq_results_sweep(study, opts->out_dir);
    RGQ_TRY(err, write_ledger(&b, opts->only, err));
out:
    if (b.lock >= 0)
        (void)close(b.lock);
    rgq_free(b.wanted);
    rgq_free(b.worker);
    rgq_free(b.watch);
    return st;
}
