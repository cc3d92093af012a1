/* rgdquant suv SCAN OUT [--type KIND] [--print-factor] */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/plan_print.h"
#include "cli/results.h"
#include "cli/scan_opts.h"
#include "core/banned.h"
#include "rgdquant/scan_file.h"
#include "rgdquant/version.h"

typedef struct suv_opts {
    const char *path;
    const char *out;
    const char *type;
    bool print_factor;
    rgq_scan_opts scan;
} suv_opts;

static const rgq_opt rows[] = {
    RGQ_ARGUMENT(suv_opts, path, "SCAN", NULL,
                 "DICOM folder or file, NIfTI, Interfile, ECAT 7, TIFF"),
    RGQ_ARGUMENT(suv_opts, out, "OUT", "",
                 "the SUV volume, .nii or .nii.gz; its side file and run.json go beside it"),
    RGQ_CHOICE(
        suv_opts, type, "type", "bw", "bw|lbm-janma|lbm-james|lbm-morgan|bsa|ibw|idml|idg",
        "what uptake is normalised by: body weight, lean mass, surface, ideal weight; or "
        "% of the injected activity per mL or g"),
    RGQ_FLAG(suv_opts, print_factor, "print-factor",
             "print the factor and the values it was made from; OUT is not needed"),
    RGQ_SCAN_OPTIONS(suv_opts, scan),
};

static rgq_status print_factor(rgq_context *context, const rgq_suv_plan *plan, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *root = NULL;

    if (!context->shared.json) {
        rgq_plan_print_table(plan, context->out);
        return RGQ_OK;
    }
    RGQ_TRY(err, rgq_json_object(&root, err));
    RGQ_TRY(err, rgq_plan_record(root, plan, err));
    RGQ_TRY(err, rgq_context_print(context, root, err));
out:
    rgq_json_free(root);
    return st;
}

static rgq_status write_volume(rgq_context *context, const suv_opts *o, const rgq_scan *scan,
                               const rgq_suv_plan *plan, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_record *record = NULL;
    char description[80];

    (void)snprintf(description, sizeof description, "rgdquant %s suv", rgq_version());
    const rgq_write_opts write = {.force = context->shared.force, .description = description};
    const rgq_run run = {.command = "suv",
                         .out = o->out,
                         .scan_path = o->path,
                         .scan = scan,
                         .options = &o->scan,
                         .plan = plan};
    RGQ_TRY(err, rgq_run_record(&record, context, &run, err));
    RGQ_TRY(err, rgq_record_cite(record, "IBSISUV2026", err));
    if (rgq_suv_cite(plan->to) != NULL)
        RGQ_TRY(err, rgq_record_cite(record, rgq_suv_cite(plan->to), err));
    RGQ_TRY(err, rgq_scan_write_nifti(o->out, scan->volume, &scan->facts, &write, err));
    RGQ_TRY(err, rgq_run_write(record, context, &run, err));
    RGQ_INFO(&context->log, "%s: %s, factor %.10g", o->out, plan->rule, plan->factor);
out:
    rgq_record_free(record);
    return st;
}

static rgq_status check_out(rgq_context *context, const char *out, rgq_error *err)
{
    const rgq_status st = rgq_scan_outputs_check(out, context->shared.force, err);

    if (st == RGQ_E_ARGUMENT)
        context->exit_code = 2;
    return st;
}

static rgq_status run(rgq_context *context, const void *opts, rgq_error *err)
{
    const suv_opts *o = opts;
    rgq_status st = RGQ_OK;
    rgq_scan scan = {0};
    rgq_suv_plan plan;
    rgq_unit unit = RGQ_UNIT_SUV_BW;

    if (o->out == NULL && !o->print_factor) {
        context->exit_code = 2;
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "OUT is missing: name the file to write, or give --print-factor");
    }
    if (o->out != NULL)
        RGQ_PASS(err, check_out(context, o->out, err));
    rgq_scan_opts wanted = o->scan;
    RGQ_PASS(err, rgq_suv_type_parse(&unit, o->type, err));
    wanted.unit = rgq_unit_option(unit);
    RGQ_TRY(err, rgq_scan_open(&scan, &plan, context, o->path, &wanted, err));
    if (o->out != NULL)
        RGQ_TRY(err, write_volume(context, o, &scan, &plan, err));
    if (o->print_factor || context->shared.json)
        RGQ_TRY(err, print_factor(context, &plan, err));
out:
    rgq_scan_release(&scan);
    return st;
}

static const char *const cites[] = {"IBSISUV2026", "Janmahasatian2005", "James1976",
                                    "Morgan1994",  "DuBois1916",        "Sugawara1999",
                                    NULL};

const rgq_command rgq_cmd_suv = {
    .name = "suv",
    .group = "Scan",
    .summary = "convert a scan to standardised uptake values",
    .description =
        "Uptake = activity concentration * N / injected activity, the activity decayed to\n"
        "the moment the values are corrected to: the injection (DICOM DecayCorrection\n"
        "ADMIN), the start of the scan (START), or each slice's own time (NONE). N is by\n"
        "--type: bw body weight; lbm-janma lean body mass by Janmahasatian (the one to take\n"
        "for lean mass), lbm-james, lbm-morgan (both fail in obesity); ibw ideal body weight;\n"
        "bsa body surface by Du Bois (cm2/mL); idml and idg 100 %, per mL and per gram. For\n"
        "sex O the mean of both sexes is taken. Values that are an SUV already (GML, CM2ML)\n"
        "become another kind by the ratio of both N.\n"
        "\n"
        "Counts need Philips's own factors, or --sensitivity-cps-per-mbq: Bq/mL = counts /\n"
        "(duration * sensitivity) / voxel volume. --calibration-factor multiplies what the\n"
        "scanner wrote. Both may come from --calibration-file, which looks like this (one\n"
        "of the two quantities, and everything after the date, may be left out):\n"
        "  {\"format\": 1, \"date\": \"2026-01-31\",\n"
        "   \"calibration_factor\": {\"value\": 1.034, \"uncertainty\": 0.012, \"unit\": "
        "\"1\"},\n"
        "   \"sensitivity\": {\"value\": 91.2, \"uncertainty\": 0.8, \"unit\": "
        "\"cps/MBq\"},\n"
        "   \"nuclide\": \"Tc-99m\", \"scanner\": \"model\", \"note\": \"who, how\"}\n"
        "\n"
        "The start of the scan is by --reference-time: auto (what the file states, else the\n"
        "series time if it is not later than the acquisition, else a private time of the\n"
        "maker, else backcompute), series, acquisition, private, or backcompute\n"
        "(acquisition + mean count-rate time - frame reference time). Rules that differ by\n"
        "more than 1 % of decay are said. More activity in the field of view than was\n"
        "injected, or less than a millionth of it, is said too; it does not end the run.\n"
        "\n"
        "Every value used is recorded with its origin; a value that is missing is never\n"
        "guessed: the command ends with the option that supplies it.",
    .examples =
        "rgdquant suv pet/ suv.nii.gz\n"
        "rgdquant suv pet/ --print-factor\n"
        "rgdquant suv pet/ sul.nii.gz --type lbm-janma --height-cm 175 --sex F\n"
        "rgdquant suv spect.nii.gz suv.nii.gz --units counts --calibration-file c.json\n"
        "rgdquant suv pet.nii.gz suv.nii.gz --weight-kg 70 --activity-mbq 185",
    .cites = cites,
    .opts = rows,
    .n_opts = RGQ_ROWS(rows),
    .opts_size = sizeof(suv_opts),
    .run = run,
};
