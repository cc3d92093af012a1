/* Regions on pixels: polygons and masks against their definitions. */
#include "ihc/shape.h"

#include "picture.h"
#include "rgq_check.h"

#include "core/banned.h"

enum { W = 300, H = 210 };

static size_t row_of(uint8_t *out, const rgq_ihc_shape *shape, int y, int begin, int end)
{
    rgq_ihc_span span[512];
    int room[512];

    ck_assert_uint_le(rgq_ihc_shape_spans_max(shape), 512);
    const size_t n = rgq_ihc_shape_row(span, room, shape, y, begin, end);
    memset(out, 0, (size_t)end);
    for (size_t k = 0; k < n; k++) {
        ck_assert_int_lt(span[k].begin, span[k].end);
        ck_assert(k == 0 || span[k].begin > span[k - 1].end);
        memset(out + span[k].begin, 1, (size_t)(span[k].end - span[k].begin));
    }
    return n;
}

/* Every pixel, whatever piece of the row is asked for, as rgq_ihc_shape_has() says. */
static long count_and_compare(const rgq_ihc_shape *shape)
{
    static const int piece[] = {W, 64, 37};
    uint8_t in[W];
    long n = 0;

    for (int p = 0; p < ROWS(piece); p++) {
        n = 0;
        for (int y = 0; y < H; y++) {
            for (int x = 0; x < W; x += piece[p]) {
                const int end = x + piece[p] < W ? piece[p] : W - x;
                (void)row_of(in, shape, y, x, end);
                for (int i = 0; i < end; i++) {
                    ck_assert_int_eq(in[i], rgq_ihc_shape_has(shape, x + i, y));
                    n += in[i];
                }
            }
        }
    }
    return n;
}

/* 100 x 60 pixels with a hole of 20 x 10. */
START_TEST(rectangle_with_a_hole)
{
    const double xy[] = {10, 20, 110, 20, 110, 80, 10, 80, 50, 40, 70, 40, 70, 50, 50, 50};
    const int length[] = {4, 4};
    const rgq_ihc_region region = {"hole", 2, length, xy, NULL};
    rgq_ihc_shape shape;

    MUST(rgq_ihc_shape_init(&shape, &region, W, H, err));
    ck_assert_int_eq(count_and_compare(&shape), 100 * 60 - 20 * 10);
    ck_assert(rgq_ihc_shape_has(&shape, 10, 20) && !rgq_ihc_shape_has(&shape, 110, 20));
    ck_assert(!rgq_ihc_shape_has(&shape, 50, 40) && rgq_ihc_shape_has(&shape, 50, 50));
    rgq_ihc_shape_release(&shape);
}
END_TEST

/* Is the centre inside? A ray to the left, edge by edge. */
static bool slow_inside(const double *xy, const int *length, int n_rings, double x, double y)
{
    bool in = false;
    for (int r = 0; r < n_rings; xy += 2 * length[r], r++) {
        for (int i = 0; i < length[r]; i++) {
            const double *a = xy + 2 * i;
            const double *b = xy + 2 * ((i + 1) % length[r]);
            if ((a[1] <= y) == (b[1] <= y))
                continue;
            if (a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]) <= x)
                in = !in;
        }
    }
    return in;
}

/* Random stars that cross themselves and leave the slide; rings in rings. */
START_TEST(polygons_agree_with_definition)
{
    enum { RINGS = 3, POINTS = 40 };
    double xy[2 * RINGS * POINTS];
    const int length[RINGS] = {POINTS, POINTS, POINTS};
    const rgq_ihc_region region = {"star", RINGS, length, xy, NULL};
    rgq_ihc_shape shape;
    rgq_rng *rng = NULL;

    MUST(rgq_rng_create(&rng, (uint64_t)_i + 1, err));
    for (int i = 0; i < RINGS * POINTS; i++) {
        xy[2 * i] = (rgq_rng_uniform(rng) * 1.4 - 0.2) * W;
        xy[2 * i + 1] = (rgq_rng_uniform(rng) * 1.4 - 0.2) * H;
        for (int c = 0; c < 2 && _i > 1; c++) /* corners on centres of pixels */
            xy[2 * i + c] = floor(xy[2 * i + c]) + 0.5;
    }
    MUST(rgq_ihc_shape_init(&shape, &region, W, H, err));
    (void)count_and_compare(&shape);
    for (int y = 0; y < H; y++) {
        for (int x = 0; x < W; x++)
            ck_assert_int_eq(rgq_ihc_shape_has(&shape, x, y),
                             slow_inside(xy, length, RINGS, x + 0.5, y + 0.5));
    }
    rgq_ihc_shape_release(&shape);
    rgq_rng_free(rng);
}
END_TEST

/* Two regions that share an edge through centres of pixels: each pixel belongs to one. */
START_TEST(neighbours_share_no_pixel)
{
    const double left[] = {0, 0, 150.5, 0, 120.5, 210, 0, 210};
    const double right[] = {150.5, 0, 300, 0, 300, 210, 120.5, 210};
    const int length[] = {4};
    const rgq_ihc_region a = {"left", 1, length, left, NULL};
    const rgq_ihc_region b = {"right", 1, length, right, NULL};
    rgq_ihc_shape s;
    rgq_ihc_shape t;

    MUST(rgq_ihc_shape_init(&s, &a, W, H, err));
    MUST(rgq_ihc_shape_init(&t, &b, W, H, err));
    for (int i = 0; i < W * H; i++)
        ck_assert_int_eq(
            rgq_ihc_shape_has(&s, i % W, i / W) + rgq_ihc_shape_has(&t, i % W, i / W), 1);
    rgq_ihc_shape_release(&s);
    rgq_ihc_shape_release(&t);
}
END_TEST

