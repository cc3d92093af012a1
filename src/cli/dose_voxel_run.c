/* dose SCAN ... --voxel, or --tiac-map MAP */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/dose_words.h"
#include "cli/plans.h"
#include "cli/results.h"
#include "cli/tiac_scans.h"
#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"
#include "pipeline/dose_voxel.h"
#include "report/plot.h"
#include "rgdquant/scan_file.h"
#include "rgdquant/tiac.h"

typedef struct job {
    rgq_context *context;
    const rgq_dose_words *o;
    rgq_dose_folders folders;
    rgq_tiac_decay decay;
    rgq_tiac_scans scans;
    rgq_scan map_scan;  /* of --tiac-map */
    rgq_volume *decays; /* MBq s a voxel */
    rgq_scan ct;
    rgq_nuclide nuclide;
    rgq_spectrum spectrum;
    rgq_dose_map_job map_job;
    rgq_dose_map_report report;
    rgq_volume *dose;
    rgq_regions *regions;
    rgq_dvh_view view;
    rgq_table *dvh;
    rgq_table *figures;
    rgq_json *json;
    rgq_outdir out;
    double activity_mbq; /* NaN: not known */
    const char *model;   /* fitted to every voxel; "" for a map */
    char plans[RGQ_PATH_MAX];
} job;

static void release(job *j)
{
    rgq_outdir_abandon(&j->out);
    rgq_json_free(j->json);
    rgq_table_free(j->figures);
    rgq_table_free(j->dvh);
    rgq_regions_free(j->regions);
    rgq_volume_free(j->dose);
    rgq_spectrum_release(&j->spectrum);
    rgq_scan_release(&j->ct);
    rgq_volume_free(j->decays);
    rgq_scan_release(&j->map_scan);
    rgq_tiac_scans_release(&j->scans);
}

/* ---- words ---- */

static rgq_status check_words(job *j, rgq_error *err)
{
    const rgq_dose_words *o = j->o;

    if ((o->scans.count > 0) == (o->tiac_map != NULL))
        return rgq_dose_wrong_words(j->context, err,
                                    "--voxel needs scans or --tiac-map MAP.nii.gz, one of the "
                                    "two");
    if (o->scans.count > 0 && !o->voxel)
        return rgq_dose_wrong_words(j->context, err,
                                    "scans need --voxel; organ doses come from --tiac T.tsv");
    if (o->tiac != NULL || o->anatomy != NULL)
        return rgq_dose_wrong_words(j->context, err,
                                    "--tiac and --anatomy belong to organ doses; a dose map "
                                    "takes scans or --tiac-map, --regions and --ct");
    if (o->out == NULL)
        return rgq_dose_wrong_words(j->context, err,
                                    "--out DIR is missing: where dose.nii.gz goes");
    if (o->tiac_map != NULL && o->nuclide == NULL)
        return rgq_dose_wrong_words(j->context, err,
                                    "--tiac-map needs --nuclide, e.g. "
                                    "--nuclide Lu-177");
    j->map_job.electrons = strcmp(o->electrons, "local") == 0    ? RGQ_ELECTRONS_LOCAL
                           : strcmp(o->electrons, "kernel") == 0 ? RGQ_ELECTRONS_KERNEL
                                                                 : RGQ_ELECTRONS_AUTO;
    return rgq_dose_way_of(&j->map_job.way, j->context, o, RGQ_DOSE_KERNEL, err);
}

/* ---- decays ---- */

static rgq_status fit_scans(job *j, rgq_error *err)
{
    rgq_tiac_model model;

    RGQ_PASS(err, rgq_tiac_scans_open(&j->scans, &j->decay, j->context, &j->o->scans,
                                      &j->o->scan_opts, err));
    const int n = rgq_tiac_scans_n_frames(&j->scans);
    j->model = strcmp(j->o->voxel_model, "auto") != 0 ? j->o->voxel_model
               : n >= 7                               ? "bi"
               : n >= 5                               ? "mono"
                                                      : "trapezoid";
    RGQ_PASS(err, rgq_tiac_model_parse(&model, j->model, err));
    RGQ_PASS(err, rgq_tiac_scans_voxels(&j->decays, &j->scans, model,
                                        j->decay.half_life_s / 3600.0, err));
    j->activity_mbq = j->scans.injected_mbq;
    return RGQ_OK;
}

