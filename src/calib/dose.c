/* The administered activity at the moment that values are decay-corrected to. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "calib/decay.h"
#include "calib/planner.h"
#include "core/banned.h"
#include "core/text.h"

/* A wait of 24 half-lives leaves 6e-8 of the activity: a wrong date, not a scan. */
static const double UPTAKE_HALF_LIVES_MAX = 24.0;
static const double RULES_APART = 0.01;

static void set_rule(rgq_planner *p, const char *rule)
{
    rgq_text_copy(p->plan->rule, sizeof p->plan->rule, rule);
}

/* The injection must precede `start_s`, by no absurd time; in a dynamic scan it may lie within
 * the scan. Gives its clock time. */
static bool place_injection(rgq_planner *p, const rgq_moment *start, double *injection_s)
{
    const double end_s = rgq_scan_dynamic_end_s(p->scan);
    const double latest_s = end_s > start->clock_s ? end_s : start->clock_s;
    const rgq_moment injection = rgq_injection_place(p->scan, latest_s, p->half_life_s, p->log);
    const double uptake_s = start->clock_s - injection.clock_s;

    if (injection.clock_s > latest_s) {
        rgq_plan_refuse(p, RGQ_E_ARGUMENT,
                        "the injection (%s) lies %.6g s after the %s (%s): give "
                        "--injection-time",
                        injection.origin, injection.clock_s - latest_s,
                        end_s > start->clock_s ? "end of the scan" : "decay reference",
                        start->origin);
        return false;
    }
    if (uptake_s > UPTAKE_HALF_LIVES_MAX * p->half_life_s) {
        rgq_plan_refuse(p, RGQ_E_ARGUMENT,
                        "the injection (%s) lies %.6g s before the scan (%s), more than %g "
                        "half-lives of %g s: give --injection-time",
                        injection.origin, uptake_s, start->origin, UPTAKE_HALF_LIVES_MAX,
                        p->half_life_s);
        return false;
    }
    rgq_plan_note(p, "injection_time", 0.0, "s",
                  injection.what[0] != '\0' ? injection.what : "zero of the times here",
                  injection.origin);
    *injection_s = injection.clock_s;
    return true;
}

static bool plan_admin(rgq_planner *p)
{
    const rgq_scan_facts *f = &p->scan->facts;
    const bool timed = f->decay_reference_s.known && f->injection_time_s.known &&
                       f->half_life_s.known && f->half_life_s.value > 0.0 &&
                       f->injection_date_known.known && f->injection_date_known.value != 0.0;
    const double late_s = f->decay_reference_s.value - f->injection_time_s.value;

    if (timed && rgq_decay_between(late_s, f->half_life_s.value) > RULES_APART)
        RGQ_WARN(p->log,
                 "the values are said to be decay-corrected to the injection (%s), but the "
                 "stated decay reference (%s) is %.6g s after it; the former is used",
                 f->decay_correction.origin, f->decay_reference_s.origin, late_s);
    p->activity_then_bq = p->activity_bq;
    set_rule(p, "Bq/mL corrected to the injection (ADMIN)");
    return p->activity_bq > 0.0;
}

/* What each rule gives; the factors are relative to the one taken until the plan is made. */
static void list_rules(rgq_planner *p, const rgq_reference *r, double injection_s)
{
    const double taken_s = r->candidate[r->taken].at.clock_s;

    for (int i = 0; i < RGQ_REFERENCE_RULES; i++) {
        const rgq_reference_candidate *c = &r->candidate[i];
        if (!c->known &&
            (i == RGQ_REFERENCE_STATED || i == RGQ_REFERENCE_GE || i == RGQ_REFERENCE_SIEMENS))
            continue; /* most files lack these three */
        rgq_suv_other *other = &p->plan->other[p->plan->n_others++];
        *other = (rgq_suv_other){
            .taken = i == (int)r->taken, .reference_s = (double)NAN, .factor = (double)NAN};
        rgq_text_copy(other->rule, sizeof other->rule, c->name);
        rgq_text_copy(other->text, sizeof other->text,
                      c->why_not[0] != '\0' ? c->why_not
                      : c->known            ? c->at.what
                                            : "not stated");
        if (!c->known)
            continue;
        rgq_text_copy(other->origin, sizeof other->origin, c->at.origin);
        other->reference_s = c->at.clock_s - injection_s;
        other->factor =
            exp(rgq_decay_constant_per_s(p->half_life_s) * (c->at.clock_s - taken_s));
    }
}

