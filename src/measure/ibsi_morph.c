/* Morphology: features of the mesh, of its hull, of the voxels' places. */
#include "core/banned.h"
#include "measure/ibsi_mesh.h"

static const double pi = 3.14159265358979323846;

/* Places in the reference table. */
enum {
    VOLUME,
    VOLUME_APPROX,
    AREA,
    AREA_BY_VOLUME,
    COMPACT_1,
    COMPACT_2,
    DISPROPORTION,
    SPHERICITY,
    ASPHERICITY,
    SHIFT,
    DIAMETER,
    MAJOR,
    MINOR,
    LEAST,
    ELONGATION,
    FLATNESS,
    V_BOX,
    A_BOX,
    V_ORIENTED_BOX,
    A_ORIENTED_BOX,
    V_PRINCIPAL,
    A_PRINCIPAL,
    V_HULL_ELLIPSOID,
    A_HULL_ELLIPSOID,
    V_HULL,
    A_HULL,
    INTEGRATED,
    MORAN,
    GEARY
};

static void of_mesh(double out[IBSI_MORPH], const ibsi_mesh *mesh, const ibsi_roi *roi)
{
    const double *mm = roi->spacing_mm;
    const double v = mesh->volume_mm3;
    const double a = mesh->area_mm2;
    const double sphere = cbrt(36.0 * pi * v * v); /* area of a sphere of that volume */

    out[VOLUME] = v;
    out[VOLUME_APPROX] = (double)roi->n_morph * mm[0] * mm[1] * mm[2];
    out[AREA] = a;
    out[AREA_BY_VOLUME] = a / v;
    out[COMPACT_1] = v / (sqrt(pi) * a * sqrt(a));
    out[COMPACT_2] = 36.0 * pi * v * v / (a * a * a);
    out[DISPROPORTION] = a / sphere;
    out[SPHERICITY] = sphere / a;
    out[ASPHERICITY] = a / sphere - 1.0;
    if (roi->count > 0)
        out[INTEGRATED] = v * roi->mean;
}

static void compare_to_box(double out[IBSI_MORPH], int place, const double side[3])
{
    out[place] = out[VOLUME] / (side[0] * side[1] * side[2]);
    out[place + 1] =
        out[AREA] / (2.0 * (side[0] * side[1] + side[0] * side[2] + side[1] * side[2]));
}

static void compare_to_ellipsoid(double out[IBSI_MORPH], int place, const double semi[3])
{
    if (!(semi[2] > 0.0))
        return;
    out[place] = out[VOLUME] / (4.0 / 3.0 * pi * semi[0] * semi[1] * semi[2]);
    out[place + 1] = out[AREA] / ibsi_ellipsoid_area(semi[0], semi[1], semi[2]);
}

static rgq_status of_hull(double out[IBSI_MORPH], const ibsi_mesh *mesh, const ibsi_roi *roi,
                          rgq_error *err)
{
    rgq_status st = RGQ_OK;
    ibsi_hull hull = {.face = NULL};
    double side[3] = {0.0, 0.0, 0.0};
    double semi[3] = {0.0, 0.0, 0.0};

    RGQ_TRY(err, ibsi_hull_init(&hull, mesh->outer, mesh->n_outer, roi->spacing_mm, err));
    out[DIAMETER] = ibsi_hull_diameter_mm(&hull);
    out[V_HULL] = out[VOLUME] / hull.volume_mm3;
    out[A_HULL] = out[AREA] / hull.area_mm2;
    RGQ_TRY(err, ibsi_hull_box(side, &hull, roi->spacing_mm, err));
    compare_to_box(out, V_ORIENTED_BOX, side);
    RGQ_TRY(err, ibsi_hull_ellipsoid(semi, &hull, err));
    compare_to_ellipsoid(out, V_HULL_ELLIPSOID, semi);
out:
    ibsi_hull_release(&hull);
    return st;
}

