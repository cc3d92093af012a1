/* dose --nuclide N --tiac T.tsv --anatomy A, and --list-regions */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/dose_words.h"
#include "cli/results.h"
#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"
#include "pipeline/dose_sources.h"
#include "rgdquant/scan_file.h"

typedef struct job {
    rgq_context *context;
    const rgq_dose_words *o;
    rgq_dose_folders folders;
    rgq_dose_body body;
    rgq_dose_sources sources;
    rgq_dose_sources_origin origin;
    rgq_dose_mass mass[RGQ_DOSE_MASSES_MAX];
    rgq_dose_request request;
    rgq_dose_answer answer;
    rgq_dose_view view;
    rgq_table *table;
    rgq_json *json;
    rgq_outdir out;
} job;

static void release(job *j)
{
    rgq_outdir_abandon(&j->out);
    rgq_json_free(j->json);
    rgq_table_free(j->table);
    rgq_dose_answer_release(&j->answer);
    rgq_dose_sources_release(&j->sources);
    rgq_dose_body_release(&j->body);
}

/* ---- words ---- */

static rgq_status take_urine(job *j, rgq_error *err)
{
    const rgq_dose_words *o = j->o;
    rgq_dose_request *q = &j->request;

    if (o->urine_fraction.count != o->urine_half_life_h.count)
        return rgq_dose_wrong_words(
            j->context, err,
            "--urine-fraction has %d and --urine-half-life-h %d numbers; each part of the "
            "activity that goes to urine needs both",
            o->urine_fraction.count, o->urine_half_life_h.count);
    if (o->urine_fraction.count == 0 && isfinite(o->void_h))
        return rgq_dose_wrong_words(j->context, err,
                                    "--void-h needs --urine-fraction and --urine-half-life-h");
    q->n_urine = o->urine_fraction.count;
    for (int i = 0; i < q->n_urine; i++)
        q->urine[i] =
            (rgq_urine_phase){o->urine_fraction.value[i], o->urine_half_life_h.value[i]};
    q->void_h = isfinite(o->void_h) ? o->void_h : (double)INFINITY;
    return RGQ_OK;
}

static rgq_status check_words(job *j, rgq_error *err)
{
    const rgq_dose_words *o = j->o;

    if (o->tiac == NULL && o->urine_fraction.count == 0)
        return rgq_dose_wrong_words(j->context, err,
                                    "--tiac T.tsv is missing: time-integrated activities of "
                                    "regions, as 'rgdquant tiac' writes them");
    if (isfinite(o->bed) && !isfinite(o->scan_opts.activity_mbq))
        return rgq_dose_wrong_words(j->context, err,
                                    "--bed needs the dose itself; give the administered "
                                    "activity with --activity-mbq");
    RGQ_PASS(err, take_urine(j, err));
    if (o->mass_g != NULL)
        RGQ_PASS(err, rgq_context_word(j->context,
                                       rgq_dose_masses_parse(j->mass, &j->request.n_masses,
                                                             o->mass_g, err)));
    const bool sphere = j->body.kind == RGQ_BODY_SPHERE;
    RGQ_PASS(err, rgq_dose_way_of(&j->request.way, j->context, o,
                                  sphere ? RGQ_DOSE_KERNEL : RGQ_DOSE_MC, err));
    if (sphere && j->request.way.engine == RGQ_DOSE_MC)
        return rgq_dose_wrong_words(
            j->context, err,
            "a sphere is computed by its point kernels, which come from "
            "Monte Carlo; type --engine kernel, or local");
    return RGQ_OK;
}

/* The table against what was asked: its nuclide, its unit. */
static rgq_status check_origin(job *j, rgq_error *err)
{
    rgq_dose_sources_origin *from = &j->origin;
    const double mbq = j->o->scan_opts.activity_mbq;
    const bool force = j->context->shared.force;
    char asked[16];

    if (j->o->nuclide == NULL && from->nuclide[0] == '\0')
        return rgq_dose_wrong_words(j->context, err,
                                    "--nuclide is missing; type e.g. "
                                    "--nuclide F-18");
    if (j->o->nuclide != NULL && from->nuclide[0] != '\0' &&
        rgq_nuclide_canonical(asked, j->o->nuclide) && strcmp(asked, from->nuclide) != 0 &&
        !force)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "%s was integrated for %s, not for %s; add --force to go on",
                         j->o->tiac, from->nuclide, asked);
    if (from->per_mbq)
        return RGQ_OK;
    if (!isfinite(mbq))
        return RGQ_RAISE(err, RGQ_E_MISSING,
                         "%s holds MBq h, not MBq h per MBq administered: give --activity-mbq, "
                         "by which it is divided",
                         j->o->tiac);
    RGQ_WARN(&j->context->log, "%s holds MBq h and is divided by %g MBq", j->o->tiac, mbq);
    for (int i = 0; i < j->sources.n; i++) {
        j->sources.row[i].tiac_h /= mbq;
        j->sources.row[i].sd_h /= mbq;
    }
    return RGQ_OK;
}

