#include "report/page.h"

#include <string.h>

#include "rgq_check.h"

static const rgq_column columns[] = {
    {"region", RGQ_COLUMN_TEXT, NULL, "name <of> the region"},
    {"volume_ml", RGQ_COLUMN_REAL, "mL", "volume"},
    {"mean", RGQ_COLUMN_REAL, NULL, NULL},
    {"tbr_mean_ci_low", RGQ_COLUMN_REAL, NULL, "low"},
    {"tbr_mean_ci_high", RGQ_COLUMN_REAL, NULL, "high"},
};

static const char hostile[] = "<script>alert(1)</script>\"'&";

static const char record_text[] =
    "{\"program\": {\"rgdquant\": \"0.1.0\", \"commit\": \"<b>\"},"
    " \"inputs\": [{\"name\": \"<input-1>\", \"files\": 3}], \"data_files\": [],"
    " \"options\": {\"out\": {\"value\": \"<output>\", \"origin\": \"<script>\"}},"
    " \"header\": {\"weight_kg\": {\"origin\": \"<i>\", \"value\": 70},"
    "              \"series_time_s\": {\"origin\": \"x\", \"s_after_injection\": 3600}},"
    " \"steps\": [{\"step\": \"filter\", \"fwhm_mm\": [6, 6, 5]}],"
    " \"warnings\": [\"<script>w\"], \"citations\": [\"A2012\", \"<k>\"],"
    " \"run\": {\"elapsed_s\": 98765, \"threads\": 4321}}";

static const char surrogate_text[] =
    "{\"tracer\": {\"name\": \"<script>\", \"rgd\": false}, \"uptake_time_min\": 61.5,"
    " \"targets\": [{\"integrin\": \"\\u03b1v\\u03b23\","
    " \"level\": \"none\"}, {\"integrin\": \"a\", \"source\": null}],"
    " \"regions\": [{\"region\": \"<script>\", \"index\": {\"value\": 3.14159,"
    " \"interval\": {\"low\": 2.5, \"high\": 4}, \"formed\": \"mean <by> mean\"}},"
    " {\"region\": \"b\", \"index\": null, \"index_missing\": \"<why>\"}],"
    " \"caveats\": [{\"text\": \"one <u>\", \"source\": \"S\"}, {\"text\": \"two\"}],"
    " \"not_computed\": [{\"what\": \"level\", \"why\": \"no <c>\"}]}";

static const char references_text[] =
    "{\"A2012\": {\"authors\": \"A <A>\", \"title\": \"T & T\", \"journal\": \"J\","
    " \"year\": 2012}}";

static rgq_json *parse(const char *text)
{
    rgq_json *node = NULL;
    MUST(rgq_json_parse(&node, text, strlen(text), "test", err));
    return node;
}

typedef struct fixture {
    rgq_table *table;
    rgq_json *record, *surrogate, *references;
    rgq_page page;
} fixture;

static void begin(fixture *f)
{
    f->record = parse(record_text);
    f->surrogate = parse(surrogate_text);
    f->references = parse(references_text);
    MUST(rgq_table_create(&f->table, columns, ROWS(columns), err));
    MUST(rgq_table_add_row(f->table, err));
    MUST(rgq_table_set_text(f->table, "region", hostile, err));
    rgq_table_set_real(f->table, "volume_ml", 54.277123);
    rgq_table_set_real(f->table, "tbr_mean_ci_low", 1.25);
    rgq_table_set_real(f->table, "tbr_mean_ci_high", 2.5);
    f->page = (rgq_page){.title = hostile,
                         .measures = f->table,
                         .surrogate = f->surrogate,
                         .record = f->record,
                         .references = f->references,
                         .png = (const unsigned char *)"foobar",
                         .png_length = 6,
                         .caption = hostile};
}

static void end(fixture *f)
{
    rgq_table_free(f->table);
    rgq_json_free(f->record);
    rgq_json_free(f->surrogate);
    rgq_json_free(f->references);
}

