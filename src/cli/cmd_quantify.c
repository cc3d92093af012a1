/* rgdquant quantify SCAN --tracer ID --out DIR */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/plans.h"
#include "cli/pvc_words.h"
#include "cli/quantify_words.h"
#include "cli/results.h"
#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/text.h"
#include "rgdquant/quantify.h"

typedef struct quantify_opts {
    const char *scan_path;
    const char *tracer;
    const char *out;
    rgq_quantify_words words;
    bool explain;
} quantify_opts;

static const rgq_opt rows[] = {
    RGQ_ARGUMENT(quantify_opts, scan_path, "SCAN", NULL,
                 "the scan: a DICOM folder or file, or a NIfTI file"),
    RGQ_TEXT(quantify_opts, tracer, "tracer", "ID", NULL,
             "what was injected; 'rgdquant tracer list' shows the ids"),
    RGQ_TEXT(quantify_opts, out, "out", "DIR", NULL, "folder for the results"),
    RGQ_QUANTIFY_OPTIONS(quantify_opts, words),
    RGQ_FLAG(quantify_opts, explain, "explain",
             "print the steps with their parameters and where these come from; do nothing"),
};

static rgq_status resolve(rgq_quantify_opts *to, const quantify_opts *o,
                          const rgq_context *context, rgq_error *err)
{
    const rgq_quantify_opts fresh = RGQ_QUANTIFY_OPTS_INIT;
    const rgq_quantify_words *w = &o->words;

    *to = fresh;
    to->scan = o->scan_path;
    to->out = o->out;
    to->tracer = o->tracer;
    to->read =
        (rgq_scan_read_opts){.series_uid = w->scan.series, .side_file = w->scan.side_file};
    to->overrides = rgq_scan_opts_overrides(&w->scan);
    to->calibration_file = w->scan.calibration_file;
    to->unit = w->scan.unit;
    to->frame = w->frame;
    to->filter = w->filter;
    RGQ_PASS(err, rgq_border_parse(&to->filtering.border, w->border, err));
    RGQ_PASS(err, rgq_conv_path_parse(&to->filtering.path, w->path, err));
    to->pvc = w->pvc;
    to->psf_file = w->psf_file;
    RGQ_PASS(err, rgq_pvc_psf_words(to->correcting.psf.fwhm_mm, &w->psf_mm, err));
    to->correcting.iterations = w->pvc_iterations;
    to->correcting.border = to->filtering.border;
    to->correcting.path = to->filtering.path;
    to->regions = w->regions;
    to->segment = w->segment;
    rgq_segment_words_take(&to->segmenting, &w->words);
    to->within = w->words.within;
    to->exclude = w->words.exclude;
    to->background = w->background;
    to->confidence = w->confidence;
    to->calibration_percent = w->calibration_percent;
    to->tissue = w->tissue;
    to->drug = w->drug;
    to->uptake_model = w->calibration;
    to->overview_maximum = w->overview_maximum;
    to->keep = w->keep;
    to->force = context->shared.force;
    to->argc = context->argc;
    to->argv = context->argv;
    return RGQ_OK;
}

/* ---- what is printed ---- */

static const struct {
    const char *column;
    const char *title;
} shown[] = {{"volume_ml", "volume mL"},
             {"mean", "mean"},
             {"max", "max"},
             {"peak_global", "peak"},
             {"tbr_mean", "ratio"}};

enum { N_SHOWN = sizeof shown / sizeof shown[0], CELL_MAX = 48 };

static void format_cell(char cell[CELL_MAX], const rgq_table *table, int row, int column)
{
    const double value = column >= 0 ? rgq_table_real(table, row, column) : (double)NAN;

    if (isfinite(value))
        (void)snprintf(cell, CELL_MAX, "%.5g", value);
    else
        (void)snprintf(cell, CELL_MAX, "n/a");
}

static double interval_end(const rgq_table *table, int row, const char *column)
{
    const int c = rgq_table_find(table, column);
    return c >= 0 ? rgq_table_real(table, row, c) : (double)NAN;
}

/* Characters of UTF-8 text, at most `most`; *bytes is what these take. */
static int count_characters(const char *text, int most, int *bytes)
{
    int count = 0;

    for (*bytes = 0; text[*bytes] != '\0'; ++*bytes) {
        const bool begins = ((unsigned char)text[*bytes] & 0xc0U) != 0x80U;
        if (begins && count == most)
            break;
        count += begins;
    }
    return count;
}

