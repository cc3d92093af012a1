/* measure/peak.c: the sphere of 1 mL on grids with an answer. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "measure/survey.h"
#include "num/threads.h"
#include "rgdquant/volume.h"
#include "rgq_check.h"

enum { NX = 15, NY = 13, NZ = 11, COUNT = NX * NY * NZ };

static rgq_grid make_grid(double sx, double sy, double sz)
{
    return rgq_grid_make((const int[3]){NX, NY, NZ}, (const double[3]){sx, sy, sz},
                         (const double[3]){1, 2, 3});
}

static size_t index_of(int x, int y, int z)
{
    return ((size_t)z * NY + (size_t)y) * NX + (size_t)x;
}

static rgq_regions *whole(const rgq_grid *grid)
{
    rgq_regions *regions = NULL;
    float weight[COUNT];
    for (int i = 0; i < COUNT; i++)
        weight[i] = 1.0f;
    MUST(rgq_regions_create(&regions, grid, err));
    MUST(rgq_regions_add(regions, "all", 1, weight, err));
    return regions;
}

/* All rows of a region. */
static rgq_peaks peaks_of(const rgq_peak_kernel *kernel, const float *values,
                          const rgq_grid *grid, const rgq_region *region, double from)
{
    return rgq_peaks_of_rows(kernel, values, grid, region,
                             (const int[2]){0, region->n[1] * region->n[2]}, from);
}

START_TEST(radius_of_one_millilitre)
{
    ck_assert_double_eq_tol(rgq_peak_radius_mm(), 6.2035, 1e-4);
    ck_assert_double_eq_tol(4.0 / 3.0 * 3.14159265358979 * pow(rgq_peak_radius_mm(), 3), 1000.0,
                            1e-9);
}
END_TEST

/* The weights of a kernel inside the image are the sphere: 1000 mm^3. */
START_TEST(weights_add_up_to_the_sphere)
{
    static const double spacing_mm[4][3] = {{2, 2, 2}, {4, 4, 3.27}, {1.1, 2.7, 5}, {20, 6, 3}};
    const rgq_grid grid = make_grid(spacing_mm[_i][0], spacing_mm[_i][1], spacing_mm[_i][2]);
    rgq_peak_kernel kernel;

    MUST(rgq_peak_kernel_init(&kernel, &grid, rgq_peak_radius_mm(), err));
    const int rows = (2 * kernel.half[1] + 1) * (2 * kernel.half[2] + 1);
    double sum = 0.0;
    double by_row = 0.0;
    for (int i = 0; i < rows * (2 * kernel.half[0] + 1); i++)
        sum += kernel.weight[i];
    for (int i = 0; i < rows; i++)
        by_row += kernel.row_sum[i];
    ck_assert_double_eq_tol(sum, 1000.0, 1e-9);
    ck_assert_double_eq_tol(by_row, 1000.0, 1e-9);
    rgq_peak_kernel_release(&kernel);
}
END_TEST

/* A constant stays, and a plane gives its value at the centre; at the edge of the image the
 * constant still stays. */
START_TEST(constant_and_plane)
{
    const rgq_grid grid = make_grid(2.0, 2.5, 3.0);
    rgq_peak_kernel kernel;
    float values[COUNT];

    MUST(rgq_peak_kernel_init(&kernel, &grid, rgq_peak_radius_mm(), err));
    for (int i = 0; i < COUNT; i++)
        values[i] = 3.25f;
    static const int at[4][3] = {{7, 6, 5}, {0, 0, 0}, {14, 12, 10}, {7, 0, 10}};
    for (int k = 0; k < 4; k++)
        ck_assert_double_eq_tol(rgq_peak_at(&kernel, values, &grid, at[k]), 3.25, 1e-12);
    for (int i = 0; i < COUNT; i++)
        values[i] = (float)(i % NX + 2 * (i / NX % NY) - 3 * (i / (NX * NY)));
    ck_assert_double_eq_tol(rgq_peak_at(&kernel, values, &grid, at[0]), 7 + 12 - 15, 1e-12);
    rgq_peak_kernel_release(&kernel);
}
END_TEST

