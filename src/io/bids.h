/**
 * @file bids.h
 * @brief Where a scan lies in a BIDS dataset, and what the dataset says of it beyond the side
 *        file beside it: inherited side files, weight, height and sex of the participant,
 * blood.
 */
#ifndef RGQ_IO_BIDS_H
#define RGQ_IO_BIDS_H

#include "core/file.h"
#include "rgdquant/log.h"
#include "rgdquant/scan.h"

enum { RGQ_BIDS_LABEL_MAX = 64, RGQ_BIDS_FILES_MAX = 8 };

typedef struct rgq_bids_place {
    bool in_dataset;                  /**< dataset_description.json was found above the scan */
    char folder[RGQ_PATH_MAX];        /**< the scan lies right in it */
    char root[RGQ_PATH_MAX];          /**< of the dataset, "" if there is none */
    char stem[256];                   /**< name of the scan without its ending */
    char subject[RGQ_BIDS_LABEL_MAX]; /**< "sub-01", or "" */
    char session[RGQ_BIDS_LABEL_MAX]; /**< "ses-01", or "" */
} rgq_bids_place;

/** Value of an entity of a BIDS name: "01" for "sub" in "sub-01_pet"; false if it has none. */
bool rgq_bids_entity(char out[RGQ_BIDS_LABEL_MAX], const char *stem, const char *key);

/** True if every entity of `stem` is one of `scan`, and both end in the same suffix: then the
 *  file of that name tells about the scan. */
bool rgq_bids_applies(const char *stem, const char *scan);

/** Part of a name before its first dot. */
void rgq_bids_stem(char *out, size_t size, const char *path);

/**
 * @brief Look for the dataset a scan lies in: dataset_description.json in its folder or above.
 *
 * @return RGQ_OK, also without a dataset; RGQ_E_IO if the folder of the scan cannot be found;
 *         RGQ_E_ARGUMENT if a path is too long
 */
RGQ_MUST_CHECK rgq_status rgq_bids_locate(rgq_bids_place *out, const char *scan_path,
                                          rgq_error *err);

/**
 * @brief Side files that apply to a scan by the inheritance principle, nearest first.
 *
 * One for each folder from that of the scan up to the root; where several apply, the one with
 * the most entities, with a warning. `path` holds RGQ_BIDS_FILES_MAX texts.
 */
RGQ_MUST_CHECK rgq_status rgq_bids_side_files(char (*path)[RGQ_PATH_MAX], int *count,
                                              const rgq_bids_place *place, const rgq_log *log,
                                              rgq_error *err);

/** The file beside the scan, then those that apply to it, nearest first; `path` holds
 *  RGQ_BIDS_FILES_MAX + 1 texts. */
RGQ_MUST_CHECK rgq_status rgq_bids_all_side_files(char (*path)[RGQ_PATH_MAX], int *count,
                                                  const char *scan_path, rgq_error *err);

/** Keys of PET-BIDS the side files of a scan (or `side_file` instead) hold, as JSON text for
 *  rgq_bids_opts.source; release with rgq_free(). No identifiers and no clock times. */
RGQ_MUST_CHECK rgq_status rgq_bids_source_keys(char **out, const char *scan_path,
                                               const char *side_file, rgq_error *err);

/**
 * @brief Weight, height and sex from sessions.tsv, else participants.tsv, where the scan has
 *        none.
 *
 * Columns body_weight or weight, body_height or height, sex or gender; units from the
 * companion JSON, else kg, and cm or m by magnitude with a warning; sex also by the "Levels" of
 * the companion. Where the side file says otherwise (1 %), that is told and the side file
 * counts. A table that cannot be read is told and left alone.
 * @return RGQ_OK; RGQ_E_NOMEM; RGQ_E_ARGUMENT if a path is too long
 */
RGQ_MUST_CHECK rgq_status rgq_bids_people(rgq_scan *scan, const rgq_bids_place *place,
                                          const rgq_log *log, rgq_error *err);

/** What a unit of a weight (or height) is in kg (or m): "lb", "cm"; 0 if the word is not known.
 *  No word at all is kg, and not known for a height. */
double rgq_bids_weight_factor(const char *unit);
double rgq_bids_height_factor(const char *unit);

/**
 * @brief All of the above for an image whose volume has been read.
 *
 * @param[in] side_file  instead of what lies beside the image and above it, or NULL
 * @param[in] lost       for the log: "unit, tracer and times are"
 */
RGQ_MUST_CHECK rgq_status rgq_bids_read(rgq_scan *scan, const char *path, const char *side_file,
                                        const char *lost, const rgq_log *log, rgq_error *err);

#endif
