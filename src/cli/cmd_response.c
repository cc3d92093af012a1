/* rgdquant response BASE.tsv FOLLOW.tsv --by region */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/findings_json.h"
#include "cli/response_results.h"
#include "cli/results.h"
#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"

typedef struct response_opts {
    const char *base, *follow;
    const char *by, *measure, *cluster, *responders, *test_retest, *out;
    rgq_reals percent;
    double confidence;
    bool keep_keys;
} response_opts;

static const rgq_opt rows[] = {
    RGQ_ARGUMENT(response_opts, base, "BASE.tsv", NULL, "measures before, one row a region"),
    RGQ_ARGUMENT(response_opts, follow, "FOLLOW.tsv", NULL, "measures after"),
    RGQ_TEXT(response_opts, by, "by", "COLUMNS", "region",
             "key columns that both tables have, separated by commas, e.g. patient,region"),
    RGQ_TEXT(response_opts, measure, "measure", "COLUMN", "tbr_mean",
             "what is compared, e.g. tbr_mean, mean, peak_global"),
    RGQ_TEXT(response_opts, cluster, "cluster", "COLUMN", "",
             "column that names the patient; default: 'patient' where there is one; none: rows "
             "are independent"),
    RGQ_REALS(response_opts, percent, "repeatability-percent", "P|LOW,HIGH", "", -100, 10000, 1,
              2,
              "limits that repeating the measurement keeps to, in percent of the baseline: 30 "
              "is -30,30"),
    RGQ_TEXT(response_opts, test_retest, "test-retest", "A.tsv,B.tsv", "",
             "instead: two tables of the same lesions measured twice without treatment, same "
             "keys and measure"),
    RGQ_TEXT(response_opts, responders, "responders", "COLUMN", "",
             "column of yes and no (either table): what baseline and change say of it, apart"),
    RGQ_REAL(response_opts, confidence, "confidence", NULL, "0.95", 0.5, 0.9999,
             "of all intervals and of the limits of repeatability"),
    RGQ_FLAG(response_opts, keep_keys, "keep-keys",
             "copy the cells of the key columns to the table; they may name a person"),
    RGQ_TEXT(response_opts, out, "out", "DIR", "",
             "folder to write; default: the table to stdout"),
};

/* ---- tables ---- */

typedef struct held {
    rgq_tsv table[4]; /* before, after, test, retest */
    char path[2][RGQ_PATH_MAX];
    rgq_join join, repeats;
    rgq_cohort cohort, repeated;
    rgq_response response;
    rgq_outdir out;
    rgq_record *record;
    rgq_json *json;
} held;

static rgq_status pair_up(rgq_join *join, rgq_cohort *cohort, const rgq_tsv *tables,
                          const char *const paths[2], const rgq_cohort_columns *columns,
                          const char *by, rgq_error *err)
{
    const rgq_join_table left = {&tables[0], rgq_path_base(paths[0])};
    const rgq_join_table right = {&tables[1], rgq_path_base(paths[1])};

    RGQ_PASS(err, rgq_join_make(join, &left, &right, by, NULL, err));
    return rgq_cohort_make(cohort, join, columns, err);
}

static rgq_status split_paths(held *h, const char *both, rgq_error *err)
{
    if (!rgq_list_word(h->path[0], RGQ_PATH_MAX, both, 0) ||
        !rgq_list_word(h->path[1], RGQ_PATH_MAX, both, 1) || h->path[1][0] == '\0' ||
        rgq_list_word((char[2]){0}, 2, both, 2))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "--test-retest %.200s: two tables with a comma between them were "
                         "needed",
                         both);
    return RGQ_OK;
}

static rgq_status read_repeats(held *h, const response_opts *o, rgq_error *err)
{
    const char *const paths[2] = {h->path[0], h->path[1]};
    const char *patient =
        o->cluster != NULL && strcmp(o->cluster, "none") != 0 ? o->cluster : NULL;

    for (int i = 0; i < 2; i++)
        RGQ_PASS(err, rgq_tsv_read(&h->table[2 + i], paths[i], err));
    if (o->cluster == NULL && rgq_tsv_find(&h->table[2], "patient") >= 0)
        patient = "patient";
    const rgq_cohort_columns columns = {.x = o->measure, .y = o->measure, .cluster = patient};
    return pair_up(&h->repeats, &h->repeated, &h->table[2], paths, &columns, o->by, err);
}

