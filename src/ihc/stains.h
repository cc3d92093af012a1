/* From the vectors of stains to the matrix that separates them. */
#ifndef RGQ_IHC_STAINS_H
#define RGQ_IHC_STAINS_H

#include "rgdquant/ihc.h"

/** Index of the stain of that name, or -1. */
RGQ_API int rgq_stains_index(const rgq_stains *stains, const char *name);

/**
 * @brief inverse[stain][colour], so that stain = sum over colours of inverse * OD.
 *
 * Normalises the vectors first if they ask for it. With two stains the third vector is their
 * cross product, of unit length; the first two rows do not depend on it.
 *
 * @return RGQ_OK; RGQ_E_ARGUMENT: count, a component that is not finite or below -1 or above
 * 10, a vector of 0, vectors nearly in a plane, neither hematoxylin nor dab; RGQ_E_NOMEM.
 *         `stains` keeps its meaning on failure.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_stains_invert(double inverse[3][3], rgq_stains *stains,
                                                    rgq_error *err);

#endif
