/* What is decided before the scan is read. */
#include "pipeline/job.h"

#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"

static void hear(void *user, rgq_level level, const char *text)
{
    rgq_job *job = user;

    if (level == RGQ_LEVEL_WARNING && job->warnings != NULL)
        (void)!rgq_json_set_text(job->warnings, NULL, text, NULL);
    if (job->listener != NULL && job->listener->sink != NULL)
        job->listener->sink(job->listener->user, level, text);
}

static void pass_progress(void *user, const char *task, double fraction)
{
    const rgq_job *job = user;
    rgq_log_progress(job->listener, task, fraction);
}

void rgq_job_release(rgq_job *job)
{
    rgq_outdir_abandon(&job->folder);
    rgq_json_free(job->warnings);
    rgq_json_free(job->options);
    rgq_json_free(job->surrogate);
    rgq_record_free(job->record);
    rgq_scan_release(&job->scan);
    rgq_volume_free(job->volume);
    rgq_regions_free(job->regions);
    rgq_regions_free(job->backgrounds);
    rgq_table_free(job->measures);
    rgq_free(job->noise);
    rgq_table_free(job->terms);
    rgq_psf_file_release(&job->psf);
    rgq_targets_free(job->targets);
}

/* ---- options ---- */

static rgq_status need(const char *value, const char *what, rgq_error *err)
{
    if (value != NULL && value[0] != '\0')
        return RGQ_OK;
    return RGQ_RAISE(err, RGQ_E_ARGUMENT, "%s", what);
}

/* Is anything said of the way to find regions? */
static bool asks_for_segments(const rgq_quantify_opts *o)
{
    const rgq_segment_opts *s = &o->segmenting;

    return s->has_seed || o->within != NULL || o->exclude != NULL ||
           s->exclude_margin_mm > 0.0 || s->components || s->min_volume_ml > 0.0 ||
           s->open_mm > 0.0 || s->close_mm > 0.0 || s->smooth_mm > 0.0 || s->fill_holes ||
           s->erode_mm > 0.0 || s->dilate_mm > 0.0 || s->split_depth > 0.0;
}

static rgq_status check_words(const rgq_quantify_opts *o, rgq_error *err)
{
    RGQ_PASS(err, need(o->scan, "a scan is needed: a DICOM folder or a NIfTI file", err));
    RGQ_PASS(err, need(o->out, "a folder for the results is needed: --out DIR", err));
    RGQ_PASS(err, need(o->tracers, "the folder of the tracer files is needed", err));
    RGQ_PASS(err, need(o->tracer, "the tracer is needed: --tracer ID", err));
    if (o->regions == NULL && o->segment == NULL)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "nothing says what to measure; give --regions LABELS.nii.gz, or "
                         "--segment SPEC to find regions");
    if (o->segment == NULL && asks_for_segments(o))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "--seed-mm, --within, --exclude, --components, --min-volume-ml and "
                         "what changes a mask (--open-mm to --split) belong to --segment SPEC, "
                         "which is not there");
    if (o->pvc == NULL && o->correcting.iterations > 0)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "--pvc-iterations belongs to --pvc METHOD, which is not there");
    if (o->frame < 0)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "frame %d; frames count from 0", o->frame);
    return RGQ_OK;
}

static rgq_status check_filter(const rgq_job *job, rgq_error *err)
{
    const rgq_quantify_opts *o = job->opts;
    rgq_filter_spec spec;

    RGQ_PASS(err, rgq_filter_check(o->filter, &job->filtering, err));
    RGQ_PASS(err, rgq_filter_parse(&spec, o->filter, err));
    if (spec.kind == RGQ_FILTER_LOG)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "--filter %.40s gives curvatures, which are no uptake; 'rgdquant "
                         "filter' writes them and 'rgdquant measure' measures them",
                         o->filter);
    return RGQ_OK;
}

