/* The mouse phantom of NEMA NU 4: rods, uniformity, spill-over. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "phantom/analyse.h"
#include "phantom/find_spheres.h"

enum { RODS_MAX = 12 };
static const double pi = 3.14159265358979323846;
static const double size_tolerance = 0.15;
static const double uniform_diameter_mm = 22.5; /* NU 4-2008 */
static const double uniform_length_mm = 10.0;
static const double rod_length_mm = 10.0;
static const double chamber_diameter_mm = 4.0;
static const double chamber_length_mm = 7.5;

static const rgq_column columns[] = {
    {"region", RGQ_COLUMN_TEXT, NULL, "Name of the rod or chamber, as in the phantom file."},
    {"kind", RGQ_COLUMN_TEXT, NULL, "rod or chamber."},
    {"diameter_mm", RGQ_COLUMN_REAL, "mm", "Its inner diameter."},
    {"rc", RGQ_COLUMN_REAL, NULL,
     "Of a rod: mean along the line through its hottest pixel over the uniform mean."},
    {"rc_sd_percent", RGQ_COLUMN_REAL, "%",
     "Root of the squares of both coefficients of variation, of line and uniform part."},
    {"spill_over_ratio", RGQ_COLUMN_REAL, NULL, "Of a chamber: mean over the uniform mean."},
    {"spill_over_sd_percent", RGQ_COLUMN_REAL, "%", "As of a rod."},
};

/* A rod or a chamber. */
typedef struct part {
    int object;
    double diameter_mm, centre_mm[3], half_length_mm;
} part;

typedef struct mouse {
    rgq_analyse_job *job;
    const rgq_solid *uniform;
    part rod[RODS_MAX], chamber[RODS_MAX];
    int n_rods, n_chambers;
    double rods_from, rods_to;   /* along z of the phantom: all rods */
    double clear_from, clear_to; /* the uniform part without chambers */
    rgq_placement chambers;      /* the lid may be turned */
    double mean, sd;             /* of the uniform part */
} mouse;

/* Cylinders along z: inside the uniform part they are chambers, outside rods. */
static rgq_status list_parts(mouse *m, rgq_error *err)
{
    const rgq_phantom *phantom = m->job->phantom;
    const rgq_phantom_body *body = &phantom->body[phantom->background];

    m->uniform = &body->solid[0];
    m->clear_from = m->uniform->centre_mm[2] - m->uniform->half_mm[2];
    m->clear_to = m->uniform->centre_mm[2] + m->uniform->half_mm[2];
    m->rods_from = (double)INFINITY;
    m->rods_to = -(double)INFINITY;
    for (int i = 0; i < phantom->n_objects; i++) {
        const rgq_solid *solid = &phantom->body[i].solid[0];
        if (i == phantom->background || phantom->object[i].label == 0 ||
            isnan(phantom->object[i].centre_mm[0]) || solid->kind != RGQ_SOLID_CYLINDER ||
            solid->axis != 2)
            continue;
        part p = {i, 2.0 * solid->half_mm[0], {0.0, 0.0, 0.0}, solid->half_mm[2]};
        memcpy(p.centre_mm, solid->centre_mm, sizeof p.centre_mm);
        const double lo = solid->centre_mm[2] - solid->half_mm[2];
        const double hi = solid->centre_mm[2] + solid->half_mm[2];
        const bool inside =
            solid->centre_mm[2] > m->uniform->centre_mm[2] - m->uniform->half_mm[2];
        if (inside && m->n_chambers < RODS_MAX) {
            m->chamber[m->n_chambers++] = p;
            m->clear_to = fmin(m->clear_to, lo);
        } else if (!inside && m->n_rods < RODS_MAX) {
            m->rod[m->n_rods++] = p;
            m->rods_from = fmin(m->rods_from, lo);
            m->rods_to = fmax(m->rods_to, hi);
        }
    }
    if (body->n_union != 1 || m->uniform->kind != RGQ_SOLID_CYLINDER || m->uniform->axis != 2 ||
        m->n_rods < 2 || !(m->clear_to - m->clear_from >= uniform_length_mm) ||
        !(m->rods_to - m->rods_from >= rod_length_mm))
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "'%s' is not built as the mouse phantom: a uniform cylinder along z, "
                         "rods before it, chambers in its far end",
                         phantom->id);
    return RGQ_OK;
}

