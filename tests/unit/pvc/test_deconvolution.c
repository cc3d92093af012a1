/* Richardson-Lucy and Van Cittert, alone and as the second of a pair, against their
 * definitions; what they keep, report and refuse. */
#include <stdio.h>

#include "voxelwise.h"

/* h * image, or as the second of a pair the blur within each region. */
static double *blur_of(const direct *d, const double *image, bool within)
{
    if (!within)
        return direct_blur(d, image);
    double *inner = direct_array(d->count);
    double *own = direct_array(d->count);
    double *part = direct_array(d->count);
    for (int i = 0; i < d->n_parts; i++) {
        for (size_t v = 0; v < d->count; v++)
            part[v] = d->mask[i][v] * image[v];
        double *b = direct_blur(d, part);
        for (size_t v = 0; v < d->count; v++) {
            inner[v] += d->mask[i][v] * b[v];
            own[v] += d->mask[i][v] * d->blurred[i][v];
        }
        free(b);
    }
    for (size_t v = 0; v < d->count; v++)
        inner[v] /= own[v];
    free(own);
    free(part);
    return inner;
}

/* One iteration of RL on `g`; the root mean square of f - h * g before it. With a border of
 * zeros the ratio is 1 outside the image. */
static double direct_rl(const direct *d, const double *f, double *g, bool within)
{
    double *h = blur_of(d, g, within);
    double square = 0.0;
    const double outside = d->border == RGQ_BORDER_ZERO ? 1.0 : 0.0;

    for (size_t v = 0; v < d->count; v++) {
        square += (f[v] - h[v]) * (f[v] - h[v]);
        h[v] = f[v] / h[v] - outside;
    }
    double *back = blur_of(d, h, within);
    for (size_t v = 0; v < d->count; v++)
        g[v] *= back[v] + outside;
    free(h);
    free(back);
    return sqrt(square / (double)d->count);
}

static double direct_vc(const direct *d, const double *f, double *g, bool within, double a)
{
    double *h = blur_of(d, g, within);
    double square = 0.0;

    for (size_t v = 0; v < d->count; v++) {
        h[v] = f[v] - h[v];
        square += h[v] * h[v];
    }
    double *back = blur_of(d, h, within);
    for (size_t v = 0; v < d->count; v++)
        g[v] += a * back[v];
    free(h);
    free(back);
    return sqrt(square / (double)d->count);
}

/* Values are of the order of 10; each iteration adds roundings of 1e-7 of them, which the next
 * ones amplify. */
static void check_against(const direct *d, const rgq_pvc_opts *o, const double *f)
{
    rgq_pvc_report report = {0};
    rgq_volume *volume = direct_volume(d, f);
    double *g = direct_array(d->count);

    memcpy(g, f, d->count * sizeof *g);
    MUST(rgq_pvc(volume, NULL, NULL, o, &report, NULL, err));
    ck_assert_int_eq(report.n_steps, o->iterations);
    for (int k = 0; k < o->iterations; k++) {
        double *before = direct_array(d->count);
        memcpy(before, g, d->count * sizeof *g);
        const double fit = o->method == RGQ_PVC_RL ? direct_rl(d, f, g, false)
                                                   : direct_vc(d, f, g, false, o->relaxation);
        double change = 0.0;
        double most = 0.0;
        for (size_t v = 0; v < d->count; v++) {
            change = fmax(change, fabs(g[v] - before[v]));
            most = fmax(most, fabs(g[v]));
        }
        ck_assert_int_eq(report.step[k].iteration, k + 1);
        ck_assert_int_eq(report.step[k].frame, 0);
        ck_assert(!report.step[k].then);
        ck_assert_double_eq_tol(report.step[k].fit, fit, 1e-5);
        ck_assert_double_eq_tol(report.step[k].change, change / most, 1e-5);
        free(before);
    }
    ck_assert_double_lt(direct_difference(d, volume, g), 1e-4);
    ck_assert_int_eq(report.n_guarded, 0);
    ck_assert_int_eq(report.n_negative, 0);
    rgq_pvc_report_release(&report);
    rgq_volume_free(volume);
    free(g);
}

START_TEST(rl_is_its_definition)
{
    direct d = scan(5, borders[_i]);
    rgq_pvc_opts o = direct_opts(&d, RGQ_PVC_RL);
    double *f = image_of(&d, 0.0);

    o.iterations = 10;
    check_against(&d, &o, f);
    free(f);
    direct_release(&d);
}
END_TEST

