/* num/overlap.c: solids with a formula, the partition of space, a sampling oracle. */
#include <math.h>

#include "num/overlap.h"
#include "rgq_check.h"

static const double pi = 3.14159265358979323846;

static unsigned state_of_test = 1U;

static double uniform(double lo, double hi)
{
    state_of_test = state_of_test * 1664525U + 1013904223U;
    return lo + (hi - lo) * ((double)(state_of_test >> 8) + 0.5) / 16777216.0;
}

/* Tolerance: some tens of roundings of terms of size r^3 */
static const double tol = 1e-12;

START_TEST(solids_with_a_formula)
{
    const double r = 2.0;
    const double ball = 4.0 / 3.0 * pi * r * r * r;
    const double h = r - 0.7; /* height of the cap beyond z = 0.7 */
    const double cap = pi * h * h * (3.0 * r - h) / 3.0;
    const struct {
        double lo[3], hi[3], want;
    } row[] = {
        {{-3, -3, -3}, {3, 3, 3}, ball},
        {{-2, -2, -2}, {2, 2, 2}, ball},
        {{0, -3, -3}, {3, 3, 3}, ball / 2},
        {{0, -3, 0}, {3, 3, 3}, ball / 4},
        {{0, 0, 0}, {3, 3, 3}, ball / 8},
        {{-3, -3, -3}, {0, 0, 0}, ball / 8},
        {{-3, -3, 0.7}, {3, 3, 3}, cap},
        {{-3, -3, -3}, {3, -0.7, 3}, cap},
        {{-3, -3, -0.7}, {3, 3, 3}, ball - cap},
        {{0, -3, 0.7}, {3, 3, 3}, cap / 2},
        {{0, 0, 0.7}, {3, 3, 3}, cap / 4},
        {{-0.7, -3, -3}, {0.7, 3, 3}, ball - 2 * cap},
        {{-1, -1, -1}, {1, 1, 1}, 8}, /* inside: the corner is at sqrt(3) < 2 */
        {{2, -3, -3}, {3, 3, 3}, 0},
        {{1.5, 1.5, 0}, {3, 3, 3}, 0}, /* its nearest edge is at 2.12 */
        {{5, 5, 5}, {6, 6, 6}, 0},
        {{0.5, 0.5, 0.5}, {0.5, 1, 1}, 0}, /* no thickness */
    };
    for (int i = 0; i < ROWS(row); i++)
        ck_assert_double_eq_tol(rgq_ball_box_volume(r, row[i].lo, row[i].hi), row[i].want, tol);
}
END_TEST

/* A cube of side 2 through whose faces the ball comes but not through its edges:
 * V = ball - 6 caps for 1 < r < sqrt(2). */
START_TEST(ball_through_the_faces_of_a_cube)
{
    for (double r = 1.01; r < 1.414; r += 0.05) {
        const double h = r - 1.0;
        const double cap = pi * h * h * (3.0 * r - h) / 3.0;
        ck_assert_double_eq_tol(
            rgq_ball_box_volume(r, (const double[3]){-1, -1, -1}, (const double[3]){1, 1, 1}),
            4.0 / 3.0 * pi * r * r * r - 6.0 * cap, tol);
    }
}
END_TEST

/* Any grid of boxes that covers the ball holds all of it. */
START_TEST(partition_adds_up)
{
    for (int trial = 0; trial < 60; trial++) {
        const double r = uniform(0.5, 8.0);
        double edge[3][9];
        double total = 0.0;
        for (int a = 0; a < 3; a++) {
            edge[a][0] = -r - uniform(0.0, 1.0);
            for (int k = 1; k < 8; k++)
                edge[a][k] = edge[a][k - 1] + uniform(0.0, 2.2 * r / 7.0);
            edge[a][8] = r + uniform(0.0, 1.0) + fmax(edge[a][7], 0.0);
        }
        for (int k = 0; k < 512; k++) {
            const int i[3] = {k % 8, k / 8 % 8, k / 64};
            const double lo[3] = {edge[0][i[0]], edge[1][i[1]], edge[2][i[2]]};
            const double hi[3] = {edge[0][i[0] + 1], edge[1][i[1] + 1], edge[2][i[2] + 1]};
            const double v = rgq_ball_box_volume(r, lo, hi);
            ck_assert(v >= 0.0 && v <= (hi[0] - lo[0]) * (hi[1] - lo[1]) * (hi[2] - lo[2]));
            total += v;
        }
        ck_assert_double_eq_tol(total / (4.0 / 3.0 * pi * r * r * r), 1.0, 1e-11);
    }
}
END_TEST

