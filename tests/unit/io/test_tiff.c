/* TIFF stacks: every layout, type, compression and order that is read, and what is refused. */
#include "io/tiff.h"

#include "rgdquant/scan_file.h"
#include "tiff_check.h"
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

static void save_sizes(void)
{
    save_text(at("a.json"), "{\"VoxelSize\": [1.5, 2, 3]}");
}

static void read_made(const tiff_maker *t)
{
    rgq_scan_release(&scan);
    warned[0] = '\0';
    save(at("a.tif"), t->m.bytes, t->m.length);
    MUST(rgq_scan_read(&scan, at("a.tif"), NULL, &listener, err));
}

#define REFUSED_MADE(t, want, words)                                                           \
    do {                                                                                       \
        rgq_scan_release(&scan);                                                               \
        save(at("a.tif"), (t).m.bytes, (t).m.length);                                          \
        REFUSED(rgq_scan_read(&scan, at("a.tif"), NULL, NULL, err), want, words);              \
        ck_assert_ptr_null(scan.volume);                                                       \
    } while (0)

static double voxel(int frame, size_t i)
{
    return (double)rgq_volume_cdata(scan.volume, frame)[i];
}

/* Pages of 3 x 2 bytes; pixel i of page k is 10 k + i. */
static tiff_maker pages_with(int count, const tiff_page *like, bool big, bool bigtiff)
{
    tiff_maker t = tiff_begin(big, bigtiff);
    tiff_page p = *like;

    for (int k = 0; k < count; k++) {
        unsigned char data[6];
        for (int i = 0; i < 6; i++)
            data[i] = (unsigned char)(10 * k + i);
        tiff_add(&t, &p, data);
        p.description = NULL;
    }
    return t;
}

static tiff_maker pages(int count)
{
    const tiff_page plain = TIFF_PAGE_PLAIN;
    return pages_with(count, &plain, false, false);
}

static const struct {
    bool big, bigtiff;
} layouts[] = {{false, false}, {true, false}, {false, true}, {true, true}};

START_TEST(layouts_of_files)
{
    const tiff_page plain = TIFF_PAGE_PLAIN;
    const tiff_maker t = pages_with(4, &plain, layouts[_i].big, layouts[_i].bigtiff);
    save_sizes();
    read_made(&t);
    const rgq_grid *grid = rgq_volume_grid(scan.volume);
    ck_assert_int_eq(grid->n[0], 3);
    ck_assert_int_eq(grid->n[1], 2);
    ck_assert_int_eq(grid->n[2], 4);
    ck_assert_double_eq(grid->affine[0][0], -1.5);
    ck_assert_double_eq(grid->affine[1][1], -2.0);
    ck_assert_double_eq(grid->affine[2][2], 3.0);
    ck_assert_double_eq(grid->affine[0][3], 1.5);
    ck_assert_double_eq(grid->affine[2][3], -4.5);
    for (size_t i = 0; i < 24; i++)
        ck_assert_double_eq(voxel(0, i), (double)(10 * (i / 6) + i % 6));
    ck_assert_str_eq(scan.format, "TIFF stack");
    ck_assert_ptr_nonnull(strstr(warned, "no directions"));
}
END_TEST

static const struct {
    int bits, format;
    uint64_t raw;
    double value;
} kinds[] = {
    {8, 1, 0xfe, 254},
    {8, 2, 0xfe, -2},
    {16, 1, 0xfffe, 65534},
    {16, 2, 0xfffe, -2},
    {32, 1, 0x80000001, 2147483649.0},
    {32, 2, 0x80000001, -2147483647.0},
    {64, 1, 0xffffffffffffffff, 18446744073709551615.0},
    {64, 2, 0x8000000000000000, -9223372036854775808.0},
    {32, 3, 0xbfc00000, -1.5},
    {64, 3, 0xbff8000000000000, -1.5},
};

START_TEST(every_type)
{
    save_sizes();
    for (int big = 0; big < 2; big++) {
        maker data = {.version = 1, .big = big == 1};
        tiff_page p = TIFF_PAGE_PLAIN;
        p.bits = kinds[_i].bits;
        p.format = kinds[_i].format;
        for (int i = 0; i < 6; i++)
            put(&data, data.length, (size_t)p.bits / 8, kinds[_i].raw);
        tiff_maker t = tiff_begin(big == 1, false);
        tiff_add(&t, &p, data.bytes);
        read_made(&t);
        for (size_t i = 0; i < 6; i++) /* voxels are float */
            ck_assert_double_eq(voxel(0, i), (double)(float)kinds[_i].value);
    }
}
END_TEST