/* A voxel larger than the sphere: the peak is the voxel. */
START_TEST(large_voxel_is_its_own_peak)
{
    const rgq_grid grid = make_grid(13.0, 14.0, 15.0);
    rgq_peak_kernel kernel;
    float values[COUNT] = {0.0f};

    MUST(rgq_peak_kernel_init(&kernel, &grid, rgq_peak_radius_mm(), err));
    values[index_of(3, 3, 3)] = 7.0f;
    ck_assert_double_eq_tol(rgq_peak_at(&kernel, values, &grid, (const int[3]){3, 3, 3}), 7.0,
                            1e-12);
    ck_assert(rgq_peak_at(&kernel, values, &grid, (const int[3]){4, 3, 3}) == 0.0);
    rgq_peak_kernel_release(&kernel);
}
END_TEST

/* Direct definition: 120^3 points in the cube about the sphere, each weighing the voxel it
 * falls into, the points outside the image left out. */
static double sampled_peak(const rgq_grid *grid, const float *values, const int at[3])
{
    enum { N = 120 };
    const double r = rgq_peak_radius_mm();
    double spacing_mm[3];
    double sum = 0.0;
    long n = 0;

    rgq_grid_spacing_mm(grid, spacing_mm);
    for (int k = 0; k < N * N * N; k++) {
        const int cell[3] = {k % N, k / N % N, k / (N * N)};
        int voxel[3];
        double d2 = 0.0;
        bool inside = true;
        for (int a = 0; a < 3; a++) {
            const double d = ((cell[a] + 0.5) / N * 2.0 - 1.0) * r;
            d2 += d * d;
            voxel[a] = (int)floor(at[a] + d / spacing_mm[a] + 0.5);
            inside = inside && voxel[a] >= 0 && voxel[a] < grid->n[a];
        }
        if (d2 >= r * r || !inside)
            continue;
        sum += (double)values[index_of(voxel[0], voxel[1], voxel[2])];
        n++;
    }
    return sum / (double)n;
}

START_TEST(agrees_with_sampling)
{
    static const int at[5][3] = {{7, 6, 5}, {0, 0, 0}, {14, 6, 0}, {1, 12, 9}, {13, 1, 10}};
    rgq_grid grid = make_grid(2.2, 2.7, 4.1);
    rgq_peak_kernel kernel;
    float values[COUNT];

    for (int i = 0; i < COUNT; i++)
        values[i] = (float)(i * 7919 % 1013) / 1013.0f;
    MUST(rgq_peak_kernel_init(&kernel, &grid, rgq_peak_radius_mm(), err));
    for (int k = 0; k < 5; k++) /* 120^3 points: 1.1e-3 seen */
        ck_assert_double_eq_tol(rgq_peak_at(&kernel, values, &grid, at[k]),
                                sampled_peak(&grid, values, at[k]), 2e-3);
    rgq_peak_kernel_release(&kernel);
}
END_TEST

/* The same grid turned about z by 30 degrees and mirrored gives the same peak. */
START_TEST(oblique_grid_has_the_same_peak)
{
    const rgq_grid plain = make_grid(2.2, 2.7, 4.1);
    rgq_grid turned = plain;
    rgq_peak_kernel k1;
    rgq_peak_kernel k2;
    float values[COUNT];

    for (int i = 0; i < COUNT; i++)
        values[i] = (float)(i * 7919 % 1013);
    const double c = cos(0.5235987755982988);
    const double s = 0.5;
    for (int a = 0; a < 3; a++) {
        const double x = plain.affine[0][a];
        const double y = plain.affine[1][a];
        turned.affine[0][a] = -(c * x - s * y);
        turned.affine[1][a] = s * x + c * y;
    }
    MUST(rgq_grid_check(&turned, err));
    MUST(rgq_peak_kernel_init(&k1, &plain, rgq_peak_radius_mm(), err));
    MUST(rgq_peak_kernel_init(&k2, &turned, rgq_peak_radius_mm(), err));
    const int at[3] = {7, 6, 5};
    const double want = rgq_peak_at(&k1, values, &plain, at);
    /* the spacing comes out of the affine with a last bit of its own */
    ck_assert_double_eq_tol(rgq_peak_at(&k2, values, &turned, at), want, 1e-9);
    rgq_peak_kernel_release(&k1);
    rgq_peak_kernel_release(&k2);
}
END_TEST

