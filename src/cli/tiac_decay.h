/* The physical half-life of a time course, from whoever states it. */
#ifndef RGQ_CLI_TIAC_DECAY_H
#define RGQ_CLI_TIAC_DECAY_H

#include "cli/context.h"
#include "rgdquant/scan.h"

typedef struct rgq_tiac_decay {
    char nuclide[16];   /* "" if none was named */
    double library_s;   /* NaN: nothing known */
    double half_life_s; /* what is used; NaN until it is settled */
    char origin[RGQ_ORIGIN_MAX];
} rgq_tiac_decay;

/** What is known of a nuclide as it was typed; NULL: nothing yet. */
RGQ_MUST_CHECK rgq_status rgq_tiac_decay_begin(rgq_tiac_decay *out, rgq_context *context,
                                               const char *nuclide, rgq_error *err);

/** A scan names a nuclide: the one that was named before, else it is looked up. */
RGQ_MUST_CHECK rgq_status rgq_tiac_decay_nuclide(rgq_tiac_decay *decay, rgq_context *context,
                                                 const char *named, const char *whose,
                                                 rgq_error *err);

/**
 * @brief Settle the half-life: `stated_s` (NaN: nobody did) by `origin`, else the library's.
 *
 * @return RGQ_OK; RGQ_E_MISSING without either; RGQ_E_ARGUMENT if they differ by over 0.5 %,
 *         showing both, unless --force, which takes the stated one
 */
RGQ_MUST_CHECK rgq_status rgq_tiac_decay_settle(rgq_tiac_decay *decay,
                                                const rgq_context *context, double stated_s,
                                                const char *origin, rgq_error *err);

#endif
