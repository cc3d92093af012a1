/* The stain of whole pictures: known stains, a slow direct definition, regions, refusals. */
#include "num/threads.h"
#include "picture.h"
#include "rgdquant/ihc.h"
#include "rgq_check.h"

#include "core/banned.h"

/* Four quarters of DAB 0, 0.3, 0.5, 0.9, hematoxylin 0.1. A colour is off by half a step of 255
 * at most: at the darkest (blue at an OD of 0.75, 45 of 255) by 0.005 OD, which the inverse
 * makes 0.01. Fractions are exact, H-score = 25 x (1 + 2 + 3) = 150. */
START_TEST(known_stains_are_recovered)
{
    picture p = picture_make(200, 120);
    rgq_ihc_opts opts = options("h-dab");
    const rgq_stains *s = &opts.stains;

    fill(&p, (int[4]){0, 0, 100, 60}, s, 0.1, 0);
    fill(&p, (int[4]){100, 0, 200, 60}, s, 0.1, 0.3);
    fill(&p, (int[4]){0, 60, 100, 120}, s, 0.1, 0.5);
    fill(&p, (int[4]){100, 60, 200, 120}, s, 0.1, 0.9);
    rgq_table *t = measure(&p, 0.5, NULL, &opts, NULL);
    ck_assert_str_eq(rgq_table_text(t, 0, 0), "slide");
    expect(t, 0, "area_mm2", 200 * 120 * 0.25e-6, 1e-15);
    expect(t, 0, "tissue_fraction", 1, 0);
    expect(t, 0, "positive_fraction", 0.75, 0);
    expect(t, 0, "mean_dab_od", 0.425, 0.01);
    expect(t, 0, "mean_h_od", 0.1, 0.01);
    expect(t, 0, "integrated_od", 24000 * table_value(t, 0, "mean_dab_od"), 1e-9);
    expect(t, 0, "weak", 0.25, 0);
    expect(t, 0, "moderate", 0.25, 0);
    expect(t, 0, "strong", 0.25, 0);
    expect(t, 0, "h_score", 150, 1e-12);
    rgq_table_free(t);
    opts.positive_od = 0.4;
    t = measure(&p, 0.5, NULL, &opts, NULL);
    expect(t, 0, "positive_fraction", 0.5, 0);
    expect(t, 0, "positive_od", 0.4, 0);
    rgq_table_free(t);
    free(p.rgb);
}
END_TEST

/* The definition in double, pixel by pixel, for random colours with all bytes from 0 to 255,
 * and two regions that overlap. Sums are of quanta of 2^-22: 1.2e-7 a pixel, and of floats. */
