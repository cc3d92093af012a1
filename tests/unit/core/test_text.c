/* Growing text, copies, distances. */
#include <string.h>

#include "core/text.h"
#include "rgq_check.h"

START_TEST(text_grows_and_escapes)
{
    rgq_text text = RGQ_TEXT_INIT;
    for (int i = 0; i < 1000; i++)
        rgq_text_printf(&text, "%d,", i % 10);
    ck_assert_uint_eq(text.length, 2000);
    rgq_text_append_html(&text, "<a href='x'>\"&\"</a>");
    ck_assert_str_eq(text.data + 2000, "&lt;a href=&#39;x&#39;&gt;&quot;&amp;&quot;&lt;/a&gt;");
    MUST(rgq_text_check(&text, err));
    rgq_text_release(&text);
}
END_TEST

START_TEST(lost_memory_is_told_once_at_the_end)
{
    rgq_text text = RGQ_TEXT_INIT;
    rgq_text_printf(&text, "kept");
    rgq_alloc_fail_after(0);
    for (int i = 0; i < 100; i++)
        rgq_text_printf(&text, "%s", "0123456789");
    rgq_alloc_fail_after(-1);
    rgq_text_printf(&text, "more");
    REFUSED(rgq_text_check(&text, err), RGQ_E_NOMEM, "no memory");
    rgq_text_release(&text);
}
END_TEST

START_TEST(copies_end_at_a_character)
{
    char out[6];
    rgq_text_copy(out, sizeof out, "abcdefgh");
    ck_assert_str_eq(out, "abcde");
    rgq_text_copy(out, sizeof out, "abc\xce\xb1\xce\xb2"); /* two Greek letters: one fits */
    ck_assert_str_eq(out, "abc\xce\xb1");
    rgq_text_copy(out, 5, "abc\xce\xb1"); /* half a letter is not written */
    ck_assert_str_eq(out, "abc");
}
END_TEST

START_TEST(distance_is_levenshtein)
{
    ck_assert_int_eq(rgq_text_distance("kitten", "sitting"), 3);
    ck_assert_int_eq(rgq_text_distance("", "abc"), 3);
    ck_assert_int_eq(rgq_text_distance("abc", "abc"), 0);
    ck_assert(rgq_text_equal_nocase("BqMl", "bQmL"));
    ck_assert(!rgq_text_equal_nocase("ab", "abc"));
    ck_assert(rgq_text_ends_with("a.nii.gz", ".gz"));
    ck_assert(!rgq_text_ends_with("gz", ".gz"));
}
END_TEST

RGQ_CHECK_MAIN("core/text", tcase_add_test(tc, text_grows_and_escapes);
               tcase_add_test(tc, lost_memory_is_told_once_at_the_end);
               tcase_add_test(tc, copies_end_at_a_character);
               tcase_add_test(tc, distance_is_levenshtein))
