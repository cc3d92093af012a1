#include "calib/reference.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "calib/decay.h"
#include "core/banned.h"
#include "core/text.h"

static const double SECONDS_PER_DAY = 86400.0;

/* Series and acquisition times are often written without the fraction of a second. */
static const double CLOCK_TOLERANCE_S = 1.0;

/* A private time further before the scan belongs to another day: dates were shifted without it.
 */
static const double PRIVATE_EARLIEST_S = 43200.0;

/* Two rules that differ by more are said to; a reference time that is off by less is taken. */
static const double RULES_APART = 0.01;
static const double REFERENCE_OFF = 0.005;

static double value_or_nan(const rgq_fact *fact)
{
    return fact->known ? fact->value : (double)NAN;
}

static void set_moment(rgq_moment *out, double clock_s, const char *what, const char *origin)
{
    out->clock_s = clock_s;
    rgq_text_copy(out->what, sizeof out->what, what);
    rgq_text_copy(out->origin, sizeof out->origin, origin);
}

double rgq_decay_between(double difference_s, double half_life_s)
{
    return expm1(rgq_decay_constant_per_s(half_life_s) * fabs(difference_s));
}

rgq_slice_time rgq_scan_slice_time(const rgq_scan *scan, int frame, int slice)
{
    const rgq_grid *grid = rgq_volume_grid(scan->volume);
    const rgq_frame time = rgq_volume_frame(scan->volume, frame);

    if (scan->slice_time != NULL)
        return scan->slice_time[(size_t)frame * (size_t)grid->n[2] + (size_t)slice];
    rgq_slice_time at = {(double)NAN, time.duration_s, (double)NAN};
    if (scan->facts.time_zero_s.known)
        at.acquisition_s = scan->facts.time_zero_s.value + time.start_s;
    else if (frame == 0)
        at.acquisition_s = value_or_nan(&scan->facts.acquisition_time_s);
    if (frame == 0)
        at.reference_s = value_or_nan(&scan->facts.frame_reference_s);
    return at;
}

/* Slices to look at: one a frame where all of a frame have the same time. */
static int distinct_slices(const rgq_scan *scan)
{
    return scan->slice_time != NULL ? rgq_volume_grid(scan->volume)->n[2] : 1;
}

bool rgq_scan_first_acquisition(rgq_moment *out, const rgq_scan *scan)
{
    const rgq_scan_facts *facts = &scan->facts;
    const int n_frames = rgq_volume_n_frames(scan->volume);
    const int n_slices = distinct_slices(scan);
    double first_s = (double)NAN;

    for (int f = 0; f < n_frames; f++)
        for (int z = 0; z < n_slices; z++)
            first_s = fmin(first_s, rgq_scan_slice_time(scan, f, z).acquisition_s);
    if (facts->acquisition_time_s.known)
        set_moment(out, isnan(first_s) ? facts->acquisition_time_s.value : first_s,
                   "start of the acquisition", facts->acquisition_time_s.origin);
    else if (!isnan(first_s))
        set_moment(out, first_s, "start of the acquisition",
                   facts->time_zero_s.known ? facts->time_zero_s.origin : "acquisition time");
    return facts->acquisition_time_s.known || !isnan(first_s);
}

double rgq_scan_dynamic_end_s(const rgq_scan *scan)
{
    const int n_frames = rgq_volume_n_frames(scan->volume);
    const int n_slices = distinct_slices(scan);
    double end_s = (double)NAN;

    for (int f = 0; n_frames > 1 && f < n_frames; f++)
        for (int z = 0; z < n_slices; z++) {
            const rgq_slice_time at = rgq_scan_slice_time(scan, f, z);
            end_s = fmax(end_s, at.acquisition_s + at.duration_s);
        }
    return end_s;
}

/* What the frame reference times say the values are corrected to. */
typedef struct back_computed {
    double clock_s;     /* NaN: cannot be computed; of the earliest acquisition */
    double spread_s;    /* how far the slices disagree */
    double reference_s; /* frame reference time it came from */
    double mean_time_s; /* mean count-rate time of that frame */
} back_computed;

