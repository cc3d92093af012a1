/* Colour deconvolution of a published micrograph against the figures of other software. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rgdquant/ihc.h"
#include "rgdquant/slide_file.h"
#include "rgq_check.h"

#include "core/banned.h"

/* FHL2, 512 x 512: the vectors of Ruifrok and Johnston as printed, I / 255. The figures have
 * six decimals; the fraction is exact to the pixel (one is 3.8e-6). */
START_TEST(micrograph)
{
    char path[1024];
    rgq_slide *slide = NULL;
    rgq_table *table = NULL;
    rgq_ihc_report report;
    rgq_slide_opts slide_opts = RGQ_SLIDE_OPTS_INIT;
    rgq_ihc_opts opts = RGQ_IHC_OPTS_INIT;

    (void)snprintf(path, sizeof path, "%s/ihc/ihc.png", getenv("RGQ_REFERENCE_DATA"));
    MUST(rgq_slide_open(&slide, path, &slide_opts, NULL, err));
    MUST(rgq_stains_find(&opts.stains, "h-e-dab", err));
    opts.stains.normalise = false;
    opts.positive = RGQ_IHC_POSITIVE_OTSU;
    MUST(rgq_ihc_measure(&table, &report, rgq_slide_source(slide), NULL, &opts, NULL, err));
    const double dab = rgq_table_real(table, 0, rgq_table_find(table, "mean_dab_od"));
    const double h = rgq_table_real(table, 0, rgq_table_find(table, "mean_h_od"));
    const double positive =
        rgq_table_real(table, 0, rgq_table_find(table, "positive_fraction"));
    (void)printf("ihc.png: mean DAB %.7f, H %.7f, Otsu %.6f OD, %.5f %% positive\n", dab, h,
                 report.otsu_od, 100 * positive);
    ck_assert_double_eq_tol(dab, 0.349094, 6e-7);
    ck_assert_double_eq_tol(h, 0.120395, 6e-7);
    ck_assert_double_eq_tol(positive, 0.452187, 6e-7);
    ck_assert(rgq_table_has(table, 0, rgq_table_find(table, "tissue_fraction")));
    ck_assert(!report.tissue_mask && !report.white_measured);
    rgq_table_free(table);
    rgq_slide_close(slide);
}
END_TEST

int main(void)
{
    if (getenv("RGQ_REFERENCE_DATA") == NULL) {
        (void)puts("skipped: RGQ_REFERENCE_DATA does not name the folder of reference data");
        return 77;
    }
    RGQ_CHECK_RUN("conformance.ihc", tcase_add_test(tc, micrograph));
}
