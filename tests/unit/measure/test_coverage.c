/* measure/budget.c: how often the intervals hold what they are for, in simulated lesions.
 *
 * A ball of 10 to 30 mm and a ratio of 2 to 5, anywhere between the voxels of 2, 3 or 4 mm,
 * blurred by 4 to 7 mm, under noise that is correlated over 4 to 7 mm (Gaussian) and whose
 * variance follows the expected image; the background is a ball of 24 to 40 mm. The intervals
 * are asked to hold the values of the expected blurred image. Seeded: the same lesions always.
 * RGQ_LONG=1 takes 2000 lesions, else there are 60 and the bounds are as wide as that asks. */
#include <math.h>
#include <stdio.h>

#include "measure/peak.h"
#include "rgdquant/measure.h"
#include "rgq_check.h"

enum { X = 66, YZ = 36, COUNT_MAX = X * YZ * YZ };

typedef struct lesion {
    int n[3];
    double voxel_mm;
    double diameter_mm;
    double ratio;
    double blur_mm;       /* FWHM of the image */
    double noise_mm;      /* FWHM of the noise */
    double noise;         /* coefficient of variation in the background */
    double background_mm; /* diameter */
    double at_mm[3];
    double background_at_mm[3];
} lesion;

/* splitmix64 and Box-Muller, of the test's own. */
static unsigned long long state;

static double uniform(double lo, double hi)
{
    state += 0x9E3779B97F4A7C15ULL;
    unsigned long long z = state;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    z ^= z >> 31;
    return lo + (hi - lo) * ((double)(z >> 11) + 0.5) / 9007199254740992.0;
}

static lesion draw(void)
{
    static const double size[3] = {2.0, 3.0, 4.0};
    lesion l = {.voxel_mm = size[(int)uniform(0.0, 3.0)],
                .diameter_mm = uniform(10.0, 30.0),
                .ratio = uniform(2.0, 5.0),
                .blur_mm = uniform(4.0, 7.0),
                .noise_mm = uniform(4.0, 7.0),
                .noise = uniform(0.05, 0.2),
                .background_mm = uniform(24.0, 40.0)};

    for (int a = 0; a < 3; a++) {
        l.n[a] = (int)((a == 0 ? X : YZ) * 2.0 / l.voxel_mm);
        l.at_mm[a] = 36.0 + uniform(-2.0, 2.0);
        l.background_at_mm[a] = (a == 0 ? 96.0 : 36.0) + uniform(-2.0, 2.0);
    }
    return l;
}

/* One axis of a periodic Gaussian. */
static void blur_axis(double *v, const int n[3], int axis, const double *kernel, int reach)
{
    const int stride = axis == 0 ? 1 : axis == 1 ? n[0] : n[0] * n[1];
    const int count = n[0] * n[1] * n[2];
    double line[3 * X];

    for (int first = 0; first < count; first++) {
        if (first / stride % n[axis] != 0)
            continue;
        for (int c = -reach; c < n[axis] + reach; c++)
            line[c + reach] = v[first + (c + n[axis]) % n[axis] * stride];
        for (int c = 0; c < n[axis]; c++) {
            double s = 0.0;
            for (int k = 0; k <= 2 * reach; k++)
                s += kernel[k] * line[c + k];
            v[first + c * stride] = s;
        }
    }
}

/* Gaussian of `fwhm` voxels; power 1: the sum of the kernel is 1, power 2: that of its squares.
 */
static void blur(double *v, const int n[3], double fwhm, int power)
{
    const double sigma = fwhm / 2.3548200450309493;
    const int reach = (int)(4.0 * sigma) + 1;
    double kernel[32];
    double sum = 0.0;

    for (int k = -reach; k <= reach; k++) {
        kernel[k + reach] = exp(-0.5 * k * k / (sigma * sigma));
        sum += power == 1 ? kernel[k + reach] : kernel[k + reach] * kernel[k + reach];
    }
    for (int k = 0; k <= 2 * reach; k++)
        kernel[k] /= power == 1 ? sum : sqrt(sum);
    for (int axis = 0; axis < 3; axis++)
        blur_axis(v, n, axis, kernel, reach);
}

