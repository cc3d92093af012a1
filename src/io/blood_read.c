#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/json.h"
#include "core/parse.h"
#include "core/text.h"
#include "io/blood.h"
#include "io/tsv.h"

typedef struct reader {
    const rgq_tsv *table;
    const rgq_json *info; /* the companion, or NULL */
    const char *name;
    rgq_blood *blood;
} reader;

/* One column of the table and where its numbers go. */
typedef struct column {
    const char *name;
    size_t at; /* in rgq_blood_sample */
    double lo, hi;
    bool is_activity;
} column;

static const column columns[] = {
    {"whole_blood_radioactivity", offsetof(rgq_blood_sample, whole_blood_bqml), -1e15, 1e15,
     true},
    {"plasma_radioactivity", offsetof(rgq_blood_sample, plasma_bqml), -1e15, 1e15, true},
    /* noise leaves 0 to 1 by a little; what is in percent and does not say so is found */
    {"metabolite_parent_fraction", offsetof(rgq_blood_sample, parent_fraction), -0.2, 1.2,
     false},
    {"metabolite_polar_fraction", offsetof(rgq_blood_sample, polar_fraction), -0.2, 1.2, false},
    {"hplc_recovery_fractions", offsetof(rgq_blood_sample, hplc_recovery), -0.2, 1.2, false},
};

enum { N_COLUMNS = sizeof columns / sizeof columns[0] };

static const char *unit_of(const reader *r, const char *name)
{
    return rgq_json_text(rgq_json_get(rgq_json_get(r->info, name), "Units"), "");
}

/* Factor to Bq/mL; 0 if the unit is not known. */
static double bqml_of(const char *unit)
{
    static const struct {
        const char *word;
        double bq;
    } activities[] = {{"Bq", 1.0},   {"kBq", 1e3},   {"MBq", 1e6},
                      {"nCi", 37.0}, {"uCi", 3.7e4}, {"mCi", 3.7e7}};
    static const struct {
        const char *word;
        double per_ml;
    } volumes[] = {{"mL", 1.0}, {"cc", 1.0}, {"cm3", 1.0}, {"cm^3", 1.0}, {"L", 1e-3}};
    const char *slash = strchr(unit, '/');
    char word[8];

    if (slash == NULL || (size_t)(slash - unit) >= sizeof word)
        return 0.0;
    (void)snprintf(word, sizeof word, "%.*s", (int)(slash - unit), unit);
    for (size_t i = 0; i < sizeof activities / sizeof activities[0]; i++)
        for (size_t j = 0; j < sizeof volumes / sizeof volumes[0]; j++)
            /* "MBq" and "mBq" differ by 1e9: the case of the first letter counts */
            if (strcmp(word, activities[i].word) == 0 &&
                rgq_text_equal_nocase(slash + 1, volumes[j].word))
                return activities[i].bq * volumes[j].per_ml;
    return 0.0;
}

static rgq_status cell_real(double *out, const reader *r, int row, int at, double lo, double hi,
                            rgq_error *err)
{
    const char *text = rgq_tsv_cell(r->table, row, at);

    *out = (double)NAN;
    if (rgq_text_equal_nocase(text, "n/a"))
        return RGQ_OK;
    if (rgq_parse_real(out, text, lo, hi, NULL) == RGQ_OK)
        return RGQ_OK;
    return RGQ_RAISE(err, RGQ_E_FORMAT,
                     "%s: line %d: %s is '%.20s'; a number from %g to %g, or n/a, was needed",
                     r->name, row + 2, rgq_tsv_column(r->table, at), text, lo, hi);
}

static rgq_status take_times(const reader *r, rgq_error *err)
{
    const int at = rgq_tsv_find(r->table, "time");
    const char *unit = unit_of(r, "time");
    double factor = 1.0;

    if (at < 0)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: a table of blood needs a column 'time'",
                         r->name);
    if (rgq_text_equal_nocase(unit, "min") || rgq_text_equal_nocase(unit, "minutes"))
        factor = 60.0;
    else if (unit[0] != '\0' && !rgq_text_equal_nocase(unit, "s") &&
             !rgq_text_equal_nocase(unit, "seconds"))
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: time is in '%.20s', s or min was needed",
                         r->name, unit);
    for (int row = 0; row < r->blood->count; row++) {
        rgq_blood_sample *s = &r->blood->sample[row];
        RGQ_PASS(err, cell_real(&s->time_s, r, row, at, -1e9, 1e9, err));
        s->time_s *= factor;
        if (isnan(s->time_s) || (row > 0 && !(s->time_s > s[-1].time_s)))
            return RGQ_RAISE(err, RGQ_E_FORMAT,
                             "%s: line %d: times must rise from line to line", r->name,
                             row + 2);
    }
    return RGQ_OK;
}

