#include "roi/shell.h"

#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"

/* Squared distances to the component, in the box of voxels that the shell can reach. */
typedef struct field {
    int lo[3];
    int n[3];
    double spacing_mm[3];
    float *d2;   /* [mm^2]; INFINITY: farther than the shell */
    float *line; /* room for one line along any axis */
} field;

static void find_box(field *f, const rgq_flood *flood)
{
    const rgq_grid *grid = flood->grid;
    const size_t nx = (size_t)grid->n[0];
    const size_t ny = (size_t)grid->n[1];
    int lo[3] = {grid->n[0], grid->n[1], grid->n[2]};
    int hi[3] = {-1, -1, -1};

    for (size_t k = 0; k < flood->count; k++) {
        const size_t i = flood->at[k];
        const int at[3] = {(int)(i % nx), (int)(i / nx % ny), (int)(i / (nx * ny))};
        for (int a = 0; a < 3; a++) {
            lo[a] = at[a] < lo[a] ? at[a] : lo[a];
            hi[a] = at[a] > hi[a] ? at[a] : hi[a];
        }
    }
    for (int a = 0; a < 3; a++) {
        const double reach = fmin(ceil(RGQ_SHELL_TO_MM / f->spacing_mm[a]), RGQ_GRID_SIDE_MAX);
        lo[a] = lo[a] > (int)reach ? lo[a] - (int)reach : 0;
        hi[a] = hi[a] + (int)reach < grid->n[a] ? hi[a] + (int)reach : grid->n[a] - 1;
        f->lo[a] = lo[a];
        f->n[a] = hi[a] - lo[a] + 1;
    }
}

static size_t box_index(const field *f, int x, int y, int z)
{
    return ((size_t)z * (size_t)f->n[1] + (size_t)y) * (size_t)f->n[0] + (size_t)x;
}

static void mark_component(field *f, const rgq_flood *flood)
{
    const size_t nx = (size_t)flood->grid->n[0];
    const size_t ny = (size_t)flood->grid->n[1];
    const size_t count = (size_t)f->n[0] * (size_t)f->n[1] * (size_t)f->n[2];

    for (size_t i = 0; i < count; i++)
        f->d2[i] = INFINITY;
    for (size_t k = 0; k < flood->count; k++) {
        const size_t i = flood->at[k];
        f->d2[box_index(f, (int)(i % nx) - f->lo[0], (int)(i / nx % ny) - f->lo[1],
                        (int)(i / (nx * ny)) - f->lo[2])] = 0.0f;
    }
}

/* d2(i) = min over k of d2(i + k) + (k spacing)^2 along one line, as far as the shell goes. */
static void spread_line(const field *f, float *first, size_t stride, int axis)
{
    const int n = f->n[axis];
    const double spacing_mm = f->spacing_mm[axis];
    const int reach = (int)fmin(RGQ_SHELL_TO_MM / spacing_mm * (1.0 + 1e-9) + 1e-9, n);
    bool any = false;

    for (int i = 0; i < n; i++) {
        f->line[i] = first[(size_t)i * stride];
        any = any || isfinite(f->line[i]);
    }
    if (!any)
        return;
    for (int i = 0; i < n; i++) {
        float best = f->line[i];
        const int from = i > reach ? i - reach : 0;
        const int to = i + reach < n ? i + reach : n - 1;
        for (int k = from; k <= to && best > 0.0f; k++) {
            const double d_mm = (k - i) * spacing_mm;
            const float d2 = f->line[k] + (float)(d_mm * d_mm);
            best = d2 < best ? d2 : best;
        }
        first[(size_t)i * stride] = best;
    }
}

static void spread(field *f)
{
    const size_t stride[3] = {1, (size_t)f->n[0], (size_t)f->n[0] * (size_t)f->n[1]};

    for (int axis = 0; axis < 3; axis++) {
        const int b = (axis + 1) % 3;
        const int c = (axis + 2) % 3;
        for (int j = 0; j < f->n[c]; j++)
            for (int i = 0; i < f->n[b]; i++)
                spread_line(f, f->d2 + (size_t)i * stride[b] + (size_t)j * stride[c],
                            stride[axis], axis);
    }
}

/* Sum over the shell of (value - offset)^power, power 1 or 2. */
static double sum_shell(const field *f, const rgq_flood *flood, double threshold, double offset,
                        int power, size_t *count)
{
    /* a distance of exactly 5 or 15 mm belongs to the shell whatever the last bit says */
    const float lo = (float)(RGQ_SHELL_FROM_MM * RGQ_SHELL_FROM_MM * (1.0 - 1e-5));
    const float hi = (float)(RGQ_SHELL_TO_MM * RGQ_SHELL_TO_MM * (1.0 + 1e-5));
    double total = 0.0;

    *count = 0;
    for (int z = 0; z < f->n[2]; z++)
        for (int y = 0; y < f->n[1]; y++) {
            const float *d2 = f->d2 + box_index(f, 0, y, z);
            const float *v = flood->values +
                             rgq_flood_index(flood->grid, (const int[3]){f->lo[0], f->lo[1] + y,
                                                                         f->lo[2] + z});
            double row = 0.0;
            for (int x = 0; x < f->n[0]; x++)
                if (d2[x] >= lo && d2[x] <= hi && (double)v[x] < threshold) {
                    const double d = (double)v[x] - offset;
                    row += power == 1 ? d : d * d;
                    ++*count;
                }
            total += row;
        }
    return total;
}

rgq_status rgq_shell_measure(rgq_shell *out, const rgq_flood *flood, double threshold,
                             rgq_error *err)
{
    rgq_status st = RGQ_OK;
    field f = {.d2 = NULL, .line = NULL};
    size_t count = 0;

    *out = (rgq_shell){(double)NAN, (double)NAN, 0};
    if (!rgq_grid_is_orthogonal(flood->grid))
        return RGQ_RAISE(err, RGQ_E_GEOMETRY,
                         "the axes of the grid are not perpendicular, so that distances to the "
                         "lesion are not those of a box; resample the scan to a plain grid");
    if (flood->count == 0)
        return RGQ_OK;
    rgq_grid_spacing_mm(flood->grid, f.spacing_mm);
    find_box(&f, flood);
    const int longest = f.n[0] > f.n[1] ? f.n[0] : f.n[1];
    RGQ_TRY(err, rgq_alloc(&f.line, (size_t)(f.n[2] > longest ? f.n[2] : longest),
                           sizeof *f.line, err));
    RGQ_TRY(err, rgq_alloc(&f.d2, (size_t)f.n[0] * (size_t)f.n[1] * (size_t)f.n[2],
                           sizeof *f.d2, err));
    mark_component(&f, flood);
    spread(&f);
    const double sum = sum_shell(&f, flood, threshold, 0.0, 1, &count);
    if (count > 0) {
        out->count = count;
        out->mean = sum / (double)count;
        out->sd = sqrt(sum_shell(&f, flood, threshold, out->mean, 2, &count) / (double)count);
    }
out:
    rgq_free(f.d2);
    rgq_free(f.line);
    return st;
}
