/* Cold spheres and cold rods in a filled cylinder: contrast. */
#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "phantom/analyse.h"
#include "phantom/find_spheres.h"

static const double rods_length_mm = 60.0; /* of the rods, about their middle */

static const rgq_column columns[] = {
    {"region", RGQ_COLUMN_TEXT, NULL, "Name of the sphere, or of the sector of rods."},
    {"kind", RGQ_COLUMN_TEXT, NULL, "sphere or rods."},
    {"diameter_mm", RGQ_COLUMN_REAL, "mm", "Diameter of the sphere, or of one rod."},
    {"contrast_percent", RGQ_COLUMN_REAL, "%",
     "1 less the mean over the mean of the filled part: over the sphere, voxels by the part of "
     "them inside; over discs of the rods' diameter."},
    {"contrast_max_percent", RGQ_COLUMN_REAL, "%",
     "The same of the voxel nearest to the centre of the sphere, or to the axes of the rods."},
    {"x_mm", RGQ_COLUMN_REAL, "mm", "Centre of the sphere, world RAS+: to the right."},
    {"y_mm", RGQ_COLUMN_REAL, "mm", "The same, to the front."},
    {"z_mm", RGQ_COLUMN_REAL, "mm", "The same, to the head."},
};

typedef struct cold {
    rgq_analyse_job *job;
    int n;
    int object[RGQ_SPHERES_MAX];
    double mean, sd; /* of the filled part */
} cold;

static rgq_status list_spheres(cold *c, rgq_error *err)
{
    const rgq_phantom *phantom = c->job->phantom;

    for (int i = 0; i < phantom->n_objects && c->n < RGQ_SPHERES_MAX; i++)
        if (phantom->object[i].diameter_mm > 0.0 && phantom->object[i].host[0] != '\0')
            c->object[c->n++] = i;
    if (c->n < 3)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "'%s' has %d spheres; at least 3 are needed to find it", phantom->id,
                         c->n);
    return RGQ_OK;
}

static rgq_status find_place(cold *c, rgq_error *err)
{
    rgq_analyse_job *job = c->job;

    if (job->opts->is_placed) {
        job->place = rgq_analyse_by_hand(job->view, job->opts);
        return RGQ_OK;
    }
    return rgq_find_spheres(&job->place, &job->out->agreement, job->view, job->phantom,
                            c->object, c->n, -1.0, err);
}

/* The filled part: what lies a margin away from every surface, in the world of the file. */
static rgq_status measure_filled(cold *c, rgq_error *err)
{
    rgq_analyse_job *job = c->job;
    const rgq_phantom *phantom = job->phantom;
    const rgq_view *view = job->view;
    const double margin = phantom->measure.margin_mm;
    double n = 0.0;
    double sum = 0.0;
    double sum2 = 0.0;

    for (int k = 0; k < view->grid.n[2]; k++)
        for (int j = 0; j < view->grid.n[1]; j++)
            for (int i = 0; i < view->grid.n[0]; i++) {
                const double at[3] = {i * view->step[0], j * view->step[1], k * view->step[2]};
                double p[3];
                rgq_placement_invert(&job->place, at, p);
                bool clear =
                    rgq_phantom_body_depth(&phantom->body[phantom->background], p) <= -margin;
                for (int o = 0; o < phantom->n_objects && clear; o++)
                    clear = o == phantom->background ||
                            rgq_phantom_body_depth(&phantom->body[o], p) >= margin;
                if (!clear)
                    continue;
                const double v = rgq_view_at(view, i, j, k);
                n += 1.0;
                sum += v;
                sum2 += v * v;
            }
    if (!(n > 0.0) || !(sum > 0.0))
        return RGQ_RAISE(err, RGQ_E_NOTFOUND,
                         "no filled part of '%s' lies in the scan %g mm from its surfaces",
                         phantom->id, margin);
    c->mean = sum / n;
    c->sd = sqrt(fmax(sum2 / n - c->mean * c->mean, 0.0));
    rgq_analyse_finding(job, "filled_mean", c->mean, c->sd, "scan",
                        "mean of the filled part; sd of a voxel");
    rgq_analyse_finding(job, "noise_percent", 100.0 * c->sd / c->mean, (double)NAN, "%",
                        "coefficient of variation of its voxels");
    rgq_analyse_finding(job, "filled_recovery",
                        c->mean /
                            (job->opts->background > 0.0 ? job->opts->background : (double)NAN),
                        (double)NAN, "1", "its mean over the true concentration");
    return RGQ_OK;
}

/* Value of the voxel a point lies in; NaN outside. */
static double nearest(const rgq_view *view, const double at[3])
{
    int i[3];

    for (int a = 0; a < 3; a++) {
        const double index = floor(at[a] / view->step[a] + 0.5);
        if (!(index >= 0.0 && index < view->grid.n[a]))
            return (double)NAN;
        i[a] = (int)index;
    }
    return rgq_view_at(view, i[0], i[1], i[2]);
}

