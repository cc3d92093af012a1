/* rgdquant phantom list | show ID | make ID OUT | analyse SCAN */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/phantom_analyse.h"
#include "cli/phantom_files.h"
#include "core/alloc.h"
#include "core/banned.h"
#include "core/parse.h"
#include "core/text.h"

typedef struct phantom_opts {
    const char *action;
    const char *id;
    const char *out;
    rgq_reals voxel_mm;
    rgq_reals psf_mm;
    double noise;
    int seed;
    const char *edges;
    const char *tracer;
    double activity_mbq;
    const char *format;
    rgq_phantom_analyse_words analyse;
} phantom_opts;

static const rgq_opt rows[] = {
    RGQ_ARGUMENT(phantom_opts, action, "ACTION", NULL, "list, show, make or analyse"),
    RGQ_ARGUMENT(phantom_opts, id, "ID", "",
                 "show, make: the phantom, e.g. rgd-torso; analyse: the scan"),
    RGQ_ARGUMENT(phantom_opts, out, "OUT", "",
                 "make: NIfTI file (.nii.gz, .nii), or a folder with --format dicom"),
    RGQ_REALS(phantom_opts, voxel_mm, "voxel-mm", "mm", "", 0.1, 100, 1, 3,
              "size of a voxel: one number, or x,y,z; default: the phantom's own"),
    RGQ_REALS(phantom_opts, psf_mm, "psf-mm", "mm", "", 0, 100, 1, 3,
              "blur: full width at half maximum, one number or x,y,z; default: none"),
    RGQ_REAL(phantom_opts, noise, "noise", "%", "0", 0, 100,
             "noise like Poisson's: coefficient of variation of a background voxel"),
    RGQ_INT(phantom_opts, seed, "seed", NULL, "1", 0, 2147483647, "start of the noise"),
    RGQ_CHOICE(phantom_opts, edges, "edges", "binary", "binary|fractional",
               "a voxel belongs by its centre, or by the part of it that is inside"),
    RGQ_TEXT(phantom_opts, tracer, "tracer", "ID", "",
             "whose uptake values to take; default: the first set of the file"),
    RGQ_REAL(phantom_opts, activity_mbq, "activity-mbq", "MBq", "", 1e-3, 1e6,
             "injected activity; default: the phantom's own"),
    RGQ_CHOICE(phantom_opts, format, "format", "nifti", "nifti|dicom",
               "NIfTI with a BIDS side file, or a DICOM PET series"),
    RGQ_TEXT(phantom_opts, analyse.phantom, "phantom", "ID", "", "analyse: what was scanned"),
    RGQ_TEXT(phantom_opts, analyse.out, "out", "DIR", "", "analyse: folder for the results"),
    RGQ_REAL(phantom_opts, analyse.sphere_bqml, "sphere-bqml", "Bq/mL", "", 0, 1e12,
             "analyse: true concentration in the spheres, or rods"),
    RGQ_REAL(phantom_opts, analyse.background_bqml, "background-bqml", "Bq/mL", "", 0, 1e12,
             "analyse: true concentration in the rest; of a cylinder: in it"),
    RGQ_REAL(phantom_opts, analyse.ratio, "ratio", NULL, "", 1e-6, 1e6,
             "analyse: spheres over background, instead of one of the two"),
    RGQ_TIME(phantom_opts, analyse.activity_time, "activity-time",
             "analyse: when the concentrations were true; default: the time the values of the "
             "scan refer to"),
    RGQ_REAL(phantom_opts, analyse.half_life_s, "half-life-s", "s", "", 1e-3, 1e12,
             "analyse: physical half-life, instead of the file's"),
    RGQ_REAL(
        phantom_opts, analyse.wall_mm, "wall-mm", "mm", "", 0, 10,
        "analyse: thickness of the cold wall of the spheres; default: the phantom's, 0 for "
        "scans that make wrote"),
    RGQ_CHOICE(phantom_opts, analyse.sampled, "voxels", "", "box|point",
               "analyse: a voxel holds the mean over its box, or the value at its centre; "
               "default box, point for scans that make wrote with binary edges"),
    RGQ_REALS(phantom_opts, analyse.place, "place", "mm", "", -10000, 10000, 4, 4,
              "analyse: X,Y,Z of the phantom's origin (RAS+) and its angle in degrees, instead "
              "of looking for it"),
    RGQ_FLAG(phantom_opts, analyse.mirrored, "mirrored",
             "analyse: with --place, the spheres run the other way round"),
    RGQ_INT(phantom_opts, analyse.frame, "frame", "N", "0", 0, RGQ_FRAMES_MAX - 1,
            "analyse: frame, counted from 0"),
    RGQ_CHOICE(phantom_opts, analyse.units, "units", "", "bqml|kbqml|counts|gml|cm2ml",
               "analyse: unit of the values, where the file names none or a wrong one"),
    RGQ_TEXT(phantom_opts, analyse.side_file, "side-file", "FILE.json", "",
             "analyse: BIDS PET side file, instead of the one beside the image"),
    RGQ_TEXT(phantom_opts, analyse.series, "series", "UID", "",
             "analyse: which DICOM series, where the folder holds several"),
    RGQ_TIME(phantom_opts, analyse.date, "date",
             "analyse: when the scan was made, for calibration.json; default: the file's"),
};

