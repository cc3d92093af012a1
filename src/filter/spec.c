#include <string.h>

#include "core/banned.h"
#include "core/parse.h"
#include "rgdquant/filter.h"

static rgq_status apply_gaussian(rgq_volume *volume, const char *spec, const char *numbers,
                                 const rgq_filter_opts *opts, rgq_filter_report *report,
                                 const rgq_log *log, rgq_error *err)
{
    rgq_error why = RGQ_ERROR_INIT;
    double fwhm_mm[3] = {0.0, 0.0, 0.0};
    int count = 0;

    if (rgq_parse_reals(fwhm_mm, &count, 3, numbers, ',', &why) != RGQ_OK)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "filter '%.60s': %s; type gaussian:FWHM or gaussian:X,Y,Z in mm", spec,
                         why.message);
    if (count == 2)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "filter '%.60s' has two widths; type one for all axes, or three",
                         spec);
    if (count == 1) {
        fwhm_mm[1] = fwhm_mm[0];
        fwhm_mm[2] = fwhm_mm[0];
    }
    RGQ_PASS(err, rgq_filter_gaussian(volume, fwhm_mm, opts, report, log, err));
    return RGQ_OK;
}

rgq_status rgq_filter_apply(rgq_volume *volume, const char *spec, const rgq_filter_opts *opts,
                            rgq_filter_report *report, const rgq_log *log, rgq_error *err)
{
    static const char name[] = "gaussian";
    const size_t length = strcspn(spec, ":");

    if (length != sizeof name - 1 || strncmp(spec, name, length) != 0)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "there is no filter '%.*s'; type gaussian:FWHM with the width in mm, "
                         "e.g. gaussian:6 or gaussian:6,6,5",
                         (int)(length < 40 ? length : 40), spec);
    if (spec[length] != ':')
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "filter 'gaussian' has no width; type e.g. gaussian:6 for 6 mm FWHM");
    return apply_gaussian(volume, spec, spec + length + 1, opts, report, log, err);
}
