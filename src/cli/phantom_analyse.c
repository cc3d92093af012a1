#include "cli/phantom_analyse.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/results.h"
#include "cli/scan_opts.h"
#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/timestamp.h"

/* ---- words to options ---- */

static rgq_status check_words(rgq_context *context, const rgq_phantom_analyse_words *w,
                              rgq_error *err)
{
    const char *problem = NULL;

    if (w->phantom == NULL)
        problem = "--phantom ID is needed: what was scanned, e.g. --phantom nema-iec";
    else if (w->out == NULL)
        problem = "--out DIR is needed: the folder for the results";
    else if (w->place.count != 0 && w->place.count != 4)
        problem = "--place needs four numbers: X,Y,Z in mm and the angle in degrees";
    else if (!isnan(w->ratio) && !isnan(w->sphere_bqml) && !isnan(w->background_bqml))
        problem = "--ratio with both activities says one thing twice; leave one out";
    else if (w->activity_time != NULL && isnan(w->sphere_bqml) && isnan(w->background_bqml))
        problem = "--activity-time has no activity to decay; give --sphere-bqml or "
                  "--background-bqml";
    if (problem == NULL)
        return RGQ_OK;
    context->exit_code = 2;
    return RGQ_RAISE(err, RGQ_E_ARGUMENT, "%s", problem);
}

static rgq_scan_opts scan_options(const rgq_phantom_analyse_words *w)
{
    const double none = (double)NAN;
    rgq_scan_opts o = {.weight_kg = none,
                       .height_cm = none,
                       .activity_mbq = none,
                       .residual_mbq = none,
                       .half_life_s = w->half_life_s,
                       .calibration_factor = none,
                       .sensitivity_cps_per_mbq = none,
                       .density_g_ml = none,
                       .units = w->units,
                       .side_file = w->side_file,
                       .series = w->series,
                       .keep_times = true};
    return o;
}

/* ---- the scan in the unit of the activities ---- */

static bool has_counts(const rgq_scan *scan)
{
    return rgq_volume_unit(scan->volume) == RGQ_UNIT_COUNTS ||
           (scan->facts.units.known && strcmp(scan->facts.units.value, "CNTS") == 0);
}

static rgq_status to_bqml(rgq_scan *scan, const rgq_nuclide *nuclide, rgq_context *context,
                          rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_suv_plan *plan = NULL;
    const rgq_unit unit = rgq_volume_unit(scan->volume);

    if (unit == RGQ_UNIT_BQ_ML || has_counts(scan))
        return RGQ_OK;
    if (unit == RGQ_UNIT_NATIVE) {
        RGQ_WARN(&context->log,
                 "the scan names no unit: the activities are taken to be in the unit of its "
                 "values (--units bqml says that these are Bq/mL)");
        return RGQ_OK;
    }
    RGQ_TRY(err, rgq_alloc(&plan, 1, sizeof *plan, err));
    st = rgq_suv_plan_make(plan, scan, RGQ_UNIT_BQ_ML, nuclide, &context->log, err);
    if (st != RGQ_OK) {
        rgq_error_prefix(
            err, "the scan is in %s, a phantom is analysed in Bq/mL: ", rgq_unit_name(unit));
        goto out;
    }
    RGQ_TRY(err, rgq_suv_apply(scan, plan, err));
out:
    rgq_free(plan);
    return st;
}

/* Moment the values refer to; NaN where the scan does not say. */
static double scan_time_s(const rgq_scan_facts *f)
{
    if (f->decay_reference_s.known)
        return f->decay_reference_s.value;
    if (f->acquisition_time_s.known)
        return f->acquisition_time_s.value;
    return f->series_time_s.known ? f->series_time_s.value : (double)NAN;
}

/* What decay leaves of the activities at the time the values refer to. */
static rgq_status find_decay(double *out, const rgq_phantom_analyse_words *w,
                             const rgq_scan *scan, const rgq_nuclide *nuclide,
                             const rgq_log *log, rgq_error *err)
{
    const double day_s = 86400.0;
    const rgq_scan_facts *f = &scan->facts;
    double at_s = 0.0;

    *out = 1.0;
    if (w->activity_time == NULL)
        return RGQ_OK;
    const double half_life_s =
        f->half_life_s.known ? f->half_life_s.value : nuclide->half_life_s.value;
    const double scan_s = scan_time_s(f);
    if (!(half_life_s > 0.0))
        return RGQ_RAISE(err, RGQ_E_MISSING,
                         "--activity-time needs the half-life, which the scan does not say: "
                         "give --half-life-s");
    if (isnan(scan_s))
        return RGQ_RAISE(err, RGQ_E_MISSING,
                         "--activity-time needs the time of the scan, which it does not say; "
                         "give the activities at the start of the scan without it");
    if (strchr(w->activity_time, '-') == NULL) {
        RGQ_PASS(err, rgq_time_from_tm(&at_s, w->activity_time, err));
        at_s += floor(scan_s / day_s) * day_s;
    } else {
        RGQ_PASS(err, rgq_time_from_iso(&at_s, w->activity_time, err));
    }
    *out = exp2(-(scan_s - at_s) / half_life_s);
    if (!(*out > 1e-6 && *out < 1e6))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "%g h lie between --activity-time and the scan, %g half-lives; give "
                         "the date too",
                         (scan_s - at_s) / 3600.0, (scan_s - at_s) / half_life_s);
    RGQ_INFO(log, "activities x %.5g for the decay from --activity-time to the scan", *out);
    return RGQ_OK;
}

