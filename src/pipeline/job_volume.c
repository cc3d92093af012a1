/* From files to the volume that is measured: scan, calibrate, filter. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "calib/reference.h"
#include "core/banned.h"
#include "pipeline/job.h"
#include "pipeline/kernel_file.h"

/* What the library knows of the nuclide of the header; NULL if it names none. */
static rgq_status find_nuclide(const rgq_nuclide **out, rgq_nuclide *nuclide, rgq_job *job,
                               rgq_error *err)
{
    const rgq_fact_text *stated = &job->scan.facts.nuclide;
    rgq_error why = RGQ_ERROR_INIT;
    char id[16];
    char path[RGQ_PATH_MAX];

    *out = NULL;
    if (!stated->known) { /* a half-life is not taken from what the user calls the tracer */
        RGQ_WARN(&job->log,
                 "the scan names no nuclide: that it was %s of the tracer %s cannot be checked",
                 job->tracer.nuclide, job->tracer.id);
        return RGQ_OK;
    }
    if (!rgq_nuclide_canonical(id, stated->value)) {
        RGQ_WARN(&job->log, "the nuclide '%s' (%s) is not known to this program", stated->value,
                 stated->origin);
        return RGQ_OK;
    }
    if (rgq_nuclide_find(nuclide, job->opts->tracers, id, &why) != RGQ_OK) {
        RGQ_WARN(&job->log, "nothing is known of the nuclide %s", id);
        return RGQ_OK;
    }
    *out = nuclide;
    RGQ_PASS(err, rgq_path_join(path, job->opts->tracers, "isotopes.json", err));
    return rgq_record_data_file(job->record, path, "tracers/isotopes.json", err);
}

static rgq_status calibrate(rgq_job *job, const rgq_nuclide *nuclide, rgq_error *err)
{
    rgq_unit wanted = RGQ_UNIT_SUV_BW;

    if (job->opts->unit != NULL) {
        RGQ_PASS(err, rgq_unit_parse(&wanted, job->opts->unit, err));
        RGQ_PASS(err,
                 rgq_suv_plan_make(&job->plan, &job->scan, wanted, nuclide, &job->log, err));
    } else {
        RGQ_PASS(err, rgq_suv_plan_best(&job->plan, &job->scan, nuclide, &job->log, err));
        if (job->plan.to != RGQ_UNIT_SUV_BW)
            RGQ_WARN(&job->log, "values are in %s, not SUVbw: %s", rgq_unit_name(job->plan.to),
                     job->plan.refused);
    }
    return rgq_suv_apply(&job->scan, &job->plan, err);
}

static bool is_label_of(const rgq_tracer *t, const char *nuclide)
{
    if (strcmp(nuclide, t->nuclide) == 0)
        return true;
    for (int i = 0; i < RGQ_TRACER_NUCLIDES_MAX && t->other_nuclide[i][0] != '\0'; i++)
        if (strcmp(nuclide, t->other_nuclide[i]) == 0)
            return true;
    return false;
}

/* Does the header speak of the tracer that was named? */
static void compare_with_header(const rgq_job *job)
{
    const rgq_scan_facts *f = &job->scan.facts;
    const rgq_tracer *t = &job->tracer;
    char id[16];

    if (f->radiopharmaceutical.known && !rgq_tracer_is_named(t, f->radiopharmaceutical.value))
        RGQ_WARN(&job->log,
                 "the header names another tracer, '%s' (%s), not %s: what is said of the "
                 "target holds only if %s was injected",
                 f->radiopharmaceutical.value, f->radiopharmaceutical.origin, t->id, t->id);
    if (!f->radiopharmaceutical.known)
        RGQ_WARN(&job->log, "the header names no tracer; that it was %s rests on --tracer",
                 t->id);
    if (f->nuclide.known && rgq_nuclide_canonical(id, f->nuclide.value) && !is_label_of(t, id))
        RGQ_WARN(&job->log, "the header names the nuclide %s (%s), but %s is labelled with %s",
                 id, f->nuclide.origin, t->id, t->nuclide);
    const bool is_pet = strcmp(f->modality.value, "PT") == 0;
    const bool is_nm = strcmp(f->modality.value, "NM") == 0;
    if ((is_pet && strcmp(t->modality, "PET") != 0) ||
        (is_nm && strcmp(t->modality, "SPECT") != 0))
        RGQ_WARN(&job->log, "the scan has the modality %s (%s), but %s is a %s tracer",
                 f->modality.value, f->modality.origin, t->id, t->modality);
}

