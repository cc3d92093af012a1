/* The order of processing, statistics and histograms, what is refused, edge cases. */
#include "features_case.h"
#include "num/threads.h"

static const double nan_value = (double)NAN;

static rgq_features_opts defaults(void)
{
    const rgq_features_opts opts = RGQ_FEATURES_OPTS_INIT;
    return opts;
}

/* A row of values that are all in the region. */
static void make_row(features_case *c, const float *values, int n)
{
    make_case(c, n, 1, 1);
    memcpy(c->value, values, (size_t)n * sizeof *values);
    memset(c->mask, 1, (size_t)n);
}

START_TEST(tags_are_unique)
{
    char a[RGQ_FEATURE_TAG_MAX];
    char b[RGQ_FEATURE_TAG_MAX];

    ck_assert_int_eq(rgq_features_count(), 487);
    ck_assert_str_eq(rgq_features_tag(0, a), "morph_volume");
    ck_assert_str_eq(rgq_features_tag(79, a), "cm_joint_max_2D_avg");
    ck_assert_str_eq(rgq_features_tag(486, a), "ngl_dc_energy_3D");
    for (int i = 0; i < rgq_features_count(); i++)
        for (int j = 0; j < i; j++)
            ck_assert_str_ne(rgq_features_tag(i, a), rgq_features_tag(j, b));
}
END_TEST

/* 1 2 2 3 7: by hand. */
START_TEST(statistics)
{
    static const float row[] = {2, 7, 1, 3, 2};
    features_case c;

    make_row(&c, row, 5);
    rgq_table *t = features_of(&c, NULL);
    SAME(feature(t, "stat_mean"), 3.0, 0.0);
    SAME(feature(t, "stat_var"), 4.4, 1e-15);
    SAME(feature(t, "stat_skew"), (-8 - 1 - 1 + 64) / 5.0 / pow(4.4, 1.5), 1e-14);
    SAME(feature(t, "stat_kurt"), (16 + 1 + 1 + 256) / 5.0 / (4.4 * 4.4) - 3.0, 1e-14);
    SAME(feature(t, "stat_median"), 2.0, 0.0);
    SAME(feature(t, "stat_p10"), 1.4, 1e-15);
    SAME(feature(t, "stat_p90"), 5.4, 1e-15);
    SAME(feature(t, "stat_iqr"), 1.0, 0.0);
    SAME(feature(t, "stat_mad"), (2 + 1 + 1 + 0 + 4) / 5.0, 1e-15);
    SAME(feature(t, "stat_rmad"), (1 / 3.0 + 1 / 3.0 + 2 / 3.0) / 3.0, 1e-14); /* 2 2 3 */
    SAME(feature(t, "stat_medad"), (1 + 0 + 0 + 1 + 5) / 5.0, 1e-15);
    SAME(feature(t, "stat_cov"), sqrt(4.4) / 3.0, 1e-15);
    SAME(feature(t, "stat_qcod"), 1.0 / 5.0, 1e-15);
    SAME(feature(t, "stat_energy"), 67.0, 0.0);
    SAME(feature(t, "stat_rms"), sqrt(67.0 / 5.0), 1e-15);
    /* levels 1 .. 7 as they are: 1 2 1 0 0 0 1 */
    SAME(feature(t, "ih_mode"), 2.0, 0.0);
    SAME(feature(t, "ih_max_grad"), 1.0, 0.0);
    SAME(feature(t, "ih_max_grad_g"), 1.0, 0.0); /* of equals (1 and 7) the first */
    SAME(feature(t, "ih_min_grad"), -1.0, 0.0);
    SAME(feature(t, "ih_min_grad_g"), 3.0, 0.0);
    SAME(feature(t, "ih_uniformity"), (1 + 4 + 1 + 1) / 25.0, 1e-15);
    rgq_table_free(t);
}
END_TEST

/* Bins by size begin at LOW, or at the least value; bins by count cover least to largest, which
 * belongs to the last. */
