#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/file.h"
#include "core/json.h"
#include "core/text.h"
#include "rgdquant/tracer.h"
#include "rgq_check.h"

#define SHIPPED RGQ_SOURCE_DIR "/tracers"

/* The smallest file that loads; tests change one place of it. */
static const char minimal[] =
    "{\"format\": 1, \"id\": \"18F-x\", \"name\": \"x\", \"nuclide\": \"F-18\","
    " \"modality\": \"PET\", \"use\": \"imaging\","
    " \"ligand\": {\"class\": \"c\", \"rgd\": true, \"description\": \"d\","
    " \"source\": \"Mena2014\"},"
    " \"used_in_humans\": {\"value\": false},"
    " \"targets\": [{\"integrin\": \"αvβ3\", \"role\": \"primary\","
    " \"evidence_level\": \"none\", \"evidence\": \"e\", \"source\": \"Mena2014\"}],"
    " \"effective_dose\": {\"value\": 26, \"unit\": \"µSv/MBq\", \"n\": 8,"
    " \"species\": \"human\", \"status\": \"verified\", \"source\": \"Mena2014\"},"
    " \"organ_doses\": [{\"organ\": \"kidneys\", \"value\": 0.1, \"unit\": \"mGy/MBq\","
    " \"species\": \"human\", \"status\": \"verified\", \"source\": \"Mena2014\"}],"
    " \"caveats\": [{\"text\": \"t\"}]}";

/* `minimal` with the first `from` replaced by `to`. */
static void change(rgq_text *out, const char *from, const char *to)
{
    const char *at = strstr(minimal, from);

    ck_assert_ptr_nonnull(at);
    rgq_text_append(out, minimal, (size_t)(at - minimal));
    rgq_text_printf(out, "%s%s", to, at + strlen(from));
}

START_TEST(the_smallest_file_loads)
{
    rgq_tracer t;

    MUST(rgq_tracer_parse(&t, minimal, strlen(minimal), "18F-x.json", err));
    ck_assert_str_eq(t.id, "18F-x");
    ck_assert_int_eq(t.n_targets, 1);
    ck_assert_str_eq(t.target[0].integrin, "αvβ3");
    ck_assert(!t.uptake_start_min.known && isnan(t.uptake_start_min.value));
    ck_assert(t.effective_dose_usv_per_mbq.known && t.effective_dose_usv_per_mbq.n == 8);
    ck_assert(isnan(t.effective_dose_usv_per_mbq.uncertainty));
    /* 0.1 mGy is 100 µGy, one rounding apart */
    ck_assert_double_eq_tol(t.organ_dose[0].quantity.value, 100.0, 1e-12);
    ck_assert_str_eq(t.organ_dose[0].quantity.unit, "µGy/MBq");
    ck_assert_str_eq(t.reference_tissue, "");
    ck_assert_int_eq(t.n_not_published, 0);
}
END_TEST

