#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/file.h"
#include "rgdquant/tracer.h"
#include "rgq_check.h"

#define SHIPPED RGQ_SOURCE_DIR "/tracers"

static const struct {
    const char *written;
    const char *id; /* NULL: none that is known */
} names[] = {
    {"F-18", "F-18"},
    {"18F", "F-18"},
    {"F18", "F-18"},
    {"f 18", "F-18"},
    {"[18F]", "F-18"},
    {"^18^Fluorine", "F-18"},
    {"Fluorine-18", "F-18"},
    {"Fluorine F^18^", "F-18"},
    {"C-111A1", "F-18"},
    {"77004003", "F-18"},
    {"Ga-68", "Ga-68"},
    {"68Ga", "Ga-68"},
    {"^68^Gallium", "Ga-68"},
    {"^68^Galium", "Ga-68"}, /* a spelling met in headers */
    {"C-131A3", "Ga-68"},
    {"35337001", "Ga-68"},
    {"Tc-99m", "Tc-99m"},
    {"99mTc", "Tc-99m"},
    {"TC99M", "Tc-99m"},
    {"^99m^Technetium", "Tc-99m"},
    {"Technetium Tc-99m", "Tc-99m"},
    {"C-163A8", "Tc-99m"},
    {"72454006", "Tc-99m"},
    {"C-105A1", "C-11"},
    {"C-11", "C-11"},
    {"40565003", "C-11"},
    {"C-107A1", "N-13"},
    {"C-B1038", "O-15"},
    {"C-127A2", "Cu-64"},
    {"C-168A4", "Zr-89"},
    {"C-114A5", "I-124"},
    {"C-114A4", "I-123"},
    {"C-114B1", "I-131"},
    {"C-145A4", "In-111"},
    {"C-162A7", "Y-90"},
    {"C-159A2", "Rb-82"},
    {"C-131A2", "Ga-67"},
    {"C-128A2", "Ge-68"},
    {"Lu-177", "Lu-177"},
    {"177Lu", "Lu-177"},
    {"Tc-99", NULL}, /* the ground state is another nuclide */
    {"F-19", NULL},
    {"18", NULL},
    {"F", NULL},
    {"FDG", NULL},
    {"Fluorodeoxyglucose F^18^", NULL},
    {"", NULL},
    {"^^", NULL},
    {NULL, NULL},
};

START_TEST(a_name_has_one_canonical_id)
{
    char id[16] = "?";
    const bool known = rgq_nuclide_canonical(id, names[_i].written);
    const char *shown = names[_i].written != NULL ? names[_i].written : "(null)";

    ck_assert_msg(known == (names[_i].id != NULL), "'%s' gave %d (%s)", shown, known, id);
    ck_assert_msg(strcmp(id, known ? names[_i].id : "") == 0, "'%s' gave '%s'", shown, id);
}
END_TEST

START_TEST(a_name_that_never_ends_is_none)
{
    char endless[4096];
    char id[16];

    memset(endless, 'F', sizeof endless - 1);
    endless[sizeof endless - 1] = '\0';
    ck_assert(!rgq_nuclide_canonical(id, endless));
}
END_TEST

/* ICRP-107 as printed there: half-life in s, positrons per decay (0: none). */
static const struct {
    const char *id;
    double half_life_s;
    double positrons;
} icrp107[] = {
    {"C-11", 20.39 * 60, 0.99767},    {"F-18", 109.77 * 60, 0.9673},
    {"Ga-68", 67.71 * 60, 0.88911},   {"Cu-64", 12.7 * 3600, 0.17408},
    {"Zr-89", 78.41 * 3600, 0.22741}, {"I-124", 4.176 * 86400, 0.22862},
    {"Tc-99m", 6.015 * 3600, 0},      {"In-111", 2.8047 * 86400, 0},
    {"Lu-177", 6.647 * 86400, 0},     {"Y-90", 64.1 * 3600, 0},
    {"I-131", 8.0207 * 86400, 0},
};

START_TEST(the_table_holds_icrp_107)
{
    rgq_nuclide n;

    MUST(rgq_nuclide_find(&n, SHIPPED, icrp107[_i].id, err));
    ck_assert_str_eq(n.id, icrp107[_i].id);
    ck_assert_str_eq(n.half_life_s.unit, "s");
    ck_assert_str_eq(n.half_life_s.source, "ICRP107");
    ck_assert_str_eq(n.half_life_s.status, "verified");
    /* one multiplication apart */
    ck_assert_double_eq_tol(n.half_life_s.value, icrp107[_i].half_life_s,
                            1e-12 * icrp107[_i].half_life_s);
    ck_assert_int_eq(n.positron_fraction.known, icrp107[_i].positrons > 0.0);
    if (n.positron_fraction.known)
        ck_assert_double_eq_tol(n.positron_fraction.value, icrp107[_i].positrons, 1e-12);
}
END_TEST

