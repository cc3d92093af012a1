#include "cli/tiac_scans.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "calib/decay.h"
#include "calib/reference.h"
#include "cli/results.h"
#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"

static const double S_PER_H = 3600.0;
static const double APART = 0.005;

void rgq_tiac_scans_release(rgq_tiac_scans *scans)
{
    for (int i = 0; i < scans->count; i++) {
        rgq_scan_release(&scans->at[i].scan);
        rgq_free(scans->at[i].slice_h);
    }
    rgq_free(scans->at);
    *scans = (rgq_tiac_scans){.count = 0};
}

static int n_slices(const rgq_scan *scan)
{
    return rgq_volume_grid(scan->volume)->n[2];
}

/* ---- times ---- */

/* Clock time of the injection, which must not lie behind the scan. */
static rgq_status find_injection(double *out, const rgq_tiac_scan *s, double half_life_s,
                                 const rgq_log *log, rgq_error *err)
{
    rgq_moment first = {0};

    if (!rgq_scan_first_acquisition(&first, &s->scan))
        return RGQ_RAISE(err, RGQ_E_MISSING,
                         "%s: no acquisition time is stated: give TimeZero and "
                         "FrameTimesStart in a --side-file",
                         s->path);
    if (!s->scan.facts.injection_time_s.known)
        return RGQ_RAISE(err, RGQ_E_MISSING,
                         "%s: the time of the injection is not stated, which times count from: "
                         "give --injection-time",
                         s->path);
    const double end_s = rgq_scan_dynamic_end_s(&s->scan);
    const double latest_s = end_s > first.clock_s ? end_s : first.clock_s;
    *out = rgq_injection_place(&s->scan, latest_s, half_life_s, log).clock_s;
    if (*out > latest_s)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "%s: the injection lies %.6g s after the scan: give --injection-time",
                         s->path, *out - latest_s);
    return RGQ_OK;
}

/* Moment the values are corrected to; NaN: not corrected. */
static rgq_status find_reference(double *out, const rgq_tiac_scan *s, double injection_s,
                                 double half_life_s, const rgq_log *log, rgq_error *err)
{
    const rgq_scan_facts *f = &s->scan.facts;
    rgq_reference reference;

    *out = (double)NAN;
    if (f->decay_correction.known && rgq_text_equal_nocase(f->decay_correction.value, "NONE"))
        return RGQ_OK;
    if (f->decay_correction.known &&
        rgq_text_equal_nocase(f->decay_correction.value, "ADMIN")) {
        *out = injection_s;
        return RGQ_OK;
    }
    if (!f->decay_correction.known && !f->decay_reference_s.known)
        return RGQ_RAISE(err, RGQ_E_MISSING,
                         "%s does not say what its values are decay-corrected to: give "
                         "--decay-corrected-to injection|scan|none",
                         s->path);
    if (!rgq_decay_reference_find(&reference, &s->scan, half_life_s, log))
        return RGQ_RAISE(err, RGQ_E_MISSING, "%s: %s", s->path, reference.reason);
    *out = reference.candidate[reference.taken].at.clock_s;
    return RGQ_OK;
}

static void scale_slice(rgq_scan *scan, int frame, int slice, double gain)
{
    const rgq_grid *grid = rgq_volume_grid(scan->volume);
    const size_t n = (size_t)grid->n[0] * (size_t)grid->n[1];
    float *values = rgq_volume_data(scan->volume, frame) + (size_t)slice * n;

    for (size_t i = 0; i < n; i++)
        values[i] = (float)(gain * (double)values[i]);
}

/* When each slice was taken, and its values as they were then. */
static rgq_status undo_decay(rgq_tiac_scan *s, double half_life_s, const rgq_log *log,
                             rgq_error *err)
{
    const int n_frames = rgq_volume_n_frames(s->scan.volume);
    const int n_z = n_slices(&s->scan);
    const double lambda = rgq_decay_constant_per_s(half_life_s);
    double injection_s = 0.0;
    double reference_s = 0.0;

    RGQ_PASS(err, find_injection(&injection_s, s, half_life_s, log, err));
    RGQ_PASS(err, find_reference(&reference_s, s, injection_s, half_life_s, log, err));
    RGQ_PASS(err,
             rgq_alloc(&s->slice_h, (size_t)n_frames * (size_t)n_z, sizeof *s->slice_h, err));
    for (int f = 0; f < n_frames; f++)
        for (int z = 0; z < n_z; z++) {
            const rgq_slice_time t = rgq_scan_slice_time(&s->scan, f, z);
            const double lasts_s = t.duration_s > 0.0 ? t.duration_s : 0.0;
            const double at_s =
                t.acquisition_s + rgq_decay_mean_time_s(lasts_s, half_life_s) * (lasts_s > 0.0);
            if (!isfinite(at_s))
                return RGQ_RAISE(err, RGQ_E_MISSING,
                                 "%s: frame %d has no time: give FrameTimesStart and "
                                 "FrameDuration in a --side-file",
                                 s->path, f);
            s->slice_h[f * n_z + z] = (at_s - injection_s) / S_PER_H;
            if (isfinite(reference_s))
                scale_slice(&s->scan, f, z, exp(-lambda * (at_s - reference_s)));
        }
    if (isfinite(reference_s))
        RGQ_INFO(log, "%s: decay correction to %.6g s after the injection is undone", s->path,
                 reference_s - injection_s);
    return RGQ_OK;
}

