/* A DICOM SEG in: regions on their own grid and on a small scan, or refused. */
#include "fuzz_file.h"
#include "io/dicom_seg.h"
#include "rgdquant/scan_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[96];
    const rgq_grid grid = {{24, 20, 12}, {{-2, 0, 0, -10}, {0, -2, 0, -20}, {0, 0, 3, 30}}};
    rgq_seg seg = {.pixels = NULL};
    rgq_regions *regions = NULL;

    fuzz_save(path, "f", data, size);
    /* whatever its class says it is */
    if (rgq_seg_read(&seg, path, NULL) == RGQ_OK)
        (void)!rgq_seg_regions(&regions, &seg, NULL, "1.2.3", NULL, NULL);
    rgq_seg_release(&seg);
    rgq_regions_free(regions);
    regions = NULL;
    const rgq_status st = rgq_regions_read_on(&regions, path, &grid, NULL, NULL, NULL);
    if ((st == RGQ_OK) != (regions != NULL))
        abort();
    rgq_regions_free(regions);
    return 0;
}
