/* One filter made ready for the frames of a volume. Only src/filter includes this. */
#ifndef RGQ_FILTER_WORK_H
#define RGQ_FILTER_WORK_H

#include "num/blur.h"
#include "num/fft.h"
#include "num/fir.h"
#include "num/kernel.h"
#include "rgdquant/filter.h"

enum { RGQ_FILTER_SPARES = 2 };

typedef struct rgq_filter_work rgq_filter_work;

struct rgq_filter_work {
    const rgq_filter_spec *spec;
    const rgq_filter_opts *opts;
    const rgq_grid *grid;
    const rgq_log *log;
    double spacing_mm[3];
    size_t count; /* voxels of a frame */

    /* what prepare() leaves */
    rgq_status (*run)(rgq_filter_work *work, float *frame, rgq_error *err);
    rgq_fft *fft;        /* if the path is FFT */
    rgq_fir *fir[3];     /* ... or FIR: of a product, or of the parts of a Laplacian */
    rgq_blur *blur;      /* of a kernel image, on either path */
    rgq_taps taps[2][3]; /* flat, and bent ones of a Laplacian */
    double *half[2][3];
    float *spare[RGQ_FILTER_SPARES]; /* frames beside the one that is filtered */
    int size[3];                     /* of the box of a median [voxels] */
    rgq_filter_report report;
};

/** The same in every filter: FWHM = this times the standard deviation. */
#define RGQ_FWHM_PER_SIGMA 2.3548200450309493 /* 2 sqrt(2 ln 2) */

/** Make ready; each sets run and report. `work` is released by the caller also on failure. */
RGQ_MUST_CHECK rgq_status rgq_filter_prepare_gaussian(rgq_filter_work *work, rgq_error *err);
RGQ_MUST_CHECK rgq_status rgq_filter_prepare_mean(rgq_filter_work *work, rgq_error *err);
RGQ_MUST_CHECK rgq_status rgq_filter_prepare_laplacian(rgq_filter_work *work, rgq_error *err);
RGQ_MUST_CHECK rgq_status rgq_filter_prepare_radial(rgq_filter_work *work, rgq_error *err);
RGQ_MUST_CHECK rgq_status rgq_filter_prepare_median(rgq_filter_work *work, rgq_error *err);
RGQ_MUST_CHECK rgq_status rgq_filter_prepare_kernel(rgq_filter_work *work, rgq_error *err);

/** Refuse a grid on which mm along the axes mean nothing. */
RGQ_MUST_CHECK rgq_status rgq_filter_need_orthogonal(const rgq_filter_work *work,
                                                     rgq_error *err);

/** Standard deviations in voxels of widths in mm, checked. `per_sigma`: width of one standard
 *  deviation. */
RGQ_MUST_CHECK rgq_status rgq_filter_sigma(double sigma[3], const rgq_filter_work *work,
                                           const double width_mm[3], double per_sigma,
                                           rgq_error *err);

/** Memory for taps[which][axis] with that radius, to be filled through half[which][axis]. */
RGQ_MUST_CHECK rgq_status rgq_filter_need_taps(rgq_filter_work *work, int which, int axis,
                                               int radius, rgq_error *err);

/** Memory for `n` frames beside the one that is filtered. */
RGQ_MUST_CHECK rgq_status rgq_filter_need_spares(rgq_filter_work *work, int n, rgq_error *err);

/** A transform for a kernel with the reach report.radius; the report says so. */
RGQ_MUST_CHECK rgq_status rgq_filter_need_fft(rgq_filter_work *work, bool endless,
                                              rgq_error *err);

/** What a convolution of `num` did, into the report. */
void rgq_filter_note_conv(rgq_filter_work *work, const rgq_conv_report *conv);

/** run() of everything that was prepared as a transform. */
RGQ_MUST_CHECK rgq_status rgq_filter_run_fft(rgq_filter_work *work, float *frame,
                                             rgq_error *err);

#endif
