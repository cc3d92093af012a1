/* One row more in participants.tsv or *_sessions.tsv. */
#include "io/bids_table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/banned.h"
#include "core/parse.h"
#include "core/text.h"
#include "io/bids.h"
#include "io/tsv.h"

enum { N_FACTS = 3 };

static const struct {
    const char *names[2]; /* the first is written where neither is there */
    const char *what;
    const char *unit;
} known_columns[N_FACTS] = {
    {{"sex", "gender"}, "Sex of the participant: M, F or O", NULL},
    {{"body_weight", "weight"}, "Body weight at the scan", "kg"},
    {{"height", "body_height"}, "Body height", "m"},
};

typedef struct table {
    rgq_tsv old;
    rgq_json *columns;
    const rgq_bids_row *row;
    const char *stem;
    int id_at;
    int at[N_FACTS];   /* column in the old table, or -1 */
    bool add[N_FACTS]; /* a new column */
    char value[N_FACTS][RGQ_REAL_TEXT_MAX];
    int match; /* row of that id, or -1 */
} table;

static bool is_unknown(const char *cell)
{
    return cell[0] == '\0' || rgq_text_equal_nocase(cell, "n/a");
}

/* Heights without a unit: nobody is 3 m tall. */
static double unstated_height(const table *t, int column)
{
    double value = 0.0;

    for (int r = 0; r < t->old.n_rows; r++)
        if (rgq_parse_real(&value, rgq_tsv_cell(&t->old, r, column), 0.0, 1e6, NULL) ==
                RGQ_OK &&
            value > 3.0)
            return 0.01;
    return 1.0;
}

/* What one of the column's unit is in kg or m; 0 if the unit is not known. */
static double factor_of(const table *t, int fact)
{
    if (t->at[fact] < 0)
        return 1.0;
    const char *name = rgq_tsv_column(&t->old, t->at[fact]);
    const char *unit = rgq_json_text(rgq_json_get(rgq_json_get(t->columns, name), "Units"), "");
    if (fact == 1)
        return rgq_bids_weight_factor(unit);
    return unit[0] == '\0' ? unstated_height(t, t->at[fact]) : rgq_bids_height_factor(unit);
}

static void set_values(table *t)
{
    const rgq_scan_facts *f = t->row->facts;
    const rgq_fact *numbers[N_FACTS] = {NULL, &f->weight_kg, &f->height_m};

    rgq_text_copy(t->value[0], sizeof t->value[0], f->sex.known ? f->sex.value : "n/a");
    for (int i = 1; i < N_FACTS; i++) {
        const double factor = factor_of(t, i);
        /* a 0 in a header stands for what nobody entered */
        const bool stated = numbers[i]->known && numbers[i]->value > 0.0;
        if (stated && factor == 0.0)
            RGQ_WARN(t->row->log, "%s.tsv: the unit of %s is not known; n/a is written",
                     t->stem, rgq_tsv_column(&t->old, t->at[i]));
        /* 15 digits: 1.7 m is 170 cm, not 170.00000000000003 */
        (void)snprintf(t->value[i], sizeof t->value[i], "%.15g",
                       stated && factor > 0.0 ? numbers[i]->value / factor : 0.0);
        if (!stated || factor == 0.0)
            rgq_text_copy(t->value[i], sizeof t->value[i], "n/a");
    }
}

static rgq_status find_columns(table *t, rgq_error *err)
{
    t->match = -1;
    t->id_at = t->old.n_columns > 0 ? rgq_tsv_find(&t->old, t->row->column) : 0;
    if (t->id_at < 0)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s.tsv of the dataset has no column %s", t->stem,
                         t->row->column);
    for (int i = 0; i < N_FACTS; i++) {
        t->at[i] = -1;
        for (int n = 1; n >= 0 && t->old.n_columns > 0; n--) {
            const int at = rgq_tsv_find(&t->old, known_columns[i].names[n]);
            t->at[i] = at >= 0 ? at : t->at[i];
        }
    }
    for (int r = 0; r < t->old.n_rows; r++)
        if (strcmp(rgq_tsv_cell(&t->old, r, t->id_at), t->row->id) == 0)
            t->match = r;
    set_values(t);
    for (int i = 0; i < N_FACTS; i++)
        t->add[i] = t->at[i] < 0 && (i > 0 || t->row->with_sex) &&
                    (t->old.n_columns == 0 || !is_unknown(t->value[i]));
    return RGQ_OK;
}

/* Columns not in the table behind those that are. */
static void end_line(rgq_text *text, const table *t, bool is_person)
{
    for (int i = 0; i < N_FACTS; i++)
        if (t->add[i])
            rgq_text_printf(text, "\t%s", is_person ? t->value[i] : "n/a");
    rgq_text_printf(text, "\n");
}

/* A cell of the person: as it is, or what the scan knows. */
static const char *cell_of(const table *t, int column)
{
    const char *old = t->match >= 0 ? rgq_tsv_cell(&t->old, t->match, column) : "n/a";

    if (column == t->id_at)
        return t->row->id;
    for (int i = 0; i < N_FACTS; i++)
        if (column == t->at[i] && is_unknown(old) && (i > 0 || t->row->with_sex))
            return t->value[i];
    return old[0] != '\0' ? old : "n/a";
}

