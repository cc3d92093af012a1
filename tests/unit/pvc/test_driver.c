/* What rgq_pvc() does around its methods: refusals, series, report, memory. */
#include <float.h>

#include "direct.h"

static direct scan(void)
{
    direct d;

    direct_grid(&d, (const int[3]){24, 20, 14}, (const double[3]){2.0, 2.5, 3.0});
    memcpy(d.fwhm_mm, (const double[3]){6.0, 7.0, 5.0}, sizeof d.fwhm_mm);
    d.border = RGQ_BORDER_REPLICATE;
    direct_balls(&d, 3, 3);
    return d;
}

static rgq_volume *image_of(const direct *d, double factor)
{
    double value[DIRECT_PARTS_MAX];

    direct_values(d, value);
    for (int i = 0; i < d->n_parts; i++)
        value[i] *= factor;
    double *s = direct_paint(d, value);
    double *f = direct_blur(d, s);
    rgq_volume *volume = direct_volume(d, f);
    free(s);
    free(f);
    return volume;
}

START_TEST(regions_and_psf_are_checked)
{
    direct d = scan();
    direct other;
    rgq_pvc_opts o = direct_opts(&d, RGQ_PVC_GTM);
    rgq_volume *volume = image_of(&d, 1.0);
    rgq_regions *masks = NULL;

    MUST(rgq_regions_create(&masks, &d.grid, err));
    REFUSED(rgq_pvc(volume, NULL, NULL, &o, NULL, NULL, err), RGQ_E_ARGUMENT,
            "gtm needs regions");
    REFUSED(rgq_pvc(volume, d.labels, masks, &o, NULL, NULL, err), RGQ_E_ARGUMENT, "both");
    direct_grid(&other, (const int[3]){24, 20, 14}, (const double[3]){2.0, 2.5, 3.5});
    direct_balls(&other, 2, 1);
    REFUSED(rgq_pvc(volume, other.labels, NULL, &o, NULL, NULL, err), RGQ_E_GEOMETRY,
            "the regions and the scan: ");
    o.psf.fwhm_mm[2] = 43.0; /* the image is 42 mm high */
    REFUSED(rgq_pvc(volume, d.labels, NULL, &o, NULL, NULL, err), RGQ_E_ARGUMENT,
            "wider than the image");
    direct_release(&other);
    rgq_regions_free(masks);
    rgq_volume_free(volume);
    direct_release(&d);
}
END_TEST

START_TEST(voxels_are_checked)
{
    direct d = scan();
    const rgq_pvc_opts o = direct_opts(&d, RGQ_PVC_IY);
    rgq_volume *volume = image_of(&d, 1.0);

    rgq_volume_data(volume, 0)[100] = (float)NAN;
    REFUSED(rgq_pvc(volume, d.labels, NULL, &o, NULL, NULL, err), RGQ_E_NUMERIC,
            "before the partial-volume correction");
    rgq_volume_data(volume, 0)[100] = 1.0F;
    rgq_grid skewed = d.grid;
    skewed.affine[0][1] = 0.5;
    rgq_volume *oblique = NULL;
    MUST(rgq_volume_create(&oblique, &skewed, 1, RGQ_UNIT_BQ_ML, err));
    rgq_pvc_opts rl = o;
    rl.method = RGQ_PVC_IY;
    rgq_labels *labels = NULL;
    int32_t *one = calloc(d.count, sizeof *one);
    ck_assert_ptr_nonnull(one);
    one[0] = 1;
    MUST(rgq_labels_create(&labels, &skewed, one, err));
    REFUSED(rgq_pvc(oblique, labels, NULL, &rl, NULL, NULL, err), RGQ_E_GEOMETRY,
            "not perpendicular");
    free(one);
    rgq_labels_free(labels);
    rgq_volume_free(oblique);
    rgq_volume_free(volume);
    direct_release(&d);
}
END_TEST

