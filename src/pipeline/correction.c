#include "pipeline/correction.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"

static const struct {
    rgq_pvc_method method;
    const char *cite;
} papers[] = {
    {RGQ_PVC_RL, "Richardson1972 Lucy1974 Tohka2008"},
    {RGQ_PVC_VC, "Tohka2008"},
    {RGQ_PVC_GTM, "Rousset1998"},
    {RGQ_PVC_LABBE, "Labbe1998"},
    {RGQ_PVC_RBV, "Thomas2011 Rousset1998"},
    {RGQ_PVC_MTC, "Erlandsson2006 Rousset1998"},
    {RGQ_PVC_IY, "Erlandsson2012"},
    {RGQ_PVC_MG, "MullerGartner1992 Rousset1998"},
    {RGQ_PVC_STC, "ErlandssonHutton2014 Thomas2016"},
};

const char *rgq_pvc_cite(rgq_pvc_method method)
{
    for (size_t i = 0; i < sizeof papers / sizeof papers[0]; i++)
        if (papers[i].method == method)
            return papers[i].cite;
    return "";
}

static const char *nearest_method(const char *word)
{
    static const char *const names[] = {"rl",     "vc",     "gtm",    "labbe", "rbv",
                                        "mtc",    "iy",     "mg",     "stc",   "rbv+rl",
                                        "rbv+vc", "mtc+rl", "mtc+vc", "iy+rl", "iy+vc",
                                        "mg+rl",  "mg+vc",  "stc+rl", "stc+vc"};
    const char *nearest = names[0];

    for (size_t i = 1; i < sizeof names / sizeof names[0]; i++)
        if (rgq_text_distance(names[i], word) < rgq_text_distance(nearest, word))
            nearest = names[i];
    return nearest;
}

rgq_status rgq_correction_parse(rgq_pvc_method *method, rgq_pvc_method *then, const char *word,
                                rgq_error *err)
{
    rgq_error why = RGQ_ERROR_INIT;
    const rgq_status st = rgq_pvc_parse(method, then, word, &why);

    if (st == RGQ_OK)
        return RGQ_OK;
    if (strstr(why.message, "is no method") == NULL)
        return RGQ_RAISE(err, st, "%s", why.message);
    return RGQ_RAISE(err, st, "%s; did you mean '%s'?", why.message, nearest_method(word));
}

const char *rgq_pvc_words(char out[RGQ_PVC_WORDS_MAX], const rgq_pvc_opts *opts)
{
    const bool pair = opts->then != RGQ_PVC_NONE;

    (void)snprintf(out, RGQ_PVC_WORDS_MAX, "%.6s%s%.6s", rgq_pvc_method_name(opts->method),
                   pair ? "+" : "", pair ? rgq_pvc_method_name(opts->then) : "");
    return out;
}

bool rgq_pvc_is_regional(rgq_pvc_method method)
{
    return method == RGQ_PVC_GTM || method == RGQ_PVC_LABBE;
}

void rgq_psf_suits(const rgq_psf_file *psf, const rgq_grid *grid, const rgq_log *log)
{
    double spacing_mm[3];
    char ours[4];
    char its[4];

    rgq_grid_spacing_mm(grid, spacing_mm);
    if (psf->image != NULL) {
        rgq_grid_orientation(grid, ours);
        rgq_grid_orientation(rgq_volume_grid(psf->image), its);
        if (strcmp(ours, its) != 0)
            RGQ_WARN(log,
                     "the voxel axes of the PSF image point to %s, those of the scan to %s: it "
                     "is used voxel by voxel, x on x",
                     its, ours);
        return;
    }
    for (int i = 0; i < 3; i++)
        if (fabs(psf->voxel_mm[i] - spacing_mm[i]) > 0.01 * spacing_mm[i]) {
            RGQ_INFO(
                log,
                "the PSF was measured with voxels of %g x %g x %g mm, the scan has %g x %g "
                "x %g mm; its width excludes the voxel's",
                psf->voxel_mm[0], psf->voxel_mm[1], psf->voxel_mm[2], spacing_mm[0],
                spacing_mm[1], spacing_mm[2]);
            return;
        }
}

