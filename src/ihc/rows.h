/* The table: one row a region. */
#ifndef RGQ_IHC_ROWS_H
#define RGQ_IHC_ROWS_H

#include "ihc/hot_spots.h"
#include "ihc/options.h"

/** All that was added up for a region. */
typedef struct rgq_ihc_result {
    rgq_ihc_sums sums;
    rgq_ihc_cells cells;
    long long n_vessels;
    rgq_ihc_hot_spots hot;
} rgq_ihc_result;

/** What the cells of the table depend on besides. */
typedef struct rgq_ihc_known {
    const rgq_ihc_plan *plan;
    const rgq_ihc_report *report;
    bool has_h, has_dab;
} rgq_ihc_known;

/** Append the row of a region; warns where it has no tissue or is smaller than a field. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_ihc_row_add(rgq_table *table, const char *name,
                                                  const rgq_ihc_result *r,
                                                  const rgq_ihc_known *known,
                                                  const rgq_log *log, rgq_error *err);

#endif
