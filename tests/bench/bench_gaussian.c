/* How long a Gaussian filter takes, beside a copy of the volume and FFTW's own forward and
 * inverse transform by the same threads in the same run. TSV to stdout. */
#include <fftw3.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/parse.h"
#include "num/conv.h"
#include "num/rng.h"
#include "num/threads.h"

enum { LIST_MAX = 16 };

static const double voxel_mm = 2.0;
static const double none_s = 1e300;                      /* not measured */
static const double fwhm_per_sigma = 2.3548200450309493; /* 2 sqrt(2 ln 2) */

typedef struct bench {
    int size[LIST_MAX][3];
    int n_sizes;
    double fwhm_mm[LIST_MAX];
    int n_fwhm;
    int threads;
    int repeat;
    double fftw_max; /* voxels; FFTW is left out above, it takes minutes and twice the memory */
} bench;

/* One volume with room for an in-place real transform, and another to copy to. */
typedef struct volumes {
    int n[3];
    size_t count;
    size_t floats;
    float *a;
    float *b;
} volumes;

static double now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void keep_best(double *best_s, double start_s)
{
    const double took_s = now_s() - start_s;

    *best_s = took_s < *best_s ? took_s : *best_s;
}

static void copy(const volumes *v)
{
#pragma omp parallel
    {
        const size_t n = (size_t)omp_get_num_threads();
        const size_t me = (size_t)omp_get_thread_num();
        const size_t lo = v->count / n * me;
        const size_t hi = me + 1 == n ? v->count : lo + v->count / n;
        memcpy(v->b + lo, v->a + lo, (hi - lo) * sizeof *v->a);
    }
}

static rgq_status convolve(double *best_s, volumes *v, double fwhm_mm, rgq_conv_path path,
                           rgq_error *err)
{
    const double s = fwhm_mm / voxel_mm / fwhm_per_sigma;
    const double sigma[3] = {s, s, s};
    const double start_s = now_s();

    RGQ_PASS(err, rgq_conv_gaussian(v->a, v->n, sigma, RGQ_BORDER_REPLICATE, path, NULL, err));
    keep_best(best_s, start_s);
    return RGQ_OK;
}

static void fill(volumes *v, rgq_rng *rng)
{
    rgq_rng_seed(rng, 1, 0);
    for (size_t i = 0; i < v->floats; i++)
        v->a[i] = (float)(1.0 + rgq_rng_uniform(rng));
    memset(v->b, 1, v->floats * sizeof *v->b);
}

/* Of zeros: transforms do not look at the values, and many in a row would overflow others. */
static double time_fftw(const bench *b, volumes *v)
{
    fftwf_complex *spectrum = (fftwf_complex *)v->b;
    double best_s = none_s;

    memset(v->b, 0, v->floats * sizeof *v->b);
    fftwf_plan_with_nthreads(b->threads);
    fftwf_plan forward =
        fftwf_plan_dft_r2c_3d(v->n[2], v->n[1], v->n[0], v->b, spectrum, FFTW_ESTIMATE);
    fftwf_plan inverse =
        fftwf_plan_dft_c2r_3d(v->n[2], v->n[1], v->n[0], spectrum, v->b, FFTW_ESTIMATE);
    for (int i = 0; i < b->repeat; i++) {
        const double start_s = now_s();
        fftwf_execute(forward);
        fftwf_execute(inverse);
        keep_best(&best_s, start_s);
    }
    fftwf_destroy_plan(forward);
    fftwf_destroy_plan(inverse);
    return best_s;
}

static void print_ratio(double above, double below)
{
    if (above < none_s && below < none_s)
        printf("\t%.2f", above / below);
    else
        printf("\tn/a");
}

static void print_seconds(double s)
{
    if (s < none_s)
        printf("\t%.5f", s);
    else
        printf("\tn/a");
}

/* The three take turns, so that all of them meet the same neighbours on the machine. */
static rgq_status run_width(const bench *b, volumes *v, double fwhm_mm, double fftw_s,
                            rgq_error *err)
{
    double copy_s = none_s;
    double fir_s = none_s;
    double fft_s = none_s;

    for (int i = 0; i < b->repeat; i++) {
        const double start_s = now_s();
        copy(v);
        keep_best(&copy_s, start_s);
        RGQ_PASS(err, convolve(&fir_s, v, fwhm_mm, RGQ_CONV_FIR, err));
        if (fftw_s < none_s)
            RGQ_PASS(err, convolve(&fft_s, v, fwhm_mm, RGQ_CONV_FFT, err));
    }
    printf("%dx%dx%d\t%g\t%g\t%d", v->n[0], v->n[1], v->n[2], voxel_mm, fwhm_mm, b->threads);
    print_seconds(copy_s);
    print_seconds(fir_s);
    print_ratio(fir_s, copy_s);
    print_seconds(fft_s);
    print_ratio(fft_s, copy_s);
    print_seconds(fftw_s);
    print_ratio(fftw_s, copy_s);
    print_ratio(fftw_s, fir_s);
    printf("\n");
    fflush(stdout);
    return RGQ_OK;
}

