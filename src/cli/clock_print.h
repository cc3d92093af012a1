/* Clock times of a scan as they may be shown: seconds from the injection. */
#ifndef RGQ_CLI_CLOCK_PRINT_H
#define RGQ_CLI_CLOCK_PRINT_H

#include "core/json.h"
#include "rgdquant/scan.h"

enum { RGQ_CLOCK_TEXT_MAX = 64 };

/** "3600 s after the injection"; with `keep` the date and time of day. */
const char *rgq_clock_show(char text[RGQ_CLOCK_TEXT_MAX], const rgq_scan_facts *facts,
                           double time_s, bool keep);

/** "value" and "counts_from", or with `keep` "value" and "clock", into the node of a fact. */
RGQ_MUST_CHECK rgq_status rgq_clock_record(rgq_json *node, const rgq_scan_facts *facts,
                                           double time_s, bool keep, rgq_error *err);

/** First 12 hexadecimal digits of the SHA-256 of a UID ("sha256:..."), or with `keep` itself.
 */
const char *rgq_uid_show(char text[RGQ_CLOCK_TEXT_MAX], const char *uid, bool keep);

#endif