static double fraction_of(const char *unit)
{
    static const char *const words[] = {"%", "percent", "percentage"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (rgq_text_equal_nocase(unit, words[i]))
            return 0.01;
    return 1.0;
}

static rgq_status take_column(const reader *r, const column *c, rgq_error *err)
{
    const int at = rgq_tsv_find(r->table, c->name);
    double factor = c->is_activity ? 1.0 : fraction_of(unit_of(r, c->name));
    const double lo = c->lo / factor;
    const double hi = c->hi / factor;

    if (at >= 0 && c->is_activity) {
        const char *unit = unit_of(r, c->name);
        factor = bqml_of(unit);
        if (unit[0] == '\0')
            return RGQ_RAISE(err, RGQ_E_MISSING,
                             "%s: the unit of %s is not stated; the JSON file beside it must "
                             "say {\"%s\": {\"Units\": \"kBq/mL\"}} or what it is",
                             r->name, c->name, c->name);
        if (factor == 0.0)
            return RGQ_RAISE(err, RGQ_E_FORMAT,
                             "%s: %s is in '%.20s'; Bq/mL, kBq/mL, MBq/mL, nCi/mL or uCi/mL "
                             "was needed",
                             r->name, c->name, unit);
    }
    for (int row = 0; row < r->blood->count; row++) {
        double value = (double)NAN;
        if (at >= 0)
            RGQ_PASS(err, cell_real(&value, r, row, at, lo, hi, err));
        value *= factor;
        memcpy((char *)&r->blood->sample[row] + c->at, &value, sizeof value);
    }
    return RGQ_OK;
}

static int said(const rgq_json *info, const char *key)
{
    const rgq_json *node = rgq_json_get(info, key);
    const char *text = rgq_json_text(node, "");

    if (rgq_json_is_bool(node))
        return rgq_json_bool(node, false) ? 1 : 0;
    if (rgq_text_equal_nocase(text, "true"))
        return 1;
    return rgq_text_equal_nocase(text, "false") ? 0 : -1;
}

static double number(const rgq_json *info, const char *key)
{
    const double value = rgq_json_number(rgq_json_get(info, key), (double)NAN);
    return isfinite(value) ? value : (double)NAN;
}

static void take_facts(rgq_blood_facts *f, const rgq_json *info)
{
    f->plasma_available = said(info, "PlasmaAvail");
    f->metabolites_available = said(info, "MetaboliteAvail");
    f->whole_blood_available = said(info, "WholeBloodAvail");
    f->dispersion_corrected = said(info, "DispersionCorrected");
    f->metabolite_recovery_corrected = said(info, "MetaboliteRecoveryCorrectionApplied");
    rgq_text_copy(f->metabolite_method, sizeof f->metabolite_method,
                  rgq_json_text(rgq_json_get(info, "MetaboliteMethod"), ""));
    f->withdrawal_rate_ml_s = number(info, "WithdrawalRate");
    f->tubing_length_m = number(info, "TubingLength");
    f->dispersion_constant_s = number(info, "DispersionConstant");
    f->haematocrit = number(info, "Haematocrit");
    f->density_g_ml = number(info, "BloodDensity");
    f->plasma_free_percent = number(info, "PlasmaFreeFraction");
}

static rgq_status read_all(const reader *r, const rgq_log *log, rgq_error *err)
{
    rgq_blood *blood = r->blood;

    if (r->info != NULL && !rgq_json_is_object(r->info))
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: its JSON file holds one object { ... }",
                         r->name);
    if (r->table->n_rows < 1 || r->table->n_rows > RGQ_BLOOD_SAMPLES_MAX)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: %d samples, 1 to %d were needed", r->name,
                         r->table->n_rows, RGQ_BLOOD_SAMPLES_MAX);
    blood->count = r->table->n_rows;
    RGQ_PASS(err, rgq_alloc(&blood->sample, (size_t)blood->count, sizeof *blood->sample, err));
    RGQ_PASS(err, take_times(r, err));
    for (int c = 0; c < N_COLUMNS; c++)
        RGQ_PASS(err, take_column(r, &columns[c], err));
    take_facts(&blood->facts, r->info);
    const double h = blood->facts.haematocrit;
    if (isfinite(h) && (h < 0.0 || h > 1.0)) {
        RGQ_WARN(log, "%s: Haematocrit %g is left alone: a fraction of 1 was needed", r->name,
                 h);
        blood->facts.haematocrit = (double)NAN;
    }
    return RGQ_OK;
}

rgq_status rgq_blood_parse(rgq_blood *out, const rgq_blood_text *text, const rgq_log *log,
                           rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_tsv table = {0};
    rgq_json *info = NULL;

    *out = rgq_blood_none();
    RGQ_TRY(err, rgq_tsv_parse(&table, text->tsv, text->length, text->name, err));
    if (text->json != NULL)
        RGQ_TRY(err, rgq_json_parse(&info, text->json, text->json_length, text->name, err));
    RGQ_TRY(err, read_all(&(reader){&table, info, text->name, out}, log, err));
out:
    rgq_tsv_release(&table);
    rgq_json_free(info);
    if (st != RGQ_OK)
        rgq_blood_release(out);
    return st;
}