/* The PSF of the scan, from whichever option; `*given` tells whether there is one. */
static rgq_status take_psf(bool *given, rgq_job *job, rgq_error *err)
{
    const rgq_quantify_opts *o = job->opts;
    const double *fwhm_mm = o->correcting.psf.fwhm_mm;
    const bool width = fwhm_mm[0] + fwhm_mm[1] + fwhm_mm[2] > 0.0;

    *given = width || o->psf_file != NULL;
    job->pvc = o->correcting;
    if (width && o->psf_file != NULL)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "--psf-mm and --psf-file were both given; the width of the scanner's "
                         "PSF is needed once");
    if (o->psf_file == NULL)
        return RGQ_OK;
    RGQ_PASS(err, rgq_psf_read(&job->psf, o->psf_file, &job->log, err));
    job->pvc.psf = job->psf.psf;
    return RGQ_OK;
}

static bool matches(const char *filter)
{
    rgq_filter_spec spec;

    return filter != NULL && rgq_filter_parse(&spec, filter, NULL) == RGQ_OK &&
           spec.kind == RGQ_FILTER_MATCH;
}

/* PSF, and method of the correction, before the scan is read. */
static rgq_status prepare_pvc(rgq_job *job, rgq_error *err)
{
    const rgq_quantify_opts *o = job->opts;
    const bool match = matches(o->filter);
    bool given = false;

    (void)snprintf(job->partial_volume, sizeof job->partial_volume, "not corrected");
    job->filtering = o->filtering;
    RGQ_PASS(err, take_psf(&given, job, err));
    if (given && o->pvc == NULL && o->segment == NULL && !match)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "--psf-mm and --psf-file belong to --pvc METHOD, --segment SPEC or "
                         "--filter match:FWHM, which are not there");
    if (given && match && job->pvc.psf.image != NULL)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "--filter %s needs the widths of the PSF, and --psf-file is the image "
                         "of a kernel; give a psf.json or --psf-mm",
                         o->filter);
    for (int i = 0; given && match && i < 3; i++)
        job->filtering.psf_fwhm_mm[i] = job->pvc.psf.fwhm_mm[i];
    if (o->pvc == NULL)
        return RGQ_OK;
    RGQ_PASS(err, rgq_correction_parse(&job->pvc.method, &job->pvc.then, o->pvc, err));
    if (!given)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "--pvc %s: there is no PSF; the width of the scanner's PSF is needed: "
                         "--psf-mm F, or --psf-file FILE",
                         o->pvc);
    return rgq_pvc_check(&job->pvc, err);
}

/* A slip of the pen is found before a large scan is read. */
static rgq_status check_specs(rgq_job *job, rgq_error *err)
{
    const rgq_quantify_opts *o = job->opts;
    rgq_unit unit;

    if (o->unit != NULL)
        RGQ_PASS(err, rgq_unit_parse(&unit, o->unit, err));
    if (o->background != NULL)
        RGQ_PASS(err, rgq_background_parse(&job->divisor, o->background, err));
    if (o->filter != NULL)
        RGQ_PASS(err, check_filter(job, err));
    return o->segment != NULL ? rgq_segment_check(o->segment, err) : RGQ_OK;
}

bool rgq_job_keeps(const rgq_job *job, const char *stage)
{
    const size_t length = strlen(stage);

    for (const char *at = job->opts->keep; at != NULL; at = strchr(at, ',')) {
        at += *at == ',' ? 1 : 0;
        if (strncmp(at, stage, length) == 0 && (at[length] == ',' || at[length] == '\0'))
            return true;
    }
    return false;
}

/* ---- the chain ---- */

static const char *origin_of(const rgq_job *job, const char *option)
{
    const rgq_json *entry = rgq_json_get(job->options, option);
    return rgq_json_text(rgq_json_get(entry, "origin"), "as called");
}

static void add_parameter(rgq_stage *stage, const char *value, const char *origin)
{
    const size_t used = strlen(stage->parameter);
    (void)snprintf(stage->parameter + used, sizeof stage->parameter - used, "%s%.90s (%s)",
                   used > 0 ? "; " : "", value, origin);
}

