/* Written series read back: voxels, geometry, frames, facts, identities. */
#include "core/hash.h"
#include "io/dicom_object.h"

#include "dicom_case.h"

#include "core/banned.h"

/* Largest difference between what was written and what came back, in slopes. A slope is the
 * slice's largest absolute value / 32767, so half of one is the quantisation. */
static double worst_step(const rgq_volume *a, const rgq_volume *b)
{
    const rgq_grid *grid = rgq_volume_grid(a);
    const size_t plane = (size_t)grid->n[0] * (size_t)grid->n[1];
    double worst = 0.0;
    for (int f = 0; f < rgq_volume_n_frames(a); f++)
        for (int k = 0; k < grid->n[2]; k++) {
            const float *x = rgq_volume_cdata(a, f) + (size_t)k * plane;
            const float *y = rgq_volume_cdata(b, f) + (size_t)k * plane;
            double top = 0.0;
            for (size_t i = 0; i < plane; i++)
                top = fmax(top, fabs((double)x[i]));
            for (size_t i = 0; i < plane; i++)
                worst = fmax(worst, fabs((double)x[i] - (double)y[i]) / (top / 32767.0));
        }
    return worst;
}

static void round_trip(const rgq_grid *grid, int n_frames, rgq_scan *back)
{
    char folder[RGQ_PATH_MAX];
    rgq_scan scan;
    heard h = {""};
    const rgq_log log = {hear, NULL, &h};
    const rgq_write_opts opts = {true, "round trip"};

    make_folder(folder);
    make_scan(&scan, grid, n_frames);
    MUST(rgq_scan_write_dicom(folder, &scan, &opts, err));
    *back = (rgq_scan){0};
    MUST(rgq_dicom_read(back, folder, NULL, &log, err));
    ck_assert_str_eq(h.text, ""); /* nothing to warn about in our own files */
    /* positions have ten digits */
    MUST(rgq_grid_compare(rgq_volume_grid(scan.volume), rgq_volume_grid(back->volume), 1e-6,
                          err));
    ck_assert_int_eq(rgq_volume_unit(back->volume), RGQ_UNIT_BQ_ML);
    ck_assert_int_eq(rgq_volume_n_frames(back->volume), n_frames);
    const int images = n_frames * grid->n[2];
    ck_assert_int_eq(back->n_files, images);
    /* half a slope, and 1e-2 of one for the rounding to float and of the slope's text */
    ck_assert_double_lt(worst_step(scan.volume, back->volume), 0.51);
    rgq_scan_release(&scan);
    drop_folder(folder);
}

START_TEST(test_oblique)
{
    const rgq_grid grid = oblique_grid(7, 6, 5);
    rgq_scan back;
    round_trip(&grid, 1, &back);
    ck_assert_str_eq(back.format, "DICOM PET");
    ck_assert(!back.identifiers_present);
    rgq_scan_release(&back);
}
END_TEST

START_TEST(test_dynamic)
{
    const rgq_grid grid = oblique_grid(5, 4, 3);
    rgq_scan back;
    round_trip(&grid, 4, &back);
    for (int f = 0; f < 4; f++) {
        const rgq_frame frame = rgq_volume_frame(back.volume, f);
        ck_assert_double_eq_tol(frame.start_s, 3600.0 + 120.0 * f, 1e-5);
        ck_assert_double_eq_tol(frame.duration_s, 120.0, 1e-9);
        /* frame reference time counts from the series time */
        ck_assert_double_eq_tol(back.slice_time[3U * (size_t)f].reference_s, 120.0 * f, 1e-6);
    }
    rgq_scan_release(&back);
}
END_TEST

