/* Polygons to voxels: cases by hand, a slow oracle, invariants, refusals. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "rgq_check.h"
#include "volume/contour.h"

enum { POINTS_MAX = 64, CONTOURS_MAX = 16 };

/* Polygons in index coordinates of a grid, made world points. */
typedef struct drawing {
    double point[CONTOURS_MAX][POINTS_MAX][3];
    rgq_contour contour[CONTOURS_MAX];
    size_t n;
} drawing;

static void draw(drawing *d, const rgq_grid *grid, double k, size_t n, const double (*uv)[2])
{
    ck_assert(d->n < CONTOURS_MAX && n <= POINTS_MAX);
    for (size_t p = 0; p < n; p++)
        rgq_grid_to_world(grid, (const double[3]){uv[p][0], uv[p][1], k}, d->point[d->n][p]);
    d->contour[d->n] = (rgq_contour){d->point[d->n], n};
    d->n++;
}

static void draw_box(drawing *d, const rgq_grid *grid, double k, double a, double b)
{
    const double uv[4][2] = {{a, a}, {b, a}, {b, b}, {a, b}};
    draw(d, grid, k, 4, uv);
}

static rgq_grid plain_grid(int nx, int ny, int nz)
{
    const int n[3] = {nx, ny, nz};
    const double spacing[3] = {2.0, 2.0, 3.0};
    const double origin[3] = {-7.0, 5.0, 11.0};
    return rgq_grid_make(n, spacing, origin);
}

/* Turned by 20 degrees about z and then 30 about x. */
static rgq_grid oblique_grid(int nx, int ny, int nz)
{
    const double a = 20.0 * 3.14159265358979 / 180.0;
    const double b = 30.0 * 3.14159265358979 / 180.0;
    const double s[3] = {2.5, 3.0, 4.0};
    const double r[3][3] = {{cos(a), -sin(a), 0.0},
                            {cos(b) * sin(a), cos(b) * cos(a), -sin(b)},
                            {sin(b) * sin(a), sin(b) * cos(a), cos(b)}};
    rgq_grid grid = {{nx, ny, nz}, {{0.0}}};
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++)
            grid.affine[i][j] = r[i][j] * s[j];
        grid.affine[i][3] = 10.0 * i - 17.25;
    }
    return grid;
}

static rgq_contour_fill fill(const drawing *d, const rgq_grid *grid)
{
    rgq_contour_fill out = {.weight = NULL};
    MUST(rgq_contours_fill(&out, grid, d->contour, d->n, err));
    return out;
}

static int weight_at(const rgq_contour_fill *f, int x, int y, int z)
{
    const int at[3] = {x - f->lo[0], y - f->lo[1], z - f->lo[2]};
    for (int a = 0; a < 3; a++)
        if (at[a] < 0 || at[a] >= f->n[a])
            return 0;
    return (int)f->weight[(at[2] * f->n[1] + at[1]) * f->n[0] + at[0]];
}

static int count(const rgq_contour_fill *f)
{
    int n = 0;
    for (int i = 0; i < f->n[0] * f->n[1] * f->n[2]; i++)
        n += f->weight[i] > 0.0F;
    return n;
}

static int count_of(const drawing *d, const rgq_grid *grid)
{
    rgq_contour_fill f = fill(d, grid);
    const int n = count(&f);
    rgq_contour_fill_release(&f);
    return n;
}

static drawing d;

static void begin(void)
{
    memset(&d, 0, sizeof d);
}

static void end(void)
{
}

START_TEST(square_and_hole)
{
    const rgq_grid grid = plain_grid(12, 12, 3);
    draw_box(&d, &grid, 1.0, 1.5, 8.5); /* centres 2 .. 8: 49 */
    ck_assert_int_eq(count_of(&d, &grid), 49);
    draw_box(&d, &grid, 1.0, 3.5, 5.5); /* a hole of 4 */
    rgq_contour_fill f = fill(&d, &grid);
    ck_assert_int_eq(count(&f), 45);
    ck_assert_int_eq(weight_at(&f, 4, 5, 1), 0);
    ck_assert_int_eq(weight_at(&f, 3, 5, 1), 1);
    ck_assert_int_eq(weight_at(&f, 3, 5, 0), 0);
    ck_assert_int_eq(f.axis, 'k');
    rgq_contour_fill_release(&f);
    draw_box(&d, &grid, 1.0, 3.9, 4.1); /* an island of 1 in the hole */
    ck_assert_int_eq(count_of(&d, &grid), 46);
}
END_TEST