START_TEST(pixels_agree_with_definition)
{
    picture p = picture_make(331, 173);
    rgq_ihc_opts opts = options("h-e-dab");
    const double xy[2][8] = {{10, 5, 300, 40, 250, 170, 3, 90},
                             {0, 0, 331, 0, 331, 173, 0, 173}};
    const int length[] = {4};
    const rgq_ihc_region region[2] = {{"a", 1, length, xy[0], NULL},
                                      {"b", 1, length, xy[1], NULL}};
    const rgq_ihc_regions regions = {2, region};
    rgq_ihc_report report;
    rgq_rng *rng = NULL;

    MUST(rgq_rng_create(&rng, 4, err));
    for (int i = 0; i < 3 * p.width * p.height; i++)
        p.rgb[i] = (uint8_t)(256 * rgq_rng_uniform(rng));
    opts.white_rgb[1] = 240;
    rgq_table *t = measure(&p, (double)NAN, &regions, &opts, &report);
    for (int r = 0; r < 2; r++) {
        double sum[2] = {0, 0};
        double n = 0;
        double level[4] = {0};
        for (int i = 0; i < p.width * p.height; i++) {
            double od[3];
            const double x = i % p.width + 0.5;
            const double y = i / p.width + 0.5;
            bool in = false;
            for (int k = 0; k < 4; k++) {
                const double *a = xy[r] + 2 * k;
                const double *b = xy[r] + 2 * ((k + 1) % 4);
                if ((a[1] <= y) != (b[1] <= y) &&
                    a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]) <= x)
                    in = !in;
            }
            if (!in)
                continue;
            for (int c = 0; c < 3; c++)
                od[c] = -log10(fmin(1, fmax(1e-6, p.rgb[3 * i + c] / opts.white_rgb[c])));
            double stain[2];
            for (int k = 0; k < 2; k++) {
                const double *m = report.inverse[2 * k];
                stain[k] = fmax(0, m[0] * od[0] + m[1] * od[1] + m[2] * od[2]);
                sum[k] += stain[k];
            }
            n++;
            level[0] += stain[1] >= 0.2 && stain[1] < 0.4;
            level[1] += stain[1] >= 0.4 && stain[1] < 0.6;
            level[2] += stain[1] >= 0.6;
            level[3] += stain[1] > report.otsu_od;
        }
        expect(t, r, "mean_h_od", sum[0] / n, 1e-6);
        expect(t, r, "mean_dab_od", sum[1] / n, 1e-6);
        expect(t, r, "weak", level[0] / n, 1e-12);
        expect(t, r, "moderate", level[1] / n, 1e-12);
        expect(t, r, "strong", level[2] / n, 1e-12);
        expect(t, r, "otsu_fraction", level[3] / n, 1e-12);
        ck_assert(isnan(table_value(t, r, "area_mm2")));
        ck_assert(isnan(table_value(t, r, "n_nuclei")));
        ck_assert(isnan(table_value(t, r, "n_vessels")));
    }
    /* a byte is 0 to 2 with a chance of 3/256; 57263 pixels: 4 standard deviations */
    ck_assert_double_eq_tol(report.saturated_fraction, 1 - pow(253.0 / 256, 3), 0.0031);
    rgq_rng_free(rng);
    rgq_table_free(t);
    free(p.rgb);
}
END_TEST

enum { SIDE = 2304 };

/* A slide of 5.3 million pixels of 0.5 um: glass of 240,238,244 around tissue, 400 nuclei of
 * 8 um, of which a quarter each has DAB of 0, 0.3, 0.5, 0.8, and 81 vessels: rings of 20 um, of
 * which 25 are crowded into one corner. */
static picture make_slide(const rgq_stains *s)
{
    static const uint8_t glass[3] = {240, 238, 244};
    static const double dab[4] = {0, 0.3, 0.5, 0.8};
    picture p = picture_make(SIDE, SIDE);

    fill(&p, (int[4]){256, 256, 2048, 2048}, s, 0.12, 0.02);
    for (int k = 0; k < 400; k++) {
        const double at[2] = {300 + 73 * (k % 20), 300 + 73 * (k / 20)};
        paint(&p, s, at, 0, 8, (double[2]){0.5, dab[k % 4]});
    }
    for (int k = 0; k < 56; k++) {
        const double at[2] = {336.5 + 146 * (k % 8), 336.5 + 146 * (k / 8)};
        paint(&p, s, at, 14, 20, (double[2]){0.12, 0.7});
    }
    for (int k = 0; k < 25; k++) {
        const double at[2] = {1780 + 48 * (k % 5), 1780 + 48 * (k / 5)};
        paint(&p, s, at, 14, 20, (double[2]){0.12, 0.7});
    }
    for (int i = 0; i < SIDE * SIDE; i++) { /* light through glass that is not white */
        for (int c = 0; c < 3; c++)
            p.rgb[3 * i + c] = (uint8_t)(p.rgb[3 * i + c] * glass[c] / 255.0 + 0.5);
    }
    return p;
}

static rgq_ihc_opts slide_options(void)
{
    rgq_ihc_opts opts = options("h-dab");
    opts.field_mm2 = 0.01; /* 100 x 100 um */
    opts.n_fields = 2;
    return opts;
}

