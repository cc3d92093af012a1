/* The folder `phantom analyse` writes. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/phantom_analyse.h"
#include "cli/results.h"
#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/parse.h"
#include "core/text.h"
#include "core/timestamp.h"
#include "report/plot.h"
#include "report/slice_picture.h"
#include "rgdquant/scan_file.h"

/* ---- phantom.json ---- */

static rgq_status add_findings(rgq_json *root, const rgq_phantom_analysis *a, const char *unit,
                               rgq_error *err)
{
    rgq_json *node = NULL;

    RGQ_PASS(err, rgq_json_add_object(&node, root, "findings", err));
    for (int i = 0; i < a->n_findings; i++) {
        const rgq_finding *f = &a->finding[i];
        rgq_json *one = NULL;
        RGQ_PASS(err, rgq_json_add_object(&one, node, f->name, err));
        RGQ_PASS(err, rgq_json_set_real(one, "value", f->value, err));
        if (isfinite(f->sd))
            RGQ_PASS(err, rgq_json_set_real(one, "sd", f->sd, err));
        RGQ_PASS(err, rgq_json_set_text(one, "unit",
                                        strcmp(f->unit, "scan") == 0 ? unit : f->unit, err));
        RGQ_PASS(err, rgq_json_set_text(one, "what", f->what, err));
    }
    return RGQ_OK;
}

static rgq_status add_verdicts(rgq_json *root, const rgq_phantom_analysis *a, rgq_error *err)
{
    rgq_json *node = NULL;
    rgq_json *array = NULL;
    bool all = a->n_verdicts > 0;

    RGQ_PASS(err, rgq_json_add_object(&node, root, "verdict", err));
    for (int i = 0; i < a->n_verdicts; i++)
        all = all && a->verdict[i].passed;
    RGQ_PASS(err, rgq_json_set_text(node, "result",
                                    a->n_verdicts == 0 ? "n/a"
                                    : all              ? "within limits"
                                                       : "outside limits",
                                    err));
    if (a->no_verdict[0] != '\0')
        RGQ_PASS(err, rgq_json_set_text(node, "reason", a->no_verdict, err));
    RGQ_PASS(err, rgq_json_add_array(&array, node, "checks", err));
    for (int i = 0; i < a->n_verdicts; i++) {
        const rgq_verdict *v = &a->verdict[i];
        rgq_json *one = NULL;
        RGQ_PASS(err, rgq_json_add_object(&one, array, NULL, err));
        RGQ_PASS(err, rgq_json_set_text(one, "limits", v->limits, err));
        RGQ_PASS(err, rgq_json_set_text(one, "source", v->source, err));
        RGQ_PASS(err, rgq_json_set_text(one, "what", v->what, err));
        RGQ_PASS(err, rgq_json_set_real(one, "value", v->value, err));
        RGQ_PASS(err, rgq_json_set_real(one, "lower", v->lo, err));
        RGQ_PASS(err, rgq_json_set_real(one, "upper", v->hi, err));
        RGQ_PASS(err, rgq_json_set_bool(one, "passed", v->passed, err));
    }
    return RGQ_OK;
}

static rgq_status add_place(rgq_json *root, const rgq_phantom_results *r, rgq_error *err)
{
    const rgq_phantom_analysis *a = r->analysis;
    rgq_json *node = NULL;

    RGQ_PASS(err, rgq_json_add_object(&node, root, "place", err));
    RGQ_PASS(err,
             rgq_json_set_text(node, "how", r->opts->is_placed ? "by hand" : "found", err));
    RGQ_PASS(err, rgq_json_set_reals(node, "centre_mm", a->centre_mm, 3, err));
    RGQ_PASS(err, rgq_json_set_real(node, "angle_deg", a->angle_deg, err));
    RGQ_PASS(err, rgq_json_set_bool(node, "mirrored", a->mirrored, err));
    return rgq_json_set_real(node, "agreement", a->agreement, err);
}

static rgq_status add_true(rgq_json *root, const rgq_phantom_results *r, rgq_error *err)
{
    rgq_json *node = NULL;

    RGQ_PASS(err, rgq_json_add_object(&node, root, "true", err));
    RGQ_PASS(err, rgq_json_set_real(node, "sphere", r->opts->sphere, err));
    RGQ_PASS(err, rgq_json_set_real(node, "background", r->opts->background, err));
    RGQ_PASS(err, rgq_json_set_real(node, "ratio", r->opts->ratio, err));
    return rgq_json_set_text(node, "unit", rgq_unit_name(rgq_volume_unit(r->scan->volume)),
                             err);
}

