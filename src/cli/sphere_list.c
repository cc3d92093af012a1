#include "cli/sphere_list.h"

#include <math.h>
#include <stdio.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/parse.h"
#include "io/tsv.h"
#include "num/overlap.h"

static const char *const columns[] = {"x_mm", "y_mm", "z_mm", "radius_mm"};

enum { N_COLUMNS = sizeof columns / sizeof columns[0] };

typedef struct ball {
    double centre_mm[3];
    double radius_mm;
} ball;

static rgq_status read_row(ball *out, const rgq_tsv *table, const int at[N_COLUMNS], int row,
                           rgq_error *err)
{
    double value[N_COLUMNS];

    for (int c = 0; c < N_COLUMNS; c++) {
        const char *cell = rgq_tsv_cell(table, row, at[c]);
        const bool radius = c == N_COLUMNS - 1;
        if (rgq_parse_real(&value[c], cell, radius ? 1e-3 : -1e5, radius ? 1e4 : 1e5, NULL) !=
            RGQ_OK)
            return RGQ_RAISE(err, RGQ_E_FORMAT, "line %d: %s is '%.40s'; %s was needed",
                             row + 2, columns[c], cell,
                             radius ? "0.001 to 10000 mm" : "a position in mm");
    }
    *out = (ball){{value[0], value[1], value[2]}, value[3]};
    return RGQ_OK;
}

/* Voxels that the ball can touch; false if there are none. */
static bool find_box(int lo[3], int n[3], const ball *b, const rgq_grid *grid)
{
    double centre[3];

    rgq_grid_to_index(grid, b->centre_mm, centre);
    for (int a = 0; a < 3; a++) {
        double zero[3];
        double reach = 0.0;
        /* along each world axis the radius is so many voxels of this axis */
        for (int r = 0; r < 3; r++) {
            double mm[3] = {b->centre_mm[0], b->centre_mm[1], b->centre_mm[2]};
            mm[r] += b->radius_mm;
            rgq_grid_to_index(grid, mm, zero);
            reach += (zero[a] - centre[a]) * (zero[a] - centre[a]);
        }
        const double first = fmax(floor(centre[a] - sqrt(reach) - 0.5), 0.0);
        const double last = fmin(ceil(centre[a] + sqrt(reach) + 0.5), grid->n[a] - 1.0);
        if (!(first <= last))
            return false;
        lo[a] = (int)first;
        n[a] = (int)last - lo[a] + 1;
    }
    return true;
}

static float weigh(const ball *b, const rgq_grid *grid, const int at[3], bool fractional)
{
    const double index[3] = {at[0], at[1], at[2]};
    double mm[3];

    if (!fractional) {
        rgq_grid_to_world(grid, index, mm);
        const double d = hypot(hypot(mm[0] - b->centre_mm[0], mm[1] - b->centre_mm[1]),
                               mm[2] - b->centre_mm[2]);
        return d <= b->radius_mm ? 1.0F : 0.0F;
    }
    double centre[3];
    double spacing_mm[3];
    double lo[3];
    double hi[3];
    rgq_grid_to_index(grid, b->centre_mm, centre);
    rgq_grid_spacing_mm(grid, spacing_mm);
    for (int a = 0; a < 3; a++) {
        lo[a] = (index[a] - 0.5 - centre[a]) * spacing_mm[a];
        hi[a] = lo[a] + spacing_mm[a];
    }
    const double part = rgq_ball_box_volume(b->radius_mm, lo, hi) /
                        (spacing_mm[0] * spacing_mm[1] * spacing_mm[2]);
    return (float)(part < 1e-7 ? 0.0 : part > 1.0 - 1e-7 ? 1.0 : part);
}

static rgq_status add_ball(rgq_regions *regions, const char *name, int label, const ball *b,
                           bool fractional, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const rgq_grid *grid = rgq_regions_grid(regions);
    float *weight = NULL;
    int lo[3];
    int n[3];

    if (!find_box(lo, n, b, grid))
        return RGQ_RAISE(err, RGQ_E_GEOMETRY,
                         "the ball '%.60s' of %g mm about (%g, %g, %g) mm lies beyond the scan",
                         name, b->radius_mm, b->centre_mm[0], b->centre_mm[1], b->centre_mm[2]);
    RGQ_TRY(err, rgq_alloc(&weight, (size_t)n[0] * (size_t)n[1] * (size_t)n[2], sizeof *weight,
                           err));
    size_t i = 0;
    for (int z = 0; z < n[2]; z++)
        for (int y = 0; y < n[1]; y++)
            for (int x = 0; x < n[0]; x++)
                weight[i++] =
                    weigh(b, grid, (const int[3]){lo[0] + x, lo[1] + y, lo[2] + z}, fractional);
    RGQ_TRY(err, rgq_regions_add_box(regions, name, label, lo, n, weight, err));
out:
    rgq_free(weight);
    return st;
}

static rgq_status find_columns(int at[N_COLUMNS], int *name, const rgq_tsv *table,
                               rgq_error *err)
{
    *name = rgq_tsv_find(table, "name");
    for (int c = 0; c < N_COLUMNS; c++)
        at[c] = rgq_tsv_find(table, columns[c]);
    for (int c = 0; c < N_COLUMNS; c++)
        if (at[c] < 0 || *name < 0)
            return RGQ_RAISE(err, RGQ_E_FORMAT,
                             "there is no column '%s'; a list of spheres has name, x_mm, y_mm, "
                             "z_mm and radius_mm",
                             *name < 0 ? "name" : columns[c]);
    return RGQ_OK;
}

rgq_status rgq_sphere_list_read(rgq_regions **out, const char *path, const rgq_grid *grid,
                                bool fractional, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_tsv table = {0, 0, NULL, NULL};
    rgq_regions *regions = NULL;
    int at[N_COLUMNS];
    int name = 0;

    *out = NULL;
    if (fractional && !rgq_grid_is_orthogonal(grid))
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "the axes of the scan are not perpendicular; --edges binary works on "
                         "such a grid");
    RGQ_TRY(err, rgq_tsv_read(&table, path, err));
    RGQ_TRY(err, find_columns(at, &name, &table, err));
    RGQ_TRY(err, rgq_regions_create(&regions, grid, err));
    for (int r = 0; r < table.n_rows; r++) {
        ball b;
        RGQ_TRY(err, read_row(&b, &table, at, r, err));
        RGQ_TRY(err,
                add_ball(regions, rgq_tsv_cell(&table, r, name), r + 1, &b, fractional, err));
    }
    *out = regions;
    regions = NULL;
out:
    if (st != RGQ_OK)
        rgq_error_prefix(err, "%.200s: ", rgq_path_base(path));
    rgq_tsv_release(&table);
    rgq_regions_free(regions);
    return st;
}
