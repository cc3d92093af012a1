/**
 * @file convolution.h
 * @brief The border rules and the ways of computing every convolution of the library shares.
 *
 * Place in the pipeline: options of the steps that blur (filter, phantom, partial volume).
 */
#ifndef RGDQUANT_CONVOLUTION_H
#define RGDQUANT_CONVOLUTION_H

#include "rgdquant/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What a convolution takes for voxels outside the image. */
typedef enum rgq_border {
    RGQ_BORDER_ZERO,
    RGQ_BORDER_REPLICATE, /**< the nearest voxel of the image */
    RGQ_BORDER_MIRROR,    /**< reflected about the centre of the edge voxel (d c b | a b c d) */
    RGQ_BORDER_PERIODIC
} rgq_border;

/** How a convolution is computed; AUTO takes the cheaper by a cost model. */
typedef enum rgq_conv_path { RGQ_CONV_AUTO, RGQ_CONV_FIR, RGQ_CONV_FFT } rgq_conv_path;

/** Which discrete kernel stands for a Gaussian. */
typedef enum rgq_kernel_kind {
    RGQ_KERNEL_EXACT, /**< its second moment after truncation equals sigma^2 */
    RGQ_KERNEL_ITK    /**< what ITK's discrete Gaussian gives by default, as PETPVC uses it */
} rgq_kernel_kind;

/** "zero", "replicate", "mirror" or "periodic"; "?" for a number that is none of them. */
RGQ_API const char *rgq_border_name(rgq_border border);

/** "auto", "fir" or "fft"; "?" for a number that is none of them. */
RGQ_API const char *rgq_conv_path_name(rgq_conv_path path);

/** "exact" or "itk"; "?" for a number that is neither. */
RGQ_API const char *rgq_kernel_kind_name(rgq_kernel_kind kernel);

/** @return RGQ_OK; RGQ_E_ARGUMENT with the names there are (`*out` untouched) */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_border_parse(rgq_border *out, const char *name,
                                                   rgq_error *err);

/** @return RGQ_OK; RGQ_E_ARGUMENT with the names there are (`*out` untouched) */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_conv_path_parse(rgq_conv_path *out, const char *name,
                                                      rgq_error *err);

/** @return RGQ_OK; RGQ_E_ARGUMENT with the names there are (`*out` untouched) */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_kernel_kind_parse(rgq_kernel_kind *out, const char *name,
                                                        rgq_error *err);

#ifdef __cplusplus
}
#endif

#endif
