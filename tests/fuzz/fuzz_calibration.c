/* calibration.json: any bytes are read or refused, never worse. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "rgdquant/calibration.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rgq_calibration c;
    rgq_error err = RGQ_ERROR_INIT;

    if (size > 65536 ||
        rgq_calibration_parse(&c, (const char *)data, size, "c.json", &err) != RGQ_OK)
        return 0;
    /* what is accepted is usable: one of the two, above 0, and a time */
    if ((isnan(c.factor) && isnan(c.sensitivity_cps_per_mbq)) || c.factor <= 0.0 ||
        c.sensitivity_cps_per_mbq <= 0.0 || !isfinite(c.time_s))
        abort();
    return 0;
}
