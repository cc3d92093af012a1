#include "io/patient_grid.h"

#include "core/banned.h"

void rgq_patient_signs(double sign[3], rgq_patient_position position)
{
    sign[0] = position.feet_first != position.prone ? 1.0 : -1.0;
    sign[1] = position.prone ? 1.0 : -1.0;
    sign[2] = position.feet_first ? 1.0 : -1.0;
}

rgq_grid rgq_patient_grid(const int n[3], const double spacing_mm[3], const double *first_mm,
                          rgq_patient_position position)
{
    rgq_grid grid = {.n = {n[0], n[1], n[2]}};
    double sign[3];

    rgq_patient_signs(sign, position);
    for (int i = 0; i < 3; i++) {
        grid.affine[i][i] = sign[i] * spacing_mm[i];
        grid.affine[i][3] =
            sign[i] * (first_mm != NULL ? first_mm[i] : -0.5 * (n[i] - 1) * spacing_mm[i]);
    }
    return grid;
}
