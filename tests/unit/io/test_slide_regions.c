/* Regions of slides: GeoJSON by hand, masks of every size, what is refused. */
#include "rgdquant/scan_file.h"
#include "rgdquant/slide_file.h"
#include "slide_make.h"
#include "warned.h"

enum { W = 50, H = 30 };

static rgq_slide *slide;
static rgq_slide_regions *regions;

static void begin(void)
{
    const picture p = PICTURE(W, H);
    static uint8_t bytes[3 * W * H];
    const rgq_slide_opts opts = RGQ_SLIDE_OPTS_INIT;

    folder_begin();
    TIFFSetErrorHandler(NULL);
    fill(bytes, &p);
    save_picture(at("slide.tif"), &p, bytes, "w");
    MUST(rgq_slide_open(&slide, at("slide.tif"), &opts, NULL, err));
    regions = NULL;
    warned[0] = '\0';
}

static void end(void)
{
    rgq_slide_regions_free(regions);
    rgq_slide_close(slide);
    folder_end();
}

static const rgq_ihc_region *take(const char *name, int want)
{
    int count = 0;

    rgq_slide_regions_free(regions);
    warned[0] = '\0';
    MUST(rgq_slide_regions_read(&regions, at(name), slide, &listener, err));
    const rgq_ihc_region *r = rgq_slide_regions_get(regions, &count);
    ck_assert_int_eq(count, want);
    return r;
}

static const rgq_ihc_region *take_json(const char *text, int want)
{
    save_text(at("r.geojson"), text);
    return take("r.geojson", want);
}

#define NOT_TAKEN(name, want, words)                                                           \
    do {                                                                                       \
        rgq_slide_regions_free(regions);                                                       \
        REFUSED(rgq_slide_regions_read(&regions, at(name), slide, NULL, err), want, words);    \
        ck_assert_ptr_null(regions);                                                           \
    } while (0)

#define SQUARE "[[[1,2],[11,2],[11,12],[1,12],[1,2]],[[3,4],[5,4],[5,6],[3,4]]]"

START_TEST(qupath_by_hand)
{
    const rgq_ihc_region *r = take_json(
        "{\"type\":\"FeatureCollection\",\"features\":["
        "{\"type\":\"Feature\",\"id\":\"a\",\"geometry\":{\"type\":\"Polygon\","
        "\"coordinates\":" SQUARE "},\"properties\":{\"objectType\":\"annotation\","
        "\"name\":\"core\",\"classification\":{\"name\":\"Tumor\",\"color\":[1,2,3]}}},"
        "{\"type\":\"Feature\",\"geometry\":{\"type\":\"MultiPolygon\",\"coordinates\":[" SQUARE
        ",[[[20,20],[29.5,20],[20,29.25]]]]},\"properties\":{\"classification\":"
        "{\"name\":\"Stroma\"}}},"
        "{\"type\":\"Feature\",\"geometry\":{\"type\":\"Polygon\",\"coordinates\":" SQUARE "},"
        "\"properties\":{\"classification\":{\"names\":[\"Stroma\"]}}},"
        "{\"type\":\"Feature\",\"geometry\":{\"type\":\"GeometryCollection\",\"geometries\":["
        "{\"type\":\"Point\",\"coordinates\":[1,1]},"
        "{\"type\":\"Polygon\",\"coordinates\":" SQUARE "}]}},"
        "{\"type\":\"Feature\",\"geometry\":{\"type\":\"Polygon\",\"coordinates\":" SQUARE "},"
        "\"properties\":{\"objectType\":\"cell\"}},"
        "{\"type\":\"Feature\",\"id\":\"PathDetectionObject\",\"geometry\":"
        "{\"type\":\"Polygon\",\"coordinates\":" SQUARE "},\"properties\":{}},"
        "{\"type\":\"Feature\",\"geometry\":null,\"properties\":{}},"
        "{\"type\":\"Feature\",\"geometry\":{\"type\":\"LineString\",\"coordinates\":"
        "[[1,2],[3,4]]},\"properties\":{}}]}",
        4);
    ck_assert_str_eq(r[0].name, "core");
    ck_assert_int_eq(r[0].n_rings, 2);
    ck_assert_int_eq(r[0].ring_length[0], 4); /* the first point is not repeated */
    ck_assert_int_eq(r[0].ring_length[1], 3);
    ck_assert_double_eq(r[0].xy[2], 11.0);
    ck_assert_double_eq(r[0].xy[8], 3.0);
    ck_assert_ptr_null(r[0].mask);
    ck_assert_str_eq(r[1].name, "Stroma");
    ck_assert_int_eq(r[1].n_rings, 3);
    ck_assert_int_eq(r[1].ring_length[2], 3);
    ck_assert_double_eq(r[1].xy[14 + 2], 29.5);
    ck_assert_double_eq(r[1].xy[14 + 5], 29.25);
    ck_assert_str_eq(r[2].name, "Stroma-2");
    ck_assert_str_eq(r[3].name, "region-4");
    ck_assert_ptr_nonnull(strstr(warned, "2 cells, detections or tiles"));
    ck_assert_ptr_nonnull(strstr(warned, "2 points or lines"));
}
END_TEST