void rgq_psf_filtered(rgq_psf *psf, const rgq_filter_report *filter, const rgq_log *log)
{
    const bool match = strcmp(filter->name, "match") == 0;
    const double was_mm[3] = {psf->fwhm_mm[0], psf->fwhm_mm[1], psf->fwhm_mm[2]};

    if (psf->image != NULL || (!match && strcmp(filter->name, "gaussian") != 0)) {
        RGQ_WARN(
            log,
            "the PSF is taken as that of the %s filter's result; if it is that of the scan "
            "before the filter, leave the filter out",
            filter->name);
        return;
    }
    for (int i = 0; i < 3; i++)
        psf->fwhm_mm[i] =
            match ? filter->fwhm_mm[i] : hypot(was_mm[i], filter->effective_fwhm_mm[i]);
    RGQ_INFO(
        log, "the filter makes the PSF of %.4g x %.4g x %.4g mm one of %.4g x %.4g x %.4g mm",
        was_mm[0], was_mm[1], was_mm[2], psf->fwhm_mm[0], psf->fwhm_mm[1], psf->fwhm_mm[2]);
}

/* ---- what was done, as JSON ---- */

static rgq_status add_psf(rgq_json *node, const rgq_correction *c, rgq_error *err)
{
    rgq_json *psf = NULL;

    RGQ_PASS(err, rgq_json_add_object(&psf, node, "psf", err));
    if (c->opts->psf.image != NULL) {
        const int *n = rgq_volume_grid(c->opts->psf.image)->n;
        const double size[3] = {n[0], n[1], n[2]};
        RGQ_PASS(err, rgq_json_set_reals(psf, "kernel_voxels", size, 3, err));
    } else {
        RGQ_PASS(err, rgq_json_set_reals(psf, "fwhm_mm", c->opts->psf.fwhm_mm, 3, err));
    }
    if (c->psf != NULL && c->psf->source[0] != '\0')
        RGQ_PASS(err, rgq_json_set_text(psf, "source", c->psf->source, err));
    if (c->psf != NULL && c->psf->method[0] != '\0')
        RGQ_PASS(err, rgq_json_set_text(psf, "method", c->psf->method, err));
    if (c->psf != NULL && isfinite(c->psf->uncertainty_mm[0]))
        RGQ_PASS(err,
                 rgq_json_set_reals(psf, "uncertainty_mm", c->psf->uncertainty_mm, 3, err));
    return RGQ_OK;
}

/* Iterations first .. last - 1 of the report are one run of one method over one frame. */
static rgq_status add_run(rgq_json *list, const rgq_correction *c, int first, int last,
                          rgq_error *err)
{
    const rgq_pvc_step *step = &c->report->step[first];
    const bool met =
        c->opts->tolerance > 0.0 && step[last - first - 1].change < c->opts->tolerance;
    rgq_json *run = NULL;
    rgq_json *fit = NULL;
    rgq_json *change = NULL;

    RGQ_PASS(err, rgq_json_add_object(&run, list, NULL, err));
    RGQ_PASS(err, rgq_json_set_int(run, "frame", step->frame, err));
    RGQ_PASS(err, rgq_json_set_text(
                      run, "method",
                      rgq_pvc_method_name(step->then ? c->opts->then : c->opts->method), err));
    RGQ_PASS(err, rgq_json_set_int(run, "iterations", last - first, err));
    RGQ_PASS(err, rgq_json_set_text(run, "stopped_by", met ? "tolerance" : "iterations", err));
    RGQ_PASS(err, rgq_json_add_array(&fit, run, "data_fit", err));
    RGQ_PASS(err, rgq_json_add_array(&change, run, "change", err));
    for (int i = 0; i < last - first; i++) {
        RGQ_PASS(err, rgq_json_set_real(fit, NULL, step[i].fit, err));
        RGQ_PASS(err, rgq_json_set_real(change, NULL, step[i].change, err));
    }
    return RGQ_OK;
}

