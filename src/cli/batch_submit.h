/* `batch --submit slurm`: the same line again, once for each case, on a cluster. */
#ifndef RGQ_CLI_BATCH_SUBMIT_H
#define RGQ_CLI_BATCH_SUBMIT_H

#include "cli/context.h"
#include "rgdquant/study.h"

/** Submit, and say the job numbers. Words, scripts and threads come from the context; `how` has
 *  the rest. */
RGQ_MUST_CHECK rgq_status rgq_batch_submit(rgq_context *context, const rgq_study *study,
                                           rgq_submit_opts *how, rgq_error *err);

#endif