START_TEST(other_roots_and_names)
{
    static const char feature[] =
        "{\"type\":\"Feature\",\"geometry\":{\"type\":\"Polygon\",\"coordinates\":" SQUARE "},"
        "\"properties\":{\"name\":\"a\\tb%s\"}}";
    char text[1000];
    (void)snprintf(text, sizeof text, feature, "");
    ck_assert_str_eq(take_json(text, 1)->name, "a b");
    (void)snprintf(text, sizeof text,
                   "\xef\xbb\xbf [ {\"type\":\"Polygon\",\"coordinates\":%s} ]", SQUARE);
    ck_assert_str_eq(take_json(text, 1)->name, "region-1"); /* with a mark of byte order */
    ck_assert_str_eq(take_json(text + 3, 1)->name, "region-1");
    char longer[200];
    memset(longer, 'x', sizeof longer - 1);
    longer[199] = '\0';
    char both[2100];
    (void)snprintf(text, sizeof text, feature, longer);
    (void)snprintf(both, sizeof both, "[%s,%s]", text, text);
    const rgq_ihc_region *r = take_json(both, 2);
    ck_assert_uint_eq(strlen(r[0].name), 63);
    ck_assert_str_eq(r[1].name + strlen(r[1].name) - 2, "-2");
}
END_TEST

START_TEST(scaled_with_the_slide)
{
    const rgq_slide_opts opts = {.mpp_um = 2.5, .pixel_um = 1.0};
    rgq_slide_close(slide);
    MUST(rgq_slide_open(&slide, at("slide.tif"), &opts, NULL, err));
    const rgq_ihc_region *r = take_json("{\"type\":\"Polygon\",\"coordinates\":" SQUARE "}", 1);
    ck_assert_double_eq_tol(r->xy[2], 4.4, 1e-12);
    ck_assert_double_eq_tol(r->xy[3], 0.8, 1e-12);
}
END_TEST

static const struct {
    const char *text;
    rgq_status want;
    const char *words;
} faults[] = {
    {"{\"type\":\"FeatureCollection\"}", RGQ_E_FORMAT, "without features"},
    {"{\"type\":\"FeatureCollection\",\"features\":[]}", RGQ_E_MISSING, "no region"},
    {"{\"type\":\"Point\",\"coordinates\":[1,2]}", RGQ_E_MISSING, "no region"},
    {"{\"type\":\"Circle\"}", RGQ_E_FORMAT, "'Circle'"},
    {"{}", RGQ_E_FORMAT, "type ''"},
    {"[3]", RGQ_E_FORMAT, "feature 0"},
    {"{\"type\":\"Polygon\"}", RGQ_E_FORMAT, "without coordinates"},
    {"{\"type\":\"MultiPolygon\"}", RGQ_E_FORMAT, "without coordinates"},
    {"{\"type\":\"GeometryCollection\"}", RGQ_E_FORMAT, "without geometries"},
    {"{\"type\":\"Polygon\",\"coordinates\":[[[1,2],[3,4],[1,2]]]}", RGQ_E_FORMAT,
     "a ring of 2 points"},
    {"{\"type\":\"Polygon\",\"coordinates\":[5]}", RGQ_E_FORMAT, "a ring of 0 points"},
    {"{\"type\":\"Polygon\",\"coordinates\":[[[1,2],[3],[4,5]]]}", RGQ_E_FORMAT, "point 1"},
    {"{\"type\":\"Polygon\",\"coordinates\":[[[1,2],[3,1e9],[4,5]]]}", RGQ_E_FORMAT, "1e8"},
    {"{\"type\":\"Polygon\",\"coordinates\":[[[1,2],[3,\"4\"],[4,5]]]}", RGQ_E_FORMAT,
     "no pair"},
    {"{\"type\":\"Polygon\",\"coordinates\":[[[60,2],[70,2],[70,9]]]}", RGQ_E_GEOMETRY,
     "50 x 30 pixels"},
    {"{\"type\":\"Polygon\",\"coordinates\":[[[1,2],[3,4],[4,5]]", RGQ_E_FORMAT, "r.geojson"},
    {"", RGQ_E_FORMAT, "GeoJSON, or a mask"},
    {"region,x,y", RGQ_E_FORMAT, "GeoJSON, or a mask"},
};

START_TEST(refusals)
{
    save_text(at("r.geojson"), faults[_i].text);
    NOT_TAKEN("r.geojson", faults[_i].want, faults[_i].words);
    NOT_TAKEN("none.geojson", RGQ_E_IO, "No such file");
}
END_TEST

/* ---- masks ---- */

/* Is the slide's pixel in the mask? As the header defines it. */
static bool inside(const rgq_ihc_runs *m, int x, int y)
{
    const int64_t mx = (int64_t)floor((x + 0.5) * m->per_pixel[0]);
    const int64_t my = (int64_t)floor((y + 0.5) * m->per_pixel[1]);

    for (size_t i = m->first[my]; i < m->first[my + 1]; i++)
        if (mx >= m->ends[2 * i] && mx < m->ends[2 * i + 1])
            return true;
    return false;
}

