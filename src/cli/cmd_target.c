/* rgdquant target list | show INTEGRIN [--tissue T] | rules */
#include <math.h>
#include <string.h>

#include "cli/commands.h"
#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/references.h"
#include "core/text.h"
#include "rgdquant/surrogate.h"
#include "rgdquant/target.h"

typedef struct target_opts {
    const char *action;
    const char *name;
    const char *tissue;
} target_opts;

static const rgq_opt rows[] = {
    RGQ_ARGUMENT(target_opts, action, "ACTION", NULL, "list, show or rules"),
    RGQ_ARGUMENT(target_opts, name, "INTEGRIN", "",
                 "show: avb3, αvβ3, ITGAV/ITGB3, \"alpha-v beta-3\"; or a receptor as CXCR4"),
    RGQ_TEXT(
        target_opts, tissue, "tissue", "WORDS", "",
        "show: only what is said of this tissue, e.g. glioblastoma, GBM, \"breast cancer\""),
};

/* A page in both forms: each line of text has its twin in the JSON tree. */
typedef struct page {
    rgq_text text;
    rgq_json *root;
} page;

/* Pairs of key and text. */
static rgq_status set_texts(rgq_json *node, const char *const *pairs, size_t count,
                            rgq_error *err)
{
    for (size_t i = 0; i + 1 < 2 * count; i += 2)
        RGQ_PASS(err, rgq_json_set_text(node, pairs[i], pairs[i + 1], err));
    return RGQ_OK;
}

/* ---- list ---- */

static int count_rows(const rgq_targets *targets, const char *integrin, bool agents)
{
    int n = 0;

    while (agents ? rgq_targets_agent(targets, integrin, n) != NULL
                  : rgq_targets_finding(targets, integrin, NULL, n) != NULL)
        n++;
    return n;
}

static rgq_status fill_list(page *p, const rgq_targets *targets, rgq_error *err)
{
    rgq_json *node = NULL;

    RGQ_PASS(err, rgq_json_array(&p->root, err));
    rgq_text_printf(&p->text, "integrin\tascii\tclass\tgenes\tfindings\tagents\n");
    for (int i = 0; i < rgq_targets_count(targets); i++) {
        const rgq_target *t = rgq_targets_at(targets, i);
        const int findings = count_rows(targets, t->id, false);
        const int agents = count_rows(targets, t->id, true);
        const char *const pairs[] = {"integrin", t->id,           "ascii", t->ascii,
                                     "class",    t->ligand_class, "genes", t->genes};
        rgq_text_printf(&p->text, "%s\t%s\t%s\t%s\t%d\t%d\n", t->id, t->ascii, t->ligand_class,
                        t->genes, findings, agents);
        RGQ_PASS(err, rgq_json_add_object(&node, p->root, NULL, err));
        RGQ_PASS(err, set_texts(node, pairs, 4, err));
        RGQ_PASS(err, rgq_json_set_int(node, "findings", findings, err));
        RGQ_PASS(err, rgq_json_set_int(node, "agents", agents, err));
    }
    return RGQ_OK;
}

/* ---- show ---- */

static const struct {
    const char *side;
    const char *title;
} titles[] = {{"towards", "Found, raised, or with a worse course where there is more of it"},
              {"against", "Low, missing, without meaning or with the opposite meaning"},
              {"both", "Both directions in one row"},
              {"neither", "No direction given"}};

static void text_finding(rgq_text *to, const rgq_target_finding *f)
{
    rgq_text_printf(to, "  %s: %s (%s; %s)%s\n    %s\n    %s, %s\n", f->tissue, f->direction,
                    f->integrin, f->compartment, f->contradicted ? "; contradicted" : "",
                    f->meaning, f->source, f->lines);
}

static rgq_status json_finding(rgq_json *array, const rgq_target_finding *f, rgq_error *err)
{
    const char *const pairs[] = {
        "class",       f->group,       "integrin",  f->integrin,  "tissue", f->tissue,
        "compartment", f->compartment, "direction", f->direction, "side",   f->side,
        "meaning",     f->meaning,     "source",    f->source,    "lines",  f->lines};
    rgq_json *node = NULL;

    RGQ_PASS(err, rgq_json_add_object(&node, array, NULL, err));
    RGQ_PASS(err, rgq_json_set_int(node, "row", f->row, err));
    RGQ_PASS(err, set_texts(node, pairs, 9, err));
    return rgq_json_set_bool(node, "contradicted", f->contradicted, err);
}

