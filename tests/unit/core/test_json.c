/* JSON in and out. */
#include <math.h>
#include <string.h>

#include "core/json.h"
#include "rgq_check.h"

static rgq_json *parse(const char *text)
{
    rgq_json *root = NULL;
    MUST(rgq_json_parse(&root, text, strlen(text), "test.json", err));
    return root;
}

START_TEST(members_and_types)
{
    rgq_json *root =
        parse("\xef\xbb\xbf{\"a\": [1, 2.5], \"t\": \"x\", \"b\": true, \"n\": null}");
    const char *text = NULL;
    const char *key = NULL;
    double v[2] = {0.0};
    MUST(rgq_json_need_reals(v, 2, root, "a", "test.json", err));
    ck_assert(v[0] == 1.0 && v[1] == 2.5);
    MUST(rgq_json_need_text(&text, root, "t", "test.json", err));
    ck_assert_str_eq(text, "x");
    ck_assert(rgq_json_bool(rgq_json_get(root, "b"), false));
    ck_assert(rgq_json_is_null(rgq_json_get(root, "n")));
    ck_assert_uint_eq(rgq_json_count(root), 4);
    ck_assert_ptr_nonnull(rgq_json_member(root, 3, &key));
    ck_assert_str_eq(key, "n");
    ck_assert_ptr_null(rgq_json_member(root, 4, &key));
    ck_assert_ptr_null(rgq_json_get(rgq_json_get(root, "t"), "x"));
    rgq_json_free(root);
}
END_TEST

START_TEST(wrong_members_name_file_and_key)
{
    rgq_json *root = parse("{\"a\": [1, \"x\"], \"half_lif\": \"x\", \"big\": 7}");
    static const char *const keys[] = {"a", "half_life", "big", NULL};
    double value = 1.0;
    double v[2];
    REFUSED(rgq_json_need_real(&value, root, "half_lif", 0, 1, "f.json: x", err), RGQ_E_FORMAT,
            "f.json: x: 'half_lif' must be a number, found a text");
    REFUSED(rgq_json_need_real(&value, root, "none", 0, 1, "f.json", err), RGQ_E_FORMAT,
            "found nothing");
    REFUSED(rgq_json_need_real(&value, root, "big", 0, 1, "f.json", err), RGQ_E_FORMAT,
            "outside 0 .. 1");
    REFUSED(rgq_json_need_reals(v, 2, root, "a", "f.json", err), RGQ_E_FORMAT, "item 1");
    REFUSED(rgq_json_need_reals(v, 3, root, "a", "f.json", err), RGQ_E_FORMAT, "3 numbers");
    REFUSED(rgq_json_only(root, keys, "f.json", err), RGQ_E_FORMAT,
            "unknown key 'half_lif'; the nearest known is 'half_life'");
    ck_assert(value == 1.0);
    rgq_json_free(root);
}
END_TEST

static const char *const broken[] = {"",         "{",   "{\"a\": 1, \"a\": 2}",
                                     "[1, 2] x", "nul", "{1: 2}"};

START_TEST(broken_text_is_refused_with_a_place)
{
    rgq_json *root = (rgq_json *)1;
    REFUSED(rgq_json_parse(&root, broken[_i], strlen(broken[_i]), "b.json", err), RGQ_E_FORMAT,
            "b.json, line 1");
    ck_assert_ptr_null(root);
}
END_TEST

START_TEST(deep_nesting_is_refused)
{
    char text[2 * 200 + 1];
    rgq_json *root = NULL;
    memset(text, '[', 200);
    memset(text + 200, ']', 200);
    text[400] = '\0';
    REFUSED(rgq_json_parse(&root, text, 400, "deep.json", err), RGQ_E_FORMAT, "nesting");
}
END_TEST

START_TEST(numbers_are_written_short_and_exact)
{
    rgq_json *root = NULL;
    rgq_json *child = NULL;
    char *text = NULL;
    MUST(rgq_json_object(&root, err));
    MUST(rgq_json_set_real(root, "x", 0.1, err));
    MUST(rgq_json_set_real(root, "bad", (double)NAN, err));
    MUST(rgq_json_set_int(root, "n", -5, err));
    MUST(rgq_json_set_text(root, "s", "a\"b\\c\n\xce\xb1", err));
    MUST(rgq_json_set_text(root, "raw", "\xff", err));
    MUST(rgq_json_set_reals(root, "v", (const double[]){1.0, 2.5}, 2, err));
    MUST(rgq_json_add_object(&child, root, "o", err));
    MUST(rgq_json_set_bool(child, "b", true, err));
    MUST(rgq_json_dump(&text, root, err));
    ck_assert_str_eq(text, "{\n  \"x\": 0.1,\n  \"bad\": null,\n  \"n\": -5,\n"
                           "  \"s\": \"a\\\"b\\\\c\\n\xce\xb1\",\n  \"raw\": \"(not UTF-8)\",\n"
                           "  \"v\": [1, 2.5],\n  \"o\": {\n    \"b\": true\n  }\n}\n");
    rgq_free(text);
    rgq_json_free(root);
}
END_TEST

START_TEST(dump_survives_lost_memory)
{
    rgq_json *root = parse("{\"a\": [1, 2], \"b\": {\"c\": \"text\"}}");
    char *text = NULL;
    TORTURE(rgq_json_dump(&text, root, err), rgq_free(text), 1);
    rgq_json_free(root);
}
END_TEST

RGQ_CHECK_MAIN("core/json", tcase_add_test(tc, members_and_types);
               tcase_add_test(tc, wrong_members_name_file_and_key);
               tcase_add_loop_test(tc, broken_text_is_refused_with_a_place, 0, ROWS(broken));
               tcase_add_test(tc, deep_nesting_is_refused);
               tcase_add_test(tc, numbers_are_written_short_and_exact);
               tcase_add_test(tc, dump_survives_lost_memory))