/* Is the map per voxel, or per mL? Its unit must be stated. */
static rgq_status unit_of_map(bool *per_voxel, const job *j, rgq_error *err)
{
    const rgq_fact_text *units = &j->map_scan.facts.units;
    const char *said = j->o->tiac_map_unit;

    *per_voxel = said != NULL && strcmp(said, "mbq-s") == 0;
    if (said != NULL)
        return RGQ_OK;
    if (units->known && (rgq_text_equal_nocase(units->value, "Bq*s/mL") ||
                         rgq_text_equal_nocase(units->value, "Bq s/mL")))
        return RGQ_OK;
    *per_voxel = units->known && (rgq_text_equal_nocase(units->value, "MBq*s") ||
                                  rgq_text_equal_nocase(units->value, "MBq s"));
    if (*per_voxel)
        return RGQ_OK;
    return RGQ_RAISE(err, RGQ_E_MISSING,
                     "%s: the unit is %s%.40s; a map of time-integrated activity is in Bq*s/mL "
                     "or MBq*s (a voxel); say which with --tiac-map-unit bq-s-ml or mbq-s",
                     j->o->tiac_map, units->known ? "" : "not stated",
                     units->known ? units->value : "");
}

static void scale(rgq_volume *volume, double factor)
{
    float *value = rgq_volume_data(volume, 0);

    for (size_t i = 0; i < rgq_volume_count(volume); i++)
        value[i] = (float)(factor * (double)value[i]);
}

static rgq_status read_map(job *j, bool *per_voxel, rgq_error *err)
{
    const rgq_scan_opts *s = &j->o->scan_opts;
    const rgq_scan_read_opts read = {.series_uid = s->series, .side_file = s->side_file};
    const rgq_fact *stated = &j->map_scan.facts.half_life_s;

    RGQ_PASS(err, rgq_scan_read(&j->map_scan, j->o->tiac_map, &read, &j->context->log, err));
    RGQ_PASS(err, unit_of_map(per_voxel, j, err));
    if (rgq_volume_n_frames(j->map_scan.volume) != 1)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "%s has %d frames; a map of time-integrated activity has one",
                         j->o->tiac_map, rgq_volume_n_frames(j->map_scan.volume));
    if (j->map_scan.facts.nuclide.known)
        RGQ_PASS(err,
                 rgq_tiac_decay_nuclide(&j->decay, j->context, j->map_scan.facts.nuclide.value,
                                        j->o->tiac_map, err));
    RGQ_PASS(err, rgq_tiac_decay_settle(&j->decay, j->context,
                                        stated->known ? stated->value : (double)NAN,
                                        stated->known ? stated->origin : "", err));
    j->activity_mbq = s->activity_mbq;
    if (!isfinite(j->activity_mbq) && j->map_scan.facts.injected_activity_bq.known)
        j->activity_mbq = j->map_scan.facts.injected_activity_bq.value / 1e6;
    if (!s->keep_times)
        rgq_scan_forget_clock(&j->map_scan);
    j->model = "";
    return rgq_volume_clone(&j->decays, j->map_scan.volume, true, err);
}

static rgq_status read_decays(job *j, rgq_error *err)
{
    bool per_voxel = false;

    RGQ_PASS(err, rgq_tiac_decay_begin(&j->decay, j->context, j->o->nuclide, err));
    RGQ_PASS(err, j->o->tiac_map != NULL ? read_map(j, &per_voxel, err) : fit_scans(j, err));
    if (!per_voxel)
        scale(j->decays, 1e-6 * rgq_grid_voxel_ml(rgq_volume_grid(j->decays)));
    if (j->decay.nuclide[0] == '\0')
        return RGQ_RAISE(err, RGQ_E_MISSING,
                         "the nuclide is not known, and what it emits is needed: give "
                         "--nuclide, e.g. --nuclide Lu-177");
    return rgq_dose_nuclide(&j->nuclide, &j->spectrum, j->folders.tracers, j->decay.nuclide,
                            err);
}