static rgq_status add_runs(rgq_json *node, const rgq_correction *c, rgq_error *err)
{
    const rgq_pvc_report *r = c->report;
    rgq_json *list = NULL;

    RGQ_PASS(err, rgq_json_add_array(&list, node, "runs", err));
    for (int first = 0, last = 0; first < r->n_steps; first = last) {
        while (last < r->n_steps && r->step[last].frame == r->step[first].frame &&
               r->step[last].then == r->step[first].then)
            last++;
        RGQ_PASS(err, add_run(list, c, first, last, err));
    }
    return RGQ_OK;
}

static rgq_status add_cost(rgq_json *node, const rgq_pvc_report *r, rgq_error *err)
{
    const double radius[3] = {r->radius[0], r->radius[1], r->radius[2]};

    RGQ_PASS(err, rgq_json_set_text(node, "path", rgq_conv_path_name(r->path), err));
    RGQ_PASS(err, rgq_json_set_reals(node, "radius_voxels", radius, 3, err));
    return rgq_json_set_reals(node, "effective_fwhm_mm", r->effective_fwhm_mm, 3, err);
}

rgq_status rgq_correction_describe(rgq_json *node, const rgq_correction *c, rgq_error *err)
{
    const rgq_pvc_opts *o = c->opts;
    const rgq_pvc_report *r = c->report;
    char words[RGQ_PVC_WORDS_MAX];

    RGQ_PASS(err, rgq_json_set_text(node, "method", rgq_pvc_words(words, o), err));
    RGQ_PASS(err, add_psf(node, c, err));
    RGQ_PASS(err, rgq_json_set_text(node, "kernel",
                                    o->psf.image != NULL ? "measured"
                                                         : rgq_kernel_kind_name(o->kernel),
                                    err));
    RGQ_PASS(err, rgq_json_set_text(node, "border", rgq_border_name(o->border), err));
    RGQ_PASS(err, add_cost(node, r, err));
    if (r->n_regions > 0) {
        RGQ_PASS(err, rgq_json_set_int(node, "regions", r->n_regions - 1, err));
        RGQ_PASS(err, rgq_json_set_text(node, "background",
                                        c->masks ? "1 - sum of the masks" : "label 0", err));
    }
    if (r->condition > 0.0)
        RGQ_PASS(err, rgq_json_set_real(node, "condition_number", r->condition, err));
    if (o->method == RGQ_PVC_VC || o->then == RGQ_PVC_VC)
        RGQ_PASS(err, rgq_json_set_real(node, "relaxation", o->relaxation, err));
    if (o->method == RGQ_PVC_MG && o->target != NULL)
        RGQ_PASS(err, rgq_json_set_text(node, "target", o->target, err));
    RGQ_PASS(err, rgq_json_set_real(node, "tolerance", o->tolerance, err));
    RGQ_PASS(err, rgq_json_set_int(node, "negative_voxels_set_to_0", r->n_negative, err));
    RGQ_PASS(err, rgq_json_set_int(node, "divisions_left_out", r->n_guarded, err));
    return add_runs(node, c, err);
}

/* ---- regional values ---- */

static const rgq_column columns[] = {
    {"region", RGQ_COLUMN_TEXT, NULL, "name of the region; the background is the first"},
    {"label", RGQ_COLUMN_INT, NULL, "its number; 0 is the background"},
    {"volume_ml", RGQ_COLUMN_REAL, "mL", "sum of its weights times the volume of a voxel"},
    {"observed", RGQ_COLUMN_REAL, "as in the column unit", "mean before the correction"},
    {"corrected", RGQ_COLUMN_REAL, "as in the column unit",
     "corrected mean: of gtm and labbe their estimate, of the others the mean of the corrected "
     "image"},
    {"corrected_sd", RGQ_COLUMN_REAL, "as in the column unit",
     "standard deviation of it that the noise of the image causes, propagated by the linear "
     "estimator (rbv, mtc, iy: that of gtm); n/a for the others"},
    {"unit", RGQ_COLUMN_TEXT, NULL, "unit of the three means"},
    {"frame", RGQ_COLUMN_INT, NULL, "frame of a dynamic scan, from 0"},
};

