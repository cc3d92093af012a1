/* Analyze 7.5: where its 348 bytes mean something else than those of NIfTI-1.
 *
 * The format does not say where left and right are. What is assumed is that of its makers and
 * of SPM: without a word in `orient`, voxels run to the left, to the front and to the head. */
#ifndef RGQ_IO_ANALYZE_H
#define RGQ_IO_ANALYZE_H

#include <stdbool.h>

#include "rgdquant/grid.h"
#include "rgdquant/log.h"

/** The datatype of NIfTI that a datatype of Analyze (SPM's additions with it) stands for. */
int rgq_analyze_datatype(int datatype);

/**
 * @brief Axes and first voxel from `orient` and SPM's origin, with a warning that says so.
 *
 * @param[in,out] grid   sizes are set; the affine is filled
 * @param[in] bytes      the header as it is in the file
 * @param[in] swapped    its numbers are in the other order than this machine's
 * @param[in] pixdim_mm  sizes of a voxel along i, j, k; finite, not 0
 */
RGQ_MUST_CHECK rgq_status rgq_analyze_place(rgq_grid *grid, const unsigned char *bytes,
                                            bool swapped, const double pixdim_mm[3],
                                            const rgq_log *log, rgq_error *err);

#endif
