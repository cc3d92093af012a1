#include "phantom/solid.h"

#include <math.h>

#include "core/banned.h"

static const double pi = 3.14159265358979323846;

static double ellipsoid_depth(const rgq_solid *solid, const double d[3])
{
    const double *half = solid->half_mm;
    double g2 = 0.0;

    for (int a = 0; a < 3; a++)
        g2 += d[a] * d[a] / (half[a] * half[a]);
    return (sqrt(g2) - 1.0) * fmin(half[0], fmin(half[1], half[2]));
}

static double cylinder_depth(const rgq_solid *solid, const double d[3])
{
    const int u = (solid->axis + 1) % 3;
    const int v = (solid->axis + 2) % 3;
    const double *half = solid->half_mm;
    const double g2 = d[u] * d[u] / (half[u] * half[u]) + d[v] * d[v] / (half[v] * half[v]);
    const double across = (sqrt(g2) - 1.0) * fmin(half[u], half[v]);

    return fmax(across, fabs(d[solid->axis]) - half[solid->axis]);
}

static double box_depth(const rgq_solid *solid, const double d[3])
{
    double depth = fabs(d[0]) - solid->half_mm[0];
    for (int a = 1; a < 3; a++)
        depth = fmax(depth, fabs(d[a]) - solid->half_mm[a]);
    return depth;
}

double rgq_solid_depth(const rgq_solid *solid, const double point_mm[3])
{
    double d[3];
    double depth = 0.0;

    for (int a = 0; a < 3; a++)
        d[a] = point_mm[a] - solid->centre_mm[a];
    switch (solid->kind) {
    case RGQ_SOLID_ELLIPSOID:
        depth = ellipsoid_depth(solid, d);
        break;
    case RGQ_SOLID_CYLINDER:
        depth = cylinder_depth(solid, d);
        break;
    case RGQ_SOLID_BOX:
        depth = box_depth(solid, d);
        break;
    }
    for (int i = 0; i < solid->n_keep; i++) {
        const double *n = solid->keep[i].normal;
        const double along = n[0] * point_mm[0] + n[1] * point_mm[1] + n[2] * point_mm[2];
        depth = fmax(depth, along - solid->keep[i].at_most_mm);
    }
    return depth;
}

double rgq_solid_volume_ml(const rgq_solid *solid)
{
    const double *half = solid->half_mm;
    const double cube = half[0] * half[1] * half[2] / 1000.0;

    switch (solid->kind) {
    case RGQ_SOLID_ELLIPSOID:
        return 4.0 / 3.0 * pi * cube;
    case RGQ_SOLID_CYLINDER:
        return 2.0 * pi * cube;
    case RGQ_SOLID_BOX:
        break;
    }
    return 8.0 * cube;
}