START_TEST(bins)
{
    static const float row[] = {0.3F, 0.5F, 0.74F, 0.76F, 1.31F};
    features_case c;
    rgq_features_opts opts = defaults();

    make_row(&c, row, 5);
    opts.bin_size = 0.25;
    rgq_table *t = features_of(&c, &opts); /* from 0.3: 1 1 2 2 5 */
    SAME(feature(t, "ih_mean"), 11 / 5.0, 1e-15);
    SAME(feature(t, "ih_max"), 5.0, 0.0);
    rgq_table_free(t);
    opts.low = 0.0;
    t = features_of(&c, &opts); /* 2 3 3 4 6 */
    SAME(feature(t, "ih_mean"), 18 / 5.0, 1e-15);
    SAME(feature(t, "ih_min"), 2.0, 0.0);
    rgq_table_free(t);
    opts.bin_size = 0.0;
    opts.bin_count = 4;
    t = features_of(&c, &opts); /* width 0.25 from 0.3: 1 1 2 2 4 */
    SAME(feature(t, "ih_mean"), 10 / 5.0, 1e-15);
    rgq_table_free(t);
    opts.bin_count = 0;
    t = features_of(&c, &opts); /* no levels: no histogram, no texture, the rest is there */
    ck_assert(isnan(feature(t, "ih_mean")) && isnan(feature(t, "cm_contrast_3D_avg")));
    SAME(feature(t, "stat_max"), (double)1.31F, 0.0);
    rgq_table_free(t);
    opts.bin_size = 1e-4; /* 13 000 levels */
    t = features_of(&c, &opts);
    ck_assert(isnan(feature(t, "ih_mean")));
    rgq_table_free(t);
}
END_TEST

/* The range takes voxels from the intensities and leaves the shape; outliers likewise. */
START_TEST(resegmentation)
{
    static const float row[] = {-5, 1, 2, 3, 4, 50};
    features_case c;
    rgq_features_opts opts = defaults();

    make_row(&c, row, 6);
    opts.low = 1.0;
    opts.high = 4.0;
    rgq_table *t = features_of(&c, &opts);
    SAME(feature(t, "stat_mean"), 2.5, 0.0);
    SAME(feature(t, "morph_vol_approx"), 6.0, 0.0);
    SAME(feature(t, "morph_integ_int"), 2.5 * feature(t, "morph_volume"), 1e-15);
    SAME(feature(t, "morph_com"), 0.5, 1e-12); /* (1 + 4 + 9 + 16) / 10 against 2.5 */
    SAME(feature(t, "rlm_r_perc_3D_comb"), 1.0, 0.0);
    rgq_table_free(t);
    opts = defaults();
    opts.outlier_sd = 2.0; /* mean 9.17, sd 18.4 */
    t = features_of(&c, &opts);
    SAME(feature(t, "stat_max"), 4.0, 0.0);
    SAME(feature(t, "stat_min"), -5.0, 0.0);
    rgq_table_free(t);
    opts = defaults();
    opts.low = 60.0; /* nothing is left: the shape alone */
    t = features_of(&c, &opts);
    ck_assert(isnan(feature(t, "stat_mean")) && isnan(feature(t, "morph_integ_int")) &&
              isnan(feature(t, "loc_peak_glob")) && isnan(feature(t, "morph_com")));
    SAME(feature(t, "morph_vol_approx"), 6.0, 0.0);
    rgq_table_free(t);
}
END_TEST

/* Distances of GLDZM are those of the shape: a hole of the intensities is no border. */
START_TEST(distance_from_the_shape)
{
    features_case c;
    rgq_features_opts opts = defaults();

    make_case(&c, 5, 5, 5);
    for (int i = 0; i < 125; i++) {
        c.value[i] = 1.0F;
        c.mask[i] = 1;
    }
    c.value[at(&c, 2, 2, 1)] = 2.0F;
    c.value[at(&c, 2, 2, 2)] = 9.0F;
    opts.high = 5.0;
    rgq_table *t = features_of(&c, &opts);
    /* zones: level 1 from distance 1, level 2 at 2 */
    SAME(feature(t, "dzm_lde_3D"), (1 + 4) / 2.0, 1e-15);
    rgq_table_free(t);
}
END_TEST

