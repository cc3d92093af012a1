/* Grids of formats that count voxels from the scanner, not from the patient. */
#ifndef RGQ_IO_PATIENT_GRID_H
#define RGQ_IO_PATIENT_GRID_H

#include <stdbool.h>

#include "rgdquant/grid.h"

/** How the patient lies on the table. */
typedef struct rgq_patient_position {
    bool feet_first;
    bool prone;
} rgq_patient_position;

/** The scanner's frame, seen from the bed: x to the right, y down, z out of the gantry along
 *  the bed. Head first and supine that is the patient's left, back and feet; feet first turns x
 *  and z round, prone turns x and y round.
 *  @param[in] first_mm  centre of the first voxel in the scanner's frame; NULL puts the middle
 *                       of the grid at 0 */
rgq_grid rgq_patient_grid(const int n[3], const double spacing_mm[3], const double *first_mm,
                          rgq_patient_position position);

/** The reverse: signs of the patient's x, y and z (RAS) along the scanner's axes. */
void rgq_patient_signs(double sign[3], rgq_patient_position position);

#endif
