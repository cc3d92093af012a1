#include "pipeline/dose_results.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/banned.h"
#include "core/text.h"
#include "pipeline/dose_budget.h"

static const rgq_column columns[] = {
    {"target", RGQ_COLUMN_TEXT, NULL, "Organ that takes the dose."},
    {"mgy_per_mbq", RGQ_COLUMN_REAL, "mGy/MBq", "Absorbed dose per administered activity."},
    {"sd", RGQ_COLUMN_REAL, "mGy/MBq",
     "Standard deviation from those of the time-integrated activities and the Monte Carlo "
     "noise "
     "of the S values; both or one of them, as far as known."},
    {"engine", RGQ_COLUMN_TEXT, NULL,
     "local: electrons where they arise, no photon; kernel: point kernels of endless tissue; "
     "mc: photons followed through the body, electrons where they arise."},
    {"convention", RGQ_COLUMN_TEXT, NULL,
     "mean: mean of the organ. A wall has two rows: wall_surface_mird takes half the electron "
     "dose of its contents, as MIRD, OLINDA/EXM 1 and ICRP 53 to 128 have it; wall_mean is the "
     "mean of the wall."},
    {"photon_mgy_per_mbq", RGQ_COLUMN_REAL, "mGy/MBq", "The part that photons give."},
    {"mass_g", RGQ_COLUMN_REAL, "g", "Mass of the target."},
    {"tiac_h", RGQ_COLUMN_REAL, "h",
     "Its own time-integrated activity per administered activity, its share of the remainder "
     "included."},
    {"body", RGQ_COLUMN_TEXT, NULL, "The body the dose was computed in."},
    {"flags", RGQ_COLUMN_TEXT, NULL,
     "mass_scaled: to the mass given; from_animal: from time-integrated activities of an "
     "animal; stand_in: dose of another organ; upper_bound: electrons of marrow all stay in "
     "it; "
     "summed: of several rows; sd_lower_bound: not every standard deviation is known."},
    {"gy", RGQ_COLUMN_REAL, "Gy", "Absorbed dose of the activity given."},
    {"bed_gy", RGQ_COLUMN_REAL, "Gy", "Biologically effective dose of the activity given."},
};

static void write_flags(char *out, size_t size, unsigned flags)
{
    static const struct {
        unsigned flag;
        const char *word;
    } words[] = {
        {RGQ_DOSE_MASS_SCALED, "mass_scaled"}, {RGQ_DOSE_FROM_ANIMAL, "from_animal"},
        {RGQ_DOSE_STAND_IN, "stand_in"},       {RGQ_DOSE_UPPER_BOUND, "upper_bound"},
        {RGQ_DOSE_SUMMED, "summed"},           {RGQ_DOSE_PART_UNKNOWN, "sd_lower_bound"}};

    out[0] = '\0';
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if ((flags & words[i].flag) != 0) {
            const size_t used = strlen(out);
            (void)snprintf(out + used, size - used, "%s%s", used > 0 ? "," : "", words[i].word);
        }
    if (out[0] == '\0')
        rgq_text_copy(out, size, "none");
}

static double half_life_h(const rgq_dose_answer *a)
{
    return a->nuclide.half_life_s.value / 3600.0;
}

static void set_amounts(rgq_table *table, double mgy_per_mbq, const rgq_dose_answer *answer,
                        const rgq_dose_view *view)
{
    const double gy = mgy_per_mbq * view->activity_mbq / 1000.0;
    const double t_eff = isfinite(view->effective_half_life_h) ? view->effective_half_life_h
                                                               : half_life_h(answer);

    if (!isfinite(view->activity_mbq))
        return;
    rgq_table_set_real(table, "gy", gy);
    if (isfinite(view->alpha_beta_gy))
        rgq_table_set_real(
            table, "bed_gy",
            rgq_bed_mono(gy, view->alpha_beta_gy, view->repair_half_life_h, t_eff));
}

static rgq_status add_row(rgq_table *table, const rgq_organ_dose *d, bool surface,
                          const rgq_dose_table *of, const rgq_dose_answer *answer,
                          const rgq_dose_view *view, rgq_error *err)
{
    const bool wall = (d->flags & RGQ_DOSE_WALL) != 0;
    const double dose = surface ? d->surface : d->mean;
    /* of the surface; the mean of a wall has the same relative one */
    const double sd =
        hypot(d->sd_tiac, d->sd_mc) * (d->surface > 0.0 ? dose / d->surface : 0.0);
    char flags[120];

    write_flags(flags, sizeof flags,
                d->flags | (of->from_animal ? (unsigned)RGQ_DOSE_FROM_ANIMAL : 0U));
    RGQ_PASS(err, rgq_table_add_row(table, err));
    RGQ_PASS(err, rgq_table_set_text(table, "target", d->organ, err));
    rgq_table_set_real(table, "mgy_per_mbq", dose);
    rgq_table_set_real(table, "sd", sd);
    RGQ_PASS(err,
             rgq_table_set_text(table, "engine", rgq_dose_engine_name(view->way->engine), err));
    RGQ_PASS(err, rgq_table_set_text(table, "convention",
                                     !wall     ? "mean"
                                     : surface ? "wall_surface_mird"
                                               : "wall_mean",
                                     err));
    rgq_table_set_real(table, "photon_mgy_per_mbq", d->photon);
    rgq_table_set_real(table, "mass_g", d->mass_g);
    rgq_table_set_real(table, "tiac_h", d->tiac_h);
    RGQ_PASS(err, rgq_table_set_text(table, "body", of->anatomy, err));
    RGQ_PASS(err, rgq_table_set_text(table, "flags", flags, err));
    set_amounts(table, dose, answer, view);
    return RGQ_OK;
}

