/* The regions of a correction, the background among them, whichever way they were given. */
#ifndef RGQ_PVC_PARTS_H
#define RGQ_PVC_PARTS_H

#include "rgdquant/labels.h"
#include "rgdquant/regions.h"

/** Part 0 is the background: label 0, or 1 - sum of the masks. Parts 1 .. count - 1 are the
 *  regions in their order. The weights of all parts add up to 1 in every voxel (within the
 *  0.001 that masks may exceed 1 by, where the background is 0). */
typedef struct rgq_parts rgq_parts;

/** One of both is not NULL; it is borrowed and must outlive the parts.
 *  @return RGQ_OK; RGQ_E_ARGUMENT (sum of masks above 1.001 with the place; no region; an empty
 *          region, by name); RGQ_E_NOMEM */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_parts_create(rgq_parts **out, const rgq_labels *labels,
                                                   const rgq_regions *regions, rgq_error *err);
RGQ_API void rgq_parts_free(rgq_parts *parts);

RGQ_API int rgq_parts_count(const rgq_parts *parts); /**< with the background */
RGQ_API const char *rgq_parts_name(const rgq_parts *parts, int i);
RGQ_API int rgq_parts_label(const rgq_parts *parts, int i);
/** Index of the part with that name or label number; -1 if none. */
RGQ_API int rgq_parts_find(const rgq_parts *parts, const char *name);
/** Sum of weights [voxels]; that of the background may be 0. */
RGQ_API double rgq_parts_weight(const rgq_parts *parts, int i);
/** One voxel, one region? (a label map); else `voxels` is NULL. */
RGQ_API const uint16_t *rgq_parts_voxels(const rgq_parts *parts);
/** Box of part i; that of the background is the whole grid. */
RGQ_API void rgq_parts_box(const rgq_parts *parts, int i, int lo[3], int n[3]);

/** Weights of part i over any box of the grid, x fastest. */
RGQ_API void rgq_parts_fill(const rgq_parts *parts, int i, const int lo[3], const int n[3],
                            float *weight);

/** sum[i] = sum over voxels of m_i(x) image(x), for all parts, `image` on the whole grid.
 *  One pass; same bits for any number of threads. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_parts_sums(const rgq_parts *parts, const float *image,
                                                 double *sum, rgq_error *err);

/** sum[i] = sum over voxels of m_i(x) image(x)^2. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_parts_squares(const rgq_parts *parts, const float *image,
                                                    double *sum, rgq_error *err);

/** rgq_parts_sums() for an image that is given on a box and is zero elsewhere. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_parts_sums_box(const rgq_parts *parts, const float *box,
                                                     const int lo[3], const int n[3],
                                                     double *sum, rgq_error *err);

/** image(x) = sum over parts of value[i] m_i(x). One pass. */
RGQ_API void rgq_parts_paint(const rgq_parts *parts, const double *value, float *image);

#endif