/* The white is the glass; tissue is the square, whose borders are those of blocks of 16. */
START_TEST(a_slide_with_all_on_it)
{
    rgq_ihc_opts opts = slide_options();
    picture p = make_slide(&opts.stains);
    rgq_ihc_report report;

    opts.vessel_min_um2 = 100; /* the nuclei that are stained have 50 */
    rgq_table *t = measure(&p, 0.5, NULL, &opts, &report);
    ck_assert(report.tissue_mask && report.white_measured);
    ck_assert(report.white_rgb[0] == 240 && report.white_rgb[1] == 238 &&
              report.white_rgb[2] == 244);
    ck_assert_int_eq(report.tissue_block, 16);
    expect(t, 0, "tissue_fraction", 1792.0 * 1792 / (2304.0 * 2304), 1e-12);
    const double tissue_mm2 = 1792.0 * 1792 * 0.25e-6;
    ck_assert_int_eq(report.work_factor, 2);
    expect(t, 0, "n_nuclei", 400, 0);
    expect(t, 0, "nuclei_negative", 100, 0);
    expect(t, 0, "nuclei_weak", 100, 0);
    expect(t, 0, "nuclei_moderate", 100, 0);
    expect(t, 0, "nuclei_strong", 100, 0);
    expect(t, 0, "nuclear_h_score", 150, 1e-12);
    expect(t, 0, "allred", 7, 0); /* 75 %: 5, mean intensity 2 */
    expect(t, 0, "irs", 6, 0);    /* 75 %: 3 x 2 */
    expect(t, 0, "nuclei_per_mm2", 400 / tissue_mm2, 1e-9);
    expect(t, 0, "n_vessels", 81, 0);
    expect(t, 0, "vessels_per_mm2", 81 / tissue_mm2, 1e-9);
    /* the crowd of 25, and 2 x 2 of the others, 73 um apart, in a field of 100 um */
    expect(t, 0, "hot_spots", 2, 0);
    expect(t, 0, "hot_spot_vessels_per_mm2", (25 + 4) / 2.0 / 0.01, 1e-9);
    rgq_table_free(t);
    opts.vessel_min_um2 = 20; /* 50 um2: nuclei with DAB from 0.3 on are objects too */
    t = measure(&p, 0.5, NULL, &opts, NULL);
    expect(t, 0, "n_vessels", 81 + 300, 0);
    rgq_table_free(t);
    opts.vessel_max_um2 = 100;
    t = measure(&p, 0.5, NULL, &opts, NULL);
    expect(t, 0, "n_vessels", 300, 0);
    rgq_table_free(t);
    opts.vessel_min_um2 = 300;
    opts.vessel_max_um2 = 10000;
    t = measure(&p, 0.5, NULL, &opts, NULL);
    expect(t, 0, "n_vessels", 0, 0);
    expect(t, 0, "hot_spot_vessels_per_mm2", 0, 0);
    rgq_table_free(t);
    free(p.rgb);
}
END_TEST

static void check_same(const rgq_table *a, const rgq_table *b)
{
    char x[64];
    char y[64];
    for (int r = 0; r < rgq_table_n_rows(a); r++) {
        for (int c = 0; c < rgq_table_n_columns(a); c++)
            ck_assert_str_eq(rgq_table_format(a, r, c, x, sizeof x),
                             rgq_table_format(b, r, c, y, sizeof y));
    }
}

/* Every number and the picture, to the last bit, for any lanes, threads, and without clones. */
START_TEST(lanes_and_threads_do_not_matter)
{
    static const int lane_rows[] = {64, 128, 192, 1024, 0};
    rgq_ihc_opts opts = slide_options();
    picture p = make_slide(&opts.stains);
    const double xy[] = {300, 300, 2000.3, 700, 900, 2100.7};
    const int length[] = {3};
    const rgq_ihc_region region[2] = {{"a", 1, length, xy, NULL}, {"b", 1, length, xy, NULL}};
    const rgq_ihc_regions regions = {2, region};
    rgq_table *want = NULL;
    uint8_t *first = NULL;

    for (int k = 0; k < ROWS(lane_rows); k++) {
        rgq_ihc_source source = picture_source(&p, 0.5);
        rgq_ihc_overlay overlay = {333, 300, malloc(333 * 300 * 3)};
        rgq_table *t = NULL;
        rgq_threads_set(1 + k % 3);
        opts.lane_rows = lane_rows[k];
        opts.overlay = &overlay;
        if (k == 4)
            source.clone = NULL;
        MUST(rgq_ihc_measure(&t, NULL, &source, &regions, &opts, NULL, err));
        if (k == 0) {
            want = t;
            first = overlay.rgb;
            ck_assert_double_gt(table_value(t, 0, "n_nuclei"), 50);
            continue;
        }
        check_same(want, t);
        ck_assert_mem_eq(overlay.rgb, first, 333 * 300 * 3);
        rgq_table_free(t);
        free(overlay.rgb);
    }
    check_same(want, want);
    rgq_table_free(want);
    free(first);
    free(p.rgb);
}
END_TEST

