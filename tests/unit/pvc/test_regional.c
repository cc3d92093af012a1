/* GTM, Labbe, RBV and iterative Yang against their definitions, and against the truth. */
#include "direct.h"
#include "num/threads.h"

static const rgq_border borders[] = {RGQ_BORDER_ZERO, RGQ_BORDER_REPLICATE, RGQ_BORDER_MIRROR,
                                     RGQ_BORDER_PERIODIC};

/* 66 x 15 x 36 voxels: two tiles along x and z. */
static direct scan(int n_balls, rgq_border border)
{
    direct d;

    direct_grid(&d, (const int[3]){66, 15, 36}, (const double[3]){2.0, 2.5, 3.0});
    memcpy(d.fwhm_mm, (const double[3]){6.0, 7.0, 5.0}, sizeof d.fwhm_mm);
    d.border = border;
    direct_balls(&d, n_balls, 3);
    return d;
}

/* An image that is no sum of regions, so that misfits show. */
static double *image_of(const direct *d)
{
    double value[DIRECT_PARTS_MAX];
    rgq_rng *rng = NULL;

    direct_values(d, value);
    double *s = direct_paint(d, value);
    double *f = direct_blur(d, s);
    MUST(rgq_rng_create(&rng, 11, err));
    for (size_t v = 0; v < d->count; v++)
        f[v] = (double)(float)(f[v] + rgq_rng_uniform(rng));
    rgq_rng_free(rng);
    free(s);
    return f;
}

static void check_values(const rgq_pvc_report *report, const double *want, double tol)
{
    for (int i = 0; i < report->n_regions; i++)
        ck_assert_msg(fabs(report->value[i].corrected - want[i]) < tol,
                      "part %d: %.9g, not %.9g", i, report->value[i].corrected, want[i]);
}

/* Values are of the order of 10 and blurred masks of seven digits, sums of many voxels average
 * them: 1e-5 holds what rounding does, times the condition number of about 3. */
static void compare_regional(direct *d, rgq_pvc_method method, double tol)
{
    double want[DIRECT_PARTS_MAX];
    rgq_pvc_report report = {0};
    const rgq_pvc_opts o = direct_opts(d, method);

    direct_blur_masks(d);
    double *f = image_of(d);
    rgq_volume *volume = direct_volume(d, f);
    MUST(rgq_pvc(volume, d->labels, d->regions, &o, &report, NULL, err));
    if (method == RGQ_PVC_GTM)
        direct_gtm(d, f, want);
    else
        direct_labbe(d, f, want);
    check_values(&report, want, tol);
    for (int i = 0; i < d->n_parts; i++)
        ck_assert_double_eq_tol(report.value[i].observed, direct_mean(d, i, f), 1e-6);
    double *s = direct_paint(d, want);
    ck_assert_double_lt(direct_difference(d, volume, s), 2.0 * tol);
    ck_assert_double_ge(report.condition, 1.0);
    ck_assert_double_lt(report.condition, 100.0);
    rgq_pvc_report_release(&report);
    rgq_volume_free(volume);
    free(s);
    free(f);
    direct_release(d);
}

START_TEST(gtm_is_its_definition)
{
    direct d = scan(9, borders[_i]);

    compare_regional(&d, RGQ_PVC_GTM, 1e-5);
}
END_TEST

START_TEST(gtm_of_fractions)
{
    direct d = scan(9, borders[_i]);

    direct_fractions(&d);
    compare_regional(&d, RGQ_PVC_GTM, 1e-5);
}
END_TEST

START_TEST(labbe_is_its_definition)
{
    direct d = scan(9, borders[_i]);

    compare_regional(&d, RGQ_PVC_LABBE, 1e-5);
}
END_TEST

START_TEST(labbe_of_fractions)
{
    direct d = scan(9, borders[_i]);

    direct_fractions(&d);
    compare_regional(&d, RGQ_PVC_LABBE, 1e-5);
}
END_TEST