/* More decays than were administered cannot be. */
static rgq_status check_sum(const job *j, rgq_error *err)
{
    const double limit = j->activity_mbq * j->decay.half_life_s / log(2.0);
    const double sum = j->report.decays_mbq_s;

    if (!isfinite(limit) || sum <= 1.05 * limit)
        return RGQ_OK;
    if (!j->context->shared.force)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "the map holds %.4g MBq s, but all decays of %.6g MBq are %.4g MBq s: "
                         "look at units and --activity-mbq, or add --force",
                         sum, j->activity_mbq, limit);
    RGQ_WARN(&j->context->log, "the map holds %.4g MBq s, but all decays of %.6g MBq are %.4g",
             sum, j->activity_mbq, limit);
    return RGQ_OK;
}

/* ---- dose ---- */

static void warn_map(const job *j)
{
    const rgq_log *log = &j->context->log;

    if (j->o->ct == NULL)
        RGQ_WARN(log, "without --ct all voxels, air included, are soft tissue of 1.04 g/cm3");
    if (j->report.engine == RGQ_DOSE_KERNEL)
        RGQ_WARN(log,
                 "engine kernel has no body surface: photon dose is some per cent too high "
                 "nearby, 20 to 45 %% far away; --engine mc with --ct has it");
    if (j->report.engine == RGQ_DOSE_LOCAL && j->spectrum.photon_mev > 0.0)
        RGQ_WARN(log, "engine local leaves photons out (%.3g MeV per decay)",
                 j->spectrum.photon_mev);
    if (j->report.thin_voxels > 0)
        RGQ_INFO(log, "%zu voxels of less than 0.05 g/cm3 have no dose", j->report.thin_voxels);
    RGQ_WARN(log, "cross dose from outside the field of view is missing; decays after the last "
                  "frame are assumed");
}

static rgq_status compute(job *j, rgq_error *err)
{
    rgq_dose_map_job *m = &j->map_job;

    if (j->o->ct != NULL)
        RGQ_PASS(err, rgq_scan_read(&j->ct, j->o->ct, NULL, &j->context->log, err));
    RGQ_PASS(err, rgq_plans_load(j->plans, j->context, NULL, err));
    m->decays = j->decays;
    m->ct = j->ct.volume;
    m->spectrum = &j->spectrum;
    m->cache = (rgq_dose_cache){j->folders.cache[0] != '\0' ? j->folders.cache : NULL,
                                &j->context->log};
    RGQ_PASS(err, rgq_dose_map_make(&j->dose, &j->report, m, err));
    RGQ_PASS(err, check_sum(j, err));
    warn_map(j);
    return RGQ_OK;
}

/* Gy, or mGy per MBq administered. */
static rgq_status choose_unit(job *j, rgq_error *err)
{
    const bool per_mbq = strcmp(j->o->dose_unit, "mgy-per-mbq") == 0;

    j->view = (rgq_dvh_view){.unit = per_mbq ? "mGy/MBq" : "Gy",
                             .gy = per_mbq ? j->activity_mbq / 1000.0 : 1.0,
                             .geud = j->o->geud,
                             .alpha_beta_gy = j->o->bed,
                             .repair_half_life_h = j->o->repair_half_life_h,
                             .effective_half_life_h = isfinite(j->o->effective_half_life_h)
                                                          ? j->o->effective_half_life_h
                                                          : j->decay.half_life_s / 3600.0};
    if (!per_mbq)
        return RGQ_OK;
    if (!isfinite(j->activity_mbq))
        return RGQ_RAISE(err, RGQ_E_MISSING,
                         "the administered activity is not stated, which mGy per MBq needs: "
                         "give --activity-mbq");
    scale(j->dose, 1000.0 / j->activity_mbq);
    return RGQ_OK;
}

