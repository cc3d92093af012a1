#include "cli/feature_opts.h"

#include <float.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#include "core/banned.h"
#include "core/parse.h"

/* A number, or an open end: nothing, inf, -inf. */
static rgq_status parse_end(double *out, const char *text, size_t length, double open,
                            rgq_error *err)
{
    static const char *const words[] = {"", "inf", "+inf", "-inf", "infinity", "-infinity"};
    char end[64];

    if (length >= sizeof end)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "a number of %zu characters", length);
    memcpy(end, text, length);
    end[length] = '\0';
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcasecmp(end, words[i]) == 0) {
            *out = open;
            return RGQ_OK;
        }
    return rgq_parse_real(out, end, -DBL_MAX, DBL_MAX, err);
}

static rgq_status parse_range(rgq_features_opts *out, const char *text, rgq_error *err)
{
    const char *comma = strchr(text, ',');
    rgq_status st = RGQ_E_ARGUMENT;

    if (comma != NULL) {
        st = parse_end(&out->low, text, (size_t)(comma - text), -RGQ_FEATURES_OPEN, NULL);
        if (st == RGQ_OK)
            st = parse_end(&out->high, comma + 1, strlen(comma + 1), RGQ_FEATURES_OPEN, NULL);
    }
    if (st != RGQ_OK || !(out->low < out->high))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "--resegment %.100s: two numbers with a comma were needed, the second "
                         "larger, inf for an open end, e.g. 0,inf",
                         text);
    return RGQ_OK;
}

/* The first option that was given, or NULL. */
static const char *given(const rgq_feature_words *w)
{
    if (w->resample_mm.count > 0)
        return "--resample-mm";
    if (w->round_values)
        return "--round-values";
    if (w->resegment != NULL)
        return "--resegment";
    if (isfinite(w->resegment_sd))
        return "--resegment-sd";
    if (isfinite(w->bin_size))
        return "--bin-size";
    if (w->bin_count > 0)
        return "--bin-count";
    if (isfinite(w->ivh_bin_size))
        return "--ivh-bin-size";
    return w->ivh_bin_count > 0 ? "--ivh-bin-count" : NULL;
}

rgq_status rgq_feature_words_parse(rgq_features_opts *out, const rgq_feature_words *words,
                                   rgq_error *err)
{
    rgq_features_opts opts = RGQ_FEATURES_OPTS_INIT;
    const int n = words->resample_mm.count;

    if (words->set == NULL && given(words) != NULL)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "%s is for features: add --features ibsi",
                         given(words));
    if (isfinite(words->bin_size) && words->bin_count > 0)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "--bin-size and --bin-count: give one of the two");
    if (isfinite(words->ivh_bin_size) && words->ivh_bin_count > 0)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "--ivh-bin-size and --ivh-bin-count: give one of the two");
    if (n == 2)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "--resample-mm: one number or three were needed, not two");
    for (int a = 0; a < 3 && n > 0; a++)
        opts.resample_mm[a] = words->resample_mm.value[n == 1 ? 0 : a];
    if (words->resegment != NULL)
        RGQ_PASS(err, parse_range(&opts, words->resegment, err));
    opts.round_values = words->round_values;
    opts.outlier_sd = isfinite(words->resegment_sd) ? words->resegment_sd : 0.0;
    opts.bin_size = isfinite(words->bin_size) ? words->bin_size : 0.0;
    opts.bin_count = words->bin_count;
    opts.volume_bin_size = isfinite(words->ivh_bin_size) ? words->ivh_bin_size : 0.0;
    opts.volume_bin_count = words->ivh_bin_count;
    *out = opts;
    return RGQ_OK;
}

static rgq_status record_bins(rgq_json *node, const char *key, double size, int count,
                              rgq_error *err)
{
    rgq_json *bins = NULL;

    if (!(size > 0.0) && count == 0)
        return rgq_json_set_text(node, key, "by the values, see the manual of measure", err);
    RGQ_PASS(err, rgq_json_add_object(&bins, node, key, err));
    if (count > 0)
        return rgq_json_set_int(bins, "count", count, err);
    return rgq_json_set_real(bins, "size", size, err);
}

rgq_status rgq_feature_opts_record(rgq_json *node, const rgq_features_opts *opts,
                                   rgq_error *err)
{
    RGQ_PASS(err, rgq_json_set_text(node, "definitions", "IBSI 1 (Zwanenburg2020)", err));
    if (opts->resample_mm[0] > 0.0)
        RGQ_PASS(err, rgq_json_set_reals(node, "resample_mm", opts->resample_mm, 3, err));
    RGQ_PASS(err, rgq_json_set_bool(node, "round_values", opts->round_values, err));
    if (isfinite(opts->low))
        RGQ_PASS(err, rgq_json_set_real(node, "resegment_low", opts->low, err));
    if (isfinite(opts->high))
        RGQ_PASS(err, rgq_json_set_real(node, "resegment_high", opts->high, err));
    if (opts->outlier_sd > 0.0)
        RGQ_PASS(err, rgq_json_set_real(node, "resegment_sd", opts->outlier_sd, err));
    RGQ_PASS(err, record_bins(node, "bins", opts->bin_size, opts->bin_count, err));
    return record_bins(node, "intensity_volume_bins", opts->volume_bin_size,
                       opts->volume_bin_count, err);
}
