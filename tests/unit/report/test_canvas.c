#include "report/canvas.h"

#include <string.h>

#include "rgq_check.h"

START_TEST(glyphs_differ)
{
    for (unsigned a = 33; a <= 126; a++) {
        int ink = 0;
        for (int row = 0; row < 9; row++) {
            ck_assert_uint_lt(rgq_font_glyph(a)[row], 32);
            ink += rgq_font_glyph(a)[row] != 0;
        }
        ck_assert_msg(ink > 0, "'%c' is empty", (int)a);
        for (unsigned b = a + 1; b <= 126; b++)
            ck_assert_msg(memcmp(rgq_font_glyph(a), rgq_font_glyph(b), 9) != 0,
                          "'%c' looks like '%c'", (int)a, (int)b);
    }
    for (int row = 0; row < 9; row++)
        ck_assert_uint_eq(rgq_font_glyph(' ')[row], 0);
    ck_assert_ptr_eq(rgq_font_glyph(7), rgq_font_glyph('?'));
    ck_assert_ptr_eq(rgq_font_glyph(127), rgq_font_glyph('?'));
}
END_TEST

START_TEST(letters_of_utf8)
{
    static const struct {
        const char *in;
        const char *want;
    } rows[] = {
        {"", ""},
        {"liver 2", "liver 2"},
        {"\xCE\xB1v\xCE\xB2"
         "3",
         "avb3"},
        {"M\xC3\xBCller \xC2\xB1 5 \xC2\xB5m", "Muller + 5 um"},
        {"\xE2\x80\x93\xE2\x88\x92", "--"},
        {"\xF0\x9F\x98\x80!", "?!"},
        {"\xE4\xB8\xAD", "?"},
        {"\xFFz", "yz"}, /* a byte of Latin-1 */
        {"\xCE", "?"},   /* cut off in the middle */
        {"\xE2\x80", "?"},
        {"a\tb", "a?b"},
    };
    for (int i = 0; i < ROWS(rows); i++) {
        const char *at = rows[i].in;
        char got[32] = "";
        size_t n = 0;
        for (unsigned c = rgq_font_next(&at); c != 0 && n < sizeof got - 1;
             c = rgq_font_next(&at))
            got[n++] = (char)c;
        ck_assert_str_eq(got, rows[i].want);
        ck_assert_ptr_eq(at, rows[i].in + strlen(rows[i].in));
    }
}
END_TEST

static int count_ink(const rgq_canvas *canvas)
{
    int ink = 0;
    for (int y = 0; y < canvas->height; y++)
        for (int x = 0; x < canvas->width; x++)
            ink += rgq_canvas_get(canvas, x, y) != 0xFFFFFFU;
    return ink;
}

START_TEST(shapes_are_cut_at_the_edge)
{
    rgq_canvas c;

    MUST(rgq_canvas_create(&c, 10, 6, err));
    ck_assert_int_eq(count_ink(&c), 0);
    rgq_canvas_fill(&c, -5, -5, 7, 6, 0x123456U);
    ck_assert_int_eq(count_ink(&c), 2);
    ck_assert_uint_eq(rgq_canvas_get(&c, 1, 0), 0x123456U);
    rgq_canvas_frame(&c, 3, 1, 4, 3, 0U);
    ck_assert_int_eq(count_ink(&c), 2 + 10);
    rgq_canvas_text(&c, 8, 4, 3, 0U, "wide");
    rgq_canvas_text_halo(&c, -40, -40, 9, 0U, 0xFF0000U, "M");
    rgq_canvas_set(&c, 10, 0, 0U);
    rgq_canvas_set(&c, 0, 6, 0U);
    ck_assert_uint_eq(rgq_canvas_get(&c, 10, 0), 0xFFFFFFU);
    rgq_canvas_release(&c);
    ck_assert_ptr_null(c.rgb);
}
END_TEST

START_TEST(words_are_as_wide_as_said)
{
    rgq_canvas c;
    int right = -1;

    MUST(rgq_canvas_create(&c, 100, 30, err));
    rgq_canvas_text(&c, 0, 0, 2, 0U, "HEM");
    for (int y = 0; y < c.height; y++)
        for (int x = 0; x < c.width; x++)
            if (rgq_canvas_get(&c, x, y) == 0U && x > right)
                right = x;
    ck_assert_int_eq(right + 1, rgq_canvas_text_width("HEM", 2));
    ck_assert_int_eq(rgq_canvas_text_width("", 2), 0);
    rgq_canvas_release(&c);
}
END_TEST

START_TEST(refusals)
{
    rgq_canvas c;

    REFUSED(rgq_canvas_create(&c, 0, 5, err), RGQ_E_ARGUMENT, "0 x 5");
    REFUSED(rgq_canvas_create(&c, 5, 8193, err), RGQ_E_ARGUMENT, "8192");
    ck_assert_ptr_null(c.rgb);
    TORTURE(rgq_canvas_create(&c, 5, 5, err), rgq_canvas_release(&c), 1);
}
END_TEST

RGQ_CHECK_MAIN("canvas", tcase_add_test(tc, glyphs_differ); tcase_add_test(tc, letters_of_utf8);
               tcase_add_test(tc, shapes_are_cut_at_the_edge);
               tcase_add_test(tc, words_are_as_wide_as_said); tcase_add_test(tc, refusals))
