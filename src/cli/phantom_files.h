/**
 * @file phantom_files.h
 * @brief What `phantom make` writes: the scan, its truth regions, the table of what is true.
 */
#ifndef RGQ_CLI_PHANTOM_FILES_H
#define RGQ_CLI_PHANTOM_FILES_H

#include "cli/context.h"
#include "core/file.h"
#include "rgdquant/phantom.h"
#include "rgdquant/tracer.h"

/** Names of the outputs; decided before any work. */
typedef struct rgq_phantom_files {
    bool is_dicom;
    char scan[RGQ_PATH_MAX]; /**< NIfTI file or DICOM folder */
    char side[RGQ_PATH_MAX]; /**< BIDS side file, "" for DICOM */
    char labels[RGQ_PATH_MAX];
    char label_names[RGQ_PATH_MAX];
    char truth[RGQ_PATH_MAX];      /**< .tsv */
    char truth_json[RGQ_PATH_MAX]; /**< what the columns mean, and how the scan was made */
} rgq_phantom_files;

/** Names from OUT: "x.nii.gz", or "x" (which becomes x.nii.gz, or the folder x for DICOM).
 *  @return RGQ_OK; RGQ_E_IO if one exists and not `force`; RGQ_E_ARGUMENT */
RGQ_MUST_CHECK rgq_status rgq_phantom_files_plan(rgq_phantom_files *out, const char *path,
                                                 bool is_dicom, bool force, rgq_error *err);

/** A phantom and everything that was decided for it. */
typedef struct rgq_phantom_run {
    const rgq_phantom *phantom;
    const rgq_phantom_opts *opts;
    const rgq_nuclide *nuclide;
    rgq_phantom_scan *made;
} rgq_phantom_run;

/** The record for the truth's JSON file and for --json; free with rgq_json_free(). */
RGQ_MUST_CHECK rgq_status rgq_phantom_record(rgq_json **out, const rgq_phantom_run *run,
                                             rgq_error *err);

/** Write everything; after a failure none of the files is there. */
RGQ_MUST_CHECK rgq_status rgq_phantom_files_write(const rgq_phantom_files *files,
                                                  const rgq_phantom_run *run,
                                                  const rgq_json *record, bool force,
                                                  rgq_error *err);

#endif
