/* measure/budget.c: terms by hand and by their definition, invariants, what is
 * not known, lost memory. */
#include <math.h>
#include <string.h>

#include "core/json.h"
#include "measure/ball.h"
#include "measure/budget.h"
#include "measure/edge.h"
#include "measure/notes.h"
#include "num/stats.h"
#include "rgq_check.h"

enum { N = 30, COUNT = N * N * N };

static unsigned long long state;

static double uniform(void)
{
    state += 0x9E3779B97F4A7C15ULL;
    unsigned long long z = state;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    z ^= z >> 31;
    return ((double)(z >> 11) + 0.5) / 9007199254740992.0;
}

static int index_of(int x, int y, int z)
{
    return (z * N + y) * N + x;
}

typedef struct scene {
    rgq_grid grid;
    rgq_volume *volume;
    rgq_regions *set;
    rgq_table *table;
    rgq_table *terms;
    rgq_measure_opts opts;
} scene;

/* Voxels of 2 mm; a ball "les" of radius 4 voxels and 4 units, "bg" the upper slices, "one" a
 * voxel, "empty". `smooth`: the noise of neighbours along x is averaged. */
static scene make_scene(double noise, bool smooth)
{
    static uint8_t mask[4][COUNT];
    static double white[COUNT + 1];
    scene s = {.grid = rgq_grid_make((const int[3]){N, N, N}, (const double[3]){2, 2, 2},
                                     (const double[3]){0, 0, 0}),
               .opts = RGQ_MEASURE_OPTS_INIT};
    int n_columns = 0;
    const rgq_column *columns = rgq_budget_columns(&n_columns);

    state = 11;
    for (int i = 0; i <= COUNT; i++)
        white[i] = uniform() - 0.5;
    MUST(rgq_volume_create(&s.volume, &s.grid, 1, RGQ_UNIT_SUV_BW, err));
    for (int i = 0; i < COUNT; i++) {
        const int d[3] = {i % N - 15, i / N % N - 15, i / (N * N) - 8};
        mask[0][i] = d[0] * d[0] + d[1] * d[1] + d[2] * d[2] <= 16;
        mask[1][i] = i / (N * N) >= 20;
        mask[2][i] = i == index_of(15, 15, 8);
        rgq_volume_data(s.volume, 0)[i] =
            (float)((mask[0][i] ? 4.0 : 1.0) +
                    noise * (smooth ? 0.5 * (white[i] + white[i + 1]) : white[i]));
    }
    MUST(rgq_regions_create(&s.set, &s.grid, err));
    MUST(rgq_regions_add_mask(s.set, "les", 1, mask[0], err));
    MUST(rgq_regions_add_mask(s.set, "bg", 2, mask[1], err));
    MUST(rgq_regions_add_mask(s.set, "one", 3, mask[2], err));
    MUST(rgq_regions_add_mask(s.set, "empty", 4, mask[3], err));
    MUST(rgq_table_create(&s.terms, columns, n_columns, err));
    s.opts.background = "bg";
    s.opts.terms = s.terms;
    return s;
}

static void measure(scene *s)
{
    MUST(rgq_measure(&s->table, s->volume, s->set, &s->opts, NULL, NULL, err));
}

static void release(scene *s)
{
    rgq_volume_free(s->volume);
    rgq_regions_free(s->set);
    rgq_table_free(s->table);
    rgq_table_free(s->terms);
}

static double cell(const scene *s, int row, const char *column)
{
    return rgq_table_real(s->table, row, rgq_table_find(s->table, column));
}

/* Row of a term, -1 if there is none. */
static int find_term(const scene *s, const char *region, const char *of, const char *term)
{
    for (int r = 0; r < rgq_table_n_rows(s->terms); r++)
        if (strcmp(rgq_table_text(s->terms, r, rgq_table_find(s->terms, "region")), region) ==
                0 &&
            strcmp(rgq_table_text(s->terms, r, rgq_table_find(s->terms, "of")), of) == 0 &&
            strcmp(rgq_table_text(s->terms, r, rgq_table_find(s->terms, "term")), term) == 0)
            return r;
    return -1;
}