static rgq_status add_psf(rgq_json *root, const rgq_phantom_results *r, rgq_error *err)
{
    const rgq_phantom_analysis *a = r->analysis;
    rgq_json *node = NULL;

    if (isnan(a->psf_fwhm_mm))
        return RGQ_OK;
    RGQ_PASS(err, rgq_json_add_object(&node, root, "effective_psf", err));
    RGQ_PASS(err, rgq_json_set_real(node, "fwhm_mm", a->psf_fwhm_mm, err));
    RGQ_PASS(err, rgq_json_set_real(node, "sd_mm", a->psf_sd_mm, err));
    RGQ_PASS(err, rgq_json_set_real(node, "wall_mm", a->psf_wall_mm, err));
    return rgq_json_set_text(node, "voxels", r->opts->point_sampled ? "point" : "box", err);
}

rgq_status rgq_phantom_results_json(rgq_json **out, const rgq_phantom_results *results,
                                    rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *root = NULL;
    rgq_json *array = NULL;
    const char *unit = rgq_unit_name(rgq_volume_unit(results->scan->volume));

    *out = NULL;
    RGQ_TRY(err, rgq_json_object(&root, err));
    RGQ_TRY(err, rgq_json_set_text(root, "phantom", rgq_phantom_id(results->phantom), err));
    RGQ_TRY(err, rgq_json_set_text(root, "unit", unit, err));
    RGQ_TRY(err, add_place(root, results, err));
    RGQ_TRY(err, add_true(root, results, err));
    RGQ_TRY(err, add_psf(root, results, err));
    RGQ_TRY(err, add_findings(root, results->analysis, unit, err));
    RGQ_TRY(err, add_verdicts(root, results->analysis, err));
    RGQ_TRY(err, rgq_json_add_array(&array, root, "rows", err));
    RGQ_TRY(err, rgq_table_rows(array, results->analysis->table, err));
    if (results->analysis->slices != NULL) {
        RGQ_TRY(err, rgq_json_add_array(&array, root, "slices", err));
        RGQ_TRY(err, rgq_table_rows(array, results->analysis->slices, err));
    }
    *out = root;
    root = NULL;
out:
    rgq_json_free(root);
    return st;
}

/* ---- psf.json, rc_curve.tsv, calibration.json ---- */

static rgq_status write_psf(const char *folder, const rgq_phantom_results *r, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const rgq_phantom_analysis *a = r->analysis;
    rgq_json *root = NULL;
    rgq_json *node = NULL;
    double voxel_mm[3];
    char path[RGQ_PATH_MAX];
    char words[120];

    if (isnan(a->psf_fwhm_mm))
        return RGQ_OK;
    rgq_grid_spacing_mm(rgq_volume_grid(r->scan->volume), voxel_mm);
    RGQ_TRY(err, rgq_json_object(&root, err));
    RGQ_TRY(err, rgq_json_set_int(root, "format", 1, err));
    RGQ_TRY(err, rgq_json_add_object(&node, root, "fwhm_mm", err));
    RGQ_TRY(err, rgq_json_set_real(node, "value", a->psf_fwhm_mm, err));
    RGQ_TRY(err, rgq_json_set_text(node, "unit", "mm", err));
    if (isfinite(a->psf_sd_mm))
        RGQ_TRY(err, rgq_json_set_real(node, "uncertainty", a->psf_sd_mm, err));
    (void)snprintf(words, sizeof words, "phantom analyse, %.60s", rgq_phantom_id(r->phantom));
    RGQ_TRY(err, rgq_json_set_text(node, "source", words, err));
    RGQ_TRY(err, rgq_json_set_reals(root, "voxel_mm", voxel_mm, 3, err));
    (void)snprintf(words, sizeof words,
                   "one Gaussian for all spheres, cold wall of %.3g mm, voxel %s",
                   a->psf_wall_mm, r->opts->point_sampled ? "centres" : "box taken out");
    RGQ_TRY(err, rgq_json_set_text(root, "method", words, err));
    RGQ_TRY(err, rgq_path_join(path, folder, "psf.json", err));
    RGQ_TRY(err, rgq_json_write(root, path, false, err));
out:
    rgq_json_free(root);
    return st;
}

static rgq_status write_curve(const char *folder, const rgq_phantom_analysis *a, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *root = NULL;
    rgq_json *node = NULL;
    char *extra = NULL;
    char path[RGQ_PATH_MAX];

    if (a->curve == NULL)
        return RGQ_OK;
    RGQ_TRY(err, rgq_json_object(&root, err));
    RGQ_TRY(err, rgq_json_add_object(&node, root, "fit", err));
    RGQ_TRY(err, rgq_json_set_text(node, "formula", "1 / (1 + (beta_mm / d)^gamma)", err));
    RGQ_TRY(err, rgq_json_set_real(node, "beta_mm", a->curve_beta_mm, err));
    RGQ_TRY(err, rgq_json_set_real(node, "gamma", a->curve_gamma, err));
    RGQ_TRY(err, rgq_json_dump(&extra, root, err));
    RGQ_TRY(err, rgq_path_join(path, folder, "rc_curve.tsv", err));
    RGQ_TRY(err, rgq_table_write(path, a->curve, extra, false, err));
out:
    rgq_free(extra);
    rgq_json_free(root);
    return st;
}

