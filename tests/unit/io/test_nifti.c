/* Reading NIfTI: every field is put into the file by hand, in both byte orders. */
#include "io/input.h"
#include "nifti_case.h"

#define REFUSED_MADE(m, want, words)                                                           \
    do {                                                                                       \
        rgq_volume *none = (rgq_volume *)&facts;                                               \
        save(at("a.nii"), (m).bytes, (m).length);                                              \
        REFUSED(rgq_nifti_read(&none, NULL, at("a.nii"), NULL, err), want, words);             \
        ck_assert_ptr_null(none);                                                              \
    } while (0)

static double voxel(int frame, size_t i)
{
    return (double)rgq_volume_cdata(volume, frame)[i];
}

/* version, byte order */
static const struct {
    int version;
    bool big;
} layouts[] = {{1, false}, {1, true}, {2, false}, {2, true}};

START_TEST(both_versions_and_orders)
{
    maker m = make_header(layouts[_i].version, layouts[_i].big);
    put_floats(&m, 12);
    read_made(&m);
    const rgq_grid *grid = rgq_volume_grid(volume);
    ck_assert_int_eq(grid->n[0], 3);
    ck_assert_int_eq(grid->n[1], 2);
    ck_assert_int_eq(grid->n[2], 2);
    ck_assert_double_eq(grid->affine[0][0], 1.5);
    ck_assert_double_eq(grid->affine[1][1], 2.0);
    ck_assert_double_eq(grid->affine[2][2], 3.0);
    ck_assert_double_eq(grid->affine[1][3], 20.0);
    ck_assert_int_eq(rgq_volume_unit(volume), RGQ_UNIT_NATIVE);
    for (size_t i = 0; i < 12; i++)
        ck_assert_double_eq(voxel(0, i), (double)i + 0.5);
    ck_assert_str_eq(facts.format, layouts[_i].version == 1 ? "NIfTI-1" : "NIfTI-2");
    ck_assert_int_eq(facts.n_files, 1);
    ck_assert(!facts.whole_numbers);
    ck_assert_str_eq(warned, "");
}
END_TEST

/* code, bits, the bytes of two extreme values and what they mean */
static const struct {
    int code;
    int bits;
    uint64_t raw[2];
    double value[2];
} kinds[] = {
    {2, 8, {0, 0xff}, {0, 255}},
    {256, 8, {0x80, 0x7f}, {-128, 127}},
    {4, 16, {0x8000, 0x7fff}, {-32768, 32767}},
    {512, 16, {1, 0xffff}, {1, 65535}},
    {8, 32, {0x80000000, 0x7fffffff}, {-2147483648.0, 2147483647.0}},
    {768, 32, {7, 0xffffffff}, {7, 4294967295.0}},
    {1024, 64, {0x8000000000000000, 3}, {-9223372036854775808.0, 3}},
    {1280, 64, {5, 0xffffffffffffffff}, {5, 18446744073709551615.0}},
    {16, 32, {0xbfc00000, 0x7f7fffff}, {-1.5, 3.4028234663852886e38}},
    {64, 64, {0xbff8000000000000, 0x4059000000000000}, {-1.5, 100.0}},
};

START_TEST(every_type)
{
    for (int big = 0; big < 2; big++) {
        maker m = make_header(1, big == 1);
        const size_t bytes = (size_t)kinds[_i].bits / 8;
        put_type(&m, kinds[_i].code, kinds[_i].bits);
        for (size_t i = 0; i < 12; i++)
            put(&m, m.length, bytes, kinds[_i].raw[i % 2]);
        read_made(&m);
        for (size_t i = 0; i < 12; i++) /* the voxels are float: exact after that rounding */
            ck_assert_double_eq(voxel(0, i), (double)(float)kinds[_i].value[i % 2]);
        ck_assert(facts.whole_numbers == (kinds[_i].code != 16 && kinds[_i].code != 64));
    }
}
END_TEST