/* Begin of the frame, by its earliest slice [s, clock]; NaN if unknown. */
static double frame_begin_s(const rgq_scan *scan, int frame)
{
    rgq_moment first;
    double begin_s = (double)NAN;

    if (frame == 0)
        return rgq_scan_first_acquisition(&first, scan) ? first.clock_s : (double)NAN;
    for (int z = 0; z < rgq_volume_grid(scan->volume)->n[2]; z++)
        begin_s = fmin(begin_s, rgq_scan_slice_time(scan, frame, z).acquisition_s);
    return begin_s;
}

static void find_uptake_time(rgq_job *job, const rgq_nuclide *nuclide)
{
    const rgq_scan_facts *f = &job->scan.facts;
    const rgq_tracer *t = &job->tracer;
    const double begin_s = frame_begin_s(&job->scan, job->opts->frame);
    double half_life_s = nuclide != NULL ? nuclide->half_life_s.value : (double)NAN;
    if (f->half_life_s.known)
        half_life_s = f->half_life_s.value;

    if (!f->injection_time_s.known || !isfinite(begin_s)) {
        RGQ_WARN(&job->log, "the time from injection to scan is not known; ratios of scans at "
                            "different times cannot be compared (--injection-time)");
        return;
    }
    const rgq_moment injection = rgq_injection_place(&job->scan, begin_s, half_life_s, NULL);
    const double uptake_min = (begin_s - injection.clock_s) / 60.0;
    if (uptake_min < 0.0) {
        RGQ_WARN(&job->log,
                 "the header puts the injection (%s) %.4g min after the begin of the scan: the "
                 "uptake time is not known (--injection-time)",
                 f->injection_time_s.origin, -uptake_min);
        return;
    }
    job->uptake_min = uptake_min;
    if (uptake_min * 60.0 > 5.0 * half_life_s)
        RGQ_WARN(&job->log,
                 "the scan begins %.4g min after the injection, more than 5 half-lives: is the "
                 "injection time (%s) right?",
                 uptake_min, f->injection_time_s.origin);
    const bool early = t->uptake_start_min.known && job->uptake_min < t->uptake_start_min.value;
    const bool late = t->uptake_end_min.known && job->uptake_min > t->uptake_end_min.value;
    if (early || late)
        RGQ_WARN(&job->log,
                 "the scan begins %.4g min after the injection, %s the published window of %s "
                 "(%s %g min, %s)",
                 job->uptake_min, early ? "before" : "after", t->id, early ? "from" : "to",
                 early ? t->uptake_start_min.value : t->uptake_end_min.value,
                 early ? t->uptake_start_min.source : t->uptake_end_min.source);
}

/* The frame alone goes on; of one frame the voxels are moved, not copied. */
static rgq_status take_frame(rgq_job *job, rgq_error *err)
{
    const int n_frames = rgq_volume_n_frames(job->scan.volume);

    if (n_frames > 1) {
        RGQ_PASS(err,
                 rgq_volume_extract(&job->volume, job->scan.volume, job->opts->frame, err));
        rgq_volume_free(job->scan.volume);
    } else {
        job->volume = job->scan.volume;
    }
    job->scan.volume = NULL;
    return RGQ_OK;
}

rgq_status rgq_job_keep(const rgq_job *job, const char *stage, rgq_error *err)
{
    char name[64];
    char path[RGQ_PATH_MAX];
    rgq_scan_facts facts = {0}; /* times of day stay out of the folder */
    const rgq_write_opts how = {.force = true, .description = "rgdquant quantify"};

    if (!rgq_job_keeps(job, stage))
        return RGQ_OK;
    facts.modality = job->scan.facts.modality;
    facts.radiopharmaceutical = job->scan.facts.radiopharmaceutical;
    facts.nuclide = job->scan.facts.nuclide;
    (void)snprintf(name, sizeof name, "%.40s.nii.gz", stage);
    RGQ_PASS(err, rgq_path_join(path, job->folder.temp, name, err));
    return rgq_scan_write_nifti(path, job->volume, &facts, &how, err);
}

