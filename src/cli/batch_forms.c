#include "cli/batch_forms.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/text.h"

/* ---- which form ---- */

static bool is_level(const char *word)
{
    return word != NULL && (strcmp(word, "participant") == 0 || strcmp(word, "group") == 0);
}

static rgq_status sort_bids(rgq_batch_line *line, rgq_error *err)
{
    if (line->word[2] == NULL && line->word[1] != NULL && strcmp(line->word[1], "group") == 0) {
        line->form = RGQ_BATCH_GROUP; /* OUT_DIR group */
        line->out_dir = line->word[0];
        return RGQ_OK;
    }
    if (line->word[2] == NULL || !is_level(line->word[2]))
        return RGQ_RAISE(
            err, RGQ_E_ARGUMENT,
            "nothing says which cases and what to do: give BIDS_DIR OUT_DIR "
            "participant, BIDS_DIR OUT_DIR group, --manifest CASES.tsv OUT_DIR, or "
            "--scan-tree DIR CASES.tsv");
    line->bids_dir = line->word[0];
    line->out_dir = line->word[1];
    line->form = strcmp(line->word[2], "group") == 0 ? RGQ_BATCH_GROUP : RGQ_BATCH_BIDS;
    return RGQ_OK;
}

rgq_status rgq_batch_sort(rgq_batch_line *line, rgq_error *err)
{
    const char *option = line->manifest != NULL ? "--manifest" : "--scan-tree";

    if (line->manifest != NULL && line->scan_tree != NULL)
        return RGQ_RAISE(
            err, RGQ_E_ARGUMENT,
            "--scan-tree writes a manifest, --manifest runs one: give one of them");
    if (line->manifest == NULL && line->scan_tree == NULL)
        return sort_bids(line, err);
    if (line->has_labels)
        return RGQ_RAISE(
            err, RGQ_E_ARGUMENT,
            "--participant-label and --session-label choose in a BIDS dataset, not "
            "with %s",
            option);
    if (line->word[1] != NULL)
        return RGQ_RAISE(
            err, RGQ_E_ARGUMENT, "with %s one argument is needed: %s; '%.80s' is one too many",
            option, line->manifest != NULL ? "OUT_DIR" : "the table to write", line->word[1]);
    if (line->word[0] == NULL)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "with %s %s is needed", option,
                         line->manifest != NULL ? "OUT_DIR" : "the name of a table to write");
    line->out_dir = line->word[0];
    line->form = line->manifest != NULL ? RGQ_BATCH_MANIFEST : RGQ_BATCH_TREE;
    return RGQ_OK;
}

/* ---- a tree of DICOM files ---- */

rgq_status rgq_batch_tree(rgq_context *context, const char *tree, const char *table,
                          rgq_error *err)
{
    rgq_status st = RGQ_OK;
    char tracers[RGQ_PATH_MAX];
    rgq_tree_count count;

    if (rgq_path_exists(table) && !context->shared.force)
        return RGQ_RAISE(err, RGQ_E_IO, "%s exists; --force replaces it", table);
    RGQ_TRY(err, rgq_context_data_path(tracers, sizeof tracers, context, "tracers", err));
    RGQ_TRY(err, rgq_study_list_tree(&count, tree, tracers, table, context->shared.force,
                                     &context->log, err));
    fprintf(context->out,
            "%d series of %d patients in %d studies; look at %s (tracer, regions or segment), "
            "then: rgdquant batch --manifest %s OUT_DIR\n",
            count.series, count.patients, count.studies, rgq_path_base(table),
            rgq_path_base(table));
out:
    return st;
}

/* ---- the group ---- */

rgq_status rgq_batch_group(rgq_context *context, const char *out_dir, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_group_count count;
    rgq_json *root = NULL;

    RGQ_TRY(err, rgq_study_group(&count, out_dir, &context->log, err));
    if (!context->shared.json) {
        fprintf(
            context->out,
            "%d cases done, %d not; group_measures.tsv has %d rows, %d of them far from the "
            "others; see group.html\n",
            count.done, count.failed, count.rows, count.outliers);
        goto out;
    }
    RGQ_TRY(err, rgq_json_object(&root, err));
    RGQ_TRY(err, rgq_json_set_int(root, "done", count.done, err));
    RGQ_TRY(err, rgq_json_set_int(root, "failed", count.failed, err));
    RGQ_TRY(err, rgq_json_set_int(root, "rows", count.rows, err));
    RGQ_TRY(err, rgq_json_set_int(root, "outliers", count.outliers, err));
    RGQ_TRY(err, rgq_json_print(context->out, root, err));
out:
    rgq_json_free(root);
    return st;
}
