/* rgdquant tiac SCAN... --regions LABELS | --activities A.tsv */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/results.h"
#include "cli/tiac_notes.h"
#include "cli/tiac_scans.h"
#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"
#include "rgdquant/scan_file.h"

static const double ROUNDING = 0.005;
static const double IMPOSSIBLE = 0.05;

typedef struct tiac_opts {
    rgq_words scans;
    const char *regions;
    const char *activities;
    const char *nuclide;
    const char *model;
    double at_h;
    double effective_half_life_h;
    const char *out;
    const char *voxel;
    const char *voxel_model;
    const char *voxel_unit;
    rgq_scan_opts scan;
} tiac_opts;

static const rgq_opt rows[] = {
    RGQ_ARGUMENTS(tiac_opts, scans, "SCAN", "",
                  "a dynamic scan, or scans of one subject at several times, earliest first"),
    RGQ_TEXT(tiac_opts, regions, "regions", "LABELS", "",
             "regions on the voxels of the scans, as for 'measure'"),
    RGQ_TEXT(tiac_opts, activities, "activities", "A.tsv", "",
             "instead of scans: columns region time_h activity_mbq [sd], times after the "
             "administration"),
    RGQ_TEXT(tiac_opts, nuclide, "nuclide", "ID", "",
             "what decays, e.g. F-18 or Lu-177; default: what the scans name"),
    RGQ_CHOICE(tiac_opts, model, "model", "auto",
               "auto|mono|uptake|bi-physical|bi|tri|trapezoid|haenscheid|madsen|average",
               "what is integrated; auto takes the least AICc"),
    RGQ_REAL(tiac_opts, at_h, "at-h", "h", "", 1e-6, 1e6,
             "with haenscheid and madsen: which point, where there are several"),
    RGQ_REAL(tiac_opts, effective_half_life_h, "effective-half-life-h", "h", "", 1e-6, 1e9,
             "with madsen: of the population"),
    RGQ_TEXT(tiac_opts, out, "out", "T.tsv", "",
             "write the table here, T.json with all candidates beside it"),
    RGQ_TEXT(tiac_opts, voxel, "voxel", "OUT.nii.gz", "",
             "write the time-integrated activity of every voxel"),
    RGQ_CHOICE(tiac_opts, voxel_model, "voxel-model", "auto", "auto|mono|bi|trapezoid",
               "auto: bi from 7 frames on, mono from 5, else trapezoid"),
    RGQ_CHOICE(tiac_opts, voxel_unit, "voxel-unit", "bq-s-ml", "bq-s-ml|mbq-s",
               "Bq s/mL, or MBq s in the voxel"),
    RGQ_SCAN_OPTIONS(tiac_opts, scan),
};

typedef struct job {
    rgq_context *context;
    const tiac_opts *o;
    rgq_tiac_decay decay;
    rgq_tiac_scans scans;
    rgq_courses courses;
    rgq_tiac_result *result;
    rgq_tiac_findings found;
    rgq_table *table;
    rgq_json *notes;
    rgq_volume *map;
    rgq_tiac_model voxel_model;
} job;

static void release(job *j)
{
    rgq_volume_free(j->map);
    rgq_json_free(j->notes);
    rgq_table_free(j->table);
    rgq_free(j->result);
    rgq_courses_release(&j->courses);
    rgq_tiac_scans_release(&j->scans);
}

/* ---- words ---- */

static rgq_status usage(job *j, const char *words, rgq_error *err)
{
    j->context->exit_code = 2;
    return RGQ_RAISE(err, RGQ_E_ARGUMENT, "%s", words);
}

static rgq_status check_table_words(job *j, rgq_error *err)
{
    const rgq_scan_opts *s = &j->o->scan;

    if (j->o->regions != NULL || j->o->voxel != NULL)
        return usage(j, "--regions and --voxel need scans; --activities has its own regions",
                     err);
    if (s->decay_corrected_to != NULL && strcmp(s->decay_corrected_to, "scan") == 0)
        return usage(j,
                     "--decay-corrected-to scan has no meaning for a table: correct its "
                     "values to the injection, or not at all",
                     err);
    if (s->activity_time != NULL || isfinite(s->residual_mbq) || s->injection_time != NULL)
        return usage(j,
                     "clock times and the residue belong to scans: with --activities give "
                     "--activity-mbq as it was administered",
                     err);
    return RGQ_OK;
}

