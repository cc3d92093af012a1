#include "study/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/banned.h"
#include "core/text.h"
#include "study/limits.h"

static const double patience_s = 2.0; /* between SIGTERM and SIGKILL */

double rgq_worker_now_s(void)
{
    struct timespec t = {0, 0};
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Between fork and exec: async-signal-safe calls only. */
static void become(const char *program, char *const *argv, int talk, pid_t parent,
                   double mem_mb)
{
    static const char text[] = "rgdquant batch: io error: the program could not be started\n";

    if (!rgq_limits_take(parent, mem_mb))
        _exit(1);
    const int nothing = open("/dev/null", O_RDONLY);
    if (nothing >= 0)
        (void)dup2(nothing, STDIN_FILENO);
    if (dup2(talk, STDOUT_FILENO) < 0 || dup2(talk, STDERR_FILENO) < 0)
        _exit(1);
    (void)execv(program, argv);
    (void)!write(STDERR_FILENO, text, sizeof text - 1);
    _exit(1);
}

rgq_status rgq_worker_start(rgq_worker *out, char *const *argv, const rgq_study_opts *opts,
                            const char *log_path, rgq_error *err)
{
    int ends[2] = {-1, -1};
    const pid_t parent = getpid();

    out->pid = 0;
    out->began_s = rgq_worker_now_s();
    out->stop_s = 0.0;
    out->timed_out = false;
    out->used = 0;
    out->line[0] = out->last[0] = out->error[0] = '\0';
    if (pipe(ends) != 0)
        return RGQ_RAISE(err, RGQ_E_IO, "no pipe for a case: %s", strerror(errno));
    (void)fcntl(ends[0], F_SETFD, FD_CLOEXEC); /* the other cases must not hold it open */
    (void)fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    out->log = fopen(log_path, "we");
    (void)fflush(NULL); /* what waits in buffers must not be written twice */
    const pid_t pid = fork();
    if (pid == 0)
        become(opts->program, argv, ends[1], parent, opts->mem_mb);
    const int why = errno;
    (void)close(ends[1]);
    if (pid < 0) {
        (void)close(ends[0]);
        if (out->log != NULL)
            (void)fclose(out->log);
        return RGQ_RAISE(err, RGQ_E_IO, "no process for a case: %s", strerror(why));
    }
    (void)setpgid(pid, pid); /* in both, so that it holds whoever comes first */
    out->pid = pid;
    out->pipe = ends[0];
    return RGQ_OK;
}

static void end_line(rgq_worker *w)
{
    w->line[w->used] = '\0';
    w->used = 0;
    if (w->line[0] == '\0')
        return;
    rgq_text_copy(w->last, sizeof w->last, w->line);
    if (strncmp(w->line, "rgdquant", 8) == 0 && strstr(w->line, " error: ") != NULL)
        rgq_text_copy(w->error, sizeof w->error, w->line);
}

void rgq_worker_listen(rgq_worker *w)
{
    char bytes[4096];
    const ssize_t got = read(w->pipe, bytes, sizeof bytes);

    if (got < 0 && errno == EINTR)
        return;
    if (got <= 0) {
        (void)close(w->pipe);
        w->pipe = -1;
        return;
    }
    if (w->log != NULL) { /* a full disk loses the log, not the case */
        (void)fwrite(bytes, 1, (size_t)got, w->log);
        (void)fflush(w->log);
    }
    for (ssize_t i = 0; i < got; i++) {
        if (bytes[i] == '\n' || bytes[i] == '\r')
            end_line(w);
        else if (w->used + 1 < sizeof w->line)
            w->line[w->used++] = bytes[i];
    }
}

void rgq_worker_stop(rgq_worker *w, double now_s)
{
    if (w->stop_s <= 0.0) {
        w->stop_s = now_s;
        (void)kill(-w->pid, SIGTERM);
    } else if (now_s - w->stop_s > patience_s) {
        (void)kill(-w->pid, SIGKILL);
    }
}

static void say_signal(rgq_case_outcome *outcome, int number, const char *last)
{
    static const struct {
        int number;
        const char *text;
    } known[] = {{SIGKILL, "SIGKILL: by hand, or the system ran out of memory"},
                 {SIGTERM, "SIGTERM: somebody asked it to end"},
                 {SIGSEGV, "SIGSEGV: the program crashed; please report it"},
                 {SIGBUS, "SIGBUS: a file it read became shorter, or the program crashed"},
                 {SIGABRT, "SIGABRT: the program gave up; please report it"},
                 {SIGFPE, "SIGFPE: the program crashed; please report it"},
                 {SIGILL, "SIGILL: built for another kind of processor"},
                 {SIGXCPU, "SIGXCPU: the limit of the system on processor time"}};
    const char *text = NULL;

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i].number == number)
            text = known[i].text;
    (void)snprintf(outcome->reason, sizeof outcome->reason, "ended by signal %d%s%.80s%s%.300s",
                   number, text != NULL ? ", " : "", text != NULL ? text : "",
                   last[0] != '\0' ? "; its last words: " : "", last);
}

static void say_error(rgq_case_outcome *outcome, const rgq_worker *w, int code, double mem_mb)
{
    const char *error = strstr(w->error, " error: ");
    /* 127: the system could not even load the program */
    const bool memory = strstr(w->error, " memory error: ") != NULL || code == 127;

    if (error != NULL)
        rgq_text_copy(outcome->reason, sizeof outcome->reason, error + strlen(" error: "));
    else
        (void)snprintf(outcome->reason, sizeof outcome->reason, "ended with code %d%s%.400s",
                       code, w->last[0] != '\0' ? "; its last words: " : "", w->last);
    const size_t used = strlen(outcome->reason);
    if (memory && mem_mb > 0.0)
        (void)snprintf(outcome->reason + used, sizeof outcome->reason - used,
                       "; the limit was --mem-gb %.4g", mem_mb / 1024.0);
}

static void judge(rgq_case_outcome *outcome, const rgq_worker *w, int status, double time_s,
                  double mem_mb)
{
    outcome->reason[0] = '\0';
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        outcome->status = RGQ_CASE_DONE; /* also if it was told to end a moment before */
    } else if (w->timed_out) {
        outcome->status = RGQ_CASE_TIMEOUT;
        (void)snprintf(outcome->reason, sizeof outcome->reason,
                       "took longer than --time-min %.4g allows", time_s / 60.0);
    } else if (WIFSIGNALED(status)) {
        outcome->status = RGQ_CASE_KILLED;
        say_signal(outcome, WTERMSIG(status), w->last);
    } else {
        outcome->status = RGQ_CASE_FAILED;
        say_error(outcome, w, WEXITSTATUS(status), mem_mb);
    }
    for (char *c = outcome->reason; *c != '\0'; c++)
        if ((unsigned char)*c < ' ')
            *c = ' ';
}

bool rgq_worker_ended(rgq_worker *w, rgq_case_outcome *outcome, double time_s, double mem_mb)
{
    struct rusage used;
    int status = 0;

    if (wait4(w->pid, &status, WNOHANG, &used) != w->pid)
        return false;
    (void)kill(-w->pid, SIGKILL); /* what it may have started itself */
    while (w->pipe >= 0)
        rgq_worker_listen(w);
    if (w->used > 0)
        end_line(w);
    if (w->log != NULL)
        (void)fclose(w->log);
    judge(outcome, w, status, time_s, mem_mb);
    outcome->ran = true;
    outcome->seconds = rgq_worker_now_s() - w->began_s;
    outcome->peak_mb = (double)used.ru_maxrss / 1024.0;
    w->pid = 0;
    w->log = NULL;
    return true;
}