START_TEST(compressions_strips_and_tiles)
{
    static const int compressions[] = {1, 5, 8, 32946, 32773, 50000};
    unsigned char data[20 * 5];
    save_sizes();
    for (int i = 0; i < 100; i++)
        data[i] = (unsigned char)(37 * i);
    for (int c = 0; c < ROWS(compressions); c++)
        for (int way = 0; way < 3; way++) {
            tiff_page p = TIFF_PAGE_PLAIN;
            p.width = 20;
            p.height = 5;
            p.compression = compressions[c];
            if (compressions[c] == 32773 && way == 2)
                continue; /* a tile is longer than one run of the encoder here */
            p.rows_per_strip = way == 1 ? 2 : 0;
            p.tile[0] = p.tile[1] = way == 2 ? 16 : 0;
            if (compressions[c] == 50000 && way == 2)
                continue;
            tiff_maker t = tiff_begin(c % 2 == 1, way == 1);
            tiff_add(&t, &p, data);
            read_made(&t);
            for (size_t i = 0; i < 100; i++)
                ck_assert_double_eq(voxel(0, i), (double)data[i]);
        }
}
END_TEST

START_TEST(colours)
{
    const unsigned char data[18] = {
        0, 3, 6, 255, 255, 255, 1, 1, 0, 9, 0, 0, 10, 20, 30, 0, 0, 1,
    };
    static const double want[6] = {3.0, 255.0, 2.0 / 3.0, 3.0, 20.0, 1.0 / 3.0};
    tiff_page p = TIFF_PAGE_PLAIN;
    save_sizes();
    p.channels = 3;
    p.photometric = 2;
    tiff_maker t = tiff_begin(false, false);
    tiff_add(&t, &p, data);
    read_made(&t);
    for (size_t i = 0; i < 6; i++) /* one rounding to float */
        ck_assert_double_eq_tol(voxel(0, i), want[i], 1e-5);
    ck_assert_ptr_nonnull(strstr(warned, "RGB"));
    p = (tiff_page)TIFF_PAGE_PLAIN;
    p.photometric = 0;
    t = pages_with(1, &p, false, false);
    read_made(&t);
    ck_assert_double_eq(voxel(0, 5), 5.0);
    ck_assert_ptr_nonnull(strstr(warned, "white is zero"));
}
END_TEST

#define OME(attributes, inside)                                                                \
    "<?xml version=\"1.0\"?><!-- a <Pixels SizeZ='9'/> --><ome:OME xmlns:ome='x'><Image>"      \
    "<ome:Pixels SizeX=\"3\" SizeY=\"2\" SizeC=\"1\" " attributes ">" inside                   \
    "</ome:Pixels></Image></ome:OME>"
#define OME_SIZE                                                                               \
    "PhysicalSizeX=\"500\" PhysicalSizeY='0.25' PhysicalSizeYUnit='mm' "                       \
    "PhysicalSizeZ='2' PhysicalSizeZUnit='mm' "

/* Pages 0 to 3 in two slices and two frames; which page is slice z of frame t. */
static const struct {
    const char *text;
    int page[4]; /* z + 2 t */
} orders[] = {
    {OME(OME_SIZE "SizeZ='2' SizeT='2' DimensionOrder='XYZCT'", ""), {0, 1, 2, 3}},
    {OME(OME_SIZE "SizeZ='2' SizeT='2' DimensionOrder='XYCTZ'", ""), {0, 2, 1, 3}},
    {OME(OME_SIZE "SizeZ='2' SizeT='2' DimensionOrder='XYTZC'", "<TiffData/>"), {0, 2, 1, 3}},
    {OME(OME_SIZE "SizeZ='2' SizeT='2' DimensionOrder='XYZTC'",
         "<TiffData IFD='0' FirstZ='1' FirstT='1'/><TiffData IFD='1' FirstZ='0' FirstT='1'/>"
         "<TiffData IFD='2' PlaneCount='2'/>"),
     {2, 3, 1, 0}},
    {"ImageJ=1.53\nimages=4\nslices=2\nframes=2\nhyperstack=true\nunit=mm\nspacing=2.0\n"
     "finterval=30\n",
     {0, 1, 2, 3}},
};

