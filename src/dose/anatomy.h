/* A body cut into voxels: what is where, of what it is made, what it weighs. */
#ifndef RGQ_DOSE_ANATOMY_H
#define RGQ_DOSE_ANATOMY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rgdquant/error.h"

enum { RGQ_ORGANS_MAX = 64, RGQ_ORGAN_NAME = 48 };

/** One organ: source, target or both. */
typedef struct rgq_organ {
    char name[RGQ_ORGAN_NAME]; /**< "liver", "urinary bladder contents", "remainder" */
    double mass_g;             /**< voxels x density, or the published one where it is said */
    double volume_ml;          /**< of its voxels */
    bool is_contents;          /**< of a hollow organ: a source, no target */
    int wall_of;               /**< a wall: organ that is its contents, else -1 */
} rgq_organ;

/** Voxels along x fastest. */
typedef struct rgq_anatomy {
    char id[RGQ_ORGAN_NAME]; /**< "stylised-adult-male", "sphere:10", "labels" */
    int n[3];
    double voxel_mm[3];
    uint8_t *organ;    /**< 0 outside the body, i + 1 in organ i */
    uint8_t *material; /**< rgq_material_id of each voxel */
    float *density;    /**< of each voxel [g/cm3], or NULL: that of its material */
    int n_organs;
    rgq_organ organs[RGQ_ORGANS_MAX];
} rgq_anatomy;

/**
 * @brief Room for a body, all of it outside.
 *
 * @param[out] out           free with rgq_anatomy_free(); NULL on failure
 * @param[in]  n             voxels along the axes, each 1 .. 4096
 * @param[in]  voxel_mm      > 0
 * @param[in]  with_density  true: room for a density a voxel
 * @return RGQ_OK; RGQ_E_ARGUMENT; RGQ_E_NOMEM
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_anatomy_create(rgq_anatomy **out, const char *id,
                                                     const int n[3], const double voxel_mm[3],
                                                     bool with_density, rgq_error *err);
RGQ_API void rgq_anatomy_free(rgq_anatomy *body); /**< NULL is allowed */

/** Number of voxels. */
RGQ_API size_t rgq_anatomy_count(const rgq_anatomy *body);

/** Density of a voxel [g/cm3]. */
RGQ_API double rgq_anatomy_density(const rgq_anatomy *body, size_t voxel);

/** Set mass_g and volume_ml of every organ from its voxels (an organ without any keeps 0). */
RGQ_API void rgq_anatomy_weigh(rgq_anatomy *body);

/** Organ of that name, without regard to case; -1 if there is none. */
RGQ_API int rgq_anatomy_find(const rgq_anatomy *body, const char *name);

/** SHA-256 of all that transport and masses depend on, 64 hexadecimal digits.
 *  @return RGQ_OK; RGQ_E_NOMEM */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_anatomy_hash(char out[65], const rgq_anatomy *body,
                                                   rgq_error *err);

#endif
