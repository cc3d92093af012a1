/* Mesh, hull, axes, autocorrelation, peaks: closed forms and slow definitions. */
#include "features_case.h"

static const double pi = 3.14159265358979323846;

/* A box of a x b x c voxels at (2, 2, 2). */
static void make_box(features_case *c, int a, int b, int d)
{
    make_case(c, a + 4, b + 4, d + 4);
    for (int z = 0; z < d; z++)
        for (int y = 0; y < b; y++)
            for (int x = 0; x < a; x++) {
                c->mask[at(c, x + 2, y + 2, z + 2)] = 1;
                c->value[at(c, x + 2, y + 2, z + 2)] = 1.0F;
            }
}

/* The mesh of a box: edges lose a prism of 1/8 of a voxel, corners all but 1/48. On a face lies
 * a flat rectangle, on an edge a bevel as wide as sqrt(1/2), on a corner a triangle. Axes of
 * unequal voxels scale all of it. */
START_TEST(mesh_of_a_box)
{
    static const int box[4][3] = {{1, 1, 1}, {3, 3, 3}, {5, 2, 7}, {1, 6, 1}};
    const int *n = box[_i];
    features_case c;

    make_box(&c, n[0], n[1], n[2]);
    rgq_table *t = features_of(&c, NULL);
    const int m[3] = {n[0] - 1, n[1] - 1, n[2] - 1};
    const double edges = m[0] + m[1] + m[2];
    SAME(feature(t, "morph_volume"), n[0] * n[1] * n[2] - 0.5 * edges - 5.0 / 6.0, 1e-12);
    SAME(feature(t, "morph_area_mesh"),
         2.0 * (m[0] * m[1] + m[0] * m[2] + m[1] * m[2]) + 4.0 * edges * sqrt(0.5) + sqrt(3.0),
         1e-12);
    SAME(feature(t, "morph_vol_approx"), n[0] * n[1] * n[2], 1e-12);
    /* convex: the mesh is its own hull */
    SAME(feature(t, "morph_vol_dens_conv_hull"), 1.0, 1e-12);
    SAME(feature(t, "morph_area_dens_conv_hull"), 1.0, 1e-12);
    SAME(feature(t, "morph_vol_dens_aabb"), feature(t, "morph_volume") / (n[0] * n[1] * n[2]),
         1e-12);
    /* the farthest vertices lie on opposite faces of the longest side */
    double diameter = 0.0;
    for (int a = 0; a < 3; a++) {
        const int *p = m;
        double d2 = n[a] * n[a];
        for (int b = 0; b < 3; b++)
            d2 += b != a ? p[b] * p[b] : 0;
        diameter = fmax(diameter, sqrt(d2));
    }
    SAME(feature(t, "morph_diam"), diameter, 1e-12);
    rgq_table_free(t);
}
END_TEST

START_TEST(unequal_voxels_scale)
{
    features_case c;
    const double s[3] = {2.0, 0.5, 3.0};

    make_lesion(&c, 12, 5);
    rgq_table *plain = features_of(&c, NULL);
    memcpy(c.spacing_mm, s, sizeof s);
    rgq_table *t = features_of(&c, NULL);
    SAME(feature(t, "morph_volume"), 3.0 * feature(plain, "morph_volume"), 1e-12);
    SAME(feature(t, "morph_vol_dens_conv_hull"), feature(plain, "morph_vol_dens_conv_hull"),
         1e-12);
    SAME(feature(t, "morph_vol_dens_aabb"), feature(plain, "morph_vol_dens_aabb"), 1e-12);
    SAME(feature(t, "cm_contrast_3D_avg"), feature(plain, "cm_contrast_3D_avg"), 0.0);
    rgq_table_free(plain);
    rgq_table_free(t);
}
END_TEST

/* A ball: voxels to 1 %, sphericity from below (a mesh of voxels is rougher than the ball: 9
 * %), all bodies about it nearly the ball itself. */
START_TEST(ball)
{
    features_case c;
    const double r = 9.6;

    make_case(&c, 23, 23, 23);
    for (int i = 0; i < 23 * 23 * 23; i++) {
        const double d[3] = {i % 23 - 11, i / 23 % 23 - 11, i / 529 - 11};
        c.mask[i] = d[0] * d[0] + d[1] * d[1] + d[2] * d[2] < r * r;
        c.value[i] = 1.0F;
    }
    rgq_table *t = features_of(&c, NULL);
    const double whole = 4.0 / 3.0 * pi * r * r * r;
    SAME(feature(t, "morph_volume"), whole, 0.01);
    ck_assert_double_lt(feature(t, "morph_sphericity"), 1.0);
    ck_assert_double_gt(feature(t, "morph_sphericity"), 0.91);
    SAME(feature(t, "morph_pca_maj_axis"), 4.0 * r / sqrt(5.0), 0.01);
    SAME(feature(t, "morph_pca_elongation"), 1.0, 1e-12);
    SAME(feature(t, "morph_pca_flatness"), 1.0, 1e-12);
    SAME(feature(t, "morph_vol_dens_aee"), pow(5.0, 1.5) / 8.0, 0.02);
    ck_assert_double_eq_tol(feature(t, "morph_diam"), 2.0 * r, 1.0); /* half a voxel an end */
    ck_assert_double_gt(feature(t, "morph_vol_dens_mvee"), 0.85);
    ck_assert_double_lt(feature(t, "morph_vol_dens_mvee"), 1.0);
    SAME(feature(t, "morph_com"), 0.0, 0.0);
    rgq_table_free(t);
}
END_TEST