/* Which way round the points go, and where they begin, does not count. */
START_TEST(direction_and_start)
{
    const rgq_grid grid = plain_grid(12, 12, 2);
    const double star[6][2] = {{1.2, 1.1}, {9.7, 2.3}, {6.1, 5.2},
                               {8.8, 9.9}, {4.4, 6.3}, {0.7, 8.1}};
    double turned[6][2];
    draw(&d, &grid, 0.0, 6, star);
    rgq_contour_fill a = fill(&d, &grid);
    ck_assert_int_gt(count(&a), 20);
    for (size_t start = 0; start < 6; start++)
        for (int way = 0; way < 2; way++) {
            for (size_t p = 0; p < 6; p++)
                memcpy(turned[p], star[(start + (way ? 6 - p : p)) % 6], sizeof turned[p]);
            begin();
            draw(&d, &grid, 0.0, 6, (const double(*)[2])turned);
            rgq_contour_fill b = fill(&d, &grid);
            ck_assert_mem_eq(a.lo, b.lo, sizeof a.lo);
            ck_assert_mem_eq(a.n, b.n, sizeof a.n);
            ck_assert_mem_eq(a.weight, b.weight,
                             sizeof(float) * (size_t)(a.n[0] * a.n[1] * a.n[2]));
            rgq_contour_fill_release(&b);
        }
    rgq_contour_fill_release(&a);
}
END_TEST

/* Edges through centres: the smaller index belongs, the larger one does not. */
START_TEST(centres_on_edges)
{
    const rgq_grid grid = plain_grid(12, 12, 1);
    draw_box(&d, &grid, 0.0, 2.0, 5.0);
    rgq_contour_fill f = fill(&d, &grid);
    ck_assert_int_eq(count(&f), 9);
    ck_assert_int_eq(weight_at(&f, 2, 2, 0), 1);
    ck_assert_int_eq(weight_at(&f, 5, 4, 0), 0);
    ck_assert_int_eq(weight_at(&f, 4, 5, 0), 0);
    rgq_contour_fill_release(&f);
    /* two triangles that share the diagonal through the centres: no gap, no overlap */
    const double lower[3][2] = {{1.0, 1.0}, {9.0, 1.0}, {9.0, 9.0}};
    const double upper[3][2] = {{1.0, 1.0}, {9.0, 9.0}, {1.0, 9.0}};
    begin();
    draw(&d, &grid, 0.0, 3, lower);
    rgq_contour_fill a = fill(&d, &grid);
    begin();
    draw(&d, &grid, 0.0, 3, upper);
    rgq_contour_fill b = fill(&d, &grid);
    ck_assert_int_eq(count(&a) + count(&b), 64);
    for (int y = 0; y < 12; y++)
        for (int x = 0; x < 12; x++)
            ck_assert_int_eq(weight_at(&a, x, y, 0) + weight_at(&b, x, y, 0),
                             x >= 1 && x < 9 && y >= 1 && y < 9);
    rgq_contour_fill_release(&a);
    rgq_contour_fill_release(&b);
    /* what doubles lose is not taken for a side; 1e-4 voxel, which a file writes, is */
    begin();
    draw_box(&d, &grid, 0.0, 2.0 + 1e-9, 5.0 + 1e-9);
    ck_assert_int_eq(count_of(&d, &grid), 9);
    begin();
    draw_box(&d, &grid, 0.0, 2.0 + 1e-4, 5.0 + 1e-4);
    rgq_contour_fill c = fill(&d, &grid);
    ck_assert_int_eq(weight_at(&c, 2, 3, 0), 0);
    ck_assert_int_eq(weight_at(&c, 5, 5, 0), 1);
    rgq_contour_fill_release(&c);
}
END_TEST

