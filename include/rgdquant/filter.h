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
    RGQ_FILTER_GAUSSIAN,    /**< gaussian:FWHM or gaussian:X,Y,Z [mm] */
    RGQ_FILTER_MATCH,       /**< match:FWHM or match:X,Y,Z [mm]: the Gaussian that brings the
                                 scanner's PSF to FWHM: sqrt(FWHM^2 - PSF^2) along each axis */
    RGQ_FILTER_BUTTERWORTH, /**< butterworth:FC,N: gain 1 / sqrt(1 + (f/fc)^(2n)), f and fc in
                                 cycles/cm. Some programs call 2n the order ("power"), others
                                 leave out the square root: their gain at fc is 1/2, not 0.707
                             */
    RGQ_FILTER_HANN,   /**< hann:FC: gain (1 + cos(pi f/fc)) / 2, 0 from fc [cycles/cm] on */
    RGQ_FILTER_METZ,   /**< metz:FWHM,POWER or metz:X,Y,Z,POWER: gain (1 - (1 - G^2)^POWER) / G;
                            G = exp(-2 pi^2 sigma^2 f^2) is the transfer function of a Gaussian */
    RGQ_FILTER_WIENER, /**< wiener:FWHM,NSR or wiener:X,Y,Z,NSR: gain G / (G^2 + NSR), which is
                            1 / (1 + NSR) for a constant: values are scaled by that much */
    RGQ_FILTER_MEAN,   /**< mean:N or mean:X,Y,Z: of a box of that many voxels, odd numbers */
    RGQ_FILTER_MEDIAN, /**< median:N or median:X,Y,Z: the middle value of such a box */
    RGQ_FILTER_LOG,    /**< log:SIGMA_MM: Laplacian of Gaussian as IBSI-2 defines it: second
                            derivatives by the side of a voxel (unit per squared voxel side; the
                            cube root of the voxel volume where sides differ), samples of the
                            formula cut off at 4 sigma; moved so that a constant gives 0 */
    RGQ_FILTER_KERNEL  /**< kernel:FILE: out[i] = sum over k of w[k] in[i - k] with the weights
                            of a file, not normalised */
} rgq_filter_kind;

enum {
    RGQ_FILTER_PATH_MAX = 1024,
    RGQ_FILTER_MEAN_MAX = 8191, /**< widest box of a mean [voxels] */
    RGQ_FILTER_MEDIAN_MAX = 31  /**< ... of a median */
};

/** A filter as it is written on the command line. */
typedef struct rgq_filter_spec {
    rgq_filter_kind kind;
    double width_mm[3];     /**< GAUSSIAN, MATCH, METZ, WIENER: FWHM; LOG: sigma */
    int voxels[3];          /**< MEAN, MEDIAN */
    double cutoff_per_cm;   /**< BUTTERWORTH, HANN [cycles/cm] */
    double order;           /**< BUTTERWORTH: n, 0.1 .. 32; METZ: POWER, 0.01 .. 1e4 */
    double noise_to_signal; /**< WIENER: NSR, 1e-8 .. 1e8 */
    char kernel_path[RGQ_FILTER_PATH_MAX]; /**< KERNEL: read by the caller into the options */
} rgq_filter_spec;

/** "gaussian", "match", ...; "?" for a number that is none of them. */
RGQ_API const char *rgq_filter_name(rgq_filter_kind kind);

/** @return RGQ_OK; RGQ_E_ARGUMENT with what to type (`*out` untouched) */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_filter_parse(rgq_filter_spec *out, const char *text,
                                                   rgq_error *err);

typedef struct rgq_filter_opts {
    rgq_border border;
    rgq_conv_path path;       /**< MEDIAN knows no other than its own */
    double psf_fwhm_mm[3];    /**< MATCH: the scanner's, along x, y, z [mm]; NaN: not given */
    const rgq_volume *kernel; /**< KERNEL: one frame of weights, odd numbers of voxels, spacing
                                   of the scan within 1 %; the middle voxel is the centre;
                                   borrowed */
} rgq_filter_opts;

#define RGQ_FILTER_OPTS_INIT                                                                   \
    {                                                                                          \
        RGQ_BORDER_REPLICATE, RGQ_CONV_AUTO, {(double)NAN, (double)NAN, (double)NAN}, NULL     \
    }

