/* A program of somebody else: includes the installed headers and links the installed library.
 */
#include <rgdquant/rgdquant.h>
#include <stdio.h>

int main(void)
{
    const int n[3] = {4, 4, 4};
    const double spacing_mm[3] = {2.0, 2.0, 2.0};
    const double origin_mm[3] = {0.0, 0.0, 0.0};
    const rgq_grid grid = rgq_grid_make(n, spacing_mm, origin_mm);
    rgq_error err = RGQ_ERROR_INIT;
    rgq_volume *volume = NULL;

    if (rgq_volume_create(&volume, &grid, 1, RGQ_UNIT_BQ_ML, &err) != RGQ_OK) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    printf("rgdquant %s: a voxel of %g mL\n", rgq_version(), rgq_grid_voxel_ml(&grid));
    rgq_volume_free(volume);
    return 0;
}
