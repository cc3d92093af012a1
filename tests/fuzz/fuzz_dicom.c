/* A DICOM file in: read as the only file of a folder. */
#include "fuzz_file.h"
#include "io/dicom.h"
#include "rgdquant/scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[96];
    rgq_scan scan = {0};

    fuzz_save(path, "f", data, size);
    const rgq_status st = rgq_dicom_read(&scan, fuzz_folder(), NULL, NULL, NULL);
    if ((st == RGQ_OK) != (scan.volume != NULL))
        abort();
    if (st == RGQ_OK && !rgq_dicom_is(path))
        abort();
    rgq_scan_release(&scan);
    return 0;
}