START_TEST(small_and_crossed)
{
    const rgq_grid grid = plain_grid(12, 12, 1);
    draw_box(&d, &grid, 0.0, 2.1, 2.9); /* between the centres */
    rgq_contour_fill f = fill(&d, &grid);
    ck_assert_int_eq(count(&f), 0);
    rgq_contour_fill_release(&f);
    begin();
    const double eight[4][2] = {{1.5, 1.5}, {8.5, 8.5}, {8.5, 1.5}, {1.5, 8.5}};
    draw(&d, &grid, 0.0, 4, eight); /* two triangles that touch at (5, 5) */
    f = fill(&d, &grid);
    ck_assert_int_eq(weight_at(&f, 2, 4, 0), 1);
    ck_assert_int_eq(weight_at(&f, 8, 4, 0), 1);
    ck_assert_int_eq(weight_at(&f, 5, 3, 0), 0);
    ck_assert_int_eq(weight_at(&f, 5, 7, 0), 0);
    rgq_contour_fill_release(&f);
    begin(); /* a slit joins the outer to the inner edge: a hole in one contour */
    const double keyhole[10][2] = {{1.5, 1.5}, {9.5, 1.5}, {9.5, 9.5}, {1.5, 9.5}, {1.5, 5.2},
                                   {3.5, 5.2}, {3.5, 6.5}, {6.5, 6.5}, {6.5, 5.2}, {1.5, 5.2}};
    draw(&d, &grid, 0.0, 10, keyhole);
    ck_assert_int_eq(count_of(&d, &grid), 61); /* 64 less (4, 5, 6) in row 6 */
    begin();
    const double line[3][2] = {{1.0, 1.0}, {5.0, 5.0}, {3.0, 3.0}};
    draw(&d, &grid, 0.0, 3, line);
    ck_assert_int_eq(count_of(&d, &grid), 0);
    begin();
    draw_box(&d, &grid, 0.0, 1.5, 4.5);
    draw_box(&d, &grid, 0.0, 1.5, 4.5); /* twice the same is once */
    f = fill(&d, &grid);
    ck_assert_int_eq(count(&f), 9);
    ck_assert_uint_eq(f.n_doubled, 1);
    rgq_contour_fill_release(&f);
}
END_TEST

/* ---- the oracle: every centre against every edge, by the winding of even-odd ---- */

static unsigned state;

static double random_unit(void)
{
    state = state * 1664525U + 1013904223U;
    return (double)(state >> 8U) / 16777216.0;
}

static int is_inside(const double (*uv)[2], size_t n, double x, double y)
{
    int inside = 0;
    for (size_t i = 0; i < n; i++) {
        const double *a = uv[i];
        const double *b = uv[(i + 1) % n];
        if ((a[1] > y) != (b[1] > y) && x < (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]) + a[0])
            inside = !inside;
    }
    return inside;
}

START_TEST(against_every_edge)
{
    const rgq_grid grid = _i % 2 == 0 ? plain_grid(15, 11, 4) : oblique_grid(15, 11, 4);
    double uv[4][POINTS_MAX][2];
    size_t n[4];
    state = (unsigned)_i * 7919U + 1U;
    for (int c = 0; c < 4; c++) { /* two contours a slice, on slices 1 and 2, some outside */
        n[c] = 3 + (size_t)(random_unit() * 40.0);
        for (size_t p = 0; p < n[c]; p++) {
            uv[c][p][0] = random_unit() * 19.0 - 2.0;
            uv[c][p][1] = random_unit() * 15.0 - 2.0;
        }
        draw(&d, &grid, 1.0 + c / 2, n[c], (const double(*)[2])uv[c]);
    }
    rgq_contour_fill f = fill(&d, &grid);
    for (int z = 0; z < 4; z++)
        for (int y = 0; y < 11; y++)
            for (int x = 0; x < 15; x++) {
                int want = 0;
                for (int c = 0; c < 4; c++)
                    if (1 + c / 2 == z)
                        want ^= is_inside((const double(*)[2])uv[c], n[c], x, y);
                ck_assert_int_eq(weight_at(&f, x, y, z), want);
            }
    rgq_contour_fill_release(&f);
}
END_TEST

/* Whole voxels of translation move the result and change nothing. */
START_TEST(translation)
{
    const rgq_grid grid = oblique_grid(30, 30, 8);
    const double shape[5][2] = {{2.3, 3.1}, {8.7, 2.2}, {9.9, 7.4}, {5.0, 10.3}, {1.1, 6.6}};
    double moved[5][2];
    draw(&d, &grid, 2.0, 5, shape);
    rgq_contour_fill a = fill(&d, &grid);
    for (int p = 0; p < 5; p++) {
        moved[p][0] = shape[p][0] + 11.0;
        moved[p][1] = shape[p][1] + 7.0;
    }
    begin();
    draw(&d, &grid, 5.0, 5, (const double(*)[2])moved);
    rgq_contour_fill b = fill(&d, &grid);
    ck_assert_int_eq(b.lo[0] - a.lo[0], 11);
    ck_assert_int_eq(b.lo[1] - a.lo[1], 7);
    ck_assert_int_eq(b.lo[2] - a.lo[2], 3);
    ck_assert_mem_eq(a.n, b.n, sizeof a.n);
    ck_assert_mem_eq(a.weight, b.weight, sizeof(float) * (size_t)(a.n[0] * a.n[1] * a.n[2]));
    rgq_contour_fill_release(&a);
    rgq_contour_fill_release(&b);
}
END_TEST

