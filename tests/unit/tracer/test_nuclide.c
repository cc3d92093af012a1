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

static void expect_problems(const rgq_nuclide *n, int count, const char *words)
{
    rgq_tracer_problems problems;
    bool found = count == 0;

    rgq_nuclide_check(&problems, n);
    ck_assert_msg(problems.count == count, "%d problems, first '%s'", problems.count,
                  problems.text[0]);
    for (int i = 0; i < problems.count; i++)
        found = found || strstr(problems.text[i], words) != NULL;
    ck_assert_msg(found, "'%s' lacks '%s'", problems.text[0], words);
}

START_TEST(a_wrong_annihilation_line_is_found)
{
    rgq_nuclide n;

    MUST(rgq_nuclide_find(&n, SHIPPED, "F-18", err));
    n.photon[0].yield = 1.9348; /* 2e-4 off, and the energy still closes */
    expect_problems(&n, 1, "twice");
    n.photon[0].yield = 0.9673;
    expect_problems(&n, 2, "photons carry 0.49429 MeV per decay");
    MUST(rgq_nuclide_find(&n, SHIPPED, "F-18", err));
    n.positron_fraction.value = 1.2;
    expect_problems(&n, 3, "outside (0, 1]");
}
END_TEST

START_TEST(energies_that_do_not_close_are_found)
{
    rgq_nuclide n;

    MUST(rgq_nuclide_find(&n, SHIPPED, "Lu-177", err));
    expect_problems(&n, 0, "");
    n.electron[0].yield *= 1.2; /* 0.7 keV of 147.9 keV: within the tolerance */
    expect_problems(&n, 0, "");
    n.beta[0].yield *= 1.01; /* 1.2 keV more */
    expect_problems(&n, 1, "betas and electrons carry 0.1498");
    MUST(rgq_nuclide_find(&n, SHIPPED, "Lu-177", err));
    n.unlisted_photon_mev.known = false; /* 1.9 % of the photons */
    expect_problems(&n, 1, "photons carry 0.034428 MeV per decay (0 of it unlisted)");
    MUST(rgq_nuclide_find(&n, SHIPPED, "Tb-161", err));
    n.n_photons = 1;
    n.unlisted_photon_mev.value = n.mean_photon_energy_mev.value - 1e-3 * 74.57 * 0.102;
    expect_problems(&n, 1, "are unlisted, more than half");
}
END_TEST

START_TEST(branches_must_fit_the_nuclide)
{
    rgq_nuclide n;

    MUST(rgq_nuclide_find(&n, SHIPPED, "Cu-64", err));
    ck_assert_int_eq(n.n_betas, 2);
    ck_assert(!n.beta[0].is_positron && n.beta[1].is_positron);
    n.beta[1].is_positron = false;
    expect_problems(&n, 1, "the beta+ branches sum to 0, the positron fraction is 0.17408");
    MUST(rgq_nuclide_find(&n, SHIPPED, "Cu-64", err));
    n.beta[0].end_point_kev = 190.0;
    expect_problems(&n, 1, "betas[0]: end point 190 keV is not above the mean 190.43 keV");
}
END_TEST

/* Branches and lines of ICRP-107: kind, keV, per decay. */
static const struct {
    const char *id;
    char kind; /* '+' '-' a branch by its mean, 'e' electron, 'p' photon */
    double kev;
    double yield;
    double end_point_kev; /* of a branch; 0: not verified */
} emissions[] = {
    {"F-18", '+', 249.78, 0.9673, 633.5},    {"Ga-68", '+', 835.82, 0.87721, 1899.1},
    {"Ga-68", '+', 352.61, 0.0119, 821.8},   {"Y-90", '-', 932.99, 0.99989, 2280.1},
    {"Lu-177", '-', 149.13, 0.78637, 498.3}, {"I-131", '-', 96.6, 0.072, 0},
    {"Tc-99m", 'e', 119.5, 0.0892, 0},       {"In-111", 'e', 144.6, 0.0851, 0},
    {"Zr-89", 'e', 892.0, 0.0074, 0},        {"Lu-177", 'p', 208.366, 0.11, 0},
    {"Zr-89", 'p', 909.15, 0.9904, 0},       {"I-124", 'p', 1690.98, 0.1088, 0},
    {"C-11", 'p', 511.0, 1.99534, 0},        {"Tc-99m", 'p', 140.511, 0.8906, 0},
};

