/* The image quality phantom of NEMA NU 2: spheres, background, insert. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "phantom/analyse.h"
#include "phantom/background_discs.h"
#include "phantom/find_spheres.h"
#include "phantom/recovery_curve.h"
#include "phantom/sphere_fit.h"
#include "phantom/sphere_values.h"

enum { SLICES = RGQ_DISC_SLICES_MAX };
static const double slice_offset_mm[SLICES] = {0.0, -10.0, 10.0, -20.0, 20.0};
static const double ratio_tolerance = 0.25; /* of the ratio limits are made for */

static const rgq_column columns[] = {
    {"sphere", RGQ_COLUMN_TEXT, NULL, "Name of the sphere, as in the phantom file."},
    {"diameter_mm", RGQ_COLUMN_REAL, "mm", "Its inner diameter."},
    {"rc_mean", RGQ_COLUMN_REAL, NULL,
     "Mean of the voxels whose centre lies in the sphere, over the true concentration."},
    {"rc_max", RGQ_COLUMN_REAL, NULL, "Highest voxel of the sphere, likewise."},
    {"rc_peak", RGQ_COLUMN_REAL, NULL,
     "Highest mean over a ball of 1 mL about a voxel of the sphere, likewise."},
    {"rc_a50", RGQ_COLUMN_REAL, NULL,
     "Mean of the voxels above half way between background and maximum, likewise."},
    {"percent_contrast", RGQ_COLUMN_REAL, "%",
     "Contrast of a disc in the slice of the spheres over the true one (NEMA NU 2)."},
    {"background_variability_percent", RGQ_COLUMN_REAL, "%",
     "Standard deviation of the discs of background of that size over their mean."},
    {"fwhm_mm", RGQ_COLUMN_REAL, "mm",
     "Width of the Gaussian that blurs the sphere, the voxel's box taken out."},
    {"fwhm_sd_mm", RGQ_COLUMN_REAL, "mm",
     "Its standard deviation from the residuals, taken as independent."},
    {"mean", RGQ_COLUMN_REAL, NULL, "Mean of the sphere, in the unit of the scan."},
    {"max", RGQ_COLUMN_REAL, NULL, "Highest voxel, in the unit of the scan."},
    {"a50_volume_ml", RGQ_COLUMN_REAL, "mL",
     "Volume above half way between background and maximum."},
    {"x_mm", RGQ_COLUMN_REAL, "mm", "Centre as fitted, world RAS+: to the right."},
    {"y_mm", RGQ_COLUMN_REAL, "mm", "The same, to the front."},
    {"z_mm", RGQ_COLUMN_REAL, "mm", "The same, to the head."},
    {"off_plane_mm", RGQ_COLUMN_REAL, "mm",
     "Distance along the axis of the centre as fitted from where the phantom has it."},
    {"off_ring_mm", RGQ_COLUMN_REAL, "mm",
     "Its distance from the axis less that of the sphere in the phantom."},
};

static const rgq_column slice_columns[] = {
    {"z_mm", RGQ_COLUMN_REAL, "mm", "Position along the axis from the plane of the spheres."},
    {"background", RGQ_COLUMN_REAL, NULL,
     "Mean of the largest discs of background of that slice, in the unit of the scan."},
    {"lung_residual_percent", RGQ_COLUMN_REAL, "%",
     "Mean in the insert over the mean background of the largest size."},
};

/* One analysis while it runs. */
typedef struct spheres {
    rgq_analyse_job *job;
    int n;
    int object[RGQ_SPHERES_MAX];
    int largest;
    double wall_mm;
    rgq_sphere_fit_opts opts[RGQ_SPHERES_MAX];
    rgq_sphere_fit fit[RGQ_SPHERES_MAX];
    double at[RGQ_SPHERES_MAX][3]; /* centre used */
    double off_ring[RGQ_SPHERES_MAX], off_plane[RGQ_SPHERES_MAX];
    int slice[SLICES];
    int n_slices;
    rgq_discs discs;
    rgq_ball_kernel peak;                /* of 1 mL */
    double background[RGQ_SPHERES_MAX];  /* mean of the discs of that size */
    double variability[RGQ_SPHERES_MAX]; /* sd over mean */
} spheres;

static double diameter(const spheres *s, int i)
{
    return s->job->phantom->object[s->object[i]].diameter_mm;
}