static void place_of(double mm[3], const ibsi_roi *roi, size_t at)
{
    const size_t n_x = (size_t)roi->n[0];
    const size_t n_y = (size_t)roi->n[1];
    const size_t row = at / n_x;
    const size_t slice = row / n_y;

    mm[0] = (double)(at % n_x) * roi->spacing_mm[0];
    mm[1] = (double)(row % n_y) * roi->spacing_mm[1];
    mm[2] = (double)slice * roi->spacing_mm[2];
}

/* Centre and (sample) covariance of the voxels as drawn. */
static void find_centre(double mean[3], double covariance[3][3], const ibsi_roi *roi)
{
    const size_t box = (size_t)roi->n[0] * (size_t)roi->n[1] * (size_t)roi->n[2];
    const double n = (double)roi->n_morph;
    double p[3];

    for (int k = 0; k < 3; k++)
        mean[k] = 0.0;
    for (size_t i = 0; i < box; i++) {
        if (roi->morph[i] == 0)
            continue;
        place_of(p, roi, i);
        for (int k = 0; k < 3; k++)
            mean[k] += p[k] / n;
    }
    for (size_t i = 0; i < box; i++) {
        if (roi->morph[i] == 0)
            continue;
        place_of(p, roi, i);
        for (int a = 0; a < 3; a++)
            for (int b = 0; b < 3; b++)
                covariance[a][b] += (p[a] - mean[a]) * (p[b] - mean[b]) / (n - 1.0);
    }
}

static void of_centres(double out[IBSI_MORPH], const ibsi_roi *roi)
{
    double mean[3];
    double covariance[3][3] = {{0.0}};
    double eigen[3];
    double semi[3] = {0.0, 0.0, 0.0};
    double heavy[3] = {0.0, 0.0, 0.0};
    double total = 0.0;

    find_centre(mean, covariance, roi);
    ibsi_eigenvalues(eigen, covariance);
    for (int k = 0; k < 3 && roi->n_morph > 1; k++) {
        /* what rounding leaves of a flat region is no axis */
        semi[k] = eigen[k] > 1e-12 * eigen[0] ? 2.0 * sqrt(eigen[k]) : 0.0;
        out[MAJOR + k] = 2.0 * semi[k];
    }
    if (semi[0] > 0.0) {
        out[ELONGATION] = semi[1] / semi[0];
        out[FLATNESS] = semi[2] / semi[0];
    }
    compare_to_ellipsoid(out, V_PRINCIPAL, semi);
    for (size_t k = 0; k < roi->count; k++) {
        double p[3];
        place_of(p, roi, roi->voxel[k]);
        for (int a = 0; a < 3; a++)
            heavy[a] += (double)roi->value[k] * (p[a] - mean[a]);
        total += (double)roi->value[k];
    }
    if (roi->count > 0 && total != 0.0)
        out[SHIFT] =
            sqrt(heavy[0] * heavy[0] + heavy[1] * heavy[1] + heavy[2] * heavy[2]) / fabs(total);
}

rgq_status ibsi_morphology(double out[IBSI_MORPH], const ibsi_roi *roi, const char *name,
                           const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    ibsi_mesh mesh = {.outer = NULL};

    RGQ_TRY(err, ibsi_mesh_init(&mesh, roi, err));
    of_mesh(out, &mesh, roi);
    compare_to_box(out, V_BOX, mesh.side_mm);
    RGQ_TRY(err, of_hull(out, &mesh, roi, err));
    of_centres(out, roi);
    if (roi->count > RGQ_FEATURE_PAIRS_VOXELS)
        RGQ_WARN(log, "region '%s' has %zu voxels: no Moran's I or Geary's C of more than %d",
                 name, roi->count, (int)RGQ_FEATURE_PAIRS_VOXELS);
    else
        RGQ_TRY(err, ibsi_autocorrelation(out + MORAN, roi, err));
out:
    ibsi_mesh_release(&mesh);
    return st;
}