START_TEST(vc_is_its_definition)
{
    direct d = scan(5, borders[_i]);
    rgq_pvc_opts o = direct_opts(&d, RGQ_PVC_VC);
    double *f = image_of(&d, -5.0); /* voxels below 0 are taken as they are */

    o.iterations = 10;
    check_against(&d, &o, f);
    o.relaxation = 1.7;
    check_against(&d, &o, f);
    free(f);
    direct_release(&d);
}
END_TEST

/* RBV first, then inside the regions: the second starts from what the first leaves. */
static void check_pair(direct *d, rgq_pvc_method then)
{
    double value[DIRECT_PARTS_MAX];
    rgq_pvc_report report = {0};
    rgq_pvc_opts o = direct_opts(d, RGQ_PVC_RBV);

    o.then = then;
    o.then_iterations = 3;
    direct_blur_masks(d);
    double *f = image_of(d, 0.0);
    rgq_volume *volume = direct_volume(d, f);
    MUST(rgq_pvc(volume, d->labels, d->regions, &o, &report, NULL, err));
    direct_gtm(d, f, value);
    double *start = direct_yang(d, f, value);
    double *g = direct_array(d->count);
    memcpy(g, start, d->count * sizeof *g);
    ck_assert_int_eq(report.n_steps, 3);
    for (int k = 0; k < 3; k++) {
        const double fit = then == RGQ_PVC_RL ? direct_rl(d, start, g, true)
                                              : direct_vc(d, start, g, true, o.relaxation);
        ck_assert(report.step[k].then);
        ck_assert_double_eq_tol(report.step[k].fit, fit, 2e-5);
    }
    ck_assert_double_lt(direct_difference(d, volume, g), 3e-4);
    for (int i = 0; i < d->n_parts; i++)
        ck_assert_double_eq_tol(report.value[i].corrected, direct_mean(d, i, g), 5e-5);
    rgq_pvc_report_release(&report);
    rgq_volume_free(volume);
    free(f);
    free(start);
    free(g);
}

START_TEST(pairs_stay_in_their_regions)
{
    direct d = scan(6, borders[_i]);

    check_pair(&d, RGQ_PVC_RL);
    check_pair(&d, RGQ_PVC_VC);
    direct_release(&d);
}
END_TEST

START_TEST(pairs_of_fractions)
{
    direct d = scan(6, borders[_i]);

    direct_fractions(&d);
    check_pair(&d, RGQ_PVC_RL);
    check_pair(&d, RGQ_PVC_VC);
    direct_release(&d);
}
END_TEST

/* Uniform regions are what a pair must not touch. */
START_TEST(pairs_keep_uniform_regions)
{
    direct d = scan(6, RGQ_BORDER_REPLICATE);
    double value[DIRECT_PARTS_MAX];
    rgq_pvc_opts o = direct_opts(&d, RGQ_PVC_RBV);
    double *f = blurred_truth(&d);

    direct_values(&d, value);
    double *s = direct_paint(&d, value);
    o.then = _i == 0 ? RGQ_PVC_RL : RGQ_PVC_VC;
    rgq_volume *volume = direct_volume(&d, f);
    MUST(rgq_pvc(volume, d.labels, NULL, &o, NULL, NULL, err));
    ck_assert_double_lt(direct_difference(&d, volume, s), 1e-3);
    rgq_volume_free(volume);
    free(f);
    free(s);
    direct_release(&d);
}
END_TEST

/* Counts: both keep them with a periodic border, to the rounding of floats. */
START_TEST(counts_are_kept)
{
    direct d = scan(5, RGQ_BORDER_PERIODIC);
    double *f = image_of(&d, 0.0);
    rgq_volume *volume = direct_volume(&d, f);
    const rgq_pvc_opts o = direct_opts(&d, _i == 0 ? RGQ_PVC_RL : RGQ_PVC_VC);

    MUST(rgq_pvc(volume, NULL, NULL, &o, NULL, NULL, err));
    ck_assert_double_eq_tol(total_of(volume) / direct_sum(&d, f), 1.0, 1e-6);
    rgq_volume_free(volume);
    free(f);
    direct_release(&d);
}
END_TEST

/* With the right PSF and no noise the fit gets better in each iteration, and regions get nearer
 * to the truth, which deconvolution alone does not reach. */