static rgq_status show_findings(page *p, const rgq_targets *targets, const target_opts *o,
                                rgq_error *err)
{
    const rgq_target_finding *f = NULL;
    rgq_json *array = NULL;

    RGQ_PASS(err, rgq_json_add_array(&array, p->root, "findings", err));
    for (size_t k = 0; k < sizeof titles / sizeof titles[0]; k++) {
        bool titled = false;
        for (int i = 0; (f = rgq_targets_finding(targets, o->name, o->tissue, i)) != NULL;
             i++) {
            if (strcmp(f->side, titles[k].side) != 0)
                continue;
            rgq_text_printf(&p->text, titled ? "" : "\n%s\n", titles[k].title);
            titled = true;
            text_finding(&p->text, f);
            RGQ_PASS(err, json_finding(array, f, err));
        }
    }
    if (rgq_json_count(array) == 0)
        rgq_text_printf(&p->text, "\nThe five reviews say nothing of it in '%s'.\n", o->tissue);
    return RGQ_OK;
}

static rgq_status show_agents(page *p, const rgq_targets *targets, const char *name,
                              rgq_error *err)
{
    const rgq_target_agent *a = NULL;
    const char *last = "";
    rgq_json *array = NULL;
    rgq_json *node = NULL;

    RGQ_PASS(err, rgq_json_add_array(&array, p->root, "agents", err));
    for (int i = 0; (a = rgq_targets_agent(targets, name, i)) != NULL; i++) {
        const char *const pairs[] = {"name",      a->name,   "kind",   a->kind,   "acts_on",
                                     a->integrin, "trial",   a->trial, "outcome", a->outcome,
                                     "source",    a->source, "lines",  a->lines};
        rgq_text_printf(&p->text,
                        i == 0 ? "\nDrugs that act on it, and what came of them\n" : "");
        if (strcmp(a->name, last) != 0)
            rgq_text_printf(&p->text, "  %s (%s; %s)\n", a->name, a->kind, a->integrin);
        last = a->name;
        rgq_text_printf(&p->text, "    %s: %s (%s, %s)\n", a->trial, a->outcome, a->source,
                        a->lines);
        RGQ_PASS(err, rgq_json_add_object(&node, array, NULL, err));
        RGQ_PASS(err, set_texts(node, pairs, 7, err));
        if (isfinite(a->half_life_low_h)) {
            const double range[] = {a->half_life_low_h, a->half_life_high_h};
            RGQ_PASS(err, rgq_json_set_reals(node, "half_life_h", range, 2, err));
        }
    }
    return RGQ_OK;
}

static rgq_status show_head(page *p, const rgq_target *t, const target_opts *o, rgq_error *err)
{
    RGQ_PASS(err, rgq_json_object(&p->root, err));
    RGQ_PASS(err, rgq_json_set_text(p->root, "integrin", t != NULL ? t->id : o->name, err));
    if (o->tissue != NULL)
        RGQ_PASS(err, rgq_json_set_text(p->root, "tissue", o->tissue, err));
    if (t == NULL) {
        rgq_text_printf(&p->text, "%s: no integrin, another receptor of the reviews\n",
                        o->name);
        return rgq_json_set_text(p->root, "class", "other receptor", err);
    }
    const char *const pairs[] = {"ascii",  t->ascii, "class",   t->ligand_class, "genes",
                                 t->genes, "source", t->source, "lines",         t->lines};
    rgq_text_printf(&p->text, "%s   %s   %s class   %s   (%s, %s)\n", t->id, t->ascii,
                    t->ligand_class, t->genes, t->source, t->lines);
    return set_texts(p->root, pairs, 5, err);
}

/* The works whose keys stand on the page. */
static rgq_status show_sources(page *p, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *references = NULL;
    rgq_json *node = NULL;
    char *line = NULL;

    RGQ_TRY(err, rgq_references_load(&references, err));
    RGQ_TRY(err, rgq_json_add_object(&node, p->root, "sources", err));
    RGQ_TRY(err, rgq_text_check(&p->text, err));
    rgq_text_printf(&p->text, "\nSources; numbers as 001:339 are lines of the review's text\n");
    for (size_t i = 0; i < rgq_json_count(references); i++) {
        const char *key = NULL;
        const rgq_json *entry = rgq_json_member(references, i, &key);
        if (strstr(p->text.data, key) == NULL)
            continue;
        RGQ_TRY(err, rgq_reference_format(&line, entry, err));
        rgq_text_printf(&p->text, "  %s: %s\n", key, line);
        RGQ_TRY(err, rgq_json_set_text(node, key, line, err));
        rgq_free(line);
        line = NULL;
    }
out:
    rgq_free(line);
    rgq_json_free(references);
    return st;
}

/* Not an integrin, but a receptor that two of the reviews are about. */
static bool is_other_receptor(const rgq_targets *targets, const char *name)
{
    const rgq_target_finding *f = rgq_targets_finding(targets, name, NULL, 0);
    return f != NULL && strcmp(f->group, "other receptor") == 0;
}

