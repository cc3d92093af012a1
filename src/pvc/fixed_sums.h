/* Sums over the regions of a label map that may be added to in any order by any thread: whole
 * numbers, which are the same bits whatever the order. */
#ifndef RGQ_PVC_FIXED_SUMS_H
#define RGQ_PVC_FIXED_SUMS_H

#include <stdbool.h>

#include "pvc/parts.h"

typedef struct rgq_fixed_sums rgq_fixed_sums;

/** @param[out] out  NULL for masks and more than 4096 parts too; caller frees it */
RGQ_MUST_CHECK rgq_status rgq_fixed_sums_create(rgq_fixed_sums **out, const rgq_parts *parts,
                                                rgq_error *err);
/** NULL is allowed. */
void rgq_fixed_sums_free(rgq_fixed_sums *sums);

/** All sums 0. The step of the whole numbers is chosen so that voxels may be 256 times as large
 *  as the largest of `value`; it is some 2^-29 of that for 50 million voxels. */
void rgq_fixed_sums_clear(rgq_fixed_sums *sums, const double *value);

/** Add voxels; by several threads of one parallel region at once. */
void rgq_fixed_sums_add(rgq_fixed_sums *sums, const uint16_t *label, const float *image,
                        size_t n);

/** The sums, once every voxel was added. @return false if a voxel was too large or not finite:
 *  `sum` is then not set. */
bool rgq_fixed_sums_get(const rgq_fixed_sums *sums, double *sum);

#endif
