/* One case: a process of its own, what it says, and how it ended. */
#ifndef RGQ_STUDY_WORKER_H
#define RGQ_STUDY_WORKER_H

#include <stdio.h>
#include <sys/types.h>

#include "rgdquant/study.h"

enum { RGQ_WORKER_LINE_MAX = 1024 };

typedef struct rgq_worker {
    pid_t pid; /* also of its group; 0: no process */
    int pipe;  /* its stdout and stderr; -1: closed */
    FILE *log; /* NULL: the log could not be opened; the reason is kept all the same */
    int at;    /* index of the case */
    double began_s;
    double stop_s; /* when it was told to end; 0: not yet */
    bool timed_out;
    size_t used;
    char line[RGQ_WORKER_LINE_MAX];  /* the one that is coming in */
    char last[RGQ_WORKER_LINE_MAX];  /* last one that was not empty */
    char error[RGQ_WORKER_LINE_MAX]; /* last one that told an error */
} rgq_worker;

/** Seconds of CLOCK_MONOTONIC. */
double rgq_worker_now_s(void);

/**
 * @brief Start opts->program with the words `argv` (NULL-ended) and the limits of `opts`, its
 * words going to `log_path`.
 *
 * The process has its own group and ends with the thread that called this.
 * @return RGQ_OK; RGQ_E_IO if no process or pipe can be had
 */
RGQ_MUST_CHECK rgq_status rgq_worker_start(rgq_worker *out, char *const *argv,
                                           const rgq_study_opts *opts, const char *log_path,
                                           rgq_error *err);

/** Take what it has said; blocks if it has said nothing. */
void rgq_worker_listen(rgq_worker *worker);

/** Tell it to end, first kindly, 2 s later for good; `now_s` as rgq_worker_now_s(). */
void rgq_worker_stop(rgq_worker *worker, double now_s);

/** If it has ended: true, and how. The reason is as it said it. */
bool rgq_worker_ended(rgq_worker *worker, rgq_case_outcome *outcome, double time_s,
                      double mem_mb);

#endif
