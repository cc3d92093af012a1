/* ECAT 7: files put together field by field; offsets are those of the format. */
#include "io/ecat.h"

#include "io_check.h"
#include "rgdquant/scan_file.h"
#include "warned.h"

static rgq_scan scan;

static void begin(void)
{
    folder_begin();
    scan = (rgq_scan){0};
    warned[0] = '\0';
}

static void end(void)
{
    rgq_scan_release(&scan);
    folder_end();
}

enum { BLOCK = 512, DIRECTORY = 512 };

static void put_text(maker *m, size_t offset, const char *text)
{
    memcpy(m->bytes + offset, text, strlen(text));
}

/* Row `i` of the directory. */
static void put_row_of(maker *m, int i, uint32_t id, uint32_t first, uint32_t status)
{
    const size_t at_row = DIRECTORY + 16 * ((size_t)i + 1);
    put(m, at_row, 4, id);
    put(m, at_row + 4, 4, first);
    put(m, at_row + 8, 4, first + 1);
    put(m, at_row + 12, 4, status);
}

/* Frame in blocks `block` and the next: 3 x 2 x 2 int16, voxel i is i - 3 + 100 * (frame - 1)
 */
static void put_frame(maker *m, uint32_t block, int frame, double scale)
{
    const size_t sub = ((size_t)block - 1) * BLOCK;
    const double pixel_cm[3] = {0.2, 0.25, 0.3};
    const int n[3] = {3, 2, 2};

    put(m, sub + 0, 2, 6);
    put(m, sub + 2, 2, 3);
    for (size_t i = 0; i < 3; i++) {
        put(m, sub + 4 + 2 * i, 2, (uint64_t)n[i]);
        put(m, sub + 34 + 4 * i, 4, bits_32(pixel_cm[i]));
    }
    put(m, sub + 26, 4, bits_32(scale));
    put(m, sub + 46, 4, 30000);
    put(m, sub + 50, 4, (uint64_t)(30000 * (frame - 1)));
    for (int i = 0; i < 12; i++)
        put(m, sub + BLOCK + 2 * (size_t)i, 2, (uint16_t)(i - 3 + 100 * (frame - 1)));
    if (m->length < sub + 2 * (size_t)BLOCK)
        m->length = sub + 2 * (size_t)BLOCK;
}

/* Two frames; calibrated, factor 2, Bq/ml. */
static maker make_file(void)
{
    maker m = {.version = 1, .big = true};

    put_text(&m, 0, "MATRIX72v");
    put(&m, 48, 2, 962);
    put(&m, 50, 2, 7);
    put(&m, 62, 4, 1000000000);
    put_text(&m, 66, "F-18");
    put(&m, 74, 4, bits_32(6586.2));
    put_text(&m, 78, "FDG");
    put(&m, 144, 4, bits_32(2.0));
    put(&m, 148, 2, 1);
    put(&m, 330, 2, 3);
    put(&m, 354, 2, 2);
    put(&m, 450, 4, bits_32(0.967));
    put_text(&m, 466, "Bq/ml");
    put(&m, DIRECTORY, 4, 29);
    put(&m, DIRECTORY + 4, 4, 2);
    put(&m, DIRECTORY + 12, 4, 2);
    put_row_of(&m, 0, 0x01010001, 3, 1);
    put_row_of(&m, 1, 0x01010002, 5, 1);
    put_frame(&m, 3, 1, 0.5);
    put_frame(&m, 5, 2, 3.0);
    return m;
}

static void read_made(const maker *m)
{
    rgq_scan_release(&scan);
    warned[0] = '\0';
    save(at("a.v"), m->bytes, m->length);
    MUST(rgq_scan_read(&scan, at("a.v"), NULL, &listener, err));
}

#define REFUSED_MADE(m, want, words)                                                           \
    do {                                                                                       \
        save(at("a.v"), (m).bytes, (m).length);                                                \
        REFUSED(rgq_scan_read(&scan, at("a.v"), NULL, NULL, err), want, words);                \
        ck_assert_ptr_null(scan.volume);                                                       \
    } while (0)

static double voxel(int frame, size_t i)
{
    return (double)rgq_volume_cdata(scan.volume, frame)[i];
}

/* Read or refused, never worse. */
static void read_any(const char *name)
{
    const rgq_status st = rgq_scan_read(&scan, at(name), NULL, NULL, NULL);
    ck_assert((st == RGQ_OK) == (scan.volume != NULL));
    rgq_scan_release(&scan);
}

