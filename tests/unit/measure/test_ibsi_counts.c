/* measure/ibsi_counts.c: the sparse matrix against a dense one, and its features by hand. */
#include <math.h>
#include <string.h>

#include "measure/ibsi_counts.h"
#include "rgq_check.h"

enum { SIDE = 70 };

/* Adds `n` pairs without a pattern; `dense` counts with it. */
static rgq_status fill(ibsi_counts *counts, double dense[SIDE][SIDE], int n, rgq_error *err)
{
    unsigned x = 12345;

    memset(dense, 0, sizeof(double) * SIDE * SIDE);
    for (int k = 0; k < n; k++) {
        x = x * 1664525U + 1013904223U;
        const unsigned i = (x >> 8) % SIDE;
        const unsigned j = (x >> 20) % SIDE;
        dense[i][j] += 1.0;
        RGQ_PASS(err, ibsi_counts_add(counts, i, j, 1.0, err));
    }
    return RGQ_OK;
}

static void check(const ibsi_counts *counts, double dense[SIDE][SIDE], int n)
{
    size_t present = 0;

    ck_assert(counts->total == n);
    for (int i = 0; i < SIDE; i++)
        for (int j = 0; j < SIDE; j++)
            present += dense[i][j] > 0.0;
    ck_assert_uint_eq(counts->n_entries, present);
    for (size_t e = 0; e < counts->n_entries; e++)
        ck_assert(counts->entry[e].n == dense[counts->entry[e].i][counts->entry[e].j]);
}

/* Emptied entry by entry where there are few, and at once where there are many. */
START_TEST(as_a_dense_matrix)
{
    static const int n[] = {30, 20000, 3, 100, 500};
    static double dense[SIDE][SIDE];
    ibsi_counts counts;

    MUST(ibsi_counts_init(&counts, err));
    for (int round = 0; round < ROWS(n); round++) {
        MUST(fill(&counts, dense, n[round], err));
        check(&counts, dense, n[round]);
        ibsi_counts_clear(&counts);
        ck_assert_uint_eq(counts.n_entries, 0);
    }
    ibsi_counts_release(&counts);
}
END_TEST

/* Level 1: two runs of 1, one of 2; level 2: one of 3. */
START_TEST(emphasis_by_hand)
{
    ibsi_counts counts;
    ibsi_counts margin;
    double f[IBSI_EMPHASIS];

    MUST(ibsi_counts_init(&counts, err));
    MUST(ibsi_counts_init(&margin, err));
    f[0] = -1.0;
    MUST(ibsi_emphasis(f, &counts, 7.0, &margin, err));
    ck_assert(f[0] == -1.0); /* an empty matrix has none */
    MUST(ibsi_counts_add(&counts, 1, 1, 2.0, err));
    MUST(ibsi_counts_add(&counts, 1, 2, 1.0, err));
    MUST(ibsi_counts_add(&counts, 2, 3, 1.0, err));
    MUST(ibsi_emphasis(f, &counts, 7.0, &margin, err));
    const double want[IBSI_EMPHASIS] = {(2 + 1 / 4.0 + 1 / 9.0) / 4,
                                        (2 + 4 + 9) / 4.0,
                                        (3 + 1 / 4.0) / 4,
                                        (3 + 4) / 4.0,
                                        (2 + 1 / 4.0 + 1 / 36.0) / 4,
                                        (2 + 1 / 4.0 + 4 / 9.0) / 4,
                                        (2 + 4 + 9 / 4.0) / 4,
                                        (2 + 4 + 36) / 4.0,
                                        (9 + 1) / 4.0,
                                        (9 + 1) / 16.0,
                                        (4 + 1 + 1) / 4.0,
                                        (4 + 1 + 1) / 16.0,
                                        4 / 7.0,
                                        3 / 16.0,
                                        (1 + 1 + 4 + 9) / 4.0 - 49 / 16.0,
                                        1.5,
                                        (4 + 1 + 1) / 16.0};
    const double j_variance = (2 * 1 + 4 + 9) / 4.0 - 7 * 7 / 16.0;
    for (int k = 0; k < IBSI_EMPHASIS; k++)
        ck_assert_double_eq_tol(f[k], k == 14 ? j_variance : want[k], 1e-15);
    ibsi_counts_release(&counts);
    ibsi_counts_release(&margin);
}
END_TEST

static rgq_status all_of_it(ibsi_counts *counts, rgq_error *err)
{
    static double dense[SIDE][SIDE];

    RGQ_PASS(err, ibsi_counts_init(counts, err));
    return fill(counts, dense, 20000, err);
}

START_TEST(lost_memory)
{
    ibsi_counts counts;

    TORTURE(all_of_it(&counts, err), ibsi_counts_release(&counts), 6);
}
END_TEST

RGQ_CHECK_MAIN("measure.ibsi_counts", tcase_add_test(tc, as_a_dense_matrix);
               tcase_add_test(tc, emphasis_by_hand); tcase_add_test(tc, lost_memory))