/* Without any time the image index alone keeps the frames apart. */
START_TEST(test_dynamic_without_times)
{
    char folder[RGQ_PATH_MAX];
    const rgq_grid grid = oblique_grid(5, 4, 3);
    rgq_scan scan;
    rgq_scan back = {0};
    make_folder(folder);
    make_scan(&scan, &grid, 3);
    memset(&scan.facts.time_zero_s, 0, sizeof scan.facts.time_zero_s);
    for (int f = 0; f < 3; f++)
        rgq_volume_set_frame(scan.volume, f, (rgq_frame){(double)NAN, (double)NAN});
    MUST(rgq_scan_write_dicom(folder, &scan, NULL, err));
    MUST(rgq_dicom_read(&back, folder, NULL, NULL, err));
    ck_assert_int_eq(rgq_volume_n_frames(back.volume), 3);
    ck_assert_double_lt(worst_step(scan.volume, back.volume), 0.51);
    rgq_scan_release(&scan);
    rgq_scan_release(&back);
    drop_folder(folder);
}
END_TEST

/* Row x column direction of a grid with one axis mirrored points against k: the series comes
 * back with k reversed and every voxel where it was. */
START_TEST(test_mirrored)
{
    char folder[RGQ_PATH_MAX];
    rgq_grid grid = rgq_grid_make((const int[3]){4, 3, 5}, (const double[3]){2.0, 3.0, 4.0},
                                  (const double[3]){-5.0, 6.0, 7.0});
    rgq_scan scan;
    rgq_scan back = {0};
    grid.affine[0][0] = -grid.affine[0][0];
    make_folder(folder);
    make_scan(&scan, &grid, 1);
    MUST(rgq_scan_write_dicom(folder, &scan, NULL, err));
    MUST(rgq_dicom_read(&back, folder, NULL, NULL, err));
    for (int k = 0; k < 5; k++) {
        double at_mm[3];
        double index[3];
        rgq_grid_to_world(&grid, (const double[3]){1.0, 2.0, k}, at_mm);
        rgq_grid_to_index(rgq_volume_grid(back.volume), at_mm, index);
        ck_assert_double_eq_tol(index[2], 4.0 - k, 1e-6);
        const size_t there = 1 + 4 * (2 + 3 * (size_t)(4 - k));
        const size_t here = 1 + 4 * (2 + 3 * (size_t)k);
        const double value = (double)rgq_volume_cdata(scan.volume, 0)[here];
        /* half a slope of a slice whose largest value is 10^k */
        ck_assert_double_eq_tol((double)rgq_volume_cdata(back.volume, 0)[there], value,
                                0.51 * pow(10.0, k) / 32767.0);
    }
    rgq_scan_release(&scan);
    rgq_scan_release(&back);
    drop_folder(folder);
}
END_TEST

START_TEST(test_facts)
{
    const rgq_grid grid = oblique_grid(5, 4, 3);
    rgq_scan back;
    round_trip(&grid, 1, &back);
    const rgq_scan_facts *f = &back.facts;
    ck_assert_str_eq(f->modality.value, "PT");
    ck_assert_str_eq(f->units.value, "BQML");
    ck_assert(!f->suv_type.known);
    ck_assert_str_eq(f->decay_correction.value, "START");
    ck_assert_str_eq(f->corrected_image.value, "DECY\\ATTN\\SCAT");
    ck_assert_str_eq(f->manufacturer.value, "Maker");
    ck_assert_str_eq(f->model.value, "Model 1");
    ck_assert_str_eq(f->radiopharmaceutical.value, "18F-fluciclatide");
    ck_assert_str_eq(f->nuclide.value, "^18^Fluorine");
    ck_assert_str_eq(f->sex.value, "F");
    ck_assert_double_eq_tol(f->weight_kg.value, 71.5, 1e-12);
    ck_assert_str_eq(f->weight_kg.origin, "(0010,1030) PatientWeight");
    ck_assert_double_eq_tol(f->height_m.value, 1.68, 1e-12);
    ck_assert_double_eq_tol(f->injected_activity_bq.value, 3.7e8, 1e-3);
    ck_assert_double_eq_tol(f->half_life_s.value, 6586.2, 1e-9);
    ck_assert_double_eq_tol(f->positron_fraction.value, 0.9686, 1e-12);
    ck_assert_double_eq_tol(f->injection_time_s.value, 1709283600.0, 1e-5);
    ck_assert_double_eq_tol(f->injection_date_known.value, 1.0, 1e-12);
    ck_assert_double_eq_tol(f->time_zero_s.value, 1709283600.0, 1e-5);
    ck_assert_double_eq_tol(f->series_time_s.value, 1709287200.0, 1e-5);
    ck_assert_double_eq_tol(f->acquisition_time_s.value, 1709287200.0, 1e-5);
    ck_assert_double_eq_tol(f->decay_factor.value, 1.0, 1e-12);
    rgq_scan_release(&back);
}
END_TEST

