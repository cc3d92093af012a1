/**
 * @file contour.h
 * @brief Closed planar contours in mm become voxels: which centres lie inside.
 *
 * A voxel is in if its centre is, by the even-odd rule over all contours of one plane together:
 * a contour inside another is a hole, two that lie apart are two parts.
 *
 * A centre on an edge: of two opposite edges of a polygon the one with the smaller voxel index
 * belongs to it and the other does not, along both axes of the plane, as in an interval [a, b).
 * Two polygons that share an edge so divide the voxels on it without overlap or gap. Index
 * coordinates within 1e-4 of a whole number are taken for it: files write positions in
 * decimals.
 *
 * Planes. The contours must be flat along one axis of the grid (to 0.1 voxel; the slice axis is
 * tried first). Contours within 0.05 slice of a slice lie on it. If all do and they stand on
 * neighbouring slices, every slice is filled from its own contours. Else a slice between two
 * contour planes is interpolated by signed distances to the edges of the two sets (shape-based
 * interpolation), where the planes are not further apart than 1.5 times the usual (median)
 * distance and 1.5 slices or 10 mm, whichever is more; a wider gap is a gap. If the planes do
 * not lie on slices, the first and the last plane of a stack also reach half the usual distance
 * outwards (the upper end excluded).
 *
 * @see cite:Raya1990; test: tests/unit/volume/test_contour.c
 */
#ifndef RGQ_VOLUME_CONTOUR_H
#define RGQ_VOLUME_CONTOUR_H

#include "rgdquant/grid.h"

#ifdef __cplusplus
extern "C" {
#endif

/** One closed polygon; the last point joins the first. */
typedef struct rgq_contour {
    double (*point_mm)[3]; /**< world, RAS+; borrowed */
    size_t n;              /**< >= 3 */
} rgq_contour;

/** Voxels of a region, in the smallest box. Zero it; release with rgq_contour_fill_release().
 */
typedef struct rgq_contour_fill {
    int lo[3];
    int n[3];      /**< 0,0,0: the contours lie beyond the grid */
    float *weight; /**< 0 or 1, x fastest; NULL if there is none */
    /* what was met on the way */
    char axis;             /**< 'i', 'j' or 'k': across the contours */
    size_t n_planes;       /**< planes with contours */
    size_t n_outside;      /**< of these, beyond the first or last slice */
    size_t n_off_slice;    /**< of these, between two slices */
    size_t n_interpolated; /**< slices without a plane of their own that were filled */
    size_t n_doubled;      /**< contours left out because the same one comes twice */
} rgq_contour_fill;

/**
 * @brief Rasterise the contours of one region.
 *
 * @param[out] out  zeroed; holds nothing on failure
 * @return RGQ_OK; RGQ_E_ARGUMENT for a contour of fewer than 3 points; RGQ_E_GEOMETRY for
 *         contours that no axis of the grid is perpendicular to (with how far they are from
 *         flat), or points that are not within 1e5 mm; RGQ_E_NOMEM
 *
 * Cost: points x the slices' rows they cross, plus the voxels of the box.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_contours_fill(rgq_contour_fill *out, const rgq_grid *grid,
                                                    const rgq_contour *contour, size_t n,
                                                    rgq_error *err);

RGQ_API void rgq_contour_fill_release(rgq_contour_fill *fill);

#ifdef __cplusplus
}
#endif

#endif
