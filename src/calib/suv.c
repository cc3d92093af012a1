#include "rgdquant/suv.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "calib/planner.h"
#include "calib/suv_slice.h"
#include "core/banned.h"
#include "core/text.h"

/* Every slice must have its times before a voxel is touched. */
static bool check_slices(rgq_planner *p)
{
    const int n_slices = rgq_volume_grid(p->scan->volume)->n[2];
    const int n_frames = rgq_volume_n_frames(p->scan->volume);
    double factor = 1.0;

    for (int f = 0; f < n_frames; f++)
        for (int z = 0; z < n_slices; z++) {
            rgq_error why = RGQ_ERROR_INIT;
            if (rgq_suv_slice_factor(&factor, p->scan, p->plan, f, z, &why) != RGQ_OK) {
                rgq_plan_refuse(p, why.status, "%s", why.message);
                return false;
            }
            if (f == 0 && z == 0)
                p->plan->factor = factor;
        }
    return true;
}

/* The factor, or with `per_slice` the part of it that all slices share. */
static void set_factor(rgq_planner *p, const rgq_stored *stored, double factor)
{
    const rgq_fact *calibration = &p->scan->facts.calibration_factor;
    rgq_suv_plan *plan = p->plan;

    if (p->refusal != RGQ_OK)
        return;
    if (calibration->known) {
        factor *= calibration->value;
        rgq_plan_note(p, "calibration_factor", calibration->value, "1", "true over stored",
                      calibration->origin);
    }
    plan->per_duration = stored->per_duration;
    plan->per_slice = plan->per_slice || stored->per_duration;
    if (plan->per_slice)
        plan->base_factor = factor;
    else
        plan->factor = factor;
    if (plan->per_slice && !check_slices(p))
        return;
    for (int i = 0; i < plan->n_others; i++)
        plan->other[i].factor *= plan->factor;
}

/* ---- the four ways ---- */

static void concentration_to_uptake(rgq_planner *p, const rgq_stored *stored,
                                    const rgq_suv_kind *kind)
{
    double norm = (double)NAN;

    const bool has_norm = rgq_need_norm(&norm, p, kind);
    const bool has_dose = rgq_plan_dose(p, true);
    if (!has_norm || !has_dose)
        return;
    set_factor(p, stored, stored->scale * norm / p->activity_then_bq);
    if (p->refusal == RGQ_OK)
        rgq_plan_check_view(p, norm);
}

/* Of the values: the norm, where the facts for it happen to be there. */
static void check_view_of_uptake(rgq_planner *p, const rgq_suv_kind *kind)
{
    rgq_suv_plan scratch;
    rgq_planner q = rgq_plan_quietly(p, &scratch);
    double norm = 0.0;

    if (rgq_need_norm(&norm, &q, kind))
        rgq_plan_check_view(p, norm);
}

static void uptake_to_uptake(rgq_planner *p, const rgq_stored *stored, const rgq_suv_kind *kind)
{
    double norm = 1.0;
    double norm_stored = 1.0;
    const char *from = rgq_unit_name(stored->kind->unit);

    if (stored->kind != kind) {
        const bool known = rgq_need_norm(&norm_stored, p, stored->kind);
        if (!rgq_need_norm(&norm, p, kind) || !known)
            return;
    }
    set_factor(p, stored, stored->scale * norm / norm_stored);
    if (p->refusal != RGQ_OK)
        return;
    if (stored->kind != kind)
        (void)snprintf(p->plan->rule, sizeof p->plan->rule, "%s%s", from,
                       stored->as_stored ? " as stored, renormalised"
                                         : " by the scanner's factor, renormalised");
    else
        (void)snprintf(p->plan->rule, sizeof p->plan->rule, "%s %s", from,
                       stored->as_stored ? "as stored" : "by the scanner's factor");
    check_view_of_uptake(p, kind);
}

static void uptake_to_concentration(rgq_planner *p, const rgq_stored *stored)
{
    double norm = 1.0;

    const bool has_norm = rgq_need_norm(&norm, p, stored->kind);
    if (!rgq_plan_dose(p, false) || !has_norm)
        return;
    set_factor(p, stored, stored->scale * p->activity_then_bq / norm);
    if (p->refusal == RGQ_OK)
        rgq_plan_check_view(p, p->activity_then_bq);
    for (int i = 0; i < p->plan->n_others; i++) /* later, there was less to be multiplied */
        p->plan->other[i].factor = p->plan->factor * p->plan->factor / p->plan->other[i].factor;
    (void)snprintf(p->plan->rule, sizeof p->plan->rule, "Bq/mL back-computed from %s",
                   rgq_unit_name(stored->kind->unit));
}

/* Against what was injected, where the facts for it happen to be there: decayed to the moment
 * of the values if it is stated; values without decay correction hold less than was injected.
 */
static void check_view_of_concentration(rgq_planner *p)
{
    rgq_suv_plan scratch;
    rgq_planner q = rgq_plan_quietly(p, &scratch);

    if (!rgq_plan_dose(&q, true))
        q.activity_then_bq = q.activity_bq;
    if (!(q.activity_then_bq > 0.0))
        return;
    p->activity_then_bq = q.activity_then_bq;
    rgq_plan_check_view(p, q.activity_then_bq);
}

