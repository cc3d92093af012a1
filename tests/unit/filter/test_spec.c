/* The words of filters: what they mean, and what is refused with what to type. */
#include <string.h>

#include "rgdquant/filter.h"
#include "rgq_check.h"

static const struct {
    const char *text;
    rgq_filter_spec spec;
} good[] = {
    {"gaussian:6", {.kind = RGQ_FILTER_GAUSSIAN, .width_mm = {6, 6, 6}}},
    {"gaussian:6,0,5.5", {.kind = RGQ_FILTER_GAUSSIAN, .width_mm = {6, 0, 5.5}}},
    {"match:7", {.kind = RGQ_FILTER_MATCH, .width_mm = {7, 7, 7}}},
    {"match:7,7,8", {.kind = RGQ_FILTER_MATCH, .width_mm = {7, 7, 8}}},
    {"butterworth:0.5,5", {.kind = RGQ_FILTER_BUTTERWORTH, .cutoff_per_cm = 0.5, .order = 5}},
    {"hann:0.8", {.kind = RGQ_FILTER_HANN, .cutoff_per_cm = 0.8}},
    {"metz:8,3", {.kind = RGQ_FILTER_METZ, .width_mm = {8, 8, 8}, .order = 3}},
    {"metz:8,8,9,2.5", {.kind = RGQ_FILTER_METZ, .width_mm = {8, 8, 9}, .order = 2.5}},
    {"wiener:8,0.05",
     {.kind = RGQ_FILTER_WIENER, .width_mm = {8, 8, 8}, .noise_to_signal = 0.05}},
    {"wiener:8,7,6,0.05",
     {.kind = RGQ_FILTER_WIENER, .width_mm = {8, 7, 6}, .noise_to_signal = 0.05}},
    {"mean:15", {.kind = RGQ_FILTER_MEAN, .voxels = {15, 15, 15}}},
    {"mean:3,1,8191", {.kind = RGQ_FILTER_MEAN, .voxels = {3, 1, 8191}}},
    {"median:3", {.kind = RGQ_FILTER_MEDIAN, .voxels = {3, 3, 3}}},
    {"median:31,5,1", {.kind = RGQ_FILTER_MEDIAN, .voxels = {31, 5, 1}}},
    {"log:3", {.kind = RGQ_FILTER_LOG, .width_mm = {3, 3, 3}}},
    {"kernel:a:b,c.nii", {.kind = RGQ_FILTER_KERNEL, .kernel_path = "a:b,c.nii"}},
};

START_TEST(words_mean_numbers)
{
    const rgq_filter_spec *want = &good[_i].spec;
    rgq_filter_spec got;

    memset(&got, 0x55, sizeof got);
    MUST(rgq_filter_parse(&got, good[_i].text, err));
    ck_assert_int_eq(got.kind, want->kind);
    for (int i = 0; i < 3; i++) {
        ck_assert_double_eq(got.width_mm[i], want->width_mm[i]);
        ck_assert_int_eq(got.voxels[i], want->voxels[i]);
    }
    ck_assert_double_eq(got.cutoff_per_cm, want->cutoff_per_cm);
    ck_assert_double_eq(got.order, want->order);
    ck_assert_double_eq(got.noise_to_signal, want->noise_to_signal);
    ck_assert_str_eq(got.kernel_path, want->kernel_path);
    const size_t length = strlen(rgq_filter_name(got.kind));
    ck_assert(strncmp(rgq_filter_name(got.kind), good[_i].text, length) == 0);
    ck_assert(good[_i].text[length] == ':');
    MUST(rgq_filter_check(good[_i].text, NULL, err));
}
END_TEST