static rgq_status read_sources(job *j, rgq_error *err)
{
    j->origin = (rgq_dose_sources_origin){.half_life_h = (double)NAN, .per_mbq = true};
    if (j->o->tiac != NULL) {
        RGQ_PASS(err, rgq_dose_sources_read(&j->sources, j->o->tiac, j->o->species, err));
        RGQ_PASS(err, rgq_dose_sources_origin_read(&j->origin, j->o->tiac, err));
    }
    return check_origin(j, err);
}

static void fill_request(job *j)
{
    rgq_dose_request *q = &j->request;

    q->nuclide = j->o->nuclide != NULL ? j->o->nuclide : j->origin.nuclide;
    q->half_life_h = j->origin.half_life_h;
    q->tracers = j->folders.tracers;
    q->cache = (rgq_dose_cache){j->folders.cache[0] != '\0' ? j->folders.cache : NULL,
                                &j->context->log};
    q->source = j->sources.row;
    q->n_sources = j->sources.n;
    q->mass = j->mass;
    q->rule = j->o->effective;
    q->sex_mean = j->o->sex_mean;
    q->force = j->context->shared.force;
    j->view = (rgq_dose_view){.body = &j->body,
                              .way = &q->way,
                              .activity_mbq = j->o->scan_opts.activity_mbq,
                              .alpha_beta_gy = j->o->bed,
                              .repair_half_life_h = j->o->repair_half_life_h,
                              .effective_half_life_h = j->o->effective_half_life_h,
                              .calibration_relative_sd = j->o->calibration_percent / 100.0,
                              .image_fwhm_mm = j->o->image_fwhm_mm,
                              .image_voxel_mm = j->o->image_voxel_mm};
}

/* ---- results ---- */

static rgq_status cite(rgq_record *record, const job *j, rgq_error *err)
{
    static const char *const adult[] = {"Cristy1987", "Eckerman1996"};
    static const char *const always[] = {"ICRP107", "ICRP60", "ICRP103", "Gear2018"};

    for (size_t i = 0; i < 2 && j->body.kind <= RGQ_BODY_FEMALE; i++)
        RGQ_PASS(err, rgq_record_cite(record, adult[i], err));
    for (size_t i = 0; i < sizeof always / sizeof always[0]; i++)
        RGQ_PASS(err, rgq_record_cite(record, always[i], err));
    return j->o->species != NULL ? rgq_record_cite(record, "Brown1997", err) : RGQ_OK;
}

static rgq_status record_inputs(rgq_record *record, const job *j, rgq_error *err)
{
    static const char *const tables[] = {"isotopes.json", "tissue_weights.json"};
    char path[RGQ_PATH_MAX];
    char name[64];

    if (j->body.ct[0] != '\0')
        RGQ_PASS(err, rgq_record_input(record, j->body.ct, "CT", err));
    for (size_t i = 0; i < 2; i++) {
        RGQ_PASS(err, rgq_path_join(path, j->folders.tracers, tables[i], err));
        (void)snprintf(name, sizeof name, "tracers/%s", tables[i]);
        RGQ_PASS(err, rgq_record_data_file(record, path, name, err));
    }
    return RGQ_OK;
}

static rgq_status write_record(const job *j, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_record *record = NULL;
    rgq_json *step = NULL;
    const rgq_run run = {
        .command = "dose",
        .out = j->o->out,
        .more = {{j->o->tiac, "time-integrated activities"},
                 {j->body.labels[0] != '\0' ? j->body.labels : NULL, "labels"}}};

    RGQ_TRY(err, rgq_run_record(&record, j->context, &run, err));
    RGQ_TRY(err, record_inputs(record, j, err));
    RGQ_TRY(err, rgq_record_step(&step, record, "dose", err));
    RGQ_TRY(err, rgq_json_set_text(step, "engine", rgq_dose_engine_name(j->request.way.engine),
                                   err));
    RGQ_TRY(err, rgq_json_set_text(step, "anatomy", j->body.name, err));
    RGQ_TRY(err, rgq_json_set_text(step, "nuclide", j->answer.nuclide.id, err));
    RGQ_TRY(err, rgq_json_set_int(step, "histories", j->answer.histories, err));
    RGQ_TRY(err, rgq_json_set_int(step, "seed", j->o->seed, err));
    RGQ_TRY(err, cite(record, j, err));
    RGQ_TRY(err, rgq_run_write(record, j->context, &run, err));
out:
    rgq_record_free(record);
    return st;
}

