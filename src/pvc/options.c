/* Names of the methods, and what of the options can be found wrong without a volume. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/banned.h"
#include "core/text.h"
#include "rgdquant/pvc.h"

enum { ITERATIONS_MAX = 100000, WORD_MAX = 16 };

static const struct {
    rgq_pvc_method method;
    const char *name;
    bool regions;
    bool image; /* leaves an image that RL and VC can go on with */
} methods[] = {
    {RGQ_PVC_NONE, "none", false, false},  {RGQ_PVC_RL, "rl", false, false},
    {RGQ_PVC_VC, "vc", false, false},      {RGQ_PVC_GTM, "gtm", true, false},
    {RGQ_PVC_LABBE, "labbe", true, false}, {RGQ_PVC_RBV, "rbv", true, true},
    {RGQ_PVC_MTC, "mtc", true, true},      {RGQ_PVC_IY, "iy", true, true},
    {RGQ_PVC_MG, "mg", true, true},        {RGQ_PVC_STC, "stc", true, true},
};

enum { N_METHODS = sizeof methods / sizeof *methods };

static int row_of(rgq_pvc_method method)
{
    for (int i = 0; i < N_METHODS; i++)
        if (methods[i].method == method)
            return i;
    return -1;
}

const char *rgq_pvc_method_name(rgq_pvc_method method)
{
    const int i = row_of(method);

    return i < 0 ? "?" : methods[i].name;
}

bool rgq_pvc_needs_regions(rgq_pvc_method method)
{
    const int i = row_of(method);

    return i >= 0 && methods[i].regions;
}

static bool find_name(rgq_pvc_method *out, const char *name)
{
    for (int i = 1; i < N_METHODS; i++)
        if (rgq_text_equal_nocase(methods[i].name, name)) {
            *out = methods[i].method;
            return true;
        }
    return false;
}

static rgq_status check_pair(rgq_pvc_method method, rgq_pvc_method then, rgq_error *err)
{
    const int i = row_of(method);

    if (i < 1)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "no method of partial-volume correction was named; there are rl, vc, "
                         "gtm, labbe, rbv, mtc, iy, mg, stc");
    if (then == RGQ_PVC_NONE)
        return RGQ_OK;
    if (then != RGQ_PVC_RL && then != RGQ_PVC_VC)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "%s cannot follow another method; rl and vc can, as in 'rbv+rl'",
                         rgq_pvc_method_name(then));
    if (!methods[i].image)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "%s cannot follow %s; it can follow rbv, mtc, iy, mg and stc, which "
                         "leave an image",
                         rgq_pvc_method_name(then), methods[i].name);
    return RGQ_OK;
}

rgq_status rgq_pvc_parse(rgq_pvc_method *method, rgq_pvc_method *then, const char *text,
                         rgq_error *err)
{
    rgq_pvc_method first = RGQ_PVC_NONE;
    rgq_pvc_method second = RGQ_PVC_NONE;
    const char *plus = strchr(text, '+');
    const size_t length = plus != NULL ? (size_t)(plus - text) : strlen(text);
    char word[WORD_MAX] = "";

    if (length < sizeof word) {
        memcpy(word, text, length);
        word[length] = '\0';
    }
    if (!find_name(&first, word) || (plus != NULL && !find_name(&second, plus + 1)))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "'%.40s' is no method of partial-volume correction; there are rl, vc, "
                         "gtm, labbe, rbv, mtc, iy, mg, stc, and pairs such as rbv+rl or iy+vc",
                         text);
    RGQ_PASS(err, check_pair(first, second, err));
    *method = first;
    *then = second;
    return RGQ_OK;
}

static rgq_status check_psf(const rgq_psf *psf, rgq_error *err)
{
    static const char axis_name[3] = {'x', 'y', 'z'};
    bool any = false;

    if (psf->image != NULL)
        return RGQ_OK;
    for (int i = 0; i < 3; i++) {
        if (!(psf->fwhm_mm[i] >= 0.0 && psf->fwhm_mm[i] < HUGE_VAL))
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "a PSF of %g mm FWHM along %c; a width of 0 mm or more was needed",
                             psf->fwhm_mm[i], axis_name[i]);
        any = any || psf->fwhm_mm[i] > 0.0;
    }
    if (!any)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "a PSF of 0 mm FWHM: there is nothing to correct; give the scanner's "
                         "width, e.g. --psf-mm 6, or --psf-file");
    return RGQ_OK;
}

static rgq_status check_counts(const rgq_pvc_opts *o, rgq_error *err)
{
    if (o->iterations < 0 || o->iterations > ITERATIONS_MAX || o->then_iterations < 0 ||
        o->then_iterations > ITERATIONS_MAX)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "%d iterations; 1 to %d, or 0 for the default",
                         o->iterations < 0 || o->iterations > ITERATIONS_MAX
                             ? o->iterations
                             : o->then_iterations,
                         (int)ITERATIONS_MAX);
    if (!(o->tolerance >= 0.0 && o->tolerance < 1.0))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "a tolerance of %g; 0 (run all iterations) or a part of the maximum "
                         "below 1 was needed",
                         o->tolerance);
    if (!(o->relaxation > 0.0 && o->relaxation <= 2.0))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "a relaxation of %g; more than 0 and at most 2 was needed",
                         o->relaxation);
    return RGQ_OK;
}

rgq_status rgq_pvc_check(const rgq_pvc_opts *opts, rgq_error *err)
{
    RGQ_PASS(err, check_pair(opts->method, opts->then, err));
    RGQ_PASS(err, check_psf(&opts->psf, err));
    RGQ_PASS(err, check_counts(opts, err));
    if (rgq_border_name(opts->border)[0] == '?' || rgq_conv_path_name(opts->path)[0] == '?' ||
        rgq_kernel_kind_name(opts->kernel)[0] == '?' ||
        (opts->negatives != RGQ_NEGATIVES_REFUSE && opts->negatives != RGQ_NEGATIVES_ZERO))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "border %d, path %d, kernel %d, negatives %d: one of them is none of "
                         "the choices there are",
                         (int)opts->border, (int)opts->path, (int)opts->kernel,
                         (int)opts->negatives);
    return RGQ_OK;
}