static void add_scan_stages(rgq_job *job)
{
    const rgq_quantify_opts *o = job->opts;
    rgq_stage scan = {.name = "scan",
                      .takes = {RGQ_KIND_FILES},
                      .takes_unit = RGQ_UNIT_ANY,
                      .gives = RGQ_KIND_SCAN,
                      .gives_unit = RGQ_UNIT_ANY,
                      .cite = ""};
    rgq_stage calibrate = {.name = "calibrate",
                           .takes = {RGQ_KIND_SCAN},
                           .takes_unit = RGQ_UNIT_ANY,
                           .gives = RGQ_KIND_VOLUME,
                           .gives_unit = RGQ_UNIT_ANY,
                           .cite = "IBSISUV2026"};
    char words[64];
    rgq_unit unit;

    (void)snprintf(words, sizeof words, "frame %d", o->frame);
    add_parameter(&scan, words, origin_of(job, "frame"));
    rgq_chain_add(&job->chain, &scan);
    if (o->unit != NULL && rgq_unit_parse(&unit, o->unit, NULL) == RGQ_OK) {
        calibrate.gives_unit = (int)unit;
        add_parameter(&calibrate, rgq_unit_name(unit), origin_of(job, "unit"));
    } else {
        add_parameter(&calibrate, "SUVbw, else Bq/mL, else native", origin_of(job, "unit"));
    }
    rgq_chain_add(&job->chain, &calibrate);
    if (o->filter == NULL)
        return;
    rgq_stage filter = {.name = "filter",
                        .takes = {RGQ_KIND_VOLUME},
                        .takes_unit = RGQ_UNIT_ANY,
                        .gives = RGQ_KIND_VOLUME,
                        .gives_unit = RGQ_UNIT_SAME,
                        .cite = ""};
    add_parameter(&filter, o->filter, origin_of(job, "filter"));
    (void)snprintf(words, sizeof words, "border %s", rgq_border_name(o->filtering.border));
    add_parameter(&filter, words, origin_of(job, "border"));
    (void)snprintf(words, sizeof words, "path %s", rgq_conv_path_name(o->filtering.path));
    add_parameter(&filter, words, origin_of(job, "path"));
    rgq_chain_add(&job->chain, &filter);
}

static void add_given_regions(rgq_job *job)
{
    rgq_stage regions = {.name = "regions",
                         .takes = {RGQ_KIND_FILES},
                         .takes_unit = RGQ_UNIT_ANY,
                         .gives = RGQ_KIND_REGIONS,
                         .gives_unit = RGQ_UNIT_ANY,
                         .cite = ""};

    if (job->opts->regions == NULL)
        return;
    add_parameter(&regions, "a file", origin_of(job, "regions"));
    rgq_chain_add(&job->chain, &regions);
}

static void add_pvc(rgq_job *job)
{
    const rgq_pvc_opts *o = &job->pvc;
    const bool needed = rgq_pvc_needs_regions(o->method);
    rgq_stage pvc = {.name = "pvc",
                     .takes = {RGQ_KIND_VOLUME, needed ? RGQ_KIND_REGIONS : RGQ_KIND_NOTHING},
                     .takes_unit = RGQ_UNIT_ANY,
                     .gives = RGQ_KIND_VOLUME,
                     .gives_unit = RGQ_UNIT_SAME,
                     .cite = rgq_pvc_cite(o->method),
                     .remedy = "give --regions LABELS, or take --pvc rl or vc"};
    char words[96];

    if (job->opts->pvc == NULL)
        return;
    add_parameter(&pvc, rgq_pvc_words(words, o), origin_of(job, "pvc"));
    if (o->psf.image != NULL) {
        add_parameter(&pvc, "PSF a measured kernel", origin_of(job, "psf-file"));
    } else {
        (void)snprintf(words, sizeof words, "PSF %g x %g x %g mm FWHM%s", o->psf.fwhm_mm[0],
                       o->psf.fwhm_mm[1], o->psf.fwhm_mm[2],
                       job->opts->filter != NULL ? " before the filter" : "");
        add_parameter(&pvc, words,
                      origin_of(job, job->opts->psf_file != NULL ? "psf-file" : "psf-mm"));
    }
    if (o->iterations > 0) {
        (void)snprintf(words, sizeof words, "%d iterations", o->iterations);
        add_parameter(&pvc, words, origin_of(job, "pvc-iterations"));
    }
    (void)snprintf(words, sizeof words, "border %s", rgq_border_name(o->border));
    add_parameter(&pvc, words, origin_of(job, "border"));
    rgq_chain_add(&job->chain, &pvc);
}