static rgq_status check_words(job *j, rgq_error *err)
{
    static const char *const beside[] = {".json", ".run.json", NULL};
    const tiac_opts *o = j->o;
    const bool single = strcmp(o->model, "haenscheid") == 0 || strcmp(o->model, "madsen") == 0;

    if ((o->scans.count > 0) == (o->activities != NULL))
        return usage(j, "scans or --activities A.tsv are needed, one of the two", err);
    if (o->activities != NULL)
        RGQ_PASS(err, check_table_words(j, err));
    else if (o->regions == NULL && o->voxel == NULL)
        return usage(j, "--regions LABELS, --voxel OUT.nii.gz or both are needed with scans",
                     err);
    if (strcmp(o->model, "madsen") == 0 && !isfinite(o->effective_half_life_h))
        return usage(j, "--model madsen needs --effective-half-life-h", err);
    if (!single && (isfinite(o->at_h) || (isfinite(o->effective_half_life_h))))
        return usage(j,
                     "--at-h and --effective-half-life-h belong to --model haenscheid and "
                     "madsen",
                     err);
    if (o->out != NULL && !rgq_text_ends_with(o->out, ".tsv"))
        return usage(j, "--out needs a name that ends in .tsv", err);
    if (o->out != NULL && o->regions == NULL && o->activities == NULL)
        return usage(j, "--out is the table of --regions; the map goes to --voxel", err);
    if (o->out != NULL)
        RGQ_PASS(err, rgq_outputs_check(o->out, ".tsv", beside, j->context->shared.force, err));
    if (o->voxel == NULL)
        return RGQ_OK;
    if (rgq_nifti_ending(o->voxel) == NULL)
        return usage(j, "--voxel needs a name that ends in .nii or .nii.gz", err);
    return rgq_scan_outputs_check(o->voxel, j->context->shared.force, err);
}

/* ---- activities ---- */

static rgq_status read_table(job *j, rgq_error *err)
{
    const rgq_scan_opts *s = &j->o->scan;

    RGQ_PASS(err, rgq_tiac_decay_settle(&j->decay, j->context, s->half_life_s, "--half-life-s",
                                        err));
    RGQ_PASS(err, rgq_courses_read(&j->courses, j->o->activities, err));
    j->found.administered_mbq = s->activity_mbq;
    if (s->decay_corrected_to != NULL && strcmp(s->decay_corrected_to, "injection") == 0) {
        rgq_courses_undo_decay(&j->courses, j->decay.half_life_s / 3600.0);
        j->found.undone = "to the injection, of every point";
    }
    return RGQ_OK;
}

static rgq_status read_scans(job *j, rgq_error *err)
{
    RGQ_PASS(err, rgq_tiac_scans_open(&j->scans, &j->decay, j->context, &j->o->scans,
                                      &j->o->scan, err));
    j->found.administered_mbq = j->scans.injected_mbq;
    j->found.undone = "of the scans, each slice at its time";
    if (j->o->regions == NULL)
        return RGQ_OK;
    return rgq_tiac_scans_measure(&j->courses, j->context, &j->scans, j->o->regions, err);
}

/* ---- the fits ---- */

static rgq_status find_point(int *out, const rgq_tiac_points *p, double at_h, rgq_error *err)
{
    *out = 0;
    if (!isfinite(at_h) && p->n == 1)
        return RGQ_OK;
    for (int k = 0; k < p->n && isfinite(at_h); k++)
        if (fabs(p->time_h[k] - at_h) <= 1e-3 * at_h) {
            *out = k;
            return RGQ_OK;
        }
    if (isfinite(at_h))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "%s has no point at %g h (--at-h)", p->name,
                         at_h);
    return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                     "%s has %d points; a model of a single point needs --at-h to say which",
                     p->name, p->n);
}

static void tell_tail(const job *j, const char *name, const rgq_tiac_result *r)
{
    if (r->tail_fraction > RGQ_TIAC_TAIL_WARNING)
        RGQ_WARN(&j->context->log,
                 "%s: %.0f %% of the time-integrated activity lies after the last point%s",
                 name, 100.0 * r->tail_fraction,
                 r->tail_fraction > RGQ_TIAC_TAIL_FLAG
                     ? ": more is assumed than measured (flagged)"
                     : "");
}