START_TEST(plain)
{
    const maker m = make_file();
    read_made(&m);
    const rgq_grid *grid = rgq_volume_grid(scan.volume);
    ck_assert_int_eq(grid->n[0], 3);
    ck_assert_int_eq(grid->n[1], 2);
    ck_assert_int_eq(grid->n[2], 2);
    /* head first and supine: to the left, the back, the feet; centred. float32 cm */
    ck_assert_double_eq_tol(grid->affine[0][0], -2.0, 1e-6);
    ck_assert_double_eq_tol(grid->affine[1][1], -2.5, 1e-6);
    ck_assert_double_eq_tol(grid->affine[2][2], -3.0, 1e-6);
    ck_assert_double_eq_tol(grid->affine[0][3], 2.0, 1e-6);
    ck_assert_double_eq_tol(grid->affine[2][3], 1.5, 1e-6);
    ck_assert_int_eq(rgq_volume_n_frames(scan.volume), 2);
    for (size_t i = 0; i < 12; i++) { /* stored * scale * factor, each once; negative kept */
        ck_assert_double_eq(voxel(0, i), ((double)i - 3.0) * 0.5 * 2.0);
        ck_assert_double_eq(voxel(1, i), ((double)i + 97.0) * 3.0 * 2.0);
    }
    ck_assert_double_eq(rgq_volume_frame(scan.volume, 1).start_s, 30.0);
    ck_assert_double_eq(rgq_volume_frame(scan.volume, 1).duration_s, 30.0);
    ck_assert_int_eq(rgq_volume_unit(scan.volume), RGQ_UNIT_BQ_ML);
    ck_assert_str_eq(scan.format, "ECAT 7");
    ck_assert_str_eq(scan.facts.nuclide.value, "F-18");
    ck_assert_str_eq(scan.facts.radiopharmaceutical.value, "FDG");
    ck_assert_double_eq_tol(scan.facts.half_life_s.value, 6586.2, 1e-3);
    ck_assert_double_eq(scan.facts.time_zero_s.value, 1e9);
    ck_assert(!scan.facts.injection_time_s.known);
    ck_assert(!scan.facts.decay_correction.known);
    ck_assert(!scan.facts.injected_activity_bq.known);
    ck_assert(!scan.identifiers_present);
    ck_assert_str_eq(warned, "");
}
END_TEST

START_TEST(calibration)
{
    static const struct {
        int units;
        double factor;
        const char *word;
        double first;
        rgq_unit unit;
        const char *words;
    } cases[] = {
        {1, 2.0, "Bq/cc", -3.0, RGQ_UNIT_BQ_ML, ""},
        {1, 2.0, "kBq/ml", -3000.0, RGQ_UNIT_BQ_ML, "multiplied by 1000"},
        {1, 2.0, "", -3.0, RGQ_UNIT_NATIVE, ""},
        {1, 2.0, "furlongs", -3.0, RGQ_UNIT_NATIVE, "not known"},
        {1, 0.0, "Bq/ml", -1.5, RGQ_UNIT_BQ_ML, "none is applied"},
        {1, -4.0, "Bq/ml", -1.5, RGQ_UNIT_BQ_ML, "none is applied"},
        {0, 2.0, "Bq/ml", -1.5, RGQ_UNIT_NATIVE, "not calibrated"},
        {0, 1.0, "", -1.5, RGQ_UNIT_NATIVE, ""},
        {2, 7.0, "", -1.5, RGQ_UNIT_NATIVE, "processed"},
    };
    for (int c = 0; c < ROWS(cases); c++) {
        maker m = make_file();
        put(&m, 144, 4, bits_32(cases[c].factor));
        put(&m, 148, 2, (uint64_t)cases[c].units);
        memset(m.bytes + 466, 0, 32);
        put_text(&m, 466, cases[c].word);
        read_made(&m);
        ck_assert_double_eq(voxel(0, 0), cases[c].first);
        ck_assert_int_eq(rgq_volume_unit(scan.volume), cases[c].unit);
        ck_assert_ptr_nonnull(strstr(warned, cases[c].words));
        ck_assert((cases[c].words[0] == '\0') == (warned[0] == '\0'));
    }
}
END_TEST

