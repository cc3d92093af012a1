/* Connected objects against a flood fill, and hot spots by hand. */
#include "ihc/components.h"

#include "ihc/hot_spots.h"
#include "picture.h"
#include "rgq_check.h"

#include "core/banned.h"

enum { W = 61, H = 47, MOST = W * H };

typedef struct found {
    int n;
    rgq_ihc_object object[MOST];
} found;

static void keep(void *user, const rgq_ihc_object *object)
{
    found *f = user;
    f->object[f->n++] = *object;
}

static void find(found *f, const float *image)
{
    rgq_ihc_components c;

    f->n = 0;
    MUST(rgq_ihc_components_init(&c, W, 0.5F, err));
    c.finished = keep;
    c.user = f;
    for (int y = 0; y < H; y++)
        rgq_ihc_components_row(&c, image + y * W);
    rgq_ihc_components_end(&c);
    rgq_ihc_components_release(&c);
}

/* The object that holds pixel `start`, taken out of the image. */
static rgq_ihc_object flood(uint8_t *left, int start)
{
    static int queue[MOST];
    rgq_ihc_object o = {0, 0, 0, W, H, 0, 0};
    int n = 0;

    queue[n++] = start;
    left[start] = 0;
    for (int k = 0; k < n; k++) {
        const int x = queue[k] % W;
        const int y = queue[k] / W;
        o.area++;
        o.sum_x += x;
        o.sum_y += y;
        o.x0 = x < o.x0 ? x : o.x0;
        o.y0 = y < o.y0 ? y : o.y0;
        o.x1 = x + 1 > o.x1 ? x + 1 : o.x1;
        o.y1 = y + 1 > o.y1 ? y + 1 : o.y1;
        for (int d = 0; d < 9; d++) {
            const int i = x + d % 3 - 1;
            const int j = y + d / 3 - 1;
            if (i < 0 || j < 0 || i >= W || j >= H || left[j * W + i] == 0)
                continue;
            left[j * W + i] = 0;
            queue[n++] = j * W + i;
        }
    }
    return o;
}

static bool equal(const rgq_ihc_object *a, const rgq_ihc_object *b)
{
    return a->area == b->area && a->sum_x == b->sum_x && a->sum_y == b->sum_y &&
           a->x0 == b->x0 && a->y0 == b->y0 && a->x1 == b->x1 && a->y1 == b->y1;
}

/* From dust to a sponge, at densities around the one at which all grows together. */
START_TEST(objects_agree_with_a_flood_fill)
{
    static const double density[] = {0.02, 0.2, 0.35, 0.41, 0.5, 0.8, 1.0};
    static found f;
    float image[MOST];
    uint8_t left[MOST];
    rgq_rng *rng = NULL;

    MUST(rgq_rng_create(&rng, (uint64_t)_i + 1, err));
    for (int k = 0; k < ROWS(density); k++) {
        for (int i = 0; i < MOST; i++) {
            left[i] = rgq_rng_uniform(rng) < density[k];
            image[i] = left[i] != 0 ? 0.5F : 0.49F;
        }
        find(&f, image);
        int n = 0;
        for (int i = 0; i < MOST; i++) {
            if (left[i] == 0)
                continue;
            const rgq_ihc_object want = flood(left, i);
            int at = 0;
            while (at < f.n && !equal(&f.object[at], &want))
                at++;
            ck_assert_msg(at < f.n, "density %g: an object of %d pixels is missing", density[k],
                          (int)want.area);
            n++;
        }
        ck_assert_int_eq(f.n, n);
    }
    rgq_rng_free(rng);
}
END_TEST

/* A comb open to the top joins in its last row; a spiral joins late. */
START_TEST(late_joins)
{
    static found f;
    float image[MOST] = {0};

    for (int y = 0; y < H; y++) {
        for (int x = 0; x < W; x += 2)
            image[y * W + x] = 1;
    }
    find(&f, image);
    ck_assert_int_eq(f.n, (W + 1) / 2);
    for (int x = 0; x < W; x++)
        image[(H - 1) * W + x] = 1;
    find(&f, image);
    ck_assert_int_eq(f.n, 1);
    ck_assert_int_eq(f.object[0].area, (W + 1) / 2 * H + W / 2);
}
END_TEST