static rgq_status write_folder(job *j, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    char *extra = NULL;
    char path[RGQ_PATH_MAX];

    RGQ_TRY(err, rgq_json_dump(&extra, j->json, err));
    RGQ_TRY(err, rgq_path_join(path, j->out.temp, "doses.tsv", err));
    RGQ_TRY(err, rgq_table_write(path, j->table, extra, false, err));
    RGQ_TRY(err, rgq_outdir_commit(&j->out, err));
    RGQ_TRY(err, write_record(j, err));
out:
    rgq_free(extra);
    return st;
}

static void tell_effective(const job *j)
{
    for (int i = 0; i < j->answer.n_effective; i++) {
        const rgq_effective_dose *e = &j->answer.effective[i];
        RGQ_INFO(&j->context->log,
                 "effective dose %s: %.4g mSv/MBq, %.3f of the weights covered%s%s", e->rule,
                 e->msv_per_mbq, e->coverage, e->split ? ", remainder split for " : "",
                 e->split ? e->split_organ : "");
    }
    RGQ_INFO(&j->context->log, "%s", RGQ_DOSE_USE);
}

static rgq_status give(job *j, rgq_error *err)
{
    RGQ_PASS(err, rgq_dose_table_make(&j->table, &j->answer, &j->view, err));
    rgq_dose_warn(&j->answer, &j->view, &j->context->log);
    RGQ_PASS(err, rgq_dose_json_make(&j->json, &j->answer, &j->view, j->table,
                                     j->context->warnings, err));
    if (j->o->out != NULL)
        RGQ_PASS(err, write_folder(j, err));
    if (j->context->shared.json)
        return rgq_context_print(j->context, j->json, err);
    if (j->o->out == NULL)
        rgq_table_print(j->table, j->context->out);
    tell_effective(j);
    return RGQ_OK;
}

/* ---- regions ---- */

static void list_region(const rgq_context *context, const char *name, double mass_g,
                        const char *role)
{
    if (isfinite(mass_g))
        fprintf(context->out, "%s\t%.6g\t%s\n", name, mass_g, role);
    else
        fprintf(context->out, "%s\tn/a\t%s\n", name, role);
}

static rgq_status list_regions(job *j, rgq_error *err)
{
    const rgq_context *context = j->context;

    fprintf(context->out, "region\tmass_g\trole\n");
    if (j->body.kind == RGQ_BODY_SPHERE) {
        list_region(context, "sphere", j->body.mass_g, "source and target");
        return RGQ_OK;
    }
    RGQ_PASS(err, rgq_dose_body_build(&j->body, &context->log, err));
    const rgq_anatomy *a = j->body.anatomy;
    for (int o = 0; o < a->n_organs; o++)
        if (a->organs[o].volume_ml > 0.0 && strcmp(a->organs[o].name, "remainder") != 0)
            list_region(context, a->organs[o].name, a->organs[o].mass_g,
                        a->organs[o].is_contents ? "source" : "source and target");
    if (rgq_anatomy_find(a, "skeleton") >= 0)
        list_region(context, "red marrow", (double)NAN, "source and target, in the skeleton");
    list_region(context, "remainder", (double)NAN,
                "source: every organ without a row of its own");
    list_region(context, "total body", (double)NAN,
                "source: all of the body, the regions listed included");
    return RGQ_OK;
}

rgq_status rgq_dose_organs_run(rgq_context *context, const rgq_dose_words *o, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    job j = {.context = context, .o = o};

    if (o->anatomy == NULL)
        return rgq_dose_wrong_words(
            context, err,
            "--anatomy is missing: stylised-adult-male, stylised-adult-female, sphere:GRAMS or "
            "LABELS.nii.gz[,CT.nii.gz]");
    RGQ_TRY(err, rgq_context_word(context,
                                  rgq_dose_body_parse(&j.body, o->anatomy, o->voxel_mm, err)));
    if (o->list_regions) {
        RGQ_TRY(err, list_regions(&j, err));
        goto out;
    }
    RGQ_TRY(err, check_words(&j, err));
    RGQ_TRY(err, rgq_dose_folders_find(&j.folders, context, o, err));
    if (o->out != NULL)
        RGQ_TRY(err, rgq_outdir_begin(&j.out, o->out, context->shared.force, err));
    RGQ_TRY(err, read_sources(&j, err));
    fill_request(&j);
    RGQ_TRY(err, rgq_dose_organ_chain(&j.answer, &j.body, &j.request, err));
    RGQ_TRY(err, give(&j, err));
out:
    release(&j);
    return st;
}