static rgq_status add_rows(rgq_table *table, const rgq_dose_table *t,
                           const rgq_dose_answer *answer, const rgq_dose_view *view,
                           rgq_error *err)
{
    for (int i = 0; i < t->n; i++) {
        RGQ_PASS(err, add_row(table, &t->row[i], true, t, answer, view, err));
        if ((t->row[i].flags & RGQ_DOSE_WALL) != 0)
            RGQ_PASS(err, add_row(table, &t->row[i], false, t, answer, view, err));
    }
    return RGQ_OK;
}

rgq_status rgq_dose_table_make(rgq_table **out, const rgq_dose_answer *answer,
                               const rgq_dose_view *view, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_table *table = NULL;

    *out = NULL;
    RGQ_TRY(err,
            rgq_table_create(&table, columns, (int)(sizeof columns / sizeof columns[0]), err));
    RGQ_TRY(err, add_rows(table, answer->table, answer, view, err));
    if (answer->other != NULL)
        RGQ_TRY(err, add_rows(table, answer->other, answer, view, err));
    *out = table;
    table = NULL;
out:
    rgq_table_free(table);
    return st;
}

/* ---- JSON ---- */

static rgq_status add_effective(rgq_json *root, const rgq_dose_answer *answer, double mbq,
                                rgq_error *err)
{
    rgq_json *array = NULL;
    rgq_json *node = NULL;

    RGQ_PASS(err, rgq_json_add_array(&array, root, "effective_dose", err));
    for (int i = 0; i < answer->n_effective; i++) {
        const rgq_effective_dose *e = &answer->effective[i];
        RGQ_PASS(err, rgq_json_add_object(&node, array, NULL, err));
        RGQ_PASS(err, rgq_json_set_text(node, "rule", e->rule, err));
        RGQ_PASS(err, rgq_json_set_real(node, "msv_per_mbq", e->msv_per_mbq, err));
        RGQ_PASS(err, rgq_json_set_real(node, "coverage", e->coverage, err));
        RGQ_PASS(err, rgq_json_set_text(node, "convention", "wall_surface_mird", err));
        RGQ_PASS(err, rgq_json_set_text(node, "sexes",
                                        e->sex_mean  ? "mean of both"
                                        : e->one_sex ? "one; the rule wants the mean of both"
                                                     : "one body",
                                        err));
        if (e->split)
            RGQ_PASS(err, rgq_json_set_text(node, "remainder_split", e->split_organ, err));
        RGQ_PASS(err, rgq_json_set_text(node, "stand_ins", e->stand_ins, err));
        RGQ_PASS(err, rgq_json_set_text(node, "missing", e->missing, err));
        if (isfinite(mbq))
            RGQ_PASS(err, rgq_json_set_real(node, "msv", e->msv_per_mbq * mbq, err));
    }
    return RGQ_OK;
}

static rgq_status add_cell(rgq_json *node, const rgq_table *table, int row, int c,
                           rgq_error *err)
{
    const rgq_column *column = rgq_table_column(table, c);

    if (!rgq_table_has(table, row, c))
        return rgq_json_set_null(node, column->name, err);
    if (column->kind == RGQ_COLUMN_TEXT)
        return rgq_json_set_text(node, column->name, rgq_table_text(table, row, c), err);
    return rgq_json_set_real(node, column->name, rgq_table_real(table, row, c), err);
}

static rgq_status add_doses(rgq_json *root, const rgq_table *table, rgq_error *err)
{
    rgq_json *array = NULL;
    rgq_json *node = NULL;

    RGQ_PASS(err, rgq_json_add_array(&array, root, "organ_doses", err));
    for (int r = 0; r < rgq_table_n_rows(table); r++) {
        RGQ_PASS(err, rgq_json_add_object(&node, array, NULL, err));
        for (int c = 0; c < rgq_table_n_columns(table); c++)
            RGQ_PASS(err, add_cell(node, table, r, c, err));
    }
    return RGQ_OK;
}

static rgq_status add_notes(rgq_json *root, const rgq_dose_table *table, rgq_error *err)
{
    rgq_json *array = NULL;

    RGQ_PASS(err, rgq_json_add_array(&array, root, "notes", err));
    for (int i = 0; i < table->n_notes; i++)
        RGQ_PASS(err, rgq_json_set_text(array, NULL, table->note[i], err));
    return RGQ_OK;
}

