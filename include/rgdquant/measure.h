/**
 * @file measure.h
 * @brief Uptake of regions: the table of `rgdquant measure`.
 *
 * Place in the pipeline: ... -> regions -> [MEASURES] -> surrogate -> report
 */
#ifndef RGDQUANT_MEASURE_H
#define RGDQUANT_MEASURE_H

#include "rgdquant/log.h"
#include "rgdquant/regions.h"
#include "rgdquant/table.h"
#include "rgdquant/volume.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How noisy a voxel of a region is, compared with the background's. */
typedef enum rgq_noise_model {
    /** Variance proportional to the mean where the region is hotter than the background, as
     *  after counting; the background's where it is colder. The default. */
    RGQ_NOISE_PROPORTIONAL,
    RGQ_NOISE_UNIFORM /**< The background's variance everywhere. */
} rgq_noise_model;

typedef struct rgq_measure_opts {
    const char *background; /**< name or label of the region to divide by; NULL = none */
    /** Instead of `background`: regions to divide by, one for all or one for each, in their
     *  order; the names go into the column `background`. NULL = none. */
    const rgq_regions *backgrounds;
    double confidence; /**< of the intervals, e.g. 0.95; 0 < confidence < 1 */
    int frame;         /**< frame of the volume, from 0 */
    rgq_noise_model noise;
    double calibration_percent; /**< standard uncertainty of the calibration; 0: not known */
    double psf_fwhm_mm;         /**< blur of the image, for the bias it makes; 0: not known */
    const char *partial_volume; /**< how partial volumes were corrected for; NULL: not at all */
    rgq_table *terms; /**< of rgq_budget_columns(): what is uncertain is added to it, as far as
                       *   it came on failure; NULL: not wanted */
} rgq_measure_opts;

#define RGQ_MEASURE_OPTS_INIT                                                                  \
    {                                                                                          \
        .confidence = 0.95                                                                     \
    }

/** Noise of the background and the terms of the intervals; for the companion JSON. What is not
 *  known is NaN. */
typedef struct rgq_noise_budget {
    bool known;               /**< false: there are no intervals; `method` says why */
    double variance;          /**< of a voxel of the background [unit^2] */
    double correlation_mm[3]; /**< integral correlation length along the axes [mm] */
    double effective_n;       /**< independent samples in the background region */
    char method[160];         /**< sentence: how it was estimated, or why it was not */
} rgq_noise_budget;

/**
 * @brief Columns of the table of terms (rgq_measure_opts.terms), one row a region, quantity and
 *        term.
 *
 * region label of term value half_range unit how included_in_interval. `of` is mean,
 * peak_global, tbr_mean or tbr_peak (the ratios where there are any). `value` is a standard
 * uncertainty, of partial_volume a bias. Terms:
 *   noise              Var = sigma^2 / (sum w)^2 sum_ij w_i w_j rho_ij; of peak_global w are
 * the overlaps of its sphere. The one term in the intervals. segmentation_edge  measured again
 * with the edge half a voxel in and out (fractional weights); half the range, over sqrt(3). The
 * peak's sphere stays: its centre may be half a voxel nearer or farther. calibration
 * calibration_percent of the value; 0 in a ratio combined           these three in squares;
 * without calibration where it is not known partial_volume     bias, measured less true, of a
 * uniform ball of the region's volume in the background, blurred by psf_fwhm_mm; nothing else
 * holds it What is not known has no value and says why in `how`.
 */
RGQ_API const rgq_column *rgq_budget_columns(int *count);

/** Number of budgets that rgq_measure() fills: one for each background. */
RGQ_API int rgq_measure_budgets(const rgq_measure_opts *opts);

/** Columns of the table, in the order of the contract. */
RGQ_API const rgq_column *rgq_measure_columns(int *count);

