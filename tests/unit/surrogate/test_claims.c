/* No sentence claims an expression level that no calibration supports. Read are: every string
 * of the sources, every text of tracers/, and 200 reports, as JSON and as HTML. */
#include <dirent.h>
#include <math.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>

#include "core/file.h"
#include "core/json.h"
#include "core/text.h"
#include "report/page.h"
#include "rgdquant/surrogate.h"
#include "rgq_check.h"

#define SHIPPED RGQ_SOURCE_DIR "/tracers"

enum { SENTENCE_MAX = 1200, PATTERNS_MAX = 32, PATH_BYTES = 1024 };

/* ---- what is forbidden ---- */

#define TARGET "(integrins?|receptors?|antigen|protein|αv|αvβ[0-9]|α[0-9]+β[0-9]|α6|β[0-9])"
#define THIS                                                                                   \
    "(this|the|your|each|every) (lesion|region|tumou?r|patient|scan|metastas[ie]s|image)"
#define MUCH "(high|low|strong|weak|raised|elevated|increased|decreased|absent|abundant|rich)"

/* Extended regular expressions, without regard to case. A sentence that denies before the end
 * of the match (not, no, never, ...) is none of these claims. */
static const char *const forbidden[] = {
    /* the scan is said to show how much is expressed */
    THIS "[^.]* (over|co)?express(es|ed|ing)?( |$)",
    THIS "[^.]* (is|are|was|were) (rich in|poor in|" TARGET "[- ]?(positive|negative))",
    THIS "[^.]* (has|have|shows?|contains?|carr(y|ies)) (an? )?" MUCH
         "[^.]* (expression|density|level|number)",
    "(uptake|index|ratio|suv|signal|tracer)[^.]* (measures?|quantif(y|ies)|proves?|"
    "demonstrates?|confirms?|equals?|reveals?|determines?|reports?)[^.]* (expression|density|"
    "amount of|number of|level of)",
    "(uptake|index|ratio|suv|signal)[^.]* (is|are) (a |an )?(the )?(amount|number|density|"
    "expression|level) ",
    MUCH
    " (uptake|index|ratio|suv|signal)[^.]* (means?|implies|indicates?|shows?|reflects?) [^.]*"
    "(expression|express|integrin|receptor|angiogenesis)",
    /* an expression level is stated */
    "express(ion|ed)( level)?[^.]* (is|are|was|were) (very )?" MUCH "( |,|$)",
    "express(ion|ed)( level)?[^.]* (of|is|=|:) ?[0-9]",
    TARGET "[- ](positive|negative) (lesion|region|tumou?r|patient|scan)",
    "receptors? per (cell|gram|mg)",
    "receptor density (is|of|=)",
    "B_?(max|avail) ?(is|of|=) ?[0-9]",
    "(estimated?|measured|computed) (expression|receptor|integrin)",
    /* what follows from it is claimed */
    "(angiogenesis|vessel growth|neovasculari[sz]ation) (is|was|are) (high|low|active|present|"
    "shown|seen|measured|increased)",
    "(is|are) (a )?(validated|reliable|proven|accurate) (surrogate|measure|marker|biomarker)",
    "(will|should|likely to|unlikely to) (respond|benefit)",
    "(eligible|suitable|candidate) for ([a-z]+ )?(therapy|treatment|cilengitide|inhibitor)",
    "specific (uptake|binding|signal) (is|was|of|=)",
    "(diagnos(is|e|ed|tic)) (of|is|as) ",
};

static const char denial[] = "(^|[^a-z])(not|no|none|never|cannot|nor|neither|nothing|without|"
                             "need not|nobody|unknown|if|whether|where)([^a-z]|$)";

typedef struct reader {
    regex_t pattern[PATTERNS_MAX];
    regex_t denies;
    int n_sentences;
} reader;

static void reader_init(reader *r)
{
    r->n_sentences = 0;
    for (int i = 0; i < ROWS(forbidden); i++)
        ck_assert_int_eq(regcomp(&r->pattern[i], forbidden[i], REG_EXTENDED | REG_ICASE), 0);
    ck_assert_int_eq(regcomp(&r->denies, denial, REG_EXTENDED | REG_ICASE | REG_NOSUB), 0);
}

