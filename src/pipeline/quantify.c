#include "rgdquant/quantify.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/references.h"
#include "core/text.h"
#include "measure/notes.h"
#include "pipeline/job.h"
#include "report/page.h"

enum { PNG_MAX_BYTES = 64 * 1024 * 1024 };

/* ---- measure ---- */

static rgq_status describe_noise(rgq_json *node, const rgq_noise_budget *noise, rgq_error *err)
{
    RGQ_PASS(err, rgq_json_set_bool(node, "known", noise->known, err));
    RGQ_PASS(err, rgq_json_set_text(node, "method", noise->method, err));
    RGQ_PASS(err, rgq_json_set_real(node, "variance", noise->variance, err));
    RGQ_PASS(err, rgq_json_set_reals(node, "correlation_mm", noise->correlation_mm, 3, err));
    return rgq_json_set_real(node, "effective_n", noise->effective_n, err);
}

/* One object, or one in a list for each region's own background. */
static rgq_status describe_noises(rgq_json *node, const rgq_job *job, rgq_error *err)
{
    rgq_json *entry = NULL;
    rgq_json *list = NULL;

    if (job->n_noise == 1) {
        RGQ_PASS(err, rgq_json_add_object(&entry, node, "noise", err));
        return describe_noise(entry, job->noise, err);
    }
    RGQ_PASS(err, rgq_json_add_array(&list, node, "noise", err));
    for (int i = 0; i < job->n_noise; i++) {
        RGQ_PASS(err, rgq_json_add_object(&entry, list, NULL, err));
        RGQ_PASS(err, rgq_json_set_text(entry, "background",
                                        rgq_regions_at(job->backgrounds, i)->name, err));
        RGQ_PASS(err, describe_noise(entry, &job->noise[i], err));
    }
    return RGQ_OK;
}

static const char *background_of(const rgq_job *job)
{
    return job->backgrounds != NULL ? job->background : NULL;
}

static rgq_status describe_measures(rgq_json *node, const rgq_job *job, rgq_error *err)
{
    RGQ_PASS(err,
             rgq_json_set_text(node, "unit", rgq_unit_name(rgq_volume_unit(job->volume)), err));
    RGQ_PASS(err, rgq_json_set_int(node, "frame", job->opts->frame, err));
    RGQ_PASS(err, rgq_json_set_real(node, "confidence", job->opts->confidence, err));
    if (background_of(job) != NULL)
        RGQ_PASS(err, rgq_json_set_text(node, "background", job->background, err));
    else
        RGQ_PASS(err, rgq_json_set_null(node, "background", err));
    RGQ_PASS(err, rgq_json_set_text(node, "partial_volume", job->partial_volume, err));
    return describe_noises(node, job, err);
}

/* The same table without intervals: where a region has one value in all its voxels there is no
 * noise to see, and an interval of no width would be taken for certainty. */
static rgq_status drop_intervals(rgq_table **table, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_table *fresh = NULL;
    int n_columns = 0;
    const rgq_column *columns = rgq_measure_columns(&n_columns);

    RGQ_TRY(err, rgq_table_create(&fresh, columns, n_columns, err));
    for (int r = 0; r < rgq_table_n_rows(*table); r++) {
        RGQ_TRY(err, rgq_table_add_row(fresh, err));
        for (int c = 0; c < n_columns; c++) {
            const char *name = columns[c].name;
            if (!rgq_table_has(*table, r, c) || strstr(name, "_ci_") != NULL)
                continue;
            if (columns[c].kind == RGQ_COLUMN_TEXT)
                RGQ_TRY(err,
                        rgq_table_set_text(fresh, name, rgq_table_text(*table, r, c), err));
            else if (columns[c].kind == RGQ_COLUMN_INT)
                rgq_table_set_int(fresh, name, (long long)rgq_table_real(*table, r, c));
            else
                rgq_table_set_real(fresh, name, rgq_table_real(*table, r, c));
        }
    }
    rgq_table_free(*table);
    *table = fresh;
    fresh = NULL;
out:
    rgq_table_free(fresh);
    return st;
}

/* Terms of the budget; none where a region has one value in all its voxels. */
static rgq_status begin_terms(rgq_measure_opts *how, rgq_job *job, bool flat, rgq_error *err)
{
    const double stated = job->opts->calibration_percent;
    int n_columns = 0;
    const rgq_column *columns = rgq_budget_columns(&n_columns);

    how->calibration_percent = isfinite(stated) ? stated : job->calibration_percent;
    how->partial_volume = job->opts->pvc != NULL ? job->partial_volume : NULL;
    if (!flat)
        RGQ_PASS(err, rgq_table_create(&job->terms, columns, n_columns, err));
    how->terms = job->terms;
    return RGQ_OK;
}

