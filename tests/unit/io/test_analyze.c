/* Analyze 7.5 pairs: what they state, what is assumed and said, what is refused. */
#include "io/analyze.h"

#include "io/nifti.h"
#include "io_check.h"
#include "warned.h"

static rgq_volume *volume;
static rgq_nifti_facts facts;

static void begin(void)
{
    folder_begin();
    volume = NULL;
}

static void end(void)
{
    rgq_volume_free(volume);
    folder_end();
}

/* 3 x 2 x 2 voxels of int16, 1.5 x 2 x 3 mm: 0, 1, 2 ... */
static maker make_analyze(bool big)
{
    maker m = {.version = 1, .big = big};
    const int n[5] = {4, 3, 2, 2, 0};
    const double size[3] = {1.5, 2.0, 3.0};

    put(&m, 0, 4, 348);
    put(&m, 32, 4, 16384);
    m.bytes[38] = 'r';
    for (int i = 0; i < 5; i++)
        put_dim(&m, i, n[i]);
    for (int i = 0; i < 3; i++)
        put_pixdim(&m, i + 1, size[i]);
    put_type(&m, 4, 16);
    m.length = 348;
    return m;
}

static void save_pair(const maker *m)
{
    maker voxels = {.big = m->big};

    for (int i = 0; i < 12; i++)
        put(&voxels, voxels.length, 2, (uint64_t)i);
    save(at("a.hdr"), m->bytes, m->length);
    save(at("a.img"), voxels.bytes, voxels.length);
}

static void read_pair(const char *name)
{
    rgq_volume_free(volume);
    warned[0] = '\0';
    MUST(rgq_nifti_read(&volume, &facts, at(name), &listener, err));
}

START_TEST(both_orders_and_halves)
{
    for (int i = 0; i < 4; i++) {
        const maker m = make_analyze(i % 2 == 1);
        save_pair(&m);
        read_pair(i < 2 ? "a.hdr" : "a.img");
        ck_assert_str_eq(facts.format, "Analyze 7.5");
        ck_assert_int_eq(facts.n_files, 2);
        ck_assert_int_eq(rgq_volume_n_frames(volume), 1);
        ck_assert_double_eq((double)rgq_volume_cdata(volume, 0)[11], 11.0);
        ck_assert_ptr_nonnull(strstr(warned, "does not define left and right"));
        ck_assert_ptr_null(strstr(warned, "scale factor"));
    }
}
END_TEST

START_TEST(every_orient)
{
    static const char *const axes[] = {"LAS", "LSA", "ASL", "LPS", "LIA", "AIL"};

    for (int i = 0; i < ROWS(axes); i++) {
        char found[4];
        double spacing[3];
        maker m = make_analyze(false);
        m.bytes[252] = (unsigned char)i;
        save_pair(&m);
        read_pair("a.hdr");
        rgq_grid_orientation(rgq_volume_grid(volume), found);
        ck_assert_str_eq(found, axes[i]);
        rgq_grid_spacing_mm(rgq_volume_grid(volume), spacing);
        ck_assert_double_eq(spacing[2], 3.0);
        ck_assert_double_eq(rgq_volume_grid(volume)->affine[0][3], 0.0);
    }
}
END_TEST

START_TEST(origin_and_factor_of_spm)
{
    for (int big = 0; big < 2; big++) {
        maker m = make_analyze(big == 1);
        put(&m, 112, 4, bits_32(0.25));
        put(&m, 253, 2, 3);
        put(&m, 255, 2, 1);
        put(&m, 257, 2, 2);
        m.length = 348;
        save_pair(&m);
        read_pair("a.hdr");
        const rgq_grid *grid = rgq_volume_grid(volume);
        ck_assert_double_eq(grid->affine[0][3], 3.0); /* 2 voxels of 1.5 mm to the right */
        ck_assert_double_eq(grid->affine[1][3], 0.0);
        ck_assert_double_eq(grid->affine[2][3], -3.0);
        ck_assert_double_eq((double)rgq_volume_cdata(volume, 0)[11], 2.75);
        ck_assert_ptr_nonnull(strstr(warned, "stored * 0.25 + 0"));
        put(&m, 116, 4, bits_32(-2)); /* and SPM2's offset */
        save_pair(&m);
        read_pair("a.hdr");
        ck_assert_double_eq((double)rgq_volume_cdata(volume, 0)[11], 0.75);
        ck_assert_ptr_nonnull(strstr(warned, "stored * 0.25 + -2"));
        put(&m, 116, 4, 0);
        put(&m, 257, 2, 3); /* beyond the grid: no origin */
        save_pair(&m);
        read_pair("a.hdr");
        ck_assert_double_eq(rgq_volume_grid(volume)->affine[0][3], 0.0);
    }
}
END_TEST

