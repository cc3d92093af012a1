/* How long each partial-volume correction takes, in copies of the volume and in blurs by the
 * same threads right before and after it, and how much memory it needs, in volumes. TSV to
 * stdout. Layouts of the 30 regions: blobs (balls of 5 to 15 mm radius) and woven (cubes of 4
 * voxels of all labels in turn, so that every region spans the volume). */
#include <malloc.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/parse.h"
#include "num/blur.h"
#include "num/rng.h"
#include "num/threads.h"
#include "rgdquant/pvc.h"

enum { LIST_MAX = 8, N_REGIONS = 30, COPIES = 5, BLURS = 3 };

static const double voxel_mm = 2.0;
static const double fwhm_mm = 6.0;
static const double fwhm_per_sigma = 2.3548200450309493; /* 2 sqrt(2 ln 2) */
static const char *const methods[] = {"rl",  "vc", "gtm", "labbe", "rbv",
                                      "mtc", "iy", "mg",  "stc",   "rbv+rl"};

typedef struct bench {
    int size[LIST_MAX][3];
    int n_sizes;
    double threads[LIST_MAX];
    int n_threads;
    int repeat;
    const char *only; /* one method, or NULL: all */
} bench;

typedef struct scene {
    rgq_grid grid;
    rgq_volume *image;
    rgq_labels *labels;
    double base_kb; /* resident without image and labels */
    double copy_s;
    double blur_s;
} scene;

static double now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* A line of /proc/self/status in kB; NaN where there is none. */
static double status_kb(const char *key)
{
    FILE *f = fopen("/proc/self/status", "r");
    char line[256];
    long long kb = -1;

    while (f != NULL && fgets(line, sizeof line, f) != NULL)
        if (strncmp(line, key, strlen(key)) == 0) {
            char *from = line + strlen(key) + 1;
            from[strcspn(from, "k")] = '\0';
            from += strspn(from, " \t");
            from[strcspn(from, " ")] = '\0';
            if (rgq_parse_int(&kb, from, 0, 1LL << 50, NULL) != RGQ_OK)
                kb = -1;
        }
    if (f != NULL)
        fclose(f);
    return (double)kb;
}

/* Forget the peak of the memory so far. */
static void reset_peak(void)
{
    FILE *f = fopen("/proc/self/clear_refs", "w");

    if (f == NULL)
        return;
    (void)fputs("5\n", f);
    fclose(f);
}

static int label_woven(const int at[3])
{
    const unsigned cell = (unsigned)(at[0] / 4) * 73856093U ^
                          (unsigned)(at[1] / 4) * 19349663U ^ (unsigned)(at[2] / 4) * 83492791U;

    return (int)((cell ^ cell >> 7) % (N_REGIONS + 1));
}

static void paint_ball(int32_t *label, const int n[3], const double c[3], double r, int number)
{
    int lo[3];
    int hi[3];

    for (int a = 0; a < 3; a++) {
        lo[a] = c[a] - r > 0.0 ? (int)(c[a] - r) : 0;
        hi[a] = c[a] + r < n[a] - 1 ? (int)(c[a] + r) : n[a] - 1;
    }
    for (int z = lo[2]; z <= hi[2]; z++)
        for (int y = lo[1]; y <= hi[1]; y++)
            for (int x = lo[0]; x <= hi[0]; x++)
                if ((x - c[0]) * (x - c[0]) + (y - c[1]) * (y - c[1]) +
                        (z - c[2]) * (z - c[2]) <=
                    r * r)
                    label[((size_t)z * (size_t)n[1] + (size_t)y) * (size_t)n[0] + (size_t)x] =
                        number;
}

static rgq_status make_labels(scene *s, bool woven, rgq_rng *rng, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const int *n = s->grid.n;
    int32_t *label = NULL;
    size_t i = 0;

    RGQ_TRY(err, rgq_alloc(&label, rgq_grid_count(&s->grid), sizeof *label, err));
    rgq_rng_seed(rng, 2, 0);
    for (int b = 1; b <= N_REGIONS && !woven; b++) {
        double c[3];
        for (int a = 0; a < 3; a++)
            c[a] = rgq_rng_uniform(rng) * n[a];
        paint_ball(label, n, c, 2.5 + 5.0 * rgq_rng_uniform(rng), b);
    }
    for (int z = 0; z < n[2] && woven; z++)
        for (int y = 0; y < n[1]; y++)
            for (int x = 0; x < n[0]; x++)
                label[i++] = label_woven((const int[3]){x, y, z});
    RGQ_TRY(err, rgq_labels_create(&s->labels, &s->grid, label, err));
out:
    rgq_free(label);
    return st;
}

