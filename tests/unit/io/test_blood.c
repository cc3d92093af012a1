/* Tables of blood: units, refusals, the way there and back. */
#include "io/blood.h"

#include <math.h>

#include "io_check.h"

static rgq_blood blood;

static const char table[] = "time\tplasma_radioactivity\twhole_blood_radioactivity\t"
                            "metabolite_parent_fraction\tnote\n"
                            "-5\t0\t0.5\tn/a\tx\n"
                            "10.5\t2\t1.5\t0.9\tx\n"
                            "60\tn/a\t1\t0.25\tx\n";
static const char units[] =
    "{\"plasma_radioactivity\": {\"Units\": \"kBq/mL\"},"
    "\"whole_blood_radioactivity\": {\"Units\": \"Bq/ml\"}, \"PlasmaAvail\": true,"
    "\"MetaboliteAvail\": \"true\", \"WholeBloodAvail\": false, \"MetaboliteMethod\": \"HPLC\","
    "\"Haematocrit\": 0.42, \"TubingLength\": 1.5}";

static void begin(void)
{
    folder_begin();
    blood = rgq_blood_none();
}

static void end(void)
{
    rgq_blood_release(&blood);
    folder_end();
}

static rgq_status parse(const char *tsv, const char *json, rgq_error *err)
{
    rgq_blood_release(&blood);
    const rgq_blood_text text = {tsv, strlen(tsv), json, json != NULL ? strlen(json) : 0,
                                 "b.tsv"};
    return rgq_blood_parse(&blood, &text, NULL, err);
}

static void check_table(double shift)
{
    ck_assert_int_eq(blood.count, 3);
    ck_assert_double_eq(blood.sample[0].time_s, -5.0 + shift);
    ck_assert_double_eq(blood.sample[1].plasma_bqml, 2000.0);
    ck_assert_double_eq(blood.sample[1].whole_blood_bqml, 1.5);
    ck_assert_double_eq(blood.sample[2].parent_fraction, 0.25);
    ck_assert(isnan(blood.sample[0].parent_fraction));
    ck_assert(isnan(blood.sample[2].plasma_bqml));
    ck_assert(isnan(blood.sample[1].polar_fraction));
    ck_assert(isnan(blood.sample[1].hplc_recovery));
    ck_assert_int_eq(blood.facts.plasma_available, 1);
    ck_assert_int_eq(blood.facts.metabolites_available, 1);
    ck_assert_int_eq(blood.facts.whole_blood_available, 0);
    ck_assert_str_eq(blood.facts.metabolite_method, "HPLC");
    ck_assert_double_eq(blood.facts.haematocrit, 0.42);
    ck_assert_double_eq(blood.facts.tubing_length_m, 1.5);
    ck_assert(isnan(blood.facts.density_g_ml));
}

START_TEST(by_hand)
{
    MUST(parse(table, units, err));
    check_table(0.0);
    ck_assert_int_eq(blood.facts.dispersion_corrected, -1);
    MUST(parse("time\n0\n1\n", NULL, err));
    ck_assert(isnan(blood.sample[1].plasma_bqml));
    MUST(parse("time\n0\n1.5\n", "{\"time\": {\"Units\": \"min\"}}", err));
    ck_assert_double_eq(blood.sample[1].time_s, 90.0);
}
END_TEST

START_TEST(unit_words)
{
    static const struct {
        const char *unit;
        double bqml; /* of 1 */
    } cases[] = {{"Bq/mL", 1},      {"kBq/ml", 1e3}, {"MBq/cc", 1e6}, {"nCi/mL", 37},
                 {"uCi/mL", 3.7e4}, {"kBq/L", 1},    {"Bq/cm3", 1}};
    for (int i = 0; i < ROWS(cases); i++) {
        char json[128];
        (void)snprintf(json, sizeof json, "{\"plasma_radioactivity\": {\"Units\": \"%s\"}}",
                       cases[i].unit);
        MUST(parse("time\tplasma_radioactivity\n0\t1\n", json, err));
        ck_assert_double_eq_tol(blood.sample[0].plasma_bqml, cases[i].bqml, 1e-9);
    }
}
END_TEST

/* Units from files above the table in its dataset, key by key the nearest; percent; noise. */
START_TEST(inherited_and_percent)
{
    save_text(at("sub-1_recording-manual_blood.tsv"),
              "time\tplasma_radioactivity\tmetabolite_parent_fraction\n0\t2\t101\n9\t4\t50\n");
    REFUSED(rgq_blood_read(&blood, at("sub-1_recording-manual_blood.tsv"), NULL, err),
            RGQ_E_MISSING, "plasma_radioactivity");
    save_text(at("dataset_description.json"), "{}");
    save_text(
        at("recording-manual_blood.json"),
        "{\"plasma_radioactivity\": {\"Units\": \"kBq/mL\"},"
        " \"metabolite_parent_fraction\": {\"Units\": \"percent\"}, \"Haematocrit\": 0.4}");
    MUST(rgq_blood_read(&blood, at("sub-1_recording-manual_blood.tsv"), NULL, err));
    ck_assert_double_eq(blood.sample[1].plasma_bqml, 4000.0);
    ck_assert_double_eq_tol(blood.sample[0].parent_fraction, 1.01, 1e-15);
    ck_assert_double_eq(blood.facts.haematocrit, 0.4);
    ck_assert_str_eq(blood.recording, "manual");
    rgq_blood_release(&blood);
}
END_TEST