START_TEST(fit_and_recovery_get_better)
{
    direct d = scan(3, RGQ_BORDER_REPLICATE);
    double value[DIRECT_PARTS_MAX];
    rgq_pvc_report report = {0};
    double *f = blurred_truth(&d);
    rgq_volume *volume = direct_volume(&d, f);
    rgq_pvc_opts o = direct_opts(&d, _i == 0 ? RGQ_PVC_RL : RGQ_PVC_VC);

    direct_values(&d, value);
    o.iterations = 20;
    MUST(rgq_pvc(volume, d.labels, NULL, &o, &report, NULL, err));
    for (int k = 1; k < report.n_steps; k++)
        ck_assert_double_lt(report.step[k].fit, report.step[k - 1].fit);
    for (int i = 1; i < report.n_regions; i++) {
        const rgq_pvc_value *v = &report.value[i];
        if (fabs(value[i] - value[0]) > 0.5) /* else there is nothing to recover */
            ck_assert_double_lt(fabs(v->corrected - value[i]), fabs(v->observed - value[i]));
        ck_assert(isnan(v->corrected_sd));
        printf("%s: %.3f observed, %.3f after 20 iterations, %g true\n",
               rgq_pvc_method_name(o.method), v->observed, v->corrected, value[i]);
    }
    rgq_pvc_report_release(&report);
    rgq_volume_free(volume);
    free(f);
    direct_release(&d);
}
END_TEST

START_TEST(tolerance_stops)
{
    direct d = scan(3, RGQ_BORDER_REPLICATE);
    rgq_pvc_report report = {0};
    double *f = image_of(&d, 0.0);
    rgq_volume *volume = direct_volume(&d, f);
    rgq_pvc_opts o = direct_opts(&d, _i == 0 ? RGQ_PVC_RL : RGQ_PVC_VC);

    o.iterations = 500;
    o.tolerance = 0.005;
    MUST(rgq_pvc(volume, NULL, NULL, &o, &report, NULL, err));
    ck_assert_int_lt(report.n_steps, 500);
    ck_assert_int_gt(report.n_steps, 1);
    ck_assert_double_lt(report.step[report.n_steps - 1].change, 0.005);
    ck_assert_double_ge(report.step[report.n_steps - 2].change, 0.005);
    rgq_pvc_report_release(&report);
    rgq_volume_free(volume);
    free(f);
    direct_release(&d);
}
END_TEST

START_TEST(negatives_are_refused_or_zeroed)
{
    direct d = scan(3, RGQ_BORDER_REPLICATE);
    rgq_pvc_report report = {0};
    double *f = image_of(&d, 0.0);
    rgq_pvc_opts o = direct_opts(&d, RGQ_PVC_RL);

    f[(4 * 15 + 2) * 70 + 9] = -3.5;
    f[(5 * 15 + 2) * 70 + 9] = -1.0;
    rgq_volume *volume = direct_volume(&d, f);
    REFUSED(rgq_pvc(volume, NULL, NULL, &o, NULL, NULL, err), RGQ_E_NUMERIC,
            "2 voxels of frame 1 are, the first is -3.5 at voxel 9, 2, 4");
    o.negatives = RGQ_NEGATIVES_ZERO;
    MUST(rgq_pvc(volume, NULL, NULL, &o, &report, NULL, err));
    ck_assert_int_eq(report.n_negative, 2);
    for (size_t v = 0; v < d.count; v++)
        ck_assert(rgq_volume_cdata(volume, 0)[v] >= 0.0F);
    rgq_pvc_report_release(&report);
    rgq_volume_free(volume);

    o = direct_opts(&d, RGQ_PVC_VC);
    o.relaxation = 2.0;
    o.negatives = RGQ_NEGATIVES_ZERO;
    volume = direct_volume(&d, f);
    MUST(rgq_pvc(volume, NULL, NULL, &o, NULL, NULL, err));
    for (size_t v = 0; v < d.count; v++)
        ck_assert(rgq_volume_cdata(volume, 0)[v] >= 0.0F);
    rgq_volume_free(volume);
    free(f);
    direct_release(&d);
}
END_TEST

/* Empty space beside a hot voxel, where h * g is 0 or as good as that: no voxel may explode, on
 * either path (UCL/PETPVC#81). */