/* ---- planes ---- */

START_TEST(planes_and_slices)
{
    const rgq_grid grid = plain_grid(20, 20, 30);
    /* 0.04 slice off is on it; a slice without a contour stays empty */
    draw_box(&d, &grid, 3.04, 1.5, 5.5);
    draw_box(&d, &grid, 4.0, 1.5, 5.5);
    draw_box(&d, &grid, 5.0, 1.5, 5.5);
    draw_box(&d, &grid, 8.96, 1.5, 5.5);
    rgq_contour_fill f = fill(&d, &grid);
    ck_assert_int_eq(count(&f), 4 * 16);
    ck_assert_int_eq(weight_at(&f, 3, 3, 6), 0);
    ck_assert_uint_eq(f.n_off_slice, 0);
    ck_assert_uint_eq(f.n_interpolated, 0);
    rgq_contour_fill_release(&f);
    begin(); /* drawn on every second slice: between is filled, the ends are not longer */
    for (int k = 4; k <= 10; k += 2)
        draw_box(&d, &grid, k, 1.5, 5.5);
    f = fill(&d, &grid);
    ck_assert_int_eq(count(&f), 7 * 16);
    ck_assert_uint_eq(f.n_interpolated, 3);
    rgq_contour_fill_release(&f);
    begin(); /* beside the slices: each plane stands for a slab of the usual thickness */
    for (int k = 4; k < 9; k++)
        draw_box(&d, &grid, k + 0.5, 1.5, 5.5);
    f = fill(&d, &grid);
    ck_assert_int_eq(count(&f), 5 * 16);
    ck_assert_int_eq(weight_at(&f, 3, 3, 4), 1);
    ck_assert_int_eq(weight_at(&f, 3, 3, 9), 0);
    ck_assert_uint_eq(f.n_off_slice, 5);
    rgq_contour_fill_release(&f);
    begin(); /* finer than the slices: 4.15 .. 8.15 and half of 0.4 at either end */
    for (int k = 0; k <= 10; k++)
        draw_box(&d, &grid, 4.15 + 0.4 * k, 1.5, 5.5);
    ck_assert_int_eq(count_of(&d, &grid), 5 * 16); /* slices 4 to 8 */
    begin();                                       /* one plane stands for a slice */
    draw_box(&d, &grid, 6.3, 1.5, 5.5);
    f = fill(&d, &grid);
    ck_assert_int_eq(count(&f), 16);
    ck_assert_int_eq(weight_at(&f, 3, 3, 6), 1);
    rgq_contour_fill_release(&f);
}
END_TEST

/* Half-way between two concentric squares lies a square half-way. */
START_TEST(shape_between)
{
    const rgq_grid grid = plain_grid(30, 30, 3);
    draw_box(&d, &grid, 0.0, 12.5, 16.5); /* 4 x 4 */
    draw_box(&d, &grid, 2.0, 8.5, 20.5);  /* 12 x 12 */
    rgq_contour_fill f = fill(&d, &grid);
    int n = 0;
    for (int y = 0; y < 30; y++)
        for (int x = 0; x < 30; x++) {
            const int in = weight_at(&f, x, y, 1);
            n += in;
            if (x >= 12 && x <= 16 && y >= 12 && y <= 16)
                ck_assert_int_eq(in, 1);
            if (x < 9 || x > 20 || y < 9 || y > 20)
                ck_assert_int_eq(in, 0);
        }
    ck_assert_int_eq(n, 64); /* 8 x 8: its corner is 2 sqrt(2) from the one, 3 from the other */
    rgq_contour_fill_release(&f);
    begin(); /* equal squares stay as they are, for any share */
    draw_box(&d, &grid, -0.3, 8.5, 20.5);
    draw_box(&d, &grid, 2.4, 8.5, 20.5);
    ck_assert_int_eq(count_of(&d, &grid), 3 * 144);
    begin(); /* a gap wider than 10 mm is a gap */
    const rgq_grid tall = plain_grid(30, 30, 9);
    draw_box(&d, &tall, 1.0, 8.5, 20.5);
    draw_box(&d, &tall, 7.0, 8.5, 20.5);
    ck_assert_int_eq(count_of(&d, &tall), 2 * 144);
}
END_TEST