/* Mean and sd over a cylinder along the axis, by whole slices whose middle lies within. */
static rgq_roi column_roi(const mouse *m, const rgq_placement *place, const double at[3],
                          double diameter_mm, double length_mm)
{
    const rgq_view *view = m->job->view;
    double c[3];
    int range[2];
    double w = 0.0;
    double v = 0.0;
    double v2 = 0.0;

    rgq_placement_apply(place, at, c);
    rgq_view_range(view, 2, c[2], 0.5 * (length_mm - view->step[2]), range);
    for (int k = range[0]; k <= range[1]; k++) {
        const rgq_roi roi = rgq_view_disc(view, k, c, 0.5 * diameter_mm);
        if (!(roi.weight > 0.0))
            continue;
        w += roi.weight;
        v += roi.weight * roi.mean;
        v2 += roi.weight * (roi.sd * roi.sd + roi.mean * roi.mean);
    }
    const double mean = w > 0.0 ? v / w : (double)NAN;
    return (rgq_roi){mean, sqrt(fmax(v2 / w - mean * mean, 0.0)), (double)NAN, w};
}

/* Sum over the rods of what they should hold: diameter times what is in a disc of it. */
static double rods_score(const mouse *m, const rgq_placement *place)
{
    double score = 0.0;

    for (int i = 0; i < m->n_rods; i++)
        score += m->rod[i].diameter_mm *
                 column_roi(m, place, m->rod[i].centre_mm, m->rod[i].diameter_mm, rod_length_mm)
                     .mean;
    return score;
}

/* Turn about the axis, and which way round; the direction of the axis is `reversed`. */
static void find_angle(mouse *m, const double centre[3], bool reversed)
{
    rgq_analyse_job *job = m->job;
    const double none[3] = {0.0, 0.0, 0.0};
    double best = -(double)INFINITY;

    for (int mirrored = 0; mirrored < 2; mirrored++)
        for (int degree = 0; degree < 360; degree += 2) {
            rgq_placement place =
                rgq_placement_make(none, degree * pi / 180.0, mirrored == 1, reversed);
            double shift[3];
            rgq_placement_apply(&place, m->uniform->centre_mm, shift);
            for (int a = 0; a < 3; a++)
                place.origin[a] = centre[a] - shift[a];
            const double score = rods_score(m, &place);
            if (!(score > best))
                continue;
            best = score;
            job->place = place;
        }
}

/* Which end has the rods: there is more beyond that end of the uniform part. */
static bool find_reversed(const mouse *m, const double centre[3])
{
    const double none[3] = {0.0, 0.0, 0.0};
    const double middle[3] = {0.0, 0.0,
                              0.5 * (m->rods_from + m->rods_to) - m->uniform->centre_mm[2]};
    double level[2];

    for (int r = 0; r < 2; r++) {
        rgq_placement place = rgq_placement_make(none, 0.0, false, r == 1);
        memcpy(place.origin, centre, sizeof place.origin);
        const double mean =
            column_roi(m, &place, middle, m->uniform->half_mm[0] * 1.6, rod_length_mm).mean;
        level[r] = isnan(mean) ? 0.0 : mean;
    }
    return level[1] > level[0];
}

static rgq_status find_place(mouse *m, rgq_error *err)
{
    rgq_analyse_job *job = m->job;
    rgq_extent extent;
    const double want = m->uniform->half_mm[0];

    if (job->opts->is_placed) {
        job->place = rgq_analyse_by_hand(job->view, job->opts);
        return RGQ_OK;
    }
    RGQ_PASS(err, rgq_analyse_extent(&extent, job->view, job->phantom->id, err));
    const double length = 2.0 * m->uniform->half_mm[2];
    if (!(fabs(extent.radius_mm / want - 1.0) <= size_tolerance) ||
        !(fabs(extent.length_mm / length - 1.0) <= 2.0 * size_tolerance))
        return RGQ_RAISE(
            err, RGQ_E_NOTFOUND,
            "no '%s' in the scan: what is in it is %.1f mm wide and %.1f mm long, a "
            "uniform part of %.1f x %.1f mm was needed; where it is known, --place "
            "X,Y,Z,ANGLE says it",
            job->phantom->id, 2.0 * extent.radius_mm, extent.length_mm, 2.0 * want, length);
    job->out->agreement = 1.0 - fabs(extent.radius_mm / want - 1.0);
    find_angle(m, extent.centre_mm, find_reversed(m, extent.centre_mm));
    return RGQ_OK;
}

