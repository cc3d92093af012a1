/* What follows from the shapes: boxes, closed forms, and whether lesions lie where they say. */
#include <math.h>
#include <string.h>

#include "core/banned.h"
#include "phantom/model.h"

static void find_box(rgq_phantom_body *body)
{
    for (int a = 0; a < 3; a++) {
        body->lo[a] = (double)INFINITY;
        body->hi[a] = -(double)INFINITY;
        for (int i = 0; i < body->n_union; i++) {
            const rgq_solid *solid = &body->solid[i];
            body->lo[a] = fmin(body->lo[a], solid->centre_mm[a] - solid->half_mm[a]);
            body->hi[a] = fmax(body->hi[a], solid->centre_mm[a] + solid->half_mm[a]);
        }
    }
}

static bool boxes_meet(const rgq_phantom_body *a, const rgq_phantom_body *b)
{
    for (int i = 0; i < 3; i++)
        if (a->hi[i] < b->lo[i] || b->hi[i] < a->lo[i])
            return false;
    return true;
}

static bool is_single_solid(const rgq_phantom_body *body)
{
    return body->n_union == 1 && body->n_except == 0 && body->solid[0].n_keep == 0;
}

static bool is_sphere(const rgq_solid *solid)
{
    const double r = solid->half_mm[0];
    return solid->kind == RGQ_SOLID_ELLIPSOID && !(solid->half_mm[1] < r) &&
           !(solid->half_mm[1] > r) && !(solid->half_mm[2] < r) && !(solid->half_mm[2] > r);
}

void rgq_phantom_complete(rgq_phantom *phantom)
{
    for (int i = 0; i < phantom->n_objects; i++)
        find_box(&phantom->body[i]);
    for (int i = 0; i < phantom->n_objects; i++) {
        rgq_phantom_object *object = &phantom->object[i];
        const rgq_phantom_body *body = &phantom->body[i];

        object->diameter_mm = object->analytic_volume_ml = (double)NAN;
        for (int a = 0; a < 3; a++)
            object->centre_mm[a] = (double)NAN;
        if (!is_single_solid(body))
            continue;
        memcpy(object->centre_mm, body->solid[0].centre_mm, sizeof object->centre_mm);
        if (is_sphere(&body->solid[0]))
            object->diameter_mm = 2.0 * body->solid[0].half_mm[0];
        bool is_covered = false;
        for (int j = i + 1; j < phantom->n_objects; j++)
            is_covered = is_covered || boxes_meet(body, &phantom->body[j]);
        if (!is_covered)
            object->analytic_volume_ml = rgq_solid_volume_ml(&body->solid[0]);
    }
}

/* i-th of n points spread evenly over the unit sphere (golden-angle spiral). */
static void spiral_point(double out[3], int i, int n)
{
    const double golden_angle = 2.39996322972865332;
    const double z = 1.0 - (2.0 * i + 1.0) / n;
    const double r = sqrt(fmax(0.0, 1.0 - z * z));

    out[0] = r * cos(golden_angle * i);
    out[1] = r * sin(golden_angle * i);
    out[2] = z;
}

static rgq_status check_host(const rgq_phantom *phantom, int i, const char *name,
                             rgq_error *err)
{
    enum { N_POINTS = 1000 };
    const rgq_phantom_object *object = &phantom->object[i];

    if (!(object->diameter_mm > 0.0))
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "%s: objects[%d] '%s' has a host; only a single sphere may have one",
                         name, i, object->name);
    for (int k = 0; k < N_POINTS; k++) {
        double p[3];
        spiral_point(p, k, N_POINTS);
        for (int a = 0; a < 3; a++)
            p[a] = object->centre_mm[a] + 0.5 * object->diameter_mm * p[a];
        const int at = rgq_phantom_paint(phantom, p, i);
        if (at >= 0 && strcmp(phantom->object[at].name, object->host) == 0)
            continue;
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "%s: objects[%d] '%s' must lie wholly in '%s', but its surface at "
                         "(%.1f, %.1f, %.1f) mm is in '%s'",
                         name, i, object->name, object->host, p[0], p[1], p[2],
                         at >= 0 ? phantom->object[at].name : "nothing");
    }
    return RGQ_OK;
}

rgq_status rgq_phantom_check_hosts(const rgq_phantom *phantom, const char *name, rgq_error *err)
{
    for (int i = 0; i < phantom->n_objects; i++)
        if (phantom->object[i].host[0] != '\0')
            RGQ_PASS(err, check_host(phantom, i, name, err));
    return RGQ_OK;
}
