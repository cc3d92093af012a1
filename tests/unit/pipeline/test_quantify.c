#include "rgdquant/quantify.h"

#include "core/json.h"
#include "num/threads.h"
#include "scan_case.h"

static double cell(const rgq_quantify_result *r, int row, const char *column)
{
    return rgq_table_real(r->measures, row, rgq_table_find(r->measures, column));
}

/* Hand case: the lesion is 8 kBq/mL, its three columns average to 1 - 0.00; the muscle's twelve
 * to 1 + 0.005. Voxels are float: 1e-6 relative. */
START_TEST(measures_by_hand)
{
    scan_case c;
    rgq_quantify_result r;

    case_begin(&c);
    MUST(rgq_quantify(&r, &c.opts, NULL, err));
    ck_assert_int_eq(rgq_table_n_rows(r.measures), 2);
    ck_assert_str_eq(rgq_table_text(r.measures, 1, 0), "lesion <1>");
    ck_assert_int_eq((int)cell(&r, 1, "n_voxels"), 27);
    ck_assert_double_eq_tol(cell(&r, 1, "volume_ml"), 27 * 0.08, 1e-9);
    ck_assert_double_eq_tol(cell(&r, 1, "mean"), case_suv(8000.0), 1e-6 * case_suv(8000.0));
    ck_assert_double_eq_tol(cell(&r, 1, "max"), case_suv(8080.0), 1e-6 * case_suv(8080.0));
    ck_assert_double_eq_tol(cell(&r, 1, "tbr_mean"), 8000.0 / (2000.0 * 1.005), 1e-5);
    ck_assert_str_eq(r.background, "muscle");
    ck_assert_str_eq(r.tracer, "18F-fluciclatide");
    ck_assert_int_eq(r.unit, RGQ_UNIT_SUV_BW);
    ck_assert_double_eq_tol(r.uptake_time_min, 60.0, 1e-9);
    rgq_quantify_result_release(&r);
    case_is_clean(&c);
    case_end(&c);
}
END_TEST

/* The folder of the contract, and in no file of it a path, a date, a name. */
START_TEST(the_folder_tells_nothing_else)
{
    static const char *const names[] = {"measures.json",  "measures.tsv",  "overview.png",
                                        "regions.nii.gz", "regions.tsv",   "report.html",
                                        "run.json",       "surrogate.json"};
    static const char *const secrets[] = {"Doe_Jane", "Jane",  "2011-05",      "20110531",
                                          "10:20",    "11:20", RGQ_SOURCE_DIR, "13068"};
    static char words[][40] = {"/opt/rgdquant",    "quantify",           "", "--out", "",
                               "--injection-time", "2011-05-31T10:20:30"};
    char *argv[ROWS(words)];
    scan_case c;
    rgq_quantify_result r;
    rgq_names found;

    case_begin(&c);
    for (int a = 0; a < ROWS(words); a++)
        argv[a] = words[a];
    argv[2] = c.scan;
    argv[4] = c.out;
    c.opts.argc = ROWS(words);
    c.opts.argv = argv;
    c.opts.overrides.injection_time = words[6];
    c.opts.options_json = "{\"SCAN\": {\"value\": \"x\", \"origin\": \"command line\"}}";
    MUST(rgq_quantify(&r, &c.opts, NULL, err));
    MUST(rgq_folder_list(&found, c.out, err));
    ck_assert_uint_eq(found.count, ROWS(names));
    for (int i = 0; i < ROWS(names); i++) {
        size_t length = 0;
        ck_assert_str_eq(found.name[i], names[i]);
        char *bytes = case_file(&c, names[i], &length);
        if (strstr(names[i], "png") == NULL && strstr(names[i], "gz") == NULL)
            for (int s = 0; s < ROWS(secrets); s++)
                ck_assert_msg(strstr(bytes, secrets[s]) == NULL, "%s is in %s", secrets[s],
                              names[i]);
        rgq_free(bytes);
    }
    rgq_names_release(&found);
    rgq_quantify_result_release(&r);
    case_end(&c);
}
END_TEST

START_TEST(threads_give_the_same_bytes)
{
    static const char *const names[] = {"measures.json",  "measures.tsv", "overview.png",
                                        "regions.nii.gz", "regions.tsv",  "report.html",
                                        "surrogate.json", "run.json"};
    char *bytes[2][ROWS(names)];
    size_t length[2][ROWS(names)];
    scan_case c;
    rgq_quantify_result r;

    case_begin(&c);
    c.opts.filter = "gaussian:7";
    c.opts.force = true;
    for (int t = 0; t < 2; t++) {
        rgq_threads_set(t + 1);
        MUST(rgq_quantify(&r, &c.opts, NULL, err));
        rgq_quantify_result_release(&r);
        for (int i = 0; i < ROWS(names); i++)
            bytes[t][i] = case_file(&c, names[i], &length[t][i]);
    }
    for (int i = 0; i < ROWS(names); i++) {
        size_t compare = length[0][i];
        if (strcmp(names[i], "run.json") == 0)
            compare = (size_t)(strstr(bytes[0][i], "\"run\": {") - bytes[0][i]);
        else
            ck_assert_uint_eq(length[0][i], length[1][i]);
        ck_assert_msg(memcmp(bytes[0][i], bytes[1][i], compare) == 0, "%s", names[i]);
        rgq_free(bytes[0][i]);
        rgq_free(bytes[1][i]);
    }
    case_end(&c);
}
END_TEST

