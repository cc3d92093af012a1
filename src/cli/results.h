/**
 * @file results.h
 * @brief What commands about regions share: a label map on the grid of a scan, a table on
 *        stdout, outputs that are refused before the work begins.
 */
#ifndef RGQ_CLI_RESULTS_H
#define RGQ_CLI_RESULTS_H

#include "cli/context.h"
#include "rgdquant/regions.h"
#include "rgdquant/scan.h"
#include "rgdquant/table.h"

/**
 * @brief Read regions onto the voxels of a scan (rgq_regions_read_on()).
 *
 * @param[out] out        caller frees it; NULL on failure
 * @param[in]  scan_path  what the user called the scan, for messages
 * @return RGQ_OK; RGQ_E_GEOMETRY with both grids and the command that resamples; whatever
 *         reading gives
 */
RGQ_MUST_CHECK rgq_status rgq_regions_open(rgq_regions **out, const rgq_context *context,
                                           const char *path, const rgq_scan *scan,
                                           const char *scan_path, rgq_error *err);

/** The table as TSV. */
void rgq_table_print(const rgq_table *table, FILE *to);

/** Append one object a row to a JSON array; a missing cell is null. */
RGQ_MUST_CHECK rgq_status rgq_table_rows(rgq_json *array, const rgq_table *table,
                                         rgq_error *err);

/**
 * @brief Refuse outputs that exist, without --force.
 *
 * @param[in] out      the file to be written, named `stem` + `ending`
 * @param[in] beside   NULL-ended endings of what goes beside it, e.g. ".run.json"
 */
RGQ_MUST_CHECK rgq_status rgq_outputs_check(const char *out, const char *ending,
                                            const char *const *beside, bool force,
                                            rgq_error *err);

/** The frame to work on: --frame as given, else 0, with a warning if there are more.
 *  @return RGQ_OK; RGQ_E_ARGUMENT if the scan has no such frame */
RGQ_MUST_CHECK rgq_status rgq_frame_choose(const rgq_context *context, int frame, int n_frames,
                                           rgq_error *err);

#endif
