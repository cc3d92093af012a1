/* Numbers from text: the whole string, a range, nothing locale-dependent. */
#ifndef RGQ_CORE_PARSE_H
#define RGQ_CORE_PARSE_H

#include "rgdquant/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** One finite decimal number in [lo, hi]; blanks at either end are allowed (DICOM pads), hex
 * and "inf" are not. `*out` is untouched on failure. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_parse_real(double *out, const char *text, double lo,
                                                 double hi, rgq_error *err);

/** One whole number in [lo, hi]. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_parse_int(long long *out, const char *text, long long lo,
                                                long long hi, rgq_error *err);

/** Numbers separated by `separator`, at most `max`; `*count` tells how many. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_parse_reals(double *out, int *count, int max,
                                                  const char *text, char separator,
                                                  rgq_error *err);

enum { RGQ_REAL_TEXT_MAX = 32 };

/** Shortest decimal text that reads back to the same double ("n/a" if not finite); `buffer`
 *  holds RGQ_REAL_TEXT_MAX bytes. Returns `buffer`. */
RGQ_API const char *rgq_format_real(double value, char *buffer);

#ifdef __cplusplus
}
#endif

#endif
