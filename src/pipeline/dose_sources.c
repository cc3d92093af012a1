#include "pipeline/dose_sources.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/json.h"
#include "core/parse.h"
#include "core/text.h"
#include "io/tsv.h"

enum { ROWS_MAX = 1000 };

/* Share of the body mass of a mouse of 20 to 25 g. @see cite:Brown1997 */
static const struct {
    const char *region;
    double share;
} mouse[] = {
    {"adrenals", 0.00048}, {"bone", 0.1073},         {"brain", 0.0165},
    {"heart", 0.0050},     {"kidneys", 0.0167},      {"liver", 0.0549},
    {"lungs", 0.0073},     {"skin", 0.1653},         {"small intestine", 0.0253},
    {"spleen", 0.0035},    {"stomach", 0.0060},      {"heart wall", 0.0050},
    {"skeleton", 0.1073},  {"stomach wall", 0.0060},
};

void rgq_dose_sources_release(rgq_dose_sources *sources)
{
    rgq_free(sources->row);
    *sources = (rgq_dose_sources){.row = NULL};
}

static rgq_status make_room(rgq_dose_sources *s, int more, rgq_error *err)
{
    if (s->n + more <= s->room)
        return RGQ_OK;
    RGQ_PASS(err, rgq_realloc(&s->row, (size_t)(s->n + more), sizeof *s->row, err));
    s->room = s->n + more;
    return RGQ_OK;
}

rgq_status rgq_dose_sources_add(rgq_dose_sources *out, const char *region, double tiac_h,
                                double sd_h, rgq_error *err)
{
    RGQ_PASS(err, make_room(out, 1, err));
    rgq_dose_source *row = &out->row[out->n++];
    *row = (rgq_dose_source){.tiac_h = tiac_h, .sd_h = sd_h, .animal_share = (double)NAN};
    rgq_text_copy(row->region, sizeof row->region, region);
    return RGQ_OK;
}

/* ---- the table ---- */

static rgq_status need_columns(const rgq_tsv *t, const char *path, rgq_error *err)
{
    char found[200] = "";

    if (rgq_tsv_find(t, "region") >= 0 && rgq_tsv_find(t, "tiac_h") >= 0)
        return RGQ_OK;
    for (int c = 0; c < t->n_columns && strlen(found) < 120; c++) {
        const size_t used = strlen(found);
        (void)snprintf(found + used, sizeof found - used, "%s%.40s", c > 0 ? ", " : "",
                       rgq_tsv_column(t, c));
    }
    if (rgq_tsv_find(t, "region") >= 0 && rgq_tsv_find(t, "tiac") >= 0)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "%s: the column 'tiac' has no unit; name it tiac_h and give hours "
                         "(MBq h per MBq administered)",
                         path);
    return RGQ_RAISE(err, RGQ_E_FORMAT,
                     "%s: the columns are %s; needed are region and tiac_h (hours: MBq h per "
                     "MBq administered)",
                     path, found);
}

static bool is_missing(const char *cell)
{
    return cell[0] == '\0' || strcmp(cell, "n/a") == 0;
}

/* A number of a column that may be absent. */
static rgq_status read_cell(double *out, const rgq_tsv *t, int row, const char *column,
                            double hi, const char *path, rgq_error *err)
{
    rgq_error why = RGQ_ERROR_INIT;
    const int c = rgq_tsv_find(t, column);

    *out = (double)NAN;
    if (c < 0 || is_missing(rgq_tsv_cell(t, row, c)))
        return RGQ_OK;
    if (rgq_parse_real(out, rgq_tsv_cell(t, row, c), 0.0, hi, &why) != RGQ_OK)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s, line %d, %s: %s", path, row + 2, column,
                         why.message);
    return RGQ_OK;
}

static rgq_status find_share(rgq_dose_source *row, rgq_error *err)
{
    if (!isnan(row->animal_share))
        return RGQ_OK;
    for (size_t i = 0; i < sizeof mouse / sizeof mouse[0]; i++)
        if (rgq_text_equal_nocase(mouse[i].region, row->region)) {
            row->animal_share = mouse[i].share;
            return RGQ_OK;
        }
    /* contents, urine and what is left scale with nothing: hours are hours */
    if (rgq_text_ends_with(row->region, "contents") ||
        rgq_text_equal_nocase(row->region, "remainder") ||
        rgq_text_equal_nocase(row->region, "total body"))
        return RGQ_OK;
    return RGQ_RAISE(err, RGQ_E_NOTFOUND,
                     "which share of a mouse '%s' has is not known; give it in a column "
                     "animal_share (its mass over that of the body)",
                     row->region);
}

