/* A NIfTI file, compressed or not: read as a scan and as regions, or refused. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "io/nifti.h"
#include "rgdquant/regions.h"
#include "rgdquant/scan_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A file without a name, so that nothing is left behind whatever happens. */
static const char *nameless_file(int *fd)
{
    static char path[64];
    static int open_fd = -1;

    if (open_fd < 0) {
        char name[] = "/tmp/rgq-fuzz-XXXXXX";
        open_fd = mkstemp(name);
        if (open_fd < 0 || unlink(name) != 0)
            abort();
        (void)snprintf(path, sizeof path, "/proc/self/fd/%d", open_fd);
    }
    *fd = open_fd;
    return path;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd = -1;
    const char *path = nameless_file(&fd);
    rgq_scan scan = {0};
    rgq_volume *volume = NULL;
    rgq_regions *regions = NULL;

    if (ftruncate(fd, (off_t)size) != 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
        abort();
    if (rgq_nifti_read(&volume, NULL, path, NULL, NULL) == RGQ_OK)
        (void)!rgq_volume_check_finite(volume, "", NULL);
    rgq_volume_free(volume);
    if (rgq_scan_read(&scan, path, NULL, NULL, NULL) == RGQ_OK)
        rgq_scan_release(&scan);
    if (rgq_regions_read(&regions, path, NULL, NULL) == RGQ_OK)
        rgq_regions_free(regions);
    return 0;
}
