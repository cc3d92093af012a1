/* How long the table of a scan full of regions takes, beside a copy of the scan in the same
 * run: balls of about 1000 voxels on a noisy volume, with medians and peaks, without and with a
 * background and its intervals; and percent-peak over the whole scan. TSV to stdout.
 * usage: bench_measure [SLICES [SPACING_MM [REGIONS [THREADS]]]] */
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
#include "rgdquant/measure.h"
#include "rgdquant/segment.h"

enum { REPEATS = 5, BALL_RADIUS = 6, POOL_RADIUS = 20 };

typedef struct setup {
    int n[3];
    double spacing_mm;
    int n_regions;
    int threads;
} setup;

static double now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* A ball of `value` and noise about `centre`, drawn into the volume and added as a region. */
static rgq_status add_ball(rgq_regions *regions, rgq_volume *volume, int label,
                           const int centre[3], double radius, double value, rgq_rng *rng,
                           rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const int half = (int)radius;
    const int side = 2 * half + 1;
    const rgq_grid *grid = rgq_volume_grid(volume);
    float *weight = NULL;
    char name[32];
    int lo[3];

    for (int a = 0; a < 3; a++)
        lo[a] = centre[a] - half;
    RGQ_TRY(err, rgq_alloc(&weight, (size_t)(side * side * side), sizeof *weight, err));
    for (int i = 0; i < side * side * side; i++) {
        const int d[3] = {i % side - half, i / side % side - half, i / (side * side) - half};
        if (d[0] * d[0] + d[1] * d[1] + d[2] * d[2] > radius * radius)
            continue;
        weight[i] = 1.0f;
        const size_t at =
            ((size_t)(centre[2] + d[2]) * (size_t)grid->n[1] + (size_t)(centre[1] + d[1])) *
                (size_t)grid->n[0] +
            (size_t)(centre[0] + d[0]);
        rgq_volume_data(volume, 0)[at] = (float)(value + rgq_rng_gaussian(rng, 0.8));
    }
    (void)snprintf(name, sizeof name, "r%d", label);
    RGQ_TRY(err, rgq_regions_add_box(regions, name, label, lo, (const int[3]){side, side, side},
                                     weight, err));
out:
    rgq_free(weight);
    return st;
}

/* A pool at the middle (label 1) and balls on a lattice around it. */
static rgq_status make(rgq_volume **volume, rgq_regions **regions, const setup *how,
                       rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const double mm = how->spacing_mm;
    const rgq_grid grid =
        rgq_grid_make(how->n, (const double[3]){mm, mm, mm}, (const double[3]){0, 0, 0});
    rgq_rng *rng = NULL;

    RGQ_TRY(err, rgq_volume_create(volume, &grid, 1, RGQ_UNIT_SUV_BW, err));
    RGQ_TRY(err, rgq_regions_create(regions, &grid, err));
    RGQ_TRY(err, rgq_rng_create(&rng, 1, err));
    float *values = rgq_volume_data(*volume, 0);
    uint32_t state = 1; /* plain noise: only the values' spread matters */
    for (size_t i = 0; i < rgq_grid_count(&grid); i++) {
        state = state * 1664525u + 1013904223u;
        values[i] = 1.0f + 1e-10f * (float)state;
    }
    const int middle[3] = {how->n[0] / 2, how->n[1] / 2, how->n[2] / 2};
    RGQ_TRY(err, add_ball(*regions, *volume, 1, middle, POOL_RADIUS, 2.0, rng, err));
    for (int i = 0; i < how->n_regions; i++) {
        const int c[3] = {20 + i % 8 * (how->n[0] - 40) / 8,
                          20 + i / 8 % 5 * (how->n[1] - 40) / 5,
                          20 + i / 40 * (how->n[2] - 40) / (how->n_regions / 40 + 1)};
        RGQ_TRY(err, add_ball(*regions, *volume, i + 2, c, BALL_RADIUS + 0.2, 4.0 + i % 7, rng,
                              err));
    }
out:
    rgq_rng_free(rng);
    return st;
}

