#include "num/kernel_image.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/banned.h"
#include "num/kernel.h"

static size_t count_of(const rgq_kernel_image *image)
{
    return (size_t)image->n[0] * (size_t)image->n[1] * (size_t)image->n[2];
}

static double weight_at(const rgq_kernel_image *image, int x, int y, int z)
{
    const size_t row = (size_t)z * (size_t)image->n[1] + (size_t)y;

    return (double)image->weight[row * (size_t)image->n[0] + (size_t)x];
}

rgq_status rgq_kernel_image_check(const rgq_kernel_image *image, rgq_error *err)
{
    for (int i = 0; i < 3; i++)
        if (image->n[i] < 1 || image->n[i] > 2 * RGQ_RADIUS_MAX + 1 || image->n[i] % 2 == 0)
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "a kernel of %d x %d x %d voxels; each side must be odd, 1 to %d, "
                             "so that its centre is a voxel",
                             image->n[0], image->n[1], image->n[2], 2 * RGQ_RADIUS_MAX + 1);
    for (size_t i = 0; i < count_of(image); i++)
        if (!isfinite(image->weight[i]))
            return RGQ_RAISE(err, RGQ_E_ARGUMENT, "weight %zu of a kernel is %g", i,
                             (double)image->weight[i]);
    return RGQ_OK;
}

void rgq_kernel_image_radius(const rgq_kernel_image *image, int radius[3])
{
    for (int i = 0; i < 3; i++)
        radius[i] = (image->n[i] - 1) / 2;
}

void rgq_kernel_image_sigma(const rgq_kernel_image *image, double sigma[3])
{
    double moment[3] = {0.0, 0.0, 0.0};
    double sum = 0.0;
    int r[3];

    rgq_kernel_image_radius(image, r);
    for (int z = -r[2]; z <= r[2]; z++)
        for (int y = -r[1]; y <= r[1]; y++)
            for (int x = -r[0]; x <= r[0]; x++) {
                const double w = weight_at(image, x + r[0], y + r[1], z + r[2]);
                sum += w;
                moment[0] += w * (double)x * (double)x;
                moment[1] += w * (double)y * (double)y;
                moment[2] += w * (double)z * (double)z;
            }
    for (int i = 0; i < 3; i++)
        sigma[i] = moment[i] * sum > 0.0 ? sqrt(moment[i] / sum) : 0.0;
}

/* Sums over planes, folded about the centre; returns the sum of all. */
static double fold(const rgq_kernel_image *image, const int r[3], double *const half[3])
{
    double sum = 0.0;

    for (int i = 0; i < 3; i++)
        memset(half[i], 0, ((size_t)r[i] + 1) * sizeof *half[i]);
    for (int z = -r[2]; z <= r[2]; z++)
        for (int y = -r[1]; y <= r[1]; y++)
            for (int x = -r[0]; x <= r[0]; x++) {
                const double w = weight_at(image, x + r[0], y + r[1], z + r[2]);
                sum += w;
                half[0][abs(x)] += w;
                half[1][abs(y)] += w;
                half[2][abs(z)] += w;
            }
    for (int i = 0; i < 3; i++)
        for (int k = 1; k <= r[i]; k++)
            half[i][k] *= 0.5;
    return sum;
}

bool rgq_kernel_image_separates(const rgq_kernel_image *image, double *const half[3])
{
    const double tolerance = 1e-6;
    double largest = 0.0;
    double worst = 0.0;
    int whole = 0; /* the axis that keeps the sum */
    int r[3];

    rgq_kernel_image_radius(image, r);
    while (whole < 3 && r[whole] == 0)
        whole++;
    if (whole == 3)
        return false;
    const double sum = fold(image, r, half);
    for (size_t i = 0; i < count_of(image); i++)
        largest = fmax(largest, fabs((double)image->weight[i]));
    if (!(fabs(sum) > tolerance * largest)) /* nothing to divide by */
        return false;
    for (int i = 0; i < 3; i++)
        for (int k = 0; k <= r[i] && i != whole; k++)
            half[i][k] /= sum;
    for (int z = -r[2]; z <= r[2]; z++)
        for (int y = -r[1]; y <= r[1]; y++)
            for (int x = -r[0]; x <= r[0]; x++) {
                const double product =
                    half[0][x < 0 ? -x : x] * half[1][y < 0 ? -y : y] * half[2][z < 0 ? -z : z];
                const double w = weight_at(image, x + r[0], y + r[1], z + r[2]);
                worst = fmax(worst, fabs(product - w));
            }
    return worst <= tolerance * largest;
}

static size_t table_at(const int n[3], int x, int y, int z)
{
    return ((size_t)z * ((size_t)n[1] + 1) + (size_t)y) * ((size_t)n[0] + 1) + (size_t)x;
}

void rgq_kernel_image_table(const rgq_kernel_image *image, double *table)
{
    const int *n = image->n;

    for (int z = 0; z <= n[2]; z++)
        for (int y = 0; y <= n[1]; y++) {
            double row = 0.0;
            for (int x = 0; x <= n[0]; x++) {
                double *here = &table[table_at(n, x, y, z)];
                *here = 0.0;
                if (x == 0 || y == 0 || z == 0)
                    continue;
                row += weight_at(image, x - 1, y - 1, z - 1);
                *here = row + table[table_at(n, x, y - 1, z)] +
                        table[table_at(n, x, y, z - 1)] - table[table_at(n, x, y - 1, z - 1)];
            }
        }
}

double rgq_kernel_image_sum(const int n[3], const double *table, const int lo[3],
                            const int hi[3])
{
    double sum = 0.0;

    for (int i = 0; i < 3; i++)
        if (hi[i] < lo[i])
            return 0.0;
    for (int corner = 0; corner < 8; corner++) {
        const int x = (corner & 1) != 0 ? hi[0] + 1 : lo[0];
        const int y = (corner & 2) != 0 ? hi[1] + 1 : lo[1];
        const int z = (corner & 4) != 0 ? hi[2] + 1 : lo[2];
        const int ones = (corner & 1) + (corner >> 1 & 1) + (corner >> 2);
        const double value = table[table_at(n, x, y, z)];
        sum += ones % 2 == 1 ? value : -value;
    }
    return sum;
}