/* The lid with the chambers may sit at any angle: where the chambers are coldest, within a
 * quarter turn of where the file has them. */
static void find_lid(mouse *m)
{
    double best = (double)INFINITY;

    m->chambers = m->job->place;
    for (int degree = -88; degree <= 90 && m->n_chambers > 0; degree += 2) {
        rgq_placement place = m->job->place;
        const double c = cos(degree * pi / 180.0);
        const double s = sin(degree * pi / 180.0);
        double sum = 0.0;
        for (int r = 0; r < 3; r++) {
            place.axis[r][0] = c * m->job->place.axis[r][0] + s * m->job->place.axis[r][1];
            place.axis[r][1] = c * m->job->place.axis[r][1] - s * m->job->place.axis[r][0];
        }
        for (int i = 0; i < m->n_chambers; i++)
            sum += column_roi(m, &place, m->chamber[i].centre_mm, m->chamber[i].diameter_mm,
                              chamber_length_mm)
                       .mean;
        if (sum < best - 1e-9 * fabs(best) || !isfinite(best)) {
            best = sum;
            m->chambers = place;
        }
    }
}

/* ---- rods ---- */

/* The hottest pixel of the slices' mean in a disc of twice the diameter. */
static void find_line(const mouse *m, const part *rod, const int slices[2], int at[2])
{
    const rgq_view *view = m->job->view;
    double c[3];
    int x[2];
    int y[2];
    double best = -(double)INFINITY;

    rgq_placement_apply(&m->job->place, rod->centre_mm, c);
    rgq_view_range(view, 0, c[0], rod->diameter_mm, x);
    rgq_view_range(view, 1, c[1], rod->diameter_mm, y);
    at[0] = x[0];
    at[1] = y[0];
    for (int j = y[0]; j <= y[1]; j++)
        for (int i = x[0]; i <= x[1]; i++) {
            double sum = 0.0;
            if (hypot(i * view->step[0] - c[0], j * view->step[1] - c[1]) > rod->diameter_mm)
                continue;
            for (int k = slices[0]; k <= slices[1]; k++)
                sum += rgq_view_at(view, i, j, k);
            if (!(sum > best))
                continue;
            best = sum;
            at[0] = i;
            at[1] = j;
        }
}

static rgq_status add_rod(mouse *m, const part *rod, rgq_error *err)
{
    const rgq_view *view = m->job->view;
    rgq_table *t = m->job->out->table;
    double c[3];
    int slices[2];
    int at[2];
    double sum = 0.0;
    double sum2 = 0.0;

    rgq_placement_apply(&m->job->place, rod->centre_mm, c);
    rgq_view_range(view, 2, c[2], 0.5 * (rod_length_mm - view->step[2]), slices);
    if (slices[1] < slices[0])
        return RGQ_RAISE(err, RGQ_E_NOTFOUND, "'%s' lies outside the scan",
                         m->job->phantom->object[rod->object].name);
    find_line(m, rod, slices, at);
    const double n = slices[1] - slices[0] + 1.0;
    for (int k = slices[0]; k <= slices[1]; k++) {
        const double v = rgq_view_at(view, at[0], at[1], k);
        sum += v;
        sum2 += v * v;
    }
    const double mean = sum / n;
    const double sd = n > 1.0 ? sqrt(fmax(sum2 - n * mean * mean, 0.0) / (n - 1.0)) : 0.0;
    RGQ_PASS(err, rgq_table_add_row(t, err));
    RGQ_PASS(err,
             rgq_table_set_text(t, "region", m->job->phantom->object[rod->object].name, err));
    RGQ_PASS(err, rgq_table_set_text(t, "kind", "rod", err));
    rgq_table_set_real(t, "diameter_mm", rod->diameter_mm);
    rgq_table_set_real(t, "rc", mean / m->mean);
    rgq_table_set_real(t, "rc_sd_percent", 100.0 * hypot(sd / mean, m->sd / m->mean));
    rgq_analyse_mark(m->job, c, rod->diameter_mm, 0, m->job->phantom->object[rod->object].name);
    return RGQ_OK;
}