static double term_of(const scene *s, const char *region, const char *of, const char *term)
{
    const int r = find_term(s, region, of, term);

    ck_assert_msg(r >= 0, "no %s of %s of %s", term, of, region);
    return rgq_table_real(s->terms, r, rgq_table_find(s->terms, "value"));
}

static const char *how_of(const scene *s, const char *region, const char *of, const char *term)
{
    const int r = find_term(s, region, of, term);

    ck_assert_int_ge(r, 0);
    return rgq_table_text(s->terms, r, rgq_table_find(s->terms, "how"));
}

/* The noise as it is found in the background, for oracles. */
static rgq_noise noise_of(const scene *s)
{
    rgq_noise noise;
    rgq_noise_budget budget;

    MUST(rgq_noise_measure(&noise, &budget, rgq_volume_cdata(s->volume, 0), &s->grid,
                           rgq_regions_at(s->set, 1), err));
    ck_assert(noise.known);
    return noise;
}

/* White noise, the background's variance everywhere: sigma / sqrt(n), with the little
 * correlation that chance leaves; of one voxel sigma. */
START_TEST(white_noise_in_closed_form)
{
    scene s = make_scene(0.4, false);

    s.opts.noise = RGQ_NOISE_UNIFORM;
    measure(&s);
    const double sigma = 0.4 / sqrt(12.0);
    const double n = cell(&s, 0, "n_voxels");
    /* 9000 voxels: variance within 2 %; chance correlation of 1/sqrt(9000) over the lags that
     * are kept, some 5 % of the standard deviation */
    ck_assert_double_eq_tol(term_of(&s, "les", "mean", "noise") * sqrt(n) / sigma, 1.0, 0.08);
    ck_assert_double_eq_tol(term_of(&s, "one", "mean", "noise") / sigma, 1.0, 0.02);
    /* the interval is that times Student's quantile about the mean */
    const rgq_noise noise = noise_of(&s);
    const double half = rgq_t_quantile(0.975, noise.dof) * term_of(&s, "les", "mean", "noise");
    ck_assert_double_eq_tol(cell(&s, 0, "mean_ci_high") - cell(&s, 0, "mean"), half, 1e-12);
    ck_assert_double_eq_tol(cell(&s, 0, "mean") - cell(&s, 0, "mean_ci_low"), half, 1e-12);
    release(&s);
}
END_TEST

/* Every pair of voxels of the region, and of the peak's sphere, whose weights are integrated
 * here by points. */
START_TEST(correlated_noise_by_the_double_sum)
{
    enum { P = 6, H = 4, M = 2 * H + 1, BOX = M * M * M };
    scene s = make_scene(0.4, true);
    static double w[BOX];

    measure(&s);
    const rgq_noise noise = noise_of(&s);
    const double background = cell(&s, 1, "mean");
    for (int kind = 0; kind < 2; kind++) { /* 0: the mask of radius 4; 1: a sphere of 1 mL */
        const double radius = kind == 0 ? 4.0 : 6.2035049089940009 / 2.0;
        double sum = 0.0;
        double want = 0.0;
        for (int i = 0; i < BOX; i++) {
            const int at[3] = {i % M - H, i / M % M - H, i / (M * M) - H};
            w[i] = kind == 0 ? at[0] * at[0] + at[1] * at[1] + at[2] * at[2] <= 16 : 0.0;
            for (int k = 0; kind == 1 && k < P * P * P; k++) {
                const double d[3] = {at[0] + (k % P + 0.5) / P - 0.5,
                                     at[1] + (k / P % P + 0.5) / P - 0.5,
                                     at[2] + (k / (P * P) + 0.5) / P - 0.5};
                w[i] += d[0] * d[0] + d[1] * d[1] + d[2] * d[2] <= radius * radius;
            }
            sum += w[i];
        }
        for (int i = 0; i < BOX; i++)
            for (int j = 0; j < BOX && w[i] > 0.0; j++) {
                const int lag[3] = {abs(i % M - j % M), abs(i / M % M - j / M % M),
                                    abs(i / (M * M) - j / (M * M))};
                double rho = 1.0;
                for (int a = 0; a < 3; a++)
                    rho *= lag[a] <= noise.n_lags[a] ? noise.rho[a][lag[a]] : 0.0;
                want += w[i] * w[j] * rho;
            }
        const double value = cell(&s, 0, kind == 0 ? "mean" : "peak_global");
        want = sqrt(want / (sum * sum) * noise.variance * value / background);
        const double got = term_of(&s, "les", kind == 0 ? "mean" : "peak_global", "noise");
        /* the mask: rounding; the sphere: 216 points a voxel give its weights to 1e-3 */
        ck_assert_double_eq_tol(got / want, 1.0, kind == 0 ? 1e-9 : 3e-3);
    }
    /* a ratio, far from its background: relative variances add */
    const double m = cell(&s, 0, "mean");
    const double u = term_of(&s, "les", "mean", "noise");
    const double ub = sqrt(noise.variance * noise.mean_factor);
    ck_assert_double_eq_tol(
        term_of(&s, "les", "tbr_mean", "noise") /
            (m / background * sqrt(u * u / (m * m) + ub * ub / (background * background))),
        1.0, 1e-6);
    /* the background over itself is 1 without any noise: the covariance takes it all */
    ck_assert_double_lt(term_of(&s, "bg", "tbr_mean", "noise"), 1e-6);
    release(&s);
}
END_TEST

