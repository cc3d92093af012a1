#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/banned.h"
#include "core/json.h"
#include "core/parse.h"
#include "core/text.h"
#include "io/bids.h"
#include "io/tsv.h"

/* One row of participants.tsv or sessions.tsv. */
typedef struct person {
    const rgq_tsv *table;
    const rgq_json *columns; /* the companion, or NULL */
    int row;
    const char *what; /* "participants.tsv" */
    rgq_scan_facts *facts;
    const rgq_log *log;
} person;

/* The cell of the first of two columns that is there and filled; NULL if neither is. */
static const char *cell_of(const person *p, const char **column, const char *first,
                           const char *second)
{
    const char *const names[] = {first, second};

    for (int i = 0; i < 2; i++) {
        const int at = rgq_tsv_find(p->table, names[i]);
        if (at < 0)
            continue;
        const char *text = rgq_tsv_cell(p->table, p->row, at);
        if (text[0] == '\0' || rgq_text_equal_nocase(text, "n/a"))
            continue;
        *column = names[i];
        return text;
    }
    return NULL;
}

static const char *unit_of(const person *p, const char *column)
{
    return rgq_json_text(rgq_json_get(rgq_json_get(p->columns, column), "Units"), "");
}

static void set(const person *p, rgq_fact *fact, double value, const char *column)
{
    char origin[RGQ_ORIGIN_MAX];

    (void)snprintf(origin, sizeof origin, "%s, column %s", p->what, column);
    rgq_fact_set(fact, value, origin);
}

static bool number_of(double *out, const person *p, const char *text, const char *column)
{
    if (rgq_parse_real(out, text, 1e-6, 1e6, NULL) == RGQ_OK)
        return true;
    RGQ_WARN(p->log, "%s: %s is no number above 0 and is left alone", p->what, column);
    return false;
}

/* Factor to the base unit; 0 if the word is not in the list. */
typedef struct scale {
    const char *word;
    double factor;
} scale;

static double factor_of(const scale *list, const char *word)
{
    for (; list->word != NULL; list++)
        if (rgq_text_equal_nocase(word, list->word))
            return list->factor;
    return 0.0;
}

/* A fact the side file states; one from a nearer table is no contradiction. */
static bool is_from_table(const char *origin)
{
    return strncmp(origin, "sessions.tsv", strlen("sessions.tsv")) == 0;
}

/* Into the fact; where it is known already, a difference is told. A 0 in a side file stands for
 * what nobody entered. */
static void take(const person *p, rgq_fact *fact, double value, const char *column,
                 const char *unit)
{
    if (!fact->known || fact->value == 0.0)
        set(p, fact, value, column);
    else if (!is_from_table(fact->origin) && fabs(value - fact->value) > 0.01 * value)
        RGQ_WARN(p->log, "%s has %s %.4g %s, the scan's own %s says %.4g %s and is used",
                 p->what, column, value, unit, fact->origin, fact->value, unit);
}

double rgq_bids_weight_factor(const char *unit)
{
    static const scale units[] = {{"", 1.0},           {"kg", 1.0}, {"kilogram", 1.0},
                                  {"kilograms", 1.0},  {"g", 1e-3}, {"lb", 0.45359237},
                                  {"lbs", 0.45359237}, {NULL, 0.0}};
    return factor_of(units, unit);
}

double rgq_bids_height_factor(const char *unit)
{
    static const scale units[] = {{"m", 1.0},           {"meter", 1.0},
                                  {"meters", 1.0},      {"metre", 1.0},
                                  {"metres", 1.0},      {"cm", 0.01},
                                  {"centimeter", 0.01}, {"centimeters", 0.01},
                                  {"centimetre", 0.01}, {"centimetres", 0.01},
                                  {"mm", 0.001},        {"in", 0.0254},
                                  {"inch", 0.0254},     {"inches", 0.0254},
                                  {NULL, 0.0}};
    return factor_of(units, unit);
}

static void take_weight(const person *p)
{
    const char *column = NULL;
    double value = 0.0;

    const char *text = cell_of(p, &column, "body_weight", "weight");
    if (text == NULL || !number_of(&value, p, text, column))
        return;
    const double factor = rgq_bids_weight_factor(unit_of(p, column));
    if (factor == 0.0 || value * factor > 1000.0)
        RGQ_WARN(p->log, "%s: %s %g in '%.20s' is no weight that can be used", p->what, column,
                 value, unit_of(p, column));
    else
        take(p, &p->facts->weight_kg, value * factor, column, "kg");
}

static void take_height(const person *p)
{
    const char *column = NULL;
    double value = 0.0;

    const char *text = cell_of(p, &column, "body_height", "height");
    if (text == NULL || !number_of(&value, p, text, column))
        return;
    const char *unit = unit_of(p, column);
    double factor = rgq_bids_height_factor(unit);
    if (unit[0] == '\0') { /* nobody is 3 m tall, nor 3 cm */
        factor = value > 3.0 ? 0.01 : 1.0;
        if (!p->facts->height_m.known)
            RGQ_WARN(p->log, "%s: %s %g has no unit in a JSON file beside it; %s is assumed",
                     p->what, column, value, value > 3.0 ? "cm" : "m");
    }
    if (factor == 0.0 || value * factor > 4.0)
        RGQ_WARN(p->log, "%s: %s %g in '%.20s' is no height that can be used", p->what, column,
                 value, unit);
    else
        take(p, &p->facts->height_m, value * factor, column, "m");
}

