/* The local background of a lesion. */
#ifndef RGQ_ROI_SHELL_H
#define RGQ_ROI_SHELL_H

#include "roi/components.h"

/** Thickness of the shell [mm]. It begins one FWHM of the scanner from the contour: nearer the
 *  lesion's own blur reaches, farther out lies other tissue. */
#define RGQ_SHELL_THICK_MM 10.0

typedef struct rgq_shell {
    double mean; /**< unit of the volume; NaN if the shell holds no voxel */
    double sd;   /**< population */
    size_t count;
} rgq_shell;

/**
 * @brief Mean and sd of the voxels from_mm to from_mm + 10 mm from the component found last.
 *
 * The distance is that between voxel centres. Voxels >= threshold (a neighbouring lesion) are
 * left out; the search region does not limit the shell, the image does.
 *
 * @param[in] from_mm  >= 0
 * @return RGQ_OK, also for an empty shell (count 0); RGQ_E_GEOMETRY if the axes of the grid are
 *         not perpendicular; RGQ_E_NOMEM
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_shell_measure(rgq_shell *out, const rgq_flood *flood,
                                                    double threshold, double from_mm,
                                                    rgq_error *err);

/** Least and largest squared distance [mm^2] of a shell from_mm .. to_mm, as
 * rgq_box_distance2() gives them. A distance of exactly either end belongs to it whatever the
 * last bit says; the lesion itself (0) never does. */
RGQ_API void rgq_shell_limits(float d2[2], double from_mm, double to_mm);

/** Refuse a grid whose axes are not perpendicular: distances would not be those of a box. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_roi_check_axes(const rgq_grid *grid, rgq_error *err);

#endif
