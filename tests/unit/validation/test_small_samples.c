#include "rgdquant/small_samples.h"

#include <math.h>
#include <string.h>

#include "rgq_check.h"

static const rgq_stat_opts opts = RGQ_STAT_OPTS_INIT;

#define NEAR(got, want) ck_assert_double_le(fabs((got) - (want)), 1e-11 * fabs(want))

/* Hollander and Wolfe 1973, page 29: Hamilton depression scale before and after a
 * tranquillizer; the example of R's wilcox.test(), V 5 (or 40), p 0.0390625. */
static void depression(double change[9])
{
    static const double before[] = {1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30};
    static const double after[] = {0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29};

    for (int i = 0; i < 9; i++)
        change[i] = after[i] - before[i];
}

START_TEST(depression_scale_of_hollander_and_wolfe)
{
    double change[9];
    rgq_signed_rank w;
    rgq_stat s;

    depression(change);
    MUST(rgq_signed_rank_test(&w, change, 9, &opts, err));
    ck_assert(w.v == 5.0 && w.zeros == 0 && w.tied == 0);
    NEAR(w.shift.p, 0.0390625);
    NEAR(w.shift.value, -0.46);
    NEAR(w.shift.low, -0.786);
    NEAR(w.shift.high, -0.01);
    MUST(rgq_sign_test(&s, change, 9, &opts, err)); /* binom.test(2, 9) */
    NEAR(s.p, 0.1796875);
    NEAR(s.low, 0.028144973477898);
    NEAR(s.high, 0.60009357371631);
}
END_TEST

/* All 2^11 signs of the midranks counted in R. */
START_TEST(signed_ranks_with_ties_and_a_zero)
{
    static const double change[] = {1, -2, 2, 3, 3, -1, 0, 5, 4, 4, 4, -2};
    rgq_signed_rank w;

    MUST(rgq_signed_rank_test(&w, change, 12, &opts, err));
    ck_assert(w.v == 56.5 && w.zeros == 1 && w.tied == 10 && w.shift.n == 11);
    NEAR(w.shift.p, 0.03515625);
}
END_TEST

/* Every pattern of signs of small sets, counted one by one. */
START_TEST(signed_ranks_are_the_share_of_all_signs)
{
    static const double sizes[][8] = {{1, 2, 3, 4, 5, 6, 7, 8}, {1, 1, 1, 2, 2, 3, 3, 3}};
    static const double ranks[][8] = {{1, 2, 3, 4, 5, 6, 7, 8}, {2, 2, 2, 4.5, 4.5, 7, 7, 7}};

    for (int set = 0; set < 2; set++)
        for (unsigned signs = 0; signs < 256; signs += 5) {
            double change[8];
            double v = 0.0;
            int as_far = 0;
            rgq_signed_rank w;
            for (int i = 0; i < 8; i++) {
                change[i] = (signs >> i & 1U) != 0 ? sizes[set][i] : -sizes[set][i];
                v += (signs >> i & 1U) != 0 ? ranks[set][i] : 0.0;
            }
            for (unsigned other = 0; other < 256; other++) {
                double sum = 0.0;
                for (int i = 0; i < 8; i++)
                    sum += (other >> i & 1U) != 0 ? ranks[set][i] : 0.0;
                as_far += fabs(sum - 18.0) >= fabs(v - 18.0);
            }
            MUST(rgq_signed_rank_test(&w, change, 8, &opts, err));
            ck_assert(w.v == v);
            ck_assert_double_eq_tol(w.shift.p, as_far / 256.0, 1e-14);
        }
}
END_TEST

/* R: wilcox.test(exact = FALSE, correct = FALSE); its interval solves for the shift instead. */
START_TEST(many_changes_are_normal)
{
    double change[300];
    rgq_signed_rank w;

    for (int i = 0; i < 300; i++)
        change[i] = (i * 37) % 101 - 45;
    MUST(rgq_signed_rank_test(&w, change, 300, &opts, err));
    ck_assert(w.v == 26227.5 && w.zeros == 3);
    NEAR(w.shift.p, 0.0056286795140848);
    ck_assert(w.shift.value == 5.0 && w.shift.low == 1.5 && w.shift.high == 8.5);
}
END_TEST