static rgq_status add_row(cold *c, int object, const char *kind, double diameter, double mean,
                          double centre, rgq_error *err)
{
    rgq_table *t = c->job->out->table;

    RGQ_PASS(err, rgq_table_add_row(t, err));
    RGQ_PASS(err, rgq_table_set_text(t, "region", c->job->phantom->object[object].name, err));
    RGQ_PASS(err, rgq_table_set_text(t, "kind", kind, err));
    rgq_table_set_real(t, "diameter_mm", diameter);
    rgq_table_set_real(t, "contrast_percent", 100.0 * (1.0 - mean / c->mean));
    rgq_table_set_real(t, "contrast_max_percent", 100.0 * (1.0 - centre / c->mean));
    return RGQ_OK;
}

static rgq_status add_sphere(cold *c, int object, rgq_error *err)
{
    const rgq_analyse_job *job = c->job;
    const rgq_phantom_object *o = &job->phantom->object[object];
    rgq_table *t = job->out->table;
    double at[3];
    double world[3];

    rgq_placement_apply(&job->place, o->centre_mm, at);
    RGQ_PASS(err, add_row(c, object, "sphere", o->diameter_mm,
                          rgq_view_ball(job->view, at, 0.5 * o->diameter_mm).mean,
                          nearest(job->view, at), err));
    rgq_view_to_world(job->view, at, world);
    rgq_table_set_real(t, "x_mm", world[0]);
    rgq_table_set_real(t, "y_mm", world[1]);
    rgq_table_set_real(t, "z_mm", world[2]);
    rgq_analyse_mark(c->job, at, 0.5 * o->diameter_mm, 0, o->name);
    return RGQ_OK;
}

/* A sector: an object of several cylinders along z, all of one width. */
static bool is_sector(const rgq_phantom *phantom, int object)
{
    const rgq_phantom_body *body = &phantom->body[object];

    for (int i = 0; i < body->n_union; i++)
        if (body->solid[i].kind != RGQ_SOLID_CYLINDER || body->solid[i].axis != 2 ||
            fabs(body->solid[i].half_mm[0] - body->solid[0].half_mm[0]) > 1e-9)
            return false;
    return body->n_union > 1 && object != phantom->background;
}

static rgq_status add_sector(cold *c, int object, rgq_error *err)
{
    const rgq_analyse_job *job = c->job;
    const rgq_phantom_body *body = &job->phantom->body[object];
    const double radius = body->solid[0].half_mm[0];
    double sum = 0.0;
    double axis = 0.0;
    double n = 0.0;

    for (int i = 0; i < body->n_union; i++) {
        double at[3];
        int slices[2];
        rgq_placement_apply(&job->place, body->solid[i].centre_mm, at);
        const double half = fmin(0.5 * rods_length_mm, body->solid[i].half_mm[2]);
        rgq_view_range(job->view, 2, at[2], half - 0.5 * job->view->step[2], slices);
        for (int k = slices[0]; k <= slices[1]; k++) {
            const rgq_roi roi = rgq_view_disc(job->view, k, at, radius);
            const double point[3] = {at[0], at[1], k * job->view->step[2]};
            const double value = nearest(job->view, point);
            if (!(roi.weight > 0.0) || isnan(value))
                continue;
            sum += roi.mean;
            axis += value;
            n += 1.0;
        }
    }
    return add_row(c, object, "rods", 2.0 * radius, n > 0.0 ? sum / n : (double)NAN,
                   n > 0.0 ? axis / n : (double)NAN, err);
}

static rgq_status run(cold *c, rgq_error *err)
{
    rgq_analyse_job *job = c->job;
    double at[3];

    RGQ_PASS(err, list_spheres(c, err));
    RGQ_PASS(err, find_place(c, err));
    RGQ_PASS(err, measure_filled(c, err));
    RGQ_PASS(err, rgq_table_create(&job->out->table, columns,
                                   sizeof columns / sizeof columns[0], err));
    for (int i = 0; i < c->n; i++)
        RGQ_PASS(err, add_sphere(c, c->object[i], err));
    for (int i = 0; i < job->phantom->n_objects; i++)
        if (is_sector(job->phantom, i))
            RGQ_PASS(err, add_sector(c, i, err));
    rgq_placement_apply(&job->place, job->phantom->object[c->object[0]].centre_mm, at);
    rgq_view_to_world(job->view, at, job->out->plane_world_mm);
    return RGQ_OK;
}

rgq_status rgq_analyse_cold(rgq_analyse_job *job, rgq_error *err)
{
    cold *c = NULL;

    RGQ_PASS(err, rgq_alloc(&c, 1, sizeof *c, err));
    c->job = job;
    const rgq_status st = run(c, err);
    rgq_free(c);
    return st;
}