static void reader_release(reader *r)
{
    for (int i = 0; i < ROWS(forbidden); i++)
        regfree(&r->pattern[i]);
    regfree(&r->denies);
}

/* The claim of a sentence, or NULL. */
static const char *claim_of(const reader *r, const char *sentence)
{
    char head[SENTENCE_MAX];
    regmatch_t at[1];

    for (int i = 0; i < ROWS(forbidden); i++) {
        if (regexec(&r->pattern[i], sentence, 1, at, 0) != 0)
            continue;
        (void)snprintf(head, sizeof head, "%.*s", (int)at[0].rm_eo, sentence);
        if (regexec(&r->denies, head, 0, NULL, 0) != 0)
            return forbidden[i];
    }
    return NULL;
}

/* A sentence ends at ; or at a . ? ! before a blank. */
static size_t sentence_length(const char *text)
{
    size_t n = 0;

    for (; text[n] != '\0' && text[n] != '\n' && text[n] != ';' && n + 1 < SENTENCE_MAX; n++)
        if (strchr(".?!", text[n]) != NULL && (text[n + 1] == ' ' || text[n + 1] == '\0'))
            break;
    return n;
}

static void read_text(reader *r, const char *text, const char *where)
{
    char sentence[SENTENCE_MAX];

    while (*text != '\0') {
        const size_t n = sentence_length(text);
        (void)snprintf(sentence, sizeof sentence, "%.*s", (int)n, text);
        const char *claim = claim_of(r, sentence);
        ck_assert_msg(claim == NULL, "%s: \"%s\" claims: %s", where, sentence, claim);
        r->n_sentences++;
        text += n;
        text += *text != '\0';
    }
}

/* ---- the reader itself ---- */

static const struct {
    const char *sentence;
    bool is_claim;
} samples[] = {
    {"The lesion expresses αvβ3", true},
    {"This tumour strongly overexpresses the integrin", true},
    {"This lesion is αvβ3-positive", true},
    {"An αvβ6-positive lesion was found", true},
    {"The patient shows high αvβ3 expression", true},
    {"The uptake measures the expression of αvβ3", true},
    {"The index is the amount of integrin", true},
    {"High uptake means high expression", true},
    {"High uptake indicates angiogenesis", true},
    {"αvβ3 expression is high", true},
    {"The expression level of αvβ3 is 140", true},
    {"12000 receptors per cell", true},
    {"Receptor density is 3 nM", true},
    {"Bmax is 30 nM", true},
    {"This lesion is rich in integrins", true},
    {"The tumour shows an elevated receptor density", true},
    {"A finding typical for the diagnosis of glioma", true},
    {"Estimated expression: 3", true},
    {"Angiogenesis is active", true},
    {"The ratio is a validated surrogate", true},
    {"The patient will respond", true},
    {"suitable for cilengitide", true},
    {"Specific uptake was 2.1", true},
    {"The lesion expresses αvβ3, no doubt", true},
    {"The index is not an amount of integrin", false},
    {"It is no finding of this scan that the lesion expresses αvβ3", false},
    {"αvβ3 need not mean angiogenesis", false},
    {"mean of the region / mean of 'muscle', same scan", false},
    {"With more staining, survival was better", false},
};

START_TEST(the_reader_knows_a_claim)
{
    reader r;

    reader_init(&r);
    ck_assert_msg((claim_of(&r, samples[_i].sentence) != NULL) == samples[_i].is_claim, "%s",
                  samples[_i].sentence);
    reader_release(&r);
}
END_TEST

START_TEST(each_pattern_is_met_by_a_sample)
{
    reader r;

    reader_init(&r);
    for (int i = 0; i < ROWS(forbidden); i++) {
        bool met = false;
        for (int k = 0; k < ROWS(samples); k++)
            met = met || regexec(&r.pattern[i], samples[k].sentence, 0, NULL, 0) == 0;
        ck_assert_msg(met, "no sample meets %s", forbidden[i]);
    }
    reader_release(&r);
}
END_TEST

/* ---- strings of the sources ---- */

