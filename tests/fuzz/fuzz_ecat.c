/* ECAT 7 files: any bytes are read or refused, never worse. */
#include "fuzz_file.h"
#include "rgdquant/scan_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[96];
    rgq_scan scan = {0};
    rgq_error err = RGQ_ERROR_INIT;

    if (size > 65536)
        return 0;
    fuzz_save(path, "a.v", data, size);
    if (rgq_scan_read(&scan, path, NULL, NULL, &err) != RGQ_OK && scan.volume != NULL)
        abort();
    rgq_scan_release(&scan);
    return 0;
}
