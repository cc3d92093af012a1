/* The image quality phantom of another group (pynemaiqpet's second reconstruction): found
 * without help, laid on its circle, blur and recovery within what is known of it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rgdquant/phantom_analysis.h"
#include "rgdquant/scan_file.h"
#include "rgq_check.h"

#include "core/banned.h"

static double cell(const rgq_table *table, int row, const char *column)
{
    return rgq_table_real(table, row, rgq_table_find(table, column));
}

START_TEST(nema_iq)
{
    rgq_phantom *p = NULL;
    rgq_scan scan = {.volume = NULL};
    rgq_phantom_analysis a;
    rgq_analyse_opts o = RGQ_ANALYSE_OPTS_INIT;
    char path[1024];

    (void)snprintf(path, sizeof path, "%s/nema-iq/pet_recon_2", getenv("RGQ_REFERENCE_DATA"));
    MUST(rgq_phantom_find(&p, RGQ_SOURCE_DIR "/phantoms", "nema-iec", err));
    MUST(rgq_scan_read(&scan, path, NULL, NULL, err));
    o.sphere = 16851.27; /* published with the data, from another program's fit */
    o.background = 1682.02;
    MUST(rgq_phantom_analyse(&a, p, scan.volume, &o, NULL, err));
    ck_assert_int_eq(rgq_table_n_rows(a.table), 6);
    for (int r = 0; r < 6; r++) {
        ck_assert_double_le(fabs(cell(a.table, r, "off_ring_mm")), 0.5);
        ck_assert_double_le(fabs(cell(a.table, r, "off_plane_mm")), 2.5);
        ck_assert_double_ge(cell(a.table, r, "fwhm_mm"), 2.5);
        ck_assert_double_le(cell(a.table, r, "fwhm_mm"), 4.5);
        if (r > 0)
            ck_assert_double_gt(cell(a.table, r, "rc_mean"), cell(a.table, r - 1, "rc_mean"));
    }
    ck_assert_double_ge(a.psf_fwhm_mm, 2.5);
    ck_assert_double_le(a.psf_fwhm_mm, 4.5);
    for (int i = 0; i < a.n_findings; i++) /* the other program's levels: it weighs otherwise,
                                              so that the spheres may differ by 2 % */
        if (strcmp(a.finding[i].name, "background_level") == 0)
            ck_assert_double_eq_tol(a.finding[i].value / 1682.02, 1.0, 0.005);
        else if (strcmp(a.finding[i].name, "sphere_level") == 0)
            ck_assert_double_eq_tol(a.finding[i].value / 16851.27, 1.0, 0.02);
    ck_assert_int_eq(a.n_verdicts, 12);
    rgq_phantom_analysis_release(&a);
    rgq_scan_release(&scan);
    rgq_phantom_free(p);
}
END_TEST

int main(void)
{
    if (getenv("RGQ_REFERENCE_DATA") == NULL) {
        puts("skipped: RGQ_REFERENCE_DATA does not name the folder of the reference data");
        return 77;
    }
    RGQ_CHECK_RUN("conformance.phantom", tcase_add_test(tc, nema_iq));
}