START_TEST(orders_of_pages)
{
    tiff_page p = TIFF_PAGE_PLAIN;
    p.description = orders[_i].text;
    p.resolution = 4;
    const tiff_maker t = pages_with(4, &p, false, false);
    read_made(&t);
    ck_assert_int_eq(rgq_volume_n_frames(scan.volume), 2);
    ck_assert_int_eq(rgq_volume_grid(scan.volume)->n[2], 2);
    for (int k = 0; k < 4; k++)
        ck_assert_double_eq(voxel(k / 2, (size_t)(k % 2) * 6), 10.0 * orders[_i].page[k]);
    double spacing[3];
    rgq_grid_spacing_mm(rgq_volume_grid(scan.volume), spacing);
    ck_assert_double_eq_tol(spacing[0], p.description[0] == 'I' ? 0.25 : 0.5, 1e-12);
    ck_assert_double_eq_tol(spacing[1], 0.25, 1e-12);
    ck_assert_double_eq_tol(spacing[2], 2.0, 1e-12);
    ck_assert_str_eq(scan.format, p.description[0] == 'I' ? "TIFF stack" : "OME-TIFF");
    if (p.description[0] == 'I')
        ck_assert_double_eq(rgq_volume_frame(scan.volume, 1).start_s, 30.0);
}
END_TEST

START_TEST(times_of_ome)
{
    tiff_page p = TIFF_PAGE_PLAIN;
    p.description =
        OME(OME_SIZE "SizeZ='1' SizeT='2' TimeIncrement='1' TimeIncrementUnit='min'",
            "<Plane TheZ='0' TheT='1' TheC='0' DeltaT='1500' DeltaTUnit='ms' "
            "ExposureTime='0.5'/><Plane TheZ='1' TheT='0' DeltaT='9'/>"
            "<Plane TheT='7' DeltaT='9'/>");
    const tiff_maker t = pages_with(2, &p, false, false);
    read_made(&t);
    ck_assert_double_eq(rgq_volume_frame(scan.volume, 0).start_s, 0.0);
    ck_assert(isnan(rgq_volume_frame(scan.volume, 0).duration_s));
    ck_assert_double_eq(rgq_volume_frame(scan.volume, 1).start_s, 1.5);
    ck_assert_double_eq(rgq_volume_frame(scan.volume, 1).duration_s, 0.5);
}
END_TEST

START_TEST(side_file_has_the_grid)
{
    const tiff_maker t = pages(4);
    save_text(at("a.json"), "{\"PixelSize\": [500, 250, 2000], \"PixelSizeUnits\": \"um\", "
                            "\"FrameTimesStart\": [0, 60], \"FrameDuration\": [60, 30], "
                            "\"Units\": \"Bq/mL\"}");
    read_made(&t);
    ck_assert_int_eq(rgq_volume_n_frames(scan.volume), 2);
    ck_assert_double_eq(voxel(1, 0), 20.0);
    ck_assert_double_eq_tol(rgq_volume_grid(scan.volume)->affine[2][2], 2.0, 1e-12);
    ck_assert_double_eq(rgq_volume_frame(scan.volume, 1).duration_s, 30.0);
    ck_assert_int_eq(rgq_volume_unit(scan.volume), RGQ_UNIT_BQ_ML);
    /* it goes before what OME says */
    tiff_page p = TIFF_PAGE_PLAIN;
    p.description = OME(OME_SIZE "SizeZ='1'", "");
    const tiff_maker u = pages_with(1, &p, false, false);
    save_sizes();
    read_made(&u);
    ck_assert_double_eq(rgq_volume_grid(scan.volume)->affine[0][0], -1.5);
    save_text(at("a.json"), "{\"VoxelSize\": [1, 0, 1]}");
    REFUSED_MADE(t, RGQ_E_FORMAT, "'VoxelSize' item 1 is 0");
    save_text(at("a.json"), "{\"VoxelSize\": [1, 1]}");
    REFUSED_MADE(t, RGQ_E_FORMAT, "VoxelSize");
    save_text(at("a.json"), "{\"PixelSize\": [1, 1, 1], \"PixelSizeUnits\": \"ell\"}");
    REFUSED_MADE(t, RGQ_E_FORMAT, "nm, um or mm");
    save_text(at("a.json"), "{\"VoxelSize\": [1, 1, 1], \"FrameTimesStart\": [0, 1, 2]}");
    REFUSED_MADE(t, RGQ_E_FORMAT, "4 pages, the side file asks for 1 slices in 3 frames");
}
END_TEST

