#include "measure/notes.h"

#include <math.h>

#include "core/banned.h"
#include "measure/peak.h"

static rgq_status add_noise(rgq_json *node, const rgq_noise_budget *budget, rgq_error *err)
{
    RGQ_PASS(err, rgq_json_set_bool(node, "noise_known", budget->known, err));
    RGQ_PASS(err, rgq_json_set_text(node, "noise_method", budget->method, err));
    RGQ_PASS(err, rgq_json_set_real(node, "background_variance", budget->variance, err));
    RGQ_PASS(err, rgq_json_set_reals(node, "correlation_mm", budget->correlation_mm, 3, err));
    return rgq_json_set_real(node, "effective_n", budget->effective_n, err);
}

/* One background, or a list where each region has its own. */
static rgq_status add_backgrounds(rgq_json *node, const rgq_measure_opts *opts,
                                  const rgq_noise_budget *budget, rgq_error *err)
{
    const int n = rgq_measure_budgets(opts);
    rgq_json *list = NULL;

    if (n == 1)
        return add_noise(node, budget, err);
    RGQ_PASS(err, rgq_json_add_array(&list, node, "backgrounds", err));
    for (int i = 0; i < n; i++) {
        rgq_json *entry = NULL;
        RGQ_PASS(err, rgq_json_add_object(&entry, list, NULL, err));
        RGQ_PASS(err, rgq_json_set_text(entry, "background",
                                        rgq_regions_at(opts->backgrounds, i)->name, err));
        RGQ_PASS(err, add_noise(entry, &budget[i], err));
    }
    return RGQ_OK;
}

static rgq_status add_intervals(rgq_json *root, const rgq_measure_opts *opts,
                                const rgq_noise_budget *budget, rgq_error *err)
{
    rgq_json *node = NULL;

    RGQ_PASS(err, rgq_json_add_object(&node, root, "intervals", err));
    RGQ_PASS(err, rgq_json_set_text(node, "of",
                                    "values of the expected blurred image: mean of the region "
                                    "as drawn, peak in the sphere where it was found, and "
                                    "their ratios to the mean of the background",
                                    err));
    RGQ_PASS(err, rgq_json_set_real(node, "confidence", opts->confidence, err));
    RGQ_PASS(err, rgq_json_set_text(node, "theorem", "Fieller", err));
    RGQ_PASS(err, rgq_json_set_text(
                      node, "noise_model",
                      opts->noise == RGQ_NOISE_PROPORTIONAL
                          ? "variance proportional to the mean in regions hotter than the "
                            "background, as the background's in colder ones"
                          : "variance as the background's everywhere",
                      err));
    RGQ_PASS(err, add_backgrounds(node, opts, budget, err));
    return rgq_json_set_text(node, "left_out",
                             "partial-volume bias, segmentation edge and calibration, which "
                             "are terms of their own in `budget`; that the highest peak was "
                             "chosen (about 1 % of it); biological variation",
                             err);
}

static rgq_status add_term(rgq_json *list, const rgq_table *terms, int row, rgq_error *err)
{
    static const char *const texts[] = {"of", "term", "unit", "how"};
    static const char *const reals[] = {"value", "half_range"};
    rgq_json *entry = NULL;

    RGQ_PASS(err, rgq_json_add_object(&entry, list, NULL, err));
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        RGQ_PASS(err, rgq_json_set_text(
                          entry, texts[i],
                          rgq_table_text(terms, row, rgq_table_find(terms, texts[i])), err));
    for (size_t i = 0; i < sizeof reals / sizeof reals[0]; i++) {
        const double value = rgq_table_real(terms, row, rgq_table_find(terms, reals[i]));
        if (i == 0 || isfinite(value))
            RGQ_PASS(err, rgq_json_set_real(entry, reals[i], value, err));
    }
    return rgq_json_set_bool(
        entry, "included_in_interval",
        rgq_table_real(terms, row, rgq_table_find(terms, "included_in_interval")) > 0.0, err);
}

rgq_status rgq_measure_terms(rgq_json *node, const rgq_table *terms, rgq_error *err)
{
    rgq_json *regions = NULL;
    rgq_json *list = NULL;
    const int label = rgq_table_find(terms, "label");

    RGQ_PASS(err, rgq_json_add_array(&regions, node, "budget", err));
    for (int row = 0; row < rgq_table_n_rows(terms); row++) {
        const double now = rgq_table_real(terms, row, label);
        if (row == 0 || now != rgq_table_real(terms, row - 1, label)) {
            rgq_json *entry = NULL;
            RGQ_PASS(err, rgq_json_add_object(&entry, regions, NULL, err));
            RGQ_PASS(err,
                     rgq_json_set_text(
                         entry, "region",
                         rgq_table_text(terms, row, rgq_table_find(terms, "region")), err));
            RGQ_PASS(err, rgq_json_set_int(entry, "label", (long long)now, err));
            RGQ_PASS(err, rgq_json_add_array(&list, entry, "terms", err));
        }
        RGQ_PASS(err, add_term(list, terms, row, err));
    }
    return RGQ_OK;
}

rgq_status rgq_measure_notes(char **out, const rgq_measure_opts *opts,
                             const rgq_noise_budget *budget, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *root = NULL;
    rgq_json *peak = NULL;

    *out = NULL;
    RGQ_TRY(err, rgq_json_object(&root, err));
    RGQ_TRY(err, rgq_json_add_object(&peak, root, "peak", err));
    RGQ_TRY(err, rgq_json_set_real(peak, "sphere_volume_ml", 1.0, err));
    RGQ_TRY(err, rgq_json_set_real(peak, "sphere_radius_mm", rgq_peak_radius_mm(), err));
    RGQ_TRY(err, rgq_json_set_text(peak, "overlap", "exact", err));
    RGQ_TRY(err, add_intervals(root, opts, budget, err));
    if (opts->terms != NULL)
        RGQ_TRY(err, rgq_measure_terms(root, opts->terms, err));
    RGQ_TRY(err, rgq_json_dump(out, root, err));
out:
    rgq_json_free(root);
    return st;
}
