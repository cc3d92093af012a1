/* rgdquant validate --measures M.tsv --ihc I.tsv --by KEY */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/findings_json.h"
#include "cli/results.h"
#include "cli/validate_model.h"
#include "cli/validate_results.h"
#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/parse.h"
#include "core/text.h"

typedef struct validate_opts {
    const char *measures, *ihc, *table, *by, *x, *y;
    const char *cluster, *size, *compartments, *positive;
    const char *ordinal, *p_method;
    const char *tracer, *partial_volume, *unit, *out;
    rgq_reals uptake_time_min;
    double confidence, error_ratio, power, power_r;
    int permutations, resamples, seed;
    bool same_unit, save_model, keep_keys;
} validate_opts;

static const rgq_opt rows[] = {
    RGQ_TEXT(validate_opts, measures, "measures", "M.tsv", "",
             "table of uptake, one row a lesion, as measure and quantify write it"),
    RGQ_TEXT(validate_opts, ihc, "ihc", "I.tsv", "",
             "table of histology, one row a lesion (or one a lesion and compartment)"),
    RGQ_TEXT(validate_opts, by, "by", "COLUMNS", "",
             "key columns that both tables have, separated by commas; rows with the same cells "
             "are one pair"),
    RGQ_TEXT(validate_opts, table, "table", "P.tsv", "",
             "instead of the two: one table whose rows are pairs already"),
    RGQ_TEXT(validate_opts, x, "x", "COLUMNS", "tbr_mean",
             "the measure; several, separated by commas, are several comparisons"),
    RGQ_TEXT(validate_opts, y, "y", "COLUMNS", "h_score", "the score; several likewise"),
    RGQ_TEXT(validate_opts, compartments, "compartments", "COLUMN", "",
             "column of the histology that names tumour, vessel, stroma, ...: one comparison "
             "each"),
    RGQ_TEXT(validate_opts, cluster, "cluster", "COLUMN", "",
             "column that names the patient; default: 'patient' where there is one; none: rows "
             "are independent"),
    RGQ_TEXT(validate_opts, size, "size", "COLUMN", "",
             "column of the lesion's size for the partial correlation; default: 'volume_ml' "
             "where there is one; none: no partial correlation"),
    RGQ_TEXT(validate_opts, positive, "positive", "Y|COLUMN", "",
             "what the ROC curve tells apart: a number (y at or above it is positive) or a "
             "column of yes and no"),
    RGQ_CHOICE(validate_opts, ordinal, "ordinal", "none", "none|y|both",
               "y is a grade 0, 1, 2, ...: proportional odds; both: x too, weighted kappa"),
    RGQ_FLAG(validate_opts, same_unit, "same-unit",
             "x and y are the same quantity in one unit: Bland-Altman, ICC; so where both "
             "columns have the same name"),
    RGQ_REAL(validate_opts, error_ratio, "error-ratio", NULL, "", 1e-12, 1e12,
             "variance of the error of y over that of x, for Deming's line; default: 1, with a "
             "note"),
    RGQ_CHOICE(validate_opts, p_method, "p-method", "exact", "exact|r|permutation",
               "p of rank correlations: all orders to 11 pairs and random ones above; as R's "
               "cor.test; exact with random orders for Pearson's r as well"),
    RGQ_REAL(validate_opts, confidence, "confidence", NULL, "0.95", 0.5, 0.9999,
             "of all intervals"),
    RGQ_INT(validate_opts, permutations, "permutations", "N", "19999", 99, 10000000,
            "random orders for a p-value"),
    RGQ_INT(validate_opts, resamples, "resamples", "N", "1999", 99, 1000000,
            "bootstrap samples of patients"),
    RGQ_INT(validate_opts, seed, "seed", "N", "1", 0, 2147483647,
            "of random orders and samples; equal seeds give equal results"),
    RGQ_REAL(validate_opts, power, "power", NULL, "", 0.06, 0.9999,
             "how many rows a test of r = 0 needs for this power"),
    RGQ_REAL(validate_opts, power_r, "power-r", NULL, "", -0.9999, 0.9999,
             "the r that is to be found; default: the one of these data"),
    RGQ_FLAG(validate_opts, save_model, "save-model",
             "write model.json, a calibration for quantify --calibration; needs 20 patients or "
             "--force"),
    RGQ_TEXT(validate_opts, tracer, "tracer", "ID", "", "tracer of the scans, for the model"),
    RGQ_REALS(validate_opts, uptake_time_min, "uptake-time-min", "LOW,HIGH", "", 0, 100000, 1,
              2,
              "injection to scan, for the model; default: the column 'uptake_time_min' where "
              "there is one"),
    RGQ_TEXT(validate_opts, partial_volume, "partial-volume", "WORDS", "",
             "state of the scans as surrogate.json words it, e.g. 'not corrected', for the "
             "model"),
    RGQ_TEXT(validate_opts, unit, "unit", "UNIT", "",
             "unit of the measure, for the model; default: 1 of ratios, else the column "
             "'unit'"),
    RGQ_FLAG(validate_opts, keep_keys, "keep-keys",
             "copy the cells of the key columns to pairs.tsv; they may name a person"),
    RGQ_TEXT(validate_opts, out, "out", "DIR", "",
             "folder to write; default: the table of statistics to stdout"),
};

