/* roi/mixture.c: Otsu by trying all thresholds, EM by its definition over all values. */
#include "roi/mixture.h"

#include <math.h>
#include <string.h>

#include "num/rng.h"
#include "num/threads.h"
#include "rgq_check.h"

enum { MANY = 60000 };

/* Two or three hills of values. */
static void draw(float *values, int count, uint64_t seed)
{
    rgq_rng *rng = NULL;

    MUST(rgq_rng_create(&rng, seed, err));
    for (int i = 0; i < count; i++) {
        const double mean = i % 10 < 6 ? 1.0 : i % 10 < 9 ? 3.0 : 8.0;
        values[i] = (float)(mean + rgq_rng_gaussian(rng, 0.5));
    }
    rgq_rng_free(rng);
}

/* Variance between the classes that ascending thresholds make. */
static double between(const float *values, int count, const double *threshold, int n_classes)
{
    double sum[8] = {0.0};
    double n[8] = {0.0};
    double mean = 0.0;
    double variance = 0.0;

    for (int i = 0; i < count; i++) {
        int k = 0;
        while (k < n_classes - 1 && (double)values[i] >= threshold[k])
            k++;
        sum[k] += (double)values[i];
        n[k] += 1.0;
        mean += (double)values[i] / count;
    }
    for (int k = 0; k < n_classes; k++)
        if (n[k] > 0.0)
            variance += n[k] / count * (sum[k] / n[k] - mean) * (sum[k] / n[k] - mean);
    return variance;
}

START_TEST(otsu_is_the_best_of_all)
{
    enum { COUNT = 60 };
    float values[COUNT];
    uint8_t use[COUNT];
    rgq_bins bins;
    rgq_segment_class klass[3];
    double two[1];
    double three[2];
    double best[2] = {0.0, 0.0};

    draw(values, COUNT, (uint64_t)_i + 1);
    memset(use, 1, sizeof use);
    MUST(rgq_bins_make(&bins, values, use, COUNT, err));
    ck_assert_uint_eq(bins.count, COUNT);
    for (int a = 0; a < COUNT; a++) {
        best[0] =
            fmax(best[0], between(values, COUNT, (const double[1]){(double)values[a]}, 2));
        for (int b = 0; b < COUNT; b++)
            if (values[b] > values[a])
                best[1] =
                    fmax(best[1],
                         between(values, COUNT,
                                 (const double[2]){(double)values[a], (double)values[b]}, 3));
    }
    MUST(rgq_otsu(two, NULL, 2, &bins, err));
    MUST(rgq_otsu(three, klass, 3, &bins, err));
    /* sums in another order */
    ck_assert_double_eq_tol(between(values, COUNT, two, 2), best[0], 1e-12);
    ck_assert_double_eq_tol(between(values, COUNT, three, 3), best[1], 1e-12);
    ck_assert(three[0] < three[1]);
    ck_assert(klass[0].mean < three[0] && klass[1].mean > three[0]);
    ck_assert(klass[2].mean > three[1]);
    ck_assert_double_eq_tol(klass[0].share + klass[1].share + klass[2].share, 1.0, 1e-12);
    TORTURE(rgq_otsu(three, klass, 3, &bins, err), (void)0, 3);
    rgq_bins_release(&bins);
}
END_TEST

/* EM as it is written, over the values themselves. */
static void slow_em(rgq_segment_class *klass, int n, const float *values, int count, int rounds)
{
    for (int r = 0; r < rounds; r++) {
        double w[8] = {0.0};
        double m[8] = {0.0};
        double s = 0.0;
        for (int pass = 0; pass < 2; pass++) {
            for (int i = 0; i < count; i++) {
                double p[8];
                double sum = 0.0;
                for (int k = 0; k < n; k++) {
                    const double z = ((double)values[i] - klass[k].mean) / klass[k].sd;
                    p[k] = klass[k].share / klass[k].sd * exp(-0.5 * z * z);
                    sum += p[k];
                }
                for (int k = 0; k < n; k++) {
                    if (pass == 0) {
                        w[k] += p[k] / sum;
                        m[k] += p[k] / sum * (double)values[i];
                    } else {
                        const double d = (double)values[i] - m[k] / w[k];
                        s += p[k] / sum * d * d;
                    }
                }
            }
        }
        for (int k = 0; k < n; k++)
            klass[k] = (rgq_segment_class){w[k] / count, m[k] / w[k], sqrt(s / count)};
    }
}