START_TEST(every_word_is_escaped)
{
    fixture f;
    char *html = NULL;

    begin(&f);
    MUST(rgq_page_make(&html, &f.page, err));
    static const char *const absent[] = {
        "<script", "<i>",   "<u>",  "<b>",  "<k>",   "<A>",  "<of>",     "<by>",   "<why>",
        "<c>",     "<link", "http", "url(", "98765", "4321", "<input-1", "<output"};
    for (int i = 0; i < ROWS(absent); i++)
        ck_assert_msg(strstr(html, absent[i]) == NULL, "%s", absent[i]);
    static const char *const present[] = {"&lt;script&gt;alert(1)&lt;/script&gt;&quot;",
                                          "data:image/png;base64,Zm9vYmFy\"",
                                          "research use only",
                                          "not a medical device",
                                          "54.277</td>",
                                          "<td class=\"n\">n/a</td>",
                                          "1.25 to 2.5",
                                          "3600 (s_after_injection)",
                                          "<td>6, 6, 5</td>",
                                          "T &amp; T",
                                          "not in the list of this program",
                                          ("\xCE\xB1v\xCE\xB2"
                                           "3"),
                                          "<li>two</li>",
                                          "3.142</td>",
                                          "2.5 to 4</td>",
                                          "<li>one &lt;u&gt; [S]</li>",
                                          "level: no &lt;c&gt;",
                                          "</html>"};
    for (int i = 0; i < ROWS(present); i++)
        ck_assert_msg(strstr(html, present[i]) != NULL, "%s is not in %s", present[i], html);
    rgq_free(html);
    end(&f);
}
END_TEST

/* Test vectors of RFC 4648, section 10. */
START_TEST(base64)
{
    static const struct {
        const char *in;
        const char *want;
    } rows[] = {{"f", "Zg=="},        {"fo", "Zm8="},        {"foo", "Zm9v"},
                {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
    for (int i = 0; i < ROWS(rows); i++) {
        rgq_text text = RGQ_TEXT_INIT;
        rgq_text_append_base64(&text, (const unsigned char *)rows[i].in, strlen(rows[i].in));
        ck_assert_str_eq(text.data, rows[i].want);
        rgq_text_release(&text);
    }
    rgq_text text = RGQ_TEXT_INIT;
    rgq_text_append_base64(&text, (const unsigned char *)"\xFB\xFF\xFE", 3);
    ck_assert_str_eq(text.data, "+//+");
    rgq_text_release(&text);
}
END_TEST

START_TEST(any_json)
{
    rgq_text text = RGQ_TEXT_INIT;
    rgq_json *node = parse("{\"a_b\": [{\"x\": 1.5, \"y\": true}, {\"x\": \"<\"}],"
                           " \"deep\": [[[[[[[[[[[[1]]]]]]]]]]]], \"none\": [], \"n\": null}");

    rgq_text_append_json_html(&text, node);
    ck_assert_str_eq(text.data,
                     "<dl>\n<dt>a b</dt><dd><table><tr><th>x</th><th>y</th></tr>\n"
                     "<tr><td class=\"n\">1.5</td><td>yes</td></tr>\n"
                     "<tr><td>&lt;</td><td></td></tr>\n</table>\n</dd>\n"
                     "<dt>deep</dt><dd><ul>\n<li><ul>\n<li><ul>\n<li><ul>\n<li><ul>\n<li><ul>\n"
                     "<li><ul>\n<li><ul>\n<li>...</li>\n</ul>\n</li>\n</ul>\n</li>\n</ul>\n"
                     "</li>\n</ul>\n</li>\n</ul>\n</li>\n</ul>\n</li>\n</ul>\n</li>\n</ul>\n"
                     "</dd>\n<dt>none</dt><dd>none</dd>\n<dt>n</dt><dd>n/a</dd>\n</dl>\n");
    rgq_text_release(&text);
    rgq_json_free(node);
}
END_TEST

START_TEST(without_picture_and_lists)
{
    fixture f;
    char *html = NULL;

    begin(&f);
    rgq_json *empty = parse("{}");
    f.page.record = f.page.surrogate = f.page.references = empty;
    f.page.png = NULL;
    MUST(rgq_page_make(&html, &f.page, err));
    ck_assert_ptr_null(strstr(html, "<img"));
    ck_assert_ptr_null(strstr(html, "Warnings"));
    rgq_free(html);
    rgq_json_free(empty);
    end(&f);
}
END_TEST

START_TEST(torture)
{
    fixture f;
    char *html = NULL;

    begin(&f);
    TORTURE(
        rgq_page_make(&html, &f.page, err),
        {
            if (torture_st != RGQ_OK)
                ck_assert_ptr_null(html);
            rgq_free(html);
            html = NULL;
        },
        3);
    end(&f);
}
END_TEST

RGQ_CHECK_MAIN("page", tcase_add_test(tc, every_word_is_escaped); tcase_add_test(tc, base64);
               tcase_add_test(tc, any_json); tcase_add_test(tc, without_picture_and_lists);
               tcase_add_test(tc, torture))
