/* rgdquant convert SCAN OUT */
#include <stdio.h>
#include <string.h>

#include "calib/reference.h"
#include "cli/commands.h"
#include "cli/scan_opts.h"
#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"
#include "io/blood.h"
#include "report/overview.h"
#include "rgdquant/scan_file.h"
#include "rgdquant/version.h"

typedef struct convert_opts {
    const char *scan_path;
    const char *out;
    const char *format;
    const char *subject;
    const char *session;
    const char *task;
    const char *tracer;
    const char *name;
    const char *authors;
    const char *set;
    rgq_scan_opts scan;
} convert_opts;

static const rgq_opt rows[] = {
    RGQ_ARGUMENT(convert_opts, scan_path, "SCAN", NULL,
                 "folder or file of a DICOM series, NIfTI, Interfile, ECAT 7 or a TIFF stack"),
    RGQ_ARGUMENT(convert_opts, out, "OUT", NULL,
                 "file to write, .nii, .nii.gz, .hv, .tif or .png; with --format dicom or bids "
                 "a folder"),
    RGQ_CHOICE(convert_opts, format, "format", "auto",
               "auto|nifti|dicom|bids|interfile|tiff|png",
               "what to write; auto goes by the ending of OUT"),
    RGQ_TEXT(convert_opts, subject, "subject", "LABEL", "01",
             "bids: label of the participant, letters and digits"),
    RGQ_TEXT(convert_opts, session, "session", "LABEL", "", "bids: label of the session"),
    RGQ_TEXT(convert_opts, task, "task", "LABEL", "", "bids: label of the task"),
    RGQ_TEXT(convert_opts, tracer, "tracer", "LABEL", "",
             "bids: label of the tracer; default: letters and digits of its name"),
    RGQ_TEXT(convert_opts, name, "name", "TEXT", "",
             "bids: name of a new dataset; default: PET"),
    RGQ_TEXT(convert_opts, authors, "authors", "NAMES", "",
             "bids: authors of a new dataset, with ; between them"),
    RGQ_TEXT(convert_opts, set, "set", "KEY=VALUE", "",
             "bids: keys of the side file the scan does not know, several with ; between them"),
    RGQ_SCAN_OPTIONS(convert_opts, scan),
    RGQ_CHOICE(convert_opts, scan.unit, "unit", "native", RGQ_SCAN_UNITS,
               "unit to write; native: as stored"),
};

/* What the name of the output says; --format dicom writes a folder of any name. */
static const struct {
    const char *format;
    const char *endings[3];
    const char *text;
} formats[] = {
    {"nifti", {".nii", ".nii.gz", NULL}, ".nii or .nii.gz"},
    {"interfile", {".hv", ".h33", NULL}, ".hv or .h33"},
    {"tiff", {".tif", ".tiff", NULL}, ".tif or .tiff"},
    {"png", {".png", NULL, NULL}, ".png"},
};

static bool fits_format(const char *path, size_t i)
{
    for (const char *const *ending = formats[i].endings; *ending != NULL; ending++)
        if (rgq_text_ends_with(path, *ending))
            return true;
    return false;
}

/* One of nifti, interfile, tiff, dicom, bids, png. */
static rgq_status choose_format(const char **format, rgq_context *context,
                                const convert_opts *o, rgq_error *err)
{
    const bool any = strcmp(o->format, "auto") == 0;
    const char *wanted = ".nii, .nii.gz, .hv, .tif or .png";

    *format = o->format;
    if (strcmp(o->format, "dicom") == 0 || strcmp(o->format, "bids") == 0)
        return RGQ_OK;
    for (size_t i = 0; i < RGQ_ROWS(formats); i++) {
        if (!any && strcmp(o->format, formats[i].format) != 0)
            continue;
        if (fits_format(o->out, i)) {
            *format = formats[i].format;
            return RGQ_OK;
        }
        if (!any)
            wanted = formats[i].text;
    }
    context->exit_code = 2;
    return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                     "'%s' does not end in %s; for a folder of DICOM images add --format "
                     "dicom, for a BIDS dataset --format bids",
                     o->out, wanted);
}

static rgq_status write_png(const char *path, const rgq_volume *volume, bool force,
                            rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const rgq_overview_opts opts = RGQ_OVERVIEW_OPTS_INIT;
    rgq_canvas canvas = {NULL, 0, 0};

    RGQ_TRY(err, rgq_overview_draw(&canvas, volume, NULL, &opts, NULL, err));
    RGQ_TRY(err, rgq_png_write(path, canvas.rgb, canvas.width, canvas.height, force, err));
out:
    rgq_canvas_release(&canvas);
    return st;
}