/* A hole, a region beside the tissue, one that holds the centre of no pixel. */
START_TEST(regions_one_row_each)
{
    rgq_ihc_opts opts = slide_options();
    picture p = make_slide(&opts.stains);
    const double hole[] = {256, 256, 2048, 256, 2048, 2048, 256, 2048,
                           600, 600, 1600, 600, 1600, 1600, 600, 1600};
    const double corner[] = {0, 0, 200, 0, 200, 200, 0, 200};
    const double nothing[] = {100.6, 100.6, 100.9, 100.6, 100.9, 100.9};
    const int lengths[] = {4, 4};
    const int three[] = {3};
    const rgq_ihc_region region[3] = {{"rim", 2, lengths, hole, NULL},
                                      {"glass", 1, lengths, corner, NULL},
                                      {"none", 1, three, nothing, NULL}};
    const rgq_ihc_regions regions = {3, region};
    const rgq_ihc_source source = picture_source(&p, 0.5);
    said heard = {0};
    const rgq_log log = {hear, NULL, &heard};
    rgq_table *t = NULL;
    int in_hole = 0;

    MUST(rgq_ihc_measure(&t, NULL, &source, &regions, &opts, &log, err));
    ck_assert_int_eq(rgq_table_n_rows(t), 3);
    for (int k = 0; k < 400; k++) {
        const double x = 300 + 73 * (k % 20);
        const double y = 300 + 73 * (k / 20);
        in_hole += x > 600 && x < 1600 && y > 600 && y < 1600;
    }
    expect(t, 0, "n_nuclei", 400 - in_hole, 0);
    expect(t, 0, "area_mm2", (1792.0 * 1792 - 1e6) * 0.25e-6, 1e-12);
    expect(t, 0, "tissue_fraction", 1, 0);
    expect(t, 1, "area_mm2", 0.01, 1e-12);
    expect(t, 1, "tissue_fraction", 0, 0);
    expect(t, 1, "n_nuclei", 0, 0);
    ck_assert(isnan(table_value(t, 1, "mean_dab_od")));
    ck_assert(isnan(table_value(t, 1, "vessels_per_mm2")));
    expect(t, 2, "area_mm2", 0, 0);
    ck_assert(isnan(table_value(t, 2, "tissue_fraction")));
    ck_assert(was_said(&heard, "region 'glass' has no tissue: 40000 pixels"));
    ck_assert(was_said(&heard, "it covers the centre of none"));
    ck_assert(was_said(&heard, "region 'none' is smaller than a field"));
    rgq_table_free(t);
    free(p.rgb);
}
END_TEST

/* Vectors that nobody was told: the means are those of the paint, where the built-in ones are
 * off by more than 0.024. 0.01 OD is what 8-bit colours allow, 0.02 with the vectors estimated.
 */
START_TEST(estimated_vectors_measure_right)
{
    picture p = picture_make(256, 256);
    rgq_ihc_opts opts = options("h-dab");
    rgq_stains truth = opts.stains;
    rgq_ihc_report report;

    memcpy(truth.od, (double[3][3]){{0.555, 0.745, 0.37}, {0.36, 0.50, 0.79}}, sizeof truth.od);
    fill(&p, (int[4]){0, 0, 256, 20}, &truth, 0.4, 0);
    fill(&p, (int[4]){0, 20, 256, 40}, &truth, 0, 0.4);
    fill(&p, (int[4]){0, 40, 256, 148}, &truth, 0.3, 0.2);
    fill(&p, (int[4]){0, 148, 256, 256}, &truth, 0.1, 0.4);
    const double want_h = (20 * 0.4 + 108 * 0.3 + 108 * 0.1) / 256;
    const double want_dab = (20 * 0.4 + 108 * 0.2 + 108 * 0.4) / 256;
    opts.stains.normalise = true;
    rgq_table *t = measure(&p, 0.5, NULL, &opts, NULL);
    ck_assert_double_gt(fabs(table_value(t, 0, "mean_dab_od") - want_dab), 0.024);
    rgq_table_free(t);
    opts.macenko = true;
    t = measure(&p, 0.5, NULL, &opts, &report);
    ck_assert_str_eq(report.stains.source, "macenko");
    expect(t, 0, "mean_h_od", want_h, 0.02);
    expect(t, 0, "mean_dab_od", want_dab, 0.02);
    rgq_table_free(t);
    free(p.rgb);
}
END_TEST