START_TEST(patient_and_injection)
{
    maker m = make_file();
    put_text(&m, 182, "Majesty");
    m.bytes[214] = 'F';
    put(&m, 220, 4, bits_32(170.0));
    put(&m, 224, 4, bits_32(60.0));
    put(&m, 454, 4, 1000000000 - 3600);
    put(&m, 458, 4, bits_32(5.0));
    put(&m, 2 * BLOCK + 80, 4, bits_32(1.25));
    put(&m, 2 * BLOCK + 84, 4, 512);
    read_made(&m);
    ck_assert(scan.identifiers_present);
    ck_assert_str_eq(scan.facts.sex.value, "F");
    ck_assert_double_eq_tol(scan.facts.height_m.value, 1.70, 1e-6);
    ck_assert_double_eq(scan.facts.weight_kg.value, 60.0);
    ck_assert_double_eq(scan.facts.injection_time_s.value, 1000000000.0 - 3600.0);
    ck_assert_double_eq(scan.facts.injection_date_known.value, 1.0);
    ck_assert_str_eq(scan.facts.decay_correction.value, "START");
    ck_assert_double_eq(scan.facts.decay_factor.value, 1.25);
    ck_assert_double_eq(scan.facts.decay_reference_s.value, 1e9);
    ck_assert(!scan.facts.injected_activity_bq.known); /* dosage has no unit */
    put(&m, 454, 4, 1000000000 - 200000);
    read_made(&m);
    ck_assert(!scan.facts.injection_time_s.known);
    ck_assert_ptr_nonnull(strstr(warned, "two days"));
}
END_TEST

START_TEST(orientations)
{
    static const struct {
        int code;
        double sign[3];
        const char *words;
    } cases[] = {{0, {-1, 1, 1}, ""},          {1, {1, 1, -1}, ""},
                 {2, {1, -1, 1}, ""},          {3, {-1, -1, -1}, ""},
                 {6, {1, -1, 1}, "decubitus"}, {8, {-1, -1, -1}, "unknown"},
                 {-5, {-1, -1, -1}, "unknown"}};
    for (int c = 0; c < ROWS(cases); c++) {
        maker m = make_file();
        put(&m, 330, 2, (uint16_t)cases[c].code);
        read_made(&m);
        for (int i = 0; i < 3; i++)
            ck_assert(rgq_volume_grid(scan.volume)->affine[i][i] * cases[c].sign[i] > 0.0);
        ck_assert_ptr_nonnull(strstr(warned, cases[c].words));
    }
}
END_TEST

START_TEST(frames_out_of_order_and_dead)
{
    maker m = make_file();
    put_row_of(&m, 0, 0x01010002, 5, 1);
    put_row_of(&m, 1, 0x01010001, 3, 2);
    read_made(&m);
    ck_assert_double_eq(voxel(0, 0), -3.0);
    ck_assert_double_eq(voxel(1, 0), 97.0 * 6.0);
    ck_assert_str_eq(warned, "");
    /* deleted */
    m = make_file();
    put_row_of(&m, 0, 0x01010001, 3, 3);
    read_made(&m);
    ck_assert_int_eq(rgq_volume_n_frames(scan.volume), 1);
    ck_assert_double_eq(rgq_volume_frame(scan.volume, 0).start_s, 30.0);
    ck_assert_double_eq(voxel(0, 0), 97.0 * 6.0);
    ck_assert_ptr_nonnull(strstr(warned, "frame 1 is missing"));
    /* deleted, and the header no longer counts it */
    m = make_file();
    put(&m, 354, 2, 1);
    put_row_of(&m, 1, 0x01010002, 5, 3);
    read_made(&m);
    ck_assert_int_eq(rgq_volume_n_frames(scan.volume), 1);
    ck_assert_ptr_nonnull(strstr(warned, "frame 2 is missing"));
    /* claimed, never written: two of them */
    m = make_file();
    put(&m, 354, 2, 4);
    read_made(&m);
    ck_assert_int_eq(rgq_volume_n_frames(scan.volume), 2);
    ck_assert_ptr_nonnull(strstr(warned, "frame 3, 4 is missing"));
    /* more than the header claims */
    m = make_file();
    put(&m, 354, 2, 1);
    read_made(&m);
    ck_assert_int_eq(rgq_volume_n_frames(scan.volume), 2);
    ck_assert_ptr_nonnull(strstr(warned, "the header claims 1 frames, the directory has 2"));
    /* a scale of nothing */
    m = make_file();
    put_frame(&m, 5, 2, 0.0);
    read_made(&m);
    ck_assert_ptr_nonnull(strstr(warned, "frame 2 has the scale factor 0"));
}
END_TEST