/* Values near the largest float: the run stops and says where. */
START_TEST(overflow_names_the_iteration)
{
    direct d = scan();
    const rgq_pvc_opts o = direct_opts(&d, RGQ_PVC_IY);
    rgq_volume *volume = image_of(&d, 1.0);

    for (size_t v = 0; v < d.count; v++)
        rgq_volume_data(volume, 0)[v] = v % 3 == 0 ? FLT_MAX : -FLT_MAX / 4.0F;
    REFUSED(rgq_pvc(volume, d.labels, NULL, &o, NULL, NULL, err), RGQ_E_NUMERIC,
            "iy: values that are not finite after iteration 1 of frame 1");
    rgq_volume_free(volume);
    direct_release(&d);
}
END_TEST

static rgq_psf measured(const direct *d, rgq_volume **kernel, const int n[3], float centre)
{
    rgq_psf psf = RGQ_PSF_INIT;
    double spacing_mm[3];

    rgq_grid_spacing_mm(&d->grid, spacing_mm);
    const rgq_grid grid = rgq_grid_make(n, spacing_mm, (const double[3]){0.0, 0.0, 0.0});
    MUST(rgq_volume_create(kernel, &grid, 1, RGQ_UNIT_BQ_ML, err));
    const size_t count = rgq_volume_count(*kernel);
    for (size_t v = 0; v < count; v++) /* lopsided on purpose: it separates in no way */
        rgq_volume_data(*kernel, 0)[v] = 1.0F + (float)(v % 4);
    rgq_volume_data(*kernel, 0)[count / 2] = centre;
    psf.image = *kernel;
    return psf;
}

/* The same PSF as numbers, in double. */
static double *direct_kernel(const direct *d, const rgq_volume *kernel, const double *in)
{
    const int *k = rgq_volume_grid(kernel)->n;
    double *out = direct_array(d->count);
    double sum = 0.0;

    for (size_t v = 0; v < rgq_volume_count(kernel); v++)
        sum += (double)rgq_volume_cdata(kernel, 0)[v];
    for (size_t v = 0; v < d->count; v++) {
        const int at[3] = {(int)(v % (size_t)d->n[0]),
                           (int)(v / (size_t)d->n[0] % (size_t)d->n[1]),
                           (int)(v / ((size_t)d->n[0] * (size_t)d->n[1]))};
        for (size_t w = 0; w < rgq_volume_count(kernel); w++) {
            const int o[3] = {(int)(w % (size_t)k[0]) - k[0] / 2,
                              (int)(w / (size_t)k[0] % (size_t)k[1]) - k[1] / 2,
                              (int)(w / ((size_t)k[0] * (size_t)k[1])) - k[2] / 2};
            size_t from = 0;
            for (int a = 2; a >= 0; a--)
                from = from * (size_t)d->n[a] +
                       (size_t)rgq_border_index(at[a] - o[a], d->n[a], d->border);
            out[v] += (double)rgq_volume_cdata(kernel, 0)[w] / sum * in[from];
        }
    }
    return out;
}

START_TEST(measured_psf)
{
    static const rgq_pvc_method methods[] = {RGQ_PVC_GTM, RGQ_PVC_LABBE, RGQ_PVC_RBV,
                                             RGQ_PVC_IY};
    direct d = scan();
    rgq_volume *kernel = NULL;
    rgq_pvc_opts o = direct_opts(&d, methods[_i]);
    double value[DIRECT_PARTS_MAX];
    rgq_pvc_report report = {0};

    o.psf = measured(&d, &kernel, (const int[3]){5, 3, 3}, 40.0F);
    direct_values(&d, value);
    double *s = direct_paint(&d, value);
    double *f = direct_kernel(&d, kernel, s);
    rgq_volume *volume = direct_volume(&d, f);
    MUST(rgq_pvc(volume, d.labels, NULL, &o, &report, NULL, err));
    /* 0.1 % is what the methods promise for a noise-free image of uniform regions */
    for (int i = 0; i < d.n_parts; i++)
        ck_assert_double_eq_tol(report.value[i].corrected / value[i], 1.0, 1e-3);
    ck_assert_int_eq(report.radius[0], 2);
    rgq_pvc_report_release(&report);
    rgq_volume_free(volume);
    rgq_volume_free(kernel);
    free(s);
    free(f);
    direct_release(&d);
}
END_TEST