/* Scans that `phantom make` wrote have spheres without walls, and with binary edges the value
 * of each voxel is that of its centre. */
static bool is_made(const rgq_scan_facts *f)
{
    return f->manufacturer.known && strcmp(f->manufacturer.value, "rgdquant") == 0 &&
           f->model.known && strncmp(f->model.value, "phantom", 7) == 0;
}

static rgq_analyse_opts analyse_options(const rgq_phantom_analyse_words *w,
                                        const rgq_scan *scan, double decay)
{
    rgq_analyse_opts o = RGQ_ANALYSE_OPTS_INIT;
    const bool made = is_made(&scan->facts);

    o.frame = w->frame;
    o.sphere = w->sphere_bqml * decay;
    o.background = w->background_bqml * decay;
    o.ratio = w->ratio;
    o.wall_mm = isnan(w->wall_mm) && made ? 0.0 : w->wall_mm;
    o.point_sampled = w->sampled != NULL ? strcmp(w->sampled, "point") == 0
                                         : made && strcmp(scan->facts.model.value,
                                                          "phantom, binary edges") == 0;
    o.is_placed = w->place.count == 4;
    for (int a = 0; a < 3 && o.is_placed; a++)
        o.centre_mm[a] = w->place.value[a];
    o.angle_deg = o.is_placed ? w->place.value[3] : 0.0;
    o.mirrored = w->mirrored;
    return o;
}

/* ---- what a cylinder says of the camera ---- */

/* Counts a voxel over what is in it: with the duration that is the sensitivity. */
static void find_sensitivity(rgq_phantom_results *r)
{
    const rgq_phantom_analysis *a = r->analysis;
    const double duration_s = rgq_volume_frame(r->scan->volume, r->opts->frame).duration_s;

    r->sensitivity_cps_per_mbq = r->sensitivity_sd = (double)NAN;
    if (!r->is_counts || !(r->opts->background > 0.0) || !(duration_s > 0.0) ||
        isnan(a->mean_level))
        return;
    const double mbq = 1e-6 * r->opts->background * a->voxel_ml;
    r->sensitivity_cps_per_mbq = a->mean_level / duration_s / mbq;
    r->sensitivity_sd = r->sensitivity_cps_per_mbq * a->mean_level_sd / a->mean_level;
}

/* ---- all of it ---- */

static rgq_status write_record(const rgq_context *context, const rgq_phantom_analyse_words *w,
                               const rgq_scan *scan, const rgq_phantom_analysis *a,
                               const char *data_file, const char *folder, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_record *record = NULL;
    rgq_json *step = NULL;
    char name[80];
    char path[RGQ_PATH_MAX];
    const rgq_run run = {
        .command = "phantom", .out = w->out, .scan_path = w->scan, .scan = scan};
    const rgq_record_source source = {.argc = context->argc,
                                      .argv = context->argv,
                                      .options = context->options,
                                      .warnings = context->warnings,
                                      .began_s = context->began_s};

    RGQ_TRY(err, rgq_run_record(&record, context, &run, err));
    (void)snprintf(name, sizeof name, "phantoms/%.60s.json", w->phantom);
    RGQ_TRY(err, rgq_record_data_file(record, data_file, name, err));
    RGQ_TRY(err, rgq_record_step(&step, record, "phantom analyse", err));
    RGQ_TRY(err, rgq_json_set_text(step, "phantom", w->phantom, err));
    RGQ_TRY(err, rgq_json_set_real(step, "agreement", a->agreement, err));
    RGQ_TRY(err, rgq_record_cite(record, "NEMANU22018", err));
    for (int i = 0; i < a->n_verdicts; i++)
        RGQ_TRY(err, rgq_record_cite(record, a->verdict[i].source, err));
    RGQ_TRY(err, rgq_record_close(record, &source, err));
    RGQ_TRY(err, rgq_path_join(path, folder, "run.json", err));
    RGQ_TRY(err, rgq_record_write(record, path, false, err));
out:
    rgq_record_free(record);
    return st;
}