static rgq_status fit_one(job *j, int i, rgq_tiac_opts opts, rgq_error *err)
{
    rgq_tiac_points points;

    RGQ_PASS(err, rgq_course_points(&points, &j->courses.course[i], err));
    if (opts.model == RGQ_TIAC_HAENSCHEID || opts.model == RGQ_TIAC_MADSEN)
        RGQ_PASS(err, find_point(&opts.point, &points, j->o->at_h, err));
    RGQ_PASS(err, rgq_tiac_fit(&j->result[i], &points, &opts, err));
    tell_tail(j, points.name, &j->result[i]);
    return RGQ_OK;
}

/* No region and no sum of them can have more decays than were administered. */
static rgq_status conserve(const job *j, const char *what, double tiac_h, rgq_error *err)
{
    const double limit = rgq_tiac_limit_h(&j->decay);
    const char *const text =
        "%s: %.6g h, but all decays of what was administered are %.6g h (half-life / ln 2): "
        "look at units, --activity-mbq and decay correction%s";

    if (tiac_h > (1.0 + IMPOSSIBLE) * limit && !j->context->shared.force)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, text, what, tiac_h, limit, ", or add --force");
    if (tiac_h > (1.0 + ROUNDING) * limit)
        RGQ_WARN(&j->context->log, text, what, tiac_h, limit, "");
    return RGQ_OK;
}

static rgq_status check_sum(job *j, rgq_error *err)
{
    j->found.sum_h = (double)NAN;
    if (!isfinite(j->found.administered_mbq)) {
        RGQ_WARN(&j->context->log,
                 "the administered activity is not known: tiac_h and sd_h are "
                 "MBq h, not per MBq (--activity-mbq)");
        return RGQ_OK;
    }
    for (int i = 0; i < j->courses.count; i++)
        RGQ_PASS(err, conserve(j, j->courses.course[i].name,
                               j->result[i].tiac_mbq_h / j->found.administered_mbq, err));
    j->found.sum_h = rgq_tiac_sum_h(&j->found);
    return conserve(j, "the sum of the regions", j->found.sum_h, err);
}

static rgq_status fit_regions(job *j, rgq_error *err)
{
    rgq_tiac_opts opts = {.half_life_h = j->decay.half_life_s / 3600.0,
                          .effective_half_life_h = j->o->effective_half_life_h};
    int n_columns = 0;
    const rgq_column *columns = rgq_tiac_columns(&n_columns);

    RGQ_PASS(err, rgq_tiac_model_parse(&opts.model, j->o->model, err));
    RGQ_PASS(err, rgq_alloc(&j->result, (size_t)j->courses.count, sizeof *j->result, err));
    for (int i = 0; i < j->courses.count; i++)
        RGQ_PASS(err, fit_one(j, i, opts, err));
    j->found.courses = &j->courses;
    j->found.result = j->result;
    j->found.decay = &j->decay;
    RGQ_PASS(err, check_sum(j, err));
    RGQ_PASS(err, rgq_table_create(&j->table, columns, n_columns, err));
    const double mbq = j->found.administered_mbq;
    for (int i = 0; i < j->courses.count; i++)
        RGQ_PASS(err, rgq_tiac_add_row(j->table, j->courses.course[i].name, &j->result[i],
                                       isfinite(mbq) ? mbq : 1.0, err));
    RGQ_PASS(err, rgq_json_object(&j->notes, err));
    return rgq_tiac_notes(j->notes, &j->found, err);
}

static rgq_status fit_map(job *j, rgq_error *err)
{
    const int n = rgq_tiac_scans_n_frames(&j->scans);
    const char *word = j->o->voxel_model;

    if (strcmp(word, "auto") == 0)
        word = n >= 7 ? "bi" : n >= 5 ? "mono" : "trapezoid";
    RGQ_PASS(err, rgq_tiac_model_parse(&j->voxel_model, word, err));
    RGQ_PASS(err, rgq_tiac_scans_voxels(&j->map, &j->scans, j->voxel_model,
                                        j->decay.half_life_s / 3600.0, err));
    if (strcmp(j->o->voxel_unit, "mbq-s") != 0)
        return RGQ_OK;
    const double ml = rgq_grid_voxel_ml(rgq_volume_grid(j->map));
    float *values = rgq_volume_data(j->map, 0);
    for (size_t i = 0; i < rgq_volume_count(j->map); i++)
        values[i] = (float)(1e-6 * ml * (double)values[i]);
    return RGQ_OK;
}

/* ---- outputs ---- */