/* ---- list ---- */

static int count_regions(const rgq_phantom *p)
{
    int n = 0;
    for (int i = 0; i < rgq_phantom_n_objects(p); i++)
        n += rgq_phantom_object_at(p, i)->label > 0 ? 1 : 0;
    return n;
}

static rgq_status list_row(rgq_text *table, rgq_json *array, const rgq_phantom *p,
                           rgq_error *err)
{
    rgq_json *row = NULL;
    rgq_json *sets = NULL;

    RGQ_PASS(err, rgq_json_add_object(&row, array, NULL, err));
    RGQ_PASS(err, rgq_json_set_text(row, "id", rgq_phantom_id(p), err));
    RGQ_PASS(err, rgq_json_set_int(row, "regions", count_regions(p), err));
    RGQ_PASS(err, rgq_json_add_array(&sets, row, "tracers", err));
    rgq_text_printf(table, "%s\t%d\t", rgq_phantom_id(p), count_regions(p));
    for (int a = 0; a < rgq_phantom_n_activities(p); a++) {
        const char *id = rgq_phantom_activity_at(p, a)->id;
        rgq_text_printf(table, "%s%s", a > 0 ? "," : "", id);
        RGQ_PASS(err, rgq_json_set_text(sets, NULL, id, err));
    }
    rgq_text_printf(table, "\t%s\n", rgq_phantom_title(p));
    return rgq_json_set_text(row, "title", rgq_phantom_title(p), err);
}

static rgq_status list_phantoms(rgq_context *context, const char *folder, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_phantom_ids *ids = NULL;
    rgq_phantom *p = NULL;
    rgq_json *array = NULL;
    rgq_text table = RGQ_TEXT_INIT;

    RGQ_TRY(err, rgq_alloc(&ids, 1, sizeof *ids, err));
    RGQ_TRY(err, rgq_json_array(&array, err));
    RGQ_TRY(err, rgq_phantom_list(ids, folder, err));
    rgq_text_printf(&table, "id\tregions\ttracers\ttitle\n");
    for (int i = 0; i < ids->count; i++) {
        RGQ_TRY(err, rgq_phantom_find(&p, folder, ids->id[i], err));
        RGQ_TRY(err, list_row(&table, array, p, err));
        rgq_phantom_free(p);
        p = NULL;
    }
    RGQ_TRY(err, rgq_text_check(&table, err));
    if (context->shared.json)
        RGQ_TRY(err, rgq_context_print(context, array, err));
    else
        fputs(table.data, context->out);
out:
    rgq_phantom_free(p);
    rgq_text_release(&table);
    rgq_json_free(array);
    rgq_free(ids);
    return st;
}

/* ---- show ---- */