/* Contours across another axis of the grid. */
START_TEST(other_axes)
{
    const rgq_grid grid = oblique_grid(10, 12, 14);
    double point[4][3];
    static const double corner[4][2] = {{2.5, 3.5}, {6.5, 3.5}, {6.5, 5.5}, {2.5, 5.5}};
    for (int across = 0; across < 2; across++) {
        for (int p = 0; p < 4; p++) {
            double index[3];
            index[across] = 4.0;
            index[1 - across] = corner[p][0];
            index[2] = corner[p][1];
            rgq_grid_to_world(&grid, index, point[p]);
        }
        const rgq_contour one = {point, 4};
        rgq_contour_fill f = {.weight = NULL};
        MUST(rgq_contours_fill(&f, &grid, &one, 1, err));
        ck_assert_int_eq(f.axis, "ij"[across]);
        ck_assert_int_eq(count(&f), 8);
        ck_assert_int_eq(weight_at(&f, across == 0 ? 4 : 3, across == 0 ? 3 : 4, 5), 1);
        rgq_contour_fill_release(&f);
    }
}
END_TEST

START_TEST(partly_outside)
{
    const rgq_grid grid = plain_grid(12, 12, 3);
    draw_box(&d, &grid, 1.0, -50.0, 3.5);
    draw_box(&d, &grid, 70.0, 1.5, 5.5);
    rgq_contour_fill f = fill(&d, &grid);
    ck_assert_int_eq(count(&f), 16);
    ck_assert_uint_eq(f.n_planes, 2);
    ck_assert_uint_eq(f.n_outside, 1);
    rgq_contour_fill_release(&f);
    begin();
    draw_box(&d, &grid, 1.0, 100.0, 120.0);
    ck_assert_int_eq(count_of(&d, &grid), 0);
    begin();
    draw_box(&d, &grid, -9.0, 1.5, 5.5);
    ck_assert_int_eq(count_of(&d, &grid), 0);
    begin();
    ck_assert_int_eq(count_of(&d, &grid), 0); /* no contour at all */
}
END_TEST

START_TEST(refusals)
{
    const rgq_grid grid = plain_grid(12, 12, 12);
    rgq_contour_fill f = {.weight = NULL};
    draw_box(&d, &grid, 1.0, 1.5, 5.5);
    d.contour[0].n = 2;
    REFUSED(rgq_contours_fill(&f, &grid, d.contour, 1, err), RGQ_E_ARGUMENT, "2 points");
    d.contour[0].n = 4;
    d.point[0][1][2] += 1.5; /* half a slice out of its plane */
    REFUSED(rgq_contours_fill(&f, &grid, d.contour, 1, err), RGQ_E_GEOMETRY, "0.5 slices");
    d.point[0][1][2] = 3e5;
    REFUSED(rgq_contours_fill(&f, &grid, d.contour, 1, err), RGQ_E_GEOMETRY, "300000");
    d.point[0][1][2] = (double)NAN;
    REFUSED(rgq_contours_fill(&f, &grid, d.contour, 1, err), RGQ_E_GEOMETRY, "nan");
    ck_assert_ptr_null(f.weight);
}
END_TEST

START_TEST(no_memory)
{
    const rgq_grid grid = plain_grid(12, 12, 5);
    rgq_contour_fill f = {.weight = NULL};
    draw_box(&d, &grid, 1.0, 1.5, 5.5);
    draw_box(&d, &grid, 3.0, 1.5, 6.5);
    TORTURE(rgq_contours_fill(&f, &grid, d.contour, d.n, err), rgq_contour_fill_release(&f),
            10);
}
END_TEST

RGQ_CHECK_MAIN("contour", tcase_add_checked_fixture(tc, begin, end);
               tcase_add_test(tc, square_and_hole); tcase_add_test(tc, direction_and_start);
               tcase_add_test(tc, centres_on_edges); tcase_add_test(tc, small_and_crossed);
               tcase_add_loop_test(tc, against_every_edge, 0, 60);
               tcase_add_test(tc, translation); tcase_add_test(tc, planes_and_slices);
               tcase_add_test(tc, shape_between); tcase_add_test(tc, other_axes);
               tcase_add_test(tc, partly_outside); tcase_add_test(tc, refusals);
               tcase_add_test(tc, no_memory))
