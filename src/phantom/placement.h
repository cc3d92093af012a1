/* Where a phantom lies in a view, and how it is found. */
#ifndef RGQ_PHANTOM_PLACEMENT_H
#define RGQ_PHANTOM_PLACEMENT_H

#include "phantom/model.h"
#include "phantom/view.h"

/** Rotation or rotation with a reflection: view mm = origin + axis * phantom mm. */
typedef struct rgq_placement {
    double origin[3];
    double axis[3][3]; /* orthonormal; column c is the phantom's axis c */
} rgq_placement;

void rgq_placement_apply(const rgq_placement *place, const double phantom_mm[3], double mm[3]);
void rgq_placement_invert(const rgq_placement *place, const double mm[3], double phantom_mm[3]);

/** Turned by `angle_rad` about the last axis, mirrored in the plane before that, turned end to
 *  end along it. */
rgq_placement rgq_placement_make(const double origin[3], double angle_rad, bool mirrored,
                                 bool reversed);

#endif
