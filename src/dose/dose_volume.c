#include <math.h>
#include <stdlib.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "rgdquant/dose.h"

typedef struct pair {
    double gy, share;
} pair;

static int by_dose(const void *a, const void *b)
{
    const double x = ((const pair *)a)->gy;
    const double y = ((const pair *)b)->gy;

    return (x > y) - (x < y);
}

static rgq_status gather(pair *out, size_t *count, double *weight, const rgq_volume *map,
                         const rgq_region *region, rgq_error *err)
{
    const rgq_grid *grid = rgq_volume_grid(map);
    const float *dose = rgq_volume_cdata(map, 0);
    size_t i = 0;

    *count = 0;
    *weight = 0.0;
    for (int z = 0; z < region->n[2]; z++)
        for (int y = 0; y < region->n[1]; y++)
            for (int x = 0; x < region->n[0]; x++, i++) {
                if (!(region->weight[i] > 0.0F))
                    continue;
                const size_t at = ((size_t)(region->lo[2] + z) * (size_t)grid->n[1] +
                                   (size_t)(region->lo[1] + y)) *
                                      (size_t)grid->n[0] +
                                  (size_t)(region->lo[0] + x);
                if (!isfinite(dose[at]))
                    return RGQ_RAISE(err, RGQ_E_NUMERIC,
                                     "the dose map is not finite in region '%s'", region->name);
                out[(*count)++] = (pair){(double)dose[at], (double)region->weight[i]};
                *weight += (double)region->weight[i];
            }
    return RGQ_OK;
}

rgq_status rgq_dose_voxels_of(rgq_dose_voxels *out, const rgq_volume *map,
                              const rgq_region *region, const rgq_grid *region_grid,
                              rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_dose_voxels made = {0, NULL, NULL, 0.0};
    pair *pairs = NULL;
    double weight = 0.0;
    const size_t box = (size_t)region->n[0] * (size_t)region->n[1] * (size_t)region->n[2];

    RGQ_TRY(err, rgq_grid_compare(rgq_volume_grid(map), region_grid, 0.01, err));
    if (box == 0)
        RGQ_TRY(err, RGQ_RAISE(err, RGQ_E_ARGUMENT, "region '%s' is empty", region->name));
    RGQ_TRY(err, rgq_alloc(&pairs, box, sizeof *pairs, err));
    RGQ_TRY(err, gather(pairs, &made.n, &weight, map, region, err));
    if (made.n == 0)
        RGQ_TRY(err, RGQ_RAISE(err, RGQ_E_ARGUMENT, "region '%s' is empty", region->name));
    RGQ_TRY(err, rgq_alloc(&made.gy, made.n, sizeof *made.gy, err));
    RGQ_TRY(err, rgq_alloc(&made.share, made.n, sizeof *made.share, err));
    qsort(pairs, made.n, sizeof *pairs, by_dose);
    for (size_t i = 0; i < made.n; i++) {
        made.gy[i] = pairs[i].gy;
        made.share[i] = pairs[i].share / weight;
    }
    made.volume_ml = weight * rgq_grid_voxel_ml(rgq_volume_grid(map));
    *out = made;
    made = (rgq_dose_voxels){0, NULL, NULL, 0.0};
out:
    rgq_free(pairs);
    rgq_dose_voxels_release(&made);
    return st;
}

void rgq_dose_voxels_release(rgq_dose_voxels *voxels)
{
    rgq_free(voxels->gy);
    rgq_free(voxels->share);
    *voxels = (rgq_dose_voxels){0, NULL, NULL, 0.0};
}

double rgq_dose_mean(const rgq_dose_voxels *v)
{
    double sum = 0.0;

    for (size_t i = 0; i < v->n; i++)
        sum += v->share[i] * v->gy[i];
    return sum;
}

double rgq_dose_volume_share(const rgq_dose_voxels *v, double gy)
{
    double sum = 0.0;

    for (size_t i = v->n; i > 0 && v->gy[i - 1] >= gy; i--)
        sum += v->share[i - 1];
    return fmin(1.0, sum);
}

