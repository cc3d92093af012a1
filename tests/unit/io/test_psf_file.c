/* psf.json and kernels: what is read, and every refusal. */
#include "io_check.h"
#include "rgdquant/scan_file.h"

static rgq_psf_file psf;
static char warned[512];

static void hear(void *user, rgq_level level, const char *text)
{
    (void)user;
    if (level == RGQ_LEVEL_WARNING)
        (void)snprintf(warned, sizeof warned, "%s", text);
}

static const rgq_log listener = {hear, NULL, NULL};

static void begin(void)
{
    folder_begin();
    memset(&psf, 0, sizeof psf);
    warned[0] = '\0';
}

static void end(void)
{
    rgq_psf_file_release(&psf);
    folder_end();
}

#define FWHM "\"fwhm_mm\": {\"value\": [4, 4.5, 0], \"unit\": \"mm\", \"source\": \"NEMA\"}"

START_TEST(json_is_read)
{
    save_text(at("psf.json"), "  {\"format\": 1, " FWHM "}");
    MUST(rgq_psf_read(&psf, at("psf.json"), NULL, err));
    ck_assert(psf.psf.fwhm_mm[0] == 4.0 && psf.psf.fwhm_mm[1] == 4.5);
    ck_assert(psf.psf.fwhm_mm[2] == 0.0 && psf.psf.image == NULL && psf.image == NULL);
    ck_assert(isnan(psf.uncertainty_mm[0]) && isnan(psf.voxel_mm[2]));
    ck_assert_str_eq(psf.source, "NEMA");
    ck_assert_str_eq(psf.method, "");
    save_text(at("any name"),
              "{\"format\": 1, \"fwhm_mm\": {\"value\": 6, \"unit\": \"mm\", \"uncertainty\": "
              "[0.1, 0.2, 0.3], \"source\": \"s\"}, \"voxel_mm\": [2, 2, 3.5], \"method\": "
              "\"edges of spheres\"}");
    MUST(rgq_psf_read(&psf, at("any name"), NULL, err));
    for (int i = 0; i < 3; i++)
        ck_assert(psf.psf.fwhm_mm[i] == 6.0);
    ck_assert(psf.uncertainty_mm[2] == 0.3 && psf.voxel_mm[2] == 3.5);
    ck_assert_str_eq(psf.method, "edges of spheres");
}
END_TEST

/* more than "method" holds */
static char long_words[300];

static const struct {
    const char *text;
    rgq_status status;
    const char *words;
} bad[] = {
    {"{\"format\": 2, " FWHM "}", RGQ_E_FORMAT, "'format' is 2"},
    {"{" FWHM "}", RGQ_E_FORMAT, "'format'"},
    {"{\"format\": 1}", RGQ_E_FORMAT, "fwhm_mm is missing"},
    {"{\"format\": 1, \"fwhm_mm\": 6}", RGQ_E_FORMAT, "no object"},
    {"[1]", RGQ_E_FORMAT, "is no object"},
    {"{\"format\": 1, \"fwhm\": 4, " FWHM "}", RGQ_E_FORMAT, "fwhm_mm"},
    {"{\"format\": 1, \"fwhm_mm\": {\"value\": 4, \"unit\": \"cm\", \"source\": \"s\"}}",
     RGQ_E_UNIT, "'cm', 'mm' is needed"},
    {"{\"format\": 1, \"fwhm_mm\": {\"value\": 4, \"source\": \"s\"}}", RGQ_E_FORMAT, "'unit'"},
    {"{\"format\": 1, \"fwhm_mm\": {\"value\": 4, \"unit\": \"mm\"}}", RGQ_E_FORMAT,
     "'source'"},
    {"{\"format\": 1, \"fwhm_mm\": {\"value\": 4, \"unit\": \"mm\", \"source\": \"\"}}",
     RGQ_E_FORMAT, "'source' is empty"},
    {"{\"format\": 1, \"fwhm_mm\": {\"value\": 0, \"unit\": \"mm\", \"source\": \"s\"}}",
     RGQ_E_FORMAT, "all widths are 0"},
    {"{\"format\": 1, \"fwhm_mm\": {\"value\": [0, 0, 0], \"unit\": \"mm\", \"source\": "
     "\"s\"}}",
     RGQ_E_FORMAT, "all widths are 0"},
    {"{\"format\": 1, \"fwhm_mm\": {\"value\": [4, -1, 4], \"unit\": \"mm\", \"source\": "
     "\"s\"}}",
     RGQ_E_FORMAT, "-1 mm along y"},
    {"{\"format\": 1, \"fwhm_mm\": {\"value\": 1001, \"unit\": \"mm\", \"source\": \"s\"}}",
     RGQ_E_FORMAT, "1001"},
    {"{\"format\": 1, \"fwhm_mm\": {\"value\": [4, 4], \"unit\": \"mm\", \"source\": \"s\"}}",
     RGQ_E_FORMAT, "array of 3"},
    {"{\"format\": 1, \"fwhm_mm\": {\"value\": \"4\", \"unit\": \"mm\", \"source\": \"s\"}}",
     RGQ_E_FORMAT, "a number"},
    {"{\"format\": 1, \"fwhm_mm\": {\"value\": 4, \"uncertainty\": -0.1, \"unit\": \"mm\", "
     "\"source\": \"s\"}}",
     RGQ_E_FORMAT, "'uncertainty' is -0.1"},
    {"{\"format\": 1, " FWHM ", \"voxel_mm\": [2, 0, 2]}", RGQ_E_FORMAT, "0 mm along y"},
    {"{\"format\": 1, " FWHM ", \"method\": 7}", RGQ_E_FORMAT, "'method'"},
    {"{\"format\": 1, " FWHM, RGQ_E_FORMAT, "psf.json"},
    {"4 mm\n", RGQ_E_FORMAT, "neither a psf.json"},
    {"", RGQ_E_FORMAT, "neither a psf.json"},
    {long_words, RGQ_E_FORMAT, "at most 159 fit"},
};