START_TEST(reduced_copies_are_left_out)
{
    tiff_maker t = pages(2);
    tiff_page p = TIFF_PAGE_PLAIN;
    save_sizes();
    p.width = 1;
    p.height = 1;
    p.subfile = 1;
    tiff_add(&t, &p, (const unsigned char *)"x");
    read_made(&t);
    ck_assert_int_eq(rgq_volume_grid(scan.volume)->n[2], 2);
    ck_assert_ptr_nonnull(strstr(warned, "1 page is marked as reduced"));
}
END_TEST

START_TEST(a_thumbnail_goes_first)
{
    tiff_maker t = tiff_begin(false, false);
    tiff_page p = TIFF_PAGE_PLAIN;
    const unsigned char grey[6] = {0, 1, 2, 3, 4, 5};
    save_sizes();
    p.width = p.height = 1;
    p.subfile = 1;
    tiff_add(&t, &p, (const unsigned char *)"x");
    p = (tiff_page)TIFF_PAGE_PLAIN;
    tiff_add(&t, &p, grey);
    tiff_add(&t, &p, grey);
    read_made(&t);
    ck_assert_int_eq(rgq_volume_grid(scan.volume)->n[0], 3);
    ck_assert_int_eq(rgq_volume_grid(scan.volume)->n[2], 2);
}
END_TEST

START_TEST(an_array_of_four_axes)
{
    tiff_maker t = tiff_begin(false, false);
    tiff_page p = TIFF_PAGE_PLAIN;
    const unsigned char grey[6] = {0, 1, 2, 3, 4, 5};
    save_sizes();
    p.description = "{\"shape\": [1, 1, 2, 3]}";
    tiff_add(&t, &p, grey);
    read_made(&t);
    ck_assert_ptr_nonnull(strstr(warned, "an array of 4 axes; all 1 pages"));
}
END_TEST

/* One plane of a set is in another file, whose pages count from 0 again. */
START_TEST(a_page_in_two_places)
{
    tiff_maker t = tiff_begin(false, false);
    tiff_page p = TIFF_PAGE_PLAIN;
    const unsigned char grey[6] = {0, 1, 2, 3, 4, 5};
    save_sizes();
    p.description = OME("SizeZ='2' SizeT='1'",
                        "<TiffData IFD='0' FirstZ='0' PlaneCount='1'><UUID FileName='o.tif'/>"
                        "</TiffData><TiffData IFD='0' FirstZ='1' PlaneCount='1'/>");
    tiff_add(&t, &p, grey);
    p.description = NULL;
    tiff_add(&t, &p, grey);
    REFUSED_MADE(t, RGQ_E_FORMAT, "page 0 to slice 0 of frame 0 and to slice 1 of frame 0");
}
END_TEST

/* Signed 16 bit of ImageJ, its time unit, its unit of values. */
START_TEST(imagej_calibration)
{
    tiff_maker t = tiff_begin(false, false);
    tiff_page p = TIFF_PAGE_PLAIN;
    const unsigned char grey[6] = {0, 1, 2, 3, 4, 5};
    save_sizes();
    p.description = "ImageJ=1.53t\nimages=2\nframes=2\nfinterval=2\ntunit=min\n"
                    "cf=0\nc0=-32768.0\nc1=2.0\nvunit=kBq/ml\n";
    tiff_add(&t, &p, grey);
    p.description = NULL;
    tiff_add(&t, &p, grey);
    read_made(&t);
    ck_assert_double_eq((double)rgq_volume_cdata(scan.volume, 1)[5], (-32768.0 + 10.0) * 1e3);
    ck_assert_int_eq(rgq_volume_unit(scan.volume), RGQ_UNIT_BQ_ML);
    ck_assert_double_eq(rgq_volume_frame(scan.volume, 1).start_s, 120.0);
    ck_assert_ptr_nonnull(strstr(warned, "-32768 + 2 *"));
}
END_TEST

