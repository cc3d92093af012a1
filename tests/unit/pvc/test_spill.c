/* Multi-target, Mueller-Gaertner and single-target correction against their definitions, and
 * against the truth. */
#include <stdio.h>

#include "voxelwise.h"

/* sum_i m_i (f - sum_j!=i T_j h * m_j) / (h * m_i) */
static double *direct_mtc(const direct *d, const double *f, const double *value)
{
    double *g = direct_array(d->count);

    for (int i = 0; i < d->n_parts; i++)
        for (size_t v = 0; v < d->count; v++) {
            double own = f[v];
            for (int j = 0; j < d->n_parts; j++)
                own -= j != i ? value[j] * d->blurred[j][v] : 0.0;
            g[v] += d->mask[i][v] > 0.0 ? d->mask[i][v] * own / d->blurred[i][v] : 0.0;
        }
    return g;
}

static double *direct_mg(const direct *d, const double *f, const double *value, int target)
{
    double *g = direct_array(d->count);

    for (size_t v = 0; v < d->count; v++) {
        double own = f[v];
        for (int j = 0; j < d->n_parts; j++)
            if (j != target) {
                own -= value[j] * d->blurred[j][v];
                g[v] += value[j] * d->mask[j][v];
            }
        if (d->mask[target][v] > 0.0)
            g[v] += d->mask[target][v] * own / d->blurred[target][v];
    }
    return g;
}

/* One iteration in place; the root mean square of f - h * g before it. */
static double direct_stc(const direct *d, const double *f, double *g)
{
    double *outer = direct_array(d->count);
    double *inner = direct_array(d->count);
    double *own = direct_array(d->count);
    double *part = direct_array(d->count);
    double square = 0.0;

    for (int i = 0; i < d->n_parts; i++) {
        for (size_t v = 0; v < d->count; v++)
            part[v] = d->mask[i][v] * g[v];
        double *b = direct_blur(d, part);
        for (size_t v = 0; v < d->count; v++) {
            outer[v] += (1.0 - d->mask[i][v]) * b[v];
            inner[v] += d->mask[i][v] * b[v];
            own[v] += d->mask[i][v] * d->blurred[i][v];
        }
        free(b);
    }
    for (size_t v = 0; v < d->count; v++) {
        const double e = f[v] - outer[v] - inner[v];
        square += e * e;
        g[v] = (f[v] - outer[v]) / own[v];
    }
    free(outer);
    free(inner);
    free(own);
    free(part);
    return sqrt(square / (double)d->count);
}

/* Values are of the order of 10, and divided by h * m_i, which is 0.1 and more here: roundings
 * of 1e-6 become 1e-5, in fractions of small weight a little more. */
static void check_image(const direct *d, const rgq_pvc_opts *o, const double *f,
                        const double *want, double tol)
{
    rgq_pvc_report report = {0};
    rgq_volume *volume = direct_volume(d, f);

    MUST(rgq_pvc(volume, d->labels, d->regions, o, &report, NULL, err));
    const double difference = direct_difference(d, volume, want);
    ck_assert_msg(difference < tol, "%s: off by %g", rgq_pvc_method_name(o->method),
                  difference);
    for (int i = 0; i < d->n_parts; i++) {
        ck_assert_double_eq_tol(report.value[i].observed, direct_mean(d, i, f), 1e-6);
        ck_assert_double_eq_tol(report.value[i].corrected, direct_mean(d, i, want), tol);
    }
    for (int i = 0; i < d->n_parts; i++)
        ck_assert(isnan(report.value[i].corrected_sd) == (o->method != RGQ_PVC_MTC));
    ck_assert_int_eq(report.n_guarded, 0);
    rgq_pvc_report_release(&report);
    rgq_volume_free(volume);
}

static void check_mtc(direct *d)
{
    double value[DIRECT_PARTS_MAX];
    const rgq_pvc_opts o = direct_opts(d, RGQ_PVC_MTC);

    direct_blur_masks(d);
    double *f = image_of(d, -4.0);
    direct_gtm(d, f, value);
    double *want = direct_mtc(d, f, value);
    check_image(d, &o, f, want, 1e-4);
    free(f);
    free(want);
}

START_TEST(mtc_is_its_definition)
{
    direct d = scan(9, borders[_i]);

    check_mtc(&d);
    direct_fractions(&d);
    check_mtc(&d);
    direct_release(&d);
}
END_TEST

static void check_mg(direct *d, int target, const double *given)
{
    double value[DIRECT_PARTS_MAX];
    char name[16];
    rgq_pvc_opts o = direct_opts(d, RGQ_PVC_MG);

    snprintf(name, sizeof name, "%d",
             target == 0         ? 0
             : d->labels != NULL ? rgq_labels_at(d->labels, target - 1)->label
                                 : rgq_regions_at(d->regions, target - 1)->label);
    o.target = target == 1 ? NULL : name; /* the first where none is named */
    o.values = given;
    direct_blur_masks(d);
    double *f = image_of(d, -4.0);
    direct_gtm(d, f, value);
    for (int i = 0, k = 0; i < d->n_parts && given != NULL; i++)
        value[i] = i == target ? 0.0 : given[k++];
    double *want = direct_mg(d, f, value, target);
    check_image(d, &o, f, want, 1e-4);
    free(f);
    free(want);
}