static rgq_status json_set(rgq_json *array, const rgq_phantom *p, int a, rgq_error *err)
{
    const rgq_phantom_activity *set = rgq_phantom_activity_at(p, a);
    rgq_json *node = NULL;
    rgq_json *values = NULL;

    RGQ_PASS(err, rgq_json_add_object(&node, array, NULL, err));
    RGQ_PASS(err, rgq_json_set_text(node, "id", set->id, err));
    RGQ_PASS(err, rgq_json_set_text(node, "nuclide", set->nuclide, err));
    RGQ_PASS(err, rgq_json_set_text(node, "modality", set->modality, err));
    RGQ_PASS(err, rgq_json_set_text(node, "status", set->status, err));
    RGQ_PASS(err, rgq_json_set_text(node, "unit", set->is_suv ? "SUVbw" : "Bq/mL", err));
    RGQ_PASS(err, rgq_json_set_real(node, "injected_activity_bq", set->activity_bq, err));
    RGQ_PASS(err, rgq_json_set_real(node, "uptake_time_s", set->uptake_s, err));
    RGQ_PASS(err, rgq_json_set_real(node, "duration_s", set->duration_s, err));
    RGQ_PASS(err, rgq_json_add_object(&values, node, "values", err));
    for (int i = 0; i < rgq_phantom_n_objects(p); i++)
        RGQ_PASS(err, rgq_json_set_real(values, rgq_phantom_object_at(p, i)->name,
                                        rgq_phantom_value(p, a, i), err));
    return RGQ_OK;
}

static rgq_status json_object(rgq_json *array, const rgq_phantom_object *object, rgq_error *err)
{
    rgq_json *node = NULL;

    RGQ_PASS(err, rgq_json_add_object(&node, array, NULL, err));
    RGQ_PASS(err, rgq_json_set_text(node, "name", object->name, err));
    RGQ_PASS(err, rgq_json_set_int(node, "label", object->label, err));
    if (object->host[0] != '\0')
        RGQ_PASS(err, rgq_json_set_text(node, "host", object->host, err));
    RGQ_PASS(err, rgq_json_set_real(node, "diameter_mm", object->diameter_mm, err));
    RGQ_PASS(err, rgq_json_set_reals(node, "centre_mm", object->centre_mm, 3, err));
    return rgq_json_set_real(node, "analytic_volume_ml", object->analytic_volume_ml, err);
}

static rgq_status show_json(rgq_context *context, const rgq_phantom *p, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *root = NULL;
    rgq_json *array = NULL;
    double mm[3];

    RGQ_TRY(err, rgq_json_object(&root, err));
    RGQ_TRY(err, rgq_json_set_text(root, "id", rgq_phantom_id(p), err));
    RGQ_TRY(err, rgq_json_set_text(root, "title", rgq_phantom_title(p), err));
    RGQ_TRY(err, rgq_json_set_text(root, "description", rgq_phantom_description(p), err));
    rgq_phantom_voxel_mm(p, mm);
    RGQ_TRY(err, rgq_json_set_reals(root, "voxel_mm", mm, 3, err));
    rgq_phantom_size_mm(p, mm);
    RGQ_TRY(err, rgq_json_set_reals(root, "size_mm", mm, 3, err));
    RGQ_TRY(err, rgq_json_set_real(root, "weight_kg", rgq_phantom_weight_kg(p), err));
    RGQ_TRY(err, rgq_json_set_real(root, "height_m", rgq_phantom_height_m(p), err));
    RGQ_TRY(err, rgq_json_set_text(root, "background", rgq_phantom_background(p), err));
    RGQ_TRY(err, rgq_json_add_array(&array, root, "objects", err));
    for (int i = 0; i < rgq_phantom_n_objects(p); i++)
        RGQ_TRY(err, json_object(array, rgq_phantom_object_at(p, i), err));
    RGQ_TRY(err, rgq_json_add_array(&array, root, "activities", err));
    for (int a = 0; a < rgq_phantom_n_activities(p); a++)
        RGQ_TRY(err, json_set(array, p, a, err));
    RGQ_TRY(err, rgq_context_print(context, root, err));
out:
    rgq_json_free(root);
    return st;
}