/* A ball of 4 in a background of 1 without blur: outwards the shell dilutes the mean, inwards
 * nothing changes. The shell's volume is counted here by the definition. */
START_TEST(edge_of_a_mean)
{
    scene s = make_scene(0.0, false);
    rgq_region moved;
    float *buffer = NULL;
    double shell = 0.0;
    double inner = 0.0;

    measure(&s);
    MUST(rgq_edge_moved(&moved, &buffer, rgq_regions_at(s.set, 0), &s.grid, true, err));
    for (int i = 0; i < moved.n[0] * moved.n[1] * moved.n[2]; i++)
        *(buffer[i] < 1.0f ? &shell : &inner) += (double)buffer[i];
    rgq_free(buffer);
    const double diluted = (4.0 * inner + shell) / (inner + shell);
    const double want = 0.5 * (4.0 - diluted);
    const int r = find_term(&s, "les", "mean", "segmentation_edge");
    ck_assert_double_eq_tol(rgq_table_real(s.terms, r, rgq_table_find(s.terms, "half_range")),
                            want, 1e-12);
    ck_assert_double_eq_tol(term_of(&s, "les", "mean", "segmentation_edge"), want / sqrt(3.0),
                            1e-12);
    release(&s);
}
END_TEST

/* Value at distance r of a ball of radius R = 1 under a Gaussian, in closed form. */
static double blurred_ball(double r, double radius, double sigma)
{
    const double a = (radius - r) / (sqrt(2.0) * sigma);
    const double b = (radius + r) / (sqrt(2.0) * sigma);

    return 0.5 * (erf(a) + erf(b)) -
           sigma / (r * sqrt(2.0 * 3.14159265358979323846)) * (exp(-a * a) - exp(-b * b));
}

/* A blurred ball, drawn right: half the difference of the means in analytic balls half a voxel
 * smaller and larger. */
START_TEST(edge_of_a_blurred_ball)
{
    static uint8_t mask[COUNT];
    static const double radius[3] = {4.0, 6.0, 9.0}; /* voxels */
    const double fwhm = 3.0;
    const double r = radius[_i];
    scene s = make_scene(0.0, false);

    for (int i = 0; i < COUNT; i++) {
        const double d[3] = {i % N - 14.6, i / N % N - 14.5, i / (N * N) - 14.3};
        const double at = sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
        rgq_volume_data(s.volume, 0)[i] =
            (float)(1.0 + 3.0 * blurred_ball(at, r, fwhm / 2.3548200450309493));
        mask[i] = at <= r;
    }
    MUST(rgq_regions_add_mask(s.set, "ball", 9, mask, err));
    s.opts.background = NULL;
    measure(&s);
    const int row = find_term(&s, "ball", "mean", "segmentation_edge");
    const double got = rgq_table_real(s.terms, row, rgq_table_find(s.terms, "half_range"));
    const double want =
        0.5 * 3.0 * (rgq_ball_recovery(r, r - 0.5, fwhm) - rgq_ball_recovery(r, r + 0.5, fwhm));
    /* the shells hold 6 to 8 % more voxels, some of them up to a voxel out */
    ck_assert_double_eq_tol(got / want, 1.0, 0.15);
    release(&s);
}
END_TEST

