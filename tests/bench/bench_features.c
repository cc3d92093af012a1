/* How long the features of a lesion take: a noisy ball of about N voxels, beside a copy of its
 * scan and the plain table in the same run. TSV to stdout.
 * usage: bench_features [VOXELS [THREADS]] */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/parse.h"
#include "num/rng.h"
#include "num/threads.h"
#include "rgdquant/features.h"
#include "rgdquant/measure.h"

static double now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* A ball of SUV 6 and noise in a cube, at 2 mm. */
static rgq_status make(rgq_volume **volume, rgq_regions **regions, double voxels,
                       rgq_error *err)
{
    rgq_status st = RGQ_OK;
    uint8_t *mask = NULL;
    const double radius = cbrt(voxels * 3.0 / (4.0 * 3.14159265358979));
    const int side = 2 * (int)ceil(radius) + 11;
    const int n[3] = {side, side, side};
    const rgq_grid grid =
        rgq_grid_make(n, (const double[3]){2.0, 2.0, 2.0}, (const double[3]){0.0, 0.0, 0.0});
    rgq_rng *rng = NULL;

    RGQ_TRY(err, rgq_volume_create(volume, &grid, 1, RGQ_UNIT_SUV_BW, err));
    RGQ_TRY(err, rgq_alloc(&mask, rgq_grid_count(&grid), 1, err));
    RGQ_TRY(err, rgq_rng_create(&rng, 1, err));
    for (int i = 0; i < side * side * side; i++) {
        const double d[3] = {i % side - side / 2, i / side % side - side / 2,
                             i / (side * side) - side / 2};
        const double r = sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
        mask[i] = r < radius;
        rgq_volume_data(*volume, 0)[i] = (float)fmax(
            (r < radius ? 6.0 : 1.0) + 1.5 * cos(0.3 * d[0]) + rgq_rng_gaussian(rng, 0.8), 0.0);
    }
    RGQ_TRY(err, rgq_regions_create(regions, &grid, err));
    RGQ_TRY(err, rgq_regions_add_mask(*regions, "ball", 1, mask, err));
out:
    rgq_rng_free(rng);
    rgq_free(mask);
    return st;
}

static rgq_status run(double voxels, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_volume *volume = NULL;
    rgq_volume *other = NULL;
    rgq_regions *regions = NULL;
    rgq_table *table = NULL;
    rgq_features_opts opts = RGQ_FEATURES_OPTS_INIT;
    const rgq_measure_opts plain = RGQ_MEASURE_OPTS_INIT;
    double best_s[3] = {1e300, 1e300, 1e300};

    opts.low = 0.0;
    opts.bin_size = 0.25;
    RGQ_TRY(err, make(&volume, &regions, voxels, err));
    for (int repeat = 0; repeat < 5; repeat++)
        for (int what = 0; what < 3; what++) {
            const double start_s = now_s();
            if (what == 0)
                RGQ_TRY(err, rgq_volume_clone(&other, volume, true, err));
            else if (what == 1)
                RGQ_TRY(err, rgq_measure(&table, volume, regions, &plain, NULL, NULL, err));
            else
                RGQ_TRY(err, rgq_features(&table, volume, regions, &opts, NULL, err));
            best_s[what] = fmin(best_s[what], now_s() - start_s);
            rgq_table_free(table);
            table = NULL;
            rgq_volume_free(other);
            other = NULL;
        }
    (void)printf(
        "voxels\tthreads\tfeatures_s\tcopy_s\tplain_table_s\n%.0f\t%d\t%.4f\t%.5f\t%.5f\n",
        voxels, rgq_threads_count(), best_s[2], best_s[0], best_s[1]);
out:
    rgq_table_free(table);
    rgq_regions_free(regions);
    rgq_volume_free(other);
    rgq_volume_free(volume);
    return st;
}

int main(int argc, char **argv)
{
    rgq_error err = RGQ_ERROR_INIT;
    double voxels = 20000.0;
    double threads = 1.0;

    if ((argc > 1 && rgq_parse_real(&voxels, argv[1], 10.0, 1e7, &err) != RGQ_OK) ||
        (argc > 2 && rgq_parse_real(&threads, argv[2], 1.0, 1024.0, &err) != RGQ_OK)) {
        (void)fprintf(stderr, "%s\n", err.message);
        return 2;
    }
    rgq_threads_set((int)threads);
    if (run(voxels, &err) != RGQ_OK) {
        (void)fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    return 0;
}
