#include "rgdquant/grid.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/banned.h"

rgq_grid rgq_grid_make(const int n[3], const double spacing_mm[3], const double origin_mm[3])
{
    rgq_grid grid = {{n[0], n[1], n[2]}, {{0.0}}};

    for (int a = 0; a < 3; a++) {
        grid.affine[a][a] = spacing_mm[a];
        grid.affine[a][3] = origin_mm[a];
    }
    return grid;
}

rgq_grid rgq_grid_make_centred(const int n[3], const double spacing_mm[3],
                               const double centre_mm[3])
{
    double origin_mm[3];

    for (int a = 0; a < 3; a++)
        origin_mm[a] = centre_mm[a] - 0.5 * (n[a] - 1) * spacing_mm[a];
    return rgq_grid_make(n, spacing_mm, origin_mm);
}

static double determinant(const rgq_grid *g)
{
    const double(*m)[4] = g->affine;
    return m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) -
           m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) +
           m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
}

rgq_status rgq_grid_check(const rgq_grid *grid, rgq_error *err)
{
    double spacing_mm[3];

    for (int a = 0; a < 3; a++) {
        if (grid->n[a] < 1 || grid->n[a] > RGQ_GRID_SIDE_MAX)
            return RGQ_RAISE(err, RGQ_E_GEOMETRY, "axis %c has %d voxels; 1 to %d were needed",
                             "xyz"[a], grid -> n[a], (int)RGQ_GRID_SIDE_MAX);
        for (int c = 0; c < 4; c++)
            if (!isfinite(grid->affine[a][c]) || fabs(grid->affine[a][c]) > 1e6)
                return RGQ_RAISE(err, RGQ_E_GEOMETRY,
                                 "the affine holds %g, not a position in mm",
                                 grid->affine[a][c]);
    }
    rgq_grid_spacing_mm(grid, spacing_mm);
    for (int a = 0; a < 3; a++)
        if (spacing_mm[a] < 1e-4 || spacing_mm[a] > 1e4)
            return RGQ_RAISE(err, RGQ_E_GEOMETRY,
                             "axis %c has a spacing of %g mm; 0.0001 to 10000 was needed",
                             "xyz"[a], spacing_mm[a]);
    if (fabs(determinant(grid)) < 1e-3 * spacing_mm[0] * spacing_mm[1] * spacing_mm[2])
        return RGQ_RAISE(err, RGQ_E_GEOMETRY, "the axes of the grid do not span a volume");
    const uint64_t count = (uint64_t)grid->n[0] * (uint64_t)grid->n[1] * (uint64_t)grid->n[2];
    if (count > PTRDIFF_MAX / sizeof(double))
        return RGQ_RAISE(err, RGQ_E_GEOMETRY, "a grid of %d x %d x %d voxels is too large",
                         grid->n[0], grid->n[1], grid->n[2]);
    return RGQ_OK;
}

size_t rgq_grid_count(const rgq_grid *grid)
{
    return (size_t)grid->n[0] * (size_t)grid->n[1] * (size_t)grid->n[2];
}

void rgq_grid_spacing_mm(const rgq_grid *grid, double spacing_mm[3])
{
    for (int a = 0; a < 3; a++)
        spacing_mm[a] = sqrt(grid->affine[0][a] * grid->affine[0][a] +
                             grid->affine[1][a] * grid->affine[1][a] +
                             grid->affine[2][a] * grid->affine[2][a]);
}

double rgq_grid_voxel_ml(const rgq_grid *grid)
{
    return fabs(determinant(grid)) / 1000.0;
}

void rgq_grid_to_world(const rgq_grid *grid, const double index[3], double world_mm[3])
{
    for (int r = 0; r < 3; r++)
        world_mm[r] = grid->affine[r][0] * index[0] + grid->affine[r][1] * index[1] +
                      grid->affine[r][2] * index[2] + grid->affine[r][3];
}