/* What the files that apply to the table say, key by key the nearest: one JSON text, or NULL.
 */
static rgq_status read_companions(char **out, const char *path, const rgq_log *log,
                                  rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_bids_place place;
    char(*file)[RGQ_PATH_MAX] = NULL;
    rgq_json *all = NULL;
    rgq_json *one = NULL;
    int count = 0;

    *out = NULL;
    RGQ_TRY(err, rgq_bids_locate(&place, path, err));
    RGQ_TRY(err, rgq_alloc(&file, RGQ_BIDS_FILES_MAX + 1, sizeof *file, err));
    (void)snprintf(file[0], sizeof file[0], "%.*s.json", (int)(strlen(path) - strlen(".tsv")),
                   path);
    RGQ_TRY(err, rgq_bids_side_files(file + 1, &count, &place, log, err));
    RGQ_TRY(err, rgq_json_object(&all, err));
    bool any = false;
    for (int i = 0; i <= count; i++) {
        const char *key = NULL;
        if (i == 0 && !rgq_path_exists(file[0]))
            continue;
        any = true;
        RGQ_TRY(err, rgq_json_load(&one, file[i], err));
        if (!rgq_json_is_object(one)) {
            st = RGQ_RAISE(err, RGQ_E_FORMAT, "%s holds no object { ... }",
                           rgq_path_base(file[i]));
            goto out;
        }
        for (size_t m = 0; m < rgq_json_count(one); m++) {
            const rgq_json *node = rgq_json_member(one, m, &key);
            if (node != NULL && rgq_json_get(all, key) == NULL)
                RGQ_TRY(err, rgq_json_set_copy(all, key, node, err));
        }
        rgq_json_free(one);
        one = NULL;
    }
    if (any)
        RGQ_TRY(err, rgq_json_dump(out, all, err));
out:
    rgq_json_free(one);
    rgq_json_free(all);
    rgq_free(file);
    return st;
}

rgq_status rgq_blood_read(rgq_blood *out, const char *path, const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    char stem[256];
    char *tsv = NULL;
    char *json = NULL;
    size_t length = 0;

    *out = rgq_blood_none();
    RGQ_TRY(err, rgq_file_read(&tsv, &length, path, RGQ_TSV_MAX_BYTES, err));
    RGQ_TRY(err, read_companions(&json, path, log, err));
    RGQ_TRY(err, rgq_blood_parse(out,
                                 &(rgq_blood_text){tsv, length, json,
                                                   json != NULL ? strlen(json) : 0,
                                                   rgq_path_base(path)},
                                 log, err));
    rgq_bids_stem(stem, sizeof stem, path);
    char label[RGQ_BIDS_LABEL_MAX];
    if (rgq_bids_entity(label, stem, "recording"))
        rgq_text_copy(out->recording, sizeof out->recording, label);
out:
    rgq_free(tsv);
    rgq_free(json);
    return st;
}

/* The same scan: every entity but `recording` is one of the scan's. */
static bool belongs(const char *stem, const char *scan)
{
    char label[RGQ_BIDS_LABEL_MAX];
    char recording[RGQ_BIDS_LABEL_MAX + 16];
    char bare[256];
    char pet[256];
    const size_t length = strlen(stem);
    const size_t suffix = strlen("blood");

    if (length <= suffix + 1 || strcmp(stem + length - suffix - 1, "_blood") != 0)
        return false;
    rgq_text_copy(bare, sizeof bare, stem);
    bare[strlen(bare) - suffix] = '\0'; /* ends in '_' */
    if (rgq_bids_entity(label, stem, "recording")) {
        (void)snprintf(recording, sizeof recording, "_recording-%s", label);
        char *at = strstr(bare, recording);
        if (at != NULL)
            memmove(at, at + strlen(recording), strlen(at + strlen(recording)) + 1);
    }
    (void)snprintf(pet, sizeof pet, "%.250spet", bare);
    return rgq_bids_entity(label, stem, "sub") && rgq_bids_applies(pet, scan);
}

rgq_status rgq_blood_find(char (*path)[RGQ_PATH_MAX], int *count, const char *scan_path,
                          rgq_error *err)
{
    rgq_bids_place place;
    rgq_names names = {NULL, 0};
    char stem[256];
    rgq_status st = RGQ_OK;

    *count = 0;
    if (rgq_path_is_folder(scan_path))
        return RGQ_OK;
    RGQ_PASS(err, rgq_bids_locate(&place, scan_path, err));
    RGQ_PASS(err, rgq_folder_list(&names, place.folder, err));
    for (size_t i = 0; i < names.count && *count < RGQ_BIDS_FILES_MAX; i++) {
        rgq_bids_stem(stem, sizeof stem, names.name[i]);
        if (!rgq_text_ends_with(names.name[i], ".tsv") || !belongs(stem, place.stem))
            continue;
        RGQ_TRY(err, rgq_path_join(path[*count], place.folder, names.name[i], err));
        *count += 1;
    }
out:
    rgq_names_release(&names);
    return st;
}