START_TEST(empty_space_stays_empty)
{
    direct d = scan(1, borders[_i % 4]);
    rgq_pvc_report report = {0};
    double *f = direct_array(d.count);
    rgq_pvc_opts o = direct_opts(&d, RGQ_PVC_RL);

    f[(18 * 15 + 7) * 70 + 35] = 1000.0;
    f[3] = 1e-30;
    o.path = _i < 4 ? RGQ_CONV_FIR : RGQ_CONV_FFT;
    o.iterations = 50;
    rgq_volume *volume = direct_volume(&d, f);
    MUST(rgq_pvc(volume, NULL, NULL, &o, &report, NULL, err));
    for (size_t v = 0; v < d.count; v++) {
        ck_assert(rgq_volume_cdata(volume, 0)[v] >= 0.0F);
        if (f[v] < 1.0)
            ck_assert(rgq_volume_cdata(volume, 0)[v] < 1e-3F);
    }
    ck_assert_int_gt(report.n_guarded, 0);
    ck_assert_int_le(report.n_guarded, (int)d.count);
    rgq_pvc_report_release(&report);
    rgq_volume_free(volume);
    free(f);
    direct_release(&d);
}
END_TEST

START_TEST(zeros_stay_zero)
{
    direct d = scan(1, RGQ_BORDER_REPLICATE);
    double *f = direct_array(d.count);
    rgq_volume *volume = direct_volume(&d, f);
    const rgq_pvc_opts o = direct_opts(&d, _i == 0 ? RGQ_PVC_RL : RGQ_PVC_VC);

    MUST(rgq_pvc(volume, NULL, NULL, &o, NULL, NULL, err));
    ck_assert_double_eq(direct_difference(&d, volume, f), 0.0);
    rgq_volume_free(volume);
    free(f);
    direct_release(&d);
}
END_TEST

START_TEST(overflow_names_its_iteration)
{
    direct d = scan(1, RGQ_BORDER_REPLICATE);
    double *f = direct_array(d.count);
    const rgq_pvc_opts o = direct_opts(&d, _i == 0 ? RGQ_PVC_RL : RGQ_PVC_VC);

    for (size_t v = 0; v < d.count; v++)
        f[v] = v % 70 > 30 ? 3e38 : 1.0;
    rgq_volume *volume = direct_volume(&d, f);
    REFUSED(rgq_pvc(volume, NULL, NULL, &o, NULL, NULL, err), RGQ_E_NUMERIC,
            "not finite after iteration ");
    rgq_volume_free(volume);
    free(f);
    direct_release(&d);
}
END_TEST

/* A kernel with negative weights whose transfer function reaches 5: 1 - a H^2 is -24, and the
 * iteration runs away until it is stopped. */
START_TEST(divergence_is_stopped)
{
    direct d = scan(3, RGQ_BORDER_REPLICATE);
    double *f = image_of(&d, 0.0);
    rgq_volume *volume = direct_volume(&d, f);
    rgq_volume *kernel = NULL;
    rgq_pvc_opts o = direct_opts(&d, RGQ_PVC_VC);
    const rgq_grid grid =
        rgq_grid_make((const int[3]){3, 1, 1}, (const double[3]){2.0, 2.5, 3.0},
                      (const double[3]){0.0, 0.0, 0.0});

    MUST(rgq_volume_create(&kernel, &grid, 1, RGQ_UNIT_BQ_ML, err));
    memcpy(rgq_volume_data(kernel, 0), (const float[3]){-1.0F, 3.0F, -1.0F}, 3 * sizeof(float));
    o.psf.image = kernel;
    REFUSED(rgq_pvc(volume, NULL, NULL, &o, NULL, NULL, err), RGQ_E_NUMERIC,
            "vc goes away from the image");
    rgq_volume_free(kernel);
    rgq_volume_free(volume);
    free(f);
    direct_release(&d);
}
END_TEST

/* A measured kernel that does not separate and is not symmetric, at the truth it made: RL and
 * VC go towards it, with the kernel turned over in the second blur. */
START_TEST(measured_kernels_are_turned)
{
    direct d = scan(3, RGQ_BORDER_PERIODIC);
    double value[DIRECT_PARTS_MAX];
    rgq_pvc_report report = {0};
    rgq_pvc_opts o = direct_opts(&d, _i == 0 ? RGQ_PVC_RL : RGQ_PVC_VC);
    rgq_volume *kernel = skew_kernel();

    direct_values(&d, value);
    double *s = direct_paint(&d, value);
    double *f = skew_blur(&d, s);
    rgq_volume *volume = direct_volume(&d, f);
    o.psf.image = kernel;
    o.iterations = 200;
    MUST(rgq_pvc(volume, NULL, NULL, &o, &report, NULL, err));
    for (int k = 1; k < report.n_steps; k++)
        ck_assert_double_lt(report.step[k].fit, report.step[k - 1].fit + 1e-6);
    ck_assert_double_lt(report.step[report.n_steps - 1].fit, 0.03 * report.step[0].fit);
    ck_assert_double_lt(direct_difference(&d, volume, s), 1.0);
    rgq_pvc_report_release(&report);
    rgq_volume_free(kernel);
    rgq_volume_free(volume);
    free(s);
    free(f);
    direct_release(&d);
}
END_TEST

