/* What the families of IBSI features share: a region cut out of the image, and where each
 * family puts its values. All functions expect what rgq_features() has checked. */
#ifndef RGQ_MEASURE_IBSI_H
#define RGQ_MEASURE_IBSI_H

#include <math.h>
#include <stdint.h>

#include "rgdquant/features.h"

/** Part of the (interpolated) image with a margin for the peaks. */
typedef struct ibsi_image {
    int n[3];
    float *value; /**< x fastest */
} ibsi_image;

/** A region in a box with one voxel of border on each side, so that neighbours exist. */
typedef struct ibsi_roi {
    int n[3]; /**< of the box */
    double spacing_mm[3];
    ibsi_image image;
    int at_image[3]; /**< voxel (0,0,0) of the box in the image; may be -1 (border) */
    uint8_t *morph;  /**< 1: in the region as drawn */
    int32_t *level;  /**< grey level, 0 outside the intensity mask; NULL: no levels */
    int n_levels;    /**< largest level, or the number of bins */
    size_t n_morph;
    size_t count;  /**< voxels of the intensity mask */
    size_t *voxel; /**< their places in the box, rising */
    float *value;  /**< their values, in the same order */
    float *sorted; /**< their values, rising */
    double mean;   /**< of the values */
    bool is_whole; /**< the values are whole numbers */
} ibsi_roi;

/** @param[out] out  release it; with n_morph 0 it holds nothing else */
RGQ_MUST_CHECK rgq_status ibsi_roi_init(ibsi_roi *out, const rgq_volume *volume,
                                        const rgq_region *region, const rgq_features_opts *opts,
                                        const rgq_log *log, rgq_error *err);
void ibsi_roi_release(ibsi_roi *roi);

/** Values from the image box to the intensity mask: fills all of `roi` after `morph`. */
RGQ_MUST_CHECK rgq_status ibsi_roi_intensities(ibsi_roi *roi, const rgq_features_opts *opts,
                                               const char *name, const rgq_log *log,
                                               rgq_error *err);

/** Place of a voxel in the box, and the step to a neighbour. */
static inline ptrdiff_t ibsi_step(const int n[3], const int d[3])
{
    return ((ptrdiff_t)d[2] * n[1] + d[1]) * n[0] + d[0];
}

/** Sizes of the families, in the order of the reference table. */
enum {
    IBSI_MORPH = 29,
    IBSI_LOCAL = 2,
    IBSI_STAT = 18,
    IBSI_HISTOGRAM = 23,
    IBSI_VOLUME_HISTOGRAM = 7,
    IBSI_GLCM = 25,
    IBSI_RUNS = 16,
    IBSI_ZONES = 16,
    IBSI_NGTDM = 5,
    IBSI_NGLDM = 17
};

/** Ways to aggregate. Those of matrices by direction, then those of matrices by slice. */
enum {
    IBSI_2D_AVG,
    IBSI_2D_COMB,
    IBSI_25D_AVG,
    IBSI_25D_COMB,
    IBSI_3D_AVG,
    IBSI_3D_COMB,
    IBSI_DIRECTIONAL
};
enum { IBSI_2D, IBSI_25D, IBSI_3D, IBSI_PLAIN };

/** Each fills `out`, which came as NaN, in the order of the reference table. */
void ibsi_statistics(double out[IBSI_STAT], const ibsi_roi *roi);
void ibsi_histogram(double out[IBSI_HISTOGRAM], const ibsi_roi *roi, float *scratch,
                    double *bins);
void ibsi_volume_histogram(double out[IBSI_VOLUME_HISTOGRAM], const ibsi_roi *roi,
                           const rgq_features_opts *opts, rgq_unit unit);
RGQ_MUST_CHECK rgq_status ibsi_local(double out[IBSI_LOCAL], const ibsi_roi *roi,
                                     rgq_error *err);
RGQ_MUST_CHECK rgq_status ibsi_morphology(double out[IBSI_MORPH], const ibsi_roi *roi,
                                          const char *name, const rgq_log *log, rgq_error *err);
RGQ_MUST_CHECK rgq_status ibsi_glcm(double out[IBSI_DIRECTIONAL * IBSI_GLCM],
                                    const ibsi_roi *roi, rgq_error *err);
RGQ_MUST_CHECK rgq_status ibsi_runs(double out[IBSI_DIRECTIONAL * IBSI_RUNS],
                                    const ibsi_roi *roi, rgq_error *err);
RGQ_MUST_CHECK rgq_status ibsi_zones(double size[IBSI_PLAIN * IBSI_ZONES],
                                     double distance[IBSI_PLAIN * IBSI_ZONES],
                                     const ibsi_roi *roi, rgq_error *err);
RGQ_MUST_CHECK rgq_status ibsi_neighbours(double tone[IBSI_PLAIN * IBSI_NGTDM],
                                          double dependence[IBSI_PLAIN * IBSI_NGLDM],
                                          const ibsi_roi *roi, rgq_error *err);

/** The 13 directions to half of the 26 neighbours; the first 4 lie in a slice. */
enum { IBSI_DIRECTIONS = 13, IBSI_IN_PLANE = 4 };
extern const int ibsi_direction[IBSI_DIRECTIONS][3];

#endif
