/* How long a filter by the Fourier transform takes, beside FFTW's own forward and inverse
 * transform of the padded size by the same threads, plans made with the same effort, buffers
 * touched before, in the same run and in turns. TSV to stdout. */
#include <fftw3.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/alloc.h"
#include "core/parse.h"
#include "num/fft.h"
#include "num/threads.h"
#include "rgdquant/filter.h"

#include "core/banned.h"

enum { LIST_MAX = 16, SIDE = 9, N_CASES = 3 };

static const char command[] = "butterworth:0.5,5";

typedef struct bench {
    int size[LIST_MAX][3];
    int n_sizes;
    int reach;
    int threads;
    int repeat;
    bool measure;
} bench;

static const char *const case_names[N_CASES] = {"separable", "radial", "kernel"};

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

static double butterworth(double u, const void *context)
{
    (void)context;
    return 1.0 / sqrt(1.0 + pow(u / 0.01, 5.0));
}

static rgq_status set_kernel(rgq_fft *fft, int which, int reach, rgq_error *err)
{
    static float weight[SIDE * SIDE * SIDE];
    double half[64];
    const int radius = reach < 63 ? reach : 63;
    const rgq_taps taps = {radius, half};

    if (which == 1)
        return rgq_fft_set_radial(fft, (const double[3]){1.0, 1.0, 1.0}, butterworth, NULL,
                                  err);
    if (which == 2) {
        for (int i = 0; i < SIDE * SIDE * SIDE; i++)
            weight[i] = (float)(1 + i % 7) / (4.0F * SIDE * SIDE * SIDE);
        return rgq_fft_set_image(fft, (const int[3]){SIDE, SIDE, SIDE}, weight, err);
    }
    for (int k = 0; k <= radius; k++)
        half[k] = 1.0 / (2.0 * radius + 1.0);
    return rgq_fft_set_separable(fft, (const rgq_taps[3]){taps, taps, taps}, err);
}

/* The same transforms as FFTW makes them by itself, of zeros. */
typedef struct whole {
    float *buffer;
    fftwf_plan forward;
    fftwf_plan inverse;
} whole;

static rgq_status whole_init(whole *w, const bench *b, const int n[3], rgq_error *err)
{
    const unsigned flags = b->measure ? FFTW_MEASURE : FFTW_ESTIMATE;
    const size_t floats = 2 * ((size_t)n[0] / 2 + 1) * (size_t)n[1] * (size_t)n[2];
    fftwf_complex *spectrum = NULL;

    w->buffer = fftwf_alloc_real(floats);
    if (w->buffer == NULL)
        return RGQ_RAISE(err, RGQ_E_NOMEM, "no memory for %zu floats", floats);
    spectrum = (fftwf_complex *)w->buffer;
    fftwf_init_threads();
    fftwf_plan_with_nthreads(b->threads);
    w->forward = fftwf_plan_dft_r2c_3d(n[2], n[1], n[0], w->buffer, spectrum, flags);
    w->inverse = fftwf_plan_dft_c2r_3d(n[2], n[1], n[0], spectrum, w->buffer, flags);
    memset(w->buffer, 0, floats * sizeof *w->buffer);
    return RGQ_OK;
}

static void whole_release(whole *w)
{
    if (w->buffer == NULL)
        return;
    fftwf_destroy_plan(w->forward);
    fftwf_destroy_plan(w->inverse);
    fftwf_free(w->buffer);
}

static void print_line(const bench *b, const int n[3], int which, const rgq_fft_report *r,
                       const double best_s[2])
{
    const double buffer = (double)r->bytes / (4.0 * (double)n[0] * (double)n[1] * (double)n[2]);

    printf("%dx%dx%d\t%dx%dx%d\t%d\t%s\t%s\t%.5f\t%.5f\t%.2f\t%.2f\n", n[0], n[1], n[2],
           r->padded[0], r->padded[1], r->padded[2], b->threads,
           r->from_wisdom ? "measured" : "estimated", case_names[which], best_s[0], best_s[1],
           best_s[0] / best_s[1], buffer);
    fflush(stdout);
}

/* The whole of a filter as a command runs it, memory, plans and checks included. */
static rgq_status run_command(const bench *b, const int n[3], rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_volume *volume = NULL;
    rgq_filter_report report;
    whole w = {NULL, NULL, NULL};
    double best_s[2] = {1e300, 1e300};
    const rgq_grid grid =
        rgq_grid_make(n, (const double[3]){2.0, 2.0, 2.0}, (const double[3]){0.0, 0.0, 0.0});

    RGQ_TRY(err, rgq_volume_create(&volume, &grid, 1, RGQ_UNIT_NATIVE, err));
    for (size_t i = 0; i < rgq_volume_count(volume); i++)
        rgq_volume_data(volume, 0)[i] = (float)(i % 17);
    RGQ_TRY(err, rgq_filter_apply(volume, command, NULL, &report, NULL, err));
    for (int i = 0; b->measure && i < 3; i++)
        RGQ_TRY(err, rgq_fft_tune(report.padded[i], i == 0, RGQ_FFT_MEASURE, err));
    RGQ_TRY(err, whole_init(&w, b, report.padded, err));
    for (int i = 0; i < b->repeat; i++) {
        double start_s = now_s();
        RGQ_TRY(err, rgq_filter_apply(volume, command, NULL, &report, NULL, err));
        keep_best(&best_s[0], start_s);
        start_s = now_s();
        fftwf_execute(w.forward);
        fftwf_execute(w.inverse);
        keep_best(&best_s[1], start_s);
    }
    printf("%dx%dx%d\t%dx%dx%d\t%d\t%s\t%s\t%.5f\t%.5f\t%.2f\tn/a\n", n[0], n[1], n[2],
           report.padded[0], report.padded[1], report.padded[2], b->threads, report.plans,
           command, best_s[0], best_s[1], best_s[0] / best_s[1]);
    fflush(stdout);
out:
    whole_release(&w);
    rgq_volume_free(volume);
    return st;
}