static rgq_status begin_record(rgq_record **out, const job *j, const char *path, rgq_error *err)
{
    const tiac_opts *o = j->o;
    const bool scans = o->scans.count > 0;
    const rgq_run run = {.command = "tiac",
                         .out = path,
                         .scan_path = scans ? o->scans.word[0] : NULL,
                         .scan = scans ? &j->scans.at[0].scan : NULL,
                         .options = scans ? &o->scan : NULL,
                         .plan = scans ? &j->scans.at[0].plan : NULL,
                         .more = {{o->regions, "regions"}, {o->activities, "activities"}}};

    RGQ_PASS(err, rgq_run_record(out, j->context, &run, err));
    for (int i = 1; i < o->scans.count; i++)
        RGQ_PASS(err, rgq_record_scan_input(*out, o->scans.word[i], j->scans.at[i].scan.n_files,
                                            err));
    if (strcmp(o->model, "haenscheid") == 0)
        RGQ_PASS(err, rgq_record_cite(*out, "Haenscheid2018", err));
    if (strcmp(o->model, "madsen") == 0)
        RGQ_PASS(err, rgq_record_cite(*out, "Madsen2018", err));
    RGQ_PASS(err, rgq_record_cite(*out, "Burnham2002", err));
    return rgq_record_cite(*out, "Gear2018", err);
}

static rgq_status end_record(rgq_record *record, const job *j, const char *path, rgq_error *err)
{
    const rgq_run run = {.command = "tiac", .out = path};

    return rgq_run_write(record, j->context, &run, err);
}

static rgq_status write_table(const job *j, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_record *record = NULL;
    rgq_json *step = NULL;
    char *notes = NULL;

    RGQ_TRY(err, begin_record(&record, j, j->o->out, err));
    RGQ_TRY(err, rgq_record_step(&step, record, "tiac", err));
    RGQ_TRY(err, rgq_json_set_text(step, "model", j->o->model, err));
    RGQ_TRY(err, rgq_json_set_int(step, "regions", j->courses.count, err));
    RGQ_TRY(err, rgq_json_set_real(step, "half_life_s", j->decay.half_life_s, err));
    RGQ_TRY(err, rgq_json_dump(&notes, j->notes, err));
    RGQ_TRY(err, rgq_table_write(j->o->out, j->table, notes, j->context->shared.force, err));
    RGQ_TRY(err, end_record(record, j, j->o->out, err));
out:
    rgq_free(notes);
    rgq_record_free(record);
    return st;
}

static rgq_status write_map(job *j, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_record *record = NULL;
    rgq_json *step = NULL;
    const bool per_voxel = strcmp(j->o->voxel_unit, "mbq-s") == 0;
    const char *unit = per_voxel ? "MBq*s" : "Bq*s/mL";
    rgq_scan_facts facts = j->scans.at[0].scan.facts;
    char description[80];
    const rgq_write_opts write = {j->context->shared.force, description};

    rgq_fact_text_set(&facts.units, unit, "rgdquant tiac");
    rgq_fact_text_set(&facts.decay_correction, "NONE", "rgdquant tiac");
    (void)snprintf(description, sizeof description, "rgdquant tiac, %s, %s",
                   rgq_tiac_model_name(j->voxel_model), unit);
    RGQ_TRY(err, begin_record(&record, j, j->o->voxel, err));
    RGQ_TRY(err, rgq_record_step(&step, record, "tiac voxels", err));
    RGQ_TRY(err, rgq_json_set_text(step, "model", rgq_tiac_model_name(j->voxel_model), err));
    RGQ_TRY(err, rgq_json_set_text(step, "unit", unit, err));
    RGQ_TRY(err, rgq_json_set_real(step, "half_life_s", j->decay.half_life_s, err));
    RGQ_TRY(err, rgq_scan_write_nifti(j->o->voxel, j->map, &facts, &write, err));
    RGQ_TRY(err, end_record(record, j, j->o->voxel, err));
out:
    rgq_record_free(record);
    return st;
}

static rgq_status print_json(const job *j, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *root = NULL;
    rgq_json *array = NULL;

    RGQ_TRY(err, rgq_json_object(&root, err));
    if (j->table != NULL) {
        RGQ_TRY(err, rgq_json_add_array(&array, root, "rows", err));
        RGQ_TRY(err, rgq_table_rows(array, j->table, err));
        RGQ_TRY(err, rgq_json_set_copy(root, "tiac", rgq_json_get(j->notes, "tiac"), err));
    }
    if (j->map != NULL)
        RGQ_TRY(err, rgq_json_set_text(root, "voxel", j->o->voxel, err));
    RGQ_TRY(err, rgq_context_print(j->context, root, err));
out:
    rgq_json_free(root);
    return st;
}

