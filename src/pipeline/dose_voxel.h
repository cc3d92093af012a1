/* From a map of decays to a map of doses, its histograms and their plot. */
#ifndef RGQ_PIPELINE_DOSE_VOXEL_H
#define RGQ_PIPELINE_DOSE_VOXEL_H

#include "core/json.h"
#include "core/text.h"
#include "dose/dose_map.h"
#include "pipeline/dose_cache.h"
#include "rgdquant/dose.h"
#include "rgdquant/regions.h"
#include "rgdquant/table.h"
#include "rgdquant/volume.h"

/** What a dose map is made of. */
typedef struct rgq_dose_map_job {
    const rgq_volume *decays; /**< MBq s a voxel, one frame */
    const rgq_volume *ct; /**< Hounsfield units on its grid, or NULL: soft tissue throughout */
    const rgq_spectrum *spectrum;
    rgq_dose_way way;
    rgq_electron_way electrons;
    rgq_dose_cache cache;
} rgq_dose_map_job;

/**
 * @brief Doses [Gy] on the grid of the decays.
 *
 * Voxels below 0 (noise of a reconstruction) count as 0 and are warned of.
 * @param[out] out     free with rgq_volume_free(); NULL on failure
 * @return RGQ_OK; RGQ_E_GEOMETRY (CT on another grid, axes not at right angles); whatever the
 *         engine gives
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_dose_map_make(rgq_volume **out,
                                                    rgq_dose_map_report *report,
                                                    const rgq_dose_map_job *job,
                                                    rgq_error *err);

/** What is asked of regions. */
typedef struct rgq_dvh_view {
    const char *unit; /**< "Gy" or "mGy/MBq", of the map */
    double gy;        /**< Gy that one unit stands for; NaN: not known, no BED */
    double geud;      /**< exponent; NaN: none */
    double alpha_beta_gy, repair_half_life_h, effective_half_life_h; /**< NaN: no BED */
} rgq_dvh_view;

/**
 * @brief Cumulative histograms and a row of figures for each region.
 *
 * @param[in]  regions  NULL: the whole map is one region "all voxels"
 * @param[out] dvh      region dose volume_percent; free with rgq_table_free()
 * @param[out] figures  region volume_ml mean min max d95 d50 v50 geud bed_mean
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_dvh_make(rgq_table **dvh, rgq_table **figures,
                                               const rgq_volume *map,
                                               const rgq_regions *regions,
                                               const rgq_dvh_view *view, rgq_error *err);

/** Script of gnuplot for the histograms. */
RGQ_API void rgq_dvh_script(rgq_text *script, const rgq_table *dvh, const char *unit);

#endif