static back_computed compute_back(const rgq_scan *scan, double half_life_s)
{
    const int n_frames = rgq_volume_n_frames(scan->volume);
    const int n_slices = distinct_slices(scan);
    back_computed back = {(double)NAN, 0.0, (double)NAN, (double)NAN};
    double first_s = (double)INFINITY;
    double lowest_s[2] = {(double)INFINITY, (double)INFINITY};
    double highest_s[2] = {-(double)INFINITY, -(double)INFINITY};

    for (int f = 0; f < n_frames; f++)
        for (int z = 0; z < n_slices; z++) {
            const rgq_slice_time at = rgq_scan_slice_time(scan, f, z);
            if (!isfinite(at.acquisition_s) || !isfinite(at.reference_s) ||
                !(at.duration_s >= 0.0) || !isfinite(at.duration_s))
                continue;
            const double mean_s = rgq_decay_mean_time_s(at.duration_s, half_life_s);
            /* [1]: if the reference time counts from the start of the frame instead */
            const double from_start_s = at.acquisition_s - at.reference_s;
            const double clock_s[2] = {from_start_s + mean_s, from_start_s};
            for (int i = 0; i < 2; i++) {
                lowest_s[i] = fmin(lowest_s[i], clock_s[i]);
                highest_s[i] = fmax(highest_s[i], clock_s[i]);
            }
            if (at.acquisition_s < first_s) {
                first_s = at.acquisition_s;
                back = (back_computed){clock_s[0], 0.0, at.reference_s, mean_s};
            }
        }
    if (isfinite(back.clock_s))
        back.spread_s = fmin(highest_s[0] - lowest_s[0], highest_s[1] - lowest_s[1]);
    return back;
}

/* ---- the candidates ---- */

static void add(rgq_reference *out, rgq_reference_rule rule, double clock_s, const char *what,
                const char *origin)
{
    rgq_reference_candidate *c = &out->candidate[rule];

    c->known = c->sound = true;
    set_moment(&c->at, clock_s, what, origin);
}

RGQ_PRINTF(3, 4)
static void doubt(rgq_reference *out, rgq_reference_rule rule, const char *format, ...)
{
    rgq_reference_candidate *c = &out->candidate[rule];
    va_list args;

    c->sound = false;
    va_start(args, format);
    (void)vsnprintf(c->why_not, sizeof c->why_not, format, args);
    va_end(args);
}

/* A clock time holds if it is not later than the first acquisition. */
static void add_clock(rgq_reference *out, rgq_reference_rule rule, const rgq_fact *fact,
                      const char *what, double first_s)
{
    if (!fact->known) {
        doubt(out, rule, "%s is absent", what);
        return;
    }
    add(out, rule, fact->value, what, fact->origin);
    const double late_s = fact->value - first_s;
    if (late_s > CLOCK_TOLERANCE_S)
        doubt(out, rule, "%s is %.6g s later than the acquisition", what, late_s);
    else if (rule != RGQ_REFERENCE_SERIES && -late_s > PRIVATE_EARLIEST_S)
        doubt(out, rule, "%s is %.6g s before the acquisition, another day", what, -late_s);
}

static void add_back_computed(rgq_reference *out, const rgq_scan *scan,
                              const back_computed *back, double first_s, double half_life_s)
{
    const rgq_fact *reference = &scan->facts.frame_reference_s;

    if (!isfinite(back->clock_s)) {
        doubt(out, RGQ_REFERENCE_BACK,
              "no Frame Reference Time, or no duration or acquisition time, is stated");
        return;
    }
    add(out, RGQ_REFERENCE_BACK, back->clock_s, "acquisition - frame reference time",
        reference->known ? reference->origin : "acquisition and frame reference time");
    /* it then counts from something else than DICOM says (GE: from the start of the frame) */
    if (isfinite(first_s) && back->clock_s > first_s &&
        rgq_decay_between(back->clock_s - first_s, half_life_s) > REFERENCE_OFF)
        doubt(out, RGQ_REFERENCE_BACK,
              "Frame Reference Time %g s is less than the mean count-rate time %.6g s",
              back->reference_s, back->mean_time_s);
}

static void gather(rgq_reference *out, const rgq_scan *scan, const back_computed *back,
                   double half_life_s)
{
    static const char *const names[RGQ_REFERENCE_RULES] = {
        "stated", "series", "private", "private", "acquisition", "backcompute"};
    const rgq_scan_facts *facts = &scan->facts;
    rgq_moment first = {(double)NAN, "", ""};

    *out = (rgq_reference){0};
    for (int i = 0; i < RGQ_REFERENCE_RULES; i++)
        out->candidate[i].name = names[i];
    const bool has_first = rgq_scan_first_acquisition(&first, scan);
    if (facts->decay_reference_s.known)
        add(out, RGQ_REFERENCE_STATED, facts->decay_reference_s.value,
            "the stated decay reference", facts->decay_reference_s.origin);
    add_clock(out, RGQ_REFERENCE_SERIES, &facts->series_time_s, "series time", first.clock_s);
    add_clock(out, RGQ_REFERENCE_GE, &facts->ge_scan_time_s, "GE's scan time", first.clock_s);
    add_clock(out, RGQ_REFERENCE_SIEMENS, &facts->siemens_decay_time_s,
              "Siemens's decay correction time", first.clock_s);
    if (has_first)
        add(out, RGQ_REFERENCE_ACQUISITION, first.clock_s, first.what, first.origin);
    add_back_computed(out, scan, back, first.clock_s, half_life_s);
}

