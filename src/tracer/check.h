/* Parts of the check of a tracer file. */
#ifndef RGQ_TRACER_CHECK_H
#define RGQ_TRACER_CHECK_H

#include "rgdquant/tracer.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Add a problem; beyond RGQ_PROBLEMS_MAX they are dropped. */
void rgq_complain(rgq_tracer_problems *to, const char *format, ...) RGQ_PRINTF(2, 3);

/** A number in a field that feeds calculations for humans. */
void rgq_check_human(rgq_tracer_problems *to, const rgq_quantity *q, const char *field);

/** Time-integrated activities, self-doses and tissue weights. */
void rgq_check_doses(rgq_tracer_problems *to, const rgq_tracer *tracer,
                     const rgq_nuclide *nuclide);

#ifdef __cplusplus
}
#endif

#endif
