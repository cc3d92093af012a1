/* Every sentence of the surrogate report, in one place: a test reads them all and fails on a
 * claim that no calibration supports. The files beside this one hold keys and formats only. */
#ifndef RGQ_SURROGATE_PHRASES_H
#define RGQ_SURROGATE_PHRASES_H

/* ---- what it is ---- */

#define SAY_STATEMENT     "tracer-target uptake; not an expression level; research use"
#define SAY_NOT_CORRECTED "not corrected"

/* ---- the index ---- */

#define SAY_INDEX_FORMED                                                                       \
    "mean of the region / mean of '%.120s', same scan; peak: highest mean over 1 mL in the "   \
    "region / mean of '%.120s'"
#define SAY_INTERVAL_OF                                                                        \
    "the blurred ratio, from the noise of the scan; partial-volume bias and biology are not "  \
    "in it"
#define SAY_NO_BACKGROUND "no background was named; give --background REGION to form a ratio"
#define SAY_IS_BACKGROUND "this region is the background"
#define SAY_NO_RATIO                                                                           \
    "the measures have no ratio for this region: it holds no voxel, or the mean of the "       \
    "background is not positive"

/* ---- calibration ---- */

#define SAY_NO_CALIBRATION      "no calibration given"
#define SAY_MODEL_ON_BACKGROUND "this region is the background; the model is for lesions"
#define SAY_MODEL_ON_DRUG                                                                      \
    "%.60s was on board and competes with the tracer; the model knows nothing of drugs"
#define SAY_MODEL_NO_MEASURE "the measure of the model, '%.31s', has no value for this region"
#define SAY_MODEL_OTHER                                                                        \
    "%s is '%.90s' here and '%.90s' in the model; a prediction needs the same on both sides"
#define SAY_MODEL_UNKNOWN "%s is not known %s; a prediction needs it on both sides"
#define SAY_OF_LESION     "of this lesion"
#define SAY_OF_MODEL      "of the model"
#define SAY_MODEL_OUTSIDE                                                                      \
    "%s is %.4g%s, outside the range the model was fitted on, %.4g to %.4g%s; it is not "      \
    "extrapolated"
#define SAY_UPTAKE         "the uptake"
#define SAY_VOLUME         "the size of the lesion"
#define SAY_TIME           "the time from injection to scan"
#define SAY_TRACER         "the tracer"
#define SAY_MEASURE        "the measure"
#define SAY_UNIT           "the unit of the measure"
#define SAY_PARTIAL_VOLUME "the state of partial-volume correction"
#define SAY_PREDICTION_OF                                                                      \
    "prediction of the staining score of one new lesion of a new patient, by the model that "  \
    "was given; it is as good as the staining, the patients and the match of tissue to image " \
    "behind that model"
#define SAY_MODEL_FORCED                                                                       \
    "The model rests on %d patients, fewer than %d, and was written by force: its interval "   \
    "may be too narrow."
#define SAY_MODEL_BACKGROUND                                                                   \
    "The model predicts from a ratio and does not say which background that was formed with: " \
    "it must be the kind of region that '%.60s' is."

/* ---- caveats that every report has, with their source ---- */

#define SAY_ANGIOGENESIS                                                                       \
    "αvβ3 need not mean angiogenesis: mapping it has not been validated in the clinic as a " \
    "measure of vessel growth, and where it is need not be where vessels grow; mice without "  \
    "β3 grew more vessels, not fewer."
#define SAY_COMPARTMENT                                                                        \
    "Vessels, tumour cells, fibroblasts and immune cells may all carry the target; one image " \
    "cannot tell which of them holds the tracer."
#define SAY_PERFUSION                                                                          \
    "Perfusion, permeable vessels and retention (EPR) raise uptake without any binding."
#define SAY_CROSS_BINDING                                                                          \
    "RGD ligands share their motif: αvβ5, αvβ6, αvβ8 and α5β1 may hold the tracer beside " \
    "αvβ3, and uptake cannot be split between them."
#define SAY_CROSS_BINDING_OTHER                                                                \
    "A subunit pairs with more than one partner, and binding to other integrins is not "       \
    "excluded: uptake cannot be split between them."
#define SAY_BLOOD_VOLUME                                                                       \
    "The tracer in the blood of the region is part of its signal; without a dynamic scan and " \
    "an input function it cannot be taken off."
#define SAY_MUSCLE                                                                             \
    "A reference tissue must hold as much unbound tracer as the lesion. Muscle has less "      \
    "extracellular space than tumour, so that a ratio to muscle can exceed 1 without binding."
#define SAY_PLATELETS                                                                          \
    "Platelets carry αIIbβ3, an RGD integrin: thrombus and fresh bleeding may take up RGD "  \
    "ligands."
#define SAY_INFLAMMATION                                                                       \
    "Immune cells carry integrins, αvβ3 among them: inflammation may take up the tracer."
#define SAY_INFLAMMATION_OTHER                                                                 \
    "Immune cells and healing tissue carry integrins: inflammation may take up the tracer."
#define SAY_ACTIVATION                                                                         \
    "A ligand sees receptors that are active, free and at the surface; staining sees all of "  \
    "the protein. Activation, occupied sites and internalisation part the two."
