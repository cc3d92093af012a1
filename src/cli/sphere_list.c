#include "cli/sphere_list.h"

#include <stdio.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/parse.h"
#include "io/tsv.h"
#include "roi/ball.h"

static const char *const columns[] = {"x_mm", "y_mm", "z_mm", "radius_mm"};

enum { N_COLUMNS = sizeof columns / sizeof columns[0] };

static rgq_status read_row(rgq_ball *out, const rgq_tsv *table, const int at[N_COLUMNS],
                           int row, rgq_error *err)
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
    *out = (rgq_ball){{value[0], value[1], value[2]}, value[3]};
    return RGQ_OK;
}

static rgq_status add_ball(rgq_regions *regions, const char *name, int label, const rgq_ball *b,
                           bool fractional, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    float *weight = NULL;
    int lo[3];
    int n[3];

    st = rgq_ball_weigh(&weight, lo, n, b, rgq_regions_grid(regions), fractional, err);
    if (st == RGQ_E_GEOMETRY)
        rgq_error_prefix(err, "'%.60s': ", name);
    if (st != RGQ_OK)
        return st;
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
        rgq_ball b;
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
