/* Interfile: headers line by line, every key that is read, every one that is refused. */
#include "io/interfile.h"

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

/* 3 x 2 x 2 voxels of int16, little-endian, 2 x 2 x 4 mm. `extra` goes last, so that it wins.
 */
static const char *header(const char *extra)
{
    static char text[8192];

    (void)snprintf(text, sizeof text,
                   "!INTERFILE  :=\n"
                   "; a comment := 5\n"
                   "!imaging modality := PET\r\n"
                   "name of data file := a.v\n"
                   "!GENERAL IMAGE DATA :=\n"
                   "!type of data := PET\n"
                   "patient orientation := head_in\n"
                   "PATIENT  rotation:=Supine\n"
                   "imagedata byte order := LITTLEENDIAN\n"
                   "!PET data type := Image\n"
                   "!number format := signed integer\n"
                   "!number of bytes per pixel := 2\n"
                   "!matrix size [1] := 3\n"
                   "matrix_size[2]:= 2\n"
                   "!MATRIX SIZE [ 3 ] := 2\n"
                   "scaling factor (mm/pixel) [1] := 2\n"
                   "scaling factor (mm/pixel) [2] := 2.0\n"
                   "scaling factor (mm/pixel)[3] := +4\n"
                   "%s\n!END OF INTERFILE :=\nmatrix size [1] := 77\n",
                   extra);
    return text;
}

/* Voxel i is i - 3, so that the sign is seen. */
static void save_data(const char *name, int count)
{
    unsigned char bytes[512];

    for (int i = 0; i < count; i++) {
        const uint16_t bits = (uint16_t)(int16_t)(i - 3);
        bytes[2 * i] = (unsigned char)(bits & 0xff);
        bytes[2 * i + 1] = (unsigned char)(bits >> 8);
    }
    save(at(name), bytes, 2 * (size_t)count);
}

static void read_with(const char *extra, int count)
{
    rgq_scan_release(&scan);
    warned[0] = '\0';
    save_text(at("a.hv"), header(extra));
    save_data("a.v", count);
    MUST(rgq_scan_read(&scan, at("a.hv"), NULL, &listener, err));
}

#define REFUSED_WITH(extra, want, words)                                                       \
    do {                                                                                       \
        rgq_scan_release(&scan);                                                               \
        save_text(at("a.hv"), header(extra));                                                  \
        save_data("a.v", 12);                                                                  \
        REFUSED(rgq_scan_read(&scan, at("a.hv"), NULL, NULL, err), want, words);               \
        ck_assert_ptr_null(scan.volume);                                                       \
    } while (0)

static double voxel(int frame, size_t i)
{
    return (double)rgq_volume_cdata(scan.volume, frame)[i];
}

static void check_origin(const double want[3])
{
    const rgq_grid *grid = rgq_volume_grid(scan.volume);
    for (int i = 0; i < 3; i++)
        ck_assert_double_eq(grid->affine[i][3], want[i]);
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
    read_with("", 12);
    const rgq_grid *grid = rgq_volume_grid(scan.volume);
    ck_assert_int_eq(grid->n[0], 3);
    ck_assert_int_eq(grid->n[1], 2);
    ck_assert_int_eq(grid->n[2], 2);
    ck_assert_double_eq(grid->affine[0][0], -2.0); /* to the left, the back, the feet */
    ck_assert_double_eq(grid->affine[1][1], -2.0);
    ck_assert_double_eq(grid->affine[2][2], -4.0);
    check_origin((const double[3]){2.0, 1.0, 2.0}); /* the middle is at 0 */
    for (size_t i = 0; i < 12; i++)
        ck_assert_double_eq(voxel(0, i), (double)i - 3.0);
    ck_assert_str_eq(scan.format, "Interfile");
    ck_assert_int_eq(scan.n_files, 2);
    ck_assert_str_eq(scan.facts.modality.value, "PT");
    ck_assert(!scan.identifiers_present);
    ck_assert_int_eq(rgq_volume_unit(scan.volume), RGQ_UNIT_NATIVE);
    ck_assert(isnan(rgq_volume_frame(scan.volume, 0).start_s));
    ck_assert_str_eq(warned, "");
}
END_TEST

