/* The file that a filter `kernel:FILE` names. */
#ifndef RGQ_PIPELINE_KERNEL_FILE_H
#define RGQ_PIPELINE_KERNEL_FILE_H

#include "rgdquant/filter.h"
#include "rgdquant/scan_file.h"

/**
 * @brief Read the weights a filter needs, if it needs any.
 *
 * Values are taken as they are stored: a kernel has no unit, no tracer and no time.
 *
 * @param[out] out   caller frees it with rgq_volume_free(); NULL on failure, and for a filter
 *                   that is no kernel
 * @param[in]  spec  as rgq_filter_parse() gives it
 * @return RGQ_OK; RGQ_E_FORMAT, RGQ_E_IO and what else reading gives, the file named
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_kernel_file_read(rgq_volume **out,
                                                       const rgq_filter_spec *spec,
                                                       rgq_error *err);

/**
 * @brief Widths of a PSF that was read, for `match:FWHM`.
 *
 * Those it states; of a measured kernel 2.3548 * root of the second moment about its centre of
 * gravity along each axis, since variances are what add up when kernels follow each other.
 *
 * @param[out] fwhm_mm  along x, y, z [mm]
 * @return RGQ_OK; RGQ_E_ARGUMENT for a kernel whose weights leave no such width (negative ones)
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_psf_file_widths(double fwhm_mm[3],
                                                      const rgq_psf_file *psf, rgq_error *err);

#endif
