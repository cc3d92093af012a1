#include "study/ledger.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "core/banned.h"
#include "core/file.h"
#include "core/parse.h"
#include "core/text.h"
#include "io/tsv.h"
#include "rgdquant/scan_file.h"
#include "rgdquant/table.h"

static const rgq_column columns[] = {
    {"case", RGQ_COLUMN_TEXT, NULL, "Name of the case."},
    {"status", RGQ_COLUMN_TEXT, NULL,
     "done, failed (it said why), timeout, killed (ended by a signal), skipped (not run yet)."},
    {"reason", RGQ_COLUMN_TEXT, NULL, "Why it is not done."},
    {"seconds", RGQ_COLUMN_REAL, "s", "How long the case took."},
    {"peak_mb", RGQ_COLUMN_REAL, "MB", "Most memory the case had at a time (resident)."},
    {"output", RGQ_COLUMN_TEXT, NULL, "Folder of its results, if done."},
};

static double read_real(const char *cell)
{
    double value = (double)NAN;
    (void)!rgq_parse_real(&value, cell, 0.0, 1e15, NULL);
    return value;
}

static rgq_case_status read_status(const char *cell)
{
    for (int s = RGQ_CASE_SKIPPED; s <= RGQ_CASE_KILLED; s++)
        if (strcmp(cell, rgq_case_status_name((rgq_case_status)s)) == 0)
            return (rgq_case_status)s;
    return RGQ_CASE_SKIPPED;
}

static void take_row(rgq_case_outcome *to, const rgq_tsv *table, int row, const int *at)
{
    const char *reason = rgq_tsv_cell(table, row, at[2]);

    to->status = read_status(rgq_tsv_cell(table, row, at[1]));
    rgq_text_copy(to->reason, sizeof to->reason, strcmp(reason, "n/a") == 0 ? "" : reason);
    to->seconds = read_real(rgq_tsv_cell(table, row, at[3]));
    to->peak_mb = read_real(rgq_tsv_cell(table, row, at[4]));
}

static int find_row(const rgq_tsv *table, int column, const char *name, int near)
{
    for (int k = 0; k < table->n_rows; k++) { /* as a rule where it was last time */
        const int row = (near + k) % table->n_rows;
        if (strcmp(rgq_tsv_cell(table, row, column), name) == 0)
            return row;
    }
    return -1;
}

void rgq_ledger_read(rgq_case_outcome *outcome, const rgq_study *study, const char *out_dir)
{
    rgq_tsv table = {.n_columns = 0};
    char path[RGQ_PATH_MAX];
    int at[5];

    for (int i = 0; i < study->n_cases; i++)
        outcome[i] = (rgq_case_outcome){.seconds = (double)NAN, .peak_mb = (double)NAN};
    if (rgq_path_join(path, out_dir, "cases.tsv", NULL) != RGQ_OK ||
        rgq_tsv_read(&table, path, NULL) != RGQ_OK)
        return;
    for (int c = 0; c < 5; c++) {
        at[c] = rgq_tsv_find(&table, columns[c].name);
        if (at[c] < 0)
            goto out;
    }
    for (int i = 0; i < study->n_cases; i++) {
        const int row = find_row(&table, at[0], study->cases[i].name, i);
        if (row >= 0)
            take_row(&outcome[i], &table, row, at);
    }
out:
    rgq_tsv_release(&table);
}

static rgq_status add_row(rgq_table *table, const rgq_case_outcome *how, const rgq_case *one,
                          rgq_error *err)
{
    const char *status = rgq_case_status_name(how->status);

    RGQ_PASS(err, rgq_table_add_row(table, err));
    RGQ_PASS(err, rgq_table_set_text(table, "case", one->name, err));
    RGQ_PASS(err, rgq_table_set_text(table, "status", status, err));
    if (how->reason[0] != '\0')
        RGQ_PASS(err, rgq_table_set_text(table, "reason", how->reason, err));
    rgq_table_set_real(table, "seconds", round(how->seconds * 100.0) / 100.0);
    rgq_table_set_real(table, "peak_mb", round(how->peak_mb * 10.0) / 10.0);
    if (how->status == RGQ_CASE_DONE)
        RGQ_PASS(err, rgq_table_set_text(table, "output", one->output, err));
    return RGQ_OK;
}

rgq_status rgq_ledger_write(const rgq_case_outcome *outcome, const rgq_study *study,
                            const char *out_dir, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_table *table = NULL;
    char path[RGQ_PATH_MAX];

    RGQ_TRY(err,
            rgq_table_create(&table, columns, (int)(sizeof columns / sizeof columns[0]), err));
    for (int i = 0; i < study->n_cases; i++)
        RGQ_TRY(err, add_row(table, &outcome[i], &study->cases[i], err));
    RGQ_TRY(err, rgq_path_join(path, out_dir, "cases.tsv", err));
    RGQ_TRY(err, rgq_table_write(path, table, NULL, true, err));
out:
    rgq_table_free(table);
    return st;
}

rgq_status rgq_ledger_write_one(rgq_case_outcome *outcome, int at, const rgq_study *study,
                                const char *out_dir, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    char path[RGQ_PATH_MAX];
    const rgq_case_outcome mine = outcome[at];

    RGQ_PASS(err, rgq_path_join(path, out_dir, "logs/.ledger", err));
    const int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (lock >= 0)
        (void)flock(lock, LOCK_EX);
    rgq_ledger_read(outcome, study, out_dir);
    outcome[at] = mine;
    st = rgq_ledger_write(outcome, study, out_dir, err);
    if (lock >= 0)
        (void)close(lock);
    return st;
}
