#include "roi/shell.h"

#include <math.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "roi/box.h"

rgq_status rgq_roi_check_axes(const rgq_grid *grid, rgq_error *err)
{
    if (rgq_grid_is_orthogonal(grid))
        return RGQ_OK;
    return RGQ_RAISE(err, RGQ_E_GEOMETRY,
                     "the axes of the grid are not perpendicular, so that distances to the "
                     "lesion are not those of a box; resample the scan to a plain grid");
}

void rgq_shell_limits(float d2[2], double from_mm, double to_mm)
{
    d2[0] = (float)fmax(from_mm * from_mm * (1.0 - 1e-5), 1e-12); /* not the lesion */
    d2[1] = (float)(to_mm * to_mm * (1.0 + 1e-5));
}

typedef struct ring {
    rgq_box box;
    const float *d2; /* [mm^2] */
    float limit[2];  /* of d2, ends included */
    double threshold;
} ring;

/* Sum over the shell of (value - offset)^power, power 1 or 2. */
static double sum_ring(const ring *r, const rgq_flood *flood, double offset, int power,
                       size_t *count)
{
    double total = 0.0;
    const float *d2 = r->d2;

    *count = 0;
    for (int z = 0; z < r->box.n[2]; z++)
        for (int y = 0; y < r->box.n[1]; y++, d2 += r->box.n[0]) {
            const float *v = flood->values + rgq_box_row(&r->box, flood->grid, y, z);
            double row = 0.0;
            for (int x = 0; x < r->box.n[0]; x++)
                if (d2[x] >= r->limit[0] && d2[x] <= r->limit[1] &&
                    (double)v[x] < r->threshold) {
                    const double d = (double)v[x] - offset;
                    row += power == 1 ? d : d * d;
                    ++*count;
                }
            total += row;
        }
    return total;
}

rgq_status rgq_shell_measure(rgq_shell *out, const rgq_flood *flood, double threshold,
                             double from_mm, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const double to_mm = from_mm + RGQ_SHELL_THICK_MM;
    ring r = {.threshold = threshold};
    uint8_t *mark = NULL;
    float *d2 = NULL;
    double spacing_mm[3];
    size_t count = 0;

    *out = (rgq_shell){(double)NAN, (double)NAN, 0};
    RGQ_PASS(err, rgq_roi_check_axes(flood->grid, err));
    if (flood->count == 0)
        return RGQ_OK;
    rgq_grid_spacing_mm(flood->grid, spacing_mm);
    rgq_shell_limits(r.limit, from_mm, to_mm);
    const rgq_box core = rgq_box_of_component(flood);
    r.box = rgq_box_grow(&core, flood->grid, to_mm);
    RGQ_TRY(err, rgq_alloc(&mark, rgq_box_count(&r.box), 1, err));
    RGQ_TRY(err, rgq_alloc(&d2, rgq_box_count(&r.box), sizeof *d2, err));
    for (size_t k = 0; k < flood->count; k++)
        mark[rgq_box_index(&r.box, flood->grid, flood->at[k])] = 1;
    RGQ_TRY(err, rgq_box_distance2(d2, mark, r.box.n, spacing_mm, err));
    r.d2 = d2;
    const double sum = sum_ring(&r, flood, 0.0, 1, &count);
    if (count > 0) {
        out->count = count;
        out->mean = sum / (double)count;
        out->sd = sqrt(sum_ring(&r, flood, out->mean, 2, &count) / (double)count);
    }
out:
    rgq_free(d2);
    rgq_free(mark);
    return st;
}
