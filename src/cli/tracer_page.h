/* The page of `tracer show`, as text and as JSON. */
#ifndef RGQ_CLI_TRACER_PAGE_H
#define RGQ_CLI_TRACER_PAGE_H

#include "cli/context.h"
#include "rgdquant/tracer.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Print all that is known of a tracer; each number without a verified source is "not
 *  published". */
RGQ_MUST_CHECK rgq_status rgq_tracer_show(rgq_context *context, const char *folder,
                                          const char *id, rgq_error *err);

/** "In-111, Tc-99m"; "n/a" for a ligand without a published label. Returns `out`. */
const char *rgq_tracer_nuclides_of(char *out, size_t size, const rgq_tracer *t);

/** "yes", "no" or "not published". */
const char *rgq_tracer_human_use_of(const rgq_tracer *t);

#ifdef __cplusplus
}
#endif

#endif
