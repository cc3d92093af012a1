/* phantom/analyse_rods.c, analyse_cold.c: made scans against direct sums over the shapes. */
#include <math.h>
#include <string.h>

#include "phantom/model.h"
#include "phantom/sphere_fit.h"
#include "rgdquant/phantom_analysis.h"
#include "rgq_check.h"

static const double pi = 3.14159265358979323846;
static const double sigma_per_fwhm = 0.42466090014400953;

static rgq_phantom *shipped(const char *id)
{
    rgq_phantom *p = NULL;
    MUST(rgq_phantom_find(&p, RGQ_SOURCE_DIR "/phantoms", id, err));
    return p;
}

static rgq_phantom_scan make(const rgq_phantom *p, double psf_mm)
{
    rgq_phantom_scan made;
    rgq_phantom_opts opts = RGQ_PHANTOM_OPTS_INIT;

    for (int a = 0; a < 3; a++)
        opts.psf_mm[a] = psf_mm;
    opts.fractional = true;
    MUST(rgq_phantom_make(&made, p, &opts, NULL, err));
    return made;
}

static double cell(const rgq_table *table, const char *region, const char *column)
{
    const int c = rgq_table_find(table, column);
    ck_assert_int_ge(c, 0);
    for (int r = 0; r < rgq_table_n_rows(table); r++)
        if (strcmp(rgq_table_text(table, r, 0), region) == 0)
            return rgq_table_real(table, r, c);
    ck_abort_msg("no row %s", region);
    return 0.0;
}

/* A disc of radius R blurred in the plane, at the distance d of its centre: rings and angles.
 */
static double disc_at(double d, double radius, double sigma)
{
    enum { N = 60 };
    double sum = 0.0;

    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            const double r = radius * (i + 0.5) / N;
            const double t = 2.0 * pi * (j + 0.5) / N;
            const double d2 = d * d + r * r - 2.0 * d * r * cos(t);
            sum += r * exp(-d2 / (2.0 * sigma * sigma));
        }
    return sum * radius / N * 2.0 * pi / N / (2.0 * pi * sigma * sigma);
}

/* Highest pixel about a rod, 4 x 4 points a pixel of the made grid (pixels at odd quarters). */
static double hottest_pixel(const double centre[2], double radius, double sigma, double pixel)
{
    double best = 0.0;

    for (double y = -21.75; y < 22.0; y += pixel)
        for (double x = -21.75; x < 22.0; x += pixel) {
            double sum = 0.0;
            if (hypot(x - centre[0], y - centre[1]) > pixel)
                continue;
            for (int k = 0; k < 16; k++) {
                const double px = x + pixel * (((k % 4) + 0.5) / 4.0 - 0.5);
                const double py = y + pixel * (((k / 4) + 0.5) / 4.0 - 0.5);
                sum += disc_at(hypot(px - centre[0], py - centre[1]), radius, sigma) / 16.0;
            }
            best = fmax(best, sum);
        }
    return best;
}

/* Recovery and spill-over within 0.02 of the sums. The other rods are too far to count; the
 * chamber with its wall is a cold disc of 10 mm in the middle of its 15 mm. */
START_TEST(mouse)
{
    const double psf_mm = _i == 0 ? 1.2 : 2.5;
    const double sigma = psf_mm * sigma_per_fwhm;
    rgq_phantom *p = shipped("nema-nu4");
    rgq_phantom_scan made = make(p, psf_mm);
    rgq_phantom_analysis a;
    rgq_analyse_opts o = RGQ_ANALYSE_OPTS_INIT;

    o.background = 180000.0;
    MUST(rgq_phantom_analyse(&a, p, made.volume, &o, NULL, err));
    ck_assert_int_eq(rgq_table_n_rows(a.table), 7);
    for (int r = 0; r < 5; r++) {
        const char *name = rgq_table_text(a.table, r, 0);
        const double d = rgq_table_real(a.table, r, rgq_table_find(a.table, "diameter_mm"));
        double centre[2] = {(double)NAN, (double)NAN};
        for (int i = 0; i < rgq_phantom_n_objects(p); i++)
            if (strcmp(rgq_phantom_object_at(p, i)->name, name) == 0)
                memcpy(centre, rgq_phantom_object_at(p, i)->centre_mm, sizeof centre);
        ck_assert_double_eq_tol(cell(a.table, name, "rc"),
                                hottest_pixel(centre, 0.5 * d, sigma, 0.5), 0.02);
    }
    double want = 0.0;
    for (int i = 0; i < 40; i++) {
        const double r = 2.0 * (i + 0.5) / 40.0;
        want += (1.0 - disc_at(r, 5.0, sigma)) * r * 2.0 / 40.0 / 2.0;
    }
    ck_assert_double_eq_tol(cell(a.table, "air-chamber", "spill_over_ratio"), want, 0.02);
    ck_assert_double_eq_tol(cell(a.table, "water-chamber", "spill_over_ratio"), want, 0.02);
    ck_assert_double_eq_tol(a.finding[0].value, 180000.0, 0.005 * 180000.0);
    rgq_phantom_analysis_release(&a);
    rgq_phantom_scan_release(&made);
    rgq_phantom_free(p);
}
END_TEST

