/* How many voxels a second are fitted, bi-exponential, beside a copy of their frames in the
 * same run. Courses of two phases with 5 % noise. TSV to stdout. usage: bench_tiac [VOXELS
 * [FRAMES [THREADS]]] */
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
#include "rgdquant/tiac.h"

enum { REPEATS = 5, FRAMES_MAX = 64 };

static double now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static rgq_status paint(float *values, double *time_h, size_t count, int n, rgq_error *err)
{
    rgq_rng *rng = NULL;

    RGQ_PASS(err, rgq_rng_create(&rng, 1, err));
    for (int k = 0; k < n; k++)
        time_h[k] = 0.1 * pow(1680.0, (double)k / (n - 1)); /* 0.1 to 168 h */
    for (size_t i = 0; i < count; i++) {
        const double fast = 0.2 * pow(10.0, rgq_rng_uniform(rng));
        const double slow = 0.006 + 0.05 * rgq_rng_uniform(rng);
        const double a = 5000.0 * rgq_rng_uniform(rng);
        for (int k = 0; k < n; k++)
            values[(size_t)k * count + i] =
                (float)((a * exp(-fast * time_h[k]) + 2000.0 * exp(-slow * time_h[k])) *
                        (1.0 + rgq_rng_gaussian(rng, 0.05)));
    }
    rgq_rng_free(rng);
    return RGQ_OK;
}

static rgq_status bench(size_t count, int n, rgq_error *err)
{
    static const rgq_tiac_model models[] = {RGQ_TIAC_BI, RGQ_TIAC_MONO, RGQ_TIAC_TRAPEZOID};
    rgq_status st = RGQ_OK;
    float *values = NULL;
    float *copy = NULL;
    const float *frame[FRAMES_MAX];
    double time_h[FRAMES_MAX];
    double copied_s = INFINITY;

    RGQ_TRY(err, rgq_alloc(&values, count, (size_t)n * sizeof *values, err));
    RGQ_TRY(err, rgq_alloc(&copy, count, (size_t)n * sizeof *copy, err));
    RGQ_TRY(err, paint(values, time_h, count, n, err));
    for (int k = 0; k < n; k++)
        frame[k] = values + (size_t)k * count;
    const rgq_tiac_frames frames = {n, count, frame, time_h, NULL};
    for (int r = 0; r < REPEATS; r++) {
        const double began = now_s();
        memcpy(copy, values, count * (size_t)n * sizeof *copy);
        copied_s = fmin(copied_s, now_s() - began);
    }
    for (size_t m = 0; m < sizeof models / sizeof models[0]; m++) {
        double best_s = INFINITY;
        for (int r = 0; r < REPEATS; r++) {
            const double began = now_s();
            RGQ_TRY(err, rgq_tiac_voxels(copy, &frames, models[m], 159.5, err));
            best_s = fmin(best_s, now_s() - began);
        }
        printf("%s\t%zu\t%d\t%d\t%.4f\t%.0f\t%.1f\n", rgq_tiac_model_name(models[m]), count, n,
               rgq_threads_count(), best_s, (double)count / best_s, best_s / copied_s);
    }
out:
    rgq_free(copy);
    rgq_free(values);
    return st;
}

int main(int argc, char **argv)
{
    rgq_error err = RGQ_ERROR_INIT;
    long long how[3] = {200000, 12, 2};
    static const long long hi[3] = {100000000, FRAMES_MAX, 1024};

    for (int a = 1; a < argc && a <= 3; a++)
        if (rgq_parse_int(&how[a - 1], argv[a], a == 2 ? 4 : 1, hi[a - 1], &err) != RGQ_OK) {
            fprintf(stderr, "bench_tiac: %s\n", err.message);
            return EXIT_FAILURE;
        }
    rgq_threads_set((int)how[2]);
    printf("model\tvoxels\tframes\tthreads\tseconds\tvoxels_per_s\tcopies\n");
    if (bench((size_t)how[0], (int)how[1], &err) != RGQ_OK) {
        fprintf(stderr, "bench_tiac: %s\n", err.message);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