/* A time without a date stays one. */
START_TEST(test_injection_without_date)
{
    char folder[RGQ_PATH_MAX];
    const rgq_grid grid = oblique_grid(5, 4, 3);
    rgq_scan scan;
    rgq_scan back = {0};
    make_folder(folder);
    make_scan(&scan, &grid, 1);
    scan.facts.injection_date_known.value = 0.0;
    MUST(rgq_scan_write_dicom(folder, &scan, NULL, err));
    MUST(rgq_dicom_read(&back, folder, NULL, NULL, err));
    ck_assert_double_eq_tol(back.facts.injection_time_s.value, 1709283600.0, 1e-5);
    ck_assert_double_eq_tol(back.facts.injection_date_known.value, 0.0, 1e-12);
    /* then frames count from the series */
    ck_assert_double_eq_tol(back.facts.time_zero_s.value, 1709287200.0, 1e-5);
    ck_assert_double_eq_tol(rgq_volume_frame(back.volume, 0).start_s, 0.0, 1e-5);
    rgq_scan_release(&scan);
    rgq_scan_release(&back);
    drop_folder(folder);
}
END_TEST

START_TEST(test_suv_and_bare)
{
    char folder[RGQ_PATH_MAX];
    const rgq_grid grid = oblique_grid(5, 4, 1);
    heard h = {""};
    const rgq_log log = {hear, NULL, &h};
    rgq_scan scan = {0};
    rgq_scan back = {0};
    make_folder(folder);
    MUST(rgq_volume_create(&scan.volume, &grid, 1, RGQ_UNIT_SUV_BW, err)); /* zeros, no facts */
    MUST(rgq_scan_write_dicom(folder, &scan, NULL, err));
    MUST(rgq_dicom_read(&back, folder, NULL, &log, err));
    ck_assert_int_eq(rgq_volume_unit(back.volume), RGQ_UNIT_SUV_BW);
    ck_assert_str_eq(back.facts.suv_type.value, "BW");
    ck_assert_str_eq(back.facts.decay_correction.value, "NONE");
    ck_assert(!back.facts.weight_kg.known);
    ck_assert(!back.facts.injection_time_s.known);
    ck_assert(!back.facts.nuclide.known);
    ck_assert(!back.facts.acquisition_time_s.known);
    /* one slice: its height comes from the header, and the log says so */
    ck_assert_ptr_nonnull(strstr(h.text, "a single slice: its height of 4 mm"));
    MUST(rgq_grid_compare(&grid, rgq_volume_grid(back.volume), 1e-6, err));
    for (size_t i = 0; i < rgq_volume_count(back.volume); i++)
        ck_assert(rgq_volume_cdata(back.volume, 0)[i] == 0.0F);
    rgq_scan_release(&scan);
    rgq_scan_release(&back);
    drop_folder(folder);
}
END_TEST

static void digest(char hex[RGQ_SHA256_TEXT], const char *folder, int number)
{
    char path[RGQ_PATH_MAX];
    image_path(path, folder, number);
    MUST(rgq_hash_file(hex, path, err));
}