/* Behind a comment, a character or any other byte that is no string. */
static const char *skip_code(const char *p)
{
    if (p[0] == '/' && p[1] == '*') {
        const char *end = strstr(p + 2, "*/");
        return end != NULL ? end + 2 : p + strlen(p);
    }
    if (p[0] == '/' && p[1] == '/')
        return p + strcspn(p, "\n");
    if (p[0] == '\'')
        return p[1] == '\\' ? p + 4 : p + 3;
    return p + 1;
}

/* One string literal with those that follow it; p stands at its quote. */
static const char *take_string(rgq_text *out, const char *p)
{
    for (;;) {
        for (p++; *p != '"' && *p != '\0'; p++) {
            if (p[0] == '\\' && p[1] == 'n')
                rgq_text_printf(out, "\n");
            else if (p[0] != '\\')
                rgq_text_append(out, p, 1);
            p += p[0] == '\\' && p[1] != '\0';
        }
        p += *p == '"';
        const size_t blank = strspn(p, " \t\n\\");
        if (p[blank] != '"')
            return p;
        p += blank;
    }
}

static void read_source(reader *r, const char *path)
{
    rgq_text string = RGQ_TEXT_INIT;
    char *text = NULL;
    size_t length = 0;

    MUST(rgq_file_read(&text, &length, path, 4 << 20, err));
    for (const char *p = text; *p != '\0';) {
        if (*p != '"') {
            p = skip_code(p);
            continue;
        }
        string.length = 0;
        rgq_text_append(&string, "", 0);
        p = take_string(&string, p);
        if (string.length > 0)
            read_text(r, string.data, path);
    }
    rgq_text_release(&string);
    rgq_free(text);
}

/* Files of a folder, and of those in it to the given depth. */
static void read_folder(reader *r, const char *folder, const char *ending, int depth,
                        void (*read)(reader *r, const char *path))
{
    char path[PATH_BYTES];
    DIR *dir = opendir(folder);

    if (dir == NULL)
        return; /* a file */
    for (const struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        if (e->d_name[0] == '.')
            continue;
        (void)snprintf(path, sizeof path, "%.700s/%.200s", folder, e->d_name);
        if (rgq_text_ends_with(e->d_name, ending))
            read(r, path);
        else if (depth > 0)
            read_folder(r, path, ending, depth - 1, read);
    }
    (void)closedir(dir);
}

START_TEST(no_string_of_the_program_is_a_claim)
{
    static const char *const endings[] = {".c", ".h", ".cc"};
    reader r;

    reader_init(&r);
    for (int e = 0; e < ROWS(endings); e++)
        read_folder(&r, RGQ_SOURCE_DIR "/src", endings[e], 3, read_source);
    ck_assert_int_gt(r.n_sentences, 5000);
    reader_release(&r);
}
END_TEST

/* ---- texts of the knowledge ---- */

static void read_json(reader *r, const rgq_json *node, const char *where)
{
    if (rgq_json_is_text(node))
        read_text(r, rgq_json_text(node, ""), where);
    for (size_t i = 0; i < rgq_json_count(node); i++) {
        const char *key = "";
        read_json(
            r, rgq_json_is_array(node) ? rgq_json_at(node, i) : rgq_json_member(node, i, &key),
            where);
    }
}

static void read_knowledge(reader *r, const char *path)
{
    rgq_json *root = NULL;

    MUST(rgq_json_load(&root, path, err));
    read_json(r, root, path);
    rgq_json_free(root);
}

START_TEST(no_text_of_the_knowledge_is_a_claim)
{
    reader r;

    reader_init(&r);
    read_folder(&r, SHIPPED, ".json", 0, read_knowledge);
    ck_assert_int_gt(r.n_sentences, 1000);
    reader_release(&r);
}
END_TEST

/* ---- 200 reports ---- */

static const rgq_column measured[] = {
    {"region", RGQ_COLUMN_TEXT, NULL, NULL},
    {"label", RGQ_COLUMN_INT, NULL, NULL},
    {"volume_ml", RGQ_COLUMN_REAL, NULL, NULL},
    {"unit", RGQ_COLUMN_TEXT, NULL, NULL},
    {"mean", RGQ_COLUMN_REAL, NULL, NULL},
    {"tbr_mean", RGQ_COLUMN_REAL, NULL, NULL},
    {"tbr_peak", RGQ_COLUMN_REAL, NULL, NULL},
    {"tbr_mean_ci_low", RGQ_COLUMN_REAL, NULL, NULL},
    {"tbr_mean_ci_high", RGQ_COLUMN_REAL, NULL, NULL},
};