START_TEST(json_is_refused)
{
    (void)snprintf(long_words, sizeof long_words,
                   "{\"format\": 1, " FWHM ", \"method\": \"%0160d\"}", 1);
    save_text(at("psf.json"), bad[_i].text);
    REFUSED(rgq_psf_read(&psf, at("psf.json"), NULL, err), bad[_i].status, bad[_i].words);
    ck_assert(psf.psf.fwhm_mm[0] == 0.0 && psf.image == NULL);
}
END_TEST

START_TEST(no_file)
{
    REFUSED(rgq_psf_read(&psf, at("none.json"), NULL, err), RGQ_E_IO, "none.json");
}
END_TEST

/* nx x 1 x 1 voxels of float32 */
static void save_kernel(const char *name, int nx, int n_frames, const double *values)
{
    maker m = make_header(1, false);

    put_dim(&m, 0, n_frames > 1 ? 4 : 3);
    put_dim(&m, 1, nx);
    put_dim(&m, 2, 1);
    put_dim(&m, 3, 1);
    put_dim(&m, 4, n_frames);
    for (int i = 0; i < nx * n_frames; i++)
        put(&m, m.length, 4, bits_32(values[i]));
    save(at(name), m.bytes, m.length);
}

START_TEST(kernel)
{
    const double centred[3] = {1, 2, 1};
    save_kernel("k.nii", 3, 1, centred);
    MUST(rgq_psf_read(&psf, at("k.nii"), &listener, err));
    ck_assert_ptr_nonnull(psf.image);
    ck_assert_ptr_eq(psf.psf.image, psf.image);
    ck_assert_str_eq(warned, "");
    rgq_psf_file_release(&psf);
    ck_assert_ptr_null(psf.psf.image);

    const double aside[3] = {1, 0, 0}; /* one voxel off */
    save_kernel("k.nii", 3, 1, aside);
    MUST(rgq_psf_read(&psf, at("k.nii"), &listener, err));
    ck_assert_msg(strstr(warned, "-1 voxels along x") != NULL, "%s", warned);
    rgq_psf_file_release(&psf);
}
END_TEST

START_TEST(kernel_is_refused)
{
    const double four[4] = {1, 1, 1, 1};
    const double none[3] = {1, -1, 0};
    const double nan[3] = {1, (double)NAN, 1};
    const double two_frames[6] = {1, 1, 1, 1, 1, 1};

    save_kernel("k.nii", 4, 1, four);
    REFUSED(rgq_psf_read(&psf, at("k.nii"), NULL, err), RGQ_E_FORMAT, "4 along x");
    save_kernel("k.nii", 3, 1, none);
    REFUSED(rgq_psf_read(&psf, at("k.nii"), NULL, err), RGQ_E_FORMAT, "add up to 0");
    save_kernel("k.nii", 3, 1, nan);
    REFUSED(rgq_psf_read(&psf, at("k.nii"), NULL, err), RGQ_E_NUMERIC, "");
    save_kernel("k.nii", 3, 2, two_frames);
    REFUSED(rgq_psf_read(&psf, at("k.nii"), NULL, err), RGQ_E_FORMAT, "2 frames");
    ck_assert_ptr_null(psf.image);
}
END_TEST

START_TEST(torture)
{
    const double centred[3] = {1, 2, 1};
    save_text(at("psf.json"), "{\"format\": 1, " FWHM "}");
    save_kernel("k.nii", 3, 1, centred);
    TORTURE(rgq_psf_read(&psf, at("psf.json"), NULL, err), rgq_psf_file_release(&psf), 0);
    TORTURE(rgq_psf_read(&psf, at("k.nii"), NULL, err), rgq_psf_file_release(&psf), 2);
}
END_TEST

RGQ_CHECK_MAIN("psf_file", tcase_add_checked_fixture(tc, begin, end),
               tcase_add_test(tc, json_is_read),
               tcase_add_loop_test(tc, json_is_refused, 0, ROWS(bad)),
               tcase_add_test(tc, no_file), tcase_add_test(tc, kernel),
               tcase_add_test(tc, kernel_is_refused), tcase_add_test(tc, torture))
