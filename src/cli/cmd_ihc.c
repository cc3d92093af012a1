/* rgdquant ihc SLIDE --out DIR */
#include <math.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/ihc_results.h"
#include "cli/ihc_words.h"
#include "cli/results.h"
#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "rgdquant/slide_file.h"

/* Everything that is held while a slide is measured. */
typedef struct job {
    rgq_context *context;
    const rgq_ihc_words *words;
    rgq_ihc_opts opts;
    rgq_ihc_overlay overlay;
    rgq_slide *slide;
    rgq_slide_regions *regions;
    rgq_ihc_report report;
    rgq_table *table;
    rgq_outdir out;
} job;

/* A picture of at most `side` pixels, and at most the slide's. */
static rgq_status make_overlay(job *j, int side, rgq_error *err)
{
    const rgq_ihc_source *source = rgq_slide_source(j->slide);
    const double longer =
        (double)(source->width > source->height ? source->width : source->height);
    const double scale = longer > side ? side / longer : 1.0;
    const int width = (int)floor((double)source->width * scale);
    const int height = (int)floor((double)source->height * scale);

    j->overlay.width = width > 1 ? width : 1;
    j->overlay.height = height > 1 ? height : 1;
    RGQ_PASS(err, rgq_alloc(&j->overlay.rgb,
                            3 * (size_t)j->overlay.width * (size_t)j->overlay.height, 1, err));
    j->opts.overlay = &j->overlay;
    return RGQ_OK;
}

static rgq_status open_inputs(job *j, rgq_error *err)
{
    const rgq_ihc_words *w = j->words;
    const rgq_slide_opts how = {.mpp_um = w->mpp_um, .pixel_um = w->pixel_um, .page = w->page};
    const rgq_log *log = &j->context->log;

    const rgq_status st = rgq_slide_open(&j->slide, w->slide, &how, log, err);
    if (st == RGQ_E_ARGUMENT)
        j->context->exit_code = 2;
    RGQ_PASS(err, st);
    const rgq_slide_info info = rgq_slide_get_info(j->slide);
    const rgq_ihc_source *source = rgq_slide_source(j->slide);
    RGQ_INFO(log, "%s: %lld x %lld pixels; worked on %lld x %lld", info.format,
             (long long)info.full_width, (long long)info.full_height, (long long)source->width,
             (long long)source->height);
    if (w->regions != NULL)
        RGQ_PASS(err, rgq_slide_regions_read(&j->regions, w->regions, j->slide, log, err));
    return make_overlay(j, w->overlay_side, err);
}

static rgq_status measure(job *j, rgq_error *err)
{
    rgq_ihc_regions regions = {.count = 0};

    if (j->regions != NULL)
        regions.region = rgq_slide_regions_get(j->regions, &regions.count);
    const rgq_status st = rgq_ihc_measure(&j->table, &j->report, rgq_slide_source(j->slide),
                                          &regions, &j->opts, &j->context->log, err);
    if (st != RGQ_OK)
        rgq_error_prefix(err, "%s: ", j->words->slide);
    return st;
}

static rgq_status cite(rgq_record *record, const job *j, rgq_error *err)
{
    RGQ_PASS(err, rgq_record_cite(record, "Ruifrok2001", err));
    if (j->opts.macenko)
        RGQ_PASS(err, rgq_record_cite(record, "Macenko2009", err));
    if (j->opts.positive == RGQ_IHC_POSITIVE_OTSU)
        RGQ_PASS(err, rgq_record_cite(record, "Otsu1979", err));
    return RGQ_OK;
}

static rgq_status write_record(const job *j, const rgq_json *json, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const rgq_ihc_words *w = j->words;
    const rgq_context *context = j->context;
    rgq_record *record = NULL;
    rgq_json *step = NULL;
    char path[RGQ_PATH_MAX];
    const rgq_run run = {
        .command = "ihc",
        .out = w->out,
        .more = {{w->slide, "slide"},
                 {w->regions, "regions"},
                 {rgq_ihc_stain_is_file(w->stain) ? w->stain : NULL, "stain vectors"}}};
    const rgq_record_source source = {.argc = context->argc,
                                      .argv = context->argv,
                                      .options = context->options,
                                      .warnings = context->warnings,
                                      .began_s = context->began_s};

    RGQ_TRY(err, rgq_run_record(&record, context, &run, err));
    RGQ_TRY(err, rgq_record_step(&step, record, "ihc", err));
    RGQ_TRY(err, rgq_json_set_copy(step, "measured_with", json, err));
    RGQ_TRY(err, cite(record, j, err));
    RGQ_TRY(err, rgq_record_close(record, &source, err));
    RGQ_TRY(err, rgq_path_join(path, j->out.temp, "run.json", err));
    RGQ_TRY(err, rgq_record_write(record, path, false, err));
out:
    rgq_record_free(record);
    return st;
}