START_TEST(every_nuclide_of_the_table_is_plausible)
{
    rgq_nuclide_ids ids;
    rgq_tracer_problems problems;
    rgq_nuclide n;

    MUST(rgq_nuclide_list(&ids, SHIPPED, err));
    ck_assert_int_eq(ids.count, 14);
    for (int i = 0; i < ids.count; i++) {
        MUST(rgq_nuclide_find(&n, SHIPPED, ids.id[i], err));
        rgq_nuclide_check(&problems, &n);
        ck_assert_msg(problems.count == 0, "%s", problems.text[0]);
        /* an emission carries less than a decay sets free: 6 MeV is beyond all of these */
        ck_assert(n.mean_electron_energy_mev.value + n.mean_photon_energy_mev.value < 6.0);
    }
}
END_TEST

START_TEST(a_wrong_annihilation_line_is_found)
{
    rgq_nuclide n;
    rgq_tracer_problems problems;

    MUST(rgq_nuclide_find(&n, SHIPPED, "F-18", err));
    n.photon[0].yield = 0.9673;
    rgq_nuclide_check(&problems, &n);
    ck_assert_int_eq(problems.count, 1);
    ck_assert_ptr_nonnull(strstr(problems.text[0], "twice"));
    n.positron_fraction.value = 1.2;
    rgq_nuclide_check(&problems, &n);
    ck_assert_int_eq(problems.count, 2);
}
END_TEST

START_TEST(an_unknown_nuclide_is_refused_with_the_list)
{
    rgq_nuclide n = {.id = "kept"};

    REFUSED(rgq_nuclide_find(&n, SHIPPED, "Unobtainium", err), RGQ_E_NOTFOUND, "Tc-99m");
    REFUSED(rgq_nuclide_find(&n, SHIPPED, "Ge-68", err), RGQ_E_NOTFOUND,
            "isotopes.json has no Ge-68");
    REFUSED(rgq_nuclide_find(&n, RGQ_BINARY_DIR "/no-such-folder", "F-18", err), RGQ_E_IO,
            "isotopes.json");
    ck_assert_str_eq(n.id, "kept");
}
END_TEST

static const struct {
    const char *table;
    rgq_status status;
    const char *words;
} bad_tables[] = {
    {"{\"format\": 2, \"nuclides\": []}", RGQ_E_FORMAT, "'format' is 2"},
    {"{\"format\": 1}", RGQ_E_FORMAT, "'nuclides' must be an array"},
    {"{\"format\": 1, \"nuclides\": [], \"extra\": 1}", RGQ_E_FORMAT, "unknown key 'extra'"},
    {"{\"format\": 1, \"nuclides\": [{\"id\": \"F-18\"}]}", RGQ_E_FORMAT,
     "nuclides[0]: F-18 needs a 'half_life'"},
    {"{\"format\": 1, \"nuclides\": [{\"id\": \"F-18\", \"half_life\": {\"value\": 1, "
     "\"source\": \"ICRP107\", \"status\": \"verified\"}}]}",
     RGQ_E_FORMAT, "nuclides[0].half_life: 'unit'"},
    {"{\"format\": 1, \"nuclides\": [{\"id\": \"F-18\", \"half_life\": {\"value\": 1, "
     "\"unit\": \"y\", \"source\": \"ICRP107\", \"status\": \"verified\"}}]}",
     RGQ_E_FORMAT, "needed is: s, min, h, d"},
    {"{\"format\": 1, \"nuclides\": [{\"id\": \"F-18\", \"half_life\": {\"value\": 1, "
     "\"unit\": \"s\", \"source\": \"ICRP108\", \"status\": \"verified\"}}]}",
     RGQ_E_NOTFOUND, "the nearest key is 'ICRP107'"},
    {"{\"format\": 1, \"nuclides\": [{\"id\": \"F-18\", \"half_life\": {\"value\": 0, "
     "\"unit\": \"s\", \"source\": \"ICRP107\", \"status\": \"verified\"}}]}",
     RGQ_E_FORMAT, "half_life"},
};

START_TEST(a_broken_table_is_refused)
{
    char folder[] = "/tmp/rgq-nuclide-XXXXXX";
    char path[64];
    rgq_nuclide n = {.id = "kept"};

    ck_assert_ptr_nonnull(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/isotopes.json", folder);
    MUST(rgq_file_write(path, bad_tables[_i].table, strlen(bad_tables[_i].table), false, err));
    REFUSED(rgq_nuclide_find(&n, folder, "F-18", err), bad_tables[_i].status,
            bad_tables[_i].words);
    ck_assert_str_eq(n.id, "kept");
    ck_assert_int_eq(remove(path), 0);
    ck_assert_int_eq(remove(folder), 0);
}
END_TEST

START_TEST(lost_memory_is_reported)
{
    rgq_nuclide n;

    TORTURE(rgq_nuclide_find(&n, SHIPPED, "F-18", err), (void)n, 1);
}
END_TEST

RGQ_CHECK_MAIN("nuclide", tcase_add_loop_test(tc, a_name_has_one_canonical_id, 0, ROWS(names));
               tcase_add_test(tc, a_name_that_never_ends_is_none);
               tcase_add_loop_test(tc, the_table_holds_icrp_107, 0, ROWS(icrp107));
               tcase_add_test(tc, every_nuclide_of_the_table_is_plausible);
               tcase_add_test(tc, a_wrong_annihilation_line_is_found);
               tcase_add_test(tc, an_unknown_nuclide_is_refused_with_the_list);
               tcase_add_loop_test(tc, a_broken_table_is_refused, 0, ROWS(bad_tables));
               tcase_add_test(tc, lost_memory_is_reported))
