/* Scenes of 40^3 voxels for the tests of segmentation. */
#ifndef RGQ_TEST_SCENE_H
#define RGQ_TEST_SCENE_H

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "num/rng.h"
#include "rgdquant/segment.h"
#include "rgq_check.h"

enum { N = 40, COUNT = N * N * N };

typedef struct heard {
    int warnings;
    char all[4000];
} heard;

static inline void hear(void *user, rgq_level level, const char *text)
{
    heard *h = user;
    const size_t used = strlen(h->all);

    if (level != RGQ_LEVEL_WARNING)
        return;
    h->warnings++;
    (void)snprintf(h->all + used, sizeof h->all - used, "%s\n", text);
}

/* N^3 voxels of 2 mm, voxel (0,0,0) at the origin. */
static inline rgq_volume *scene(float background)
{
    rgq_volume *volume = NULL;
    const rgq_grid grid = rgq_grid_make((const int[3]){N, N, N}, (const double[3]){2, 2, 2},
                                        (const double[3]){0, 0, 0});
    MUST(rgq_volume_create(&volume, &grid, 1, RGQ_UNIT_SUV_BW, err));
    for (int i = 0; i < COUNT; i++)
        rgq_volume_data(volume, 0)[i] = background;
    return volume;
}

static inline float *voxel(rgq_volume *volume, int x, int y, int z)
{
    return rgq_volume_data(volume, 0) + (z * N + y) * N + x;
}

static inline double distance_mm(int i, const double centre_mm[3])
{
    const double d[3] = {2.0 * (i % N) - centre_mm[0], 2.0 * (i / N % N) - centre_mm[1],
                         2.0 * (i / (N * N)) - centre_mm[2]};
    return sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
}

/* A ball that adds `height`, its edge blurred by a Gaussian of 6 mm FWHM as a plane would be.
 */
static inline void add_ball(rgq_volume *volume, const double centre_mm[3], double radius_mm,
                            double height)
{
    for (int i = 0; i < COUNT; i++)
        rgq_volume_data(volume, 0)[i] +=
            (float)(0.5 * height * erfc((distance_mm(i, centre_mm) - radius_mm) / 3.603));
}

static inline void add_noise(rgq_volume *volume, double sd, uint64_t seed)
{
    rgq_rng *rng = NULL;

    MUST(rgq_rng_create(&rng, seed, err));
    for (int i = 0; i < COUNT; i++)
        rgq_volume_data(volume, 0)[i] += (float)rgq_rng_gaussian(rng, sd);
    rgq_rng_free(rng);
}

static const double middle_mm[3] = {39.3, 40.2, 39.6};

static inline rgq_segment_opts with_seed(double x, double y, double z)
{
    rgq_segment_opts opts = RGQ_SEGMENT_OPTS_INIT;

    opts.has_seed = true;
    opts.seed_mm[0] = x;
    opts.seed_mm[1] = y;
    opts.seed_mm[2] = z;
    return opts;
}

static inline bool is_in(const rgq_region *region, int i)
{
    const int at[3] = {i % N - region->lo[0], i / N % N - region->lo[1],
                       i / (N * N) - region->lo[2]};

    for (int a = 0; a < 3; a++)
        if (at[a] < 0 || at[a] >= region->n[a])
            return false;
    return region->weight[(at[2] * region->n[1] + at[1]) * region->n[0] + at[0]] >= 0.5f;
}

static inline int voxels(const rgq_region *region)
{
    int n = 0;

    for (int i = 0; i < COUNT; i++)
        n += is_in(region, i);
    return n;
}

#endif