/* Values times k: uncertainties times k, those of ratios the same. Values plus an offset, with
 * the background's variance everywhere: those of mean and peak the same. */
START_TEST(scale_and_shift)
{
    static const char *const of[] = {"mean", "peak_global", "tbr_mean", "tbr_peak"};
    static const char *const term[] = {"noise", "segmentation_edge", "combined"};
    scene s[3];

    for (int k = 0; k < 3; k++) {
        s[k] = make_scene(0.3, true);
        s[k].opts.noise = RGQ_NOISE_UNIFORM;
        for (int i = 0; i < COUNT; i++) {
            float *v = &rgq_volume_data(s[k].volume, 0)[i];
            *v = k == 1 ? 8.0f * *v : k == 2 ? *v + 16.0f : *v;
        }
        measure(&s[k]);
    }
    for (int o = 0; o < 4; o++)
        for (int t = 0; t < 3; t++) {
            const double once = term_of(&s[0], "les", of[o], term[t]);
            const double scaled = term_of(&s[1], "les", of[o], term[t]);
            const double shifted = term_of(&s[2], "les", of[o], term[t]);
            if (o % 2 == 1 && t == 1) { /* the peak lies inside: the edge does nothing */
                ck_assert(once == 0.0 && scaled == 0.0 && shifted == 0.0);
                continue;
            }
            ck_assert_double_gt(once, 0.0);
            ck_assert_double_eq_tol(scaled / once, o < 2 ? 8.0 : 1.0, 1e-9);
            if (o < 2) /* floats of 17 keep 1e-6 */
                ck_assert_double_eq_tol(shifted / once, 1.0, 1e-4);
        }
    for (int k = 0; k < 3; k++)
        release(&s[k]);
}
END_TEST

START_TEST(calibration_and_combined)
{
    scene s = make_scene(0.3, true);

    s.opts.calibration_percent = 5.0;
    measure(&s);
    for (int k = 0; k < 2; k++) {
        const char *of = k == 0 ? "mean" : "peak_global";
        const char *ratio = k == 0 ? "tbr_mean" : "tbr_peak";
        const double c = term_of(&s, "les", of, "calibration");
        ck_assert_double_eq_tol(c, 0.05 * cell(&s, 0, of), 1e-12);
        ck_assert(term_of(&s, "les", ratio, "calibration") == 0.0);
        const double noise = term_of(&s, "les", of, "noise");
        const double edge = term_of(&s, "les", of, "segmentation_edge");
        ck_assert_double_eq_tol(term_of(&s, "les", of, "combined"),
                                sqrt(noise * noise + edge * edge + c * c), 1e-12);
    }
    for (int r = 0; r < rgq_table_n_rows(s.terms); r++) { /* noise, and it alone, is inside */
        const bool in =
            rgq_table_real(s.terms, r, rgq_table_find(s.terms, "included_in_interval")) > 0.0;
        const char *name = rgq_table_text(s.terms, r, rgq_table_find(s.terms, "term"));
        ck_assert(in == (strcmp(name, "noise") == 0));
    }
    /* calibration is not in the interval */
    ck_assert_double_lt(cell(&s, 0, "mean_ci_high") - cell(&s, 0, "mean"),
                        term_of(&s, "les", "mean", "calibration"));
    release(&s);
}
END_TEST

/* The bias undone is the true value: measured = b + RC (true - b). */
START_TEST(partial_volume_bias)
{
    scene s = make_scene(0.0, false);

    s.opts.psf_fwhm_mm = 6.0;
    measure(&s);
    const double radius_mm = cbrt(257.0 * 8.0 / 4.1887902047863905);
    const double rc = rgq_ball_recovery(radius_mm, radius_mm, 6.0);
    const double truth = cell(&s, 0, "mean") - term_of(&s, "les", "mean", "partial_volume");
    ck_assert_double_eq_tol(1.0 + rc * (truth - 1.0), cell(&s, 0, "mean"), 1e-12);
    ck_assert_double_lt(term_of(&s, "les", "mean", "partial_volume"), 0.0);
    ck_assert_double_eq_tol(term_of(&s, "les", "tbr_mean", "partial_volume"),
                            term_of(&s, "les", "mean", "partial_volume"), 1e-12);
    /* a peak at the centre of a ball of 16 mm loses less than the mean */
    ck_assert_double_gt(term_of(&s, "les", "peak_global", "partial_volume"),
                        term_of(&s, "les", "mean", "partial_volume"));
    ck_assert(strstr(how_of(&s, "one", "mean", "partial_volume"), "not known: a ball") != NULL);
    ck_assert(strstr(how_of(&s, "bg", "mean", "partial_volume"), "its own background") != NULL);
    release(&s);
}
END_TEST

