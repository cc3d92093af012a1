/* A mask made larger, smaller, smoother or whole. */
#ifndef RGQ_ROI_MORPHOLOGY_H
#define RGQ_ROI_MORPHOLOGY_H

#include <stdint.h>

#include "rgdquant/segment.h"

/* Masks are bytes over the grid, 0 or 1, changed in place; an empty one stays empty. Distances
 * are those between voxel centres, and need perpendicular axes (RGQ_E_GEOMETRY). The image ends
 * as if it went on: nothing is eroded from its edge. Work is done in the box of the mask. */

/** Add the voxels at most `mm` from the mask. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_morph_dilate(uint8_t *mask, const rgq_grid *grid,
                                                   double mm, rgq_error *err);

/** Remove the voxels at most `mm` from a voxel outside the mask. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_morph_erode(uint8_t *mask, const rgq_grid *grid,
                                                  double mm, rgq_error *err);

/** A Gaussian of FWHM `mm` over the mask, cut at one half. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_morph_smooth(uint8_t *mask, const rgq_grid *grid,
                                                   double mm, rgq_error *err);

/** Fill what the mask encloses: voxels with no way, face to face, to the edge of its box. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_morph_fill_holes(uint8_t *mask, const rgq_grid *grid,
                                                       rgq_error *err);

/** All that the options ask for, in their order. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_morph_apply(uint8_t *mask, const rgq_grid *grid,
                                                  const rgq_segment_opts *opts, rgq_error *err);

#endif