START_TEST(mg_is_its_definition)
{
    const double given[] = {3.0, 1.0, 4.0, 1.0, 5.0, 9.0};
    direct d = scan(6, borders[_i]);

    check_mg(&d, 1, NULL);
    check_mg(&d, 3, NULL);
    check_mg(&d, 0, NULL);
    check_mg(&d, 2, given);
    direct_fractions(&d);
    check_mg(&d, 3, NULL);
    check_mg(&d, 2, given);
    direct_release(&d);
}
END_TEST

START_TEST(mg_refuses)
{
    const double given[] = {3.0, (double)NAN, 4.0};
    direct d = scan(3, RGQ_BORDER_REPLICATE);
    rgq_pvc_opts o = direct_opts(&d, RGQ_PVC_MG);
    double *f = image_of(&d, 0.0);
    rgq_volume *volume = direct_volume(&d, f);

    o.target = "liver";
    REFUSED(rgq_pvc(volume, d.labels, NULL, &o, NULL, NULL, err), RGQ_E_ARGUMENT,
            "there is no region 'liver' to be the target; there are background, 1, 2, 3");
    o.target = "2";
    o.values = given;
    REFUSED(rgq_pvc(volume, d.labels, NULL, &o, NULL, NULL, err), RGQ_E_ARGUMENT,
            "the mean of '1' is nan");
    rgq_volume_free(volume);
    free(f);
    direct_release(&d);
}
END_TEST

static void check_stc(direct *d, bool zero)
{
    rgq_pvc_report report = {0};
    rgq_pvc_opts o = direct_opts(d, RGQ_PVC_STC);
    double *f = image_of(d, zero ? -4.0 : 0.0);
    double *g = direct_array(d->count);

    direct_blur_masks(d);
    o.iterations = 4;
    o.negatives = zero ? RGQ_NEGATIVES_ZERO : RGQ_NEGATIVES_REFUSE;
    memcpy(g, f, d->count * sizeof *g);
    rgq_volume *volume = direct_volume(d, f);
    MUST(rgq_pvc(volume, d->labels, d->regions, &o, &report, NULL, err));
    ck_assert_int_eq(report.n_steps, 4);
    for (int k = 0; k < 4; k++) {
        for (size_t v = 0; v < d->count && zero; v++)
            g[v] = fmax(g[v], 0.0);
        const double fit = direct_stc(d, f, g);
        ck_assert_double_eq_tol(report.step[k].fit, fit, 2e-5);
    }
    ck_assert_double_lt(direct_difference(d, volume, g), 1e-3);
    rgq_pvc_report_release(&report);
    rgq_volume_free(volume);
    free(f);
    free(g);
}

START_TEST(stc_is_its_definition)
{
    direct d = scan(6, borders[_i]);

    check_stc(&d, false);
    check_stc(&d, true);
    direct_fractions(&d);
    check_stc(&d, false);
    direct_release(&d);
}
END_TEST

/* Uniform regions blurred by the kernel that corrects: MTC and MG bring the truth back within
 * 0.1 % at once, STC, which must find it, in ten iterations. */
static void recover(direct *d, rgq_pvc_method method, int iterations)
{
    double value[DIRECT_PARTS_MAX];
    rgq_pvc_report report = {0};
    rgq_pvc_opts o = direct_opts(d, method);
    double *f = blurred_truth(d);
    rgq_volume *volume = direct_volume(d, f);

    o.iterations = iterations;
    direct_values(d, value);
    MUST(rgq_pvc(volume, d->labels, d->regions, &o, &report, NULL, err));
    for (int i = 0; i < d->n_parts; i++)
        ck_assert_msg(fabs(report.value[i].corrected / value[i] - 1.0) < 1e-3,
                      "%s, part %d of %d: %.6g, not %.6g", rgq_pvc_method_name(method), i,
                      d->n_parts, report.value[i].corrected, value[i]);
    rgq_pvc_report_release(&report);
    rgq_volume_free(volume);
    free(f);
}

START_TEST(truth_comes_back)
{
    static const int balls[] = {1, 2, 3, 10};
    direct d = scan(balls[_i], RGQ_BORDER_REPLICATE);

    recover(&d, RGQ_PVC_MTC, 0);
    recover(&d, RGQ_PVC_MG, 0);
    if (balls[_i] < 10) /* cut balls leave slivers there, between which STC swings */
        recover(&d, RGQ_PVC_STC, 10);
    direct_release(&d);
}
END_TEST

