/**
 * @file ihc_words.h
 * @brief The options of `ihc`, and what they mean for the slide and for the stage.
 */
#ifndef RGQ_CLI_IHC_WORDS_H
#define RGQ_CLI_IHC_WORDS_H

#include "cli/opt.h"
#include "rgdquant/ihc.h"

typedef struct rgq_ihc_words {
    const char *slide;
    const char *out;
    const char *stain;
    const char *normalise;
    bool macenko;
    double mpp_um;
    double pixel_um;
    int page;
    const char *regions;
    rgq_reals thresholds;
    const char *positive;
    const char *white;
    const char *tissue;
    double tissue_od;
    double nucleus_um;
    double nucleus_od;
    const char *nucleus_in;
    const char *vessels;
    rgq_reals vessel_um2;
    double field_mm2;
    int n_fields;
    int overlay_side;
} rgq_ihc_words;

enum { RGQ_IHC_N_ROWS = 22 };
extern const rgq_opt rgq_ihc_rows[RGQ_IHC_N_ROWS];

/** @return RGQ_OK; RGQ_E_ARGUMENT and RGQ_E_NOTFOUND for words that are no good; what reading
 *  a file of vectors gives */
RGQ_MUST_CHECK rgq_status rgq_ihc_words_parse(rgq_ihc_opts *opts, const rgq_ihc_words *words,
                                              rgq_error *err);

/** True if --stain names a file. */
bool rgq_ihc_stain_is_file(const char *stain);

#endif
