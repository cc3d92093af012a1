#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/banned.h"
#include "core/json.h"
#include "core/parse.h"
#include "core/text.h"
#include "io/blood.h"

typedef struct column {
    const char *name;
    const char *unit;
    const char *what;
    size_t at;
} column;

static const column columns[] = {
    {"time", "s", "Time of the sample, from TimeZero of the scan",
     offsetof(rgq_blood_sample, time_s)},
    {"whole_blood_radioactivity", "Bq/mL", "Radioactivity of whole blood",
     offsetof(rgq_blood_sample, whole_blood_bqml)},
    {"plasma_radioactivity", "Bq/mL", "Radioactivity of plasma",
     offsetof(rgq_blood_sample, plasma_bqml)},
    {"metabolite_parent_fraction", "arbitrary", "Fraction of unchanged tracer in the plasma",
     offsetof(rgq_blood_sample, parent_fraction)},
    {"metabolite_polar_fraction", "arbitrary", "Fraction of polar metabolites",
     offsetof(rgq_blood_sample, polar_fraction)},
    {"hplc_recovery_fractions", "arbitrary", "Fraction recovered by HPLC",
     offsetof(rgq_blood_sample, hplc_recovery)},
};

enum { N_COLUMNS = sizeof columns / sizeof columns[0] };

static double value_of(const rgq_blood_sample *sample, int c)
{
    double value = 0.0;
    memcpy(&value, (const char *)sample + columns[c].at, sizeof value);
    return value;
}

static bool is_filled(const rgq_blood *blood, int c)
{
    for (int i = 0; i < blood->count; i++)
        if (!isnan(value_of(&blood->sample[i], c)))
            return true;
    return false;
}

static rgq_status write_table(const char *path, const rgq_blood *blood, double shift_s,
                              bool force, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_text text = RGQ_TEXT_INIT;
    char number[RGQ_REAL_TEXT_MAX];

    for (int row = -1; row < blood->count; row++) {
        for (int c = 0; c < N_COLUMNS; c++) {
            if (!is_filled(blood, c))
                continue;
            const double shift = c == 0 ? shift_s : 0.0;
            rgq_text_printf(
                &text, "%s%s", c > 0 ? "\t" : "",
                row < 0 ? columns[c].name
                        : rgq_format_real(value_of(&blood->sample[row], c) + shift, number));
        }
        rgq_text_printf(&text, "\n");
    }
    RGQ_TRY(err, rgq_text_check(&text, err));
    RGQ_TRY(err, rgq_file_write(path, text.data, text.length, force, err));
out:
    rgq_text_release(&text);
    return st;
}

static rgq_status put_said(rgq_json *root, const char *key, int said, bool fallback,
                           rgq_error *err)
{
    return rgq_json_set_bool(root, key, said < 0 ? fallback : said > 0, err);
}

static rgq_status put_known(rgq_json *root, const char *key, double value, rgq_error *err)
{
    return isfinite(value) ? rgq_json_set_real(root, key, value, err) : RGQ_OK;
}

static rgq_status put_facts(rgq_json *root, const rgq_blood *blood, rgq_error *err)
{
    const rgq_blood_facts *f = &blood->facts;
    const bool metabolites =
        f->metabolites_available < 0 ? is_filled(blood, 3) : f->metabolites_available > 0;

    RGQ_PASS(err, put_said(root, "PlasmaAvail", f->plasma_available, is_filled(blood, 2), err));
    RGQ_PASS(err, rgq_json_set_bool(root, "MetaboliteAvail", metabolites, err));
    RGQ_PASS(err, put_said(root, "WholeBloodAvail", f->whole_blood_available,
                           is_filled(blood, 1), err));
    RGQ_PASS(err, put_said(root, "DispersionCorrected", f->dispersion_corrected, false, err));
    if (metabolites) {
        RGQ_PASS(err, rgq_json_set_text(
                          root, "MetaboliteMethod",
                          f->metabolite_method[0] != '\0' ? f->metabolite_method : "n/a", err));
        RGQ_PASS(err, put_said(root, "MetaboliteRecoveryCorrectionApplied",
                               f->metabolite_recovery_corrected, false, err));
    }
    RGQ_PASS(err, put_known(root, "WithdrawalRate", f->withdrawal_rate_ml_s, err));
    RGQ_PASS(err, put_known(root, "TubingLength", f->tubing_length_m, err));
    RGQ_PASS(err, put_known(root, "DispersionConstant", f->dispersion_constant_s, err));
    RGQ_PASS(err, put_known(root, "Haematocrit", f->haematocrit, err));
    RGQ_PASS(err, put_known(root, "BloodDensity", f->density_g_ml, err));
    return put_known(root, "PlasmaFreeFraction", f->plasma_free_percent, err);
}

rgq_status rgq_blood_write(const char *base, const rgq_blood *blood, double shift_s, bool force,
                           rgq_error *err)
{
    rgq_status st = RGQ_OK;
    char path[RGQ_PATH_MAX];
    rgq_json *root = NULL;
    rgq_json *node = NULL;

    if (strlen(base) + 8 > sizeof path)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "the path %.80s... is too long", base);
    (void)snprintf(path, sizeof path, "%s.tsv", base);
    RGQ_TRY(err, write_table(path, blood, shift_s, force, err));
    RGQ_TRY(err, rgq_json_object(&root, err));
    RGQ_TRY(err, put_facts(root, blood, err));
    for (int c = 0; c < N_COLUMNS; c++) {
        if (!is_filled(blood, c))
            continue;
        RGQ_TRY(err, rgq_json_add_object(&node, root, columns[c].name, err));
        RGQ_TRY(err, rgq_json_set_text(node, "Description", columns[c].what, err));
        RGQ_TRY(err, rgq_json_set_text(node, "Units", columns[c].unit, err));
    }
    (void)snprintf(path, sizeof path, "%s.json", base);
    RGQ_TRY(err, rgq_json_write(root, path, force, err));
out:
    rgq_json_free(root);
    return st;
}
