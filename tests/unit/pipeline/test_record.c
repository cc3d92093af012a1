#include "pipeline/record.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "core/hash.h"
#include "rgq_check.h"

static char folder[64];

static void begin(void)
{
    (void)snprintf(folder, sizeof folder, "record-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static const char *in_folder(const char *name)
{
    static char path[4][256];
    static int turn;
    turn = (turn + 1) % 4;
    (void)snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
    return path[turn];
}

static void put(const char *name, const char *words)
{
    MUST(rgq_file_write(in_folder(name), words, strlen(words), true, err));
}

static void end(void)
{
    char command[128];
    (void)snprintf(command, sizeof command, "rm -r %s", folder);
    ck_assert_int_eq(system(command), 0);
}

static rgq_scan_facts make_facts(void)
{
    rgq_scan_facts f = {0};
    rgq_fact_set(&f.weight_kg, 70.0, "(0010,1030) PatientWeight");
    rgq_fact_set(&f.injection_time_s, 1306837230.0, "(0018,1078)");
    rgq_fact_set(&f.injection_date_known, 1.0, "(0018,1078)");
    rgq_fact_set(&f.series_time_s, 1306840830.0, "(0008,0031)");
    rgq_fact_text_set(&f.series_uid, "1.2.840.999.1", "(0020,000E)");
    rgq_fact_text_set(&f.radiopharmaceutical, "FDG", "(0018,0031)");
    return f;
}

static rgq_status make_record(rgq_record **out, rgq_error *err)
{
    const rgq_scan_facts facts = make_facts();
    static char words_of[][64] = {"/usr/bin/rgdquant",
                                  "quantify",
                                  "",
                                  "--out",
                                  "res/Smith_J",
                                  "--weight-kg=70",
                                  "--injection-time",
                                  "2011-05-31T10:20:30",
                                  "--data-dir=/mnt/smith",
                                  "--threads",
                                  "2"};
    char *argv[ROWS(words_of)];
    rgq_status st = RGQ_OK;
    rgq_record *r = NULL;
    rgq_json *options = NULL;
    rgq_json *warnings = NULL;
    rgq_json *step = NULL;
    static const char words[] =
        "{\"out\": {\"value\": \"res/Smith_J\", \"origin\": \"command line\"},"
        " \"config\": {\"value\": null, \"origin\": \"default\"},"
        " \"threads\": {\"value\": \"2\", \"origin\": \"command line\"}}";
    char warning[256];

    *out = NULL;
    (void)snprintf(words_of[2], sizeof words_of[2], "%s", in_folder("Smith_J.nii"));
    for (int a = 0; a < ROWS(words_of); a++)
        argv[a] = words_of[a];
    (void)snprintf(warning, sizeof warning, "%s: taken at 11:20:30", argv[2]);
    RGQ_TRY(err, rgq_record_create(&r, "quantify", err));
    RGQ_TRY(err, rgq_record_input(r, argv[2], "scan", err));
    RGQ_TRY(err, rgq_record_output(r, "res/Smith_J", err));
    RGQ_TRY(err, rgq_record_data_file(r, in_folder("t.json"), "tracers/t.json", err));
    RGQ_TRY(err, rgq_record_facts(r, &facts, err));
    RGQ_TRY(err, rgq_record_step(&step, r, "measure", err));
    RGQ_TRY(err, rgq_json_set_real(step, "confidence", 0.95, err));
    RGQ_TRY(err, rgq_record_cite(r, "A2012", err));
    RGQ_TRY(err, rgq_record_cite(r, "B2013", err));
    RGQ_TRY(err, rgq_record_cite(r, "A2012", err));
    RGQ_TRY(err, rgq_record_cite(r, "", err));
    RGQ_TRY(err, rgq_json_parse(&options, words, sizeof words - 1, "options", err));
    RGQ_TRY(err, rgq_json_array(&warnings, err));
    RGQ_TRY(err, rgq_json_set_text(warnings, NULL, warning, err));
    RGQ_TRY(err, rgq_record_close(
                     r, &(rgq_record_source){ROWS(argv), argv, options, warnings, 0.0}, err));
    *out = r;
    r = NULL;
out:
    rgq_json_free(options);
    rgq_json_free(warnings);
    rgq_record_free(r);
    return st;
}

static const char *text_at(const rgq_json *root, const char *a, const char *b)
{
    const rgq_json *node = rgq_json_get(root, a);
    return rgq_json_text(b != NULL ? rgq_json_get(node, b) : node, "(none)");
}

START_TEST(contents)
{
    rgq_record *r = NULL;
    char hex[RGQ_SHA256_TEXT];

    begin();
    put("Smith_J.nii", "voxels");
    put("Smith_J.json", "{}");
    put("t.json", "{}");
    MUST(make_record(&r, err));
    const rgq_json *root = rgq_record_json(r);
    ck_assert_str_eq(text_at(root, "command", NULL), "quantify");
    const rgq_json *input = rgq_json_at(rgq_json_get(root, "inputs"), 0);
    ck_assert_str_eq(text_at(input, "name", NULL), "<input-1>");
    MUST(rgq_hash_bytes(hex, "voxels", 6, err));
    ck_assert_str_eq(text_at(input, "sha256", NULL), hex);
    MUST(rgq_hash_bytes(hex, "{}", 2, err));
    ck_assert_str_eq(text_at(input, "sha256 of *.json", NULL), hex);
    ck_assert_str_eq(text_at(rgq_json_at(rgq_json_get(root, "data_files"), 0), "name", NULL),
                     "tracers/t.json");
    ck_assert_str_eq(
        text_at(root, "run", "command_line"),
        "rgdquant quantify <input-1> --out <output> --weight-kg=70 --injection-time <time> "
        "--data-dir=<path> --threads 2");
    ck_assert_str_eq(text_at(rgq_json_get(root, "options"), "out", "value"), "<output>");
    ck_assert(rgq_json_get(rgq_json_get(root, "options"), "threads") == NULL);
    ck_assert_str_eq(rgq_json_text(rgq_json_at(rgq_json_get(root, "warnings"), 0), ""),
                     "<input-1>: taken at <time>");
    ck_assert_uint_eq(rgq_json_count(rgq_json_get(root, "citations")), 2);
    ck_assert(rgq_json_number(rgq_json_get(rgq_json_get(root, "run"), "elapsed_s"), -1.0) >=
              0.0);
    rgq_record_free(r);
    end();
}
END_TEST

START_TEST(clock_times_are_offsets)
{
    rgq_record *r = NULL;
    rgq_scan_facts f = make_facts();

    MUST(rgq_record_create(&r, "x", err));
    MUST(rgq_record_facts(r, &f, err));
    const rgq_json *header = rgq_json_get(rgq_record_json(r), "header");
    const rgq_json *at = rgq_json_get(header, "series_time_s");
    ck_assert(rgq_json_number(rgq_json_get(at, "s_after_injection"), 0.0) == 3600.0);
    ck_assert(rgq_json_get(at, "value") == NULL);
    ck_assert_str_eq(text_at(header, "weight_kg", "origin"), "(0010,1030) PatientWeight");
    ck_assert_uint_eq(strlen(text_at(header, "series_uid", "sha256")), 64);
    rgq_record_free(r);

    /* without a date the injection lies before the scan within the day */
    f.injection_date_known.known = false;
    f.injection_time_s.value = 86000.0;
    f.series_time_s.value = 1306800000.0 + 800.0; /* 00:13:20 of its day */
    MUST(rgq_record_create(&r, "x", err));
    MUST(rgq_record_facts(r, &f, err));
    header = rgq_json_get(rgq_record_json(r), "header");
    at = rgq_json_get(header, "series_time_s");
    ck_assert(rgq_json_number(rgq_json_get(at, "s_after_injection"), 0.0) == 1200.0);
    rgq_record_free(r);

    /* no injection: counted from the series; nothing at all: left out */
    f.injection_time_s.known = false;
    MUST(rgq_record_create(&r, "x", err));
    MUST(rgq_record_facts(r, &f, err));
    header = rgq_json_get(rgq_record_json(r), "header");
    at = rgq_json_get(header, "series_time_s");
    ck_assert(rgq_json_number(rgq_json_get(at, "s_after_series"), 1.0) == 0.0);
    rgq_record_free(r);
}
END_TEST

/* The whole text has no path, no date, no name of the patient whose folder it was. */
START_TEST(nothing_leaks)
{
    rgq_record *r = NULL;
    char *text = NULL;
    size_t length = 0;

    begin();
    put("Smith_J.nii", "voxels");
    put("t.json", "{}");
    MUST(make_record(&r, err));
    MUST(rgq_record_write_beside(r, in_folder("out.nii.gz"), false, err));
    MUST(rgq_file_read(&text, &length, in_folder("out.run.json"), 1 << 20, err));
    static const char *const secret[] = {"mith",  "/mnt",    folder,     "2011",
                                         "10:20", "1.2.840", "/usr/bin", "130683"};
    for (int i = 0; i < ROWS(secret); i++)
        ck_assert_msg(strstr(text, secret[i]) == NULL, "%s in %s", secret[i], text);
    rgq_free(text);
    rgq_record_free(r);
    end();
}
END_TEST

START_TEST(folder_hash_knows_no_names)
{
    rgq_record *r = NULL;
    char want[RGQ_SHA256_TEXT];
    char each[2][RGQ_SHA256_TEXT];

    begin();
    put("b.dcm", "one");
    put("a.dcm", "two");
    MUST(rgq_record_create(&r, "x", err));
    MUST(rgq_record_input(r, folder, "scan", err));
    MUST(rgq_record_scan_input(r, in_folder("a.dcm"), 2, err));
    MUST(rgq_record_scan_input(r, in_folder("a.dcm"), 1, err));
    MUST(rgq_hash_bytes(each[0], "one", 3, err));
    MUST(rgq_hash_bytes(each[1], "two", 3, err));
    const bool first = strcmp(each[0], each[1]) < 0;
    char joined[2 * RGQ_SHA256_TEXT + 1];
    (void)snprintf(joined, sizeof joined, "%s\n%s\n", each[first ? 0 : 1], each[first ? 1 : 0]);
    MUST(rgq_hash_bytes(want, joined, strlen(joined), err));
    const rgq_json *inputs = rgq_json_get(rgq_record_json(r), "inputs");
    for (size_t i = 0; i < 2; i++) {
        const rgq_json *input = rgq_json_at(inputs, i);
        ck_assert_str_eq(text_at(input, "sha256 of the sorted sha256 of the files", NULL),
                         want);
        ck_assert(rgq_json_number(rgq_json_get(input, "files"), 0.0) == 2.0);
    }
    ck_assert_str_eq(text_at(rgq_json_at(inputs, 2), "sha256", NULL), each[1]);
    put("b.dcm", "two"); /* the same bytes under other names */
    put("a.dcm", "one");
    MUST(rgq_record_input(r, folder, "scan", err));
    ck_assert_str_eq(
        text_at(rgq_json_at(inputs, 3), "sha256 of the sorted sha256 of the files", NULL),
        want);
    REFUSED(rgq_record_input(r, in_folder("none"), "scan", err), RGQ_E_IO, "none");
    rgq_record_free(r);
    end();
}
END_TEST

START_TEST(two_runs_differ_under_run_alone)
{
    rgq_record *a = NULL;
    rgq_record *b = NULL;
    char *words[2] = {NULL, NULL};

    begin();
    put("Smith_J.nii", "voxels");
    put("t.json", "{}");
    MUST(make_record(&a, err));
    MUST(make_record(&b, err));
    MUST(rgq_json_dump(&words[0], rgq_record_json(a), err));
    MUST(rgq_json_dump(&words[1], rgq_record_json(b), err));
    const char *run = strstr(words[0], "\"run\"");
    ck_assert_ptr_nonnull(run);
    ck_assert(strncmp(words[0], words[1], (size_t)(run - words[0])) == 0);
    rgq_free(words[0]);
    rgq_free(words[1]);
    rgq_record_free(a);
    rgq_record_free(b);
    end();
}
END_TEST

START_TEST(plan_and_filter)
{
    rgq_record *r = NULL;
    rgq_suv_plan plan = {.from = RGQ_UNIT_BQ_ML,
                         .to = RGQ_UNIT_SUV_BW,
                         .factor = 0.5,
                         .rule = "BQML, decay to START",
                         .n_inputs = 1};
    (void)snprintf(plan.input[0].name, sizeof plan.input[0].name, "weight");
    plan.input[0].value = 70000.0;
    (void)snprintf(plan.input[0].origin, sizeof plan.input[0].origin, "/mnt/x/side.json");

    MUST(rgq_record_create(&r, "x", err));
    MUST(rgq_record_plan(r, &plan, err));
    const rgq_json *step = rgq_json_at(rgq_json_get(rgq_record_json(r), "steps"), 0);
    ck_assert_str_eq(text_at(step, "to", NULL), "SUVbw");
    ck_assert_str_eq(text_at(rgq_json_at(rgq_json_get(step, "inputs"), 0), "origin", NULL),
                     "<path>");
    rgq_record_free(r);
}
END_TEST

START_TEST(torture)
{
    rgq_record *r = NULL;

    begin();
    put("Smith_J.nii", "voxels");
    put("t.json", "{}");
    TORTURE(
        make_record(&r, err),
        {
            if (torture_st != RGQ_OK)
                ck_assert_ptr_null(r);
            rgq_record_free(r);
            r = NULL;
        },
        30);
    end();
}
END_TEST

RGQ_CHECK_MAIN("record", tcase_add_test(tc, contents);
               tcase_add_test(tc, clock_times_are_offsets); tcase_add_test(tc, nothing_leaks);
               tcase_add_test(tc, folder_hash_knows_no_names);
               tcase_add_test(tc, two_runs_differ_under_run_alone);
               tcase_add_test(tc, plan_and_filter); tcase_add_test(tc, torture))
