/* rgdquant convert SCAN OUT */
#include <stdio.h>
#include <string.h>

#include "calib/reference.h"
#include "cli/commands.h"
#include "cli/scan_opts.h"
#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"
#include "report/overview.h"
#include "rgdquant/scan_file.h"
#include "rgdquant/version.h"

typedef struct convert_opts {
    const char *scan_path;
    const char *out;
    const char *format;
    rgq_scan_opts scan;
} convert_opts;

static const rgq_opt rows[] = {
    RGQ_ARGUMENT(convert_opts, scan_path, "SCAN", NULL,
                 "folder or file of a DICOM PET series, or a NIfTI file"),
    RGQ_ARGUMENT(convert_opts, out, "OUT", NULL,
                 "file to write, .nii, .nii.gz or .png; with --format dicom a folder"),
    RGQ_CHOICE(convert_opts, format, "format", "auto", "auto|nifti|dicom|png",
               "what to write; auto goes by the ending of OUT"),
    RGQ_SCAN_OPTIONS(convert_opts, scan),
    RGQ_CHOICE(convert_opts, scan.unit, "unit", "native", RGQ_SCAN_UNITS,
               "unit to write; native: as stored"),
};

static bool has_nifti_ending(const char *path)
{
    return rgq_text_ends_with(path, ".nii") || rgq_text_ends_with(path, ".nii.gz");
}

/* One of nifti, dicom, png. */
static rgq_status choose_format(const char **format, rgq_context *context,
                                const convert_opts *o, rgq_error *err)
{
    *format = o->format;
    if (strcmp(*format, "auto") == 0)
        *format = has_nifti_ending(o->out)             ? "nifti"
                  : rgq_text_ends_with(o->out, ".png") ? "png"
                                                       : "";
    const bool fits = strcmp(*format, "nifti") != 0 || has_nifti_ending(o->out);
    if (**format != '\0' && fits)
        return RGQ_OK;
    context->exit_code = 2;
    return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                     "'%s' does not end in %s; for a folder of DICOM images add --format dicom",
                     o->out, fits ? ".nii, .nii.gz or .png" : ".nii or .nii.gz");
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

static rgq_status write_out(const rgq_context *context, const char *path, const char *format,
                            rgq_scan *scan, rgq_error *err)
{
    char description[80];

    (void)snprintf(description, sizeof description, "rgdquant %s convert", rgq_version());
    const rgq_write_opts opts = {context->shared.force, description};
    if (strcmp(format, "nifti") == 0)
        return rgq_scan_write_nifti(path, scan->volume, &scan->facts, &opts, err);
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
    char *text = NULL;
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
    RGQ_TRY(err, rgq_json_dump(&text, root, err));
    fputs(text, context->out);
out:
    rgq_free(text);
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
    RGQ_TRY(err, write_out(context, o->out, format, &scan, err));
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
        "Any scan that can be read becomes NIfTI with a BIDS side file, a folder of DICOM PET\n"
        "images, or a picture of its maximum-intensity projections. Values and their unit "
        "stay\n"
        "as they are stored; 'suv' converts them. What options state instead of the file goes\n"
        "into the side file or the DICOM header.\n"
        "\n"
        "A side file holds neither names nor dates: TimeZero is a time of day, everything "
        "else\n"
        "seconds from it. DICOM needs values in Bq/mL or SUVbw.",
    .examples = "rgdquant convert pet_folder/ scan.nii.gz\n"
                "rgdquant convert scan.nii.gz dicom_folder --format dicom\n"
                "rgdquant convert scan.nii.gz look.png",
    .opts = rows,
    .n_opts = RGQ_ROWS(rows),
    .opts_size = sizeof(convert_opts),
    .run = run,
};