/* ---- words ---- */

static rgq_status check_words(const validate_opts *o, rgq_error *err)
{
    if (o->table != NULL && (o->measures != NULL || o->ihc != NULL))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "--table stands for both tables; leave out --measures and --ihc");
    if (o->table == NULL && (o->measures == NULL || o->ihc == NULL))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "two tables are needed, --measures M.tsv and --ihc I.tsv, or one of "
                         "pairs, --table P.tsv");
    if (o->table == NULL && o->by == NULL)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "--by COLUMNS is needed: what both tables call a lesion by, e.g. --by "
                         "lesion or --by patient,lesion");
    if (o->save_model && o->out == NULL)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "--save-model writes into the folder of --out DIR");
    if (isfinite(o->power_r) && !isfinite(o->power))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "--power-r goes with --power, e.g. --power 0.8");
    return RGQ_OK;
}

static bool is_none(const char *word)
{
    return word != NULL && strcmp(word, "none") == 0;
}

static bool either_has(const rgq_cohort_study_plan *plan, const char *column)
{
    return rgq_tsv_find(plan->left.table, column) >= 0 ||
           rgq_tsv_find(plan->right.table, column) >= 0;
}

/* The column asked for, or the usual one if there is one. */
static const char *column_or(const rgq_cohort_study_plan *plan, const char *asked,
                             const char *usual)
{
    if (is_none(asked))
        return NULL;
    if (asked != NULL)
        return asked;
    return either_has(plan, usual) ? usual : NULL;
}

static void plan_study(rgq_cohort_study_plan *plan, const validate_opts *o)
{
    const bool asked = o->positive != NULL;
    double threshold = (double)NAN;

    if (asked && rgq_parse_real(&threshold, o->positive, -1e300, 1e300, NULL) != RGQ_OK)
        plan->columns.positive = o->positive;
    plan->by = o->by;
    plan->x = o->x;
    plan->y = o->y;
    plan->compartments = o->compartments;
    plan->columns.cluster = column_or(plan, o->cluster, "patient");
    plan->columns.size = column_or(plan, o->size, "volume_ml");
    plan->columns.time = column_or(plan, NULL, "uptake_time_min");
    plan->opts = (rgq_validation_opts){
        .stat = {.confidence = o->confidence,
                 .p_method = strcmp(o->p_method, "r") == 0 ? RGQ_P_R : RGQ_P_EXACT,
                 .permutations = (size_t)o->permutations,
                 .resamples = (size_t)o->resamples,
                 .seed = (uint64_t)o->seed},
        .ordinal = strcmp(o->ordinal, "both") == 0 ? RGQ_ORDINAL_BOTH
                   : strcmp(o->ordinal, "y") == 0  ? RGQ_ORDINAL_Y
                                                   : RGQ_ORDINAL_NONE,
        .same_unit = o->same_unit || strcmp(o->x, o->y) == 0,
        .permute = strcmp(o->p_method, "permutation") == 0,
        .error_ratio = o->error_ratio,
        .threshold = threshold,
        .power = o->power,
        .power_r = o->power_r};
}

/* ---- talk ---- */

