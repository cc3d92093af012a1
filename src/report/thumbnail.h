/* A picture made small, for pages with many of them. */
#ifndef RGQ_REPORT_THUMBNAIL_H
#define RGQ_REPORT_THUMBNAIL_H

#include <stddef.h>

#include "rgdquant/error.h"

/**
 * @brief Read a PNG file and encode it again at most `width` pixels wide, each pixel the mean
 *        of those it covers; a smaller picture stays as it is.
 *
 * @param[out] png  release with rgq_free(); NULL on failure
 * @return RGQ_OK; RGQ_E_IO, RGQ_E_FORMAT (no PNG, or damaged), RGQ_E_NOMEM
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_thumbnail_make(unsigned char **png, size_t *length,
                                                     const char *path, int width,
                                                     rgq_error *err);

#endif
