/**
 * @file feature_opts.h
 * @brief Options of `measure --features ibsi`: how voxels are processed before features.
 *
 * A command puts `rgq_feature_words features;` into its option struct and
 * RGQ_FEATURE_OPTIONS(my_opts, features) into its table.
 */
#ifndef RGQ_CLI_FEATURE_OPTS_H
#define RGQ_CLI_FEATURE_OPTS_H

#include "cli/opt.h"
#include "core/json.h"
#include "rgdquant/features.h"

/** As typed; NULL, NaN, 0 = not given. */
typedef struct rgq_feature_words {
    const char *set; /**< NULL: none */
    rgq_reals resample_mm;
    bool round_values;
    const char *resegment;
    double resegment_sd;
    double bin_size;
    int bin_count;
    double ivh_bin_size;
    int ivh_bin_count;
} rgq_feature_words;

#define RGQ_FEATURE_OPTIONS(T, field)                                                          \
    RGQ_CHOICE(T, field.set, "features", "", "ibsi",                                           \
               "instead of the table, print radiomic features: region, tag, value"),           \
        RGQ_REALS(T, field.resample_mm, "resample-mm", "mm", "", 0.01, 1000, 1, 3,             \
                  "features: interpolate to this spacing first, one number or x,y,z"),         \
        RGQ_FLAG(T, field.round_values, "round-values",                                        \
                 "features: round to whole numbers after interpolation, as for CT"),           \
        RGQ_TEXT(T, field.resegment, "resegment", "LOW,HIGH", "",                              \
                 "features: leave out voxels outside this range (inf: open), but not of the "  \
                 "region's shape"),                                                            \
        RGQ_REAL(T, field.resegment_sd, "resegment-sd", NULL, "", 0.01, 1000,                  \
                 "features: then leave out voxels this many standard deviations from the "     \
                 "mean"),                                                                      \
        RGQ_REAL(T, field.bin_size, "bin-size", NULL, "", 1e-12, 1e12,                         \
                 "features: width of a grey level in the unit of the values, from LOW of "     \
                 "--resegment, else from the least value"),                                    \
        RGQ_INT(T, field.bin_count, "bin-count", NULL, "0", 0, RGQ_FEATURE_LEVELS_MAX,         \
                "features: this many grey levels from the least to the largest value "         \
                "instead; 0: no"),                                                             \
        RGQ_REAL(T, field.ivh_bin_size, "ivh-bin-size", NULL, "", 1e-12, 1e12,                 \
                 "features: of the intensity-volume histogram; default: whole numbers as "     \
                 "they are, 0.1 for SUV, else 0.4 of --bin-size, else 1000 bins"),             \
        RGQ_INT(T, field.ivh_bin_count, "ivh-bin-count", NULL, "0", 0, RGQ_FEATURE_BINS_MAX,   \
                "features: this many bins there instead; 0: no")

/**
 * @brief Turn the words into options.
 *
 * @return RGQ_OK; RGQ_E_ARGUMENT (a command sets exit code 2 for it): an option without
 *         --features, a range that is none, bins by size and by count
 */
RGQ_MUST_CHECK rgq_status rgq_feature_words_parse(rgq_features_opts *out,
                                                  const rgq_feature_words *words,
                                                  rgq_error *err);

/** How the voxels were processed, as members of `node`. */
RGQ_MUST_CHECK rgq_status rgq_feature_opts_record(rgq_json *node, const rgq_features_opts *opts,
                                                  rgq_error *err);

#endif
