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