/* Columns of a fixed width; names first, so that the numbers line up. */
static int name_width(const rgq_table *table)
{
    int widest = 6;
    int bytes = 0;
    const int c = rgq_table_find(table, "region");

    for (int r = 0; r < rgq_table_n_rows(table); r++) {
        const int length = count_characters(rgq_table_text(table, r, c), 40, &bytes);
        widest = length > widest ? length : widest;
    }
    return widest;
}

static void print_table(FILE *to, const rgq_quantify_result *result, double confidence)
{
    const rgq_table *table = result->measures;
    const int wide = name_width(table);
    const int names = rgq_table_find(table, "region");
    const bool ratios = result->background[0] != '\0';

    fprintf(to, "%-*s", wide, "region");
    for (int k = 0; k < N_SHOWN - (ratios ? 0 : 1); k++)
        fprintf(to, "  %10s", shown[k].title);
    if (ratios)
        fprintf(to, "  %.4g %% interval", 100.0 * confidence);
    fprintf(to, "\n");
    for (int r = 0; r < rgq_table_n_rows(table); r++) {
        const char *name = rgq_table_text(table, r, names);
        int bytes = 0;
        const int length = count_characters(name, wide, &bytes);
        fprintf(to, "%.*s%*s", bytes, name, wide - length, "");
        for (int k = 0; k < N_SHOWN - (ratios ? 0 : 1); k++) {
            char cell[CELL_MAX];
            format_cell(cell, table, r, rgq_table_find(table, shown[k].column));
            fprintf(to, "  %10s", cell);
        }
        const double low = interval_end(table, r, "tbr_mean_ci_low");
        const double high = interval_end(table, r, "tbr_mean_ci_high");
        if (ratios && isfinite(low) && isfinite(high))
            fprintf(to, "  %.4g to %.4g", low, high);
        else if (ratios)
            fprintf(to, "  n/a");
        fprintf(to, "\n");
    }
    fprintf(to, "mean, max, peak in %s", rgq_unit_name(result->unit));
    if (ratios)
        fprintf(to, "; ratio: mean by the mean of '%s'", result->background);
    fprintf(to, "; tracer %s\n", result->tracer);
}

static rgq_status print_json(FILE *to, const rgq_quantify_result *result, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *root = NULL;
    rgq_json *list = NULL;
    rgq_json *warnings = NULL;

    RGQ_TRY(err, rgq_json_object(&root, err));
    RGQ_TRY(err, rgq_json_set_text(root, "tracer", result->tracer, err));
    RGQ_TRY(err, rgq_json_set_text(root, "unit", rgq_unit_name(result->unit), err));
    if (result->background[0] != '\0')
        RGQ_TRY(err, rgq_json_set_text(root, "background", result->background, err));
    else
        RGQ_TRY(err, rgq_json_set_null(root, "background", err));
    RGQ_TRY(err, rgq_json_set_real(root, "uptake_time_min", result->uptake_time_min, err));
    RGQ_TRY(err, rgq_json_add_array(&list, root, "measures", err));
    RGQ_TRY(err, rgq_table_rows(list, result->measures, err));
    RGQ_TRY(err, rgq_json_parse(&warnings, result->warnings_json, strlen(result->warnings_json),
                                "warnings", err));
    RGQ_TRY(err, rgq_json_set_copy(root, "warnings", warnings, err));
    RGQ_TRY(err, rgq_json_print(to, root, err));
out:
    rgq_json_free(warnings);
    rgq_json_free(root);
    return st;
}

static rgq_status explain(rgq_context *context, const rgq_quantify_opts *job, rgq_error *err)
{
    char *text = NULL;

    RGQ_PASS(err, rgq_quantify_explain(&text, job, context->shared.json, err));
    fputs(text, context->out);
    rgq_free(text);
    return RGQ_OK;
}

