/* Dates and times of DICOM and ISO 8601 as seconds since 1970-01-01 of the file's own clock. */
#ifndef RGQ_CORE_TIMESTAMP_H
#define RGQ_CORE_TIMESTAMP_H

#include <stdbool.h>

#include "rgdquant/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** DICOM DA ("20250131", also the old "2025.01.31"): seconds at midnight. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_time_from_da(double *out_s, const char *da,
                                                   rgq_error *err);

/** DICOM TM ("hh", "hhmm", "hhmmss", "hhmmss.ffffff", also "hh:mm:ss"): seconds after
 *  midnight, 0 <= t < 86401 (a leap second is allowed). */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_time_from_tm(double *out_s, const char *tm,
                                                   rgq_error *err);

/** DICOM DT ("YYYYMMDDhhmmss.ffffff+ZZZZ"). The offset is subtracted if `utc` is not NULL and
 *  then `*utc` tells whether there was one; with NULL it is ignored (wall clock). A date
 *  alone counts as midnight. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_time_from_dt(double *out_s, const char *dt, bool *utc,
                                                   rgq_error *err);

/** ISO 8601 "YYYY-MM-DDThh:mm:ss[.f][Z|+hh:mm]" ('T' may be a blank); an offset is ignored:
 *  wall clock. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_time_from_iso(double *out_s, const char *iso,
                                                    rgq_error *err);

enum { RGQ_TIME_TEXT_MAX = 40 };

/** "YYYY-MM-DDThh:mm:ss[.ffffff]"; the fraction only where there is one. */
RGQ_API const char *rgq_time_format_iso(double time_s, char buffer[RGQ_TIME_TEXT_MAX]);
/** "YYYYMMDD" */
RGQ_API const char *rgq_time_format_da(double time_s, char buffer[RGQ_TIME_TEXT_MAX]);
/** "hhmmss.ffffff" */
RGQ_API const char *rgq_time_format_tm(double time_s, char buffer[RGQ_TIME_TEXT_MAX]);

#ifdef __cplusplus
}
#endif

#endif