static void tell(const rgq_context *context, const rgq_cohort_study *study)
{
    char name[280];

    for (size_t k = 0; k < study->n; k++) {
        const rgq_comparison *c = &study->item[k];
        for (int s = 0; s < 2 && (k == 0 || c->compartment != NULL); s++) {
            (void)snprintf(name, sizeof name, "%.200s%s%.60s", c->join.side[s].name,
                           c->compartment != NULL ? ", " : "",
                           c->compartment != NULL ? c->compartment : "");
            rgq_rows_warn(context, name, "without a partner", c->join.alone[s],
                          c->join.n_alone[s]);
        }
        if (c->cohort.n_missing > 0)
            RGQ_WARN(&context->log, "%s, %s%s%s: %zu pair%s without a value left out", c->x,
                     c->y, c->compartment != NULL ? ", " : "",
                     c->compartment != NULL ? c->compartment : "", c->cohort.n_missing,
                     c->cohort.n_missing == 1 ? "" : "s");
        if (c->validation != NULL && c->validation->tied_x + c->validation->tied_y > 0)
            RGQ_INFO(&context->log,
                     "tied ranks: %zu values of %s, %zu of %s stand more than once",
                     c->validation->tied_x, c->x, c->validation->tied_y, c->y);
        if (c->validation == NULL)
            RGQ_WARN(&context->log, "not compared: %s", c->refused);
    }
}

/* ---- the run ---- */

typedef struct held {
    rgq_tsv table[2];
    rgq_cohort_study study;
    rgq_cohort_study_plan plan;
    rgq_uptake_model model;
    rgq_outdir out;
    rgq_record *record;
    rgq_json *json;
} held;

static rgq_status read_tables(held *h, const validate_opts *o, rgq_error *err)
{
    const char *paths[2] = {o->table != NULL ? o->table : o->measures, o->ihc};
    const int n = o->table != NULL ? 1 : 2;

    for (int i = 0; i < n; i++) {
        const rgq_status st = rgq_tsv_read(&h->table[i], paths[i], err);
        if (st != RGQ_OK)
            return st;
    }
    h->plan.left = (rgq_join_table){&h->table[0], rgq_path_base(paths[0])};
    h->plan.right =
        n == 1 ? h->plan.left : (rgq_join_table){&h->table[1], rgq_path_base(paths[1])};
    return RGQ_OK;
}

static const char *const cites[] = {"Bonett2000",    "Holm1979",       "Pustejovsky2018",
                                    "Laird1982",     "Linnet1993",     "Passing1983",
                                    "DeLong1988",    "Obuchowski1997", "BlandAltman1999",
                                    "McCullagh1980", "Fleiss1969",     NULL};

static rgq_status write_record(rgq_context *context, const validate_opts *o, held *h,
                               rgq_error *err)
{
    rgq_json *step = NULL;
    char path[RGQ_PATH_MAX];
    const rgq_run run = {
        .command = "validate",
        .out = o->out,
        .more = {{o->table, "pairs"}, {o->measures, "measures"}, {o->ihc, "histology"}}};
    const rgq_record_source source = {.argc = context->argc,
                                      .argv = context->argv,
                                      .options = context->options,
                                      .warnings = context->warnings,
                                      .began_s = context->began_s};

    RGQ_PASS(err, rgq_run_record(&h->record, context, &run, err));
    RGQ_PASS(err, rgq_record_step(&step, h->record, "validate", err));
    RGQ_PASS(err, rgq_json_set_int(step, "comparisons", (long long)h->study.n, err));
    RGQ_PASS(err, rgq_json_set_int(step, "seed", o->seed, err));
    for (size_t i = 0; cites[i] != NULL; i++)
        RGQ_PASS(err, rgq_record_cite(h->record, cites[i], err));
    RGQ_PASS(err, rgq_record_close(h->record, &source, err));
    RGQ_PASS(err, rgq_path_join(path, h->out.temp, "run.json", err));
    return rgq_record_write(h->record, path, false, err);
}

static void print_sentences(const rgq_context *context, const rgq_json *json)
{
    const rgq_json *array = rgq_json_get(json, "comparisons");

    for (size_t k = 0; k < rgq_json_count(array); k++)
        rgq_sentences_print(context, rgq_json_get(rgq_json_at(array, k), "sentences"));
}

static rgq_status print_table(const rgq_context *context, const rgq_cohort_study *study,
                              rgq_error *err)
{
    rgq_table *table = NULL;

    RGQ_PASS(err, rgq_validate_table(&table, study, err));
    rgq_table_print(table, context->out);
    rgq_table_free(table);
    return RGQ_OK;
}