/* peak_local: about the hottest voxel, of two equal ones the higher; peak_global: any centre.
 */
START_TEST(local_and_global)
{
    const rgq_grid grid = make_grid(3.0, 3.0, 3.0);
    rgq_regions *regions = whole(&grid);
    rgq_peak_kernel kernel;
    float values[COUNT] = {0.0f};

    values[index_of(3, 3, 3)] = 10.0f;  /* alone */
    values[index_of(11, 3, 3)] = 10.0f; /* with a neighbour */
    values[index_of(12, 3, 3)] = 5.0f;
    for (int k = 0; k < 125; k++) /* a broad, lower blob */
        values[index_of(5 + k % 5, 7 + k / 5 % 5, 5 + k / 25)] = 6.0f;
    MUST(rgq_peak_kernel_init(&kernel, &grid, rgq_peak_radius_mm(), err));
    const rgq_region *region = rgq_regions_at(regions, 0);
    const rgq_peaks found = peaks_of(&kernel, values, &grid, region, 10.0);
    const double local = found.local;
    const double global = found.global;
    ck_assert(local == rgq_peak_at(&kernel, values, &grid, (const int[3]){11, 3, 3}));
    ck_assert(local > rgq_peak_at(&kernel, values, &grid, (const int[3]){3, 3, 3}));
    ck_assert(global == rgq_peak_at(&kernel, values, &grid, (const int[3]){7, 9, 7}));
    ck_assert_double_gt(global, local);
    double slow = 0.0;
    for (int i = 0; i < COUNT; i++)
        slow = fmax(slow, rgq_peak_at(&kernel, values, &grid,
                                      (const int[3]){i % NX, i / NX % NY, i / (NX * NY)}));
    ck_assert(slow == global);
    rgq_regions_free(regions);
    rgq_peak_kernel_release(&kernel);
}
END_TEST

/* Direct definition: every overlap volume weighs its voxel, one after the other. */
static double slow_peak(const rgq_peak_kernel *kernel, const float *values,
                        const rgq_grid *grid, const int at[3])
{
    const int *h = kernel->half;
    double sum = 0.0;
    double weights = 0.0;

    for (int dz = -h[2]; dz <= h[2]; dz++)
        for (int dy = -h[1]; dy <= h[1]; dy++)
            for (int dx = -h[0]; dx <= h[0]; dx++) {
                const int v[3] = {at[0] + dx, at[1] + dy, at[2] + dz};
                const double w =
                    kernel->weight[((dz + h[2]) * (2 * h[1] + 1) + dy + h[1]) * (2 * h[0] + 1) +
                                   dx + h[0]];
                bool inside = true;
                for (int a = 0; a < 3; a++)
                    inside = inside && v[a] >= 0 && v[a] < grid->n[a];
                if (!inside)
                    continue;
                sum += w * (double)values[index_of(v[0], v[1], v[2])];
                weights += w;
            }
    return sum / weights;
}

/* Every voxel of the image as a centre, blocks begun anywhere: the direct sum to 1e-12 (the
 * order of the additions differs), and the same bits wherever in its block a centre lies. The
 * finest grid has more taps in a row than are done at a time. */
