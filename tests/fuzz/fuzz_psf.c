/* psf.json: any bytes are read or refused, never worse. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "rgdquant/scan_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rgq_psf_file psf;
    rgq_error err = RGQ_ERROR_INIT;
    double sum = 0.0;

    if (size > 65536 ||
        rgq_psf_parse(&psf, (const char *)data, size, "psf.json", &err) != RGQ_OK)
        return 0;
    /* what is accepted is usable: widths of 0 to 1 m, one of them not 0, from somewhere */
    for (int i = 0; i < 3; i++) {
        if (!(psf.psf.fwhm_mm[i] >= 0.0 && psf.psf.fwhm_mm[i] <= 1000.0) ||
            psf.uncertainty_mm[i] < 0.0 || psf.voxel_mm[i] <= 0.0)
            abort();
        sum += psf.psf.fwhm_mm[i];
    }
    if (!(sum > 0.0) || psf.source[0] == '\0' || psf.psf.image != NULL || psf.image != NULL)
        abort();
    return 0;
}