/* What a code of the table means: the "Levels" of its companion, a text or an object with a
 * "Description". */
static const char *meaning_of(const person *p, const char *column, const char *code)
{
    const rgq_json *levels = rgq_json_get(rgq_json_get(p->columns, column), "Levels");
    const rgq_json *level = rgq_json_get(levels, code);

    if (rgq_json_is_object(level))
        level = rgq_json_get(level, "Description");
    return rgq_json_text(level, code);
}

static const char *sex_of(const char *text)
{
    static const char *const words[][4] = {
        {"M", "m", "male", "man"}, {"F", "f", "female", "woman"}, {"O", "o", "other", "other"}};

    for (int i = 0; i < 3; i++)
        for (int j = 1; j < 4; j++)
            if (rgq_text_equal_nocase(text, words[i][j]))
                return words[i][0];
    return NULL;
}

static void take_sex(const person *p)
{
    char origin[RGQ_ORIGIN_MAX];
    const char *column = NULL;
    rgq_fact_text *fact = &p->facts->sex;

    const char *text = cell_of(p, &column, "sex", "gender");
    if (text == NULL)
        return;
    (void)snprintf(origin, sizeof origin, "%s, column %s", p->what, column);
    const char *sex = sex_of(text);
    if (sex == NULL)
        sex = sex_of(meaning_of(p, column, text));
    if (sex == NULL) {
        if (!fact->known)
            RGQ_WARN(p->log,
                     "%s: %s is none of M, F and O, nor a level its JSON file explains so, and "
                     "is left alone",
                     p->what, column);
        return;
    }
    if (!fact->known)
        rgq_fact_text_set(fact, sex, origin);
    else if (!is_from_table(fact->origin) && !rgq_text_equal_nocase(fact->value, sex))
        RGQ_WARN(p->log, "%s has %s %s, the scan's own %s says %s and is used", p->what, column,
                 sex, fact->origin, fact->value);
}

/* A companion that cannot be read is told; the columns then have no units. */
static rgq_status load_companion(rgq_json **out, const char *table, const char *what,
                                 const rgq_log *log, rgq_error *err)
{
    char path[RGQ_PATH_MAX];
    rgq_error why = RGQ_ERROR_INIT;

    *out = NULL;
    (void)snprintf(path, sizeof path, "%.*sjson", (int)(strlen(table) - strlen("tsv")), table);
    if (!rgq_path_exists(path))
        return RGQ_OK;
    const rgq_status st = rgq_json_load(out, path, &why);
    if (st == RGQ_E_NOMEM)
        return RGQ_RAISE(err, st, "%s", why.message);
    if (st != RGQ_OK)
        RGQ_WARN(log, "the JSON file of %s cannot be read and is left alone", what);
    return RGQ_OK;
}

/* The row whose cell in `column` is `id`, with or without its prefix of four letters. */
static int row_of(const rgq_tsv *table, const char *column, const char *id)
{
    const int at = rgq_tsv_find(table, column);

    for (int row = 0; at >= 0 && row < table->n_rows; row++) {
        const char *text = rgq_tsv_cell(table, row, at);
        if (strcmp(text, id) == 0 || strcmp(text, id + 4) == 0)
            return row;
    }
    return -1;
}

static rgq_status take_table(rgq_scan *scan, const char *path, const char *column,
                             const char *id, const char *what, const rgq_log *log,
                             rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_tsv table = {0};
    rgq_json *columns = NULL;
    rgq_error why = RGQ_ERROR_INIT;

    if (!rgq_path_exists(path))
        return RGQ_OK;
    st = rgq_tsv_read(&table, path, &why);
    if (st == RGQ_E_NOMEM)
        return RGQ_RAISE(err, st, "%s", why.message);
    if (st != RGQ_OK) {
        RGQ_WARN(log, "%s of the dataset is left alone: %s", what, why.message);
        return RGQ_OK;
    }
    const int row = row_of(&table, column, id);
    if (row >= 0) {
        RGQ_TRY(err, load_companion(&columns, path, what, log, err));
        const person p = {&table, columns, row, what, &scan->facts, log};
        take_weight(&p);
        take_height(&p);
        take_sex(&p);
    }
out:
    rgq_tsv_release(&table);
    rgq_json_free(columns);
    return st;
}

rgq_status rgq_bids_people(rgq_scan *scan, const rgq_bids_place *place, const rgq_log *log,
                           rgq_error *err)
{
    char path[RGQ_PATH_MAX];
    char name[3 * RGQ_BIDS_LABEL_MAX];

    if (!place->in_dataset || place->subject[0] == '\0')
        return RGQ_OK;
    if (place->session[0] != '\0') { /* people grow between sessions: the nearer table first */
        (void)snprintf(name, sizeof name, "%s/%s_sessions.tsv", place->subject, place->subject);
        RGQ_PASS(err, rgq_path_join(path, place->root, name, err));
        RGQ_PASS(err, take_table(scan, path, "session_id", place->session, "sessions.tsv", log,
                                 err));
    }
    RGQ_PASS(err, rgq_path_join(path, place->root, "participants.tsv", err));
    return take_table(scan, path, "participant_id", place->subject, "participants.tsv", log,
                      err);
}
