#include "phantom/sphere_values.h"

#include <math.h>

#include "core/banned.h"

static const double peak_radius_mm = 6.2035049089940001; /* (3 / (4 pi))^(1/3) cm */

double rgq_sphere_peak_radius_mm(void)
{
    return peak_radius_mm;
}

double rgq_sphere_peak(const rgq_view *view, const rgq_ball_kernel *kernel, const double at[3],
                       double radius)
{
    int range[3][2];
    double peak = (double)NAN;

    for (int a = 0; a < 3; a++)
        rgq_view_range(view, a, at[a], radius, range[a]);
    for (int k = range[2][0]; k <= range[2][1]; k++)
        for (int j = range[1][0]; j <= range[1][1]; j++)
            for (int i = range[0][0]; i <= range[0][1]; i++) {
                const double p[3] = {i * view->step[0], j * view->step[1], k * view->step[2]};
                const int voxel[3] = {i, j, k};
                if (hypot(hypot(p[0] - at[0], p[1] - at[1]), p[2] - at[2]) <= radius)
                    peak = fmax(peak, rgq_ball_kernel_mean(kernel, view, voxel));
            }
    return isnan(peak) ? rgq_view_ball(view, at, peak_radius_mm).mean : peak;
}

double rgq_sphere_mean(const rgq_view *view, const double at[3], double radius,
                       const rgq_roi *parts)
{
    int range[3][2];
    double sum = 0.0;
    double n = 0.0;

    for (int a = 0; a < 3; a++)
        rgq_view_range(view, a, at[a], radius, range[a]);
    for (int k = range[2][0]; k <= range[2][1]; k++)
        for (int j = range[1][0]; j <= range[1][1]; j++)
            for (int i = range[0][0]; i <= range[0][1]; i++) {
                const double r =
                    hypot(hypot(i * view->step[0] - at[0], j * view->step[1] - at[1]),
                          k * view->step[2] - at[2]);
                if (r > radius)
                    continue;
                sum += rgq_view_at(view, i, j, k);
                n += 1.0;
            }
    return n > 0.0 ? sum / n : parts->mean;
}

void rgq_sphere_a50(const rgq_view *view, const double at[3], double radius, double level,
                    double *mean, double *volume_ml)
{
    const double reach = 1.5 * radius + 4.0;
    int range[3][2];
    double sum = 0.0;
    double n = 0.0;

    for (int a = 0; a < 3; a++)
        rgq_view_range(view, a, at[a], reach, range[a]);
    for (int k = range[2][0]; k <= range[2][1]; k++)
        for (int j = range[1][0]; j <= range[1][1]; j++)
            for (int i = range[0][0]; i <= range[0][1]; i++) {
                const double v = rgq_view_at(view, i, j, k);
                const double r =
                    hypot(hypot(i * view->step[0] - at[0], j * view->step[1] - at[1]),
                          k * view->step[2] - at[2]);
                if (r > reach || v < level)
                    continue;
                sum += v;
                n += 1.0;
            }
    *mean = n > 0.0 ? sum / n : (double)NAN;
    *volume_ml = n * rgq_grid_voxel_ml(&view->grid);
}