static rgq_status find_limits(rgq_response_limits *out, held *h, const response_opts *o,
                              const rgq_stat_opts *stat, rgq_error *err)
{
    const double *p = o->percent.value;

    *out = rgq_response_no_limits();
    if (o->percent.count > 0) {
        out->origin = "given";
        out->percent_low = o->percent.count == 1 ? -fabs(p[0]) : p[0];
        out->percent_high = o->percent.count == 1 ? fabs(p[0]) : p[1];
        return RGQ_OK;
    }
    if (o->test_retest == NULL)
        return RGQ_OK;
    const rgq_pairs pairs = rgq_cohort_pairs(&h->repeated);
    const rgq_status st = rgq_response_limits_from(out, &pairs, stat, err);
    if (st != RGQ_OK)
        rgq_error_prefix(err, "test and retest, %s: ", o->measure);
    return st;
}

static rgq_status check_words(const response_opts *o, rgq_error *err)
{
    const double *p = o->percent.value;

    if (o->percent.count > 0 && o->test_retest != NULL)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "limits come from --repeatability-percent or from --test-retest, not "
                         "from both");
    if (o->percent.count == 2 && !(p[0] < 0.0 && p[1] > 0.0))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "--repeatability-percent %g,%g: the lower limit is below 0, the upper "
                         "above, e.g. -25,33",
                         p[0], p[1]);
    return RGQ_OK;
}

/* ---- the run ---- */

static const char *const cites[] = {"BlandAltman1999", "HollanderWolfe1973", "DeLong1988",
                                    NULL};

static rgq_status write_record(rgq_context *context, const response_opts *o, held *h,
                               rgq_error *err)
{
    rgq_json *step = NULL;
    char path[RGQ_PATH_MAX];
    const bool repeats = o->test_retest != NULL;
    const rgq_run run = {.command = "response",
                         .out = o->out,
                         .more = {{o->base, "baseline"},
                                  {o->follow, "follow-up"},
                                  {repeats ? h->path[0] : NULL, "test"},
                                  {repeats ? h->path[1] : NULL, "retest"}}};
    const rgq_record_source source = {.argc = context->argc,
                                      .argv = context->argv,
                                      .options = context->options,
                                      .warnings = context->warnings,
                                      .began_s = context->began_s};

    RGQ_PASS(err, rgq_run_record(&h->record, context, &run, err));
    RGQ_PASS(err, rgq_record_step(&step, h->record, "response", err));
    RGQ_PASS(err, rgq_json_set_text(step, "measure", o->measure, err));
    RGQ_PASS(err, rgq_json_set_int(step, "pairs", (long long)h->cohort.n, err));
    for (size_t i = 0; cites[i] != NULL; i++)
        RGQ_PASS(err, rgq_record_cite(h->record, cites[i], err));
    RGQ_PASS(err, rgq_record_close(h->record, &source, err));
    RGQ_PASS(err, rgq_path_join(path, h->out.temp, "run.json", err));
    return rgq_record_write(h->record, path, false, err);
}

static rgq_status publish(rgq_context *context, const response_opts *o, held *h,
                          const rgq_response_results *results, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_table *table = NULL;

    RGQ_TRY(err, rgq_response_json(&h->json, results, err));
    RGQ_TRY(err, rgq_response_table(&table, results, err));
    if (o->out != NULL) {
        RGQ_TRY(err,
                rgq_response_write(h->out.temp, results, h->json, table, &context->log, err));
        RGQ_TRY(err, write_record(context, o, h, err));
        RGQ_TRY(err, rgq_outdir_commit(&h->out, err));
    }
    if (context->shared.json)
        RGQ_TRY(err, rgq_context_print(context, h->json, err));
    else if (o->out == NULL)
        rgq_table_print(table, context->out);
    else
        rgq_sentences_print(context, rgq_json_get(h->json, "sentences"));
out:
    rgq_table_free(table);
    return st;
}