START_TEST(slope_and_intercept)
{
    static const struct {
        double slope, inter;
        double first, second;
    } cases[] = {{0.5, -2.0, -2.0, -1.5},
                 {0.0, 99.0, 0.0, 1.0}, /* 0 means none, and the intercept with it */
                 {(double)NAN, 99.0, 0.0, 1.0},
                 {1.0, 0.0, 0.0, 1.0},
                 {-3.0, 0.25, 0.25, -2.75}};
    for (int c = 0; c < ROWS(cases); c++) {
        maker m = make_header(1 + c % 2, c % 2 == 0);
        put_type(&m, 4, 16);
        put_real(&m, 112, 176, cases[c].slope);
        put_real(&m, 116, 184, cases[c].inter);
        for (uint64_t i = 0; i < 12; i++)
            put(&m, m.length, 2, i);
        read_made(&m);
        ck_assert_double_eq(voxel(0, 0), (double)(float)cases[c].first);
        ck_assert_double_eq(voxel(0, 1), (double)(float)cases[c].second);
    }
    maker m = make_header(1, false);
    put_floats(&m, 12);
    put_real(&m, 112, 176, 2.0);
    read_made(&m); /* floats are scaled too */
    ck_assert_double_eq(voxel(0, 1), 3.0);
    ck_assert(!facts.whole_numbers);
    put_real(&m, 116, 184, (double)INFINITY);
    REFUSED_MADE(m, RGQ_E_FORMAT, "scl_inter");
}
END_TEST

START_TEST(frames_and_singletons)
{
    maker m = make_header(2, false);
    put_dim(&m, 0, 5);
    put_dim(&m, 4, 3);
    put_dim(&m, 5, 0); /* counted, but not there */
    put_floats(&m, 36);
    read_made(&m);
    ck_assert_int_eq(rgq_volume_n_frames(volume), 3);
    ck_assert_double_eq(voxel(2, 11), 35.5);
    ck_assert(isnan(rgq_volume_frame(volume, 0).start_s));
    put_dim(&m, 4, 1); /* the fifth axis is no time */
    put_dim(&m, 5, 3);
    REFUSED_MADE(m, RGQ_E_UNSUPPORTED, "dim[4]");
    m = make_header(1, false);
    put_dim(&m, 0, 2); /* a plane: dim[3] is not meant */
    put_dim(&m, 3, 77);
    put_floats(&m, 6);
    read_made(&m);
    ck_assert_int_eq(rgq_volume_grid(volume)->n[2], 1);
}
END_TEST

START_TEST(sform_before_qform_before_pixdim)
{
    maker m = make_header(1, false);
    put_floats(&m, 12);
    put_code(&m, 252, 344, 1); /* a quaternion of half a turn about z, offset (1, 2, 3) */
    put(&m, 256 + 8, 4, bits_32(1.0));
    for (size_t i = 0; i < 3; i++)
        put(&m, 268 + 4 * i, 4, bits_32((double)i + 1.0));
    read_made(&m);
    ck_assert_double_eq(rgq_volume_grid(volume)->affine[0][3], -10.0);
    /* corner (2, 1, 1) is at (-7, 22, -27) and at (-2, 0, 6): sqrt(25 + 484 + 1089) = 40 mm,
     * the corner (0, 1, 1) at (-10, 22, -27) and (1, 0, 6): sqrt(121 + 484 + 1089) = 41.2 mm */
    ck_assert_ptr_nonnull(strstr(warned, "41.2 mm apart"));
    ck_assert_ptr_nonnull(strstr(warned, "the sform is used"));
    warned[0] = '\0';
    put_code(&m, 254, 348, 0);
    read_made(&m);
    const rgq_grid *grid = rgq_volume_grid(volume);
    ck_assert_double_eq_tol(grid->affine[0][0], -1.5, 1e-12);
    ck_assert_double_eq_tol(grid->affine[1][1], -2.0, 1e-12);
    ck_assert_double_eq_tol(grid->affine[2][2], 3.0, 1e-12);
    ck_assert_double_eq(grid->affine[0][3], 1.0);
    ck_assert_double_eq(grid->affine[2][3], 3.0);
    put_pixdim(&m, 0, -1.0); /* the third axis turned over */
    read_made(&m);
    ck_assert_double_eq_tol(rgq_volume_grid(volume)->affine[2][2], -3.0, 1e-12);
    ck_assert_str_eq(warned, "");
    put_code(&m, 252, 344, 0);
    read_made(&m);
    grid = rgq_volume_grid(volume);
    ck_assert_double_eq(grid->affine[0][0], 1.5);
    ck_assert_double_eq(grid->affine[0][3], 0.0);
    ck_assert_ptr_nonnull(strstr(warned, "neither sform nor qform"));
}
END_TEST

