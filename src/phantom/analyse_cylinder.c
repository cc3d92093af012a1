/* A uniform cylinder: level, noise, uniformity, calibration. */
#include <math.h>
#include <stdio.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "phantom/analyse.h"
#include "phantom/find_spheres.h"

static const double pi = 3.14159265358979323846;
static const double size_tolerance = 0.15; /* of diameter, of what the file says */
static const double spot_mm = 10.0; /* radius of the discs of the transaxial uniformity */

static const rgq_column columns[] = {
    {"z_mm", RGQ_COLUMN_REAL, "mm", "Position along the axis from the middle."},
    {"mean", RGQ_COLUMN_REAL, NULL, "Mean of the slice inside the margin, in the scan's unit."},
    {"sd", RGQ_COLUMN_REAL, NULL, "Standard deviation of its voxels."},
    {"cov_percent", RGQ_COLUMN_REAL, "%", "The same over the mean: noise."},
    {"spot_min_percent", RGQ_COLUMN_REAL, "%",
     "Lowest disc of 20 mm of the slice over the slice's mean, less 1."},
    {"spot_max_percent", RGQ_COLUMN_REAL, "%", "Highest, likewise."},
};

/* Voxels above `level` in each slice. */
static void count_slices(double *area, const rgq_view *view, double level)
{
    const size_t plane = (size_t)view->grid.n[0] * (size_t)view->grid.n[1];

    for (int k = 0; k < view->grid.n[2]; k++) {
        size_t n = 0;
        for (size_t i = 0; i < plane; i++)
            n += (double)view->value[(size_t)k * plane + i] > level ? 1 : 0;
        area[k] = (double)n * view->step[0] * view->step[1];
    }
}

/* Centroid of what is above `level` in the slices first .. last. */
static void find_centre(double centre[3], const rgq_view *view, double level, int first,
                        int last)
{
    double sum[3] = {0.0, 0.0, 0.0};
    double n = 0.0;

    for (int k = first; k <= last; k++)
        for (int j = 0; j < view->grid.n[1]; j++)
            for (int i = 0; i < view->grid.n[0]; i++) {
                if (!(rgq_view_at(view, i, j, k) > level))
                    continue;
                sum[0] += i;
                sum[1] += j;
                sum[2] += k;
                n += 1.0;
            }
    for (int a = 0; a < 3; a++)
        centre[a] = n > 0.0 ? sum[a] / n * view->step[a] : 0.0;
}

rgq_status rgq_analyse_extent(rgq_extent *out, const rgq_view *view, const char *id,
                              rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_view blurred = {.value = NULL};
    double *area = NULL;
    double level = 0.0;
    double most = 0.0;
    int first = -1;
    int last = -1;
    const double blur_mm = 2.0 * fmin(view->step[0], view->step[1]);

    RGQ_TRY(err, rgq_view_blur(&blurred, view, blur_mm, err));
    RGQ_TRY(err, rgq_view_level(&level, &blurred, err));
    RGQ_TRY(err, rgq_alloc(&area, (size_t)view->grid.n[2], sizeof *area, err));
    if (level > 0.0)
        count_slices(area, &blurred, 0.5 * level);
    for (int k = 0; k < view->grid.n[2]; k++)
        most = fmax(most, area[k]);
    for (int k = 0; k < view->grid.n[2]; k++)
        if (most > 0.0 && area[k] > 0.5 * most) {
            first = first < 0 ? k : first;
            last = k;
        }
    if (first < 0) {
        st = RGQ_RAISE(err, RGQ_E_NOTFOUND, "no '%s' in the scan: it holds no activity", id);
        goto out;
    }
    find_centre(out->centre_mm, &blurred, 0.5 * level, first, last);
    out->length_mm = (last - first + 1) * view->step[2];
    out->radius_mm = sqrt(area[(first + last) / 2] / pi);
out:
    rgq_view_release(&blurred);
    rgq_free(area);
    return st;
}

/* The one cylinder of the file. */
static rgq_status find_solid(const rgq_solid **out, const rgq_phantom *phantom, rgq_error *err)
{
    const rgq_phantom_body *body = &phantom->body[phantom->background];

    if (body->n_union != 1 || body->solid[0].kind != RGQ_SOLID_CYLINDER ||
        body->solid[0].axis != 2)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "the background of '%s' is no cylinder along z", phantom->id);
    *out = &body->solid[0];
    return RGQ_OK;
}

static rgq_status find_place(rgq_analyse_job *job, const rgq_solid *solid, double *length_mm,
                             rgq_error *err)
{
    rgq_extent extent;
    const double want = solid->half_mm[0];

    *length_mm = 2.0 * solid->half_mm[2];
    if (job->opts->is_placed) {
        job->place = rgq_analyse_by_hand(job->view, job->opts);
        return RGQ_OK;
    }
    RGQ_PASS(err, rgq_analyse_extent(&extent, job->view, job->phantom->id, err));
    if (!(fabs(extent.radius_mm / want - 1.0) <= size_tolerance))
        return RGQ_RAISE(err, RGQ_E_NOTFOUND,
                         "no '%s' in the scan: what is in it is %.0f mm wide, a cylinder of "
                         "%.0f mm was needed; where it is known, --place X,Y,Z,ANGLE says it",
                         job->phantom->id, 2.0 * extent.radius_mm, 2.0 * want);
    job->out->agreement = 1.0 - fabs(extent.radius_mm / want - 1.0);
    job->place = rgq_placement_make(extent.centre_mm, 0.0, false, false);
    *length_mm = fmin(*length_mm, extent.length_mm);
    return RGQ_OK;
}