START_TEST(measured_psf_is_checked)
{
    direct d = scan();
    rgq_volume *kernel = NULL;
    rgq_pvc_opts o = direct_opts(&d, RGQ_PVC_GTM);
    rgq_volume *volume = image_of(&d, 1.0);

    o.psf = measured(&d, &kernel, (const int[3]){4, 3, 3}, 1.0F);
    REFUSED(rgq_pvc(volume, d.labels, NULL, &o, NULL, NULL, err), RGQ_E_ARGUMENT,
            "4 voxels along x");
    rgq_volume_free(kernel);
    o.psf = measured(&d, &kernel, (const int[3]){3, 3, 15}, 1.0F);
    REFUSED(rgq_pvc(volume, d.labels, NULL, &o, NULL, NULL, err), RGQ_E_ARGUMENT,
            "15 voxels along z, more than the 14");
    rgq_volume_free(kernel);
    o.psf = measured(&d, &kernel, (const int[3]){3, 3, 3}, -1000.0F);
    REFUSED(rgq_pvc(volume, d.labels, NULL, &o, NULL, NULL, err), RGQ_E_ARGUMENT,
            "add up to -");
    rgq_volume_free(kernel);
    const double d2[3] = {d.fwhm_mm[0], d.fwhm_mm[1], d.fwhm_mm[2]};
    direct coarse = d;
    coarse.grid =
        rgq_grid_make(d.n, (const double[3]){2.1, 2.5, 3.0}, (const double[3]){0.0, 0.0, 0.0});
    o.psf = measured(&coarse, &kernel, (const int[3]){3, 3, 3}, 1.0F);
    REFUSED(rgq_pvc(volume, d.labels, NULL, &o, NULL, NULL, err), RGQ_E_GEOMETRY,
            "voxels of 2.1 mm along x");
    (void)d2;
    rgq_volume_free(kernel);
    rgq_volume_free(volume);
    direct_release(&d);
}
END_TEST

/* Frames are corrected one by one, with one matrix. */
START_TEST(series)
{
    static const rgq_pvc_method methods[] = {RGQ_PVC_GTM, RGQ_PVC_LABBE, RGQ_PVC_RBV,
                                             RGQ_PVC_IY};
    direct d = scan();
    const rgq_pvc_opts o = direct_opts(&d, methods[_i]);
    rgq_pvc_report all = {0};
    rgq_volume *volume = NULL;

    MUST(rgq_volume_create(&volume, &d.grid, 3, RGQ_UNIT_BQ_ML, err));
    for (int f = 1; f < 3; f++) { /* the first frame stays empty: before the injection */
        rgq_volume *one = image_of(&d, (double)f);
        memcpy(rgq_volume_data(volume, f), rgq_volume_cdata(one, 0), d.count * sizeof(float));
        rgq_volume_free(one);
    }
    MUST(rgq_pvc(volume, d.labels, NULL, &o, &all, NULL, err));
    ck_assert_int_eq(all.n_frames, 3);
    ck_assert_int_eq(all.n_regions, d.n_parts);
    for (int i = 0; i < d.n_parts; i++) {
        ck_assert_double_eq_tol(all.value[i].corrected, 0.0, 1e-12);
        ck_assert_double_eq_tol(all.value[2 * d.n_parts + i].corrected /
                                    all.value[d.n_parts + i].corrected,
                                2.0, 1e-5);
    }
    for (int f = 1; f < 3; f++) {
        rgq_volume *one = image_of(&d, (double)f);
        MUST(rgq_pvc(one, d.labels, NULL, &o, NULL, NULL, err));
        ck_assert_mem_eq(rgq_volume_cdata(one, 0), rgq_volume_cdata(volume, f),
                         d.count * sizeof(float));
        rgq_volume_free(one);
    }
    rgq_pvc_report_release(&all);
    rgq_volume_free(volume);
    direct_release(&d);
}
END_TEST