/* {"rows": [...], "slide": ..., ...} */
static rgq_status print_json(const job *j, rgq_json *json, rgq_error *err)
{
    rgq_json *rows = NULL;

    RGQ_PASS(err, rgq_json_add_array(&rows, json, "rows", err));
    RGQ_PASS(err, rgq_table_rows(rows, j->table, err));
    return rgq_context_print(j->context, json, err);
}

static rgq_status write_all(job *j, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *json = NULL;
    const rgq_ihc_results results = {j->table, &j->report, &j->opts, j->slide};

    RGQ_TRY(err, rgq_ihc_results_json(&json, &results, err));
    RGQ_TRY(err, rgq_ihc_results_write(j->out.temp, &results, json, err));
    RGQ_TRY(err, write_record(j, json, err));
    RGQ_TRY(err, rgq_outdir_commit(&j->out, err));
    if (j->context->shared.json)
        RGQ_TRY(err, print_json(j, json, err));
    else
        rgq_table_print(j->table, j->context->out);
out:
    rgq_json_free(json);
    return st;
}

static rgq_status run_job(job *j, rgq_error *err)
{
    RGQ_PASS(err, rgq_context_word(j->context, rgq_ihc_words_parse(&j->opts, j->words, err)));
    RGQ_PASS(err, rgq_outdir_begin(&j->out, j->words->out, j->context->shared.force, err));
    RGQ_PASS(err, open_inputs(j, err));
    RGQ_PASS(err, measure(j, err));
    return write_all(j, err);
}

static rgq_status run(rgq_context *context, const void *opts, rgq_error *err)
{
    job *j = NULL;

    RGQ_PASS(err, rgq_alloc(&j, 1, sizeof *j, err));
    j->context = context;
    j->words = opts;
    const rgq_status st = run_job(j, err);
    rgq_outdir_abandon(&j->out);
    rgq_table_free(j->table);
    rgq_slide_regions_free(j->regions);
    rgq_slide_close(j->slide);
    rgq_free(j->overlay.rgb);
    rgq_free(j);
    return st;
}

static const char *const cites[] = {"Harvey1999",  "Macenko2009", "Otsu1979", "Remmele1987",
                                    "Ruifrok2001", "Weidner1991", NULL};

const rgq_command rgq_cmd_ihc = {
    .name = "ihc",
    .group = "Regions and measures",
    .summary = "stain of an immunohistochemistry slide, as a table",
    .description =
        "One row a region, or one for the slide: tissue and positive fraction, mean and\n"
        "integrated DAB, weak, moderate and strong with the H-score of pixels, nuclei with\n"
        "their H-score, vessels per mm2. overlay.png shows what was counted as what: look at "
        "it.\n"
        "\n"
        "Optical density is to base 10, OD = -log10(I / I0); the stains are the OD times the\n"
        "inverse of the vectors, clipped at 0. I0 is 255 in a field of view (up to 4.2 "
        "Mpixel)\n"
        "and measured on the background of a slide; --white says otherwise. Vectors: those of\n"
        "Ruifrok and Johnston, a file {\"stains\": [{\"name\": \"hematoxylin\", \"od\": [r, g, "
        "b]},\n"
        "{\"name\": \"dab\", \"od\": [...]}]}, or the slide's own with --macenko.\n"
        "\n"
        "Tissue is made of blocks of about 8 um with a mean OD of --tissue-od. Nuclei are "
        "maxima\n"
        "of the Laplacian of Gaussian of hematoxylin, vessels connected stained objects: "
        "vessels\n"
        "where the stain is one of endothelium.\n"
        "\n"
        "Slides are read piece by piece: memory does not grow with them. At --mpp, pixels are\n"
        "means over the area they cover, from the nearest finer level of the file. Areas,\n"
        "nuclei and vessels need the size of a pixel; where the file does not say it, give\n"
        "--pixel-um.\n"
        "\n"
        "Regions of QuPath are annotations with an area (holes left out); cells, detections\n"
        "and tiles are not taken. A mask gives one region for each grey value above 0.",
    .examples = "rgdquant ihc slide.svs --out ihc --mpp 0.5\n"
                "rgdquant ihc slide.tif --out ihc --regions tumour.geojson --thresholds "
                "0.15,0.3,0.5\n"
                "rgdquant ihc field.png --out ihc --stain h-e-dab --normalise-vectors no "
                "--positive otsu --pixel-um 0.46",
    .cites = cites,
    .opts = rgq_ihc_rows,
    .n_opts = RGQ_IHC_N_ROWS,
    .opts_size = sizeof(rgq_ihc_words),
    .run = run,
};
