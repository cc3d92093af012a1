/* Numbers, times and units from text. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "core/parse.h"
#include "core/timestamp.h"
#include "rgdquant/unit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[128];
    double value = 0.0;
    double values[4];
    long long whole = 0;
    int count = 0;
    bool utc = false;
    rgq_unit unit = RGQ_UNIT_NATIVE;

    if (size >= sizeof text)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    if (rgq_parse_real(&value, text, -1e300, 1e300, NULL) == RGQ_OK && !isfinite(value))
        __builtin_trap(); /* NaN and inf must never come out of a parser */
    if (rgq_parse_int(&whole, text, -5, 5, NULL) == RGQ_OK && (whole < -5 || whole > 5))
        __builtin_trap();
    (void)!rgq_parse_reals(values, &count, 4, text, ',', NULL);
    if (rgq_time_from_da(&value, text, NULL) == RGQ_OK && fmod(value, 86400.0) != 0.0)
        __builtin_trap();
    if (rgq_time_from_tm(&value, text, NULL) == RGQ_OK && !(value >= 0.0 && value < 86401.0))
        __builtin_trap();
    (void)!rgq_time_from_dt(&value, text, &utc, NULL);
    (void)!rgq_time_from_iso(&value, text, NULL);
    (void)!rgq_unit_parse(&unit, text, NULL);
    return 0;
}