/* ---- reading ---- */

static rgq_status read_one(rgq_tiac_scan *s, rgq_tiac_decay *decay, rgq_context *context,
                           const rgq_scan_opts *opts, rgq_error *err)
{
    rgq_scan_opts how = *opts;
    const rgq_scan_facts *f = &s->scan.facts;

    how.unit = rgq_unit_option(RGQ_UNIT_BQ_ML);
    how.keep_times = true; /* until times have been found from them */
    RGQ_PASS(err, rgq_scan_open(&s->scan, &s->plan, context, s->path, &how, err));
    if (f->nuclide.known)
        RGQ_PASS(err, rgq_tiac_decay_nuclide(decay, context, f->nuclide.value, s->path, err));
    if (!isfinite(decay->half_life_s) || f->half_life_s.known) {
        char origin[RGQ_ORIGIN_MAX];
        rgq_text_copy(origin, sizeof origin, f->half_life_s.known ? f->half_life_s.origin : "");
        const double before = decay->half_life_s;
        RGQ_PASS(err, rgq_tiac_decay_settle(decay, context,
                                            f->half_life_s.known ? f->half_life_s.value
                                                                 : (double)NAN,
                                            origin, err));
        if (isfinite(before) && fabs(decay->half_life_s / before - 1.0) > APART)
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "%s has a half-life of %.8g s, the scans before it %.8g s: they "
                             "are not of one administration",
                             s->path, decay->half_life_s, before);
    }
    RGQ_PASS(err, undo_decay(s, decay->half_life_s, &context->log, err));
    if (!opts->keep_times)
        rgq_scan_forget_clock(&s->scan);
    return RGQ_OK;
}

static rgq_status compare_activity(rgq_tiac_scans *scans, const rgq_tiac_scan *s,
                                   rgq_error *err)
{
    const rgq_fact *activity = &s->scan.facts.injected_activity_bq;

    if (!activity->known || !(activity->value > 0.0))
        return RGQ_OK;
    const double mbq = activity->value / 1e6;
    if (isfinite(scans->injected_mbq) && fabs(mbq / scans->injected_mbq - 1.0) > APART)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "%s states %.6g MBq injected, a scan before it %.6g MBq: give "
                         "--activity-mbq",
                         s->path, mbq, scans->injected_mbq);
    scans->injected_mbq = mbq;
    return RGQ_OK;
}

rgq_status rgq_tiac_scans_open(rgq_tiac_scans *out, rgq_tiac_decay *decay, rgq_context *context,
                               const rgq_words *paths, const rgq_scan_opts *opts,
                               rgq_error *err)
{
    out->injected_mbq = (double)NAN;
    RGQ_PASS(err, rgq_alloc(&out->at, (size_t)paths->count, sizeof *out->at, err));
    for (int i = 0; i < paths->count; i++) {
        rgq_tiac_scan *s = &out->at[out->count++];
        s->path = paths->word[i];
        RGQ_PASS(err, read_one(s, decay, context, opts, err));
        RGQ_PASS(err, compare_activity(out, s, err));
    }
    return RGQ_OK;
}

/* ---- regions ---- */

/* Activity [MBq] and time [h] of one region in one frame. */
static void measure_region(double point[3], const rgq_tiac_scan *s, int frame,
                           const rgq_region *region)
{
    const rgq_grid *grid = rgq_volume_grid(s->scan.volume);
    const float *values = rgq_volume_cdata(s->scan.volume, frame);
    const float *weight = region->weight;
    double sum = 0.0;
    double weights = 0.0;
    double when = 0.0;

    for (int z = 0; z < region->n[2]; z++) {
        double here = 0.0;
        for (int y = 0; y < region->n[1]; y++) {
            const float *row =
                values + (size_t)region->lo[0] +
                (size_t)grid->n[0] * ((size_t)(region->lo[1] + y) +
                                      (size_t)grid->n[1] * (size_t)(region->lo[2] + z));
            for (int x = 0; x < region->n[0]; x++, weight++) {
                sum += (double)*weight * (double)row[x];
                here += (double)*weight;
            }
        }
        weights += here;
        when += here * s->slice_h[frame * grid->n[2] + region->lo[2] + z];
    }
    point[0] = when / weights;
    point[1] = sum * rgq_grid_voxel_ml(grid) / 1e6;
    point[2] = (double)NAN;
}