static void concentration_as_it_is(rgq_planner *p, const rgq_stored *stored)
{
    const rgq_fact_text *decay = &p->scan->facts.decay_correction;

    set_factor(p, stored, stored->scale);
    rgq_text_copy(p->plan->rule, sizeof p->plan->rule,
                  stored->per_duration ? "Bq/mL from counts, duration and sensitivity"
                  : stored->as_stored  ? "Bq/mL as stored"
                                       : "Bq/mL from a multiple of it");
    if (decay->known)
        rgq_plan_note_text(p, "decay_correction", decay);
    if (p->refusal == RGQ_OK)
        check_view_of_concentration(p);
}

static void plan_conversion(rgq_planner *p, rgq_unit wanted)
{
    const rgq_suv_kind *kind = rgq_suv_kind_of(wanted);
    const rgq_stored stored = rgq_plan_stored(p, wanted);

    if (stored.form == RGQ_STORED_REFUSED)
        return;
    rgq_check_nuclide(p);
    if (stored.form == RGQ_STORED_CONCENTRATION && kind != NULL)
        concentration_to_uptake(p, &stored, kind);
    else if (stored.form == RGQ_STORED_CONCENTRATION)
        concentration_as_it_is(p, &stored);
    else if (kind != NULL)
        uptake_to_uptake(p, &stored, kind);
    else
        uptake_to_concentration(p, &stored);
}

static void plan_native(rgq_planner *p)
{
    rgq_text_copy(p->plan->rule, sizeof p->plan->rule, "as stored");
    if (p->scan->facts.calibration_factor.known)
        RGQ_WARN(p->log, "%s is not applied to values as stored",
                 p->scan->facts.calibration_factor.origin);
}

static rgq_status make_plan(rgq_suv_plan *plan, const rgq_planner *with, rgq_unit wanted,
                            rgq_error *err)
{
    const rgq_scan *scan = with->scan;

    *plan = (rgq_suv_plan){.factor = 1.0,
                           .base_factor = 1.0,
                           .half_life_s = (double)NAN,
                           .decay_to_time_s = (double)NAN};
    if (scan->volume == NULL)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "the scan has no voxels");
    rgq_planner p = *with;
    p.plan = plan;
    plan->from = rgq_volume_unit(scan->volume);
    plan->to = plan->from;
    if (wanted == RGQ_UNIT_NATIVE)
        plan_native(&p);
    else if (wanted == RGQ_UNIT_BQ_ML || rgq_suv_kind_of(wanted) != NULL)
        plan_conversion(&p, wanted);
    else
        rgq_plan_refuse(&p, RGQ_E_UNSUPPORTED,
                        "%s is not among the units a scan is converted to: SUV of every kind, "
                        "%%ID/mL, %%ID/g, Bq/mL, native",
                        rgq_unit_name(wanted));
    if (p.refusal != RGQ_OK) {
        plan->factor = plan->base_factor = 1.0;
        plan->per_slice = plan->per_duration = false;
        plan->half_life_s = (double)NAN;
        plan->n_others = 0;
        plan->rule[0] = '\0';
        return RGQ_RAISE(err, p.refusal, "%s", plan->refused);
    }
    if (!(plan->factor > 0.0) || !isfinite(plan->factor))
        return RGQ_RAISE(err, RGQ_E_NUMERIC, "the factor to %s is %g", rgq_unit_name(wanted),
                         plan->factor);
    plan->to = wanted;
    return RGQ_OK;
}

rgq_status rgq_suv_plan_make(rgq_suv_plan *plan, const rgq_scan *scan, rgq_unit wanted,
                             const rgq_nuclide *nuclide, const rgq_log *log, rgq_error *err)
{
    const rgq_planner with = {.scan = scan, .nuclide = nuclide, .log = log, .view_log = log};
    return make_plan(plan, &with, wanted, err);
}

rgq_status rgq_suv_plan_best(rgq_suv_plan *plan, const rgq_scan *scan,
                             const rgq_nuclide *nuclide, const rgq_log *log, rgq_error *err)
{
    char refused[RGQ_MESSAGE_MAX];
    rgq_error why = RGQ_ERROR_INIT;

    if (rgq_suv_plan_make(plan, scan, RGQ_UNIT_SUV_BW, nuclide, log, &why) == RGQ_OK)
        return RGQ_OK;
    if (plan->refused[0] == '\0')
        return RGQ_RAISE(err, why.status, "%s", why.message);
    rgq_text_copy(refused, sizeof refused, plan->refused);
    /* all else was said on the way to SUVbw */
    const rgq_planner quiet = {.scan = scan, .nuclide = nuclide, .view_log = log};
    if (make_plan(plan, &quiet, RGQ_UNIT_BQ_ML, NULL) != RGQ_OK)
        RGQ_PASS(err, rgq_suv_plan_make(plan, scan, RGQ_UNIT_NATIVE, nuclide, log, err));
    rgq_text_copy(plan->refused, sizeof plan->refused, refused);
    return RGQ_OK;
}
