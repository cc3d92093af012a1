/* The stylised adult: a body of planes, cylinders, cones, ellipsoids and tori. */
#ifndef RGQ_DOSE_STYLISED_H
#define RGQ_DOSE_STYLISED_H

#include "dose/anatomy.h"

typedef enum rgq_sex_of_body { RGQ_STYLISED_MALE, RGQ_STYLISED_FEMALE } rgq_sex_of_body;

/** Organs of the stylised adult, in the order of rgq_anatomy.organs. */
typedef enum rgq_stylised_organ {
    RGQ_STYLISED_ADRENALS,
    RGQ_STYLISED_BRAIN,
    RGQ_STYLISED_BREASTS,
    RGQ_STYLISED_GALLBLADDER_CONTENTS,
    RGQ_STYLISED_GALLBLADDER_WALL,
    RGQ_STYLISED_HEART_CONTENTS,
    RGQ_STYLISED_HEART_WALL,
    RGQ_STYLISED_KIDNEYS,
    RGQ_STYLISED_LIVER,
    RGQ_STYLISED_LLI_CONTENTS,
    RGQ_STYLISED_LLI_WALL,
    RGQ_STYLISED_LUNGS,
    RGQ_STYLISED_OESOPHAGUS,
    RGQ_STYLISED_OVARIES,
    RGQ_STYLISED_PANCREAS,
    RGQ_STYLISED_REMAINDER,
    RGQ_STYLISED_SKELETON,
    RGQ_STYLISED_SKIN,
    RGQ_STYLISED_SMALL_INTESTINE,
    RGQ_STYLISED_SPLEEN,
    RGQ_STYLISED_STOMACH_CONTENTS,
    RGQ_STYLISED_STOMACH_WALL,
    RGQ_STYLISED_TESTES,
    RGQ_STYLISED_THYMUS,
    RGQ_STYLISED_THYROID,
    RGQ_STYLISED_ULI_CONTENTS,
    RGQ_STYLISED_ULI_WALL,
    RGQ_STYLISED_BLADDER_CONTENTS,
    RGQ_STYLISED_BLADDER_WALL,
    RGQ_STYLISED_UTERUS,
    RGQ_STYLISED_ORGANS
} rgq_stylised_organ;

/**
 * @brief The stylised adult cut into cubes.
 *
 * After the equations of the adult and of the 15-year-old, who stands for the adult female, of
 * Cristy and Eckerman, the oesophagus after Eckerman, Cristy and Ryman. The head is the one
 * without a neck of 1987; that of the female is as high as its published volume needs. Both
 * bodies carry ovaries, uterus and breasts, the male also testes, as the original does. Lungs
 * have 0.296, the skeleton 1.4, all else 1.04 g/cm3. It is a reference body and no patient.
 *
 * @param[out] out       free with rgq_anatomy_free(); NULL on failure
 * @param[in]  voxel_mm  side of a voxel, 1 .. 10; a voxel is what its centre is
 * @return RGQ_OK; RGQ_E_ARGUMENT; RGQ_E_NOMEM
 * Cost: 0.2 s on two cores and two bytes a voxel (20 million at 2 mm).
 * @see cite:Cristy1987, cite:Eckerman1996; test: tests/unit/dose/test_stylised.c
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_stylised_create(rgq_anatomy **out, rgq_sex_of_body sex,
                                                      double voxel_mm, rgq_error *err);

/** SHA-256 of what such a body is made from: its dimensions and the version of the equations.
 *  Known without building it. @return RGQ_OK; RGQ_E_NOMEM */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_stylised_key(char out[65], rgq_sex_of_body sex,
                                                   double voxel_mm, rgq_error *err);

/** Organ at a point [cm], 1 + rgq_stylised_organ; 0 outside the body. x to the left, y to the
 *  back, z up from the base of the trunk. */
RGQ_API int rgq_stylised_at(rgq_sex_of_body sex, double x, double y, double z);

#endif