static void print_results(const rgq_context *context, const rgq_phantom_analysis *a)
{
    int passed = 0;

    rgq_table_print(a->table, context->out);
    for (int i = 0; i < a->n_verdicts; i++)
        passed += a->verdict[i].passed ? 1 : 0;
    if (a->n_verdicts > 0)
        RGQ_INFO(&context->log, "%s: %d of %d recoveries within the limits",
                 a->verdict[0].limits, passed, a->n_verdicts);
    if (a->no_verdict[0] != '\0')
        RGQ_INFO(&context->log, "no verdict: %s", a->no_verdict);
    if (isfinite(a->psf_fwhm_mm))
        RGQ_INFO(&context->log, "fitted PSF: %.2f +- %.2f mm FWHM", a->psf_fwhm_mm,
                 a->psf_sd_mm);
}

static rgq_status write_all(rgq_context *context, const rgq_phantom_analyse_words *w,
                            rgq_outdir *out, const rgq_phantom_results *results,
                            const char *data_file, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *json = NULL;

    RGQ_TRY(err, rgq_phantom_results_json(&json, results, err));
    RGQ_TRY(err, rgq_phantom_results_write(out->temp, results, json, &context->log, err));
    RGQ_TRY(err, write_record(context, w, results->scan, results->analysis, data_file,
                              out->temp, err));
    RGQ_TRY(err, rgq_outdir_commit(out, err));
    if (context->shared.json)
        RGQ_TRY(err, rgq_context_print(context, json, err));
    else
        print_results(context, results->analysis);
out:
    rgq_json_free(json);
    return st;
}

/* Everything that is held while a scan is analysed. */
typedef struct held {
    rgq_scan scan;
    rgq_nuclide nuclide;
    rgq_phantom *phantom;
    rgq_phantom_analysis analysis;
    rgq_outdir out;
    char data_file[RGQ_PATH_MAX];
} held;

static rgq_status analyse(rgq_context *context, const rgq_phantom_analyse_words *w,
                          const char *folder, held *h, rgq_error *err)
{
    const rgq_scan_opts scan_opts = scan_options(w);
    char name[80];
    double decay = 1.0;

    RGQ_PASS(err,
             rgq_context_word(context, rgq_phantom_find(&h->phantom, folder, w->phantom, err)));
    (void)snprintf(name, sizeof name, "%.60s.json", rgq_phantom_id(h->phantom));
    RGQ_PASS(err, rgq_path_join(h->data_file, folder, name, err));
    RGQ_PASS(err, rgq_outdir_begin(&h->out, w->out, context->shared.force, err));
    RGQ_PASS(err, rgq_scan_load(&h->scan, &h->nuclide, context, w->scan, &scan_opts, err));
    RGQ_PASS(err,
             rgq_frame_choose(context, w->frame, rgq_volume_n_frames(h->scan.volume), err));
    RGQ_PASS(err, to_bqml(&h->scan, &h->nuclide, context, err));
    RGQ_PASS(err, find_decay(&decay, w, &h->scan, &h->nuclide, &context->log, err));
    const rgq_analyse_opts opts = analyse_options(w, &h->scan, decay);
    RGQ_PASS(err, rgq_phantom_analyse(&h->analysis, h->phantom, h->scan.volume, &opts,
                                      &context->log, err));
    rgq_phantom_results results = {.phantom = h->phantom,
                                   .analysis = &h->analysis,
                                   .opts = &opts,
                                   .scan = &h->scan,
                                   .is_counts = has_counts(&h->scan),
                                   .calibration_time_s = scan_time_s(&h->scan.facts)};
    if (results.calibration_time_s < 86400.0)
        results.calibration_time_s = (double)NAN; /* a time of day without a date */
    if (w->date != NULL)
        RGQ_PASS(err, rgq_time_from_iso(&results.calibration_time_s, w->date, err));
    find_sensitivity(&results);
    return write_all(context, w, &h->out, &results, h->data_file, err);
}

rgq_status rgq_phantom_analyse_run(rgq_context *context, const rgq_phantom_analyse_words *words,
                                   const char *folder, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    held *h = NULL;

    RGQ_PASS(err, check_words(context, words, err));
    RGQ_PASS(err, rgq_alloc(&h, 1, sizeof *h, err));
    st = analyse(context, words, folder, h, err);
    rgq_outdir_abandon(&h->out);
    rgq_phantom_analysis_release(&h->analysis);
    rgq_phantom_free(h->phantom);
    rgq_scan_release(&h->scan);
    rgq_free(h);
    return st;
}
