/* A phantom file in; what was accepted must be paintable. */
#include <stdint.h>
#include <string.h>

#include "rgdquant/phantom.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rgq_phantom *phantom = NULL;
    rgq_phantom_opts opts = RGQ_PHANTOM_OPTS_INIT;
    rgq_phantom_scan scan;
    double size_mm[3];

    if (rgq_phantom_parse(&phantom, (const char *)data, size, "fuzz", NULL) != RGQ_OK)
        return 0;
    rgq_phantom_size_mm(phantom, size_mm);
    for (int a = 0; a < 3; a++) { /* at most 12 voxels a side: shapes, not memory */
        opts.voxel_mm[a] = size_mm[a] / 12.0;
        if (!(opts.voxel_mm[a] >= 0.1 && opts.voxel_mm[a] <= 100.0))
            opts.voxel_mm[a] = size_mm[a] > 100.0 ? 100.0 : 0.1;
    }
    opts.half_life_s = 6000.0;
    opts.fractional = true;
    opts.levels = 1;
    if (size_mm[0] * size_mm[1] * size_mm[2] < 1e9 &&
        rgq_phantom_make(&scan, phantom, &opts, NULL, NULL) == RGQ_OK) {
        if (rgq_volume_check_finite(scan.volume, "fuzz", NULL) != RGQ_OK)
            __builtin_trap();
        rgq_phantom_scan_release(&scan);
    }
    rgq_phantom_free(phantom);
    return 0;
}