static rgq_status validate(rgq_context *context, const validate_opts *o, held *h,
                           rgq_error *err)
{
    const rgq_validate_results results = {&h->study, &h->plan, o->p_method, o->keep_keys};

    if (o->out != NULL)
        RGQ_PASS(err, rgq_outdir_begin(&h->out, o->out, context->shared.force, err));
    RGQ_PASS(err, read_tables(h, o, err));
    plan_study(&h->plan, o);
    RGQ_PASS(err, rgq_context_word(context, rgq_cohort_study_make(&h->study, &h->plan, err)));
    tell(context, &h->study);
    if (o->save_model) {
        const rgq_model_words words = {o->tracer,
                                       o->partial_volume,
                                       o->unit,
                                       o->uptake_time_min,
                                       {o->table != NULL ? o->table : o->measures, o->ihc}};
        RGQ_PASS(err, rgq_context_word(context, rgq_validate_model(&h->model, context,
                                                                   &h->study, &words, err)));
    }
    RGQ_PASS(err, rgq_validate_json(&h->json, &results, err));
    if (o->out != NULL) {
        RGQ_PASS(err, rgq_validate_write(h->out.temp, &results, h->json, &context->log, err));
        if (o->save_model)
            RGQ_PASS(err, rgq_validate_model_write(h->out.temp, &h->model, err));
        RGQ_PASS(err, write_record(context, o, h, err));
        RGQ_PASS(err, rgq_outdir_commit(&h->out, err));
    }
    if (context->shared.json)
        return rgq_context_print(context, h->json, err);
    if (o->out == NULL)
        return print_table(context, &h->study, err);
    print_sentences(context, h->json);
    return RGQ_OK;
}

static rgq_status run(rgq_context *context, const void *opts, rgq_error *err)
{
    const validate_opts *o = opts;
    held *h = NULL;

    context->exit_code = 2;
    RGQ_PASS(err, check_words(o, err));
    context->exit_code = 0;
    RGQ_PASS(err, rgq_alloc(&h, 1, sizeof *h, err));
    const rgq_status st = validate(context, o, h, err);
    rgq_outdir_abandon(&h->out);
    rgq_cohort_study_release(&h->study);
    rgq_tsv_release(&h->table[0]);
    rgq_tsv_release(&h->table[1]);
    rgq_record_free(h->record);
    rgq_json_free(h->json);
    rgq_free(h);
    return st;
}

const rgq_command rgq_cmd_validate = {
    .name = "validate",
    .group = "Validation",
    .summary = "agreement of uptake with immunohistochemistry; a calibration",
    .description =
        "Joins a table of uptake (--measures) with one of histology (--ihc) by their key "
        "columns,\n"
        "or takes one table of pairs (--table), and gives every statistic with its interval: "
        "Pearson,\n"
        "Spearman, Kendall (tau-b), partial correlation given the size of the lesion, least "
        "squares,\n"
        "random intercept, Deming, Passing-Bablok, the error of predicting patients left out; "
        "where both\n"
        "sides share a unit limits of agreement and ICC; for grades proportional odds and "
        "kappa; with\n"
        "--positive the ROC curve.\n"
        "\n"
        "Lesions of one patient resemble each other. With --cluster (by default the column "
        "'patient')\n"
        "the first row of a statistic leaves out one patient after the other; the naive row "
        "takes lesions\n"
        "as independent and is too narrow, the bootstrap stands beside it. Several measures, "
        "scores or\n"
        "compartments get Holm's correction (p_holm).\n"
        "\n"
        "Keys must be the same letter by letter. A key that stands in two rows is refused; "
        "rows without\n"
        "a partner and pairs without a value are listed and left out. Rows are named by their "
        "number from\n"
        "1 behind the header, since keys may name a person; --keep-keys copies them to "
        "pairs.tsv.\n"
        "Missing is n/a, NA, nan or an empty cell.\n"
        "\n"
        "--out writes validation.tsv and .json, pairs.tsv, scatter, bland_altman and roc as "
        "SVG and PNG,\n"
        "report.html, run.json, and with --save-model model.json: score = intercept + slope * "
        "uptake with\n"
        "what a prediction for a new lesion of a new patient needs, and the range it holds in. "
        "A model\n"
        "that does not know its tracer, uptake times, volumes and partial-volume state refuses "
        "every\n"
        "prediction. Fewer than 20 patients are refused; --force marks the model as forced.",
    .examples =
        "rgdquant validate --measures measures.tsv --ihc ihc.tsv --by patient,lesion --out v\n"
        "rgdquant validate --table pairs.tsv --x suv_mean --y h_score --cluster patient "
        "--positive 100\n"
        "rgdquant validate --measures m.tsv --ihc i.tsv --by lesion --compartments region "
        "--json\n"
        "rgdquant validate --measures m.tsv --ihc i.tsv --by lesion --save-model --tracer "
        "18F-fluciclatide --uptake-time-min 55,70 --partial-volume 'not corrected' --out v",
    .cites = cites,
    .opts = rows,
    .n_opts = RGQ_ROWS(rows),
    .opts_size = sizeof(validate_opts),
    .run = run,
};