static int value_at(int x, int y)
{
    return (x / 3 + y / 2) % 4;
}

/* Every pixel against the picture, the slide k times the mask, and at 1.5 um of 1 um. */
START_TEST(masks_of_every_size)
{
    static const int factors[] = {1, 2, 3, 5, 7};
    static uint8_t bytes[W * H];
    const rgq_slide_opts coarse = {.mpp_um = 1.5, .pixel_um = 1.0};
    const int k = factors[_i];
    picture p = PICTURE(W / k, H / k);
    p.channels = 1;
    p.tile = _i % 2 == 0 ? 16 : 0;
    for (int y = 0; y < p.height; y++)
        for (int x = 0; x < p.width; x++)
            bytes[y * p.width + x] = (uint8_t)value_at(x, y);
    save_picture(at("mask.tif"), &p, bytes, "w");
    const rgq_ihc_region *r = take("mask.tif", 3);
    for (int v = 1; v <= 3; v++) {
        ck_assert_int_eq(r[v - 1].n_rings, 0);
        ck_assert_int_eq(r[v - 1].name[0], '0' + v);
        for (int y = 0; y < p.height * k; y++)
            for (int x = 0; x < p.width * k; x++)
                ck_assert_int_eq(inside(r[v - 1].mask, x, y), value_at(x / k, y / k) == v);
    }
    rgq_slide_close(slide);
    MUST(rgq_slide_open(&slide, at("slide.tif"), &coarse, NULL, err));
    r = take("mask.tif", 3);
    ck_assert_double_eq(r[0].mask->per_pixel[0], 1.5 / k);
    ck_assert_int_eq(inside(r[1].mask, 4, 5), value_at(6 / k, 8 / k) == 2); /* 6.75, 8.25 */
}
END_TEST

START_TEST(masks_of_colours)
{
    static uint8_t rgb[3 * W * H];
    for (int i = 0; i < W * H; i++)
        rgb[3 * i + 1] = i % W < 10 ? 0 : 90;
    MUST(rgq_png_write(at("mask.png"), rgb, W, H, false, err));
    const rgq_ihc_region *r = take("mask.png", 1);
    ck_assert_str_eq(r->name, "mask");
    ck_assert(!inside(r->mask, 9, 4));
    ck_assert(inside(r->mask, 10, 4));
    ck_assert(inside(r->mask, W - 1, H - 1));
}
END_TEST

START_TEST(masks_that_are_none)
{
    static uint8_t bytes[W * H];
    picture p = PICTURE(W, H);
    p.channels = 1;
    save_picture(at("mask.tif"), &p, bytes, "w");
    NOT_TAKEN("mask.tif", RGQ_E_MISSING, "no value above 0");
    for (int i = 0; i < W * H; i++)
        bytes[i] = (uint8_t)(i % 65 + 1);
    save_picture(at("mask.tif"), &p, bytes, "w");
    NOT_TAKEN("mask.tif", RGQ_E_UNSUPPORTED, "more than 64 values");
    p.width = W - 2;
    save_picture(at("mask.tif"), &p, bytes, "w");
    NOT_TAKEN("mask.tif", RGQ_E_GEOMETRY, "48 x 30 pixels, the slide 50 x 30");
    p.width = W / 2; /* along one axis only */
    save_picture(at("mask.tif"), &p, bytes, "w");
    NOT_TAKEN("mask.tif", RGQ_E_GEOMETRY, "25 x 30");
    p.width = 2 * W;
    p.height = 1;
    save_picture(at("mask.tif"), &p, bytes, "w");
    NOT_TAKEN("mask.tif", RGQ_E_GEOMETRY, "100 x 1");
}
END_TEST

START_TEST(lost_memory)
{
    static uint8_t bytes[W * H] = {1, 0, 2, 3};
    picture p = PICTURE(W, H);
    p.channels = 1;
    save_picture(at("mask.tif"), &p, bytes, "w");
    save_text(at("r.geojson"), "{\"type\":\"Polygon\",\"coordinates\":" SQUARE "}");
    const char *paths[] = {at("mask.tif"), at("r.geojson")};
    for (int i = 0; i < 2; i++)
        TORTURE(
            rgq_slide_regions_read(&regions, paths[i], slide, NULL, err),
            {
                ck_assert((torture_st == RGQ_OK) == (regions != NULL));
                rgq_slide_regions_free(regions);
                regions = NULL;
            },
            5);
}
END_TEST

RGQ_CHECK_MAIN("io slide regions", tcase_add_checked_fixture(tc, begin, end);
               tcase_add_test(tc, qupath_by_hand); tcase_add_test(tc, other_roots_and_names);
               tcase_add_test(tc, scaled_with_the_slide);
               tcase_add_loop_test(tc, refusals, 0, ROWS(faults));
               tcase_add_loop_test(tc, masks_of_every_size, 0, 5);
               tcase_add_test(tc, masks_of_colours); tcase_add_test(tc, masks_that_are_none);
               tcase_add_test(tc, lost_memory))