/* The same with a measured kernel that does not separate: voxel by voxel. */
START_TEST(truth_comes_back_from_measured_kernels)
{
    static const rgq_pvc_method methods[] = {RGQ_PVC_MTC, RGQ_PVC_MG, RGQ_PVC_STC};
    direct d = scan(5, RGQ_BORDER_PERIODIC);
    double value[DIRECT_PARTS_MAX];
    rgq_pvc_opts o = direct_opts(&d, methods[_i]);
    rgq_volume *kernel = skew_kernel();

    direct_values(&d, value);
    double *s = direct_paint(&d, value);
    double *f = skew_blur(&d, s);
    rgq_volume *volume = direct_volume(&d, f);
    o.psf.image = kernel;
    o.iterations = 30;
    MUST(rgq_pvc(volume, d.labels, NULL, &o, NULL, NULL, err));
    ck_assert_double_lt(direct_difference(&d, volume, s), 1e-3);
    rgq_volume_free(kernel);
    rgq_volume_free(volume);
    free(s);
    free(f);
    direct_release(&d);
}
END_TEST

/* Where the image is a sum of blurred regions MTC gives these regions, and with a border that
 * loses nothing their counts. */
START_TEST(counts_are_kept)
{
    static const int balls[] = {1, 2, 3, 10};
    direct d = scan(balls[_i], RGQ_BORDER_PERIODIC);
    const rgq_pvc_opts o = direct_opts(&d, RGQ_PVC_MTC);
    double *f = blurred_truth(&d);
    rgq_volume *volume = direct_volume(&d, f);

    MUST(rgq_pvc(volume, d.labels, NULL, &o, NULL, NULL, err));
    ck_assert_double_eq_tol(total_of(volume) / direct_sum(&d, f), 1.0, 1e-5);
    rgq_volume_free(volume);
    free(f);
    direct_release(&d);
}
END_TEST

/* Every voxel a region: the background has no voxel, and no mean. */
START_TEST(no_background)
{
    static const rgq_pvc_method methods[] = {RGQ_PVC_MTC, RGQ_PVC_MG, RGQ_PVC_STC};
    direct d;

    direct_grid(&d, (const int[3]){20, 12, 10}, (const double[3]){2.0, 2.0, 2.0});
    memcpy(d.fwhm_mm, (const double[3]){5.0, 5.0, 5.0}, sizeof d.fwhm_mm);
    d.border = RGQ_BORDER_REPLICATE;
    int32_t *label = calloc(d.count, sizeof *label);
    double *s = direct_array(d.count);
    ck_assert_ptr_nonnull(label);
    for (size_t v = 0; v < d.count; v++) {
        label[v] = v % 20 < 9 ? 1 : 2;
        s[v] = v % 20 < 9 ? 10.0 : 4.0;
    }
    MUST(rgq_labels_create(&d.labels, &d.grid, label, err));
    double *f = direct_blur(&d, s);
    for (int m = 0; m < ROWS(methods); m++) {
        rgq_volume *volume = direct_volume(&d, f);
        rgq_pvc_opts o = direct_opts(&d, methods[m]);
        o.iterations = 30;
        MUST(rgq_pvc(volume, d.labels, NULL, &o, NULL, NULL, err));
        ck_assert_double_lt(direct_difference(&d, volume, s), 1e-3);
        rgq_volume_free(volume);
    }
    free(label);
    free(s);
    free(f);
    direct_release(&d);
}
END_TEST

START_TEST(threads_do_not_change_bits)
{
    static const rgq_pvc_method methods[] = {RGQ_PVC_MTC, RGQ_PVC_MG, RGQ_PVC_STC};
    direct d = scan(9, RGQ_BORDER_REPLICATE);
    double *f = image_of(&d, 0.0);
    rgq_pvc_opts o = direct_opts(&d, methods[_i]);

    o.iterations = 2;
    same_bits(&d, &o, f);
    direct_fractions(&d);
    same_bits(&d, &o, f);
    free(f);
    direct_release(&d);
}
END_TEST

START_TEST(no_memory)
{
    static const rgq_pvc_method methods[] = {RGQ_PVC_MTC, RGQ_PVC_MG, RGQ_PVC_STC};
    direct d = scan(2, RGQ_BORDER_REPLICATE);
    double *f = image_of(&d, 0.0);
    rgq_volume *volume = direct_volume(&d, f);
    rgq_pvc_report report = {0};
    rgq_pvc_opts o = direct_opts(&d, methods[_i]);

    rgq_threads_set(1);
    o.iterations = 1;
    TORTURE(rgq_pvc(volume, d.labels, NULL, &o, &report, NULL, err),
            rgq_pvc_report_release(&report), 15);
    rgq_volume_free(volume);
    free(f);
    direct_release(&d);
}
END_TEST

RGQ_CHECK_MAIN("pvc spill", tcase_add_loop_test(tc, mtc_is_its_definition, 0, 4);
               tcase_add_loop_test(tc, mg_is_its_definition, 0, 4);
               tcase_add_test(tc, mg_refuses);
               tcase_add_loop_test(tc, stc_is_its_definition, 0, 4);
               tcase_add_loop_test(tc, truth_comes_back, 0, 4);
               tcase_add_loop_test(tc, truth_comes_back_from_measured_kernels, 0, 3);
               tcase_add_loop_test(tc, counts_are_kept, 0, 4);
               tcase_add_test(tc, no_background);
               tcase_add_loop_test(tc, threads_do_not_change_bits, 0, 3);
               tcase_add_loop_test(tc, no_memory, 0, 3))