START_TEST(few_changes_have_no_interval)
{
    static const double change[] = {1, 2, 3, 4, 5, 6};
    rgq_signed_rank w;

    MUST(rgq_signed_rank_test(&w, change, 5, &opts, err)); /* 2 / 32 > 5 % */
    ck_assert(w.shift.p == 0.0625 && isnan(w.shift.low));
    ck_assert_str_ne(w.shift.note, "");
    MUST(rgq_signed_rank_test(&w, change, 6, &opts, err)); /* 2 / 64 < 5 % */
    ck_assert(w.shift.low == 1.0 && w.shift.high == 6.0);
}
END_TEST

/* R: binom.test(). */
START_TEST(shares_and_mcnemar)
{
    rgq_stat s;

    MUST(rgq_proportion(&s, 3, 17, &opts, err));
    NEAR(s.low, 0.037985068070626);
    NEAR(s.high, 0.43431787284428);
    MUST(rgq_proportion(&s, 0, 10, &opts, err));
    ck_assert(s.low == 0.0);
    NEAR(s.high, 1.0 - pow(0.025, 0.1));
    NEAR(s.p, 2.0 / 1024.0);
    MUST(rgq_proportion(&s, 5, 10, &opts, err));
    ck_assert(s.p == 1.0);
    MUST(rgq_mcnemar_exact(&s, 3, 12, &opts, err));
    NEAR(s.value, 0.25);
    NEAR(s.p, 0.03515625);
    NEAR(s.low, 0.045272863605473);
    NEAR(s.high, 0.9263781937177);
    MUST(rgq_mcnemar_exact(&s, 4, 0, &opts, err));
    ck_assert(isinf(s.value) && isinf(s.high));
    NEAR(s.p, 0.125);
    MUST(rgq_mcnemar_exact(&s, 0, 0, &opts, err));
    ck_assert(s.p == 1.0 && isnan(s.value));
}
END_TEST

/* Fisher's tea (1935): p 17/35; his criminal twins: p 0.0005367, conditional odds ratio
 * 0.04693661 in R's example. R's search stops early, so 1e-6 for its odds ratios; what the ends
 * of the interval mean is checked by itself. */
START_TEST(fishers_tea_and_twins)
{
    static const size_t tea[] = {3, 1, 1, 3};
    static const size_t twins[] = {2, 10, 15, 3};
    static const size_t none[] = {0, 5, 4, 6};
    static const size_t many[] = {1200, 1300, 900, 1500};
    static const size_t empty[] = {5, 0, 3, 0};
    rgq_stat s;

    MUST(rgq_fisher_exact(&s, tea, &opts, err));
    NEAR(s.p, 17.0 / 35.0);
    ck_assert_double_eq_tol(s.value, 6.408309, 2e-5);
    /* Ways to 0 .. 4: 1 16 36 16 1. P(X >= 3) at the lower end and P(X <= 3) at the upper. */
    const double l = s.low;
    const double h = s.high;
    const double all_l = 1 + 16 * l + 36 * l * l + 16 * l * l * l + l * l * l * l;
    const double all_h = 1 + 16 * h + 36 * h * h + 16 * h * h * h + h * h * h * h;
    NEAR((16 * l * l * l + l * l * l * l) / all_l, 0.025);
    NEAR(1.0 - h * h * h * h / all_h, 0.025);
    MUST(rgq_fisher_exact(&s, twins, &opts, err));
    NEAR(s.p, 0.00053672411914344);
    ck_assert_double_eq_tol(s.value, 0.04693661, 1e-6);
    MUST(rgq_fisher_exact(&s, none, &opts, err));
    NEAR(s.p, 0.23076923076923);
    ck_assert(s.value == 0.0 && s.low == 0.0 && s.high > 2.879 && s.high < 2.880);
    MUST(rgq_fisher_exact(&s, many, &opts, err));
    ck_assert_double_le(fabs(s.p - 1.1199781423662e-13), 1e-9 * 1.12e-13); /* lgamma of 4900 */
    ck_assert_double_eq_tol(s.value, 1.53829, 1e-4);
    MUST(rgq_fisher_exact(&s, empty, &opts, err));
    ck_assert(s.p == 1.0 && isnan(s.value) && s.low == 0.0 && isinf(s.high));
    /* Turned round the odds ratio is the inverse. */
    rgq_stat t;
    static const size_t turned[] = {10, 2, 3, 15};
    MUST(rgq_fisher_exact(&s, twins, &opts, err));
    MUST(rgq_fisher_exact(&t, turned, &opts, err));
    NEAR(t.value * s.value, 1.0);
    NEAR(t.low * s.high, 1.0);
    NEAR(t.p, s.p);
}
END_TEST

