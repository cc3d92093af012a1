/* Options of `segment` that `quantify` has as well: what is left out, and what is done with
 * what was found. */
#ifndef RGQ_CLI_SEGMENT_WORDS_H
#define RGQ_CLI_SEGMENT_WORDS_H

#include "cli/opt.h"
#include "rgdquant/segment.h"

typedef struct rgq_segment_words {
    rgq_reals seed_mm;
    const char *within;
    const char *exclude;
    double exclude_margin_mm;
    double open_mm;
    double close_mm;
    double smooth_mm;
    bool fill_holes;
    double erode_mm;
    double dilate_mm;
    bool split;
    double split_depth;
    bool components;
    double min_volume_ml;
    const char *connectivity;
} rgq_segment_words;

/** Rows of the table; T is the option struct of the command, `field` its member of type
 *  rgq_segment_words, WITH what begins each help text ("" or "with --segment: "). */
#define RGQ_SEGMENT_OPTIONS(T, field, WITH)                                                    \
    RGQ_REALS(T, field.seed_mm, "seed-mm", "X,Y,Z", "", -1e6, 1e6, 3, 3,                       \
              WITH "the lesion that holds this point [mm, x to the right, y to the front, z "  \
                   "to the head], with its own maximum"),                                      \
        RGQ_TEXT(T, field.within, "within", "MASK", "",                                        \
                 WITH                                                                          \
                 "look only inside the regions of this NIfTI mask or label map, RTSTRUCT "     \
                 "or DICOM SEG"),                                                              \
        RGQ_TEXT(T, field.exclude, "exclude", "MASK", "",                                      \
                 WITH "never look inside the regions of this file: organs that are hot "       \
                      "anyway"),                                                               \
        RGQ_REAL(T, field.exclude_margin_mm, "exclude-margin-mm", "mm", "0", 0, 200,           \
                 WITH "nor so near to them, for what spills over"),                            \
        RGQ_REAL(T, field.open_mm, "open-mm", "mm", "0", 0, 200,                               \
                 WITH "erode, then dilate by this radius: thin bridges go"),                   \
        RGQ_REAL(T, field.close_mm, "close-mm", "mm", "0", 0, 200,                             \
                 WITH "dilate, then erode by this radius: narrow gaps go"),                    \
        RGQ_REAL(T, field.smooth_mm, "smooth-mm", "mm", "0", 0, 200,                           \
                 WITH "smooth the boundary: a Gaussian of this FWHM over the mask, cut at "    \
                      "one half"),                                                             \
        RGQ_FLAG(T, field.fill_holes, "fill-holes", WITH "fill what the segment encloses"),    \
        RGQ_REAL(T, field.erode_mm, "erode-mm", "mm", "0", 0, 200, WITH "take this much off"), \
        RGQ_REAL(T, field.dilate_mm, "dilate-mm", "mm", "0", 0, 200, WITH "add this much"),    \
        RGQ_FLAG(T, field.split, "split",                                                      \
                 WITH "part lesions that touch, at saddles of --split-depth (needs "           \
                      "--components)"),                                                        \
        RGQ_REAL(T, field.split_depth, "split-depth", "", "0.2", 0.01, 1,                      \
                 WITH "how far a saddle lies below the lower peak, as a fraction of that "     \
                      "peak"),                                                                 \
        RGQ_FLAG(T, field.components, "components",                                            \
                 WITH "make each connected component a region: lesion-1, lesion-2, ..."),      \
        RGQ_REAL(T, field.min_volume_ml, "min-volume-ml", "mL", "0", 0, 1e6,                   \
                 WITH "drop smaller components"),                                              \
        RGQ_CHOICE(T, field.connectivity, "connectivity", "26", "6|18|26",                     \
                   WITH "voxels that touch by faces, also by edges, also by corners")

/** Words that need each other: @return RGQ_OK; RGQ_E_ARGUMENT with what to type. */
RGQ_MUST_CHECK rgq_status rgq_segment_words_check(const rgq_segment_words *words,
                                                  rgq_error *err);

/** Put what was said into the options of the library; the files are left to be read. */
void rgq_segment_words_take(rgq_segment_opts *to, const rgq_segment_words *words);

#endif
