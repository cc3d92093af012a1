/**
 * @file features.h
 * @brief Radiomic features of regions as IBSI 1 defines them: `rgdquant measure --features
 * ibsi`.
 *
 * Place in the pipeline: ... -> regions -> [FEATURES] -> report
 */
#ifndef RGDQUANT_FEATURES_H
#define RGDQUANT_FEATURES_H

#include "rgdquant/log.h"
#include "rgdquant/regions.h"
#include "rgdquant/table.h"
#include "rgdquant/volume.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    RGQ_FEATURE_LEVELS_MAX = 4096,    /**< grey levels that textures are formed of */
    RGQ_FEATURE_BINS_MAX = 1000000,   /**< of an intensity-volume histogram by count */
    RGQ_FEATURE_PAIRS_VOXELS = 400000 /**< most voxels of Moran's I and Geary's C */
};

/**
 * @brief How voxels are processed before features are formed, in the order IBSI gives.
 *
 * Interpolation (image and mask trilinear, centres of both grids aligned, mask kept where it is
 * at least 0.5), rounding, re-segmentation of the intensity mask, discretisation.
 */
typedef struct rgq_features_opts {
    int frame;              /**< frame of the volume, from 0 */
    double resample_mm[3];  /**< voxel spacing to interpolate to [mm]; all 0: none */
    bool round_values;      /**< round to whole numbers after interpolation (as for CT) */
    double low, high;       /**< voxels outside leave the intensity mask; infinite: open */
    double outlier_sd;      /**< ... so do those farther from the mean than this many
                                 standard deviations; 0: none. After the range. */
    double bin_size;        /**< width of a grey level, the first begins at `low`, or at the
                                 least value where that is infinite; 0: not so */
    int bin_count;          /**< number of grey levels from least to largest value; 0: not so */
    double volume_bin_size; /**< of the intensity-volume histogram; 0: see rgq_features() */
    int volume_bin_count;   /**< likewise; 0: not so */
} rgq_features_opts;

#define RGQ_FEATURES_OPTS_INIT                                                                 \
    {                                                                                          \
        0, {0.0, 0.0, 0.0}, false, -RGQ_FEATURES_OPEN, RGQ_FEATURES_OPEN, 0.0, 0.0, 0, 0.0, 0  \
    }
/** End of a range that is open. */
#define RGQ_FEATURES_OPEN ((double)__builtin_inff())

/** Columns of the table: region, tag, value. */
RGQ_API const rgq_column *rgq_features_columns(int *count);

/** Number of features of a region. */
RGQ_API int rgq_features_count(void);

enum { RGQ_FEATURE_TAG_MAX = 40 };

/** Tag of feature `i`, 0 .. rgq_features_count() - 1, e.g. "cm_contrast_3D_comb"; `tag` holds
 *  RGQ_FEATURE_TAG_MAX bytes. Returns `tag`. */
RGQ_API const char *rgq_features_tag(int i, char *tag);

/**
 * @brief All features of every region, one row each.
 *
 * Tags and their order are those of the IBSI 1 reference tables: morphology (morph_), local
 * intensity (loc_, spheres of 1 mL by voxel centres), statistics (stat_), intensity histogram
 * (ih_), intensity-volume histogram (ivh_), and the textures GLCM (cm_), GLRLM (rlm_), GLSZM
 * (szm_), GLDZM (dzm_), NGTDM (ngt_), NGLDM (ngl_) at Chebyshev distance 1, aggregated in 2-D,
 * 2.5-D (slices are those of the third axis) and 3-D.
 *
 * - A voxel is in the region where its weight is at least 0.5, after interpolation if there is
 *   one. What is within 1e-6 of 0.5 counts as 0.5, so that the rounding of a grid does not
 *   decide; beyond the outermost centres image and mask go on as they are there.
 * - Morphology is of the region before re-segmentation, centre of mass shift, integrated
 *   intensity, Moran's I and Geary's C of both; GLDZM takes its distances before and its zones
 *   after; all else is after it.
 * - Mesh: marching cubes at 0.5, two voxels that share an edge are joined. ombb is the smallest
 *   box with a side on a facet of the convex hull, mvee is found to 1e-3 (Khachiyan).
 * - Without bin_size and bin_count values that are whole numbers, 1 ..
 *   RGQ_FEATURE_LEVELS_MAX, are grey levels as they are; of others no histogram or texture is
 *   formed.
 * - The intensity-volume histogram has bins of volume_bin_size, or volume_bin_count of them; if
 *   neither is given: whole numbers as they are; 0.1 for SUV; 0.4 bin_size where that is given;
 *   else 1000 bins. Its range is low to high where those are finite, least to largest value
 *   else; a high above 1000 times the largest value counts as open. The intensities of bins of
 * a size are their centres, those of a count their numbers.
 * - Percentiles are Hyndman-Fan type 7. Means over slices or directions leave out those with no
 *   neighbours. A texture of one grey level has a correlation and information measure 1 of 1.
 *
 * @param[out] out  caller frees it with rgq_table_free(); NULL on failure
 * @param[in]  log  may be NULL; hears what could not be formed and why
 * @return RGQ_OK; RGQ_E_ARGUMENT (an option outside its range); RGQ_E_GEOMETRY if grids differ
 *         by more than 1 % of a voxel, or if the axes are not perpendicular; RGQ_E_NUMERIC (a
 *         voxel is not finite); RGQ_E_UNSUPPORTED (a grid too large to interpolate to);
 *         RGQ_E_NOMEM. A feature that has no value (an empty region, ratios of zero, axes of
 *         one voxel) is missing.
 *
 * Cost: Moran's I and Geary's C are the dearest, voxels^2; 20 000 voxels take all in all about
 *       a tenth of a second.
 * Threads: same bits for any thread count.
 * @see cite:Zwanenburg2020; test: tests/unit/measure/test_features*.c, tests/conformance/
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_features(rgq_table **out, const rgq_volume *volume,
                                               const rgq_regions *regions,
                                               const rgq_features_opts *opts,
                                               const rgq_log *log, rgq_error *err);

#ifdef __cplusplus
}
#endif

#endif
