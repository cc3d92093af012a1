#include "rgdquant/scan.h"

#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"

void rgq_scan_release(rgq_scan *scan)
{
    rgq_volume_free(scan->volume);
    rgq_free(scan->slice_time);
    *scan = (rgq_scan){0};
}

void rgq_fact_set(rgq_fact *fact, double value, const char *origin)
{
    if (!isfinite(value))
        return;
    fact->known = true;
    fact->value = value;
    rgq_text_copy(fact->origin, sizeof fact->origin, origin);
}

static bool ends_with(const char *text, const char *ending)
{
    const size_t length = strlen(text);
    const size_t tail = strlen(ending);
    return length >= tail && strcmp(text + length - tail, ending) == 0;
}

bool rgq_fact_is_clock(const char *name)
{
    return ends_with(name, "_time_s") || strcmp(name, "time_zero_s") == 0 ||
           strcmp(name, "decay_reference_s") == 0;
}

static void shift_fact(const char *name, rgq_fact *fact, double shift_s)
{
    if (fact->known && rgq_fact_is_clock(name))
        fact->value += shift_s;
}

static void shift_all(rgq_scan *scan, double shift_s)
{
    rgq_scan_facts *f = &scan->facts;
#define RGQ_SHIFT_REAL(name, what) shift_fact(#name, &f->name, shift_s);
#define RGQ_SHIFT_TEXT(name, what)
    RGQ_SCAN_FACTS(RGQ_SHIFT_REAL, RGQ_SHIFT_TEXT)
#undef RGQ_SHIFT_REAL
#undef RGQ_SHIFT_TEXT
    if (scan->slice_time == NULL)
        return;
    const size_t count =
        (size_t)rgq_volume_n_frames(scan->volume) * (size_t)rgq_volume_grid(scan->volume)->n[2];
    for (size_t i = 0; i < count; i++)
        scan->slice_time[i].acquisition_s += shift_s;
}

/* A moment near the scan, or NaN. */
static double scan_moment(const rgq_scan_facts *f)
{
    const rgq_fact *const tries[] = {&f->acquisition_time_s, &f->series_time_s,
                                     &f->time_zero_s};

    for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++)
        if (tries[i]->known)
            return tries[i]->value;
    return (double)NAN;
}

void rgq_scan_forget_clock(rgq_scan *scan)
{
    rgq_scan_facts *f = &scan->facts;
    const double day_s = 86400.0;
    const double injection_s = f->injection_time_s.known ? f->injection_time_s.value : 0.0;
    const double scan_s = scan_moment(f);

    if (f->injection_time_s.known && f->injection_date_known.value > 0.0) {
        shift_all(scan, day_s - injection_s);
        return;
    }
    /* the day that the scan begins on, counted from the time of the injection */
    const double days = isnan(scan_s) ? 0.0 : floor((scan_s - injection_s) / day_s);
    if (f->injection_time_s.known) {
        shift_all(scan, -injection_s - (days - 1.0) * day_s);
        f->injection_time_s.value = 0.0;
    } else {
        shift_all(scan, -days * day_s);
    }
}

void rgq_fact_text_set(rgq_fact_text *fact, const char *value, const char *origin)
{
    while (*value == ' ')
        value++;
    rgq_text_copy(fact->value, sizeof fact->value, value);
    size_t length = strlen(fact->value);
    while (length > 0 && fact->value[length - 1] == ' ')
        fact->value[--length] = '\0';
    for (char *c = fact->value; *c != '\0'; c++) /* shown on terminals and in tables */
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = '?';
    fact->known = length > 0;
    if (fact->known)
        rgq_text_copy(fact->origin, sizeof fact->origin, origin);
}