START_TEST(positions)
{
    static const struct {
        const char *lines;
        double sign[3];
    } cases[] = {
        {"patient orientation := head in", {-1, -1, -1}},
        {"patient rotation := prone", {1, 1, -1}},
        {"patient orientation := feet_in", {1, -1, 1}},
        {"patient orientation := feet_in\npatient rotation := prone", {-1, 1, 1}},
    };
    for (int c = 0; c < ROWS(cases); c++) {
        read_with(cases[c].lines, 12);
        const rgq_grid *grid = rgq_volume_grid(scan.volume);
        for (int i = 0; i < 3; i++)
            ck_assert_double_eq(grid->affine[i][i], cases[c].sign[i] * (i < 2 ? 2.0 : 4.0));
    }
    read_with("first pixel offset (mm) [1] := -10\nfirst pixel offset (mm) [2] := 20.5\n"
              "first pixel offset (mm) [3] := 0",
              12);
    check_origin((const double[3]){10.0, -20.5, 0.0});
    read_with("patient orientation := unknown", 12);
    ck_assert_ptr_nonnull(strstr(warned, "head first and supine is assumed"));
}
END_TEST

START_TEST(frames_and_facts)
{
    read_with(
        "number of time frames := 2\n"
        "image duration (sec)[1] := 10\nimage duration (sec)[2] := 20.5\n"
        "image relative start time (sec)[1] := 5\nimage relative start time (sec)[2] := 15\n"
        "study date := 2013:11:21\nstudy time := 10:15:30\n"
        "quantification units := kBq/ml\nisotope name := ^18^Fluorine\n"
        "isotope gamma halflife (sec) := 6586.2\nisotope branching factor := 0.967\n"
        "patient name := Doe^John\noriginating system := ECAT 962\npatient sex := female",
        24);
    ck_assert_int_eq(rgq_volume_n_frames(scan.volume), 2);
    ck_assert_double_eq(rgq_volume_frame(scan.volume, 0).start_s, 5.0);
    ck_assert_double_eq(rgq_volume_frame(scan.volume, 1).start_s, 15.0);
    ck_assert_double_eq(rgq_volume_frame(scan.volume, 1).duration_s, 20.5);
    ck_assert_double_eq(voxel(1, 0), 9000.0); /* kBq/mL become Bq/mL */
    ck_assert_int_eq(rgq_volume_unit(scan.volume), RGQ_UNIT_BQ_ML);
    ck_assert_ptr_nonnull(strstr(warned, "multiplied by 1000"));
    ck_assert_str_eq(scan.facts.nuclide.value, "F-18");
    ck_assert_double_eq(scan.facts.half_life_s.value, 6586.2);
    ck_assert_double_eq(scan.facts.positron_fraction.value, 0.967);
    ck_assert_str_eq(scan.facts.sex.value, "F");
    ck_assert_str_eq(scan.facts.model.value, "ECAT 962");
    /* 21 November 2013, 10:15:30 */
    ck_assert_double_eq(scan.facts.time_zero_s.value, 1385028930.0);
    ck_assert_double_eq(scan.facts.acquisition_time_s.value, 1385028935.0);
    ck_assert(scan.identifiers_present);
}
END_TEST

/* The side file's zero is the injection, an hour before the header's; the distance between the
 * header's frames and its own zero is kept, and so are the identifiers that were seen. */
START_TEST(side_file_and_header_share_one_clock)
{
    save_text(at("a.json"), "{\"Units\": \"Bq/mL\", \"TimeZero\": \"23:15:30\", "
                            "\"InjectionStart\": 0, \"PatientWeight\": 70}");
    read_with("number of time frames := 2\nimage duration (sec)[1] := 10\n"
              "image duration (sec)[2] := 20\nimage relative start time (sec)[1] := 0\n"
              "image relative start time (sec)[2] := 10\nstudy date := 2013:11:22\n"
              "study time := 00:15:30\nquantification units := kBq/ml\npatient id := 7",
              24);
    ck_assert_int_eq(rgq_volume_unit(scan.volume), RGQ_UNIT_BQ_ML);
    ck_assert_double_eq(voxel(0, 0), -3.0); /* the side file's unit goes first */
    ck_assert_double_eq(rgq_volume_frame(scan.volume, 0).start_s, 3600.0);
    ck_assert_double_eq(rgq_volume_frame(scan.volume, 1).start_s, 3610.0);
    ck_assert_double_eq(rgq_volume_frame(scan.volume, 1).duration_s, 20.0);
    ck_assert_double_eq(scan.facts.acquisition_time_s.value - scan.facts.injection_time_s.value,
                        3600.0);
    ck_assert(scan.identifiers_present);
    ck_assert_double_eq(scan.facts.weight_kg.value, 70.0);
}
END_TEST