/* The example of the manual: 4 voxels of 3 mm to 2 mm are 6, half a millimetre beyond the outer
 * centres, where values go on as they are. A ramp stays a ramp in between. */
START_TEST(interpolation_aligns_centres)
{
    static const float ramp[] = {0, 3, 6, 9};
    features_case c;
    rgq_features_opts opts = defaults();

    make_row(&c, ramp, 4);
    for (int a = 0; a < 3; a++) {
        c.spacing_mm[a] = a == 0 ? 3.0 : 2.0;
        opts.resample_mm[a] = 2.0;
    }
    rgq_table *t = features_of(&c, &opts);
    SAME(feature(t, "morph_vol_approx"), 6 * 8.0, 1e-15);
    SAME(feature(t, "stat_min"), 0.0, 0.0); /* at -0.5 mm */
    SAME(feature(t, "stat_max"), 9.0, 0.0); /* at 9.5 mm */
    SAME(feature(t, "stat_median"), (3.5 + 5.5) / 2, 1e-7);
    SAME(feature(t, "stat_p10"), 0.75, 1e-7); /* half-way to 1.5 */
    opts.round_values = true;                 /* 0 2 4 6 8 9: halves to even */
    rgq_table_free(t);
    t = features_of(&c, &opts);
    SAME(feature(t, "stat_mean"), 29 / 6.0, 1e-15);
    rgq_table_free(t);
}
END_TEST

/* Mask of a half space: kept where it is at least 0.5, and so it is half-way between two
 * voxels, whatever the spacing rounds to. */
START_TEST(mask_half_way_is_inside)
{
    features_case c;
    rgq_features_opts opts = defaults();

    make_case(&c, 10, 4, 4);
    for (int i = 0; i < 160; i++) {
        c.mask[i] = i % 10 >= 5;
        c.value[i] = (float)(i % 10);
    }
    for (int a = 0; a < 3; a++) {
        c.spacing_mm[a] = (double)1.1F; /* as a header has it */
        opts.resample_mm[a] = 1.1 / 3.0;
    }
    /* 30 centres, at (k - 14.5) / 3 + 4.5: 14 and 15 are 1/6 about the middle 4.5 of the axis
     */
    rgq_table *t = features_of(&c, &opts);
    SAME(feature(t, "morph_vol_approx"), 15 * 12 * 12 * pow(1.1 / 3.0, 3), 1e-12);
    rgq_table_free(t);
    for (int a = 0; a < 3; a++) {
        opts.resample_mm[a] = 2.2;
        c.spacing_mm[a] = 1.1;
    }
    /* 5 centres at 0.5, 2.5, 4.5, ...: 4.5 has a weight of one half */
    t = features_of(&c, &opts);
    SAME(feature(t, "morph_vol_approx"), 3 * 2 * 2 * 2.2 * 2.2 * 2.2, 1e-12);
    rgq_table_free(t);
}
END_TEST

/* As the manual writes it, level by level. */
static void slow_volume_histogram(double out[7], const double *x, int n, const double range[3])
{
    const double lo = range[0] + 0.5 * range[2];
    const double hi = range[1] - 0.5 * range[2];
    double last = nan_value;

    for (int k = 0; k < 7; k++)
        out[k] = nan_value;
    out[6] = 0.0;
    for (int level = 1; level < 1000; level++) {
        const double g = range[0] + (level - 0.5) * range[2];
        const double gamma = (g - lo) / (hi - lo);
        double nu = 0.0;
        for (int i = 0; i < n; i++)
            nu += floor((x[i] - range[0]) / range[2]) + 1.0 >= level ? 1.0 / n : 0.0;
        if (isnan(out[0]) && gamma >= 0.1 - 1e-12)
            out[0] = nu;
        if (isnan(out[1]) && gamma >= 0.9 - 1e-12)
            out[1] = nu;
        if (isnan(out[2]) && nu <= 0.1 + 1e-12)
            out[2] = g;
        if (isnan(out[3]) && nu <= 0.9 + 1e-12)
            out[3] = g;
        if (gamma <= 1.0 + 1e-12 && level > 1)
            out[6] += 0.5 * (nu + last) * range[2] / (hi - lo);
        last = nu;
    }
    out[4] = out[0] - out[1];
    out[5] = out[2] - out[3];
}

