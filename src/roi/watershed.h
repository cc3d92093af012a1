/* Flooding from markers, and parting what touches. */
#ifndef RGQ_ROI_WATERSHED_H
#define RGQ_ROI_WATERSHED_H

#include <stddef.h>
#include <stdint.h>

#include "rgdquant/error.h"

/**
 * @brief Watershed by flooding from markers, face to face.
 *
 * A voxel joins the marker from which the highest place on the way to it, itself included, is
 * lowest; of equal ones that whose water stood lower beside it. No voxel stays between.
 *
 * @param[in,out] label   n[0] n[1] n[2] bytes: 0 = to be flooded, else the marker it is of
 * @param[in]     height  as many, finite
 * @return RGQ_OK; RGQ_E_NOMEM. Cost: O(voxels log voxels), serial; 28 to about 150 bytes a
 * voxel.
 * @see cite:Meyer1994
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_watershed(uint8_t *label, const float *height,
                                                const int n[3], rgq_error *err);

/**
 * @brief Part a mask into hills of `value`.
 *
 * The voxels come in falling order of value (ties: the lower index first) and join the hill of
 * the highest neighbour that is there already. Where two hills meet at a saddle, they become
 * one if the lower of their peaks lies less than depth x itself above it; else both stay.
 *
 * @param[out] hill   a number from 1 for each voxel of the mask, 0 elsewhere
 * @param[in]  mask   n[0] n[1] n[2] bytes
 * @param[in]  value  as many, finite
 * @param[in]  depth  0 .. 1
 * @return RGQ_OK; RGQ_E_NOMEM. Cost: O(m log m) for m voxels of the mask, serial.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_hills(int32_t *hill, const uint8_t *mask,
                                            const float *value, const int n[3], double depth,
                                            rgq_error *err);

#endif