/* A rotation about x by 2 atan2(b, a): written out by hand for 30 degrees. */
START_TEST(oblique_quaternion)
{
    const double half = 15.0 * acos(-1.0) / 180.0;
    maker m = make_header(2, true);
    put_floats(&m, 12);
    put_code(&m, 254, 348, 0);
    put_code(&m, 252, 344, 2);
    put(&m, 352, 8, bits_64(sin(half)));
    read_made(&m);
    const rgq_grid *grid = rgq_volume_grid(volume);
    ck_assert_double_eq_tol(grid->affine[0][0], 1.5, 1e-12);
    ck_assert_double_eq_tol(grid->affine[1][1], 2.0 * cos(2 * half), 1e-12);
    ck_assert_double_eq_tol(grid->affine[2][1], 2.0 * sin(2 * half), 1e-12);
    ck_assert_double_eq_tol(grid->affine[1][2], -3.0 * sin(2 * half), 1e-12);
}
END_TEST

START_TEST(units_of_length)
{
    static const struct {
        int code;
        double mm;
    } units[] = {{0, 1.0}, {1, 1000.0}, {2, 1.0}, {3, 0.001}, {2 | 8, 1.0}, {1 | 16, 1000.0}};
    for (int u = 0; u < ROWS(units); u++) {
        maker m = make_header(1 + u % 2, false);
        put_floats(&m, 12);
        if (m.version == 1)
            m.bytes[123] = (unsigned char)units[u].code;
        else
            put(&m, 500, 4, (uint64_t)units[u].code);
        read_made(&m);
        ck_assert_double_eq_tol(rgq_volume_grid(volume)->affine[0][0], 1.5 * units[u].mm,
                                1e-12 * units[u].mm);
        ck_assert_double_eq_tol(rgq_volume_grid(volume)->affine[2][3], -30.0 * units[u].mm,
                                1e-11 * units[u].mm);
    }
    maker m = make_header(1, false);
    put_floats(&m, 12);
    m.bytes[123] = 5;
    read_made(&m);
    ck_assert_ptr_nonnull(strstr(warned, "unit code 5"));
}
END_TEST

START_TEST(compressed_plain_and_pairs)
{
    maker m = make_header(1, true);
    put_floats(&m, 12);
    save_gz(at("z.nii.gz"), m.bytes, m.length);
    read_back(at("z.nii.gz"));
    ck_assert_double_eq(voxel(0, 11), 11.5);
    save(at("not.nii.gz"), m.bytes, m.length); /* the name lies */
    read_back(at("not.nii.gz"));
    ck_assert_double_eq(voxel(0, 11), 11.5);
    save_gz(at("packed.nii"), m.bytes, m.length);
    read_back(at("packed.nii"));
    ck_assert_double_eq(voxel(0, 11), 11.5);
    memcpy(m.bytes + 344, "ni1", 4);
    put(&m, 108, 4, bits_32(0.0));
    save(at("p.hdr"), m.bytes, 348);
    rgq_volume *none = NULL;
    REFUSED(rgq_nifti_read(&none, NULL, at("p.hdr"), NULL, err), RGQ_E_IO, ".img");
    save_gz(at("p.img.gz"), m.bytes + 352, m.length - 352);
    read_back(at("p.hdr"));
    ck_assert_int_eq(facts.n_files, 2);
    ck_assert_double_eq(voxel(0, 11), 11.5);
    read_back(at("p.img.gz"));
    ck_assert_double_eq(voxel(0, 11), 11.5);
    put(&m, 108, 4, bits_32(16.0)); /* an offset counts in the file of voxels too */
    save(at("q.hdr"), m.bytes, 348);
    save(at("q.img"), m.bytes + 336, m.length - 336);
    read_back(at("q.img"));
    ck_assert_double_eq(voxel(0, 0), 0.5);
}
END_TEST