static void add_segment(rgq_job *job)
{
    const rgq_quantify_opts *o = job->opts;
    rgq_stage segment = {.name = "segment",
                         .takes = {RGQ_KIND_VOLUME},
                         .takes_unit = RGQ_UNIT_ANY,
                         .gives = RGQ_KIND_REGIONS,
                         .gives_unit = RGQ_UNIT_ANY,
                         .cite = ""};
    const rgq_segment_opts *how = &o->segmenting;
    const struct {
        const char *option;
        double mm;
    } change[] = {{"exclude-margin-mm", how->exclude_margin_mm},
                  {"open-mm", how->open_mm},
                  {"close-mm", how->close_mm},
                  {"smooth-mm", how->smooth_mm},
                  {"erode-mm", how->erode_mm},
                  {"dilate-mm", how->dilate_mm}};
    char words[96];

    if (o->segment == NULL)
        return;
    add_parameter(&segment, o->segment, origin_of(job, "segment"));
    if (how->has_seed) {
        (void)snprintf(words, sizeof words, "seed %g,%g,%g mm", how->seed_mm[0],
                       how->seed_mm[1], how->seed_mm[2]);
        add_parameter(&segment, words, origin_of(job, "seed-mm"));
    }
    if (o->within != NULL)
        add_parameter(&segment, "within a mask", origin_of(job, "within"));
    if (o->exclude != NULL)
        add_parameter(&segment, "without a mask", origin_of(job, "exclude"));
    for (size_t i = 0; i < sizeof change / sizeof change[0]; i++)
        if (change[i].mm > 0.0) {
            (void)snprintf(words, sizeof words, "%s %g mm", change[i].option, change[i].mm);
            add_parameter(&segment, words, origin_of(job, change[i].option));
        }
    if (how->fill_holes)
        add_parameter(&segment, "holes filled", origin_of(job, "fill-holes"));
    if (how->components)
        add_parameter(&segment, "each component", origin_of(job, "components"));
    (void)snprintf(words, sizeof words, "at least %g mL", how->min_volume_ml);
    add_parameter(&segment, words, origin_of(job, "min-volume-ml"));
    rgq_chain_add(&job->chain, &segment);
}

