/* The threshold of one lesion that follows from the lesion itself. */
#ifndef RGQ_ROI_THRESHOLD_H
#define RGQ_ROI_THRESHOLD_H

#include "roi/search.h"
#include "roi/shell.h"

/** One lesion: where it was started, in what words to complain. */
typedef struct rgq_lesion {
    size_t start; /**< voxel of the seed, or of the maximum of the search region */
    bool seeded;  /**< by the user */
    double threshold;
    rgq_shell background; /**< NaN where it was not measured */
    double seed_mm[3];
} rgq_lesion;

/**
 * @brief Threshold and component of the lesion that holds `lesion->start`.
 *
 * fixed: the threshold is given. percent-max: T = fraction x maximum of the component that
 * holds the start at T; found by iteration from the value at the start. Where no T agrees with
 * itself (a hotter neighbour joins at the lesion's own fraction and leaves at the neighbour's)
 * the higher of the two is taken, with a warning. a50: from the component at 50 % of its
 * maximum, T = (maximum + background) / 2 with the background of rgq_shell_measure(), until the
 * component does not change.
 *
 * On success the flood holds the component, never empty.
 * @return RGQ_OK; RGQ_E_ARGUMENT if the start is below the threshold; RGQ_E_NOTFOUND without a
 *         background (a50); RGQ_E_GEOMETRY; RGQ_E_NOMEM
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_lesion_find(rgq_lesion *lesion, rgq_flood *flood,
                                                  const rgq_spec *spec, const rgq_log *log,
                                                  rgq_error *err);

#endif