START_TEST(refusals)
{
    static const double zero[] = {0, 0};
    static const double gap[] = {1, (double)NAN};
    static const size_t nothing[] = {0, 0, 0, 0};
    static const size_t huge[] = {SIZE_MAX, 1, SIZE_MAX, 2};
    rgq_signed_rank w;
    rgq_stat s;

    memset(&s, 0x5a, sizeof s);
    const rgq_stat before = s;
    REFUSED(rgq_signed_rank_test(&w, zero, 2, &opts, err), RGQ_E_ARGUMENT, "0 changes");
    REFUSED(rgq_signed_rank_test(&w, zero, 0, &opts, err), RGQ_E_ARGUMENT, "0 changes");
    REFUSED(rgq_signed_rank_test(&w, gap, 2, &opts, err), RGQ_E_NUMERIC, "row 2 of 2");
    REFUSED(rgq_sign_test(&s, zero, 2, &opts, err), RGQ_E_ARGUMENT, "2 rows");
    REFUSED(rgq_sign_test(&s, gap, 2, &opts, err), RGQ_E_NUMERIC, "row 2");
    REFUSED(rgq_proportion(&s, 3, 2, &opts, err), RGQ_E_ARGUMENT, "3 of 2");
    REFUSED(rgq_proportion(&s, 0, 0, &opts, err), RGQ_E_ARGUMENT, "0 of 0");
    REFUSED(rgq_mcnemar_exact(&s, SIZE_MAX, 2, &opts, err), RGQ_E_ARGUMENT, "1e9");
    REFUSED(rgq_fisher_exact(&s, nothing, &opts, err), RGQ_E_ARGUMENT, "0 0 / 0 0");
    REFUSED(rgq_fisher_exact(&s, huge, &opts, err), RGQ_E_ARGUMENT, "the sum");
    ck_assert(memcmp(&s, &before, sizeof s) == 0);
}
END_TEST

START_TEST(torture)
{
    static const size_t twins[] = {2, 10, 15, 3};
    double change[9];
    rgq_signed_rank w;
    rgq_stat s;

    depression(change);
    TORTURE(rgq_signed_rank_test(&w, change, 9, &opts, err), (void)0, 4);
    TORTURE(rgq_fisher_exact(&s, twins, &opts, err), (void)0, 1);
}
END_TEST

RGQ_CHECK_MAIN("small_samples", tcase_add_test(tc, depression_scale_of_hollander_and_wolfe);
               tcase_add_test(tc, signed_ranks_with_ties_and_a_zero);
               tcase_add_test(tc, signed_ranks_are_the_share_of_all_signs);
               tcase_add_test(tc, many_changes_are_normal);
               tcase_add_test(tc, few_changes_have_no_interval);
               tcase_add_test(tc, shares_and_mcnemar);
               tcase_add_test(tc, fishers_tea_and_twins); tcase_add_test(tc, refusals);
               tcase_add_test(tc, torture))
