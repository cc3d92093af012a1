/* cases.tsv and the tables it names to group_measures.tsv. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/parse.h"
#include "core/text.h"
#include "study/bids_inside.h"
#include "study/group_inside.h"

/* ---- reading ---- */

void rgq_group_release(rgq_group *group)
{
    for (int i = 0; i < group->n; i++) {
        rgq_tsv_release(&group->one[i].measures);
        rgq_json_free(group->one[i].columns);
    }
    rgq_free(group->one);
    rgq_free(group->row);
    rgq_names_release(&group->columns);
    rgq_tsv_release(&group->ledger);
    *group = (rgq_group){.n = 0};
}

static void take_labels(rgq_group_case *one)
{
    char label[RGQ_BIDS_LABEL_MAX];

    if (rgq_bids_entity(label, one->name, "sub"))
        (void)snprintf(one->subject, sizeof one->subject, "sub-%.59s", label);
    if (rgq_bids_entity(label, one->name, "ses"))
        (void)snprintf(one->session, sizeof one->session, "ses-%.59s", label);
}

static rgq_status read_tracer(rgq_group_case *one, const char *folder, rgq_error *err)
{
    char path[RGQ_PATH_MAX];
    rgq_json *surrogate = NULL;

    RGQ_PASS(err, rgq_path_join(path, folder, "surrogate.json", err));
    RGQ_PASS(err, rgq_json_load(&surrogate, path, err));
    rgq_text_copy(one->tracer, sizeof one->tracer,
                  rgq_json_text(rgq_json_get(rgq_json_get(surrogate, "tracer"), "id"), ""));
    rgq_json_free(surrogate);
    return RGQ_OK;
}

static rgq_status read_result(rgq_group_case *one, const char *out_dir, rgq_error *err)
{
    char folder[RGQ_PATH_MAX];
    char path[RGQ_PATH_MAX];

    if (one->output[0] == '/' || strstr(one->output, "..") != NULL)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "cases.tsv: case %.60s: output %.80s leaves OUT_DIR", one->name,
                         one->output);
    RGQ_PASS(err, rgq_path_join(folder, out_dir, one->output, err));
    RGQ_PASS(err, rgq_path_join(path, folder, "measures.tsv", err));
    RGQ_PASS(err, rgq_tsv_read(&one->measures, path, err));
    RGQ_PASS(err, rgq_path_join(path, folder, "measures.json", err));
    RGQ_PASS(err, rgq_json_load(&one->columns, path, err));
    return read_tracer(one, folder, err);
}

static rgq_status read_ledger(rgq_group *group, const char *out_dir, rgq_error *err)
{
    static const char *const names[] = {"case", "status", "reason", "output"};
    char path[RGQ_PATH_MAX];
    int at[4];

    RGQ_PASS(err, rgq_path_join(path, out_dir, "cases.tsv", err));
    if (!rgq_path_exists(path))
        return RGQ_RAISE(err, RGQ_E_IO,
                         "%s holds no cases.tsv: run the cases first ('rgdquant batch BIDS_DIR "
                         "OUT_DIR participant', or with --manifest)",
                         out_dir);
    RGQ_PASS(err, rgq_tsv_read(&group->ledger, path, err));
    for (int c = 0; c < 4; c++) {
        at[c] = rgq_tsv_find(&group->ledger, names[c]);
        if (at[c] < 0)
            return RGQ_RAISE(err, RGQ_E_FORMAT, "%s has no column '%s'", path, names[c]);
    }
    const int n = group->ledger.n_rows;
    RGQ_PASS(err, rgq_alloc(&group->one, (size_t)n + 1, sizeof *group->one, err));
    for (group->n = 0; group->n < n; group->n++) {
        rgq_group_case *one = &group->one[group->n];
        *one = (rgq_group_case){.name = rgq_tsv_cell(&group->ledger, group->n, at[0]),
                                .status = rgq_tsv_cell(&group->ledger, group->n, at[1]),
                                .reason = rgq_tsv_cell(&group->ledger, group->n, at[2]),
                                .output = rgq_tsv_cell(&group->ledger, group->n, at[3])};
        one->is_done = strcmp(one->status, "done") == 0;
        take_labels(one);
    }
    return RGQ_OK;
}

