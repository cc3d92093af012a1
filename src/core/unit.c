#include "rgdquant/unit.h"

#include "core/banned.h"
#include "core/text.h"

static const struct {
    const char *name;
    const char *option;
} units[] = {
#define RGQ_X(id, name, option) [id] = {name, option},
    RGQ_UNIT_LIST(RGQ_X)
#undef RGQ_X
};

enum { N_UNITS = sizeof units / sizeof units[0] };

const char *rgq_unit_name(rgq_unit unit)
{
    return (unsigned)unit < N_UNITS ? units[unit].name : "?";
}

const char *rgq_unit_option(rgq_unit unit)
{
    return (unsigned)unit < N_UNITS ? units[unit].option : "?";
}

rgq_status rgq_unit_parse(rgq_unit *out, const char *text, rgq_error *err)
{
    for (int i = 0; i < N_UNITS; i++)
        if (rgq_text_equal_nocase(text, units[i].name) ||
            rgq_text_equal_nocase(text, units[i].option)) {
            *out = (rgq_unit)i;
            return RGQ_OK;
        }
#define RGQ_X(id, name, option) option " "
    return RGQ_RAISE(err, RGQ_E_NOTFOUND, "there is no unit '%.40s'; known: %s", text,
                     RGQ_UNIT_LIST(RGQ_X));
#undef RGQ_X
}
