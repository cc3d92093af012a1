#include "cli/pvc_words.h"

#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "core/alloc.h"
#include "core/banned.h"
#include "core/parse.h"
#include "core/text.h"
#include "pipeline/correction.h"

typedef rgq_pvc_words_opts words;

const rgq_opt rgq_pvc_rows[] = {
    RGQ_ARGUMENT(words, scan, "SCAN", NULL,
                 "the scan: a DICOM folder or file, or a NIfTI file"),
    RGQ_ARGUMENT(words, out, "OUT", NULL,
                 "the corrected scan: .nii or .nii.gz; of rc also a table .tsv"),
    RGQ_TEXT(words, method, "method", "M", NULL,
             "rl, vc, gtm, labbe, rbv, mtc, iy, mg, stc; with rl or vc behind it, as in rbv+rl "
             "or iy+vc; or rc"),
    RGQ_REALS(words, psf_mm, "psf-mm", "F|X,Y,Z", "", 0, 1000, 1, 3,
              "PSF: full width at half maximum in mm, for all axes or for each voxel axis; "
              "without the width of the voxel"),
    RGQ_TEXT(words, psf_file, "psf-file", "FILE", "",
             "PSF instead of --psf-mm: psf.json of a phantom, or the NIfTI image of a measured "
             "kernel"),
    RGQ_TEXT(words, regions, "regions", "LABELS", "",
             "regions on the voxels of the scan: NIfTI label map or 4-D masks, RTSTRUCT, DICOM "
             "SEG; needed by all methods but rl and vc"),
    RGQ_INT(words, iterations, "iterations", "N", "0", 0, 100000,
            "of rl, vc, iy, stc; 0: 30 for vc, 10 for the others"),
    RGQ_INT(words, then_iterations, "then-iterations", "N", "0", 0, 100000,
            "of the second method of a pair; 0: 30 for vc, 10 for rl"),
    RGQ_REAL(
        words, tolerance, "tolerance", "FRACTION", "0", 0, 0.999999,
        "stop when an iteration changes no voxel by more than this part of the maximum; 0: "
        "run all iterations"),
    RGQ_REAL(words, relaxation, "relaxation", "A", "1", 1e-6, 2, "step of vc"),
    RGQ_CHOICE(words, kernel, "kernel", "exact", "exact|itk",
               "exact: the kernel has the variance asked for; itk: the discrete Gaussian of "
               "ITK with its defaults, to reproduce PETPVC"),
    RGQ_CHOICE(words, border, "border", "replicate", "zero|replicate|mirror|periodic",
               "what lies outside the image"),
    RGQ_CHOICE(words, path, "path", "auto", "auto|fir|fft",
               "how to blur; the results agree to 1e-5 of the maximum"),
    RGQ_CHOICE(words, negatives, "negatives", "refuse", "refuse|zero",
               "voxels below 0 in rl: refuse the scan, or set them to 0"),
    RGQ_TEXT(words, target, "target", "NAME", "",
             "of mg: name or label of the region that is corrected; default: the first"),
    RGQ_TEXT(words, values, "values", "V,V,...", "",
             "of mg: means of the background and of the regions other than the target, in "
             "their order; default: those of gtm"),
    RGQ_TEXT(words, table, "table", "T.tsv", "",
             "write the regional values there, and what was done to T.json"),
    RGQ_TEXT(words, rc_curve, "rc-curve", "FILE.tsv", "",
             "of rc: recovery coefficients of a phantom, columns diameter_mm, rc_mean and, if "
             "there are, rc_mean_sd"),
    RGQ_TEXT(words, background, "background", "NAME", "",
             "of rc: name or label of the region around the lesions"),
    RGQ_REAL(words, confidence, "confidence", "FRACTION", "0.95", 0.5, 0.9999,
             "of rc: of the intervals"),
    RGQ_TEXT(words, side_file, "side-file", "FILE.json", "",
             "BIDS PET side file, instead of the one beside the image"),
    RGQ_TEXT(words, series, "series", "UID", "",
             "which DICOM series, where the folder holds several"),
    RGQ_FLAG(words, keep_times, "keep-times",
             "keep times of day in the side file; else they count from the injection"),
};

bool rgq_pvc_is_rc(const rgq_pvc_words_opts *o)
{
    return rgq_text_equal_nocase(o->method, "rc");
}

/* ---- which option belongs to which method ---- */

static bool runs(const rgq_pvc_opts *pvc, rgq_pvc_method method)
{
    return pvc->method == method || pvc->then == method;
}

static bool is_iterated(const rgq_pvc_opts *pvc)
{
    return pvc->method == RGQ_PVC_RL || pvc->method == RGQ_PVC_VC ||
           pvc->method == RGQ_PVC_IY || pvc->method == RGQ_PVC_STC;
}