static rgq_status add_quantity(rgq_json *root, const char *key, double value, double sd,
                               const char *unit, rgq_error *err)
{
    rgq_json *node = NULL;

    RGQ_PASS(err, rgq_json_add_object(&node, root, key, err));
    RGQ_PASS(err, rgq_json_set_real(node, "value", value, err));
    if (isfinite(sd))
        RGQ_PASS(err, rgq_json_set_real(node, "uncertainty", sd, err));
    return rgq_json_set_text(node, "unit", unit, err);
}

static rgq_status write_calibration(const char *folder, const rgq_phantom_results *r,
                                    const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const rgq_phantom_analysis *a = r->analysis;
    const rgq_scan_facts *f = &r->scan->facts;
    const bool counts = isfinite(r->sensitivity_cps_per_mbq);
    rgq_json *root = NULL;
    char text[RGQ_TIME_TEXT_MAX];
    char path[RGQ_PATH_MAX];

    if (isnan(a->calibration_factor))
        return RGQ_OK;
    if (isnan(r->calibration_time_s)) {
        RGQ_WARN(log, "no calibration.json: the scan does not say its date; give --date");
        return RGQ_OK;
    }
    if (r->is_counts && !counts) {
        RGQ_WARN(log, "no calibration.json: counts need the duration of the scan");
        return RGQ_OK;
    }
    RGQ_TRY(err, rgq_json_object(&root, err));
    RGQ_TRY(err, rgq_json_set_int(root, "format", 1, err));
    RGQ_TRY(err, rgq_json_set_text(root, "date",
                                   rgq_time_format_iso(r->calibration_time_s, text), err));
    if (f->nuclide.known && strlen(f->nuclide.value) < 16)
        RGQ_TRY(err, rgq_json_set_text(root, "nuclide", f->nuclide.value, err));
    if (f->model.known)
        RGQ_TRY(err, rgq_json_set_text(root, "scanner", f->model.value, err));
    if (counts)
        RGQ_TRY(err, add_quantity(root, "sensitivity", r->sensitivity_cps_per_mbq,
                                  r->sensitivity_sd, "cps/MBq", err));
    else
        RGQ_TRY(err, add_quantity(root, "calibration_factor", a->calibration_factor,
                                  a->calibration_sd, "1", err));
    RGQ_TRY(err, rgq_path_join(path, folder, "calibration.json", err));
    RGQ_TRY(err, rgq_json_write(root, path, false, err));
out:
    rgq_json_free(root);
    return st;
}

/* ---- pictures ---- */

static rgq_status write_overlay(const char *folder, const rgq_phantom_results *r,
                                rgq_error *err)
{
    static const uint32_t colours[] = {0xd62728, 0x1f77b4, 0x2ca02c};
    rgq_status st = RGQ_OK;
    const rgq_phantom_analysis *a = r->analysis;
    rgq_canvas canvas = {.rgb = NULL};
    rgq_circle circles[RGQ_MARKS_MAX];
    char path[RGQ_PATH_MAX];

    for (int i = 0; i < a->n_marks; i++) {
        const rgq_mark *m = &a->mark[i];
        circles[i] = (rgq_circle){{m->centre_mm[0], m->centre_mm[1], m->centre_mm[2]},
                                  m->radius_mm,
                                  colours[m->kind % 3],
                                  m->name};
    }
    RGQ_TRY(err, rgq_slice_picture_draw(&canvas, r->scan->volume, r->opts->frame,
                                        a->plane_world_mm, circles, a->n_marks, err));
    RGQ_TRY(err, rgq_path_join(path, folder, "overlay.png", err));
    RGQ_TRY(err, rgq_png_write(path, canvas.rgb, canvas.width, canvas.height, false, err));
out:
    rgq_canvas_release(&canvas);
    return st;
}

/* Rows x, y of two columns as a data block of gnuplot. */
static void add_block(rgq_text *script, const char *name, const rgq_table *table, const char *x,
                      const char *y)
{
    char a[64];
    char b[64];

    rgq_text_printf(script, "$%s << EOD\n", name);
    for (int r = 0; r < rgq_table_n_rows(table); r++) {
        const int cx = rgq_table_find(table, x);
        const int cy = rgq_table_find(table, y);
        if (rgq_table_has(table, r, cx) && rgq_table_has(table, r, cy))
            rgq_text_printf(script, "%s %s\n", rgq_table_format(table, r, cx, a, sizeof a),
                            rgq_table_format(table, r, cy, b, sizeof b));
    }
    rgq_text_printf(script, "EOD\n");
}

