#include "dose/voxel_kernel.h"

#include <math.h>
#include <stdlib.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "dose/svalues.h"

enum {
    REACH_MAX = 4096,
    SHELLS_A_VOXEL = 12, /* of the shortest side, in the near part */
    PLACES_A_VOXEL = 64, /* on the eighth of a shell of that radius */
    PLACES_LEAST = 512,
    FAR_STEPS = 16 /* of the table of the far part, a voxel of the shortest side */
};

static const double near_voxels = 10.0;   /* of the longest side */
static const double middle_voxels = 40.0; /* ... up to where a voxel has eight places */

static size_t count_of(const rgq_voxel_kernel *k)
{
    return (size_t)(k->reach[0] + 1) * (size_t)(k->reach[1] + 1) * (size_t)(k->reach[2] + 1);
}

static size_t index_of(const rgq_voxel_kernel *k, int x, int y, int z)
{
    return ((size_t)z * (size_t)(k->reach[1] + 1) + (size_t)y) * (size_t)(k->reach[0] + 1) +
           (size_t)x;
}

/* A block of offsets near zero, in double. */
typedef struct near_part {
    int side[3];
    double *mev;
    double radius_mm; /* offsets up to here are complete */
    double middle_mm;
} near_part;

/* Share out `mev` at a place of the first octant [voxels] among the offsets about it. An offset
 * of 0 takes from both sides: what lies on the other is this, mirrored. */
static void share_out(const near_part *p, const double at[3], double mev)
{
    int first[3];
    double weight[3][2];

    for (int a = 0; a < 3; a++) {
        first[a] = (int)at[a];
        const double f = at[a] - first[a];
        weight[a][0] = (first[a] == 0 ? 2.0 : 1.0) * (1.0 - f);
        weight[a][1] = f;
    }
    for (int k = 0; k < 2; k++)
        for (int j = 0; j < 2; j++)
            for (int i = 0; i < 2; i++) {
                const int x = first[0] + i;
                const int y = first[1] + j;
                const int z = first[2] + k;
                if (x < p->side[0] && y < p->side[1] && z < p->side[2])
                    p->mev[((size_t)z * (size_t)p->side[1] + (size_t)y) * (size_t)p->side[0] +
                           (size_t)x] += mev * weight[0][i] * weight[1][j] * weight[2][k];
            }
}

static double fraction(double value)
{
    return value - floor(value);
}

/* The eighth of a shell of radius r: a lattice of golden ratio in cosine and azimuth, shifted
 * from shell to shell. */
static void share_shell(const near_part *p, const double voxel_mm[3], double r, double mev,
                        int shell, double shortest_mm)
{
    const double square = (r / shortest_mm) * (r / shortest_mm);
    const int n = (int)fmax(PLACES_A_VOXEL * square, PLACES_LEAST);
    const double shift_mu = fraction(shell * 0.7548776662466927);
    const double shift_phi = fraction(shell * 0.5698402909980532);

    for (int i = 0; i < n; i++) {
        const double mu = (i + shift_mu) / n;
        const double s = sqrt(1.0 - mu * mu);
        const double phi = M_PI_2 * fraction(shift_phi + i * 0.6180339887498949);
        const double at[3] = {r * s * cos(phi) / voxel_mm[0], r * s * sin(phi) / voxel_mm[1],
                              r * mu / voxel_mm[2]};
        share_out(p, at, mev / (8.0 * n));
    }
}

/* Energy between two distances [mm] at the medium's density. */
static double between(const rgq_radial_kernel *point, double density, double from, double to)
{
    return rgq_radial_kernel_within(point, to * density) -
           rgq_radial_kernel_within(point, from * density);
}