static void compare_image(direct *d, rgq_pvc_method method, int iterations)
{
    double value[DIRECT_PARTS_MAX];
    rgq_pvc_report report = {0};
    rgq_pvc_opts o = direct_opts(d, method);
    double *g = NULL;

    o.iterations = iterations;
    direct_blur_masks(d);
    double *f = image_of(d);
    rgq_volume *volume = direct_volume(d, f);
    MUST(rgq_pvc(volume, d->labels, d->regions, &o, &report, NULL, err));
    if (method == RGQ_PVC_RBV) {
        direct_gtm(d, f, value);
        g = direct_yang(d, f, value);
    }
    for (int i = 0; i < d->n_parts && method == RGQ_PVC_IY; i++)
        value[i] = direct_mean(d, i, f);
    for (int k = 0; k < iterations && method == RGQ_PVC_IY; k++) {
        free(g);
        g = direct_yang(d, f, value);
        for (int i = 0; i < d->n_parts; i++)
            value[i] = direct_mean(d, i, g);
    }
    ck_assert_double_lt(direct_difference(d, volume, g), 1e-4); /* of about 10 */
    for (int i = 0; i < d->n_parts; i++)
        ck_assert_double_eq_tol(report.value[i].corrected, direct_mean(d, i, g), 2e-5);
    ck_assert_int_eq(report.n_steps, iterations);
    rgq_pvc_report_release(&report);
    rgq_volume_free(volume);
    free(f);
    free(g);
    direct_release(d);
}

START_TEST(rbv_is_its_definition)
{
    direct d = scan(9, borders[_i]);

    compare_image(&d, RGQ_PVC_RBV, 0);
}
END_TEST

START_TEST(rbv_of_fractions)
{
    direct d = scan(9, borders[_i]);

    direct_fractions(&d);
    compare_image(&d, RGQ_PVC_RBV, 0);
}
END_TEST

START_TEST(iy_is_its_definition)
{
    direct d = scan(9, borders[_i]);

    compare_image(&d, RGQ_PVC_IY, 3);
}
END_TEST

START_TEST(iy_of_fractions)
{
    direct d = scan(9, borders[_i]);

    direct_fractions(&d);
    compare_image(&d, RGQ_PVC_IY, 2);
}
END_TEST

/* Uniform regions blurred by the kernel that corrects: the truth comes back within 0.1 %. */
static void recover(direct *d, rgq_pvc_method method)
{
    double value[DIRECT_PARTS_MAX];
    rgq_pvc_report report = {0};
    const rgq_pvc_opts o = direct_opts(d, method);

    direct_values(d, value);
    double *s = direct_paint(d, value);
    double *f = direct_blur(d, s);
    rgq_volume *volume = direct_volume(d, f);
    MUST(rgq_pvc(volume, d->labels, d->regions, &o, &report, NULL, err));
    for (int i = 0; i < d->n_parts; i++)
        ck_assert_msg(fabs(report.value[i].corrected / value[i] - 1.0) < 1e-3,
                      "%s, part %d of %d: %.6g, not %.6g", rgq_pvc_method_name(method), i,
                      d->n_parts, report.value[i].corrected, value[i]);
    rgq_pvc_report_release(&report);
    rgq_volume_free(volume);
    free(s);
    free(f);
}

START_TEST(truth_comes_back)
{
    static const int balls[] = {1, 2, 3, 10};
    static const rgq_pvc_method methods[] = {RGQ_PVC_GTM, RGQ_PVC_LABBE, RGQ_PVC_RBV,
                                             RGQ_PVC_IY};
    direct d = scan(balls[_i], RGQ_BORDER_REPLICATE);

    for (int m = 0; m < ROWS(methods); m++)
        recover(&d, methods[m]);
    direct_fractions(&d);
    recover(&d, RGQ_PVC_GTM);
    recover(&d, RGQ_PVC_LABBE);
    direct_release(&d);
}
END_TEST

/* With a border that loses nothing the total of sum T_i m_i of GTM is that of the image: the
 * columns of the matrix, weighed by the regions, add up to them. So is that of RBV where the
 * image is such a sum. */
START_TEST(counts_are_kept)
{
    static const int balls[] = {1, 2, 3, 10};
    direct d = scan(balls[_i], RGQ_BORDER_PERIODIC);
    double value[DIRECT_PARTS_MAX];
    const rgq_pvc_opts o = direct_opts(&d, RGQ_PVC_GTM);

    direct_blur_masks(&d);
    double *f = image_of(&d);
    const double before = direct_sum(&d, f);
    rgq_volume *volume = direct_volume(&d, f);
    MUST(rgq_pvc(volume, d.labels, NULL, &o, NULL, NULL, err));
    double after = 0.0;
    for (size_t v = 0; v < d.count; v++)
        after += (double)rgq_volume_cdata(volume, 0)[v];
    ck_assert_double_eq_tol(after / before, 1.0, 1e-6); /* floats */
    rgq_volume_free(volume);
    free(f);

    direct_values(&d, value);
    double *s = direct_paint(&d, value);
    f = direct_blur(&d, s);
    for (int m = 0; m < 2; m++) {
        rgq_pvc_opts image = direct_opts(&d, m == 0 ? RGQ_PVC_RBV : RGQ_PVC_IY);
        image.iterations = 30;
        volume = direct_volume(&d, f);
        MUST(rgq_pvc(volume, d.labels, NULL, &image, NULL, NULL, err));
        after = 0.0;
        for (size_t v = 0; v < d.count; v++)
            after += (double)rgq_volume_cdata(volume, 0)[v];
        ck_assert_double_eq_tol(after / direct_sum(&d, f), 1.0, 1e-5);
        rgq_volume_free(volume);
    }
    free(s);
    free(f);
    direct_release(&d);
}
END_TEST

