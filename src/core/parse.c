#include "core/parse.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/banned.h"

static const char *skip_blanks(const char *text)
{
    while (*text == ' ' || *text == '\t' || *text == '\r' || *text == '\n')
        text++;
    return text;
}

/* strtod also takes "0x1p3", "inf" and "nan(...)"; a header or an option never means those. */
static int is_plain_number(const char *text)
{
    return text[strspn(text, "0123456789+-.eE \t\r\n")] == '\0';
}

rgq_status rgq_parse_real(double *out, const char *text, double lo, double hi, rgq_error *err)
{
    char *end = NULL;

    if (!is_plain_number(text))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "'%.40s' is not a number", text);
    errno = 0;
    const double value = strtod(text, &end); /* the one place that may */
    if (end == text || *skip_blanks(end) != '\0')
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "'%.40s' is not a number", text);
    if (!isfinite(value))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "'%.40s' is too large for a number", text);
    if (value < lo || value > hi)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "%.40s lies outside %g .. %g", text, lo, hi);
    *out = value;
    return RGQ_OK;
}

rgq_status rgq_parse_int(long long *out, const char *text, long long lo, long long hi,
                         rgq_error *err)
{
    char *end = NULL;

    errno = 0;
    const long long value = strtoll(text, &end, 10);
    if (end == text || *skip_blanks(end) != '\0')
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "'%.40s' is not a whole number", text);
    if (errno == ERANGE || value < lo || value > hi)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "%.40s lies outside %lld .. %lld", text, lo, hi);
    *out = value;
    return RGQ_OK;
}

rgq_status rgq_parse_reals(double *out, int *count, int max, const char *text, char separator,
                           rgq_error *err)
{
    int n = 0;

    for (const char *at = text;; n++) {
        char part[64];
        const char *stop = strchr(at, separator);
        const size_t length = stop != NULL ? (size_t)(stop - at) : strlen(at);
        if (n >= max || length >= sizeof part)
            return RGQ_RAISE(err, RGQ_E_ARGUMENT, "'%.40s' holds more than %d numbers", text,
                             max);
        memcpy(part, at, length);
        part[length] = '\0';
        RGQ_PASS(err, rgq_parse_real(&out[n], part, -HUGE_VAL, HUGE_VAL, err));
        if (stop == NULL)
            break;
        at = stop + 1;
    }
    *count = n + 1;
    return RGQ_OK;
}

const char *rgq_format_real(double value, char *buffer)
{
    if (!isfinite(value)) {
        (void)snprintf(buffer, RGQ_REAL_TEXT_MAX, "n/a");
        return buffer;
    }
    for (int digits = 15; digits <= 17; digits++) {
        (void)snprintf(buffer, RGQ_REAL_TEXT_MAX, "%.*g", digits, value);
        if (strtod(buffer, NULL) == value)
            break;
    }
    return buffer;
}