static const char *const ivh_tag[7] = {"ivh_v10", "ivh_v90",          "ivh_i10",
                                       "ivh_i90", "ivh_diff_v10_v90", "ivh_diff_i10_i90",
                                       "ivh_auc"};

START_TEST(volume_histogram)
{
    enum { N = 23 };
    features_case c;
    float row[N];
    double x[N];
    double want[7];
    rgq_features_opts opts = defaults();

    for (int i = 0; i < N; i++) {
        row[i] = 0.317F + (float)(scatter((unsigned)i) % 1000U) / 150.0F;
        x[i] = (double)row[i];
    }
    double top = 0.0;
    for (int i = 0; i < N; i++)
        top = fmax(top, x[i]);
    make_row(&c, row, N);
    opts.low = 0.0;
    /* SUV: bins of 0.1 */
    c.unit = RGQ_UNIT_SUV_BW;
    rgq_table *t = features_of(&c, &opts);
    slow_volume_histogram(want, x, N, (const double[3]){0.0, top, 0.1});
    for (int k = 0; k < 7; k++)
        SAME(feature(t, ivh_tag[k]), want[k], 1e-9);
    rgq_table_free(t);
    /* of no unit with bins of 0.5: 0.2 */
    c.unit = RGQ_UNIT_NATIVE;
    opts.bin_size = 0.5;
    opts.high = 9.0;
    t = features_of(&c, &opts);
    slow_volume_histogram(want, x, N, (const double[3]){0.0, 9.0, 0.2});
    for (int k = 0; k < 7; k++)
        SAME(feature(t, ivh_tag[k]), want[k], 1e-9);
    rgq_table_free(t);
    opts.high = 1e6; /* as good as open */
    t = features_of(&c, &opts);
    slow_volume_histogram(want, x, N, (const double[3]){0.0, top, 0.2});
    for (int k = 0; k < 7; k++)
        SAME(feature(t, ivh_tag[k]), want[k], 1e-9);
    rgq_table_free(t);
    /* the explicit ones win; numbers of bins instead of intensities */
    opts.volume_bin_count = 10;
    t = features_of(&c, &opts);
    ck_assert(feature(t, "ivh_i10") == floor(feature(t, "ivh_i10")));
    ck_assert_double_le(feature(t, "ivh_i10"), 11.0);
    rgq_table_free(t);
}
END_TEST