/* A slanted bar: the oriented box is much smaller than the upright one, and not smaller than
 * the hull; the ellipsoid is not smaller than the hull either. */
START_TEST(bodies_about_a_slanted_bar)
{
    features_case c;

    make_case(&c, 22, 22, 7);
    for (int z = 2; z < 5; z++)
        for (int y = 2; y < 20; y++)
            for (int x = 2; x < 20; x++)
                c.mask[at(&c, x, y, z)] = abs(x - y) <= 2;
    for (int i = 0; i < 22 * 22 * 7; i++)
        c.value[i] = 1.0F;
    rgq_table *t = features_of(&c, NULL);
    const double hull = feature(t, "morph_vol_dens_conv_hull");
    ck_assert_double_gt(feature(t, "morph_vol_dens_ombb"),
                        2.0 * feature(t, "morph_vol_dens_aabb"));
    ck_assert_double_lt(feature(t, "morph_vol_dens_ombb"), hull);
    ck_assert_double_lt(feature(t, "morph_vol_dens_mvee"), hull);
    ck_assert_double_gt(feature(t, "morph_vol_dens_mvee"), 0.4);
    /* thickness 3, |x - y| <= 2 and half a voxel on each side: 5 / sqrt(2) across; along it the
     * ends are 17 apart in x and y, and half a voxel more in one of them */
    const double across = 5.0 / sqrt(2.0);
    const double along = (2.0 * 17.0 + 1.0) / sqrt(2.0);
    SAME(feature(t, "morph_volume") / feature(t, "morph_vol_dens_ombb"), 3.0 * across * along,
         1e-9);
    rgq_table_free(t);
}
END_TEST

/* Semi-axes of a solid box from the second moment: n (n + 1) / 12 (n - 1 below the sum). */
START_TEST(axes_of_a_box)
{
    features_case c;
    static const int n[3] = {9, 5, 3};

    make_box(&c, n[0], n[1], n[2]);
    rgq_table *t = features_of(&c, NULL);
    const double count = n[0] * n[1] * n[2];
    double axis[3];
    for (int a = 0; a < 3; a++)
        axis[a] = 4.0 * sqrt((n[a] * n[a] - 1) / 12.0 * count / (count - 1.0));
    SAME(feature(t, "morph_pca_maj_axis"), axis[0], 1e-12);
    SAME(feature(t, "morph_pca_min_axis"), axis[1], 1e-12);
    SAME(feature(t, "morph_pca_least_axis"), axis[2], 1e-12);
    /* the series as the manual prints it, with the polynomials themselves */
    const double alpha = sqrt(1.0 - axis[1] * axis[1] / (axis[0] * axis[0]));
    const double beta = sqrt(1.0 - axis[2] * axis[2] / (axis[0] * axis[0]));
    const double x = (alpha * alpha + beta * beta) / (2.0 * alpha * beta);
    double legendre[21] = {1.0, x};
    double sum = 0.0;
    for (int k = 2; k <= 20; k++)
        legendre[k] = ((2 * k - 1) * x * legendre[k - 1] - (k - 1) * legendre[k - 2]) / k;
    for (int k = 0; k <= 20; k++)
        sum += pow(alpha * beta, k) / (1.0 - 4.0 * k * k) * legendre[k];
    SAME(feature(t, "morph_area_dens_aee"),
         feature(t, "morph_area_mesh") / (pi * axis[0] * axis[1] * sum), 1e-12);
    rgq_table_free(t);
}
END_TEST

