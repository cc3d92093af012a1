/* Slides, options and stains that cannot be measured: each has its line. */
#include "num/threads.h"
#include "picture.h"
#include "rgdquant/ihc.h"
#include "rgq_check.h"

#include "core/banned.h"

enum { SIDE = 2304 };

/* Glass; one colour; black; no background; each has its line. */
START_TEST(slides_that_cannot_be_measured)
{
    picture p = picture_make(SIDE, SIDE);
    rgq_ihc_opts opts = options("h-dab");
    rgq_ihc_source source = picture_source(&p, 0.5);
    rgq_ihc_report report = {.n_fields = 77};
    rgq_table *t = NULL;
    said heard = {0};
    const rgq_log log = {hear, NULL, &heard};

    REFUSED(rgq_ihc_measure(&t, &report, &source, NULL, &opts, NULL, err), RGQ_E_MISSING,
            "no tissue: the darkest of all blocks of 16 x 16 pixels has a mean OD of 0");
    opts.positive = RGQ_IHC_POSITIVE_OTSU;
    REFUSED(rgq_ihc_measure(&t, &report, &source, NULL, &opts, NULL, err), RGQ_E_MISSING,
            "there is no tissue in a sample");
    opts.macenko = true;
    REFUSED(rgq_ihc_measure(&t, &report, &source, NULL, &opts, NULL, err), RGQ_E_MISSING,
            "vectors cannot be estimated");
    opts.macenko = false;
    memset(p.rgb, 100, 3 * (size_t)SIDE * SIDE);
    REFUSED(rgq_ihc_measure(&t, &report, &source, NULL, &opts, NULL, err), RGQ_E_NUMERIC,
            "have the same DAB OD of 0.");
    opts.white = RGQ_IHC_YES;
    REFUSED(rgq_ihc_measure(&t, &report, &source, NULL, &opts, NULL, err), RGQ_E_MISSING,
            "no white balance: 0 % of the sample");
    ck_assert(t == NULL && report.n_fields == 77);
    /* a constant image is measured where nothing has to be found in it */
    opts.positive = RGQ_IHC_POSITIVE_FIXED;
    opts.white = RGQ_IHC_AUTO;
    MUST(rgq_ihc_measure(&t, &report, &source, NULL, &opts, &log, err));
    ck_assert(was_said(&heard, "no background was found; 255,255,255 is taken for white"));
    ck_assert(isnan(report.otsu_od) && isnan(table_value(t, 0, "otsu_fraction")));
    expect(t, 0, "n_nuclei", 0, 0);
    rgq_table_free(t);
    /* saturated: the OD of a black pixel is 6 in each colour, told as such */
    memset(p.rgb, 0, 3 * (size_t)SIDE * SIDE);
    opts.tissue = RGQ_IHC_NO;
    MUST(rgq_ihc_measure(&t, &report, &source, NULL, &opts, &log, err));
    ck_assert(was_said(&heard, "100 % of the pixels have a colour of intensity 0 to 2"));
    ck_assert_double_eq_tol(report.saturated_fraction, 1, 1e-15);
    const double *m = report.inverse[1];
    expect(t, 0, "mean_dab_od", 6 * (m[0] + m[1] + m[2]), 1e-5);
    rgq_table_free(t);
    /* black of a JPEG is not quite 0: it says nothing either */
    memset(p.rgb, 2, 3 * (size_t)SIDE * SIDE);
    MUST(rgq_ihc_measure(&t, &report, &source, NULL, &opts, NULL, err));
    ck_assert_double_eq_tol(report.saturated_fraction, 1, 1e-15);
    rgq_table_free(t);
    /* a damaged tile far down */
    p.fail_after = 270; /* 256 of the sample, 27 of the slide */
    rgq_threads_set(1);
    REFUSED(rgq_ihc_measure(&t, &report, &source, NULL, &opts, NULL, err), RGQ_E_IO,
            "the tile cannot be read");
    free(p.rgb);
}
END_TEST

/* A field of view has no mask, but glass is refused all the same unless it is said to count. */
START_TEST(a_field_of_glass)
{
    picture p = picture_make(300, 200);
    rgq_ihc_opts opts = options("h-dab");
    const rgq_ihc_source source = picture_source(&p, 0.5);
    rgq_table *t = NULL;

    REFUSED(rgq_ihc_measure(&t, NULL, &source, NULL, &opts, NULL, err), RGQ_E_MISSING,
            "no tissue");
    opts.tissue = RGQ_IHC_NO;
    MUST(rgq_ihc_measure(&t, NULL, &source, NULL, &opts, NULL, err));
    expect(t, 0, "mean_dab_od", 0, 0);
    expect(t, 0, "tissue_fraction", 1, 0);
    rgq_table_free(t);
    free(p.rgb);
}
END_TEST