/* The spheres of the file are its objects of known diameter that lie in a host. */
static rgq_status list_spheres(spheres *s, rgq_error *err)
{
    const rgq_phantom *phantom = s->job->phantom;

    for (int i = 0; i < phantom->n_objects; i++)
        if (phantom->object[i].diameter_mm > 0.0 && phantom->object[i].host[0] != '\0' &&
            s->n < RGQ_SPHERES_MAX)
            s->object[s->n++] = i;
    if (s->n < 3)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "'%s' has %d spheres; at least 3 are needed to find it", phantom->id,
                         s->n);
    for (int i = 1; i < s->n; i++)
        if (diameter(s, i) > diameter(s, s->largest))
            s->largest = i;
    s->wall_mm =
        isnan(s->job->opts->wall_mm) ? phantom->measure.wall_mm : s->job->opts->wall_mm;
    return RGQ_OK;
}

static rgq_status find_place(spheres *s, rgq_error *err)
{
    rgq_analyse_job *job = s->job;

    if (job->opts->is_placed) {
        job->place = rgq_analyse_by_hand(job->view, job->opts);
        return RGQ_OK;
    }
    return rgq_find_spheres(&job->place, &job->out->agreement, job->view, job->phantom,
                            s->object, s->n, 1.0, err);
}

/* ---- the blur ---- */

static rgq_status fit_one(spheres *s, int i, double inside, double fwhm_mm, rgq_error *err)
{
    const rgq_analyse_job *job = s->job;
    double at[3];

    rgq_placement_apply(&job->place, job->phantom->object[s->object[i]].centre_mm, at);
    s->opts[i] = (rgq_sphere_fit_opts){.radius_mm = 0.5 * diameter(s, i),
                                       .wall_mm = s->wall_mm,
                                       .point_sampled = job->opts->point_sampled,
                                       .inside = inside,
                                       .fwhm_mm = fwhm_mm};
    return rgq_sphere_fit_one(&s->fit[i], job->view, job->phantom, &job->place, s->object[i],
                              at, &s->opts[i], err);
}

/* The largest sphere tells what is inside: the smaller ones cannot tell that from the blur. */
static rgq_status fit_blur(spheres *s, rgq_error *err)
{
    rgq_analyse_job *job = s->job;
    rgq_sphere_fit all;

    RGQ_PASS(err, fit_one(s, s->largest, (double)NAN, 6.0, err));
    const double inside = s->fit[s->largest].inside;
    const double fwhm_mm = s->fit[s->largest].fwhm_mm;
    for (int i = 0; i < s->n; i++)
        if (i != s->largest)
            RGQ_PASS(err, fit_one(s, i, inside, fmin(fmax(fwhm_mm, 1.0), 20.0), err));
    s->opts[0].inside = inside;
    s->opts[0].fwhm_mm = fmin(fmax(fwhm_mm, 1.0), 20.0);
    RGQ_PASS(err, rgq_sphere_fit_all(&all, job->view, job->phantom, &job->place, s->object,
                                     s->fit, s->n, s->opts, err));
    double spread = 0.0;
    double weights = 0.0;
    for (int i = 0; i < s->n; i++) {
        const double w = diameter(s, i) * diameter(s, i);
        if (isnan(s->fit[i].fwhm_mm))
            continue;
        spread += w * (s->fit[i].fwhm_mm - all.fwhm_mm) * (s->fit[i].fwhm_mm - all.fwhm_mm);
        weights += w;
    }
    job->out->psf_fwhm_mm = all.fwhm_mm;
    job->out->psf_sd_mm = hypot(all.fwhm_sd_mm, sqrt(spread / weights / (s->n - 1)));
    job->out->psf_wall_mm = s->wall_mm;
    rgq_analyse_finding(job, "sphere_level", all.inside, (double)NAN, "scan",
                        "what is inside the spheres before the blur, as fitted");
    return RGQ_OK;
}