static rgq_status run(rgq_context *context, const void *opts, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    job j = {.context = context, .o = opts};

    RGQ_TRY(err, check_words(&j, err));
    RGQ_TRY(err, rgq_tiac_decay_begin(&j.decay, context, j.o->nuclide, err));
    RGQ_TRY(err, j.o->activities != NULL ? read_table(&j, err) : read_scans(&j, err));
    if (j.courses.count > 0)
        RGQ_TRY(err, fit_regions(&j, err));
    if (j.o->voxel != NULL)
        RGQ_TRY(err, fit_map(&j, err));
    if (j.o->out != NULL)
        RGQ_TRY(err, write_table(&j, err));
    if (j.map != NULL)
        RGQ_TRY(err, write_map(&j, err));
    if (context->shared.json)
        RGQ_TRY(err, print_json(&j, err));
    else if (j.o->out == NULL && j.table != NULL)
        rgq_table_print(j.table, context->out);
out:
    release(&j);
    return st;
}

static const char *const cites[] = {"Burnham2002", "Gear2018", "Haenscheid2018", "Madsen2018",
                                    NULL};

const rgq_command rgq_cmd_tiac = {
    .name = "tiac",
    .group = "Dose",
    .summary = "time-integrated activity of regions and voxels",
    .description =
        "One row a region: region model tiac_h sd_h tail_fraction aicc. tiac_h is the "
        "activity\n"
        "integrated from the administration to infinity, per MBq administered "
        "(--activity-mbq,\n"
        "or what the scans state; without it MBq h, with a warning). T.json and --json have\n"
        "every candidate with its parameters and covariance.\n"
        "\n"
        "Activities are those of the moment they were measured. Scans are brought there: "
        "Bq/mL,\n"
        "each slice at its own time after the injection, decay correction undone. A table is\n"
        "taken as it is, or with --decay-corrected-to injection multiplied by the decay.\n"
        "\n"
        "Models; every rate is at least the physical one, every amplitude at least 0:\n"
        "\n"
        "  mono         A exp(-l t)\n"
        "  uptake       A (1 - exp(-k t)) exp(-l t)\n"
        "  bi-physical  A exp(-l t) + B exp(-lp t)\n"
        "  bi, tri      sums of two and three exponentials\n"
        "  trapezoid    straight lines between the decay-corrected points, physical decay\n"
        "               before the first and after the last\n"
        "  haenscheid   one point: 2 t A(t) / ln 2, for t of 0.75 to 2.5 effective half-lives\n"
        "  madsen       one point: A(t) exp(l t) / l with --effective-half-life-h\n"
        "  average      the mean of all that have an AICc, by Akaike weights\n"
        "\n"
        "auto takes the least AICc of the models that have at least 3 points more than\n"
        "parameters; with fewer than 5 points mono where it leaves no more than 10 % of them,\n"
        "else the trapezoid. sd_h comes from the covariance of the fit: weights 1 / sd^2, "
        "times\n"
        "chi^2 / (n - p) where that is above 1; without sd from the residuals. A tail after "
        "the\n"
        "last point of over 30 % is warned of, of over 50 % flagged in the JSON.\n"
        "\n"
        "No region and no sum (regions named total body, whole body, body left out) can "
        "exceed\n"
        "half-life / ln 2 per MBq: 0.5 % over it is warned of, 5 % refused without --force. A\n"
        "half-life that differs from the nuclide's by over 0.5 % is refused likewise.\n"
        "\n"
        "--voxel fits every voxel of the frames by itself. Research use; not for treatment\n"
        "decisions.",
    .examples = "rgdquant tiac dynamic.nii.gz --regions labels.nii.gz --out tiac.tsv\n"
                "rgdquant tiac d1.nii d2.nii d3.nii --nuclide Lu-177 --regions organs.nii.gz "
                "--voxel tia.nii.gz\n"
                "rgdquant tiac --activities kidneys.tsv --nuclide Lu-177 --activity-mbq 7400 "
                "--model average",
    .cites = cites,
    .opts = rows,
    .n_opts = RGQ_ROWS(rows),
    .opts_size = sizeof(tiac_opts),
    .run = run,
};