void rgq_grid_to_index(const rgq_grid *grid, const double world_mm[3], double index[3])
{
    const double(*m)[4] = grid->affine;
    const double det = determinant(grid);
    double d[3];

    for (int r = 0; r < 3; r++)
        d[r] = world_mm[r] - m[r][3];
    for (int c = 0; c < 3; c++) {
        /* Cramer's rule with the column c replaced by d */
        const int p = (c + 1) % 3;
        const int q = (c + 2) % 3;
        index[c] = (d[0] * (m[1][p] * m[2][q] - m[1][q] * m[2][p]) -
                    d[1] * (m[0][p] * m[2][q] - m[0][q] * m[2][p]) +
                    d[2] * (m[0][p] * m[1][q] - m[0][q] * m[1][p])) /
                   det;
    }
}

bool rgq_grid_is_orthogonal(const rgq_grid *grid)
{
    double spacing_mm[3];

    rgq_grid_spacing_mm(grid, spacing_mm);
    for (int a = 0; a < 3; a++) {
        const int b = (a + 1) % 3;
        double dot = 0.0;
        for (int r = 0; r < 3; r++)
            dot += grid->affine[r][a] * grid->affine[r][b];
        if (fabs(dot) > 1e-4 * spacing_mm[a] * spacing_mm[b])
            return false;
    }
    return true;
}

void rgq_grid_orientation(const rgq_grid *grid, char code[4])
{
    for (int a = 0; a < 3; a++) {
        int best = 0;
        for (int r = 1; r < 3; r++)
            if (fabs(grid->affine[r][a]) > fabs(grid->affine[best][a]))
                best = r;
        static const char letters[2][4] = {"RAS", "LPI"};
        code[a] = letters[grid->affine[best][a] < 0.0][best];
    }
    code[3] = '\0';
}

static void describe(const rgq_grid *grid, char *text, size_t size)
{
    double s[3];

    rgq_grid_spacing_mm(grid, s);
    (void)snprintf(text, size,
                   "%dx%dx%d voxels of %.5gx%.5gx%.5g mm from (%.5g, %.5g, %.5g) mm",
                   grid->n[0], grid->n[1], grid->n[2], s[0], s[1], s[2], grid->affine[0][3],
                   grid->affine[1][3], grid->affine[2][3]);
}

static double largest_corner_distance_mm(const rgq_grid *a, const rgq_grid *b)
{
    double largest = 0.0;

    for (int corner = 0; corner < 8; corner++) {
        double index[3];
        double pa[3];
        double pb[3];
        for (int axis = 0; axis < 3; axis++)
            index[axis] = (corner >> axis & 1) != 0 ? a->n[axis] - 0.5 : -0.5;
        rgq_grid_to_world(a, index, pa);
        rgq_grid_to_world(b, index, pb);
        const double d = hypot(hypot(pa[0] - pb[0], pa[1] - pb[1]), pa[2] - pb[2]);
        largest = fmax(largest, d);
    }
    return largest;
}

rgq_status rgq_grid_compare(const rgq_grid *a, const rgq_grid *b, double tol_mm, rgq_error *err)
{
    char text_a[160];
    char text_b[160];
    double spacing_mm[3];

    rgq_grid_spacing_mm(a, spacing_mm);
    if (tol_mm < 0.0)
        tol_mm = 0.01 * fmin(fmin(spacing_mm[0], spacing_mm[1]), spacing_mm[2]);
    const bool same_counts = memcmp(a->n, b->n, sizeof a->n) == 0;
    const double distance_mm = same_counts ? largest_corner_distance_mm(a, b) : 0.0;
    if (same_counts && distance_mm <= tol_mm)
        return RGQ_OK;
    describe(a, text_a, sizeof text_a);
    describe(b, text_b, sizeof text_b);
    if (!same_counts)
        return RGQ_RAISE(err, RGQ_E_GEOMETRY, "the grids differ: %s against %s", text_a,
                         text_b);
    return RGQ_RAISE(err, RGQ_E_GEOMETRY,
                     "the grids lie up to %.4g mm apart (allowed %.4g mm): %s against %s",
                     distance_mm, tol_mm, text_a, text_b);
}