/* Centres as fitted lay the phantom anew; how far each is off shows what the fit is worth. */
static void refine_place(spheres *s)
{
    rgq_analyse_job *job = s->job;
    double at[RGQ_SPHERES_MAX][3];
    double weight[RGQ_SPHERES_MAX];

    for (int i = 0; i < s->n; i++) {
        memcpy(at[i], s->fit[i].centre_mm, sizeof at[i]);
        weight[i] = 1.0;
    }
    rgq_placement_refine(&job->place, job->phantom, s->object, s->n, (const double(*)[3])at,
                         weight);
    for (int i = 0; i < s->n; i++) {
        double model[3];
        rgq_placement_apply(&job->place, job->phantom->object[s->object[i]].centre_mm, model);
        const double *origin = job->place.origin;
        const double off_mm = hypot(at[i][0] - model[0], at[i][1] - model[1]);
        s->off_ring[i] = hypot(at[i][0] - origin[0], at[i][1] - origin[1]) -
                         hypot(model[0] - origin[0], model[1] - origin[1]);
        s->off_plane[i] = at[i][2] - model[2];
        const bool is_off = off_mm > 3.0 || fabs(s->off_plane[i]) > 4.0;
        memcpy(s->at[i], is_off ? model : at[i], sizeof model);
        if (is_off)
            RGQ_WARN(job->log,
                     "'%s' was fitted %.1f mm across and %.1f mm along the axis from its place "
                     "in the phantom; the place is used",
                     job->phantom->object[s->object[i]].name, off_mm, s->off_plane[i]);
        rgq_analyse_mark(job, s->at[i], 0.5 * diameter(s, i), 0,
                         job->phantom->object[s->object[i]].name);
    }
}

/* ---- background ---- */

/* Slices nearest to 0, +-10 and +-20 mm that lie in the image. */
static void choose_slices(spheres *s)
{
    const rgq_view *view = s->job->view;

    for (int i = 0; i < SLICES; i++) {
        const int k = rgq_analyse_slice(view, s->job->place.origin[2] + slice_offset_mm[i]);
        if (k >= 0 && k < view->grid.n[2])
            s->slice[s->n_slices++] = k;
    }
    if (s->n_slices < SLICES)
        RGQ_WARN(s->job->log, "the scan has %d of the %d slices of background", s->n_slices,
                 (int)SLICES);
}

/* Twelve places that hold in all slices, for the largest size; the smaller share them. */
static rgq_status place_discs(spheres *s, rgq_error *err)
{
    double radius[RGQ_SPHERES_MAX];
    rgq_disc_search search = {.view = s->job->view,
                              .n_slices = s->n_slices,
                              .radius_mm = 0.5 * diameter(s, s->largest),
                              .avoid_mm = (const double(*)[3])s->at,
                              .avoid_radius_mm = radius,
                              .n_avoid = s->n};

    memcpy(search.slices, s->slice, sizeof search.slices);
    for (int i = 0; i < s->n; i++)
        radius[i] = 0.5 * diameter(s, i);
    RGQ_PASS(err, rgq_discs_place(&s->discs, &search, err));
    if (s->discs.n < RGQ_DISCS_MAX)
        RGQ_WARN(s->job->log, "%d discs of background fit; the standard has %d", s->discs.n,
                 (int)RGQ_DISCS_MAX);
    rgq_analyse_finding(s->job, "background_discs", s->discs.n * s->n_slices, (double)NAN, "1",
                        "discs of background of each size");
    rgq_analyse_finding(s->job, "background_margin_mm", s->discs.margin_mm, (double)NAN, "mm",
                        "distance of the largest discs from edges and spheres, at least");
    return RGQ_OK;
}

/* Mean and variability of the discs of one size over all slices; a disc that leaves the image
 * is left out. */
static void measure_background(spheres *s, int i)
{
    const rgq_analyse_job *job = s->job;
    const double r = 0.5 * diameter(s, i);
    const double area =
        3.14159265358979323846 * r * r / (job->view->step[0] * job->view->step[1]);
    double sum = 0.0;
    double sum2 = 0.0;
    double n = 0.0;

    for (int pass = 0; pass < 2; pass++)
        for (int k = 0; k < s->n_slices; k++)
            for (int d = 0; d < s->discs.n; d++) {
                const rgq_roi roi = rgq_view_disc(job->view, s->slice[k], s->discs.at_mm[d], r);
                if (roi.weight < 0.999 * area)
                    continue;
                if (pass == 0) {
                    sum += roi.mean;
                    n += 1.0;
                } else {
                    sum2 += (roi.mean - sum / n) * (roi.mean - sum / n);
                }
            }
    s->background[i] = n > 0.0 ? sum / n : (double)NAN;
    s->variability[i] = n > 1.0 ? sqrt(sum2 / (n - 1.0)) / s->background[i] : (double)NAN;
}