/* Words of `text` in lines of at most 78 bytes, indented by two. */
static void print_wrapped(FILE *to, const char *text)
{
    size_t used = 0;

    while (*text != '\0') {
        const size_t word = strcspn(text, " ");
        if (used > 0 && used + 1 + word > 76) {
            fputc('\n', to);
            used = 0;
        }
        fprintf(to, "%s%.*s", used > 0 ? " " : "  ", (int)word, text);
        used += word + (used > 0 ? 1 : 0);
        text += word;
        text += strspn(text, " ");
    }
    fputc('\n', to);
}

static void show_sets(FILE *to, const rgq_phantom *p)
{
    for (int a = 0; a < rgq_phantom_n_activities(p); a++) {
        const rgq_phantom_activity *set = rgq_phantom_activity_at(p, a);
        fprintf(to, "  %s: %s, %s, %s, scan of %g min", set->id, set->nuclide, set->modality,
                set->is_suv ? "SUVbw" : "Bq/mL", set->duration_s / 60.0);
        if (isfinite(set->activity_bq))
            fprintf(to, " begun %g min after %g MBq", set->uptake_s / 60.0,
                    set->activity_bq / 1e6);
        fprintf(to, " (%s)\n", set->status);
    }
}

static void show_text(FILE *to, const rgq_phantom *p)
{
    char number[RGQ_REAL_TEXT_MAX];
    double voxel[3];
    double size[3];

    rgq_phantom_voxel_mm(p, voxel);
    rgq_phantom_size_mm(p, size);
    fprintf(to, "%s: %s\n", rgq_phantom_id(p), rgq_phantom_title(p));
    print_wrapped(to, rgq_phantom_description(p));
    fprintf(to,
            "\nGrid: %g x %g x %g mm in voxels of %g x %g x %g mm; noise is scaled by '%s'\n",
            size[0], size[1], size[2], voxel[0], voxel[1], voxel[2], rgq_phantom_background(p));
    if (isfinite(rgq_phantom_weight_kg(p)))
        fprintf(to, "Body: %g kg, %g m\n", rgq_phantom_weight_kg(p), rgq_phantom_height_m(p));
    fputs("Activities\n", to);
    show_sets(to, p);
    fputs("\nobject\tlabel\thost\tdiameter_mm", to);
    for (int a = 0; a < rgq_phantom_n_activities(p); a++)
        fprintf(to, "\t%s", rgq_phantom_activity_at(p, a)->id);
    fputc('\n', to);
    for (int i = 0; i < rgq_phantom_n_objects(p); i++) {
        const rgq_phantom_object *object = rgq_phantom_object_at(p, i);
        fprintf(to, "%s\t%d\t%s\t%s", object->name, object->label,
                object->host[0] != '\0' ? object->host : "n/a",
                rgq_format_real(object->diameter_mm, number));
        for (int a = 0; a < rgq_phantom_n_activities(p); a++)
            fprintf(to, "\t%s", rgq_format_real(rgq_phantom_value(p, a, i), number));
        fputc('\n', to);
    }
}

/* ---- make ---- */

/* One number stands for three; two are a mistake. */
static rgq_status three(double out[3], const rgq_reals *reals, const char *option,
                        rgq_context *context, rgq_error *err)
{
    if (reals->count == 2) {
        context->exit_code = 2;
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "--%s has two numbers; give one, or x,y,z",
                         option);
    }
    for (int i = 0; i < 3 && reals->count > 0; i++)
        out[i] = reals->value[reals->count == 1 ? 0 : i];
    return RGQ_OK;
}

static rgq_status check_format(const rgq_phantom *p, const phantom_opts *o, rgq_error *err)
{
    int a = 0;

    RGQ_PASS(err, rgq_phantom_activity_find(&a, p, o->tracer, err));
    const rgq_phantom_activity *set = rgq_phantom_activity_at(p, a);
    if (strcmp(o->format, "dicom") == 0 && strcmp(set->modality, "PET") != 0)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "%s is a %s tracer, and only PET is written as DICOM; take --format "
                         "nifti",
                         set->id, set->modality);
    return RGQ_OK;
}