static rgq_status run_size(const bench *b, const int n[3], rgq_rng *rng, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    volumes v = {{n[0], n[1], n[2]}, 0, 0, NULL, NULL};
    double fftw_s = none_s;

    v.count = (size_t)n[0] * (size_t)n[1] * (size_t)n[2];
    v.floats = 2 * ((size_t)n[0] / 2 + 1) * (size_t)n[1] * (size_t)n[2];
    RGQ_TRY(err, rgq_alloc(&v.a, v.floats, sizeof *v.a, err));
    RGQ_TRY(err, rgq_alloc(&v.b, v.floats, sizeof *v.b, err));
    if ((double)v.count <= b->fftw_max)
        fftw_s = time_fftw(b, &v);
    for (int i = 0; i < b->n_fwhm; i++) {
        fill(&v, rng);
        RGQ_TRY(err, run_width(b, &v, b->fwhm_mm[i], fftw_s, err));
    }
out:
    rgq_free(v.a);
    rgq_free(v.b);
    return st;
}

static rgq_status parse_size(int n[3], const char *text, rgq_error *err)
{
    double side[3];
    int count = 0;

    RGQ_PASS(err, rgq_parse_reals(side, &count, 3, text, 'x', err));
    if (count != 3)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "'%.40s' is no size; type e.g. 192x192x128",
                         text);
    for (int i = 0; i < 3; i++) {
        if (!(side[i] >= 1.0 && side[i] <= 4096.0))
            return RGQ_RAISE(err, RGQ_E_ARGUMENT, "a side of %g voxels; 1 to 4096", side[i]);
        n[i] = (int)side[i];
    }
    return RGQ_OK;
}

static rgq_status parse_sizes(bench *b, const char *text, rgq_error *err)
{
    b->n_sizes = 0;
    while (*text != '\0' && b->n_sizes < LIST_MAX) {
        char one[64];
        const size_t length = strcspn(text, ",");
        if (length >= sizeof one)
            return RGQ_RAISE(err, RGQ_E_ARGUMENT, "'%.40s' is no size", text);
        memcpy(one, text, length);
        one[length] = '\0';
        RGQ_PASS(err, parse_size(b->size[b->n_sizes++], one, err));
        text += length;
        text += *text == ',';
    }
    return RGQ_OK;
}

static rgq_status parse(bench *b, int argc, char **argv, rgq_error *err)
{
    long long whole = 0;

    for (int i = 1; i + 1 < argc; i += 2) {
        const char *value = argv[i + 1];
        if (strcmp(argv[i], "--sizes") == 0) {
            RGQ_PASS(err, parse_sizes(b, value, err));
        } else if (strcmp(argv[i], "--fwhm-mm") == 0) {
            RGQ_PASS(err, rgq_parse_reals(b->fwhm_mm, &b->n_fwhm, LIST_MAX, value, ',', err));
        } else if (strcmp(argv[i], "--threads") == 0) {
            RGQ_PASS(err, rgq_parse_int(&whole, value, 1, 256, err));
            b->threads = (int)whole;
        } else if (strcmp(argv[i], "--repeat") == 0) {
            RGQ_PASS(err, rgq_parse_int(&whole, value, 1, 1000, err));
            b->repeat = (int)whole;
        } else if (strcmp(argv[i], "--fftw-max") == 0) {
            RGQ_PASS(err, rgq_parse_real(&b->fftw_max, value, 0.0, 1e12, err));
        } else {
            return RGQ_RAISE(err, RGQ_E_ARGUMENT, "there is no option %.40s", argv[i]);
        }
    }
    if (argc % 2 == 0)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "%.40s needs a value", argv[argc - 1]);
    return RGQ_OK;
}

int main(int argc, char **argv)
{
    rgq_status st = RGQ_OK;
    rgq_error error = RGQ_ERROR_INIT;
    rgq_error *err = &error;
    rgq_rng *rng = NULL;
    bench b = {.size = {{192, 192, 128}, {400, 400, 300}, {400, 400, 600}},
               .n_sizes = 3,
               .fwhm_mm = {6.0},
               .n_fwhm = 1,
               .threads = 2,
               .repeat = 5,
               .fftw_max = 5e7};

    RGQ_TRY(err, parse(&b, argc, argv, err));
    rgq_threads_set(b.threads);
    fftwf_init_threads();
    RGQ_TRY(err, rgq_rng_create(&rng, 1, err));
    printf("size\tvoxel_mm\tfwhm_mm\tthreads\tcopy_s\tfir_s\tfir_per_copy\tfft_path_s\t"
           "fft_path_per_copy\tfftw_s\tfftw_per_copy\tfftw_per_fir\n");
    for (int i = 0; i < b.n_sizes; i++)
        RGQ_TRY(err, run_size(&b, b.size[i], rng, err));
out:
    rgq_rng_free(rng);
    if (st != RGQ_OK) {
        fprintf(stderr,
                "bench_gaussian: %s\nusage: bench_gaussian [--sizes NXxNYxNZ,...] [--fwhm-mm "
                "F,...] [--threads N] [--repeat N] [--fftw-max VOXELS]\n",
                error.message);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