static void mark_background(spheres *s)
{
    for (int d = 0; d < s->discs.n; d++) {
        const double at[3] = {s->discs.at_mm[d][0], s->discs.at_mm[d][1],
                              s->job->place.origin[2]};
        rgq_analyse_mark(s->job, at, 0.5 * diameter(s, s->largest), 1, "");
    }
}

/* ---- one sphere ---- */

static rgq_status add_sphere(spheres *s, int i, rgq_error *err)
{
    const rgq_analyse_job *job = s->job;
    const rgq_view *view = job->view;
    rgq_table *t = job->out->table;
    const double radius = 0.5 * diameter(s, i);
    const double truth = job->true_sphere > 0.0 ? job->true_sphere : (double)NAN;
    const rgq_roi ball = rgq_view_ball(view, s->at[i], radius);
    const double back = s->background[s->largest];
    const rgq_roi disc =
        rgq_view_disc(view, rgq_analyse_slice(view, job->place.origin[2]), s->at[i], radius);
    const double mean = rgq_sphere_mean(view, s->at[i], radius, &ball);
    double a50 = (double)NAN;
    double a50_ml = (double)NAN;
    double world[3];

    rgq_sphere_a50(view, s->at[i], radius, 0.5 * (back + ball.max), &a50, &a50_ml);
    rgq_view_to_world(view, s->fit[i].centre_mm, world);
    RGQ_PASS(err, rgq_table_add_row(t, err));
    RGQ_PASS(err,
             rgq_table_set_text(t, "sphere", job->phantom->object[s->object[i]].name, err));
    rgq_table_set_real(t, "diameter_mm", diameter(s, i));
    rgq_table_set_real(t, "rc_mean", mean / truth);
    rgq_table_set_real(t, "rc_max", ball.max / truth);
    rgq_table_set_real(t, "rc_peak", rgq_sphere_peak(view, &s->peak, s->at[i], radius) / truth);
    rgq_table_set_real(t, "rc_a50", a50 / truth);
    rgq_table_set_real(t, "percent_contrast",
                       100.0 * (disc.mean / s->background[i] - 1.0) /
                           (job->ratio > 1.0 ? job->ratio - 1.0 : (double)NAN));
    rgq_table_set_real(t, "background_variability_percent", 100.0 * s->variability[i]);
    rgq_table_set_real(t, "fwhm_mm", s->fit[i].fwhm_mm);
    rgq_table_set_real(t, "fwhm_sd_mm", s->fit[i].fwhm_sd_mm);
    rgq_table_set_real(t, "mean", mean);
    rgq_table_set_real(t, "max", ball.max);
    rgq_table_set_real(t, "a50_volume_ml", a50_ml);
    rgq_table_set_real(t, "x_mm", world[0]);
    rgq_table_set_real(t, "y_mm", world[1]);
    rgq_table_set_real(t, "z_mm", world[2]);
    rgq_table_set_real(t, "off_plane_mm", s->off_plane[i]);
    rgq_table_set_real(t, "off_ring_mm", s->off_ring[i]);
    return RGQ_OK;
}

/* ---- the insert, slice by slice ---- */

static double slice_background(const spheres *s, int k)
{
    const rgq_analyse_job *job = s->job;
    double sum = 0.0;
    double n = 0.0;

    for (int d = 0; d < s->discs.n; d++) {
        const rgq_roi roi =
            rgq_view_disc(job->view, k, s->discs.at_mm[d], 0.5 * diameter(s, s->largest));
        sum += roi.weight > 0.0 ? roi.mean : 0.0;
        n += roi.weight > 0.0 ? 1.0 : 0.0;
    }
    return n > 0.0 ? sum / n : (double)NAN;
}

