/* dose/electron.c: tables of stopping powers, and that no energy is lost. */
#include <math.h>
#include <string.h>

#include "dose/electron.h"
#include "rgq_check.h"

/* ESTAR's water: 1 % for stopping powers, 0.5 % for paths to rest. */
START_TEST(water_as_tabulated)
{
    static const struct {
        double mev, collision, range;
    } rows[] = {{.01, 22.56, 2.515e-4},
                {.1, 4.115, 1.431e-2},
                {.5, 2.034, .1766},
                {1.0, 1.849, .4367},
                {2.0, 1.824, .9785}};

    for (int i = 0; i < ROWS(rows); i++) {
        const double s = rgq_electron_collision(RGQ_MATERIAL_WATER, rows[i].mev, false);
        const double r = rgq_electron_range(RGQ_MATERIAL_WATER, rows[i].mev, false);
        ck_assert_msg(fabs(s / rows[i].collision - 1.0) < 0.01, "%g MeV: %g", rows[i].mev, s);
        /* below 1 keV the formula is carried on as a constant: 1.6 % at 10 keV */
        ck_assert_msg(fabs(r / rows[i].range - 1.0) < (rows[i].mev < 0.05 ? 0.02 : 0.005),
                      "%g MeV: %g", rows[i].mev, r);
    }
    /* positrons: more below 0.3 MeV, less above */
    ck_assert_double_gt(rgq_electron_collision(RGQ_MATERIAL_WATER, .05, true),
                        rgq_electron_collision(RGQ_MATERIAL_WATER, .05, false));
    ck_assert_double_lt(rgq_electron_collision(RGQ_MATERIAL_WATER, 1.0, true),
                        rgq_electron_collision(RGQ_MATERIAL_WATER, 1.0, false));
    /* fewer electrons per gram, held more loosely: within 1 % */
    ck_assert_double_eq_tol(rgq_electron_collision(RGQ_MATERIAL_SOFT, .5, false) / 2.034, 1.0,
                            0.01);
}
END_TEST

typedef struct sums {
    double mev, farthest, least;
    double along; /* mean depth, weighted with energy */
} sums;

static void add(void *context, const double at[3], double mev)
{
    sums *s = context;

    s->mev += mev;
    s->least = fmin(s->least, mev);
    s->along += mev * at[2];
    s->farthest = fmax(s->farthest, sqrt(at[0] * at[0] + at[1] * at[1] + at[2] * at[2]));
}

static sums follow(double mev, bool positron, const rgq_electron_opts *opts, int n)
{
    rgq_electron_tables *tables = NULL;
    rgq_stream random;
    sums s = {.mev = 0.0};

    MUST(rgq_electron_tables_make(&tables, RGQ_MATERIAL_WATER, opts, err));
    rgq_stream_seed(&random, 7, 0);
    for (int i = 0; i < n; i++) {
        const rgq_moving_electron e = {
            .direction = {0.0, 0.0, 1.0}, .energy_mev = mev, .positron = positron};
        rgq_electron_follow(tables, &e, &random, add, &s);
    }
    rgq_electron_tables_free(tables);
    return s;
}

/* Each leaves its energy, to rounding of 1e3 steps, and none comes farther than its path, which
 * is longer for the few that meet no hard collision. */
START_TEST(energy_is_left_within_the_range)
{
    static const double mev[] = {0.001, 0.01, 0.15, 1.0, 2.2};
    const rgq_electron_opts opts = RGQ_ELECTRON_OPTS_INIT;

    for (int i = 0; i < ROWS(mev); i++)
        for (int positron = 0; positron < 2; positron++) {
            const sums s = follow(mev[i], positron == 1, &opts, 300);
            ck_assert_double_eq_tol(s.mev / (300.0 * mev[i]), 1.0, 1e-9);
            ck_assert_double_ge(s.least, 0.0);
            ck_assert_double_le(s.farthest, 1.2 * rgq_electron_range(RGQ_MATERIAL_WATER, mev[i],
                                                                     positron == 1));
        }
}
END_TEST

/* Finer steps change the mean depth by less than 2 % (20000 histories, 0.7 % of noise). */
START_TEST(steps_do_not_matter)
{
    const rgq_electron_opts coarse = RGQ_ELECTRON_OPTS_INIT;
    const rgq_electron_opts fine = {
        .hard_mev = .01, .stop_mev = .005, .step = .02, .bend = .04};
    const sums a = follow(0.5, false, &coarse, 20000);
    const sums b = follow(0.5, false, &fine, 20000);

    ck_assert_double_eq_tol(a.along / b.along, 1.0, 0.02);
    /* detours: the mean depth is well below half the path */
    ck_assert_double_lt(a.along / a.mev, 0.4 * .1766);
    ck_assert_double_gt(a.along / a.mev, 0.2 * .1766);
}
END_TEST

START_TEST(refusals_and_torture)
{
    rgq_electron_opts opts = RGQ_ELECTRON_OPTS_INIT;
    rgq_electron_tables *tables = NULL;

    REFUSED(rgq_electron_tables_make(&tables, RGQ_MATERIAL_BONE, &opts, err), RGQ_E_ARGUMENT,
            "electrons in material 3");
    opts.step = 0.9;
    REFUSED(rgq_electron_tables_make(&tables, RGQ_MATERIAL_WATER, &opts, err), RGQ_E_ARGUMENT,
            "steps of 0.9");
    opts.step = 0.08;
    opts.hard_mev = 0.001;
    REFUSED(rgq_electron_tables_make(&tables, RGQ_MATERIAL_WATER, &opts, err), RGQ_E_ARGUMENT,
            "hard collisions from 0.001");
    ck_assert_ptr_null(tables);
    opts.hard_mev = 0.01;
    TORTURE(rgq_electron_tables_make(&tables, RGQ_MATERIAL_WATER, &opts, err),
            rgq_electron_tables_free(tables), 1);
}
END_TEST

RGQ_CHECK_MAIN("dose.electron", tcase_add_test(tc, water_as_tabulated);
               tcase_add_test(tc, energy_is_left_within_the_range);
               tcase_add_test(tc, steps_do_not_matter);
               tcase_add_test(tc, refusals_and_torture))
