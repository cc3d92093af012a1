/**
 * @file results.h
 * @brief What commands share: regions on the grid of a scan, a table on stdout, outputs that
 *        are refused before the work begins, the record of the run beside them.
 */
#ifndef RGQ_CLI_RESULTS_H
#define RGQ_CLI_RESULTS_H

#include "cli/context.h"
#include "cli/scan_opts.h"
#include "pipeline/record.h"
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

/** The ending of the name of a NIfTI file, ".nii" or ".nii.gz"; NULL if it has neither or
 *  nothing before it. */
const char *rgq_nifti_ending(const char *path);

/**
 * @brief Before any work: may the NIfTI `out`, its side file and its run.json be written?
 *
 * So that a long run does not end in a refusal, and none of the three appears without the
 * others.
 *
 * @return RGQ_OK; RGQ_E_ARGUMENT if the name ends in neither .nii nor .nii.gz (a command sets
 *         exit code 2 for it); RGQ_E_IO if one exists and not `force`
 */
RGQ_MUST_CHECK rgq_status rgq_scan_outputs_check(const char *out, bool force, rgq_error *err);

/** What a run was about. */
typedef struct rgq_run {
    const char *command;
    const char *out;              /**< the output the record will lie beside */
    const char *scan_path;        /**< or NULL: no scan, no facts */
    const rgq_scan *scan;         /**< with scan_path */
    const rgq_scan_opts *options; /**< side file and calibration they name; or NULL */
    const rgq_suv_plan *plan;     /**< or NULL: the voxels are as stored */
    struct {
        const char *path; /**< NULL: not given */
        const char *role;
    } more[6]; /**< other inputs, after the scan */
} rgq_run;

/**
 * @brief Begin the record of a run: inputs (the scan, what `options` and `more` name, the
 *        configuration), the table of nuclides if its half-life was used, output, facts, plan.
 *
 * Add steps and citations, write the output, then rgq_run_write(): a run that is refused leaves
 * no record.
 *
 * @param[out] out  caller frees it; NULL on failure
 * @return RGQ_OK; RGQ_E_IO if an input can no longer be read; RGQ_E_NOMEM
 */
RGQ_MUST_CHECK rgq_status rgq_run_record(rgq_record **out, const rgq_context *context,
                                         const rgq_run *run, rgq_error *err);

/** Close the record and write it beside the output, which stands by then. */
RGQ_MUST_CHECK rgq_status rgq_run_write(rgq_record *record, const rgq_context *context,
                                        const rgq_run *run, rgq_error *err);

/** The frame to work on: --frame as given, else 0, with a warning if there are more.
 *  @return RGQ_OK; RGQ_E_ARGUMENT if the scan has no such frame */
RGQ_MUST_CHECK rgq_status rgq_frame_choose(const rgq_context *context, int frame, int n_frames,
                                           rgq_error *err);

#endif