static rgq_status measure(rgq_job *job, rgq_error *err)
{
    rgq_measure_opts how = RGQ_MEASURE_OPTS_INIT;
    rgq_json *step = NULL;
    const bool flat = job->opts->pvc != NULL && rgq_pvc_is_regional(job->pvc.method);

    how.backgrounds = job->backgrounds;
    how.confidence = job->opts->confidence;
    const int n_noise = rgq_measure_budgets(&how);
    RGQ_PASS(err, rgq_alloc(&job->noise, (size_t)n_noise, sizeof *job->noise, err));
    job->n_noise = n_noise;
    RGQ_PASS(err, begin_terms(&how, job, flat, err));
    RGQ_PASS(err, rgq_measure(&job->measures, job->volume, job->regions, &how, job->noise,
                              &job->log, err));
    if (flat) {
        RGQ_PASS(err, drop_intervals(&job->measures, err));
        for (int i = 0; i < n_noise; i++) {
            job->noise[i] =
                (rgq_noise_budget){.known = false,
                                   .variance = (double)NAN,
                                   .correlation_mm = {(double)NAN, (double)NAN, (double)NAN},
                                   .effective_n = (double)NAN};
            (void)snprintf(job->noise[i].method, sizeof job->noise[i].method,
                           "%s leaves one value in all of a region: its noise cannot be seen",
                           job->opts->pvc);
        }
    }
    RGQ_PASS(err, rgq_record_step(&step, job->record, "measure", err));
    return describe_measures(step, job, err);
}

/* ---- files of the folder ---- */

static rgq_status write_text(const rgq_job *job, const char *name, const char *text,
                             rgq_error *err)
{
    char path[RGQ_PATH_MAX];

    RGQ_PASS(err, rgq_path_join(path, job->folder.temp, name, err));
    return rgq_file_write(path, text, strlen(text), true, err);
}

static rgq_status write_measures(const rgq_job *job, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *extra = NULL;
    char *text = NULL;
    char path[RGQ_PATH_MAX];

    RGQ_TRY(err, rgq_json_object(&extra, err));
    RGQ_TRY(err, describe_measures(extra, job, err));
    if (job->terms != NULL)
        RGQ_TRY(err, rgq_measure_terms(extra, job->terms, err));
    RGQ_TRY(err, rgq_json_dump(&text, extra, err));
    RGQ_TRY(err, rgq_path_join(path, job->folder.temp, "measures.tsv", err));
    RGQ_TRY(err, rgq_table_write(path, job->measures, text, true, err));
out:
    rgq_free(text);
    rgq_json_free(extra);
    return st;
}

static rgq_status write_regions(const rgq_job *job, rgq_error *err)
{
    char path[RGQ_PATH_MAX];
    const rgq_write_opts how = {.force = true, .description = "rgdquant quantify: regions"};

    RGQ_PASS(err, rgq_path_join(path, job->folder.temp, "regions.nii.gz", err));
    return rgq_regions_write(path, job->regions, &how, err);
}

static rgq_status write_overview(rgq_job *job, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_canvas canvas = {NULL, 0, 0};
    rgq_overview_opts how = RGQ_OVERVIEW_OPTS_INIT;
    rgq_json *step = NULL;
    char path[RGQ_PATH_MAX];

    how.upper = job->opts->overview_maximum;
    how.background = background_of(job);
    RGQ_TRY(err,
            rgq_overview_draw(&canvas, job->volume, job->regions, &how, &job->overview, err));
    RGQ_TRY(err, rgq_path_join(path, job->folder.temp, "overview.png", err));
    RGQ_TRY(err, rgq_png_write(path, canvas.rgb, canvas.width, canvas.height, true, err));
    RGQ_TRY(err, rgq_record_step(&step, job->record, "overview", err));
    RGQ_TRY(err, rgq_json_set_real(step, "window_upper", job->overview.upper, err));
    RGQ_TRY(err, rgq_json_set_text(step, "window_rule", job->overview.rule, err));
out:
    rgq_canvas_release(&canvas);
    return st;
}

