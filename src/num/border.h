/* Which voxel of an axis stands in for one outside it. */
#ifndef RGQ_NUM_BORDER_H
#define RGQ_NUM_BORDER_H

#include "rgdquant/convolution.h"

/** Index 0..n-1 that position `i` (any) of an axis of `n` >= 1 voxels takes its value from; -1
 *  where the value is zero. */
RGQ_API int rgq_border_index(int i, int n, rgq_border border);

#endif