START_TEST(test_same_bytes)
{
    char a[RGQ_PATH_MAX];
    char b[RGQ_PATH_MAX];
    char x[RGQ_SHA256_TEXT];
    char y[RGQ_SHA256_TEXT];
    make_folder(a);
    make_folder(b);
    make_series(a, 5, 4, 3, 2);
    make_series(b, 5, 4, 3, 2);
    for (int i = 1; i <= 6; i++) {
        digest(x, a, i);
        digest(y, b, i);
        ck_assert_str_eq(x, y);
    }
    /* another volume is another series */
    rgq_scan one = {0};
    rgq_scan two = {0};
    make_series(b, 5, 4, 3, 3);
    MUST(rgq_dicom_read(&one, a, NULL, NULL, err));
    MUST(rgq_dicom_read(&two, b, NULL, NULL, err));
    ck_assert_str_ne(one.facts.series_uid.value, two.facts.series_uid.value);
    ck_assert_int_eq(strncmp(one.facts.series_uid.value, "2.25.", 5), 0);
    ck_assert_int_le((int)strlen(one.facts.series_uid.value), 64);
    rgq_scan_release(&one);
    rgq_scan_release(&two);
    drop_folder(a);
    drop_folder(b);
}
END_TEST

/* The same in another process, on another day: the UIDs come from the content alone. */
START_TEST(test_fixed_uid)
{
    const rgq_write_opts opts = {true, NULL};
    const rgq_grid grid = rgq_grid_make((const int[3]){2, 2, 2}, (const double[3]){4, 4, 4},
                                        (const double[3]){0, 0, 0});
    char folder[RGQ_PATH_MAX];
    rgq_scan scan = {0};
    rgq_scan back = {0};
    make_folder(folder);
    MUST(rgq_volume_create(&scan.volume, &grid, 1, RGQ_UNIT_BQ_ML, err));
    rgq_fact_text_set(&scan.facts.decay_correction, "START", "test");
    MUST(rgq_scan_write_dicom(folder, &scan, &opts, err));
    MUST(rgq_dicom_read(&back, folder, NULL, NULL, err));
    ck_assert_str_eq(back.facts.series_uid.value,
                     "2.25.322343368829191993587477227249524966876");
    rgq_scan_release(&scan);
    rgq_scan_release(&back);
    drop_folder(folder);
}
END_TEST

/* Frames outside, slices inside, counted from 1. */
START_TEST(test_instance_numbers)
{
    char folder[RGQ_PATH_MAX];
    make_folder(folder);
    make_series(folder, 5, 4, 3, 2);
    for (int i = 1; i <= 6; i++) {
        char path[RGQ_PATH_MAX];
        char want[16];
        char *bytes = NULL;
        size_t size = 0;
        size_t length = 0;
        image_path(path, folder, i);
        read_bytes(&bytes, &size, path);
        const char *at = find_value(bytes, size, 0x20, 0x13, 0, &length);
        const int n = snprintf(want, sizeof want, "%d ", i); /* padded to an even length */
        ck_assert_uint_eq(length, 2);
        ck_assert_int_eq(strncmp(at, want, (size_t)n), 0);
        rgq_free(bytes);
    }
    drop_folder(folder);
}
END_TEST

/* A shorter series over a longer one leaves none of the old images. */
START_TEST(test_force)
{
    char folder[RGQ_PATH_MAX];
    const rgq_grid grid = oblique_grid(5, 4, 3);
    rgq_scan scan;
    make_folder(folder);
    make_series(folder, 5, 4, 6, 1);
    ck_assert_uint_eq(count_files(folder), 6);
    make_scan(&scan, &grid, 1);
    REFUSED(rgq_scan_write_dicom(folder, &scan, NULL, err), RGQ_E_IO, "--force");
    make_series(folder, 5, 4, 3, 1);
    ck_assert_uint_eq(count_files(folder), 3);
    rgq_scan_release(&scan);
    drop_folder(folder);
}
END_TEST

