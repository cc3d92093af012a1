#include "cli/interrupt.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "core/banned.h"
#include "core/pending.h"

/* A thread that waits, not a handler: removing a folder is nothing a handler may do. */
static void *wait_for_signal(void *blocked)
{
    const sigset_t *signals = blocked;
    int number = 0;

    if (sigwait(signals, &number) != 0)
        return NULL;
    rgq_pending_sweep();
    fprintf(stderr, "%srgdquant: stopped by %s; no unfinished file is left\n",
            isatty(STDERR_FILENO) == 1 ? "\r\033[K" : "",
            number == SIGINT    ? "SIGINT (Ctrl-C)"
            : number == SIGTERM ? "SIGTERM"
                                : "SIGHUP");
    (void)signal(number, SIG_DFL); /* who waits for the program sees which signal ended it */
    (void)pthread_sigmask(SIG_UNBLOCK, signals, NULL);
    (void)raise(number);
    return NULL;
}

void rgq_interrupt_watch(void)
{
    static const int watched[] = {SIGINT, SIGTERM, SIGHUP};
    static sigset_t signals; /* outlives this call: the thread reads it */
    pthread_t thread;

    (void)sigemptyset(&signals);
    for (size_t i = 0; i < sizeof watched / sizeof watched[0]; i++) {
        struct sigaction now;
        if (sigaction(watched[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
            (void)sigaddset(&signals, watched[i]);
    }
    if (pthread_sigmask(SIG_BLOCK, &signals, NULL) != 0)
        return;
    if (pthread_create(&thread, NULL, wait_for_signal, &signals) == 0)
        (void)pthread_detach(thread);
    else
        (void)pthread_sigmask(SIG_UNBLOCK, &signals, NULL);
}
