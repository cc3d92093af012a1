/* calibration.json, strictly. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rgdquant/calibration.h"
#include "rgq_check.h"

static const char calibration_text[] =
    "{\"format\": 1, \"date\": \"2024-12-01\", \"nuclide\": \"99mTc\", \"scanner\": \"X1\","
    " \"note\": \"cylinder, 6 L\", \"calibration_factor\": {\"value\": 1.034, \"unit\": \"1\"},"
    " \"sensitivity\": {\"value\": 91.2, \"uncertainty\": 0.8, \"unit\": \"cps/MBq\"}}";

static const struct {
    const char *text;
    const char *words;
} broken[] = {
    {"[]", "an object is needed"},
    {"{\"format\":2,\"date\":\"2024-12-01\"}", "format"},
    {"{\"format\":1}", "date"},
    {"{\"format\":1,\"date\":\"yesterday\"}", "'yesterday' is none"},
    {"{\"format\":1,\"date\":\"2024-12-01\"}", "neither"},
    {"{\"format\":1,\"date\":\"2024-12-01\",\"factor\":1}", "factor"},
    {"{\"format\":1,\"date\":\"2024-12-01\",\"calibration_factor\":1.1}", "is no object"},
    {"{\"format\":1,\"date\":\"2024-12-01\",\"calibration_factor\":{\"value\":1.1}}", "unit"},
    {"{\"format\":1,\"date\":\"2024-12-01\",\"calibration_factor\":{\"value\":1.1,"
     "\"unit\":\"Bq/mL\"}}",
     "the unit is 'Bq/mL', '1' is needed"},
    {"{\"format\":1,\"date\":\"2024-12-01\",\"calibration_factor\":{\"value\":0,"
     "\"unit\":\"1\"}}",
     "value"},
    {"{\"format\":1,\"date\":\"2024-12-01\",\"calibration_factor\":{\"value\":1.1,"
     "\"unit\":\"1\",\"sd\":1}}",
     "sd"},
    {"{\"format\":1,\"date\":\"2024-12-01\",\"sensitivity\":{\"value\":91,"
     "\"unit\":\"cps/MBq\",\"uncertainty\":-1}}",
     "uncertainty"},
    {"{\"format\":1,\"date\":\"2024-12-01\",\"nuclide\":\"Xx-1\",\"sensitivity\":{\"value\":"
     "91,\"unit\":\"cps/MBq\"}}",
     "'Xx-1' is not known"},
};

START_TEST(test_calibration_broken)
{
    rgq_calibration c = {.factor = 7.0};

    REFUSED(rgq_calibration_parse(&c, broken[_i].text, strlen(broken[_i].text), "c.json", err),
            RGQ_E_FORMAT, broken[_i].words);
    ck_assert_double_eq(c.factor, 7.0);
}
END_TEST

/* Cut anywhere, and any byte turned: an answer, never a crash; and no memory is lost. */
START_TEST(test_calibration_damaged)
{
    const size_t length = sizeof calibration_text - 1;
    char copy[sizeof calibration_text];
    rgq_calibration c;

    for (size_t n = 0; n < length; n++)
        ck_assert_int_ne(rgq_calibration_parse(&c, calibration_text, n, "c", NULL), RGQ_OK);
    for (size_t i = 0; i < 8 * length; i++) {
        memcpy(copy, calibration_text, sizeof copy);
        copy[i / 8] = (char)((unsigned char)copy[i / 8] ^ (1u << i % 8));
        const rgq_status st = rgq_calibration_parse(&c, copy, length, "c", NULL);
        ck_assert(st == RGQ_OK || st == RGQ_E_FORMAT);
    }
    TORTURE(rgq_calibration_parse(&c, calibration_text, length, "c", err), (void)0, 0);
    ck_assert_double_eq(c.sensitivity_uncertainty, 0.8);
    ck_assert(isnan(c.factor_uncertainty));
    ck_assert_str_eq(c.nuclide, "Tc-99m");
}
END_TEST

START_TEST(test_calibration_file)
{
    rgq_calibration c = {.factor = 7.0};
    FILE *file = fopen("calibration_unit.json", "w");

    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(calibration_text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
    MUST(rgq_calibration_load(&c, "calibration_unit.json", err));
    ck_assert_double_eq(c.factor, 1.034);
    ck_assert_double_eq(c.time_s, 1733011200.0); /* 2024-12-01 */
    ck_assert_str_eq(c.scanner, "X1");
    ck_assert_str_eq(c.note, "cylinder, 6 L");
    ck_assert_int_eq(remove("calibration_unit.json"), 0);
    REFUSED(rgq_calibration_load(&c, "calibration_unit.json", err), RGQ_E_IO,
            "calibration_unit.json");
}
END_TEST

RGQ_CHECK_MAIN("tracer.calibration",
               tcase_add_loop_test(tc, test_calibration_broken, 0, ROWS(broken));
               tcase_add_test(tc, test_calibration_damaged);
               tcase_add_test(tc, test_calibration_file))