static rgq_status fill_show(page *p, const rgq_targets *targets, const target_opts *o,
                            rgq_context *context, rgq_error *err)
{
    const rgq_target *t = NULL;

    if (!is_other_receptor(targets, o->name))
        RGQ_PASS(err, rgq_context_word(context, rgq_targets_find(&t, targets, o->name, err)));
    target_opts as_found = *o;
    as_found.name = t != NULL ? t->id : o->name;
    RGQ_PASS(err, show_head(p, t, &as_found, err));
    RGQ_PASS(err, show_findings(p, targets, &as_found, err));
    RGQ_PASS(err, show_agents(p, targets, as_found.name, err));
    return show_sources(p, err);
}

/* ---- rules ---- */

static rgq_status fill_rules(page *p, rgq_error *err)
{
    static const char *const kinds[] = {"start", "cap", "step"};
    const rgq_confidence_rule *rule = NULL;
    rgq_json *node = NULL;

    RGQ_PASS(err, rgq_json_array(&p->root, err));
    rgq_text_printf(&p->text, "id\tkind\tword\twhen\twhy\tsource\n");
    for (int i = 0; (rule = rgq_confidence_rule_at(i)) != NULL; i++) {
        const char *word =
            rule->kind == RGQ_RULE_STEP ? "one word down" : rgq_confidence_word(rule->word);
        const char *const pairs[] = {"id",   rule->id,  "kind",   kinds[rule->kind],
                                     "word", word,      "when",   rule->when,
                                     "why",  rule->why, "source", rule->source};
        rgq_text_printf(&p->text, "%s\t%s\t%s\t%s\t%s\t%s\n", rule->id, kinds[rule->kind], word,
                        rule->when, rule->why, rule->source[0] != '\0' ? rule->source : "n/a");
        RGQ_PASS(err, rgq_json_add_object(&node, p->root, NULL, err));
        RGQ_PASS(err, set_texts(node, pairs, 6, err));
    }
    return RGQ_OK;
}

/* ---- the command ---- */

static rgq_status wrong_words(rgq_context *context, rgq_error *err)
{
    context->exit_code = 2;
    return RGQ_RAISE(
        err, RGQ_E_ARGUMENT,
        "needed is one of: rgdquant target list | show INTEGRIN [--tissue WORDS] | rules");
}

static rgq_status fill(page *p, const target_opts *o, rgq_context *context, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    char folder[RGQ_PATH_MAX];
    rgq_targets *targets = NULL;

    if (strcmp(o->action, "rules") == 0)
        return fill_rules(p, err);
    RGQ_TRY(err, rgq_context_data_path(folder, sizeof folder, context, "tracers", err));
    RGQ_TRY(err, rgq_targets_load(&targets, folder, err));
    if (strcmp(o->action, "list") == 0)
        RGQ_TRY(err, fill_list(p, targets, err));
    else
        RGQ_TRY(err, fill_show(p, targets, o, context, err));
out:
    rgq_targets_free(targets);
    return st;
}

static rgq_status run(rgq_context *context, const void *opts, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const target_opts *o = opts;
    const bool is_show = strcmp(o->action, "show") == 0;
    const bool is_known =
        is_show || strcmp(o->action, "list") == 0 || strcmp(o->action, "rules") == 0;
    page p = {RGQ_TEXT_INIT, NULL};

    if (!is_known || is_show != (o->name != NULL) || (!is_show && o->tissue != NULL))
        return wrong_words(context, err);
    RGQ_TRY(err, fill(&p, o, context, err));
    RGQ_TRY(err, rgq_text_check(&p.text, err));
    if (context->shared.json)
        RGQ_TRY(err, rgq_context_print(context, p.root, err));
    else
        fputs(p.text.data, context->out);
out:
    rgq_text_release(&p.text);
    rgq_json_free(p.root);
    return st;
}

static const char *const cites[] = {"AldayParejo2019", "Xiong2021", "Su2020",
                                    "NwaboKamdje2022", "Cojoc2013", "Innis2007",
                                    "Soret2007",       NULL};

const rgq_command rgq_cmd_target = {
    .name = "target",
    .group = "Knowledge",
    .summary = "what is known of an integrin: tissues, meaning, drugs, contradictions",
    .description =
        "list   the 24 integrins with their class and genes\n"
        "show   what five reviews say of an integrin and its subunits, tissue by tissue, in\n"
        "       both directions, each row with review and lines; and the drugs that act on it\n"
        "       with what came of their trials. Rows that contradict each other are kept and\n"
        "       marked. A pair that does not exist is refused with the partners that do\n"
        "rules  the rules behind the word of confidence that quantify gives to each index: it\n"
        "       starts at the highest start that holds (else none), goes a word down for each\n"
        "       step that holds, and ends at the lowest cap that holds; the words are none,\n"
        "       very low, low, moderate, good\n"
        "\n"
        "A row is what a review says of a tissue in general, never of your scan.",
    .examples = "rgdquant target list\nrgdquant target show avb3 --tissue glioblastoma\n"
                "rgdquant target show ITGA6/ITGB4 --json",
    .cites = cites,
    .opts = rows,
    .n_opts = RGQ_ROWS(rows),
    .opts_size = sizeof(target_opts),
    .run = run,
};
