/* The file that a filter `kernel:FILE` names. */
#ifndef RGQ_PIPELINE_KERNEL_FILE_H
#define RGQ_PIPELINE_KERNEL_FILE_H

#include "rgdquant/filter.h"

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

#endif
