#include <string.h>

#include "core/banned.h"
#include "core/parse.h"
#include "rgdquant/filter.h"

static rgq_status parse_widths(double fwhm_mm[3], const char *spec, const char *numbers,
                               rgq_error *err)
{
    rgq_error why = RGQ_ERROR_INIT;
    int count = 0;

    if (rgq_parse_reals(fwhm_mm, &count, 3, numbers, ',', &why) != RGQ_OK)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "filter '%.60s': %s; type gaussian:FWHM or gaussian:X,Y,Z in mm", spec,
                         why.message);
    if (count == 2)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "filter '%.60s' has two widths; type one for all axes, or three",
                         spec);
    for (int i = 0; i < count; i++)
        if (fwhm_mm[i] < 0.0)
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "filter '%.60s' has a FWHM of %g mm; a width is 0 mm or more",
                             spec, fwhm_mm[i]);
    for (int i = count; i < 3; i++)
        fwhm_mm[i] = fwhm_mm[0];
    return RGQ_OK;
}

static rgq_status parse_spec(double fwhm_mm[3], const char *spec, rgq_error *err)
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
    return parse_widths(fwhm_mm, spec, spec + length + 1, err);
}

rgq_status rgq_filter_check(const char *spec, rgq_error *err)
{
    double fwhm_mm[3];

    return parse_spec(fwhm_mm, spec, err);
}

rgq_status rgq_filter_apply(rgq_volume *volume, const char *spec, const rgq_filter_opts *opts,
                            rgq_filter_report *report, const rgq_log *log, rgq_error *err)
{
    double fwhm_mm[3];

    RGQ_PASS(err, parse_spec(fwhm_mm, spec, err));
    RGQ_PASS(err, rgq_filter_gaussian(volume, fwhm_mm, opts, report, log, err));
    return RGQ_OK;
}