/** What was done; for the log and the run record. */
typedef struct rgq_filter_report {
    char name[16];      /**< "gaussian" */
    rgq_conv_path path; /**< FIR (a sum over neighbours; MEDIAN as well) or FFT */
    rgq_border border;
    /** Half-width of the kernel along each axis [voxels]; BUTTERWORTH, HANN, METZ and WIENER
     *  have kernels without an end: how far it was let reach over the border, which is where no
     *  edge changes a voxel by more than a thousandth of its height, at most half the image. */
    int radius[3];
    double fwhm_mm[3]; /**< asked for, along each axis; NaN where it was not a width */
    /** What was applied. GAUSSIAN, MATCH, MEAN, KERNEL: 2.3548 * root of the second moment of
     *  the taps used. BUTTERWORTH, HANN, METZ, WIENER: full width at half maximum of the line
     *  spread function. MEDIAN, LOG, and a kernel without such a moment: NaN. */
    double effective_fwhm_mm[3];
    double psf_fwhm_mm[3]; /**< MATCH: of the scanner; else NaN */
    int padded[3];         /**< FFT: lengths that were transformed; else 0 */
    char plans[12];        /**< FFT: "estimated", or "measured" by `rgdquant tune`; else "" */
} rgq_filter_report;

/**
 * @brief Filter a volume in place, frame by frame.
 *
 * Frequencies are physical: anisotropic voxels get the gain of their cycles/cm along each axis,
 * and a wave between the axes that of its own frequency. Gains are those of the formulas within
 * 1e-6; FIR and FFT use the same taps and agree to 1e-6 of the largest value. The Gaussian's
 * taps are cut off at 4 sigma and have, after that, the variance asked for. BUTTERWORTH, HANN,
 * METZ and WIENER exist by FFT alone: RGQ_CONV_FIR is refused for them; with a periodic border
 * they are exact, else the image is continued by the border rule as far as `radius` says.
 *
 * The unit of the volume stays; LOG's is RGQ_UNIT_NATIVE, since curvatures are none of the
 * others.
 *
 * @param[in,out] volume  finite everywhere; unchanged on failure, except where the message says
 * that voxels are not finite *after* the filter (values near the largest float), or where
 * memory runs out at the second or a later frame
 * @param[in]     opts    NULL: replicated border, cheaper path
 * @param[out]    report  may be NULL
 * @return RGQ_OK; RGQ_E_ARGUMENT (a number outside its range; MATCH to less than the scanner
 *         has; MEDIAN, or a filter without taps, with a path it does not know);
 *         RGQ_E_MISSING (MATCH without a PSF, KERNEL without weights); RGQ_E_GEOMETRY (axes
 *         that are not perpendicular where a width in mm is meant; a kernel with other voxels,
 *         or even numbers of them); RGQ_E_NUMERIC; RGQ_E_NOMEM
 *
 * Memory: FIR a few MB; FFT one frame enlarged by the reach of the kernel along x and y; MEDIAN
 *         and small kernels one frame; LOG by FIR two. A series is never held twice.
 * Threads: same bits for any thread count.
 * @see cite:Zwanenburg2020 for the place of LOG and MEAN in radiomics; test:
 * tests/unit/filter/test_gains.c, tests/conformance/test_ibsi2.c
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_filter_run(rgq_volume *volume,
                                                 const rgq_filter_spec *spec,
                                                 const rgq_filter_opts *opts,
                                                 rgq_filter_report *report, const rgq_log *log,
                                                 rgq_error *err);

/**
 * @brief Gaussian filter, in place, frame by frame: rgq_filter_run() of RGQ_FILTER_GAUSSIAN.
 *
 * @param[in] fwhm_mm  along x, y, z [mm], each >= 0 and at most 2411 voxels; 0 leaves that axis
 *                     alone
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_filter_gaussian(rgq_volume *volume,
                                                      const double fwhm_mm[3],
                                                      const rgq_filter_opts *opts,
                                                      rgq_filter_report *report,
                                                      const rgq_log *log, rgq_error *err);

/** Is the text a filter? Costs nothing, so that a slip is found before a scan is read. With
 *  `opts` also: is there what it needs (a PSF for MATCH) and a path it knows? NULL: words only.
 *  @return RGQ_OK; RGQ_E_ARGUMENT with what to type; RGQ_E_MISSING */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_filter_check(const char *text,
                                                   const rgq_filter_opts *opts, rgq_error *err);

/** Apply a filter given as on the command line: "gaussian:6" or "gaussian:6,6,5" [mm].
 *  @return as rgq_filter_run(); RGQ_E_ARGUMENT with what to type for a word that is no
 *  filter */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_filter_apply(rgq_volume *volume, const char *text,
                                                   const rgq_filter_opts *opts,
                                                   rgq_filter_report *report,
                                                   const rgq_log *log, rgq_error *err);

#ifdef __cplusplus
}
#endif

#endif
