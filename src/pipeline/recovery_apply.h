/* Correction by recovery coefficients, as `pvc --method rc` runs it: the curve of a phantom
 * from a file, the lesions of a scan, their table. */
#ifndef RGQ_PIPELINE_RECOVERY_APPLY_H
#define RGQ_PIPELINE_RECOVERY_APPLY_H

#include "core/json.h"
#include "rgdquant/log.h"
#include "rgdquant/recovery.h"
#include "rgdquant/regions.h"
#include "rgdquant/volume.h"

/** The curve fitted to rc_curve.tsv: columns diameter_mm, rc_mean and, if it is there,
 *  rc_mean_sd; others are left alone.
 *  @return RGQ_OK; RGQ_E_IO; RGQ_E_FORMAT, RGQ_E_NUMERIC with the path */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_recovery_load(rgq_recovery_curve *out, const char *path,
                                                    rgq_error *err);

typedef struct rgq_recovery_how {
    const char *background; /**< name or label of the region around the lesions */
    double confidence;
    bool scale; /**< also put b + (v - b) / rc in place of the voxels v of each lesion */
} rgq_recovery_how;

/**
 * @brief Correct the mean of every region but the background, in every frame.
 *
 * Noise is that of the background of the frame, with its autocorrelation, its variance taken in
 * proportion to the mean where a lesion is hotter (src/measure/noise.h). The standard deviation
 * of a volume is the surface of the sphere of that volume times half a voxel. A lesion outside
 * the range of the curve keeps its voxels, has no corrected value, and is warned of.
 *
 * @param[out]    out     caller frees it with rgq_table_free(); NULL on failure; columns:
 * region label volume_ml mean background background_sd diameter_mm rc corrected ci_low ci_high
 * sd sd_noise sd_volume sd_curve sd_scatter unit frame
 * @param[in,out] volume  scaled if how->scale; lesions then must not share voxels
 * @return RGQ_OK; RGQ_E_NOTFOUND (background); RGQ_E_ARGUMENT (no lesion lies in the range; two
 *         share a voxel); RGQ_E_NOMEM
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_recovery_apply(rgq_table **out, rgq_volume *volume,
                                                     const rgq_regions *regions,
                                                     const rgq_recovery_curve *curve,
                                                     const rgq_recovery_how *how,
                                                     const rgq_log *log, rgq_error *err);

/** Curve and how it was applied, for records. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_recovery_describe(rgq_json *node,
                                                        const rgq_recovery_curve *curve,
                                                        const rgq_recovery_how *how,
                                                        rgq_error *err);

#endif