START_TEST(refused)
{
#define NO(tsv, json, status, words) REFUSED(parse(tsv, json, err), status, words)
    static const char one[] = "time\tplasma_radioactivity\n0\t1\n";
    NO("t\n0\n", NULL, RGQ_E_FORMAT, "'time'");
    NO("time\n", NULL, RGQ_E_FORMAT, "0 samples");
    NO("time\n1\n0\n", NULL, RGQ_E_FORMAT, "line 3: times must rise");
    NO("time\n1\n1\n", NULL, RGQ_E_FORMAT, "must rise");
    NO("time\nn/a\n", NULL, RGQ_E_FORMAT, "must rise");
    NO("time\nx\n", NULL, RGQ_E_FORMAT, "'x'");
    NO("time\n0\n1\t2\n", NULL, RGQ_E_FORMAT, "3");
    NO("time\n0\n", "{\"time\": {\"Units\": \"h\"}}", RGQ_E_FORMAT, "s or min");
    NO(one, NULL, RGQ_E_MISSING, "the unit of plasma_radioactivity is not stated");
    NO(one, "{}", RGQ_E_MISSING, "Units");
    NO(one, "[]", RGQ_E_FORMAT, "one object");
    NO(one, "{\"plasma_radioactivity\": {\"Units\": \"mBq/mL\"}}", RGQ_E_FORMAT, "mBq/mL");
    NO(one, "{\"plasma_radioactivity\": {\"Units\": \"kBq\"}}", RGQ_E_FORMAT, "kBq");
    NO("time\tmetabolite_parent_fraction\n0\t1.5\n", NULL, RGQ_E_FORMAT, "from -0.2 to 1.2");
    ck_assert_ptr_null(blood.sample);
}
END_TEST

START_TEST(there_and_back)
{
    MUST(parse(table, units, err));
    rgq_blood_facts *f = &blood.facts;
    f->dispersion_corrected = 1;
    MUST(rgq_blood_write(at("o"), &blood, 100.0, false, err));
    REFUSED(rgq_blood_write(at("o"), &blood, 100.0, false, err), RGQ_E_IO, "--force");
    rgq_blood_release(&blood);
    MUST(rgq_blood_read(&blood, at("o.tsv"), NULL, err));
    check_table(100.0);
    ck_assert_int_eq(blood.facts.dispersion_corrected, 1);
}
END_TEST

START_TEST(found_beside_the_scan)
{
    char(*path)[RGQ_PATH_MAX] = calloc(RGQ_BIDS_FILES_MAX, sizeof *path);
    int count = -1;

    save_text(at("sub-1_pet.nii"), "x");
    save_text(at("sub-1_recording-manual_blood.tsv"), table);
    save_text(at("sub-1_recording-manual_blood.json"), units);
    save_text(at("sub-1_blood.tsv"), table);
    save_text(at("sub-2_blood.tsv"), table);
    save_text(at("sub-1_task-x_blood.tsv"), table);
    save_text(at("sub-1_events.tsv"), table);
    save_text(at("blood.tsv"), table);
    MUST(rgq_blood_find(path, &count, at("sub-1_pet.nii"), err));
    ck_assert_int_eq(count, 2);
    ck_assert_str_eq(rgq_path_base(path[1]), "sub-1_recording-manual_blood.tsv");
    MUST(rgq_blood_read(&blood, path[1], NULL, err));
    ck_assert_str_eq(blood.recording, "manual");
    free(path);
}
END_TEST

START_TEST(lost_memory)
{
    TORTURE(parse(table, units, err),
            ck_assert(torture_st == RGQ_OK ? blood.count == 3 : blood.sample == NULL), 3);
    MUST(parse(table, units, err));
    const char *base = at("m");
    TORTURE(rgq_blood_write(base, &blood, 0.0, true, err), (void)0, 4);
}
END_TEST

RGQ_CHECK_MAIN("io blood", tcase_add_checked_fixture(tc, begin, end);
               tcase_add_test(tc, by_hand); tcase_add_test(tc, unit_words);
               tcase_add_test(tc, inherited_and_percent); tcase_add_test(tc, refused);
               tcase_add_test(tc, there_and_back); tcase_add_test(tc, found_beside_the_scan);
               tcase_add_test(tc, lost_memory))