/* With the tables of blood that lie beside the scan. */
static rgq_status write_bids(rgq_context *context, const convert_opts *o, const rgq_scan *scan,
                             const char *description, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    char(*path)[RGQ_PATH_MAX] = NULL;
    rgq_blood blood[RGQ_BIDS_FILES_MAX];
    char *source = NULL;
    int n_found = 0;
    int n_blood = 0;

    if (scan->facts.modality.known && strcmp(scan->facts.modality.value, "PT") != 0)
        RGQ_WARN(&context->log,
                 "BIDS has rules for PET and none for SPECT (the scan's modality is %s): it is "
                 "written by those of PET, which no standard covers",
                 scan->facts.modality.value);
    RGQ_TRY(err, rgq_bids_source_keys(&source, o->scan_path, o->scan.side_file, err));
    RGQ_TRY(err, rgq_alloc(&path, RGQ_BIDS_FILES_MAX, sizeof *path, err));
    RGQ_TRY(err, rgq_blood_find(path, &n_found, o->scan_path, err));
    for (; n_blood < n_found; n_blood++)
        RGQ_TRY(err, rgq_blood_read(&blood[n_blood], path[n_blood], &context->log, err));
    const rgq_bids_opts opts = {.subject = o->subject,
                                .session = o->session,
                                .task = o->task,
                                .tracer = o->tracer,
                                .name = o->name,
                                .authors = o->authors,
                                .set = o->set,
                                .source = source,
                                .blood = blood,
                                .n_blood = n_blood,
                                .description = description,
                                .log = &context->log};
    RGQ_TRY(err, rgq_scan_write_bids(o->out, scan, &opts, err));
out:
    while (n_blood > 0)
        rgq_blood_release(&blood[--n_blood]);
    rgq_free(source);
    rgq_free(path);
    return st;
}

static rgq_status write_out(rgq_context *context, const convert_opts *o, const char *format,
                            rgq_scan *scan, rgq_error *err)
{
    const char *path = o->out;
    char description[80];

    (void)snprintf(description, sizeof description, "rgdquant %s convert", rgq_version());
    const rgq_write_opts opts = {context->shared.force, description};
    if (strcmp(format, "nifti") == 0)
        return rgq_scan_write_nifti(path, scan->volume, &scan->facts, &opts, err);
    if (strcmp(format, "interfile") == 0)
        return rgq_scan_write_interfile(path, scan->volume, &scan->facts, &opts, err);
    if (strcmp(format, "tiff") == 0)
        return rgq_scan_write_tiff(path, scan->volume, &scan->facts, &opts, err);
    if (strcmp(format, "bids") == 0)
        return write_bids(context, o, scan, description, err);
    if (strcmp(format, "png") == 0)
        return write_png(path, scan->volume, opts.force, err);
    RGQ_PASS(err, rgq_scan_complete_times(scan, err));
    return rgq_scan_write_dicom(path, scan, &opts, err);
}

/* What was written, in one line or one object. */
static rgq_status tell(const rgq_context *context, const char *path, const char *format,
                       const rgq_scan *scan, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *root = NULL;
    const rgq_grid *grid = rgq_volume_grid(scan->volume);
    const int n_frames = rgq_volume_n_frames(scan->volume);
    const char *unit = rgq_unit_name(rgq_volume_unit(scan->volume));

    if (!context->shared.json) {
        fprintf(context->out,
                "%s: %d x %d x %d voxels, %d frame%s, unit %s, from %s (%d file%s)\n", path,
                grid->n[0], grid->n[1], grid->n[2], n_frames, n_frames == 1 ? "" : "s", unit,
                scan->format, scan->n_files, scan->n_files == 1 ? "" : "s");
        return RGQ_OK;
    }
    RGQ_TRY(err, rgq_json_object(&root, err));
    RGQ_TRY(err, rgq_json_set_text(root, "output", path, err));
    RGQ_TRY(err, rgq_json_set_text(root, "format", format, err));
    RGQ_TRY(err, rgq_json_set_text(root, "source_format", scan->format, err));
    RGQ_TRY(err, rgq_json_set_int(root, "source_files", scan->n_files, err));
    RGQ_TRY(err,
            rgq_json_set_reals(root, "voxels",
                               (const double[3]){grid->n[0], grid->n[1], grid->n[2]}, 3, err));
    RGQ_TRY(err, rgq_json_set_int(root, "frames", n_frames, err));
    RGQ_TRY(err, rgq_json_set_text(root, "unit", unit, err));
    RGQ_TRY(err, rgq_context_print(context, root, err));
out:
    rgq_json_free(root);
    return st;
}

