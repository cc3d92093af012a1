/* A side file for a scan of one frame and for one of two. */
#include <stdint.h>
#include <stdlib.h>

#include "io/sidecar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const rgq_grid grid = rgq_grid_make((const int[3]){1, 1, 1}, (const double[3]){1, 1, 1},
                                        (const double[3]){0, 0, 0});
    rgq_scan scan = {0};

    for (int n_frames = 1; n_frames <= 2; n_frames++) {
        if (rgq_volume_create(&scan.volume, &grid, n_frames, RGQ_UNIT_NATIVE, NULL) != RGQ_OK)
            abort();
        (void)!rgq_sidecar_parse(&scan, (const char *)data, size, "fuzz", NULL, NULL);
        rgq_scan_release(&scan);
    }
    return 0;
}