static rgq_status evaluate(job *j, rgq_error *err)
{
    rgq_regions_read_opts opts = {.scan = j->o->tiac_map};

    if (j->o->scans.count > 0)
        opts = (rgq_regions_read_opts){.scan = j->o->scans.word[0],
                                       .frame_uid = j->scans.at[0].scan.frame_uid};
    if (j->o->regions != NULL)
        RGQ_PASS(err, rgq_regions_read_on(&j->regions, j->o->regions, rgq_volume_grid(j->dose),
                                          &opts, &j->context->log, err));
    return rgq_dvh_make(&j->dvh, &j->figures, j->dose, j->regions, &j->view, err);
}

/* ---- outputs ---- */

static rgq_status describe(rgq_json *root, const job *j, rgq_error *err)
{
    const rgq_dose_map_report *r = &j->report;

    RGQ_PASS(err, rgq_json_set_text(root, "use", RGQ_DOSE_USE, err));
    RGQ_PASS(err, rgq_json_set_text(root, "nuclide", j->nuclide.id, err));
    RGQ_PASS(err, rgq_json_set_text(root, "engine", rgq_dose_engine_name(r->engine), err));
    RGQ_PASS(err,
             rgq_json_set_text(root, "electrons",
                               r->electrons == RGQ_ELECTRONS_KERNEL ? "kernel" : "local", err));
    RGQ_PASS(err, rgq_json_set_text(root, "unit", j->view.unit, err));
    RGQ_PASS(err,
             rgq_json_set_text(root, "density", j->o->ct != NULL ? "ct" : "1.04 g/cm3", err));
    if (j->model[0] != '\0')
        RGQ_PASS(err, rgq_json_set_text(root, "voxel_model", j->model, err));
    RGQ_PASS(err, rgq_json_set_real(root, "half_life_s", j->decay.half_life_s, err));
    RGQ_PASS(err, rgq_json_set_real(root, "activity_mbq", j->activity_mbq, err));
    RGQ_PASS(err, rgq_json_set_real(root, "decays_mbq_s", r->decays_mbq_s, err));
    RGQ_PASS(err, rgq_json_set_real(root, "emitted_mev", r->electron_mev + r->photon_mev, err));
    RGQ_PASS(err, rgq_json_set_real(root, "absorbed_mev", r->absorbed_mev, err));
    RGQ_PASS(err, rgq_json_set_real(root, "absorbed_mev_sd", r->sd_mev, err));
    return rgq_json_set_int(root, "histories", r->histories, err);
}

static rgq_status make_json(job *j, rgq_error *err)
{
    rgq_json *rows = NULL;

    RGQ_PASS(err, rgq_json_object(&j->json, err));
    RGQ_PASS(err, describe(j->json, j, err));
    RGQ_PASS(err, rgq_json_add_array(&rows, j->json, "regions", err));
    RGQ_PASS(err, rgq_table_rows(rows, j->figures, err));
    if (j->context->warnings != NULL)
        RGQ_PASS(err, rgq_json_set_copy(j->json, "warnings", j->context->warnings, err));
    return RGQ_OK;
}

static rgq_status write_map(const job *j, rgq_error *err)
{
    rgq_scan_facts facts =
        j->o->tiac_map != NULL ? j->map_scan.facts : j->scans.at[0].scan.facts;
    char description[80];
    char path[RGQ_PATH_MAX];
    const rgq_write_opts write = {false, description};

    rgq_fact_text_set(&facts.units, j->view.unit, "rgdquant dose");
    rgq_fact_text_set(&facts.decay_correction, "NONE", "rgdquant dose");
    (void)snprintf(description, sizeof description, "rgdquant dose, %s, %s",
                   rgq_dose_engine_name(j->report.engine), j->view.unit);
    RGQ_PASS(err, rgq_path_join(path, j->out.temp, "dose.nii.gz", err));
    return rgq_scan_write_nifti(path, j->dose, &facts, &write, err);
}