/* Works behind the steps, then every work that surrogate.json names. */
static rgq_status cite_all(const rgq_job *job, const rgq_json *references,
                           const char *surrogate, rgq_error *err)
{
    static const char *const of_measure[] = {"Hyndman1996", "Wahl2009"};

    if (job->plan.to != RGQ_UNIT_NATIVE && job->plan.to != RGQ_UNIT_BQ_ML)
        RGQ_PASS(err, rgq_record_cite(job->record, "IBSISUV2026", err));
    if (rgq_suv_cite(job->plan.to) != NULL)
        RGQ_PASS(err, rgq_record_cite(job->record, rgq_suv_cite(job->plan.to), err));
    for (size_t i = 0; i < sizeof of_measure / sizeof of_measure[0]; i++)
        RGQ_PASS(err, rgq_record_cite(job->record, of_measure[i], err));
    RGQ_PASS(err, rgq_record_cite(job->record, job->tracer.reference_source, err));
    if (job->tracer.uptake_start_min.known)
        RGQ_PASS(err, rgq_record_cite(job->record, job->tracer.uptake_start_min.source, err));
    for (size_t i = 0; i < rgq_json_count(references); i++) {
        const char *key = NULL;
        (void)rgq_json_member(references, i, &key);
        if (strstr(surrogate, key) != NULL)
            RGQ_PASS(err, rgq_record_cite(job->record, key, err));
    }
    return RGQ_OK;
}

static rgq_status write_page(const rgq_job *job, const rgq_json *references, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    char *png = NULL;
    char *html = NULL;
    size_t png_length = 0;
    char path[RGQ_PATH_MAX];
    char title[160];
    char caption[400];

    (void)snprintf(title, sizeof title, "Tracer-target uptake of %s", job->tracer.id);
    (void)snprintf(
        caption, sizeof caption,
        "Maximum-intensity projections, coronal and sagittal; dark is high, the grey "
        "scale ends at %.4g %s (%s). Lines: outlines of the regions, projected.",
        job->overview.upper, rgq_unit_name(rgq_volume_unit(job->volume)), job->overview.rule);
    RGQ_TRY(err, rgq_path_join(path, job->folder.temp, "overview.png", err));
    RGQ_TRY(err, rgq_file_read(&png, &png_length, path, PNG_MAX_BYTES, err));
    const rgq_page page = {.title = title,
                           .measures = job->measures,
                           .surrogate = job->surrogate,
                           .record = rgq_record_json(job->record),
                           .references = references,
                           .png = (const unsigned char *)png,
                           .png_length = png_length,
                           .caption = caption};
    RGQ_TRY(err, rgq_page_make(&html, &page, err));
    RGQ_TRY(err, write_text(job, "report.html", html, err));
out:
    rgq_free(html);
    rgq_free(png);
    return st;
}

/* The tracer file's place on disk must not be told, its content must. */
static rgq_status record_tracer_file(const rgq_job *job, rgq_error *err)
{
    char file[64];
    char name[80];
    char path[RGQ_PATH_MAX];

    (void)snprintf(file, sizeof file, "%s.json", job->tracer.id);
    (void)snprintf(name, sizeof name, "tracers/%s", file);
    RGQ_PASS(err, rgq_path_join(path, job->opts->tracers, file, err));
    return rgq_record_data_file(job->record, path, name, err);
}

static rgq_status begin(rgq_job *job, rgq_error *err)
{
    RGQ_PASS(err, rgq_outdir_begin(&job->folder, job->opts->out, job->opts->force, err));
    RGQ_PASS(err, rgq_record_create(&job->record, "quantify", err));
    RGQ_PASS(err, rgq_record_output(job->record, job->opts->out, err));
    return record_tracer_file(job, err);
}

/* Behind the scan and the regions, which are <input-1> and <input-2>. */
static rgq_status record_config(const rgq_job *job, rgq_error *err)
{
    const char *config =
        rgq_json_text(rgq_json_get(rgq_json_get(job->options, "config"), "value"), NULL);

    return config != NULL ? rgq_record_input(job->record, config, "config", err) : RGQ_OK;
}

static rgq_status write_all(rgq_job *job, const char *surrogate, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *references = NULL;
    char path[RGQ_PATH_MAX];
    const rgq_record_source source = {.argc = job->opts->argc,
                                      .argv = job->opts->argv,
                                      .options = job->options,
                                      .warnings = job->warnings};

    RGQ_TRY(err, write_measures(job, err));
    RGQ_TRY(err, write_regions(job, err));
    RGQ_TRY(err, write_text(job, "surrogate.json", surrogate, err));
    RGQ_TRY(err, write_overview(job, err));
    RGQ_TRY(err, rgq_references_load(&references, err));
    RGQ_TRY(err, cite_all(job, references, surrogate, err));
    RGQ_TRY(err, rgq_record_close(job->record, &source, err));
    RGQ_TRY(err, write_page(job, references, err));
    RGQ_TRY(err, rgq_path_join(path, job->folder.temp, "run.json", err));
    RGQ_TRY(err, rgq_record_write(job->record, path, true, err));
out:
    rgq_json_free(references);
    return st;
}

