/* Standard deviations of GTM and Labbe against the spread over noise drawn many times. */
#include "direct.h"
#include "pvc/sampled.h"

enum { DRAWS = 40 };

static direct scan(void)
{
    direct d;

    direct_grid(&d, (const int[3]){32, 28, 24}, (const double[3]){2.0, 2.0, 2.0});
    for (int a = 0; a < 3; a++)
        d.fwhm_mm[a] = 6.0;
    d.border = RGQ_BORDER_REPLICATE;
    direct_balls(&d, 4, 3);
    return d;
}

/* White noise of sd 1 filtered to a FWHM of 4 mm, as reconstructions leave it. */
static double *correlated(const direct *d, rgq_rng *rng)
{
    direct narrow = *d;
    double *white = direct_array(d->count);

    for (size_t v = 0; v < d->count; v++)
        white[v] = rgq_rng_gaussian(rng, 1.0);
    for (int a = 0; a < 3; a++)
        narrow.fwhm_mm[a] = 4.0;
    double *noise = direct_blur(&narrow, white);
    free(white);
    return noise;
}

/* The sd of 40 draws is known to 11 %, the mean over five parts to 5 %: four of these. A
 * correlation that was left out would be a factor of 2 to 4. (300 draws: 0.90 to 1.09.) */
START_TEST(sd_is_the_spread_of_draws)
{
    direct d = scan();
    const rgq_pvc_opts o = direct_opts(&d, _i == 0 ? RGQ_PVC_GTM : RGQ_PVC_LABBE);
    double value[DIRECT_PARTS_MAX];
    double sum[DIRECT_PARTS_MAX] = {0.0};
    double square[DIRECT_PARTS_MAX] = {0.0};
    double told[DIRECT_PARTS_MAX] = {0.0};
    double ratio = 0.0;
    rgq_rng *rng = NULL;

    MUST(rgq_rng_create(&rng, 21, err));
    direct_values(&d, value);
    double *s = direct_paint(&d, value);
    double *f = direct_blur(&d, s);
    for (int k = 0; k < DRAWS; k++) {
        rgq_pvc_report report = {0};
        double *noise = correlated(&d, rng);
        for (size_t v = 0; v < d.count; v++)
            noise[v] += f[v];
        rgq_volume *volume = direct_volume(&d, noise);
        MUST(rgq_pvc(volume, d.labels, NULL, &o, &report, NULL, err));
        for (int i = 0; i < d.n_parts; i++) {
            sum[i] += report.value[i].corrected / DRAWS;
            square[i] += report.value[i].corrected * report.value[i].corrected / DRAWS;
            told[i] += report.value[i].corrected_sd / DRAWS;
        }
        rgq_pvc_report_release(&report);
        rgq_volume_free(volume);
        free(noise);
    }
    for (int i = 0; i < d.n_parts; i++) {
        const double sd = sqrt((square[i] - sum[i] * sum[i]) * DRAWS / (DRAWS - 1.0));
        ratio += told[i] / sd / d.n_parts;
        ck_assert_msg(fabs(told[i] / sd - 1.0) < 0.45, "part %d: told %.4g, drawn %.4g", i,
                      told[i], sd);
    }
    ck_assert_double_eq_tol(ratio, 1.0, 0.2);
    rgq_rng_free(rng);
    free(s);
    free(f);
    direct_release(&d);
}
END_TEST

/* Small parts are summed whole, so that the products are those of the definition. */
START_TEST(sampled_products)
{
    static const double half[3][4] = {
        {1.0, 0.6, 0.2, 0.1}, {1.0, 0.5, 0.25, 0.0}, {1.0, 0.3, 0.0, 0.0}};
    direct d = scan();
    const rgq_taps taps[3] = {{3, half[0]}, {2, half[1]}, {1, half[2]}};
    double out[DIRECT_PARTS_MAX * DIRECT_PARTS_MAX];
    int part[DIRECT_PARTS_MAX];
    rgq_parts *p = NULL;

    if (_i == 1)
        direct_fractions(&d);
    const size_t n = (size_t)d.n_parts;
    for (int i = 0; i < d.n_parts; i++)
        part[i] = i;
    MUST(rgq_parts_create(&p, d.labels, d.regions, err));
    MUST(rgq_sampled_products(p, part, d.n_parts, taps, out, err));
    for (size_t j = 0; j < n; j++) {
        double *blurred = direct_array(d.count);
        for (size_t v = 0; v < d.count; v++)
            for (int z = -1; z <= 1; z++)
                for (int y = -2; y <= 2; y++)
                    for (int x = -3; x <= 3; x++) {
                        const int at[3] = {(int)(v % 32) + x, (int)(v / 32 % 28) + y,
                                           (int)(v / 896) + z};
                        if (at[0] >= 0 && at[0] < 32 && at[1] >= 0 && at[1] < 28 &&
                            at[2] >= 0 && at[2] < 24)
                            blurred[v] += half[0][abs(x)] * half[1][abs(y)] * half[2][abs(z)] *
                                          d.mask[j][(at[2] * 28 + at[1]) * 32 + at[0]];
                    }
        for (size_t i = 0; i < n; i++) {
            const double want = direct_dot(&d, d.mask[i], blurred);
            const double scale = sqrt(out[i * n + i] * out[j * n + j]);
            /* the background is sampled; balls of up to 1000 voxels nearly
             * whole, fewer of those whose weights are fractions */
            ck_assert_double_eq_tol(out[i * n + j] / scale, want / scale,
                                    _i == 0 ? 0.03 : 0.08);
        }
        free(blurred);
    }
    rgq_parts_free(p);
    direct_release(&d);
}
END_TEST

START_TEST(no_noise_no_sd)
{
    direct d = scan();
    const rgq_pvc_opts o = direct_opts(&d, RGQ_PVC_GTM);
    rgq_pvc_report report = {0};
    rgq_volume *volume = NULL;

    MUST(rgq_volume_create(&volume, &d.grid, 1, RGQ_UNIT_BQ_ML, err));
    MUST(rgq_pvc(volume, d.labels, NULL, &o, &report, NULL, err));
    for (int i = 0; i < d.n_parts; i++)
        ck_assert(report.value[i].corrected_sd == 0.0);
    rgq_pvc_report_release(&report);
    rgq_volume_free(volume);
    direct_release(&d);
}
END_TEST

RGQ_CHECK_MAIN("pvc noise", tcase_add_loop_test(tc, sd_is_the_spread_of_draws, 0, 2);
               tcase_add_loop_test(tc, sampled_products, 0, 2);
               tcase_add_test(tc, no_noise_no_sd))
