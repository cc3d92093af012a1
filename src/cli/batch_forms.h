/* The forms of `batch` beside the manifest: a BIDS dataset, a tree of DICOM exports, the level
 * `group`. */
#ifndef RGQ_CLI_BATCH_FORMS_H
#define RGQ_CLI_BATCH_FORMS_H

#include "cli/context.h"
#include "rgdquant/study.h"

typedef enum rgq_batch_form {
    RGQ_BATCH_MANIFEST,
    RGQ_BATCH_BIDS,
    RGQ_BATCH_TREE,
    RGQ_BATCH_GROUP
} rgq_batch_form;

/** What was typed, sorted out. */
typedef struct rgq_batch_line {
    const char *word[3];   /**< arguments in order; NULL: not given */
    const char *manifest;  /**< options, or NULL */
    const char *scan_tree; /**< likewise */
    bool has_labels;       /**< --participant-label or --session-label */
    rgq_batch_form form;   /**< out */
    const char *bids_dir;  /**< out; NULL in another form */
    const char *out_dir;   /**< out: for results; of a tree: the table to be written */
} rgq_batch_line;

/** Which form it is, and where results go.
 *  @return RGQ_OK; RGQ_E_ARGUMENT with what to type */
RGQ_MUST_CHECK rgq_status rgq_batch_sort(rgq_batch_line *line, rgq_error *err);

/** `--scan-tree DIR CASES.tsv`: write the table, say what is in it. */
RGQ_MUST_CHECK rgq_status rgq_batch_tree(rgq_context *context, const char *tree,
                                         const char *table, rgq_error *err);

/** The level `group`: write table and page, say what is in them. */
RGQ_MUST_CHECK rgq_status rgq_batch_group(rgq_context *context, const char *out_dir,
                                          rgq_error *err);

#endif
