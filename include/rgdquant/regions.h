/**
 * @file regions.h
 * @brief Named regions on a grid, each with its own box of voxel weights.
 *
 * A label map, a 4-D mask, an RTSTRUCT and a DICOM SEG all become this: regions may overlap,
 * and a voxel belongs to a region with a weight of 0..1 (0 or 1 for a binary one). Only the box
 * around a region is stored.
 */
#ifndef RGDQUANT_REGIONS_H
#define RGDQUANT_REGIONS_H

#include <stdint.h>

#include "rgdquant/grid.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    RGQ_REGION_NAME_MAX = 128,
    RGQ_REGIONS_MAX = 65535,
    RGQ_LABEL_MAX = 1048576 /**< largest label number of a label map */
};

/** One region; valid as long as the rgq_regions it belongs to. */
typedef struct rgq_region {
    char name[RGQ_REGION_NAME_MAX]; /**< UTF-8; the label number where the file names none */
    int label;                      /**< >= 1 and unique within the set */
    int lo[3];                      /**< first voxel of the box */
    int n[3];                       /**< voxels of the box along each axis; 0,0,0 if empty */
    const float *weight; /**< n[0]*n[1]*n[2] weights 0..1, x fastest; NULL if empty */
} rgq_region;

typedef struct rgq_regions rgq_regions;

/** Empty set on `grid`; caller frees it with rgq_regions_free(). */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_regions_create(rgq_regions **out, const rgq_grid *grid,
                                                     rgq_error *err);

/** Frees the set; NULL is allowed. */
RGQ_API void rgq_regions_free(rgq_regions *regions);

/** The grid all weights lie on; belongs to the set. */
RGQ_API const rgq_grid *rgq_regions_grid(const rgq_regions *regions);
/** Number of regions. */
RGQ_API int rgq_regions_count(const rgq_regions *regions);
/** Region `i`, 0 .. count - 1 (not checked), in the order they were added; belongs to the set.
 */
RGQ_API const rgq_region *rgq_regions_at(const rgq_regions *regions, int i);

/** The region of that name, else of that label number written as text; NULL if none. */
RGQ_API const rgq_region *rgq_regions_find(const rgq_regions *regions, const char *name);

/**
 * @brief Add a region from weights over the whole grid; the box is found here.
 *
 * @param[in] name    NULL or "" takes the label number
 * @param[in] label   >= 1, not yet in the set
 * @param[in] weight  rgq_grid_count() values, each 0..1 and finite
 * @return RGQ_OK; RGQ_E_ARGUMENT, with the set as it was; RGQ_E_NOMEM
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_regions_add(rgq_regions *regions, const char *name,
                                                  int label, const float *weight,
                                                  rgq_error *err);

/** The same from a 0/1 mask of bytes (any value but 0 counts as 1). */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_regions_add_mask(rgq_regions *regions, const char *name,
                                                       int label, const uint8_t *mask,
                                                       rgq_error *err);

/**
 * @brief The same from weights over a part of the grid; a smaller box is found where it can be.
 *
 * @param[in] lo      first voxel of the part; it must lie inside the grid
 * @param[in] n       voxels of the part along each axis; 0,0,0 with weight NULL: empty
 * @param[in] weight  n[0]*n[1]*n[2] values, each 0..1 and finite, x fastest
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_regions_add_box(rgq_regions *regions, const char *name,
                                                      int label, const int lo[3],
                                                      const int n[3], const float *weight,
                                                      rgq_error *err);

/** Rename region `i`. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_regions_rename(rgq_regions *regions, int i,
                                                     const char *name, rgq_error *err);

/**
 * @brief Every label of a label map becomes a region, in rising order.
 *
 * @param[in] labels  rgq_grid_count() values; 0 is background, negative is RGQ_E_FORMAT
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_regions_from_labels(rgq_regions **out,
                                                          const rgq_grid *grid,
                                                          const int32_t *labels,
                                                          rgq_error *err);

/**
 * @brief Write the regions into a label map of rgq_grid_count() values that the caller owns.
 *
 * A voxel belongs to the region whose weight there is at least 0.5.
 * @return RGQ_OK; RGQ_E_ARGUMENT if two regions claim the same voxel (both are named)
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_regions_to_labels(int32_t *labels,
                                                        const rgq_regions *regions,
                                                        rgq_error *err);

/**
 * @brief Bring a set onto the grid of a scan, if its voxels are the scan's.
 *
 * A set whose grid agrees with `grid` within 1 % of a voxel stays as it is. One that holds the
 * same voxels at the same places but counts them along other axes or from the other end (a
 * label map that was saved in another orientation) is replaced by the same regions in the order
 * of `grid`: no value changes.
 *
 * @param[in,out] set      the set; freed and replaced if it is reordered, untouched on failure
 * @param[out]    changed  true if it was; may be NULL
 * @return RGQ_OK; RGQ_E_GEOMETRY with both grids if they are not the same voxels; RGQ_E_NOMEM
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_regions_reorient(rgq_regions **set, const rgq_grid *grid,
                                                       bool *changed, rgq_error *err);

/**
 * @brief Put a set whose voxels are some of those of `grid` onto that grid.
 *
 * As rgq_regions_reorient(), and it also takes a set on a part of the grid: fewer slices, a
 * window of rows and columns. Voxels must coincide within 1 % of a voxel wherever a region has
 * any; where the set has one voxel along an axis its spacing there does not count. A region
 * that reaches beyond `grid` is refused.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_regions_place(rgq_regions **set, const rgq_grid *grid,
                                                    bool *changed, rgq_error *err);

/** True if every weight of every region is 0 or 1. */
RGQ_API bool rgq_regions_is_binary(const rgq_regions *regions);

/** Sum of weights x voxel volume [mL], of one region. */
RGQ_API double rgq_region_volume_ml(const rgq_region *region, const rgq_grid *grid);

#ifdef __cplusplus
}
#endif

#endif