/* One kind of work; `what` 0 is the copy. */
static rgq_status work(int what, rgq_volume *volume, rgq_volume *other,
                       const rgq_regions *regions, rgq_error *err)
{
    rgq_measure_opts opts = RGQ_MEASURE_OPTS_INIT;
    rgq_segment_opts segment = RGQ_SEGMENT_OPTS_INIT;
    rgq_regions *found = NULL;
    rgq_table *table = NULL;

    if (what == 0) {
        memcpy(rgq_volume_data(other, 0), rgq_volume_cdata(volume, 0),
               rgq_volume_count(volume) * sizeof(float));
        return RGQ_OK;
    }
    if (what == 1)
        return rgq_volume_check_finite(volume, "in the volume", err);
    if (what == 4) {
        RGQ_PASS(err,
                 rgq_segment(&found, volume, "percent-peak:50", &segment, NULL, NULL, err));
        rgq_regions_free(found);
        return RGQ_OK;
    }
    opts.background = what == 3 ? "r1" : NULL;
    RGQ_PASS(err, rgq_measure(&table, volume, regions, &opts, NULL, NULL, err));
    rgq_table_free(table);
    return RGQ_OK;
}

static rgq_status run(const setup *how, rgq_error *err)
{
    static const char *const name[] = {"copy", "check of finite values", "measure",
                                       "measure with intervals", "percent-peak"};
    rgq_status st = RGQ_OK;
    rgq_volume *volume = NULL;
    rgq_volume *other = NULL;
    rgq_regions *regions = NULL;
    double best_s[5] = {1e300, 1e300, 1e300, 1e300, 1e300};

    RGQ_TRY(err, make(&volume, &regions, how, err));
    RGQ_TRY(err, rgq_volume_clone(&other, volume, true, err));
    for (int repeat = 0; repeat < REPEATS; repeat++)
        for (int what = 0; what < (repeat == 0 ? 5 : 4); what++) {
            const double start_s = now_s();
            RGQ_TRY(err, work(what, volume, other, regions, err));
            best_s[what] = fmin(best_s[what], now_s() - start_s);
        }
    printf("what\tgrid\tspacing_mm\tregions\tthreads\tseconds\tper_copy\n");
    for (int what = 0; what < 5; what++)
        printf("%s\t%dx%dx%d\t%g\t%d\t%d\t%.4f\t%.2f\n", name[what], how->n[0], how->n[1],
               how->n[2], how->spacing_mm, how->n_regions, how->threads, best_s[what],
               best_s[what] / best_s[0]);
out:
    rgq_regions_free(regions);
    rgq_volume_free(other);
    rgq_volume_free(volume);
    return st;
}

int main(int argc, char **argv)
{
    rgq_status st = RGQ_OK;
    rgq_error error = RGQ_ERROR_INIT;
    rgq_error *err = &error;
    long long slices = 600;
    long long n_regions = 200;
    long long threads = 2;
    setup how = {.spacing_mm = 2.0};

    if (argc > 1)
        RGQ_TRY(err, rgq_parse_int(&slices, argv[1], 48, 2000, err));
    if (argc > 2)
        RGQ_TRY(err, rgq_parse_real(&how.spacing_mm, argv[2], 0.5, 20.0, err));
    if (argc > 3)
        RGQ_TRY(err, rgq_parse_int(&n_regions, argv[3], 1, 1000, err));
    if (argc > 4)
        RGQ_TRY(err, rgq_parse_int(&threads, argv[4], 1, 256, err));
    how.n[0] = how.n[1] = slices < 200 ? (int)slices : 400;
    how.n[2] = (int)slices;
    how.n_regions = (int)n_regions;
    how.threads = (int)threads;
    rgq_threads_set(how.threads);
    RGQ_TRY(err, run(&how, err));
out:
    if (st != RGQ_OK) {
        fprintf(stderr,
                "bench_measure: %s\nusage: bench_measure [SLICES [SPACING_MM [REGIONS "
                "[THREADS]]]]\n",
                error.message);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