START_TEST(mixture_agrees_with_definition)
{
    enum { COUNT = 2000 };
    static float values[COUNT];
    static uint8_t use[COUNT];
    rgq_bins bins;
    rgq_segment_class klass[3] = {{0.3, 0.5, 1.0}, {0.3, 4.0, 1.0}, {0.4, 7.0, 1.0}};
    rgq_segment_class want[3];
    rgq_mixture_fit fit;

    memcpy(want, klass, sizeof want);
    draw(values, COUNT, 3);
    memset(use, 1, sizeof use);
    MUST(rgq_bins_make(&bins, values, use, COUNT, err));
    rgq_mixture_run(klass, 3, &bins, &fit);
    ck_assert(fit.converged);
    slow_em(want, 3, values, COUNT, fit.rounds);
    for (int k = 0; k < 3; k++) { /* the same rounds, sums in another order */
        ck_assert_double_eq_tol(klass[k].mean, want[k].mean, 1e-9);
        ck_assert_double_eq_tol(klass[k].sd, want[k].sd, 1e-9);
        ck_assert_double_eq_tol(klass[k].share, want[k].share, 1e-9);
    }
    /* what was drawn, within four standard errors of the smallest hill */
    ck_assert_double_eq_tol(klass[0].mean, 1.0, 0.06);
    ck_assert_double_eq_tol(klass[2].mean, 8.0, 0.15);
    ck_assert_double_eq_tol(klass[1].sd, 0.5, 0.04);
    ck_assert_double_eq_tol(klass[2].share, 0.1, 0.001);
    rgq_bins_release(&bins);
}
END_TEST

/* Above 4096 values they are binned: the fit moves by less than a bin, 0.0025 here. */
START_TEST(bins_change_little)
{
    static float values[MANY];
    static uint8_t use[MANY];
    rgq_bins bins;
    rgq_segment_class klass[3];
    rgq_segment_class want[3];
    rgq_mixture_fit fit;
    double threshold[2];
    double again[2];

    draw(values, MANY, 4);
    memset(use, 1, sizeof use);
    MUST(rgq_bins_make(&bins, values, use, MANY, err));
    ck_assert_uint_le(bins.count, RGQ_BINS_MAX);
    ck_assert(bins.total == MANY);
    MUST(rgq_otsu(threshold, klass, 3, &bins, err));
    ck_assert_double_eq_tol(threshold[1], 5.5, 0.5); /* in the empty gap, about its middle */
    memcpy(want, klass, sizeof want);
    rgq_mixture_run(klass, 3, &bins, &fit);
    double within = 0.0;
    for (int k = 0; k < 3; k++)
        within += want[k].share * want[k].sd * want[k].sd;
    for (int k = 0; k < 3; k++)
        want[k].sd = sqrt(within);
    slow_em(want, 3, values, MANY, fit.rounds);
    for (int k = 0; k < 3; k++)
        ck_assert_double_eq_tol(klass[k].mean, want[k].mean, 1e-4);
    rgq_threads_set(3);
    MUST(rgq_otsu(again, klass, 3, &bins, err));
    ck_assert_mem_eq(threshold, again, sizeof again);
    rgq_bins_release(&bins);
}
END_TEST

START_TEST(edge_cases)
{
    const float same[5] = {2, 2, 2, 2, 2};
    const float two[5] = {1, 4, 1, 4, 9};
    const uint8_t use[5] = {1, 1, 1, 1, 0};
    rgq_bins bins;
    double threshold[2];
    rgq_segment_class klass[2];
    rgq_mixture_fit fit;

    MUST(rgq_bins_make(&bins, same, use, 5, err));
    ck_assert(bins.count == 1 && bins.weight[0] == 4.0);
    REFUSED(rgq_otsu(threshold, NULL, 2, &bins, err), RGQ_E_NOTFOUND, "1 different values");
    rgq_bins_release(&bins);
    MUST(rgq_bins_make(&bins, two, use, 5, err)); /* the 9 is not used */
    MUST(rgq_otsu(threshold, klass, 2, &bins, err));
    ck_assert(threshold[0] == 2.5 && klass[0].mean == 1.0 && klass[1].mean == 4.0);
    ck_assert(klass[0].sd == 0.0);
    rgq_mixture_run(klass, 2, &bins, &fit); /* no spread: the floor of 1/1000 of the range */
    ck_assert(fit.converged);
    ck_assert_double_eq_tol(klass[1].sd, 0.003, 1e-12);
    rgq_bins_release(&bins);
    TORTURE(rgq_bins_make(&bins, two, use, 5, err), rgq_bins_release(&bins), 2);
}
END_TEST

RGQ_CHECK_MAIN("roi.mixture", tcase_add_loop_test(tc, otsu_is_the_best_of_all, 0, 3);
               tcase_add_test(tc, mixture_agrees_with_definition);
               tcase_add_test(tc, bins_change_little); tcase_add_test(tc, edge_cases))