/* What a page has instead of the plain one's; 0 = as plain. */
static const struct {
    rgq_status status;
    const char *words;
    tiff_page with;
} faults[] = {
    {RGQ_E_MISSING, "\"VoxelSize\": [x, y, z]", {.description = NULL}},
    {RGQ_E_MISSING,
     "along z",
     {.description = OME("PhysicalSizeX='1' PhysicalSizeY='1' SizeZ='1'", "")}},
    {RGQ_E_FORMAT,
     "1 pages, its description says 2 slices in 1 frames",
     {.description = OME(OME_SIZE "SizeZ='2'", "")}},
    {RGQ_E_FORMAT,
     "65536 slices",
     {.description = OME(OME_SIZE "SizeZ='65536' SizeT='65536'", "")}},
    {RGQ_E_FORMAT,
     "4 x 2 pixels",
     {.description = "<OME><Pixels SizeX='4' SizeY='2' SizeZ='1'/></OME>"}},
    {RGQ_E_UNSUPPORTED,
     "2 channels",
     {.description = "<OME><Pixels SizeC='2' SizeZ='1'/></OME>"}},
    {RGQ_E_UNSUPPORTED,
     "several images",
     {.description = "<OME><Pixels SizeZ='1'/><Pixels SizeZ='1'/></OME>"}},
    {RGQ_E_FORMAT,
     "DimensionOrder",
     {.description = "<OME><Pixels DimensionOrder='XYC'/></OME>"}},
    {RGQ_E_FORMAT,
     "name more planes than the 1 pages",
     {.description = OME(OME_SIZE "SizeZ='1'", "<TiffData IFD='0'/><TiffData IFD='0'/>")}},
    {RGQ_E_FORMAT, "page 5", {.description = OME(OME_SIZE "SizeZ='1'", "<TiffData IFD='5'/>")}},
    {RGQ_E_UNSUPPORTED,
     "no straight line",
     {.description = "ImageJ=1\nimages=1\ncf=1\nc0=0\n"}},
    {RGQ_E_FORMAT, "coefficient c1", {.description = "ImageJ=1\nimages=1\ncf=0\nc1=x\n"}},
    {RGQ_E_UNSUPPORTED, "2 channels", {.description = "ImageJ=1\nimages=2\nchannels=2\n"}},
    {RGQ_E_UNSUPPORTED, "16 bits, float", {.bits = 16, .format = 3}},
    {RGQ_E_UNSUPPORTED, "complex", {.bits = 32, .format = 6}},
    {RGQ_E_UNSUPPORTED, "24 bits", {.bits = 24}},
    {RGQ_E_UNSUPPORTED, "palette", {.photometric = 3}},
    {RGQ_E_UNSUPPORTED, "4 samples", {.channels = 4, .photometric = 2}},
    {RGQ_E_UNSUPPORTED, "2 samples", {.channels = 2}},
    {RGQ_E_UNSUPPORTED, "3 samples", {.channels = 3, .photometric = 2, .planar = 2}},
    {RGQ_E_UNSUPPORTED, "JPEG", {.compression = 7}},
    {RGQ_E_UNSUPPORTED, "compression 999", {.compression = 999}},
};

START_TEST(refusals)
{
    static const unsigned char data[64];
    const tiff_page *with = &faults[_i].with;
    tiff_page p = TIFF_PAGE_PLAIN;
    p.description = with->description;
    p.bits = with->bits > 0 ? with->bits : p.bits;
    p.format = with->format > 0 ? with->format : p.format;
    p.compression = with->compression > 0 ? with->compression : p.compression;
    p.channels = with->channels > 0 ? with->channels : p.channels;
    p.photometric = with->photometric > 0 ? with->photometric : p.photometric;
    p.planar = with->planar > 0 ? with->planar : p.planar;
    tiff_maker t = tiff_begin(false, false);
    tiff_add(&t, &p, data);
    REFUSED_MADE(t, faults[_i].status, faults[_i].words);
}
END_TEST

START_TEST(pages_that_differ)
{
    static const unsigned char data[64];
    tiff_page p = TIFF_PAGE_PLAIN;
    tiff_maker t = pages(1);
    save_sizes();
    p.width = 4;
    tiff_add(&t, &p, data);
    REFUSED_MADE(t, RGQ_E_UNSUPPORTED, "page 2 has 4 x 2 pixels, the first 3 x 2");
    t = pages(1);
    p.width = 3;
    p.bits = 16;
    tiff_add(&t, &p, data);
    REFUSED_MADE(t, RGQ_E_UNSUPPORTED, "page 2 holds 1 x uint16");
}
END_TEST

START_TEST(circular_chain)
{
    save_sizes();
    for (int count = 1; count < 4; count++)
        for (int to_first = 0; to_first < 2; to_first++) {
            tiff_maker t = pages(count);
            uint64_t first = 0;
            for (size_t i = 0; i < 4; i++)
                first |= (uint64_t)t.m.bytes[4 + i] << 8 * i;
            if (to_first == 1) {
                put(&t.m, t.link, 4, first);
            } else { /* the last page to itself */
                const tiff_maker shorter =
                    count > 1 ? pages(count - 1) : tiff_begin(false, false);
                uint64_t last = 0;
                for (size_t i = 0; i < 4; i++)
                    last |= (uint64_t)t.m.bytes[shorter.link + i] << 8 * i;
                put(&t.m, t.link, 4, last);
            }
            save(at("a.tif"), t.m.bytes, t.m.length);
            REFUSED(rgq_scan_read(&scan, at("a.tif"), NULL, NULL, err), RGQ_E_FORMAT, "a.tif");
        }
}
END_TEST

