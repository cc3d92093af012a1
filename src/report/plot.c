#include "report/plot.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/banned.h"
#include "core/file.h"

extern char **environ;

bool rgq_plot_is_there(void)
{
    const char *path = getenv("PATH");

    while (path != NULL && *path != '\0') {
        const size_t length = strcspn(path, ":");
        char file[RGQ_PATH_MAX];
        const int n = snprintf(file, sizeof file, "%.*s/gnuplot", (int)length, path);
        if (n > 0 && n < (int)sizeof file && access(file, X_OK) == 0)
            return true;
        path += length + (path[length] == ':' ? 1 : 0);
    }
    return false;
}

/* Write all of it; false if the reader is gone. A signal for that is not let through. */
static bool feed(int to, const char *text)
{
    const struct timespec none = {0, 0};
    size_t left = strlen(text);
    sigset_t pipe_only;
    sigset_t before;
    bool good = true;

    (void)sigemptyset(&pipe_only);
    (void)sigaddset(&pipe_only, SIGPIPE);
    (void)pthread_sigmask(SIG_BLOCK, &pipe_only, &before);
    while (left > 0 && good) {
        const ssize_t n = write(to, text, left);
        if (n < 0 && errno == EINTR)
            continue;
        good = n > 0;
        text += n > 0 ? n : 0;
        left -= n > 0 ? (size_t)n : 0;
    }
    if (!good)
        (void)sigtimedwait(&pipe_only, NULL, &none);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return good;
}

/* Start gnuplot with its input on a pipe and its output in a file; 0 if it cannot be. */
static int start(pid_t *child, int *to, const char *out)
{
    char name[] = "gnuplot";
    char *const argv[] = {name, NULL};
    posix_spawn_file_actions_t actions;
    int ends[2];

    if (pipe(ends) != 0)
        return errno;
    (void)fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawn_file_actions_adddup2(&actions, ends[0], 0);
    (void)posix_spawn_file_actions_addopen(&actions, 1, out, O_WRONLY | O_TRUNC | O_CREAT,
                                           0644);
    (void)posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    (void)posix_spawn_file_actions_addclose(&actions, ends[0]);
    const int failed = posix_spawnp(child, name, &actions, NULL, argv, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)close(ends[0]);
    if (failed != 0)
        (void)close(ends[1]);
    *to = ends[1];
    return failed;
}

rgq_status rgq_plot_write(const char *path, const char *script, bool force, rgq_error *err)
{
    rgq_outfile out = {.pending = false};
    pid_t child = 0;
    int to = -1;
    int how = 0;

    if (!rgq_plot_is_there())
        return RGQ_RAISE(err, RGQ_E_NOTFOUND,
                         "there is no gnuplot, so that %s is not drawn; install gnuplot-nox",
                         rgq_path_base(path));
    RGQ_PASS(err, rgq_outfile_begin(&out, path, force, err));
    const int failed = start(&child, &to, out.temp);
    if (failed != 0) {
        rgq_outfile_abandon(&out);
        return RGQ_RAISE(err, RGQ_E_IO, "gnuplot cannot be started: %s", strerror(failed));
    }
    const bool fed = feed(to, script);
    (void)close(to);
    while (waitpid(child, &how, 0) < 0 && errno == EINTR) {
    }
    if (!fed || !WIFEXITED(how) || WEXITSTATUS(how) != 0) {
        rgq_outfile_abandon(&out);
        return RGQ_RAISE(err, RGQ_E_IO, "gnuplot ended with an error; %s is not drawn",
                         rgq_path_base(path));
    }
    const rgq_status st = rgq_outfile_commit(&out, err);
    if (st != RGQ_OK)
        rgq_outfile_abandon(&out);
    return st;
}