START_TEST(gzip_and_second_block)
{
    maker m = make_file();
    /* frame 2 stands in a second block of the directory, behind its voxels */
    put(&m, DIRECTORY + 4, 4, 7);
    put(&m, DIRECTORY + 12, 4, 1);
    put(&m, 6 * BLOCK, 4, 30);
    put(&m, 6 * BLOCK + 4, 4, 2);
    put(&m, 6 * BLOCK + 12, 4, 1);
    memcpy(m.bytes + 6 * BLOCK + 16, m.bytes + DIRECTORY + 32, 16);
    m.length = 7 * BLOCK;
    save_gz(at("a.v.gz"), m.bytes, m.length);
    MUST(rgq_scan_read(&scan, at("a.v.gz"), NULL, &listener, err));
    ck_assert_int_eq(rgq_volume_n_frames(scan.volume), 2);
    ck_assert_double_eq(voxel(1, 11), 108.0 * 6.0);
    ck_assert_str_eq(warned, "");
}
END_TEST

START_TEST(types)
{
    static const struct {
        int code;
        size_t bytes;
        bool big;
        uint64_t raw;
        double value;
    } cases[] = {{1, 1, true, 0xfe, 254},       {2, 2, false, 0xfffe, -2},
                 {3, 4, false, 0xfffffffe, -2}, {5, 4, true, 0x3fc00000, 1.5},
                 {6, 2, true, 0x8000, -32768},  {7, 4, true, 0x80000000, -2147483648.0}};
    for (int c = 0; c < ROWS(cases); c++) {
        maker m = make_file();
        for (size_t f = 0; f < 2; f++) {
            const size_t sub = (2 + 2 * f) * BLOCK;
            put(&m, sub, 2, (uint64_t)cases[c].code);
            put(&m, sub + 26, 4, bits_32(0.5));
            m.big = cases[c].big;
            for (size_t i = 0; i < 12; i++)
                put(&m, sub + BLOCK + i * cases[c].bytes, cases[c].bytes, cases[c].raw);
            m.big = true;
        }
        read_made(&m);
        for (size_t i = 0; i < 12; i++)
            ck_assert_double_eq(voxel(1, i), cases[c].value);
    }
}
END_TEST

/* One field changed: offset, width, value, what is said. */
static const struct {
    size_t offset, size;
    uint64_t value;
    rgq_status status;
    const char *words;
} faults[] = {
    {6, 1, '6', RGQ_E_UNSUPPORTED, "version 7"},
    {50, 2, 1, RGQ_E_UNSUPPORTED, "a sinogram"},
    {50, 2, 2, RGQ_E_UNSUPPORTED, "not a volume"},
    {50, 2, 0xffff, RGQ_E_UNSUPPORTED, "unknown kind"},
    {356, 2, 8, RGQ_E_UNSUPPORTED, "8 gates"},
    {DIRECTORY + 12, 4, 32, RGQ_E_FORMAT, "claims 32 rows"},
    {DIRECTORY + 12, 4, 0, RGQ_E_FORMAT, "none of the 2 frames"},
    {DIRECTORY + 4, 4, 900, RGQ_E_FORMAT, "block 900"},
    {DIRECTORY + 4, 4, 0xffffffff, RGQ_E_FORMAT, "truncated"},
    {DIRECTORY + 32, 4, 0x01010001, RGQ_E_FORMAT, "frame 1 twice"},
    {DIRECTORY + 32, 4, 0x02010002, RGQ_E_UNSUPPORTED, "gates"},
    {DIRECTORY + 32, 4, 0x01011002, RGQ_E_UNSUPPORTED, "bed positions"},
    {DIRECTORY + 36, 4, 6, RGQ_E_UNSUPPORTED, "frame 2: "},
    {DIRECTORY + 36, 4, 0x7fffffff, RGQ_E_FORMAT, "truncated or damaged"},
    {2 * BLOCK, 2, 4, RGQ_E_UNSUPPORTED, "VAX"},
    {2 * BLOCK, 2, 9, RGQ_E_UNSUPPORTED, "data_type 9"},
    {2 * BLOCK + 4, 2, 0, RGQ_E_FORMAT, "0 voxels along x"},
    {2 * BLOCK + 6, 2, 0xffff, RGQ_E_FORMAT, "-1 voxels along y"},
    {2 * BLOCK + 8, 2, 0x7fff, RGQ_E_FORMAT, "cannot hold"},
    {2 * BLOCK + 34, 4, 0, RGQ_E_GEOMETRY, "0 mm long along x"},
    {2 * BLOCK + 38, 4, 0x7fc00000, RGQ_E_GEOMETRY, "along y"},
    {2 * BLOCK + 42, 4, 0, RGQ_E_GEOMETRY, "along z"},
    {2 * BLOCK + 26, 4, 0x7fc00000, RGQ_E_NUMERIC, "scale_factor"},
    {2 * BLOCK + 46, 4, 0xffffffff, RGQ_E_FORMAT, "lasts"},
    {4 * BLOCK + 4, 2, 2, RGQ_E_UNSUPPORTED, "frames of one size"},
    {4 * BLOCK + 34, 4, 0x40000000, RGQ_E_UNSUPPORTED, "frames of one size"},
};

