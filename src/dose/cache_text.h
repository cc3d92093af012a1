/* Tables that are kept as text: words between tabs and line ends, a seal at the end. */
#ifndef RGQ_DOSE_CACHE_TEXT_H
#define RGQ_DOSE_CACHE_TEXT_H

#include "core/text.h"
#include "rgdquant/error.h"

/** A walk along a copy that is cut into words. */
typedef struct rgq_cache_reader {
    char *copy, *at, *end;
} rgq_cache_reader;

/** Move `text` to `out` with a line more: the SHA-256 of all before. @return RGQ_OK;
 *  RGQ_E_NOMEM */
RGQ_MUST_CHECK rgq_status rgq_cache_seal(char **out, rgq_text *text, rgq_error *err);

/** Check the seal and the first line. @return RGQ_OK; RGQ_E_FORMAT; RGQ_E_NOMEM. Close the
 *  reader in any case. */
RGQ_MUST_CHECK rgq_status rgq_cache_open(rgq_cache_reader *reader, const char *text,
                                         size_t length, const char *version, rgq_error *err);
void rgq_cache_close(rgq_cache_reader *reader);

/** The error for what does not read. */
rgq_status rgq_cache_damaged(rgq_error *err);

/** A line `name TAB word`. */
RGQ_MUST_CHECK rgq_status rgq_cache_word(char *out, size_t size, rgq_cache_reader *reader,
                                         const char *name, rgq_error *err);

/** A line `name TAB number`, the number in [lo, hi]. */
RGQ_MUST_CHECK rgq_status rgq_cache_named(double *out, rgq_cache_reader *reader,
                                          const char *name, double lo, double hi,
                                          rgq_error *err);

/** The next word as a finite number. */
RGQ_MUST_CHECK rgq_status rgq_cache_number(double *out, rgq_cache_reader *reader,
                                           rgq_error *err);

#endif