/* The picture at the slide's own size: colours of the classes, pale glass, a point, a frame. */
START_TEST(overlay_shows_what_was_found)
{
    picture p = picture_make(256, 128);
    rgq_ihc_opts opts = options("h-dab");
    rgq_ihc_overlay overlay = {256, 128, malloc(256 * 128 * 3)};

    opts.tissue = RGQ_IHC_YES;
    opts.overlay = &overlay;
    opts.white = RGQ_IHC_NO;
    fill(&p, (int[4]){0, 0, 128, 128}, &opts.stains, 0.15, 0);
    fill(&p, (int[4]){16, 16, 48, 32}, &opts.stains, 0.15, 0.9);
    paint(&p, &opts.stains, (double[2]){90, 80}, 0, 8, (double[2]){0.6, 0});
    memset(picture_at(&p, 200, 60), 0, 3); /* dust on glass */
    rgq_table *t = measure(&p, 0.5, NULL, &opts, NULL);
    expect(t, 0, "n_vessels", 1, 0);
    const picture o = {256, 128, overlay.rgb, -1};
    ck_assert_mem_eq(picture_at(&o, 90, 80), ((uint8_t[3]){0, 60, 255}), 3);
    ck_assert_mem_eq(picture_at(&o, 16, 20), ((uint8_t[3]){0, 150, 0}), 3);
    ck_assert_mem_eq(picture_at(&o, 47, 31), ((uint8_t[3]){0, 150, 0}), 3);
    const uint8_t *strong = picture_at(&o, 30, 24);
    ck_assert(strong[0] > 100 && strong[1] < 80 && strong[2] < 60);
    ck_assert_mem_eq(picture_at(&o, 60, 60), picture_at(&p, 60, 60), 3);
    ck_assert_int_eq(picture_at(&o, 200, 60)[0], 153); /* 60 % of white over black */
    rgq_table_free(t);
    free(overlay.rgb);
    free(p.rgb);
}
END_TEST

START_TEST(torture)
{
    picture p = picture_make(128, 128);
    rgq_ihc_opts opts = options("h-dab");
    rgq_ihc_source source = picture_source(&p, 0.5);
    rgq_ihc_overlay overlay = {64, 64, malloc(64 * 64 * 3)};
    const double xy[] = {10, 10, 100, 10, 100, 100};
    const int three[] = {3};
    const rgq_ihc_region region = {"a", 1, three, xy, NULL};
    const rgq_ihc_regions regions = {1, &region};
    rgq_table *t = NULL;

    opts.overlay = &overlay;
    opts.tissue = RGQ_IHC_YES;
    opts.field_mm2 = 0.0005;
    fill(&p, (int[4]){0, 0, 128, 128}, &opts.stains, 0.3, 0.3);
    rgq_threads_set(2);
    TORTURE(
        rgq_ihc_measure(&t, NULL, &source, &regions, &opts, NULL, err),
        {
            ck_assert((t != NULL) == (torture_st == RGQ_OK));
            rgq_table_free(t);
            t = NULL;
        },
        30);
    free(overlay.rgb);
    free(p.rgb);
}
END_TEST

RGQ_CHECK_MAIN("ihc.measure", tcase_add_test(tc, known_stains_are_recovered);
               tcase_add_test(tc, pixels_agree_with_definition);
               tcase_add_test(tc, a_slide_with_all_on_it);
               tcase_add_test(tc, lanes_and_threads_do_not_matter);
               tcase_add_test(tc, regions_one_row_each);
               tcase_add_test(tc, estimated_vectors_measure_right);
               tcase_add_test(tc, overlay_shows_what_was_found); tcase_add_test(tc, torture))