/* What is given and would be ignored is a slip: the run would not be what it looks like. */
static rgq_status refuse_strangers(const rgq_pvc_opts *pvc, const rgq_context *context, bool rc,
                                   const char *method, rgq_error *err)
{
    const bool mg = !rc && pvc->method == RGQ_PVC_MG;
    const bool pair = !rc && pvc->then != RGQ_PVC_NONE;
    const struct {
        const char *option;
        bool fits;
        const char *of;
    } belongs[] = {
        {"target", mg, "mg"},
        {"values", mg, "mg"},
        {"iterations", !rc && is_iterated(pvc), "rl, vc, iy and stc"},
        {"then-iterations", pair, "pairs such as rbv+rl"},
        {"tolerance", !rc && (is_iterated(pvc) || pair), "rl, vc, iy, stc and pairs"},
        {"relaxation", !rc && runs(pvc, RGQ_PVC_VC), "vc"},
        {"negatives", !rc && runs(pvc, RGQ_PVC_RL), "rl"},
        {"rc-curve", rc, "rc"},
        {"background", rc, "rc"},
        {"confidence", rc, "rc"},
        {"psf-mm", !rc, "the methods that blur, not to"},
        {"psf-file", !rc, "the methods that blur, not to"},
        {"kernel", !rc, "the methods that blur, not to"},
        {"border", !rc, "the methods that blur, not to"},
        {"path", !rc, "the methods that blur, not to"},
    };

    for (size_t i = 0; i < sizeof belongs / sizeof belongs[0]; i++) {
        if (belongs[i].fits || !rgq_context_given(context, belongs[i].option))
            continue;
        if (rc && strstr(belongs[i].of, "not to") != NULL)
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "--%s belongs to %s rc, whose curve holds the PSF; leave it out",
                             belongs[i].option, belongs[i].of);
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "--%s belongs to %s, not to %.20s; leave it out",
                         belongs[i].option, belongs[i].of, method);
    }
    return RGQ_OK;
}

static rgq_status check_rc(const rgq_pvc_words_opts *o, rgq_error *err)
{
    if (o->rc_curve == NULL || o->regions == NULL || o->background == NULL)
        return RGQ_RAISE(
            err, RGQ_E_ARGUMENT,
            "rc needs --rc-curve FILE.tsv, --regions LABELS and --background NAME; "
            "%s is missing",
            o->rc_curve == NULL  ? "--rc-curve"
            : o->regions == NULL ? "--regions"
                                 : "--background");
    if (rgq_text_ends_with(o->out, ".tsv") && o->table != NULL)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "OUT is a table and --table names another; name one of them");
    return RGQ_OK;
}

/* ---- PSF ---- */

rgq_status rgq_pvc_psf_words(double fwhm_mm[3], const rgq_reals *psf_mm, rgq_error *err)
{
    for (int i = 0; i < 3; i++)
        fwhm_mm[i] = psf_mm->count == 0 ? 0.0 : psf_mm->value[psf_mm->count == 3 ? i : 0];
    if (psf_mm->count == 2)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "--psf-mm has 2 numbers; 1 for all axes or 3, X,Y,Z, were needed");
    return RGQ_OK;
}

static rgq_status check_psf(rgq_pvc_opts *pvc, const rgq_pvc_words_opts *o, rgq_error *err)
{
    if ((o->psf_mm.count == 0) == (o->psf_file == NULL))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "%s; the width of the scanner's PSF is needed once: --psf-mm F, or "
                         "--psf-file FILE",
                         o->psf_file == NULL ? "there is no PSF"
                                             : "--psf-mm and --psf-file were both given");
    RGQ_PASS(err, rgq_pvc_psf_words(pvc->psf.fwhm_mm, &o->psf_mm, err));
    if (o->psf_file != NULL) /* its widths come later; here the rest is checked */
        return RGQ_OK;
    return rgq_pvc_check(pvc, err);
}

rgq_status rgq_pvc_words_check(rgq_pvc_opts *pvc, const rgq_context *context,
                               const rgq_pvc_words_opts *o, rgq_error *err)
{
    const bool rc = rgq_pvc_is_rc(o);

    if (!rc)
        RGQ_PASS(err, rgq_correction_parse(&pvc->method, &pvc->then, o->method, err));
    RGQ_PASS(err, refuse_strangers(pvc, context, rc, o->method, err));
    if (rc)
        return check_rc(o, err);
    RGQ_PASS(err, rgq_kernel_kind_parse(&pvc->kernel, o->kernel, err));
    RGQ_PASS(err, rgq_border_parse(&pvc->border, o->border, err));
    RGQ_PASS(err, rgq_conv_path_parse(&pvc->path, o->path, err));
    pvc->iterations = o->iterations;
    pvc->then_iterations = o->then_iterations;
    pvc->tolerance = o->tolerance;
    pvc->relaxation = o->relaxation;
    pvc->negatives =
        strcmp(o->negatives, "zero") == 0 ? RGQ_NEGATIVES_ZERO : RGQ_NEGATIVES_REFUSE;
    pvc->target = o->target;
    RGQ_PASS(err, check_psf(pvc, o, err));
    if (rgq_pvc_needs_regions(pvc->method) && o->regions == NULL)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "%s needs regions: give --regions LABELS; rl and vc need none",
                         rgq_pvc_method_name(pvc->method));
    if (o->table != NULL && o->regions == NULL)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "--table holds the values of regions: give --regions LABELS");
    return RGQ_OK;
}

/* ---- --values ---- */

rgq_status rgq_pvc_values(double **out, int *count, const char *text, rgq_error *err)
{
    int most = 1;

    for (const char *c = text; *c != '\0' && most < RGQ_REGIONS_MAX; c++)
        most += *c == ',';
    RGQ_PASS(err, rgq_alloc(out, (size_t)most, sizeof **out, err));
    const rgq_status st = rgq_parse_reals(*out, count, most, text, ',', err);
    if (st != RGQ_OK) {
        rgq_error_prefix(err, "--values: ");
        rgq_free(*out);
        *out = NULL;
    }
    return st;
}
