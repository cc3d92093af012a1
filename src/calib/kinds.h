/* What uptake may be normalised by: one table of formula, unit, facts and source. */
#ifndef RGQ_CALIB_KINDS_H
#define RGQ_CALIB_KINDS_H

#include <stdbool.h>

#include "rgdquant/unit.h"

enum { RGQ_NEEDS_WEIGHT = 1, RGQ_NEEDS_HEIGHT = 2, RGQ_NEEDS_SEX = 4, RGQ_NEEDS_DENSITY = 8 };

/** A normalised uptake: concentration [Bq/mL] x norm / activity [Bq], norm = size x to_norm. */
typedef struct rgq_suv_kind {
    rgq_unit unit;
    unsigned needs;          /**< RGQ_NEEDS_... */
    const char *type;        /**< after `suv --type` */
    const char *dicom_units; /**< (0054,1001) Units of stored values, or NULL */
    const char *dicom_type;  /**< (0054,1006) SUVType of stored values, or NULL */
    const char *size_name;   /**< "lean_body_mass" */
    const char *size_unit;   /**< "kg", "m2" */
    const char *formula;     /**< weight W [kg], height H [cm], B = W / (H/100)^2 */
    double to_norm;          /**< 1e3 g/kg, 1e4 cm2/m2, 100 % */
    double (*size)(double weight_kg, double height_cm, bool male); /**< NULL: not of a body */
    const char *cite; /**< source of the formula, or NULL */
} rgq_suv_kind;

enum { RGQ_SUV_KINDS = 8 };

/** Row i, 0 <= i < RGQ_SUV_KINDS. */
const rgq_suv_kind *rgq_suv_kind_at(int i);

/** Row of a unit, or NULL if it is no normalised uptake. */
RGQ_API const rgq_suv_kind *rgq_suv_kind_of(rgq_unit unit);

/** Row of stored values by SUVType ("" = the usual one of the unit), or NULL. */
RGQ_API const rgq_suv_kind *rgq_suv_kind_stored(const char *dicom_units,
                                                const char *dicom_type);

/**
 * @brief Size of a body in the unit of the kind; sex 'M', 'F', or 'O': the mean of both.
 *
 * The kind must have a `size`. Not checked: the result may be negative far outside the range
 * the formula was made for. Arguments a formula does not use may be NaN.
 * @see cite:Janmahasatian2005, cite:James1976, cite:Morgan1994, cite:DuBois1916,
 *      cite:Sugawara1999
 */
RGQ_API double rgq_suv_kind_size(const rgq_suv_kind *kind, double weight_kg, double height_cm,
                                 char sex);

#endif