static const struct {
    const char *from;
    const char *to;
    rgq_status status;
    const char *words;
} changes[] = {
    {"\"use\"", "\"usage\"", RGQ_E_FORMAT, "18F-x.json: unknown key 'usage'"},
    {"\"format\": 1", "\"format\": 2", RGQ_E_FORMAT, "'format' is 2"},
    {"\"name\": \"x\", ", "", RGQ_E_FORMAT, "'name' must be a text, found nothing"},
    {"\"name\": \"x\"", "\"name\": \"\"", RGQ_E_FORMAT, "'name' is empty"},
    {"\"id\": \"18F-x\"", "\"id\": \"18F-y\"", RGQ_E_FORMAT, "named <id>.json"},
    {"\"nuclide\": \"F-18\"", "\"nuclide\": \"18F\"", RGQ_E_FORMAT, "written as F-18"},
    {"\"PET\"", "\"CT\"", RGQ_E_FORMAT, "needed is PET or SPECT"},
    {"\"imaging\"", "\"fun\"", RGQ_E_FORMAT, "needed is imaging or therapy"},
    {"\"rgd\": true", "\"rgd\": 1", RGQ_E_FORMAT,
     "18F-x.json: ligand: 'rgd' must be true or false"},
    {"\"source\": \"Mena2014\"}, \"used", "\"source\": \"Menna2014\"}, \"used", RGQ_E_NOTFOUND,
     "18F-x.json: ligand: the source 'Menna2014' is not in references.json; the nearest key is "
     "'Mena2014'"},
    {"\"value\": false", "\"value\": true", RGQ_E_FORMAT,
     "used_in_humans: 'description' must be a text"},
    {"\"role\": \"primary\",", "", RGQ_E_FORMAT, "18F-x.json: targets[0]: 'role'"},
    {"[{\"integrin\": \"αvβ3\", \"role\": \"primary\", \"evidence_level\": \"none\", "
     "\"evidence\": \"e\", \"source\": \"Mena2014\"}]",
     "[]", RGQ_E_FORMAT, "must name an integrin"},
    {"αvβ3", "α5β3", RGQ_E_FORMAT, "targets[0]: 'α5β3' is none of the 24 integrins"},
    {"αvβ3", "CXCR4", RGQ_E_FORMAT, "another target is named by 'receptor'"},
    {"\"role\"", "\"receptor\": \"CXCR4\", \"role\"", RGQ_E_FORMAT,
     "either 'integrin' or 'receptor'"},
    {"\"evidence_level\": \"none\"", "\"evidence_level\": \"proven\"", RGQ_E_FORMAT,
     "'evidence_level' is 'proven', needed is one of: class-level IHC support, lower, none"},
    {"\"modality\": \"PET\",", "", RGQ_E_FORMAT, "'modality' must be a text"},
    {"\"nuclide\": \"F-18\",", "\"other_nuclides\": [\"Ga-68\"],", RGQ_E_FORMAT,
     "'nuclide' must be a text"},
    {"\"modality\"", "\"other_nuclides\": [\"68Ga\"], \"modality\"", RGQ_E_FORMAT,
     "the nuclide '68Ga'"},
    {"\"caveats\"",
     "\"dose_conditions\": {\"weights\": \"ICRP26\", \"source\": \"Mena2014\"}, "
     "\"caveats\"",
     RGQ_E_FORMAT, "dose_conditions: 'weights' is 'ICRP26', needed is one of: ICRP60"},
    {"\"caveats\"", "\"dose_conditions\": {\"code\": \"x\"}, \"caveats\"", RGQ_E_FORMAT,
     "dose_conditions: 'source'"},
    {"\"caveats\"",
     "\"dose_conditions\": {\"voiding_h\": 0, \"source\": \"Mena2014\"}, \"caveats\"",
     RGQ_E_FORMAT, "'voiding_h' is 0"},
    {"\"caveats\"",
     "\"time_integrated_activities\": [{\"region\": \"liver\", \"value\": 1, \"unit\": "
     "\"min\", \"status\": \"verified\", \"source\": \"Mena2014\"}], \"caveats\"",
     RGQ_E_FORMAT, "time_integrated_activities[0]: the unit 'min' is not taken here"},
    {"\"caveats\"",
     "\"response_studies\": [{\"setting\": \"s\", \"finding\": \"f\"}], \"caveats\"",
     RGQ_E_FORMAT, "response_studies[0]: 'source'"},
    {"\"caveats\"",
     "\"response_studies\": [{\"setting\": \"s\", \"finding\": \"f\", \"species\": \"cat\", "
     "\"source\": \"Mena2014\"}], \"caveats\"",
     RGQ_E_FORMAT, "response_studies[0]: 'species' is 'cat'"},
    {"\"value\": 26, ", "", RGQ_E_FORMAT, "effective_dose: 'value' must be a number"},
    {"\"value\": 26", "\"value\": -26", RGQ_E_FORMAT, "'value' is -26, outside"},
    {"\"unit\": \"µSv/MBq\", ", "", RGQ_E_FORMAT,
     "18F-x.json: effective_dose: 'unit' must be a text, found nothing"},
    {"µSv/MBq", "Sv/MBq", RGQ_E_FORMAT,
     "effective_dose: the unit 'Sv/MBq' is not taken here, needed is: µSv/MBq, mSv/MBq"},
    {"\"n\": 8", "\"n\": 8.5", RGQ_E_FORMAT, "'n' is 8.5, needed is a whole number"},
    {"\"species\": \"human\"", "\"species\": \"martian\"", RGQ_E_FORMAT,
     "'species' is 'martian', needed is one of: human, mouse, rat, nhp"},
    {"\"status\": \"verified\"", "\"status\": \"memory\"", RGQ_E_FORMAT,
     "'status' is 'memory', needed is one of: verified"},
    {", \"source\": \"Mena2014\"}, \"organ", "}, \"organ", RGQ_E_FORMAT,
     "18F-x.json: effective_dose: 'source' must be a text, found nothing"},
    {"\"organ\": \"kidneys\", ", "", RGQ_E_FORMAT, "organ_doses[0]: 'organ'"},
    {"mGy/MBq", "rad", RGQ_E_FORMAT, "organ_doses[0]: the unit 'rad'"},
    {"{\"text\": \"t\"}", "{\"text\": \"t\", \"source\": \"Nobody1900\"}", RGQ_E_NOTFOUND,
     "caveats[0]: the source 'Nobody1900'"},
    {"{\"text\": \"t\"}", "\"t\"", RGQ_E_FORMAT, "caveats[0] must be an object, found a text"},
    {"[{\"text\": \"t\"}]", "3", RGQ_E_FORMAT, "'caveats' must be an array"},
    {"\"caveats\"", "\"aliases\": [\"\"], \"caveats\"", RGQ_E_FORMAT, "aliases[0]"},
    {"\"caveats\"", "\"uptake_window\": {\"begin\": 1}, \"caveats\"", RGQ_E_FORMAT,
     "uptake_window: unknown key 'begin'"},
    {"{\"format\"", "[\"format\"", RGQ_E_FORMAT, "18F-x.json, line 1"},
};

