/* Balls out of a table as regions on the voxels of a scan. */
#ifndef RGQ_CLI_SPHERE_LIST_H
#define RGQ_CLI_SPHERE_LIST_H

#include "rgdquant/regions.h"

/**
 * @brief Read a table with the columns name, x_mm, y_mm, z_mm and radius_mm; others are
 * ignored.
 *
 * Positions count to the right, front and head (RAS+). Labels are 1, 2, ... in the order of the
 * rows.
 *
 * @param[in] fractional  weights are the exact part of each voxel inside the ball (the axes of
 *                        the grid must be perpendicular), else 1 where the centre is at most
 *                        the radius away
 * @return RGQ_OK; RGQ_E_FORMAT with the line; RGQ_E_GEOMETRY for a ball wholly beyond the grid;
 *         RGQ_E_UNSUPPORTED for fractions on a sheared grid; RGQ_E_IO; RGQ_E_NOMEM
 */
RGQ_MUST_CHECK rgq_status rgq_sphere_list_read(rgq_regions **out, const char *path,
                                               const rgq_grid *grid, bool fractional,
                                               rgq_error *err);

#endif