/* A small generator of its own: the cases are the same everywhere. */
static unsigned draw(unsigned *state, unsigned below)
{
    *state = *state * 1664525U + 1013904223U;
    return (*state >> 8) % below;
}

static double draw_real(unsigned *state, double low, double high)
{
    return low + (high - low) * draw(state, 1000) / 1000.0;
}

static rgq_table *draw_measures(unsigned *state)
{
    rgq_table *table = NULL;
    char name[32];
    const int rows = 1 + (int)draw(state, 5);

    MUST(rgq_table_create(&table, measured, ROWS(measured), err));
    for (int i = 0; i < rows; i++) {
        const double tbr = draw(state, 8) == 0 ? (double)NAN : draw_real(state, 0.2, 9.0);
        const double half = draw(state, 4) == 0 ? (double)NAN : draw_real(state, 0.01, 1.0);
        (void)snprintf(name, sizeof name, i == 0 ? "muscle" : "lesion %d", i);
        MUST(rgq_table_add_row(table, err));
        MUST(rgq_table_set_text(table, "region", name, err));
        MUST(rgq_table_set_text(table, "unit", draw(state, 5) == 0 ? "Bq/mL" : "SUVbw", err));
        rgq_table_set_int(table, "label", i + 1);
        rgq_table_set_real(table, "volume_ml", draw_real(state, 0.1, 30.0));
        rgq_table_set_real(table, "mean", tbr * 0.7);
        rgq_table_set_real(table, "tbr_mean", tbr);
        rgq_table_set_real(table, "tbr_peak", tbr * 1.2);
        rgq_table_set_real(table, "tbr_mean_ci_low", tbr - half);
        rgq_table_set_real(table, "tbr_mean_ci_high", tbr + half);
    }
    return table;
}

static void draw_model(rgq_uptake_model *m, unsigned *state, const char *tracer)
{
    *m = (rgq_uptake_model){.n_lesions = 60,
                            .n_patients = 20 + (int)draw(state, 10),
                            .forced = draw(state, 4) == 0,
                            .intercept = draw_real(state, -20.0, 60.0),
                            .slope = draw_real(state, -5.0, 40.0),
                            .sd_between = draw_real(state, 0.0, 30.0),
                            .sd_within = draw_real(state, 1.0, 30.0),
                            .dof = 18.0,
                            .uptake = {true, 0.5, 8.0},
                            .volume_ml = {draw(state, 6) != 0, 0.5, 20.0},
                            .uptake_time_min = {true, 20.0, 100.0}};
    const bool ratio = draw(state, 3) != 0;
    rgq_text_copy(m->measure, sizeof m->measure, ratio ? "tbr_mean" : "mean");
    rgq_text_copy(m->unit, sizeof m->unit, ratio ? "1" : "SUVbw");
    rgq_text_copy(m->score, sizeof m->score, draw(state, 2) == 0 ? "h_score" : "irs");
    rgq_text_copy(m->method, sizeof m->method, "random intercept");
    rgq_text_copy(m->tracer, sizeof m->tracer, draw(state, 5) == 0 ? "another" : tracer);
    rgq_text_copy(m->partial_volume, sizeof m->partial_volume, "not corrected");
}