static void script_recovery(rgq_text *script, const rgq_phantom_analysis *a)
{
    char b[RGQ_REAL_TEXT_MAX];
    char g[RGQ_REAL_TEXT_MAX];

    add_block(script, "mean", a->table, "diameter_mm", "rc_mean");
    add_block(script, "max", a->table, "diameter_mm", "rc_max");
    add_block(script, "a50", a->table, "diameter_mm", "rc_a50");
    add_block(script, "contrast", a->curve, "diameter_mm", "rc_mean");
    rgq_text_printf(script,
                    "set xlabel 'diameter of the sphere [mm]'\nset ylabel 'recovery'\n"
                    "set key bottom right\nset grid\nset yrange [0:*]\nset xrange [8:40]\n"
                    "plot $mean w lp t 'mean / true', $max w lp t 'max / true', $a50 w lp t "
                    "'A50 mean / true', $contrast w p t 'contrast of the mean'");
    if (isfinite(a->curve_beta_mm))
        rgq_text_printf(script, ", 1/(1+(%s/x)**%s) w l t 'fitted to the contrast'",
                        rgq_format_real(a->curve_beta_mm, b),
                        rgq_format_real(a->curve_gamma, g));
    rgq_text_printf(script, "\n");
}

static void script_slices(rgq_text *script, const rgq_table *table, const char *y,
                          const char *label)
{
    add_block(script, "slices", table, "z_mm", y);
    rgq_text_printf(script,
                    "set xlabel 'position along the axis [mm]'\nset ylabel '%s'\nset grid\n"
                    "unset key\nplot $slices w lp\n",
                    label);
}

/* One plot, as SVG and PNG. */
static rgq_status write_plot(const char *folder, const char *name, const rgq_text *body,
                             rgq_error *err)
{
    static const char *const terminals[] = {"svg size 640,480", "pngcairo size 960,720"};
    static const char *const endings[] = {"svg", "png"};
    rgq_status st = RGQ_OK;
    rgq_text script = RGQ_TEXT_INIT;
    char file[64];
    char path[RGQ_PATH_MAX];

    for (int i = 0; i < 2; i++) {
        rgq_text_release(&script);
        rgq_text_printf(&script, "set terminal %s\n%s", terminals[i], body->data);
        RGQ_TRY(err, rgq_text_check(&script, err));
        (void)snprintf(file, sizeof file, "%s.%s", name, endings[i]);
        RGQ_TRY(err, rgq_path_join(path, folder, file, err));
        RGQ_TRY(err, rgq_plot_write(path, script.data, false, err));
    }
out:
    rgq_text_release(&script);
    return st;
}

static rgq_status write_plots(const char *folder, const rgq_phantom_analysis *a,
                              const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_text script = RGQ_TEXT_INIT;
    rgq_error own = RGQ_ERROR_INIT;
    const char *name = "slices";

    if (a->curve != NULL) {
        script_recovery(&script, a);
        name = "rc_curve";
    } else if (a->slices != NULL) {
        script_slices(&script, a->slices, "background", "background");
    } else if (rgq_table_find(a->table, "z_mm") == 0) {
        script_slices(&script, a->table, "mean", "mean of the slice");
    } else {
        return RGQ_OK;
    }
    RGQ_TRY(err, rgq_text_check(&script, err));
    if (!rgq_plot_is_there())
        RGQ_WARN(log, "there is no gnuplot: the plots are left out; install gnuplot-nox");
    else if (write_plot(folder, name, &script, &own) != RGQ_OK)
        RGQ_WARN(log, "a plot is left out: %s", own.message);
out:
    rgq_text_release(&script);
    return st;
}

/* ---- all of it ---- */

rgq_status rgq_phantom_results_write(const char *folder, const rgq_phantom_results *results,
                                     const rgq_json *json, const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    char *extra = NULL;
    char path[RGQ_PATH_MAX];

    RGQ_TRY(err, rgq_json_dump(&extra, json, err));
    RGQ_TRY(err, rgq_path_join(path, folder, "phantom.tsv", err));
    RGQ_TRY(err, rgq_table_write(path, results->analysis->table, extra, false, err));
    RGQ_TRY(err, write_psf(folder, results, err));
    RGQ_TRY(err, write_curve(folder, results->analysis, err));
    RGQ_TRY(err, write_calibration(folder, results, log, err));
    RGQ_TRY(err, write_overlay(folder, results, err));
    RGQ_TRY(err, write_plots(folder, results->analysis, log, err));
out:
    rgq_free(extra);
    return st;
}
