#include "pipeline/dose_budget.h"

#include <math.h>

#include "core/banned.h"

static const double tissue_g_ml = 1.04;
static const double kernel_sd = 0.05; /* of self dose and near neighbours without a surface */

static rgq_dose_measurement measurement(const rgq_organ_dose *d, const rgq_dose_view *view)
{
    const bool unknown = (d->flags & RGQ_DOSE_PART_UNKNOWN) != 0;
    const bool own_body = view->body->kind == RGQ_BODY_LABELS;

    return (rgq_dose_measurement){
        .tiac_relative_sd = unknown ? (double)NAN : d->sd_tiac / d->surface,
        .calibration_relative_sd = view->calibration_relative_sd,
        .volume_ml = d->mass_g / tissue_g_ml,
        .voxel_mm = view->image_voxel_mm,
        .fwhm_mm = view->image_fwhm_mm,
        .recovery_b1_ml = (double)NAN,
        .recovery_b2 = (double)NAN,
        .recovery_relative_sd = (double)NAN,
        .s_exponent = 1.0,
        .mc_relative_sd = d->sd_mc / d->surface,
        .method_relative_sd = view->way->engine == RGQ_DOSE_KERNEL           ? kernel_sd
                              : own_body && view->way->engine == RGQ_DOSE_MC ? 0.0
                                                                             : (double)NAN};
}

static rgq_status add_organ(rgq_json *array, const rgq_organ_dose *d, const rgq_dose_view *view,
                            rgq_error *err)
{
    const rgq_dose_measurement known = measurement(d, view);
    rgq_dose_uncertainty u;
    rgq_json *node = NULL;
    rgq_json *rows = NULL;
    rgq_json *row = NULL;

    RGQ_PASS(err, rgq_dose_uncertainty_of(&u, &known, err));
    RGQ_PASS(err, rgq_json_add_object(&node, array, NULL, err));
    RGQ_PASS(err, rgq_json_set_text(node, "target", d->organ, err));
    RGQ_PASS(err, rgq_json_set_real(node, "relative_sd", u.relative_sd, err));
    RGQ_PASS(err, rgq_json_set_real(node, "volume_relative_sd", u.volume_relative_sd, err));
    RGQ_PASS(err, rgq_json_add_array(&rows, node, "budget", err));
    for (int i = 0; i < u.n; i++) {
        RGQ_PASS(err, rgq_json_add_object(&row, rows, NULL, err));
        RGQ_PASS(err, rgq_json_set_text(row, "term", u.row[i].name, err));
        RGQ_PASS(err, rgq_json_set_real(row, "relative_sd", u.row[i].relative_sd, err));
        RGQ_PASS(err, rgq_json_set_real(row, "share", u.row[i].share, err));
    }
    return rgq_json_set_text(node, "not_known", u.unknown, err);
}

rgq_status rgq_dose_budget_add(rgq_json *root, const rgq_dose_answer *answer,
                               const rgq_dose_view *view, rgq_error *err)
{
    const rgq_dose_table *t = answer->table;
    rgq_json *array = NULL;

    if (!isfinite(view->calibration_relative_sd) && !isfinite(view->image_fwhm_mm) &&
        !isfinite(view->image_voxel_mm))
        return RGQ_OK;
    RGQ_PASS(err, rgq_json_add_array(&array, root, "uncertainty", err));
    for (int i = 0; i < t->n; i++)
        if (t->row[i].self > 0.0 && (t->row[i].flags & RGQ_DOSE_STAND_IN) == 0)
            RGQ_PASS(err, add_organ(array, &t->row[i], view, err));
    return RGQ_OK;
}
