/* How long the methods of segmentation take, beside a copy of the volume in the same run: the
 * random walker on a whole cube with two small markers, and thresholds with components. TSV to
 * stdout. */
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
#include "rgdquant/segment.h"
#include "roi/walker.h"

static double now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* A ball of 1 on 0.2 in the middle of a cube, its edge three voxels wide, noise of 4 %. */
static void draw(float *values, int side, rgq_rng *rng)
{
    size_t i = 0;

    rgq_rng_seed(rng, 1, 0);
    for (int z = 0; z < side; z++)
        for (int y = 0; y < side; y++)
            for (int x = 0; x < side; x++, i++) {
                const double c = 0.5 * (side - 1);
                const double r =
                    sqrt((x - c) * (x - c) + (y - c) * (y - c) + (z - c) * (z - c));
                const double edge = 0.5 * erfc((r - side / 4.0) / 2.0);
                values[i] = (float)(0.2 + 0.8 * edge + rgq_rng_gaussian(rng, 0.04));
            }
}

/* Markers: the voxel in the middle, and the faces of the cube. */
static void mark(uint8_t *label, int side)
{
    size_t i = 0;

    for (int z = 0; z < side; z++)
        for (int y = 0; y < side; y++)
            for (int x = 0; x < side; x++, i++)
                label[i] = x == 0 || y == 0 || z == 0 || x == side - 1 || y == side - 1 ||
                                   z == side - 1
                               ? 2
                               : 0;
    const size_t c = (size_t)side / 2;
    label[(c * (size_t)side + c) * (size_t)side + c] = 1;
}

static void print_row(const char *what, int side, int threads, double took_s, double copy_s,
                      const rgq_lattice_report *report)
{
    printf("%s\t%d\t%d\t%.4f\t%.1f", what, side, threads, took_s, took_s / copy_s);
    if (report != NULL)
        printf("\t%d\t%.3g\n", report->rounds, report->residual);
    else
        printf("\tn/a\tn/a\n");
    fflush(stdout);
}

static rgq_status walk(const float *values, int side, double prior, int threads, double copy_s,
                       rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const size_t count = (size_t)side * (size_t)side * (size_t)side;
    const rgq_walk how = {.n = {side, side, side},
                          .spacing_mm = {2.0, 2.0, 2.0},
                          .beta = 300.0,
                          .scale = 0.8,
                          .prior = prior,
                          .cold = 0.2,
                          .hot = 1.0,
                          .relative = 1e-4};
    rgq_lattice_report report = {0, 0.0};
    float *probability = NULL;
    uint8_t *label = NULL;

    RGQ_TRY(err, rgq_alloc(&probability, count, sizeof *probability, err));
    RGQ_TRY(err, rgq_alloc(&label, count, 1, err));
    mark(label, side);
    const double start_s = now_s();
    RGQ_TRY(err, rgq_walk_solve(probability, values, label, &how, &report, err));
    print_row(prior > 0.0 ? "walker" : "walker without prior", side, threads, now_s() - start_s,
              copy_s, &report);
out:
    rgq_free(label);
    rgq_free(probability);
    return st;
}

static rgq_status segment(const rgq_volume *volume, const char *spec, int side, int threads,
                          double copy_s, rgq_error *err)
{
    rgq_regions *regions = NULL;
    rgq_segment_opts opts = RGQ_SEGMENT_OPTS_INIT;

    opts.components = true;
    opts.min_volume_ml = 0.5;
    const double start_s = now_s();
    RGQ_PASS(err, rgq_segment(&regions, volume, spec, &opts, NULL, NULL, err));
    print_row(spec, side, threads, now_s() - start_s, copy_s, NULL);
    rgq_regions_free(regions);
    return RGQ_OK;
}

static rgq_status run(int side, int threads, rgq_rng *rng, rgq_error *err)
{
    static const char *const spec[] = {"fixed:0.6", "otsu",     "gmm",   "a50",
                                       "grow",      "gradient", "walker"};
    rgq_status st = RGQ_OK;
    const rgq_grid grid = rgq_grid_make((const int[3]){side, side, side},
                                        (const double[3]){2, 2, 2}, (const double[3]){0, 0, 0});
    rgq_volume *volume = NULL;
    rgq_volume *copy = NULL;

    RGQ_TRY(err, rgq_volume_create(&volume, &grid, 1, RGQ_UNIT_NATIVE, err));
    draw(rgq_volume_data(volume, 0), side, rng);
    RGQ_TRY(err, rgq_volume_clone(&copy, volume, true, err));
    const double start_s = now_s();
    memcpy(rgq_volume_data(copy, 0), rgq_volume_cdata(volume, 0),
           rgq_volume_count(volume) * sizeof(float));
    const double copy_s = now_s() - start_s;
    RGQ_TRY(err, walk(rgq_volume_cdata(volume, 0), side, 0.0, threads, copy_s, err));
    RGQ_TRY(err, walk(rgq_volume_cdata(volume, 0), side, 0.05, threads, copy_s, err));
    for (size_t i = 0; i < sizeof spec / sizeof spec[0]; i++)
        RGQ_TRY(err, segment(volume, spec[i], side, threads, copy_s, err));
out:
    rgq_volume_free(copy);
    rgq_volume_free(volume);
    return st;
}

int main(int argc, char **argv)
{
    rgq_status st = RGQ_OK;
    rgq_error error = RGQ_ERROR_INIT;
    rgq_error *err = &error;
    rgq_rng *rng = NULL;
    long long side = 128;
    long long threads = 2;

    if (argc > 1)
        RGQ_TRY(err, rgq_parse_int(&side, argv[1], 16, 512, err));
    if (argc > 2)
        RGQ_TRY(err, rgq_parse_int(&threads, argv[2], 1, 256, err));
    rgq_threads_set((int)threads);
    RGQ_TRY(err, rgq_rng_create(&rng, 1, err));
    printf("what\tside\tthreads\tseconds\tper_copy\trounds\tresidual\n");
    RGQ_TRY(err, run((int)side, (int)threads, rng, err));
out:
    rgq_rng_free(rng);
    if (st != RGQ_OK) {
        fprintf(stderr, "bench_segment: %s\nusage: bench_segment [SIDE [THREADS]]\n",
                error.message);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