static void add_result_stages(rgq_job *job)
{
    const rgq_quantify_opts *o = job->opts;
    rgq_stage measure = {.name = "measure",
                         .takes = {RGQ_KIND_VOLUME, RGQ_KIND_REGIONS},
                         .takes_unit = RGQ_UNIT_ANY,
                         .gives = RGQ_KIND_MEASURES,
                         .gives_unit = RGQ_UNIT_ANY,
                         .cite = "Hyndman1996 Wahl2009",
                         .remedy = "give --regions LABELS or --segment SPEC"};
    rgq_stage surrogate = {.name = "surrogate",
                           .takes = {RGQ_KIND_MEASURES},
                           .takes_unit = RGQ_UNIT_ANY,
                           .gives = RGQ_KIND_SURROGATE,
                           .gives_unit = RGQ_UNIT_ANY,
                           .cite = ""};
    rgq_stage report = {.name = "report",
                        .takes = {RGQ_KIND_VOLUME, RGQ_KIND_MEASURES, RGQ_KIND_SURROGATE},
                        .takes_unit = RGQ_UNIT_ANY,
                        .gives = RGQ_KIND_FOLDER,
                        .gives_unit = RGQ_UNIT_ANY,
                        .cite = ""};
    char words[160];

    if (o->background != NULL)
        (void)snprintf(words, sizeof words, "background %s", o->background);
    else if (job->tracer.reference_tissue[0] != '\0')
        (void)snprintf(words, sizeof words, "background %s, if there is such a region",
                       job->tracer.reference_tissue);
    else
        (void)snprintf(words, sizeof words, "background none");
    add_parameter(&measure, words,
                  o->background != NULL ? origin_of(job, "background") : "tracer file");
    (void)snprintf(words, sizeof words, "confidence %g", o->confidence);
    add_parameter(&measure, words, origin_of(job, "confidence"));
    rgq_chain_add(&job->chain, &measure);
    add_parameter(&surrogate, job->tracer.id, origin_of(job, "tracer"));
    if (o->pvc != NULL)
        add_parameter(&surrogate, "partial volume corrected", "step pvc");
    else
        add_parameter(&surrogate, "partial volume not corrected", "no such step");
    if (o->tissue != NULL)
        add_parameter(&surrogate, o->tissue, origin_of(job, "tissue"));
    if (o->drug != NULL)
        add_parameter(&surrogate, o->drug, origin_of(job, "drug"));
    if (o->uptake_model != NULL)
        add_parameter(&surrogate, "calibrated by a model", origin_of(job, "calibration"));
    rgq_chain_add(&job->chain, &surrogate);
    rgq_chain_add(&job->chain, &report);
}

/* Only what gives a volume can be kept. */
static rgq_status check_keep(rgq_job *job, rgq_error *err)
{
    char name[32];

    for (const char *at = job->opts->keep; at != NULL; at = strchr(at, ',')) {
        at += *at == ',' ? 1 : 0;
        const size_t length = strcspn(at, ",");
        (void)snprintf(name, sizeof name, "%.*s", length < 24 ? (int)length : 24, at);
        const rgq_stage *stage = rgq_chain_find(&job->chain, name);
        if (stage != NULL && stage->gives == RGQ_KIND_VOLUME)
            continue;
        if (strcmp(name, "filter") == 0)
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "--keep filter, but nothing is filtered; add --filter SPEC");
        if (strcmp(name, "pvc") == 0)
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "--keep pvc, but nothing is corrected; add --pvc METHOD");
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "--keep %s: steps that give a volume are 'calibrate', 'filter' and "
                         "'pvc'",
                         name);
    }
    return RGQ_OK;
}

rgq_status rgq_job_prepare(rgq_job *job, const rgq_quantify_opts *opts, const rgq_log *log,
                           rgq_error *err)
{
    job->opts = opts;
    job->listener = log;
    job->log = (rgq_log){hear, pass_progress, job};
    job->uptake_min = (double)NAN;
    RGQ_PASS(err, check_words(opts, err));
    RGQ_PASS(err, rgq_json_array(&job->warnings, err));
    if (opts->options_json != NULL)
        RGQ_PASS(err, rgq_json_parse(&job->options, opts->options_json,
                                     strlen(opts->options_json), "the options", err));
    RGQ_PASS(err, prepare_pvc(job, err));
    RGQ_PASS(err, check_specs(job, err));
    RGQ_PASS(err, rgq_tracer_find(&job->tracer, opts->tracers, opts->tracer, err));
    if (job->tracer.nuclide[0] == '\0')
        return RGQ_RAISE(
            err, RGQ_E_ARGUMENT,
            "%s is a ligand without a published radionuclide, so no scan can be of "
            "it; needed is a tracer with a label (rgdquant tracer list)",
            job->tracer.id);
    RGQ_PASS(err, rgq_job_knowledge(job, err));
    add_scan_stages(job);
    add_given_regions(job);
    add_pvc(job);
    add_segment(job);
    add_result_stages(job);
    RGQ_PASS(err, rgq_chain_check(&job->chain, err));
    return check_keep(job, err);
}