/* A mask of 75 x 70 over 300 x 210: 4 x 3 pixels each; and one that is finer than the slide. */
START_TEST(masks_are_stretched)
{
    size_t first[421];
    int32_t ends[4 * 420];
    const int64_t size[2][2] = {{75, 70}, {600, 420}};

    for (int m = 0; m < 2; m++) {
        const int64_t w = size[m][0];
        const int64_t h = size[m][1];
        for (int64_t y = 0; y < h; y++) { /* a run at the left edge, another that moves */
            first[y] = (size_t)(2 * y);
            ends[4 * y] = 0;
            ends[4 * y + 1] = 3;
            ends[4 * y + 2] = (int32_t)(5 + y % 20);
            ends[4 * y + 3] = (int32_t)(w - 10 + y % 10);
        }
        first[h] = (size_t)(2 * h);
        const rgq_ihc_runs runs = {w, h, {(double)w / W, (double)h / H}, first, ends};
        const rgq_ihc_region region = {"mask", 0, NULL, NULL, &runs};
        rgq_ihc_shape shape;
        MUST(rgq_ihc_shape_init(&shape, &region, W, H, err));
        ck_assert_int_gt(count_and_compare(&shape), 1000);
        for (int i = 0; i < W * H; i++) {
            const int64_t x = (int64_t)floor((i % W + 0.5) * (double)w / W);
            const int64_t y = (int64_t)floor((i / W + 0.5) * (double)h / H);
            const bool in = x < 3 || (x >= 5 + y % 20 && x < w - 10 + y % 10);
            ck_assert_int_eq(rgq_ihc_shape_has(&shape, i % W, i / W), in);
        }
        rgq_ihc_shape_release(&shape);
    }
}
END_TEST

START_TEST(odd_regions)
{
    const double flat[] = {1, 1, 9, 1, 5, 1};
    const double outside[] = {-9, -9, -5, -9, -5, -5};
    const double wild[] = {0, 0, 1e300, 0, 5, 5};
    const double small[] = {10.6, 10.6, 10.9, 10.6, 10.9, 10.9};
    const int three[] = {3};
    const int two[] = {2};
    rgq_ihc_region region = {"odd", 1, three, flat, NULL};
    rgq_ihc_shape shape;
    uint8_t in[W];

    for (int k = 0; k < 3; k++) {
        region.xy = k == 0 ? flat : (k == 1 ? outside : small);
        MUST(rgq_ihc_shape_init(&shape, &region, W, H, err));
        for (int y = 0; y < H; y++)
            ck_assert_uint_eq(row_of(in, &shape, y, 0, W), 0);
        ck_assert(!rgq_ihc_shape_has(&shape, 10, 10));
        rgq_ihc_shape_release(&shape);
    }
    region.xy = wild;
    REFUSED(rgq_ihc_shape_init(&shape, &region, W, H, err), RGQ_E_ARGUMENT, "region 'odd'");
    region.xy = small;
    region.ring_length = two;
    REFUSED(rgq_ihc_shape_init(&shape, &region, W, H, err), RGQ_E_ARGUMENT, "2 points");
    MUST(rgq_ihc_shape_init(&shape, NULL, W, H, err));
    ck_assert_int_eq(count_and_compare(&shape), W * H);
    rgq_ihc_shape_release(&shape);
}
END_TEST

/* 60 000 edges from top to bottom of a slide of 100 000 rows would fill 94 million places. */
START_TEST(too_many_corners_are_refused)
{
    enum { N = 60000 };
    double *xy = calloc(2 * N, sizeof *xy);
    const int length[] = {N};
    rgq_ihc_shape shape;

    for (int i = 0; i < N; i++) {
        xy[2 * i] = i;
        xy[2 * i + 1] = i % 2 == 0 ? 0 : 100000;
    }
    const rgq_ihc_region region = {"comb", 1, length, xy, NULL};
    REFUSED(rgq_ihc_shape_init(&shape, &region, N, 100000, err), RGQ_E_UNSUPPORTED,
            "fewer corners");
    free(xy);
}
END_TEST

START_TEST(torture)
{
    const double xy[] = {10, 20, 110, 20, 110, 80, 10, 80};
    const int length[] = {4};
    const rgq_ihc_region region = {"box", 1, length, xy, NULL};
    rgq_ihc_shape shape;

    TORTURE(rgq_ihc_shape_init(&shape, &region, W, H, err), rgq_ihc_shape_release(&shape), 3);
}
END_TEST

RGQ_CHECK_MAIN("ihc.shape", tcase_add_test(tc, rectangle_with_a_hole);
               tcase_add_loop_test(tc, polygons_agree_with_definition, 0, 4);
               tcase_add_test(tc, neighbours_share_no_pixel);
               tcase_add_test(tc, masks_are_stretched); tcase_add_test(tc, odd_regions);
               tcase_add_test(tc, too_many_corners_are_refused); tcase_add_test(tc, torture))