/* Does the point lie in the ball? */
static bool inside(const double p[3], const double centre[3], double diameter)
{
    double d = 0.0;

    for (int a = 0; a < 3; a++)
        d += (p[a] - centre[a]) * (p[a] - centre[a]);
    return d <= 0.25 * diameter * diameter;
}

typedef struct scene {
    double expected[COUNT_MAX];
    float expected_float[COUNT_MAX];
    double noise[COUNT_MAX];
    uint8_t in_lesion[COUNT_MAX];
    uint8_t in_background[COUNT_MAX];
} scene;

static void paint(scene *s, const lesion *l)
{
    enum { FINE = 3 };
    const int count = l->n[0] * l->n[1] * l->n[2];

    for (int i = 0; i < count; i++) {
        const int at[3] = {i % l->n[0], i / l->n[0] % l->n[1], i / (l->n[0] * l->n[1])};
        double p[3];
        int hits = 0;
        for (int k = 0; k < FINE * FINE * FINE; k++) {
            const int sub[3] = {k % FINE, k / FINE % FINE, k / (FINE * FINE)};
            for (int a = 0; a < 3; a++)
                p[a] = l->voxel_mm * (at[a] + (sub[a] - 1) / (double)FINE);
            hits += inside(p, l->at_mm, l->diameter_mm);
        }
        for (int a = 0; a < 3; a++)
            p[a] = l->voxel_mm * at[a];
        s->expected[i] = 1.0 + (l->ratio - 1.0) * hits / (FINE * FINE * FINE);
        s->in_lesion[i] = inside(p, l->at_mm, l->diameter_mm);
        s->in_background[i] = inside(p, l->background_at_mm, l->background_mm);
    }
    blur(s->expected, l->n, l->blur_mm / l->voxel_mm, 1);
    for (int i = 0; i < count; i++) {
        const double radius = sqrt(-2.0 * log(uniform(0.0, 1.0)));
        s->noise[i] = radius * cos(6.283185307179586 * uniform(0.0, 1.0));
        s->expected_float[i] = (float)s->expected[i];
    }
    blur(s->noise, l->n, l->noise_mm / l->voxel_mm, 2);
}

static double real(const rgq_table *table, int row, const char *column)
{
    return rgq_table_real(table, row, rgq_table_find(table, column));
}

/* The peak against the highest mean of the expected image, and against its mean in the very
 * sphere that was found (which is a little lower: noise helped to choose it). */
enum { TBR, MEAN, PEAK, TBR_PEAK, PEAK_THERE, TBR_PEAK_THERE, N_KINDS };

typedef struct tally {
    int held[N_KINDS];
    int size_held[3]; /* of TBR: 10 to 17, to 23, to 30 mm */
    int size_all[3];
    int missing;
    int above;          /* the interval of TBR lies above */
    double peak_excess; /* sum of what the peak exceeds the expected one by, relative */
} tally;

static bool holds(const rgq_table *table, const char *column, double truth)
{
    char name[32];

    (void)snprintf(name, sizeof name, "%s_ci_low", column);
    const double low = real(table, 0, name);
    (void)snprintf(name, sizeof name, "%s_ci_high", column);
    return low <= truth && truth <= real(table, 0, name);
}

/* Mean of the expected image in the sphere that was found in the noisy one. */
static double expected_there(const rgq_volume *volume, const rgq_region *region, double peak)
{
    const rgq_grid *grid = rgq_volume_grid(volume);
    rgq_peak_kernel kernel;
    int at[3];

    MUST(rgq_peak_kernel_init(&kernel, grid, rgq_peak_radius_mm(), err));
    rgq_peak_locate(at, &kernel, rgq_volume_cdata(volume, 0), grid, region, peak);
    const double mean = rgq_peak_at(&kernel, rgq_volume_cdata(volume, 1), grid, at);
    rgq_peak_kernel_release(&kernel);
    return mean;
}

