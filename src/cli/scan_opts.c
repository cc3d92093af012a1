#include "cli/scan_opts.h"

#include <math.h>

#include <stdio.h>
#include <string.h>

#include "core/banned.h"
#include "core/file.h"
#include "core/text.h"
#include "rgdquant/scan_file.h"

/* The half-life of the nuclide is looked up where it can be: nothing but a missing half-life in
 * the file depends on it, and then the plan says so. */
static void look_up_nuclide(rgq_nuclide *nuclide, const rgq_scan *scan,
                            const rgq_context *context)
{
    char folder[RGQ_PATH_MAX];
    char id[16];
    rgq_error why = RGQ_ERROR_INIT;

    *nuclide = (rgq_nuclide){0};
    if (!scan->facts.nuclide.known)
        return;
    if (!rgq_nuclide_canonical(id, scan->facts.nuclide.value)) {
        RGQ_INFO(&context->log, "the nuclide '%s' (%s) is not known to this program",
                 scan->facts.nuclide.value, scan->facts.nuclide.origin);
        return;
    }
    if (rgq_context_data_path(folder, sizeof folder, context, "tracers", &why) != RGQ_OK ||
        rgq_nuclide_find(nuclide, folder, id, &why) != RGQ_OK) {
        *nuclide = (rgq_nuclide){0};
        RGQ_INFO(&context->log, "nothing is known of the nuclide %s: %s", id, why.message);
    }
}

static const rgq_nuclide *known(const rgq_nuclide *nuclide)
{
    return nuclide->id[0] != '\0' ? nuclide : NULL;
}

rgq_scan_overrides rgq_scan_opts_overrides(const rgq_scan_opts *opts)
{
    return (rgq_scan_overrides){.weight_kg = opts->weight_kg,
                                .height_cm = opts->height_cm,
                                .sex = opts->sex,
                                .activity_mbq = opts->activity_mbq,
                                .activity_time = opts->activity_time,
                                .residual_mbq = opts->residual_mbq,
                                .residual_time = opts->residual_time,
                                .injection_time = opts->injection_time,
                                .half_life_s = opts->half_life_s,
                                .units = opts->units,
                                .decay_corrected_to = opts->decay_corrected_to,
                                .reference_time = opts->reference_time,
                                .calibration_factor = opts->calibration_factor,
                                .sensitivity_cps_per_mbq = opts->sensitivity_cps_per_mbq,
                                .density_g_ml = opts->density_g_ml};
}

rgq_status rgq_scan_load(rgq_scan *scan, rgq_nuclide *nuclide, rgq_context *context,
                         const char *path, const rgq_scan_opts *opts, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const rgq_scan_read_opts read = {.series_uid = opts->series, .side_file = opts->side_file};
    rgq_scan_overrides overrides = rgq_scan_opts_overrides(opts);
    rgq_calibration calibration;

    if (opts->calibration_file != NULL) {
        RGQ_PASS(err, rgq_calibration_load(&calibration, opts->calibration_file, err));
        overrides.calibration = &calibration;
    }

    RGQ_TRY(err, rgq_scan_read(scan, path, &read, &context->log, err));
    look_up_nuclide(nuclide, scan, context);
    RGQ_TRY(err, rgq_scan_override(scan, &overrides, known(nuclide), &context->log, err));
out:
    if (st != RGQ_OK)
        rgq_scan_release(scan);
    return st;
}

rgq_status rgq_scan_calibration_percent(double *out, double stated, const rgq_scan_opts *opts,
                                        rgq_error *err)
{
    rgq_calibration calibration;

    *out = isfinite(stated) ? stated : 0.0;
    if (isfinite(stated) || opts->calibration_file == NULL ||
        isfinite(opts->calibration_factor) || isfinite(opts->sensitivity_cps_per_mbq))
        return RGQ_OK;
    RGQ_PASS(err, rgq_calibration_load(&calibration, opts->calibration_file, err));
    *out = rgq_calibration_percent(&calibration);
    return RGQ_OK;
}

static rgq_status make_plan(rgq_suv_plan *plan, const rgq_scan *scan,
                            const rgq_nuclide *nuclide, const rgq_context *context,
                            const rgq_scan_opts *opts, rgq_error *err)
{
    rgq_unit wanted = RGQ_UNIT_SUV_BW;

    if (opts->unit != NULL) {
        RGQ_PASS(err, rgq_unit_parse(&wanted, opts->unit, err));
        return rgq_suv_plan_make(plan, scan, wanted, nuclide, &context->log, err);
    }
    RGQ_PASS(err, rgq_suv_plan_best(plan, scan, nuclide, &context->log, err));
    if (plan->to != RGQ_UNIT_SUV_BW)
        RGQ_WARN(&context->log, "values are in %s, not SUVbw: %s", rgq_unit_name(plan->to),
                 plan->refused);
    return RGQ_OK;
}

rgq_status rgq_scan_open(rgq_scan *scan, rgq_suv_plan *plan, rgq_context *context,
                         const char *path, const rgq_scan_opts *opts, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_nuclide nuclide;

    RGQ_PASS(err, rgq_scan_load(scan, &nuclide, context, path, opts, err));
    RGQ_TRY(err, make_plan(plan, scan, known(&nuclide), context, opts, err));
    RGQ_TRY(err, rgq_suv_apply(scan, plan, err));
    if (!opts->keep_times) /* nothing is computed from clock times any more, only written */
        rgq_scan_forget_clock(scan);
out:
    if (st != RGQ_OK)
        rgq_scan_release(scan);
    return st;
}