START_TEST(scaling_is_applied_once)
{
    static const struct {
        const char *lines;
        double first, last;
        const char *words;
    } cases[] = {
        {"quantification units := 2.5", -7.5, 20.0, ""},
        {"rescale slope := 2\nrescale intercept := 1", -5.0, 17.0, ""},
        {"rescale slope := 2\nquantification units := 2", -6.0, 16.0, ""},
        {"image scaling factor[1] := 3\nquantification units := 3", -9.0, 24.0, ""},
        {"quantification units := 0", -3.0, 8.0, "there is none"},
        {"calibration factor := 9", -3.0, 8.0, "not applied"},
        {"calibration factor := 1", -3.0, 8.0, ""},
    };
    for (int c = 0; c < ROWS(cases); c++) {
        read_with(cases[c].lines, 12);
        ck_assert_double_eq(voxel(0, 0), cases[c].first);
        ck_assert_double_eq(voxel(0, 11), cases[c].last);
        ck_assert_ptr_nonnull(strstr(warned, cases[c].words));
        ck_assert((cases[c].words[0] == '\0') == (warned[0] == '\0'));
    }
    read_with("number of time frames := 2\nimage scaling factor[1] := 2\n"
              "image scaling factor[2] := 10",
              24);
    ck_assert_double_eq(voxel(0, 0), -6.0);
    ck_assert_double_eq(voxel(1, 0), 90.0);
}
END_TEST

/* number format, bytes, the voxels as bytes (big-endian) and what they mean */
static const struct {
    const char *format;
    int bytes;
    uint64_t raw;
    double value;
} kinds[] = {
    {"unsigned integer", 1, 0xfe, 254},
    {"signed integer", 1, 0xfe, -2},
    {"Unsigned  Integer", 2, 0xfffe, 65534},
    {"signed integer", 2, 0xfffe, -2},
    {"unsigned integer", 4, 0x80000001, 2147483649.0},
    {"signed integer", 4, 0x80000001, -2147483647.0},
    {"float", 4, 0x3fc00000, 1.5},
    {"short float", 4, 0xbfc00000, -1.5},
    {"long float", 8, 0x3ff8000000000000, 1.5},
    {"float", 8, 0x3ff8000000000000, 1.5},
};

START_TEST(every_type)
{
    for (int big = 0; big < 2; big++) {
        maker m = {.version = 1, .big = big == 1};
        char lines[256];
        for (int i = 0; i < 12; i++)
            put(&m, m.length, (size_t)kinds[_i].bytes, kinds[_i].raw);
        save(at("b.v"), m.bytes, m.length);
        (void)snprintf(lines, sizeof lines,
                       "name of data file := ./b.v\nnumber format := %s\n"
                       "number of bytes per pixel := %d\nimagedata byte order := %s",
                       kinds[_i].format, kinds[_i].bytes,
                       big == 1 ? "bigendian" : "LITTLEENDIAN");
        save_text(at("a.hv"), header(lines));
        rgq_scan_release(&scan);
        MUST(rgq_scan_read(&scan, at("a.hv"), NULL, &listener, err));
        for (size_t i = 0; i < 12; i++) /* voxels are float */
            ck_assert_double_eq(voxel(0, i), (double)(float)kinds[_i].value);
        ck_assert_str_eq(warned, "");
    }
}
END_TEST

START_TEST(where_the_data_are)
{
    char path[512];
    unsigned char bytes[4096 + 64] = {0};

    read_with("", 12);
    (void)snprintf(path, sizeof path, "%s", at("big.v"));
    FILE *file = fopen(at("a.v"), "rb");
    ck_assert_uint_eq(fread(bytes + 2048, 1, 24, file), 24);
    (void)fclose(file);
    save(path, bytes, 2048 + 24);
    save_text(at("a.hv"), header("name of data file := big.v\ndata starting block := 1"));
    rgq_scan_release(&scan);
    MUST(rgq_scan_read(&scan, at("a.hv"), NULL, &listener, err));
    ck_assert_double_eq(voxel(0, 11), 8.0);
    save_text(at("a.hv"), header("name of data file := big.v\ndata offset in bytes := 2048"));
    rgq_scan_release(&scan);
    MUST(rgq_scan_read(&scan, at("a.hv"), NULL, &listener, err));
    ck_assert_double_eq(voxel(0, 0), -3.0);
    ck_assert_str_eq(warned, "");
    /* behind the header, in one file; compressed too */
    const char *text = header("name of data file :=\ndata offset in bytes := 2048");
    memcpy(bytes, text, strlen(text));
    save_gz(at("one.hv.gz"), bytes, 2048 + 24);
    rgq_scan_release(&scan);
    MUST(rgq_scan_read(&scan, at("one.hv.gz"), NULL, &listener, err));
    ck_assert_double_eq(voxel(0, 11), 8.0);
    ck_assert_int_eq(scan.n_files, 1);
    read_with("", 13);
    ck_assert_ptr_nonnull(strstr(warned, "2 bytes more"));
}
END_TEST

