/**
 * @file filter.h
 * @brief Filters of volumes.
 *
 * Place in the pipeline: scan -> volume -> calibrate -> [FILTER]/PVC -> regions -> ...
 */
#ifndef RGDQUANT_FILTER_H
#define RGDQUANT_FILTER_H

#include <math.h>

#include "rgdquant/convolution.h"
#include "rgdquant/log.h"
#include "rgdquant/volume.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum rgq_filter_kind {
    RGQ_FILTER_GAUSSIAN, /**< gaussian:FWHM or gaussian:X,Y,Z [mm] */
    RGQ_FILTER_MATCH,    /**< match:FWHM: the Gaussian that brings the scanner's PSF to FWHM */
    RGQ_FILTER_BUTTERWORTH, /**< butterworth:CUTOFF_PER_CM,ORDER: 1 / sqrt(1 + (f/fc)^(2n)) */
    RGQ_FILTER_HANN,        /**< hann:CUTOFF_PER_CM: (1 + cos(pi f/fc)) / 2, 0 from fc on */
    RGQ_FILTER_METZ,        /**< metz:FWHM,POWER: (1 - (1 - G^2)^POWER) / G, G of a Gaussian */
    RGQ_FILTER_WIENER,      /**< wiener:FWHM,NSR: G / (G^2 + NSR) */
    RGQ_FILTER_MEAN,        /**< mean:N: cube of N voxels, N odd, or mean:X,Y,Z */
    RGQ_FILTER_MEDIAN,      /**< median:N, the same neighbourhoods */
    RGQ_FILTER_LOG,         /**< log:SIGMA_MM: Laplacian of Gaussian [unit / mm^2] */
    RGQ_FILTER_KERNEL       /**< kernel:FILE.nii: the weights of a file */
} rgq_filter_kind;

enum { RGQ_FILTER_PATH_MAX = 1024 };

/** A filter as it is written on the command line. */
typedef struct rgq_filter_spec {
    rgq_filter_kind kind;
    double width_mm[3];     /**< GAUSSIAN, MATCH, METZ, WIENER: FWHM; LOG: sigma */
    int voxels[3];          /**< MEAN, MEDIAN */
    double cutoff_per_cm;   /**< BUTTERWORTH, HANN [cycles/cm] */
    double order;           /**< BUTTERWORTH: n; METZ: POWER */
    double noise_to_signal; /**< WIENER */
    char kernel_path[RGQ_FILTER_PATH_MAX]; /**< KERNEL: read by the caller into the options */
} rgq_filter_spec;

/** @return RGQ_OK; RGQ_E_ARGUMENT with what to type (`*out` untouched) */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_filter_parse(rgq_filter_spec *out, const char *text,
                                                   rgq_error *err);

typedef struct rgq_filter_opts {
    rgq_border border;
    rgq_conv_path path;
    double psf_fwhm_mm[3];    /**< MATCH: the scanner's, along x, y, z [mm]; NaN: not given */
    const rgq_volume *kernel; /**< KERNEL: its weights, odd numbers of voxels; borrowed */
} rgq_filter_opts;

#define RGQ_FILTER_OPTS_INIT                                                                   \
    {                                                                                          \
        RGQ_BORDER_REPLICATE, RGQ_CONV_AUTO, {(double)NAN, (double)NAN, (double)NAN}, NULL     \
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