/* Regions that interlock: 30 labels drawn per voxel. */
START_TEST(labels_without_shape)
{
    direct d;
    rgq_rng *rng = NULL;

    direct_grid(&d, (const int[3]){67, 33, 9}, (const double[3]){2.0, 2.0, 2.0});
    for (int a = 0; a < 3; a++)
        d.fwhm_mm[a] = 1.5; /* wider, and single voxels cannot be told apart */
    int32_t *label = calloc(d.count, sizeof *label);
    ck_assert_ptr_nonnull(label);
    MUST(rgq_rng_create(&rng, 5, err));
    for (size_t v = 0; v < d.count; v++)
        label[v] = (int32_t)(rgq_rng_uniform(rng) * 31.0);
    MUST(rgq_labels_create(&d.labels, &d.grid, label, err));
    d.n_parts = 31;
    for (int i = 0; i < d.n_parts; i++) {
        d.mask[i] = direct_array(d.count);
        for (size_t v = 0; v < d.count; v++)
            d.mask[i][v] = label[v] == i ? 1.0 : 0.0;
    }
    rgq_rng_free(rng);
    free(label);
    /* the blurred masks are much alike: what is left of their seven digits is less */
    compare_regional(&d, _i == 0 ? RGQ_PVC_GTM : RGQ_PVC_LABBE, _i == 0 ? 1e-5 : 1e-4);
}
END_TEST

static void same_bits(const direct *d, rgq_pvc_method method)
{
    const rgq_pvc_opts o = direct_opts(d, method);
    double *f = image_of(d);
    rgq_volume *first = NULL;
    rgq_pvc_report first_report = {0};

    for (int threads = 1; threads <= 3; threads++) {
        rgq_volume *volume = direct_volume(d, f);
        rgq_pvc_report report = {0};
        rgq_threads_set(threads);
        MUST(rgq_pvc(volume, d->labels, d->regions, &o, &report, NULL, err));
        if (first == NULL) {
            first = volume;
            first_report = report;
            continue;
        }
        ck_assert_mem_eq(rgq_volume_cdata(volume, 0), rgq_volume_cdata(first, 0),
                         d->count * sizeof(float));
        for (int i = 0; i < report.n_regions; i++)
            ck_assert(memcmp(&report.value[i].corrected, &first_report.value[i].corrected,
                             sizeof(double)) == 0);
        if (!isnan(report.value[0].corrected_sd))
            for (int i = 0; i < report.n_regions; i++)
                ck_assert(memcmp(&report.value[i].corrected_sd,
                                 &first_report.value[i].corrected_sd, sizeof(double)) == 0);
        rgq_pvc_report_release(&report);
        rgq_volume_free(volume);
    }
    rgq_pvc_report_release(&first_report);
    rgq_volume_free(first);
    free(f);
}

START_TEST(threads_do_not_change_bits)
{
    static const rgq_pvc_method methods[] = {RGQ_PVC_GTM, RGQ_PVC_LABBE, RGQ_PVC_RBV,
                                             RGQ_PVC_IY};
    direct d = scan(9, RGQ_BORDER_REPLICATE);

    same_bits(&d, methods[_i]);
    direct_fractions(&d);
    same_bits(&d, methods[_i]);
    direct_release(&d);
}
END_TEST

RGQ_CHECK_MAIN("pvc regional", tcase_add_loop_test(tc, gtm_is_its_definition, 0, 4);
               tcase_add_loop_test(tc, gtm_of_fractions, 0, 4);
               tcase_add_loop_test(tc, labbe_is_its_definition, 0, 4);
               tcase_add_loop_test(tc, labbe_of_fractions, 0, 4);
               tcase_add_loop_test(tc, rbv_is_its_definition, 0, 4);
               tcase_add_loop_test(tc, rbv_of_fractions, 0, 4);
               tcase_add_loop_test(tc, iy_is_its_definition, 0, 4);
               tcase_add_loop_test(tc, iy_of_fractions, 0, 4);
               tcase_add_loop_test(tc, truth_comes_back, 0, 4);
               tcase_add_loop_test(tc, counts_are_kept, 0, 4);
               tcase_add_loop_test(tc, labels_without_shape, 0, 2);
               tcase_add_loop_test(tc, threads_do_not_change_bits, 0, 4))