static bool plan_start(rgq_planner *p)
{
    rgq_error why = RGQ_ERROR_INIT;
    rgq_reference reference;
    double injection_s = 0.0;
    double left = 1.0;

    const bool has_half_life = rgq_need_half_life(p);
    const bool has_time = rgq_need_injection_time(p);
    if (!has_half_life)
        return false;
    if (!rgq_decay_reference_find(&reference, p->scan, p->half_life_s, p->log)) {
        rgq_plan_refuse(p, RGQ_E_MISSING, "%s", reference.reason);
        return false;
    }
    const rgq_moment *start = &reference.candidate[reference.taken].at;
    if (!has_time || !place_injection(p, start, &injection_s))
        return false;
    const double uptake_s = start->clock_s - injection_s;
    if (rgq_decay_factor(&left, uptake_s, p->half_life_s, &why) != RGQ_OK) {
        rgq_plan_refuse(p, why.status, "%s", why.message);
        return false;
    }
    rgq_plan_note(p, "decay_reference", uptake_s, "s", start->what, start->origin);
    if (p->scan->facts.reference_time.known)
        rgq_plan_note_text(p, "reference_time", &p->scan->facts.reference_time);
    list_rules(p, &reference, injection_s);
    p->activity_then_bq = p->activity_bq * left;
    if (p->activity_bq > 0.0)
        rgq_plan_note(p, "activity_at_reference", p->activity_then_bq, "Bq", "",
                      "injected_activity decayed to decay_reference");
    set_rule(p, "Bq/mL corrected to the scan start (START)");
    return p->activity_bq > 0.0;
}

static bool plan_none(rgq_planner *p)
{
    rgq_moment first = {0};
    double injection_s = 0.0;

    const bool has_half_life = rgq_need_half_life(p);
    const bool has_time = rgq_need_injection_time(p);
    if (!rgq_scan_first_acquisition(&first, p->scan)) {
        rgq_plan_refuse(p, RGQ_E_MISSING,
                        "no acquisition time is stated, which values without decay correction "
                        "need: give TimeZero and FrameTimesStart in a --side-file");
        return false;
    }
    if (!has_half_life || !has_time || !place_injection(p, &first, &injection_s))
        return false;
    p->plan->per_slice = true;
    p->plan->half_life_s = p->half_life_s;
    p->plan->decay_to_time_s = injection_s;
    p->activity_then_bq = p->activity_bq;
    const rgq_slice_time at = rgq_scan_slice_time(p->scan, 0, 0);
    rgq_plan_note(p, "first_slice_acquisition", at.acquisition_s - injection_s, "s", "",
                  first.origin);
    rgq_plan_note(p, "first_slice_duration", at.duration_s, "s", "", "frame duration");
    set_rule(p, "Bq/mL not decay-corrected (NONE)");
    return p->activity_bq > 0.0;
}

/* Contradictions between what was corrected and what is said to have been. */
static void warn_corrections(rgq_planner *p, bool corrected)
{
    const rgq_fact_text *done = &p->scan->facts.corrected_image;

    if (!done->known)
        return;
    if (corrected != (strstr(done->value, "DECY") != NULL))
        RGQ_WARN(p->log, "%s is %s although the list of corrections (%s) has %s DECY",
                 p->scan->facts.decay_correction.origin,
                 corrected ? p->scan->facts.decay_correction.value : "NONE", done->origin,
                 corrected ? "no" : "a");
    if (strstr(done->value, "ATTN") == NULL)
        RGQ_WARN(p->log, "the list of corrections (%s) has no ATTN: SUV is not quantitative",
                 done->origin);
}

bool rgq_plan_dose(rgq_planner *p, bool per_slice_allowed)
{
    const rgq_scan_facts *f = &p->scan->facts;
    const rgq_fact_text *rule = &f->decay_correction;

    (void)rgq_need_activity(p);
    if (!rule->known && f->decay_reference_s.known)
        return plan_start(p);
    if (!rule->known) {
        rgq_plan_refuse_absent(
            p, "(0054,1102) DecayCorrection",
            "what the values are decay-corrected to (ImageDecayCorrectionTime)",
            "--decay-corrected-to injection|scan|none");
        return false;
    }
    rgq_plan_note_text(p, "decay_correction", rule);
    const bool is_none = rgq_text_equal_nocase(rule->value, "NONE");
    if (f->reference_time.known && !rgq_text_equal_nocase(rule->value, "START"))
        RGQ_WARN(p->log, "%s has no effect: %s is %s, not START", f->reference_time.origin,
                 rule->origin, rule->value);
    warn_corrections(p, !is_none);
    if (is_none && !per_slice_allowed) {
        rgq_plan_refuse(p, RGQ_E_UNSUPPORTED,
                        "the moment the uptake refers to is not known (%s is NONE): give "
                        "--decay-corrected-to injection|scan",
                        rule->origin);
        return false;
    }
    if (is_none)
        return plan_none(p);
    if (rgq_text_equal_nocase(rule->value, "START"))
        return plan_start(p);
    if (rgq_text_equal_nocase(rule->value, "ADMIN"))
        return plan_admin(p);
    rgq_plan_refuse(p, RGQ_E_UNSUPPORTED,
                    "the decay correction '%s' (%s) is none of START, ADMIN, NONE: give "
                    "--decay-corrected-to injection|scan|none",
                    rule->value, rule->origin);
    return false;
}
