#include "phantom/view.h"

#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "num/overlap.h"

/* The axis of the grid nearest to the world's z, last; the others keep their order. */
static void order_axes(int order[3], const rgq_grid *grid)
{
    double spacing[3];
    int z = 0;

    rgq_grid_spacing_mm(grid, spacing);
    for (int a = 1; a < 3; a++)
        if (fabs(grid->affine[2][a]) / spacing[a] > fabs(grid->affine[2][z]) / spacing[z])
            z = a;
    for (int a = 0, k = 0; a < 3; a++)
        if (a != z)
            order[k++] = a;
    order[2] = z;
}

static double determinant(const rgq_grid *g)
{
    const double(*m)[4] = g->affine;
    return m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) -
           m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) +
           m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
}

rgq_status rgq_view_init(rgq_view *out, const rgq_volume *volume, int frame, rgq_error *err)
{
    const rgq_grid *grid = rgq_volume_grid(volume);
    const float *from = rgq_volume_cdata(volume, frame);
    int order[3];
    int at[3];

    *out = (rgq_view){.value = NULL};
    if (!rgq_grid_is_orthogonal(grid))
        return RGQ_RAISE(err, RGQ_E_GEOMETRY,
                         "the axes of the scan are not perpendicular; a phantom is analysed on "
                         "the grid it was reconstructed on");
    RGQ_PASS(err, rgq_volume_check_finite(volume, "in the scan", err));
    RGQ_PASS(err, rgq_alloc(&out->value, rgq_grid_count(grid), sizeof *out->value, err));
    order_axes(order, grid);
    memcpy(&out->grid, grid, sizeof *grid);
    for (int a = 0; a < 3; a++) {
        out->grid.n[a] = grid->n[order[a]];
        for (int r = 0; r < 3; r++)
            out->grid.affine[r][a] = grid->affine[r][order[a]];
    }
    rgq_grid_spacing_mm(&out->grid, out->step);
    out->det = determinant(&out->grid) > 0.0 ? 1.0 : -1.0;
    size_t to = 0;
    for (at[2] = 0; at[2] < out->grid.n[2]; at[2]++)
        for (at[1] = 0; at[1] < out->grid.n[1]; at[1]++)
            for (at[0] = 0; at[0] < out->grid.n[0]; at[0]++) {
                int own[3];
                for (int a = 0; a < 3; a++)
                    own[order[a]] = at[a];
                out->value[to++] = from[((size_t)own[2] * (size_t)grid->n[1] + (size_t)own[1]) *
                                            (size_t)grid->n[0] +
                                        (size_t)own[0]];
            }
    return RGQ_OK;
}

void rgq_view_release(rgq_view *view)
{
    rgq_free(view->value);
    view->value = NULL;
}

void rgq_view_to_world(const rgq_view *view, const double mm[3], double world_mm[3])
{
    double index[3];

    for (int a = 0; a < 3; a++)
        index[a] = mm[a] / view->step[a];
    rgq_grid_to_world(&view->grid, index, world_mm);
}

void rgq_view_from_world(const rgq_view *view, const double world_mm[3], double mm[3])
{
    rgq_grid_to_index(&view->grid, world_mm, mm);
    for (int a = 0; a < 3; a++)
        mm[a] *= view->step[a];
}

void rgq_view_range(const rgq_view *view, int axis, double centre_mm, double half_mm,
                    int range[2])
{
    const double last = view->grid.n[axis] - 1;
    const double lo = ceil((centre_mm - half_mm) / view->step[axis] - 0.5);
    const double hi = floor((centre_mm + half_mm) / view->step[axis] + 0.5);

    range[0] = (int)fmin(fmax(lo, 0.0), last + 1.0);
    range[1] = (int)fmax(fmin(hi, last), -1.0);
}

/* Sums that become a region. */
typedef struct sums {
    double w, v, v2, max;
} sums;

static void add(sums *s, double weight, double value)
{
    if (!(weight > 0.0))
        return;
    s->w += weight;
    s->v += weight * value;
    s->v2 += weight * value * value;
    s->max = fmax(s->max, value);
}

static rgq_roi finish(const sums *s)
{
    rgq_roi out = {(double)NAN, (double)NAN, (double)NAN, s->w};

    if (s->w > 0.0) {
        out.mean = s->v / s->w;
        out.sd = sqrt(fmax(s->v2 / s->w - out.mean * out.mean, 0.0));
        out.max = s->max;
    }
    return out;
}

/* Edges of a voxel about the centre. */
static void edges(const rgq_view *view, int axis, int i, double centre_mm, double *lo,
                  double *hi)
{
    *lo = ((double)i - 0.5) * view->step[axis] - centre_mm;
    *hi = *lo + view->step[axis];
}