static rgq_status filter(rgq_job *job, rgq_error *err)
{
    rgq_filter_report report = {0};
    rgq_filter_spec spec;
    rgq_filter_opts how = job->filtering;
    rgq_volume *kernel = NULL;

    if (job->opts->filter == NULL)
        return RGQ_OK;
    RGQ_PASS(err, rgq_filter_parse(&spec, job->opts->filter, err));
    RGQ_PASS(err, rgq_kernel_file_read(&kernel, &spec, err));
    if (kernel != NULL)
        how.kernel = kernel;
    const rgq_status st = rgq_filter_run(job->volume, &spec, &how, &report, &job->log, err);
    rgq_volume_free(kernel);
    RGQ_PASS(err, st);
    if (spec.kind == RGQ_FILTER_KERNEL)
        RGQ_PASS(err, rgq_record_input(job->record, spec.kernel_path, "kernel", err));
    RGQ_PASS(err, rgq_record_filter(job->record, job->opts->filter, &report, err));
    job->filtered = report;
    return rgq_job_keep(job, "filter", err);
}

static rgq_status record_scan(rgq_job *job, rgq_error *err)
{
    rgq_json *step = NULL;
    const int n_frames = rgq_volume_n_frames(job->scan.volume);
    const rgq_grid *grid = rgq_volume_grid(job->scan.volume);
    const double size[3] = {grid->n[0], grid->n[1], grid->n[2]};
    double spacing_mm[3];
    char orientation[4];

    if (job->opts->frame >= n_frames)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "--frame %d, but the scan has %d frame%s, counted from 0",
                         job->opts->frame, n_frames, n_frames == 1 ? "" : "s");
    rgq_grid_spacing_mm(grid, spacing_mm);
    rgq_grid_orientation(grid, orientation);
    RGQ_PASS(err, rgq_record_scan_input(job->record, job->opts->scan, job->scan.n_files, err));
    if (job->opts->read.side_file != NULL)
        RGQ_PASS(err,
                 rgq_record_input(job->record, job->opts->read.side_file, "side file", err));
    RGQ_PASS(err, rgq_record_step(&step, job->record, "scan", err));
    RGQ_PASS(err, rgq_json_set_text(step, "format", job->scan.format, err));
    RGQ_PASS(err, rgq_json_set_reals(step, "voxels", size, 3, err));
    RGQ_PASS(err, rgq_json_set_reals(step, "spacing_mm", spacing_mm, 3, err));
    RGQ_PASS(err, rgq_json_set_text(step, "orientation", orientation, err));
    RGQ_PASS(err, rgq_json_set_int(step, "frames", rgq_volume_n_frames(job->scan.volume), err));
    return rgq_json_set_int(step, "frame", job->opts->frame, err);
}

static rgq_status override_facts(rgq_job *job, const rgq_nuclide *nuclide, rgq_error *err)
{
    const char *path = job->opts->calibration_file;
    rgq_scan_overrides overrides = job->opts->overrides;
    rgq_calibration calibration;

    if (path != NULL) {
        RGQ_PASS(err, rgq_calibration_load(&calibration, path, err));
        RGQ_PASS(err, rgq_record_input(job->record, path, "calibration", err));
        overrides.calibration = &calibration;
        if (!isfinite(overrides.calibration_factor) &&
            !isfinite(overrides.sensitivity_cps_per_mbq)) /* these replace what it states */
            job->calibration_percent = rgq_calibration_percent(&calibration);
    }
    return rgq_scan_override(&job->scan, &overrides, nuclide, &job->log, err);
}

rgq_status rgq_job_volume(rgq_job *job, rgq_error *err)
{
    rgq_nuclide known = {0};
    const rgq_nuclide *nuclide = NULL;

    RGQ_PASS(err, rgq_scan_read(&job->scan, job->opts->scan, &job->opts->read, &job->log, err));
    RGQ_PASS(err, record_scan(job, err));
    RGQ_PASS(err, find_nuclide(&nuclide, &known, job, err));
    RGQ_PASS(err, override_facts(job, nuclide, err));
    RGQ_PASS(err, rgq_record_facts(job->record, &job->scan.facts, err));
    compare_with_header(job);
    find_uptake_time(job, nuclide);
    RGQ_PASS(err, calibrate(job, nuclide, err));
    RGQ_PASS(err, rgq_record_plan(job->record, &job->plan, err));
    RGQ_PASS(err, take_frame(job, err));
    RGQ_PASS(err, rgq_job_keep(job, "calibrate", err));
    return filter(job, err);
}
