/* How long a dose map by voxel kernels takes, beside FFTW's own forward and inverse transform
 * of its padded size by the same threads in the same run. Point kernels are made before: they
 * are cached. TSV to stdout. usage: bench_dose [NX NY NZ [VOXEL_MM [REPEAT]]] */
#include <fftw3.h>
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/parse.h"
#include "dose/dose_map.h"
#include "num/threads.h"

static double now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Lu-177 in short: its hardest beta and its main photon lines. */
static void fill_spectrum(rgq_spectrum *s, rgq_beta_spectrum *beta, rgq_line photon[2])
{
    *beta = (rgq_beta_spectrum){.yield = 0.8, .mean_mev = 0.149, .end_mev = 0.498};
    for (int i = 0; i <= RGQ_BETA_BINS; i++)
        beta->cdf[i] = 1.0 - pow(1.0 - (double)i / RGQ_BETA_BINS, 2.3);
    photon[0] = (rgq_line){0.208, 0.11};
    photon[1] = (rgq_line){0.113, 0.064};
    *s = (rgq_spectrum){.n_photons = 2,
                        .n_betas = 1,
                        .photon = photon,
                        .beta = beta,
                        .photon_mev = 0.208 * 0.11 + 0.113 * 0.064,
                        .beta_mev = 0.8 * 0.149};
}

/* Best of `repeat` pairs of transforms by estimated plans. */
static double fftw_s(const int n[3], int repeat)
{
    const size_t row = 2 * (size_t)(n[0] / 2 + 1);
    const size_t floats = row * (size_t)n[1] * (size_t)n[2];
    double best = 1e300;

    fftwf_init_threads();
    fftwf_plan_with_nthreads(rgq_threads_count());
    float *data = fftwf_alloc_real(floats);
    if (data == NULL)
        return -1.0;
    memset(data, 0, floats * sizeof *data);
    fftwf_complex *spectrum = (fftwf_complex *)data;
    fftwf_plan forth = fftwf_plan_dft_r2c_3d(n[2], n[1], n[0], data, spectrum, FFTW_ESTIMATE);
    fftwf_plan back = fftwf_plan_dft_c2r_3d(n[2], n[1], n[0], spectrum, data, FFTW_ESTIMATE);
    for (int r = 0; r < repeat; r++) {
        const double start = now_s();
        fftwf_execute(forth);
        fftwf_execute(back);
        best = fmin(best, now_s() - start);
    }
    fftwf_destroy_plan(forth);
    fftwf_destroy_plan(back);
    fftwf_free(data);
    return best;
}

static rgq_status measure(const rgq_dose_field *source, float *dose, float *density, int repeat,
                          rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_kernel_opts kernel = RGQ_PHOTON_KERNEL_OPTS_INIT;
    rgq_dose_map_opts opts = RGQ_DOSE_MAP_OPTS_INIT;
    rgq_radial_kernel *electron = NULL;
    rgq_radial_kernel *photon = NULL;
    rgq_beta_spectrum beta;
    rgq_line line[2];
    rgq_spectrum spectrum;
    rgq_dose_map_report report;
    double best[2] = {1e300, 1e300};

    fill_spectrum(&spectrum, &beta, line);
    kernel.histories = 100000;
    RGQ_TRY(err, rgq_electron_kernel(&electron, &spectrum, &kernel, NULL, err));
    RGQ_TRY(err, rgq_photon_kernel(&photon, &spectrum, &kernel, NULL, err));
    spectrum.beta_mev = electron->emitted_mev;
    opts.electron = electron;
    opts.photon = photon;
    opts.electrons = RGQ_ELECTRONS_KERNEL;
    for (int r = 0; r < repeat; r++)
        for (int with = 0; with < 2; with++) {
            rgq_dose_field s = *source;
            s.density_g_cm3 = with == 1 ? density : NULL;
            const double start = now_s();
            RGQ_TRY(err, rgq_dose_map(dose, &report, &s, &spectrum, &opts, NULL, err));
            best[with] = fmin(best[with], now_s() - start);
        }
    const double fftw = fftw_s(report.padded, repeat);
    printf("voxels\tpadded\tthreads\tuniform_s\tdensity_s\tfftw_s\tuniform_ratio\t"
           "density_ratio\tMB\n%dx%dx%d\t%dx%dx%d\t%d\t%.3f\t%.3f\t%.3f\t%.2f\t%.2f\t%.0f\n",
           source->n[0], source->n[1], source->n[2], report.padded[0], report.padded[1],
           report.padded[2], rgq_threads_count(), best[0], best[1], fftw, best[0] / fftw,
           best[1] / fftw, 1e-6 * (double)report.bytes);
out:
    rgq_radial_kernel_free(electron);
    rgq_radial_kernel_free(photon);
    return st;
}

static rgq_status run(int argc, char **argv, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    long long n[3] = {256, 256, 300};
    double voxel_mm = 2.0;
    long long repeat = 3;
    float *data = NULL;

    for (int a = 0; a < 3 && a + 1 < argc; a++)
        RGQ_PASS(err, rgq_parse_int(&n[a], argv[a + 1], 1, 1024, err));
    if (argc > 4)
        RGQ_PASS(err, rgq_parse_real(&voxel_mm, argv[4], 0.1, 20.0, err));
    if (argc > 5)
        RGQ_PASS(err, rgq_parse_int(&repeat, argv[5], 1, 100, err));
    const size_t count = (size_t)n[0] * (size_t)n[1] * (size_t)n[2];
    RGQ_TRY(err, rgq_alloc(&data, 3 * count, sizeof *data, err));
    for (size_t i = 0; i < count; i++) {
        data[i] = (float)(i % 7);
        data[2 * count + i] = 1.04F;
    }
    const rgq_dose_field source = {.n = {(int)n[0], (int)n[1], (int)n[2]},
                                   .voxel_mm = {voxel_mm, voxel_mm, voxel_mm},
                                   .activity_mbq_s = data};
    RGQ_TRY(err, measure(&source, data + count, data + 2 * count, (int)repeat, err));
out:
    rgq_free(data);
    return st;
}

int main(int argc, char **argv)
{
    rgq_error err = RGQ_ERROR_INIT;

    if (run(argc, argv, &err) == RGQ_OK)
        return EXIT_SUCCESS;
    (void)fprintf(stderr, "bench_dose: %s\n", err.message);
    return EXIT_FAILURE;
}
