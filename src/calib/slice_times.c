/* Slice times that are complete enough to be written: what a format needs and a scan may lack.
 */
#include <math.h>
#include <string.h>

#include "calib/decay.h"
#include "calib/reference.h"
#include "core/alloc.h"
#include "core/banned.h"

/* Values corrected to the start of the scan have no other place in DICOM for that moment than
 * the series time; reference times that are known already go with it. */
static void settle_series_time(rgq_scan *scan, size_t n_times)
{
    rgq_scan_facts *facts = &scan->facts;
    const bool is_start =
        facts->decay_correction.known && strcmp(facts->decay_correction.value, "START") == 0;
    rgq_moment first = {(double)NAN, "", ""};

    if (is_start && facts->decay_reference_s.known) {
        const rgq_fact was = facts->series_time_s;
        rgq_fact_set(&facts->series_time_s, facts->decay_reference_s.value,
                     facts->decay_reference_s.origin);
        for (size_t i = 0; was.known && i < n_times; i++)
            scan->slice_time[i].reference_s += was.value - facts->series_time_s.value;
    } else if (!facts->series_time_s.known && rgq_scan_first_acquisition(&first, scan)) {
        rgq_fact_set(&facts->series_time_s, first.clock_s, first.origin);
    }
}

rgq_status rgq_scan_complete_times(rgq_scan *scan, rgq_error *err)
{
    const size_t n_z = (size_t)rgq_volume_grid(scan->volume)->n[2];
    const size_t n_times = (size_t)rgq_volume_n_frames(scan->volume) * n_z;
    const rgq_fact *half_life = &scan->facts.half_life_s;
    rgq_slice_time *times = NULL;

    if (scan->slice_time == NULL) {
        RGQ_PASS(err, rgq_alloc(&times, n_times, sizeof *times, err));
        for (size_t i = 0; i < n_times; i++)
            times[i] = rgq_scan_slice_time(scan, (int)(i / n_z), (int)(i % n_z));
        scan->slice_time = times;
    }
    settle_series_time(scan, n_times);
    const rgq_fact *series = &scan->facts.series_time_s;
    if (!series->known || !half_life->known || !(half_life->value > 0.0))
        return RGQ_OK;
    for (size_t i = 0; i < n_times; i++) {
        rgq_slice_time *at = &scan->slice_time[i];
        if (isfinite(at->reference_s) || !isfinite(at->acquisition_s) ||
            !(at->duration_s >= 0.0) || !isfinite(at->duration_s))
            continue;
        at->reference_s = at->acquisition_s - series->value +
                          rgq_decay_mean_time_s(at->duration_s, half_life->value);
    }
    return RGQ_OK;
}