static rgq_status fill_near(near_part *p, const rgq_radial_kernel *point,
                            const double voxel_mm[3], double density, rgq_error *err)
{
    const double shortest = fmin(voxel_mm[0], fmin(voxel_mm[1], voxel_mm[2]));
    const double longest = fmax(voxel_mm[0], fmax(voxel_mm[1], voxel_mm[2]));
    const double end = point->radius_mm[point->n] / density;
    /* what an offset takes comes from within one voxel of it along each axis */
    const double last = fmin(end, near_voxels * longest + 1.74 * longest);
    const double width = fmin(shortest / SHELLS_A_VOXEL, last / 64.0);
    const int shells = (int)ceil(last / width);
    size_t count = 1;

    for (int a = 0; a < 3; a++) {
        p->side[a] = (int)(last / voxel_mm[a]) + 2;
        count *= (size_t)p->side[a];
    }
    p->radius_mm = last < end ? near_voxels * longest : (double)INFINITY;
    p->middle_mm = middle_voxels * longest;
    RGQ_PASS(err, rgq_alloc(&p->mev, count, sizeof *p->mev, err));
    for (int k = 0; k < shells; k++) {
        const double from = k * last / shells;
        const double to = (k + 1) * last / shells;
        share_shell(p, voxel_mm, 0.5 * (from + to), between(point, density, from, to), k,
                    shortest);
    }
    return RGQ_OK;
}

/* MeV per mm3 at even steps of distance, each the mean over half a voxel's breadth. */
typedef struct far_part {
    int n;
    double per_mm;
    float *mev_mm3;
} far_part;

static rgq_status fill_far(far_part *f, const rgq_radial_kernel *point,
                           const double voxel_mm[3], double density, double last_mm,
                           rgq_error *err)
{
    const double shortest = fmin(voxel_mm[0], fmin(voxel_mm[1], voxel_mm[2]));
    const double half = 0.25 * cbrt(voxel_mm[0] * voxel_mm[1] * voxel_mm[2]);

    f->per_mm = FAR_STEPS / shortest;
    f->n = (int)ceil(last_mm * f->per_mm) + 2;
    RGQ_PASS(err, rgq_alloc(&f->mev_mm3, (size_t)f->n, sizeof *f->mev_mm3, err));
    for (int i = 0; i < f->n; i++) {
        const double r = i / f->per_mm;
        const double from = fmax(r - half, 0.0);
        const double to = r + half;
        f->mev_mm3[i] = (float)(between(point, density, from, to) /
                                (4.0 * M_PI / 3.0 * (to * to * to - from * from * from)));
    }
    return RGQ_OK;
}

static float far_at(const far_part *f, double r_mm)
{
    const double at = r_mm * f->per_mm;
    const int i = (int)at;
    const float share = (float)(at - i);

    return i + 1 < f->n ? f->mev_mm3[i] + share * (f->mev_mm3[i + 1] - f->mev_mm3[i]) : 0.0F;
}

/* The mean over a product of triangles by the eight places that have its variance, h^2 / 6
 * along each axis; h [mm] at the offset r [mm]. */
static float middle_at(const far_part *f, const double h[3], const double r[3])
{
    static const double root = 0.40824829046386296; /* 1 / sqrt 6 */
    float sum = 0.0F;

    for (int k = -1; k < 2; k += 2)
        for (int j = -1; j < 2; j += 2)
            for (int i = -1; i < 2; i += 2) {
                const double x = r[0] + i * root * h[0];
                const double y = r[1] + j * root * h[1];
                const double z = r[2] + k * root * h[2];
                sum += far_at(f, sqrt(x * x + y * y + z * z));
            }
    return 0.125F * sum;
}

static float value_at(const rgq_voxel_kernel *k, const near_part *p, const far_part *f,
                      const int d[3])
{
    const double *h = k->voxel_mm;
    const double at[3] = {d[0] * h[0], d[1] * h[1], d[2] * h[2]};
    const double r = sqrt(at[0] * at[0] + at[1] * at[1] + at[2] * at[2]);

    if (r > p->radius_mm) {
        const float volume = (float)(h[0] * h[1] * h[2]);
        return volume * (r < p->middle_mm ? middle_at(f, h, at) : far_at(f, r));
    }
    if (d[0] >= p->side[0] || d[1] >= p->side[1] || d[2] >= p->side[2])
        return 0.0F;
    return (float)
        p->mev[((size_t)d[2] * (size_t)p->side[1] + (size_t)d[1]) * (size_t)p->side[0] +
               (size_t)d[0]];
}

static void fill(rgq_voxel_kernel *k, const near_part *p, const far_part *f)
{
#pragma omp parallel for schedule(static)
    for (int z = 0; z <= k->reach[2]; z++)
        for (int y = 0; y <= k->reach[1]; y++)
            for (int x = 0; x <= k->reach[0]; x++)
                k->mev[index_of(k, x, y, z)] = value_at(k, p, f, (const int[3]){x, y, z});
}

