/* All results of a study side by side. */
#ifndef RGQ_STUDY_GROUP_INSIDE_H
#define RGQ_STUDY_GROUP_INSIDE_H

#include "core/json.h"
#include "io/bids.h"
#include "io/tsv.h"
#include "rgdquant/study.h"

/** What is looked at for outliers. */
enum { RGQ_GROUP_MEAN, RGQ_GROUP_VOLUME, RGQ_GROUP_LOOKS };

typedef struct rgq_group_case {
    const char *name, *status, *reason, *output; /**< cells of the ledger */
    bool is_done;
    char subject[RGQ_BIDS_LABEL_MAX]; /**< "sub-01", or "" */
    char session[RGQ_BIDS_LABEL_MAX];
    char tracer[48];
    rgq_tsv measures;  /**< if done */
    rgq_json *columns; /**< measures.json, if done */
} rgq_group_case;

typedef struct rgq_group_row {
    int at, row;                    /**< case, and row of its table */
    double value[RGQ_GROUP_LOOKS];  /**< NaN: missing */
    double centre[RGQ_GROUP_LOOKS]; /**< median of the cases of this region and tracer */
    double z[RGQ_GROUP_LOOKS];      /**< robust; NaN: too few cases, or all the same */
} rgq_group_row;

/** Zero it before use; release it with rgq_group_release(). */
typedef struct rgq_group {
    rgq_tsv ledger; /**< cases.tsv */
    rgq_group_case *one;
    int n;
    rgq_names columns; /**< of measures.tsv, of all cases together */
    rgq_group_row *row;
    int n_rows;
} rgq_group;

/** Read cases.tsv and the results it names.
 *  @return RGQ_OK; RGQ_E_IO; RGQ_E_FORMAT; RGQ_E_UNIT; RGQ_E_MISSING; RGQ_E_NOMEM */
RGQ_MUST_CHECK rgq_status rgq_group_load(rgq_group *out, const char *out_dir, rgq_error *err);
void rgq_group_release(rgq_group *group);

/** Fill `centre` and `z` of every row. */
RGQ_MUST_CHECK rgq_status rgq_group_find_outliers(rgq_group *group, rgq_error *err);

/** Is it far from the others? */
bool rgq_group_is_outlier(const rgq_group_row *row, int look);

/** Columns of the looks: "mean", "volume_ml". */
const char *rgq_group_look_name(int look);

/** A cell of the case's own table; "n/a" if it has no such column. */
const char *rgq_group_cell(const rgq_group *group, const rgq_group_row *row,
                           const char *column);

/** group_measures.tsv and .json. */
RGQ_MUST_CHECK rgq_status rgq_group_write_table(const rgq_group *group, const char *out_dir,
                                                rgq_error *err);

#endif