static rgq_status hand_over(rgq_quantify_result *out, rgq_job *job, rgq_error *err)
{
    RGQ_PASS(err, rgq_json_dump(&out->warnings_json,
                                rgq_json_get(rgq_record_json(job->record), "warnings"), err));
    out->unit = rgq_volume_unit(job->volume);
    out->uptake_time_min = job->uptake_min;
    rgq_text_copy(out->tracer, sizeof out->tracer, job->tracer.id);
    rgq_text_copy(out->background, sizeof out->background, job->background);
    out->measures = job->measures;
    job->measures = NULL;
    return RGQ_OK;
}

void rgq_quantify_result_release(rgq_quantify_result *result)
{
    rgq_table_free(result->measures);
    rgq_free(result->warnings_json);
    *result = (rgq_quantify_result){0};
}

/* A volume that an earlier run kept would be taken for one of this run. */
static void remove_rest(const rgq_job *job)
{
    static const char *const stages[] = {"calibrate", "filter", "pvc"};
    static const char *const endings[] = {".nii.gz", ".json"};
    char name[32];
    char path[RGQ_PATH_MAX];

    for (size_t i = 0; i < sizeof stages / sizeof stages[0]; i++)
        for (size_t e = 0; e < sizeof endings / sizeof endings[0]; e++) {
            (void)snprintf(name, sizeof name, "%s%s", stages[i], endings[e]);
            if (!rgq_job_keeps(job, stages[i]) &&
                rgq_path_join(path, job->folder.path, name, NULL) == RGQ_OK)
                (void)unlink(path);
        }
}

rgq_status rgq_quantify(rgq_quantify_result *out, const rgq_quantify_opts *opts,
                        const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_job *job = NULL;
    char *surrogate = NULL;
    rgq_quantify_result result = {0};

    *out = result;
    RGQ_PASS(err, rgq_alloc(&job, 1, sizeof *job, err));
    RGQ_TRY(err, rgq_job_prepare(job, opts, log, err));
    RGQ_TRY(err, begin(job, err));
    RGQ_TRY(err, rgq_job_volume(job, err));
    RGQ_TRY(err, rgq_job_given_regions(job, err));
    RGQ_TRY(err, rgq_job_correct(job, err));
    RGQ_TRY(err, rgq_job_regions(job, err));
    RGQ_TRY(err, record_config(job, err));
    RGQ_TRY(err, measure(job, err));
    RGQ_TRY(err, rgq_job_relate(&surrogate, job, err));
    RGQ_TRY(err, write_all(job, surrogate, err));
    RGQ_TRY(err, hand_over(&result, job, err));
    RGQ_TRY(err, rgq_outdir_commit(&job->folder, err)); /* last: nothing can fail behind it */
    if (opts->force)
        remove_rest(job);
    *out = result;
    result = (rgq_quantify_result){0};
out:
    rgq_quantify_result_release(&result);
    rgq_free(surrogate);
    rgq_job_release(job);
    rgq_free(job);
    return st;
}

rgq_status rgq_quantify_check(const rgq_quantify_opts *opts, rgq_error *err)
{
    rgq_job *job = NULL;

    RGQ_PASS(err, rgq_alloc(&job, 1, sizeof *job, err));
    const rgq_status st = rgq_job_prepare(job, opts, NULL, err);
    rgq_job_release(job);
    rgq_free(job);
    return st;
}

rgq_status rgq_quantify_explain(char **out, const rgq_quantify_opts *opts, bool as_json,
                                rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_job *job = NULL;
    rgq_json *list = NULL;

    *out = NULL;
    RGQ_PASS(err, rgq_alloc(&job, 1, sizeof *job, err));
    RGQ_TRY(err, rgq_job_prepare(job, opts, NULL, err));
    if (as_json) {
        RGQ_TRY(err, rgq_chain_json(&list, &job->chain, err));
        RGQ_TRY(err, rgq_json_dump(out, list, err));
    } else {
        RGQ_TRY(err, rgq_chain_print(out, &job->chain, err));
    }
out:
    rgq_json_free(list);
    rgq_job_release(job);
    rgq_free(job);
    return st;
}
