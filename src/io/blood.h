/**
 * @file io/blood.h
 * @brief `*_blood.tsv` and the JSON file beside it <-> samples in Bq/mL and seconds.
 */
#ifndef RGQ_IO_BLOOD_H
#define RGQ_IO_BLOOD_H

#include <stddef.h>

#include "core/file.h"
#include "io/bids.h"
#include "rgdquant/blood.h"
#include "rgdquant/log.h"

/**
 * @brief Read a table. Its companion (the JSON file beside it, and in a dataset those it
 *        inherits from) must name the unit of every column of radioactivity.
 *
 * Columns: time (required, s, strictly rising), whole_blood_radioactivity,
 * plasma_radioactivity, metabolite_parent_fraction, metabolite_polar_fraction,
 * hplc_recovery_fractions; others are left alone. Bq, kBq, MBq, nCi, uCi per mL (or cc, cm3)
 * and Bq/L, kBq/L are known; time in s or min; fractions of 1 or, if that is their unit,
 * percent.
 *
 * @param[out] out  zeroed or released; holds nothing on failure
 * @return RGQ_OK; RGQ_E_IO; RGQ_E_FORMAT naming file, line and column; RGQ_E_MISSING if a unit
 *         is not stated; RGQ_E_NOMEM
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_blood_read(rgq_blood *out, const char *path,
                                                 const rgq_log *log, rgq_error *err);

/** A table in memory and its companion (json may be NULL); `name` stands for it in messages. */
typedef struct rgq_blood_text {
    const char *tsv;
    size_t length;
    const char *json;
    size_t json_length;
    const char *name;
} rgq_blood_text;

RGQ_API RGQ_MUST_CHECK rgq_status rgq_blood_parse(rgq_blood *out, const rgq_blood_text *text,
                                                  const rgq_log *log, rgq_error *err);

/** Write `<base>.tsv` and `<base>.json`; times move by `shift_s` (to another TimeZero). */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_blood_write(const char *base, const rgq_blood *blood,
                                                  double shift_s, bool force, rgq_error *err);

/** Paths of the blood tables that belong to a scan: in its folder, entities the same but for
 *  `recording`. `path` holds RGQ_BIDS_FILES_MAX texts. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_blood_find(char (*path)[RGQ_PATH_MAX], int *count,
                                                 const char *scan_path, rgq_error *err);

#endif