static rgq_status add_chamber(mouse *m, const part *chamber, rgq_error *err)
{
    const rgq_roi roi =
        column_roi(m, &m->chambers, chamber->centre_mm, chamber_diameter_mm, chamber_length_mm);
    rgq_table *t = m->job->out->table;
    double c[3];

    RGQ_PASS(err, rgq_table_add_row(t, err));
    RGQ_PASS(err, rgq_table_set_text(t, "region", m->job->phantom->object[chamber->object].name,
                                     err));
    RGQ_PASS(err, rgq_table_set_text(t, "kind", "chamber", err));
    rgq_table_set_real(t, "diameter_mm", chamber->diameter_mm);
    rgq_table_set_real(t, "spill_over_ratio", roi.mean / m->mean);
    rgq_table_set_real(t, "spill_over_sd_percent",
                       100.0 * hypot(roi.sd / roi.mean, m->sd / m->mean));
    rgq_placement_apply(&m->chambers, chamber->centre_mm, c);
    rgq_analyse_mark(m->job, c, 0.5 * chamber_diameter_mm, 2, "");
    return RGQ_OK;
}

static rgq_status measure_uniform(mouse *m, rgq_error *err)
{
    rgq_analyse_job *job = m->job;
    const rgq_view *view = job->view;
    const double at[3] = {m->uniform->centre_mm[0], m->uniform->centre_mm[1],
                          0.5 * (m->clear_from + m->clear_to)};
    const rgq_roi roi = column_roi(m, &job->place, at, uniform_diameter_mm, uniform_length_mm);
    double c[3];
    int range[2];
    double lo = (double)INFINITY;
    double hi = -(double)INFINITY;

    if (!(roi.mean > 0.0))
        return RGQ_RAISE(err, RGQ_E_NOTFOUND, "the uniform part of '%s' holds no activity",
                         job->phantom->id);
    m->mean = roi.mean;
    m->sd = roi.sd;
    rgq_placement_apply(&job->place, at, c);
    rgq_view_range(view, 2, c[2], 0.5 * (uniform_length_mm - view->step[2]), range);
    for (int k = range[0]; k <= range[1]; k++)
        for (int j = 0; j < view->grid.n[1]; j++)
            for (int i = 0; i < view->grid.n[0]; i++)
                if (hypot(i * view->step[0] - c[0], j * view->step[1] - c[1]) <=
                    0.5 * uniform_diameter_mm) {
                    lo = fmin(lo, rgq_view_at(view, i, j, k));
                    hi = fmax(hi, rgq_view_at(view, i, j, k));
                }
    rgq_analyse_finding(job, "uniform_mean", m->mean, m->sd, "scan",
                        "mean in the uniform part; sd of a voxel");
    rgq_analyse_finding(job, "uniform_min", lo, (double)NAN, "scan", "lowest voxel of it");
    rgq_analyse_finding(job, "uniform_max", hi, (double)NAN, "scan", "highest voxel of it");
    rgq_analyse_finding(job, "uniform_sd_percent", 100.0 * m->sd / m->mean, (double)NAN, "%",
                        "coefficient of variation of its voxels");
    rgq_analyse_finding(job, "uniform_recovery",
                        m->mean /
                            (job->opts->background > 0.0 ? job->opts->background : (double)NAN),
                        (double)NAN, "1", "its mean over the true concentration");
    return RGQ_OK;
}

static rgq_status run(mouse *m, rgq_error *err)
{
    rgq_analyse_job *job = m->job;
    double middle[3] = {0.0, 0.0, 0.0};

    RGQ_PASS(err, list_parts(m, err));
    RGQ_PASS(err, find_place(m, err));
    RGQ_PASS(err, measure_uniform(m, err));
    find_lid(m);
    RGQ_PASS(err, rgq_table_create(&job->out->table, columns,
                                   sizeof columns / sizeof columns[0], err));
    for (int i = 0; i < m->n_rods; i++)
        RGQ_PASS(err, add_rod(m, &m->rod[i], err));
    for (int i = 0; i < m->n_chambers; i++)
        RGQ_PASS(err, add_chamber(m, &m->chamber[i], err));
    const double at[3] = {0.0, 0.0, 0.5 * (m->rods_from + m->rods_to)};
    rgq_placement_apply(&job->place, at, middle);
    rgq_view_to_world(job->view, middle, job->out->plane_world_mm);
    return RGQ_OK;
}

rgq_status rgq_analyse_rods(rgq_analyse_job *job, rgq_error *err)
{
    mouse *m = NULL;

    RGQ_PASS(err, rgq_alloc(&m, 1, sizeof *m, err));
    m->job = job;
    const rgq_status st = run(m, err);
    rgq_free(m);
    return st;
}
