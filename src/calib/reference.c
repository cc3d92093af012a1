#include "calib/reference.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "calib/decay.h"
#include "core/banned.h"
#include "core/text.h"

static const double SECONDS_PER_DAY = 86400.0;

/* Series and acquisition times are often written without the fraction of a second. */
static const double CLOCK_TOLERANCE_S = 1.0;

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

bool rgq_decay_matters(double difference_s, double half_life_s)
{
    const double x = rgq_decay_constant_per_s(half_life_s) * fabs(difference_s);
    return expm1(x) > 0.005;
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

/* A frame reference time shorter than the mean count-rate time counts from something else than
 * DICOM says (GE: from the start of the frame). */
static bool is_plausible(const back_computed *back, double first_s, double half_life_s)
{
    return isfinite(back->clock_s) &&
           (isnan(first_s) || back->clock_s <= first_s ||
            !rgq_decay_matters(back->clock_s - first_s, half_life_s));
}

static void warn_if_apart(const rgq_moment *taken, double other_s, const char *other,
                          double half_life_s, const rgq_log *log)
{
    const double late_s = other_s - taken->clock_s;

    if (isfinite(late_s) && rgq_decay_matters(late_s, half_life_s))
        RGQ_WARN(log,
                 "decay reference: %s is taken; %s lies %.6g s %s, which would change SUV by "
                 "%.2g %%",
                 taken->what, other, fabs(late_s), late_s > 0 ? "later" : "earlier",
                 100.0 * fabs(expm1(rgq_decay_constant_per_s(half_life_s) * late_s)));
}

/* A clock time that holds if it is not later than the first acquisition. */
static bool take_if_early(rgq_moment *out, const rgq_fact *fact, const char *what,
                          double first_s)
{
    if (!fact->known || fact->value > first_s + CLOCK_TOLERANCE_S)
        return false;
    set_moment(out, fact->value, what, fact->origin);
    return true;
}

static void explain_absence(char *reason, const rgq_scan_facts *facts, double first_s,
                            const back_computed *back)
{
    if (isnan(first_s)) {
        (void)snprintf(reason, RGQ_MESSAGE_MAX,
                       "no time of the scan is stated that the values could be decay-corrected "
                       "to: give TimeZero and ScanStart in a --side-file");
        return;
    }
    char part[3][160] = {"the series time is absent", "", "no Frame Reference Time is stated"};

    if (facts->series_time_s.known)
        (void)snprintf(part[0], sizeof part[0],
                       "the series time is %.6g s later than the acquisition",
                       facts->series_time_s.value - first_s);
    if (facts->ge_scan_time_s.known)
        (void)snprintf(part[1], sizeof part[1], "GE's scan time is %.6g s later, ",
                       facts->ge_scan_time_s.value - first_s);
    if (isfinite(back->clock_s))
        (void)snprintf(part[2], sizeof part[2],
                       "Frame Reference Time %g s is less than the mean count-rate time %.6g s",
                       back->reference_s, back->mean_time_s);
    (void)snprintf(reason, RGQ_MESSAGE_MAX,
                   "the start the values are decay-corrected to is unknown (%s, %s%s): give "
                   "--decay-corrected-to scan if it is the earliest acquisition",
                   part[0], part[1], part[2]);
}

static bool is_from_option(const rgq_fact_text *fact)
{
    return fact->known && strncmp(fact->origin, "--", 2) == 0;
}

static bool choose(rgq_moment *out, const rgq_scan *scan, const back_computed *back,
                   double half_life_s, const rgq_log *log)
{
    const rgq_scan_facts *facts = &scan->facts;
    rgq_moment first = {(double)NAN, "", ""};
    const bool has_first = rgq_scan_first_acquisition(&first, scan);

    if (facts->decay_reference_s.known) {
        set_moment(out, facts->decay_reference_s.value, "the stated decay reference",
                   facts->decay_reference_s.origin);
        return true;
    }
    if (!has_first && facts->series_time_s.known) {
        set_moment(out, facts->series_time_s.value, "series time", facts->series_time_s.origin);
        RGQ_WARN(log, "decay reference: the series time is taken; no acquisition time is "
                      "stated to check it");
        return true;
    }
    if (has_first && take_if_early(out, &facts->series_time_s, "series time", first.clock_s)) {
        warn_if_apart(out, value_or_nan(&facts->ge_scan_time_s), "GE's scan time", half_life_s,
                      log);
        return true;
    }
    if (has_first &&
        take_if_early(out, &facts->ge_scan_time_s, "GE's scan time", first.clock_s))
        return true;
    if (is_plausible(back, first.clock_s, half_life_s)) {
        set_moment(out, back->clock_s, "acquisition - frame reference time",
                   facts->frame_reference_s.known ? facts->frame_reference_s.origin
                                                  : "acquisition and frame reference time");
        return true;
    }
    if (has_first && is_from_option(&facts->decay_correction)) {
        *out = first;
        return true;
    }
    return false;
}

bool rgq_decay_reference_find(rgq_moment *out, char *reason, const rgq_scan *scan,
                              double half_life_s, const rgq_log *log)
{
    const back_computed back = compute_back(scan, half_life_s);
    rgq_moment first = {(double)NAN, "", ""};

    reason[0] = '\0';
    (void)rgq_scan_first_acquisition(&first, scan);
    if (!choose(out, scan, &back, half_life_s, log)) {
        explain_absence(reason, &scan->facts, first.clock_s, &back);
        return false;
    }
    if (is_plausible(&back, first.clock_s, half_life_s))
        warn_if_apart(out, back.clock_s, "acquisition - frame reference time", half_life_s,
                      log);
    else if (isfinite(back.clock_s))
        RGQ_DEBUG(log,
                  "Frame Reference Time %g s is less than the mean count-rate time %.6g s of "
                  "its frame: not used",
                  back.reference_s, back.mean_time_s);
    if (rgq_decay_matters(back.spread_s, half_life_s))
        RGQ_WARN(log,
                 "the Frame Reference Times of the slices lead to decay references up to %.6g "
                 "s apart; %s is taken for all of them",
                 back.spread_s, out->what);
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
                 "the injection time has no date: taken on the day %s",
                 on_same_day ? "of the scan" : "before the scan");
    if (half_life_s > 0.5 * SECONDS_PER_DAY)
        RGQ_WARN(log,
                 "the injection time has no date, and with a half-life of %.3g h the "
                 "injection may have been days before: give --injection-time with a date",
                 half_life_s / 3600.0);
    return at;
}