/* The bytes of NIfTI's own fields are free text here. */
START_TEST(text_where_nifti_has_fields)
{
    maker m = make_analyze(false);
    memset(m.bytes + 148, 'x', 80); /* descrip */
    memset(m.bytes + 253, 'x', 95); /* originator ... history */
    m.bytes[123] = 'x';             /* xyzt_units */
    save_pair(&m);
    read_pair("a.hdr");
    ck_assert_double_eq(rgq_grid_voxel_ml(rgq_volume_grid(volume)), 0.009);
}
END_TEST

START_TEST(types)
{
    static const struct {
        int code, bits;
        double last;
    } cases[] = {{2, 8, 200}, {130, 8, -56}, {132, 16, 51400}, {4, 16, -14136}};

    for (int i = 0; i < ROWS(cases); i++) {
        unsigned char voxels[48];
        maker m = make_analyze(false);
        put_type(&m, cases[i].code, cases[i].bits);
        m.length = 348;
        save(at("a.hdr"), m.bytes, m.length);
        memset(voxels, 200, sizeof voxels);
        save(at("a.img"), voxels, 12 * (size_t)cases[i].bits / 8);
        read_pair("a.hdr");
        ck_assert_double_eq((double)rgq_volume_cdata(volume, 0)[11], cases[i].last);
    }
}
END_TEST

START_TEST(refused)
{
    maker m = make_analyze(false);
    rgq_volume *none = NULL;
#define NO(status, words)                                                                      \
    REFUSED(rgq_nifti_read(&none, NULL, at("a.hdr"), NULL, err), status, words);               \
    ck_assert_ptr_null(none)
    save(at("a.hdr"), m.bytes, m.length);
    NO(RGQ_E_IO, ".img file was not found");
    save_pair(&m);
    m.bytes[252] = 6;
    save(at("a.hdr"), m.bytes, m.length);
    NO(RGQ_E_GEOMETRY, "orient field");
    m.bytes[252] = 0;
    put_type(&m, 32, 64);
    save(at("a.hdr"), m.bytes, 348);
    NO(RGQ_E_UNSUPPORTED, "complex64");
    m = make_analyze(false);
    put_pixdim(&m, 2, 0.0);
    save(at("a.hdr"), m.bytes, 348);
    NO(RGQ_E_GEOMETRY, "pixdim[2]");
    m = make_analyze(false);
    put_dim(&m, 3, 30000); /* 360 kB claimed in 24 bytes */
    save(at("a.hdr"), m.bytes, 348);
    NO(RGQ_E_FORMAT, "cannot hold more than 24");
    for (size_t n = 0; n < 24; n++) {
        unsigned char voxels[24] = {0};
        m = make_analyze(false);
        save(at("a.hdr"), m.bytes, 348);
        save(at("a.img"), voxels, n);
        NO(RGQ_E_FORMAT, "");
    }
    for (size_t n = 0; n < 348; n += 29) {
        save(at("a.hdr"), m.bytes, n);
        REFUSED(rgq_nifti_read(&none, NULL, at("a.hdr"), NULL, err), RGQ_E_FORMAT, "");
    }
}
END_TEST

START_TEST(turned_bits)
{
    maker m = make_analyze(false);
    save_pair(&m);
    for (size_t bit = 0; bit < 348 * 8; bit += 5) {
        rgq_volume *any = NULL;
        m.bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
        save(at("a.hdr"), m.bytes, 348);
        if (rgq_nifti_read(&any, NULL, at("a.hdr"), NULL, NULL) == RGQ_OK)
            ck_assert_ptr_nonnull(any);
        else
            ck_assert_ptr_null(any);
        rgq_volume_free(any);
        m.bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
}
END_TEST

RGQ_CHECK_MAIN("io analyze", tcase_add_checked_fixture(tc, begin, end);
               tcase_add_test(tc, both_orders_and_halves); tcase_add_test(tc, every_orient);
               tcase_add_test(tc, origin_and_factor_of_spm);
               tcase_add_test(tc, text_where_nifti_has_fields); tcase_add_test(tc, types);
               tcase_add_test(tc, refused); tcase_add_test(tc, turned_bits))