static bool has_column(const rgq_group *group, const char *name)
{
    for (size_t i = 0; i < group->columns.count; i++)
        if (strcmp(group->columns.name[i], name) == 0)
            return true;
    return false;
}

static rgq_status add_rows(rgq_group *group, int at, int *capacity, rgq_error *err)
{
    const rgq_tsv *table = &group->one[at].measures;

    for (int c = 0; c < table->n_columns; c++)
        if (!has_column(group, rgq_tsv_column(table, c)))
            RGQ_PASS(err, rgq_bids_name_add(&group->columns, rgq_tsv_column(table, c), err));
    if (group->n_rows + table->n_rows > *capacity) {
        *capacity = 2 * *capacity + table->n_rows;
        RGQ_PASS(err, rgq_realloc(&group->row, (size_t)*capacity, sizeof *group->row, err));
    }
    for (int row = 0; row < table->n_rows; row++) {
        rgq_group_row *fresh = &group->row[group->n_rows++];
        *fresh = (rgq_group_row){.at = at, .row = row};
        for (int look = 0; look < RGQ_GROUP_LOOKS; look++) {
            fresh->value[look] = (double)NAN;
            (void)!rgq_parse_real(&fresh->value[look],
                                  rgq_group_cell(group, fresh, rgq_group_look_name(look)),
                                  -1e300, 1e300, NULL);
        }
    }
    return RGQ_OK;
}

static rgq_status check_unit(const rgq_group *group, rgq_error *err)
{
    for (int i = 1; i < group->n_rows; i++) {
        const rgq_group_row *first = &group->row[0];
        const rgq_group_row *row = &group->row[i];
        const char *a = rgq_group_cell(group, first, "unit");
        const char *b = rgq_group_cell(group, row, "unit");
        if (strcmp(a, b) != 0)
            return RGQ_RAISE(err, RGQ_E_UNIT,
                             "case %.60s is in %s, case %.60s in %s: a group table holds one "
                             "unit; run the batch again with --unit",
                             group->one[first->at].name, a, group->one[row->at].name, b);
    }
    return RGQ_OK;
}

rgq_status rgq_group_load(rgq_group *out, const char *out_dir, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_group group = {.n = 0};
    int capacity = 0;

    RGQ_TRY(err, read_ledger(&group, out_dir, err));
    for (int i = 0; i < group.n; i++) {
        if (!group.one[i].is_done)
            continue;
        st = read_result(&group.one[i], out_dir, err);
        if (st != RGQ_OK) {
            rgq_error_prefix(err, "case %s: ", group.one[i].name);
            goto out;
        }
        RGQ_TRY(err, add_rows(&group, i, &capacity, err));
    }
    if (group.n_rows == 0) {
        st = RGQ_RAISE(err, RGQ_E_MISSING, "none of the %d cases is done; cases.tsv says why",
                       group.n);
        goto out;
    }
    RGQ_TRY(err, check_unit(&group, err));
    *out = group;
    group = (rgq_group){.n = 0};
out:
    rgq_group_release(&group);
    return st;
}

const char *rgq_group_cell(const rgq_group *group, const rgq_group_row *row, const char *column)
{
    const rgq_tsv *table = &group->one[row->at].measures;
    const int c = rgq_tsv_find(table, column);

    return c >= 0 ? rgq_tsv_cell(table, row->row, c) : "n/a";
}

/* ---- writing ---- */

static const struct {
    const char *name;
    const char *text;
} front[] = {{"subject", "participant, from the name of the case"},
             {"session", "session, from the name of the case"},
             {"case", "name of the case, as in cases.tsv"},
             {"tracer", "id of the tracer"}},
  back[] = {
      {"robust_z_mean",
       "0.6745 (mean - median) / MAD over the cases of this region and tracer, from five cases "
       "on; where MAD is 0, (mean - median) / (1.2533 mean absolute deviation)"},
      {"robust_z_volume_ml", "the same of volume_ml"},
      {"outlier", "what is far from the others, a robust z above 3.5 or below -3.5: mean, "
                  "volume_ml"}};

enum { N_FRONT = sizeof front / sizeof front[0], N_BACK = sizeof back / sizeof back[0] };