/**
 * @brief Measure every region.
 *
 * Columns: region label n_voxels volume_ml unit mean sd min p25 median p75 max peak_local
 * peak_global total cov background background_mean background_sd tbr_mean tbr_max tbr_peak
 * tbr_mean_ci_low tbr_mean_ci_high mean_ci_low mean_ci_high peak_ci_low peak_ci_high
 * tbr_peak_ci_low tbr_peak_ci_high. sd is the population standard deviation, quantiles are
 * Hyndman-Fan type 7, peaks are means over a sphere of 1 mL with the exact overlap of sphere
 * and voxels (the part outside the image is left out and the mean renormalised). Weights of a
 * fractional region weigh mean, sd, volume and total; voxels with a weight of at least 0.5
 * enter min, max, quantiles, peaks and n_voxels. cov is sd / mean, total is mean x volume_ml. A
 * cell that has no value is missing: order statistics and peaks without such a voxel, cov of a
 * mean of 0, tbr_* without a background whose mean is above 0, peaks where a sphere of 1 mL
 * holds more than four million voxels.
 *
 * tbr_mean_ci_low and _high are the interval of the ratio of the expected means (Fieller), from
 * the noise of the background, never from the spread of the lesion:
 * Var(mean) = sigma^2 / (sum w)^2 * sum_ij w_i w_j rho_ij, sigma^2 and the autocorrelation rho
 * as measured in the background (src/measure/noise.h), sigma^2 carried to the region by
 * opts->noise, the covariance of region and background with it, the quantile of Student's t for
 * the degrees of freedom of sigma^2. mean_ci_* is the mean +- that quantile times its standard
 * deviation. peak_ci_* and tbr_peak_ci_* are the same with the overlaps of the peak's sphere as
 * weights; they are for the peak of the expected image. That the highest of many noisy means
 * was chosen is not undone: in simulated lesions of 10 to 30 mm it makes the peak 1 % too high,
 * and the 95 % interval holds the expected peak in 94 %, the expected mean of the very sphere
 * that was found in 92 % (tests/unit/measure/test_coverage.c). Without noise both ends are the
 * value. Noise is all they hold: what else is uncertain is in opts->terms. The noise is that of
 * voxels with a weight of at least 0.5. With a background for each region it is measured in
 * each.
 *
 * @param[out] out     caller frees it with rgq_table_free(); NULL on failure
 * @param[out] budget  rgq_measure_budgets(opts) of them; may be NULL; untouched on failure
 * @return RGQ_OK; RGQ_E_ARGUMENT (frame, confidence, number of backgrounds); RGQ_E_GEOMETRY if
 *         grids differ by more than 1 % of a voxel, or if the axes are not perpendicular;
 *         RGQ_E_NOTFOUND for the background name; RGQ_E_NUMERIC (a voxel is not finite);
 *         RGQ_E_NOMEM. An empty region has only its name, label, unit and n_voxels (0).
 *
 * Cost: peak_global is the dearest: voxels of the regions x voxels of the sphere.
 * Threads: same bits for any thread count.
 * @see cite:Fieller1954, cite:Hyndman1996; test: tests/unit/measure/
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_measure(rgq_table **out, const rgq_volume *volume,
                                              const rgq_regions *regions,
                                              const rgq_measure_opts *opts,
                                              rgq_noise_budget *budget, const rgq_log *log,
                                              rgq_error *err);

/** One of two scans of the same subject. */
typedef struct rgq_paired_scan {
    const rgq_volume *volume;
    const rgq_regions *regions;
    const rgq_regions *backgrounds; /**< where noise is measured: one for all regions or one for
                                         each; NULL = no intervals */
    int frame;
} rgq_paired_scan;

/** Columns of the table of rgq_blocking(). */
RGQ_API const rgq_column *rgq_blocking_columns(int *count);

/**
 * @brief Blocking index 1 - U_blocked / U_unblocked of every region, U its mean.
 *
 * Regions are paired by name. The interval is Fieller's for the ratio of two means of
 * independent scans, each with the variance that rgq_measure() gives a mean (the noise of its
 * own scan's background, carried by opts->noise); degrees of freedom by Welch and
 * Satterthwaite. The difference of the injected activities, of the time and of the placing of
 * the regions is not in it.
 *
 * A region that is in one scan only has a row without an index and is warned of, as is one
 * that is empty or whose unblocked mean is not above 0.
 *
 * @param[in] opts  confidence and noise are used
 * @return RGQ_OK; RGQ_E_UNIT if the scans have different units; RGQ_E_ARGUMENT (confidence,
 *         frame, two regions of one name, number of backgrounds); RGQ_E_GEOMETRY (regions on
 *         another grid); RGQ_E_NOTFOUND if no name is in both; RGQ_E_NUMERIC; RGQ_E_NOMEM
 * @see cite:Fieller1954; test: tests/unit/measure/test_blocking.c
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_blocking(rgq_table **out, const rgq_paired_scan *blocked,
                                               const rgq_paired_scan *unblocked,
                                               const rgq_measure_opts *opts, const rgq_log *log,
                                               rgq_error *err);

#ifdef __cplusplus
}
#endif

#endif
