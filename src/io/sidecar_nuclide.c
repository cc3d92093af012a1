#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "core/banned.h"
#include "core/text.h"
#include "io/dicom_object.h"
#include "io/sidecar.h"

/* Elements of PET and SPECT as DICOM spells them out. */
static const struct {
    const char *name;
    const char *symbol;
} elements[] = {
    {"Actinium", "Ac"},   {"Astatine", "At"},  {"Bromine", "Br"},   {"Carbon", "C"},
    {"Chromium", "Cr"},   {"Cobalt", "Co"},    {"Copper", "Cu"},    {"Fluorine", "F"},
    {"Gallium", "Ga"},    {"Germanium", "Ge"}, {"Holmium", "Ho"},   {"Indium", "In"},
    {"Iodine", "I"},      {"Iron", "Fe"},      {"Krypton", "Kr"},   {"Lead", "Pb"},
    {"Lutetium", "Lu"},   {"Magnesium", "Mg"}, {"Manganese", "Mn"}, {"Nitrogen", "N"},
    {"Oxygen", "O"},      {"Potassium", "K"},  {"Rhenium", "Re"},   {"Rubidium", "Rb"},
    {"Samarium", "Sm"},   {"Scandium", "Sc"},  {"Sodium", "Na"},    {"Strontium", "Sr"},
    {"Technetium", "Tc"}, {"Terbium", "Tb"},   {"Thallium", "Tl"},  {"Titanium", "Ti"},
    {"Xenon", "Xe"},      {"Yttrium", "Y"},    {"Zinc", "Zn"},      {"Zirconium", "Zr"},
};

/* Runs of letters and digits of a spelling, in order: "^99m^Technetium" has 99, m, Technetium.
 */
typedef struct spelling {
    char mass[8];
    char element[24];
    bool metastable;
} spelling;

static bool take_apart(spelling *out, const char *text)
{
    *out = (spelling){.metastable = false};
    for (const char *at = text; *at != '\0';) {
        size_t n = 0;
        if (isdigit((unsigned char)*at)) {
            n = strspn(at, "0123456789");
            if (out->mass[0] != '\0' || n >= 4)
                return false;
            (void)snprintf(out->mass, sizeof out->mass, "%.*s", (int)n, at);
            if (at[n] == 'm' && !islower((unsigned char)at[n + 1])) {
                out->metastable = true;
                n++;
            }
        } else if (isalpha((unsigned char)*at)) {
            while (isalpha((unsigned char)at[n]))
                n++;
            if (out->element[0] != '\0' || n >= sizeof out->element)
                return false;
            (void)snprintf(out->element, sizeof out->element, "%.*s", (int)n, at);
        } else if (strchr("^-[] ", *at) == NULL) {
            return false;
        }
        at += n > 0 ? n : 1;
    }
    return out->mass[0] != '\0' && out->element[0] != '\0';
}

void rgq_sidecar_nuclide(char out[RGQ_FACT_TEXT_MAX], const char *name)
{
    spelling parts;
    const char *symbol = NULL;
    const rgq_dicom_nuclide code = rgq_dicom_nuclide_find(name);

    rgq_text_copy(out, RGQ_FACT_TEXT_MAX, name);
    if (!take_apart(&parts, code.meaning != NULL ? code.meaning : name))
        return;
    for (size_t i = 0; i < sizeof elements / sizeof elements[0]; i++)
        if (rgq_text_equal_nocase(parts.element, elements[i].name) ||
            rgq_text_equal_nocase(parts.element, elements[i].symbol))
            symbol = elements[i].symbol;
    if (symbol != NULL)
        (void)snprintf(out, RGQ_FACT_TEXT_MAX, "%s%s%s", symbol, parts.mass,
                       parts.metastable ? "m" : "");
}