START_TEST(refusals)
{
    features_case c;
    rgq_table *t = NULL;
    rgq_features_opts opts = defaults();

    make_case(&c, 4, 3, 3);
    c.mask[at(&c, 1, 1, 1)] = c.mask[at(&c, 2, 1, 1)] = 1;
    opts.frame = 1;
    REFUSED(try_features(&t, &c, &opts, err), RGQ_E_ARGUMENT, "frame 1");
    opts = defaults();
    opts.resample_mm[1] = 2.0;
    REFUSED(try_features(&t, &c, &opts, err), RGQ_E_ARGUMENT, "three lengths");
    opts = defaults();
    opts.low = 3.0;
    opts.high = 2.0;
    REFUSED(try_features(&t, &c, &opts, err), RGQ_E_ARGUMENT, "second must be the larger");
    opts = defaults();
    opts.outlier_sd = -1.0;
    REFUSED(try_features(&t, &c, &opts, err), RGQ_E_ARGUMENT, "-1 standard deviations");
    opts = defaults();
    opts.bin_size = nan_value;
    REFUSED(try_features(&t, &c, &opts, err), RGQ_E_ARGUMENT, "bins of");
    opts = defaults();
    opts.bin_count = RGQ_FEATURE_LEVELS_MAX + 1;
    REFUSED(try_features(&t, &c, &opts, err), RGQ_E_ARGUMENT, "4097 bins");
    opts = defaults();
    opts.bin_count = 8;
    opts.bin_size = 1.0;
    REFUSED(try_features(&t, &c, &opts, err), RGQ_E_ARGUMENT, "one of the two");
    opts = defaults();
    opts.resample_mm[0] = opts.resample_mm[1] = opts.resample_mm[2] = 1e-5;
    REFUSED(try_features(&t, &c, &opts, err), RGQ_E_UNSUPPORTED, "along an axis");
    opts.resample_mm[0] = opts.resample_mm[1] = opts.resample_mm[2] = 1e-3;
    REFUSED(try_features(&t, &c, &opts, err), RGQ_E_UNSUPPORTED, "in a box of");
    opts = defaults();
    c.value[3] = (float)NAN;
    REFUSED(try_features(&t, &c, &opts, err), RGQ_E_NUMERIC, "not finite");
    ck_assert_ptr_null(t);
}
END_TEST

/* Of one voxel, at the corner of the image: size, peaks and value are known, axes are not. */
START_TEST(one_voxel)
{
    features_case c;

    make_case(&c, 3, 3, 3);
    c.mask[0] = 1;
    c.value[0] = 4.0F;
    rgq_table *t = features_of(&c, NULL);
    SAME(feature(t, "morph_volume"), 1.0 / 6.0, 1e-14);
    SAME(feature(t, "morph_diam"), 1.0, 1e-14);
    SAME(feature(t, "stat_mean"), 4.0, 0.0);
    SAME(feature(t, "stat_skew"), 0.0, 0.0);
    SAME(feature(t, "loc_peak_loc"), 4.0 / 27.0, 1e-14);
    SAME(feature(t, "rlm_sre_3D_comb"), 1.0, 0.0);
    SAME(feature(t, "szm_z_perc_2D"), 1.0, 0.0);
    SAME(feature(t, "ngl_lde_3D"), 1.0, 0.0);
    SAME(feature(t, "ivh_auc"), 0.0, 0.0);
    static const char *const unknown[] = {
        "morph_pca_maj_axis", "morph_pca_elongation", "morph_vol_dens_aee", "morph_moran_i",
        "morph_geary_c",      "cm_contrast_3D_comb",  "ngt_coarseness_3D",  "ivh_v10"};
    for (int k = 0; k < ROWS(unknown); k++)
        ck_assert_msg(isnan(feature(t, unknown[k])), "%s is %g", unknown[k],
                      feature(t, unknown[k]));
    rgq_table_free(t);
}
END_TEST

START_TEST(empty_region)
{
    features_case c;

    make_case(&c, 3, 3, 3);
    rgq_table *t = features_of(&c, NULL);
    for (int row = 0; row < rgq_table_n_rows(t); row++)
        ck_assert(!rgq_table_has(t, row, 2));
    rgq_table_free(t);
}
END_TEST

/* Flat regions have no third axis; the rest is said. */
START_TEST(one_slice)
{
    features_case c;

    make_case(&c, 8, 8, 1);
    for (int i = 0; i < 64; i++) {
        c.mask[i] = i % 8 > 1;
        c.value[i] = (float)(1 + i % 3);
    }
    rgq_table *t = features_of(&c, NULL);
    SAME(feature(t, "morph_pca_least_axis"), 0.0, 0.0);
    SAME(feature(t, "morph_pca_flatness"), 0.0, 0.0);
    ck_assert(isnan(feature(t, "morph_vol_dens_aee")));
    SAME(feature(t, "cm_contrast_2D_comb"), feature(t, "cm_contrast_2_5D_comb"), 1e-15);
    SAME(feature(t, "szm_lze_2D"), feature(t, "szm_lze_3D"), 1e-15);
    rgq_table_free(t);
}
END_TEST