START_TEST(refusals)
{
    maker m = make_file();
    put(&m, faults[_i].offset, faults[_i].size, faults[_i].value);
    REFUSED_MADE(m, faults[_i].status, faults[_i].words);
}
END_TEST

START_TEST(circular_directory)
{
    maker m = make_file();
    put(&m, DIRECTORY + 4, 4, 7);
    memcpy(m.bytes + 6 * BLOCK, m.bytes + DIRECTORY, 16);
    put(&m, 6 * BLOCK + 12, 4, 0);
    m.length = 7 * BLOCK; /* block 7 points to itself */
    REFUSED_MADE(m, RGQ_E_FORMAT, "circular");
    put(&m, 6 * BLOCK + 4, 4, 5);
    REFUSED_MADE(m, RGQ_E_FORMAT, "circular");
}
END_TEST

START_TEST(cut_and_turned)
{
    const maker m = make_file();

    for (size_t n = 14; n < m.length; n += n < 1024 || n > 2600 ? 101 : 37) {
        maker cut = m;
        cut.length = n;
        save(at("a.v"), cut.bytes, cut.length);
        /* the last voxels end 488 bytes before the file does */
        if (n < 5 * BLOCK + 24)
            REFUSED(rgq_scan_read(&scan, at("a.v"), NULL, NULL, err), RGQ_E_FORMAT, "a.v");
        rgq_scan_release(&scan);
    }
    for (size_t i = 0; i < m.length; i += 13) {
        maker turned = m;
        turned.bytes[i] ^= (unsigned char)(1 << i % 8);
        save(at("a.v"), turned.bytes, turned.length);
        read_any("a.v");
    }
}
END_TEST

START_TEST(gzip_bomb_is_refused_before_memory)
{
    maker m = make_file();
    for (size_t f = 0; f < 2; f++)
        for (size_t i = 0; i < 3; i++)
            put(&m, (2 + 2 * f) * BLOCK + 4 + 2 * i, 2, 2000);
    save_gz(at("b.v.gz"), m.bytes, m.length);
    REFUSED(rgq_scan_read(&scan, at("b.v.gz"), NULL, NULL, err), RGQ_E_FORMAT, "cannot hold");
}
END_TEST

START_TEST(lost_memory)
{
    const maker m = make_file();
    save(at("m.v"), m.bytes, m.length);
    const char *path = at("m.v");
    TORTURE(
        rgq_scan_read(&scan, path, NULL, NULL, err),
        {
            ck_assert(torture_st == RGQ_OK ? scan.volume != NULL : scan.volume == NULL);
            rgq_scan_release(&scan);
        },
        4);
}
END_TEST

RGQ_CHECK_MAIN("io ecat", tcase_add_checked_fixture(tc, begin, end); tcase_add_test(tc, plain);
               tcase_add_test(tc, calibration); tcase_add_test(tc, patient_and_injection);
               tcase_add_test(tc, orientations);
               tcase_add_test(tc, frames_out_of_order_and_dead);
               tcase_add_test(tc, gzip_and_second_block); tcase_add_test(tc, types);
               tcase_add_loop_test(tc, refusals, 0, ROWS(faults));
               tcase_add_test(tc, circular_directory); tcase_add_test(tc, cut_and_turned);
               tcase_add_test(tc, gzip_bomb_is_refused_before_memory);
               tcase_add_test(tc, lost_memory))