/* Lowest and highest disc on a raster inside the radius, over the mean of the slice. */
static void measure_spots(const rgq_view *view, int k, const double centre[3], double radius,
                          double mean, double out[2])
{
    const int reach = (int)((radius - spot_mm) / (2.0 * spot_mm));

    out[0] = (double)INFINITY;
    out[1] = -(double)INFINITY;
    for (int j = -reach; j <= reach; j++)
        for (int i = -reach; i <= reach; i++) {
            const double at[3] = {centre[0] + 2.0 * spot_mm * i, centre[1] + 2.0 * spot_mm * j,
                                  centre[2]};
            if (2.0 * spot_mm * hypot(i, j) > radius - spot_mm)
                continue;
            const rgq_roi roi = rgq_view_disc(view, k, at, spot_mm);
            if (!(roi.weight > 0.0))
                continue;
            out[0] = fmin(out[0], roi.mean / mean - 1.0);
            out[1] = fmax(out[1], roi.mean / mean - 1.0);
        }
}

/* Sums over the slices that count. */
typedef struct level {
    double n, sum, sum2, within; /* slices; of their means, squares of means, variances */
    double spot_lo, spot_hi;
} level;

static rgq_status add_slice(rgq_analyse_job *job, level *l, int k, double radius,
                            rgq_error *err)
{
    const double *centre = job->place.origin;
    const rgq_roi roi = rgq_view_disc(job->view, k, centre, radius);
    rgq_table *t = job->out->table;
    double spot[2];

    if (!(roi.weight > 0.0) || !(roi.mean > 0.0))
        return RGQ_OK;
    measure_spots(job->view, k, centre, radius, roi.mean, spot);
    RGQ_PASS(err, rgq_table_add_row(t, err));
    rgq_table_set_real(t, "z_mm", k * job->view->step[2] - centre[2]);
    rgq_table_set_real(t, "mean", roi.mean);
    rgq_table_set_real(t, "sd", roi.sd);
    rgq_table_set_real(t, "cov_percent", 100.0 * roi.sd / roi.mean);
    rgq_table_set_real(t, "spot_min_percent",
                       isfinite(spot[0]) ? 100.0 * spot[0] : (double)NAN);
    rgq_table_set_real(t, "spot_max_percent",
                       isfinite(spot[1]) ? 100.0 * spot[1] : (double)NAN);
    l->n += 1.0;
    l->sum += roi.mean;
    l->sum2 += roi.mean * roi.mean;
    l->within += roi.sd * roi.sd;
    l->spot_lo = fmin(l->spot_lo, spot[0]);
    l->spot_hi = fmax(l->spot_hi, spot[1]);
    return RGQ_OK;
}

static void note(rgq_analyse_job *job, const level *l)
{
    rgq_phantom_analysis *out = job->out;
    const double mean = l->sum / l->n;
    const double between =
        l->n > 1.0 ? sqrt(fmax(l->sum2 - l->n * mean * mean, 0.0) / (l->n - 1.0)) : (double)NAN;

    out->mean_level = mean;
    out->mean_level_sd = between / sqrt(l->n);
    rgq_analyse_finding(job, "level", mean, out->mean_level_sd, "scan",
                        "mean inside the margin; sd of that mean from the slices' spread");
    rgq_analyse_finding(job, "noise_percent", 100.0 * sqrt(l->within / l->n) / mean,
                        (double)NAN, "%", "coefficient of variation of the voxels of a slice");
    rgq_analyse_finding(job, "axial_uniformity_percent", 100.0 * between / mean, (double)NAN,
                        "%", "coefficient of variation of the means of the slices");
    rgq_analyse_finding(job, "spot_min_percent", 100.0 * l->spot_lo, (double)NAN, "%",
                        "lowest disc of 20 mm against the mean of its slice");
    rgq_analyse_finding(job, "spot_max_percent", 100.0 * l->spot_hi, (double)NAN, "%",
                        "highest disc of 20 mm against the mean of its slice");
    rgq_analyse_finding(job, "slices", l->n, (double)NAN, "1", "slices that counted");
    if (!(job->opts->background > 0.0))
        return;
    out->calibration_factor = job->opts->background / mean;
    out->calibration_sd = out->calibration_factor * out->mean_level_sd / mean;
    rgq_analyse_finding(job, "calibration_factor", out->calibration_factor, out->calibration_sd,
                        "1", "true over measured concentration");
}

rgq_status rgq_analyse_cylinder(rgq_analyse_job *job, rgq_error *err)
{
    const double margin = job->phantom->measure.margin_mm;
    const rgq_solid *solid = NULL;
    level l = {.spot_lo = (double)INFINITY, .spot_hi = -(double)INFINITY};
    double length_mm = 0.0;

    RGQ_PASS(err, find_solid(&solid, job->phantom, err));
    RGQ_PASS(err, find_place(job, solid, &length_mm, err));
    const double radius = solid->half_mm[0] - margin;
    RGQ_PASS(err, rgq_table_create(&job->out->table, columns,
                                   sizeof columns / sizeof columns[0], err));
    for (int k = 0; k < job->view->grid.n[2]; k++)
        if (fabs(k * job->view->step[2] - job->place.origin[2]) <= 0.5 * length_mm - margin)
            RGQ_PASS(err, add_slice(job, &l, k, radius, err));
    if (!(l.n > 0.0))
        return RGQ_RAISE(err, RGQ_E_NOTFOUND,
                         "no slice lies %g mm inside the ends of '%s', or none holds activity",
                         margin, job->phantom->id);
    note(job, &l);
    rgq_analyse_mark(job, job->place.origin, radius, 1, "");
    rgq_view_to_world(job->view, job->place.origin, job->out->plane_world_mm);
    return RGQ_OK;
}
