#include "calib/kinds.h"

#include <math.h>

#include "core/banned.h"
#include "core/text.h"
#include "rgdquant/suv.h"

static double by_weight(double weight_kg, double height_cm, bool male)
{
    (void)height_cm;
    (void)male;
    return weight_kg;
}

static double janmahasatian(double weight_kg, double height_cm, bool male)
{
    const double bmi = weight_kg * 1e4 / (height_cm * height_cm);
    return male ? 9270.0 * weight_kg / (6680.0 + 216.0 * bmi)
                : 9270.0 * weight_kg / (8780.0 + 244.0 * bmi);
}

static double quadratic(double weight_kg, double height_cm, double linear, double square)
{
    const double ratio = weight_kg / height_cm;
    return linear * weight_kg - square * ratio * ratio;
}

static double james(double weight_kg, double height_cm, bool male)
{
    return male ? quadratic(weight_kg, height_cm, 1.10, 128.0)
                : quadratic(weight_kg, height_cm, 1.07, 148.0);
}

static double morgan(double weight_kg, double height_cm, bool male)
{
    return male ? quadratic(weight_kg, height_cm, 1.10, 120.0)
                : quadratic(weight_kg, height_cm, 1.07, 148.0);
}

static double du_bois(double weight_kg, double height_cm, bool male)
{
    (void)male;
    return 0.007184 * pow(weight_kg, 0.425) * pow(height_cm, 0.725);
}

static double ideal(double weight_kg, double height_cm, bool male)
{
    (void)weight_kg;
    return male ? 48.0 + 1.06 * (height_cm - 152.0) : 45.5 + 0.91 * (height_cm - 152.0);
}

enum { LEAN = RGQ_NEEDS_WEIGHT | RGQ_NEEDS_HEIGHT | RGQ_NEEDS_SEX };

static const rgq_suv_kind kinds[RGQ_SUV_KINDS] = {
    {RGQ_UNIT_SUV_BW, RGQ_NEEDS_WEIGHT, "bw", "GML", "BW", "body_weight", "kg", "W", 1e3,
     by_weight, NULL},
    {RGQ_UNIT_SUV_LBM_JANMA, LEAN, "lbm-janma", "GML", "LBMJANMA", "lean_body_mass", "kg",
     "M 9270 W/(6680 + 216 B), F 9270 W/(8780 + 244 B)", 1e3, janmahasatian,
     "Janmahasatian2005"},
    {RGQ_UNIT_SUV_LBM_JAMES, LEAN, "lbm-james", "GML", "LBMJAMES128", "lean_body_mass", "kg",
     "M 1.10 W - 128 (W/H)^2, F 1.07 W - 148 (W/H)^2", 1e3, james, "James1976"},
    {RGQ_UNIT_SUV_LBM_MORGAN, LEAN, "lbm-morgan", "GML", "LBM", "lean_body_mass", "kg",
     "M 1.10 W - 120 (W/H)^2, F 1.07 W - 148 (W/H)^2", 1e3, morgan, "Morgan1994"},
    {RGQ_UNIT_SUV_BSA, RGQ_NEEDS_WEIGHT | RGQ_NEEDS_HEIGHT, "bsa", "CM2ML", "BSA",
     "body_surface", "m2", "0.007184 H^0.725 W^0.425", 1e4, du_bois, "DuBois1916"},
    {RGQ_UNIT_SUV_IBW, RGQ_NEEDS_HEIGHT | RGQ_NEEDS_SEX, "ibw", "GML", "IBW",
     "ideal_body_weight", "kg", "M 48.0 + 1.06 (H - 152), F 45.5 + 0.91 (H - 152)", 1e3, ideal,
     "Sugawara1999"},
    {RGQ_UNIT_ID_ML, 0, "idml", NULL, NULL, "percent", "%", "100 % per mL", 100.0, NULL, NULL},
    {RGQ_UNIT_ID_G, RGQ_NEEDS_DENSITY, "idg", NULL, NULL, "percent", "%",
     "100 % per mL / density", 100.0, NULL, NULL},
};

const rgq_suv_kind *rgq_suv_kind_at(int i)
{
    return &kinds[i];
}

const rgq_suv_kind *rgq_suv_kind_of(rgq_unit unit)
{
    for (int i = 0; i < RGQ_SUV_KINDS; i++)
        if (kinds[i].unit == unit)
            return &kinds[i];
    return NULL;
}

const rgq_suv_kind *rgq_suv_kind_stored(const char *dicom_units, const char *dicom_type)
{
    for (int i = 0; i < RGQ_SUV_KINDS; i++)
        if (kinds[i].dicom_units != NULL &&
            rgq_text_equal_nocase(kinds[i].dicom_units, dicom_units) &&
            (dicom_type[0] == '\0' || rgq_text_equal_nocase(kinds[i].dicom_type, dicom_type)))
            return &kinds[i];
    return NULL;
}

double rgq_suv_kind_size(const rgq_suv_kind *kind, double weight_kg, double height_cm, char sex)
{
    if (sex == 'O')
        return 0.5 * (kind->size(weight_kg, height_cm, true) +
                      kind->size(weight_kg, height_cm, false));
    return kind->size(weight_kg, height_cm, sex == 'M');
}

rgq_status rgq_suv_type_parse(rgq_unit *out, const char *type, rgq_error *err)
{
    for (int i = 0; i < RGQ_SUV_KINDS; i++)
        if (rgq_text_equal_nocase(kinds[i].type, type)) {
            *out = kinds[i].unit;
            return RGQ_OK;
        }
    return RGQ_RAISE(err, RGQ_E_NOTFOUND,
                     "'%.40s' is no kind of uptake: bw, lbm-janma, lbm-james, lbm-morgan, bsa, "
                     "ibw, idml, idg",
                     type);
}

const char *rgq_suv_cite(rgq_unit unit)
{
    const rgq_suv_kind *kind = rgq_suv_kind_of(unit);
    return kind != NULL ? kind->cite : NULL;
}
