/* S values of endless tissue: the point kernel of photons instead of their transport. */
#ifndef RGQ_DOSE_SVALUES_KERNEL_H
#define RGQ_DOSE_SVALUES_KERNEL_H

#include "dose/radial_kernel.h"
#include "dose/svalues.h"

/**
 * @brief As rgq_svalues_compute(), with photons by a convolution for each source.
 *
 * The body has no surface and one density for photons; see rgq_dose_map(). No noise is known.
 *
 * @param[in] photon  kernel of the nuclide, or NULL if it emits none
 * @return as rgq_svalues_compute() and rgq_dose_map()
 * Cost: one dose map a source: minutes for the stylised adult at 2 mm.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_svalues_by_kernel(rgq_svalues **out,
                                                        const rgq_anatomy *body,
                                                        const rgq_spectrum *spectrum,
                                                        const double *wall_fraction,
                                                        const rgq_radial_kernel *photon,
                                                        const rgq_log *log, rgq_error *err);

#endif
