#include <math.h>
#include <string.h>

#include "rgdquant/pvc.h"
#include "rgq_check.h"

static const struct {
    const char *text;
    rgq_pvc_method method;
    rgq_pvc_method then;
} words[] = {
    {"rl", RGQ_PVC_RL, RGQ_PVC_NONE},    {"VC", RGQ_PVC_VC, RGQ_PVC_NONE},
    {"gtm", RGQ_PVC_GTM, RGQ_PVC_NONE},  {"labbe", RGQ_PVC_LABBE, RGQ_PVC_NONE},
    {"rbv+rl", RGQ_PVC_RBV, RGQ_PVC_RL}, {"mtc+vc", RGQ_PVC_MTC, RGQ_PVC_VC},
    {"iy+vc", RGQ_PVC_IY, RGQ_PVC_VC},   {"mg", RGQ_PVC_MG, RGQ_PVC_NONE},
    {"stc+rl", RGQ_PVC_STC, RGQ_PVC_RL},
};

START_TEST(words_are_methods)
{
    rgq_pvc_method method = RGQ_PVC_NONE;
    rgq_pvc_method then = RGQ_PVC_NONE;

    MUST(rgq_pvc_parse(&method, &then, words[_i].text, err));
    ck_assert_int_eq(method, words[_i].method);
    ck_assert_int_eq(then, words[_i].then);
    ck_assert_int_eq(rgq_pvc_needs_regions(method),
                     method != RGQ_PVC_RL && method != RGQ_PVC_VC);
}
END_TEST

START_TEST(other_words_are_none)
{
    static const char *const bad[] = {
        "",       "none",     "gtm+none",  "yang",
        "rl+",    "+rl",      "rbv+iy",    "rl+vc",
        "gtm+rl", "labbe+vc", "rbv+rl+vc", "a-word-that-is-far-too-long-for-a-method"};
    rgq_pvc_method method = RGQ_PVC_STC;
    rgq_pvc_method then = RGQ_PVC_VC;

    for (int i = 0; i < ROWS(bad); i++)
        REFUSED(rgq_pvc_parse(&method, &then, bad[i], err), RGQ_E_ARGUMENT, "rbv");
    ck_assert_int_eq(method, RGQ_PVC_STC);
    ck_assert_int_eq(then, RGQ_PVC_VC);
    ck_assert_str_eq(rgq_pvc_method_name((rgq_pvc_method)99), "?");
    ck_assert(!rgq_pvc_needs_regions((rgq_pvc_method)99));
}
END_TEST

static rgq_pvc_opts good(void)
{
    rgq_pvc_opts o = RGQ_PVC_OPTS_INIT;

    o.method = RGQ_PVC_RL;
    o.psf.fwhm_mm[0] = 6.0;
    return o;
}

START_TEST(options_out_of_range)
{
    rgq_pvc_opts o = good();

    MUST(rgq_pvc_check(&o, err));
    o.method = RGQ_PVC_NONE;
    REFUSED(rgq_pvc_check(&o, err), RGQ_E_ARGUMENT, "no method");
    o = good();
    o.then = RGQ_PVC_VC;
    REFUSED(rgq_pvc_check(&o, err), RGQ_E_ARGUMENT, "vc cannot follow rl");
    o = good();
    o.psf.fwhm_mm[0] = 0.0;
    REFUSED(rgq_pvc_check(&o, err), RGQ_E_ARGUMENT, "0 mm FWHM");
    o.psf.fwhm_mm[1] = -1.0;
    REFUSED(rgq_pvc_check(&o, err), RGQ_E_ARGUMENT, "-1 mm FWHM along y");
    o.psf.fwhm_mm[1] = (double)NAN;
    REFUSED(rgq_pvc_check(&o, err), RGQ_E_ARGUMENT, "along y");
    o = good();
    o.iterations = -3;
    REFUSED(rgq_pvc_check(&o, err), RGQ_E_ARGUMENT, "-3 iterations");
    o = good();
    o.then_iterations = 1000000;
    REFUSED(rgq_pvc_check(&o, err), RGQ_E_ARGUMENT, "1000000 iterations");
    o = good();
    o.tolerance = (double)NAN;
    REFUSED(rgq_pvc_check(&o, err), RGQ_E_ARGUMENT, "tolerance");
    o = good();
    o.relaxation = 0.0;
    REFUSED(rgq_pvc_check(&o, err), RGQ_E_ARGUMENT, "relaxation of 0");
    o = good();
    o.border = (rgq_border)17;
    REFUSED(rgq_pvc_check(&o, err), RGQ_E_ARGUMENT, "border 17");
}
END_TEST

RGQ_CHECK_MAIN("pvc options", tcase_add_loop_test(tc, words_are_methods, 0, ROWS(words));
               tcase_add_test(tc, other_words_are_none);
               tcase_add_test(tc, options_out_of_range))
