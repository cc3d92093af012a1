/* Shared by tests of dose/: spectra of the shipped table. */
#ifndef RGQ_TEST_DOSE_NUCLIDE_H
#define RGQ_TEST_DOSE_NUCLIDE_H

#include "dose/spectrum.h"
#include "rgq_check.h"

static inline rgq_spectrum spectrum_of(const char *id)
{
    rgq_nuclide nuclide;
    rgq_spectrum s;

    MUST(rgq_nuclide_find(&nuclide, RGQ_SOURCE_DIR "/tracers", id, err));
    MUST(rgq_spectrum_make(&s, &nuclide, err));
    return s;
}

#endif
