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

typedef struct rgq_measure_opts {
    const char *background; /**< name or label of the region to divide by; NULL = none */
    double confidence;      /**< of the intervals, e.g. 0.95 */
    int frame;              /**< frame of the volume */
} rgq_measure_opts;

#define RGQ_MEASURE_OPTS_INIT                                                                  \
    {                                                                                          \
        NULL, 0.95, 0                                                                          \
    }

/** Noise of the background and the terms of the intervals; for the companion JSON. */
typedef struct rgq_noise_budget {
    bool known;
    double variance;          /**< of a voxel of the background [unit^2] */
    double correlation_mm[3]; /**< integral correlation length along the axes [mm] */
    double effective_n;       /**< independent samples in the background region */
    char method[160];         /**< sentence: how it was estimated */
} rgq_noise_budget;

/** Columns of the table, in the order of the contract. */
RGQ_API const rgq_column *rgq_measure_columns(int *count);

/**
 * @brief Measure every region.
 *
 * Columns: region label n_voxels volume_ml unit mean sd min p25 median p75 max peak_local
 * peak_global total cov background background_mean background_sd tbr_mean tbr_max tbr_peak
 * tbr_mean_ci_low tbr_mean_ci_high. sd is the population standard deviation, quantiles are
 * Hyndman-Fan type 7, peaks are means over a sphere of 1 mL with the exact overlap of sphere
 * and voxels (the part outside the image is left out and the mean renormalised). Weights of a
 * fractional region weigh mean, sd, volume and total; voxels with a weight of at least 0.5
 * enter min, max, quantiles and n_voxels.
 *
 * @param[out] out     caller frees it with rgq_table_free(); NULL on failure
 * @param[out] budget  may be NULL
 * @return RGQ_OK; RGQ_E_GEOMETRY if grids differ; RGQ_E_NOTFOUND for the background name;
 *         RGQ_E_NUMERIC; RGQ_E_NOMEM. An empty region has n/a everywhere but in n_voxels (0).
 *
 * Threads: same bits for any thread count.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_measure(rgq_table **out, const rgq_volume *volume,
                                              const rgq_regions *regions,
                                              const rgq_measure_opts *opts,
                                              rgq_noise_budget *budget, const rgq_log *log,
                                              rgq_error *err);

#ifdef __cplusplus
}
#endif

#endif