START_TEST(blocks_are_the_direct_sum)
{
    static const double spacing_mm[5][3] = {
        {2, 2, 2}, {4, 4, 3.27}, {1.1, 2.7, 5}, {20, 6, 3}, {0.3, 3, 4}};
    const rgq_grid grid = make_grid(spacing_mm[_i][0], spacing_mm[_i][1], spacing_mm[_i][2]);
    rgq_peak_kernel kernel;
    float values[COUNT];
    double mean[RGQ_PEAK_LANES];

    for (int i = 0; i < COUNT; i++)
        values[i] = 1.0f + (float)(i * 7919 % 1013) / 1013.0f;
    MUST(rgq_peak_kernel_init(&kernel, &grid, rgq_peak_radius_mm(), err));
    for (int i = 0; i < COUNT; i++) {
        const int at[3] = {i % NX, i / NX % NY, i / (NX * NY)};
        const double one = rgq_peak_at(&kernel, values, &grid, at);
        ck_assert_double_eq_tol(one, slow_peak(&kernel, values, &grid, at), 1e-12);
        rgq_peak_block(mean, &kernel, values, &grid, (const int[3]){i % 5, at[1], at[2]});
        if (at[0] >= i % 5)
            ck_assert(mean[at[0] - i % 5] == one);
    }
    rgq_peak_kernel_release(&kernel);
}
END_TEST

/* The middle of the image, wide enough in x that a block lies inside it. */
START_TEST(long_rows_are_the_direct_sum)
{
    enum { LONG = 90, N = LONG * 9 * 9 };
    const rgq_grid grid = rgq_grid_make(
        (const int[3]){LONG, 9, 9}, (const double[3]){0.3, 2, 3}, (const double[3]){0, 0, 0});
    rgq_peak_kernel kernel;
    float *values = malloc(N * sizeof *values);

    ck_assert_ptr_nonnull(values);
    for (int i = 0; i < N; i++)
        values[i] = 1.0f + (float)(i * 7919 % 1013) / 1013.0f;
    MUST(rgq_peak_kernel_init(&kernel, &grid, rgq_peak_radius_mm(), err));
    ck_assert_int_gt(2 * kernel.half[0] + 1, 32);
    for (int x = 0; x < LONG; x++) {
        const int *h = kernel.half;
        double sum[2] = {0.0, 0.0};
        for (int dz = -h[2]; dz <= h[2]; dz++)
            for (int dy = -h[1]; dy <= h[1]; dy++)
                for (int dx = -h[0]; dx <= h[0]; dx++) {
                    const double w = kernel.weight[((dz + h[2]) * (2 * h[1] + 1) + dy + h[1]) *
                                                       (2 * h[0] + 1) +
                                                   dx + h[0]];
                    if (x + dx < 0 || x + dx >= LONG)
                        continue;
                    sum[0] += w * (double)values[((4 + dz) * 9 + 4 + dy) * LONG + x + dx];
                    sum[1] += w;
                }
        ck_assert_double_eq_tol(rgq_peak_at(&kernel, values, &grid, (const int[3]){x, 4, 4}),
                                sum[0] / sum[1], 1e-12);
    }
    free(values);
    rgq_peak_kernel_release(&kernel);
}
END_TEST

/* Several regions, one of them empty, for 1, 2 and 3 threads: the same bits, and each what it
 * is alone. */