/* ---- the choice ---- */

static bool is_from_option(const rgq_fact_text *fact)
{
    return fact->known && strncmp(fact->origin, "--", 2) == 0;
}

static bool take(rgq_reference *out, rgq_reference_rule rule)
{
    if (!out->candidate[rule].sound)
        return false;
    out->taken = rule;
    return true;
}

static double apart_s(const rgq_reference *r, rgq_reference_rule a, rgq_reference_rule b)
{
    return fabs(r->candidate[a].at.clock_s - r->candidate[b].at.clock_s);
}

/* GE's scanners write their scan time as series time: where the two differ, the series time was
 * changed, unless the frame reference times agree with it. */
static bool ge_precedes(const rgq_reference *r, double half_life_s)
{
    return r->candidate[RGQ_REFERENCE_GE].sound && r->candidate[RGQ_REFERENCE_SERIES].known &&
           rgq_decay_between(apart_s(r, RGQ_REFERENCE_GE, RGQ_REFERENCE_SERIES), half_life_s) >
               RULES_APART &&
           (!r->candidate[RGQ_REFERENCE_BACK].sound ||
            apart_s(r, RGQ_REFERENCE_GE, RGQ_REFERENCE_BACK) <
                apart_s(r, RGQ_REFERENCE_SERIES, RGQ_REFERENCE_BACK));
}

static bool choose(rgq_reference *out, const rgq_scan *scan, double half_life_s,
                   const rgq_log *log)
{
    if (take(out, RGQ_REFERENCE_STATED))
        return true;
    if (ge_precedes(out, half_life_s))
        return take(out, RGQ_REFERENCE_GE);
    if (take(out, RGQ_REFERENCE_SERIES)) {
        if (!out->candidate[RGQ_REFERENCE_ACQUISITION].known)
            RGQ_WARN(log, "decay reference: the series time is taken; no acquisition time is "
                          "stated to check it");
        return true;
    }
    if (take(out, RGQ_REFERENCE_GE) || take(out, RGQ_REFERENCE_SIEMENS) ||
        take(out, RGQ_REFERENCE_BACK))
        return true;
    return is_from_option(&scan->facts.decay_correction) &&
           take(out, RGQ_REFERENCE_ACQUISITION);
}

static void explain_absence(rgq_reference *out)
{
    const rgq_reference_candidate *c = out->candidate;

    if (!c[RGQ_REFERENCE_ACQUISITION].known) {
        (void)snprintf(out->reason, sizeof out->reason,
                       "no time of the scan is stated that the values could be decay-corrected "
                       "to: give TimeZero and ScanStart in a --side-file");
        return;
    }
    (void)snprintf(out->reason, sizeof out->reason,
                   "the start the values are decay-corrected to is unknown (%s%s%s%s%s, %s): "
                   "give --reference-time acquisition if it is the earliest acquisition",
                   c[RGQ_REFERENCE_SERIES].why_not, c[RGQ_REFERENCE_GE].known ? ", " : "",
                   c[RGQ_REFERENCE_GE].known ? c[RGQ_REFERENCE_GE].why_not : "",
                   c[RGQ_REFERENCE_SIEMENS].known ? ", " : "",
                   c[RGQ_REFERENCE_SIEMENS].known ? c[RGQ_REFERENCE_SIEMENS].why_not : "",
                   c[RGQ_REFERENCE_BACK].why_not);
}

/* The rule the user asked for. A clock time is taken even if it is later than the acquisition
 * (that is what the option is for), but back-computation only where it is sound. */
static bool obey(rgq_reference *out, const char *rule, const rgq_log *log)
{
    for (int i = 0; i < RGQ_REFERENCE_RULES; i++) {
        const rgq_reference_candidate *c = &out->candidate[i];
        if (!rgq_text_equal_nocase(c->name, rule) || !c->known ||
            (i == RGQ_REFERENCE_BACK && !c->sound))
            continue;
        out->taken = (rgq_reference_rule)i;
        if (!c->sound)
            RGQ_WARN(log, "--reference-time %s: %s", rule, c->why_not);
        return true;
    }
    const char *why = rgq_text_equal_nocase(rule, "series") ? "the series time is absent"
                      : rgq_text_equal_nocase(rule, "private")
                          ? "neither (0009,100D) of GE nor (0071,1022) of Siemens is there"
                      : rgq_text_equal_nocase(rule, "acquisition")
                          ? "no acquisition time is stated"
                      : rgq_text_equal_nocase(rule, "backcompute")
                          ? out->candidate[RGQ_REFERENCE_BACK].why_not
                          : "it is none of auto, series, acquisition, private, backcompute";
    (void)snprintf(out->reason, sizeof out->reason,
                   "--reference-time %.24s cannot be followed: %s; --reference-time auto takes "
                   "what there is",
                   rule, why);
    return false;
}

