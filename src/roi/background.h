/* What the two files of the backgrounds share. */
#ifndef RGQ_ROI_BACKGROUND_H
#define RGQ_ROI_BACKGROUND_H

#include "rgdquant/background.h"

/** Name of the background of the region called `of`; `out` holds RGQ_REGION_NAME_MAX bytes. */
void rgq_background_name(char *out, const rgq_background_spec *spec, const char *of);

/** Is the region called `word`, which is in lower case with single blanks? Case, '-', '_', '.'
 *  do not count. */
bool rgq_background_is_named(const rgq_region *region, const char *word);

/** Does its name begin with a word for a lesion ("lesion-1", "Tumour", "GTV")? */
bool rgq_background_is_lesion(const rgq_region *region);

#endif