static bool warned(const rgq_quantify_result *r, const char *words)
{
    return strstr(r->warnings_json, words) != NULL;
}

START_TEST(what_the_header_contradicts)
{
    scan_case c;
    rgq_quantify_result r;

    case_begin(&c);
    c.opts.force = true;
    MUST(rgq_quantify(&r, &c.opts, NULL, err));
    ck_assert_msg(!warned(&r, "another tracer") && !warned(&r, "labelled"), "%s",
                  r.warnings_json);
    rgq_quantify_result_release(&r);

    case_write_scan(&c, "FDG -- fluorodeoxyglucose", "C-11");
    c.opts.overrides.half_life_s = HALF_LIFE_S;
    MUST(rgq_quantify(&r, &c.opts, NULL, err));
    ck_assert(warned(&r, "another tracer, 'FDG -- fluorodeoxyglucose'"));
    ck_assert(warned(&r, "names the nuclide C-11"));
    rgq_quantify_result_release(&r);

    c.opts.tracer = "99mTc-RWY";
    MUST(rgq_quantify(&r, &c.opts, NULL, err));
    ck_assert(warned(&r, "99mTc-RWY is a SPECT tracer"));
    rgq_quantify_result_release(&r);

    /* the file has no date: an injection at 12:00 was on the day before */
    c.opts.tracer = "18F-fluciclatide";
    c.opts.overrides.injection_time = "12:00:00";
    c.opts.unit = "bqml";
    MUST(rgq_quantify(&r, &c.opts, NULL, err));
    ck_assert_double_eq_tol(r.uptake_time_min, 24 * 60 - 39.5, 1e-9);
    ck_assert(warned(&r, "more than 5 half-lives"));
    rgq_quantify_result_release(&r);
    case_end(&c);
}
END_TEST

/* Without a named background: that of the tracer if there is such a region, else none. */
START_TEST(no_background_is_said)
{
    scan_case c;
    rgq_quantify_result r;

    case_begin(&c);
    c.opts.background = NULL;
    MUST(rgq_quantify(&r, &c.opts, NULL, err));
    ck_assert_str_eq(r.background, "");
    ck_assert(warned(&r, "no ratios to a background"));
    ck_assert(isnan(cell(&r, 1, "tbr_mean")));
    rgq_quantify_result_release(&r);
    case_end(&c);
}
END_TEST

START_TEST(segments_join_the_regions)
{
    scan_case c;
    rgq_quantify_result r;
    char path[160];

    case_begin(&c);
    c.opts.segment = "percent-max:60";
    c.opts.segmenting.has_seed = true; /* voxel 6,6,6 */
    c.opts.segmenting.seed_mm[0] = c.opts.segmenting.seed_mm[1] = -2.0;
    c.opts.segmenting.seed_mm[2] = 3.0;
    c.opts.filter = "gaussian:1";
    c.opts.keep = "calibrate,filter";
    MUST(rgq_quantify(&r, &c.opts, NULL, err));
    ck_assert_int_eq(rgq_table_n_rows(r.measures), 3);
    ck_assert_int_eq((int)cell(&r, 2, "label"), 3);
    ck_assert_int_eq((int)cell(&r, 2, "n_voxels"), 27);
    (void)snprintf(path, sizeof path, "%s/calibrate.nii.gz", c.out);
    ck_assert(rgq_path_exists(path));
    (void)snprintf(path, sizeof path, "%s/filter.nii.gz", c.out);
    ck_assert(rgq_path_exists(path));
    rgq_quantify_result_release(&r);
    case_end(&c);
}
END_TEST

static void refuse(scan_case *c, rgq_status want, const char *words)
{
    rgq_quantify_result r;

    REFUSED(rgq_quantify(&r, &c->opts, NULL, err), want, words);
    ck_assert_ptr_null(r.measures);
    ck_assert_msg(!rgq_path_exists(c->out), "%s was left behind", c->out);
    case_is_clean(c);
}