static bool has_emission(const rgq_nuclide *n, int row)
{
    const double kev = emissions[row].kev;
    const double yield = emissions[row].yield;
    const char kind = emissions[row].kind;

    for (int i = 0; kind == 'p' && i < n->n_photons; i++)
        if (fabs(n->photon[i].energy_kev - kev) < 1e-9 &&
            fabs(n->photon[i].yield - yield) < 1e-12)
            return true;
    for (int i = 0; kind == 'e' && i < n->n_electrons; i++)
        if (fabs(n->electron[i].energy_kev - kev) < 1e-9 &&
            fabs(n->electron[i].yield - yield) < 1e-12)
            return true;
    for (int i = 0; i < n->n_betas; i++) {
        const rgq_beta *b = &n->beta[i];
        const double end = isfinite(b->end_point_kev) ? b->end_point_kev : 0.0;
        if (kind == (b->is_positron ? '+' : '-') && fabs(b->mean_energy_kev - kev) < 1e-9 &&
            fabs(b->yield - yield) < 1e-12 && fabs(end - emissions[row].end_point_kev) < 1e-9)
            return true;
    }
    return false;
}

START_TEST(an_emission_is_that_of_icrp_107)
{
    rgq_nuclide n;

    MUST(rgq_nuclide_find(&n, SHIPPED, emissions[_i].id, err));
    ck_assert_msg(has_emission(&n, _i), "%s lacks %c %g keV", n.id, emissions[_i].kind,
                  emissions[_i].kev);
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

#define SHARED                                                                                 \
    "\"energy_unit\": \"keV\", \"yield_unit\": \"1\", \"source\": \"ICRP107\", "               \
    "\"status\": \"verified\""
#define NUCLIDE_WITH(member)                                                                   \
    "{\"format\": 1, \"nuclides\": [{\"id\": \"F-18\", \"half_life\": {\"value\": 1, "         \
    "\"unit\": "                                                                               \
    "\"s\", \"source\": \"ICRP107\", \"status\": \"verified\"}, " member "}]}"

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
     "\"unit\": \"s\", \"source\": \"ICRP1077\", \"status\": \"verified\"}}]}",
     RGQ_E_NOTFOUND, "the nearest key is 'ICRP107'"},
    {"{\"format\": 1, \"nuclides\": [{\"id\": \"F-18\", \"half_life\": {\"value\": 0, "
     "\"unit\": \"s\", \"source\": \"ICRP107\", \"status\": \"verified\"}}]}",
     RGQ_E_FORMAT, "half_life"},
    {NUCLIDE_WITH("\"betas\": {" SHARED ", \"branches\": [{\"kind\": \"alpha\", "
                  "\"mean_energy\": 1, \"yield\": 1, \"forbiddenness\": \"allowed\"}]}"),
     RGQ_E_FORMAT,
     "nuclides[0].betas.branches[0]: 'kind' is 'alpha', needed is beta- or beta+"},
    {NUCLIDE_WITH("\"betas\": {" SHARED ", \"branches\": [{\"kind\": \"beta+\", "
                  "\"mean_energy\": 1, \"yield\": 1, \"forbiddenness\": \"third\"}]}"),
     RGQ_E_FORMAT, "needed is allowed or unique-1"},
    {NUCLIDE_WITH("\"betas\": {" SHARED ", \"branches\": [{\"kind\": \"beta+\", "
                  "\"mean_energy\": 1, \"yield\": 2, \"forbiddenness\": \"allowed\"}]}"),
     RGQ_E_FORMAT, "'yield' is 2"},
    {NUCLIDE_WITH("\"betas\": {" SHARED ", \"branches\": 1}"), RGQ_E_FORMAT,
     "'branches' must be an array of at most 8"},
    {NUCLIDE_WITH("\"electrons\": {" SHARED ", \"lines\": [[10, 0]]}"), RGQ_E_FORMAT,
     "electrons: line 0 must be [keV > 0, number per decay in (0, 2]]"},
    {NUCLIDE_WITH("\"photons\": {" SHARED ", \"lines\": [[10]]}"), RGQ_E_FORMAT,
     "photons: line 0"},
    {NUCLIDE_WITH("\"photons\": {" SHARED "}"), RGQ_E_FORMAT, "'lines' must be an array"},
    {NUCLIDE_WITH("\"electrons\": {\"energy_unit\": \"eV\", \"lines\": []}"), RGQ_E_FORMAT,
     "'energy_unit' is 'eV', needed is 'keV'"},
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
               tcase_add_test(tc, energies_that_do_not_close_are_found);
               tcase_add_test(tc, branches_must_fit_the_nuclide);
               tcase_add_loop_test(tc, an_emission_is_that_of_icrp_107, 0, ROWS(emissions));
               tcase_add_test(tc, an_unknown_nuclide_is_refused_with_the_list);
               tcase_add_loop_test(tc, a_broken_table_is_refused, 0, ROWS(bad_tables));
               tcase_add_test(tc, lost_memory_is_reported))