static void print_truth(FILE *to, const rgq_table *truth)
{
    static const char *const shown[] = {"region",     "label",     "n_voxels",   "volume_ml",
                                        "true_suvbw", "true_bqml", "diameter_mm"};
    enum { N_SHOWN = sizeof shown / sizeof shown[0] };
    char buffer[64];

    for (int k = 0; k < N_SHOWN; k++)
        fprintf(to, "%s%s", k > 0 ? "\t" : "", shown[k]);
    fputc('\n', to);
    for (int r = 0; r < rgq_table_n_rows(truth); r++) {
        for (int k = 0; k < N_SHOWN; k++)
            fprintf(to, "%s%s", k > 0 ? "\t" : "",
                    rgq_table_format(truth, r, rgq_table_find(truth, shown[k]), buffer,
                                     sizeof buffer));
        fputc('\n', to);
    }
}

static rgq_status make_and_write(rgq_context *context, const rgq_phantom_run *run,
                                 const rgq_phantom_files *files, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *record = NULL;

    RGQ_TRY(err, rgq_context_word(context, rgq_phantom_make(run->made, run->phantom, run->opts,
                                                            &context->log, err)));
    RGQ_TRY(err, rgq_phantom_record(&record, run, err));
    RGQ_TRY(err, rgq_phantom_files_write(files, run, record, context->shared.force, err));
    RGQ_INFO(&context->log, "wrote %s, %s and %s", files->scan, files->labels, files->truth);
    if (context->shared.json)
        RGQ_TRY(err, rgq_context_print(context, record, err));
    else
        print_truth(context->out, run->made->truth);
out:
    rgq_json_free(record);
    rgq_phantom_scan_release(run->made);
    return st;
}

/* The half-life comes from the data folder; nothing here knows one. */
static rgq_status find_nuclide(rgq_nuclide *out, const rgq_context *context,
                               const rgq_phantom *p, const char *tracer, rgq_error *err)
{
    char folder[RGQ_PATH_MAX];
    int a = 0;

    RGQ_PASS(err, rgq_phantom_activity_find(&a, p, tracer, err));
    RGQ_PASS(err, rgq_context_data_path(folder, sizeof folder, context, "tracers", err));
    return rgq_nuclide_find(out, folder, rgq_phantom_activity_at(p, a)->nuclide, err);
}

static rgq_status make_phantom(rgq_context *context, const phantom_opts *o, const char *folder,
                               rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_phantom *p = NULL;
    rgq_nuclide *nuclide = NULL;
    rgq_phantom_files *files = NULL;
    rgq_phantom_opts opts = RGQ_PHANTOM_OPTS_INIT;
    rgq_phantom_scan made = {.volume = NULL};

    RGQ_TRY(err, three(opts.voxel_mm, &o->voxel_mm, "voxel-mm", context, err));
    RGQ_TRY(err, three(opts.psf_mm, &o->psf_mm, "psf-mm", context, err));
    RGQ_TRY(err, rgq_alloc(&nuclide, 1, sizeof *nuclide, err));
    RGQ_TRY(err, rgq_alloc(&files, 1, sizeof *files, err));
    RGQ_TRY(err, rgq_context_word(context, rgq_phantom_find(&p, folder, o->id, err)));
    RGQ_TRY(err, rgq_context_word(context, check_format(p, o, err)));
    RGQ_TRY(err, rgq_phantom_files_plan(files, o->out, strcmp(o->format, "dicom") == 0,
                                        context->shared.force, err));
    RGQ_TRY(err, find_nuclide(nuclide, context, p, o->tracer, err));
    opts.noise_percent = o->noise;
    opts.seed = (uint64_t)o->seed;
    opts.fractional = strcmp(o->edges, "fractional") == 0;
    opts.tracer = o->tracer;
    opts.activity_mbq = o->activity_mbq;
    opts.half_life_s = nuclide->half_life_s.value;
    const rgq_phantom_run job = {p, &opts, nuclide, &made};
    RGQ_TRY(err, make_and_write(context, &job, files, err));
out:
    rgq_phantom_free(p);
    rgq_free(nuclide);
    rgq_free(files);
    return st;
}