START_TEST(one_fault_is_refused_with_its_place)
{
    rgq_tracer t = {.id = "kept"};
    rgq_text file = RGQ_TEXT_INIT;

    change(&file, changes[_i].from, changes[_i].to);
    REFUSED(rgq_tracer_parse(&t, file.data, file.length, "18F-x.json", err), changes[_i].status,
            changes[_i].words);
    ck_assert_str_eq(t.id, "kept");
    rgq_text_release(&file);
}
END_TEST

START_TEST(texts_that_do_not_fit_are_refused)
{
    rgq_tracer t = {.id = "kept"};
    rgq_text file = RGQ_TEXT_INIT;
    char text[RGQ_NOTE_MAX + 16] = "{\"text\": \"";

    memset(text + 10, 'x', RGQ_NOTE_MAX);
    (void)snprintf(text + 10 + RGQ_NOTE_MAX, 6, "\"}");
    change(&file, "{\"text\": \"t\"}", text);
    REFUSED(rgq_tracer_parse(&t, file.data, file.length, "18F-x.json", err), RGQ_E_FORMAT,
            "caveats[0]: 'text' has 640 bytes, at most 639 fit");
    rgq_text_release(&file);
}
END_TEST

START_TEST(every_shipped_file_loads_and_is_plausible)
{
    rgq_tracer_ids ids;
    rgq_tracer_problems problems;
    rgq_tracer t;
    rgq_nuclide n;

    MUST(rgq_tracer_list(&ids, SHIPPED, err));
    ck_assert_int_ge(ids.count, 19);
    for (int i = 0; i < ids.count; i++) {
        MUST(rgq_tracer_find(&t, SHIPPED, ids.id[i], err));
        ck_assert_str_eq(t.id, ids.id[i]);
        const bool labelled = t.nuclide[0] != '\0';
        if (labelled)
            MUST(rgq_nuclide_find(&n, SHIPPED, t.nuclide, err));
        rgq_tracer_check(&problems, &t, labelled ? &n : NULL);
        ck_assert_msg(problems.count == 0, "%s: %s", t.id, problems.text[0]);
        ck_assert_int_ge(t.n_caveats, 5);
        ck_assert_int_ge(t.n_not_published, 3);
        for (int k = 0; k < RGQ_TRACER_NUCLIDES_MAX && t.other_nuclide[k][0] != '\0'; k++)
            MUST(rgq_nuclide_find(&n, SHIPPED, t.other_nuclide[k], err));
    }
}
END_TEST

START_TEST(a_ligand_without_label_loads)
{
    rgq_tracer t;
    rgq_text file = RGQ_TEXT_INIT;

    change(&file, "\"nuclide\": \"F-18\", \"modality\": \"PET\", ", "");
    MUST(rgq_tracer_parse(&t, file.data, file.length, "18F-x.json", err));
    ck_assert_str_eq(t.nuclide, "");
    ck_assert_str_eq(t.modality, "");
    rgq_text_release(&file);
}
END_TEST

