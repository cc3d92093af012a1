/* What the parts of a dose map share. Only dose_*.c include this. */
#ifndef RGQ_DOSE_DOSE_PARTS_H
#define RGQ_DOSE_DOSE_PARTS_H

#include "dose/dose_map.h"

/* Of the medium of kernels, and of voxels of which none is known [g/cm3]. */
static const double rgq_dose_density = 1.04;
/* Below this a voxel is air: it has no dose of its own. */
static const double rgq_dose_thin = 0.05;

typedef struct rgq_dose_work {
    const rgq_dose_field *source;
    const rgq_spectrum *spectrum;
    const rgq_dose_map_opts *opts;
    const rgq_log *log;
    float *dose;   /* mGy, added to */
    float *energy; /* MeV x MBq s of each voxel: scratch */
    double decays; /* MBq s */
    rgq_dose_map_report report;
} rgq_dose_work;

/* energy = decays x mev, where they are. */
void rgq_dose_deposit(const rgq_dose_work *w, float *energy_mev, double mev);

/* Add energies to the doses, by the voxel's own density or by that of the kernels, and their
 * sum to the report. */
void rgq_dose_add(rgq_dose_work *w, const float *energy, bool per_own_gram);

/* Add the doses by convolution: of electrons by kernel or where they arise, and of photons
 * where `photons`. */
RGQ_MUST_CHECK rgq_status rgq_dose_convolve(rgq_dose_work *w, bool electrons_by_kernel,
                                            bool photons, rgq_error *err);

#endif
