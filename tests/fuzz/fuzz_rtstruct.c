/* An RTSTRUCT in: contours on a small scan, or refused. */
#include "fuzz_file.h"
#include "io/dicom_rtstruct.h"
#include "rgdquant/scan_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[96];
    const rgq_grid grid = {{24, 20, 12}, {{-2, 0, 0, -10}, {0, -2, 0, -20}, {0, 0, 3, 30}}};
    rgq_rtstruct set = {NULL, 0};
    rgq_regions *regions = NULL;

    fuzz_save(path, "f", data, size);
    /* whatever its class says it is */
    if (rgq_rtstruct_read(&set, path, NULL) == RGQ_OK)
        (void)!rgq_rtstruct_regions(&regions, &set, &grid, "1.2.3", NULL, NULL);
    rgq_rtstruct_release(&set);
    rgq_regions_free(regions);
    regions = NULL;
    const rgq_status st = rgq_regions_read_on(&regions, path, &grid, NULL, NULL, NULL);
    if ((st == RGQ_OK) != (regions != NULL))
        abort();
    rgq_regions_free(regions);
    return 0;
}
