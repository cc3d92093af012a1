/* Shapes to voxels. */
#ifndef RGQ_PHANTOM_PAINT_H
#define RGQ_PHANTOM_PAINT_H

#include <stdint.h>

#include "phantom/model.h"
#include "rgdquant/regions.h"

/** Which object each voxel holds. Voxels that a surface crosses have parts. */
typedef struct rgq_painting {
    rgq_grid grid;
    int n_objects;
    int32_t *voxel; /* object + 1; 0 outside; -1 - m for the m-th voxel with parts */
    size_t n_mixed;
    uint16_t *parts; /* n_mixed * (n_objects + 1) counts, [0] outside; NULL if none */
    int parts_total; /* sum of the counts of one voxel */
} rgq_painting;

/**
 * @brief Find the object of each voxel.
 *
 * @param[out] out     zeroed; release with rgq_painting_release(), also after a failure
 * @param[in]  levels  0: by the voxel's centre; else halved so often along each axis
 * @return RGQ_OK; RGQ_E_NOMEM
 */
RGQ_MUST_CHECK rgq_status rgq_painting_make(rgq_painting *out, const rgq_phantom *phantom,
                                            const rgq_grid *grid, int levels, rgq_error *err);
void rgq_painting_release(rgq_painting *painting);

/** values[0] for outside, values[object + 1]: mean of each voxel into `out`. */
void rgq_painting_fill(float *out, const rgq_painting *painting, const double *values);

/** The truth regions of the phantom. */
RGQ_MUST_CHECK rgq_status rgq_painting_regions(rgq_regions **out, const rgq_painting *painting,
                                               const rgq_phantom *phantom, rgq_error *err);

#endif