START_TEST(what_is_not_known)
{
    scene s = make_scene(0.3, false);

    measure(&s);
    ck_assert(find_term(&s, "empty", "mean", "noise") < 0);
    ck_assert(isnan(cell(&s, 3, "mean_ci_low")) && isnan(cell(&s, 3, "peak_ci_high")));
    ck_assert(isnan(term_of(&s, "les", "mean", "calibration")));
    ck_assert(strstr(how_of(&s, "les", "mean", "calibration"), "not known") != NULL);
    ck_assert(strstr(how_of(&s, "les", "mean", "partial_volume"), "no width") != NULL);
    ck_assert(isfinite(cell(&s, 2, "mean_ci_low"))); /* one voxel: what can be said */
    ck_assert(term_of(&s, "one", "mean", "segmentation_edge") > 0.0);
    release(&s);

    s = make_scene(0.3, false); /* no background: edges alone */
    s.opts.background = NULL;
    s.opts.psf_fwhm_mm = 5.0;
    measure(&s);
    ck_assert(isnan(cell(&s, 0, "mean_ci_low")) && isnan(cell(&s, 0, "peak_ci_low")));
    ck_assert(isnan(term_of(&s, "les", "mean", "noise")));
    ck_assert(strstr(how_of(&s, "les", "mean", "noise"), "no background") != NULL);
    ck_assert(isnan(term_of(&s, "les", "mean", "combined")));
    ck_assert(strstr(how_of(&s, "les", "mean", "partial_volume"), "no background") != NULL);
    ck_assert(term_of(&s, "les", "mean", "segmentation_edge") > 0.0);
    ck_assert(find_term(&s, "les", "tbr_mean", "noise") < 0);
    release(&s);

    s = make_scene(0.3, false); /* a background of one voxel, then one below 0 */
    s.opts.background = "one";
    measure(&s);
    ck_assert(isnan(term_of(&s, "les", "mean", "noise")));
    ck_assert(isnan(cell(&s, 0, "tbr_peak_ci_low")));
    rgq_table_free(s.table);
    for (int i = 0; i < COUNT; i++)
        rgq_volume_data(s.volume, 0)[i] -= 2.0f;
    s.opts.background = "bg";
    s.opts.terms = NULL;
    measure(&s);
    ck_assert(isnan(cell(&s, 0, "mean_ci_low")));
    rgq_table_free(s.table);
    s.opts.noise = RGQ_NOISE_UNIFORM; /* here the variance needs no mean */
    measure(&s);
    ck_assert(isfinite(cell(&s, 0, "mean_ci_low")) && isnan(cell(&s, 0, "tbr_mean_ci_low")));
    release(&s);

    s = make_scene(0.0, false); /* no noise: intervals of no width */
    s.opts.partial_volume = "RL, 10 iterations";
    measure(&s);
    ck_assert(cell(&s, 0, "mean_ci_low") == 4.0 && cell(&s, 0, "mean_ci_high") == 4.0);
    ck_assert(cell(&s, 0, "tbr_peak_ci_high") == cell(&s, 0, "tbr_peak"));
    ck_assert(term_of(&s, "les", "tbr_mean", "noise") == 0.0);
    ck_assert(strstr(how_of(&s, "les", "mean", "partial_volume"), "RL, 10") != NULL);
    release(&s);
}
END_TEST