static rgq_status show_phantom(rgq_context *context, const char *folder, const char *id,
                               rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_phantom *p = NULL;

    RGQ_TRY(err, rgq_context_word(context, rgq_phantom_find(&p, folder, id, err)));
    if (context->shared.json)
        RGQ_TRY(err, show_json(context, p, err));
    else
        show_text(context->out, p);
out:
    rgq_phantom_free(p);
    return st;
}

static rgq_status run(rgq_context *context, const void *opts, rgq_error *err)
{
    const phantom_opts *o = opts;
    const int n_words = o->out != NULL ? 2 : o->id != NULL ? 1 : 0;
    char folder[RGQ_PATH_MAX];

    const bool is_list = strcmp(o->action, "list") == 0 && n_words == 0;
    const bool is_show = strcmp(o->action, "show") == 0 && n_words == 1;
    const bool is_analyse = strcmp(o->action, "analyse") == 0 && n_words == 1;
    if (!is_list && !is_show && !is_analyse &&
        !(strcmp(o->action, "make") == 0 && n_words == 2)) {
        context->exit_code = 2;
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "needed is one of: rgdquant phantom list | show ID | make ID OUT | "
                         "analyse SCAN --phantom ID --out DIR");
    }
    RGQ_PASS(err, rgq_context_data_path(folder, sizeof folder, context, "phantoms", err));
    if (is_list)
        return list_phantoms(context, folder, err);
    if (is_show)
        return show_phantom(context, folder, o->id, err);
    if (is_analyse) {
        rgq_phantom_analyse_words words = o->analyse;
        words.scan = o->id;
        return rgq_phantom_analyse_run(context, &words, folder, err);
    }
    return make_phantom(context, o, folder, err);
}

const rgq_command rgq_cmd_phantom = {
    .name = "phantom",
    .group = "Check",
    .summary = "make a scan whose truth is known",
    .description =
        "list  the phantoms as a table\n"
        "show  what a phantom is made of and what is in it, per tracer\n"
        "make  write the scan with all facts that SUV needs, its truth regions\n"
        "      (OUT_labels.nii.gz, OUT_labels.tsv) and what is true (OUT_truth.tsv,\n"
        "      OUT_truth.json); the truth is printed as a table\n"
        "analyse  find the phantom in a scan (turned about the axis, shifted, end to end) and\n"
        "      measure it: recovery, contrast, background variability, lung residual, PSF of\n"
        "      nema-iec; level, noise, uniformity, calibration factor of cylinder (SPECT\n"
        "      counts: sensitivity). Into DIR: phantom.tsv, phantom.json, overlay.png, plots\n"
        "      (with gnuplot), run.json, and what it gives to other commands: psf.json,\n"
        "      rc_curve.tsv, calibration.json\n"
        "\n"
        "Values are in Bq/mL at the start of the scan (decay correction START). Steps:\n"
        "shapes to voxels, Gaussian blur with nothing outside the image, noise. A voxel\n"
        "of mean m becomes a Poisson number of counts with a fixed activity per count,\n"
        "chosen so that a voxel of the phantom's background has the coefficient of\n"
        "variation asked for; no bias, never negative. The date is 2000-01-01, so that\n"
        "the same call gives the same bytes, with any number of threads.\n"
        "\n"
        "The uptake values of rgd-torso are a design of this project, not a finding.",
    .examples =
        "rgdquant phantom list\n"
        "rgdquant phantom make rgd-torso torso --tracer 18F-fluciclatide --format dicom\n"
        "rgdquant phantom make nema-iec iq.nii.gz --psf-mm 6 --noise 10 --edges "
        "fractional\n"
        "rgdquant phantom analyse scan --phantom nema-iec --sphere-bqml 20000 "
        "--background-bqml 2000 --out iq",
    .cites = (const char *const[]){"NEMANU22018", "Koopman2019", NULL},
    .opts = rows,
    .n_opts = RGQ_ROWS(rows),
    .opts_size = sizeof(phantom_opts),
    .run = run,
};