enum { N_COLUMNS = sizeof columns / sizeof columns[0] };

rgq_status rgq_correction_table(rgq_table **out, const rgq_pvc_report *report, rgq_unit unit,
                                rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_table *table = NULL;

    *out = NULL;
    RGQ_TRY(err, rgq_table_create(&table, columns, N_COLUMNS, err));
    for (int f = 0; f < report->n_frames; f++)
        for (int i = 0; i < report->n_regions; i++) {
            const rgq_pvc_value *v =
                &report->value[(size_t)f * (size_t)report->n_regions + (size_t)i];
            RGQ_TRY(err, rgq_table_add_row(table, err));
            RGQ_TRY(err, rgq_table_set_text(table, "region", report->name[i], err));
            rgq_table_set_int(table, "label", report->label[i]);
            rgq_table_set_real(table, "volume_ml", report->volume_ml[i]);
            rgq_table_set_real(table, "observed", v->observed);
            rgq_table_set_real(table, "corrected", v->corrected);
            rgq_table_set_real(table, "corrected_sd", v->corrected_sd);
            RGQ_TRY(err, rgq_table_set_text(table, "unit", rgq_unit_name(unit), err));
            rgq_table_set_int(table, "frame", f);
        }
    *out = table;
    table = NULL;
out:
    rgq_table_free(table);
    return st;
}

static rgq_status add_values(rgq_json *node, const rgq_pvc_report *r, rgq_error *err)
{
    rgq_json *list = NULL;

    if (r->n_regions == 0)
        return RGQ_OK;
    RGQ_PASS(err, rgq_json_add_array(&list, node, "values", err));
    for (int k = 0; k < r->n_frames * r->n_regions; k++) {
        rgq_json *entry = NULL;
        RGQ_PASS(err, rgq_json_add_object(&entry, list, NULL, err));
        RGQ_PASS(err, rgq_json_set_int(entry, "label", r->label[k % r->n_regions], err));
        RGQ_PASS(err, rgq_json_set_int(entry, "frame", k / r->n_regions, err));
        RGQ_PASS(err, rgq_json_set_real(entry, "observed", r->value[k].observed, err));
        RGQ_PASS(err, rgq_json_set_real(entry, "corrected", r->value[k].corrected, err));
        RGQ_PASS(err, rgq_json_set_real(entry, "corrected_sd", r->value[k].corrected_sd, err));
    }
    return RGQ_OK;
}

/* Each key of a list that blanks separate. */
static rgq_status cite_all(rgq_record *record, const char *keys, rgq_error *err)
{
    char key[48];

    while (*keys != '\0') {
        const size_t length = strcspn(keys, " ");
        (void)snprintf(key, sizeof key, "%.*s", (int)length, keys);
        RGQ_PASS(err, rgq_record_cite(record, key, err));
        keys += length + (keys[length] == ' ' ? 1 : 0);
    }
    return RGQ_OK;
}

rgq_status rgq_record_pvc(rgq_json **step, rgq_record *record, const rgq_correction *correction,
                          rgq_error *err)
{
    rgq_json *node = NULL;

    RGQ_PASS(err, rgq_record_step(&node, record, "pvc", err));
    RGQ_PASS(err, rgq_correction_describe(node, correction, err));
    RGQ_PASS(err, add_values(node, correction->report, err));
    RGQ_PASS(err, cite_all(record, rgq_pvc_cite(correction->opts->method), err));
    RGQ_PASS(err, cite_all(record, rgq_pvc_cite(correction->opts->then), err));
    if (correction->report->path == RGQ_CONV_FFT)
        RGQ_PASS(err, rgq_record_cite(record, "Frigo2005", err));
    if (step != NULL)
        *step = node;
    return RGQ_OK;
}