/* Each offset stands for those mirrored at it. */
static double sum_of(const rgq_voxel_kernel *k)
{
    double sum = 0.0;

    for (int z = 0; z <= k->reach[2]; z++)
        for (int y = 0; y <= k->reach[1]; y++) {
            const double times = (z > 0 ? 2.0 : 1.0) * (y > 0 ? 2.0 : 1.0);
            const float *row = k->mev + index_of(k, 0, y, z);
            double line = 0.0;
            for (int x = 1; x <= k->reach[0]; x++)
                line += (double)row[x];
            sum += times * ((double)row[0] + 2.0 * line);
        }
    return sum;
}

static rgq_status check(const double voxel_mm[3], double density, const int most[3],
                        rgq_error *err)
{
    for (int a = 0; a < 3; a++)
        if (!(voxel_mm[a] >= 0.01 && voxel_mm[a] <= 1000.0) || most[a] < 0 ||
            most[a] > REACH_MAX)
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "voxels of %g mm and offsets to %d; 0.01 to 1000 mm and 0 to %d "
                             "are needed",
                             voxel_mm[a], most[a], REACH_MAX);
    if (!(density >= 0.001 && density <= 30.0))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "a density of %g g/cm3; 0.001 to 30 is needed",
                         density);
    if (fmax(voxel_mm[0], fmax(voxel_mm[1], voxel_mm[2])) >
        20.0 * fmin(voxel_mm[0], fmin(voxel_mm[1], voxel_mm[2])))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "voxels of %g x %g x %g mm; sides within a factor of 20 are needed",
                         voxel_mm[0], voxel_mm[1], voxel_mm[2]);
    return RGQ_OK;
}

rgq_status rgq_voxel_kernel_make(rgq_voxel_kernel **out, const rgq_radial_kernel *point,
                                 const double voxel_mm[3], double density_g_cm3,
                                 const int most[3], rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_voxel_kernel *k = NULL;
    near_part near = {.mev = NULL};
    far_part far = {.mev_mm3 = NULL};
    const double end = point->radius_mm[point->n] / density_g_cm3;
    double diagonal2 = 0.0;

    *out = NULL;
    RGQ_PASS(err, check(voxel_mm, density_g_cm3, most, err));
    RGQ_TRY(err, rgq_alloc(&k, 1, sizeof *k, err));
    k->density_g_cm3 = density_g_cm3;
    for (int a = 0; a < 3; a++) {
        const double wanted = floor(end / voxel_mm[a]) + 1.0;
        k->reach[a] = wanted < most[a] ? (int)wanted : most[a];
        k->voxel_mm[a] = voxel_mm[a];
        diagonal2 += (k->reach[a] * voxel_mm[a]) * (k->reach[a] * voxel_mm[a]);
    }
    RGQ_TRY(err, rgq_alloc(&k->mev, count_of(k), sizeof *k->mev, err));
    RGQ_TRY(err, fill_near(&near, point, voxel_mm, density_g_cm3, err));
    RGQ_TRY(err, fill_far(&far, point, voxel_mm, density_g_cm3, sqrt(diagonal2), err));
    fill(k, &near, &far);
    k->sum_mev = sum_of(k);
    *out = k;
    k = NULL;
out:
    rgq_free(near.mev);
    rgq_free(far.mev_mm3);
    rgq_voxel_kernel_free(k);
    return st;
}

void rgq_voxel_kernel_free(rgq_voxel_kernel *kernel)
{
    if (kernel == NULL)
        return;
    rgq_free(kernel->mev);
    rgq_free(kernel);
}

double rgq_voxel_kernel_at(const rgq_voxel_kernel *kernel, int dx, int dy, int dz)
{
    const int x = abs(dx);
    const int y = abs(dy);
    const int z = abs(dz);

    if (x > kernel->reach[0] || y > kernel->reach[1] || z > kernel->reach[2])
        return 0.0;
    return (double)kernel->mev[index_of(kernel, x, y, z)];
}

double rgq_voxel_s(const rgq_voxel_kernel *kernel, int dx, int dy, int dz)
{
    const double *h = kernel->voxel_mm;
    const double grams = kernel->density_g_cm3 * h[0] * h[1] * h[2] / 1000.0;

    return rgq_voxel_kernel_at(kernel, dx, dy, dz) * rgq_mgy_per_mev_g / grams;
}
