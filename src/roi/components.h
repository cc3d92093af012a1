/* Connected components, grown one at a time. */
#ifndef RGQ_ROI_COMPONENTS_H
#define RGQ_ROI_COMPONENTS_H

#include <stdint.h>

#include "rgdquant/grid.h"

/** Voxel states of a flood. */
enum { RGQ_VOXEL_SHUT = 0, RGQ_VOXEL_OPEN = 1, RGQ_VOXEL_TAKEN = 2 };

/** A volume, where components may lie, and the component found last. Release it. */
typedef struct rgq_flood {
    const rgq_grid *grid;
    const float *values;
    uint8_t *state; /**< one RGQ_VOXEL_... a voxel; belongs to the flood */
    int step[26][3];
    int n_steps;
    size_t *at; /**< voxels of the component, in the order they were reached */
    size_t count;
    size_t capacity;
    size_t limit;   /**< a component is left unfinished beyond so many voxels; 0 = never */
    size_t peak_at; /**< voxel of its maximum, the lowest index of equals */
    float peak;
} rgq_flood;

/**
 * @brief Start with every voxel open.
 *
 * @param[in] connectivity  6 (faces), 18 (and edges) or 26 (and corners)
 * @return RGQ_OK; RGQ_E_ARGUMENT; RGQ_E_NOMEM. `grid` and `values` are borrowed.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_flood_init(rgq_flood *flood, const rgq_grid *grid,
                                                 const float *values, int connectivity,
                                                 rgq_error *err);
RGQ_API void rgq_flood_release(rgq_flood *flood);

/** Index of a voxel, x fastest. */
RGQ_API size_t rgq_flood_index(const rgq_grid *grid, const int at[3]);

/**
 * @brief The component of open voxels >= threshold that holds voxel `start`.
 *
 * They become taken. `start` itself must be open and reach the threshold, else the component is
 * empty. Explicit queue, no recursion; O(voxels of the component).
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_flood_fill(rgq_flood *flood, double threshold,
                                                 size_t start, rgq_error *err);

/** The same for the open voxels that carry the label of the start; NULL: all carry the same. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_flood_fill_like(rgq_flood *flood, const int32_t *label,
                                                      size_t start, rgq_error *err);

/** True if the component found last went beyond the limit. */
RGQ_API bool rgq_flood_is_cut(const rgq_flood *flood);

/** Open the voxels of the component found last again. */
RGQ_API void rgq_flood_undo(rgq_flood *flood);

#endif
