/**
 * @file quantify_words.h
 * @brief Options of `quantify` that `batch` has as well: there they are the template of every
 *        case.
 *
 * A command puts `rgq_quantify_words words;` into its option struct and
 * RGQ_QUANTIFY_OPTIONS(my_opts, words) into its table. SCAN, --tracer, --out and --explain are
 * no part of them.
 */
#ifndef RGQ_CLI_QUANTIFY_WORDS_H
#define RGQ_CLI_QUANTIFY_WORDS_H

#include "cli/opt.h"
#include "cli/scan_opts.h"
#include "cli/segment_words.h"

/** NaN / NULL = not given. */
typedef struct rgq_quantify_words {
    const char *regions;
    const char *segment;
    rgq_segment_words words;
    const char *filter;
    const char *border;
    const char *path;
    const char *pvc;
    rgq_reals psf_mm;
    const char *psf_file;
    int pvc_iterations;
    const char *background;
    double confidence;
    double calibration_percent;
    const char *tissue;
    const char *drug;
    const char *calibration;
    int frame;
    rgq_scan_opts scan;
    double overview_maximum;
    const char *keep;
} rgq_quantify_words;

/** Rows of the table; T is the option struct of the command, `field` its member of type
 *  rgq_quantify_words. */
#define RGQ_QUANTIFY_OPTIONS(T, field)                                                         \
    RGQ_TEXT(T, field.regions, "regions", "LABELS", "",                                        \
             "regions to measure: a NIfTI label map or 4-D mask on the grid of the scan"),     \
        RGQ_TEXT(                                                                              \
            T, field.segment, "segment", "SPEC", "",                                           \
            "find regions, as 'rgdquant segment' does (fixed:T, a50, walker, ...); they join " \
            "those of "                                                                        \
            "--regions"),                                                                      \
        RGQ_SEGMENT_OPTIONS(T, field.words, "with --segment: "),                               \
        RGQ_TEXT(T, field.filter, "filter", "SPEC", "",                                        \
                 "filter first, e.g. gaussian:6 (mm FWHM); 'rgdquant filter --help' lists "    \
                 "filters"),                                                                   \
        RGQ_CHOICE(T, field.border, "border", "replicate", "zero|replicate|mirror|periodic",   \
                   "with --filter and --pvc: what lies outside the image"),                    \
        RGQ_CHOICE(T, field.path, "path", "auto", "auto|fir|fft",                              \
                   "with --filter and --pvc: how to compute it"),                              \
        RGQ_TEXT(                                                                              \
            T, field.pvc, "pvc", "METHOD", "",                                                 \
            "correct for the partial-volume effect, behind the filter: rl, vc, gtm, labbe, "   \
            "rbv, "                                                                            \
            "mtc, iy, mg, stc, or a pair as rbv+rl; all but rl and vc work with --regions"),   \
        RGQ_REALS(                                                                             \
            T, field.psf_mm, "psf-mm", "F|X,Y,Z", "", 0, 1000, 1, 3,                           \
            "with --pvc, --segment and --filter match: full width at half maximum of the "     \
            "scan's PSF in mm; a Gaussian --filter widens it. --segment takes the largest "    \
            "width (5 without): the local background begins so far from the lesion"),          \
        RGQ_TEXT(T, field.psf_file, "psf-file", "FILE", "",                                    \
                 "instead of --psf-mm: psf.json of a phantom, or the image of a measured "     \
                 "kernel ('rgdquant pvc --help')"),                                            \
        RGQ_INT(T, field.pvc_iterations, "pvc-iterations", "N", "0", 0, 100000,                \
                "with --pvc: of rl, vc, iy, stc; 0: 30 for vc, 10 for the others"),            \
        RGQ_TEXT(                                                                              \
            T, field.background, "background", "BACKGROUND", "",                               \
            "what to divide by: a region (name or label), sphere:X,Y,Z,R, shell:INNER,OUTER, " \
            "mirror[:X] (all in mm; see 'rgdquant measure --help') or reference; default: "    \
            "the "                                                                             \
            "tracer's reference tissue, if a region is named so"),                             \
        RGQ_REAL(T, field.confidence, "confidence", "FRACTION", "0.95", 0.5, 0.9999,           \
                 "of the intervals of the ratios"),                                            \
        RGQ_REAL(T, field.calibration_percent, "calibration-uncertainty-percent", "%", "", 0,  \
                 1000,                                                                         \
                 "standard uncertainty of the calibration, for the budget in measures.json; "  \
                 "default: what --calibration-file states"),                                   \
        RGQ_TEXT(                                                                              \
            T, field.tissue, "tissue", "WORDS", "",                                            \
            "what the lesions lie in, e.g. \"renal cell carcinoma\": what reviews say of the " \
            "target there, in both directions, joins the report"),                             \
        RGQ_TEXT(T, field.drug, "drug", "NAME:TIME", "",                                       \
                 "drug on board and how long before the tracer its last dose was, e.g. "       \
                 "cilengitide:2h; several by commas"),                                         \
        RGQ_TEXT(T, field.calibration, "calibration", "MODEL.json", "",                        \
                 "model of 'rgdquant validate --save-model': adds the predicted staining "     \
                 "score with "                                                                 \
                 "its prediction interval, refused outside what the model was fitted on"),     \
        RGQ_INT(T, field.frame, "frame", "N", "0", 0, 9999,                                    \
                "frame of a dynamic scan, counted from 0"),                                    \
        RGQ_SCAN_OPTIONS(T, field.scan), RGQ_SCAN_UNIT_OPTION(T, field.scan),                  \
        RGQ_REAL(T, field.overview_maximum, "overview-max", "VALUE", "", 1e-6, 1e12,           \
                 "value shown black in overview.png; default: chosen from the data"),          \
        RGQ_TEXT(T, field.keep, "keep", "STEPS", "",                                           \
                 "write volumes of these steps as well: calibrate, filter, pvc")

/** @brief What `quantify` finds wrong with its words before it reads a scan: spelling, ranges,
 *         an unknown tracer, a chain that does not fit together. `argv[0]` is "quantify".
 *
 *  @return RGQ_OK; RGQ_E_ARGUMENT, RGQ_E_NOTFOUND, RGQ_E_UNIT, ... with what to type */
RGQ_MUST_CHECK rgq_status rgq_quantify_words_check(int argc, char **argv, rgq_error *err);

#endif