START_TEST(refusals_before_the_scan)
{
    scan_case c;
    rgq_quantify_opts good;

    case_begin(&c);
    good = c.opts;
    good.scan = "no-such-scan.nii"; /* would fail later */
    c.opts = good;
    c.opts.regions = NULL;
    refuse(&c, RGQ_E_ARGUMENT, "--segment SPEC");
    c.opts = good;
    c.opts.segmenting.has_seed = true;
    refuse(&c, RGQ_E_ARGUMENT, "--seed-mm");
    c.opts = good;
    c.opts.tracer = "18F-fluciklatide";
    refuse(&c, RGQ_E_NOTFOUND, "18F-fluciclatide");
    c.opts = good;
    c.opts.filter = "gausian:6";
    refuse(&c, RGQ_E_ARGUMENT, "gausian");
    c.opts = good;
    c.opts.segment = "percent-max:0";
    refuse(&c, RGQ_E_ARGUMENT, "percent-max");
    c.opts = good;
    c.opts.keep = "filter";
    refuse(&c, RGQ_E_ARGUMENT, "add --filter");
    c.opts.keep = "calibrate,measure";
    refuse(&c, RGQ_E_ARGUMENT, "--keep measure");
    c.opts = good;
    c.opts.unit = "furlong";
    refuse(&c, RGQ_E_NOTFOUND, "furlong");
    c.opts = good;
    c.opts.tracer = NULL;
    refuse(&c, RGQ_E_ARGUMENT, "--tracer");
    c.opts = good;
    refuse(&c, RGQ_E_IO, "no-such-scan.nii");
    case_end(&c);
}
END_TEST

START_TEST(refusals_of_the_data)
{
    scan_case c;
    rgq_quantify_opts good;
    rgq_grid moved = case_grid();

    case_begin(&c);
    good = c.opts;
    c.opts.background = "liver";
    refuse(&c, RGQ_E_NOTFOUND,
           "no region 'liver' to take as background; the regions are: muscle, lesion <1>");
    c.opts = good;
    c.opts.frame = 1;
    refuse(&c, RGQ_E_ARGUMENT, "the scan has 1 frame,");
    c.opts = good;
    moved.affine[0][3] += 2.0;
    case_write_regions(&c, &moved, "lesion");
    refuse(&c, RGQ_E_GEOMETRY, "the regions lie on another grid than the scan");
    case_end(&c);
}
END_TEST

START_TEST(an_older_result_stays)
{
    scan_case c;
    rgq_quantify_result r;
    size_t length = 0;

    case_begin(&c);
    MUST(rgq_quantify(&r, &c.opts, NULL, err));
    rgq_quantify_result_release(&r);
    char *before = case_file(&c, "run.json", &length);
    REFUSED(rgq_quantify(&r, &c.opts, NULL, err), RGQ_E_IO, "--force");
    c.opts.force = true;
    c.opts.background = "none such";
    REFUSED(rgq_quantify(&r, &c.opts, NULL, err), RGQ_E_NOTFOUND, "none such");
    char *after = case_file(&c, "run.json", &length);
    ck_assert_str_eq(before, after);
    rgq_free(before);
    rgq_free(after);
    case_is_clean(&c);
    case_end(&c);
}
END_TEST

START_TEST(explained)
{
    scan_case c;
    char *text = NULL;

    case_begin(&c);
    c.opts.scan = "no-such-scan.nii";
    c.opts.filter = "gaussian:6";
    c.opts.options_json = "{\"filter\": {\"value\": \"gaussian:6\", \"origin\": \"config\"}}";
    MUST(rgq_quantify_explain(&text, &c.opts, false, err));
    ck_assert(strstr(text, "gaussian:6 (config); border replicate (as called)") != NULL);
    ck_assert(strstr(text, "volume [same unit]") != NULL);
    ck_assert(strstr(text, "cite:IBSISUV2026") != NULL);
    rgq_free(text);
    MUST(rgq_quantify_explain(&text, &c.opts, true, err));
    rgq_json *list = NULL;
    MUST(rgq_json_parse(&list, text, strlen(text), "explain", err));
    ck_assert_uint_eq(rgq_json_count(list), 7);
    rgq_json_free(list);
    rgq_free(text);
    ck_assert(!rgq_path_exists(c.out));
    case_end(&c);
}
END_TEST

/* Memory that runs out anywhere ends in one error, no folder and nothing temporary. */
START_TEST(torture)
{
    scan_case c;
    rgq_quantify_result r;

    case_begin(&c);
    TORTURE(
        rgq_quantify(&r, &c.opts, NULL, err),
        {
            if (torture_st != RGQ_OK) {
                ck_assert_ptr_null(r.measures);
                ck_assert(!rgq_path_exists(c.out));
            }
            rgq_quantify_result_release(&r);
        },
        100);
    case_is_clean(&c);
    case_end(&c);
}
END_TEST

RGQ_CHECK_MAIN("quantify", tcase_add_test(tc, measures_by_hand);
               tcase_add_test(tc, the_folder_tells_nothing_else);
               tcase_add_test(tc, threads_give_the_same_bytes);
               tcase_add_test(tc, what_the_header_contradicts);
               tcase_add_test(tc, no_background_is_said);
               tcase_add_test(tc, segments_join_the_regions);
               tcase_add_test(tc, refusals_before_the_scan);
               tcase_add_test(tc, refusals_of_the_data);
               tcase_add_test(tc, an_older_result_stays); tcase_add_test(tc, explained);
               tcase_add_test(tc, torture))
