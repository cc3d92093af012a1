#include "io/scan_unit.h"

#include <stdio.h>

#include "core/banned.h"
#include "core/text.h"

static void scale(rgq_volume *volume, float factor)
{
    for (int f = 0; f < rgq_volume_n_frames(volume); f++) {
        float *data = rgq_volume_data(volume, f);
        for (size_t i = 0; i < rgq_volume_count(volume); i++)
            data[i] *= factor;
    }
}

rgq_status rgq_scan_take_unit(rgq_scan *scan, const char *name, const rgq_log *log,
                              rgq_error *err)
{
    static const struct {
        const char *word;
        rgq_unit unit;
        float factor;
    } words[] = {
        {"BQML", RGQ_UNIT_BQ_ML, 1.0F},     {"Bq/cc", RGQ_UNIT_BQ_ML, 1.0F},
        {"Bq/cm3", RGQ_UNIT_BQ_ML, 1.0F},   {"kBq/mL", RGQ_UNIT_BQ_ML, 1e3F},
        {"kBq/cc", RGQ_UNIT_BQ_ML, 1e3F},   {"kBq/cm3", RGQ_UNIT_BQ_ML, 1e3F},
        {"MBq/mL", RGQ_UNIT_BQ_ML, 1e6F},   {"nCi/mL", RGQ_UNIT_BQ_ML, 37.0F},
        {"nCi/cc", RGQ_UNIT_BQ_ML, 37.0F},  {"uCi/mL", RGQ_UNIT_BQ_ML, 3.7e4F},
        {"uCi/cc", RGQ_UNIT_BQ_ML, 3.7e4F}, {"g/mL", RGQ_UNIT_SUV_BW, 1.0F},
        {"GML", RGQ_UNIT_SUV_BW, 1.0F},     {"SUV", RGQ_UNIT_SUV_BW, 1.0F},
        {"CNTS", RGQ_UNIT_NATIVE, 1.0F},    {"CM2ML", RGQ_UNIT_NATIVE, 1.0F},
        {"PROPCPS", RGQ_UNIT_NATIVE, 1.0F}, {"NONE", RGQ_UNIT_NATIVE, 1.0F},
    };
    rgq_scan_facts *facts = &scan->facts;
    char origin[RGQ_ORIGIN_MAX];
    rgq_unit unit = RGQ_UNIT_NATIVE;
    float factor = 1.0F;

    if (!facts->units.known)
        return RGQ_OK;
    bool found = rgq_unit_parse(&unit, facts->units.value, NULL) == RGQ_OK;
    for (size_t i = 0; !found && i < sizeof words / sizeof words[0]; i++)
        if (rgq_text_equal_nocase(facts->units.value, words[i].word)) {
            unit = words[i].unit;
            factor = words[i].factor;
            found = true;
        }
    if (!found)
        RGQ_WARN(log, "%s: the unit '%.40s' is not known; the values stay as they are", name,
                 facts->units.value);
    /* g/mL can be any kind of SUV; the file may say that it is not the one by weight */
    if (unit == RGQ_UNIT_SUV_BW && facts->suv_type.known &&
        !rgq_text_equal_nocase(facts->suv_type.value, "BW"))
        unit = RGQ_UNIT_NATIVE;
    rgq_volume_set_unit(scan->volume, unit);
    if (factor == 1.0F)
        return RGQ_OK;
    RGQ_WARN(log, "%s: values are in %s; multiplied by %g to have Bq/mL", name,
             facts->units.value, (double)factor);
    scale(scan->volume, factor);
    rgq_text_copy(origin, sizeof origin, facts->units.origin);
    (void)snprintf(facts->units.origin, sizeof facts->units.origin, "%.40s (%.20s, times %g)",
                   origin, facts->units.value, (double)factor);
    rgq_text_copy(facts->units.value, sizeof facts->units.value, "Bq/mL");
    return rgq_volume_check_finite(scan->volume, "after scaling to Bq/mL", err);
}