static rgq_status measure_scan(rgq_courses *out, const rgq_context *context,
                               const rgq_tiac_scan *s, const char *path, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_regions *regions = NULL;

    RGQ_TRY(err, rgq_regions_open(&regions, context, path, &s->scan, s->path, err));
    if (rgq_regions_count(regions) == 0) {
        st = RGQ_RAISE(err, RGQ_E_FORMAT,
                       "%s holds no region; voxels of 1 and more were needed", path);
        goto out;
    }
    for (int r = 0; r < rgq_regions_count(regions); r++) {
        const rgq_region *region = rgq_regions_at(regions, r);
        if (region->weight == NULL) {
            st = RGQ_RAISE(err, RGQ_E_FORMAT, "%s: the region %s has no voxel", path,
                           region->name);
            goto out;
        }
        for (int f = 0; f < rgq_volume_n_frames(s->scan.volume); f++) {
            double point[3];
            measure_region(point, s, f, region);
            RGQ_TRY(err, rgq_courses_add(out, region->name, point, err));
        }
    }
out:
    rgq_regions_free(regions);
    return st;
}

rgq_status rgq_tiac_scans_measure(rgq_courses *out, const rgq_context *context,
                                  const rgq_tiac_scans *scans, const char *regions,
                                  rgq_error *err)
{
    for (int i = 0; i < scans->count; i++)
        RGQ_PASS(err, measure_scan(out, context, &scans->at[i], regions, err));
    return RGQ_OK;
}

/* ---- voxels ---- */

int rgq_tiac_scans_n_frames(const rgq_tiac_scans *scans)
{
    int n = 0;

    for (int i = 0; i < scans->count; i++)
        n += rgq_volume_n_frames(scans->at[i].scan.volume);
    return n;
}

static void collect_frames(const float **frame, double *time_h, const rgq_tiac_scans *scans)
{
    int n = 0;

    for (int i = 0; i < scans->count; i++) {
        const rgq_tiac_scan *s = &scans->at[i];
        const int n_z = n_slices(&s->scan);
        for (int f = 0; f < rgq_volume_n_frames(s->scan.volume); f++, n++) {
            frame[n] = rgq_volume_cdata(s->scan.volume, f);
            time_h[n] = 0.0;
            for (int z = 0; z < n_z; z++)
                time_h[n] += s->slice_h[f * n_z + z] / n_z;
        }
    }
}

static rgq_status fit_voxels(rgq_volume *map, const rgq_tiac_frames *frames,
                             rgq_tiac_model model, double half_life_h, rgq_error *err)
{
    float *values = rgq_volume_data(map, 0);

    RGQ_PASS(err, rgq_tiac_voxels(values, frames, model, half_life_h, err));
    for (size_t i = 0; i < frames->count; i++)
        values[i] = (float)(S_PER_H * (double)values[i]);
    return rgq_volume_check_finite(map, "after the fit of the voxels", err);
}

rgq_status rgq_tiac_scans_voxels(rgq_volume **out, const rgq_tiac_scans *scans,
                                 rgq_tiac_model model, double half_life_h, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const rgq_grid *grid = rgq_volume_grid(scans->at[0].scan.volume);
    const float **frame = NULL;
    double *time_h = NULL;
    rgq_volume *map = NULL;
    const int n = rgq_tiac_scans_n_frames(scans);

    *out = NULL;
    for (int i = 0; i < scans->count; i++) {
        const rgq_scan *scan = &scans->at[i].scan;
        if (rgq_grid_compare(grid, rgq_volume_grid(scan->volume), -1.0, err) != RGQ_OK) {
            rgq_error_prefix(err, "--voxel needs scans on one grid, and %s is on another: ",
                             scans->at[i].path);
            return RGQ_E_GEOMETRY;
        }
    }
    RGQ_TRY(err, rgq_alloc(&frame, (size_t)n, sizeof *frame, err));
    RGQ_TRY(err, rgq_alloc(&time_h, (size_t)n, sizeof *time_h, err));
    collect_frames(frame, time_h, scans);
    RGQ_TRY(err, rgq_volume_create(&map, grid, 1, RGQ_UNIT_NATIVE, err));
    const rgq_tiac_frames frames = {n, rgq_grid_count(grid), frame, time_h, NULL};
    RGQ_TRY(err, fit_voxels(map, &frames, model, half_life_h, err));
    *out = map;
    map = NULL;
out:
    rgq_volume_free(map);
    rgq_free(time_h);
    rgq_free(frame);
    return st;
}
