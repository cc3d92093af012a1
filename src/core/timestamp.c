#include "core/timestamp.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/banned.h"
#include "core/parse.h"

enum { SECONDS_PER_DAY = 86400 };

/* Days since 1970-01-01 of a proleptic Gregorian date; months are counted from March so that
 * the leap day comes last and needs no table. */
static long long days_from_civil(long long year, int month, int day)
{
    const long long y = month <= 2 ? year - 1 : year;
    const long long era = (y >= 0 ? y : y - 399) / 400;
    const long long year_of_era = y - era * 400;
    const long long day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    const long long day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static void civil_from_days(long long days, long long *year, int *month, int *day)
{
    const long long z = days + 719468;
    const long long era = (z >= 0 ? z : z - 146096) / 146097;
    const long long day_of_era = z - era * 146097;
    const long long year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const long long day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const long long shifted = (5 * day_of_year + 2) / 153;
    *day = (int)(day_of_year - (153 * shifted + 2) / 5 + 1);
    *month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
    *year = year_of_era + era * 400 + (*month <= 2);
}

static int is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Read `digits` digits; -1 if there are not that many. */
static int take_digits(const char **at, int digits)
{
    int value = 0;
    for (int i = 0; i < digits; i++) {
        if ((*at)[i] < '0' || (*at)[i] > '9')
            return -1;
        value = value * 10 + ((*at)[i] - '0');
    }
    *at += digits;
    return value;
}

static void skip_one(const char **at, char c)
{
    if (**at == c)
        (*at)++;
}

static bool at_end(const char *at)
{
    while (*at == ' ')
        at++;
    return *at == '\0';
}

static bool take_date(const char **at, char separator, double *out_s)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const int year = take_digits(at, 4);
    skip_one(at, separator);
    const int month = year < 0 ? -1 : take_digits(at, 2);
    skip_one(at, separator);
    const int day = month < 0 ? -1 : take_digits(at, 2);

    if (year < 1 || month < 1 || month > 12 || day < 1)
        return false;
    if (day > lengths[month - 1] + (month == 2 && is_leap(year)))
        return false;
    *out_s = (double)days_from_civil(year, month, day) * SECONDS_PER_DAY;
    return true;
}

/* hh[mm[ss[.ffffff]]], the parts optional from the right; colons may stand between. */
static bool take_time(const char **at, double *out_s)
{
    int part[3] = {0, 0, 0};
    int n = 0;
    double fraction = 0.0;

    for (; n < 3; n++) {
        if (n > 0)
            skip_one(at, ':');
        if (**at < '0' || **at > '9')
            break;
        part[n] = take_digits(at, 2);
        if (part[n] < 0)
            return false;
    }
    if (n == 0 || part[0] > 23 || part[1] > 59 || part[2] > 60)
        return false;
    if (n == 3 && **at == '.') {
        double scale = 0.1;
        for ((*at)++; **at >= '0' && **at <= '9'; (*at)++) {
            fraction += scale * (**at - '0');
            scale /= 10.0;
        }
    }
    *out_s = part[0] * 3600.0 + part[1] * 60.0 + part[2] + fraction;
    return true;
}

/* Z, +hhmm or +hh:mm; seconds east of UTC. */
static bool take_offset(const char **at, double *out_s, bool *found)
{
    *out_s = 0.0;
    *found = **at == 'Z' || **at == '+' || **at == '-';
    if (!*found)
        return true;
    const char sign = *(*at)++;
    if (sign == 'Z')
        return true;
    const int hours = take_digits(at, 2);
    skip_one(at, ':');
    const int minutes = hours < 0 ? -1 : take_digits(at, 2);
    if (hours < 0 || hours > 14 || minutes < 0 || minutes > 59)
        return false;
    *out_s = (sign == '-' ? -1.0 : 1.0) * (hours * 3600.0 + minutes * 60.0);
    return true;
}

rgq_status rgq_time_from_da(double *out_s, const char *da, rgq_error *err)
{
    const char *at = da;
    double date_s = 0.0;

    if (!take_date(&at, '.', &date_s) || !at_end(at))
        return RGQ_RAISE(err, RGQ_E_FORMAT, "'%.40s' is not a DICOM date (YYYYMMDD)", da);
    *out_s = date_s;
    return RGQ_OK;
}

