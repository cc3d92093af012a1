/* rgdquant suv SCAN OUT [--type bw] [--print-factor] */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/plan_print.h"
#include "cli/scan_opts.h"
#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "pipeline/record.h"
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
    RGQ_ARGUMENT(suv_opts, path, "SCAN", NULL, "DICOM folder or file, or NIfTI"),
    RGQ_ARGUMENT(suv_opts, out, "OUT", "",
                 "the SUV volume, .nii or .nii.gz; its side file and run.json go beside it"),
    RGQ_CHOICE(suv_opts, type, "type", "bw", "bw", "what uptake is normalised by: body weight"),
    RGQ_FLAG(suv_opts, print_factor, "print-factor",
             "print the factor and the values it was made from; OUT is not needed"),
    RGQ_SCAN_OPTIONS(suv_opts, scan),
};

static rgq_status print_factor(rgq_context *context, const rgq_suv_plan *plan, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *root = NULL;
    char *text = NULL;

    if (!context->shared.json) {
        rgq_plan_print_table(plan, context->out);
        return RGQ_OK;
    }
    RGQ_TRY(err, rgq_json_object(&root, err));
    RGQ_TRY(err, rgq_plan_record(root, plan, err));
    RGQ_TRY(err, rgq_json_dump(&text, root, err));
    fputs(text, context->out);
out:
    rgq_free(text);
    rgq_json_free(root);
    return st;
}

/* The scan, the side file that was named, and the table of nuclides if its half-life was used.
 */
static rgq_status record_inputs(rgq_record *record, const rgq_context *context,
                                const suv_opts *o, const rgq_scan *scan,
                                const rgq_suv_plan *plan, rgq_error *err)
{
    static const char isotopes[] = "tracers/isotopes.json";
    char folder[RGQ_PATH_MAX];
    char path[RGQ_PATH_MAX];

    RGQ_PASS(err, rgq_record_scan_input(record, o->path, scan->n_files, err));
    if (o->scan.side_file != NULL)
        RGQ_PASS(err, rgq_record_input(record, o->scan.side_file, "side file", err));
    for (int i = 0; i < plan->n_inputs; i++) {
        if (strncmp(plan->input[i].origin, isotopes, sizeof isotopes - 1) != 0)
            continue;
        RGQ_PASS(err, rgq_context_data_path(folder, sizeof folder, context, "tracers", err));
        RGQ_PASS(err, rgq_path_join(path, folder, "isotopes.json", err));
        return rgq_record_data_file(record, path, isotopes, err);
    }
    return RGQ_OK;
}

static rgq_status write_volume(rgq_context *context, const suv_opts *o, const rgq_scan *scan,
                               const rgq_suv_plan *plan, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_record *record = NULL;
    char description[80];

    (void)snprintf(description, sizeof description, "rgdquant %s suv", rgq_version());
    const rgq_write_opts write = {.force = context->shared.force, .description = description};
    const rgq_record_source source = {.argc = context->argc,
                                      .argv = context->argv,
                                      .options = context->options,
                                      .warnings = context->warnings};
    RGQ_TRY(err, rgq_record_create(&record, "suv", err));
    RGQ_TRY(err, record_inputs(record, context, o, scan, plan, err));
    RGQ_TRY(err, rgq_record_output(record, o->out, err));
    RGQ_TRY(err, rgq_record_facts(record, &scan->facts, err));
    RGQ_TRY(err, rgq_record_plan(record, plan, err));
    RGQ_TRY(err, rgq_record_cite(record, "IBSISUV2026", err));
    RGQ_TRY(err, rgq_record_close(record, &source, err));
    RGQ_TRY(err, rgq_scan_write_nifti(o->out, scan->volume, &scan->facts, &write, err));
    RGQ_TRY(err, rgq_record_write_beside(record, o->out, context->shared.force, err));
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

    if (o->out == NULL && !o->print_factor) {
        context->exit_code = 2;
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "OUT is missing: name the file to write, or give --print-factor");
    }
    if (o->out != NULL)
        RGQ_PASS(err, check_out(context, o->out, err));
    rgq_scan_opts wanted = o->scan;
    wanted.unit = "suvbw"; /* the only --type so far */
    RGQ_TRY(err, rgq_scan_open(&scan, &plan, context, o->path, &wanted, err));
    if (o->out != NULL)
        RGQ_TRY(err, write_volume(context, o, &scan, &plan, err));
    if (o->print_factor)
        RGQ_TRY(err, print_factor(context, &plan, err));
out:
    rgq_scan_release(&scan);
    return st;
}

static const char *const cites[] = {"IBSISUV2026", NULL};

const rgq_command rgq_cmd_suv = {
    .name = "suv",
    .group = "Scan",
    .summary = "convert a scan to standardised uptake values",
    .description =
        "SUVbw = activity concentration * body weight / injected activity, the activity\n"
        "decayed to the moment the values are corrected to: the injection (DICOM\n"
        "DecayCorrection ADMIN), the start of the scan (START), or each slice's own time\n"
        "(NONE). Every value used is recorded with its origin; a value that is missing is\n"
        "never guessed: the command ends with the option that supplies it.",
    .examples = "rgdquant suv pet/ suv.nii.gz\n"
                "rgdquant suv pet/ --print-factor\n"
                "rgdquant suv pet.nii.gz suv.nii.gz --weight-kg 70 --activity-mbq 185",
    .cites = cites,
    .opts = rows,
    .n_opts = RGQ_ROWS(rows),
    .opts_size = sizeof(suv_opts),
    .run = run,
};