static void write_person(rgq_text *text, const table *t)
{
    for (int c = 0; c < t->old.n_columns; c++)
        rgq_text_printf(text, "%s%s", c > 0 ? "\t" : "", cell_of(t, c));
    if (t->old.n_columns == 0)
        rgq_text_printf(text, "%s", t->row->id);
    end_line(text, t, true);
}

static void write_lines(rgq_text *text, const table *t, const rgq_names *others)
{
    if (t->old.n_columns == 0)
        rgq_text_printf(text, "%s", t->row->column);
    for (int c = 0; c < t->old.n_columns; c++)
        rgq_text_printf(text, "%s%s", c > 0 ? "\t" : "", rgq_tsv_column(&t->old, c));
    for (int i = 0; i < N_FACTS; i++)
        if (t->add[i])
            rgq_text_printf(text, "\t%s", known_columns[i].names[0]);
    rgq_text_printf(text, "\n");
    for (int r = 0; r < t->old.n_rows; r++) {
        if (r == t->match) {
            write_person(text, t);
            continue;
        }
        for (int c = 0; c < t->old.n_columns; c++)
            rgq_text_printf(text, "%s%s", c > 0 ? "\t" : "", rgq_tsv_cell(&t->old, r, c));
        end_line(text, t, false);
    }
    for (size_t i = 0; others != NULL && t->old.n_columns == 0 && i < others->count; i++) {
        if (strcmp(others->name[i], t->row->id) == 0)
            continue;
        rgq_text_printf(text, "%s", others->name[i]);
        end_line(text, t, false);
    }
    if (t->match < 0)
        write_person(text, t);
}

static rgq_status save_table(const table *t, const char *path, const rgq_names *others,
                             rgq_error *err)
{
    rgq_text text = RGQ_TEXT_INIT;

    write_lines(&text, t, others);
    rgq_status st = rgq_text_check(&text, err);
    if (st == RGQ_OK)
        st = rgq_file_write(path, text.data, text.length, true, err);
    rgq_text_release(&text);
    return st;
}

static rgq_status save_columns(const table *t, const char *path, rgq_error *err)
{
    rgq_json *node = NULL;
    bool any = false;

    for (int i = 0; i < N_FACTS; i++) {
        if (!t->add[i])
            continue;
        any = true;
        const char *name = known_columns[i].names[0];
        RGQ_PASS(err, rgq_json_add_object(&node, t->columns, name, err));
        RGQ_PASS(err, rgq_json_set_text(node, "Description", known_columns[i].what, err));
        if (known_columns[i].unit != NULL)
            RGQ_PASS(err, rgq_json_set_text(node, "Units", known_columns[i].unit, err));
    }
    return any ? rgq_json_write(t->columns, path, true, err) : RGQ_OK;
}

static void find_conflicts(rgq_bids_conflict *out, const table *t)
{
    bool *flag[N_FACTS] = {&out->sex, &out->weight, &out->height};

    *out = (rgq_bids_conflict){false, false, false};
    for (int i = 0; i < N_FACTS && t->match >= 0; i++) {
        double was = 0.0;
        double is = 0.0;
        if (t->at[i] < 0 || is_unknown(t->value[i]))
            continue;
        const char *cell = rgq_tsv_cell(&t->old, t->match, t->at[i]);
        if (is_unknown(cell))
            continue;
        if (i == 0)
            *flag[i] = rgq_text_equal_nocase(cell, "M") || rgq_text_equal_nocase(cell, "F")
                           ? !rgq_text_equal_nocase(cell, t->value[i])
                           : false;
        else
            *flag[i] = rgq_parse_real(&was, cell, -1e9, 1e9, NULL) != RGQ_OK ||
                       rgq_parse_real(&is, t->value[i], -1e9, 1e9, NULL) != RGQ_OK ||
                       fabs(was - is) > 1e-6 * fabs(is);
        if (*flag[i] && (i == 0 || !t->row->quiet))
            RGQ_WARN(t->row->log,
                     "%s.tsv has %s %.20s for %s, the scan says %s; the table is "
                     "kept as it is",
                     t->stem, rgq_tsv_column(&t->old, t->at[i]), cell, t->row->id, t->value[i]);
    }
}

rgq_status rgq_bids_table_add(rgq_bids_conflict *out, const char *folder, const char *stem,
                              const rgq_bids_row *row, const rgq_names *others, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    char tsv[RGQ_PATH_MAX];
    char json[RGQ_PATH_MAX];
    char name[RGQ_BIDS_LABEL_MAX + 24];
    table t = {.row = row, .stem = stem};

    (void)snprintf(name, sizeof name, "%.70s.tsv", stem);
    RGQ_TRY(err, rgq_path_join(tsv, folder, name, err));
    (void)snprintf(name, sizeof name, "%.70s.json", stem);
    RGQ_TRY(err, rgq_path_join(json, folder, name, err));
    if (rgq_path_exists(tsv))
        RGQ_TRY(err, rgq_tsv_read(&t.old, tsv, err));
    if (rgq_path_exists(json))
        RGQ_TRY(err, rgq_json_load(&t.columns, json, err));
    else
        RGQ_TRY(err, rgq_json_object(&t.columns, err));
    RGQ_TRY(err, find_columns(&t, err));
    find_conflicts(out, &t);
    RGQ_TRY(err, save_columns(&t, json, err));
    RGQ_TRY(err, save_table(&t, tsv, others, err));
out:
    rgq_tsv_release(&t.old);
    rgq_json_free(t.columns);
    return st;
}