START_TEST(slices_of_spect)
{
    read_with("imaging modality := nucmed\ntype of data := Tomographic\nPET data type :=\n"
              "process status := Reconstructed\nmatrix size [3] :=\nnumber of slices := 2\n"
              "scaling factor (mm/pixel)[3] :=\n"
              "centre-centre slice separation (pixels) := 1.5",
              12);
    ck_assert_str_eq(scan.facts.modality.value, "NM");
    ck_assert_double_eq(rgq_volume_grid(scan.volume)->affine[2][2], -3.0);
}
END_TEST

START_TEST(other_spellings)
{
    read_with("scaling factor (mm/pixel) [1] :=\nscaling factor (mm/pixel) [2] :=\n"
              "scaling factor (mm/pixel) [3] :=\n%scale factor (mm/pixel) [1] := 1.5\n"
              "scale factor (mm/pixel) [2] := 2.5\nscale factor (mm/pixel) [3] := 3.5\n"
              "image duration := 600\nimage relative start time := 30\n"
              "isotope halflife := 1223.4\nmatrix size [3] :=\n"
              "!number of images/energy window := 2",
              12);
    ck_assert_double_eq(rgq_volume_grid(scan.volume)->affine[0][0], -1.5);
    ck_assert_double_eq(rgq_volume_grid(scan.volume)->affine[2][2], -3.5);
    ck_assert_double_eq(rgq_volume_frame(scan.volume, 0).duration_s, 600.0);
    ck_assert_double_eq(rgq_volume_frame(scan.volume, 0).start_s, 30.0);
    ck_assert_double_eq(scan.facts.half_life_s.value, 1223.4);
    /* the voxels given in place of the header */
    REFUSED(rgq_scan_read(&(rgq_scan){0}, at("a.v"), NULL, NULL, err), RGQ_E_FORMAT,
            "(.hv) beside it");
}
END_TEST

/* Paths of another machine: the file of that name beside the header. */
START_TEST(folders_in_the_name)
{
    static const char *const names[] = {"../a.v", "C:\\data\\a.v", "/data/x/a.v", "./a.v"};
    char line[64];

    (void)snprintf(line, sizeof line, "name of data file := %s", names[_i]);
    read_with(line, 12);
    ck_assert_double_eq(voxel(0, 11), 8.0);
    ck_assert_int_eq(strstr(warned, "'a.v' beside the header is read") != NULL, _i != 3);
}
END_TEST

/* STIR states the offset of every frame; they need not follow each other. */
START_TEST(offset_of_each_frame)
{
    read_with("number of time frames := 2\ndata offset in bytes[1] := 26\n"
              "data offset in bytes[2] := 0\nimage scaling factor[1] := 1\n"
              "image scaling factor[2] := 2",
              25);
    ck_assert_double_eq(voxel(0, 0), 10.0); /* stored value 13 - 3 */
    ck_assert_double_eq(voxel(1, 0), -6.0);
    ck_assert_double_eq(voxel(1, 11), 16.0);
    ck_assert_str_eq(warned, "");
    rgq_scan_release(&scan);
    REFUSED_WITH("number of time frames := 2\nmatrix size [3] := 1\n"
                 "data offset in bytes[2] := 1000",
                 RGQ_E_FORMAT, "1000");
}
END_TEST