static void warn_if_apart(const rgq_reference *r, double half_life_s, const rgq_log *log)
{
    const rgq_moment *taken = &r->candidate[r->taken].at;

    for (int i = 0; i < RGQ_REFERENCE_RULES; i++) {
        const rgq_reference_candidate *c = &r->candidate[i];
        const double late_s = c->at.clock_s - taken->clock_s;
        if (!c->sound || i == (int)r->taken || i == RGQ_REFERENCE_ACQUISITION ||
            !(rgq_decay_between(late_s, half_life_s) > RULES_APART))
            continue;
        RGQ_WARN(log,
                 "decay reference: %s is taken; %s lies %.6g s %s, which would change SUV by "
                 "%.2g %% (--reference-time)",
                 taken->what, c->at.what, fabs(late_s), late_s > 0 ? "later" : "earlier",
                 100.0 * fabs(expm1(rgq_decay_constant_per_s(half_life_s) * late_s)));
    }
}

/* A scanner's own scan time after the acquisition: one of the two was changed, and which one
 * the header does not tell. */
static void warn_of_late_private(const rgq_reference *r, double half_life_s, const rgq_log *log)
{
    const rgq_reference_candidate *taken = &r->candidate[r->taken];

    for (int i = RGQ_REFERENCE_GE; i <= RGQ_REFERENCE_SIEMENS; i++) {
        const rgq_reference_candidate *c = &r->candidate[i];
        const double late_s = c->at.clock_s - taken->at.clock_s;
        if (!c->known || c->sound || i == (int)r->taken || late_s <= 0.0 ||
            !(rgq_decay_between(late_s, half_life_s) > RULES_APART))
            continue;
        RGQ_WARN(log,
                 "decay reference: %s is taken; %s and would change SUV by %.2g %%: a time of "
                 "the header was changed (--reference-time)",
                 taken->at.what, c->why_not,
                 100.0 * fabs(expm1(rgq_decay_constant_per_s(half_life_s) * late_s)));
    }
}

bool rgq_decay_reference_find(rgq_reference *out, const rgq_scan *scan, double half_life_s,
                              const rgq_log *log)
{
    const rgq_fact_text *asked = &scan->facts.reference_time;
    const back_computed back = compute_back(scan, half_life_s);

    gather(out, scan, &back, half_life_s);
    if (asked->known && !rgq_text_equal_nocase(asked->value, "auto")) {
        if (!obey(out, asked->value, log))
            return false;
    } else if (!choose(out, scan, half_life_s, log)) {
        explain_absence(out);
        return false;
    }
    warn_if_apart(out, half_life_s, log);
    warn_of_late_private(out, half_life_s, log);
    if (isfinite(back.clock_s) && !out->candidate[RGQ_REFERENCE_BACK].sound)
        RGQ_DEBUG(log, "%s of its frame: not used", out->candidate[RGQ_REFERENCE_BACK].why_not);
    if (rgq_decay_between(back.spread_s, half_life_s) > RULES_APART)
        RGQ_WARN(log,
                 "the Frame Reference Times of the slices lead to decay references up to %.6g "
                 "s apart; %s is taken for all of them",
                 back.spread_s, out->candidate[out->taken].at.what);
    return true;
}

rgq_moment rgq_injection_place(const rgq_scan *scan, double latest_s, double half_life_s,
                               const rgq_log *log)
{
    const rgq_scan_facts *facts = &scan->facts;
    const rgq_fact *date = &facts->injection_date_known;
    rgq_moment at = {0};

    set_moment(&at, facts->injection_time_s.value, "", facts->injection_time_s.origin);
    if (date->known && date->value != 0.0)
        return at;
    const double days = floor((latest_s - at.clock_s) / SECONDS_PER_DAY);
    at.clock_s += days * SECONDS_PER_DAY;
    const bool on_same_day =
        floor(at.clock_s / SECONDS_PER_DAY) == floor(latest_s / SECONDS_PER_DAY);
    rgq_text_copy(at.what, sizeof at.what,
                  on_same_day ? "no date: day of the scan" : "no date: day before the scan");
    rgq_log_line(log,
                 !on_same_day ? RGQ_LEVEL_WARNING
                 : days != 0  ? RGQ_LEVEL_INFO
                              : RGQ_LEVEL_DEBUG,
                 "the injection time has no date: taken on the day %s, %.4g h before it",
                 on_same_day ? "of the scan" : "before the scan",
                 (latest_s - at.clock_s) / 3600.0);
    if (half_life_s > 0.5 * SECONDS_PER_DAY)
        RGQ_WARN(log,
                 "the injection time has no date, and with a half-life of %.3g h the "
                 "injection may have been days before: give --injection-time with a date",
                 half_life_s / 3600.0);
    return at;
}