static rgq_status run(rgq_context *context, const void *opts, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const quantify_opts *o = opts;
    rgq_quantify_opts job;
    rgq_quantify_result result = {0};
    char *options = NULL;
    char tracers[RGQ_PATH_MAX];
    char plans[RGQ_PATH_MAX];

    RGQ_TRY(err, rgq_context_data_path(tracers, sizeof tracers, context, "tracers", err));
    RGQ_TRY(err, rgq_context_word(context, rgq_segment_words_check(&o->words.words, err)));
    RGQ_TRY(err, rgq_context_word(context, resolve(&job, o, context, err)));
    RGQ_TRY(err, rgq_json_dump(&options, context->options, err));
    job.tracers = tracers;
    job.options_json = options;
    if (o->explain) {
        RGQ_TRY(err, explain(context, &job, err));
        goto out;
    }
    RGQ_TRY(err, rgq_context_word(context, rgq_quantify_check(&job, err)));
    if (o->words.filter != NULL)
        RGQ_TRY(err, rgq_plans_load(plans, context, NULL, err));
    RGQ_TRY(err, rgq_quantify(&result, &job, &context->log, err));
    if (context->shared.json)
        RGQ_TRY(err, print_json(context->out, &result, err));
    else
        print_table(context->out, &result, o->words.confidence);
    RGQ_INFO(&context->log, "the report is %s/report.html", o->out);
out:
    rgq_quantify_result_release(&result);
    rgq_free(options);
    return st;
}

static const char *const cites[] = {"IBSISUV2026", "Hyndman1996", "Wahl2009", "Erlandsson2012",
                                    NULL};

const rgq_command rgq_cmd_quantify = {
    .name = "quantify",
    .group = "Main",
    .summary = "from a scan to measures of tracer-target uptake and a report",
    .description =
        "The main job: reads the scan, converts it to SUVbw (or to the best unit its header\n"
        "allows, and says so), smooths it and corrects it for the partial-volume effect if\n"
        "asked to, takes or finds regions, measures them, divides by a background, and says\n"
        "what the numbers mean for the tracer's target. With --pvc all that is found and\n"
        "measured is of the corrected volume; the methods are those of 'rgdquant pvc', with\n"
        "the regions of --regions.\n"
        "\n"
        "The folder DIR is there complete or not at all. In it: measures.tsv and .json (every\n"
        "number), report.html (to read; opens without a network), overview.png (projections\n"
        "with the outlines of the regions), surrogate.json (targets, evidence, caveats),\n"
        "regions.nii.gz (what was measured), run.json (every option, header value and file\n"
        "that went in). Paths, dates and identifiers are in none of them; names of regions\n"
        "are those of your file.\n"
        "\n"
        "What is measured is uptake. An expression level of an integrin is never stated. Each\n"
        "index comes with a word of confidence, by the rules of 'rgdquant target rules'.\n"
        "For research use only; not a medical device.",
    .examples =
        "rgdquant quantify pet-folder --tracer 18F-fluciclatide --regions labels.nii.gz \\\n"
        "    --out result\n"
        "rgdquant quantify pet.nii.gz --tracer 68Ga-NOTA-RGD --segment a50 \\\n"
        "    --seed-mm 12,-40,310 --out result\n"
        "rgdquant quantify pet-folder --tracer 18F-fluciclatide --regions organs.nii.gz \\\n"
        "    --segment fixed:3 --components --min-volume-ml 0.5 --background muscle \\\n"
        "    --filter gaussian:4 --out result\n"
        "rgdquant quantify pet-folder --tracer 18F-fluciclatide --regions labels.nii.gz \\\n"
        "    --pvc rbv --psf-mm 6 --out result\n"
        "rgdquant quantify pet-folder --tracer 18F-fluciclatide --regions labels.nii.gz \\\n"
        "    --out result --explain",
    .cites = cites,
    .opts = rows,
    .n_opts = RGQ_ROWS(rows),
    .opts_size = sizeof(quantify_opts),
    .run = run,
};

rgq_status rgq_quantify_words_check(int argc, char **argv, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_context context = {0};
    quantify_opts o = {.scan_path = NULL};
    rgq_quantify_opts job;
    char tracers[RGQ_PATH_MAX];

    RGQ_TRY(err, rgq_context_init(&context, "quantify", argc, argv, err));
    context.shared.quiet = true;
    RGQ_TRY(err, rgq_opt_parse(&rgq_cmd_quantify, argc, argv, &o, &context, err));
    RGQ_TRY(err, rgq_context_data_path(tracers, sizeof tracers, &context, "tracers", err));
    RGQ_TRY(err, rgq_segment_words_check(&o.words.words, err));
    RGQ_TRY(err, resolve(&job, &o, &context, err));
    job.tracers = tracers;
    RGQ_TRY(err, rgq_quantify_check(&job, err));
out:
    rgq_context_release(&context);
    return st;
}
