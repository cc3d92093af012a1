#include "cli/findings_json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/banned.h"
#include "core/text.h"

static rgq_status set_real(rgq_json *node, const char *key, double value, rgq_error *err)
{
    return isfinite(value) ? rgq_json_set_real(node, key, value, err) : RGQ_OK;
}

static rgq_status set_text(rgq_json *node, const char *key, const char *value, rgq_error *err)
{
    return value != NULL && value[0] != '\0' ? rgq_json_set_text(node, key, value, err)
                                             : RGQ_OK;
}

static rgq_status add_stat(rgq_json *node, const rgq_found *row, rgq_error *err)
{
    const rgq_stat *s = &row->stat;
    rgq_json *one = NULL;

    RGQ_PASS(err, rgq_json_add_object(&one, node, row->variant, err));
    RGQ_PASS(err, rgq_json_set_real(one, "value", s->value, err));
    RGQ_PASS(err, set_real(one, "low", s->low, err));
    RGQ_PASS(err, set_real(one, "high", s->high, err));
    if (isfinite(s->low) || isfinite(s->high))
        RGQ_PASS(err, rgq_json_set_real(one, "confidence", s->confidence, err));
    RGQ_PASS(err, set_text(one, "interval_by", s->interval_by, err));
    RGQ_PASS(err, set_real(one, "se", s->se, err));
    RGQ_PASS(err, set_real(one, "dof", s->dof, err));
    RGQ_PASS(err, set_real(one, "p", s->p, err));
    RGQ_PASS(err, set_real(one, "p_holm", row->p_holm, err));
    RGQ_PASS(err, set_text(one, "p_by", s->p_by, err));
    RGQ_PASS(err, rgq_json_set_int(one, "n", (long long)s->n, err));
    if (s->n_clusters > 0)
        RGQ_PASS(err, rgq_json_set_int(one, "n_patients", (long long)s->n_clusters, err));
    if (s->draws > 0) {
        RGQ_PASS(err, rgq_json_set_int(one, "seed", (long long)s->seed, err));
        RGQ_PASS(err, rgq_json_set_int(one, "draws", (long long)s->draws, err));
    }
    return set_text(one, "note", s->note, err);
}

rgq_status rgq_findings_json(rgq_json *root, const rgq_findings *list, rgq_error *err)
{
    rgq_json *all = NULL;

    RGQ_PASS(err, rgq_json_add_object(&all, root, "statistics", err));
    for (int i = 0; i < list->n_rows; i++) {
        const char *name = list->row[i].statistic;
        rgq_json *node = NULL;
        if (rgq_json_get(all, name) != NULL)
            continue;
        RGQ_PASS(err, rgq_json_add_object(&node, all, name, err));
        for (int j = i; j < list->n_rows; j++)
            if (strcmp(list->row[j].statistic, name) == 0)
                RGQ_PASS(err, add_stat(node, &list->row[j], err));
    }
    RGQ_PASS(err, rgq_json_add_array(&all, root, "not_made", err));
    for (int i = 0; i < list->n_left_out; i++) {
        rgq_json *one = NULL;
        RGQ_PASS(err, rgq_json_add_object(&one, all, NULL, err));
        RGQ_PASS(err, rgq_json_set_text(one, "what", list->left_out[i].what, err));
        RGQ_PASS(err, rgq_json_set_text(one, "reason", list->left_out[i].reason, err));
    }
    return RGQ_OK;
}

rgq_status rgq_rows_json(rgq_json *node, const char *key, const int *row, size_t n,
                         rgq_error *err)
{
    rgq_json *array = NULL;

    RGQ_PASS(err, rgq_json_add_array(&array, node, key, err));
    for (size_t i = 0; i < n; i++)
        RGQ_PASS(err, rgq_json_set_int(array, NULL, row[i] + 1, err));
    return RGQ_OK;
}

void rgq_rows_warn(const rgq_context *context, const char *name, const char *what,
                   const int *row, size_t n)
{
    char list[200] = "";

    if (n == 0)
        return;
    for (size_t i = 0, used = 0; i < n && used + 24 < sizeof list; i++) {
        (void)snprintf(list + used, sizeof list - used, i == 0 ? "%d" : ", %d", row[i] + 1);
        used = strlen(list);
        if (used + 24 >= sizeof list && i + 1 < n)
            (void)snprintf(list + used, sizeof list - used, ", ...");
    }
    RGQ_WARN(&context->log, "%s: %zu row%s %s (row%s %s)", name, n, n == 1 ? "" : "s", what,
             n == 1 ? "" : "s", list);
}

rgq_status rgq_key_set(rgq_table *table, const rgq_join *join, size_t pair, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_text key = RGQ_TEXT_INIT;

    for (int k = 0; k < join->n_keys; k++)
        rgq_text_printf(&key, "%s%s", k > 0 ? " / " : "",
                        rgq_tsv_cell(join->side[0].table, join->row[0][pair], join->key[0][k]));
    RGQ_TRY(err, rgq_text_check(&key, err));
    if (key.data != NULL)
        RGQ_TRY(err, rgq_table_set_text(table, "key", key.data, err));
out:
    rgq_text_release(&key);
    return st;
}

void rgq_sentences_print(const rgq_context *context, const rgq_json *sentences)
{
    for (size_t i = 0; i < rgq_json_count(sentences); i++)
        fprintf(context->out, "%s\n", rgq_json_text(rgq_json_at(sentences, i), ""));
}
