/**
 * @file filter.h
 * @brief Filters of volumes.
 *
 * Place in the pipeline: scan -> volume -> calibrate -> [FILTER]/PVC -> regions -> ...
 */
#ifndef RGDQUANT_FILTER_H
#define RGDQUANT_FILTER_H

#include "rgdquant/convolution.h"
#include "rgdquant/log.h"
#include "rgdquant/volume.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct rgq_filter_opts {
    rgq_border border;
    rgq_conv_path path;
} rgq_filter_opts;

#define RGQ_FILTER_OPTS_INIT                                                                   \
    {                                                                                          \
        RGQ_BORDER_REPLICATE, RGQ_CONV_AUTO                                                    \
    }

/** What was done; for the log and the run record. */
typedef struct rgq_filter_report {
    char name[16];      /**< "gaussian" */
    rgq_conv_path path; /**< FIR or FFT */
    rgq_border border;
    int radius[3];               /**< half-width of the kernel along each axis [voxels] */
    double fwhm_mm[3];           /**< asked for, along each axis */
    double effective_fwhm_mm[3]; /**< 2.3548 * root of the second moment of the taps used */
} rgq_filter_report;

/**
 * @brief Gaussian filter, in place, frame by frame.
 *
 * The taps are a discrete kernel, cut off at 4 sigma, whose second moment after truncation
 * equals sigma^2 with sigma = fwhm / (2 sqrt(2 ln 2)); FIR and FFT use the same taps. A grid
 * whose axes are not perpendicular is refused.
 *
 * @param[in,out] volume   finite everywhere; unchanged on failure, except where the message
 * says that voxels are not finite *after* the filter (values near the largest float), or where
 * memory runs out at the second or a later frame
 * @param[in]     fwhm_mm  along x, y, z [mm], each >= 0 and at most 2411 voxels; 0 leaves that
 *                         axis alone
 * @param[in]     opts     NULL: replicated border, cheaper path
 * @param[out]    report   may be NULL
 * @return RGQ_OK; RGQ_E_ARGUMENT; RGQ_E_GEOMETRY; RGQ_E_NUMERIC; RGQ_E_NOMEM
 *
 * Memory: a few MB; with RGQ_CONV_FFT one frame, enlarged by the width of the kernel.
 * Threads: same bits for any thread count. Cost: some 4 copies of the volume at 6 mm on 2 mm.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_filter_gaussian(rgq_volume *volume,
                                                      const double fwhm_mm[3],
                                                      const rgq_filter_opts *opts,
                                                      rgq_filter_report *report,
                                                      const rgq_log *log, rgq_error *err);

/** Is the text a filter? Costs nothing, so that a slip is found before a scan is read.
 *  @return RGQ_OK; RGQ_E_ARGUMENT with what to type */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_filter_check(const char *spec, rgq_error *err);

/** Apply a filter given as on the command line: "gaussian:6" or "gaussian:6,6,5" [mm].
 *  @return as rgq_filter_gaussian(); RGQ_E_ARGUMENT with what to type for a word that is no
 *  filter */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_filter_apply(rgq_volume *volume, const char *spec,
                                                   const rgq_filter_opts *opts,
                                                   rgq_filter_report *report,
                                                   const rgq_log *log, rgq_error *err);

#ifdef __cplusplus
}
#endif

#endif