#define SAY_NEGATIVE_STUDY                                                                     \
    "Not every study agrees: with [99mTc]Tc-Galacto-RGD2 in lung cancer, 73 specimens, "       \
    "uptake and αvβ3 staining had no significant correlation."
#define SAY_NEGATIVE_STUDY_OTHER                                                               \
    "Even for better known tracers not every study agrees: with the RGD tracer "               \
    "[99mTc]Tc-Galacto-RGD2 in lung cancer, 73 specimens, uptake and αvβ3 staining had no "  \
    "significant correlation."
#define SAY_PARTIAL_VOLUME_CAVEAT                                                              \
    "Lesions smaller than about three times the resolution read too low; without a "           \
    "correction do not compare lesions of unequal size."

/* ---- caveats of this scan ---- */

#define SAY_TIME_UNKNOWN                                                                       \
    "The time from injection to scan is unknown: the ratios cannot be compared with those of " \
    "another scan."
#define SAY_TIME_EARLY                                                                         \
    "The scan began %.1f min after injection; published imaging began at %g min."
#define SAY_TIME_LATE                                                                          \
    "The scan began %.1f min after injection; published imaging was over at %g min."
#define SAY_NOT_IN_HUMANS "This tracer has not been used in humans."
#define SAY_USER_BACKGROUND                                                                    \
    "No reference tissue is established for %s; '%.60s' was chosen by the user."
#define SAY_DRUG_COMPETES                                                                      \
    "%.60s was given%s; it acts on %.80s, as this tracer does: it competes for the site, and " \
    "low uptake need not mean little target.%s"
#define SAY_DRUG_OTHER                                                                         \
    "%.60s was given%s; it acts on %.80s, which is not a known target of this tracer. It may " \
    "still change vessels and delivery."
#define SAY_DRUG_WASHED_OUT                                                                    \
    "%.60s was given%s; it acts on %.80s, as this tracer does. At half-lives of %g to %g h "   \
    "in plasma at least five have passed: little of it is left to compete, but its effect on " \
    "vessels may last."
#define SAY_DRUG_BEFORE " %.4g h before the injection"
#define SAY_DRUG_HALF_LIFE                                                                     \
    " Its half-life in plasma is %g to %g h, so that %.2g to %.2g half-lives have passed."
#define SAY_DRUG_NO_HALF_LIFE                                                                  \
    " Its half-life is not given in the reviews: it is taken to be on board."

/* ---- what the literature says ---- */

#define SAY_CONTEXT                                                                            \
    "What reviews say of tissues in general, in both directions; it is no finding of this "    \
    "scan."
#define SAY_NO_ROW "no review row names %.40s in '%.80s'"
#define SAY_NONE_AGAINST                                                                       \
    "no row on this tissue says otherwise; rows against it from other tissues stand in "       \
    "against_elsewhere"
#define SAY_NONE_TOWARDS                                                                       \
    "no row on this tissue speaks for it; rows for it from other tissues stand in "            \
    "towards_elsewhere"

/* ---- what was not computed ---- */

#define SAY_OUT_INDEX "index"
#define SAY_OUT_LEVEL "expression level"
#define SAY_WHY_LEVEL "uptake is not an amount of integrin"
#define SAY_WHY_LEVEL_MODEL                                                                    \
    "uptake is not an amount of integrin; the score that is predicted is one of staining, on " \
    "the scale of the model"
#define SAY_OUT_SCORE         "predicted staining score"
#define SAY_WHY_SCORE         "no calibration given; --calibration MODEL.json takes one"
#define SAY_WHY_SCORE_REFUSED "refused for %d of %d regions; `calibrated` of each says why"
#define SAY_OUT_CONTEXT       "context"
#define SAY_WHY_CONTEXT       "no tissue was named; --tissue WORDS looks it up"
#define SAY_WHY_NO_KNOWLEDGE  "the table of integrins was not given"
#define SAY_OUT_SHARE         "share of each integrin"
#define SAY_WHY_SHARE         "one image of one tracer cannot split its targets"
#define SAY_OUT_RESPONSE      "response or positivity"
#define SAY_WHY_RESPONSE      "no threshold was verified for this tracer"
#define SAY_OUT_BINDING       "binding potential, influx constant"
#define SAY_WHY_BINDING       "needs a dynamic scan and an input function"
#define SAY_OUT_SPECIFIC      "specific part of the uptake"
#define SAY_WHY_SPECIFIC      "needs a blocking study of the same lesion"
#define SAY_OUT_COMPARTMENT   "share of vessels and of tumour cells"
#define SAY_WHY_COMPARTMENT   "one image cannot tell which cells hold the tracer"
#define SAY_OUT_WINDOW        "comparison with the published uptake window"
#define SAY_WHY_WINDOW        "no window is published for this tracer"

/* ---- confidence ---- */

#define SAY_CONFIDENCE                                                                         \
    "How far the index may be read as a rank of the target among lesions of this scan. "       \
    "Words: "                                                                                  \
    "none, very low, low, moderate, good. It starts where the evidence of the tracer puts "    \
    "it, "                                                                                     \
    "and each rule that holds lowers it; 'rgdquant target rules' prints them."

#endif
