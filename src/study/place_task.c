/* Results under BIDS names, by tasks that may end at the same moment. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "rgdquant/study.h"
#include "study/ledger.h"

rgq_status rgq_study_place_task(const rgq_study *study, const char *bids_dir,
                                const char *out_dir, const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_case_outcome *outcome = NULL;
    char path[RGQ_PATH_MAX];
    int lock = -1;

    RGQ_TRY(err, rgq_alloc(&outcome, (size_t)study->n_cases, sizeof *outcome, err));
    RGQ_TRY(err, rgq_path_join(path, out_dir, "logs/.place", err));
    lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (lock < 0) {
        st = RGQ_RAISE(err, RGQ_E_IO, "cannot write %s: %s", path, strerror(errno));
        goto out;
    }
    (void)flock(lock, LOCK_EX);
    /* Read under the lock: with rows from before it, files of a case that has just been placed
     * would be taken for those of an earlier run. */
    rgq_ledger_read(outcome, study, out_dir);
    RGQ_TRY(err, rgq_study_place(study, outcome, bids_dir, out_dir, log, err));
out:
    if (lock >= 0)
        (void)close(lock);
    rgq_free(outcome);
    return st;
}