START_TEST(lying_sizes_are_refused_before_memory)
{
    tiff_maker t = tiff_begin(false, false);
    tiff_page p = TIFF_PAGE_PLAIN;
    save_sizes();
    tiff_add(&t, &p, (const unsigned char *)"abcdef");
    const size_t first = t.link - 11 * 12; /* the entries of the one directory */
    put(&t.m, first + 8, 4, 32767);
    put(&t.m, first + 20, 4, 32767);
    REFUSED_MADE(t, RGQ_E_FORMAT, "cannot hold more than");
    put(&t.m, first + 8, 4, 0x7fffffff);
    REFUSED_MADE(t, RGQ_E_GEOMETRY, "1 to 32767");
    t = tiff_begin(false, false);
    p.tile[0] = p.tile[1] = 16;
    p.compression = 8;
    tiff_add(&t, &p, (const unsigned char *)"abcdef");
    put(&t.m, t.link - 5 * 12 + 8, 4, 1 << 24);
    put(&t.m, t.link - 4 * 12 + 8, 4, 1 << 24);
    REFUSED_MADE(t, RGQ_E_FORMAT, "a.tif");
}
END_TEST

START_TEST(cut_and_turned)
{
    tiff_page p = TIFF_PAGE_PLAIN;
    p.description = OME(OME_SIZE "SizeZ='1' SizeT='2'", "<Plane TheT='1' DeltaT='3'/>");
    p.compression = 8;
    const tiff_maker t = pages_with(2, &p, false, false);
    /* the file ends with the four bytes that say that no page follows */
    for (size_t n = 0; n + 4 < t.m.length; n += 23) {
        save(at("a.tif"), t.m.bytes, n);
        const rgq_status st = rgq_scan_read(&scan, at("a.tif"), NULL, NULL, NULL);
        ck_assert_msg(st != RGQ_OK, "%zu of %zu bytes were read", n, t.m.length);
        ck_assert_ptr_null(scan.volume);
    }
    for (size_t i = 0; i < t.m.length; i += 7) {
        tiff_maker turned = t;
        turned.m.bytes[i] ^= (unsigned char)(1 << i % 8);
        save(at("a.tif"), turned.m.bytes, turned.m.length);
        const rgq_status st = rgq_scan_read(&scan, at("a.tif"), NULL, NULL, NULL);
        ck_assert((st == RGQ_OK) == (scan.volume != NULL));
        rgq_scan_release(&scan);
    }
}
END_TEST

START_TEST(lost_memory)
{
    const tiff_maker t = pages(2);
    save_sizes();
    save(at("a.tif"), t.m.bytes, t.m.length);
    const char *path = at("a.tif");
    TORTURE(
        rgq_scan_read(&scan, path, NULL, NULL, err),
        {
            ck_assert(torture_st == RGQ_OK ? scan.volume != NULL : scan.volume == NULL);
            rgq_scan_release(&scan);
        },
        6);
}
END_TEST

RGQ_CHECK_MAIN("io tiff", tcase_add_checked_fixture(tc, begin, end);
               tcase_add_loop_test(tc, layouts_of_files, 0, ROWS(layouts));
               tcase_add_loop_test(tc, every_type, 0, ROWS(kinds));
               tcase_add_test(tc, compressions_strips_and_tiles); tcase_add_test(tc, colours);
               tcase_add_loop_test(tc, orders_of_pages, 0, ROWS(orders));
               tcase_add_test(tc, times_of_ome); tcase_add_test(tc, side_file_has_the_grid);
               tcase_add_test(tc, reduced_copies_are_left_out);
               tcase_add_test(tc, a_thumbnail_goes_first);
               tcase_add_test(tc, imagej_calibration);
               tcase_add_test(tc, an_array_of_four_axes);
               tcase_add_test(tc, a_page_in_two_places);
               tcase_add_loop_test(tc, refusals, 0, ROWS(faults));
               tcase_add_test(tc, pages_that_differ); tcase_add_test(tc, circular_chain);
               tcase_add_test(tc, lying_sizes_are_refused_before_memory);
               tcase_add_test(tc, cut_and_turned); tcase_add_test(tc, lost_memory))