rgq_roi rgq_view_ball(const rgq_view *view, const double centre_mm[3], double radius_mm)
{
    const double voxel = view->step[0] * view->step[1] * view->step[2];
    sums s = {.max = -(double)INFINITY};
    int x[2];
    int y[2];
    int z[2];
    double lo[3];
    double hi[3];

    rgq_view_range(view, 0, centre_mm[0], radius_mm, x);
    rgq_view_range(view, 1, centre_mm[1], radius_mm, y);
    rgq_view_range(view, 2, centre_mm[2], radius_mm, z);
    for (int k = z[0]; k <= z[1]; k++)
        for (int j = y[0]; j <= y[1]; j++)
            for (int i = x[0]; i <= x[1]; i++) {
                edges(view, 0, i, centre_mm[0], &lo[0], &hi[0]);
                edges(view, 1, j, centre_mm[1], &lo[1], &hi[1]);
                edges(view, 2, k, centre_mm[2], &lo[2], &hi[2]);
                add(&s, rgq_ball_box_volume(radius_mm, lo, hi) / voxel,
                    rgq_view_at(view, i, j, k));
            }
    return finish(&s);
}

rgq_roi rgq_view_disc(const rgq_view *view, int k, const double centre_mm[], double radius_mm)
{
    const double pixel = view->step[0] * view->step[1];
    sums s = {.max = -(double)INFINITY};
    int x[2];
    int y[2];
    double lo[2];
    double hi[2];

    rgq_view_range(view, 0, centre_mm[0], radius_mm, x);
    rgq_view_range(view, 1, centre_mm[1], radius_mm, y);
    for (int j = y[0]; j <= y[1] && k >= 0 && k < view->grid.n[2]; j++)
        for (int i = x[0]; i <= x[1]; i++) {
            edges(view, 0, i, centre_mm[0], &lo[0], &hi[0]);
            edges(view, 1, j, centre_mm[1], &lo[1], &hi[1]);
            add(&s, rgq_disc_box_area(radius_mm, lo, hi) / pixel, rgq_view_at(view, i, j, k));
        }
    return finish(&s);
}

rgq_status rgq_ball_kernel_init(rgq_ball_kernel *out, const rgq_view *view, double radius_mm,
                                rgq_error *err)
{
    const double voxel = view->step[0] * view->step[1] * view->step[2];
    size_t count = 1;
    size_t at = 0;
    double lo[3];
    double hi[3];

    *out = (rgq_ball_kernel){.weight = NULL};
    for (int a = 0; a < 3; a++) {
        if (!(radius_mm / view->step[a] < 100.0))
            return RGQ_RAISE(
                err, RGQ_E_ARGUMENT,
                "a voxel of %g mm is too small for balls of %g mm radius; resample "
                "the scan to %g mm",
                view->step[a], radius_mm, radius_mm / 50.0);
        out->half[a] = (int)floor(radius_mm / view->step[a] + 0.5);
        count *= 2 * (size_t)out->half[a] + 1;
    }
    RGQ_PASS(err, rgq_alloc(&out->weight, count, sizeof *out->weight, err));
    for (int k = -out->half[2]; k <= out->half[2]; k++)
        for (int j = -out->half[1]; j <= out->half[1]; j++)
            for (int i = -out->half[0]; i <= out->half[0]; i++) {
                edges(view, 0, i, 0.0, &lo[0], &hi[0]);
                edges(view, 1, j, 0.0, &lo[1], &hi[1]);
                edges(view, 2, k, 0.0, &lo[2], &hi[2]);
                out->weight[at++] = rgq_ball_box_volume(radius_mm, lo, hi) / voxel;
            }
    return RGQ_OK;
}

void rgq_ball_kernel_release(rgq_ball_kernel *kernel)
{
    rgq_free(kernel->weight);
    kernel->weight = NULL;
}

double rgq_ball_kernel_mean(const rgq_ball_kernel *kernel, const rgq_view *view,
                            const int voxel[3])
{
    const int *half = kernel->half;
    const int *n = view->grid.n;
    const double *weight = kernel->weight;
    double sum = 0.0;
    double total = 0.0;

    for (int k = voxel[2] - half[2]; k <= voxel[2] + half[2]; k++)
        for (int j = voxel[1] - half[1]; j <= voxel[1] + half[1]; j++)
            for (int i = voxel[0] - half[0]; i <= voxel[0] + half[0]; i++, weight++) {
                if (k < 0 || j < 0 || i < 0 || k >= n[2] || j >= n[1] || i >= n[0])
                    continue;
                sum += *weight * rgq_view_at(view, i, j, k);
                total += *weight;
            }
    return total > 0.0 ? sum / total : (double)NAN;
}