/* A sphere at the corner of the image keeps an eighth and a little; a peak found there too. */
START_TEST(sphere_at_the_corner)
{
    scene s = make_scene(0.3, true);
    rgq_peak_kernel kernel;
    rgq_region sphere;
    float *buffer = NULL;
    double whole = 0.0;
    double cut = 0.0;

    MUST(rgq_peak_kernel_init(&kernel, &s.grid, rgq_peak_radius_mm(), err));
    for (int k = 0; k < 2; k++) {
        const int at[3] = {k == 0 ? 15 : 0, k == 0 ? 15 : N - 1, k == 0 ? 15 : 0};
        MUST(rgq_budget_sphere(&sphere, &buffer, &kernel, &s.grid, at, err));
        const int c[3] = {at[0] - sphere.lo[0], at[1] - sphere.lo[1], at[2] - sphere.lo[2]};
        ck_assert(sphere.n[0] > c[0] && sphere.n[1] > c[1] && sphere.n[2] > c[2]);
        ck_assert(buffer[(c[2] * sphere.n[1] + c[1]) * sphere.n[0] + c[0]] == 1.0f);
        ck_assert(k == 0 || (sphere.lo[0] == 0 && sphere.lo[1] + sphere.n[1] == N));
        if (k == 1) /* the last voxel inwards has less than the centre */
            ck_assert(buffer[(c[2] * sphere.n[1] + c[1]) * sphere.n[0] + sphere.n[0] - 1] <
                      1.0f);
        *(k == 0 ? &whole : &cut) = rgq_region_volume_ml(&sphere, &s.grid);
        rgq_free(buffer);
    }
    ck_assert_double_eq_tol(whole, 1.0, 1e-6); /* weights are floats */
    /* an eighth, and half a voxel of 2 mm beyond the centre on three sides */
    ck_assert(cut > 0.125 && cut < pow(0.5 + 0.75 / 6.2, 3.0) + 0.02);
    rgq_peak_kernel_release(&kernel);
    release(&s);
}
END_TEST

START_TEST(terms_as_json)
{
    scene s = make_scene(0.3, true);
    rgq_json *root = NULL;
    rgq_noise_budget budget;
    char *text = NULL;

    MUST(rgq_measure(&s.table, s.volume, s.set, &s.opts, &budget, NULL, err));
    MUST(rgq_measure_notes(&text, &s.opts, &budget, err));
    MUST(rgq_json_parse(&root, text, strlen(text), "notes", err));
    const rgq_json *list = rgq_json_get(root, "budget");
    ck_assert_uint_eq(rgq_json_count(list), 3); /* the empty region has none */
    const rgq_json *terms = rgq_json_get(rgq_json_at(list, 0), "terms");
    ck_assert_uint_eq(rgq_json_count(terms), 20);
    ck_assert_str_eq(rgq_json_text(rgq_json_get(rgq_json_at(terms, 0), "term"), ""), "noise");
    rgq_free(text);
    TORTURE(rgq_measure_notes(&text, &s.opts, &budget, err), rgq_free(text), 5);
    rgq_json_free(root);
    release(&s);
}
END_TEST

START_TEST(lost_memory)
{
    scene s = make_scene(0.3, true);
    int n_columns = 0;
    const rgq_column *columns = rgq_budget_columns(&n_columns);

    s.opts.psf_fwhm_mm = 5.0;
    TORTURE((rgq_table_free(s.terms), s.terms = s.opts.terms = NULL,
             rgq_table_create(&s.terms, columns, n_columns, err) != RGQ_OK
                 ? RGQ_E_NOMEM
                 : (s.opts.terms = s.terms,
                    rgq_measure(&s.table, s.volume, s.set, &s.opts, NULL, NULL, err))),
            (rgq_table_free(s.table), s.table = NULL), 60);
    ck_assert_int_eq(rgq_table_n_rows(s.terms), 60);
    release(&s);
}
END_TEST

RGQ_CHECK_MAIN("measure.budget", tcase_add_test(tc, white_noise_in_closed_form);
               tcase_add_test(tc, correlated_noise_by_the_double_sum);

               tcase_add_loop_test(tc, edge_of_a_blurred_ball, 0, 3);

               tcase_add_test(tc, edge_of_a_mean); tcase_add_test(tc, scale_and_shift);
               tcase_add_test(tc, calibration_and_combined);
               tcase_add_test(tc, partial_volume_bias); tcase_add_test(tc, what_is_not_known);
               tcase_add_test(tc, sphere_at_the_corner); tcase_add_test(tc, terms_as_json);
               tcase_add_test(tc, lost_memory))
