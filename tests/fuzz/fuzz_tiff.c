/* TIFF files, their voxel size in the side file: any bytes are read or refused, never worse. */
#include "fuzz_file.h"
#include "rgdquant/scan_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char sizes[] = "{\"VoxelSize\": [1, 2, 3]}";
    char path[96];
    rgq_scan scan = {0};
    rgq_error err = RGQ_ERROR_INIT;

    if (size > 65536)
        return 0;
    fuzz_save(path, "a.json", sizes, sizeof sizes - 1);
    fuzz_save(path, "a.tif", data, size);
    if (rgq_scan_read(&scan, path, NULL, NULL, &err) != RGQ_OK && scan.volume != NULL)
        abort();
    rgq_scan_release(&scan);
    return 0;
}