START_TEST(fluciclatide_holds_the_published_dose)
{
    rgq_tracer t;

    MUST(rgq_tracer_find(&t, SHIPPED, "18f-FLUCICLATIDE", err));
    ck_assert_double_eq_tol(t.effective_dose_usv_per_mbq.value, 26.0, 1e-12);
    ck_assert_str_eq(t.effective_dose_usv_per_mbq.unit, "µSv/MBq");
    ck_assert_str_eq(t.effective_dose_usv_per_mbq.species, "human");
    ck_assert_int_eq(t.n_organ_doses, 3);
    ck_assert_int_eq(t.n_targets, 2);
    ck_assert_str_eq(t.reference_tissue, "");
    ck_assert(!t.injected_activity_mbq.known);
}
END_TEST

START_TEST(rwy_is_no_rgd_tracer_and_has_no_dose)
{
    rgq_tracer t;

    MUST(rgq_tracer_find(&t, SHIPPED, "99mTc-RWY", err));
    ck_assert(!t.is_rgd);
    ck_assert_ptr_nonnull(strstr(t.ligand_class, "not RGD"));
    ck_assert_ptr_nonnull(strstr(t.target[0].integrin, "α6"));
    ck_assert(!t.effective_dose_usv_per_mbq.known);
    ck_assert_int_eq(t.n_organ_doses + t.n_observations, 0);
    ck_assert_double_eq_tol(t.injected_activity_mbq_per_kg.value, 11.1, 1e-12);
    ck_assert_double_eq_tol(t.uptake_end_min.value, 60.0, 1e-12);
}
END_TEST

START_TEST(what_nobody_verified_is_absent)
{
    rgq_tracer t;

    MUST(rgq_tracer_find(&t, SHIPPED, "68Ga-NOTA-RGD", err));
    ck_assert(t.is_rgd);
    ck_assert(!t.effective_dose_usv_per_mbq.known && !t.injected_activity_mbq.known &&
              !t.injected_activity_mbq_per_kg.known && !t.uptake_start_min.known);
    ck_assert_int_eq(t.n_organ_doses + t.n_observations, 0);
}
END_TEST

static const struct {
    const char *header;
    bool is;
} radiopharmaceuticals[] = {
    {"18F-fluciclatide", true},
    {"[18F]Fluciclatide", true},
    {"Fluciclatide F-18", true},
    {"Fluciclatide F^18^", true},
    {"fluorine-18 fluciclatide", true},
    {"FLUCICLATIDE", true},
    {"AH111585", true},
    {"[18F] AH-111585", true},
    {"FDG", false},
    {"Fluorodeoxyglucose F^18^", false},
    {"[68Ga]fluciclatide", false},
    {"fluciclovine", false},
    {"18F", false},
    {"", false},
    {NULL, false},
};

START_TEST(a_header_names_the_tracer_or_another)
{
    rgq_tracer t;

    MUST(rgq_tracer_find(&t, SHIPPED, "18F-fluciclatide", err));
    ck_assert_msg(rgq_tracer_is_named(&t, radiopharmaceuticals[_i].header) ==
                      radiopharmaceuticals[_i].is,
                  "'%s'", radiopharmaceuticals[_i].header);
}
END_TEST

static const struct {
    const char *asked;
    const char *id;
} spellings[] = {
    {"18F-fluciclatide", "18F-fluciclatide"},
    {"[18F]fluciclatide", "18F-fluciclatide"},
    {"AH111585", "18F-fluciclatide"},
    {"nota-rgd", "68Ga-NOTA-RGD"},
    {"68Ga-NOTA-RGD", "68Ga-NOTA-RGD"},
    {"rwy", "99mTc-RWY"},
    {"99MTC RWY", "99mTc-RWY"},
};

START_TEST(a_tracer_is_found_by_any_of_its_names)
{
    rgq_tracer t;

    MUST(rgq_tracer_find(&t, SHIPPED, spellings[_i].asked, err));
    ck_assert_str_eq(t.id, spellings[_i].id);
}
END_TEST