static rgq_status add_sums(rgq_json *root, const rgq_dose_answer *answer, rgq_error *err)
{
    RGQ_PASS(err, rgq_json_set_real(root, "tiac_sum_h", answer->table->total_tiac_h, err));
    RGQ_PASS(err, rgq_json_set_real(root, "limit_h", half_life_h(answer) / log(2.0), err));
    RGQ_PASS(err, rgq_json_set_real(root, "remainder_h", answer->table->remainder_tiac_h, err));
    if (isfinite(answer->bladder_h))
        RGQ_PASS(err, rgq_json_set_real(root, "bladder_model_h", answer->bladder_h, err));
    return RGQ_OK;
}

static rgq_status add_emissions(rgq_json *root, const rgq_dose_answer *answer, rgq_error *err)
{
    const rgq_spectrum *s = &answer->spectrum;

    RGQ_PASS(err, rgq_json_set_real(root, "half_life_s", s->half_life_s, err));
    RGQ_PASS(err, rgq_json_set_text(root, "half_life_source",
                                    answer->nuclide.half_life_s.source, err));
    RGQ_PASS(err, rgq_json_set_real(root, "electron_mev_per_decay",
                                    s->electron_mev + s->beta_mev, err));
    return rgq_json_set_real(root, "photon_mev_per_decay", s->photon_mev, err);
}

rgq_status rgq_dose_json_make(rgq_json **out, const rgq_dose_answer *answer,
                              const rgq_dose_view *view, const rgq_table *table,
                              const rgq_json *warnings, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *root = NULL;
    rgq_json *empty = NULL;

    *out = NULL;
    RGQ_TRY(err, rgq_json_object(&root, err));
    RGQ_TRY(err, rgq_json_set_text(root, "use", RGQ_DOSE_USE, err));
    RGQ_TRY(err, rgq_json_set_text(root, "nuclide", answer->nuclide.id, err));
    RGQ_TRY(err, rgq_json_set_text(root, "anatomy", view->body->name, err));
    RGQ_TRY(err,
            rgq_json_set_text(root, "engine", rgq_dose_engine_name(view->way->engine), err));
    RGQ_TRY(err, rgq_json_set_int(root, "histories", answer->histories, err));
    if (isfinite(view->activity_mbq))
        RGQ_TRY(err, rgq_json_set_real(root, "activity_mbq", view->activity_mbq, err));
    RGQ_TRY(err, add_emissions(root, answer, err));
    RGQ_TRY(err, add_doses(root, table, err));
    RGQ_TRY(err, add_effective(root, answer, view->activity_mbq, err));
    RGQ_TRY(err, add_sums(root, answer, err));
    RGQ_TRY(err, rgq_dose_budget_add(root, answer, view, err));
    RGQ_TRY(err, add_notes(root, answer->table, err));
    if (warnings != NULL)
        RGQ_TRY(err, rgq_json_set_copy(root, "warnings", warnings, err));
    else
        RGQ_TRY(err, rgq_json_add_array(&empty, root, "warnings", err));
    *out = root;
    root = NULL;
out:
    rgq_json_free(root);
    return st;
}

/* ---- warnings ---- */

static void warn_engine(const rgq_dose_answer *answer, const rgq_dose_view *view,
                        const rgq_log *log)
{
    if (view->way->engine == RGQ_DOSE_LOCAL)
        RGQ_WARN(log,
                 "engine local: electrons stay where they arise and photons are left out "
                 "(%.3g of %.3g MeV per decay)",
                 answer->spectrum.photon_mev,
                 answer->spectrum.photon_mev + answer->spectrum.electron_mev +
                     answer->spectrum.beta_mev);
    if (view->way->engine == RGQ_DOSE_KERNEL && view->body->kind != RGQ_BODY_SPHERE)
        RGQ_WARN(log,
                 "engine kernel: endless tissue has no body surface; self dose is 0.5 to 3 "
                 "%% too high, cross dose 5 to 45 %%; --engine mc has the body");
}

void rgq_dose_warn(const rgq_dose_answer *answer, const rgq_dose_view *view, const rgq_log *log)
{
    for (int i = 0; i < answer->table->n_notes; i++)
        if (strncmp(answer->table->note[i], "Remainder:", 10) == 0) /* as it always is */
            RGQ_INFO(log, "%s", answer->table->note[i]);
        else
            RGQ_WARN(log, "%s", answer->table->note[i]);
    for (int i = 0; i < answer->n_effective; i++) {
        const rgq_effective_dose *e = &answer->effective[i];
        if (e->coverage < 1.0 - 1e-9)
            RGQ_WARN(log, "effective dose %s covers %.3f of the weights; missing: %s", e->rule,
                     e->coverage, e->missing);
        if (e->one_sex)
            RGQ_WARN(log,
                     "effective dose %s is of one body; the rule wants the mean of both "
                     "sexes (--sex-mean)",
                     e->rule);
    }
    for (int i = 0; i < answer->n_no_effective; i++)
        RGQ_WARN(log, "no %s", answer->no_effective[i]);
    warn_engine(answer, view, log);
}
