/* Headers of NIfTI that say things twice, by halves, or where others do not look. */
#include "nifti_case.h"

static double voxel(int frame, size_t i)
{
    return (double)rgq_volume_cdata(volume, frame)[i];
}

/* Both forms say the same up to float: nothing to tell. Rows of 0: the other form. */
START_TEST(forms_that_agree_or_are_empty)
{
    maker m = make_header(1, false);
    put_floats(&m, 12);
    put_code(&m, 252, 344, 1);
    put(&m, 268, 4, bits_32(-10.01));
    put(&m, 272, 4, bits_32(20));
    put(&m, 276, 4, bits_32(-30));
    read_made(&m);
    ck_assert_str_eq(warned, "");
    put(&m, 268, 4, bits_32(-10.2)); /* 0.2 mm of 1.5 */
    read_made(&m);
    ck_assert_ptr_nonnull(strstr(warned, "0.2 mm apart; the sform is used"));
    for (int r = 0; r < 3; r++)
        put_row(&m, r, 0, 0, 0, 0);
    read_made(&m);
    ck_assert_ptr_nonnull(strstr(warned, "the qform is used"));
    ck_assert_double_eq_tol(rgq_volume_grid(volume)->affine[0][3], -10.2, 1e-6);
}
END_TEST

/* SEC, MSEC, USEC, and what states nothing. */
START_TEST(steps_between_frames)
{
    static const struct {
        int units;
        double step, want;
    } cases[] = {{2 | 8, 10, 10},      {2 | 16, 2500, 2.5},     {2 | 24, 5e5, 0.5},
                 {2, 10, (double)NAN}, {2 | 8, 1, (double)NAN}, {2 | 8, -3, (double)NAN}};

    for (int i = 0; i < ROWS(cases); i++) {
        maker m = make_header(1, i % 2 == 1);
        put_dim(&m, 0, 4);
        put_dim(&m, 4, 2);
        put_pixdim(&m, 4, cases[i].step);
        put(&m, 123, 1, (uint64_t)cases[i].units);
        put_floats(&m, 24);
        read_made(&m);
        if (isnan(cases[i].want))
            ck_assert(isnan(facts.step_s));
        else
            ck_assert_double_eq_tol(facts.step_s, cases[i].want, 1e-12);
    }
}
END_TEST

START_TEST(an_offset_without_a_factor)
{
    static const double slopes[] = {0.0, (double)NAN, (double)INFINITY};

    for (int i = 0; i < 3; i++) {
        maker m = make_header(1, false);
        put_floats(&m, 12);
        put(&m, 112, 4, bits_32(slopes[i]));
        put(&m, 116, 4, bits_32(-5));
        warned[0] = '\0';
        read_made(&m);
        ck_assert_double_eq(voxel(0, 3), 3.5);
        ck_assert_ptr_nonnull(strstr(warned, "scl_inter is -5"));
    }
}
END_TEST

START_TEST(upper_case_names)
{
    maker m = make_header(1, false);
    put_floats(&m, 12);
    save(at("B.NII"), m.bytes, m.length);
    read_back(at("B.NII"));
    memcpy(m.bytes + 344, "ni1", 4);
    put(&m, 108, 4, 0);
    save(at("A.HDR"), m.bytes, 348);
    save(at("A.IMG"), m.bytes + 352, 48);
    read_back(at("A.HDR"));
    read_back(at("A.IMG"));
    ck_assert_double_eq(voxel(0, 11), 11.5);
    ck_assert_int_eq(facts.n_files, 2);
}
END_TEST

RGQ_CHECK_MAIN("io nifti_forms", tcase_add_checked_fixture(tc, begin, end);
               tcase_add_test(tc, forms_that_agree_or_are_empty);
               tcase_add_test(tc, steps_between_frames);
               tcase_add_test(tc, an_offset_without_a_factor);
               tcase_add_test(tc, upper_case_names))