/* Slices count where the background is within a tenth of what it is about the spheres. */
static rgq_status measure_insert(spheres *s, rgq_error *err)
{
    rgq_analyse_job *job = s->job;
    const rgq_phantom_measure *m = &job->phantom->measure;
    const double back = s->background[s->largest];
    double at[3];
    double sum = 0.0;
    double top = -(double)INFINITY;
    double n = 0.0;

    if (m->insert < 0 || !(m->insert_disc_mm > 0.0))
        return RGQ_OK;
    rgq_placement_apply(&job->place, job->phantom->object[m->insert].centre_mm, at);
    RGQ_PASS(err, rgq_table_create(&job->out->slices, slice_columns,
                                   sizeof slice_columns / sizeof slice_columns[0], err));
    for (int k = 0; k < job->view->grid.n[2]; k++) {
        const double level = slice_background(s, k);
        const rgq_roi roi = rgq_view_disc(job->view, k, at, 0.5 * m->insert_disc_mm);
        if (!(fabs(level / back - 1.0) < 0.1) || !(roi.weight > 0.0))
            continue;
        const double percent = 100.0 * roi.mean / back;
        RGQ_PASS(err, rgq_table_add_row(job->out->slices, err));
        rgq_table_set_real(job->out->slices, "z_mm",
                           (k * job->view->step[2] - job->place.origin[2]) *
                               (job->view->grid.affine[2][2] < 0.0 ? -1.0 : 1.0));
        rgq_table_set_real(job->out->slices, "background", level);
        rgq_table_set_real(job->out->slices, "lung_residual_percent", percent);
        sum += percent;
        top = fmax(top, percent);
        n += 1.0;
    }
    rgq_analyse_finding(job, "lung_residual_percent", n > 0.0 ? sum / n : (double)NAN,
                        (double)NAN, "%", "mean of the slices: insert over background");
    rgq_analyse_finding(job, "lung_residual_max_percent", n > 0.0 ? top : (double)NAN,
                        (double)NAN, "%", "the highest of the slices");
    rgq_analyse_finding(job, "lung_slices", n, (double)NAN, "1", "slices that counted");
    rgq_analyse_mark(job, at, 0.5 * m->insert_disc_mm, 2, "insert");
    return RGQ_OK;
}

/* ---- limits ---- */

static void apply_limits(spheres *s)
{
    rgq_analyse_job *job = s->job;
    const rgq_phantom_measure *m = &job->phantom->measure;
    rgq_phantom_analysis *out = job->out;

    for (int l = 0; l < m->n_limits; l++) {
        const rgq_limit *limit = &m->limit[l];
        if (!(fabs(job->ratio / limit->ratio - 1.0) <= ratio_tolerance) ||
            !(job->true_sphere > 0.0)) {
            if (isnan(job->ratio) || !(job->true_sphere > 0.0))
                (void)snprintf(out->no_verdict, sizeof out->no_verdict,
                               "%s: the true activities are not known", limit->set);
            else
                (void)snprintf(out->no_verdict, sizeof out->no_verdict,
                               "%s is made for a ratio of %g to 1; this scan has %.3g",
                               limit->set, limit->ratio, job->ratio);
            continue;
        }
        for (int i = 0; i < s->n; i++) {
            if (fabs(diameter(s, i) - limit->diameter_mm) > 0.5 ||
                out->n_verdicts == RGQ_VERDICTS_MAX)
                continue;
            const double value =
                rgq_table_real(out->table, i, rgq_table_find(out->table, limit->metric));
            rgq_verdict *verdict = &out->verdict[out->n_verdicts++];
            *verdict = (rgq_verdict){.value = value,
                                     .lo = limit->lo,
                                     .hi = limit->hi,
                                     .passed = value >= limit->lo && value <= limit->hi};
            memcpy(verdict->limits, limit->set, sizeof verdict->limits);
            memcpy(verdict->source, limit->source, sizeof verdict->source);
            (void)snprintf(verdict->what, sizeof verdict->what, "%s, %g mm", limit->metric,
                           limit->diameter_mm);
        }
    }
}

/* ---- recovery against diameter ---- */

/* Noise of a mean over a ball of background, as a variance. */
static double ball_variance(const spheres *s, double radius)
{
    const rgq_analyse_job *job = s->job;
    double sum = 0.0;
    double sum2 = 0.0;
    double n = 0.0;

    for (int k = 0; k < s->n_slices; k++)
        for (int d = 0; d < s->discs.n; d++) {
            const double at[3] = {s->discs.at_mm[d][0], s->discs.at_mm[d][1],
                                  s->slice[k] * job->view->step[2]};
            const rgq_roi roi = rgq_view_ball(job->view, at, radius);
            if (!(roi.weight > 0.0))
                continue;
            const double value = roi.mean - s->background[s->largest];
            sum += value;
            sum2 += value * value;
            n += 1.0;
        }
    return n > 1.0 ? fmax(sum2 - sum * sum / n, 0.0) / (n - 1.0) : 0.0;
}