double rgq_dose_at_volume(const rgq_dose_voxels *v, double percent)
{
    const double wanted = percent / 100.0;
    double sum = 0.0;

    for (size_t i = v->n; i > 0; i--) {
        sum += v->share[i - 1];
        if (sum >= wanted * (1.0 - 1e-12))
            return v->gy[i - 1];
    }
    return v->n > 0 ? v->gy[0] : (double)NAN;
}

double rgq_dose_geud(const rgq_dose_voxels *v, double a)
{
    double sum = 0.0;

    if (v->n == 0)
        return (double)NAN;
    /* over the dose that counts most, so that no power overflows */
    const double unit = a > 0.0 ? v->gy[v->n - 1] : v->gy[0];
    if (!(unit > 0.0))
        return 0.0;
    for (size_t i = 0; i < v->n; i++)
        sum += v->share[i] * pow(fmax(0.0, v->gy[i]) / unit, a);
    return unit * pow(sum, 1.0 / a);
}

double rgq_dose_eud(const rgq_dose_voxels *v, double alpha_per_gy)
{
    double sum = 0.0;

    /* against the least dose, so that a high dose cannot underflow all terms */
    for (size_t i = 0; i < v->n; i++)
        sum += v->share[i] * exp(-alpha_per_gy * (v->gy[i] - v->gy[0]));
    return v->n > 0 ? v->gy[0] - log(sum) / alpha_per_gy : (double)NAN;
}

double rgq_bed_mono(double gy, double alpha_beta_gy, double repair_half_life_h,
                    double effective_half_life_h)
{
    return gy * (1.0 + gy / alpha_beta_gy * repair_half_life_h /
                           (repair_half_life_h + effective_half_life_h));
}

/* A dose rate is not below 0; it is looked at from a hundredth of the shortest half-life to
 * twenty of the longest. */
static bool is_rate(const rgq_rate_phase *phases, int n)
{
    double shortest = (double)INFINITY, longest = 0.0, size = 0.0, start = 0.0;

    for (int i = 0; i < n; i++) {
        shortest = fmin(shortest, phases[i].half_life_h);
        longest = fmax(longest, phases[i].half_life_h);
        size += fabs(phases[i].amplitude);
        start += phases[i].amplitude;
    }
    if (!(size > 0.0) || start < -1e-9 * size)
        return false;
    const double ratio = 2000.0 * longest / shortest;
    for (int k = 0; k <= 400; k++) {
        const double t = 0.01 * shortest * pow(ratio, k / 400.0);
        double rate = 0.0;
        for (int i = 0; i < n; i++)
            rate += phases[i].amplitude * exp2(-t / phases[i].half_life_h);
        if (rate < -1e-9 * size)
            return false;
    }
    return true;
}

rgq_status rgq_lea_catcheside(double *out, const rgq_rate_phase *phases, int n,
                              double repair_half_life_h, rgq_error *err)
{
    double dose = 0.0, sum = 0.0;

    if (n < 1 || !(repair_half_life_h > 0.0))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "dose protraction: %d phases and a repair half-life of %g h; at least "
                         "one and above 0 h are needed",
                         n, repair_half_life_h);
    for (int i = 0; i < n; i++)
        if (!(phases[i].half_life_h > 0.0) || !isfinite(phases[i].half_life_h) ||
            !isfinite(phases[i].amplitude))
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "dose protraction: phase %d has a half-life of %g h; above 0 is "
                             "needed",
                             i + 1, phases[i].half_life_h);
    if (!is_rate(phases, n))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "dose protraction: the sum of phases is below 0 somewhere, which no "
                         "dose rate is");
    const double mu = M_LN2 / repair_half_life_h;
    for (int i = 0; i < n; i++) {
        const double li = M_LN2 / phases[i].half_life_h;
        dose += phases[i].amplitude / li;
        for (int j = 0; j < n; j++) {
            const double lj = M_LN2 / phases[j].half_life_h;
            sum += phases[i].amplitude * phases[j].amplitude / ((li + lj) * (li + mu));
        }
    }
    *out = 2.0 * sum / (dose * dose);
    return RGQ_OK;
}
