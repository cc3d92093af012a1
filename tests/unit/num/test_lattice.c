/* num/lattice.c against a dense solution. */
#include "num/lattice.h"

#include <math.h>
#include <string.h>

#include "num/rng.h"
#include "num/threads.h"
#include "rgq_check.h"

enum { NX = 7, NY = 5, NZ = 6, COUNT = NX * NY * NZ };

/* Weights from 1e-4 to 1, anchors here and there, one voxel that is no unknown. */
static void fill(rgq_lattice *l, uint64_t seed)
{
    const size_t stride[3] = {1, (size_t)l->n[0], (size_t)l->n[0] * (size_t)l->n[1]};
    const size_t count = stride[2] * (size_t)l->n[2];
    rgq_rng *rng = NULL;

    MUST(rgq_rng_create(&rng, seed, err));
    for (size_t i = 0; i < count; i++) {
        for (int a = 0; a < 3; a++)
            if (i / stride[a] % (size_t)l->n[a] + 1 < (size_t)l->n[a])
                l->weight[a][i] = (float)pow(10.0, -4.0 * rgq_rng_uniform(rng));
        if (rgq_rng_uniform(rng) < 0.1)
            l->anchor[i] = (float)rgq_rng_uniform(rng);
        l->b[i] = (float)(rgq_rng_uniform(rng) - 0.3);
    }
    for (int a = 0; a < 3; a++) { /* cut voxel 100 out */
        l->weight[a][100] = 0.0f;
        l->weight[a][100 - stride[a]] = 0.0f;
    }
    l->anchor[100] = 0.0f;
    l->b[100] = 0.0f;
    rgq_rng_free(rng);
}

static double matrix[COUNT][COUNT + 1];

/* The definition, by elimination with the largest pivot. */
static void solve_dense(double *x, const rgq_lattice *l)
{
    const size_t stride[3] = {1, NX, NX * NY};

    memset(matrix, 0, sizeof matrix);
    for (size_t i = 0; i < COUNT; i++) {
        matrix[i][i] += (double)l->anchor[i];
        matrix[i][COUNT] = (double)l->b[i];
        for (int a = 0; a < 3; a++) {
            const double w = (double)l->weight[a][i];
            if (w == 0.0)
                continue;
            matrix[i][i] += w;
            matrix[i + stride[a]][i + stride[a]] += w;
            matrix[i][i + stride[a]] -= w;
            matrix[i + stride[a]][i] -= w;
        }
    }
    matrix[100][100] = 1.0; /* x = 0 */
    for (size_t k = 0; k < COUNT; k++)
        for (size_t i = k + 1; i < COUNT; i++) {
            const double f = matrix[i][k] / matrix[k][k]; /* positive definite: no pivoting */
            for (size_t j = k; j <= COUNT; j++)
                matrix[i][j] -= f * matrix[k][j];
        }
    for (size_t i = COUNT; i-- > 0;) {
        x[i] = matrix[i][COUNT];
        for (size_t j = i + 1; j < COUNT; j++)
            x[i] -= matrix[i][j] * x[j];
        x[i] /= matrix[i][i];
    }
}

START_TEST(agrees_with_elimination)
{
    static double want[COUNT];
    float got[COUNT];
    rgq_lattice *l = NULL;
    rgq_lattice_report report;
    double largest = 0.0;

    MUST(rgq_lattice_create(&l, (const int[3]){NX, NY, NZ}, err));
    fill(l, (uint64_t)_i + 1);
    solve_dense(want, l);
    MUST(rgq_lattice_solve(got, l, 1e-5, 200, &report, err));
    ck_assert_double_le(report.residual, 1e-5);
    ck_assert_int_gt(report.rounds, 1);
    for (int i = 0; i < COUNT; i++)
        largest = fmax(largest, fabs(want[i]));
    /* a residual of 1e-5 in a system of condition about 1e4 */
    for (int i = 0; i < COUNT; i++)
        ck_assert_double_eq_tol((double)got[i], want[i], 1e-2 * largest);
    ck_assert(got[100] == 0.0f);
    rgq_lattice_free(l);
}
END_TEST

/* A row of equal weights between 0 and 1 at its ends is a straight line. */
START_TEST(line_is_straight)
{
    enum { N = 50 };
    float x[N];
    rgq_lattice *l = NULL;

    MUST(rgq_lattice_create(&l, (const int[3]){N, 1, 1}, err));
    for (int i = 0; i + 1 < N; i++)
        l->weight[0][i] = 1.0f;
    l->anchor[0] = l->anchor[N - 1] = 1.0f;
    l->b[N - 1] = 1.0f;
    MUST(rgq_lattice_solve(x, l, 1e-6, 500, NULL, err));
    for (int i = 0; i < N; i++) /* single precision, condition N^2 */
        ck_assert_double_eq_tol((double)x[i], (i + 1.0) / (N + 1.0), 2e-4);
    rgq_lattice_free(l);
}
END_TEST

START_TEST(no_right_side_is_zero)
{
    float x[8];
    rgq_lattice *l = NULL;
    rgq_lattice_report report;

    MUST(rgq_lattice_create(&l, (const int[3]){2, 2, 2}, err));
    MUST(rgq_lattice_solve(x, l, 1e-6, 10, &report, err));
    ck_assert_int_eq(report.rounds, 0);
    for (int i = 0; i < 8; i++)
        ck_assert(x[i] == 0.0f);
    rgq_lattice_free(l);
}
END_TEST

START_TEST(too_few_rounds_are_refused)
{
    float x[COUNT];
    rgq_lattice *l = NULL;
    rgq_lattice_report report = {0, 0.0};

    MUST(rgq_lattice_create(&l, (const int[3]){NX, NY, NZ}, err));
    fill(l, 1);
    REFUSED(rgq_lattice_solve(x, l, 1e-6, 2, &report, err), RGQ_E_NUMERIC, "after 2 rounds");
    ck_assert_int_eq(report.rounds, 2);
    rgq_lattice_free(l);
}
END_TEST

/* Large enough that the finest level is shared by threads. */
START_TEST(same_bits_for_any_threads)
{
    enum { SIDE = 70, VOXELS = SIDE * SIDE * SIDE };
    static float x[2][VOXELS];

    for (int t = 0; t < 2; t++) {
        rgq_lattice *l = NULL;
        MUST(rgq_lattice_create(&l, (const int[3]){SIDE, SIDE, SIDE}, err));
        fill(l, 5);
        rgq_threads_set(t == 0 ? 1 : 3);
        MUST(rgq_lattice_solve(x[t], l, 1e-4, 200, NULL, err));
        rgq_lattice_free(l);
    }
    ck_assert_mem_eq(x[0], x[1], sizeof x[0]);
}
END_TEST

START_TEST(torture)
{
    float x[COUNT];
    rgq_lattice *l = NULL;

    TORTURE(rgq_lattice_create(&l, (const int[3]){NX, NY, NZ}, err), (rgq_lattice_free(l)), 4);
    MUST(rgq_lattice_create(&l, (const int[3]){NX, NY, NZ}, err));
    fill(l, 1);
    TORTURE(rgq_lattice_solve(x, l, 1e-4, 100, NULL, err), (void)0, 8);
    rgq_lattice_free(l);
}
END_TEST

RGQ_CHECK_MAIN("num.lattice", tcase_add_loop_test(tc, agrees_with_elimination, 0, 3);
               tcase_add_test(tc, line_is_straight); tcase_add_test(tc, no_right_side_is_zero);
               tcase_add_test(tc, too_few_rounds_are_refused);
               tcase_add_test(tc, same_bits_for_any_threads); tcase_add_test(tc, torture))
