/* What a body is made of: elements by mass, and a density. */
#ifndef RGQ_DOSE_MATERIAL_H
#define RGQ_DOSE_MATERIAL_H

#include "rgdquant/export.h"

enum { RGQ_ELEMENTS_MAX = 12 };

/** Index of a material; RGQ_MATERIAL_VOID is where nothing interacts. */
typedef enum rgq_material_id {
    RGQ_MATERIAL_VOID,
    RGQ_MATERIAL_SOFT, /**< soft tissue of the stylised adult, 1.04 g/cm3 */
    RGQ_MATERIAL_LUNG, /**< its lung, 0.296 g/cm3 */
    RGQ_MATERIAL_BONE, /**< its skeleton, bone and marrow together, 1.4 g/cm3 */
    RGQ_MATERIAL_WATER,
    RGQ_MATERIAL_AIR,   /**< dry, at sea level */
    RGQ_MATERIAL_ICRU4, /**< soft tissue of four components, for tests against tables */
    RGQ_MATERIALS
} rgq_material_id;

typedef struct rgq_material {
    const char *name;
    double density_g_cm3;
    int n_elements;
    int z[RGQ_ELEMENTS_MAX];
    double mass_fraction[RGQ_ELEMENTS_MAX]; /**< their sum is 1 within the printed digits */
} rgq_material;

/** The material of an index below RGQ_MATERIALS (an assertion).
 *  @see cite:Cristy1987 (soft, lung, bone), cite:ICRU1989 (water, air, four components) */
RGQ_API const rgq_material *rgq_material_at(int id);

#endif
