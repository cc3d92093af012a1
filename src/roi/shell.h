/* The local background of a lesion. */
#ifndef RGQ_ROI_SHELL_H
#define RGQ_ROI_SHELL_H

#include "roi/components.h"

/** Distance of the shell from the nearest voxel centre of the lesion [mm]. Nearer than the
 *  first the lesion's own blur reaches, farther than the second lies other tissue. */
#define RGQ_SHELL_FROM_MM 5.0
#define RGQ_SHELL_TO_MM   15.0

typedef struct rgq_shell {
    double mean; /**< unit of the volume; NaN if the shell holds no voxel */
    double sd;   /**< population */
    size_t count;
} rgq_shell;

/**
 * @brief Mean and sd of the voxels 5 to 15 mm from the component found last.
 *
 * The distance is that between voxel centres. Voxels >= threshold (a neighbouring lesion) are
 * left out; the search region does not limit the shell, the image does.
 *
 * @return RGQ_OK, also for an empty shell (count 0); RGQ_E_GEOMETRY if the axes of the grid are
 *         not perpendicular; RGQ_E_NOMEM
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_shell_measure(rgq_shell *out, const rgq_flood *flood,
                                                    double threshold, rgq_error *err);

#endif
