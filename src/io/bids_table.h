/* Tables of people and sessions in a dataset that is written. Private to bids_*.c. */
#ifndef RGQ_IO_BIDS_TABLE_H
#define RGQ_IO_BIDS_TABLE_H

#include "core/file.h"
#include "core/json.h"
#include "rgdquant/log.h"
#include "rgdquant/scan.h"

/** One row to add: who, and what the scan knows of the person. */
typedef struct rgq_bids_row {
    const char *column; /**< "participant_id" or "session_id" */
    const char *id;     /**< "sub-07" */
    const rgq_scan_facts *facts;
    bool with_sex; /**< a column for it, too */
    bool quiet;    /**< a nearer table says what differs */
    const rgq_log *log;
} rgq_bids_row;

/** What the table says otherwise than the scan, and keeps. */
typedef struct rgq_bids_conflict {
    bool weight, height, sex;
} rgq_bids_conflict;

/**
 * @brief Write a table `folder/stem.tsv` with that row, and `folder/stem.json` about its
 * columns.
 *
 * A table that is there keeps its rows, columns and their order and units; columns it lacks are
 * added, unknown cells of the row are filled, filled ones are kept and told where they differ.
 * Each file is replaced in one step.
 *
 * @param[in] others  ids that get a row of n/a in a new table, may be NULL
 * @return RGQ_OK; RGQ_E_FORMAT (the table is damaged or has no such column); RGQ_E_IO;
 *         RGQ_E_NOMEM
 */
RGQ_MUST_CHECK rgq_status rgq_bids_table_add(rgq_bids_conflict *out, const char *folder,
                                             const char *stem, const rgq_bids_row *row,
                                             const rgq_names *others, rgq_error *err);

#endif
