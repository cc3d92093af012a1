#include "num/peak_kernel.h"

#include <math.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "num/clones.h"
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

/* Centres done at a time, taps done at a time. */
enum { LANES = RGQ_PEAK_LANES, WINDOW = 32 };

/* The rows of the image that share one row of weights: those at -dy and +dy, -dz and +dz that
 * exist. The sphere is symmetric, so they are added up before they are weighed. */
typedef struct sharers {
    const float *row[4];
    int n;
} sharers;

static sharers find_sharers(const float *values, const rgq_grid *grid, const int at[3], int dy,
                            int dz)
{
    sharers found = {{NULL, NULL, NULL, NULL}, 0};

    for (int sz = dz == 0 ? 1 : -1; sz <= 1; sz += 2)
        for (int sy = dy == 0 ? 1 : -1; sy <= 1; sy += 2) {
            const int y = at[1] + sy * dy;
            const int z = at[2] + sz * dz;
            if (y < 0 || y >= grid->n[1] || z < 0 || z >= grid->n[2])
                continue;
            found.row[found.n++] =
                values + ((size_t)z * (size_t)grid->n[1] + (size_t)y) * (size_t)grid->n[0];
        }
    return found;
}

/* out[i] = sum of the rows at from + i. */
RGQ_CLONES static void add_rows(double *restrict out, const sharers *s, size_t from, int count)
{
    const float *a = s->row[0] + from;

    if (s->n == 4) {
        const float *b = s->row[1] + from;
        const float *c = s->row[2] + from;
        const float *d = s->row[3] + from;
        for (int i = 0; i < count; i++)
            out[i] = (((double)a[i] + (double)b[i]) + (double)c[i]) + (double)d[i];
        return;
    }
    for (int i = 0; i < count; i++)
        out[i] = (double)a[i];
    for (int r = 1; r < s->n; r++) {
        a = s->row[r] + from;
        for (int i = 0; i < count; i++)
            out[i] += (double)a[i];
    }
}

/* The same from voxel x on; 0 outside the image. */
static void add_rows_cut(double *out, const sharers *s, int x, int count, int n_x)
{
    const int skip = x < 0 ? -x : 0;
    const int end = x + count <= n_x ? count : n_x - x;

    for (int i = 0; i < count; i++)
        out[i] = 0.0;
    if (skip < end)
        add_rows(out + skip, s, (size_t)(x + skip), end - skip);
}

RGQ_CLONES static void weigh(double *restrict sum, const double *restrict t,
                             const double *restrict weight, int n_taps)
{
    double s[LANES];

    for (int i = 0; i < LANES; i++)
        s[i] = sum[i];
    for (int k = 0; k < n_taps; k++)
        for (int i = 0; i < LANES; i++)
            s[i] += weight[k] * t[i + k];
    for (int i = 0; i < LANES; i++)
        sum[i] = s[i];
}

/* Sum of a row of weights about voxel x of a row of n_x. */
static double cut_sum(const rgq_peak_kernel *kernel, size_t row, int x, int n_x)
{
    const int last = kernel->row_half[row];
    const double *weight =
        kernel->weight + row * (size_t)(2 * kernel->half[0] + 1) + kernel->half[0];
    double sum = 0.0;

    if (x >= last && x + last < n_x)
        return kernel->row_sum[row];
    for (int k = x < last ? -x : -last; k <= last && x + k < n_x; k++)
        sum += weight[k];
    return sum;
}

/* No sphere of a block from voxel x on is cut at the ends of a row. */
static bool is_whole(const rgq_peak_kernel *kernel, int x, int n_x)
{
    return x >= kernel->half[0] && x + LANES - 1 + kernel->half[0] < n_x;
}

/* Weighted sums and sums of weights about LANES centres from `at` on, for one row of weights.
 */
static void add_class(double sum[2][LANES], const rgq_peak_kernel *kernel, size_t row,
                      const sharers *s, int x, int n_x)
{
    const int last = kernel->row_half[row];
    const double *weight =
        kernel->weight + row * (size_t)(2 * kernel->half[0] + 1) + kernel->half[0];
    const bool whole = is_whole(kernel, x, n_x);
    double t[LANES + WINDOW];

    for (int k = -last; k <= last; k += WINDOW) {
        const int n_taps = last - k + 1 < WINDOW ? last - k + 1 : WINDOW;
        if (whole)
            add_rows(t, s, (size_t)(x + k), LANES + n_taps - 1);
        else
            add_rows_cut(t, s, x + k, LANES + n_taps - 1, n_x);
        weigh(sum[0], t, weight + k, n_taps);
    }
    for (int i = 0; i < LANES && !whole; i++)
        sum[1][i] += s->n * cut_sum(kernel, row, x + i, n_x);
    if (whole) /* the same for all: only the first is kept */
        sum[1][0] += s->n * kernel->row_sum[row];
}

void rgq_peak_block(double mean[RGQ_PEAK_LANES], const rgq_peak_kernel *kernel,
                    const float *values, const rgq_grid *grid, const int at[3])
{
    double sum[2][LANES] = {{0.0}, {0.0}};

    for (int dz = 0; dz <= kernel->half[2]; dz++)
        for (int dy = 0; dy <= kernel->half[1]; dy++) {
            const size_t row =
                (size_t)(kernel->half[2] + dz) * (size_t)(2 * kernel->half[1] + 1) +
                (size_t)(kernel->half[1] + dy);
            if (kernel->row_half[row] < 0)
                break; /* farther out there is none either */
            const sharers s = find_sharers(values, grid, at, dy, dz);
            if (s.n > 0)
                add_class(sum, kernel, row, &s, at[0], grid->n[0]);
        }
    const bool shared = is_whole(kernel, at[0], grid->n[0]);
    for (int i = 0; i < LANES; i++)
        mean[i] = sum[0][i] / sum[1][shared ? 0 : i];
}

double rgq_peak_at(const rgq_peak_kernel *kernel, const float *values, const rgq_grid *grid,
                   const int at[3])
{
    double mean[LANES];

    rgq_peak_block(mean, kernel, values, grid, at);
    return mean[0];
}
