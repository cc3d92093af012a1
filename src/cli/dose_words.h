/* Options of `dose`, and what its ways share. */
#ifndef RGQ_CLI_DOSE_WORDS_H
#define RGQ_CLI_DOSE_WORDS_H

#include "cli/scan_opts.h"
#include "pipeline/dose_results.h"

typedef struct rgq_dose_words {
    rgq_words scans;
    rgq_scan_opts scan_opts;
    const char *nuclide;
    const char *tiac;
    const char *anatomy;
    const char *engine;
    double histories;
    double uncertainty;
    int seed;
    double voxel_mm;
    rgq_reals urine_fraction;
    rgq_reals urine_half_life_h;
    double void_h;
    const char *effective;
    bool sex_mean;
    const char *mass_g;
    const char *species;
    double bed;
    double repair_half_life_h;
    double effective_half_life_h;
    double calibration_percent;
    double image_fwhm_mm;
    double image_voxel_mm;
    bool no_cache;
    bool list_regions;
    const char *tracer;
    bool from_library;
    bool voxel;
    const char *tiac_map;
    const char *tiac_map_unit;
    const char *dose_unit;
    const char *voxel_model;
    const char *regions;
    const char *ct;
    const char *electrons;
    double geud;
    const char *out;
} rgq_dose_words;

/** Folder of the caches and of the tables; `cache` is "" where nothing is kept. */
typedef struct rgq_dose_folders {
    char tracers[RGQ_PATH_MAX];
    char cache[RGQ_PATH_MAX];
} rgq_dose_folders;

RGQ_MUST_CHECK rgq_status rgq_dose_folders_find(rgq_dose_folders *out,
                                                const rgq_context *context,
                                                const rgq_dose_words *o, rgq_error *err);

/** Engine (`usual` where nothing was said) and photons. Exit code 2 for words that do not go
 *  together. */
RGQ_MUST_CHECK rgq_status rgq_dose_way_of(rgq_dose_way *out, rgq_context *context,
                                          const rgq_dose_words *o, rgq_dose_engine usual,
                                          rgq_error *err);

/** Wrong words: exit code 2. */
rgq_status rgq_dose_wrong_words(rgq_context *context, rgq_error *err, const char *format, ...)
    RGQ_PRINTF(3, 4);

/** dose --tracer ID --from-library */
RGQ_MUST_CHECK rgq_status rgq_dose_library(rgq_context *context, const rgq_dose_words *o,
                                           rgq_error *err);

/** dose --tiac T.tsv --anatomy A */
RGQ_MUST_CHECK rgq_status rgq_dose_organs_run(rgq_context *context, const rgq_dose_words *o,
                                              rgq_error *err);

/** dose SCAN ... --voxel */
RGQ_MUST_CHECK rgq_status rgq_dose_voxel_run(rgq_context *context, const rgq_dose_words *o,
                                             rgq_error *err);

#endif