/* Faces and edges a hair inside and outside the ball: where square roots lose half the digits
 * if they are not shared. */
START_TEST(near_tangent_boxes)
{
    const double r = 6.2035049;
    for (double gap = 1e-15; gap < 1e-2; gap *= 10.0) {
        const double side = r * (1.0 - gap);
        const double h = r - side;
        const double cap = pi * h * h * (3.0 * r - h) / 3.0;
        ck_assert_double_eq_tol(
            rgq_ball_box_volume(r, (const double[3]){side, -9, -9}, (const double[3]){9, 9, 9}),
            cap, tol * r * r * r);
        /* an edge at a distance of (1 - gap) r: two boxes that share a plane make a third */
        const double a = side * sqrt(0.5);
        const double lo[3] = {a, a, -9};
        const double v =
            rgq_ball_box_volume(r, lo, (const double[3]){9, 9, 0.1}) +
            rgq_ball_box_volume(r, (const double[3]){a, a, 0.1}, (const double[3]){9, 9, 9});
        ck_assert_double_eq_tol(v, rgq_ball_box_volume(r, lo, (const double[3]){9, 9, 9}),
                                tol * r * r * r);
        /* smaller than the segment of the chord: length 2 sqrt(r^2 - 2a^2), area below h^2 */
        ck_assert(v >= 0.0 && v <= 8.0 * r * h * h + tol * r * r * r);
    }
}
END_TEST

/* 200^3 points at the centres of equal cells. */
START_TEST(sampling_oracle)
{
    enum { N = 200 };
    for (int trial = 0; trial < 12; trial++) {
        double lo[3];
        double hi[3];
        const double r = 5.0;
        long hits = 0;
        double box = 1.0;
        for (int a = 0; a < 3; a++) {
            lo[a] = uniform(-6.0, 4.0);
            hi[a] = lo[a] + uniform(1.0, 6.0);
            box *= hi[a] - lo[a];
        }
        for (int k = 0; k < N; k++)
            for (int j = 0; j < N; j++)
                for (int i = 0; i < N; i++) {
                    const double x = lo[0] + (i + 0.5) / N * (hi[0] - lo[0]);
                    const double y = lo[1] + (j + 0.5) / N * (hi[1] - lo[1]);
                    const double z = lo[2] + (k + 0.5) / N * (hi[2] - lo[2]);
                    hits += x * x + y * y + z * z < r * r;
                }
        const double sampled = box * (double)hits / ((double)N * N * N);
        /* the surface cuts at most about 3 N^2 cells; their errors average out to ~1/N^2 */
        ck_assert_double_eq_tol(rgq_ball_box_volume(r, lo, hi), sampled, 2e-4 * box);
    }
}
END_TEST

/* Whole disc, half, quarter, a corner by the formula of a segment, and a sampled box. */
START_TEST(discs)
{
    const double r = 2.0;
    const double segment = r * r * acos(0.5) - sqrt(3.0); /* beyond x = 1 */
    const struct {
        double lo[2], hi[2], want;
    } row[] = {
        {{-3, -3}, {3, 3}, pi * r * r},       {{0, -3}, {3, 3}, 0.5 * pi * r * r},
        {{0, 0}, {3, 3}, 0.25 * pi * r * r},  {{1, -3}, {3, 3}, segment},
        {{-3, -3}, {-1, 3}, segment},         {{-1, -3}, {1, 3}, pi * r * r - 2.0 * segment},
        {{-0.5, -0.25}, {0.25, 0.5}, 0.5625}, {{2, 2}, {3, 3}, 0.0}};
    for (int i = 0; i < ROWS(row); i++)
        ck_assert_double_eq_tol(rgq_disc_box_area(r, row[i].lo, row[i].hi), row[i].want, tol);
    double sum = 0.0; /* a partition of the plane adds up */
    for (int j = -9; j < 9; j++)
        for (int i = -9; i < 9; i++) {
            const double lo[2] = {0.31 * i + 0.07, 0.31 * j - 0.11};
            const double hi[2] = {lo[0] + 0.31, lo[1] + 0.31};
            sum += rgq_disc_box_area(r, lo, hi);
        }
    ck_assert_double_eq_tol(sum, pi * r * r, 1e-11);
}
END_TEST

RGQ_CHECK_MAIN("num.overlap", tcase_add_test(tc, solids_with_a_formula);
               tcase_add_test(tc, ball_through_the_faces_of_a_cube);
               tcase_add_test(tc, partition_adds_up); tcase_add_test(tc, near_tangent_boxes);
               tcase_add_test(tc, sampling_oracle); tcase_add_test(tc, discs))