START_TEST(report_says_what_was_done)
{
    direct d = scan();
    rgq_pvc_opts o = direct_opts(&d, RGQ_PVC_IY);
    rgq_pvc_report report = {0};
    rgq_volume *volume = image_of(&d, 1.0);

    o.iterations = 50;
    o.tolerance = 1e-3;
    MUST(rgq_pvc(volume, d.labels, NULL, &o, &report, NULL, err));
    ck_assert_int_gt(report.n_steps, 1);
    ck_assert_int_lt(report.n_steps, 50);
    for (int i = 0; i < report.n_steps; i++) {
        ck_assert_int_eq(report.step[i].iteration, i + 1);
        ck_assert(i + 1 == report.n_steps || report.step[i].change >= 1e-3);
        ck_assert(i == 0 || report.step[i].fit < report.step[i - 1].fit);
    }
    ck_assert_double_lt(report.step[report.n_steps - 1].change, 1e-3);
    ck_assert_str_eq(report.name[0], "background");
    ck_assert_int_eq(report.label[1], rgq_labels_at(d.labels, 0)->label);
    ck_assert_double_eq_tol(report.volume_ml[1],
                            (double)rgq_labels_at(d.labels, 0)->count * 0.015, 1e-9);
    for (int a = 0; a < 3; a++)
        ck_assert_double_eq_tol(report.effective_fwhm_mm[a], d.fwhm_mm[a], 1e-5);
    ck_assert(isnan(report.condition));
    ck_assert(isnan(report.value[1].corrected_sd));
    rgq_pvc_report_release(&report);
    rgq_volume_free(volume);
    direct_release(&d);
}
END_TEST

/* A scan that is empty but for one ball: most divisors are 0. */
START_TEST(divisions_by_nothing_are_left_out)
{
    direct d = scan();
    rgq_pvc_opts o = direct_opts(&d, _i == 0 ? RGQ_PVC_IY : RGQ_PVC_RBV);
    rgq_pvc_report report = {0};
    rgq_volume *volume = NULL;

    o.psf.fwhm_mm[0] = o.psf.fwhm_mm[1] = o.psf.fwhm_mm[2] = 2.5;
    MUST(rgq_volume_create(&volume, &d.grid, 1, RGQ_UNIT_BQ_ML, err));
    for (size_t v = 0; v < d.count; v++)
        rgq_volume_data(volume, 0)[v] = (float)d.mask[1][v];
    MUST(rgq_pvc(volume, d.labels, NULL, &o, &report, NULL, err));
    if (_i == 0)
        ck_assert_int_gt(report.n_guarded, 0);
    MUST(rgq_volume_check_finite(volume, "here", err));
    rgq_pvc_report_release(&report);
    rgq_volume_free(volume);
    direct_release(&d);
}
END_TEST

/* Masks that fill the whole image leave no background, and that is fine. */
START_TEST(no_background)
{
    direct d = scan();
    int32_t *label = calloc(d.count, sizeof *label);
    const rgq_pvc_opts o = direct_opts(&d, _i == 0 ? RGQ_PVC_GTM : RGQ_PVC_LABBE);
    rgq_pvc_report report = {0};
    rgq_labels *full = NULL;

    ck_assert_ptr_nonnull(label);
    for (size_t v = 0; v < d.count; v++)
        label[v] = (int32_t)rgq_labels_voxels(d.labels)[v] + 1;
    MUST(rgq_labels_create(&full, &d.grid, label, err));
    rgq_volume *volume = image_of(&d, 1.0);
    MUST(rgq_pvc(volume, full, NULL, &o, &report, NULL, err));
    ck_assert(isnan(report.value[0].observed));
    ck_assert(isnan(report.value[0].corrected));
    ck_assert_double_eq_tol(report.value[1].corrected, 2.0, 1e-3);
    rgq_pvc_report_release(&report);
    rgq_volume_free(volume);
    rgq_labels_free(full);
    free(label);
    direct_release(&d);
}
END_TEST

