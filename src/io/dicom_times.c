/* When slices and frames were acquired. */
#include <math.h>
#include <stdio.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "io/dicom_file.h"

/* The clock time that frames count from: the injection where its date is stated. An injection
 * after the scan (dates shifted apart by an anonymiser) is no origin to count from. */
static void set_time_zero(rgq_scan_facts *f)
{
    const rgq_fact *zero = &f->acquisition_time_s;
    if (f->injection_time_s.known && f->injection_date_known.value > 0.0 &&
        !(f->injection_time_s.value > zero->value))
        zero = &f->injection_time_s;
    else if (f->series_time_s.known)
        zero = &f->series_time_s;
    if (zero->known)
        rgq_fact_set(&f->time_zero_s, zero->value, zero->origin);
}

/* From the start of a frame to the moment of its mean count rate; the middle where nothing is
 * known of the decay. */
static double mean_time_s(double duration_s, const rgq_fact *half_life)
{
    const double x = half_life->known && half_life->value > 0.0
                         ? log(2.0) * duration_s / half_life->value
                         : 0.0;

    if (!isfinite(duration_s))
        return 0.0;
    return x > 1e-6 ? duration_s / x * log(x / -expm1(-x)) : 0.5 * duration_s;
}

/* Do all slices of each frame begin after those of the one before? */
static bool advance(const rgq_slice_time *at, size_t count, size_t n_z)
{
    for (size_t i = n_z; i < count; i++)
        if (at[i].acquisition_s <= at[i - n_z].acquisition_s)
            return false;
    return true;
}

/* Start of frame i's slice by what tells the frames apart; NaN if that is no time. */
static double derived_start_s(const rgq_dicom_slice *s, const rgq_dicom_slice *first,
                              bool by_reference, const rgq_fact *half_life)
{
    if (by_reference)
        return first->acquisition_s + (s->reference_s - first->reference_s) -
               (mean_time_s(s->duration_s, half_life) -
                mean_time_s(first->duration_s, half_life));
    return first->acquisition_s + (s->trigger_s - first->trigger_s);
}

/* Some exports repeat the time of the first frame in all of them, and it would be the start of
 * each. */
static void repair_starts(rgq_scan *scan, const rgq_dicom_found *f, size_t n_z,
                          const rgq_log *log)
{
    const rgq_dicom_slice *s = f->list.slice;
    bool by_reference = true;
    bool by_trigger = true;

    if (advance(scan->slice_time, f->list.count, n_z))
        return;
    for (size_t i = n_z; i < f->list.count; i++) {
        by_reference = by_reference && s[i].reference_s > s[i - n_z].reference_s;
        by_trigger = by_trigger && s[i].trigger_s > s[i - n_z].trigger_s;
    }
    for (size_t i = n_z; i < f->list.count; i++)
        scan->slice_time[i].acquisition_s =
            by_reference || by_trigger
                ? derived_start_s(&s[i], &s[i % n_z], by_reference, &scan->facts.half_life_s)
                : (double)NAN;
    if (by_reference || by_trigger)
        RGQ_WARN(log,
                 "(0008,0032) AcquisitionTime does not grow from frame to frame: the frames "
                 "begin where %s puts them after the first",
                 by_reference ? "(0054,1300) FrameReferenceTime" : "(0018,1060) TriggerTime");
    else
        RGQ_WARN(log, "(0008,0032) AcquisitionTime does not grow from frame to frame and no "
                      "other time does: when the frames after the first begin is unknown");
}

rgq_status rgq_dicom_times_set(rgq_scan *scan, const rgq_dicom_found *f, const rgq_log *log,
                               rgq_error *err)
{
    const size_t n_z = (size_t)rgq_volume_grid(scan->volume)->n[2];
    double earliest_s = (double)INFINITY;

    RGQ_PASS(err, rgq_alloc(&scan->slice_time, f->list.count, sizeof *scan->slice_time, err));
    for (size_t i = 0; i < f->list.count; i++) {
        const rgq_dicom_slice *s = &f->list.slice[i];
        scan->slice_time[i] = (rgq_slice_time){s->acquisition_s, s->duration_s, s->reference_s};
        earliest_s = fmin(earliest_s, s->acquisition_s);
    }
    rgq_fact_set(&scan->facts.acquisition_time_s, earliest_s,
                 "(0008,0022) AcquisitionDate and (0008,0032) AcquisitionTime");
    set_time_zero(&scan->facts);
    repair_starts(scan, f, n_z, log);
    for (int t = 0; t < rgq_volume_n_frames(scan->volume); t++) {
        rgq_frame frame = {(double)NAN, (double)NAN};
        double start_s = (double)INFINITY;
        for (size_t k = 0; k < n_z; k++) {
            const rgq_slice_time *at = &scan->slice_time[(size_t)t * n_z + k];
            if (at->acquisition_s < start_s) {
                start_s = at->acquisition_s;
                frame.duration_s = at->duration_s;
            }
        }
        if (isfinite(start_s) && scan->facts.time_zero_s.known)
            frame.start_s = start_s - scan->facts.time_zero_s.value;
        rgq_volume_set_frame(scan->volume, t, frame);
    }
    return RGQ_OK;
}
