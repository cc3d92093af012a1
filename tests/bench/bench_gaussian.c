/* How long a Gaussian filter takes, beside a copy of the volume and FFTW's own forward and
 * inverse transform by the same threads in the same run: the filter in place (fir), prepared
 * and from one volume to another (blur), the same with a step that divides a third volume by
 * the result and sums squares (step), the Fourier path. TSV to stdout. */
#include <fftw3.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/parse.h"
#include "num/blur.h"
#include "num/conv.h"
#include "num/rng.h"
#include "num/threads.h"

enum { LIST_MAX = 16, LANES = 16 };

/* What is timed, in the order of the columns. */
enum { COPY, FIR, BLUR, STEP, FFT_PATH, FFTW, N_TIMES };

static const double voxel_mm = 2.0;
static const double none_s = 1e300;                      /* not measured */
static const double fwhm_per_sigma = 2.3548200450309493; /* 2 sqrt(2 ln 2) */

typedef struct bench {
    int size[LIST_MAX][3];
    int n_sizes;
    double fwhm_mm[LIST_MAX];
    int n_fwhm;
    int threads[LIST_MAX];
    int n_threads;
    int repeat;
    double fftw_max; /* voxels; FFTW is left out above, it takes minutes and twice the memory */
} bench;

/* A volume with room for an in-place real transform, one to copy to, one beside. */
typedef struct volumes {
    int n[3];
    size_t count;
    size_t floats;
    float *a;
    float *b;
    float *c;
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

/* What Richardson-Lucy does with h * g: f / (h * g), and the sum of squares of f - h * g. */
static void divide(void *context, float *piece, size_t at, size_t count, double sum[2])
{
    const float *f = (const float *)context + at;
    float squares[LANES] = {0.0F};
    size_t i = 0;

    for (; i + LANES <= count; i += LANES)
        for (size_t k = 0; k < LANES; k++) {
            const float rest = f[i + k] - piece[i + k];
            squares[k] += rest * rest;
            piece[i + k] = f[i + k] / piece[i + k];
        }
    for (; i < count; i++)
        piece[i] = f[i] / piece[i];
    for (size_t k = 0; k < LANES; k++)
        sum[0] += (double)squares[k];
}

static rgq_status blur_into(double *best_s, double *step_s, rgq_blur *blur, volumes *v,
                            rgq_error *err)
{
    rgq_blur_after after = {.run = divide, .context = v->c, .beside = {v->c, NULL}};
    double start_s = now_s();

    RGQ_PASS(err, rgq_blur_run(blur, v->b, v->a, NULL, err));
    keep_best(best_s, start_s);
    start_s = now_s();
    RGQ_PASS(err, rgq_blur_run(blur, v->b, v->a, &after, err));
    keep_best(step_s, start_s);
    return RGQ_OK;
}

static void fill(volumes *v, rgq_rng *rng)
{
    rgq_rng_seed(rng, 1, 0);
    for (size_t i = 0; i < v->floats; i++)
        v->a[i] = (float)(1.0 + rgq_rng_uniform(rng));
    memset(v->b, 1, v->floats * sizeof *v->b);
    memcpy(v->c, v->a, v->floats * sizeof *v->c);
}

/* Of zeros: transforms do not look at the values, and many in a row would overflow others. */
static double time_fftw(const bench *b, volumes *v)
{
    fftwf_complex *spectrum = (fftwf_complex *)v->b;
    double best_s = none_s;

    memset(v->b, 0, v->floats * sizeof *v->b);
    fftwf_plan_with_nthreads(rgq_threads_count());
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

/* All take turns, so that all of them meet the same neighbours on the machine. */
static rgq_status run_width(const bench *b, volumes *v, double fwhm_mm, double fftw_s,
                            rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_blur *blur = NULL;
    const double s = fwhm_mm / voxel_mm / fwhm_per_sigma;
    const rgq_blur_spec spec = {.n = {v->n[0], v->n[1], v->n[2]},
                                .sigma = {s, s, s},
                                .border = RGQ_BORDER_REPLICATE,
                                .path = RGQ_CONV_FIR};
    double best_s[N_TIMES];

    for (int i = 0; i < N_TIMES; i++)
        best_s[i] = none_s;
    best_s[FFTW] = fftw_s;
    RGQ_TRY(err, rgq_blur_create(&blur, &spec, err));
    for (int i = 0; i < b->repeat; i++) {
        const double start_s = now_s();
        copy(v);
        keep_best(&best_s[COPY], start_s);
        RGQ_TRY(err, convolve(&best_s[FIR], v, fwhm_mm, RGQ_CONV_FIR, err));
        RGQ_TRY(err, blur_into(&best_s[BLUR], &best_s[STEP], blur, v, err));
        if (fftw_s < none_s)
            RGQ_TRY(err, convolve(&best_s[FFT_PATH], v, fwhm_mm, RGQ_CONV_FFT, err));
    }
    printf("%dx%dx%d\t%g\t%g\t%d", v->n[0], v->n[1], v->n[2], voxel_mm, fwhm_mm,
           rgq_threads_count());
    print_seconds(best_s[COPY]);
    for (int i = FIR; i < N_TIMES; i++) {
        print_seconds(best_s[i]);
        print_ratio(best_s[i], best_s[COPY]);
    }
    printf("\n");
    fflush(stdout);
out:
    rgq_blur_free(blur);
    return st;
}

static rgq_status run_size(const bench *b, const int n[3], rgq_rng *rng, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    volumes v = {.n = {n[0], n[1], n[2]}};
    double fftw_s = none_s;

    v.count = (size_t)n[0] * (size_t)n[1] * (size_t)n[2];
    v.floats = 2 * ((size_t)n[0] / 2 + 1) * (size_t)n[1] * (size_t)n[2];
    RGQ_TRY(err, rgq_alloc(&v.a, v.floats, sizeof *v.a, err));
    RGQ_TRY(err, rgq_alloc(&v.b, v.floats, sizeof *v.b, err));
    RGQ_TRY(err, rgq_alloc(&v.c, v.floats, sizeof *v.c, err));
    if ((double)v.count <= b->fftw_max)
        fftw_s = time_fftw(b, &v);
    for (int i = 0; i < b->n_fwhm; i++) {
        fill(&v, rng);
        RGQ_TRY(err, run_width(b, &v, b->fwhm_mm[i], fftw_s, err));
    }
out:
    rgq_free(v.a);
    rgq_free(v.b);
    rgq_free(v.c);
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

static rgq_status parse_threads(bench *b, const char *text, rgq_error *err)
{
    double many[LIST_MAX];

    RGQ_PASS(err, rgq_parse_reals(many, &b->n_threads, LIST_MAX, text, ',', err));
    for (int i = 0; i < b->n_threads; i++) {
        if (!(many[i] >= 1.0 && many[i] <= 256.0))
            return RGQ_RAISE(err, RGQ_E_ARGUMENT, "%g threads; 1 to 256", many[i]);
        b->threads[i] = (int)many[i];
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
            RGQ_PASS(err, parse_threads(b, value, err));
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
               .threads = {1, 2},
               .n_threads = 2,
               .repeat = 5,
               .fftw_max = 5e7};

    RGQ_TRY(err, parse(&b, argc, argv, err));
    fftwf_init_threads();
    RGQ_TRY(err, rgq_rng_create(&rng, 1, err));
    printf("size\tvoxel_mm\tfwhm_mm\tthreads\tcopy_s\tfir_s\tfir_per_copy\tblur_s\t"
           "blur_per_copy\tstep_s\tstep_per_copy\tfft_path_s\tfft_path_per_copy\tfftw_s\t"
           "fftw_per_copy\n");
    for (int i = 0; i < b.n_sizes; i++)
        for (int t = 0; t < b.n_threads; t++) {
            rgq_threads_set(b.threads[t]);
            RGQ_TRY(err, run_size(&b, b.size[i], rng, err));
        }
out:
    rgq_rng_free(rng);
    if (st != RGQ_OK) {
        fprintf(stderr,
                "bench_gaussian: %s\nusage: bench_gaussian [--sizes NXxNYxNZ,...] [--fwhm-mm "
                "F,...] [--threads N,...] [--repeat N] [--fftw-max VOXELS]\n",
                error.message);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