START_TEST(an_unknown_tracer_lists_the_known_ones)
{
    rgq_tracer t = {.id = "kept"};

    REFUSED(rgq_tracer_find(&t, SHIPPED, "68Ga-NOTA-RGB", err), RGQ_E_NOTFOUND,
            "did you mean '68Ga-NOTA-RGD'? Known are: 177Lu-EB-RGD, 18F-FP-R01-MG-F2, ");
    REFUSED(rgq_tracer_find(&t, SHIPPED, "isotopes", err), RGQ_E_NOTFOUND, "no tracer");
    REFUSED(rgq_tracer_find(&t, SHIPPED, "../tracers/99mTc-RWY", err), RGQ_E_NOTFOUND,
            "no tracer");
    REFUSED(rgq_tracer_find(&t, SHIPPED, "", err), RGQ_E_NOTFOUND, "no tracer");
    ck_assert_str_eq(t.id, "kept");
}
END_TEST

START_TEST(a_references_file_beside_the_tracer_adds_keys)
{
    char folder[] = "/tmp/rgq-tracer-XXXXXX";
    char path[64];
    char own[64];
    rgq_tracer t = {.id = "kept"};
    rgq_text file = RGQ_TEXT_INIT;
    static const char references[] =
        "{\"Me2026\": {\"authors\": \"Me\", \"title\": \"t\", \"journal\": \"j\", "
        "\"year\": 2026}}";

    ck_assert_ptr_nonnull(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/18F-x.json", folder);
    (void)snprintf(own, sizeof own, "%s/references.json", folder);
    change(&file, "{\"text\": \"t\"}", "{\"text\": \"t\", \"source\": \"Me2026\"}");
    MUST(rgq_file_write(path, file.data, file.length, false, err));
    REFUSED(rgq_tracer_load(&t, path, NULL, err), RGQ_E_NOTFOUND, "Me2026");
    ck_assert_str_eq(t.id, "kept");
    MUST(rgq_file_write(own, references, strlen(references), false, err));
    MUST(rgq_tracer_load(&t, path, NULL, err));
    MUST(rgq_tracer_find(&t, folder, "x", err)); /* references.json is no tracer */
    ck_assert_str_eq(t.id, "18F-x");
    ck_assert_int_eq(remove(path) | remove(own) | remove(folder), 0);
    rgq_text_release(&file);
}
END_TEST

START_TEST(an_empty_folder_has_no_tracer)
{
    char folder[] = "/tmp/rgq-tracer-XXXXXX";
    rgq_tracer t;
    rgq_tracer_ids ids;

    ck_assert_ptr_nonnull(mkdtemp(folder));
    MUST(rgq_tracer_list(&ids, folder, err));
    ck_assert_int_eq(ids.count, 0);
    REFUSED(rgq_tracer_find(&t, folder, "x", err), RGQ_E_NOTFOUND, "holds no tracer file");
    ck_assert_int_eq(remove(folder), 0);
    REFUSED(rgq_tracer_list(&ids, folder, err), RGQ_E_IO, folder);
}
END_TEST

/* ---- plausibility ---- */

static void load_fluciclatide(rgq_tracer *t, rgq_nuclide *n)
{
    MUST(rgq_tracer_find(t, SHIPPED, "18F-fluciclatide", err));
    MUST(rgq_nuclide_find(n, SHIPPED, "F-18", err));
}

static void expect_problem(const rgq_tracer *t, const rgq_nuclide *n, const char *words)
{
    rgq_tracer_problems problems;

    rgq_tracer_check(&problems, t, n);
    ck_assert_int_eq(problems.count, 1);
    ck_assert_msg(strstr(problems.text[0], words) != NULL, "'%s' lacks '%s'", problems.text[0],
                  words);
}

START_TEST(milli_for_micro_is_found)
{
    rgq_tracer t;
    rgq_nuclide n;

    load_fluciclatide(&t, &n);
    t.organ_dose[1].quantity.value *= 1e3; /* 102 mGy/MBq, as a copied abstract prints */
    expect_problem(&t, &n, "organ_doses[1]");
    load_fluciclatide(&t, &n);
    t.effective_dose_usv_per_mbq.value *= 1e3;
    expect_problem(&t, &n, "peptides with F-18 lie in 3 to 60");
}
END_TEST

START_TEST(the_bound_of_an_organ_dose_is_that_of_its_decays)
{
    rgq_tracer t;
    rgq_nuclide n;
    rgq_tracer_problems problems;
    /* Delta 0.13936 Gy g/(MBq h) x 2.6394 h / 10 g, from ICRP-107 */
    const double bound_ugy = 0.13936 * 2.6394 / 10.0 * 1e6;

    load_fluciclatide(&t, &n);
    t.effective_dose_usv_per_mbq.known = false; /* its weights are another rule */
    t.organ_dose[0].quantity.value = bound_ugy * 0.999;
    rgq_tracer_check(&problems, &t, &n);
    ck_assert_int_eq(problems.count, 0);
    t.organ_dose[0].quantity.value = bound_ugy * 1.001;
    expect_problem(&t, &n, "organ_doses[0]");
}
END_TEST

START_TEST(animal_numbers_have_no_place_in_human_fields)
{
    rgq_tracer t;
    rgq_nuclide n;

    load_fluciclatide(&t, &n);
    rgq_text_copy(t.effective_dose_usv_per_mbq.species, 16, "mouse");
    expect_problem(&t, &n, "species is 'mouse'");
    load_fluciclatide(&t, &n);
    rgq_text_copy(t.organ_dose[2].quantity.species, 16, "");
    expect_problem(&t, &n, "species is 'not stated'");
    load_fluciclatide(&t, &n);
    rgq_text_copy(t.effective_dose_usv_per_mbq.status, 16, "preclinical");
    expect_problem(&t, &n, "preclinical");
    load_fluciclatide(&t, &n);
    t.used_in_humans = false;
    expect_problem(&t, &n, "used_in_humans: not true, but a field for humans");
}
END_TEST

START_TEST(the_nuclide_must_fit_the_modality_and_the_window)
{
    rgq_tracer t;
    rgq_nuclide n;

    load_fluciclatide(&t, &n);
    n.positron_fraction.known = false;
    expect_problem(&t, &n, "emits no positron");
    load_fluciclatide(&t, &n);
    t.uptake_start_min = t.effective_dose_usv_per_mbq;
    t.uptake_end_min = t.effective_dose_usv_per_mbq;
    t.uptake_start_min.value = 60.0;
    t.uptake_end_min.value = 30.0;
    expect_problem(&t, &n, "before it starts");
    t.uptake_end_min.value = 2000.0;
    expect_problem(&t, &n, "ten half-lives (1098 min)");
    load_fluciclatide(&t, &n);
    rgq_text_copy(t.nuclide, sizeof t.nuclide, "Ga-68");
    expect_problem(&t, &n, "it was compared with F-18");
}
END_TEST

START_TEST(lost_memory_is_reported)
{
    rgq_tracer t = {.id = "kept"};

    TORTURE(rgq_tracer_find(&t, SHIPPED, "AH111585", err),
            if (torture_st != RGQ_OK) ck_assert_str_eq(t.id, "kept"), 5);
    TORTURE(rgq_tracer_parse(&t, minimal, strlen(minimal), "18F-x.json", err), (void)t, 1);
}
END_TEST

RGQ_CHECK_MAIN("tracer", tcase_add_test(tc, the_smallest_file_loads);
               tcase_add_loop_test(tc, one_fault_is_refused_with_its_place, 0, ROWS(changes));
               tcase_add_test(tc, texts_that_do_not_fit_are_refused);
               tcase_add_test(tc, every_shipped_file_loads_and_is_plausible);
               tcase_add_test(tc, a_ligand_without_label_loads);
               tcase_add_test(tc, fluciclatide_holds_the_published_dose);
               tcase_add_test(tc, rwy_is_no_rgd_tracer_and_has_no_dose);
               tcase_add_test(tc, what_nobody_verified_is_absent);
               tcase_add_loop_test(tc, a_header_names_the_tracer_or_another, 0,
                                   ROWS(radiopharmaceuticals));
               tcase_add_loop_test(tc, a_tracer_is_found_by_any_of_its_names, 0,
                                   ROWS(spellings));
               tcase_add_test(tc, an_unknown_tracer_lists_the_known_ones);
               tcase_add_test(tc, a_references_file_beside_the_tracer_adds_keys);
               tcase_add_test(tc, an_empty_folder_has_no_tracer);
               tcase_add_test(tc, milli_for_micro_is_found);
               tcase_add_test(tc, the_bound_of_an_organ_dose_is_that_of_its_decays);
               tcase_add_test(tc, animal_numbers_have_no_place_in_human_fields);
               tcase_add_test(tc, the_nuclide_must_fit_the_modality_and_the_window);
               tcase_add_test(tc, lost_memory_is_reported))
