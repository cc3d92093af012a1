/* A DICOM SEG in: regions on their own grid and on a small scan, or refused. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "io/dicom_seg.h"
#include "rgdquant/scan_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char path[64];

static void remove_file(void)
{
    (void)unlink(path);
}

/* A file that lives as long as the process. */
static void save(const uint8_t *data, size_t size)
{
    if (path[0] == '\0') {
        (void)snprintf(path, sizeof path, "/tmp/rgq-fuzz-XXXXXX");
        const int fd = mkstemp(path);
        if (fd < 0)
            abort();
        (void)close(fd);
        (void)atexit(remove_file);
    }
    FILE *file = fopen(path, "wb");
    if (file == NULL)
        abort();
    (void)fwrite(data, 1, size, file);
    (void)fclose(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const rgq_grid grid = {{24, 20, 12}, {{-2, 0, 0, -10}, {0, -2, 0, -20}, {0, 0, 3, 30}}};
    rgq_seg seg = {.pixels = NULL};
    rgq_regions *regions = NULL;

    save(data, size);
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
