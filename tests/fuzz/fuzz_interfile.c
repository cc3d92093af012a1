/* Interfile headers: any bytes are read or refused, never worse. The header stands in a file
 * of its own; 64 bytes of voxels lie beside it under the name the corpus uses. */
#include "fuzz_file.h"
#include "rgdquant/scan_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t voxels[64] = {1, 2, 3};
    char path[96];
    rgq_scan scan = {0};
    rgq_error err = RGQ_ERROR_INIT;

    if (size > 65536)
        return 0;
    fuzz_save(path, "a.v", voxels, sizeof voxels);
    fuzz_save(path, "a.hv", data, size);
    if (rgq_scan_read(&scan, path, NULL, NULL, &err) != RGQ_OK && scan.volume != NULL)
        abort();
    rgq_scan_release(&scan);
    return 0;
}