START_TEST(extension_is_stepped_over)
{
    maker m = make_header(1, false);
    put(&m, 108, 4, bits_32(368));
    put(&m, 348, 4, 1);
    put(&m, 352, 4, 16);
    m.length = 368;
    put_floats(&m, 12);
    read_made(&m);
    ck_assert_double_eq(voxel(0, 0), 0.5);
    put(&m, 108, 4, bits_32(0)); /* left out by some writers: 352 */
    read_made(&m);
    ck_assert_double_eq(voxel(0, 4), 0.5);
    m = make_header(1, false); /* without the four bytes about extensions */
    put(&m, 108, 4, bits_32(348));
    m.length = 348;
    put_floats(&m, 12);
    read_made(&m);
    ck_assert_double_eq(voxel(0, 0), 0.5);
    put(&m, 108, 4, bits_32(347));
    REFUSED_MADE(m, RGQ_E_FORMAT, ">= 348");
}
END_TEST

START_TEST(refused_headers)
{
    const maker good = make_header(1, false);
    maker m = good;
    put_floats(&m, 12);
    const maker whole = m;

    m.bytes[0] = 1;
    REFUSED_MADE(m, RGQ_E_FORMAT, "348 or 540");
    m = whole;
    memset(m.bytes + 344, 0, 4);
    REFUSED_MADE(m, RGQ_E_UNSUPPORTED, "Analyze");
    m = whole;
    put_type(&m, 32, 64);
    REFUSED_MADE(m, RGQ_E_UNSUPPORTED, "complex64");
    put_type(&m, 128, 24);
    REFUSED_MADE(m, RGQ_E_UNSUPPORTED, "RGB24");
    put_type(&m, 3, 24);
    REFUSED_MADE(m, RGQ_E_FORMAT, "datatype 3");
    put_type(&m, 16, 64);
    REFUSED_MADE(m, RGQ_E_FORMAT, "bitpix is 64");
    m = whole;
    put_dim(&m, 0, 8);
    REFUSED_MADE(m, RGQ_E_FORMAT, "dim[0] is 8");
    m = whole;
    put_dim(&m, 2, -2);
    REFUSED_MADE(m, RGQ_E_FORMAT, "dim[2] is -2");
    m = whole;
    put_dim(&m, 0, 5);
    put_dim(&m, 4, 2);
    put_dim(&m, 5, 2);
    REFUSED_MADE(m, RGQ_E_UNSUPPORTED, "2 x 2");
    m = whole;
    put(&m, 108, 4, bits_32(352.5));
    REFUSED_MADE(m, RGQ_E_FORMAT, "vox_offset is 352.5");
    put(&m, 108, 4, bits_32(-4));
    REFUSED_MADE(m, RGQ_E_FORMAT, "vox_offset");
    put(&m, 108, 4, bits_32((double)NAN));
    REFUSED_MADE(m, RGQ_E_FORMAT, "vox_offset");
    put(&m, 108, 4, bits_32(1e14));
    REFUSED_MADE(m, RGQ_E_FORMAT, "cannot hold");
    m = make_header(2, false);
    put_floats(&m, 12);
    m.bytes[8] = '\n';
    REFUSED_MADE(m, RGQ_E_FORMAT, "line ends");
    m = make_header(2, false);
    put_floats(&m, 12);
    put_dim(&m, 1, 40000);
    REFUSED_MADE(m, RGQ_E_FORMAT, "dim[1] is 40000");
}
END_TEST

START_TEST(refused_geometry)
{
    maker whole = make_header(1, false);
    put_floats(&whole, 12);
    maker m = whole;

    put_row(&m, 2, 0, 0, 0, 0);
    REFUSED_MADE(m, RGQ_E_GEOMETRY, "");
    m = whole;
    put_row(&m, 0, (double)NAN, 0, 0, 0);
    REFUSED_MADE(m, RGQ_E_GEOMETRY, "");
    m = whole;
    put_code(&m, 254, 348, 0);
    put_code(&m, 252, 344, 1);
    put(&m, 256, 4, bits_32(0.9));
    put(&m, 260, 4, bits_32(0.9));
    REFUSED_MADE(m, RGQ_E_GEOMETRY, "no rotation");
    put(&m, 260, 4, bits_32((double)INFINITY));
    REFUSED_MADE(m, RGQ_E_GEOMETRY, "no rotation");
    m = whole;
    put_code(&m, 254, 348, 0);
    put_pixdim(&m, 2, 0.0);
    REFUSED_MADE(m, RGQ_E_GEOMETRY, "pixdim[2]");
    put_pixdim(&m, 2, (double)NAN);
    REFUSED_MADE(m, RGQ_E_GEOMETRY, "pixdim[2]");
}
END_TEST

