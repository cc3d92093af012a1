#include "num/peak_kernel.h"

#include <math.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "num/overlap.h"

double rgq_peak_radius_mm(void)
{
    return cbrt(3000.0 / (4.0 * 3.14159265358979323846));
}

void rgq_peak_kernel_release(rgq_peak_kernel *kernel)
{
    rgq_free(kernel->weight);
    rgq_free(kernel->row_sum);
    rgq_free(kernel->row_half);
    *kernel = (rgq_peak_kernel){.weight = NULL};
}

/* One row of weights, computed for x >= 0 and mirrored. */
static void fill_row(rgq_peak_kernel *kernel, size_t row, double radius_mm,
                     const double spacing_mm[3], const int yz[2])
{
    const int half = kernel->half[0];
    double *weight = kernel->weight + row * (size_t)(2 * half + 1) + half;
    int last = -1;

    for (int x = 0; x <= half; x++) {
        const double centre[3] = {x * spacing_mm[0], yz[0] * spacing_mm[1],
                                  yz[1] * spacing_mm[2]};
        double lo[3];
        double hi[3];
        for (int a = 0; a < 3; a++) {
            lo[a] = centre[a] - 0.5 * spacing_mm[a];
            hi[a] = centre[a] + 0.5 * spacing_mm[a];
        }
        weight[x] = weight[-x] = rgq_ball_box_volume(radius_mm, lo, hi);
        if (weight[x] > 0.0)
            last = x;
    }
    double sum = 0.0;
    for (int x = -last; x <= last; x++)
        sum += weight[x];
    kernel->row_sum[row] = sum;
    kernel->row_half[row] = last;
}

rgq_status rgq_peak_kernel_init(rgq_peak_kernel *out, const rgq_grid *grid, double radius_mm,
                                rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_peak_kernel kernel = {.weight = NULL};
    double spacing_mm[3];
    double taps = 1.0;

    *out = kernel;
    rgq_grid_spacing_mm(grid, spacing_mm);
    for (int a = 0; a < 3; a++) {
        const double reach = floor(radius_mm / spacing_mm[a] + 0.5);
        kernel.half[a] = reach < grid->n[a] - 1 ? (int)reach : grid->n[a] - 1;
        taps *= 2.0 * kernel.half[a] + 1.0;
    }
    if (taps > RGQ_PEAK_TAPS_MAX)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "a sphere of 1 mL holds %.3g voxels of %g x %g x %g mm; at most %d "
                         "are handled",
                         taps, spacing_mm[0], spacing_mm[1], spacing_mm[2],
                         (int)RGQ_PEAK_TAPS_MAX);
    const size_t rows = (size_t)(2 * kernel.half[1] + 1) * (size_t)(2 * kernel.half[2] + 1);
    RGQ_TRY(err, rgq_alloc(&kernel.weight, (size_t)taps, sizeof *kernel.weight, err));
    RGQ_TRY(err, rgq_alloc(&kernel.row_sum, rows, sizeof *kernel.row_sum, err));
    RGQ_TRY(err, rgq_alloc(&kernel.row_half, rows, sizeof *kernel.row_half, err));
    size_t row = 0;
    for (int z = -kernel.half[2]; z <= kernel.half[2]; z++)
        for (int y = -kernel.half[1]; y <= kernel.half[1]; y++)
            fill_row(&kernel, row++, radius_mm, spacing_mm, (const int[2]){y, z});
    *out = kernel;
    return RGQ_OK;
out:
    rgq_peak_kernel_release(&kernel);
    return st;
}

/* Add one row of the kernel, cut at the ends of the image. */
static void add_row(const rgq_peak_kernel *kernel, size_t row, const float *values, int at_x,
                    int n_x, double sum[2])
{
    const double *weight =
        kernel->weight + row * (size_t)(2 * kernel->half[0] + 1) + kernel->half[0];
    const int last = kernel->row_half[row];
    const int from = at_x - last < 0 ? -at_x : -last;
    const int to = at_x + last >= n_x ? n_x - 1 - at_x : last;
    double s = 0.0;

    for (int x = from; x <= to; x++)
        s += weight[x] * (double)values[at_x + x];
    sum[0] += s;
    if (to - from == 2 * last) {
        sum[1] += kernel->row_sum[row];
        return;
    }
    for (int x = from; x <= to; x++)
        sum[1] += weight[x];
}

double rgq_peak_at(const rgq_peak_kernel *kernel, const float *values, const rgq_grid *grid,
                   const int at[3])
{
    double sum[2] = {0.0, 0.0};
    size_t row = 0;

    for (int dz = -kernel->half[2]; dz <= kernel->half[2]; dz++) {
        const int z = at[2] + dz;
        for (int dy = -kernel->half[1]; dy <= kernel->half[1]; dy++, row++) {
            const int y = at[1] + dy;
            if (z < 0 || z >= grid->n[2] || y < 0 || y >= grid->n[1] ||
                kernel->row_half[row] < 0)
                continue;
            const size_t offset =
                ((size_t)z * (size_t)grid->n[1] + (size_t)y) * (size_t)grid->n[0];
            add_row(kernel, row, values + offset, at[0], grid->n[0], sum);
        }
    }
    return sum[0] / sum[1];
}