/* As stored: the volume keeps the unit the file gives it. */
static rgq_status open_scan(rgq_scan *scan, rgq_context *context, const convert_opts *o,
                            rgq_error *err)
{
    rgq_nuclide nuclide;
    rgq_suv_plan plan;

    if (strcmp(o->scan.unit, "native") != 0)
        return rgq_scan_open(scan, &plan, context, o->scan_path, &o->scan, err);
    RGQ_PASS(err, rgq_scan_load(scan, &nuclide, context, o->scan_path, &o->scan, err));
    if (scan->facts.calibration_factor.known || scan->facts.sensitivity_cps_per_mbq.known)
        RGQ_WARN(&context->log, "a calibration is not applied to values as stored: add --unit "
                                "bqml");
    return RGQ_OK;
}

static rgq_status run(rgq_context *context, const void *opts, rgq_error *err)
{
    const convert_opts *o = opts;
    rgq_status st = RGQ_OK;
    rgq_scan scan = {0};
    const char *format = NULL;

    RGQ_TRY(err, choose_format(&format, context, o, err));
    RGQ_TRY(err, open_scan(&scan, context, o, err));
    if (strcmp(format, "png") == 0 && rgq_volume_n_frames(scan.volume) > 1)
        RGQ_WARN(&context->log, "the picture shows the first of %d frames",
                 rgq_volume_n_frames(scan.volume));
    if (!o->scan.keep_times)
        rgq_scan_forget_clock(&scan);
    RGQ_TRY(err, write_out(context, o, format, &scan, err));
    RGQ_TRY(err, tell(context, o->out, format, &scan, err));
out:
    rgq_scan_release(&scan);
    return st;
}

const rgq_command rgq_cmd_convert = {
    .name = "convert",
    .group = "Scan",
    .summary = "write a scan in another format",
    .description =
        "Any scan that can be read becomes NIfTI, Interfile or a TIFF stack with a BIDS side\n"
        "file, a folder of DICOM PET images, a raw BIDS dataset (with the tables of blood "
        "that\n"
        "lie beside the scan), or a picture of its maximum-intensity projections. Values and\n"
        "their unit stay as they are stored; 'suv' converts them. What options state instead\n"
        "of the file goes into the side file or the DICOM header.\n"
        "\n"
        "Names, numbers and dates of a person are never copied. Times count from the\n"
        "injection, which a side file calls 00:00:00 and a DICOM header midnight of\n"
        "1970-01-02; --keep-times keeps the clock. Without an injection the time of day "
        "stays.\n"
        "\n"
        "DICOM needs values in Bq/mL or SUVbw. Interfile (.hv or .h33, the voxels beside it "
        "as\n"
        ".v or .i33) has no place for directions: the slices are turned to head first and\n"
        "supine, positions are kept, and an oblique grid is refused. TIFF is OME-TIFF of "
        "float\n"
        "pages, slices before frames.\n"
        "\n"
        "--format bids makes a dataset, or adds a participant or a session to one: the table "
        "of\n"
        "participants gets a row, what is there stays as it is, and a participant (or "
        "session)\n"
        "that has PET is refused. Keys of PET-BIDS in the side file of the scan are taken "
        "over.\n"
        "\n"
        "A TIFF that is read needs the size of its voxels: from OME-XML, from ImageJ, or from\n"
        "\"VoxelSize\": [x, y, z] in mm in the side file.",
    .examples = "rgdquant convert pet_folder/ scan.nii.gz\n"
                "rgdquant convert scan.nii.gz dicom_folder --format dicom\n"
                "rgdquant convert pet_folder/ dataset --format bids --subject 07 --set "
                "ModeOfAdministration=bolus\n"
                "rgdquant convert scan.nii.gz scan.hv\n"
                "rgdquant convert scan.v stack.tif\n"
                "rgdquant convert scan.nii.gz look.png",
    .opts = rows,
    .n_opts = RGQ_ROWS(rows),
    .opts_size = sizeof(convert_opts),
    .run = run,
};