START_TEST(refused_voxels)
{
    maker m = make_header(1, true);
    put_floats(&m, 12);
    put(&m, 352 + 4 * 3, 4, bits_32((double)NAN));
    put(&m, 352 + 4 * 5, 4, bits_32(-(double)INFINITY));
    REFUSED_MADE(m, RGQ_E_NUMERIC, "2 ");
    m = make_header(1, false);
    put_type(&m, 64, 64);
    for (int i = 0; i < 12; i++)
        put(&m, m.length, 8, bits_64(1e300)); /* finite, but not as float */
    REFUSED_MADE(m, RGQ_E_NUMERIC, "12 ");
}
END_TEST

/* Cut anywhere the file is refused, gzip or not, and never with a large allocation: the
 * allocator would be told, the header says 12 voxels. */
START_TEST(truncated_anywhere)
{
    maker m = make_header(layouts[_i].version, layouts[_i].big);
    unsigned char packed[8192];
    put_floats(&m, 12);
    for (size_t length = 0; length < m.length; length++) {
        rgq_volume *none = NULL;
        rgq_error error = RGQ_ERROR_INIT;
        save(at("t.nii"), m.bytes, length);
        ck_assert_int_eq(rgq_nifti_read(&none, NULL, at("t.nii"), NULL, &error), RGQ_E_FORMAT);
        ck_assert_ptr_nonnull(strstr(error.message, "t.nii: "));
    }
    if (_i > 0) /* what zlib gives is the same for each layout */
        return;
    save_gz(at("t.nii.gz"), m.bytes, m.length);
    FILE *file = fopen(at("t.nii.gz"), "rb");
    const size_t whole = fread(packed, 1, sizeof packed, file);
    (void)fclose(file);
    for (size_t length = 0; length < whole; length++) {
        rgq_volume *none = NULL;
        save(at("t.nii.gz"), packed, length);
        ck_assert_int_eq(rgq_nifti_read(&none, NULL, at("t.nii.gz"), NULL, NULL), RGQ_E_FORMAT);
    }
}
END_TEST

/* Every bit of the header turned: read or refused, no more. Of the compressed bytes: what is
 * read at all is what was written, for the checksum stands behind it. */