/* The same image inside a larger one, and with every weight as a fraction: the same features.
 */
START_TEST(place_does_not_matter)
{
    features_case small;
    features_case large;
    rgq_features_opts opts = defaults();

    make_lesion(&small, 9, 5);
    make_case(&large, 20, 17, 18);
    for (int z = 0; z < 9; z++)
        for (int y = 0; y < 9; y++)
            for (int x = 0; x < 9; x++) {
                large.mask[at(&large, x + 8, y + 5, z + 6)] = small.mask[at(&small, x, y, z)];
                large.value[at(&large, x + 8, y + 5, z + 6)] = small.value[at(&small, x, y, z)];
            }
    opts.bin_count = 4;
    rgq_table *a = features_of(&small, &opts);
    rgq_table *b = features_of(&large, &opts);
    for (int row = 0; row < rgq_table_n_rows(a); row++) {
        const char *tag = rgq_table_text(a, row, 1);
        if (strncmp(tag, "loc_", 4) == 0 || isnan(rgq_table_real(a, row, 2)))
            continue; /* the peaks see what is around */
        ck_assert_msg(fabs(rgq_table_real(a, row, 2) - rgq_table_real(b, row, 2)) <=
                          1e-11 * fabs(rgq_table_real(a, row, 2)),
                      "%s", tag);
    }
    rgq_table_free(a);
    rgq_table_free(b);
}
END_TEST

START_TEST(threads_do_not_matter)
{
    features_case c;
    rgq_features_opts opts = defaults();

    make_lesion(&c, 15, 40);
    for (int a = 0; a < 3; a++)
        opts.resample_mm[a] = 0.8;
    opts.bin_size = 2.5;
    opts.low = 0.0;
    rgq_threads_set(1);
    rgq_table *one = features_of(&c, &opts);
    rgq_threads_set(2);
    rgq_table *two = features_of(&c, &opts);
    for (int row = 0; row < rgq_table_n_rows(one); row++)
        ck_assert_msg(rgq_table_real(one, row, 2) == rgq_table_real(two, row, 2) ||
                          !rgq_table_has(one, row, 2),
                      "%s", rgq_table_text(one, row, 1));
    rgq_table_free(one);
    rgq_table_free(two);
}
END_TEST

START_TEST(lost_memory)
{
    features_case c;
    rgq_table *t = NULL;
    rgq_features_opts opts = defaults();

    /* few voxels: three requests a row make 1 500 runs */
    make_case(&c, 4, 4, 3);
    for (int i = 0; i < 3; i++) {
        c.mask[at(&c, 1 + i % 2, 1 + i / 2, 1)] = 1;
        c.value[at(&c, 1 + i % 2, 1 + i / 2, 1)] = (float)i;
    }
    opts.bin_count = 3;
    rgq_threads_set(1); /* a team of threads a run would take most of the time */
    TORTURE(try_features(&t, &c, &opts, err), rgq_table_free(t), 50);
}
END_TEST

RGQ_CHECK_MAIN("measure.features", tcase_add_test(tc, tags_are_unique);
               tcase_add_test(tc, statistics); tcase_add_test(tc, bins);
               tcase_add_test(tc, resegmentation); tcase_add_test(tc, distance_from_the_shape);
               tcase_add_test(tc, interpolation_aligns_centres);
               tcase_add_test(tc, mask_half_way_is_inside);
               tcase_add_test(tc, volume_histogram); tcase_add_test(tc, refusals);
               tcase_add_test(tc, one_voxel); tcase_add_test(tc, empty_region);
               tcase_add_test(tc, one_slice); tcase_add_test(tc, place_does_not_matter);
               tcase_add_test(tc, threads_do_not_matter); tcase_add_test(tc, lost_memory))
