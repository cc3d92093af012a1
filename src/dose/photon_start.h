/* Where photons start, and with what energy. */
#ifndef RGQ_DOSE_PHOTON_START_H
#define RGQ_DOSE_PHOTON_START_H

#include "dose/photon_mc.h"
#include "num/stream_rng.h"

/** Voxels to draw from: all alike, or by Walker's and Vose's table. */
typedef struct rgq_photon_start {
    const rgq_anatomy *body;
    uint32_t *voxel;
    size_t n;
    float *keep;     /**< NULL: all alike; else probability to keep the drawn entry */
    uint32_t *other; /**< taken otherwise */
    const rgq_line *line;
    int n_lines;
    double yield;       /**< photons per decay */
    double emitted_mev; /**< per decay */
} rgq_photon_start;

/** @return RGQ_OK; RGQ_E_ARGUMENT (nothing to start from, an organ that is not there, an
 * activity below 0); RGQ_E_NOMEM. On failure `out` may be released all the same. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_photon_start_make(rgq_photon_start *out,
                                                        const rgq_anatomy *body,
                                                        const rgq_photon_source *source,
                                                        const rgq_spectrum *spectrum,
                                                        rgq_error *err);
RGQ_API void rgq_photon_start_release(rgq_photon_start *start);

/** Draw a place [voxels] and return an energy [MeV]. */
RGQ_API double rgq_photon_start_at(float at[3], const rgq_photon_start *start,
                                   rgq_stream *random);

#endif
