/* A study as a table: one case a row, any option of `quantify` as a column. */
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/text.h"
#include "io/tsv.h"
#include "rgdquant/study.h"

enum { OPTION_MAX = 64 };

typedef struct manifest {
    rgq_tsv table;
    char folder[RGQ_PATH_MAX]; /* paths count from it */
    const rgq_case_word *known;
    int n_known;
    int name_column;
    int scan_column;
    int output_column;
} manifest;

/* "weight_kg" -> "weight-kg" */
static void option_name(char out[OPTION_MAX], const char *column)
{
    rgq_text_copy(out, OPTION_MAX, column);
    for (char *c = out; *c != '\0'; c++)
        if (*c == '_')
            *c = '-';
}

static const rgq_case_word *find_word(const manifest *m, const char *column)
{
    char name[OPTION_MAX];

    option_name(name, column);
    for (int k = 0; k < m->n_known; k++)
        if (strlen(column) < OPTION_MAX && strcmp(m->known[k].name, name) == 0)
            return &m->known[k];
    return NULL;
}

static void tell_unknown(const manifest *m, const char *column, rgq_problems *problems)
{
    static const char *const own[] = {"case", "scan", "output"};
    char name[OPTION_MAX];
    const char *nearest = own[0];
    int best = OPTION_MAX;

    option_name(name, column);
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        if (rgq_text_distance(own[i], name) < best) {
            best = rgq_text_distance(own[i], name);
            nearest = own[i];
        }
    for (int k = 0; k < m->n_known; k++)
        if (rgq_text_distance(m->known[k].name, name) < best) {
            best = rgq_text_distance(m->known[k].name, name);
            nearest = m->known[k].name;
        }
    char shown[OPTION_MAX];
    rgq_text_copy(shown, sizeof shown, nearest);
    for (char *c = shown; *c != '\0'; c++)
        if (*c == '-')
            *c = '_';
    rgq_problem(problems, "column '%.60s' is no option of quantify; did you mean '%s'?", column,
                shown);
}

/* weight_kg and weight-kg are the same. */
static void tell_twins(const manifest *m, int column, rgq_problems *problems)
{
    const rgq_case_word *word = find_word(m, rgq_tsv_column(&m->table, column));

    for (int c = 0; c < column; c++)
        if (word != NULL && find_word(m, rgq_tsv_column(&m->table, c)) == word)
            rgq_problem(problems, "columns '%s' and '%s' are the same option",
                        rgq_tsv_column(&m->table, c), rgq_tsv_column(&m->table, column));
}

/* True if the table has what makes cases. */
static bool check_columns(manifest *m, rgq_problems *problems)
{
    m->name_column = rgq_tsv_find(&m->table, "case");
    m->scan_column = rgq_tsv_find(&m->table, "scan");
    m->output_column = rgq_tsv_find(&m->table, "output");
    for (int c = 0; c < m->table.n_columns; c++) {
        tell_twins(m, c, problems);
        if (c != m->name_column && c != m->scan_column && c != m->output_column &&
            find_word(m, rgq_tsv_column(&m->table, c)) == NULL)
            tell_unknown(m, rgq_tsv_column(&m->table, c), problems);
    }
    if (m->name_column < 0)
        rgq_problem(problems, "there is no column 'case'");
    if (m->scan_column < 0)
        rgq_problem(problems, "there is no column 'scan'");
    return m->name_column >= 0 && m->scan_column >= 0;
}

static bool is_given(const char *cell)
{
    return cell[0] != '\0' && strcmp(cell, "n/a") != 0;
}

static rgq_status place(char out[RGQ_PATH_MAX], const manifest *m, const char *path,
                        rgq_error *err)
{
    if (path[0] != '/' && m->folder[0] != '\0')
        return rgq_path_join(out, m->folder, path, err);
    if (strlen(path) >= RGQ_PATH_MAX)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "the path %.80s... is too long", path);
    rgq_text_copy(out, RGQ_PATH_MAX, path);
    return RGQ_OK;
}

static rgq_status add_row(rgq_study *study, const manifest *m, int row, rgq_problems *problems,
                          rgq_error *err)
{
    rgq_case *one = NULL;
    char path[RGQ_PATH_MAX] = "";
    const char *name = rgq_tsv_cell(&m->table, row, m->name_column);
    const char *scan = rgq_tsv_cell(&m->table, row, m->scan_column);
    const char *output =
        m->output_column >= 0 ? rgq_tsv_cell(&m->table, row, m->output_column) : "";

    if (!is_given(name) || !is_given(scan)) {
        rgq_problem(problems, "row %d has no %s", row + 1, is_given(name) ? "scan" : "case");
        return RGQ_OK;
    }
    RGQ_PASS(err, place(path, m, scan, err));
    RGQ_PASS(err,
             rgq_study_add(&one, study, name, path, is_given(output) ? output : NULL, err));
    for (int c = 0; c < m->table.n_columns; c++) {
        const char *cell = rgq_tsv_cell(&m->table, row, c);
        const rgq_case_word *word = find_word(m, rgq_tsv_column(&m->table, c));
        if (word == NULL || !is_given(cell) || c == m->output_column)
            continue;
        if (word->kind == RGQ_WORD_FILE) {
            RGQ_PASS(err, place(path, m, cell, err));
            cell = path;
        }
        RGQ_PASS(err, rgq_case_set(one, word->name, cell, err));
    }
    return RGQ_OK;
}

rgq_status rgq_study_from_manifest(rgq_study *out, const char *path, const rgq_case_word *known,
                                   int n_known, rgq_problems *problems, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    manifest m = {.known = known, .n_known = n_known};
    rgq_study study = {.cases = NULL};
    const int folder = (int)(rgq_path_base(path) - path);

    (void)snprintf(m.folder, sizeof m.folder, "%.*s", folder, path);
    RGQ_TRY(err, rgq_tsv_read(&m.table, path, err));
    if (check_columns(&m, problems))
        for (int row = 0; row < m.table.n_rows; row++)
            RGQ_TRY(err, add_row(&study, &m, row, problems, err));
    *out = study;
    study = (rgq_study){.cases = NULL};
out:
    rgq_study_release(&study);
    rgq_tsv_release(&m.table);
    return st;
}
