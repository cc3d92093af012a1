/**
 * @file sidecar.h
 * @brief BIDS PET side file (JSON) <-> facts and frame times of a scan.
 *
 * Times in the file count from TimeZero; in the facts they are clock times. Both ends of each
 * difference come from one axis, so that a scan days after the injection keeps its distance.
 * Keys of PET-BIDS and both generations of dcm2niix are read; unknown keys are left alone.
 */
#ifndef RGQ_IO_SIDECAR_H
#define RGQ_IO_SIDECAR_H

#include "core/json.h"
#include "rgdquant/log.h"
#include "rgdquant/scan.h"

/** Value of our key "ClockTimes" where TimeZero is no time of day but 00:00:00 at the
 *  injection. */
#define RGQ_SIDECAR_NO_CLOCK "00:00:00 is the injection"

/**
 * @brief Facts, unit and frame times into a scan whose volume has been read.
 *
 * kBq/mL and MBq/mL are scaled to Bq/mL, with a warning. A key that holds "n/a" or null counts
 * as absent.
 * @return RGQ_OK; RGQ_E_IO; RGQ_E_FORMAT naming file and key; RGQ_E_NUMERIC if scaling
 * overflows
 */
RGQ_MUST_CHECK rgq_status rgq_sidecar_read(rgq_scan *scan, const char *path, const rgq_log *log,
                                           rgq_error *err);

/**
 * @brief The same from several files: paths[0] lies nearest to the scan, and a key counts where
 *        it stands first. At most 8 are looked at.
 */
RGQ_MUST_CHECK rgq_status rgq_sidecar_read_inherited(rgq_scan *scan, const char *const *paths,
                                                     int count, const rgq_log *log,
                                                     rgq_error *err);

/** The same from text in memory; `name` stands for the file in messages. */
RGQ_MUST_CHECK rgq_status rgq_sidecar_parse(rgq_scan *scan, const char *text, size_t length,
                                            const char *name, const rgq_log *log,
                                            rgq_error *err);

/**
 * @brief Write facts and frames of a volume.
 *
 * No identifier, no UID and no date: TimeZero is a time of day, all else are seconds from it.
 * Text that PET-BIDS requires and nobody knows becomes "n/a"; unknown numbers are left out.
 * @param[in] description  goes into "Description", or NULL
 */
RGQ_MUST_CHECK rgq_status rgq_sidecar_write(const char *path, const rgq_volume *volume,
                                            const rgq_scan_facts *facts,
                                            const char *description, bool force,
                                            rgq_error *err);

/** The same as a document in memory; free it with rgq_json_free(). */
RGQ_MUST_CHECK rgq_status rgq_sidecar_build(rgq_json **out, const rgq_volume *volume,
                                            const rgq_scan_facts *facts,
                                            const char *description, rgq_error *err);

/** What times that count from the scan's own zero (frames, blood) are moved by in a side file:
 *  to its TimeZero [s]. */
double rgq_sidecar_shift_s(const rgq_volume *volume, const rgq_scan_facts *facts);

/** A nuclide as PET-BIDS writes it: "F18", "Ga68", "Tc99m"; a spelling nobody knows stays. */
void rgq_sidecar_nuclide(char out[RGQ_FACT_TEXT_MAX], const char *name);

#endif