static rgq_status write_plot(const job *j, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_text script = RGQ_TEXT_INIT;
    rgq_error own = RGQ_ERROR_INIT;
    char path[RGQ_PATH_MAX];

    rgq_dvh_script(&script, j->dvh, j->view.unit);
    RGQ_TRY(err, rgq_text_check(&script, err));
    RGQ_TRY(err, rgq_path_join(path, j->out.temp, "dvh.svg", err));
    if (!rgq_plot_is_there())
        RGQ_WARN(&j->context->log,
                 "there is no gnuplot: the plot is left out; install gnuplot-nox");
    else if (rgq_plot_write(path, script.data, false, &own) != RGQ_OK)
        RGQ_WARN(&j->context->log, "the plot is left out: %s", own.message);
out:
    rgq_text_release(&script);
    return st;
}

static rgq_status write_record(const job *j, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_record *record = NULL;
    rgq_json *step = NULL;
    const bool scans = j->o->scans.count > 0;
    char path[RGQ_PATH_MAX];
    const rgq_run run = {.command = "dose",
                         .out = j->o->out,
                         .scan_path = scans ? j->o->scans.word[0] : NULL,
                         .scan = scans ? &j->scans.at[0].scan : NULL,
                         .options = &j->o->scan_opts,
                         .plan = scans ? &j->scans.at[0].plan : NULL,
                         .more = {{j->o->tiac_map, "time-integrated activity"},
                                  {j->o->regions, "regions"},
                                  {j->o->ct, "CT"}}};

    RGQ_TRY(err, rgq_run_record(&record, j->context, &run, err));
    for (int i = 1; i < j->o->scans.count; i++)
        RGQ_TRY(err, rgq_record_scan_input(record, j->o->scans.word[i],
                                           j->scans.at[i].scan.n_files, err));
    RGQ_TRY(err, rgq_path_join(path, j->folders.tracers, "isotopes.json", err));
    RGQ_TRY(err, rgq_record_data_file(record, path, "tracers/isotopes.json", err));
    RGQ_TRY(err, rgq_record_step(&step, record, "dose map", err));
    RGQ_TRY(err, describe(step, j, err));
    RGQ_TRY(err, rgq_record_cite(record, "ICRP107", err));
    RGQ_TRY(err, rgq_run_write(record, j->context, &run, err));
out:
    rgq_record_free(record);
    return st;
}

static rgq_status write_all(job *j, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    char *notes = NULL;
    char path[RGQ_PATH_MAX];

    RGQ_TRY(err, write_map(j, err));
    RGQ_TRY(err, write_plot(j, err));
    RGQ_TRY(err, make_json(j, err));
    RGQ_TRY(err, rgq_json_dump(&notes, j->json, err));
    RGQ_TRY(err, rgq_path_join(path, j->out.temp, "dvh.tsv", err));
    RGQ_TRY(err, rgq_table_write(path, j->dvh, notes, false, err));
    RGQ_TRY(err, rgq_path_join(path, j->out.temp, "dose_regions.tsv", err));
    RGQ_TRY(err, rgq_table_write(path, j->figures, notes, false, err));
    RGQ_TRY(err, rgq_outdir_commit(&j->out, err));
    RGQ_TRY(err, write_record(j, err));
out:
    rgq_free(notes);
    return st;
}

rgq_status rgq_dose_voxel_run(rgq_context *context, const rgq_dose_words *o, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    job j = {.context = context, .o = o, .activity_mbq = (double)NAN};

    RGQ_TRY(err, check_words(&j, err));
    RGQ_TRY(err, rgq_dose_folders_find(&j.folders, context, o, err));
    RGQ_TRY(err, rgq_outdir_begin(&j.out, o->out, context->shared.force, err));
    RGQ_TRY(err, read_decays(&j, err));
    RGQ_TRY(err, compute(&j, err));
    RGQ_TRY(err, choose_unit(&j, err));
    RGQ_TRY(err, evaluate(&j, err));
    RGQ_TRY(err, write_all(&j, err));
    if (context->shared.json)
        RGQ_TRY(err, rgq_context_print(context, j.json, err));
    else
        rgq_table_print(j.figures, context->out);
    RGQ_INFO(&context->log, "%s", RGQ_DOSE_USE);
out:
    release(&j);
    return st;
}