static rgq_status respond(rgq_context *context, const response_opts *o, held *h, rgq_error *err)
{
    const char *const paths[2] = {o->base, o->follow};
    const rgq_stat_opts stat = {o->confidence, RGQ_P_EXACT, 99, 99, 1};
    rgq_cohort_columns columns = {.x = o->measure, .y = o->measure, .positive = o->responders};
    rgq_response_limits limits;

    if (o->out != NULL)
        RGQ_PASS(err, rgq_outdir_begin(&h->out, o->out, context->shared.force, err));
    for (int i = 0; i < 2; i++)
        RGQ_PASS(err, rgq_tsv_read(&h->table[i], paths[i], err));
    if (o->cluster != NULL && strcmp(o->cluster, "none") != 0)
        columns.cluster = o->cluster;
    else if (o->cluster == NULL && (rgq_tsv_find(&h->table[0], "patient") >= 0 ||
                                    rgq_tsv_find(&h->table[1], "patient") >= 0))
        columns.cluster = "patient";
    RGQ_PASS(err, rgq_context_word(context, pair_up(&h->join, &h->cohort, h->table, paths,
                                                    &columns, o->by, err)));
    if (o->test_retest != NULL)
        RGQ_PASS(err, rgq_context_word(context, read_repeats(h, o, err)));
    RGQ_PASS(err, find_limits(&limits, h, o, &stat, err));
    const rgq_status st = rgq_response_make(&h->response, &h->cohort, &limits, &stat, err);
    if (st != RGQ_OK) {
        rgq_error_prefix(err, "%s: ", o->measure);
        return st;
    }
    for (int s = 0; s < 2; s++)
        rgq_rows_warn(context, h->join.side[s].name, "without a partner", h->join.alone[s],
                      h->join.n_alone[s]);
    const rgq_response_results results = {&h->join,        &h->cohort,    &h->response,
                                          &limits,         o->measure,    o->by,
                                          columns.cluster, o->confidence, o->keep_keys};
    return publish(context, o, h, &results, err);
}

static rgq_status run(rgq_context *context, const void *opts, rgq_error *err)
{
    const response_opts *o = opts;
    held *h = NULL;

    RGQ_PASS(err, rgq_alloc(&h, 1, sizeof *h, err));
    context->exit_code = 2;
    rgq_status st = check_words(o, err);
    if (st == RGQ_OK && o->test_retest != NULL)
        st = split_paths(h, o->test_retest, err);
    if (st == RGQ_OK) {
        context->exit_code = 0;
        st = respond(context, o, h, err);
    }
    rgq_outdir_abandon(&h->out);
    rgq_response_release(&h->response);
    rgq_cohort_release(&h->cohort);
    rgq_cohort_release(&h->repeated);
    rgq_join_release(&h->join);
    rgq_join_release(&h->repeats);
    for (int i = 0; i < 4; i++)
        rgq_tsv_release(&h->table[i]);
    rgq_record_free(h->record);
    rgq_json_free(h->json);
    rgq_free(h);
    return st;
}

const rgq_command rgq_cmd_response = {
    .name = "response",
    .group = "Validation",
    .summary = "change of uptake between two scans, against a repeatability limit",
    .description =
        "Joins two tables of measures by their key columns and gives each region's change, in "
        "the\n"
        "measure's unit and in percent of the baseline, and whether that is beyond the limits "
        "of\n"
        "repeatability: given (--repeatability-percent) or estimated from lesions measured "
        "twice\n"
        "without treatment (--test-retest; limits of the logarithms, so the upper is farther "
        "out).\n"
        "\n"
        "Statistics: mean change and geometric mean of the ratio (over patients, leaving out "
        "one after\n"
        "the other), Wilcoxon's signed ranks and the sign test with exact p, the share beyond "
        "the\n"
        "limits. Where a patient has several regions the exact tests are of the patients' "
        "means.\n"
        "--responders tells apart what the baseline and what the change say of response: area "
        "under the\n"
        "ROC curve and Fisher's exact test of each. Published work does not agree on which of "
        "the two\n"
        "predicts, so that neither is called the predictor here.\n"
        "\n"
        "--out writes response.tsv and .json (with the statistics), change.svg and .png, "
        "run.json. Rows\n"
        "are named by their number from 1 behind the header; --keep-keys copies the keys.",
    .examples = "rgdquant response base.tsv follow.tsv --by patient,region --measure "
                "peak_global --repeatability-percent 30\n"
                "rgdquant response base.tsv follow.tsv --measure tbr_mean --test-retest "
                "test.tsv,retest.tsv --responders responder --out response",
    .cites = cites,
    .opts = rows,
    .n_opts = RGQ_ROWS(rows),
    .opts_size = sizeof(response_opts),
    .run = run,
};
