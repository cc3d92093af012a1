/* TIFF files: any bytes are read or refused, never worse. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rgdquant/scan_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[] = "/tmp/rgq-fuzz-XXXXXX";

static void save(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(bytes, 1, size, file) != size || fclose(file) != 0)
        abort();
}

static void tidy(void)
{
    if (chdir(folder) == 0) {
        (void)unlink("a.tif");
        (void)unlink("a.json");
        (void)rmdir(folder);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char sizes[] = "{\"VoxelSize\": [1, 2, 3]}";
    static int started;
    char path[64];
    rgq_scan scan = {0};
    rgq_error err = RGQ_ERROR_INIT;

    if (size > 65536)
        return 0;
    if (started == 0) {
        if (mkdtemp(folder) == NULL)
            abort();
        (void)snprintf(path, sizeof path, "%s/a.json", folder);
        save(path, sizes, sizeof sizes - 1);
        (void)atexit(tidy);
        started = 1;
    }
    (void)snprintf(path, sizeof path, "%s/a.tif", folder);
    save(path, data, size);
    if (rgq_scan_read(&scan, path, NULL, NULL, &err) != RGQ_OK && scan.volume != NULL)
        abort();
    rgq_scan_release(&scan);
    return 0;
}
