#include "pipeline/redact.h"

#include <stdio.h>
#include <string.h>

#include "rgq_check.h"

static rgq_redactor *known_paths(void)
{
    rgq_redactor *r = NULL;
    MUST(rgq_redactor_create(&r, err));
    MUST(rgq_redactor_add(r, "/data/Smith_John/PET", "<input-1>", err));
    MUST(rgq_redactor_add(r, "masks/smith_mask.nii.gz", "<input-2>", err));
    MUST(rgq_redactor_add(r, "out dir/", "<output>", err));
    return r;
}

START_TEST(prose)
{
    static const struct {
        const char *in;
        const char *want;
    } rows[] = {
        {"", ""},
        {"nothing to hide: 5 mm, 3.5 Bq/mL, and/or 1:2", NULL},
        {"/data/Smith_John/PET: 3 slices", "<input-1>: 3 slices"},
        {"read /data/Smith_John/PET.", "read <input-1>."},
        {"in '/data/Smith_John/PET/IM_Smith.dcm', slice 3", "in '<input-1>/...', slice 3"},
        {"/data/Smith_John/PETER is another", "<input-1>/../... is another"},
        {"/data/Smith_John is its folder", "<input-1>/.. is its folder"},
        {"smith_mask.nii.gz (masks/smith_mask.nii.gz)", "<input-2> (<input-2>)"},
        {"a PET image", NULL}, /* the base name PET is a word of the language */
        {"see /mnt/x/y.txt, ../a and ~/b", "see <path>, <path> and <path>"},
        {"a / b", NULL},
        {"injected 2011-05-31T10:20:30.5+02:00, scanned 11:20:30",
         "injected <time>, scanned <time>"},
        {"on 2011-05-31 or 20110531 or 20110531102030.25.", "on <time> or <time> or <time>."},
        {"2.16.840.20110531 and 20119931 and 2011053", NULL},
        {"at 10:20 h", "at <time> h"},
        {"--series 2.25.84457318537050439922462838201880425572", "--series <uid>"},
        {"factor 0.00031299358847610613 of 1.10.2", "factor 0.00031299358847610613 of 1.10.2"},
        {"series 1.2.840.113619.2.55.3, not 1.2.840.113619.2", "series <uid>, not <uid>"},
        {"1.2.3.4 and 1234567890.12345 and 1.2.840.113619x", NULL},
    };
    rgq_redactor *r = known_paths();

    for (int i = 0; i < ROWS(rows); i++) {
        char *out = NULL;
        MUST(rgq_redact_text(&out, r, rows[i].in, err));
        ck_assert_str_eq(out, rows[i].want != NULL ? rows[i].want : rows[i].in);
        rgq_free(out);
    }
    rgq_redactor_free(r);
}
END_TEST

START_TEST(words)
{
    static const struct {
        const char *in;
        const char *want;
    } rows[] = {
        {"out dir/", "<output>/"},
        {"out dir", "<output>"},
        {"--out=out dir", "--out=<output>"},
        {"--out", NULL},
        {"--regions=masks/smith_mask.nii.gz", "--regions=<input-2>"},
        {"--injection-time=2011-05-31T10:20:30", "--injection-time=<time>"},
        {"/mnt/John Smith/x", "<path>"},
        {"--data-dir=/mnt/John Smith/x", "--data-dir=<path>"},
        {"gaussian:6,6,5", NULL},
        {"18F-fluciclatide", NULL},
        {"head/neck", NULL},
        {"70.5", NULL},
    };
    rgq_redactor *r = known_paths();

    for (int i = 0; i < ROWS(rows); i++) {
        char *out = NULL;
        MUST(rgq_redact_word(&out, r, rows[i].in, err));
        const char *want = rows[i].want != NULL ? rows[i].want : rows[i].in;
        ck_assert_str_eq(out, want);
        rgq_free(out);
    }
    rgq_redactor_free(r);
}
END_TEST

/* A path that nobody named but that is there is a path all the same. */
START_TEST(existing_path)
{
    rgq_redactor *r = known_paths();
    char *out = NULL;

    FILE *file = fopen("redact-here.txt", "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fclose(file), 0);
    MUST(rgq_redact_word(&out, r, "./../redact/../redact-here.txt", err));
    ck_assert_str_eq(out, "<path>");
    rgq_free(out);
    (void)remove("redact-here.txt");
    rgq_redactor_free(r);
}
END_TEST

static rgq_status redact_once(char **out, rgq_error *err)
{
    rgq_redactor *r = NULL;
    rgq_status st = RGQ_OK;

    *out = NULL;
    RGQ_TRY(err, rgq_redactor_create(&r, err));
    RGQ_TRY(err, rgq_redactor_add(r, "a_b/c_d/e_f", "<input-1>", err));
    RGQ_TRY(err, rgq_redact_word(out, r, "--x=a_b/c_d/e_f", err));
out:
    rgq_redactor_free(r);
    return st;
}

START_TEST(torture)
{
    char *out = NULL;
    TORTURE(
        redact_once(&out, err),
        {
            if (torture_st != RGQ_OK)
                ck_assert_ptr_null(out);
            else
                ck_assert_str_eq(out, "--x=<input-1>");
            rgq_free(out);
            out = NULL;
        },
        5);
}
END_TEST

RGQ_CHECK_MAIN("redact", tcase_add_test(tc, prose); tcase_add_test(tc, words);
               tcase_add_test(tc, existing_path); tcase_add_test(tc, torture))
