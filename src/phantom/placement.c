#include "phantom/placement.h"

#include <math.h>

#include "core/banned.h"

void rgq_placement_apply(const rgq_placement *place, const double phantom_mm[3], double mm[3])
{
    for (int r = 0; r < 3; r++) {
        mm[r] = place->origin[r];
        for (int c = 0; c < 3; c++)
            mm[r] += place->axis[r][c] * phantom_mm[c];
    }
}

void rgq_placement_invert(const rgq_placement *place, const double mm[3], double phantom_mm[3])
{
    for (int c = 0; c < 3; c++) {
        phantom_mm[c] = 0.0;
        for (int r = 0; r < 3; r++)
            phantom_mm[c] += place->axis[r][c] * (mm[r] - place->origin[r]);
    }
}

rgq_placement rgq_placement_make(const double origin[3], double angle_rad, bool mirrored,
                                 bool reversed)
{
    const double c = cos(angle_rad);
    const double s = sin(angle_rad);
    const double m = mirrored ? -1.0 : 1.0;
    const rgq_placement out = {
        {origin[0], origin[1], origin[2]},
        {{c * m, -s, 0.0}, {s * m, c, 0.0}, {0.0, 0.0, reversed ? -1.0 : 1.0}}};

    return out;
}