static const char *or_missing(const char *text)
{
    return text[0] != '\0' ? text : "n/a";
}

static void append_z(rgq_text *text, double z)
{
    if (isfinite(z))
        rgq_text_printf(text, "\t%.2f", fabs(z) < 0.005 ? 0.0 : z);
    else
        rgq_text_printf(text, "\tn/a");
}

static void append_row(rgq_text *text, const rgq_group *group, const rgq_group_row *row)
{
    const rgq_group_case *one = &group->one[row->at];
    bool is_odd = false;

    rgq_text_printf(text, "%s\t%s\t%s\t%s", or_missing(one->subject), or_missing(one->session),
                    one->name, or_missing(one->tracer));
    for (size_t c = 0; c < group->columns.count; c++)
        rgq_text_printf(text, "\t%s", rgq_group_cell(group, row, group->columns.name[c]));
    for (int look = 0; look < RGQ_GROUP_LOOKS; look++)
        append_z(text, row->z[look]);
    for (int look = 0; look < RGQ_GROUP_LOOKS; look++)
        if (rgq_group_is_outlier(row, look)) {
            rgq_text_printf(text, "%s%s", is_odd ? "," : "\t", rgq_group_look_name(look));
            is_odd = true;
        }
    rgq_text_printf(text, is_odd ? "\n" : "\tn/a\n");
}

static rgq_status describe(rgq_json *root, const char *name, const char *words, rgq_error *err)
{
    rgq_json *node = NULL;

    RGQ_PASS(err, rgq_json_add_object(&node, root, name, err));
    return rgq_json_set_text(node, "Description", words, err);
}

/* As the first case that has the column describes it. */
static rgq_status describe_column(rgq_json *root, const rgq_group *group, const char *name,
                                  rgq_error *err)
{
    if (strcmp(name, "unit") == 0) /* there the key holds the unit itself */
        return describe(root, name, "unit of the values", err);
    for (int i = 0; i < group->n; i++) {
        const rgq_json *node = rgq_json_get(group->one[i].columns, name);
        if (rgq_json_is_object(node) && rgq_json_get(node, "Description") != NULL)
            return rgq_json_set_copy(root, name, node, err);
    }
    return describe(root, name, "as in measures.tsv of the cases", err);
}

static rgq_status write_json(const rgq_group *group, const char *out_dir, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *root = NULL;
    char path[RGQ_PATH_MAX];

    RGQ_TRY(err, rgq_json_object(&root, err));
    for (int c = 0; c < N_FRONT; c++)
        RGQ_TRY(err, describe(root, front[c].name, front[c].text, err));
    for (size_t c = 0; c < group->columns.count; c++)
        RGQ_TRY(err, describe_column(root, group, group->columns.name[c], err));
    for (int c = 0; c < N_BACK; c++)
        RGQ_TRY(err, describe(root, back[c].name, back[c].text, err));
    RGQ_TRY(err, rgq_path_join(path, out_dir, "group_measures.json", err));
    RGQ_TRY(err, rgq_json_write(root, path, true, err));
out:
    rgq_json_free(root);
    return st;
}

rgq_status rgq_group_write_table(const rgq_group *group, const char *out_dir, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_text text = RGQ_TEXT_INIT;
    char path[RGQ_PATH_MAX];

    for (int c = 0; c < N_FRONT; c++)
        rgq_text_printf(&text, "%s%s", c > 0 ? "\t" : "", front[c].name);
    for (size_t c = 0; c < group->columns.count; c++)
        rgq_text_printf(&text, "\t%s", group->columns.name[c]);
    for (int c = 0; c < N_BACK; c++)
        rgq_text_printf(&text, "\t%s", back[c].name);
    rgq_text_printf(&text, "\n");
    for (int i = 0; i < group->n_rows; i++)
        append_row(&text, group, &group->row[i]);
    RGQ_TRY(err, rgq_text_check(&text, err));
    RGQ_TRY(err, rgq_path_join(path, out_dir, "group_measures.tsv", err));
    RGQ_TRY(err, rgq_file_write(path, text.data, text.length, true, err));
    RGQ_TRY(err, write_json(group, out_dir, err));
out:
    rgq_text_release(&text);
    return st;
}
