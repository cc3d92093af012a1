#include <math.h>
#include <string.h>

#include "cli/results.h"
#include "cli/scan_opts.h"
#include "rgdquant/scan_file.h"
#include "rgq_check.h"

static const char image[] = RGQ_SOURCE_DIR "/tests/data/pet_2x2x3.nii";
static const char facts[] = RGQ_SOURCE_DIR "/tests/data/pet_start.json";

/* In place: its log points back at it. */
static void begin(rgq_context *context)
{
    MUST(rgq_context_init(context, "test", 0, NULL, err));
    context->shared.quiet = true;
}

static rgq_scan_opts no_opts(void)
{
    return (rgq_scan_opts){.weight_kg = (double)NAN,
                           .height_cm = (double)NAN,
                           .activity_mbq = (double)NAN,
                           .residual_mbq = (double)NAN,
                           .half_life_s = (double)NAN,
                           .calibration_factor = (double)NAN,
                           .sensitivity_cps_per_mbq = (double)NAN,
                           .density_g_ml = (double)NAN};
}

/* What a command sees if no option is given: the table must leave the struct so. */
typedef struct command_opts {
    rgq_scan_opts scan;
} command_opts;

static const rgq_opt rows[] = {RGQ_SCAN_OPTIONS(command_opts, scan),
                               RGQ_SCAN_UNIT_OPTION(command_opts, scan)};

START_TEST(test_rows_default_to_nothing)
{
    const rgq_command command = {.name = "test",
                                 .opts = rows,
                                 .n_opts = RGQ_ROWS(rows),
                                 .opts_size = sizeof(command_opts)};
    rgq_context context;
    command_opts o = {0};

    begin(&context);
    MUST(rgq_opt_parse(&command, 0, NULL, &o, &context, err));
    ck_assert(isnan(o.scan.weight_kg) && isnan(o.scan.height_cm));
    ck_assert(isnan(o.scan.activity_mbq) && isnan(o.scan.half_life_s));
    ck_assert_ptr_null(o.scan.sex);
    ck_assert_ptr_null(o.scan.units);
    ck_assert_ptr_null(o.scan.unit);
    ck_assert_ptr_null(o.scan.injection_time);
    rgq_context_release(&context);
}
END_TEST

START_TEST(test_best_unit)
{
    rgq_context context;
    rgq_scan_opts o = no_opts();
    rgq_scan scan = {0};
    rgq_suv_plan plan;

    begin(&context);
    o.side_file = facts;
    MUST(rgq_scan_open(&scan, &plan, &context, image, &o, err));
    ck_assert_int_eq(rgq_volume_unit(scan.volume), RGQ_UNIT_SUV_BW);
    /* 3600 Bq/mL are 1 SUV by the choice of activity and weight, to 1e-6 */
    ck_assert_double_eq_tol((double)rgq_volume_cdata(scan.volume, 0)[0], 1.0, 2e-6);
    ck_assert_uint_eq(rgq_json_count(context.warnings), 0);
    rgq_scan_release(&scan);
    o.side_file = NULL; /* no unit: as stored, with a warning that says why */
    MUST(rgq_scan_open(&scan, &plan, &context, image, &o, err));
    ck_assert_int_eq(rgq_volume_unit(scan.volume), RGQ_UNIT_NATIVE);
    ck_assert_uint_eq(rgq_json_count(context.warnings), 1);
    ck_assert_ptr_nonnull(
        strstr(rgq_json_text(rgq_json_at(context.warnings, 0), ""), "--units bqml"));
    rgq_scan_release(&scan);
    o.units = "bqml";
    MUST(rgq_scan_open(&scan, &plan, &context, image, &o, err));
    ck_assert_int_eq(rgq_volume_unit(scan.volume), RGQ_UNIT_BQ_ML);
    ck_assert_uint_eq(rgq_json_count(context.warnings), 2);
    ck_assert_ptr_nonnull(
        strstr(rgq_json_text(rgq_json_at(context.warnings, 1), ""), "in Bq/mL, not SUVbw"));
    rgq_scan_release(&scan);
    rgq_context_release(&context);
}
END_TEST

START_TEST(test_unit_is_binding)
{
    rgq_context context;
    rgq_scan_opts o = no_opts();
    rgq_scan scan = {0};
    rgq_suv_plan plan;

    begin(&context);
    o.side_file = facts;
    o.unit = "bqml";
    MUST(rgq_scan_open(&scan, &plan, &context, image, &o, err));
    ck_assert_int_eq(rgq_volume_unit(scan.volume), RGQ_UNIT_BQ_ML);
    ck_assert_uint_eq(rgq_json_count(context.warnings), 0); /* it was asked for */
    rgq_scan_release(&scan);
    o.unit = "native";
    MUST(rgq_scan_open(&scan, &plan, &context, image, &o, err));
    ck_assert_int_eq(rgq_volume_unit(scan.volume), RGQ_UNIT_NATIVE);
    rgq_scan_release(&scan);
    o.side_file = NULL;
    o.unit = "suvbw";
    REFUSED(rgq_scan_open(&scan, &plan, &context, image, &o, err), RGQ_E_MISSING,
            "--units bqml");
    ck_assert_ptr_null(scan.volume);
    o.units = "bqml";
    o.injection_time = "yesterday";
    REFUSED(rgq_scan_open(&scan, &plan, &context, image, &o, err), RGQ_E_ARGUMENT,
            "--injection-time 'yesterday'");
    ck_assert_ptr_null(scan.volume);
    rgq_context_release(&context);
}
END_TEST

START_TEST(test_open_torture)
{
    rgq_context context;
    rgq_scan_opts o = no_opts();
    rgq_scan scan = {0};
    rgq_suv_plan plan;

    begin(&context);
    o.side_file = facts;
    TORTURE(rgq_scan_open(&scan, &plan, &context, image, &o, err), rgq_scan_release(&scan), 5);
    rgq_context_release(&context);
}
END_TEST

START_TEST(test_outputs)
{
    MUST(rgq_scan_outputs_check("nowhere/x.nii.gz", false, err));
    REFUSED(rgq_scan_outputs_check("x.dcm", true, err), RGQ_E_ARGUMENT, "'x.dcm'");
    REFUSED(rgq_scan_outputs_check(".nii", true, err), RGQ_E_ARGUMENT, ".nii.gz is needed");
    REFUSED(rgq_scan_outputs_check("", true, err), RGQ_E_ARGUMENT, "OUT is ''");
    REFUSED(rgq_scan_outputs_check(image, false, err), RGQ_E_IO, "add --force");
    MUST(rgq_scan_outputs_check(image, true, err));
    /* only its side file is there */
    REFUSED(rgq_scan_outputs_check(RGQ_SOURCE_DIR "/tests/data/pet_start.nii.gz", false, err),
            RGQ_E_IO, "pet_start.json exists");
}
END_TEST

RGQ_CHECK_MAIN("cli.scan_opts", tcase_add_test(tc, test_rows_default_to_nothing);
               tcase_add_test(tc, test_best_unit); tcase_add_test(tc, test_unit_is_binding);
               tcase_add_test(tc, test_open_torture); tcase_add_test(tc, test_outputs))
