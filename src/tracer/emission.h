/* What a nuclide emits: members "photons", "betas" and "electrons" of isotopes.json. */
#ifndef RGQ_TRACER_EMISSION_H
#define RGQ_TRACER_EMISSION_H

#include "tracer/quantity.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Fill the emissions of `out` from its node; absent members leave the lists empty. */
RGQ_MUST_CHECK rgq_status rgq_emissions_read(rgq_nuclide *out, const rgq_json *node,
                                             const rgq_source_list *sources, const char *where,
                                             rgq_error *err);

#ifdef __cplusplus
}
#endif

#endif
