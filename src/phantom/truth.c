#include "phantom/truth.h"

#include "core/banned.h"

static const rgq_column columns[] = {
    {"region", RGQ_COLUMN_TEXT, NULL, "Name of the object, as in the phantom file."},
    {"label", RGQ_COLUMN_INT, NULL, "Its value in the label map."},
    {"host", RGQ_COLUMN_TEXT, NULL, "Object it lies in wholly; missing where none is named."},
    {"n_voxels", RGQ_COLUMN_INT, NULL, "Voxels that belong to it, wholly or in part."},
    {"volume_ml", RGQ_COLUMN_REAL, "mL", "Sum of the voxels' weights x voxel volume."},
    {"analytic_volume_ml", RGQ_COLUMN_REAL, "mL",
     "Volume in closed form; missing where solids are combined, cut or painted over."},
    {"true_bqml", RGQ_COLUMN_REAL, "Bq/mL",
     "Activity concentration at the start of the scan, before blur and noise."},
    {"true_suvbw", RGQ_COLUMN_REAL, "g/mL",
     "The same as SUV by body weight; missing if the phantom is no body."},
    {"diameter_mm", RGQ_COLUMN_REAL, "mm", "Diameter of a sphere; missing for other shapes."},
    {"x_mm", RGQ_COLUMN_REAL, "mm",
     "Centre of a single solid, RAS+ from the phantom's centre: to the right."},
    {"y_mm", RGQ_COLUMN_REAL, "mm", "The same, to the front."},
    {"z_mm", RGQ_COLUMN_REAL, "mm", "The same, to the head."},
};

static long long count_voxels(const rgq_region *region)
{
    const size_t count = (size_t)region->n[0] * (size_t)region->n[1] * (size_t)region->n[2];
    long long n = 0;

    for (size_t i = 0; i < count; i++)
        n += region->weight[i] > 0.0f ? 1 : 0;
    return n;
}

static rgq_status add_row(rgq_table *table, const rgq_phantom_object *object,
                          const rgq_region *region, const rgq_grid *grid, rgq_error *err)
{
    RGQ_PASS(err, rgq_table_add_row(table, err));
    RGQ_PASS(err, rgq_table_set_text(table, "region", object->name, err));
    rgq_table_set_int(table, "label", object->label);
    if (object->host[0] != '\0')
        RGQ_PASS(err, rgq_table_set_text(table, "host", object->host, err));
    rgq_table_set_int(table, "n_voxels", count_voxels(region));
    rgq_table_set_real(table, "volume_ml", rgq_region_volume_ml(region, grid));
    rgq_table_set_real(table, "analytic_volume_ml", object->analytic_volume_ml);
    rgq_table_set_real(table, "diameter_mm", object->diameter_mm);
    rgq_table_set_real(table, "x_mm", object->centre_mm[0]);
    rgq_table_set_real(table, "y_mm", object->centre_mm[1]);
    rgq_table_set_real(table, "z_mm", object->centre_mm[2]);
    return RGQ_OK;
}

rgq_status rgq_truth_make(rgq_table **out, const rgq_phantom *phantom,
                          const rgq_regions *regions, const double *values, int a,
                          double bqml_per_suv, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_table *table = NULL;
    int row = 0;

    *out = NULL;
    RGQ_TRY(err, rgq_table_create(&table, columns, sizeof columns / sizeof columns[0], err));
    for (int i = 0; i < phantom->n_objects; i++) {
        if (phantom->object[i].label == 0)
            continue;
        RGQ_TRY(err, add_row(table, &phantom->object[i], rgq_regions_at(regions, row),
                             rgq_regions_grid(regions), err));
        rgq_table_set_real(table, "true_bqml", values[i]);
        rgq_table_set_real(table, "true_suvbw",
                           phantom->activity[a].is_suv ? rgq_phantom_value(phantom, a, i)
                                                       : values[i] / bqml_per_suv);
        row++;
    }
    *out = table;
    table = NULL;
out:
    rgq_table_free(table);
    return st;
}