static void draw_opts(rgq_surrogate_opts *o, unsigned *state, const rgq_targets *targets,
                      const rgq_uptake_model *model)
{
    static const char *const tissues[] = {NULL,      "glioblastoma", "breast cancer", "NSCLC",
                                          "thyroid", "colorectal",   "prostate",      "HNSCC"};
    static const char *const drugs[] = {NULL,
                                        NULL,
                                        "cilengitide:2h",
                                        "cilengitide",
                                        "abituzumab:7d,volociximab:90min",
                                        "cilengitide:30h"};
    const char *drug = drugs[draw(state, ROWS(drugs))];

    *o = (rgq_surrogate_opts){
        .background = draw(state, 5) == 0 ? NULL : "muscle",
        .partial_volume = draw(state, 3) == 0 ? "RBV, Gaussian 6 mm" : NULL,
        .tissue = tissues[draw(state, ROWS(tissues))],
        .uptake_time_min = draw(state, 6) == 0 ? (double)NAN : draw_real(state, 5.0, 200.0),
        .targets = draw(state, 10) == 0 && drug == NULL ? NULL : targets,
        .model = draw(state, 2) == 0 ? model : NULL};
    if (drug != NULL)
        MUST(rgq_surrogate_drugs_parse(o->drug, &o->n_drugs, targets, drug, err));
}

/* The page without its tags; a tag ends a sentence. */
static void strip_tags(rgq_text *out, const char *html)
{
    bool inside = false;

    for (; *html != '\0'; html++) {
        if (*html == '<')
            rgq_text_append(out, "\n", 1);
        else if (!inside && *html != '>')
            rgq_text_append(out, html, 1);
        inside = *html == '<' || (inside && *html != '>');
    }
}

/* A score is told where a model was given and took the region, and nowhere else. */
static int check_scores(const rgq_json *root, const char *page, bool has_model)
{
    const rgq_json *regions = rgq_json_get(root, "regions");
    int predicted = 0;

    for (size_t i = 0; i < rgq_json_count(regions); i++) {
        const rgq_json *c = rgq_json_get(rgq_json_at(regions, i), "calibrated");
        const bool refused = rgq_json_get(c, "refused") != NULL;
        ck_assert(refused != (rgq_json_get(c, "predicted") != NULL));
        ck_assert(refused != (rgq_json_get(c, "interval") != NULL));
        ck_assert(refused || has_model);
        predicted += !refused;
    }
    ck_assert((strstr(page, "Predicted staining score") != NULL) == has_model);
    return predicted;
}

START_TEST(no_sentence_of_200_reports_is_a_claim)
{
    static rgq_tracer tracer;
    rgq_tracer_ids ids;
    rgq_targets *targets = NULL;
    unsigned state = 20240607U;
    int predicted = 0;
    reader r;

    reader_init(&r);
    MUST(rgq_targets_load(&targets, SHIPPED, err));
    MUST(rgq_tracer_list(&ids, SHIPPED, err));
    for (int i = 0; i < 200; i++) {
        rgq_uptake_model model;
        rgq_surrogate_opts opts;
        rgq_text html = RGQ_TEXT_INIT;
        rgq_text page = RGQ_TEXT_INIT;
        rgq_json *root = NULL;
        char *text = NULL;
        MUST(rgq_tracer_find(&tracer, SHIPPED, ids.id[i % ids.count], err));
        rgq_table *table = draw_measures(&state);
        draw_model(&model, &state, tracer.id);
        draw_opts(&opts, &state, targets, &model);
        MUST(rgq_surrogate_json(&text, &tracer, table, &opts, err));
        MUST(rgq_json_parse(&root, text, strlen(text), "surrogate.json", err));
        read_json(&r, root, "surrogate.json");
        rgq_text_append_surrogate(&html, root);
        strip_tags(&page, html.data);
        read_text(&r, page.data, "report.html");
        predicted += check_scores(root, page.data, opts.model != NULL);
        rgq_text_release(&page);
        rgq_text_release(&html);
        rgq_json_free(root);
        rgq_free(text);
        rgq_table_free(table);
    }
    ck_assert_int_gt(predicted, 10); /* the cases are not all refusals */
    ck_assert_int_gt(r.n_sentences, 20000);
    rgq_targets_free(targets);
    reader_release(&r);
}
END_TEST

RGQ_CHECK_MAIN("claims", tcase_add_loop_test(tc, the_reader_knows_a_claim, 0, ROWS(samples));
               tcase_add_test(tc, each_pattern_is_met_by_a_sample);
               tcase_add_test(tc, no_string_of_the_program_is_a_claim);
               tcase_add_test(tc, no_text_of_the_knowledge_is_a_claim);
               tcase_add_test(tc, no_sentence_of_200_reports_is_a_claim))