/* What the consoles of Siemens write. */
START_TEST(siemens)
{
    static const struct {
        const char *code;
        double sign[3];
    } codes[] = {
        {"HFS", {-1, -1, -1}}, {"HFP", {1, 1, -1}}, {"FFS", {1, -1, 1}}, {"FFP", {-1, 1, 1}}};
    char lines[1024];

    (void)snprintf(lines, sizeof lines,
                   "imaging modality :=\ntype of data :=\npatient rotation :=\n"
                   "%%patient orientation:=%s\n"
                   "%%study date (yyyy:mm:dd):=2014:05:08\n"
                   "%%study time (hh:mm:ss GMT+00:00):=12:38:15\n"
                   "%%tracer injection date (yyyy:mm:dd):=2014:05:08\n"
                   "%%tracer injection time (hh:mm:ss GMT+00:00):=11:38:05\n"
                   "tracer activity at time of injection (Bq):=2.88e+008\n",
                   codes[_i].code);
    read_with(lines, 12);
    ck_assert_str_eq(warned, "");
    const rgq_scan_facts *f = &scan.facts;
    ck_assert_str_eq(f->modality.value, "PT");
    ck_assert(f->time_zero_s.known && f->injection_time_s.known);
    ck_assert_double_eq(f->time_zero_s.value - f->injection_time_s.value, 3610.0);
    ck_assert_double_eq(f->injection_date_known.value, 1.0);
    ck_assert_double_eq(f->injected_activity_bq.value, 2.88e8);
    for (int i = 0; i < 3; i++)
        ck_assert_double_eq(rgq_volume_grid(scan.volume)->affine[i][i],
                            codes[_i].sign[i] * (i < 2 ? 2.0 : 4.0));
}
END_TEST

START_TEST(refusals)
{
    static const struct {
        const char *lines;
        rgq_status status;
        const char *words;
    } cases[] = {
        {"PET data type := Emission", RGQ_E_UNSUPPORTED, "not a volume"},
        {"process status := acquired", RGQ_E_UNSUPPORTED, "projections"},
        {"type of data := Curve", RGQ_E_UNSUPPORTED, "not a volume"},
        {"type of data := Tomographic\nnumber of projections := 60", RGQ_E_UNSUPPORTED,
         "projections"},
        {"slice orientation := Coronal", RGQ_E_UNSUPPORTED, "transverse"},
        {"number of energy windows := 2", RGQ_E_UNSUPPORTED, "2 energy windows"},
        {"number of image data types := 2", RGQ_E_UNSUPPORTED, "2 kinds of parametric"},
        {"number of time gates := 8", RGQ_E_UNSUPPORTED, "8 gates"},
        {"name of data file := /etc/passwd", RGQ_E_IO, "'passwd' was not found beside"},
        {"name of data file := ..", RGQ_E_FORMAT, "beside the header"},
        {"name of data file := a/..", RGQ_E_FORMAT, "beside the header"},
        {"name of data file := C:\\data\\", RGQ_E_FORMAT, "beside the header"},
        {"matrix axis label [1] := z", RGQ_E_UNSUPPORTED, "order x, y, z"},
        {"%patient orientation := HFDL", RGQ_E_UNSUPPORTED, "decubitus"},
        {"name of data file := none.v", RGQ_E_IO, "'none.v' was not found"},
        {"name of data file :=", RGQ_E_MISSING, "name of data file"},
        {"number format := ASCII", RGQ_E_UNSUPPORTED, "ASCII"},
        {"number format :=", RGQ_E_MISSING, "number format"},
        {"number of bytes per pixel := 3", RGQ_E_UNSUPPORTED, "3 bytes"},
        {"number of bytes per pixel :=", RGQ_E_MISSING, "bytes per pixel"},
        {"imagedata byte order := MIDDLE", RGQ_E_FORMAT, "MIDDLE"},
        {"matrix size [1] :=", RGQ_E_MISSING, "matrix size [1]"},
        {"matrix size [3] :=", RGQ_E_MISSING, "number of slices"},
        {"matrix size [1] := 0", RGQ_E_FORMAT, "matrixsize [1]"},
        {"matrix size [1] := 3x", RGQ_E_FORMAT, "matrixsize [1]"},
        {"matrix size [1] := {3,4}", RGQ_E_FORMAT, "matrixsize [1]"},
        {"matrix size [4] := 2", RGQ_E_UNSUPPORTED, "fourth axis"},
        {"matrix size [1] := 4", RGQ_E_FORMAT, "cannot hold more than 24"},
        {"matrix size [1] := 32767\nmatrix size [2] := 32767\nmatrix size [3] := 32767\n"
         "number of time frames := 10000",
         RGQ_E_FORMAT, "cannot hold more than 24"},
        {"data offset in bytes := 1", RGQ_E_FORMAT, "cannot hold"},
        {"data offset in bytes := -1", RGQ_E_FORMAT, "dataoffsetinbytes"},
        {"data offset in bytes := 1152921504606846976", RGQ_E_FORMAT, "cannot hold"},
        {"scaling factor (mm/pixel)[3] :=", RGQ_E_MISSING, "[3]"},
        {"scaling factor (mm/pixel)[3] := -1", RGQ_E_FORMAT, "[3]"},
        {"patient rotation := left", RGQ_E_UNSUPPORTED, "left"},
        {"image duration (sec) := {1,2}", RGQ_E_FORMAT, "imageduration(sec) [1]"},
        {"number of time frames := 0", RGQ_E_FORMAT, "numberoftimeframes"},
    };
    for (int c = 0; c < ROWS(cases); c++)
        REFUSED_WITH(cases[c].lines, cases[c].status, cases[c].words);
    save_text(at("a.hv"), "!INTERFILE :=\n");
    REFUSED(rgq_scan_read(&scan, at("a.hv"), NULL, NULL, err), RGQ_E_MISSING, "a.hv: ");
}
END_TEST