START_TEST(same_bits_for_any_threads)
{
    const rgq_grid grid = make_grid(2.0, 2.5, 3.0);
    rgq_regions *regions = whole(&grid);
    rgq_peak_kernel kernel;
    float values[COUNT];
    float weight[COUNT];
    rgq_survey found[3][3];
    rgq_moments alone;

    for (int i = 0; i < COUNT; i++) {
        values[i] = (float)(i * 7919 % 1013) / 7.0f;
        weight[i] = i % NX > 8 && i % 3 == 0 ? 1.0f : 0.0f;
    }
    MUST(rgq_regions_add(regions, "sparse", 2, weight, err));
    MUST(rgq_regions_add_box(regions, "empty", 3, (const int[3]){0, 0, 0},
                             (const int[3]){0, 0, 0}, NULL, err));
    MUST(rgq_peak_kernel_init(&kernel, &grid, rgq_peak_radius_mm(), err));
    memset(found, 0, sizeof found); /* padding too */
    for (int t = 0; t < 3; t++) {
        rgq_threads_set(t + 1);
        MUST(rgq_survey_regions(found[t], values, &grid, regions, &kernel, err));
    }
    ck_assert(memcmp(found[0], found[1], sizeof found[0]) == 0);
    ck_assert(memcmp(found[0], found[2], sizeof found[0]) == 0);
    for (int i = 0; i < 2; i++) {
        const rgq_region *region = rgq_regions_at(regions, i);
        MUST(rgq_moments_measure(&alone, values, &grid, region, err));
        const rgq_peaks peaks = peaks_of(&kernel, values, &grid, region, alone.max);
        ck_assert(memcmp(&alone, &found[0][i].moments, sizeof alone) == 0);
        ck_assert(peaks.local == found[0][i].peaks.local);
        ck_assert(peaks.global == found[0][i].peaks.global);
    }
    ck_assert(isnan(found[0][2].peaks.global) && found[0][2].moments.n_voxels == 0);
    rgq_regions_free(regions);
    rgq_peak_kernel_release(&kernel);
}
END_TEST

START_TEST(tiny_voxels_and_torture)
{
    rgq_grid grid =
        rgq_grid_make((const int[3]){300, 300, 300}, (const double[3]){0.01, 0.01, 0.01},
                      (const double[3]){0, 0, 0});
    rgq_peak_kernel kernel;
    rgq_regions *regions = NULL;
    float values[COUNT] = {1.0f};
    rgq_survey survey;

    REFUSED(rgq_peak_kernel_init(&kernel, &grid, rgq_peak_radius_mm(), err), RGQ_E_UNSUPPORTED,
            "sphere of 1 mL");
    grid = make_grid(0.01, 0.01, 0.01); /* the image is smaller than the sphere: its mean */
    MUST(rgq_peak_kernel_init(&kernel, &grid, rgq_peak_radius_mm(), err));
    ck_assert_double_eq_tol(rgq_peak_at(&kernel, values, &grid, (const int[3]){0, 0, 0}),
                            1.0 / COUNT, 1e-12);
    rgq_peak_kernel_release(&kernel);
    grid = make_grid(4, 4, 4);
    regions = whole(&grid);
    TORTURE(rgq_peak_kernel_init(&kernel, &grid, rgq_peak_radius_mm(), err),
            torture_st == RGQ_OK ? (void)0 : rgq_peak_kernel_release(&kernel), 3);
    TORTURE(rgq_survey_regions(&survey, values, &grid, regions, &kernel, err), (void)0, 2);
    rgq_peak_kernel_release(&kernel);
    rgq_regions_free(regions);
}
END_TEST

RGQ_CHECK_MAIN("measure.peak", tcase_add_test(tc, radius_of_one_millilitre);
               tcase_add_loop_test(tc, weights_add_up_to_the_sphere, 0, 4);
               tcase_add_test(tc, constant_and_plane);
               tcase_add_test(tc, large_voxel_is_its_own_peak);
               tcase_add_test(tc, agrees_with_sampling);
               tcase_add_test(tc, oblique_grid_has_the_same_peak);
               tcase_add_test(tc, local_and_global);
               tcase_add_loop_test(tc, blocks_are_the_direct_sum, 0, 5);
               tcase_add_test(tc, long_rows_are_the_direct_sum);
               tcase_add_test(tc, same_bits_for_any_threads);
               tcase_add_test(tc, tiny_voxels_and_torture))