START_TEST(flipped_bits)
{
    maker m = make_header(layouts[_i].version, layouts[_i].big);
    unsigned char packed[8192];
    put_floats(&m, 12);
    for (size_t bit = 0; bit < 8 * (m.length - 48); bit++) {
        rgq_volume *some = NULL;
        m.bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
        save(at("f.nii"), m.bytes, m.length);
        const rgq_status st = rgq_nifti_read(&some, NULL, at("f.nii"), NULL, NULL);
        ck_assert_int_ne(st, RGQ_E_NOMEM);
        ck_assert(st == RGQ_OK ? some != NULL : some == NULL);
        rgq_volume_free(some);
        m.bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
    if (_i > 0)
        return;
    save_gz(at("f.nii.gz"), m.bytes, m.length);
    FILE *file = fopen(at("f.nii.gz"), "rb");
    const size_t whole = fread(packed, 1, sizeof packed, file);
    (void)fclose(file);
    for (size_t bit = 80; bit < 8 * whole; bit++) { /* behind gzip's own header */
        rgq_volume *some = NULL;
        packed[bit / 8] ^= (unsigned char)(1u << bit % 8);
        save(at("f.nii.gz"), packed, whole);
        if (rgq_nifti_read(&some, NULL, at("f.nii.gz"), NULL, NULL) == RGQ_OK)
            ck_assert_double_eq((double)rgq_volume_cdata(some, 0)[11], 11.5);
        rgq_volume_free(some);
        packed[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
}
END_TEST

/* A few hundred bytes that claim 32767^3 voxels are refused before any memory is asked for:
 * the first allocation is made to fail, and the answer is still "format". */
START_TEST(bomb_claims)
{
    for (int packed = 0; packed < 2; packed++) {
        maker m = make_header(1, false);
        rgq_volume *none = NULL;
        for (int i = 1; i <= 3; i++)
            put_dim(&m, i, 32767);
        if (packed == 1)
            save_gz(at("b.nii.gz"), m.bytes, m.length);
        else
            save(at("b.nii.gz"), m.bytes, m.length);
        rgq_alloc_fail_after(0);
        const rgq_status st = rgq_nifti_read(&none, NULL, at("b.nii.gz"), NULL, NULL);
        rgq_alloc_fail_after(-1);
        ck_assert_int_eq(st, RGQ_E_FORMAT);
    }
    maker m = make_header(1, false); /* one byte short is known beforehand too */
    rgq_volume *none = NULL;
    put_floats(&m, 12);
    save(at("short.nii"), m.bytes, m.length - 1);
    rgq_alloc_fail_after(0);
    const rgq_status st = rgq_nifti_read(&none, NULL, at("short.nii"), NULL, NULL);
    rgq_alloc_fail_after(-1);
    ck_assert_int_eq(st, RGQ_E_FORMAT);
}
END_TEST

START_TEST(not_files)
{
    REFUSED(rgq_nifti_read(&volume, NULL, at("absent.nii"), NULL, err), RGQ_E_IO, "absent");
    REFUSED(rgq_nifti_read(&volume, NULL, folder, NULL, err), RGQ_E_IO, "regular file");
    REFUSED(rgq_nifti_read(&volume, NULL, "/dev/zero", NULL, err), RGQ_E_IO, "regular file");
}
END_TEST

START_TEST(lost_memory)
{
    maker m = make_header(1, false);
    put_floats(&m, 12);
    save_gz(at("m.nii.gz"), m.bytes, m.length);
    rgq_volume *got = NULL;
    const char *path = at("m.nii.gz");
    TORTURE(
        rgq_nifti_read(&got, NULL, path, NULL, err),
        {
            ck_assert(torture_st == RGQ_OK ? got != NULL : got == NULL);
            rgq_volume_free(got);
        },
        3);
}
END_TEST

START_TEST(names_beside)
{
    static const struct {
        const char *path, *ending, *want;
    } cases[] = {{"a/b.nii.gz", ".json", "a/b.json"},
                 {"b.nii", ".tsv", "b.tsv"},
                 {"b.img.gz", ".hdr", "b.hdr"},
                 {"odd", ".json", "odd.json"},
                 {"x.nii.d/y.hdr", ".img", "x.nii.d/y.img"}};
    char out[4096];
    for (int i = 0; i < ROWS(cases); i++) {
        MUST(rgq_path_beside(out, cases[i].path, cases[i].ending, err));
        ck_assert_str_eq(out, cases[i].want);
    }
    static char longest[5000];
    memset(longest, 'x', sizeof longest - 1);
    REFUSED(rgq_path_beside(out, longest, ".json", err), RGQ_E_ARGUMENT, "too long");
}
END_TEST

RGQ_CHECK_MAIN("io nifti", tcase_add_checked_fixture(tc, begin, end);
               tcase_add_loop_test(tc, both_versions_and_orders, 0, ROWS(layouts));
               tcase_add_loop_test(tc, every_type, 0, ROWS(kinds));
               tcase_add_test(tc, slope_and_intercept);
               tcase_add_test(tc, frames_and_singletons);
               tcase_add_test(tc, sform_before_qform_before_pixdim);
               tcase_add_test(tc, oblique_quaternion); tcase_add_test(tc, units_of_length);
               tcase_add_test(tc, compressed_plain_and_pairs);
               tcase_add_test(tc, extension_is_stepped_over);
               tcase_add_test(tc, refused_headers); tcase_add_test(tc, refused_geometry);
               tcase_add_test(tc, refused_voxels);
               tcase_add_loop_test(tc, truncated_anywhere, 0, ROWS(layouts));
               tcase_add_loop_test(tc, flipped_bits, 0, ROWS(layouts));
               tcase_add_test(tc, bomb_claims); tcase_add_test(tc, not_files);
               tcase_add_test(tc, lost_memory); tcase_add_test(tc, names_beside))