/* All pairs, one by one, on voxels of unequal sides. */
START_TEST(moran_and_geary_by_pairs)
{
    features_case c;
    double n = 0.0;
    double mean = 0.0;
    double square = 0.0;
    double sum[3] = {0.0, 0.0, 0.0};

    make_lesion(&c, 10, 50);
    c.spacing_mm[0] = 1.7;
    c.spacing_mm[2] = 3.1;
    const int count = 10 * 10 * 10;
    for (int i = 0; i < count; i++)
        if (c.mask[i] != 0) {
            n++;
            mean += (double)c.value[i];
        }
    mean /= n;
    for (int i = 0; i < count; i++)
        for (int j = 0; j < count; j++) {
            if (c.mask[i] == 0 || c.mask[j] == 0)
                continue;
            const double a = (double)c.value[i] - mean;
            const double b = (double)c.value[j] - mean;
            if (i == j) {
                square += a * a;
                continue;
            }
            const double d[3] = {1.7 * (i % 10 - j % 10), i / 10 % 10 - j / 10 % 10,
                                 3.1 * (i / 100 - j / 100)};
            const double w = 1.0 / sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
            sum[0] += w;
            sum[1] += w * a * b;
            sum[2] += w * (a - b) * (a - b);
        }
    rgq_table *t = features_of(&c, NULL);
    SAME(feature(t, "morph_moran_i"), n / sum[0] * sum[1] / square, 1e-11);
    SAME(feature(t, "morph_geary_c"), (n - 1.0) / (2.0 * sum[0]) * sum[2] / square, 1e-11);
    rgq_table_free(t);
}
END_TEST

/* Every centre within 6.2035 mm; the region lies at the corner of the image. */
START_TEST(peaks_by_centres)
{
    features_case c;
    const double r2 = pow(3000.0 / (4.0 * pi), 2.0 / 3.0);
    double global = 0.0;
    double local = 0.0;
    double top = 0.0;

    make_case(&c, 12, 9, 10);
    c.spacing_mm[0] = 1.3;
    c.spacing_mm[1] = 2.1;
    c.spacing_mm[2] = 2.9;
    for (int i = 0; i < 12 * 9 * 10; i++) {
        c.value[i] = (float)(scatter((unsigned)i) % 40U);
        c.mask[i] = i % 12 < 6 && i / 12 % 9 < 5 && i / 108 < 5;
        if (c.mask[i] != 0)
            top = fmax(top, (double)c.value[i]);
    }
    for (int i = 0; i < 12 * 9 * 10; i++) {
        double sum = 0.0;
        double n = 0.0;
        for (int j = 0; j < 12 * 9 * 10 && c.mask[i] != 0; j++) {
            const double d[3] = {1.3 * (i % 12 - j % 12), 2.1 * (i / 12 % 9 - j / 12 % 9),
                                 2.9 * (i / 108 - j / 108)};
            if (d[0] * d[0] + d[1] * d[1] + d[2] * d[2] > r2)
                continue;
            sum += (double)c.value[j];
            n++;
        }
        if (c.mask[i] == 0)
            continue;
        global = fmax(global, sum / n);
        if ((double)c.value[i] == top)
            local = fmax(local, sum / n);
    }
    rgq_table *t = features_of(&c, NULL);
    SAME(feature(t, "loc_peak_glob"), global, 1e-12);
    SAME(feature(t, "loc_peak_loc"), local, 1e-12);
    rgq_table_free(t);
}
END_TEST

static bool is_plane(const char *tag)
{
    return strstr(tag, "_2D") != NULL || strstr(tag, "_2_5D") != NULL;
}

/* Turned by a quarter about two axes and mirrored, the lesion keeps every feature that is not
 * made by slices. The ellipsoid is found to 1e-3. */
START_TEST(turned_and_mirrored)
{
    features_case c;
    features_case turned;
    enum { S = 13 };

    make_lesion(&c, S, 6);
    make_case(&turned, S, S, S);
    for (int z = 0; z < S; z++)
        for (int y = 0; y < S; y++)
            for (int x = 0; x < S; x++) {
                const size_t to = at(&turned, y, S - 1 - z, x);
                turned.value[to] = c.value[at(&c, x, y, z)];
                turned.mask[to] = c.mask[at(&c, x, y, z)];
            }
    rgq_table *a = features_of(&c, NULL);
    rgq_table *b = features_of(&turned, NULL);
    for (int row = 0; row < rgq_table_n_rows(a); row++) {
        const char *tag = rgq_table_text(a, row, 1);
        const double want = rgq_table_real(a, row, 2);
        const double got = rgq_table_real(b, row, 2);
        const double tolerance = strstr(tag, "mvee") != NULL ? 3e-3 : 1e-9;
        if (!is_plane(tag))
            ck_assert_msg(fabs(got - want) <= tolerance * fabs(want) + 1e-9,
                          "%s is %.17g, was %.17g", tag, got, want);
    }
    rgq_table_free(a);
    rgq_table_free(b);
}
END_TEST

RGQ_CHECK_MAIN("measure.ibsi_morphology", tcase_add_loop_test(tc, mesh_of_a_box, 0, 4);
               tcase_add_test(tc, unequal_voxels_scale); tcase_add_test(tc, ball);
               tcase_add_test(tc, bodies_about_a_slanted_bar);
               tcase_add_test(tc, axes_of_a_box); tcase_add_test(tc, moran_and_geary_by_pairs);
               tcase_add_test(tc, peaks_by_centres); tcase_add_test(tc, turned_and_mirrored))