START_TEST(frames_are_corrected_each)
{
    direct d = scan(2, RGQ_BORDER_REPLICATE);
    rgq_pvc_report report = {0};
    rgq_volume *volume = NULL;
    rgq_pvc_opts o = direct_opts(&d, RGQ_PVC_RL);
    double *f = image_of(&d, 0.0);

    o.iterations = 3;
    rgq_volume *one = direct_volume(&d, f);
    MUST(rgq_volume_create(&volume, &d.grid, 2, RGQ_UNIT_BQ_ML, err));
    memcpy(rgq_volume_data(volume, 1), rgq_volume_cdata(one, 0), d.count * sizeof(float));
    MUST(rgq_pvc(volume, NULL, NULL, &o, &report, NULL, err));
    MUST(rgq_pvc(one, NULL, NULL, &o, NULL, NULL, err));
    ck_assert_mem_eq(rgq_volume_cdata(volume, 1), rgq_volume_cdata(one, 0),
                     d.count * sizeof(float));
    ck_assert_int_eq(report.n_steps, 6);
    ck_assert_int_eq(report.step[3].frame, 1);
    ck_assert_int_eq(report.step[3].iteration, 1);
    rgq_pvc_report_release(&report);
    rgq_volume_free(volume);
    rgq_volume_free(one);
    free(f);
    direct_release(&d);
}
END_TEST

START_TEST(threads_do_not_change_bits)
{
    direct d = scan(5, RGQ_BORDER_MIRROR);
    double *f = image_of(&d, 0.0);
    rgq_pvc_opts o = direct_opts(&d, _i < 2 ? RGQ_PVC_RL : RGQ_PVC_VC);

    o.iterations = 4;
    if (_i % 2 == 1) {
        o.then = o.method;
        o.method = RGQ_PVC_RBV;
        o.then_iterations = 2;
    }
    same_bits(&d, &o, f);
    if (_i % 2 == 1) {
        direct_fractions(&d);
        same_bits(&d, &o, f);
    }
    free(f);
    direct_release(&d);
}
END_TEST

START_TEST(no_memory)
{
    direct d = scan(2, RGQ_BORDER_REPLICATE);
    double *f = image_of(&d, 0.0);
    rgq_volume *volume = direct_volume(&d, f);
    rgq_pvc_report report = {0};
    rgq_pvc_opts o = direct_opts(&d, RGQ_PVC_RL);

    rgq_threads_set(1);
    o.iterations = 1;
    TORTURE(rgq_pvc(volume, NULL, NULL, &o, &report, NULL, err),
            rgq_pvc_report_release(&report), 5);
    o.method = RGQ_PVC_RBV;
    o.then = RGQ_PVC_VC;
    o.then_iterations = 1;
    TORTURE(rgq_pvc(volume, d.labels, NULL, &o, &report, NULL, err),
            rgq_pvc_report_release(&report), 20);
    rgq_volume_free(volume);
    free(f);
    direct_release(&d);
}
END_TEST

RGQ_CHECK_MAIN("pvc deconvolution", tcase_add_loop_test(tc, rl_is_its_definition, 0, 4);
               tcase_add_loop_test(tc, vc_is_its_definition, 0, 4);
               tcase_add_loop_test(tc, pairs_stay_in_their_regions, 0, 4);
               tcase_add_loop_test(tc, pairs_of_fractions, 0, 4);
               tcase_add_loop_test(tc, pairs_keep_uniform_regions, 0, 2);
               tcase_add_loop_test(tc, counts_are_kept, 0, 2);
               tcase_add_loop_test(tc, fit_and_recovery_get_better, 0, 2);
               tcase_add_loop_test(tc, tolerance_stops, 0, 2);
               tcase_add_test(tc, negatives_are_refused_or_zeroed);
               tcase_add_loop_test(tc, empty_space_stays_empty, 0, 8);
               tcase_add_loop_test(tc, zeros_stay_zero, 0, 2);
               tcase_add_loop_test(tc, overflow_names_its_iteration, 0, 2);
               tcase_add_test(tc, divergence_is_stopped);
               tcase_add_loop_test(tc, measured_kernels_are_turned, 0, 2);
               tcase_add_test(tc, frames_are_corrected_each);
               tcase_add_loop_test(tc, threads_do_not_change_bits, 0, 4);
               tcase_add_test(tc, no_memory))