/* A region of 4 x 2 fields of 1 mm2: cells of 125 um. 5 objects in one field, 3 in a second
 * that overlaps it, 2 in a third apart. */
START_TEST(hot_spots_by_hand)
{
    rgq_ihc_hot_spots h;
    double mean = 0;
    int n = 0;

    MUST(rgq_ihc_hot_spots_init(&h, 4000, 2000, 1, err));
    ck_assert_int_eq(h.nx, 32);
    ck_assert_int_eq(h.ny, 16);
    for (int k = 0; k < 5; k++)
        rgq_ihc_hot_spots_add(&h, 700 + 5 * k, 300);
    for (int k = 0; k < 3; k++)
        rgq_ihc_hot_spots_add(&h, 1750, 300); /* 1.05 mm away: never in the same field */
    rgq_ihc_hot_spots_add(&h, 3999.999, 1999.999);
    rgq_ihc_hot_spots_add(&h, 4000, 2000); /* the edge belongs to the last cell */
    MUST(rgq_ihc_hot_spots_find(&mean, &n, &h, 1, err));
    ck_assert_int_eq(n, 1);
    ck_assert_double_eq_tol(mean, 5, 1e-12);
    /* the first field begins at the left edge, the second may begin at 1 mm, the third far off
     */
    MUST(rgq_ihc_hot_spots_find(&mean, &n, &h, 3, err));
    ck_assert_int_eq(n, 3);
    ck_assert_double_eq_tol(mean, 10.0 / 3, 1e-12);
    MUST(rgq_ihc_hot_spots_find(&mean, &n, &h, 100, err));
    ck_assert_int_ge(n, 3);
    ck_assert_int_le(n, 8);
    rgq_ihc_hot_spots_release(&h);
}
END_TEST

/* A box of just the field has one; a smaller one none; too fine a raster is refused. */
START_TEST(hot_spots_at_the_limits)
{
    rgq_ihc_hot_spots h;
    double mean = 0;
    int n = 7;

    MUST(rgq_ihc_hot_spots_init(&h, 1000, 1000, 1, err));
    rgq_ihc_hot_spots_add(&h, 1, 1);
    rgq_ihc_hot_spots_add(&h, 999, 999);
    MUST(rgq_ihc_hot_spots_find(&mean, &n, &h, 3, err));
    ck_assert_int_eq(n, 1);
    ck_assert_double_eq_tol(mean, 2, 1e-12);
    rgq_ihc_hot_spots_release(&h);
    MUST(rgq_ihc_hot_spots_init(&h, 999, 4000, 1, err));
    rgq_ihc_hot_spots_add(&h, 1, 1);
    MUST(rgq_ihc_hot_spots_find(&mean, &n, &h, 3, err));
    ck_assert_int_eq(n, 0);
    ck_assert(isnan(mean));
    rgq_ihc_hot_spots_release(&h);
    REFUSED(rgq_ihc_hot_spots_init(&h, 1e6, 1e6, 0.0001, err), RGQ_E_ARGUMENT, "too small");
}
END_TEST

static rgq_status make_and_find(rgq_error *err)
{
    rgq_ihc_components c;
    rgq_ihc_hot_spots h = {0};
    double mean = 0;
    int n = 0;
    rgq_status st = rgq_ihc_components_init(&c, W, 0.5F, err);
    if (st != RGQ_OK)
        return st;
    st = rgq_ihc_hot_spots_init(&h, 4000, 2000, 1, err);
    if (st == RGQ_OK)
        st = rgq_ihc_hot_spots_find(&mean, &n, &h, 3, err);
    rgq_ihc_hot_spots_release(&h);
    rgq_ihc_components_release(&c);
    return st;
}

START_TEST(torture)
{
    TORTURE(make_and_find(err), (void)0, 7);
}
END_TEST

RGQ_CHECK_MAIN("ihc.vessels", tcase_add_loop_test(tc, objects_agree_with_a_flood_fill, 0, 5);
               tcase_add_test(tc, late_joins); tcase_add_test(tc, hot_spots_by_hand);
               tcase_add_test(tc, hot_spots_at_the_limits); tcase_add_test(tc, torture))