START_TEST(test_refusals)
{
    char folder[RGQ_PATH_MAX];
    rgq_grid grid = oblique_grid(5, 4, 3);
    rgq_scan scan;
    make_folder(folder);
    make_scan(&scan, &grid, 1);
    rgq_volume_set_unit(scan.volume, RGQ_UNIT_NATIVE);
    REFUSED(rgq_scan_write_dicom(folder, &scan, NULL, err), RGQ_E_UNIT, "native");
    rgq_volume_set_unit(scan.volume, RGQ_UNIT_BQ_ML);
    scan.facts.decay_correction.known = false;
    REFUSED(rgq_scan_write_dicom(folder, &scan, NULL, err), RGQ_E_MISSING,
            "--decay-corrected-to");
    scan.facts.decay_correction.known = true;
    rgq_volume_data(scan.volume, 0)[7] = NAN;
    REFUSED(rgq_scan_write_dicom(folder, &scan, NULL, err), RGQ_E_NUMERIC, "DICOM");
    rgq_scan_release(&scan);
    grid.affine[0][2] += 1.0;
    make_scan(&scan, &grid, 1);
    REFUSED(rgq_scan_write_dicom(folder, &scan, NULL, err), RGQ_E_GEOMETRY, "perpendicular");
    rgq_scan_release(&scan);
    const rgq_grid tall = oblique_grid(1, 1, 32767);
    make_scan(&scan, &tall, 3);
    REFUSED(rgq_scan_write_dicom(folder, &scan, NULL, err), RGQ_E_ARGUMENT, "65535");
    rgq_scan_release(&scan);
    ck_assert_uint_eq(count_files(folder), 0);
    drop_folder(folder);
}
END_TEST

static const struct {
    const char *name, *code;
} spellings[] = {
    {"F-18", "C-111A1"},
    {"18F", "C-111A1"},
    {"^18^Fluorine", "C-111A1"},
    {"fluorine-18", "C-111A1"},
    {"C-111A1", "C-111A1"},
    {"Ga68", "C-131A3"},
    {"[68Ga]", "C-131A3"},
    {"99mTc", "C-163A8"},
    {"Tc-99m", "C-163A8"},
    {"^99m^Technetium", "C-163A8"},
    {"Xx-99", NULL},
    {"", NULL},
};

START_TEST(test_nuclides)
{
    const rgq_dicom_nuclide found = rgq_dicom_nuclide_find(spellings[_i].name);
    if (spellings[_i].code == NULL)
        ck_assert_ptr_null(found.code);
    else
        ck_assert_str_eq(found.code, spellings[_i].code);
}
END_TEST

START_TEST(test_lost_memory)
{
    char folder[RGQ_PATH_MAX];
    const rgq_grid grid = oblique_grid(5, 4, 3);
    const rgq_write_opts opts = {true, NULL};
    rgq_scan scan;
    rgq_scan back = {0};
    make_folder(folder);
    make_scan(&scan, &grid, 2);
    TORTURE(rgq_scan_write_dicom(folder, &scan, &opts, err), (void)0, 2);
    TORTURE(rgq_dicom_read(&back, folder, NULL, NULL, err),
            if (torture_st != RGQ_OK) ck_assert_ptr_null(back.volume), 20);
    rgq_scan_release(&scan);
    rgq_scan_release(&back);
    drop_folder(folder);
}
END_TEST

RGQ_CHECK_MAIN("dicom_write", tcase_add_test(tc, test_oblique);
               tcase_add_test(tc, test_dynamic); tcase_add_test(tc, test_dynamic_without_times);
               tcase_add_test(tc, test_mirrored); tcase_add_test(tc, test_facts);
               tcase_add_test(tc, test_injection_without_date);
               tcase_add_test(tc, test_suv_and_bare); tcase_add_test(tc, test_same_bytes);
               tcase_add_test(tc, test_fixed_uid); tcase_add_test(tc, test_instance_numbers);
               tcase_add_test(tc, test_force); tcase_add_test(tc, test_refusals);
               tcase_add_loop_test(tc, test_nuclides, 0, ROWS(spellings));
               tcase_add_test(tc, test_lost_memory))
