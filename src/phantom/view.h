/* A scan as the analysis of a phantom sees it: slices across the axis of the scanner. */
#ifndef RGQ_PHANTOM_VIEW_H
#define RGQ_PHANTOM_VIEW_H

#include "rgdquant/volume.h"

/** One frame, its axes so ordered that the last is nearest to the world's z. Positions in the
 *  frame of the view are mm along its perpendicular axes from the centre of voxel (0,0,0). */
typedef struct rgq_view {
    rgq_grid grid;  /* columns of the affine in the order of the view */
    double step[3]; /* of a voxel [mm] */
    double det;     /* +1, -1: handedness of the axes in the world */
    float *value;   /* x fastest; belongs to the view */
} rgq_view;

/** @return RGQ_OK; RGQ_E_GEOMETRY (axes not perpendicular); RGQ_E_NUMERIC; RGQ_E_NOMEM */
RGQ_MUST_CHECK rgq_status rgq_view_init(rgq_view *out, const rgq_volume *volume, int frame,
                                        rgq_error *err);
void rgq_view_release(rgq_view *view);

void rgq_view_to_world(const rgq_view *view, const double mm[3], double world_mm[3]);
void rgq_view_from_world(const rgq_view *view, const double world_mm[3], double mm[3]);

/** Value of voxel (i, j, k), which must exist. */
static inline double rgq_view_at(const rgq_view *view, int i, int j, int k)
{
    return (double)view
        ->value[((size_t)k * (size_t)view->grid.n[1] + (size_t)j) * (size_t)view->grid.n[0] +
                (size_t)i];
}

/** First and last voxel along `axis` whose box lies within `half_mm` of `centre_mm`, cut at the
 *  image; last < first if there is none. */
void rgq_view_range(const rgq_view *view, int axis, double centre_mm, double half_mm,
                    int range[2]);

/** What lies in a ball or a disc; voxels outside the image do not count. */
typedef struct rgq_roi {
    double mean;   /* weighted by the part of each voxel inside; NaN where nothing is */
    double sd;     /* weighted likewise, of the population */
    double max;    /* of the voxels touched */
    double weight; /* sum of the parts [voxels] */
} rgq_roi;

/** Ball about a point, by the exact part of each voxel. */
rgq_roi rgq_view_ball(const rgq_view *view, const double centre_mm[3], double radius_mm);

/** A ball about the centre of a voxel: the parts of its voxels, for many such balls. */
typedef struct rgq_ball_kernel {
    int half[3];    /* voxels on either side */
    double *weight; /* (2 half + 1)^3, x fastest; 1 is a whole voxel */
} rgq_ball_kernel;

/** RGQ_E_NOMEM; RGQ_E_ARGUMENT for a ball of more than 100 voxels' radius. */
RGQ_MUST_CHECK rgq_status rgq_ball_kernel_init(rgq_ball_kernel *out, const rgq_view *view,
                                               double radius_mm, rgq_error *err);
void rgq_ball_kernel_release(rgq_ball_kernel *kernel);

/** Mean over the ball about a voxel; voxels outside the image do not count. */
double rgq_ball_kernel_mean(const rgq_ball_kernel *kernel, const rgq_view *view,
                            const int voxel[3]);

/** Disc in slice `k` about a point of it (x, y), by the exact part of each pixel. */
rgq_roi rgq_view_disc(const rgq_view *view, int k, const double centre_mm[], double radius_mm);

#endif