static void count_lesion(tally *t, double diameter_mm, const rgq_table *noisy,
                         const rgq_table *expected, double there)
{
    const int size = (int)fmin(2.0, (diameter_mm - 10.0) / (20.0 / 3.0));
    const double ratio = real(expected, 0, "tbr_mean");
    const bool held = holds(noisy, "tbr_mean", ratio);

    t->missing += isnan(real(noisy, 0, "tbr_mean_ci_low"));
    t->above += real(noisy, 0, "tbr_mean_ci_low") > ratio;
    t->held[TBR] += held;
    t->size_held[size] += held;
    t->size_all[size]++;
    t->held[MEAN] += holds(noisy, "mean", real(expected, 0, "mean"));
    t->held[PEAK] += holds(noisy, "peak", real(expected, 0, "peak_global"));
    t->held[TBR_PEAK] += holds(noisy, "tbr_peak", real(expected, 0, "tbr_peak"));
    t->held[PEAK_THERE] += holds(noisy, "peak", there);
    t->held[TBR_PEAK_THERE] +=
        holds(noisy, "tbr_peak", there / real(expected, 0, "background_mean"));
    t->peak_excess += real(noisy, 0, "peak_global") / real(expected, 0, "peak_global") - 1.0;
}

static void one_lesion(tally *t, scene *s)
{
    const lesion l = draw();
    const rgq_grid grid = rgq_grid_make(
        l.n, (const double[3]){l.voxel_mm, l.voxel_mm, l.voxel_mm}, (const double[3]){0, 0, 0});
    const int count = l.n[0] * l.n[1] * l.n[2];
    rgq_regions *set = NULL;
    rgq_volume *volume = NULL;
    rgq_table *table[2] = {NULL, NULL};
    rgq_measure_opts opts = RGQ_MEASURE_OPTS_INIT;

    opts.background = "background";
    paint(s, &l);
    MUST(rgq_volume_create(&volume, &grid, 2, RGQ_UNIT_SUV_BW, err));
    MUST(rgq_regions_create(&set, &grid, err));
    MUST(rgq_regions_add_mask(set, "lesion", 1, s->in_lesion, err));
    MUST(rgq_regions_add_mask(set, "background", 2, s->in_background, err));
    for (int i = 0; i < count; i++) {
        rgq_volume_data(volume, 1)[i] = s->expected_float[i];
        rgq_volume_data(volume, 0)[i] =
            (float)(s->expected[i] + l.noise * sqrt(s->expected[i]) * s->noise[i]);
    }
    for (opts.frame = 0; opts.frame < 2; opts.frame++)
        MUST(rgq_measure(&table[opts.frame], volume, set, &opts, NULL, NULL, err));
    count_lesion(
        t, l.diameter_mm, table[0], table[1],
        expected_there(volume, rgq_regions_at(set, 0), real(table[0], 0, "peak_global")));
    rgq_table_free(table[0]);
    rgq_table_free(table[1]);
    rgq_volume_free(volume);
    rgq_regions_free(set);
}

START_TEST(intervals_hold_the_expected_blurred_value)
{
    const bool is_long = getenv("RGQ_LONG") != NULL;
    const int n = is_long ? 2000 : 60;
    static scene s;
    tally t = {.missing = 0};

    state = 20240501;
    for (int i = 0; i < n; i++)
        one_lesion(&t, &s);
    const double per = 100.0 / n;
    printf("%d lesions, held by the 95 %% interval: tbr_mean %.2f %% (10 to 17 mm %.1f, to 23 "
           "mm %.1f, to 30 mm %.1f; %d of %d misses above), mean %.2f %%\n",
           n, per * t.held[TBR], 100.0 * t.size_held[0] / t.size_all[0],
           100.0 * t.size_held[1] / t.size_all[1], 100.0 * t.size_held[2] / t.size_all[2],
           t.above, n - t.held[TBR], per * t.held[MEAN]);
    printf("peak %.2f %%, tbr_peak %.2f %% of the expected image's peak; %.2f %%, %.2f %% of "
           "its mean in the sphere found; the peak exceeds the expected one by %.2f %%\n",
           per * t.held[PEAK], per * t.held[TBR_PEAK], per * t.held[PEAK_THERE],
           per * t.held[TBR_PEAK_THERE], per * t.peak_excess);
    ck_assert_int_eq(t.missing, 0);
    for (int k = TBR; k <= TBR_PEAK; k++) {
        ck_assert_double_ge(per * t.held[k], is_long ? 93.0 : 88.0);
        ck_assert_double_le(per * t.held[k], is_long ? 97.0 : 100.0);
    }
}
END_TEST

RGQ_CHECK_MAIN("measure.coverage", tcase_set_timeout(tc, 1500);
               tcase_add_test(tc, intervals_hold_the_expected_blurred_value))
