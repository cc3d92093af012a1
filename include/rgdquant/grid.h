/**
 * @file grid.h
 * @brief Where voxels lie: counts and one affine, oblique or not.
 *
 * World coordinates are RAS+ millimetres, as in NIfTI: x grows to the patient's right, y to the
 * front, z to the head. DICOM's LPS is converted when a file is read. Spacing and direction are
 * derived from the affine, never stored a second time.
 */
#ifndef RGDQUANT_GRID_H
#define RGDQUANT_GRID_H

#include <stdbool.h>

#include "rgdquant/error.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { RGQ_GRID_SIDE_MAX = 32767 }; /**< most voxels along one axis */

typedef struct rgq_grid {
    int n[3];            /**< voxels along x (fastest), y, z; 1 .. RGQ_GRID_SIDE_MAX */
    double affine[3][4]; /**< world_mm = affine * (i, j, k, 1); (0,0,0) is a voxel centre */
} rgq_grid;

/** Axis-aligned grid with positive axes; voxel (0,0,0) is centred at `origin_mm`. */
RGQ_API rgq_grid rgq_grid_make(const int n[3], const double spacing_mm[3],
                               const double origin_mm[3]);

/** The same with the centre of the whole grid at `centre_mm`. */
RGQ_API rgq_grid rgq_grid_make_centred(const int n[3], const double spacing_mm[3],
                                       const double centre_mm[3]);

/** @return RGQ_OK; RGQ_E_GEOMETRY if a count is out of range, the product does not fit, a
 *  number is not finite, or the axes do not span a volume */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_grid_check(const rgq_grid *grid, rgq_error *err);

/** Number of voxels; the grid must have passed rgq_grid_check(). */
RGQ_API size_t rgq_grid_count(const rgq_grid *grid);

/** Length of the step between neighbours along each axis [mm]. */
RGQ_API void rgq_grid_spacing_mm(const rgq_grid *grid, double spacing_mm[3]);

/** |det| of the 3x3 part / 1000: the volume of one voxel [mL]. */
RGQ_API double rgq_grid_voxel_ml(const rgq_grid *grid);

/** World position [mm] of a point given in (fractional) voxel indices. */
RGQ_API void rgq_grid_to_world(const rgq_grid *grid, const double index[3], double world_mm[3]);

/** Inverse of rgq_grid_to_world(). */
RGQ_API void rgq_grid_to_index(const rgq_grid *grid, const double world_mm[3], double index[3]);

/** True if the three axes are perpendicular to each other within 1e-4 of a right angle. */
RGQ_API bool rgq_grid_is_orthogonal(const rgq_grid *grid);

/** Letters of the world direction nearest to each axis, e.g. "LPS"; `code` holds 4 bytes. */
RGQ_API void rgq_grid_orientation(const rgq_grid *grid, char code[4]);

/**
 * @brief Do two grids hold the same voxels at the same places?
 *
 * Compared at the eight corners, so that a difference of spacing or angle counts as what it
 * does to positions.
 *
 * @param[in] tol_mm  largest distance allowed [mm]; < 0 takes 1 % of the smallest spacing of
 * `a`
 * @return RGQ_OK; RGQ_E_GEOMETRY with both grids in mm and the largest distance
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_grid_compare(const rgq_grid *a, const rgq_grid *b,
                                                   double tol_mm, rgq_error *err);

#ifdef __cplusplus
}
#endif

#endif