START_TEST(options_out_of_range)
{
    picture p = picture_make(64, 64);
    const rgq_ihc_source source = picture_source(&p, 0.5);
    const rgq_ihc_opts good = options("h-dab");
    rgq_table *t = NULL;
    rgq_ihc_opts o;

#define BAD(change, words)                                                                     \
    do {                                                                                       \
        o = good;                                                                              \
        change;                                                                                \
        REFUSED(rgq_ihc_measure(&t, NULL, &source, NULL, &o, NULL, err), RGQ_E_ARGUMENT,       \
                words);                                                                        \
    } while (0)
    BAD(o.threshold_od[1] = 0.2, "thresholds of 0.2, 0.2 and 0.6");
    BAD(o.threshold_od[0] = (double)NAN, "three that rise");
    BAD(o.threshold_od[2] = 11, "up to 10");
    BAD(o.positive_od = -1, "threshold of -1 OD");
    BAD(o.white_rgb[2] = 0, "a white of 255,255,0");
    BAD(o.tissue_od = 0, "tissue from an OD of 0");
    BAD(o.mpp_um = 0.001, "pixels of 0.001 um");
    BAD(o.nucleus_um = 0.5, "nuclei of 0.5 um");
    BAD(o.nucleus_od = 0, "least response");
    BAD(o.vessel_max_um2 = 1, "vessels of 20 to 1 um2");
    BAD(o.field_mm2 = 0, "a field of 0 mm2");
    BAD(o.n_fields = 0, "0 hot spots");
    BAD(o.lane_rows = 100, "lanes of 100 rows");
    BAD(o.stains.count = 7, "7 stains");
#undef BAD
    rgq_ihc_source bad = source;
    bad.width = 0;
    REFUSED(rgq_ihc_measure(&t, NULL, &bad, NULL, &good, NULL, err), RGQ_E_ARGUMENT,
            "a slide of 0 x 64");
    rgq_ihc_overlay large = {65, 64, p.rgb};
    o = good;
    o.overlay = &large;
    REFUSED(rgq_ihc_measure(&t, NULL, &source, NULL, &o, NULL, err), RGQ_E_ARGUMENT,
            "a picture of 65 x 64");
    free(p.rgb);
}
END_TEST

/* Without DAB nothing of DAB; without hematoxylin no nuclei; pixels too coarse for them. */
START_TEST(stains_and_sizes_that_are_not_there)
{
    picture p = picture_make(100, 90);
    rgq_ihc_opts opts = options("h-e");
    said heard = {0};
    const rgq_log log = {hear, NULL, &heard};
    rgq_ihc_source source = picture_source(&p, 0.5);
    rgq_table *t = NULL;

    fill(&p, (int[4]){0, 0, 100, 90}, &opts.stains, 0.2, 0.1);
    paint(&p, &opts.stains, (double[2]){50, 40}, 0, 8, (double[2]){0.8, 0});
    t = measure(&p, 0.5, NULL, &opts, NULL);
    expect(t, 0, "n_nuclei", 1, 0);
    ck_assert(isnan(table_value(t, 0, "mean_dab_od")) && isnan(table_value(t, 0, "irs")));
    ck_assert(isnan(table_value(t, 0, "n_vessels")) && isnan(table_value(t, 0, "positive_od")));
    rgq_table_free(t);
    (void)strncpy(opts.stains.name[0], "dab", sizeof opts.stains.name[0] - 1);
    opts.stains.name[0][3] = '\0';
    t = measure(&p, 0.5, NULL, &opts, NULL);
    ck_assert(isnan(table_value(t, 0, "n_nuclei")) && isnan(table_value(t, 0, "mean_h_od")));
    rgq_table_free(t);
    opts = options("h-dab");
    opts.mpp_um = 3;
    MUST(rgq_ihc_measure(&t, NULL, &source, NULL, &opts, &log, err));
    ck_assert(was_said(&heard, "too coarse to count nuclei of 8 um; 2.83 um or less"));
    ck_assert(isnan(table_value(t, 0, "n_nuclei")) && !isnan(table_value(t, 0, "n_vessels")));
    rgq_table_free(t);
    opts.mpp_um = 0;
    source.mpp_um = (double)NAN;
    MUST(rgq_ihc_measure(&t, NULL, &source, NULL, &opts, &log, err));
    ck_assert(was_said(&heard, "state it with --pixel-um"));
    rgq_table_free(t);
    free(p.rgb);
}
END_TEST

RGQ_CHECK_MAIN("ihc.refusals", tcase_add_test(tc, slides_that_cannot_be_measured);
               tcase_add_test(tc, a_field_of_glass); tcase_add_test(tc, options_out_of_range);
               tcase_add_test(tc, stains_and_sizes_that_are_not_there))