rgq_status rgq_time_from_tm(double *out_s, const char *tm, rgq_error *err)
{
    const char *at = tm;
    double time_s = 0.0;

    if (!take_time(&at, &time_s) || !at_end(at))
        return RGQ_RAISE(err, RGQ_E_FORMAT, "'%.40s' is not a time of day (hhmmss.ffffff)", tm);
    *out_s = time_s;
    return RGQ_OK;
}

rgq_status rgq_time_from_dt(double *out_s, const char *dt, bool *utc, rgq_error *err)
{
    const char *at = dt;
    double date_s = 0.0;
    double time_s = 0.0;
    double offset_s = 0.0;
    bool has_offset = false;

    bool good = take_date(&at, '\0', &date_s);
    if (good && *at >= '0' && *at <= '9')
        good = take_time(&at, &time_s);
    good = good && take_offset(&at, &offset_s, &has_offset) && at_end(at);
    if (!good)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "'%.40s' is not a DICOM date and time (YYYYMMDDhhmmss.ffffff)", dt);
    *out_s = date_s + time_s;
    if (utc != NULL) {
        *utc = has_offset;
        *out_s -= offset_s;
    }
    return RGQ_OK;
}

rgq_status rgq_time_from_iso(double *out_s, const char *iso, rgq_error *err)
{
    const char *at = iso;
    double date_s = 0.0;
    double time_s = 0.0;
    double offset_s = 0.0;
    bool has_offset = false;

    bool good = take_date(&at, '-', &date_s);
    if (good && (*at == 'T' || *at == ' ')) {
        at++;
        good = take_time(&at, &time_s) && take_offset(&at, &offset_s, &has_offset);
    }
    if (!good || !at_end(at))
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "'%.40s' is not a date and time (YYYY-MM-DDThh:mm:ss)", iso);
    *out_s = date_s + time_s;
    return RGQ_OK;
}

/* Split into civil parts with the fraction rounded to microseconds first, so that 59.9999999 s
 * carries into the minute instead of printing as 60. */
typedef struct civil_time {
    long long year;
    int month, day, hour, minute, second, microsecond;
} civil_time;

static civil_time split_time(double time_s)
{
    civil_time t = {0};
    const double clamped = fmin(fmax(time_s, -6.0e10), 2.5e11);
    const long long micro = llround(clamped * 1e6);
    const long long day_micro = SECONDS_PER_DAY * 1000000LL;
    long long days = micro / day_micro;
    long long rest = micro % day_micro;

    if (rest < 0) {
        rest += day_micro;
        days--;
    }
    civil_from_days(days, &t.year, &t.month, &t.day);
    t.microsecond = (int)(rest % 1000000);
    rest /= 1000000;
    t.second = (int)(rest % 60);
    t.minute = (int)(rest / 60 % 60);
    t.hour = (int)(rest / 3600);
    return t;
}

const char *rgq_time_format_iso(double time_s, char buffer[RGQ_TIME_TEXT_MAX])
{
    const civil_time t = split_time(time_s);
    const int n = snprintf(buffer, RGQ_TIME_TEXT_MAX, "%04lld-%02d-%02dT%02d:%02d:%02d", t.year,
                           t.month, t.day, t.hour, t.minute, t.second);
    if (t.microsecond != 0)
        (void)snprintf(buffer + n, RGQ_TIME_TEXT_MAX - (size_t)n, ".%06d", t.microsecond);
    return buffer;
}

const char *rgq_time_format_da(double time_s, char buffer[RGQ_TIME_TEXT_MAX])
{
    const civil_time t = split_time(time_s);
    (void)snprintf(buffer, RGQ_TIME_TEXT_MAX, "%04lld%02d%02d", t.year, t.month, t.day);
    return buffer;
}

const char *rgq_time_format_tm(double time_s, char buffer[RGQ_TIME_TEXT_MAX])
{
    const civil_time t = split_time(time_s);
    (void)snprintf(buffer, RGQ_TIME_TEXT_MAX, "%02d%02d%02d.%06d", t.hour, t.minute, t.second,
                   t.microsecond);
    return buffer;
}