static rgq_status read_row(rgq_dose_sources *out, const rgq_tsv *t, int r, const char *path,
                           const char *species, rgq_error *err)
{
    const char *region = rgq_tsv_cell(t, r, rgq_tsv_find(t, "region"));
    double tiac_h;
    double sd_h;
    double share;

    if (is_missing(region) || strlen(region) >= RGQ_DOSE_NAME)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s, line %d: '%.60s' is no name of a region", path,
                         r + 2, region);
    RGQ_PASS(err, read_cell(&tiac_h, t, r, "tiac_h", 1e6, path, err));
    RGQ_PASS(err, read_cell(&sd_h, t, r, "sd_h", 1e6, path, err));
    RGQ_PASS(err, read_cell(&share, t, r, "animal_share", 1.0, path, err));
    if (isnan(tiac_h))
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "%s, line %d: '%s' has no tiac_h; leave the row out or give 0", path,
                         r + 2, region);
    RGQ_PASS(err, rgq_dose_sources_add(out, region, tiac_h, sd_h, err));
    rgq_dose_source *row = &out->row[out->n - 1];
    row->animal_share = share;
    return species != NULL ? find_share(row, err) : RGQ_OK;
}

rgq_status rgq_dose_sources_read(rgq_dose_sources *out, const char *path, const char *species,
                                 rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_tsv t = {0};
    rgq_dose_sources made = {.row = NULL};

    RGQ_TRY(err, rgq_tsv_read(&t, path, err));
    RGQ_TRY(err, need_columns(&t, path, err));
    if (t.n_rows < 1 || t.n_rows > ROWS_MAX)
        RGQ_TRY(err, RGQ_RAISE(err, RGQ_E_FORMAT, "%s: %d rows; 1 to %d are needed", path,
                               t.n_rows, (int)ROWS_MAX));
    RGQ_TRY(err, make_room(&made, t.n_rows, err));
    for (int r = 0; r < t.n_rows; r++)
        RGQ_TRY(err, read_row(&made, &t, r, path, species, err));
    *out = made;
    made = (rgq_dose_sources){.row = NULL};
out:
    rgq_dose_sources_release(&made);
    rgq_tsv_release(&t);
    return st;
}

rgq_status rgq_dose_sources_origin_read(rgq_dose_sources_origin *out, const char *path,
                                        rgq_error *err)
{
    rgq_json *root = NULL;
    char json[RGQ_PATH_MAX];
    const size_t length = strlen(path);

    *out = (rgq_dose_sources_origin){.half_life_h = (double)NAN, .per_mbq = true};
    if (!rgq_text_ends_with(path, ".tsv") || length + 2 >= sizeof json)
        return RGQ_OK;
    (void)snprintf(json, sizeof json, "%.*s.json", (int)(length - 4), path);
    if (!rgq_path_exists(json))
        return RGQ_OK;
    RGQ_PASS(err, rgq_json_load(&root, json, err));
    const rgq_json *tiac = rgq_json_get(root, "tiac");
    if (rgq_json_is_object(tiac)) {
        out->known = true;
        rgq_text_copy(out->nuclide, sizeof out->nuclide,
                      rgq_json_text(rgq_json_get(tiac, "nuclide"), ""));
        out->half_life_h = rgq_json_number(rgq_json_get(tiac, "half_life_h"), (double)NAN);
        out->per_mbq = rgq_json_bool(rgq_json_get(tiac, "per_mbq_administered"), true);
    }
    rgq_json_free(root);
    return RGQ_OK;
}

/* ---- masses ---- */

rgq_status rgq_dose_masses_parse(rgq_dose_mass *out, int *n, const char *words, rgq_error *err)
{
    *n = 0;
    for (const char *at = words; *at != '\0';) {
        const size_t length = strcspn(at, ",");
        const char *equal = memchr(at, '=', length);
        rgq_error why = RGQ_ERROR_INIT;
        char number[40];

        if (*n == RGQ_DOSE_MASSES_MAX)
            return RGQ_RAISE(err, RGQ_E_ARGUMENT, "more than %d masses",
                             (int)RGQ_DOSE_MASSES_MAX);
        rgq_dose_mass *m = &out[*n];
        if (equal == NULL || equal == at || (size_t)(equal - at) >= sizeof m->organ)
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "'%.*s' is no mass; type e.g. liver=1500,kidneys=280 (grams)",
                             length > 60 ? 60 : (int)length, at);
        (void)snprintf(m->organ, sizeof m->organ, "%.*s", (int)(equal - at), at);
        (void)snprintf(number, sizeof number, "%.*s", (int)(at + length - equal - 1),
                       equal + 1);
        if (rgq_parse_real(&m->mass_g, number, 1e-3, 1e6, &why) != RGQ_OK)
            return RGQ_RAISE(err, RGQ_E_ARGUMENT, "the mass of '%s': %s", m->organ,
                             why.message);
        (*n)++;
        at += length;
        at += *at == ',';
    }
    return RGQ_OK;
}
