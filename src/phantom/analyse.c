/* rgq_phantom_analyse(): what the parts share. */
#include "phantom/analyse.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "core/banned.h"
#include "core/text.h"

static const double radian = 57.29577951308232; /* degrees */

void rgq_analyse_finding(rgq_analyse_job *job, const char *name, double value, double sd,
                         const char *unit, const char *what)
{
    rgq_phantom_analysis *out = job->out;

    assert(out->n_findings < RGQ_FINDINGS_MAX);
    rgq_finding *finding = &out->finding[out->n_findings++];
    rgq_text_copy(finding->name, sizeof finding->name, name);
    rgq_text_copy(finding->unit, sizeof finding->unit, unit);
    rgq_text_copy(finding->what, sizeof finding->what, what);
    finding->value = value;
    finding->sd = sd;
}

void rgq_analyse_mark(rgq_analyse_job *job, const double at_mm[3], double radius_mm, int kind,
                      const char *name)
{
    rgq_phantom_analysis *out = job->out;

    if (out->n_marks == RGQ_MARKS_MAX)
        return;
    rgq_mark *mark = &out->mark[out->n_marks++];
    rgq_view_to_world(job->view, at_mm, mark->centre_mm);
    mark->radius_mm = radius_mm;
    mark->kind = kind;
    rgq_text_copy(mark->name, sizeof mark->name, name);
}

int rgq_analyse_slice(const rgq_view *view, double mm)
{
    return (int)lround(fmin(fmax(mm / view->step[2], -1e6), 1e6));
}

/* Direction cosines of the view's axes in the world. */
static void directions(const rgq_view *view, double cosine[3][3])
{
    for (int r = 0; r < 3; r++)
        for (int a = 0; a < 3; a++)
            cosine[r][a] = view->grid.affine[r][a] / view->step[a];
}

rgq_placement rgq_analyse_by_hand(const rgq_view *view, const rgq_analyse_opts *opts)
{
    const double none[3] = {0.0, 0.0, 0.0};
    const rgq_placement world =
        rgq_placement_make(none, opts->angle_deg / radian, opts->mirrored, opts->mirrored);
    rgq_placement out = {.origin = {0.0}};
    double cosine[3][3];

    directions(view, cosine);
    rgq_view_from_world(view, opts->centre_mm, out.origin);
    for (int a = 0; a < 3; a++)
        for (int c = 0; c < 3; c++)
            for (int r = 0; r < 3; r++)
                out.axis[a][c] += cosine[r][a] * world.axis[r][c];
    return out;
}

/* The same the other way round. */
static void describe_place(rgq_analyse_job *job)
{
    double cosine[3][3];
    double axis[3][3] = {{0.0}};

    directions(job->view, cosine);
    for (int r = 0; r < 3; r++)
        for (int c = 0; c < 3; c++)
            for (int a = 0; a < 3; a++)
                axis[r][c] += cosine[r][a] * job->place.axis[a][c];
    rgq_view_to_world(job->view, job->place.origin, job->out->centre_mm);
    const double turn = axis[0][0] * axis[1][1] - axis[0][1] * axis[1][0];
    job->out->mirrored = turn < 0.0;
    job->out->angle_deg = atan2(-axis[0][1], axis[1][1]) * radian;
}

static rgq_status check_true(const rgq_analyse_opts *opts, rgq_error *err)
{
    const struct {
        const char *what;
        double value;
    } rows[] = {{"activity of the spheres", opts->sphere},
                {"activity of the background", opts->background},
                {"ratio of spheres to background", opts->ratio},
                {"wall", opts->wall_mm}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (!isnan(rows[i].value) && !(rows[i].value >= 0.0 && rows[i].value <= 1e15))
            return RGQ_RAISE(err, RGQ_E_ARGUMENT, "the %s is %g; 0 to 1e15 are allowed",
                             rows[i].what, rows[i].value);
    if (!isnan(opts->wall_mm) && opts->wall_mm > 10.0)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "a wall of %g mm; 0 to 10 mm are allowed",
                         opts->wall_mm);
    return RGQ_OK;
}

/* The third of activity, background and ratio follows from two. */
static void complete_true(rgq_analyse_job *job)
{
    const rgq_analyse_opts *opts = job->opts;

    job->true_sphere = opts->sphere;
    job->true_background = opts->background;
    job->ratio = opts->ratio;
    if (isnan(job->ratio) && opts->background > 0.0)
        job->ratio = opts->sphere / opts->background;
    if (isnan(job->true_sphere))
        job->true_sphere = opts->background * opts->ratio;
    if (isnan(job->true_background) && opts->ratio > 0.0)
        job->true_background = opts->sphere / opts->ratio;
}

static rgq_status measure(rgq_analyse_job *job, rgq_error *err)
{
    switch (job->phantom->measure.kind) {
    case RGQ_ANALYSIS_SPHERES:
        return rgq_analyse_spheres(job, err);
    case RGQ_ANALYSIS_CYLINDER:
        return rgq_analyse_cylinder(job, err);
    case RGQ_ANALYSIS_RODS:
        return rgq_analyse_rods(job, err);
    case RGQ_ANALYSIS_COLD:
        return rgq_analyse_cold(job, err);
    case RGQ_ANALYSIS_NONE:
        break;
    }
    return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                     "the file of the phantom '%s' does not say how a scan of it is measured",
                     job->phantom->id);
}

rgq_status rgq_phantom_analyse(rgq_phantom_analysis *out, const rgq_phantom *phantom,
                               const rgq_volume *volume, const rgq_analyse_opts *opts,
                               const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_view view = {.value = NULL};
    rgq_analyse_job job = {
        .out = out, .phantom = phantom, .view = &view, .opts = opts, .log = log};

    memset(out, 0, sizeof *out);
    out->agreement = out->psf_fwhm_mm = out->psf_sd_mm = out->psf_wall_mm = (double)NAN;
    out->curve_beta_mm = out->curve_gamma = (double)NAN;
    out->calibration_factor = out->calibration_sd = (double)NAN;
    out->mean_level = out->mean_level_sd = (double)NAN;
    RGQ_TRY(err, check_true(opts, err));
    if (opts->frame < 0 || opts->frame >= rgq_volume_n_frames(volume)) {
        st = RGQ_RAISE(err, RGQ_E_ARGUMENT, "frame %d; the scan has frames 0 to %d",
                       opts->frame, rgq_volume_n_frames(volume) - 1);
        goto out;
    }
    RGQ_TRY(err, rgq_view_init(&view, volume, opts->frame, err));
    out->voxel_ml = rgq_grid_voxel_ml(&view.grid);
    complete_true(&job);
    RGQ_TRY(err, measure(&job, err));
    describe_place(&job);
out:
    rgq_view_release(&view);
    if (st != RGQ_OK)
        rgq_phantom_analysis_release(out);
    return st;
}

void rgq_phantom_analysis_release(rgq_phantom_analysis *analysis)
{
    rgq_table_free(analysis->table);
    rgq_table_free(analysis->curve);
    rgq_table_free(analysis->slices);
    memset(analysis, 0, sizeof *analysis);
}

const char *rgq_phantom_analysis_kind(const rgq_phantom *phantom)
{
    switch (phantom->measure.kind) {
    case RGQ_ANALYSIS_SPHERES:
        return "spheres";
    case RGQ_ANALYSIS_CYLINDER:
        return "cylinder";
    case RGQ_ANALYSIS_RODS:
        return "rods";
    case RGQ_ANALYSIS_COLD:
        return "cold";
    case RGQ_ANALYSIS_NONE:
        break;
    }
    return "";
}