/* Mean of a blurred ball over its own volume. */
static double ball_mean(double radius, double sigma)
{
    enum { N = 4000 };
    double sum = 0.0;

    for (int i = 0; i < N; i++) {
        const double r = (i + 0.5) / N;
        sum += 3.0 * rgq_blurred_ball(radius * r, radius, sigma) * r * r / N;
    }
    return sum;
}

/* What all rods of the phantom take away in the discs of one sector, by points. */
static double sector_contrast(const rgq_phantom *p, int object, double sigma)
{
    enum { TABLE = 400, POINTS = 12 };
    const rgq_phantom_body *own = &p->body[object];
    const double reach = 40.0;
    double sum = 0.0;

    for (int other = 1; other <= 6; other++) { /* the sectors follow the cylinder */
        const rgq_phantom_body *body = &p->body[other];
        double table[TABLE + 1];
        for (int i = 0; i <= TABLE; i++)
            table[i] = disc_at(reach * i / TABLE, body->solid[0].half_mm[0], sigma);
        for (int i = 0; i < own->n_union; i++)
            for (int k = 0; k < POINTS; k++) { /* spread over the disc by area */
                const double r = own->solid[i].half_mm[0] * sqrt((k + 0.5) / POINTS);
                const double x = own->solid[i].centre_mm[0] + r * cos(2.39996 * k);
                const double y = own->solid[i].centre_mm[1] + r * sin(2.39996 * k);
                for (int j = 0; j < body->n_union; j++) {
                    const double d =
                        hypot(x - body->solid[j].centre_mm[0], y - body->solid[j].centre_mm[1]);
                    if (d < reach)
                        sum += table[(int)(d / reach * TABLE + 0.5)];
                }
            }
    }
    return sum / (own->n_union * POINTS);
}

START_TEST(cold_spheres_and_rods)
{
    const double sigma = 8.0 * sigma_per_fwhm;
    const double in_voxels = sqrt(sigma * sigma + 9.0 / 12.0); /* of 3 mm */
    rgq_phantom *p = shipped("jaszczak");
    rgq_phantom_scan made = make(p, 8.0);
    rgq_phantom_analysis a;
    rgq_analyse_opts o = RGQ_ANALYSE_OPTS_INIT;
    int spheres = 0;
    int sectors = 0;

    o.background = 50000.0;
    MUST(rgq_phantom_analyse(&a, p, made.volume, &o, NULL, err));
    for (int i = 0; i < rgq_phantom_n_objects(p); i++) {
        const rgq_phantom_object *object = rgq_phantom_object_at(p, i);
        if (object->diameter_mm > 0.0) {
            ck_assert_double_eq_tol(cell(a.table, object->name, "contrast_percent") / 100.0,
                                    ball_mean(0.5 * object->diameter_mm, in_voxels), 0.02);
            spheres++;
        } else if (strncmp(object->name, "rods", 4) == 0) {
            ck_assert_double_eq_tol(cell(a.table, object->name, "contrast_percent") / 100.0,
                                    sector_contrast(p, i, in_voxels), 0.02);
            sectors++;
        }
    }
    ck_assert_int_eq(spheres, 6);
    ck_assert_int_eq(sectors, 6);
    ck_assert_double_eq_tol(hypot(hypot(a.centre_mm[0], a.centre_mm[1]), a.centre_mm[2]), 0.0,
                            1.0);
    rgq_phantom_analysis_release(&a);
    rgq_phantom_scan_release(&made);
    rgq_phantom_free(p);
}
END_TEST

START_TEST(not_there)
{
    rgq_phantom *c = shipped("cylinder");
    rgq_phantom *n = shipped("nema-nu4");
    rgq_phantom *j = shipped("jaszczak");
    rgq_phantom_scan made = make(c, 6.0);
    rgq_phantom_analysis a;
    const rgq_analyse_opts o = RGQ_ANALYSE_OPTS_INIT;

    REFUSED(rgq_phantom_analyse(&a, n, made.volume, &o, NULL, err), RGQ_E_NOTFOUND,
            "no 'nema-nu4' in the scan");
    REFUSED(rgq_phantom_analyse(&a, j, made.volume, &o, NULL, err), RGQ_E_NOTFOUND,
            "no 'jaszczak' in the scan");
    rgq_phantom_scan_release(&made);
    rgq_phantom_free(c);
    rgq_phantom_free(n);
    rgq_phantom_free(j);
}
END_TEST

START_TEST(torture)
{
    rgq_phantom *p = shipped(_i == 0 ? "nema-nu4" : "cylinder");
    rgq_phantom_scan made;
    rgq_phantom_opts opts = RGQ_PHANTOM_OPTS_INIT;
    rgq_phantom_analysis a;
    const rgq_analyse_opts o = RGQ_ANALYSE_OPTS_INIT;

    for (int axis = 0; axis < 3; axis++)
        opts.voxel_mm[axis] = _i == 0 ? 1.0 : 8.0;
    MUST(rgq_phantom_make(&made, p, &opts, NULL, err));
    TORTURE(rgq_phantom_analyse(&a, p, made.volume, &o, NULL, err),
            rgq_phantom_analysis_release(&a), 10);
    rgq_phantom_scan_release(&made);
    rgq_phantom_free(p);
}
END_TEST

RGQ_CHECK_MAIN("phantom.analyse_inserts", tcase_add_loop_test(tc, mouse, 0, 2);
               tcase_add_test(tc, cold_spheres_and_rods); tcase_add_test(tc, not_there);
               tcase_add_loop_test(tc, torture, 0, 2))