static const struct {
    const char *text;
    const char *words;
} bad[] = {
    {"", "there is no filter ''; there are gaussian, match, butterworth"},
    {":6", "there is no filter ''"},
    {"Gaussian:6", "there is no filter 'Gaussian'"},
    {"gauss:6", "median, log, kernel: type e.g. gaussian:6"},
    {"gaussian", "filter 'gaussian' has no number; type e.g. gaussian:6 for 6 mm FWHM"},
    {"gaussian:6,6", "two widths; type one for all axes, or three: gaussian:FWHM or"},
    {"gaussian:6,6,6,6", "4 numbers; type gaussian:FWHM"},
    {"gaussian:-1", "-1 mm; a width is 0 mm or more"},
    {"match", "type e.g. match:7 to bring the scanner to 7 mm"},
    {"match:0", "0 mm; a width is above 0 mm"},
    {"match:7,7", "two widths"},
    {"butterworth:0.5", "has 1 number; type butterworth:CUTOFF,ORDER with the cut-off in"},
    {"butterworth:0.5,5,1", "has 3 numbers"},
    {"butterworth:0,5", "a cut-off [cycles/cm] of 0; 0.0001 to 10000"},
    {"butterworth:-1,5", "a cut-off [cycles/cm] of -1"},
    {"butterworth:0.5,0", "an order of 0; 0.1 to 32"},
    {"butterworth:0.5,33", "an order of 33"},
    {"butterworth:0.5;5", "type butterworth:CUTOFF,ORDER"},
    {"hann:", "type hann:CUTOFF in cycles/cm"},
    {"hann:1,2", "has 2 numbers; type hann:CUTOFF in cycles/cm, e.g. hann:0.8"},
    {"hann:nan", "type hann:CUTOFF"},
    {"metz:8", "has 1 number; type metz:FWHM,POWER"},
    {"metz:8,8,3", "has 3 numbers; type metz:FWHM,POWER or metz:X,Y,Z,POWER"},
    {"metz:0,3", "a FWHM of 0 mm; a width is above 0 mm"},
    {"metz:8,0", "a power of 0; 0.01 to 10000"},
    {"wiener:8,0", "a noise-to-signal ratio of 0; 1e-08 to 1e+08"},
    {"wiener:8", "type wiener:FWHM,NSR"},
    {"mean:4", "a side of 4 voxels; an odd number from 1 to 8191 has a middle: type mean:N"},
    {"mean:2.5", "a side of 2.5 voxels"},
    {"mean:0", "a side of 0 voxels"},
    {"mean:3,3", "has 2 numbers; type mean:N or mean:X,Y,Z in voxels, e.g. mean:3"},
    {"mean:8193", "a side of 8193 voxels"},
    {"mean:1e300", "a side of 1e+300 voxels"},
    {"median:33", "an odd number from 1 to 31"},
    {"median:3,3,4", "a side of 4 voxels"},
    {"log:0", "a sigma [mm] of 0; 0.001 to 10000 can be used: type log:SIGMA in mm"},
    {"log:3,3,3", "has 3 numbers; type log:SIGMA in mm"},
    {"kernel", "filter 'kernel' has no file; type e.g. kernel:psf.nii"},
    {"kernel:", "has no file; type kernel:FILE"},
};

START_TEST(nonsense_is_refused)
{
    rgq_filter_spec spec;
    rgq_filter_spec before;

    memset(&spec, 0x55, sizeof spec);
    before = spec;
    REFUSED(rgq_filter_parse(&spec, bad[_i].text, err), RGQ_E_ARGUMENT, bad[_i].words);
    ck_assert(memcmp(&spec, &before, sizeof spec) == 0);
    REFUSED(rgq_filter_check(bad[_i].text, NULL, err), RGQ_E_ARGUMENT, bad[_i].words);
}
END_TEST

START_TEST(long_words_are_refused)
{
    static char text[RGQ_FILTER_PATH_MAX + 100] = "kernel:";
    rgq_filter_spec spec;

    memset(text + 7, 'x', RGQ_FILTER_PATH_MAX - 1);
    MUST(rgq_filter_parse(&spec, text, err));
    ck_assert_uint_eq(strlen(spec.kernel_path), RGQ_FILTER_PATH_MAX - 1);
    memset(text + 7, 'x', RGQ_FILTER_PATH_MAX);
    REFUSED(rgq_filter_parse(&spec, text, err), RGQ_E_ARGUMENT, "is too long");
    memset(text, 'x', 7);
    REFUSED(rgq_filter_parse(&spec, text, err), RGQ_E_ARGUMENT, "there is no filter 'xxxx");
    ck_assert_str_eq(rgq_filter_name((rgq_filter_kind)77), "?");
}
END_TEST

START_TEST(paths_a_filter_does_not_know_are_refused)
{
    rgq_filter_opts opts = RGQ_FILTER_OPTS_INIT;

    opts.path = RGQ_CONV_FFT;
    REFUSED(rgq_filter_check("median:3", &opts, err), RGQ_E_ARGUMENT, "a median is no");
    MUST(rgq_filter_check("mean:3", &opts, err));
    opts.path = RGQ_CONV_FIR;
    REFUSED(rgq_filter_check("hann:1", &opts, err), RGQ_E_ARGUMENT, "--path fft or auto");
    MUST(rgq_filter_check("median:3", &opts, err));
    opts.path = (rgq_conv_path)9;
    REFUSED(rgq_filter_check("mean:3", &opts, err), RGQ_E_ARGUMENT, "no convolution path 9");
    opts.path = RGQ_CONV_AUTO;
    opts.border = (rgq_border)9;
    REFUSED(rgq_filter_check("mean:3", &opts, err), RGQ_E_ARGUMENT, "no border rule 9");
}
END_TEST

RGQ_CHECK_MAIN("spec", tcase_add_loop_test(tc, words_mean_numbers, 0, ROWS(good));
               tcase_add_loop_test(tc, nonsense_is_refused, 0, ROWS(bad));
               tcase_add_test(tc, long_words_are_refused);
               tcase_add_test(tc, paths_a_filter_does_not_know_are_refused))
