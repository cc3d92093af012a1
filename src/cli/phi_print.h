/* `info --phi`: which elements of a scan can identify a person; never their values. */
#ifndef RGQ_CLI_PHI_PRINT_H
#define RGQ_CLI_PHI_PRINT_H

#include "cli/context.h"

/** Look at a scan and print a table, or JSON with --json. */
RGQ_MUST_CHECK rgq_status rgq_phi_print(const rgq_context *context, const char *path,
                                        rgq_error *err);

#endif