static rgq_status run_size(const bench *b, const int n[3], rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_fft *fft = NULL;
    whole w = {NULL, NULL, NULL};
    float *data = NULL;
    const rgq_fft_layout layout = {
        {n[0], n[1], n[2]}, {b->reach, b->reach, b->reach}, RGQ_BORDER_REPLICATE, false};
    const size_t count = (size_t)n[0] * (size_t)n[1] * (size_t)n[2];
    int padded[3];

    rgq_fft_padded(padded, n, layout.reach, layout.border);
    for (int i = 0; b->measure && i < 3; i++)
        RGQ_TRY(err, rgq_fft_tune(padded[i], i == 0, RGQ_FFT_MEASURE, err));
    RGQ_TRY(err, rgq_alloc(&data, count, sizeof *data, err));
    RGQ_TRY(err, rgq_fft_create(&fft, &layout, err));
    RGQ_TRY(err, whole_init(&w, b, padded, err));
    for (int which = 0; which < N_CASES; which++) {
        double best_s[2] = {1e300, 1e300};
        RGQ_TRY(err, set_kernel(fft, which, b->reach, err));
        for (size_t i = 0; i < count; i++)
            data[i] = (float)(i % 17);
        rgq_fft_run(fft, data, data, false); /* touches its memory */
        for (int i = 0; i < b->repeat; i++) {
            double start_s = now_s();
            rgq_fft_run(fft, data, data, false);
            keep_best(&best_s[0], start_s);
            start_s = now_s();
            fftwf_execute(w.forward);
            fftwf_execute(w.inverse);
            keep_best(&best_s[1], start_s);
        }
        const rgq_fft_report r = rgq_fft_describe(fft);
        print_line(b, n, which, &r, best_s);
    }
out:
    whole_release(&w);
    rgq_fft_free(fft);
    rgq_free(data);
    return st;
}

static rgq_status parse_sizes(bench *b, const char *text, rgq_error *err)
{
    for (b->n_sizes = 0; *text != '\0' && b->n_sizes < LIST_MAX; b->n_sizes++) {
        char one[64];
        double side[3];
        int count = 0;
        const size_t length = strcspn(text, ",");
        if (length >= sizeof one)
            return RGQ_RAISE(err, RGQ_E_ARGUMENT, "'%.40s' is no size", text);
        memcpy(one, text, length);
        one[length] = '\0';
        RGQ_PASS(err, rgq_parse_reals(side, &count, 3, one, 'x', err));
        for (int i = 0; i < 3; i++) {
            if (count != 3 || !(side[i] >= 1.0 && side[i] <= 4096.0))
                return RGQ_RAISE(err, RGQ_E_ARGUMENT, "'%s' is no size; e.g. 192x192x128", one);
            b->size[b->n_sizes][i] = (int)side[i];
        }
        text += length;
        text += *text == ',';
    }
    return RGQ_OK;
}

static rgq_status parse(bench *b, int argc, char **argv, rgq_error *err)
{
    for (int i = 1; i < argc; i++) {
        long long whole_number = 0;
        if (strcmp(argv[i], "--measure") == 0) {
            b->measure = true;
            continue;
        }
        if (i + 1 == argc)
            return RGQ_RAISE(err, RGQ_E_ARGUMENT, "there is no option %.40s", argv[i]);
        const char *value = argv[++i];
        if (strcmp(argv[i - 1], "--sizes") == 0) {
            RGQ_PASS(err, parse_sizes(b, value, err));
            continue;
        }
        RGQ_PASS(err, rgq_parse_int(&whole_number, value, 1, 1000, err));
        if (strcmp(argv[i - 1], "--threads") == 0)
            b->threads = (int)whole_number;
        else if (strcmp(argv[i - 1], "--repeat") == 0)
            b->repeat = (int)whole_number;
        else if (strcmp(argv[i - 1], "--reach") == 0)
            b->reach = (int)whole_number;
        else
            return RGQ_RAISE(err, RGQ_E_ARGUMENT, "there is no option %.40s", argv[i - 1]);
    }
    return RGQ_OK;
}

int main(int argc, char **argv)
{
    rgq_status st = RGQ_OK;
    rgq_error error = RGQ_ERROR_INIT;
    rgq_error *err = &error;
    bench b = {.size = {{192, 192, 128}, {400, 400, 300}},
               .n_sizes = 2,
               .reach = 12,
               .threads = 2,
               .repeat = 5,
               .measure = false};

    RGQ_TRY(err, parse(&b, argc, argv, err));
    rgq_threads_set(b.threads);
    printf("size\tpadded\tthreads\tplans\tgains\tfilter_s\tfftw_s\tfilter_per_fftw\t"
           "memory_per_volume\n");
    for (int i = 0; i < b.n_sizes; i++)
        RGQ_TRY(err, run_size(&b, b.size[i], err));
    for (int i = 0; i < b.n_sizes; i++)
        RGQ_TRY(err, run_command(&b, b.size[i], err));
out:
    if (st != RGQ_OK)
        fprintf(stderr,
                "bench_filter: %s\nusage: bench_filter [--sizes NXxNYxNZ,...] [--reach VOXELS] "
                "[--threads N] [--repeat N] [--measure]\n",
                error.message);
    return st == RGQ_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
