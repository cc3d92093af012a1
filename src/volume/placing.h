/* Voxels of one grid that are voxels of another, counted in another order or from another first
 * one. Private to regions_place.c and labels_place.c. */
#ifndef RGQ_VOLUME_PLACING_H
#define RGQ_VOLUME_PLACING_H

#include <stdbool.h>

#include "rgdquant/grid.h"

/** Voxel v of the old grid along axis a is voxel first[to[a]] + step[a] * v of the new one
 *  along axis to[a]. */
typedef struct rgq_placing {
    int to[3];
    int step[3]; /* 1 or -1 */
    int first[3];
} rgq_placing;

/** False if the axes are not those of the grid, in some order. */
bool rgq_placing_find(rgq_placing *out, const rgq_grid *old, const rgq_grid *grid);

/** Is every corner of a box of the old grid where the placing puts it, within 1 % of a voxel?
 */
bool rgq_placing_fits(const rgq_placing *placing, const int lo[3], const int n[3],
                      const rgq_grid *old, const rgq_grid *grid);

/** That box on the grid; false if it leaves it. */
bool rgq_placing_box(int to_lo[3], int to_n[3], const rgq_placing *placing, const int lo[3],
                     const int n[3], const rgq_grid *grid);

/** RGQ_E_GEOMETRY: the box of a region leaves the grid. */
RGQ_MUST_CHECK rgq_status rgq_placing_refuse(const char *name, const int lo[3], const int n[3],
                                             const rgq_grid *grid, rgq_error *err);

#endif