/* A hash of the index for noise, so that all threads can fill. */
static void fill(scene *s)
{
    float *data = rgq_volume_data(s->image, 0);
    const uint16_t *label = rgq_labels_voxels(s->labels);
    const size_t count = rgq_volume_count(s->image);

#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < count; i++) {
        uint32_t h = (uint32_t)i * 2654435761U;
        h ^= h >> 15;
        h *= 2246822519U;
        h ^= h >> 13;
        data[i] = (float)(1.0 + label[i] % 7 + h / 4294967296.0);
    }
}

static rgq_status time_copy(scene *s, rgq_error *err)
{
    const size_t count = rgq_volume_count(s->image);
    const float *from = rgq_volume_cdata(s->image, 0);
    float *to = NULL;

    RGQ_PASS(err, rgq_alloc(&to, count, sizeof *to, err));
    memset(to, 1, count * sizeof *to);
    s->copy_s = 1e300;
    for (int i = 0; i < COPIES; i++) {
        const double start_s = now_s();
#pragma omp parallel
        {
            const size_t n = (size_t)omp_get_num_threads();
            const size_t me = (size_t)omp_get_thread_num();
            const size_t lo = count / n * me;
            const size_t hi = me + 1 == n ? count : lo + count / n;
            memcpy(to + lo, from + lo, (hi - lo) * sizeof *to);
        }
        const double took_s = now_s() - start_s;
        s->copy_s = took_s < s->copy_s ? took_s : s->copy_s;
    }
    rgq_free(to);
    return RGQ_OK;
}

static rgq_status time_blur(scene *s, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const double sigma = fwhm_mm / fwhm_per_sigma / voxel_mm;
    const rgq_blur_spec spec = {.n = {s->grid.n[0], s->grid.n[1], s->grid.n[2]},
                                .sigma = {sigma, sigma, sigma},
                                .border = RGQ_BORDER_REPLICATE};
    rgq_blur *blur = NULL;
    float *data = rgq_volume_data(s->image, 0);

    RGQ_TRY(err, rgq_blur_create(&blur, &spec, err));
    s->blur_s = 1e300;
    for (int i = 0; i < BLURS; i++) {
        const double start_s = now_s();
        RGQ_TRY(err, rgq_blur_run(blur, data, data, NULL, err));
        const double took_s = now_s() - start_s;
        s->blur_s = took_s < s->blur_s ? took_s : s->blur_s;
    }
out:
    rgq_blur_free(blur);
    return st;
}

static rgq_status run_method(const bench *b, scene *s, const char *name, const char *layout,
                             int threads, rgq_error *err)
{
    rgq_pvc_opts o = RGQ_PVC_OPTS_INIT;
    double best_s = 1e300;
    double best_ratio = 1e300;

    RGQ_PASS(err, rgq_pvc_parse(&o.method, &o.then, name, err));
    const bool regions = rgq_pvc_needs_regions(o.method);
    for (int a = 0; a < 3; a++)
        o.psf.fwhm_mm[a] = fwhm_mm;
    o.negatives = RGQ_NEGATIVES_ZERO; /* a part of noise may come out below 0 */
    o.iterations = o.method == RGQ_PVC_VC ? 10 : 0;
    reset_peak();
    for (int i = 0; i < b->repeat; i++) {
        RGQ_PASS(err, time_blur(s, err));
        const double before_s = s->blur_s;
        fill(s);
        const double start_s = now_s();
        const rgq_status st =
            rgq_pvc(s->image, regions ? s->labels : NULL, NULL, &o, NULL, NULL, err);
        const double took_s = now_s() - start_s;
        if (st != RGQ_OK)
            return st;
        RGQ_PASS(err, time_blur(s, err));
        const double ratio = took_s / (0.5 * (before_s + s->blur_s));
        best_s = took_s < best_s ? took_s : best_s;
        best_ratio = ratio < best_ratio ? ratio : best_ratio;
    }
    const double peak_kb = status_kb("VmHWM:") - s->base_kb;
    const double volume_kb = (double)rgq_volume_count(s->image) * 4.0 / 1024.0;
    printf("%dx%dx%d\t%d\t%s\t%s\t%.4f\t%.4f\t%.4f\t%.2f\t%.2f\t%.2f\n", s->grid.n[0],
           s->grid.n[1], s->grid.n[2], threads, regions ? layout : "none", name, s->copy_s,
           s->blur_s, best_s, best_s / s->copy_s, best_ratio, peak_kb / volume_kb);
    fflush(stdout);
    return RGQ_OK;
}

