#include "cli/clock_print.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/banned.h"
#include "core/hash.h"
#include "core/text.h"
#include "core/timestamp.h"

/* What others count from. */
typedef struct origin {
    double time_s;
    bool wraps; /* its date is not known: distances count within the day */
    const char *what;
} origin;

static origin origin_of(const rgq_scan_facts *f)
{
    if (f->injection_time_s.known)
        return (origin){f->injection_time_s.value, !(f->injection_date_known.value > 0.0),
                        "injection"};
    if (f->acquisition_time_s.known)
        return (origin){f->acquisition_time_s.value, false, "acquisition"};
    if (f->series_time_s.known)
        return (origin){f->series_time_s.value, false, "series time"};
    return (origin){f->time_zero_s.known ? f->time_zero_s.value : 0.0, false, "time zero"};
}

static double offset_of(const origin *from, double time_s)
{
    const double day_s = 86400.0;
    const double after_s = time_s - from->time_s;

    return from->wraps ? after_s - day_s * floor(after_s / day_s) : after_s;
}

/* A time on 1970-01-01 has no date; what a file derives from it lies within days. */
static const char *clock_text(double time_s, char buffer[RGQ_TIME_TEXT_MAX])
{
    const char *text = rgq_time_format_iso(time_s, buffer);
    const bool has_no_date = time_s >= 0.0 && time_s < 86400.0;
    const char *t = strchr(text, 'T');

    return has_no_date && t != NULL ? t + 1 : text;
}

const char *rgq_clock_show(char text[RGQ_CLOCK_TEXT_MAX], const rgq_scan_facts *facts,
                           double time_s, bool keep)
{
    char iso[RGQ_TIME_TEXT_MAX];
    const origin from = origin_of(facts);
    const double after_s = offset_of(&from, time_s);

    if (keep)
        (void)snprintf(text, RGQ_CLOCK_TEXT_MAX, "%s", clock_text(time_s, iso));
    else if (after_s < 0.0)
        (void)snprintf(text, RGQ_CLOCK_TEXT_MAX, "%.10g s before %s", -after_s, from.what);
    else
        (void)snprintf(text, RGQ_CLOCK_TEXT_MAX, "%.10g s after %s", after_s, from.what);
    return text;
}

rgq_status rgq_clock_record(rgq_json *node, const rgq_scan_facts *facts, double time_s,
                            bool keep, rgq_error *err)
{
    char iso[RGQ_TIME_TEXT_MAX];
    const origin from = origin_of(facts);

    if (keep) {
        RGQ_PASS(err, rgq_json_set_real(node, "value", time_s, err));
        return rgq_json_set_text(node, "clock", clock_text(time_s, iso), err);
    }
    RGQ_PASS(err, rgq_json_set_real(node, "value", offset_of(&from, time_s), err));
    return rgq_json_set_text(node, "counts_from", from.what, err);
}

const char *rgq_uid_show(char text[RGQ_CLOCK_TEXT_MAX], const char *uid, bool keep)
{
    char hex[RGQ_SHA256_TEXT];

    if (keep)
        rgq_text_copy(text, RGQ_CLOCK_TEXT_MAX, uid);
    else if (rgq_hash_bytes(hex, uid, strlen(uid), NULL) == RGQ_OK)
        (void)snprintf(text, RGQ_CLOCK_TEXT_MAX, "sha256:%.12s", hex);
    else
        rgq_text_copy(text, RGQ_CLOCK_TEXT_MAX, "(not shown)");
    return text;
}
