/**
 * @file labels.h
 * @brief A label map: every voxel belongs to one named region, or to the background.
 *
 * It is the lean twin of rgq_regions (regions.h): two bytes a voxel however many regions there
 * are and however they interlock. Regions that overlap or are fractional need rgq_regions.
 */
#ifndef RGDQUANT_LABELS_H
#define RGDQUANT_LABELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rgdquant/grid.h"
#include "rgdquant/regions.h"

#ifdef __cplusplus
extern "C" {
#endif

/** One region of the map; valid as long as the rgq_labels it belongs to. */
typedef struct rgq_label {
    char name[RGQ_REGION_NAME_MAX]; /**< UTF-8; the label number where the file names none */
    int label;                      /**< >= 1 and unique within the map */
    int lo[3];                      /**< first voxel of its box */
    int n[3];                       /**< voxels of the box along each axis, >= 1 */
    size_t count;                   /**< voxels of the region, >= 1 */
} rgq_label;

typedef struct rgq_labels rgq_labels;

/**
 * @brief Label map from whole numbers; only labels that occur become regions, in rising order.
 *
 * @param[out] out     caller frees it with rgq_labels_free(); NULL on failure
 * @param[in]  labels  rgq_grid_count() values: 0 is background, 1 and more a region
 * @return RGQ_OK; RGQ_E_FORMAT (negative, or more than RGQ_REGIONS_MAX regions);
 *         RGQ_E_GEOMETRY; RGQ_E_NOMEM
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_labels_create(rgq_labels **out, const rgq_grid *grid,
                                                    const int32_t *labels, rgq_error *err);

/** Frees the map; NULL is allowed. */
RGQ_API void rgq_labels_free(rgq_labels *labels);

/** The grid the map lies on; belongs to the map. */
RGQ_API const rgq_grid *rgq_labels_grid(const rgq_labels *labels);
/** Number of regions, without the background. */
RGQ_API int rgq_labels_count(const rgq_labels *labels);
/** Region `i`, 0 .. count - 1 (not checked); belongs to the map. */
RGQ_API const rgq_label *rgq_labels_at(const rgq_labels *labels, int i);
/** For each voxel, x fastest: 0 for the background, else 1 + the index of its region. */
RGQ_API const uint16_t *rgq_labels_voxels(const rgq_labels *labels);

/** Index of the region of that name, else of that label number written as text; -1 if none. */
RGQ_API int rgq_labels_find(const rgq_labels *labels, const char *name);

/** Rename region `i`. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_labels_rename(rgq_labels *labels, int i, const char *name,
                                                    rgq_error *err);

/**
 * @brief The same regions as a label map.
 *
 * @return RGQ_OK; RGQ_E_ARGUMENT if weights are fractional or two regions claim a voxel
 *         (both are named); RGQ_E_NOMEM
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_labels_from_regions(rgq_labels **out,
                                                          const rgq_regions *regions,
                                                          rgq_error *err);

/**
 * @brief The same, where it can be done: `*out` is NULL, and that is no failure, if weights are
 *        fractional, two regions claim a voxel, or one of them is empty (a map would lose it).
 *
 * @return RGQ_OK; RGQ_E_NOMEM
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_labels_from_whole(rgq_labels **out,
                                                        const rgq_regions *regions,
                                                        rgq_error *err);

/**
 * @brief Bring a map whose voxels are some of those of `grid` onto that grid, in its order.
 *
 * As rgq_regions_place(): a map that agrees with `grid` within 1 % of a voxel stays as it is;
 * one that counts the same voxels along other axes or from the other end, or holds a part of
 * them, is replaced. Voxels must coincide within 1 % of a voxel wherever a region has any.
 *
 * @param[in,out] set      the map; freed and replaced if it is moved, untouched on failure
 * @param[out]    changed  true if it was; may be NULL
 * @return RGQ_OK; RGQ_E_GEOMETRY with both grids, or with the region that reaches beyond
 * `grid`; RGQ_E_NOMEM
 *
 * Memory: two bytes a voxel of `grid`, beside the map that is replaced.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_labels_place(rgq_labels **set, const rgq_grid *grid,
                                                   bool *changed, rgq_error *err);

#ifdef __cplusplus
}
#endif

#endif