/* Two masks that share every voxel half and half cannot be told apart. */
START_TEST(singular_matrix)
{
    direct d = scan();
    const rgq_pvc_opts o = direct_opts(&d, _i == 0 ? RGQ_PVC_GTM : RGQ_PVC_LABBE);
    rgq_regions *twins = NULL;
    float *half = calloc(d.count, sizeof *half);

    ck_assert_ptr_nonnull(half);
    for (size_t v = 0; v < d.count; v++)
        half[v] = (float)(0.5 * d.mask[1][v]);
    MUST(rgq_regions_create(&twins, &d.grid, err));
    MUST(rgq_regions_add(twins, "one", 1, half, err));
    MUST(rgq_regions_add(twins, "other", 2, half, err));
    rgq_volume *volume = image_of(&d, 1.0);
    REFUSED(rgq_pvc(volume, NULL, twins, &o, NULL, NULL, err), RGQ_E_NUMERIC, "is singular");
    rgq_volume_free(volume);
    rgq_regions_free(twins);
    free(half);
    direct_release(&d);
}
END_TEST

static rgq_status run_fresh(const direct *d, const rgq_volume *clean, const rgq_pvc_opts *o,
                            rgq_pvc_report *report, rgq_volume *volume, rgq_error *err)
{
    memcpy(rgq_volume_data(volume, 0), rgq_volume_cdata(clean, 0), d->count * sizeof(float));
    return rgq_pvc(volume, d->labels, d->regions, o, report, NULL, err);
}

START_TEST(torture)
{
    static const rgq_pvc_method methods[] = {RGQ_PVC_GTM, RGQ_PVC_LABBE, RGQ_PVC_RBV,
                                             RGQ_PVC_IY};
    direct d = scan();
    rgq_volume *clean = image_of(&d, 1.0);
    rgq_volume *volume = image_of(&d, 1.0);
    rgq_pvc_report report = {0};

    rgq_volume_data(clean, 0)[40] += 1.0F; /* so that there is a residual */
    for (int m = 0; m < ROWS(methods); m++) {
        const rgq_pvc_opts o = direct_opts(&d, methods[m]);
        TORTURE(run_fresh(&d, clean, &o, &report, volume, err), rgq_pvc_report_release(&report),
                8);
    }
    rgq_volume *kernel = NULL;
    rgq_pvc_opts o = direct_opts(&d, RGQ_PVC_LABBE);
    o.psf = measured(&d, &kernel, (const int[3]){5, 3, 3}, 40.0F);
    TORTURE(run_fresh(&d, clean, &o, &report, volume, err), rgq_pvc_report_release(&report), 8);
    direct_fractions(&d);
    o = direct_opts(&d, RGQ_PVC_RBV);
    TORTURE(run_fresh(&d, clean, &o, &report, volume, err), rgq_pvc_report_release(&report), 8);
    rgq_volume_free(kernel);
    rgq_volume_free(clean);
    rgq_volume_free(volume);
    direct_release(&d);
}
END_TEST

RGQ_CHECK_MAIN("pvc driver", tcase_add_test(tc, regions_and_psf_are_checked);
               tcase_add_test(tc, voxels_are_checked);
               tcase_add_test(tc, overflow_names_the_iteration);
               tcase_add_loop_test(tc, measured_psf, 0, 4);
               tcase_add_test(tc, measured_psf_is_checked);
               tcase_add_loop_test(tc, series, 0, 4);
               tcase_add_test(tc, report_says_what_was_done);
               tcase_add_loop_test(tc, divisions_by_nothing_are_left_out, 0, 2);
               tcase_add_loop_test(tc, no_background, 0, 2);
               tcase_add_loop_test(tc, singular_matrix, 0, 2); tcase_add_test(tc, torture))
