/* The body a dose is computed in: what `--anatomy` says, built when it is needed. */
#ifndef RGQ_PIPELINE_DOSE_BODY_H
#define RGQ_PIPELINE_DOSE_BODY_H

#include "core/file.h"
#include "core/hash.h"
#include "dose/anatomy.h"
#include "rgdquant/log.h"

typedef enum rgq_dose_body_kind {
    RGQ_BODY_MALE,
    RGQ_BODY_FEMALE,
    RGQ_BODY_SPHERE,
    RGQ_BODY_LABELS
} rgq_dose_body_kind;

/** Zero it; release with rgq_dose_body_release(). */
typedef struct rgq_dose_body {
    rgq_dose_body_kind kind;
    char name[RGQ_ORGAN_NAME]; /**< "stylised-adult-male", "sphere:10", "labels" */
    double mass_g;             /**< of a sphere */
    double voxel_mm;           /**< of a stylised adult */
    char labels[RGQ_PATH_MAX]; /**< label map, and the CT on its grid ("" without one) */
    char ct[RGQ_PATH_MAX];
    rgq_anatomy *anatomy; /**< NULL until rgq_dose_body_build(); a sphere has none */
} rgq_dose_body;

/**
 * @brief What the words of --anatomy mean; nothing is read yet.
 *
 * @param[in] words     stylised-adult-male, stylised-adult-female, sphere:GRAMS, or LABELS[,CT]
 * @param[in] voxel_mm  of a stylised adult, 1 .. 10
 * @return RGQ_OK; RGQ_E_ARGUMENT (a sphere without a mass in 0.001 .. 1e6 g); RGQ_E_NOTFOUND
 *         (neither a word nor a file)
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_dose_body_parse(rgq_dose_body *out, const char *words,
                                                      double voxel_mm, rgq_error *err);
RGQ_API void rgq_dose_body_release(rgq_dose_body *body);

/** Make the voxels: the stylised adult from its equations, a patient's body from files. Does
 *  nothing if they are there, or for a sphere.
 *  @return RGQ_OK; whatever reading and rgq_patient_anatomy() give */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_dose_body_build(rgq_dose_body *body, const rgq_log *log,
                                                      rgq_error *err);

/** SHA-256 of the body; known for a stylised adult without building it. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_dose_body_key(char out[RGQ_SHA256_TEXT],
                                                    rgq_dose_body *body, const rgq_log *log,
                                                    rgq_error *err);

#endif