START_TEST(voxels_that_are_not_finite)
{
    const unsigned char bytes[48] = {0, 0, 0xc0, 0x7f};
    save(at("n.v"), bytes, sizeof bytes);
    REFUSED_WITH("name of data file := n.v\nnumber format := float\n"
                 "number of bytes per pixel := 4",
                 RGQ_E_NUMERIC, "in the file");
}
END_TEST

START_TEST(content_decides)
{
    static const struct {
        const char *bytes;
        bool is;
    } cases[] = {{"!INTERFILE :=", true},     {"\xef\xbb\xbf!interfile:=\n", true},
                 {"\n  interfile  :=", true}, {"!INTERFILE", false},
                 {"!INTERFILES :=", false},   {"", false}};
    for (int i = 0; i < ROWS(cases); i++)
        ck_assert(rgq_interfile_is((const unsigned char *)cases[i].bytes,
                                   strlen(cases[i].bytes)) == cases[i].is);
}
END_TEST

START_TEST(cut_and_turned)
{
    char text[4096];

    (void)snprintf(text, sizeof text, "%s", header("image duration (sec)[1] := 10"));
    const size_t length = strlen(text);
    save_data("a.v", 12);
    for (size_t n = 0; n < length; n += 31) { /* any header of these is read or refused */
        save(at("a.hv"), text, n);
        read_any("a.hv");
    }
    for (size_t i = 0; i < length; i += 29) {
        char turned[4096];
        memcpy(turned, text, length);
        turned[i] = (char)(turned[i] ^ (1 << i % 7));
        save(at("a.hv"), turned, length);
        read_any("a.hv");
    }
    save_text(at("a.hv"), header(""));
    for (int n = 0; n < 12; n++) {
        save_data("a.v", n);
        REFUSED(rgq_scan_read(&scan, at("a.hv"), NULL, NULL, err), RGQ_E_FORMAT, "truncated");
        ck_assert_ptr_null(scan.volume);
    }
}
END_TEST

START_TEST(lost_memory)
{
    save_text(at("m.hv"), header(""));
    save_data("a.v", 12);
    const char *path = at("m.hv");
    TORTURE(
        rgq_scan_read(&scan, path, NULL, NULL, err),
        {
            ck_assert(torture_st == RGQ_OK ? scan.volume != NULL : scan.volume == NULL);
            rgq_scan_release(&scan);
        },
        5);
}
END_TEST

RGQ_CHECK_MAIN("io interfile", tcase_add_checked_fixture(tc, begin, end);
               tcase_add_test(tc, plain); tcase_add_test(tc, positions);
               tcase_add_test(tc, frames_and_facts);
               tcase_add_test(tc, side_file_and_header_share_one_clock);
               tcase_add_test(tc, scaling_is_applied_once);
               tcase_add_loop_test(tc, every_type, 0, ROWS(kinds));
               tcase_add_test(tc, where_the_data_are); tcase_add_test(tc, slices_of_spect);
               tcase_add_test(tc, refusals); tcase_add_loop_test(tc, folders_in_the_name, 0, 4);
               tcase_add_test(tc, offset_of_each_frame); tcase_add_loop_test(tc, siemens, 0, 4);
               tcase_add_test(tc, other_spellings);
               tcase_add_test(tc, voxels_that_are_not_finite);
               tcase_add_test(tc, content_decides); tcase_add_test(tc, cut_and_turned);
               tcase_add_test(tc, lost_memory))