static rgq_status run_layout(const bench *b, scene *s, bool woven, rgq_rng *rng, rgq_error *err)
{
    RGQ_PASS(err, make_labels(s, woven, rng, err));
    for (int t = 0; t < b->n_threads; t++) {
        rgq_threads_set((int)b->threads[t]);
        fill(s);
        RGQ_PASS(err, time_copy(s, err));
        RGQ_PASS(err, time_blur(s, err));
        printf("%dx%dx%d\t%d\tnone\tblur\t%.4f\t%.4f\t%.4f\t%.2f\t1\tn/a\n", s->grid.n[0],
               s->grid.n[1], s->grid.n[2], (int)b->threads[t], s->copy_s, s->blur_s, s->blur_s,
               s->blur_s / s->copy_s);
        for (size_t m = 0; m < sizeof methods / sizeof *methods; m++)
            if (b->only == NULL || strcmp(b->only, methods[m]) == 0)
                RGQ_PASS(err, run_method(b, s, methods[m], woven ? "woven" : "blobs",
                                         (int)b->threads[t], err));
    }
    return RGQ_OK;
}

static rgq_status run_size(const bench *b, const int n[3], rgq_rng *rng, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const double spacing_mm[3] = {voxel_mm, voxel_mm, voxel_mm};
    const double origin_mm[3] = {0.0, 0.0, 0.0};

    for (int woven = 0; woven < 2; woven++) {
        scene s = {.grid = rgq_grid_make(n, spacing_mm, origin_mm),
                   .base_kb = status_kb("VmRSS:")};
        RGQ_TRY(err, rgq_volume_create(&s.image, &s.grid, 1, RGQ_UNIT_BQ_ML, err));
        st = run_layout(b, &s, woven == 1, rng, err);
        rgq_volume_free(s.image);
        rgq_labels_free(s.labels);
        if (st != RGQ_OK)
            break;
    }
out:
    return st;
}

static rgq_status parse_sizes(bench *b, const char *text, rgq_error *err)
{
    b->n_sizes = 0;
    while (*text != '\0' && b->n_sizes < LIST_MAX) {
        char one[64] = "";
        double side[3] = {0.0, 0.0, 0.0};
        int count = 0;
        const size_t length = strcspn(text, ",");
        if (length < sizeof one)
            memcpy(one, text, length);
        RGQ_PASS(err, rgq_parse_reals(side, &count, 3, one, 'x', err));
        for (int a = 0; a < 3; a++) {
            if (count != 3 || !(side[a] >= 8.0 && side[a] <= 4096.0))
                return RGQ_RAISE(err, RGQ_E_ARGUMENT, "'%.40s' is no size", one);
            b->size[b->n_sizes][a] = (int)side[a];
        }
        b->n_sizes++;
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
        } else if (strcmp(argv[i], "--threads") == 0) {
            RGQ_PASS(err,
                     rgq_parse_reals(b->threads, &b->n_threads, LIST_MAX, value, ',', err));
        } else if (strcmp(argv[i], "--repeat") == 0) {
            RGQ_PASS(err, rgq_parse_int(&whole, value, 1, 100, err));
            b->repeat = (int)whole;
        } else if (strcmp(argv[i], "--method") == 0) {
            b->only = value;
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
    bench b = {.size = {{192, 192, 128}, {400, 400, 300}},
               .n_sizes = 2,
               .threads = {1.0, 2.0},
               .n_threads = 2,
               .repeat = 3};

    (void)mallopt(M_MMAP_THRESHOLD, 1 << 20); /* so that what is freed leaves the memory */
    RGQ_TRY(err, parse(&b, argc, argv, err));
    RGQ_TRY(err, rgq_rng_create(&rng, 1, err));
    printf("size\tthreads\tlayout\tmethod\tcopy_s\tblur_s\tseconds\tper_copy\tper_blur\t"
           "peak_volumes\n");
    for (int i = 0; i < b.n_sizes; i++)
        RGQ_TRY(err, run_size(&b, b.size[i], rng, err));
out:
    rgq_rng_free(rng);
    if (st != RGQ_OK) {
        fprintf(stderr,
                "bench_pvc: %s\nusage: bench_pvc [--sizes NXxNYxNZ,...] [--threads N,...] "
                "[--repeat N] [--method NAME]\n",
                error.message);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
