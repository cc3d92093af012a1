/* Small dense algebra: gram.c, look_up.c, matrix.c. */
#include <math.h>
#include <string.h>

#include "num/gram.h"
#include "num/look_up.h"
#include "num/matrix.h"
#include "num/rng.h"
#include "rgq_check.h"

static const size_t columns_of[] = {1, 2, 3, 4, 5, 15, 16, 17, 30, 33, 65};

/* Any number of columns; sums of 100 floats in single precision: 100 x 6e-8 of their size. */
START_TEST(gram_is_its_definition)
{
    enum { ROWS_OF = 100 };
    const size_t c = columns_of[_i];
    double *out = calloc(c * c, sizeof *out);
    float *a = calloc(ROWS_OF * c + RGQ_GRAM_PAST, sizeof *a);
    rgq_rng *rng = NULL;

    ck_assert_ptr_nonnull(out);
    ck_assert_ptr_nonnull(a);
    MUST(rgq_rng_create(&rng, 6, err));
    for (size_t v = 0; v < ROWS_OF * c; v++)
        a[v] = (float)rgq_rng_uniform(rng);
    for (size_t v = 0; v < c * c; v++)
        out[v] = 5.0;
    rgq_gram_add(out, c, a, ROWS_OF, c);
    for (size_t j = 0; j < c; j++)
        for (size_t k = 0; k < c; k++) {
            double want = 5.0;
            for (size_t v = 0; v < ROWS_OF && k <= j; v++)
                want += (double)a[v * c + j] * (double)a[v * c + k];
            ck_assert_double_eq_tol(out[j * c + k], want, 2e-4);
        }
    rgq_rng_free(rng);
    free(a);
    free(out);
}
END_TEST

START_TEST(look_up_is_a_table)
{
    static const size_t entries[] = {1, 16, 31, 32, 33, 1000};
    float table[1000];
    uint16_t index[100];
    float out[100];

    for (int i = 0; i < 1000; i++)
        table[i] = (float)(i * i) + 0.5F;
    for (int e = 0; e < ROWS(entries); e++)
        for (size_t n = 0; n < 100; n += 7) {
            for (size_t i = 0; i < 100; i++) {
                index[i] = (uint16_t)((i * 37 + entries[e] - 1) % entries[e]);
                out[i] = -1.0F;
            }
            rgq_look_up(out, index, n, table, entries[e]);
            for (size_t i = 0; i < 100; i++)
                ck_assert(out[i] == (i < n ? table[index[i]] : -1.0F));
        }
}
END_TEST

/* Rotation, scaling by 1, 2 and 8, and another rotation: the condition number is 8. */
START_TEST(condition_is_the_ratio_of_the_axes)
{
    const double c = cos(0.4);
    const double s = sin(0.4);
    const double left[9] = {c, -s, 0.0, s, c, 0.0, 0.0, 0.0, 1.0};
    const double right[9] = {1.0, 0.0, 0.0, 0.0, c, s, 0.0, -s, c};
    const double scale[3] = {1.0, 8.0, 2.0};
    double a[9] = {0.0};
    double inverse[9];
    double condition = 0.0;

    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            for (int k = 0; k < 3; k++)
                a[i * 3 + j] += left[i * 3 + k] * scale[k] * right[k * 3 + j];
    MUST(rgq_matrix_invert(inverse, &condition, a, 3, err));
    ck_assert_double_eq_tol(condition, 8.0, 1e-12); /* double, eigenvalues 1 .. 64 */
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            double product = 0.0;
            for (int k = 0; k < 3; k++)
                product += a[i * 3 + k] * inverse[k * 3 + j];
            ck_assert_double_eq_tol(product, i == j ? 1.0 : 0.0, 1e-13);
        }
}
END_TEST

START_TEST(singular_matrices)
{
    const double rank_one[4] = {1.0, 2.0, 2.0, 4.0};
    const double zero[4] = {0.0};
    double inverse[4];
    double condition = 0.0;

    MUST(rgq_matrix_invert(inverse, &condition, zero, 2, err));
    ck_assert(isinf(condition));
    MUST(rgq_matrix_invert(inverse, &condition, rank_one, 2, err));
    ck_assert_double_gt(condition, 1e7);
}
END_TEST

START_TEST(torture)
{
    const double a[4] = {2.0, 1.0, 1.0, 3.0};
    double inverse[4];
    double condition = 0.0;

    TORTURE(rgq_matrix_invert(inverse, &condition, a, 2, err), (void)condition, 3);
}
END_TEST

RGQ_CHECK_MAIN("dense", tcase_add_loop_test(tc, gram_is_its_definition, 0, ROWS(columns_of));
               tcase_add_test(tc, look_up_is_a_table);
               tcase_add_test(tc, condition_is_the_ratio_of_the_axes);
               tcase_add_test(tc, singular_matrices); tcase_add_test(tc, torture))
