/* What regions are called: a BIDS table or an ITK-SNAP label file. */
#ifndef RGQ_IO_REGION_NAMES_H
#define RGQ_IO_REGION_NAMES_H

#include "rgdquant/log.h"
#include "rgdquant/regions.h"

typedef struct rgq_region_name {
    int index;
    char name[RGQ_REGION_NAME_MAX]; /* "" where the table has an empty cell */
} rgq_region_name;

/** Zero it; release with rgq_region_names_release(). */
typedef struct rgq_region_names {
    rgq_region_name *row;
    int n_rows;
} rgq_region_names;

/**
 * @brief Names of the regions in `path`, from the file `names`, or if that is NULL from what
 *        lies beside: <base>.tsv, <base>_dseg.tsv, <base>.label, <base>.txt.
 *
 * A table has the columns `index` and `name`; an ITK-SNAP file has rows of number, red, green,
 * blue, opacity, two flags and the label in quotes, and comments behind #. A file beside that
 * is neither is told and stepped over; `names` that is neither is RGQ_E_FORMAT.
 */
RGQ_MUST_CHECK rgq_status rgq_region_names_load(rgq_region_names *out, const char *path,
                                                const char *names, const rgq_log *log,
                                                rgq_error *err);
void rgq_region_names_release(rgq_region_names *names);

/** Give them to the regions with these labels. */
RGQ_MUST_CHECK rgq_status rgq_region_names_apply(rgq_regions *regions,
                                                 const rgq_region_names *names, rgq_error *err);

#endif