static rgq_status make_curve(spheres *s, rgq_error *err)
{
    const rgq_analyse_job *job = s->job;
    const rgq_table *t = job->out->table;
    rgq_recovery_point points[RGQ_SPHERES_MAX];
    const double back = s->background[s->largest];

    if (!(job->true_sphere > 0.0 && job->true_background >= 0.0))
        return RGQ_OK;
    const double contrast = job->true_sphere - job->true_background;
    for (int i = 0; i < s->n; i++) {
        const double mean = rgq_table_real(t, i, rgq_table_find(t, "mean"));
        const double variance = ball_variance(s, 0.5 * diameter(s, i));
        points[i].diameter_mm = diameter(s, i);
        points[i].rc = (mean - back) / contrast;
        points[i].sd = sqrt(variance * fmax(mean / back, 1.0)) / contrast;
    }
    return rgq_recovery_curve_make(job->out, points, s->n, err);
}

/* ---- all of it ---- */

static void note_findings(spheres *s)
{
    rgq_analyse_job *job = s->job;
    double ring = 0.0;
    double plane = 0.0;

    for (int i = 0; i < s->n; i++) {
        ring = fmax(ring, fabs(s->off_ring[i]));
        plane = fmax(plane, fabs(s->off_plane[i]));
    }
    rgq_analyse_finding(job, "background_level", s->background[s->largest],
                        s->variability[s->largest] * s->background[s->largest], "scan",
                        "mean of the largest discs of background; sd of one disc");
    rgq_analyse_finding(job, "background_recovery",
                        s->background[s->largest] /
                            (job->true_background > 0.0 ? job->true_background : (double)NAN),
                        (double)NAN, "1", "the same over the true concentration");
    rgq_analyse_finding(job, "uniformity_percent", 100.0 * s->variability[s->largest],
                        (double)NAN, "%",
                        "coefficient of variation of the largest discs of background");
    rgq_analyse_finding(job, "ring_residual_mm", ring, (double)NAN, "mm",
                        "largest distance of a centre from the circle of the spheres");
    rgq_analyse_finding(job, "plane_residual_mm", plane, (double)NAN, "mm",
                        "largest distance of a centre from the plane of the spheres");
}

static rgq_status run(spheres *s, rgq_error *err)
{
    rgq_analyse_job *job = s->job;

    RGQ_PASS(err, list_spheres(s, err));
    RGQ_PASS(err, find_place(s, err));
    RGQ_PASS(err, fit_blur(s, err));
    refine_place(s);
    choose_slices(s);
    if (s->n_slices == 0)
        return RGQ_RAISE(err, RGQ_E_NOTFOUND, "the spheres of '%s' lie outside the scan",
                         job->phantom->id);
    RGQ_PASS(err, place_discs(s, err));
    for (int i = 0; i < s->n; i++)
        measure_background(s, i);
    mark_background(s);
    RGQ_PASS(err, rgq_table_create(&job->out->table, columns,
                                   sizeof columns / sizeof columns[0], err));
    RGQ_PASS(err, rgq_ball_kernel_init(&s->peak, job->view, rgq_sphere_peak_radius_mm(), err));
    for (int i = 0; i < s->n; i++)
        RGQ_PASS(err, add_sphere(s, i, err));
    RGQ_PASS(err, measure_insert(s, err));
    note_findings(s);
    apply_limits(s);
    rgq_view_to_world(job->view, job->place.origin, job->out->plane_world_mm);
    return make_curve(s, err);
}

rgq_status rgq_analyse_spheres(rgq_analyse_job *job, rgq_error *err)
{
    spheres *s = NULL;

    RGQ_PASS(err, rgq_alloc(&s, 1, sizeof *s, err));
    s->job = job;
    const rgq_status st = run(s, err);
    rgq_ball_kernel_release(&s->peak);
    rgq_free(s);
    return st;
}
