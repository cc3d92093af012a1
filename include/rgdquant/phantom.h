/**
 * @file phantom.h
 * @brief Phantoms: shapes and activities from phantoms/NAME.json to voxels with known truth.
 *
 * Place in the pipeline: [PHANTOM] -> scan -> volume -> ...
 */
#ifndef RGDQUANT_PHANTOM_H
#define RGDQUANT_PHANTOM_H

#include <math.h>
#include <stdint.h>

#include "rgdquant/log.h"
#include "rgdquant/regions.h"
#include "rgdquant/table.h"
#include "rgdquant/volume.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct rgq_phantom rgq_phantom; /**< contents of a phantom file */

/** Read `<folder>/<id>.json`, strictly; RGQ_E_NOTFOUND lists the known ids. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_phantom_find(rgq_phantom **out, const char *folder,
                                                   const char *id, rgq_error *err);
RGQ_API void rgq_phantom_free(rgq_phantom *phantom);
RGQ_API const char *rgq_phantom_id(const rgq_phantom *phantom);
RGQ_API const char *rgq_phantom_title(const rgq_phantom *phantom);

typedef struct rgq_phantom_opts {
    double voxel_mm[3]; /**< 0: the file's default */
    double psf_mm[3];   /**< FWHM of the blur; 0 = none */
    double
        noise_percent; /**< coefficient of variation of a voxel of the background; 0 = none */
    uint64_t seed;
    bool fractional;     /**< edges: a voxel belongs by its supersampled fraction */
    const char *tracer;  /**< whose uptake values to take; NULL = the file's default */
    double activity_mbq; /**< NaN: the file's default */
} rgq_phantom_opts;

#define RGQ_PHANTOM_OPTS_INIT                                                                  \
    {                                                                                          \
        {0.0, 0.0, 0.0}, {0.0, 0.0, 0.0}, 0.0, 1, false, NULL, (double)NAN                     \
    }

/** A made phantom: scan and truth. */
typedef struct rgq_phantom_scan {
    rgq_volume *volume;   /**< Bq/mL, one frame */
    rgq_regions *regions; /**< truth, named; label map for binary edges, fractions else */
    rgq_table *truth;     /**< region label volume_ml bqml suvbw ... analytic values */
    double weight_kg;     /**< NaN if the phantom is no body */
    double height_m;
    double activity_bq; /**< at the injection */
    double uptake_s;    /**< injection to scan start */
    double duration_s;
    char tracer[48]; /**< "" if none */
    char nuclide[16];
} rgq_phantom_scan;

RGQ_API RGQ_MUST_CHECK rgq_status rgq_phantom_make(rgq_phantom_scan *out,
                                                   const rgq_phantom *phantom,
                                                   const rgq_phantom_opts *opts,
                                                   const rgq_log *log, rgq_error *err);
RGQ_API void rgq_phantom_scan_release(rgq_phantom_scan *scan);

#ifdef __cplusplus
}
#endif

#endif
